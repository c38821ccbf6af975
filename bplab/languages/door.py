"""The door through which texts reach a learner, and the language that is chosen for them.

With English nothing is loaded, and texts go through as they are.
"""

import html
import os
import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from bplab.languages.catalogue import Catalogue

__all__ = ["Told", "english", "language", "told", "told_html"]

VARIABLE = "BPLAB_LANGUAGE"
"""Environment variable with the initial language, for a course's kernels."""

ENGLISH = "en"
_FOLDER = Path(__file__).parent

_chosen: tuple[str, "Catalogue | None"] | None = None  # None until a language is chosen or needed


def language(name: str | os.PathLike[str] | None = None) -> str:
    """Choose the language of messages, hints and panels, and return the one in use.

    Sentences that are not translated yet stay English. Names, numbers and code stay as they are,
    and so do marks and everything that nbgrader keeps. A panel that is already shown keeps its
    language.

    Parameters
    ----------
    name : str or path, optional
        ``"en"``, ``"de"``, or the path of a catalogue of your own: a TOML file, or a folder of
        them. The environment variable ``BPLAB_LANGUAGE`` chooses the language for a whole course.

    Returns
    -------
    str
        The language that is used now: ``"de"``, or the path of the catalogue.

    Raises
    ------
    ValueError
        If there is no such language, or a catalogue has a mistake; the message names its file and
        line.

    Examples
    --------
    >>> import bplab
    >>> bplab.language("de")
    'de'
    >>> bplab.language("en")
    'en'
    """
    global _chosen
    if name is not None:
        _chosen = _loaded(name)
    return _now()[0]


def _now() -> tuple[str, "Catalogue | None"]:
    global _chosen
    if _chosen is None:
        try:
            _chosen = _loaded(os.environ.get(VARIABLE) or ENGLISH)
        except ValueError as error:  # a missing translation must not keep a message from appearing
            _chosen = ENGLISH, None
            warnings.warn(f"{VARIABLE}: {error}", stacklevel=2)
    return _chosen


def _loaded(name: str | os.PathLike[str]) -> tuple[str, "Catalogue | None"]:
    if name == ENGLISH:
        return ENGLISH, None
    from bplab.languages.catalogue import Catalogue, CatalogueError, read

    given, name = name, os.fspath(name) if isinstance(name, (str, os.PathLike)) else ""
    path = catalogue_file(name)
    if not name or not os.path.exists(path):  # Path.exists raises an error for a long name
        there = ", ".join(f'"{known}"' for known in known_languages())
        raise CatalogueError(
            f"there is no language {given!r}; there are {there}, and a catalogue of your own can "
            'be named by its path, "de-own.toml"'
        )
    return name, Catalogue(read(path))


def catalogue_file(name: str) -> Path:
    """Return the path of a language's catalogue, which may not exist: bplab's or one's own."""
    return _FOLDER / f"{name}.toml" if name.replace("-", "").isalnum() else _path(name)


def _path(name: str) -> Path:
    return Path(os.path.expanduser(name))


def known_languages() -> list[str]:
    """Return the languages that come with bplab."""
    return [ENGLISH, *sorted(file.stem for file in _FOLDER.glob("*.toml"))]


def _catalogue() -> "Catalogue | None":
    """Return the catalogue in use; None for English, and always while nbgrader grades."""
    catalogue = (_chosen or _now())[1]
    if catalogue is None or os.environ.get("NBGRADER_EXECUTION") == "autograde":
        return None
    return catalogue


def told(text: str) -> str:
    """Return a text in the language that was chosen, as it is shown to a learner."""
    catalogue = _catalogue()
    return text if catalogue is None else catalogue.translate(text)


_TAG = re.compile(r"(<[^<>]*>)")


def told_html(markup: str) -> str:
    """Return HTML with its texts in the language that was chosen; they are escaped again."""
    if (catalogue := _catalogue()) is None:
        return markup
    parts = _TAG.split(markup)
    for i in range(0, len(parts), 2):
        text = html.unescape(parts[i])
        if (translated := catalogue.translate(text)) != text:
            parts[i] = html.escape(translated)
    return "".join(parts)


class Told:
    """An error with a message for a learner: shown in their language; code reads ``english``."""

    @property
    def english(self) -> str:
        """The original message."""
        return super().__str__()

    def __str__(self) -> str:
        return told(self.english)


def english(error: BaseException) -> str:
    """Return an error's message for use in code: of a `Told`, the one that is not translated."""
    # an object of a learner's class may claim to be of any class, so its type is asked
    return cast(Told, error).english if issubclass(type(error), Told) else str(error)
