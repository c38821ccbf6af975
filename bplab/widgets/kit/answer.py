"""What a learner's function returned, as the arrays that it should be; else a sentence says why."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bplab.widgets.kit.learner import kind
from bplab.widgets.kit.panel import LearnerError


def parts_of(answer: object, what: str, parts: Sequence[str]) -> Sequence[object]:
    """Return the parts of an answer that should have several.

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
    _not_none(answer, what)
    if not isinstance(answer, (tuple, list)) or len(answer) != len(parts):
        things = "a list of one thing" if len(parts) == 1 else f"{len(parts)} things"
        raise LearnerError(
            f"Your {what} must return {things}, {' and '.join(parts)}; it returned {kind(answer)}."
        )
    return answer


def array_of(answer: object, what: str, shape: tuple[int, ...]) -> NDArray:
    """Return an answer as a float array of this shape.

    Parameters
    ----------
    answer : object
        What the function returned, or a part of it.
    what : str
        What it is, after "Your".
    shape : tuple of int

    Raises
    ------
    LearnerError
        If it is none, or not finite.
    """
    _not_none(answer, what)
    try:
        array = np.asarray(answer)
    except ValueError:  # rows of different lengths
        array = np.asarray(answer, dtype=object)
    if array.dtype.kind not in "fiub":
        raise LearnerError(f"Your {what} must hold real numbers; it has dtype {array.dtype}.")
    if array.shape != shape:
        raise LearnerError(f"Your {what} has shape {array.shape}; right is {shape}.")
    array = array.astype(np.float64)
    if not np.isfinite(array).all():
        raise LearnerError(f"Your {what} holds a number that is not finite (NaN or infinite).")
    return array


def _not_none(answer: object, what: str) -> None:
    if answer is None:
        raise LearnerError(f"Your {what} returns nothing: is a return missing?")
