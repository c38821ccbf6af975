"""Call a learner's function, and keep whatever comes back: arrays, an error, or nothing.

Nothing here knows an exercise or an answer, because kernels that grade load this module.
"""

import dis
import hashlib
import inspect
import io
import linecache
import numbers
import os
import re
import signal
import sys
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence, ValuesView
from contextlib import contextmanager, nullcontext, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from itertools import islice
from pathlib import Path
from types import CodeType, FunctionType, GeneratorType
from typing import Any, NamedTuple

import numpy as np

from bplab.errors import LIBRARIES, own_lines
from bplab.languages import english, told
from bplab.learner.causes import Cause
from bplab.learner.rows import Endless, leaves
from bplab.tree import Layers

__all__ = [
    "LONG",
    "NOTHING",
    "SAYABLE",
    "Answer",
    "Form",
    "Interrupted",
    "Layers",
    "Lesson",
    "NoNumbers",
    "Raised",
    "TimeIsUp",
    "apart",
    "as_parts",
    "call",
    "can_be_stopped",
    "closed_over",
    "contained",
    "copied",
    "found_by",
    "handed",
    "how_to_stop",
    "lesson",
    "may_leave_traces",
    "names_in",
    "names_with",
    "own_functions",
    "own_line",
    "quiet",
    "time_limit",
    "took_part",
    "watched",
]


_INSIDE = re.compile(r"(?:, with gufunc|(?<=,) gufunc core with) signature \S+")
"""Parts of numpy's messages on matrix products that only experts in numpy understand."""


@dataclass(frozen=True)
class Raised:
    """An error that a learner's function raised.

    Attributes
    ----------
    kind, says : str
        Name of its class, and its message.
    where : str
        The last line of the learner's own code that the error came through, such as
        ``line 3: Z = X @ alpha``, or an empty string.
    not_written : bool
        Whether it is the error that an unfinished starter raises.
    cause : Cause or None
        Why it came up, if that is certain.
    there : str
        The values involved, in words: ``delta is (5, 4) and Z is (5, 11)``; may be empty.
    digest : str
        A hash of kind and message, in place of a message that must not be shown.
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
        """Record an error, and translate it."""
        if type(error) in (_Ended, Interrupted) and error.__cause__ is not None:
            error = error.__cause__
        starter = issubclass(type(error), NotImplementedError)
        cause, there = (None, "") if starter else _translated(error)
        try:
            no_words = type(error) is SystemExit and error.args in ((), (None,))
            says = "" if no_words else english(error)
        except Exception:  # a class of the learner's own
            says = ""
        return cls(type(error).__name__, says, own_line(error), starter, cause, there)

    @property
    def own_words(self) -> str:
        """Python's message, without the parts of it that only experts in numpy understand."""
        return _INSIDE.sub("", str(self))

    def __str__(self) -> str:
        return f"{self.kind}: {self.says}".rstrip(": ")

    def like(self, other: "Raised") -> bool:
        """Whether both have the same kind and message; where they came up does not matter."""
        return self.letters() == other.letters()

    def letters(self) -> str:
        """Return a hash that only errors of the same kind and message share."""
        text = f"{self.kind}: {self.says}".encode(errors="replace")
        return self.digest or hashlib.sha256(text).hexdigest()

    @property
    def line(self) -> str:
        """The line in words, such as ``"line 3"``, or an empty string."""
        return self.where.partition(":")[0]


def _translated(error: BaseException) -> tuple[Cause | None, str]:
    try:
        # imported only now: a run without an error need not wait for it
        from bplab.learner.exceptions import translated

        return translated(error, LIBRARIES)
    except Exception:  # a learner's objects may do anything when they are inspected
        return None, ""


def took_part(error: BaseException) -> str:
    """Return the values involved where bplab's own code failed, as in `Raised.there`."""
    from bplab.learner.exceptions import translated

    return translated(error, (f"{Path(np.__file__).parent}{os.sep}", "<frozen ")).there


@dataclass(frozen=True)
class NoNumbers:
    """Something that stands where an array of numbers should.

    Attributes
    ----------
    what : str
        What it is, as in "your function returns …": ``"text"``, ``"a dict"``, ``"nothing"``.
    cure : str
        What to do about it, if that is known.
    """

    what: str
    cure: str = ""


NOTHING = NoNumbers("nothing")
TEXT = NoNumbers("text", "float(…) makes a number of text, .astype(float) makes an array.")
NO_NUMBER = NoNumbers(
    "text that float(…) cannot read",
    'Text is for print: return the numbers themselves, without str(…), repr(…) or f"…".',
)
COMPLEX = NoNumbers("complex numbers")
MASKED = NoNumbers("a masked array in which numbers are missing", "Fill it: .filled(…).")
OBJECTS = NoNumbers(
    "an array of dtype object", "Look at how it is filled: every entry should be one number."
)
COROUTINE = NoNumbers("a coroutine", "Write def in place of async def.")
GENERATOR = NoNumbers("a generator", "Write return in place of yield.")
BOTH = NoNumbers("an async generator", "Write def in place of async def, and return for yield.")

SAYABLE = {
    item.what: item
    for item in (
        *(NOTHING, TEXT, NO_NUMBER, COMPLEX, MASKED, OBJECTS, COROUTINE, GENERATOR, BOTH),
        *(NoNumbers(f"a {what}") for what in ("dict", "set", "function", "module")),
        *(
            NoNumbers(f"a {row} of things{how}")
            for row in ("list", "tuple")
            for how in ("", " of different shapes")
        ),
    )
}
"""What a grader may say of such things, by their ``what``: no word of a student's is in it."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, pressed while a learner's function ran.

    Attributes
    ----------
    where : str
        The learner's line that was running: see `Raised`.
    seconds : float
        How long this call had been running.
    case : object
        What the function was given, if its caller says so.
    """

    case: Any = None

    def __init__(self, where: str, seconds: float):
        super().__init__("a function was stopped while it ran")
        self.where, self.seconds = where, seconds


class Form(NamedTuple):
    """What a part of an answer should be: the axes of its array, and whether each layer has one."""

    axes: int
    layered: bool = False


Piece = tuple[np.ndarray | NoNumbers, ...]
"""One part of an answer: a single array, or those of its layers."""


@dataclass(frozen=True)
class Answer:
    """The outcome of one call: an error, or what came back, part by part.

    Attributes
    ----------
    came : Raised, or tuple of tuple of ndarray or NoNumbers
        The error; or the parts, of which there may be more or fewer than there should be. A part
        holds one array, or one for each layer; `NoNumbers` describes anything that is not an array.
    changed : str
        Name of the argument that the function wrote to, or an empty string.
    printed : str
    rearranged : str
        Name of the sequence that it added to, took from or reversed, which is allowed.
    """

    came: Raised | tuple[Piece, ...]
    changed: str = ""
    printed: str = ""
    rearranged: str = ""

    @property
    def raised(self) -> Raised | None:
        """The error, if there was one."""
        return self.came if isinstance(self.came, Raised) else None

    @property
    def parts(self) -> tuple[Piece, ...]:
        """The parts that came back."""
        return () if isinstance(self.came, Raised) else self.came

    @cached_property
    def arrays(self) -> tuple[np.ndarray, ...] | None:
        """The arrays of all parts in one tuple; None after an error, or if one is not an array."""
        if isinstance(self.came, Raised):
            return None
        row = [item for part in self.came for item in part]
        arrays = tuple(item for item in row if not isinstance(item, NoNumbers))
        return arrays if len(arrays) == len(row) else None


@dataclass(frozen=True)
class Lesson:
    """The outcome of one lesson: labels, an error, or neither of them in time.

    ``labels`` is an array of real numbers of any shape, or None with the reason in
    ``unusable``, ``raised`` or ``in_time``.
    """

    seconds: float
    labels: np.ndarray | None = None
    unusable: str = ""
    raised: Raised | None = None
    in_time: bool = True
    changed: str = ""  # name of the argument that the function wrote to


# --- the call -----------------------------------------------------------------------------


@contextmanager
def apart(printed: io.StringIO) -> Iterator[None]:
    """Keep what is printed, and let numpy treat errors as by default, whatever a cell has set."""
    with (
        np.errstate(all="warn", under="ignore"),
        redirect_stdout(printed),
        redirect_stderr(printed),
    ):
        yield


@contextmanager
def quiet(printed: io.StringIO) -> Iterator[None]:
    """Keep what is printed, and ignore warnings: a right function may print and warn."""
    with warnings.catch_warnings(), apart(printed):
        warnings.simplefilter("ignore")
        yield


class _Ended(Exception):
    """Stands for an error that would end the program; that error is its ``__cause__``."""


@contextmanager
def contained() -> Iterator[None]:
    """Turn what would end the program (sys.exit(), quit()) into an Exception that `Raised` reads.

    Standard input is empty, so that nobody is asked for anything. Only Ctrl-C goes through: it
    comes as a signal, unlike a learner's ``raise KeyboardInterrupt``.
    """
    pressed = False
    before = signal.getsignal(signal.SIGINT)
    listens = threading.current_thread() is threading.main_thread() and callable(before)

    def press(number: int, frame: Any) -> None:
        nonlocal pressed
        pressed = True
        if callable(before):
            before(number, frame)

    if listens:
        signal.signal(signal.SIGINT, press)
    stdin, sys.stdin = sys.stdin, io.StringIO()  # quit() closes it
    try:
        with _notebook_stays():
            yield
    except (Exception, TimeIsUp):
        raise
    except BaseException as error:
        if not pressed:
            raise _Ended from error
        raise
    finally:
        sys.stdin = stdin
        if listens:
            signal.signal(signal.SIGINT, before)
    if pressed:  # the function caught it and went on
        raise KeyboardInterrupt


@contextmanager
def _notebook_stays() -> Iterator[None]:
    """Let IPython's quit() and exit() raise as Python's do; they would stop the kernel."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None:
        yield
        return

    def ask_exit() -> None:
        raise SystemExit

    shell.ask_exit = ask_exit
    try:
        yield
    finally:
        del shell.ask_exit


def call(
    function: Callable[..., Any],
    given: Mapping[str, Any],
    forms: Sequence[Form],
    seconds: float | None = None,
) -> Answer:
    """Call ``function`` with the given values and keep the outcome.

    Parameters
    ----------
    function : callable
    given : mapping
        Its arguments, in order: copies that it may spoil.
    forms : sequence of Form
        What each part of the answer should be.
    seconds : float, optional
        How long it may take; without effect where the system cannot stop it.

    Raises
    ------
    TimeIsUp
        If it took longer.
    """
    came = _call(function, given, lambda value: as_parts(value, forms), seconds)
    if not came.in_time:
        raise TimeIsUp
    return Answer(came.raised or came.value, came.changed, came.printed, came.rearranged)


def lesson(function: Callable[..., Any], given: Mapping[str, Any], seconds: float) -> Lesson:
    """Give a lesson: call the function with these values, and stop it when its time is up."""
    came = _call(function, given, _labels, seconds)
    in_time = came.in_time and came.seconds <= seconds
    if came.raised or not in_time:
        return Lesson(came.seconds, None, "", came.raised, in_time, came.changed)
    if isinstance(came.value, NoNumbers):
        return Lesson(came.seconds, None, came.value.what, changed=came.changed)
    return Lesson(came.seconds, came.value, changed=came.changed)


class _Came(NamedTuple):
    """The outcome of a call; ``value`` is as ``read`` made it, or None if none came in time."""

    value: Any
    raised: Raised | None
    in_time: bool
    seconds: float
    changed: str
    printed: str
    rearranged: str


def _call(
    function: Callable[..., Any],
    given: Mapping[str, Any],
    read: Callable[[Any], Any],
    seconds: float | None = None,
) -> _Came:
    before = {name: copied(value) for name, value in given.items()}
    value, raised, in_time, printed = None, None, True, io.StringIO()
    arguments = {name: handed(value) for name, value in given.items()}
    start = time.perf_counter()
    try:
        # quiet, because nbgrader counts any printed warning as a failure
        with (
            contained(),
            quiet(printed),
            nullcontext() if seconds is None else time_limit(seconds),
        ):
            # read in here, too: a generator runs the learner's code only when it is read
            value = read(function(*arguments.values()))
    except TimeIsUp:
        if seconds is None:  # the limit is that of a caller, who handles it
            raise
        in_time = False
    except KeyboardInterrupt as error:
        raise Interrupted(own_line(error), time.perf_counter() - start) from error
    except Exception as error:
        raised = _in_plain_words(Raised.of(error), given)
    taken = time.perf_counter() - start
    changed = "" if raised else first_changed(given, before) or _other_layers(given, arguments)
    rearranged = _rearranged(given, arguments)
    return _Came(value, raised, in_time, taken, changed, printed.getvalue(), rearranged)


def _in_plain_words(raised: Raised, given: Mapping[str, Any]) -> Raised:
    """Replace names of bplab's classes by Python's, where they stand for a list or a function."""
    says = raised.says
    for value in map(handed, given.values()):
        its, plain = type(value).__name__, _type_name(value)
        if its != plain:
            says = re.sub(rf"\b{re.escape(its)}\b", plain, says)
    return replace(raised, says=says)


def _type_name(value: Any) -> str:
    """The name of a value's class, or of the type that the class stands for."""
    if type(value) is Layers:
        return "list"
    own = type(value).__module__.startswith("bplab.exercises.")
    return "function" if own and callable(value) else type(value).__name__


# --- what came back -----------------------------------------------------------------------

MANY_ARRAYS, MANY = 100, 100_000
"""Limits: of arrays in an answer, and of elements in anything that has to be iterated over."""


def as_parts(value: Any, forms: Sequence[Form]) -> tuple[Piece, ...]:
    """Split what came back into its parts.

    Several parts, the layers of one, and the rows of an array may come as a tuple, a list, or
    any other iterable: a deque, ``reversed``, ``map``, a generator expression, a dictionary's
    values. An array is whatever numpy can make an array of: truth values are the numbers 0 and 1,
    fractions and decimals are numbers too. A comma after the only part does no harm. An array of
    one number is not accepted in place of a number.

    There may be more or fewer parts, or layers, than there should be: whoever compares them has to
    check their number.
    """
    if len(forms) == 1 and not forms[0].layered:
        return _one_array(value, forms[0].axes)
    if len(forms) == 1 and isinstance(value, tuple) and len(value) == 1:
        (only,) = value
        row = only if _is_row(only) else ()
        if {np.ndim(layer) for layer in row if _is_array(layer)} == {forms[0].axes}:
            value = only  # there was a comma too many
    layered = [form.layered for form in forms]
    items = [value] if len(forms) == 1 else _several(value, len(forms))
    if len(items) > MANY_ARRAYS:
        return ((NoNumbers(f"{len(items)} things in one row"),),)
    return tuple(
        _layers(item) if i < len(forms) and layered[i] else (_as_array(item),)
        for i, item in enumerate(items)
    )


def _several(value: Any, count: int) -> Sequence[Any]:
    """Split what came back where there should be ``count`` parts."""
    items = _walked(value)
    if _is_array(items):
        array = _numbers(items)  # an array may be split along its first axis
        if isinstance(array, np.ndarray) and array.shape[:1] == (count,):
            return list(array)
        return (value,)
    return items if _is_row(items) else (items,)


def _one_array(value: Any, axes: int) -> tuple[Piece, ...]:
    """Read what came back where one array should: that array, or several in place of it."""
    items = _walked(value)
    if isinstance(items, tuple) and 0 < len(items) <= MANY_ARRAYS:
        apart = [_as_array(item) for item in items]
        found = {array.ndim for array in apart if isinstance(array, np.ndarray)}
        if len(items) == 1 and found == {axes}:
            return (tuple(apart),)  # a comma too many
        if axes and axes in found:
            return tuple((item,) for item in apart)
    array = _as_array(items)
    if isinstance(array, np.ndarray) or not _is_row(items) or len(items) > MANY_ARRAYS:
        return ((array,),)
    apart = [_as_array(item) for item in items]
    if not any(isinstance(item, np.ndarray) and item.ndim >= axes for item in apart):
        return ((array,),)
    return tuple((item,) for item in apart)


def _layers(item: Any) -> Piece:
    """Read what came back where there should be an array for each layer."""
    layers = _walked(item, generators=True)
    if not _is_row(layers):
        array = _as_array(layers)
        if isinstance(array, np.ndarray) and array.ndim >= 3:
            return tuple(list(array))
        return (array,)
    if len(layers) > MANY_ARRAYS:
        return (NoNumbers(f"{len(layers)} things in one row"),)
    return tuple(map(_as_array, layers))


def _is_row(value: Any) -> bool:
    """Whether it is a sequence of things, and neither an array nor text."""
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes, range))


def _is_array(value: Any) -> bool:
    return hasattr(value, "__array__")


def _walked(value: Any, *, generators: bool = False) -> Any:
    """Return a list of what can only be iterated over; anything else as it is.

    A function with yield in place of return gives a generator, too: that is turned into a list
    only where ``generators`` are wanted.
    """
    if isinstance(value, GeneratorType) and value.gi_code.co_name != "<genexpr>" and not generators:
        return value
    if isinstance(value, np.ndarray) and value.dtype.kind == "O" and value.ndim == 1:
        return list(value)  # an array of objects stands for a list of them
    if isinstance(value, (Iterator, ValuesView)):
        walked = list(islice(value, MANY + 1))
        return value if len(walked) > MANY else walked
    return value


def _as_array(value: Any) -> np.ndarray | NoNumbers:
    """Return a new array of floats: float32 stays float32, everything else becomes float64."""
    if type(value) is np.ndarray and value.dtype == np.float64:
        return value.copy(order="K")  # the usual case, in which nothing needs to be checked
    array = _numbers(value)
    if isinstance(array, NoNumbers) or array.dtype in (np.float32, np.float64):
        return array
    return array.astype(np.float64)


def _labels(value: Any) -> np.ndarray | NoNumbers:
    """Return a new array: integers keep their type, everything else becomes float64."""
    array = _numbers(value)
    if isinstance(array, NoNumbers) or (array.dtype.kind in "iu" and array.dtype.isnative):
        return array
    return array.astype(np.float64)


def _numbers(value: Any) -> np.ndarray | NoNumbers:
    """Return a new array of real numbers of any type; or say what the value is instead."""
    if value is None:
        return NOTHING
    value = _walked(value)
    if isinstance(value, (list, tuple)) and any(isinstance(row, Iterator) for row in value):
        value = [_walked(row) for row in value]
    if not _ends(value):
        return NoNumbers(f"{_called(value)} without an end")
    try:
        array = np.array(value)  # a copy: the function may use the same buffer again
    except Exception:  # rows of different lengths; or whatever its __array__ raises
        return _no_array(value)
    if array.dtype.kind == "O":
        one = array.ndim == 0 and not isinstance(value, (numbers.Real, Decimal))
        return _no_array(value) if one else _of_objects(array)
    if array.dtype.kind not in "fiub":
        other = NoNumbers(f"an array of dtype {array.dtype}")
        if array.dtype.kind in "US":
            return _of_text(array)
        return COMPLEX if array.dtype.kind == "c" else other
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        return MASKED
    return array


def _ends(value: Any) -> bool:
    """Whether numpy can read it to its end; ``np.c_``, or a list that contains itself, has none."""
    if not isinstance(value, (list, tuple)):
        return _is_finite(value)
    try:
        return all(map(_is_finite, leaves(value, set())))
    except Endless:
        return False


def _is_finite(value: Any) -> bool:
    if not hasattr(value, "__getitem__") or isinstance(value, _READ_WHOLE) or _is_array(value):
        return True
    with suppress(Exception):  # numpy will meet the same error
        return len(list(islice(value, MANY + 1))) <= MANY
    return True


_READ_WHOLE = (str, bytes, bytearray, memoryview, range, dict, type)


def _of_text(array: np.ndarray) -> NoNumbers:
    """Say what an array of text is: numbers written as text, or anything else."""
    try:
        array.astype(np.float64)
    except ValueError:
        return NO_NUMBER
    return TEXT


def _of_objects(array: np.ndarray) -> np.ndarray | NoNumbers:
    """Read fractions, decimals, and other numbers that numpy keeps as objects."""
    for index, entry in np.ndenumerate(array):
        if not isinstance(entry, (numbers.Real, Decimal)):
            where = f"[{', '.join(map(str, index))}]"
            return NoNumbers(f"{OBJECTS.what}, with {_called(entry)} at {where}", OBJECTS.cure)
    return array.astype(np.float64)


def _no_array(value: Any) -> NoNumbers:
    """Say what a value is, of which numpy cannot make an array."""
    if inspect.iscoroutine(value):
        value.close()  # otherwise Python warns that it was never awaited
        return COROUTINE
    if inspect.isasyncgen(value):
        return BOTH
    if isinstance(value, GeneratorType) and value.gi_code.co_name != "<genexpr>":
        return GENERATOR
    if isinstance(value, Iterator):
        return NoNumbers(f"{_called(value)} without an end")
    if _is_row(value):
        sizes = {row.shape for row in value if isinstance(row, np.ndarray)}
        sizes |= {(len(row),) for row in value if isinstance(row, (list, tuple))}
        several = f"a {_type_name(value)} of things"
        return NoNumbers(f"{several} of different shapes" if len(sizes) > 1 else several)
    return NoNumbers(_called(value))


def _called(value: Any) -> str:
    """Say what a thing is: ``a dict``, ``the class Layer``, ``a function``."""
    if value is None:
        return "None"
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if inspect.isroutine(value):
        return "a function"
    name = _type_name(value)
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


# --- what was given -----------------------------------------------------------------------


def handed(value: Any) -> Any:
    """Return what a learner's function is given for this value.

    Of a sequence it gets one of its own: it may add to it, take from it, or reverse it, and the
    caller's stays as it was. The arrays in it are the caller's.
    """
    return Layers(value) if type(value) in (list, tuple) else value


def copied(value: Any) -> Any:
    """Return a copy of an array, or of all arrays in a list or tuple; other values as they are."""
    if isinstance(value, np.ndarray):
        return value.copy(order="K")  # in the same memory layout, by rows or by columns
    if type(value) in (list, tuple):
        return type(value)(map(copied, value))
    return value


def first_changed(given: Mapping[str, Any], before: Mapping[str, Any]) -> str:
    """Return the name of the first argument that has changed, or an empty string."""
    return next((n for n, value in given.items() if not _same(value, before[n])), "")


def _other_layers(given: Mapping[str, Any], handed: Mapping[str, Any]) -> str:
    """The name of the first sequence in which something new has replaced what was given."""
    known = {id(value) for value in given.values()}
    known |= {
        id(item) for value in given.values() if type(value) in (list, tuple) for item in value
    }
    for name, now in handed.items():
        as_long = isinstance(now, Layers) and len(now) == len(given[name])
        if as_long and any(id(item) not in known for item in now):
            return name
    return ""


def _rearranged(given: Mapping[str, Any], handed: Mapping[str, Any]) -> str:
    """The name of the first sequence whose elements, or their order, have changed."""
    for name, now in handed.items():
        if isinstance(now, Layers) and list(map(id, now)) != list(map(id, given[name])):
            return name
    return ""


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


def names_in(code: CodeType) -> set[str]:
    """Return the names that code looks up, and those that functions defined in it look up."""
    inner = (one for one in code.co_consts if isinstance(one, CodeType))
    return set(code.co_names).union(*map(names_in, inner))


def names_with(code: CodeType, *instructions: str) -> Iterator[str]:
    """Yield the names in such instructions of code, and of the functions defined in it."""
    for one in dis.get_instructions(code):
        if one.opname in instructions:
            yield one.argval
        elif isinstance(one.argval, CodeType):
            yield from names_with(one.argval, *instructions)


def own_functions(function: Any) -> list[FunctionType]:
    """Return a Python function and the functions of its notebook that it looks up, directly or not.

    The list is empty for anything but a Python function. Functions that are defined inside one are
    part of its code: see `bplab.learner.names_in`.
    """
    found: dict[int, FunctionType] = {}
    left: list[object] = [function]
    while left:
        one = left.pop()
        if not isinstance(one, FunctionType) or id(one) in found:
            continue
        if found and one.__globals__ is not next(iter(found.values())).__globals__:
            continue  # it belongs to a library
        found[id(one)] = one
        left += [one.__globals__.get(name) for name in names_in(one.__code__)]
        left += closed_over(one).values()
    return list(found.values())


CHANGEABLE = (list, tuple, dict, set, deque, np.ndarray)
"""Types that can be changed in place, or that can hold such objects."""

_STORES = frozenset(
    dis.opmap[name] for name in ("STORE_GLOBAL", "DELETE_GLOBAL", "STORE_ATTR", "DELETE_ATTR")
)


def may_leave_traces(function: Any) -> bool:
    """Whether a function, or one that it calls, can change anything in its notebook that lasts."""
    return any(
        _stores(one.__code__) or any(_lasts(v, one) for v in [*found_by(one), *vars(one).values()])
        for one in own_functions(function)
    )


def _stores(code: CodeType) -> bool:
    if not _STORES.isdisjoint(code.co_code[::2]):
        return True
    return any(_stores(one) for one in code.co_consts if isinstance(one, CodeType))


def _lasts(value: Any, function: FunctionType) -> bool:
    return isinstance(value, CHANGEABLE) or type(value).__module__ == function.__module__


def found_by(function: FunctionType) -> list[Any]:
    """Return the objects in a function's reach: notebook's names, defaults, variables around it."""
    notebook = function.__globals__
    return [
        *(notebook[name] for name in names_in(function.__code__) if name in notebook),
        *(function.__defaults__ or ()),
        *(function.__kwdefaults__ or {}).values(),
        *closed_over(function).values(),
    ]


def closed_over(function: FunctionType) -> dict[str, Any]:
    """Return the variables of the enclosing function that a function uses, if they have values."""
    found = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        with suppress(ValueError):  # the cell is still empty
            found[name] = cell.cell_contents
    return found


def own_line(error: BaseException) -> str:
    """Return the last line of the learner's own code that the error came through."""
    own = own_lines(error)
    if not own:
        return ""
    text = linecache.getline(own[-1].filename, own[-1].lineno or 0).strip()
    return f"line {own[-1].lineno}: {text}" if text else f"line {own[-1].lineno}"


# --- a function without an end ------------------------------------------------------------


class TimeIsUp(BaseException):
    """Time is up. It is not an Exception: code that catches those must not go on."""


def can_be_stopped() -> bool:
    """Whether `time_limit` holds here; elsewhere only the user can stop a function."""
    main = threading.current_thread() is threading.main_thread()
    return main and hasattr(signal, "setitimer")


AGAIN = 0.5
"""Seconds after which `TimeIsUp` is raised again: while Python cleans up, it ignores errors."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TimeIsUp after these seconds where the system can; elsewhere there is no limit.

    The time of an outer limit keeps running.
    """
    if not can_be_stopped() or seconds == float("inf"):
        yield
        return

    def ring(*_: object) -> None:
        raise TimeIsUp

    before, begun = signal.signal(signal.SIGALRM, ring), time.monotonic()
    left, again = signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-3), AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if left:
            left -= time.monotonic() - begun
            signal.setitimer(signal.ITIMER_REAL, max(left, 1e-3), again)


LONG = 5.0
"""A function that runs for more seconds than these may never end."""


@contextmanager
def watched(
    seconds: Callable[[], float], words: Callable[[float], str], long: float = LONG
) -> Iterator[None]:
    """Print a message, once, if a function runs for long; a thread watches it.

    Parameters
    ----------
    seconds : callable
        Returns for how long the function has been running.
    words : callable
        Takes these seconds and returns the message; empty if nothing runs right now.
    long : float
        Seconds after which the message is due.
    """
    done, out = threading.Event(), sys.stdout

    def wait() -> None:
        while not done.wait(max(long - seconds(), long / 50)):
            if (ran := seconds()) >= long and (said := words(ran)):
                print(told(said), file=out, flush=True)
                return

    thread = threading.Thread(target=wait, daemon=True)
    with suppress(RuntimeError):  # there are no threads in a browser
        thread.start()
    try:
        yield
    finally:
        done.set()
        if thread.ident is not None:
            thread.join()


def how_to_stop() -> str:
    """Say what stops a function that is running, in words that follow "To stop it,"."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    in_notebook = getattr(shell, "kernel", None) is not None
    if threading.current_thread() is not threading.main_thread():  # interrupts reach only that one
        return "restart the kernel" if in_notebook else "end the program"
    return "interrupt the kernel (■, or Kernel → Interrupt)" if in_notebook else "press Ctrl-C"
