"""Calling a learner's function, and keeping whatever comes back: arrays, an error, nothing."""

import io
import linecache
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bplab.exercises._case import Case
from bplab.exercises._exercise import Exercise, Part

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


def right_entries(part: NDArray, reference: NDArray, rtol: float) -> NDArray:
    """Which entries of a part are right, in the precision the part came in.

    Near is meant relative to the entry, and a hundredth of that to the largest entry of its
    part. Another order of summation differs by 1e-15, a finite difference by 1e-9 or more.
    """
    if part.dtype == np.float32:
        return close_entries(part, reference, max(rtol, RTOL_FLOAT32), ATOL_FLOAT32)
    return close_entries(part, reference, rtol, rtol / 100)


@contextmanager
def quiet(printed: io.StringIO) -> Iterator[None]:
    """Keep what is printed, and let it warn: a right answer may do both."""
    with warnings.catch_warnings(), redirect_stdout(printed), redirect_stderr(printed):
        warnings.simplefilter("ignore")
        yield


def call(exercise: Exercise, function: Callable[..., Any], case: Case) -> Answer:
    """Call ``function`` on copies of the case's values and keep the outcome."""
    given = case.arguments(exercise.arguments)
    printed = io.StringIO()
    try:
        with quiet(printed):
            value = function(*given.values())
    except Exception as error:
        return Answer(raised=error, printed=printed.getvalue())
    parts, unusable = as_arrays(value, exercise.parts)
    return Answer(parts, None, unusable, _changed(given, case), printed.getvalue())


def _changed(given: dict[str, Any], case: Case) -> str:
    """The name of the first argument that is not as it was given, or an empty string."""
    return next((n for n, value in given.items() if not _same(value, getattr(case, n))), "")


def _same(value: Any, original: Any) -> bool:
    if isinstance(value, np.ndarray):
        return (
            isinstance(original, np.ndarray)
            and value.shape == original.shape
            and np.array_equal(value, original)
        )
    if isinstance(value, (list, tuple)):
        return len(value) == len(original) and all(map(_same, value, original))
    return True


def as_arrays(value: Any, parts: Sequence[Part]) -> tuple[tuple[NDArray, ...] | None, str]:
    """Take what came back apart into arrays; or (None, reason).

    There may be more or fewer arrays than parts: whoever compares them has to look.
    """
    if value is None:
        return None, "nothing"
    items = _items(value, parts)
    if len(items) > len(parts) > 1 and any(part.layered for part in parts):
        # all layers and parts in one row would give the right arrays: a caller could not use them
        return None, f"{len(items)} arrays in one row where {len(parts)} parts are wanted"
    arrays: list[NDArray] = []
    for i, item in enumerate(items):
        layered = i < len(parts) and parts[i].layered
        for layer in _layers(item) if layered else (item,):
            array, reason = _as_array(layer)
            if array is None:
                return None, reason
            arrays.append(array)
    return tuple(arrays), ""


def _items(value: Any, parts: Sequence[Part]) -> Sequence[Any]:
    """What came back, part by part."""
    if len(parts) > 1:
        whole = isinstance(value, np.ndarray) and len(np.atleast_1d(value)) == len(parts)
        return value if whole or isinstance(value, (tuple, list)) else (value,)
    if parts[0].layered:
        return (value,)
    if isinstance(value, tuple) and len(value) == 1:
        value = value[0]
    # several arrays where one is wanted are kept, to be told apart from one
    several = isinstance(value, (tuple, list)) and _as_array(value)[0] is None
    return value if several else (value,)


def _layers(item: Any) -> Sequence[Any]:
    one = isinstance(item, np.ndarray) and item.ndim < 3
    return item if isinstance(item, (tuple, list, np.ndarray)) and not one else (item,)


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
