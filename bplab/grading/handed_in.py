"""Read a notebook that was handed in, whatever it holds, and tell which assignment it is.

Everything that takes notebooks uses this: `collect`, `check`, `gradescope`, the judge. nbgrader is
not loaded: where a single notebook is judged, it need not be installed.
"""

import codecs
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import nbformat

from bplab.course import Course, copy_name
from bplab.grading.judge.wire import becomes
from bplab.grading.records import TEST, grade_id, noted

if TYPE_CHECKING:
    from bplab.grading.folder import ClassFolder

__all__ = [
    "Assignments",
    "Known",
    "Unfit",
    "cells_of",
    "plain",
    "plain_stem",
    "read_notebook",
    "refuse_too_large",
    "source_of",
]

MAX_CELLS, READ = 2_000, 800 * 10**6
"""How many cells a notebook may have, and how many bytes of memory reading a file may take."""

_BYTE_ORDER = "\\ufeff"  # the mark for the order of bytes, as an escape
_OTHERS = re.compile(rb"[\x80-\xff]+")


class Unfit(ValueError):
    """A file that cannot be taken; the message says why, and continues the file's name."""


def read_notebook(submitted: bytes | bytearray) -> dict[str, Any]:
    """Read a notebook of any version of the format, whichever program wrote it.

    Returns
    -------
    dict
        It has a list of ``"cells"``; nothing else is certain.

    Raises
    ------
    Unfit
        If it is not a notebook; the message says what it is instead.
    """
    refuse_too_large(submitted)
    try:
        utf16 = submitted.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        text = submitted.decode("utf-16") if utf16 else _in_ascii(submitted)
    except UnicodeDecodeError:
        raise Unfit(_instead(submitted) or "is not text in UTF-8") from None
    if not text.strip():
        raise Unfit("is empty")
    try:
        notebook = json.loads(text, object_pairs_hook=_without_outputs)
        if isinstance(notebook, dict) and notebook.get("nbformat", 4) in (1, 2, 3):
            notebook = nbformat.convert(nbformat.reader.reads(text), 4)
    except MemoryError:
        raise Unfit("takes more memory than there is for one") from None
    except RecursionError:
        raise Unfit("is not a notebook: lists or objects in it are nested too deeply") from None
    except json.JSONDecodeError as error:
        raise Unfit(_instead(submitted) or _broken(text, error)) from None
    except Exception as error:  # nbformat raises whatever it stumbles over
        raise Unfit(f"is not a notebook ({type(error).__name__})") from None
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        raise Unfit("is not a notebook: it has no list of cells")
    if len(cells) > MAX_CELLS:
        raise Unfit(f"has {len(cells)} cells; more than {MAX_CELLS} are not read")
    return notebook


_OTHER_FILES = {
    b"PK\x03\x04": "a zip file, or a document that is one",
    b"\x1f\x8b": "a file compressed with gzip",
    b"%PDF-": "a PDF",
    b"{\\rtf": "a document in RTF",
    b"\xd0\xcf\x11\xe0": "a document of an older Office",
    **dict.fromkeys((b"\x89PNG\r", b"\xff\xd8\xff", b"GIF8"), "a picture"),
}
"""What files of other kinds begin with."""

_PAGE = re.compile(rb"\s*(?:<\?xml[^>]{0,99}>\s*)?<(?:!doctype\s+)?html\b", re.IGNORECASE)
_POINTER = b"version https://git-lfs.github.com/spec/"
_UNMERGED = [re.compile(rb"^" + mark, re.MULTILINE) for mark in (b"<{7} ", b"={7}\r?$", b">{7} ")]


def _instead(data: bytes | bytearray) -> str | None:
    """Say what a file is that is not JSON; None if that cannot be told."""
    for begins, what in _OTHER_FILES.items():
        if data.startswith(begins):
            return f"is {what}, not a notebook"
    if _PAGE.match(data.removeprefix(codecs.BOM_UTF8)):
        return "is a web page, saved under a notebook's name"
    if data.startswith(_POINTER):
        return "is what Git LFS keeps in place of the notebook: get that with git lfs pull"
    if not data.strip(b"\x00"):
        return "holds nothing but zero bytes: save the notebook, and hand it in, again"
    if all(mark.search(data) for mark in _UNMERGED):
        return "holds two versions that git could not merge, between <<<<<<< and >>>>>>>: keep one"
    return None


def _broken(text: str, error: json.JSONDecodeError) -> str:
    """Say where what is not JSON stops being it."""
    ends = error.msg.startswith("Unterminated string") or not text[error.pos :].strip()
    if ends and text.lstrip().startswith("{"):
        return "is not a whole notebook: its JSON was cut off"
    return f"is not a notebook: it is not JSON (line {error.lineno})"


def refuse_too_large(submitted: bytes | bytearray) -> None:
    """Raise `Unfit`, without reading a file, if that might take too much memory."""
    if becomes(submitted) > READ:
        raise Unfit(f"may take more than {READ // 10**6} MB of memory to read")


def _in_ascii(data: bytes | bytearray) -> str:
    """Return JSON as ASCII with escapes: one other letter may make a string four times as large.

    In valid JSON other letters occur in strings only.
    """

    def escaped(found: re.Match[bytes]) -> bytes:
        return json.dumps(found[0].decode("utf-8"))[1:-1].encode("ascii")

    plain = data if data.isascii() else _OTHERS.sub(escaped, data)
    return plain.decode("ascii").removeprefix(_BYTE_ORDER)


def _without_outputs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object in a notebook's JSON, without outputs: these are not needed, and may be large."""
    return {key: [] if key == "outputs" else value for key, value in pairs}


def cells_of(notebook: Mapping[str, Any]) -> Iterator[Any]:
    """Iterate over all that may be a cell in what `read_notebook` returns."""
    return (cell for cell in notebook["cells"] if isinstance(cell, dict))


def source_of(cell: Any) -> str:
    """Return a cell's text as one string that can be sent."""
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    text = source if isinstance(source, str) else ""
    text = text.replace("\r\n", "\n").replace("\x00", "")
    return text.encode("utf-8", "replace").decode("utf-8")  # half a character cannot be sent


# --- which assignment it is -----------------------------------------------------------------------

_TEXT = 2**20  # characters of a cell; the rest is not graded either
_CHECK = re.compile(r"""\bcheck\(\s*["']([\w:.-]{1,80})["']\s*,\s*(\w{1,80})""")
_DEFINED = re.compile(
    r"^[ \t]*(?:async[ \t]+)?def[ \t]+(\w+)|"
    r"^(\w+)[ \t]*=[ \t]*(?:lambda\b|[\w.]*(?:partial|vectorize)\(|[\w.]+[ \t]*(?:#.*)?$)",
    re.MULTILINE,
)
"""Definitions of names that may be functions; with ``delta = f(x)`` the name is an array."""

_IMPORTED = re.compile(
    r"^[ \t]*(?:from[ \t]+[\w.]+[ \t]+)?import\b(?:[ \t]*\([^)]{0,2000}|.*)", re.M
)
_FROM_ELSEWHERE = re.compile(r"import[ \t]*\*|^[ \t]*%(?:run|load)\b|\bexec\(", re.M)


@dataclass(frozen=True)
class Known:
    """What the notebooks of an assignment are recognised by.

    Attributes
    ----------
    name : str
        The assignment's name.
    marks : frozenset of str
        Ids of its graded cells; and what its tests hold, which remains where metadata are lost.
    asked : frozenset of str
        Functions that its tests ask for.
    given : frozenset of str
        Names that the released notebook defines or imports.
    """

    name: str
    marks: frozenset[str]
    asked: frozenset[str]
    given: frozenset[str]

    @classmethod
    def of(cls, name: str, release: bytes) -> "Known":
        """Read a released notebook; raises `Unfit` if it cannot be read."""
        cells = list(cells_of(read_notebook(release)))
        tests = [cell for cell in cells if noted(cell).get("grade")]
        asked = {found[2] for cell in tests for found in _CHECK.finditer(source_of(cell))}
        ids = frozenset(map(grade_id, filter(_is_graded, cells)))
        return cls(name, ids | _tests(tests), frozenset(asked), frozenset(_names(cells)))


@dataclass(frozen=True)
class Assignments:
    """All assignments that a class was given, to find out which of them a notebook is.

    A notebook is recognised by what is in it: ids of graded cells, or tests where another program
    has lost the ids. If it may be the wanted assignment as well as another, it is the wanted one.
    """

    known: tuple[Known, ...] = ()

    @classmethod
    def of(cls, course: "ClassFolder") -> "Assignments":
        """Read the assignments that were released."""
        return cls._of((name, course.release(name).encode()) for name in course.released())

    @classmethod
    def of_course(cls, course: Course) -> "Assignments":
        """Do the same for a course in which nbgrader need not have been used."""
        files = ((name, course.release_file(name)) for name in course.names())
        return cls._of((name, file.read_bytes()) for name, file in files if file.is_file())

    @classmethod
    def _of(cls, released: Iterable[tuple[str, bytes]]) -> "Assignments":
        found = []
        for name, content in released:
            with suppress(Unfit):  # callers that need this one find it missing
                found.append(Known.of(name, content))
        return cls(tuple(found))

    def as_lists(self) -> list[list[Any]]:
        """Return lists that JSON can hold, and that `from_lists` takes."""
        return [
            [one.name, *(sorted(part) for part in (one.marks, one.asked, one.given))]
            for one in self.known
        ]

    @classmethod
    def from_lists(cls, lists: Iterable[Iterable[Any]]) -> "Assignments":
        """Make assignments from what `as_lists` returned."""
        return cls(tuple(Known(name, *map(frozenset, parts)) for name, *parts in lists))

    def knowing(self, name: str, release: str) -> "Assignments":
        """Return a copy in which ``release`` is the notebook released as ``name``."""
        one = Known.of(name, release.encode())
        return Assignments((*(known for known in self.known if known.name != name), one))

    def which(self, notebook: Mapping[str, Any], name: str = "") -> str:
        """Return which assignment a notebook is: by its cells, else by its name; "" if none.

        Parameters
        ----------
        notebook : mapping
            What `read_notebook` returns.
        name : str
            Name of its file.
        """
        marks, called = _marks(notebook), self.called(name)
        shared = {one.name: len(one.marks & marks) for one in self.known}
        best = max(shared, key=lambda one: (shared[one], one == called), default="")
        return best if shared.get(best) else called

    def is_copy(self, notebook: Mapping[str, Any], name: str) -> bool:
        """Whether a notebook is made from the released one: it has one of its ids, or all tests."""
        marks = next(one.marks for one in self.known if one.name == name)
        ids = set(map(grade_id, filter(_is_graded, cells_of(notebook))))
        tests = {one for one in marks if one.startswith(TEST)}
        return bool(marks & ids) or tests <= _marks(notebook)

    def called(self, name: str) -> str:
        """Return the assignment that a file's name stands for; "" if there is none."""
        names = {plain(one): known.name for known in self.known for one in _called(known.name)}
        return names.get(plain(name), "")

    def asks(self, name: str, exercise: str) -> bool:
        """Whether the assignment ``name`` has a test of this exercise."""
        return any(one.name == name and f"{TEST}{exercise}" in one.marks for one in self.known)

    def other(self, notebook: Mapping[str, Any], wanted: str) -> str:
        """Return which other assignment a notebook is; "" if it may be the wanted one.

        It is another if it has marks that only that one has, none that only the wanted one has, and
        no function that the wanted one asks for, except those that came with the other. If its code
        may define any name, as with ``import *``, it may be the wanted one.

        Parameters
        ----------
        notebook : mapping
            What `read_notebook` returns.
        wanted : str
        """
        nothing = Known(wanted, frozenset(), frozenset(), frozenset())
        ours = next((one for one in self.known if one.name == wanted), nothing)
        marks = _marks(notebook)
        best = max(self.known, key=lambda one: (len(one.marks & marks), one is ours), default=ours)
        if not marks & (best.marks - ours.marks) or marks & (ours.marks - best.marks):
            return ""
        cells = list(cells_of(notebook))
        if ours.asked.intersection(_names(cells)) - best.given:
            return ""
        return "" if any(_FROM_ELSEWHERE.search(text) for text in _code(cells)) else best.name

    def refuse(self, notebook: Mapping[str, Any], wanted: str) -> None:
        """Raise `Unfit` for a notebook without cells, or of another assignment: see `other`."""
        if not notebook["cells"]:
            raise Unfit("has no cells")
        if other := self.other(notebook, wanted):
            raise Unfit(f"is {other}, another assignment")


def _called(name: str) -> tuple[str, str]:
    return name, copy_name(name)


_COPIED = re.compile(
    r"^(?:copy of |kopie von )|(?:[-_ ]?\(\d+\)|[-_ ]copy ?\d*|-checkpoint| - (?:copy|kopie))$"
)
_NUMBERED = re.compile(r"-(\d{1,2})$")


def plain(name: str) -> str:
    """Return the letters and digits of a name, without what computers add, such as " (1)"."""
    return plain_stem(name)[0]


def plain_stem(name: str) -> tuple[str, int]:
    """Return what `plain` does, and the number of the copy that the name tells, or 0."""
    stem = name.casefold()
    while stem.endswith((".ipynb", ".txt", ".json", ".zip")):
        stem = stem.rpartition(".")[0]
    number = 0
    while True:
        if m := _NUMBERED.search(stem):
            number, shorter = max(number, int(m[1])), stem[: m.start()]
        else:
            shorter = _COPIED.sub("", stem)
        if shorter == stem or not shorter:
            return "".join(filter(str.isalnum, stem)), number
        stem = shorter


def _marks(notebook: Mapping[str, Any]) -> set[str]:
    """The marks of a notebook: see `Known`; in a student's, any code cell may be a test."""
    cells = list(cells_of(notebook))
    return {*map(grade_id, filter(_is_graded, cells)), *_tests(cells)} - {""}


def _tests(cells: Iterable[Any]) -> frozenset[str]:
    """The marks of tests: ids that they check, and their whole text, for other kinds of test."""
    texts = list(_code(cells))
    checked = {f"{TEST}{found[1]}" for text in texts for found in _CHECK.finditer(text)}
    return frozenset(checked.union(text.strip() for text in texts) - {""})


def _is_graded(cell: Any) -> bool:
    about = noted(cell)
    return bool(about.get("grade") or about.get("solution"))


def _code(cells: Iterable[Any]) -> Iterator[str]:
    return (source_of(cell)[:_TEXT] for cell in cells if cell.get("cell_type") == "code")


def _names(cells: Iterable[Any]) -> set[str]:
    """Names that code defines or imports."""
    found: set[str] = set()
    for text in _code(cells):
        found.update(a or b for a, b in _DEFINED.findall(text))
        found.update(name for line in _IMPORTED.findall(text) for name in re.findall(r"\w+", line))
    return found
