"""What a judging child tells the coordinator about a graded submission.

A graded notebook holds whatever a student wrote and showed, so the coordinator does not read it.
The child that has judged it reads it again, and tells what is needed for the gradebook and the
folder: bytes to be written, and a few plain values for each cell of the course. The coordinator
accepts these values only in the form and size that are defined here.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import nbformat
from nbformat import NotebookNode

from bplab.grading.records import Record, grade_id, noted, record_in, say_first

__all__ = [
    "HEAD",
    "LONGEST",
    "NOTEBOOK",
    "About",
    "Garbled",
    "Told",
    "TooLong",
    "as_marked",
    "pack",
    "tell",
    "unpack",
]

HEAD, NOTEBOOK = 2**20, 48 * 2**20
"""The most bytes of what is told about a submission, and of its graded notebook."""

LINES, LONGEST, SHOWN = 50, 300, 100
"""The most lines of each kind, characters of a line, and characters of a test cell's result."""


@dataclass(frozen=True)
class About:
    """What a child has to know about a submission besides the notebook itself.

    Attributes
    ----------
    round : int
        See `bplab.grading.rounds`.
    events : tuple of str
        What is known about the submission before it is graded, a line each; the student reads
        these lines, too.
    graded_as : str
        A digest of how it is graded; see `bplab.grading.class_run.coordinator.Job.mark`.
    files : tuple of (str, int)
        Names and sizes in bytes of the files that are sent after the notebook, in this order.
    """

    round: int = 1
    events: tuple[str, ...] = ()
    graded_as: str = ""
    files: tuple[tuple[str, int], ...] = ()

    def split(self, sent: bytes | bytearray) -> tuple[bytes | bytearray, dict[str, bytes]]:
        """Split what was sent in one piece into the notebook and the files, by name."""
        end = len(sent) - sum(size for _, size in self.files)
        files, at = {}, end
        for name, size in self.files:
            files[name] = bytes(sent[at : at + size])
            at += size
        return (sent[:end], files) if files else (sent, {})


@dataclass(frozen=True)
class CellTold:
    """What is told about one of the course's cells in a graded notebook.

    Attributes
    ----------
    id : str
        nbgrader's id of the cell.
    as_released : bool
        Whether its text is still the course's.
    came : str or None
        The result that a test cell showed; None if there is none.
    failed : bool
        Whether an error, or words on stderr, came before any result.
    """

    id: str
    as_released: bool
    came: str | None = None
    failed: bool = False


@dataclass(frozen=True)
class Told:
    """A graded submission, as the coordinator gets it.

    Attributes
    ----------
    notebook : bytes
        The graded notebook, to be written unchanged.
    cells : tuple of CellTold
    mistakes : mapping of str to str or None
        The named mistake by the test cell's id; None if there is none.
    events, flags, notes : tuple of str
        For the instructor, a line each.
    late : bool
        Whether anything in it took longer than allowed.
    warning : str
        What is weaker than asked, or an empty string.
    """

    notebook: bytes
    cells: tuple[CellTold, ...]
    mistakes: Mapping[str, str | None]
    events: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    late: bool = False
    warning: str = ""


class TooLong(ValueError):
    """A graded notebook is too long to be written."""


class Garbled(ValueError):
    """What a child sent is not the description of a graded submission."""


def tell(graded: Any, released: NotebookNode, about: About, warning: str = "") -> Told:
    """Write what is known about a submission into its graded notebook, and describe that notebook.

    Parameters
    ----------
    graded : Graded
        See `bplab.grading.judge.submission`.
    released : NotebookNode
    about : About
    warning : str

    Raises
    ------
    TooLong
        If the graded notebook has more than `NOTEBOOK` bytes.
    """
    notebook = nbformat.v4.reads(graded.notebook)
    events, flags = _lines([*about.events, *graded.events]), _lines(graded.flags)
    notes = _lines(f"{one.exercise}: {one.note}" for one in graded.results if one.note)
    told = {"events": events, "flags": flags, "notes": notes}
    notebook.metadata.setdefault("bplab", {}).update(
        {kind: list(lines) for kind, lines in told.items()}, graded_as=about.graded_as
    )
    ours = {grade_id(cell): cell.source for cell in released.cells if grade_id(cell)}
    known = [cell for cell in notebook.cells if grade_id(cell) in ours]
    records = ((grade_id(cell), record_in(cell)) for cell in known if noted(cell).get("grade"))
    say_first(notebook, about.events)
    # half a character in a student's text becomes the escape that JSON has for it
    written = (nbformat.v4.writes(notebook) + "\n").encode("utf-8", errors="backslashreplace")
    if len(written) > NOTEBOOK:
        most = f"at most {NOTEBOOK / 1e6:.0f} MB are written"
        raise TooLong(f"the graded notebook would have {len(written) / 1e6:.0f} MB; {most}")
    return Told(
        notebook=written,
        cells=tuple(_cell(cell, ours[grade_id(cell)]) for cell in known),
        mistakes={id: _mistake(record) for id, record in records if record is not None},
        **told,
        late=bool(getattr(graded, "late", False)),
        warning=warning,
    )


def _mistake(record: Record) -> str | None:
    return record.mistake and record.mistake[:LONGEST]


def _lines(lines: Iterable[str]) -> tuple[str, ...]:
    kept = [str(line)[:LONGEST] for line in lines]
    if len(kept) > LINES:
        kept[LINES - 1 :] = [f"… and {len(kept) - LINES + 1} more"]
    return tuple(kept)


def _cell(cell: NotebookNode, released: str) -> CellTold:
    """Return what nbgrader's rule for points looks at: the first output, an error or a result."""
    same = cell.source == released
    for output in cell.get("outputs", ()):
        if output.output_type == "error" or output.get("name") == "stderr":
            return CellTold(grade_id(cell), same, failed=True)
        if output.output_type == "execute_result":
            came = output.data.get("text/plain", "")
            return CellTold(grade_id(cell), same, str(came)[:SHOWN])
    return CellTold(grade_id(cell), same)


# --- on its way ---------------------------------------------------------------------------


def pack(told: Told) -> bytes:
    """Return what is told, without the notebook, as bytes for `unpack`."""
    return json.dumps({**asdict(told), "notebook": None}).encode()


def unpack(head: bytes, notebook: bytes) -> Told:
    """Return what was told.

    Parameters
    ----------
    head : bytes
        What `pack` returned.
    notebook : bytes
        The graded notebook, which is not read.

    Raises
    ------
    Garbled
        If ``head`` has any other form.
    """
    try:
        match json.loads(head):
            case {
                "cells": list(cells),
                "mistakes": dict(mistakes),
                "events": events,
                "flags": flags,
                "notes": notes,
                "late": bool(late),
                "warning": str(warning),
            }:
                return Told(
                    notebook,
                    tuple(map(_read_cell, cells)),
                    {_short(id): _short_or_none(one) for id, one in mistakes.items()},
                    _short_lines(events),
                    _short_lines(flags),
                    _short_lines(notes),
                    late,
                    warning,
                )
    except (ValueError, RecursionError) as error:
        raise Garbled(f"it has another form ({error})") from error
    raise Garbled("it has another form")


def _read_cell(told: Any) -> CellTold:
    match told:
        case {"id": id, "as_released": bool(same), "came": came, "failed": bool(failed)}:
            return CellTold(_short(id), same, _short_or_none(came), failed)
    raise Garbled("a cell has another form")


def _short_lines(told: Any) -> tuple[str, ...]:
    if not isinstance(told, list) or len(told) > LINES:
        raise Garbled("too many lines")
    return tuple(map(_short, told))


def _short_or_none(told: Any) -> str | None:
    return None if told is None else _short(told)


def _short(told: Any) -> str:
    if not isinstance(told, str) or len(told) > LONGEST:
        raise Garbled("something else than a line")
    return told


# --- at its end ---------------------------------------------------------------------------


def as_marked(told: Told, released: NotebookNode) -> NotebookNode:
    """Return a notebook of the course's own cells, to which nbgrader gives the same points.

    Of the student's work it holds only what test cells returned.

    Parameters
    ----------
    told : Told
    released : NotebookNode
    """
    ours = {grade_id(cell): cell for cell in released.cells if grade_id(cell)}
    cells = []
    for one in told.cells:
        cell = nbformat.from_dict(ours[one.id])
        if not one.as_released:
            cell.source = "(not the course's)"
        if cell.cell_type == "code":
            cell.outputs = _outputs(one)
        cells.append(cell)
    return nbformat.v4.new_notebook(cells=cells)


def _outputs(one: CellTold) -> list[NotebookNode]:
    if one.failed:
        return [nbformat.v4.new_output("error", ename="", evalue="", traceback=[])]
    if one.came is None:
        return []
    return [nbformat.v4.new_output("execute_result", data={"text/plain": one.came})]
