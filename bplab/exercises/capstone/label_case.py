"""Test cases of the confusion matrix: classes, and what they were taken for."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bplab.exercises.task.cases import Case

__all__ = ["LabelCase", "label_cases"]


@dataclass(frozen=True)
class LabelCase(Case):
    """The classes of N examples, and the classes that they were taken for."""

    name: str
    actual: NDArray
    predicted: NDArray
    K: int

    @property
    def sizes(self) -> dict[str, int]:
        """Return N and K."""
        return {"N": len(self.actual), "K": self.K}


class _Draw:
    """Random classes from one generator."""

    def __init__(self, rng: np.random.Generator):
        self.rng = rng

    def case(self, name: str, K: int, *, without: tuple[int, ...] = ()) -> LabelCase:
        """Every class but those in ``without`` occurs, is recognised, and is mistaken."""
        present = self.rng.permutation([k for k in range(K) if k not in without])
        beside = np.roll(present, 1)
        # a class recognised three times and once not, some pairs again: no count is all 0 and 1,
        # and one class is taken for another more often than the other way round
        some = int(self.rng.integers(1, len(present)))
        actual = np.concatenate([np.repeat(present, 3), present, present[:some]])
        predicted = np.concatenate([np.repeat(present, 3), beside, beside[:some]])
        order = self.rng.permutation(len(actual))
        return LabelCase(name, actual[order], predicted[order], K)


def label_cases(rng: np.random.Generator) -> list[LabelCase]:
    """Generic cases, then each place where something hides or comes to light."""
    case = _Draw(rng).case
    K = int(rng.integers(4, 7))
    labels = rng.integers(0, K, 3 * K)
    shift = int(rng.integers(1, K))
    return [
        case("generic", K),
        case("ten classes", 10),
        LabelCase("all right", labels, labels.copy(), K),
        LabelCase("all wrong", labels, (labels + shift) % K, K),
        LabelCase("one example", np.array([K - 3]), np.array([K - 2]), K),
        LabelCase("two classes", np.array([0, 0, 0, 1, 1]), np.array([0, 1, 1, 0, 1]), 2),
        case("the last class does not occur", K, without=(K - 1,)),
        case("a class between does not occur", K, without=(1,)),
    ]
