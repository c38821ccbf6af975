"""The texts around a review's questions: headings, and summaries of the answers."""

from collections import Counter

from bplab.exercises import Item, Session, Table, shown

__all__ = [
    "ITEMS_OF_SECTION_0",
    "NOTHING_DUE",
    "NOTHING_PASSED",
    "cells",
    "heading",
    "spoken",
    "summary",
]

NOTHING_DUE = (
    "Nothing to review today: what you have passed comes again after 1, 3, 7 and 21 days. "
    "review(now=True) asks all the same."
)
NOTHING_PASSED = (
    "You have not passed any of these exercises yet, so there is nothing to review: answer the "
    "questions of the notebook instead."
)
ITEMS_OF_SECTION_0 = (
    "Nothing has passed yet. Once check has passed a function of yours, review() asks about it, "
    "on the day after and then less and less often. To see what it is like, here are questions on "
    "section 0; nothing of it is noted."
)


def heading(item: Item, number: int, count: int) -> str:
    """Return the line above a question."""
    return f"Question {number} of {count} · {item.exercise}"


def cells(table: Table) -> list[list[str]]:
    """Return a table's numbers as shown, by rows; the matrices of a 3-D array are stacked."""
    values = table.values
    if values.ndim < 2:
        return [[shown(float(value)) for value in values.reshape(-1)]]
    rows = values.reshape(-1, values.shape[-1])
    return [[shown(float(value)) for value in row] for row in rows]


def spoken(session: Session, right: bool) -> str:
    """Return the first words of the comment on an answer."""
    return "✓ Right." if right else "✗ Not so."


def summary(session: Session) -> str:
    """Return sentences that sum up a session."""
    good = sum(right for _, right in session.answered)
    said = f"{good} of {len(session.answered)} right."
    wrong = Counter(item.exercise for item, right in session.answered if not right)
    if session.folder is None:
        return f"{said} Nothing is noted: nothing has passed yet."
    if wrong:
        said += f" Tomorrow again: {', '.join(wrong)}."
    fine = {item.exercise for item, right in session.answered if right} - set(wrong)
    if fine:
        said += f" Later, as it went well: {', '.join(sorted(fine))}."
    return said
