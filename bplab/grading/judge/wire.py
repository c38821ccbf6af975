"""What travels between the grader and a student's kernel: plain data and arrays as bytes.

Nothing is ever unpickled or evaluated. A value becomes a description that JSON can hold, and a
list of buffers, each an array in numpy's own format; the side that reads checks the sizes before
it makes an array. A `Line` carries both. Both sides load this module, so it knows no exercise and
no answer.
"""

import builtins
import io
import json
import math
import re
import socket
import struct
import time
from collections import deque, namedtuple
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from bplab.learner import SAYABLE, Answer, Cause, Lesson, NoNumbers, Raised

__all__ = [
    "MAX_LINE",
    "Budget",
    "Closed",
    "Line",
    "Malformed",
    "Reader",
    "Writer",
    "becomes",
    "is_index",
]

MAX_BYTES = 32 * 2**20
"""Limit of bytes: of one array, of one message's buffers, and of what all messages for one task
take in memory."""

AN_ARRAY, A_VALUE, NAMES = 200, 100, 10_000
"""Bytes that are counted for an array besides its numbers, for any other value, and for the class
of a named tuple."""

MAX_BUFFERS, MAX_AXES, MAX_DEPTH, MAX_TEXT, MAX_FIELDS = 10_000, 32, 8, 2_000, 32

MAX_LINE = 9_999
"""The largest number of a cell's line; further lines are not counted."""

KINDS = frozenset(
    name
    for name, value in vars(builtins).items()
    if isinstance(value, type) and issubclass(value, BaseException)
) | {"AxisError", "LinAlgError", "UFuncTypeError", "Malformed", "Withheld"}
"""Kinds of errors that are reported by name; any other is reported as an "Exception"."""

_CAUSES = {str(cause): cause for cause in Cause}
_DIGEST = re.compile("[0-9a-f]{64}")

Special = Callable[[Any], Any]


class Malformed(ValueError):
    """What came is not a message of the expected form."""


class Budget:
    """How many bytes messages may still take in memory; counted before the memory is taken."""

    def __init__(self) -> None:
        self._left = MAX_BYTES

    def take(self, count: int) -> None:
        """Take this number of bytes from the budget.

        Raises
        ------
        Malformed
            If fewer are left.
        """
        self._left -= count
        if self._left < 0:  # perhaps the same array again and again
            raise Malformed(f"more than {MAX_BYTES // 2**20} MB of answers")


class Writer:
    """Describes values, and collects the bytes of their arrays.

    Parameters
    ----------
    special : callable, optional
        Given a value that is not plain data, returns a description of it (a dict), or None if it
        cannot.

    Attributes
    ----------
    buffers : list of bytes
    special : callable
        May be changed between values.
    """

    def __init__(self, special: Special = lambda value: None):
        self.special = special
        self.buffers: list[bytes] = []

    def value(self, value: Any) -> Any:
        """Describe a value: None, numbers, text, arrays, lists, tuples, and what ``special`` knows.

        Raises
        ------
        Malformed
            If it holds something else.
        """
        if isinstance(value, (np.generic, np.ndarray)):
            return self._array(np.asarray(value))
        if value is None or isinstance(value, (bool, int, str)):
            return value
        if isinstance(value, float):
            return {"float": value.hex()}
        if hasattr(value, "_fields"):
            return {"named": list(value._fields), "items": [self.value(item) for item in value]}
        if isinstance(value, (list, deque)):
            return {"list": [self.value(item) for item in value]}
        if isinstance(value, tuple):
            return {"tuple": [self.value(item) for item in value]}
        if (described := self.special(value)) is not None:
            return described
        raise Malformed(f"a {type(value).__name__} cannot be sent")

    def answer(self, answer: Answer) -> dict[str, Any]:
        """Describe the answer of a call."""
        parts = [[self._item(item) for item in part] for part in answer.parts]
        return {"parts": parts, "raised": _raised(answer.raised), "changed": answer.changed}

    def _item(self, item: NDArray | NoNumbers) -> dict[str, Any]:
        if isinstance(item, NoNumbers):
            return {"not": item.what[:MAX_TEXT]}
        return self._array(item)

    def lesson(self, lesson: Lesson) -> dict[str, Any]:
        """Describe the result of a lesson."""
        return {
            "seconds": lesson.seconds,
            "labels": None if lesson.labels is None else self._array(lesson.labels),
            "raised": _raised(lesson.raised),
            "unusable": lesson.unusable[:MAX_TEXT],
            "in_time": lesson.in_time,
            "changed": lesson.changed,
        }

    def _array(self, array: NDArray) -> dict[str, int]:
        file = io.BytesIO()
        npy.write_array(file, array, allow_pickle=False)
        self.buffers.append(file.getvalue())
        return {"array": len(self.buffers) - 1}


_P = ParamSpec("_P")
_T = TypeVar("_T")
_Reading = Callable[Concatenate["Reader", _P], _T]


def _refusing(read: _Reading[_P, _T]) -> _Reading[_P, _T]:
    """Turn every error of a method into `Malformed`: what it reads may have been forged."""

    @wraps(read)
    def reading(self: "Reader", *args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            return read(self, *args, **kwargs)
        except Malformed:
            raise
        except Exception as error:
            raise Malformed(f"no description of a value ({type(error).__name__})") from error

    return reading


class Reader:
    """Turns descriptions back into values.

    Parameters
    ----------
    buffers : sequence of bytes-like
    special : callable, optional
        Given a description that is not of plain data, returns the value, or raises `Malformed`.
    budget : Budget, optional
        A budget that several readers share; by default the reader has its own.

    Raises
    ------
    Malformed
        If there are too many bytes. Every method raises it, too, if it is not given a description.
    """

    @_refusing
    def __init__(
        self, buffers: Sequence[Any], special: Special | None = None, budget: Budget | None = None
    ):
        if len(buffers) > MAX_BUFFERS or sum(len(b) for b in buffers) > MAX_BYTES:
            raise Malformed(f"more than {MAX_BYTES // 2**20} MB of arrays")
        self._buffers, self._special, self._budget = buffers, special, budget or Budget()

    @_refusing
    def value(self, described: Any, depth: int = 0) -> Any:
        """Return the value that was described."""
        if depth > MAX_DEPTH:
            raise Malformed("nested too deeply")
        self._budget.take(A_VALUE)
        if described is None or isinstance(described, (bool, int, str)):
            return described
        match described:
            case {"array": _}:
                return self.array(described)
            case {"float": str(text)}:
                return float.fromhex(text)
            case {"list": list(items)}:
                return [self.value(item, depth + 1) for item in items]
            case {"tuple": list(items)}:
                return tuple(self.value(item, depth + 1) for item in items)
            case {"named": list(names), "items": list(items)} if len(names) <= MAX_FIELDS:
                self._budget.take(NAMES)
                return namedtuple("Values", names)(*(self.value(i, depth + 1) for i in items))
        if self._special is None:
            raise Malformed("no description of a value")
        return self._special(described)

    @_refusing
    def array(self, described: Any) -> NDArray:
        """Return an array of numbers; its bytes are counted before any memory is taken."""
        match described:
            case {"array": int(index)} if is_index(index, len(self._buffers)):
                self._budget.take(AN_ARRAY + len(self._buffers[index]))
                return _read_array(self._buffers[index])
        raise Malformed("no description of an array")

    @_refusing
    def named(self, described: Any) -> dict[str, Any]:
        """Return values by their names, from pairs of a name and a description."""
        values: dict[str, Any] = {}
        for name, value in described:
            if not isinstance(name, str):
                raise Malformed("no name of a value")
            self._budget.take(len(name))
            values[name] = self.value(value)
        return values

    @_refusing
    def answer(self, described: Any) -> Answer:
        """Return the answer of a call."""
        match described:
            case {"parts": list(parts), "raised": raised, "changed": changed}:
                error = _read_raised(raised)
                if error and parts:
                    raise Malformed("an error and an answer")
                return Answer(error or tuple(map(self._part, parts)), _text(changed))
        raise Malformed("no description of an answer")

    def _part(self, described: Any) -> tuple[NDArray | NoNumbers, ...]:
        if not isinstance(described, list):
            raise Malformed("no description of a part")
        self._budget.take(A_VALUE * (1 + len(described)))
        return tuple(map(self._item, described))

    def _item(self, described: Any) -> NDArray | NoNumbers:
        match described:
            case {"not": str(what)}:
                return _no_numbers(what)
        return _real(self.array(described))

    @_refusing
    def lesson(self, described: Any) -> Lesson:
        """Return the result of a lesson."""
        match described:
            case {
                "seconds": float(seconds),
                "labels": labels,
                "raised": raised,
                "unusable": unusable,
                "in_time": bool(in_time),
                "changed": changed,
            } if math.isfinite(seconds):
                array = None if labels is None else _real(self.array(labels), "fiu")
                raised = _read_raised(raised)
                unusable = unusable and _no_numbers(_text(unusable)).what
                if array is None and raised is None and not unusable and in_time:
                    raise Malformed("neither labels nor a reason")
                return Lesson(seconds, array, unusable, raised, in_time, _text(changed))
        raise Malformed("no description of a lesson")


_LENGTH = struct.Struct("<H")


@lru_cache(maxsize=256)
def _header(head: bytes) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Return shape, order and type; cached, since many headers are alike, and slow to read."""
    file = io.BytesIO(head)
    # later versions are for headers longer than an array of numbers has
    read = {(1, 0): npy.read_array_header_1_0}[npy.read_magic(file)]
    return read(file)


def _read_array(buffer: Any) -> NDArray:
    begins = npy.MAGIC_LEN + _LENGTH.size
    try:
        (length,) = _LENGTH.unpack(buffer[npy.MAGIC_LEN : begins])
        shape, fortran, dtype = _header(bytes(buffer[: begins + length]))
    except Exception as error:  # numpy raises many kinds
        raise Malformed("no array in numpy's format") from error
    if dtype.kind not in "fiuc" or len(shape) > MAX_AXES:
        raise Malformed(f"an array of {dtype}")
    # numpy's headers may hold any numbers; an empty array's other sides are bounded, too
    if any(type(side) is not int or side < 0 for side in shape):
        raise Malformed("an array without a shape")
    if math.prod(max(side, 1) for side in shape) * dtype.itemsize > MAX_BYTES:
        raise Malformed(f"an array of more than {MAX_BYTES // 2**20} MB")
    data = buffer[begins + length :]
    if math.prod(shape) * dtype.itemsize != len(data):
        raise Malformed("an array of another size than it says")
    flat = np.frombuffer(data, dtype).copy()
    return flat.reshape(shape, order="F" if fortran else "C")


def is_index(number: int, most: int) -> bool:
    """Whether a number is an index below ``most``; True and False, which are integers, are not."""
    return type(number) is int and 0 <= number < most


def _real(array: NDArray, kinds: str = "f") -> NDArray:
    """An array of real numbers, as `Answer` and `Lesson` have them."""
    if array.dtype.kind not in kinds or not array.dtype.isnative:
        raise Malformed(f"an array of {array.dtype}")
    return array


def _no_numbers(what: str) -> NoNumbers:
    """What was returned in place of an array, in the grader's own words."""
    return SAYABLE.get(what.partition(",")[0], NoNumbers("something else than numbers"))


def _raised(raised: Raised | None) -> Any:
    """An error without its message, which a student's code may have made of what it was given."""
    if raised is None:
        return None
    number = raised.line.removeprefix("line ")
    line = min(int(number), MAX_LINE) if number.isdecimal() else 0
    cause = str(raised.cause) if raised.cause else ""
    return [raised.kind[:MAX_TEXT], raised.letters(), line, raised.not_written, cause]


def _read_raised(described: Any) -> Raised | None:
    """An error with a kind and a cause from the grader's lists, and without a message."""
    match described:
        case None:
            return None
        case [str(kind), str(digest), int(line), bool(not_written), str(cause)] if (
            _DIGEST.fullmatch(digest)
            and is_index(line, MAX_LINE + 1)
            and (not cause or cause in _CAUSES)
        ):
            return Raised(
                kind if kind in KINDS else "Exception",
                "",
                f"line {line}" if line else "",
                not_written,
                _CAUSES.get(cause),
                digest=digest,
            )
    raise Malformed("no description of an error")


def _text(value: Any) -> str:
    """Text for people: shortened, and without anything that a terminal would act on."""
    if not isinstance(value, str):
        raise Malformed("no text")
    return "".join(c for c in value[:MAX_TEXT] if c.isprintable() or c in "\n\t")


# --- messages over a connection -----------------------------------------------------------

MAX_JSON, MAX_READ = 4 * 2**20, 64 * 2**20
"""Limits of the bytes of a message's JSON, and of the memory that it may take."""

_HEAD = struct.Struct(">I")


def becomes(data: bytes | bytearray) -> int:
    """Return how many bytes of memory JSON may take when it is read, without reading it.

    In memory, lists, dictionaries and short texts may be a hundred times as large as in JSON. This
    is an upper bound: a comma within a text is counted, too, though it takes no extra memory.
    """
    return len(data) + 120 * data.count(b"[") + 300 * data.count(b"{") + 60 * data.count(b",")


class Closed(Exception):
    """There is nobody at the other end."""


class Line:
    """A connection that carries messages both ways, each of JSON and buffers.

    Parameters
    ----------
    connection : socket
        A stream socket. It is closed by whoever made the line.

    Attributes
    ----------
    until : float or None
        The time, by `time.monotonic`, at which waiting ends; None if it does not.
    """

    def __init__(self, connection: socket.socket):
        self._connection = connection
        self.until: float | None = None

    def send(self, content: Mapping[str, Any], buffers: Sequence[bytes] = ()) -> None:
        """Send a message.

        Raises
        ------
        Closed
        TimeoutError
        """
        head = json.dumps([content, [len(one) for one in buffers]]).encode()
        try:
            for part in (_HEAD.pack(len(head)) + head, *buffers):
                self._connection.settimeout(self._left())
                self._connection.sendall(part)
        except TimeoutError:
            raise
        except OSError as error:
            raise Closed from error

    def receive(self) -> tuple[dict[str, Any], list[bytearray]]:
        """Return the next message; its sizes are checked before any memory is taken.

        Raises
        ------
        Closed
        TimeoutError
        Malformed
        """
        (size,) = _HEAD.unpack(self._bytes(_HEAD.size))
        if size > MAX_JSON:
            raise Malformed(f"more than {MAX_JSON // 2**20} MB of JSON")
        if becomes(data := self._bytes(size)) > MAX_READ:
            raise Malformed("a message that may become too large")
        try:
            content, sizes = json.loads(data)
        except (ValueError, TypeError, RecursionError) as error:
            raise Malformed("a message that cannot be read") from error
        if not isinstance(content, dict) or not isinstance(sizes, list):
            raise Malformed("a message that cannot be read")
        if len(sizes) > MAX_BUFFERS or any(type(n) is not int or n < 0 for n in sizes):
            raise Malformed("a message with no sizes")
        if sum(sizes) > MAX_BYTES:
            raise Malformed(f"more than {MAX_BYTES // 2**20} MB of arrays")
        return content, [self._bytes(n) for n in sizes]

    def _bytes(self, count: int) -> bytearray:
        data = bytearray(count)
        left = memoryview(data)
        while left:
            try:
                self._connection.settimeout(self._left())
                came = self._connection.recv_into(left)
            except TimeoutError:
                raise
            except OSError as error:
                raise Closed from error
            if not came:
                raise Closed
            left = left[came:]
        return data

    def _left(self) -> float | None:
        if self.until is None:
            return None
        if (left := self.until - time.monotonic()) <= 0:
            raise TimeoutError
        return left
