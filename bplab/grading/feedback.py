"""What a test cell shows once it is graded: what was lost, why, and what to do about it.

Nothing of the hidden cases is in it: no numbers, no sizes, no expected arrays. What an error of
the student's own code says is shown without numbers and in short, for code that wants to can put
anything there, a hidden case too. All is escaped.
"""

import html
import re

import nbformat
from nbformat import NotebookNode

from bplab.exercises import RECORD_TYPE, TASKS, Task
from bplab.grading.records import TEST, Record

__all__ = ["cell_outputs", "nothing_graded", "task_html", "task_line", "task_text"]

BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#767676"
"""Those of the course's figures (`bplab.plots`), which would load matplotlib."""

LONGEST, LONGEST_ERROR = 400, 160
LONG_WORD = 32

UNSEEN = ("not-handed-in", "not-written", "unreadable")
"""Mistakes of those who left nothing to be called: cases had no part in it."""

OTHER_CASES = "Marked on other cases than those in the notebook; check shows numbers there."


def cell_outputs(result: Record) -> list[NotebookNode]:
    """Return a test cell's outputs: the words, and what nbgrader reads the points from.

    Parameters
    ----------
    result : Record
    """
    task = TASKS.get(result.exercise)
    words = {"text/plain": result.says}  # of a test that is the instructor's own
    if task is not None:
        words = {"text/plain": task_text(task, result), "text/html": task_html(task, result)}
    shown = {**words, RECORD_TYPE: result.data}
    outputs = [nbformat.v4.new_output("display_data", data=shown)]
    if result.points >= result.max_points:
        return outputs
    points = f"{result.points:g} of {result.max_points:g} points"
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
        about = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and about.get("grade"):
            id, most = about["grade_id"].removeprefix(TEST), float(about["points"])
            records.append(Record(id, 0.0, most, mistake, why, hint, seconds=0.0, note=why))
            cell.outputs = cell_outputs(records[-1])
    notebook.cells.insert(0, nbformat.v4.new_markdown_cell(f"**Nothing was graded.** {why}"))
    return notebook, tuple(records)


def task_html(task: Task, result: Record) -> str:
    """Return what a feedback page shows of one exercise, as HTML of its own.

    The equation leads to the student's code: nbgrader's pages have an anchor ``comment-<id>``
    there, below the section that asks for it.

    Parameters
    ----------
    task : Task
    result : Record

    Returns
    -------
    str
        One ``<div>``, with styles of its own and no scripts, ids or links to elsewhere.
    """
    colour = BLUE if result.mistake is None else ORANGE if result.points > 0 else GREY
    about = (
        f'<a href="#comment-{_quoted(task.id)}">{_quoted(task.equation)}</a>'
        f" · {_quoted(task.title)}"
    )
    lines = [
        f"<strong>{_quoted(_verdict(result))}</strong> · {about}",
        *(f"<strong>{_quoted(text)}</strong>" for text in filter(None, [_says(result)])),
        *(_quoted(text) for text in (*_rest(result), *_kept(result))),
    ]
    if small := _quoted(_named(task, result)):
        lines.append(f'<small style="color:#595959">{small}</small>')
    body = "".join(f'<p style="margin:.25em 0">{line}</p>' for line in lines)
    return (
        f'<div style="border-left:5px solid {colour};padding:.2em .8em;margin:.3em 0;'
        f'max-width:46em;line-height:1.45;white-space:normal">{body}</div>'
    )


def task_text(task: Task, result: Record) -> str:
    """Return the same as plain text, a line for each thing to say.

    Parameters
    ----------
    task : Task
    result : Record
    """
    first = f"{_verdict(result)} · {task.equation} · {task.title}"
    lines = [first, _says(result), *_rest(result), *_kept(result), _named(task, result)]
    return "\n".join(line for line in lines if line)


def task_line(task: Task, result: Record) -> str:
    """Return the same in one line, for a cell of a table.

    Parameters
    ----------
    task : Task
    result : Record
    """
    points = f"{task.id} ({task.equation}): {_points(result)}."
    return " ".join(_ended(text) for text in (points, _says(result), *_rest(result)) if text)


def _points(result: Record) -> str:
    return f"{result.points:.3g} of {result.max_points:.3g} points"


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
    """What happened to the cell, and the hint."""
    told = result.mistake is not None and result.note == result.says
    note = f"What happened: {_ended(_cut(result.note))}" if result.note and not told else ""
    hint = _cut(result.hint) if result.mistake is not None else ""
    return tuple(text for text in (note, hint) if text)


def _kept(result: Record) -> tuple[str, ...]:
    """Why there are points all the same."""
    if result.mistake is None or result.points <= 0:
        return ()
    return (f"{result.points:.3g} points are kept for what is right in it.",)


def _named(task: Task, result: Record) -> str:
    """Where it is, and its name, by which the instructor and the course know it."""
    if result.mistake is None:
        return ""
    step = f"Step: {_cut(result.step)}. " if result.step else ""
    cases = "" if result.mistake in UNSEEN else f" {OTHER_CASES}"
    return f"{step}[{task.id}/{_cut(result.mistake)}]{cases}"


def _error(says: str) -> str:
    """What the student's own code raised: its kind, and its words without numbers."""
    words = [
        "…" if len(word) > LONG_WORD or any(c.isdigit() for c in word) else word
        for word in _cut(says).split()
    ]
    shown = re.sub(r"…( …)+", "…", " ".join(words))
    if len(shown) <= LONGEST_ERROR:
        return shown
    return shown[:LONGEST_ERROR].rstrip(" …") + " …"


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _cut(text: str) -> str:
    clean = "".join(c if c.isprintable() else " " for c in text)
    return clean if len(clean) <= LONGEST else clean[:LONGEST].rstrip() + " …"


def _quoted(text: str) -> str:
    return html.escape(text, quote=True)
