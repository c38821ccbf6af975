"""What a learner's function answers where np.empty holds other numbers.

An array made with np.empty holds whatever was in that memory before: often zeros, and sometimes
not. A function that fills it answers the same whatever that is. Nothing here knows an exercise or
an answer.
"""

from collections.abc import Callable, Mapping, Sequence
from types import CodeType, ModuleType
from typing import Any

import numpy as np

from bplab.learner.call import Answer, Form, call
from bplab.learner.rebuilt import Rebuilding, names_in

__all__ = ["answer_with_other_memory"]

_MAKES = ("empty", "empty_like", "ndarray")


def answer_with_other_memory(
    function: Callable[..., Any], given: Mapping[str, Any], forms: Sequence[Form], fill: int
) -> Answer | None:
    """Return the answer where all that np.empty, empty_like and ndarray make holds one number.

    Also in the functions of the notebook that it calls. None if its code has none of them.

    Parameters
    ----------
    function : callable
    given : mapping
        Its arguments, in order: copies that it may spoil.
    forms : sequence of Form
        What each part of the answer should be.
    fill : int
        The number.
    """
    filled = _Filled(fill)
    other = filled.value(function)
    return call(other, given, forms) if filled.any else None


class _Filled(Rebuilding):
    """Values with a number in all that is made and not filled, and whether there is any."""

    def __init__(self, fill: int):
        super().__init__()
        self.any = False
        self._fill = fill
        self._makers: dict[int, Any] = {
            id(np.empty): self._filling(np.empty),
            id(np.empty_like): self._filling(np.empty_like),
            id(np.ndarray): _array_filled_with(fill),
        }

    def value(self, value: Any) -> Any:
        if value is np:
            return _Library(dict(zip(_MAKES, self._makers.values(), strict=True)))
        if id(value) in self._makers and value is not np.ndarray:
            self.any = True
        return self._makers[id(value)] if id(value) in self._makers else super().value(value)

    def code(self, code: CodeType) -> CodeType:
        self.any = self.any or not names_in(code).isdisjoint(_MAKES)
        return super().code(code)

    def _filling(self, make: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
        def filled(*arguments: Any, **more: Any) -> np.ndarray:
            array = make(*arguments, **more)
            array.fill(self._fill)
            return array

        return filled


class _LikeArrays(type):
    """A class that every array is an instance of."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, np.ndarray)

    def __getattr__(cls, name: str) -> Any:
        return getattr(np.ndarray, name)


def _array_filled_with(fill: int) -> type:
    class Filled(metaclass=_LikeArrays):
        def __new__(cls, *arguments: Any, **more: Any) -> Any:
            array: np.ndarray = np.ndarray(*arguments, **more)
            if array.base is None:  # else it looks at memory that somebody else has filled
                array.fill(fill)
            return array

    return Filled


class _Library(ModuleType):
    """numpy, but for some of its names."""

    def __init__(self, others: Mapping[str, Any]):
        super().__init__("numpy")
        self.__dict__.update(others)

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)
