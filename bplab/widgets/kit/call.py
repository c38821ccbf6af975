"""A learner's function called with care: what stops it becomes one sentence, with their line."""

import traceback
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from bplab.widgets.kit.panel import LearnerError

LIBRARIES = ("site-packages", str(Path(__file__).parents[2]))


def called(
    function: Callable[..., Any],
    *arguments: Any,
    what: str,
    given: str,
    seconds: float = np.inf,
    error: type[LearnerError] = LearnerError,
) -> Any:
    """Call a learner's function and return what it gives.

    Parameters
    ----------
    function : callable
    *arguments
        What it is given; arrays that it must not write into are read-only.
    what : str
        What it is, after "Your": ``"gradient function"``.
    given : str
        The arguments that it must not write into, e.g. ``"X or Y"``.
    seconds : float
        A call that took longer raises.
    error : type
        What is raised.

    Raises
    ------
    LearnerError
        If the function is not written yet, raises, or is too slow; the message is for the learner.
    """
    start = perf_counter()
    try:
        answer = function(*arguments)
    except LearnerError:
        raise  # said already, by a function of ours that calls the learner's
    except NotImplementedError as problem:
        said = str(problem) or f"Your {what} is not written yet: write it, run its cell."
        raise error(said) from problem
    except Exception as problem:
        raise error(_stopped(problem, what, given)) from problem
    if perf_counter() - start > seconds:
        raise error(
            f"Your {what} is slow: one call took {perf_counter() - start:.1f} seconds. Replace "
            "its loops by operations on whole arrays."
        )
    return answer


def _stopped(problem: Exception, what: str, given: str) -> str:
    """Say what stopped the learner's function, and at which of the learner's lines."""
    if isinstance(problem, ValueError) and "read-only" in str(problem):
        said = f"it writes into {given}. Work on a copy"
    else:
        said = f"{type(problem).__name__}: {problem}".rstrip(": ")
    own = [
        frame
        for frame in traceback.extract_tb(problem.__traceback__)
        if frame.line and not any(library in frame.filename for library in LIBRARIES)
    ]
    where = f" (at line {own[-1].lineno}: {own[-1].line})" if own else ""
    return f"Your {what} stopped: {said.rstrip('.')}{where}."
