"""Whether a learner's function needs imaginary numbers, as a complex step does.

Learners who write the activation themselves can differentiate it in this way, as exactly as by the
formula. The proof is that the answer changes when the imaginary numbers in the code change. Nothing
here knows an exercise or an answer, because kernels that grade load this module.
"""

from collections.abc import Callable, Mapping, Sequence
from types import CodeType
from typing import Any

import numpy as np

from bplab.learner.call import Answer, Form, call
from bplab.learner.rebuilt import Rebuilding

__all__ = ["answer_with_other_imaginaries"]


def answer_with_other_imaginaries(
    function: Callable[..., Any], given: Mapping[str, Any], forms: Sequence[Form]
) -> Answer | None:
    """Return the answer with the imaginary numbers of the function's code changed.

    Complex constants, and the imaginary parts that ``complex`` makes, grow by a quarter. The
    function gets the real part where it asks for the imaginary one, and the number itself where it
    asks for its conjugate. All this holds in functions of the notebook that it calls, too. None if
    no code uses any of these.

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


REAL_FOR = {"imag": "real", "conj": "copy", "conjugate": "copy"}
"""Attributes that take a complex number apart, and what is looked up in place of each."""


class _Changed(Rebuilding):
    """Rebuilds functions with other imaginary numbers; ``any`` says whether there were any."""

    def __init__(self) -> None:
        super().__init__()
        self.any = False

    def value(self, value: Any) -> Any:
        complex_array = isinstance(value, np.ndarray) and value.dtype.kind == "c"
        if complex_array or (isinstance(value, (complex, np.complexfloating)) and value.imag):
            self.any = True
            return 1.25 * value
        return super().value(value)

    def code(self, code: CodeType) -> CodeType:
        self.any = self.any or not {"complex", *REAL_FOR}.isdisjoint(code.co_names)
        names = tuple(REAL_FOR.get(name, name) for name in code.co_names)
        return super().code(code).replace(co_names=names)

    def built_in(self) -> dict[str, Any]:
        return {"complex": _Complex()}


class _Complex:
    """Stands for ``complex``: the numbers that it makes have another imaginary part."""

    dtype = np.dtype(complex)  # numpy takes it for a dtype, too

    def __call__(self, *parts: Any) -> complex:
        made = complex(*parts)
        return complex(made.real, 1.25 * made.imag)

    def __instancecheck__(self, value: Any) -> bool:
        return isinstance(value, complex)
