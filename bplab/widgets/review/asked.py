"""`review`: a session in a panel, or as plain text where there is no notebook."""

import html
import sys
import textwrap
from collections.abc import Callable
from typing import Any

from bplab.errors import called_as
from bplab.exercises import KINDS, Item, Questions, Session, begin_review
from bplab.languages import told
from bplab.widgets.review import curves, words
from bplab.widgets.review.panel import ReviewPanel

__all__ = ["Said", "ask", "in_notebook", "posed", "review"]

ALL_KINDS = {**KINDS, "curve": Questions(curves.EXERCISES, curves.which_curve)}
"""The kinds of questions of `bplab.exercises`, and the one that needs trainings."""

STOP = "q"
COLUMNS = 88


class Said(str):
    """A sentence, shown as it is at the end of a cell."""

    def __repr__(self) -> str:
        return told(str(self))

    def _repr_html_(self) -> str:
        # plain text would be wrapped in the middle of words
        return f"<p>{html.escape(told(str(self)))}</p>"


@called_as("review()")
def review(
    *,
    section: str | None = None,
    before: str | None = None,
    items: int = 6,
    now: bool | None = None,
    seed: int | None = None,
) -> "ReviewPanel | Said | None":
    """Ask a few questions about exercises that you have passed; it takes about five minutes.

    The questions are made from known mistakes and small networks, with new numbers each time; the
    right answers are found by running code. An exercise comes again 1, 3, 7 and 21 days after it
    has passed or a right answer was given, and one day after a wrong answer. Results are kept with
    your progress, on this computer.

    In a notebook the questions come in a panel. Elsewhere they come as plain text, and ``q`` ends
    them.

    Parameters
    ----------
    section : str, optional
        Only this section, e.g. ``"section_2_1"``.
    before : str, optional
        Only the sections before this one.
    items : int
        The number of questions, at most 100.
    now : bool, optional
        Whether to ask even if nothing is due today. The default is to do so only if ``section`` or
        ``before`` is given.
    seed : int, optional
        The same seed gives the same questions again.

    Returns
    -------
    ReviewPanel, str or None
        Shown if it is the last line of a cell. A sentence if there is nothing to ask; None if the
        questions were asked in plain text.

    Raises
    ------
    ValueError
        If an argument is not as described.
    """
    named = section is not None or before is not None
    session = begin_review(
        section=section,
        before=before,
        items=items,
        now=named if now is None else bool(now),
        seed=seed,
        kinds=ALL_KINDS,
    )
    if not session.exercises:
        return Said(words.NOTHING_PASSED if named else words.NOTHING_DUE)
    first = words.ITEMS_OF_SECTION_0 if session.folder is None else ""
    if in_notebook():
        return ReviewPanel(session, first)
    ask(session, first, read=input, write=print)
    return None


def ask(
    session: Session,
    first: str,
    *,
    read: Callable[[str], str],
    write: Callable[[str], Any],
    summary: Callable[[Any], str] = words.summary,
) -> None:
    """Ask the questions in plain text, until the input ends or ``q`` is entered."""
    if first:
        write(_filled(first))
    count = len(session.exercises)
    try:
        for number, item in enumerate(session.items(), 1):
            write(f"\n{told(words.heading(item, number, count))}")
            right = _one(item, read, write)
            if right and item.then is not None:
                right = _one(item.then, read, write)
            session.note(item, right)
    except (EOFError, KeyboardInterrupt):
        pass
    write(f"\n{_filled(summary(session))}")


def _one(item: Item, read: Callable[[str], str], write: Callable[[str], Any]) -> bool:
    """Ask one question; return whether the answer is right."""
    write(posed(item))
    numbers = [str(i) for i in range(1, len(item.choices) + 1)]
    prompt = told(f"1 to {len(numbers)}, or {STOP} to stop:")
    while (given := read(f"{prompt} ").strip()) not in numbers:
        if given == STOP:
            raise EOFError
    chosen = item.choices[int(given) - 1]
    right = chosen is item.answer
    write(_filled(f"Right: {chosen.because}" if right else f"Not so: {chosen.because}"))
    if not right:
        write(_filled(f"Right is “{item.answer.text}”: {item.answer.because}"))
    return right


def posed(item: Item, marks: str = "123456789") -> str:
    """Return a question with its numbers and choices as plain text.

    Parameters
    ----------
    item : Item
    marks : str
        The signs before the choices, one for each.
    """
    lines = [_filled(item.question)]
    lines += [f"  {i:>2}  {line}" for i, line in enumerate(item.code, 1)]
    for table in item.tables:
        rows = words.cells(table)
        width = max((len(cell) for row in rows for cell in row), default=0)
        lines.append(f"  {table.name}")
        lines += ["    " + "  ".join(cell.rjust(width) for cell in row) for row in rows]
    lines += [_filled(picture.alt) for picture in item.pictures]
    for mark, choice in zip(marks, item.choices, strict=False):
        lines.append(_filled(choice.text, indent="   ", begin=f"{mark}  "))
    return "\n".join(lines)


def _filled(text: str, indent: str = "", begin: str = "") -> str:
    return textwrap.fill(told(text), COLUMNS, initial_indent=begin, subsequent_indent=indent)


def in_notebook() -> bool:
    """Whether the code runs in a kernel, which can show widgets."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return getattr(shell, "kernel", None) is not None
