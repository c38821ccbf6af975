"""Calling a learner's function, and keeping whatever comes back: arrays, an error, nothing.

Nothing here knows an exercise or an answer: kernels that grade load it.
"""

import hashlib
import io
import linecache
import os
import signal
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from bplab.learner.causes import Cause

__all__ = ["Answer", "Lesson", "Raised", "as_arrays", "call", "copied", "lesson", "quiet"]

_FOLDERS = (Path(__file__).parents[1], Path(np.__file__).parents[1], Path(os.__file__).parent)
LIBRARIES = (*(f"{folder}{os.sep}" for folder in _FOLDERS), "<frozen ")
"""What the files of code begin with that is no learner's: bplab's, installed, Python's own."""


@dataclass(frozen=True)
class Raised:
    """An error that a learner's function raised.

    Attributes
    ----------
    kind, says : str
        Name of its class, and its message.
    where : str
        The last line of the learner's own on the way to it: ``line 3: Z = X @ alpha``, or an
        empty string.
    not_written : bool
        Whether it is what a starter raises.
    cause : Cause or None
        Why it came up, if that is certain.
    there : str
        What took part, in words: ``delta is (5, 4) and Z is (5, 11)``; may be empty.
    digest : str
        Of kind and message: it comes in place of the message from where that is not shown.
    """

    kind: str
    says: str
    where: str = ""
    not_written: bool = False
    cause: Cause | None = None
    there: str = ""
    digest: str = field(default="", repr=False)

    @classmethod
    def of(cls, error: BaseException) -> "Raised":
        """Put an error down, and translate it."""
        starter = issubclass(type(error), NotImplementedError)
        cause, there = (None, "") if starter else _translated(error)
        return cls(type(error).__name__, str(error), _own_line(error), starter, cause, there)

    def __str__(self) -> str:
        return f"{self.kind}: {self.says}".rstrip(": ")

    def like(self, other: "Raised") -> bool:
        """Whether it is the same error to the letter; where it came up does not matter."""
        return self.letters() == other.letters()

    def letters(self) -> str:
        """Return what only errors of one kind and message have in common."""
        text = f"{self.kind}: {self.says}".encode(errors="replace")
        return self.digest or hashlib.sha256(text).hexdigest()

    @property
    def line(self) -> str:
        """The number of the line in words, or an empty string: ``"line 3"``."""
        return self.where.partition(":")[0]


def _translated(error: BaseException) -> tuple[Cause | None, str]:
    try:
        # only now: who makes no mistake need not wait for it
        from bplab.learner.exceptions import translated

        return translated(error, LIBRARIES)
    except Exception:  # objects of a learner's may do anything when they are looked at
        return None, ""


@dataclass(frozen=True)
class Answer:
    """What one call gave.

    ``parts`` are the arrays that came back, or None with the reason in ``raised`` (the
    function raised) or ``unusable`` (it returned something that is no array of numbers).
    """

    parts: tuple[np.ndarray, ...] | None = None
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
    labels: np.ndarray | None = None
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
    came = _call(function, given)
    if came.raised:
        return Answer(raised=came.raised, printed=came.printed)
    parts, unusable = as_arrays(came.value, layered)
    return Answer(parts, None, unusable, came.changed, came.printed)


def lesson(function: Callable[..., Any], given: Mapping[str, Any], seconds: float) -> Lesson:
    """Give a lesson: call the function with these values, and stop it when its time is up."""
    came = _call(function, given, seconds)
    in_time = came.in_time and came.seconds <= seconds
    if came.raised or not in_time:
        return Lesson(came.seconds, None, "", came.raised, in_time, came.changed)
    labels, unusable = _numbers(came.value)
    return Lesson(came.seconds, labels, unusable, changed=came.changed)


class _Came(NamedTuple):
    """What came of a call, before anyone has looked at the value."""

    value: Any
    raised: Raised | None
    in_time: bool
    seconds: float
    changed: str
    printed: str


def _call(
    function: Callable[..., Any], given: Mapping[str, Any], seconds: float | None = None
) -> _Came:
    before = {name: copied(value) for name, value in given.items()}
    value, raised, in_time, printed = None, None, True, io.StringIO()
    start = time.perf_counter()
    try:
        # quiet, for nbgrader counts any warning that is printed as a failure
        with quiet(printed), nullcontext() if seconds is None else _time_limit(seconds):
            value = function(*given.values())
    except _TimeIsUp:
        in_time = False
    except Exception as error:
        raised = Raised.of(error)
    taken = time.perf_counter() - start
    return _Came(value, raised, in_time, taken, _changed(given, before), printed.getvalue())


# --- what came back -----------------------------------------------------------------------


def as_arrays(value: Any, layered: Sequence[bool]) -> tuple[tuple[np.ndarray, ...] | None, str]:
    """Take what came back apart into arrays; or (None, reason).

    There may be more or fewer arrays than parts: whoever compares them has to look.
    """
    if value is None:
        return None, "nothing"
    items = _items(value, layered)
    if len(items) > len(layered) > 1 and any(layered):
        # all layers and parts in one row would give the right arrays: a caller could not use them
        return None, f"{len(items)} arrays in one row where {len(layered)} parts are wanted"
    arrays: list[np.ndarray] = []
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
        if isinstance(value, np.ndarray):  # one that is cut along its first axis will do
            return tuple(value) if np.shape(value)[:1] == (len(layered),) else (value,)
        return value if isinstance(value, (tuple, list)) else (value,)
    if layered[0]:
        return (value,)
    if isinstance(value, tuple) and len(value) == 1:
        value = value[0]
    # several arrays where one is wanted are kept, to be told apart from one
    if isinstance(value, (tuple, list)) and _as_array(value)[0] is None:
        return value
    return (value,)


def _layers(item: Any) -> Sequence[Any]:
    if isinstance(item, np.ndarray):
        return tuple(item) if item.ndim >= 3 else (item,)
    return item if isinstance(item, (tuple, list)) else (item,)


def _as_array(value: Any) -> tuple[np.ndarray | None, str]:
    array, what = _numbers(value)
    if array is None:
        return None, f"{what} that is no array of numbers" if what.startswith("a ") else what
    if array.dtype not in (np.float32, np.float64):
        array = array.astype(np.float64)
    return array, ""


def _numbers(value: Any) -> tuple[np.ndarray | None, str]:
    """Real numbers of any type; or (None, what it is)."""
    if value is None:
        return None, "nothing"
    try:
        array = np.array(value)  # a copy: the function may use the same buffer again
    except (ValueError, TypeError):
        return None, f"a {type(value).__name__}"
    if array.dtype.kind not in "fiu":
        kinds = {"b": "truth values", "c": "complex numbers", "U": "text", "S": "text"}
        return None, kinds.get(array.dtype.kind, f"a {type(value).__name__}")
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


def _own_line(error: BaseException) -> str:
    """The last line of the learner's own that the error came through."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if _is_own(frame.filename)]
    if not own:
        return ""
    text = linecache.getline(own[-1].filename, own[-1].lineno or 0).strip()
    return f"line {own[-1].lineno}: {text}" if text else f"line {own[-1].lineno}"


def _is_own(file: str) -> bool:
    return not file.startswith(LIBRARIES) and not file.endswith(".pyx")  # numpy's, compiled


class _TimeIsUp(BaseException):
    """No Exception: code that catches those must not keep going."""


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Raise _TimeIsUp after these seconds where the system can; elsewhere let it end."""
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
