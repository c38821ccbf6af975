"""The learner's gradient function, called with care: what goes wrong becomes one sentence."""

from collections.abc import Sequence
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from bplab.activations import Activation
from bplab.training import GradientFunction
from bplab.widgets.kit.call import called
from bplab.widgets.kit.panel import LearnerError


class GradientError(LearnerError):
    """A gradient function that raised, took too long, or returned something else than gradients."""


class Guarded:
    """A gradient function that raises `GradientError` for whatever goes wrong in it.

    Parameters
    ----------
    gradients : callable
        ``gradients(X, Y, alpha, beta, sigma, g)`` giving the gradients by alpha and by beta.
    seconds : float
        After so many seconds a call raises, so that a slow function cannot block a notebook.

    Attributes
    ----------
    norms : tuple of float
        Euclidean norms of the last gradients by alpha and by beta.
    """

    def __init__(self, gradients: GradientFunction, seconds: float):
        self.norms = (np.nan, np.nan)
        self._gradients = gradients
        self._seconds = seconds
        self._end = perf_counter() + seconds

    def __call__(
        self,
        X: NDArray,
        Y: NDArray,
        alpha: NDArray,
        beta: NDArray,
        sigma: Activation,
        g: Activation,
    ) -> tuple[NDArray, NDArray]:
        """Return the two gradients, of the shapes of ``alpha`` and ``beta``."""
        if perf_counter() > self._end:
            raise GradientError(
                f"Your gradient function is slow: the training took longer than {self._seconds:g} "
                "seconds. Replace its loops over examples by products of matrices."
            )
        shapes = alpha.shape, beta.shape
        answer = called(
            *(self._gradients, X, Y, alpha, beta, sigma, g),
            what="gradient function",
            given="X or Y",
            error=GradientError,
        )
        by_alpha, by_beta = _pair(answer, shapes)
        with np.errstate(over="ignore", invalid="ignore"):
            self.norms = float(np.linalg.norm(by_alpha)), float(np.linalg.norm(by_beta))
        return by_alpha, by_beta


def _pair(answer: object, shapes: tuple[tuple[int, int], ...]) -> tuple[NDArray, NDArray]:
    """Return the answer as two arrays of these shapes."""
    if answer is None:
        raise GradientError("Your gradient function returns nothing: is a return missing?")
    if not (isinstance(answer, (tuple, list)) and len(answer) == 2):
        raise GradientError(
            "Your gradient function must return two arrays, the gradient by alpha and the one by "
            f"beta; it returned {kind(answer)}."
        )
    return fitting(answer, ("alpha", "beta"), shapes)


def fitting(
    answer: Sequence[object], names: Sequence[str], shapes: Sequence[tuple[int, ...]]
) -> tuple[NDArray, ...]:
    """Return as many things as there are weights as arrays of the weights' shapes.

    Raises
    ------
    GradientError
        If one is none; it is called by the weights' name.
    """
    try:
        arrays = tuple(np.asarray(part) for part in answer)
    except ValueError:  # rows of different lengths
        arrays = tuple(np.asarray(part, dtype=object) for part in answer)
    for name, array, shape in zip(names, arrays, shapes, strict=True):
        if array.dtype.kind not in "fiub":
            raise GradientError(
                f"Your gradient by {name} must hold real numbers; it has dtype {array.dtype}."
            )
        if array.shape != shape:
            swapped = array.shape == shapes[::-1][names.index(name)]
            hint = "Are the two in the wrong order?" if swapped else "Compare it with the weights'."
            raise GradientError(
                f"Your gradient by {name} has shape {array.shape}; {name} has {shape}. {hint}"
            )
    return arrays


def kind(answer: object) -> str:
    """Say what came in the place of two gradients."""
    if isinstance(answer, np.ndarray):
        return f"one array of shape {answer.shape}"
    if isinstance(answer, (tuple, list)):
        return f"{len(answer)} of them"
    return f"one {type(answer).__name__}"
