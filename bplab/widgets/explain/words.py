"""Texts around the questions about the learner's own code, and the summary at the end."""

from bplab.exercises import LETTERS, Answers, OwnCode, Sheet

__all__ = ["COPY", "heading", "noted", "summary"]

COPY = (
    "To find an answer, change a copy of your function and run it. Then put this line into the "
    "cell below, with your letters in place of the question marks:"
)


def heading(exercise: str, number: int, count: int) -> str:
    """Return the line above a question that earns points."""
    return f"Question {number} of {count} · {exercise}"


def noted(sheet: Sheet, answers: Answers) -> str:
    """Return what is said of a line of answers before grading: noted, or what is wrong with it."""
    exercise, count = sheet.exercise, len(sheet.items)
    again = f'Run explain("{exercise}", counts=True) once more, and take its line.'
    given = set(answers.letters)
    if not answers.given:
        return f'Not answered yet: explain("{exercise}", counts=True) has the questions.'
    if not sheet.is_of_this_code(answers):
        return f"These answers belong to other code than your function has now. {again}"
    if answers.code != sheet.code:
        return f"These answers belong to other questions. {again}"
    if len(answers.letters) != count or not given <= set(LETTERS):
        first, last = LETTERS[0], LETTERS[-1]
        return f"There are {count} questions: give each a letter from {first} to {last}."
    letters = ", ".join(f"{i} {letter}" for i, letter in enumerate(answers.letters, 1))
    return f"Your answers: {letters}. They are marked when your notebook is graded."


def summary(session: OwnCode) -> str:
    """Return how many answers were right, and what to do next."""
    good, id = sum(right for _, right in session.answered), session.exercises[0]
    then = f'Once more, with other questions: explain("{id}")'
    if len(session.answered) < len(session.made):
        then = f'For other questions: explain("{id}")'
    elif session.all_right:
        then = f"You have explained {id}; progress() keeps it."
    return f"{good} of {len(session.answered)} right. {then}"
