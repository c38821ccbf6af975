"""Two mistakes at once: every pair of known mistakes that a learner's code can make."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from bplab.exercises.steps.program import GIVEN, RETURNED, Variant, both
from bplab.exercises.task.exercise import Mistake

__all__ = ["Pair", "pairs"]


@dataclass(frozen=True)
class Pair:
    """Two mistakes made in one function, ``wrong``."""

    first: Mistake
    second: Mistake
    wrong: Variant = field(repr=False)

    @property
    def name(self) -> str:
        """Both names, in the order of the exercise's mistakes."""
        return f"{self.first.name}+{self.second.name}"


def pairs(mistakes: Sequence[Mistake]) -> Iterator[Pair]:
    """Yield every two mistakes that do not exclude each other, and the function with both.

    Where both change the answer after it is right, or what comes in, the order may matter: then
    the pair comes twice, once in each.
    """
    for first, second in combinations(mistakes, 2):
        wrong = both(first.wrong, second.wrong)
        if wrong is None:
            continue
        yield Pair(first, second, wrong)
        if _same_end(first, second):
            yield Pair(first, second, both(second.wrong, first.wrong))


def _same_end(first: Mistake, second: Mistake) -> bool:
    changed = [m.wrong.changed if isinstance(m.wrong, Variant) else {} for m in (first, second)]
    return any(end in changed[0] and end in changed[1] for end in (GIVEN, RETURNED))
