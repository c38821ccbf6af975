"""Put a submission into order: the course's own cells are made as they were released.

A student may have deleted, copied, moved or edited any cell and any metadata, by accident or not.
The code stays the student's; test cells, points and ids are those of the released notebook.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import nbformat
from nbformat import NotebookNode

from bplab.grading.handed_in import cells_of, source_of
from bplab.grading.inert import attachments
from bplab.grading.records import grade_id

__all__ = ["restore"]

CELL_TEXT, ALL_TEXT = 2**20, 16 * 2**20
"""How many characters one cell may have, and all cells with the pictures in them; larger texts and
pictures are left out."""

_NAMED = 8  # cells in a line
_LOST = (
    "its cells have lost the course's metadata, as where another program has saved it: they were "
    "found by what is in them"
)
_LEFT_OUT = "# (this cell held too much: it was left out)"
_CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_MAKE = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}


def restore(submitted: Mapping[str, Any], released: NotebookNode) -> tuple[NotebookNode, list[str]]:
    """Return a submission with the course's own cells as they were released.

    - Test cells and other locked cells get the released text, points and ids. One that was deleted
      is put back after the cell that precedes it; of several copies one is kept.
    - A solution cell keeps the student's text. If several cells have the same id, the last counts
      as the solution; the others stay as ordinary cells.
    - Everything else that students added is kept, in their order, without outputs.

    Parameters
    ----------
    submitted : mapping
        What `bplab.grading.handed_in.read_notebook` returns, or a notebook; it is not trusted.
    released : NotebookNode
        Neither is changed.

    Returns
    -------
    NotebookNode
        The notebook in order, with the released notebook's metadata.
    list of str
        What was put right, a line each.
    """
    ours = {grade_id(cell): cell for cell in released.cells if grade_id(cell)}
    tests = _tests(ours)
    placed: list[tuple[str, NotebookNode]] = []
    found = [(_known(cell, ours, tests), cell) for cell in cells_of(submitted)]
    last = {id: i for i, (id, _) in enumerate(found) if id}
    twice, edited, other_kind = _Said(), _Said(), _Said()
    for i, (id, cell) in enumerate(found):
        if id and last[id] != i:
            if not _is_locked(ours[id]):
                placed.append(("", _plain(cell)))
            twice.ids.append(id)
        elif not id:
            placed.append(("", _plain(cell)))
        elif _is_locked(ours[id]):
            if source_of(cell) != ours[id].source or cell.get("cell_type") != ours[id].cell_type:
                edited.ids.append(id)
            placed.append((id, _copy(ours[id])))
        else:
            if cell.get("cell_type") != ours[id].cell_type:
                other_kind.ids.append(id)
            placed.append((id, _attached(_copy(ours[id], source_of(cell)), cell)))
    lost = bool(last) and not any(grade_id(cell) for _, cell in found)
    events = [
        *([_LOST] if lost else []),
        *twice.line("there more than once: the last counts"),
        *edited.line("edited: put back"),
        *other_kind.line(
            "of another kind, such as text for code: put back, with the student's text"
        ),
        *_left_out(placed),
        *_put_back(placed, ours, lost=lost),
    ]
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


def _put_back(
    placed: list[tuple[str, NotebookNode]], ours: dict[str, NotebookNode], *, lost: bool
) -> list[str]:
    """Put missing locked cells back after those that precede them; return what was done.

    If ids are ``lost``, nobody knows which solution cells are missing.
    """
    gone, deleted = _Said(), _Said()
    before = ""
    for id, cell in ours.items():
        if id not in (name for name, _ in placed):
            if not _is_locked(cell):
                gone.ids.append(id)
                continue
            deleted.ids.append(id)
            names = [name for name, _ in placed]
            place = names.index(before) + 1 if before in names else len(placed)
            placed.insert(place, (id, _copy(cell)))
        before = id
    return [
        *([] if lost else gone.line("not there", "solution cell", "is", "are")),
        *deleted.line("deleted: put back"),
    ]


@dataclass
class _Said:
    """Cells about which the same is to be said."""

    ids: list[str] = field(default_factory=list)

    def line(
        self, what: str, cell: str = "cell", one: str = "was", more: str = "were"
    ) -> list[str]:
        """Return one line about these cells; none if there are no cells."""
        ids = list(dict.fromkeys(self.ids))
        few = [*ids[:_NAMED], f"{len(ids) - _NAMED} more"] if len(ids) > _NAMED + 1 else ids
        match few:
            case []:
                return []
            case [id]:
                return [f"{cell} {id} {one} {what}"]
        return [f"{cell}s {', '.join(few)} {more} {what}"]


def _tests(ours: Mapping[str, NotebookNode]) -> dict[str, str]:
    return {cell.source.strip(): id for id, cell in ours.items() if _is_locked(cell)}


def _known(cell: Any, ours: dict[str, NotebookNode], tests: dict[str, str]) -> str:
    """The id of the course's cell that this one is, even if a tool has lost its metadata."""
    id = grade_id(cell)
    return id if id in ours else tests.get(source_of(cell).strip(), "")


def _is_locked(cell: NotebookNode) -> bool:
    nbgrader = cell.metadata.nbgrader
    return not nbgrader.get("solution") and bool(nbgrader.get("locked") or nbgrader.get("grade"))


def _plain(cell: Any) -> NotebookNode:
    """A cell that the student added: its text, pictures in it, and nothing else."""
    make = _MAKE.get(str(cell.get("cell_type")), nbformat.v4.new_raw_cell)
    plain = _attached(make(source_of(cell)), cell)
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
    """Give every cell a unique id; the course's cells keep theirs."""
    taken = {cell.id for cell in notebook.cells if grade_id(cell)}
    for i, cell in enumerate(notebook.cells):
        if grade_id(cell):
            continue
        if not _CELL_ID.fullmatch(cell.id) or cell.id in taken:
            cell.id = f"added-{i}"
        taken.add(cell.id)
