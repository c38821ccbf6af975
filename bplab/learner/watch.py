"""Whether a learner's function needs values of activations at other points than the given ones.

A formula takes activations, if at all, at the pre-activations of the forward pass. A function
that finds a slope from values needs them elsewhere too: a step away, in the complex plane, or on a
grid. Merely asking for such values is no proof. The proof is that the answer changes when they
change.
"""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from bplab.activations import Activation, Softmax
from bplab.learner.call import Answer, Form, call, quiet

__all__ = ["answer_if_changed", "answer_if_straight", "answer_if_unknown", "changed_elsewhere"]

NEAR = 1e-6
"""Points this close are the same point, computed in another way; relative to numbers above 1."""

NEAR_FLOAT32 = 1e-3
"""The same in single precision, where differences between values this close tell no slope."""

CHANGE = 0.01
"""Values at other points are changed by up to this share, each by a different one."""

Evaluate = Callable[[Any, Any], Any]


def changed_elsewhere(activation: Any, x: Any, points: Sequence[np.ndarray]) -> tuple[Any, bool]:
    """Evaluate an activation, with false values at all points but the given ones.

    Parameters
    ----------
    activation : Activation or Softmax
    x : array_like
        Where it is evaluated.
    points : sequence of ndarray
        The pre-activations of the forward pass, one example in each row.

    Returns
    -------
    ndarray
        The values; those at other points are changed.
    bool
        Whether any value is changed.
    """
    values = activation.value(x)
    array = np.asarray(x)
    if not points:
        return values, False
    beside = (_rows_beside if isinstance(activation, Softmax) else _beside)(array, points)
    if not beside.any():
        return values, False
    share = np.random.default_rng(array.size).uniform(CHANGE / 2, CHANGE, np.shape(values))
    return np.where(beside, values * (1 + share), values), True


def _beside(x: np.ndarray, points: Sequence[np.ndarray]) -> np.ndarray:
    """Return for each entry whether it is none of the points."""
    known = np.sort(np.concatenate([np.empty(0), *(np.ravel(array) for array in points)]))
    real = x.real.astype(np.float64)
    right = np.searchsorted(known, real).clip(1, len(known) - 1)
    distance = np.minimum(abs(real - known[right - 1]), abs(real - known[right]))
    return np.isfinite(real) & (_imaginary(x) | (distance > _near(x) * np.maximum(1, abs(real))))


def _rows_beside(t: np.ndarray, points: Sequence[np.ndarray]) -> np.ndarray:
    """Return for each row whether it is none of the points, even when it is shifted.

    Adding a number to a whole row does not change its softmax.
    """
    real = t.real.astype(np.float64)
    rows = np.atleast_2d(real - real.max(axis=-1, keepdims=True))
    nearest = np.full(rows.shape[:-1], np.inf)
    for array in points:
        if array.ndim == 2 and array.shape[1] == rows.shape[-1]:
            for known in array - array.max(axis=1, keepdims=True):
                far = abs(rows - known) / np.maximum(1, abs(known))
                nearest = np.minimum(nearest, far.max(axis=-1))
    beside = (nearest > _near(t)).reshape(t.shape[:-1])
    return (beside | _imaginary(t).any(axis=-1))[..., None]


def _near(x: np.ndarray) -> float:
    return NEAR_FLOAT32 if x.dtype in (np.float32, np.complex64) else NEAR


def _imaginary(x: np.ndarray) -> np.ndarray:
    return np.asarray(x.imag != 0)


def answer_if_changed(
    function: Callable[..., Any],
    given: Mapping[str, Any],
    forms: Sequence[Form],
    points: Sequence[np.ndarray],
) -> Answer | None:
    """Return the answer with values at other points changed; None if it asks for none of them.

    Parameters
    ----------
    function : callable
    given : mapping
        Its arguments, in order: copies that it may spoil.
    forms : sequence of Form
        What each part of the answer should be.
    points : sequence of ndarray
        See `changed_elsewhere`.
    """
    return _answer(function, given, forms, lambda a, x: changed_elsewhere(a, x, points))


def answer_if_straight(
    function: Callable[..., Any],
    given: Mapping[str, Any],
    forms: Sequence[Form],
    points: Sequence[np.ndarray],
) -> Answer | None:
    """Return the answer with activations that are straight lines around the given points.

    At a point each line has the activation's value and slope, so that any difference taken there
    gives that slope. None if the function asks for no value at another point. The parameters are
    those of `answer_if_changed`.
    """
    return _answer(function, given, forms, lambda a, x: _straight_elsewhere(a, x, points))


def answer_if_unknown(
    function: Callable[..., Any], given: Mapping[str, Any], forms: Sequence[Form], name: str
) -> Answer:
    """Return the answer if the activations in one argument have an unknown name.

    Their values and slopes are the same: only a function that looks at the name can tell. ``given``
    and ``forms`` are as in `answer_if_changed`; ``name`` is that of the argument.
    """

    def unknown(value: Any) -> Any:
        if isinstance(value, Activation):
            return replace(value, name="unknown")
        return type(value)(map(unknown, value)) if type(value) in (list, tuple) else value

    return call(function, {**given, name: unknown(given[name])}, forms)


def _answer(
    function: Callable[..., Any],
    given: Mapping[str, Any],
    forms: Sequence[Form],
    evaluated: Callable[[Any, Any], tuple[Any, bool]],
) -> Answer | None:
    """Return the answer with other values of activations; None if it asks for none of these."""
    asked = []

    def evaluate(activation: Any, x: Any) -> Any:
        values, elsewhere = evaluated(activation, x)
        asked.append(elsewhere)
        return values

    with quiet(io.StringIO()):
        watched = {name: _watched(value, evaluate) for name, value in given.items()}
        answer = call(function, watched, forms)
    return answer if any(asked) else None


def _straight_elsewhere(activation: Any, x: Any, points: Sequence[np.ndarray]) -> tuple[Any, bool]:
    array = np.asarray(x)
    rows = isinstance(activation, Softmax)
    if not points or not (_rows_beside if rows else _beside)(array, points).any():
        return activation.value(x), False
    at = (_nearest_rows if rows else _nearest)(array.real.astype(np.float64), points)
    off = array - at
    value = np.asarray(activation.value(at))
    slope = (
        np.einsum("...kl,...l->...k", activation.jacobian(at), off)
        if rows
        else activation.slope(at) * off
    )
    return value + slope, True


def _nearest(x: np.ndarray, points: Sequence[np.ndarray]) -> np.ndarray:
    """Return the point that belongs to each entry.

    That is the one in the same place if an array of points has the same shape, else the nearest.
    """
    alike = [array for array in points if array.shape == x.shape]
    if alike:
        return min(alike, key=lambda array: float(np.abs(array - x).max(initial=0)))
    known = np.concatenate([np.ravel(array) for array in points])
    near: np.ndarray = known[np.abs(x[..., None] - known).argmin(axis=-1)]
    return near


def _nearest_rows(t: np.ndarray, points: Sequence[np.ndarray]) -> np.ndarray:
    """Return the point that belongs to each row, as `_nearest` does for entries."""
    known = [array for array in points if array.ndim == 2 and array.shape[1] == t.shape[-1]]
    if alike := [array for array in known if array.shape == t.shape]:
        return min(alike, key=lambda array: float(np.abs(array - t).max(initial=0)))
    if not known:
        return t
    rows = np.concatenate(known)
    near: np.ndarray = rows[np.abs(t[..., None, :] - rows).max(axis=-1).argmin(axis=-1)]
    return near


def _watched(value: Any, evaluate: Evaluate) -> Any:
    """Return the same value, with activations that are evaluated by ``evaluate``."""
    if isinstance(value, Activation):
        return replace(value, value=lambda x: evaluate(value, x))
    if isinstance(value, Softmax):
        return _softmax(lambda t: evaluate(value, t))
    if type(value) in (list, tuple):
        return type(value)(_watched(item, evaluate) for item in value)
    return value


def _softmax(evaluate: Callable[[Any], Any]) -> Softmax:
    class Watched(Softmax):
        @staticmethod
        def value(t: np.ndarray) -> np.ndarray:
            return np.asarray(evaluate(t))

    return Watched()
