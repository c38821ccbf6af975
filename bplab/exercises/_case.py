"""What a test case is: named values that a learner's function is given, in a known setting."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

from bplab.exercises._call import copied


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
    def setting(self) -> str:
        """What else there is to say of it, e.g. which activations: part of its description."""
        return ""

    def arguments(self, names: Iterable[str]) -> dict[str, Any]:
        """Return fresh copies of the named values: nothing a learner does to them stays."""
        return {name: copied(getattr(self, name)) for name in names}

    def __str__(self) -> str:
        sizes = ", ".join(f"{letter} = {size}" for letter, size in self.sizes.items())
        return f"“{self.name}” ({', '.join(filter(None, (sizes, self.setting)))})"
