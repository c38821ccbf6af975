"""The fonts that matplotlib has found here before, so that a warm process need not search again."""

import json
import os
from contextlib import suppress
from pathlib import Path

from bplab.grading.kernels.bwrap import SYSTEM, View

__all__ = ["font_lists"]


def font_lists(view: View) -> dict[str, str]:
    """Return matplotlib's lists of fonts, without those that a kernel cannot see.

    Without a list, every font of the machine would be read each time a warm process starts.

    Parameters
    ----------
    view : View
        What a kernel sees.

    Returns
    -------
    dict of str to str
        The text of each list, by the name of its file: one for each version of matplotlib.
    """
    seen = (*SYSTEM, *(real for real, there in view.shown if real == there))
    found = {}
    for file in _settings().glob("fontlist-v*.json"):
        with suppress(OSError, ValueError, LookupError, TypeError):  # then it is made again
            listed = json.loads(file.read_text(encoding="utf-8"))
            for kind in ("ttflist", "afmlist"):
                listed[kind] = [font for font in listed[kind] if _is_seen(font["fname"], seen)]
            found[file.name] = json.dumps(listed)
    return found


def _is_seen(font: str, folders: tuple[str, ...]) -> bool:
    own = not os.path.isabs(font)  # matplotlib's own fonts have paths relative to its folder
    return own or any(Path(font).is_relative_to(folder) for folder in folders)


def _settings() -> Path:
    if told := os.environ.get("MPLCONFIGDIR"):
        return Path(told)
    caches = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(caches, "matplotlib")
