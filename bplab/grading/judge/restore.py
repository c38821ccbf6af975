"""Putting a submission into order: what is the course's is the course's again.

A student may have deleted, copied, moved or edited any cell and any metadata, by accident or
not. The code is theirs; test cells, points and ids are the released notebook's.
"""

import codecs
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import nbformat
from nbformat import NotebookNode

from bplab.grading.inert import attachments
from bplab.grading.judge.wire import becomes

__all__ = ["Unreadable", "read_notebook", "refuse_too_large", "restore"]

MAX_CELLS, READ = 2_000, 800 * 10**6
"""Of cells; of bytes that a file may become when it is read."""

CELL_TEXT, ALL_TEXT = 2**20, 16 * 2**20
"""Characters of one cell, and of all cells with the pictures in them; what is more is left out."""

_LEFT_OUT = "# (this cell held too much: it was left out)"
_MARK = "\\ufeff"  # of the order of bytes, as an escape
_OTHERS = re.compile(rb"[\x80-\xff]+")
_CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_MAKE = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}


class Unreadable(ValueError):
    """What was handed in is no notebook; says why."""


def read_notebook(submitted: bytes | bytearray) -> dict[str, Any]:
    """Read a notebook of any version of the format, however it came to be.

    Returns
    -------
    dict
        With a list of ``"cells"``; nothing else is sure: `restore` takes it from there.

    Raises
    ------
    Unreadable
        If it is no notebook.
    """
    refuse_too_large(submitted)
    try:
        utf16 = submitted.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        text = submitted.decode("utf-16") if utf16 else _in_ascii(submitted)
    except UnicodeDecodeError:
        raise Unreadable("the file is no text in UTF-8") from None
    if not text.strip():
        raise Unreadable("the file is empty")
    try:
        notebook = json.loads(text, object_pairs_hook=_without_outputs)
        if isinstance(notebook, dict) and notebook.get("nbformat", 4) in (1, 2, 3):
            notebook = nbformat.convert(nbformat.reader.reads(text), 4)
    except MemoryError:
        raise Unreadable("the file takes more memory than there is for one") from None
    except ValueError:
        raise Unreadable("the file is no notebook: it is not JSON, or it was cut off") from None
    except Exception as error:  # nbformat raises whatever it stumbles over
        raise Unreadable(f"the file is no notebook ({type(error).__name__})") from None
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        raise Unreadable("the file is no notebook: it has no list of cells")
    if len(cells) > MAX_CELLS:
        raise Unreadable(f"the notebook has {len(cells)} cells; more than {MAX_CELLS} are not read")
    return notebook


def refuse_too_large(submitted: bytes | bytearray) -> None:
    """Raise `Unreadable` if reading a file might take too much memory; it is not read."""
    if becomes(submitted) > READ:
        raise Unreadable(f"to read the file may take more than {READ // 10**6} MB of memory")


def _in_ascii(data: bytes | bytearray) -> str:
    """Return JSON with escapes for other letters: one of them may make a text four times as large.

    They stand in strings only, or it is no JSON.
    """

    def escaped(found: re.Match[bytes]) -> bytes:
        return json.dumps(found[0].decode("utf-8"))[1:-1].encode("ascii")

    plain = data if data.isascii() else _OTHERS.sub(escaped, data)
    return plain.decode("ascii").removeprefix(_MARK)


def _without_outputs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of a notebook's, as it is read: outputs are not kept, and may be large."""
    return {key: [] if key == "outputs" else value for key, value in pairs}


def restore(submitted: Mapping[str, Any], released: NotebookNode) -> tuple[NotebookNode, list[str]]:
    """Return a submission with the course's own cells as they were released.

    - Test cells and other locked cells have the released text, points and ids; one that was
      deleted stands again behind what comes before it; of copies one is left.
    - A solution cell keeps the student's text. Of copies with one id the last counts as the
      solution; the others stay as ordinary cells.
    - All else that students added is kept, in their order, without outputs.

    Parameters
    ----------
    submitted : mapping
        What `read_notebook` returns, or a notebook; it is not trusted.
    released : NotebookNode
        Neither is changed.

    Returns
    -------
    NotebookNode
        With the released notebook's metadata.
    list of str
        What was put right, a line each.
    """
    ours = {_grade_id(cell): cell for cell in released.cells if _grade_id(cell)}
    tests = {cell.source.strip(): id for id, cell in ours.items() if _is_locked(cell)}
    events: list[str] = []
    placed: list[tuple[str, NotebookNode]] = []
    found = [(_known(cell, ours, tests), cell) for cell in _readable(submitted)]
    last = {id: i for i, (id, _) in enumerate(found) if id}
    for i, (id, cell) in enumerate(found):
        if id and last[id] != i:
            if not _is_locked(ours[id]):
                placed.append(("", _plain(cell)))
            events.append(f"cell {id} was there more than once: the last counts")
        elif not id:
            placed.append(("", _plain(cell)))
        elif _is_locked(ours[id]):
            if _source(cell) != ours[id].source or cell.get("cell_type") != ours[id].cell_type:
                events.append(f"cell {id} was edited: put back")
            placed.append((id, _copy(ours[id])))
        else:
            placed.append((id, _attached(_copy(ours[id], _source(cell)), cell)))
    events += _left_out(placed)
    events += _put_back(placed, ours)
    notebook = nbformat.v4.new_notebook(metadata=_copy(released.metadata))
    notebook.nbformat_minor = released.nbformat_minor
    notebook.cells = [cell for _, cell in placed]
    _name_cells(notebook)
    return notebook, list(dict.fromkeys(events))


def _left_out(placed: list[tuple[str, NotebookNode]]) -> list[str]:
    """Leave out texts and pictures that are too large, or too many; return what was done."""
    events, left = [], ALL_TEXT
    for i, (id, cell) in enumerate(placed):
        if id and _is_locked(cell):
            continue
        if len(cell.source) > min(CELL_TEXT, left):
            events.append(f"cell {i + 1} was left out: it holds {len(cell.source) / 1e6:.1f} MB")
            cell.source = _LEFT_OUT
        left -= len(cell.source)
        pictures = cell.get("attachments", {}).values()
        size = sum(len(picture) for kinds in pictures for picture in kinds.values())
        if size > left:
            events.append(f"pictures in cell {i + 1} were left out: they hold {size / 1e6:.1f} MB")
            del cell["attachments"]
        else:
            left -= size
    return events


def _put_back(placed: list[tuple[str, NotebookNode]], ours: dict[str, NotebookNode]) -> list[str]:
    """Put locked cells that are gone behind what comes before them; return what was done."""
    events = []
    before = ""
    for id, cell in ours.items():
        if id not in (name for name, _ in placed):
            if not _is_locked(cell):
                events.append(f"solution cell {id} is not there")
                continue
            events.append(f"cell {id} was deleted: put back")
            names = [name for name, _ in placed]
            place = names.index(before) + 1 if before in names else len(placed)
            placed.insert(place, (id, _copy(cell)))
        before = id
    return events


def _known(cell: Any, ours: dict[str, NotebookNode], tests: dict[str, str]) -> str:
    """The id of the course's cell that this one is, also where a tool has lost its metadata."""
    id = _grade_id(cell)
    return id if id in ours else tests.get(_source(cell).strip(), "")


def _grade_id(cell: Any) -> str:
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    return id if isinstance(id, str) else ""


def _is_locked(cell: NotebookNode) -> bool:
    nbgrader = cell.metadata.nbgrader
    return not nbgrader.get("solution") and bool(nbgrader.get("locked") or nbgrader.get("grade"))


def _readable(notebook: Mapping[str, Any]) -> Iterator[Any]:
    return (cell for cell in notebook["cells"] if isinstance(cell, dict))


def _source(cell: Any) -> str:
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    text = source if isinstance(source, str) else ""
    text = text.replace("\r\n", "\n").replace("\x00", "")
    return text.encode("utf-8", "replace").decode("utf-8")  # half a character cannot be sent


def _plain(cell: Any) -> NotebookNode:
    """A cell of the student's own: its text, pictures in it, and nothing else."""
    make = _MAKE.get(str(cell.get("cell_type")), nbformat.v4.new_raw_cell)
    plain = _attached(make(_source(cell)), cell)
    plain.id = cell["id"] if isinstance(cell.get("id"), str) else ""
    return plain


def _attached(cell: NotebookNode, students: Any) -> NotebookNode:
    """Give a cell the pictures that the student put into its text."""
    if cell.cell_type == "markdown" and (pictures := attachments(students.get("attachments"))):
        cell.attachments = nbformat.from_dict(pictures)
    return cell


def _copy(cell: NotebookNode, source: str | None = None) -> NotebookNode:
    copy = nbformat.from_dict(cell)
    if source is not None:
        copy.source = source
    return copy


def _name_cells(notebook: NotebookNode) -> None:
    """Give every cell an id of its own: those of the course keep theirs."""
    taken = {cell.id for cell in notebook.cells if _grade_id(cell)}
    for i, cell in enumerate(notebook.cells):
        if _grade_id(cell):
            continue
        if not _CELL_ID.fullmatch(cell.id) or cell.id in taken:
            cell.id = f"added-{i}"
        taken.add(cell.id)
