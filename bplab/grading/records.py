"""What a graded test cell holds: the record of its exercise, and the words that a student reads.

A graded notebook holds a student's words. So whatever is read here is taken as text and numbers of
limited length, or left out.

What a student reads tells nothing of the hidden cases: no numbers, no sizes, no expected arrays.
The message of an error in the student's own code is shortened and shown without numbers, since code
can put anything there, even a hidden case. Everything is escaped.
"""

import html
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from bplab.counting import counted
from bplab.exercises import EXERCISES, EXPLAIN, RECORD_TYPE, TASKS, Task
from bplab.grading.kernels import Isolation

__all__ = [
    "LATER",
    "TEST",
    "GradedNotebook",
    "Questions",
    "Record",
    "Told",
    "cell_outputs",
    "grade_id",
    "graded_in",
    "known",
    "not_read",
    "noted",
    "nothing_graded",
    "read_graded",
    "read_records",
    "record_in",
    "records_of",
    "say_first",
    "task_by_id",
    "task_html",
    "task_line",
    "task_text",
    "told",
]

TEST = "test-"
"""The ids of test cells begin with this; what follows is the id of their exercise."""

LATER = "There are answers. Which of them are right is said with the marks."
"""Said of questions on a student's own code while the notebook can still be handed in again."""

LONGEST, MOST = 2000, 200
"""How many characters of a text, and how many events or flags of a notebook, are kept."""


MOST_ANSWERS = 20
"""How many lines on the answers to questions are kept."""

BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#767676"
"""The colours of the course's figures; to import them from `bplab.plots` would load matplotlib."""

SHOWN, SHOWN_ERROR = 400, 160
"""How many characters of a text, and of an error, a page shows."""

LONG_WORD = 32

UNSEEN = ("not-handed-in", "not-written", "unreadable")
"""Mistakes where there was no function to call: no case played a part."""

_MARKUP = re.compile(r"[^a-zA-Z0-9 .,:()/-]")
"""All characters that may have a meaning in markdown."""

OTHER_CASES = "Marked on other cases than those in the notebook; check shows numbers there."


@dataclass(frozen=True)
class Record:
    """How one exercise went.

    Attributes
    ----------
    exercise : str
        Id, e.g. ``"eq4"``.
    points, max_points : float
        Points that were earned, and that could be; 0 in records of plain nbgrader, which has none.
    mistake : str or None
        Name of the mistake, None if the answer is right.
    says, hint : str
        The mistake in a sentence, and why it is one.
    step : str
        The step of the backward pass that goes wrong, e.g. ``"send back"``.
    seconds : float or None
        How long the student's function took on all cases.
    note : str
        What happened to the cell, e.g. ``"took longer than 30 s"``; empty if nothing did.
    place : str
        The line in which it goes wrong, with its text, which is the student's; empty if unknown.
    answers : tuple of str
        For questions on the student's own code: each question, with what is said to its answer.
    """

    exercise: str
    points: float = 0.0
    max_points: float = 0.0
    mistake: str | None = None
    says: str = ""
    hint: str = ""
    step: str = ""
    seconds: float | None = None
    note: str = ""
    place: str = ""
    answers: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the answer is right."""
        return self.mistake is None

    @property
    def tells_answers(self) -> bool:
        """Whether the record says which answers to questions on a student's own code are right."""
        return self.exercise.startswith(EXPLAIN) and self.mistake in (None, "wrong-answers")

    @property
    def data(self) -> dict[str, Any]:
        """What a test cell's output holds under `RECORD_TYPE`; `record_in` reads it."""
        told = {**asdict(self), "passed": self.passed, "answers": list(self.answers)}
        if not self.answers:
            del told["answers"]
        return told


@dataclass(frozen=True)
class GradedNotebook:
    """All that a graded notebook tells.

    Attributes
    ----------
    records : tuple of Record
        In the notebook's order.
    events : tuple of str
        What happened while it was graded, a line each: ``"kernel died in cell 7"``.
    flags : tuple of str
        What the instructor should look at, a line each.
    seconds : float or None
        How long grading took.
    protected : bool
        Whether a wall protected the marks from the submission; False with ``isolation=none``.
    """

    records: tuple[Record, ...]
    events: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    seconds: float | None = None
    protected: bool = True


@dataclass(frozen=True)
class Questions:
    """The questions on a student's own code, described by the same attributes as a task.

    Attributes
    ----------
    exercise : Task
        The exercise that they ask about.
    """

    exercise: Task

    @property
    def id(self) -> str:
        """The id in records, such as ``"explain-eq5"``."""
        return f"{EXPLAIN}{self.exercise.id}"

    @property
    def equation(self) -> str:
        """The place of the exercise in the paper."""
        return self.exercise.equation

    @property
    def title(self) -> str:
        """What they are, in words."""
        return "questions on your own code"


def task_by_id(id: str) -> "Task | Questions | None":
    """Return what a record is about; None if it is an instructor's own test.

    Parameters
    ----------
    id : str
        The record's.
    """
    if id.startswith(EXPLAIN) and (exercise := EXERCISES.get(id.removeprefix(EXPLAIN))):
        return Questions(exercise)
    return TASKS.get(id)


def known(record: Record) -> "Task | Questions":
    """Return what a record of one of the course's own tests is about.

    Raises
    ------
    KeyError
        If it is an instructor's own test.
    """
    if (task := task_by_id(record.exercise)) is None:
        raise KeyError(record.exercise)
    return task


def read_graded(path: Path) -> GradedNotebook:
    """Read what a graded notebook tells: its records, and what happened while it was graded.

    Parameters
    ----------
    path : Path
        A notebook in nbgrader's ``autograded`` folder.

    Raises
    ------
    OSError
        If there is no such file.
    ValueError
        If it is not a notebook.
    """
    # nbformat would validate every cell first, which takes ten times as long
    try:
        notebook = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is not a notebook: {error}") from error
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise ValueError(f"{path} is not a notebook of format 4: it has no list of cells")
    return graded_in(notebook)


def graded_in(notebook: Mapping[str, Any]) -> GradedNotebook:
    """Return what a graded notebook tells, as `read_graded` does."""
    told = _dict(_dict(notebook.get("metadata")).get("bplab"))
    return GradedNotebook(
        tuple(records_of(notebook)),
        _lines(told.get("events")),
        _lines(told.get("flags")),
        _number(told.get("seconds")),
        told.get("isolation") != Isolation.NONE,
    )


def read_records(path: Path) -> list[Record]:
    """Read the records of an autograded notebook, one for each test cell that left any.

    Parameters
    ----------
    path : Path
        A notebook in nbgrader's ``autograded`` folder.

    Returns
    -------
    list of Record
        In the notebook's order.
    """
    return list(read_graded(path).records)


def records_of(notebook: Mapping[str, Any]) -> list[Record]:
    """Read the records of an executed notebook, as `read_records` does."""
    tests = (cell for cell in map(_dict, notebook["cells"]) if noted(cell).get("grade"))
    return [record for cell in tests if (record := record_in(cell)) is not None]


def noted(cell: Any) -> Mapping[str, Any]:
    """Return what nbgrader noted of a cell; empty if it is not one of the course's."""
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return nbgrader if isinstance(nbgrader, dict) else {}


def grade_id(cell: Any) -> str:
    """Return nbgrader's name of a cell; an empty string if it has none."""
    id = noted(cell).get("grade_id")
    return id if isinstance(id, str) else ""


def record_in(cell: Mapping[str, Any]) -> Record | None:
    """Read the record that a test cell's checks left; the last one, if there are several."""
    data = (_dict(_dict(output).get("data")) for output in _list(cell.get("outputs")))
    found = [record for one in data if (record := _record(one.get(RECORD_TYPE))) is not None]
    return found[-1] if found else None


def _record(told: object) -> Record | None:
    if not isinstance(told, dict) or not isinstance(told.get("exercise"), str):
        return None
    return Record(
        exercise=_text(told["exercise"]),
        points=_number(told.get("points")) or 0.0,
        max_points=_number(told.get("max_points")) or 0.0,
        mistake=None if told.get("passed") is True else _text(told.get("mistake")) or "unnamed",
        seconds=_number(told.get("seconds")),
        answers=_lines(told.get("answers"))[:MOST_ANSWERS],
        **{name: _text(told.get(name)) for name in ("says", "hint", "step", "note", "place")},
    )


def _dict(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _text(value: object) -> str:
    """The beginning of a text, without what would move a terminal's cursor or hide words."""
    if not isinstance(value, str):
        return ""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in value[:LONGEST])


def _number(value: object) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _lines(value: object) -> tuple[str, ...]:
    return tuple(_text(line) for line in _list(value) if isinstance(line, str))[:MOST]


# --- what a student reads -----------------------------------------------------------------


def cell_outputs(result: Record) -> list[NotebookNode]:
    """Return a test cell's outputs: the words, and what nbgrader reads the points from.

    Parameters
    ----------
    result : Record
    """
    task = task_by_id(result.exercise)
    words = {"text/plain": result.says}  # of a test that is the instructor's own
    if task is not None:
        words = {"text/plain": task_text(task, result), "text/html": task_html(task, result)}
    shown = {**words, RECORD_TYPE: result.data}
    outputs = [nbformat.v4.new_output("display_data", data=shown)]
    if result.points >= result.max_points:
        return outputs
    points = f"{result.points:g} of {counted(result.max_points, 'point')}"
    if result.points:
        data = {"text/plain": f"{result.points:g}"}
        return [*outputs, nbformat.v4.new_output("execute_result", data=data)]
    return [
        *outputs,
        nbformat.v4.new_output("error", ename="CheckFailed", evalue=points, traceback=[points]),
    ]


def nothing_graded(
    released: NotebookNode, mistake: str, why: str, hint: str = ""
) -> tuple[NotebookNode, tuple[Record, ...]]:
    """Return the released notebook with 0 points for all that a machine marks, and its records.

    Parameters
    ----------
    released : NotebookNode
        Not changed.
    mistake : str
        What class reports call it.
    why, hint : str
        A sentence each; the student reads them, too.
    """
    notebook = nbformat.from_dict(released)
    records = []
    for cell in notebook.cells:
        about = noted(cell)
        if cell.cell_type == "code" and about.get("grade"):
            id, most = about["grade_id"].removeprefix(TEST), float(about["points"])
            records.append(Record(id, 0.0, most, mistake, why, hint, seconds=0.0, note=why))
            cell.outputs = cell_outputs(records[-1])
    notebook.cells.insert(0, nbformat.v4.new_markdown_cell(f"**Nothing was graded.** {why}"))
    return notebook, tuple(records)


def not_read(
    released: NotebookNode, name: str, why: str
) -> tuple[NotebookNode, tuple[Record, ...]]:
    """Return the same for a file that is not this assignment's notebook; the records say why."""
    return nothing_graded(
        released,
        "unreadable",
        f"The notebook was not read: {why}.",
        f"Hand in {name}.ipynb, the notebook itself.",
    )


def say_first(notebook: NotebookNode, lines: Sequence[str]) -> None:
    """Put lines above a graded notebook that tell the student about the files handed in.

    Parameters
    ----------
    notebook : NotebookNode
        Changed.
    lines : sequence of str
        They may hold a student's words; nothing in them is treated as markup.
    """
    if lines:
        plain = (_MARKUP.sub(lambda found: f"&#{ord(found[0])};", line) for line in lines)
        listed = "".join(f"\n- {line}" for line in plain)
        words = f"**About the files that were handed in:**\n{listed}"
        notebook.cells.insert(0, nbformat.v4.new_markdown_cell(words))


@dataclass(frozen=True)
class Told:
    """What a student is told of an exercise, as plain text; empty where there is nothing to say.

    Attributes
    ----------
    verdict : str
        ``"✗ Not right: 0 of 3 points"``.
    says : str
        The mistake in a sentence.
    rest : tuple of str
        What happened to the cell, the hint, the wrong line, the answers to questions, and why there
        are points nevertheless.
    named : str
        The step that goes wrong, and the mistake's name for the instructor and the course.
    """

    verdict: str
    says: str
    rest: tuple[str, ...]
    named: str


def told(task: Task | Questions, result: Record) -> Told:
    """Return what a student is told of one exercise.

    Parameters
    ----------
    task : Task or Questions
    result : Record
    """
    rest = (*_rest(result), *map(_cut, result.answers), *_kept(result))
    return Told(_verdict(result), _says(result), rest, _named(task, result))


def task_html(task: Task | Questions, result: Record) -> str:
    """Return what a graded notebook shows of one exercise, as HTML of its own.

    The equation links to the student's code: nbgrader's own pages have an anchor ``comment-<id>``
    there, below the section that asks for it.

    Parameters
    ----------
    task : Task or Questions
    result : Record

    Returns
    -------
    str
        One ``<div>``, with styles of its own, and without scripts, ids or links to other pages.
    """
    said = told(task, result)
    colour = BLUE if result.mistake is None else ORANGE if result.points > 0 else GREY
    about = (
        f'<a href="#comment-{_quoted(task.id.removeprefix(EXPLAIN))}">{_quoted(task.equation)}</a>'
        f" · {_quoted(task.title)}"
    )
    lines = [
        f"<strong>{_quoted(said.verdict)}</strong> · {about}",
    ]
    if said.says:
        lines.append(f"<strong>{_quoted(said.says)}</strong>")
    lines += map(_quoted, said.rest)
    if small := _quoted(said.named):
        lines.append(f'<small style="color:#595959">{small}</small>')
    body = "".join(f'<p style="margin:.25em 0">{line}</p>' for line in lines)
    return (
        f'<div style="border-left:5px solid {colour};padding:.2em .8em;margin:.3em 0;'
        f'max-width:46em;line-height:1.45;white-space:normal">{body}</div>'
    )


def task_text(task: Task | Questions, result: Record) -> str:
    """Return the same as plain text, a line for each thing to say.

    Parameters
    ----------
    task : Task or Questions
    result : Record
    """
    said = told(task, result)
    first = f"{said.verdict} · {task.equation} · {task.title}"
    return "\n".join(line for line in (first, said.says, *said.rest, said.named) if line)


def task_line(task: Task | Questions, result: Record, *, points: bool = True) -> str:
    """Return the same in one line, for a cell of a table.

    Parameters
    ----------
    task : Task or Questions
    result : Record
    points : bool, optional
        Whether it begins with the exercise and its points.
    """
    begins = f"{task.id} ({task.equation}): {_points(result)}." if points else ""
    return " ".join(_ended(text) for text in (begins, _says(result), *_rest(result)) if text)


def _points(result: Record) -> str:
    return f"{result.points:.3g} of {counted(f'{result.max_points:.3g}', 'point')}"


def _verdict(result: Record) -> str:
    points = _points(result)
    if result.mistake is None:
        return f"✓ Right: {points}"
    return f"{'◐ Partly right' if result.points > 0 else '✗ Not right'}: {points}"


def _says(result: Record) -> str:
    if result.mistake is None:
        return ""
    if result.mistake == "raises":
        return _error(result.says)
    return _cut(result.says)


def _rest(result: Record) -> tuple[str, ...]:
    """What happened to the cell, the hint, and the line that goes wrong."""
    told = result.mistake is not None and result.note == result.says
    note = f"What happened: {_ended(_cut(result.note))}" if result.note and not told else ""
    hint = _cut(result.hint) if result.mistake is not None else ""
    place = _cut(result.place) if result.mistake is not None else ""
    return tuple(text for text in (note, hint, place) if text)


def _kept(result: Record) -> tuple[str, ...]:
    """Why there are points although the answer is not right."""
    if result.mistake is None or result.points <= 0 or result.answers:
        return ()
    kept = counted(f"{result.points:.3g}", "point is", "points are")
    return (f"{kept} kept for what is right in it.",)


def _named(task: Task | Questions, result: Record) -> str:
    """The step that goes wrong, and the mistake's name for the instructor and the course."""
    if result.mistake is None:
        return ""
    step = f"Step: {_cut(result.step)}. " if result.step else ""
    seen = result.mistake in UNSEEN or isinstance(task, Questions)
    cases = "" if seen else f" {OTHER_CASES}"
    return f"{step}[{task.id}/{_cut(result.mistake)}]{cases}"


def _error(says: str) -> str:
    """The error that the student's own code raised: its kind, and its words without numbers.

    The oracle tells the kind only. Words of the error are in notebooks that an earlier version
    graded, and in test cells with an instructor's own code.
    """
    words = [
        "…" if len(word) > LONG_WORD or any(c.isdigit() for c in word) else word
        for word in _cut(says).split()
    ]
    shown = re.sub(r"…( …)+", "…", " ".join(words))
    if len(shown) <= SHOWN_ERROR:
        return shown
    return shown[:SHOWN_ERROR].rstrip(" …") + " …"


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _cut(text: str) -> str:
    clean = "".join(c if c.isprintable() else " " for c in text)
    return clean if len(clean) <= SHOWN else clean[:SHOWN].rstrip() + " …"


def _quoted(text: str) -> str:
    return html.escape(text, quote=True)
