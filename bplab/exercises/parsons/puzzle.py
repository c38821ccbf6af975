"""A puzzle of lines: the chosen lines are run in the chosen order, and their numbers judged.

Any order that gives the right numbers is right. Wrong lines are found by running, too: a line is
the cause if the numbers are right with the right line in its place.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from bplab.exercises.registry import EXERCISES

__all__ = ["Line", "Outcome", "Puzzle", "Wrong"]

Values = Mapping[str, Any]

DRAWS = 3
"""How many draws of numbers the lines are run on."""

_FILE = "<lines>"


@dataclass(frozen=True)
class Wrong:
    """A wrong line that is offered beside a right one.

    Attributes
    ----------
    text : str
    mistake : str
        Name of the known mistake that the line makes; the mistake's words are said of it.
    because : str
        What is said of a line that does not make a known mistake.
    """

    text: str
    mistake: str = ""
    because: str = ""


@dataclass(frozen=True)
class Line:
    """A right line, and wrong ones for its place."""

    text: str
    wrong: tuple[Wrong, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """The result of running lines.

    Attributes
    ----------
    right : bool
    says : tuple of str
        Sentences for the learner.
    """

    right: bool
    says: tuple[str, ...]


@dataclass(frozen=True)
class Puzzle:
    """Lines of a half-worked step.

    Attributes
    ----------
    id : str
        Id of the cell, e.g. ``"half-eq4"``.
    like : str
        Id of the exercise that has the known mistakes.
    wanted : tuple of str
        The names that the lines have to make.
    given : callable
        Takes a generator, and draws the values that are there before the first line, by name.
    lines : tuple of Line
        In an order that works.
    arguments, answer : callable
        Take all values after a run. They return the arguments of the exercise's function, and the
        answer that corresponds to the lines, so that wrong lines can be compared with known
        mistakes. None where there are no known mistakes.
    """

    id: str
    like: str
    wanted: tuple[str, ...]
    given: Callable[[np.random.Generator], dict[str, Any]] = field(repr=False)
    lines: tuple[Line, ...]
    arguments: Callable[[Values], tuple[Any, ...]] | None = field(default=None, repr=False)
    answer: Callable[[Values], Any] | None = field(default=None, repr=False)

    @property
    def right(self) -> list[str]:
        """The right lines."""
        return [line.text for line in self.lines]

    @cached_property
    def offered(self) -> tuple[str, ...]:
        """All lines, always mixed in the same way, with the right ones not in order."""
        texts = [t for line in self.lines for t in (line.text, *(w.text for w in line.wrong))]
        rng = np.random.default_rng(sum(map(ord, self.id)))
        while True:
            mixed = [texts[i] for i in rng.permutation(len(texts))]
            if [text for text in mixed if text in self.right] != self.right:
                return tuple(mixed)

    def run(self, chosen: Sequence[str], draw: int = 0) -> dict[str, Any]:
        """Run lines on one of the draws, and return all values by name; raise what they raise."""
        values = self.given(np.random.default_rng(draw))
        with np.errstate(all="ignore"):
            exec(compile("\n".join(chosen), _FILE, "exec"), values)
        return values

    def is_right(self, chosen: Sequence[str]) -> bool:
        """Whether lines in this order make the right numbers on every draw."""
        return self._first_wrong(chosen) is None

    def _first_wrong(self, chosen: Sequence[str]) -> int | None:
        """Return the first draw on which the lines fail; None if they are right."""
        for draw in range(DRAWS):
            try:
                made = self.run(chosen, draw)
            except Exception:
                return draw
            right = self.run(self.right, draw)
            if not all(name in made and _same(made[name], right[name]) for name in self.wanted):
                return draw
        return None

    def judge(self, chosen: Sequence[str]) -> Outcome:
        """Run lines in this order; return whether they are right, and what to say of them."""
        if not chosen:
            return Outcome(False, ("There is no line yet: choose the first one.",))
        if self.is_right(chosen):
            return Outcome(True, ("Right. Now write it in the cell, without looking.",))
        return Outcome(False, tuple(self._causes(chosen)) or (self._what_happens(chosen),))

    def _causes(self, chosen: Sequence[str]) -> Iterator[str]:
        """Yield a sentence on each wrong line that is a cause; replacing these makes all right."""
        places = {w.text: (line.text, w) for line in self.lines for w in line.wrong}
        used = [text for text in chosen if text in places]
        if not used or not self.is_right(_mended(chosen, places, used)):
            return
        for text in used:
            others = [other for other in used if other != text]
            if not self.is_right(_mended(chosen, places, others)):
                line, said = chosen.index(text) + 1, self.words(places[text][1])
                yield f"Line {line}: {said}"

    def words(self, wrong: Wrong) -> str:
        """Return what is said of a wrong line."""
        if not wrong.mistake:
            return wrong.because
        found = next(m for m in EXERCISES[self.like].mistakes if m.name == wrong.mistake)
        says, hint = found.says, found.hint
        return f"{says} {hint}"

    def _what_happens(self, chosen: Sequence[str]) -> str:
        draw = self._first_wrong(chosen) or 0
        try:
            made = self.run(chosen, draw)
        except Exception as error:
            return _stopped(error, chosen)
        for name in self.wanted:
            if name not in made:
                return f"These lines run, but do not make {name} yet."
        given, right = self.run((), draw), self.run(self.right, draw)
        on_the_way = [n for n in right if n not in given and n in made]
        name = next(n for n in (*on_the_way, *self.wanted) if not _same(made[n], right[n]))
        return f"These lines run, but {name} comes out wrong. Is each in its place?"


def _mended(chosen: Sequence[str], places: Mapping[str, Any], used: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(places[t][0] if t in used else t for t in chosen))


def _stopped(error: Exception, chosen: Sequence[str]) -> str:
    """Return a sentence that says in which line they stop, and why."""
    if isinstance(error, SyntaxError):
        line = min(error.lineno or 1, len(chosen))
        return (
            f"Line {line} cannot stand there: what is indented belongs under a line with a colon."
        )
    traceback = error.__traceback__
    line = 1
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == _FILE:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    if isinstance(error, NameError):
        name = error.name
        return f"Line {line} needs {name}, and no line above it makes that."
    return f"Line {line} stops: {error}"


def _same(a: Any, b: Any) -> bool:
    """Whether two results are the same numbers, but for rounding."""
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(map(_same, a, b))
    try:
        a, b = np.asarray(a, float), np.asarray(b, float)
    except (TypeError, ValueError):
        return bool(a is b)
    return a.shape == b.shape and np.allclose(a, b, rtol=1e-7, atol=1e-12)
