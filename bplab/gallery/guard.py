"""A function called in the middle of a training: what comes back has to fit, or ends it."""

import textwrap
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bplab.exercises.task.exercise import Exercise
from bplab.learner import as_arrays
from bplab.training.loss_curve import times

__all__ = ["DoesNotRun", "Guard", "NoNumber"]

Shapes = tuple[tuple[int, ...], ...]

WIDTH = 70  # of what is quoted from an error


class DoesNotRun(Exception):
    """A training cannot go on with what the function did; says why in a few words."""


class NoNumber(Exception):
    """A number that is not finite came up."""


class Guard:
    """A function in the place of an exercise's reference.

    Parameters
    ----------
    exercise : Exercise
    function : callable
        Takes what the exercise's function takes. What it writes into its arguments stays there,
        as it would in a learner's training.
    """

    def __init__(self, exercise: Exercise, function: Callable[..., Any]):
        self._exercise, self._function = exercise, function
        self._wanted: dict[Shapes, Shapes] = {}  # shapes of the answer, by those of what is given

    def __call__(self, *arguments: Any) -> tuple[NDArray, ...]:
        """Call the function; return the arrays of its answer, those of many layers one by one.

        Raises
        ------
        DoesNotRun
            If it raises, or its answer has not the parts and the shapes of the reference's.
        NoNumber
            If it raises, and what it was given was not finite.
        """
        given = _shapes(arguments)
        if given not in self._wanted:
            right, _ = as_arrays(self._exercise.reference(*arguments), self._exercise.layered)
            self._wanted[given] = _shapes(right)
        wanted = self._wanted[given]
        try:
            value = self._function(*arguments)
        except Exception as error:
            if not _finite(arguments):
                raise NoNumber from error
            said = textwrap.shorten(str(error), WIDTH, placeholder=" …")
            raise DoesNotRun(f"it raises {type(error).__name__}: {said}".rstrip(": ")) from error
        arrays, unusable = as_arrays(value, self._exercise.layered)
        if arrays is None:
            raise DoesNotRun(f"it returns {unusable}")
        if _shapes(arrays) != wanted:
            raise DoesNotRun(self._difference(_shapes(arrays), wanted))
        return arrays

    def _difference(self, shapes: Shapes, wanted: Shapes) -> str:
        if len(shapes) != len(wanted):
            return f"it returns {times(len(shapes), 'array')}, in the place of {len(wanted)}"
        layers = len(wanted) - len(self._exercise.parts) + 1
        names = []
        for part in self._exercise.parts:
            names += [f"{part.name}[{d}]" for d in range(layers)] if part.layered else [part.name]
        return next(
            f"{name} has shape {shape}, in the place of {right}"
            for name, shape, right in zip(names, shapes, wanted, strict=True)
            if shape != right
        )


def _shapes(values: Sequence[Any]) -> Shapes:
    """The shapes of what is an array."""
    return tuple(value.shape for value in values if isinstance(value, np.ndarray))


def _finite(values: Any) -> bool:
    """Whether all numbers in the arrays, and in lists of arrays, are finite."""
    return all(
        _finite(value) if isinstance(value, (list, tuple)) else np.isfinite(value).all()
        for value in values
        if isinstance(value, (list, tuple, np.ndarray))
    )
