"""The error of differences against their step: the V curve."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bplab.gradcheck.numerical import numerical_gradient
from bplab.risk import Risk
from bplab.tree import leaves

__all__ = ["StepErrors", "step_errors"]


class StepErrors(NamedTuple):
    """Errors of numerical gradients by method; see `step_errors`.

    ``steps`` has shape (S,); ``errors`` maps a method to an array of that shape.
    """

    steps: NDArray
    errors: dict[str, NDArray]


def step_errors(
    f: Callable[[Any], float],
    params: Any,
    gradient: Any = None,
    *,
    methods: tuple[str, ...] = ("forward", "central", "complex"),
    steps: ArrayLike | None = None,
) -> StepErrors:
    """How far numerical gradients are from the right one, for steps from 1e-1 to 1e-16.

    A large step leaves out the curvature; a small one is drowned in rounding; between them is the
    bottom of a V. A complex step has no such bottom: it subtracts nothing.

    Parameters
    ----------
    f : callable
        Takes a structure like ``params``, returns a real number.
    params : array, or tuple, list or dict of arrays
        Where to differentiate; each method and step evaluates ``f`` for every entry.
    gradient : structure like ``params``, optional
        The right gradient; else the best numerical one.
    methods : tuple of str
        Which methods; those that ``f`` does not admit (complex steps) are left out.
    steps : array_like, shape (S,), optional
        Which steps; else the powers of ten from 1e-1 to 1e-16.

    Returns
    -------
    StepErrors
        For each method and step, the largest error over the largest entry of the gradient.

    Raises
    ------
    ValueError
        As `numerical_gradient`, and if the gradient is zero.
    """
    if gradient is None:
        best = None if isinstance(f, Risk) else "richardson"
        gradient = numerical_gradient(f, params, method=best)
    right = _flat(gradient)
    size = np.abs(right).max()
    if size == 0:
        raise ValueError("the gradient is zero here, so that no relative error can be told")
    steps = 10.0 ** -np.arange(1, 17) if steps is None else np.asarray(steps, dtype=float)
    errors = {}
    for method in methods:
        try:
            found = [numerical_gradient(f, params, method=method, step=h) for h in steps]
        except ValueError:
            if method != "complex":
                raise
            continue
        errors[method] = np.array([np.abs(_flat(g) - right).max() / size for g in found])
    return StepErrors(steps, errors)


def _flat(tree: Any) -> NDArray:
    return np.concatenate([np.ravel(array) for _, array in leaves(tree)])
