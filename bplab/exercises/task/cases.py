"""What a test case is: named values that a learner's function is given, in a known setting."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

from bplab.learner import copied

SPECIAL = frozenset(
    (
        *("one example", "one output", "one hidden unit", "one hidden layer", "one unit"),
        *("a layer of one unit", "dead units", "one number", "two classes"),
        *("large pre-activations", "large t", "large x", "huge x", "on the kink"),
        *("rows far from each other", "entries far from each other", "equal entries"),
        *("a negative α", "α is zero", "α is one", "zeros among the entries"),
        *("integer arrays", "an integer array", "f keeps params"),
        *("one example a batch", "all in one batch", "a batch larger than the set"),
        *("the last class does not occur", "a class between does not occur"),
    )
)
"""The names of the special cases: the smallest sizes, kinks, saturation, integers.

A function that is right on all the others has the formula right, and forgets a corner.
"""


class Case(ABC):
    """One test case.

    The values are attributes, by the names of the learner's parameters; whatever is stored of
    a forward pass comes from the reference, so that a right answer may use any of it.

    Attributes
    ----------
    name : str
        What is special about it, e.g. ``"one example"``.
    smooth : bool
        False if a value sits on a kink, where finite differences mean nothing.
    """

    name: str
    smooth: bool = True

    @property
    @abstractmethod
    def sizes(self) -> dict[str, int]:
        """Return the sizes by the paper's letters, such as N, p, M and K."""

    @property
    def special(self) -> bool:
        """Whether it is a corner, such as integer arrays or a kink, and no ordinary case."""
        return self.name in SPECIAL

    @property
    def setting(self) -> str:
        """What else there is to say of it, e.g. which activations: part of its description."""
        return ""

    def arguments(self, names: Iterable[str]) -> dict[str, Any]:
        """Return fresh copies of the named values: nothing a learner does to them stays."""
        return {name: copied(getattr(self, name)) for name in names}

    def __str__(self) -> str:
        sizes = ", ".join(f"{letter} = {size}" for letter, size in self.sizes.items())
        return f"“{self.name}” ({', '.join(filter(None, (sizes, self.setting)))})"
