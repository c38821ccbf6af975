"""What a learner's function answers if arrays made by np.empty hold other numbers.

An array made with np.empty holds whatever was in that memory before: often zeros, and sometimes
not. The answer of a function that fills it does not depend on that. Nothing here knows an exercise
or an answer.
"""

from collections.abc import Callable, Mapping, Sequence
from types import CodeType, ModuleType
from typing import Any

import numpy as np

from bplab.learner.call import Answer, Form, call
from bplab.learner.rebuilt import Rebuilding

__all__ = ["MAKES", "answer_with_other_memory", "filled"]

MAKES = frozenset(("empty", "empty_like", "ndarray"))
"""Names in numpy of what makes arrays without filling them."""


def answer_with_other_memory(
    function: Callable[..., Any], given: Mapping[str, Any], forms: Sequence[Form], fill: int
) -> Answer | None:
    """Return the answer if np.empty, empty_like and ndarray fill their arrays with one number.

    This holds for the functions of the notebook that it calls, too. None if none of them uses one
    of the three.

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
    other = filled(function, fill)
    return None if other is None else call(other, given, forms)


def filled(function: Callable[..., Any], fill: int) -> Callable[..., Any] | None:
    """Return the function with arrays of np.empty and its like filled; None if it makes none.

    Parameters
    ----------
    function : callable
    fill : int
        The number.
    """
    memory = _Filled(fill)
    other: Callable[..., Any] = memory.value(function)
    return other if memory.any else None


class _Filled(Rebuilding):
    """Rebuilds functions so that np.empty and its like fill arrays, and notes if it finds any."""

    def __init__(self, fill: int):
        super().__init__()
        self.any = False
        self._fill = fill
        self._makers: dict[str, Any] = {
            "empty": self._filling(np.empty),
            "empty_like": self._filling(np.empty_like),
            "ndarray": _array_filled_with(fill),
        }

    def value(self, value: Any) -> Any:
        if value is np:
            return _Library(self._makers)
        for name, maker in self._makers.items():
            if value is getattr(np, name):
                self.any |= name != "ndarray"  # a class may be named for isinstance alone
                return maker
        return super().value(value)

    def code(self, code: CodeType) -> CodeType:
        self.any |= not MAKES.isdisjoint(code.co_names)
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
            if array.base is None:  # otherwise it is a view of memory that others have filled
                array.fill(fill)
            return array

    return Filled


class _Library(ModuleType):
    """Numpy with other objects under some of its names."""

    def __init__(self, others: Mapping[str, Any]):
        super().__init__("numpy")
        self.__dict__.update(others)

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)
