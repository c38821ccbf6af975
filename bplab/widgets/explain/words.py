"""What came of questions on one's own code."""

from bplab.exercises import OwnCode

__all__ = ["summary"]


def summary(session: OwnCode) -> str:
    """Return how many answers were right, and what to do next."""
    good, id = sum(right for _, right in session.answered), session.exercises[0]
    then = f'Once more, with other questions: explain("{id}")'
    if len(session.answered) < len(session.made):
        then = f'For other questions: explain("{id}")'
    elif session.all_right:
        then = f"You have explained {id}; progress() keeps it."
    return f"{good} of {len(session.answered)} right. {then}"
