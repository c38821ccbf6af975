"""Calling a learner's function, and keeping whatever comes back: arrays, an error, nothing.

Nothing here knows an exercise or an answer: kernels that grade load it.
"""

import io
import linecache
import signal
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Answer", "Lesson", "Raised", "as_arrays", "call", "copied", "lesson", "quiet"]


@dataclass(frozen=True)
class Raised:
    """An error that a learner's function raised.

    Attributes
    ----------
    kind, says : str
        Name of its class, and its message.
    where : str
        Where in the learner's own code: ``line 3: Z = X @ alpha``, or an empty string.
    not_written : bool
        Whether it is what a starter raises.
    """

    kind: str
    says: str
    where: str = ""
    not_written: bool = False

    @classmethod
    def of(cls, error: BaseException, function: Callable[..., Any]) -> "Raised":
        """Put an error down."""
        starter = isinstance(error, NotImplementedError)
        return cls(type(error).__name__, str(error), _where_raised(error, function), starter)

    def like(self, other: "Raised") -> bool:
        """Whether it is the same error to the letter; where it came up does not matter."""
        return (self.kind, self.says) == (other.kind, other.says)


@dataclass(frozen=True)
class Answer:
    """What one call gave.

    ``parts`` are the arrays that came back, or None with the reason in ``raised`` (the
    function raised) or ``unusable`` (it returned something that is no array of numbers).
    """

    parts: tuple[NDArray, ...] | None = None
    raised: Raised | None = None
    unusable: str = ""
    changed: str = ""  # the argument it wrote to
    printed: str = ""


@dataclass(frozen=True)
class Lesson:
    """What came of one lesson: labels, or the error that was raised, or neither in time.

    ``labels`` is an array of real numbers of any shape, or None with the reason in
    ``unusable``, ``raised`` or ``in_time``.
    """

    seconds: float
    labels: NDArray | None = None
    unusable: str = ""
    raised: Raised | None = None
    in_time: bool = True
    changed: str = ""  # the argument it wrote to


@contextmanager
def quiet(printed: io.StringIO) -> Iterator[None]:
    """Keep what is printed, and let it warn: a right answer may do both."""
    with warnings.catch_warnings(), redirect_stdout(printed), redirect_stderr(printed):
        warnings.simplefilter("ignore")
        yield


def call(function: Callable[..., Any], given: Mapping[str, Any], layered: Sequence[bool]) -> Answer:
    """Call ``function`` with the given values and keep the outcome.

    Parameters
    ----------
    function : callable
    given : mapping
        Its arguments, in order: copies that it may spoil.
    layered : sequence of bool
        For each part of the answer, whether it has an array for each layer.
    """
    before = {name: copied(value) for name, value in given.items()}
    printed = io.StringIO()
    try:
        with quiet(printed):
            value = function(*given.values())
    except Exception as error:
        return Answer(raised=Raised.of(error, function), printed=printed.getvalue())
    parts, unusable = as_arrays(value, layered)
    return Answer(parts, None, unusable, _changed(given, before), printed.getvalue())


def lesson(function: Callable[..., Any], given: Mapping[str, Any], seconds: float) -> Lesson:
    """Give a lesson: call the function with these values, and stop it when its time is up."""
    before = {name: copied(value) for name, value in given.items()}
    start = time.perf_counter()
    value, raised, in_time = None, None, True
    try:
        # quiet, for nbgrader counts any warning that is printed as a failure
        with quiet(io.StringIO()), _time_limit(seconds):
            value = function(*given.values())
    except _TimeIsUp:
        in_time = False
    except Exception as error:
        raised = Raised.of(error, function)
    taken = time.perf_counter() - start
    changed = _changed(given, before)
    if raised or not in_time or taken > seconds:
        return Lesson(taken, None, "", raised, in_time and taken <= seconds, changed)
    labels, unusable = _as_labels(value)
    return Lesson(taken, labels, unusable, changed=changed)


# --- what came back -----------------------------------------------------------------------


def as_arrays(value: Any, layered: Sequence[bool]) -> tuple[tuple[NDArray, ...] | None, str]:
    """Take what came back apart into arrays; or (None, reason).

    There may be more or fewer arrays than parts: whoever compares them has to look.
    """
    if value is None:
        return None, "nothing"
    items = _items(value, layered)
    if len(items) > len(layered) > 1 and any(layered):
        # all layers and parts in one row would give the right arrays: a caller could not use them
        return None, f"{len(items)} arrays in one row where {len(layered)} parts are wanted"
    arrays: list[NDArray] = []
    for i, item in enumerate(items):
        for layer in _layers(item) if i < len(layered) and layered[i] else (item,):
            array, reason = _as_array(layer)
            if array is None:
                return None, reason
            arrays.append(array)
    return tuple(arrays), ""


def _items(value: Any, layered: Sequence[bool]) -> Sequence[Any]:
    """What came back, part by part."""
    if len(layered) > 1:
        whole = isinstance(value, np.ndarray) and len(np.atleast_1d(value)) == len(layered)
        return value if whole or isinstance(value, (tuple, list)) else (value,)
    if layered[0]:
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


def _as_labels(value: Any) -> tuple[NDArray | None, str]:
    if value is None:
        return None, "nothing"
    try:
        array = np.asarray(value)
    except (ValueError, TypeError):
        array = np.array(None)
    if array.dtype.kind not in "iuf":
        return None, "truth values" if array.dtype.kind == "b" else f"a {type(value).__name__}"
    return array, ""


# --- what was given -----------------------------------------------------------------------


def copied(value: Any) -> Any:
    """A copy of arrays, also of those in lists and tuples; other values as they are."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if type(value) in (list, tuple):
        return type(value)(map(copied, value))
    return value


def _changed(given: Mapping[str, Any], before: Mapping[str, Any]) -> str:
    """The name of the first argument that is not as it was given, or an empty string."""
    return next((n for n, value in given.items() if not _same(value, before[n])), "")


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


# --- errors and time ----------------------------------------------------------------------


def _where_raised(error: BaseException, function: Callable[..., Any]) -> str:
    code = getattr(function, "__code__", None)
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if code is not None and f.filename == code.co_filename]
    if not own:
        return ""
    text = linecache.getline(own[-1].filename, own[-1].lineno or 0).strip()
    return f"line {own[-1].lineno}: {text}" if text else f"line {own[-1].lineno}"


class _TimeIsUp(BaseException):
    """No Exception: code that catches those must not keep going."""


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Raise _TimeIsUp after so many seconds, where the system can: elsewhere let it end."""
    main = threading.current_thread() is threading.main_thread()
    if not (main and hasattr(signal, "setitimer")):
        yield
        return

    def ring(*_: object) -> None:
        raise _TimeIsUp

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-3))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
