"""The learner's own backward pass, for any number of layers, called with care."""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bplab import deep, network
from bplab.widgets.kit.call import called
from bplab.widgets.kit.learner import GradientError, fitting, kind

__all__ = ["OwnGradients", "relative_error"]

SECONDS = 5  # a slower call is given up


class OwnGradients:
    """A learner's gradient function; whatever goes wrong in it becomes a `GradientError`.

    Parameters
    ----------
    function : callable
        ``function(X, Y, alphas, beta, sigmas, g)`` returning the gradients by the alphas (as many
        as there are hidden layers) and by beta; or, written for one hidden layer,
        ``function(X, Y, alpha, beta, sigma, g)``, which it is told by the name ``alpha``.

    Attributes
    ----------
    one_layer : bool
        Whether it is written for one hidden layer.

    Raises
    ------
    ValueError
        If it cannot be called.
    """

    def __init__(self, function: Callable[..., Any]):
        if not callable(function):
            raise ValueError(
                "gradients must be a function gradients(X, Y, alphas, beta, sigmas, g), given "
                f"without calling it; got {type(function).__name__}"
            )
        self._function = function
        self.one_layer = function is network.backward or "alpha" in _names(function)

    @property
    def is_reference(self) -> bool:
        """Whether it is the library's, of which the model knows a faster form."""
        return self._function in (deep.backward, network.backward)

    def __call__(
        self, X: NDArray, Y: NDArray, weights: Sequence[NDArray], sigmas: Sequence[Any], g: Any
    ) -> tuple[NDArray, ...]:
        """Return the gradients by all ``weights``, beta last."""
        given = [_read_only(w) for w in weights]
        *alphas, beta = given
        depth = len(alphas)
        if self.one_layer and depth > 1:
            raise GradientError(
                "Your gradient function is written for one hidden layer (its argument is called "
                f"alpha), and the network has {depth}. Choose 1 hidden layer, or give a function "
                "of alphas and sigmas"
            )
        alpha, sigma = (alphas[0], sigmas[0]) if self.one_layer else (tuple(alphas), tuple(sigmas))
        answer = called(
            *(self._function, _read_only(X), _read_only(Y), alpha, beta, sigma, g),
            what="gradient function",
            given="X, Y or the weights",
            seconds=SECONDS,
            error=GradientError,
        )
        return self._checked(answer, weights)

    def _checked(self, answer: object, weights: Sequence[NDArray]) -> tuple[NDArray, ...]:
        """Return the answer as arrays of the shapes of the weights."""
        if answer is None:
            raise GradientError("Your gradient function returns nothing: is a return missing?")
        if not (isinstance(answer, (tuple, list)) and len(answer) == 2):
            raise GradientError(
                "Your gradient function must return two things, the gradients by the alphas and "
                f"the gradient by beta; it returned {kind(answer)}."
            )
        by_alphas, by_beta = answer
        shapes = [w.shape for w in weights]
        if self.one_layer:
            return fitting((by_alphas, by_beta), ("alpha", "beta"), shapes)
        depth = len(weights) - 1
        if not isinstance(by_alphas, (tuple, list)) or len(by_alphas) != depth:
            came = f"of {len(by_alphas)}" if isinstance(by_alphas, (tuple, list)) else "no sequence"
            raise GradientError(
                "The first thing that your gradient function returns must be a sequence of "
                f"{depth} gradients, one a hidden layer; it is {came}."
            )
        names = [f"alphas[{d}]" for d in range(depth)] + ["beta"]
        return fitting((*by_alphas, by_beta), names, shapes)


def relative_error(mine: Sequence[NDArray], reference: Sequence[NDArray]) -> float:
    """Return how far two gradients are apart, as a share of the reference's norm."""
    a, b = (np.concatenate([np.ravel(part) for part in parts]) for parts in (mine, reference))
    distance, size = float(np.linalg.norm(a - b)), float(np.linalg.norm(b))
    return distance / size if size else distance


def _names(function: Callable[..., Any]) -> list[str]:
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):  # built in: it does not say
        return []


def _read_only(array: NDArray) -> NDArray:
    if not array.flags.writeable:
        return array
    view = array.copy()
    view.flags.writeable = False
    return view
