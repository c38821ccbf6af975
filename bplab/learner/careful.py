"""Call a learner's function with care for a picture: any failure becomes one sentence.

It gets copies that cannot be written to. Its answer is either read as the arrays that it should
be, or refused.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bplab.languages import english
from bplab.learner.call import (
    LONG,
    Raised,
    TimeIsUp,
    can_be_stopped,
    contained,
    handed,
    how_to_stop,
    own_line,
    time_limit,
    watched,
)
from bplab.learner.words import (
    LearnerError,
    cure_of,
    raises,
    returns_nothing,
    what_was_there,
    writes_into,
)

__all__ = ["Careful", "array_of", "finite", "parts_of"]

LOOPS = "Replace its loops by operations on whole arrays."


class Careful:
    """A learner's function that raises `LearnerError` for whatever goes wrong in it.

    Parameters
    ----------
    function : callable
    what : str
        What it is, after "Your": ``"gradient function"``.
    given : str
        The arguments that it must not write into, e.g. ``"X or Y"``; empty if it may.
    seconds : float
        A call that takes longer is stopped where the system can, and raises. Elsewhere a message
        says how to stop it, and it raises once it has ended.
    in_all : float
        After this many seconds from now, a running call is stopped and a new one raises at once.
    doing : str
        What the time ``in_all`` is for: ``"the training"``.
    faster : str
        A sentence that says what makes the function faster.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        what: str,
        given: str = "",
        *,
        seconds: float = np.inf,
        in_all: float = np.inf,
        doing: str = "",
        faster: str = LOOPS,
    ):
        self.function, self.what = function, what
        self._given, self._seconds = given, seconds
        self._in_all, self._doing, self._faster = in_all, doing, faster
        self._end = perf_counter() + in_all

    def __call__(self, *arguments: Any) -> Any:
        """Call the function, and return whatever it returns.

        Raises
        ------
        LearnerError
            If it is not written yet, raises, writes into its arguments, is too slow, or is stopped.
        """
        self.in_time()
        given = map(handed, map(_read_only, arguments) if self._given else arguments)
        start = perf_counter()
        try:
            with contained(), np.errstate(all="ignore"), self._ended():
                answer = self.function(*given)
        except TimeIsUp as problem:
            raise self._slow(self._still_running(), own_line(problem)) from None
        except KeyboardInterrupt as problem:
            where = f" (at {line})" if (line := own_line(problem)) else ""
            raise LearnerError(
                f"You stopped your {self.what} after {perf_counter() - start:.1f} seconds{where}."
            ) from None
        except LearnerError:
            raise  # from a function of bplab's that calls the learner's: it has said what is wrong
        except NotImplementedError as problem:
            said = f"Your {self.what} is not written yet: write it, run its cell."
            raise LearnerError(english(problem) or said) from problem
        except Exception as problem:
            raise LearnerError(self._stopped(problem)) from problem
        taken = perf_counter() - start
        if taken > self._seconds:
            raise self._slow(f"one call took {taken:.1f} seconds")
        return answer

    def in_time(self) -> None:
        """Raise LearnerError once the time for all calls is over."""
        if perf_counter() > self._end:
            raise self._slow(f"{self._doing} took longer than {self._in_all:g} seconds")

    def _ended(self) -> AbstractContextManager[None]:
        """Stop a call when its time is up, or print how to stop it."""
        if can_be_stopped():
            left = max(self._end - perf_counter(), 1e-3)  # it may run out just here
            return time_limit(min(self._seconds, left))
        start, stop = perf_counter(), how_to_stop()
        return watched(
            lambda: perf_counter() - start,
            lambda seconds: (
                f"Your {self.what} has been running for {seconds:.0f} seconds. To stop it, {stop}."
            ),
            LONG,
        )

    def _still_running(self) -> str:
        if perf_counter() > self._end:
            return f"{self._doing} took longer than {self._in_all:g} seconds"
        return f"one call was still running after {self._seconds:g} seconds"

    def _slow(self, how: str, stopped: str = "") -> LearnerError:
        where = f", and was stopped in {stopped}" if stopped else ""
        return LearnerError(f"Your {self.what} is slow: {how}{where}. {self._faster}")

    def _stopped(self, problem: Exception) -> str:
        raised = Raised.of(problem)
        where = f" (at {raised.where})" if raised.where else ""
        if isinstance(problem, ValueError) and "read-only" in raised.says:
            return f"{writes_into(self.what, self._given)}{where}. Work on a copy."
        said = f"{raises(self.what, raised).rstrip('.')}{where}."
        return " ".join(filter(None, (said, what_was_there(raised), cure_of(raised))))


def _read_only(argument: Any) -> Any:
    """Return arrays, also those in lists and tuples, as copies that cannot be written to."""
    if isinstance(argument, np.ndarray) and argument.flags.writeable:
        argument = argument.copy()
        argument.flags.writeable = False
    elif type(argument) in (list, tuple):
        return type(argument)(map(_read_only, argument))
    return argument


def parts_of(answer: object, what: str, parts: Sequence[str]) -> Sequence[object]:
    """Return the parts of an answer, after a check of how many there are.

    Parameters
    ----------
    answer : object
        What the function returned.
    what : str
        What the function is, after "Your".
    parts : sequence of str
        What each part is.

    Raises
    ------
    LearnerError
        If there are more, or fewer.
    """
    if answer is None:
        raise LearnerError(returns_nothing(what))
    if not isinstance(answer, (tuple, list)) or len(answer) != len(parts):
        things = "a list of one thing" if len(parts) == 1 else f"{len(parts)} things"
        raise LearnerError(
            f"Your {what} must return {things}, {' and '.join(parts)}; it returned {_kind(answer)}."
        )
    return answer


def array_of(
    answer: object, what: str, shape: tuple[int, ...], like: str = "", hint: str = ""
) -> NDArray[np.float64]:
    """Return an answer as a float array of this shape; NaN and infinity are allowed.

    Parameters
    ----------
    answer : object
        What the function returned, or a part of it.
    what : str
        What it is, after "Your".
    shape : tuple of int
    like : str
        Name of what has this shape too, e.g. ``"alpha"``.
    hint : str
        What to do if the shape is another one.

    Raises
    ------
    LearnerError
        If it is not an array of real numbers with this shape.
    """
    if answer is None:
        raise LearnerError(returns_nothing(what))
    try:
        array = np.asarray(answer)
    except ValueError:  # rows of different lengths, or arrays that make no rectangle
        array = np.empty(0, dtype=object)
    if array.dtype.kind not in "fiub":
        raise LearnerError(f"Your {what} must hold real numbers; it has dtype {array.dtype}.")
    if array.shape != shape:
        right = f"{like} has {shape}" if like else f"right is {shape}"
        raise LearnerError(
            f"Your {what} has shape {array.shape}; {right}.{f' {hint}' if hint else ''}"
        )
    return array.astype(np.float64)


def finite(
    array: NDArray[np.float64], what: str, where: str = "", hint: str = ""
) -> NDArray[np.float64]:
    """Return an array if all its numbers are finite.

    Parameters
    ----------
    array : ndarray
    what : str
        What it is, after "Your".
    where : str
        Where a number is not finite, as the end of a sentence: ``" in epoch 3"``.
    hint : str
        What to do then.

    Raises
    ------
    LearnerError
        If a number is not finite.
    """
    if not np.isfinite(array).all():
        said = f"Your {what} holds a number that is not finite (NaN or infinite){where}."
        raise LearnerError(f"{said} {hint}" if hint else said)
    return array


def _kind(answer: object) -> str:
    """Describe an answer that should have been several things."""
    if isinstance(answer, np.ndarray):
        return f"one array of shape {answer.shape}"
    if isinstance(answer, (tuple, list)):
        return f"{len(answer)} of them"
    return f"one {type(answer).__name__}"
