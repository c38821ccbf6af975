"""Where a learner's function goes wrong, on request: what is right, the line, and its numbers."""

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bplab.errors import called_as
from bplab.exercises.check import last_check
from bplab.exercises.first_wrong import (
    QUOTED,
    Entry,
    FirstWrong,
    Numbers,
    all_words,
    is_tried,
)
from bplab.exercises.judging import PLACED, Finding, told_apart
from bplab.exercises.page import block
from bplab.exercises.registry import TASKS
from bplab.exercises.task import Task
from bplab.languages import told

__all__ = ["Where", "where"]


@dataclass(frozen=True)
class Where:
    """What is known about the place where a function goes wrong.

    Attributes
    ----------
    exercise : Exercise or Challenge
    finding : Finding or None
        What `check` found; None if the check was stopped.
    first_wrong : FirstWrong or None
        The steps that are right so far, and the wrong line if it is proven.
    numbers : Numbers or None
        The learner's value and the one that is due, in one visible case.
    looked : bool
        Whether a line was looked for. Where no line can be wrong, as in a starter, it is not.
    tried : bool
        Whether changes to the function's text could be tried.
    """

    exercise: Task
    finding: Finding | None
    first_wrong: FirstWrong | None = None
    numbers: Numbers | None = None
    looked: bool = True
    tried: bool = True

    @property
    def _title(self) -> str:
        task = self.exercise
        return f"{task.id} · {task.equation} · {task.title}: where it goes wrong"

    @property
    def _has_a_place(self) -> bool:
        """Whether the finding of `check` already names the place."""
        return self.finding is not None and self.finding.name in PLACED

    @property
    def _lines(self) -> list[str]:
        found = self.first_wrong
        lines = all_words(found) if found is not None else []
        if found is None or not found.proven:
            if self.looked and not self._has_a_place:
                lines.append(_UNPROVEN if self.tried else _UNTRIED)
            if self.finding is not None:
                lines.append(f"What check found: {self.finding.says}")
        return lines

    def __repr__(self) -> str:
        lines = [self._title, *self._lines]
        if (table := self.numbers) is not None:
            lines += ["", *_heads(table)]
        shown = [s if s.startswith(QUOTED) else told(s) for s in lines]
        return "\n".join([*shown, *_rows(table)])

    def _repr_html_(self) -> str:
        return block(self._title, self._lines, "#767676", below=_folded(self.numbers))


_UNPROVEN = (
    "No line could be proven to be wrong: no small change that was tried makes every answer right, "
    "or changes in several lines would."
)
_UNTRIED = (
    "No line was looked for. Small changes are tried only in a plain def or lambda that can be "
    "read from its cell and that only computes: without global, a class or a decorator, and "
    "without %%time or the like above it."
)


# --- the table ------------------------------------------------------------------------------


def _heads(table: Numbers) -> Iterator[str]:
    """Yield the lines above the table: what is compared, and where."""
    if table.rounds:
        yield f"First wrong at {_at(table.rounds)}."
    yield f"In case {table.case}:"
    mine, due = table.shapes
    if mine != due:
        yield f"{_mine(table)} has the shape {mine}, and {due} is due."
    else:
        named = ": ".join(told(text) for text in (table.what, table.due) if text)
        yield f"{told('yours')}: {told(_mine(table))}"
        yield f"{told('due')}: {named}"


def _at(rounds: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in rounds)


def _mine(table: Numbers) -> str:
    name, at = table.name, _at(table.when)
    if at:
        return f"{name} at {at}" if name else f"what your line returns at {at}"
    return name or "what your line returns"


def _columns() -> tuple[str, str, str]:
    return told("entry"), told("yours"), told("due")


def _rows(table: Numbers | None) -> Iterator[str]:
    """Yield the rows of the table as text."""
    if table is None or not table.entries:
        return
    cells = [_columns()]
    cells += [(one.at, *_both(one)) for one in table.entries]
    widths = [max(len(row[n]) for row in cells) for n in range(3)]
    for n, row in enumerate(cells):
        mark = "  ✗" if n and table.entries[n - 1].differs else ""
        yield "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) + mark
    if more := _more(table):
        yield told(more)


def _both(one: Entry) -> tuple[str, str]:
    """Write the two numbers with six digits; with more where they differ and six do not show it."""
    both = f"{one.mine:.6g}", f"{one.due:.6g}"
    return told_apart(one.mine, one.due) if one.differs and both[0] == both[1] else both


def _more(table: Numbers) -> str:
    shown = len(table.entries)
    return f"{shown} of {table.of} entries are shown." if 0 < shown < table.of else ""


_CELL = "text-align:right;padding:1px 8px;border:1px solid currentColor;background:none"


def _folded(table: Numbers | None) -> str:
    """Return the table behind a button that works with mouse and keys, even without a kernel."""
    if table is None:
        return ""
    heads = "".join(f"<div>{html.escape(told(line))}</div>" for line in _heads(table))
    top = "".join(
        f'<th scope="col" style="{_CELL}">{html.escape(name)}</th>' for name in _columns()
    )
    body = "".join(
        f'<tr><th scope="row" style="{_CELL};font-weight:normal">{one.at}</th>'
        f'<td style="{_CELL}">{mine}{_mark(one.differs)}</td>'
        f'<td style="{_CELL}">{due}</td></tr>'
        for one in table.entries
        for mine, due in [_both(one)]
    )
    grid = (
        f'<div tabindex="0" role="region" aria-label="{html.escape(told("The numbers"))}" '
        'style="overflow-x:auto"><table style="border-collapse:collapse;margin:.4em 0;'
        'font-variant-numeric:tabular-nums">'
        f"<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"
        if table.entries
        else ""
    )
    more = f"<div>{html.escape(told(_more(table)))}</div>" if _more(table) else ""
    return (
        '<details style="margin-top:.4em"><summary style="cursor:pointer;width:max-content">'
        f"{html.escape(told('Show me the numbers'))}</summary>{heads}{grid}{more}</details>"
    )


def _mark(differs: bool) -> str:
    """Return the mark of a wrong number, for the eye and for a screen reader."""
    if not differs:
        return ""
    return f' <span role="img" aria-label="{html.escape(told("differs"))}">✗</span>'


@called_as('where("eq5")')
def where(id: str) -> Where:
    """Say where the function goes wrong that was checked last in an exercise.

    The function is run again and its values are compared with the derivation; then small changes
    to its text are tried, for about a second. That shows which steps are right so far, and in which
    line one change makes every answer right, even on new cases. If nothing is proven, `where` says
    so. It does not tell the change itself.

    Behind *Show me the numbers* is a table for one visible case: the value that the line leaves
    behind, and the finite difference that is due there.

    Parameters
    ----------
    id : str
        Which exercise, e.g. ``"eq5"``.

    Returns
    -------
    Where
        Shown when it is the last line of a cell.

    Raises
    ------
    NoFailingCase
        If there was no check in this session, or the last one passed.
    ValueError
        If there is no such exercise.
    """
    task = TASKS.find(id)
    last = last_check(task)
    if last.search is None:
        return Where(task, last.finding, looked=False)
    found, table = last.search.place, last.search.numbers
    return Where(task, last.finding, found, table, tried=is_tried(last.search.trial))
