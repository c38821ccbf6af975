"""A function called in the middle of a training: what comes back has to fit, or ends it."""

import textwrap
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bplab._loss_curve import times
from bplab.exercises._answer import as_arrays
from bplab.exercises._exercise import Exercise

__all__ = ["DoesNotRun", "Guard", "NoNumber"]

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
        self._wanted: tuple[tuple[int, ...], ...] = ()

    def __call__(self, *arguments: Any) -> tuple[NDArray, ...]:
        """Call the function; return the arrays of its answer, those of many layers one by one.

        Raises
        ------
        DoesNotRun
            If it raises, or its answer has not the parts and the shapes of the reference's.
        NoNumber
            If its answer, or what it was given, is not finite.
        """
        if not self._wanted:
            right, _ = as_arrays(self._exercise.reference(*arguments), self._exercise.parts)
            self._wanted = tuple(array.shape for array in right)
        try:
            value = self._function(*arguments)
        except Exception as error:
            if not _finite(arguments):
                raise NoNumber from error
            said = textwrap.shorten(str(error), WIDTH, placeholder=" …")
            raise DoesNotRun(f"it raises {type(error).__name__}: {said}".rstrip(": ")) from error
        arrays, unusable = as_arrays(value, self._exercise.parts)
        if arrays is None:
            raise DoesNotRun(f"it returns {unusable}")
        shapes = tuple(array.shape for array in arrays)
        if shapes != self._wanted:
            raise DoesNotRun(self._difference(shapes))
        if not _finite(arrays):
            raise NoNumber
        return arrays

    def _difference(self, shapes: tuple[tuple[int, ...], ...]) -> str:
        if len(shapes) != len(self._wanted):
            return f"it returns {times(len(shapes), 'array')}, in the place of {len(self._wanted)}"
        layers = len(self._wanted) - len(self._exercise.parts) + 1
        names = []
        for part in self._exercise.parts:
            names += [f"{part.name}[{d}]" for d in range(layers)] if part.layered else [part.name]
        return next(
            f"{name} has shape {shape}, in the place of {wanted}"
            for name, shape, wanted in zip(names, shapes, self._wanted, strict=True)
            if shape != wanted
        )


def _finite(values: Any) -> bool:
    """Whether all numbers in the arrays, and in lists of arrays, are finite."""
    return all(
        _finite(value) if isinstance(value, (list, tuple)) else np.isfinite(value).all()
        for value in values
        if isinstance(value, (list, tuple, np.ndarray))
    )
