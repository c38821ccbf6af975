"""Which files a kernel behind Landlock may open: those that a kernel in bubblewrap can see.

Landlock can only allow access, and only to everything below a path. So the installed bplab, which
must not be seen, is avoided: its neighbours are allowed one by one.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from bplab.grading.kernels.bwrap import View
from bplab.grading.kernels.zygote.landlock import LIST, READ, USE

__all__ = ["opened"]

_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_FACTS = ("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/sys/devices/system/cpu")


def opened(view: View, edition: Path) -> list[tuple[str, str]]:
    """Return paths, and what may be done with each: see `zygote.landlock`.

    Parameters
    ----------
    view : View
        Where Python, its packages and the system are.
    edition : Path
        The folder that ``bplab`` is imported from.
    """
    allowed = [(str(edition), READ)]
    allowed += [(device, USE) for device in _DEVICES]
    allowed += [(name, READ) for name in _FACTS]
    hidden = [Path(name) for name in view.hidden]
    for _, folder in view.shown:
        allowed += _around(Path(folder), hidden)
    return list(dict.fromkeys(allowed))


def _around(path: Path, hidden: list[Path]) -> Iterator[tuple[str, str]]:
    if path in hidden:
        return
    if not any(one.is_relative_to(path) for one in hidden):
        yield str(path), READ
        return
    yield str(path), LIST
    for entry in os.scandir(path):
        if not entry.is_symlink():  # a link may lead anywhere; what lies here is allowed by itself
            yield from _around(Path(entry.path), hidden)
