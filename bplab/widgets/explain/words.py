"""What came of questions on one's own code."""

from bplab.exercises import OwnCode

__all__ = ["summary"]


def summary(session: OwnCode) -> str:
    """Return how many answers were right, and what to do next."""
    good = sum(right for _, right in session.answered)
    said = f"{good} of {len(session.answered)} right."
    id = session.exercises[0]
    if len(session.answered) < len(session.made):
        return f'{said} For other questions: explain("{id}")'
    if session.all_right:
        return f"{said} You have explained {id}; progress() keeps it."
    return f'{said} Once more, with other questions: explain("{id}")'
