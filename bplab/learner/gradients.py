"""The learner's own backward pass, for one hidden layer or for any number of them."""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bplab import deep, network
from bplab.errors import InputError
from bplab.learner.careful import Careful, array_of, parts_of
from bplab.learner.words import LearnerError

__all__ = ["Gradients"]

GRADIENT = "the gradient with respect to"
SECONDS = 5  # a call that takes longer is stopped

Weights = Sequence[np.ndarray]


class Gradients:
    """A learner's gradient function; whatever goes wrong in it becomes a `LearnerError`.

    Parameters
    ----------
    function : callable
        ``function(X, Y, alphas, beta, sigmas, g)``, which returns the gradients with respect to the
        alphas (as many as there are hidden layers) and to beta. Or, written for one hidden layer,
        ``function(X, Y, alpha, beta, sigma, g)``, which is recognized by the name ``alpha``.
    one_layer : bool, optional
        Whether it is written for one hidden layer, whatever its arguments are called.
    in_all : float
        After this many seconds from now, a call raises at once.
    doing : str
        What this time is for: ``"the training"``.

    Attributes
    ----------
    one_layer : bool
        Whether it is written for one hidden layer.

    Raises
    ------
    ValueError
        If ``function`` is not callable.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        one_layer: bool | None = None,
        *,
        in_all: float = np.inf,
        doing: str = "",
    ):
        if not callable(function):
            raise InputError(
                "gradients must be a function gradients(X, Y, alphas, beta, sigmas, g), given "
                f"without calling it; got {type(function).__name__}"
            )
        if one_layer is None:
            one_layer = function is network.backward or "alpha" in _names(function)
        self.one_layer = one_layer
        self._call = Careful(
            function,
            "gradient function",
            "X, Y or the weights",
            seconds=SECONDS,
            in_all=in_all,
            doing=doing,
        )

    @property
    def is_reference(self) -> bool:
        """Whether it is the library's function, for which a panel knows a faster form."""
        return self._call.function in (deep.backward, network.backward)

    def __call__(
        self, X: np.ndarray, Y: np.ndarray, weights: Weights, sigmas: Sequence[Any], g: Any
    ) -> tuple[NDArray[np.float64], ...]:
        """Return the gradients with respect to all ``weights``, beta last.

        Raises
        ------
        LearnerError
            If the function fails, or returns other things than gradients of the right shapes.
        """
        *alphas, beta = weights
        depth = len(alphas)
        if self.one_layer and depth > 1:
            raise LearnerError(
                "Your gradient function is written for one hidden layer (its argument is called "
                f"alpha), and the network has {depth}. Choose 1 hidden layer, or give a function "
                "of alphas and sigmas"
            )
        if self.one_layer:
            answer = self._call(X, Y, alphas[0], beta, sigmas[0], g)
            parts = parts_of(answer, self._call.what, (f"{GRADIENT} alpha", f"{GRADIENT} beta"))
            return _fitting(parts, ("alpha", "beta"), weights)
        answer = self._call(X, Y, alphas, beta, list(sigmas), g)
        parts = (f"{GRADIENT} each alpha", f"{GRADIENT} beta")
        by_alphas, by_beta = parts_of(answer, self._call.what, parts)
        if not isinstance(by_alphas, (tuple, list)) or len(by_alphas) != depth:
            came = f"of {len(by_alphas)}" if isinstance(by_alphas, (tuple, list)) else "no sequence"
            raise LearnerError(
                "The first thing that your gradient function returns must be a sequence of "
                f"{depth} gradients, one a hidden layer; it is {came}."
            )
        names = [f"alphas[{d}]" for d in range(depth)] + ["beta"]
        return _fitting((*by_alphas, by_beta), names, weights)


def _fitting(
    parts: Sequence[object], names: Sequence[str], weights: Weights
) -> tuple[NDArray[np.float64], ...]:
    """Return one gradient for each array of weights, as an array of the same shape."""
    arrays = []
    for name, part, w, other in zip(names, parts, weights, weights[::-1], strict=True):
        swapped = getattr(part, "shape", None) == other.shape
        hint = "Are the two in the wrong order?" if swapped else "Compare it with the weights'."
        arrays.append(array_of(part, f"gradient with respect to {name}", w.shape, name, hint))
    return tuple(arrays)


def _names(function: Callable[..., Any]) -> list[str]:
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):  # a function written in C may have no signature
        return []
