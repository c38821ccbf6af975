"""A gallery as a riddle: letters instead of names, until a learner has guessed each of them."""

import difflib
import hashlib
import string
from collections.abc import Mapping, Sequence

import numpy as np

from bplab.errors import InputError, came
from bplab.gallery.shown import Shown
from bplab.gallery.verdict import number
from bplab.languages import told
from bplab.training import times

__all__ = ["Guess", "letters"]

ALIKE = 1.05  # factor between two curves that nobody can tell apart in a picture


def letters(id: str, names: Sequence[str]) -> dict[str, str]:
    """Return the mistake that each letter stands for; the order gives no hint at the names."""
    mixed = sorted(names, key=lambda name: hashlib.sha256(f"{id}:{name}".encode()).digest())
    labels = (
        first + second
        for first in ["", *string.ascii_uppercase]
        for second in string.ascii_uppercase
    )
    return dict(zip(labels, mixed, strict=False))


class Guess:
    """A learner's guess which mistake makes each curve.

    Parameters
    ----------
    id : str
        The id of the exercise.
    shown : sequence of Shown
    answers : mapping
        A name for each letter, or for some of them. A name without any letter or digit, such as
        dots, does not count as an answer.

    Attributes
    ----------
    shown : tuple of Shown
        The mistakes in the order of the letters.
    answers : dict
        The names that were given, by letter.
    made : bool
        Whether there is an answer for each letter.
    remarks : list of str
        A remark on each answer, once all are given: that it is right, or what speaks against it.

    Raises
    ------
    ValueError
        If an answer has a letter or a name that the gallery does not have.
    """

    def __init__(self, id: str, shown: Sequence[Shown], answers: Mapping[str, str]):
        by_name = {s.mistake.name: s for s in shown}
        self._letters = letters(id, list(by_name))
        self.shown = tuple(by_name[name] for name in self._letters.values())
        self.answers = _checked(answers, self._letters)
        self.made = len(self.answers) == len(self._letters)
        self.remarks = [self._remark(letter) for letter in self._letters] if self.made else []

    def labels(self) -> list[str]:
        """Return the letters, followed by the names once all answers are given."""
        return [f"{a} · {name}" if self.made else a for a, name in self._letters.items()]

    def choices(self) -> list[tuple[str, str]]:
        """Return names and explanations in alphabetical order, until all answers are given."""
        return [] if self.made else sorted((s.mistake.name, s.mistake.says_why) for s in self.shown)

    def asks(self) -> str:
        """Return the question before the choices."""
        return "" if self.made else "Which curve belongs to which mistake?"

    def says(self) -> str:
        """Return the last sentence: how many answers are right, or what to do next."""
        if self.made:
            right = sum(remark.startswith("✓") for remark in self.remarks)
            return f"Right: {right} of {len(self.shown)}."
        missing = [letter for letter in self._letters if letter not in self.answers]
        asked = ", ".join(f'"{letter}": "…"' for letter in self._letters)
        return (
            f"No answer yet for {', '.join(missing)}. Write a name for each letter into "
            f"answers={{{asked}}} and run the cell again; then the names are shown."
        )

    def _remark(self, letter: str) -> str:
        said, name = self.answers[letter], self._letters[letter]
        if said == name:
            return told("✓ right")
        other = next(a for a, known in self._letters.items() if known == said)
        places = list(self._letters)
        here, there = (self.shown[places.index(a)] for a in (letter, other))
        answered = f"✗ You said {said}. That is {other}:"
        return f"{told(answered)} {_told_apart(here, there)}"


def _told_apart(here: Shown, there: Shown) -> str:
    """Return how the curves of two mistakes differ."""
    both = min(len(here.losses), len(there.losses))
    with np.errstate(all="ignore"):
        apart = np.abs(np.log(here.losses[:both] / there.losses[:both]))
    apart = np.where(np.isfinite(apart), apart, -1)
    alike = both and len(here.losses) == len(there.losses) and (apart >= 0).all()
    if alike and apart.max() <= np.log(ALIKE):
        return told("the two curves look the same. Only a check tells them apart.")
    kind, other = told(here.verdict.kind), told(there.verdict.kind)
    said = f"both “{other}”" if kind == other else f"“{other}”; this one “{kind}”"
    if not both or apart.max() <= np.log(ALIKE):
        return f"{told(said)}."
    widest = int(apart.argmax())
    farthest = (
        f"They are farthest apart after {times(widest, 'epoch')}: the loss is "
        f"{number(here.losses[widest])} here, and {number(there.losses[widest])} there."
    )
    return f"{told(said)}. {told(farthest)}"


def _checked(answers: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
    if not isinstance(answers, Mapping):
        raise InputError(
            'answers must name a mistake for each letter, such as {"A": "…", "B": "…"}; '
            f"got {came(answers)}"
        )
    given = {}
    for letter, name in answers.items():
        if letter not in known:
            raise InputError(f"answers has {letter!r}; the letters are {', '.join(known)}")
        if not isinstance(name, str):
            raise InputError(f"answers[{letter!r}] must be a name; got {came(name)}")
        if not any(character.isalnum() for character in name):
            continue
        if name not in known.values():
            near = difflib.get_close_matches(name, list(known.values()), n=1)
            meant = f' Did you mean "{near[0]}"?' if near else ""
            raise InputError(
                f"answers[{letter!r}] is {name!r}, which is no mistake of this gallery.{meant} "
                f"There are: {', '.join(sorted(known.values()))}"
            )
        given[letter] = name
    return given
