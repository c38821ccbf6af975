"""Calling a learner's function, and keeping whatever comes back: arrays, an error, nothing."""

import io
import linecache
import traceback
import warnings
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bplab.exercises._case import Case
from bplab.exercises._exercise import Exercise

RTOL, ATOL = 1e-10, 1e-12
"""A right answer is this near: relative to the entry, and to the largest entry of its part.

Another order of summation differs by 1e-15; a gradient by finite differences by 1e-9 or more.
"""
RTOL_FLOAT32, ATOL_FLOAT32 = 1e-4, 1e-5


@dataclass(frozen=True)
class Answer:
    """What one call gave.

    ``parts`` are the arrays that came back, or None with the reason in ``raised`` (the
    function raised) or ``unusable`` (it returned something that is no array of numbers).
    """

    parts: tuple[NDArray, ...] | None = None
    raised: Exception | None = None
    unusable: str = ""
    changed: str = ""  # the argument it wrote to
    printed: str = ""

    def matches(self, other: "Answer", rtol: float = 1e-7, atol: float = 1e-7) -> bool:
        """Whether two calls ended alike: equal arrays, or the same kind of failure."""
        if self.parts is None or other.parts is None:
            return (
                self.parts is other.parts
                and type(self.raised) is type(other.raised)
                and self.unusable == other.unusable
            )
        return len(self.parts) == len(other.parts) and all(
            near(a, b, rtol, atol) for a, b in zip(self.parts, other.parts, strict=True)
        )


def near(a: NDArray, b: NDArray, rtol: float, atol: float) -> bool:
    """Whether two arrays have one shape, and every entry agrees (NaN with NaN)."""
    return a.shape == b.shape and bool(close_entries(a, b, rtol, atol).all())


def close_entries(a: NDArray, b: NDArray, rtol: float, atol: float) -> NDArray:
    """Entrywise agreement of equal shapes; ``atol`` counts in units of the largest |b|."""
    finite = np.abs(b[np.isfinite(b)])
    scale = finite.max() if finite.size else 0.0
    return np.isclose(a, b, rtol=rtol, atol=atol * scale, equal_nan=True)


def right_entries(part: NDArray, reference: NDArray) -> NDArray:
    """Which entries of a part are right, in the precision the part came in."""
    if part.dtype == np.float32:
        return close_entries(part, reference, RTOL_FLOAT32, ATOL_FLOAT32)
    return close_entries(part, reference, RTOL, ATOL)


def call(exercise: Exercise, function: Callable[..., Any], case: Case) -> Answer:
    """Call ``function`` on copies of the case's values and keep the outcome."""
    given = case.arguments(exercise.arguments)
    printed = io.StringIO()
    try:
        with warnings.catch_warnings(), redirect_stdout(printed), redirect_stderr(printed):
            warnings.simplefilter("ignore")  # a right answer may warn
            value = function(*given.values())
    except Exception as error:
        return Answer(raised=error, printed=printed.getvalue())
    parts, unusable = _as_parts(value, len(exercise.parts))
    return Answer(parts, None, unusable, _changed(given, case), printed.getvalue())


def _changed(given: dict[str, Any], case: Case) -> str:
    for name, value in given.items():
        if isinstance(value, np.ndarray):
            original = getattr(case, name)
            if value.shape != original.shape or not np.array_equal(value, original):
                return name
    return ""


def _as_parts(value: Any, expected: int) -> tuple[tuple[NDArray, ...] | None, str]:
    """Split what came back into arrays; or (None, reason)."""
    if value is None:
        return None, "nothing"
    if expected == 1:
        if isinstance(value, tuple) and len(value) == 1:
            value = value[0]
        array, reason = _as_array(value)
        if array is not None or not isinstance(value, (tuple, list)):
            return (None if array is None else (array,)), reason
    if isinstance(value, np.ndarray) and (expected == 1 or len(np.atleast_1d(value)) != expected):
        value = (value,)
    if isinstance(value, dict) or not isinstance(value, (tuple, list, np.ndarray)):
        value = (value,)
    arrays = []
    for item in value:
        array, reason = _as_array(item)
        if array is None:
            return None, reason
        arrays.append(array)
    return tuple(arrays), ""


def _as_array(value: Any) -> tuple[NDArray | None, str]:
    if value is None:
        return None, "nothing"
    try:
        array = np.array(value)  # a copy: the function may use the same buffer again
    except (ValueError, TypeError):
        return None, f"a {type(value).__name__} that is no array of numbers"
    if array.dtype.kind not in "fiu":
        kinds = {"b": "truth values", "c": "complex numbers", "U": "text", "S": "text"}
        what = kinds.get(array.dtype.kind, f"a {type(value).__name__}")
        return None, what if array.dtype.kind in kinds else f"{what} that is no array of numbers"
    if array.dtype not in (np.float32, np.float64):
        array = array.astype(np.float64)
    return array, ""


def where_raised(error: Exception, function: Callable[..., Any]) -> str:
    """Where in the learner's own code an error came up: ``line 3: Z = X @ alpha`` or ''."""
    code = getattr(function, "__code__", None)
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if code is not None and f.filename == code.co_filename]
    if not own:
        return ""
    text = linecache.getline(own[-1].filename, own[-1].lineno or 0).strip()
    return f"line {own[-1].lineno}: {text}" if text else f"line {own[-1].lineno}"
