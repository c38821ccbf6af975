"""Questions that earn points, the same for the learner and the grader, and the answers to them.

They are drawn from the function's own text, as Python reads it: comments, blank lines and line
breaks make no difference. The line with the answers says which questions it answers, so that
answers on other code are recognised.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from bplab.exercises.explain.code import Code
from bplab.exercises.explain.session import draw, own_code
from bplab.exercises.review.item import Item

__all__ = [
    "EXPLAIN",
    "LETTERS",
    "QUESTIONS",
    "UNANSWERED",
    "Answers",
    "Sheet",
    "answer_line",
    "begin_counted",
    "read_answers",
    "sheet_of",
]

EXPLAIN = "explain-"
"""The id of a graded cell with questions is this and the exercise's id."""

QUESTIONS = 3
LETTERS = "abcd"
UNANSWERED = "?"


@dataclass(frozen=True)
class Answers:
    """What a line ``explained("eq5", "b", "a", "c", code="…")`` says.

    Attributes
    ----------
    letters : tuple of str
        The answers in lower case: letters, `UNANSWERED`, or whatever else was written.
    code : str
        Which questions they answer: see `Sheet`.
    """

    letters: tuple[str, ...]
    code: str

    @property
    def given(self) -> bool:
        """Whether any question is answered."""
        return bool(set(self.letters) - {UNANSWERED, ""})


@dataclass(frozen=True)
class Sheet:
    """The questions on one function.

    Attributes
    ----------
    exercise : str
        Its id.
    items : tuple of Item
        Three, or fewer if no more could be made.
    code : str
        Identifies the questions: four letters for the function, and four for the questions.
    """

    exercise: str
    items: tuple[Item, ...]
    code: str

    def is_of_this_code(self, answers: Answers) -> bool:
        """Whether the answers are to questions on this function."""
        return answers.code.partition("-")[0] == self.code.partition("-")[0]

    def marked(self, answers: Answers) -> list[bool]:
        """Return which answers are right; a missing one is not."""
        letters = [*answers.letters, *[UNANSWERED] * len(self.items)]
        return [
            letter == LETTERS[item.right] for item, letter in zip(self.items, letters, strict=False)
        ]


def sheet_of(code: Code) -> Sheet:
    """Draw the questions that earn points, always the same ones for the same code.

    Parameters
    ----------
    code : Code
        See `Code.plain`.
    """
    exercise, digest = code.exercise.id, code.digest
    seed = hashlib.sha256(f"{exercise}:{digest}".encode()).digest()
    items = draw(code, np.random.default_rng(int.from_bytes(seed)), QUESTIONS)
    # without numbers: another machine may round a last digit differently
    asked = [_NUMBER.sub("", text) for item in items for text in _texts(item)]
    return Sheet(exercise, tuple(items), f"{digest[:4]}-{_short(asked)}")


def begin_counted(id: str) -> "Sheet | str":
    """Return the questions on a learner's own function; a sentence if there are none.

    Raises
    ------
    ValueError
        If there is no such exercise.
    """
    code = own_code(id)
    if isinstance(code, str):
        return code
    sheet = sheet_of(code.plain)
    if not sheet.items:
        return (
            f"Your {code.exercise.function} has nothing in it that could be asked about: show it "
            "to your instructor, who gives these points by hand."
        )
    return sheet


_NUMBER = re.compile(r"[\d.]+")


def _texts(item: Item) -> list[str]:
    return [item.question, *(choice.text for choice in item.choices)]


def _short(texts: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:4]


# --- the line with the answers ------------------------------------------------------------


def answer_line(exercise: str, count: int = QUESTIONS, code: str = UNANSWERED) -> str:
    """Return the line that a learner completes.

    Parameters
    ----------
    exercise : str
        Its id.
    count : int
        How many questions there are.
    code : str
        See `Sheet`.
    """
    open_ones = [f'"{UNANSWERED}"'] * count
    return f"explained({', '.join([_quoted(exercise), *open_ones])}, code={_quoted(code)})"


def _quoted(text: str) -> str:
    return f'"{text}"'


_LINE = re.compile(r"^[ \t]*explained\(([^()#]{0,400})\)", re.MULTILINE)
_TEXT = re.compile(r"""(code\s*=\s*)?["']([^"'\n]{0,80})["']""")


def read_answers(cells: Iterable[str]) -> dict[str, Answers]:
    """Find the lines with answers in a notebook; of several for one exercise the last counts.

    The lines are read, not run.

    Parameters
    ----------
    cells : iterable of str
        The code of the notebook's cells.

    Returns
    -------
    dict of str to Answers
        The answers by the exercise's id.
    """
    found = {}
    for line in (line for cell in cells for line in _LINE.findall(cell)):
        texts = _TEXT.findall(line)
        exercise, *letters = [text.strip().lower() for named, text in texts if not named] or [""]
        code = next((text.strip().lower() for named, text in texts if named), UNANSWERED)
        found[exercise] = Answers(tuple(letters), code)
    return found
