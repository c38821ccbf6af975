"""Whether a learner's function needs imaginary numbers, as a complex step does.

Whoever writes the activation as well can differentiate it so, as exactly as by the formula. The
proof is that the answer changes when the imaginary numbers in the code are changed. Nothing here
knows an exercise or an answer: kernels that grade load it.
"""

from collections.abc import Callable, Mapping, Sequence
from types import CellType, CodeType, FunctionType
from typing import Any

import numpy as np

from bplab.errors import LIBRARIES
from bplab.learner.call import Answer, Form, call

__all__ = ["answer_with_other_imaginaries"]


def answer_with_other_imaginaries(
    function: Callable[..., Any], given: Mapping[str, Any], forms: Sequence[Form]
) -> Answer | None:
    """Return the answer with the imaginary numbers of the function's code changed.

    Complex constants grow by a quarter, and where it takes an imaginary part it gets the real one;
    in all functions of the notebook that it calls, too. None if its code has nothing of that.

    Parameters
    ----------
    function : callable
    given : mapping
        Its arguments, in order: copies that it may spoil.
    forms : sequence of Form
        What each part of the answer should be.
    """
    changed = _Changed()
    other = changed.value(function)
    return call(other, given, forms) if changed.any else None


class _Changed:
    """Values with the imaginary numbers in them changed, and whether there were any."""

    def __init__(self) -> None:
        self.any = False
        self._functions: dict[int, FunctionType] = {}

    def value(self, value: Any) -> Any:
        if isinstance(value, FunctionType) and not value.__code__.co_filename.startswith(LIBRARIES):
            return self._function(value)
        if isinstance(value, (complex, np.complexfloating)) and value.imag:
            self.any = True
            return 1.25 * value
        return value

    def _function(self, function: FunctionType) -> FunctionType:
        if id(function) in self._functions:
            return self._functions[id(function)]
        names = dict(function.__globals__)
        cells = tuple(CellType() for _ in function.__closure__ or ())
        code = self._code(function.__code__)
        other = FunctionType(code, names, function.__name__, None, cells or None)
        self._functions[id(function)] = other  # before what it calls, which may call it
        other.__defaults__ = tuple(map(self.value, function.__defaults__ or ())) or None
        other.__kwdefaults__ = {
            name: self.value(value) for name, value in (function.__kwdefaults__ or {}).items()
        } or None
        for name in _names(function.__code__) & names.keys():
            names[name] = self.value(names[name])
        for cell, new in zip(function.__closure__ or (), cells, strict=True):
            try:
                new.cell_contents = self.value(cell.cell_contents)
            except ValueError:  # nothing is in it yet
                continue
        return other

    def _code(self, code: CodeType) -> CodeType:
        self.any = self.any or "imag" in code.co_names
        return code.replace(
            co_consts=tuple(
                self._code(one) if isinstance(one, CodeType) else self.value(one)
                for one in code.co_consts
            ),
            co_names=tuple("real" if name == "imag" else name for name in code.co_names),
        )


def _names(code: CodeType) -> set[str]:
    """The names that code and what is defined in it look up."""
    inner = (one for one in code.co_consts if isinstance(one, CodeType))
    return set(code.co_names).union(*map(_names, inner))
