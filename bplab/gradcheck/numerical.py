"""Gradients by finite differences and by complex steps, and how their error depends on the step."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from bplab.errors import InputError
from bplab.gradcheck import network
from bplab.gradcheck.ladder import Ladder
from bplab.gradcheck.probe import Probe, scale
from bplab.risk import Risk
from bplab.tree import leaves

__all__ = ["METHODS", "StepErrors", "numerical_gradient", "step_errors"]

METHODS = ("forward", "central", "richardson", "complex")

_DEFAULT = {"forward": 2.0**-26, "central": 2.0**-17, "complex": 2.0**-66}
"""Relative steps: ε^(1/2) and ε^(1/3), where truncation and rounding are about equal. A complex
step loses nothing by rounding, and this one is too small for truncation."""


def numerical_gradient(
    f: Callable[[Any], float],
    params: Any,
    *,
    method: str | None = None,
    step: float | None = None,
) -> Any:
    r"""Return the gradient of a scalar function, by finite differences or by complex steps.

    .. math::
        \frac{f(w + h) - f(w)}{h}, \qquad \frac{f(w + h) - f(w - h)}{2h}, \qquad
        \frac{\mathrm{Im}\, f(w + ih)}{h}

    Parameters
    ----------
    f : callable
        Takes a structure like ``params``, returns a real number. For a `bplab.risk.Risk`,
        complex steps and central differences are many times faster than one evaluation for each
        weight, because one weight moves only one pre-activation.
    params : array, or tuple, list or dict of arrays
        Where to differentiate. Never changed: ``f`` gets copies.
    method : {"central", "forward", "richardson", "complex"}, optional
        Forward differences have an error of order h, central ones of order h². Richardson
        extrapolation takes central ones of several steps and keeps the best combination. A
        complex step is exact to rounding, for a function that is analytic. (A `Risk` is analytic
        on the branch that each of its units is on.) The default is complex steps for a `Risk`
        without ``step``, and central differences otherwise.
    step : float, optional
        h, the same for every entry. By default each entry gets a power of two that suits the
        method, relative to max(1, \|w\|). Not for ``"richardson"``.

    Returns
    -------
    gradient
        Float64 arrays in the structure and shapes of ``params``.

    Raises
    ------
    ValueError
        If ``method`` or ``step`` is not as described, ``params`` is not real and finite, ``f``
        does not return a finite number, or ``f`` is not analytic and a complex step is wanted.
    """
    __tracebackhide__ = True  # in a notebook, an error in ``f`` shows only its own lines
    if method is None:
        method = "complex" if isinstance(f, Risk) and step is None else "central"
    if method not in METHODS:
        raise InputError(f"method must be one of {', '.join(METHODS)}; got {method!r}")
    if step is not None:
        _refuse_unless_positive(step)
    if step is not None and method == "richardson":
        raise InputError("richardson chooses its own steps; leave step out")
    probe = Probe(f, params)
    if method == "complex" and isinstance(f, Risk) and step is None:
        probe.here()  # raises if the weights do not fit
        return probe.structure(network.State(f, probe.blocks).gradient())
    if method == "central" and isinstance(f, Risk):
        return probe.structure(network.central(f, probe.blocks, lambda w: _steps(w, step)))
    if method == "richardson":
        return probe.structure(probe.cut(Ladder(probe).by_entry().value))
    if method == "complex":
        _refuse_unless_analytic(probe)
        gradient = complex_steps(probe, step)
    else:
        gradient = _real(probe, method, step)
    return probe.structure(gradient)


def _refuse_unless_positive(step: float) -> None:
    if not (np.isfinite(step) and step > 0):
        raise InputError(f"step must be a positive number; got {step!r}")


def _steps(weights: np.ndarray, step: float | None) -> np.ndarray:
    """Return the steps of central differences for an array of weights."""
    if step is not None:
        return np.full(weights.shape, step)
    return _DEFAULT["central"] * scale(weights)


def _real(probe: Probe, method: str, step: float | None) -> list[np.ndarray]:
    __tracebackhide__ = True
    here = probe.here()
    found = []
    for b, index in probe.entries():
        h = _DEFAULT[method] * scale(probe.blocks[b][index]) if step is None else step
        ahead, forth = probe.moved(b, index, h)
        behind, back = (here, 0.0) if method == "forward" else probe.moved(b, index, -h)
        if step is not None:  # divide by h as in textbooks, even where w + h is w
            forth, back = step, 0.0 if method == "forward" else -step
        found.append((ahead - behind) / (forth - back))
    return probe.cut(np.array(found))


def complex_steps(probe: Probe, step: float | None) -> list[np.ndarray]:
    """Return the gradient of an analytic function by complex steps, block by block."""
    found = []
    for b, index in probe.entries():
        h = _DEFAULT["complex"] * scale(probe.blocks[b][index]) if step is None else step
        arrays = [block.astype(np.complex128) for block in probe.blocks]
        arrays[b][index] += 1j * h
        found.append(probe.complex_at(arrays).imag / h)
    return probe.cut(np.array(found))


def _refuse_unless_analytic(probe: Probe) -> None:
    """Compare a complex step with differences along one random direction."""
    direction = probe.direction(np.random.default_rng(0))
    h = _DEFAULT["complex"]
    moved = [block + 1j * h * d for block, d in zip(probe.blocks, direction, strict=True)]
    by_steps = probe.complex_at(moved).imag / h
    along = Ladder(probe).by_direction(direction)
    if abs(by_steps - along.value[0]) > 2 * along.error[0] + 1e-6 * abs(along.value[0]):
        raise InputError(
            "a complex step needs a function that is analytic; along a random direction complex "
            f"steps say {by_steps:.6g}, and differences {along.value[0]:.6g}. Look for abs, "
            "conj or real. Use central or Richardson differences"
        )


class StepErrors(NamedTuple):
    """Errors of numerical gradients by method; see `step_errors`.

    ``steps`` has shape (S,); ``errors`` maps a method to an array of that shape.
    """

    steps: np.ndarray
    errors: dict[str, np.ndarray]


def step_errors(
    f: Callable[[Any], float],
    params: Any,
    gradient: Any = None,
    *,
    methods: tuple[str, ...] = ("forward", "central", "complex"),
    steps: ArrayLike | None = None,
) -> StepErrors:
    """Return how far numerical gradients are from the right one, for steps from 1e-1 to 1e-16.

    A large step ignores the curvature; a small one is drowned in rounding; between them the error
    has the bottom of a V. A complex step has no such bottom: it subtracts nothing.

    Parameters
    ----------
    f : callable
        Takes a structure like ``params``, returns a real number.
    params : array, or tuple, list or dict of arrays
        Where to differentiate; each method and step evaluates ``f`` for every entry.
    gradient : structure like ``params``, optional
        The right gradient, matched by key or field; by default the best numerical one.
    methods : tuple of str
        The methods; complex steps are left out if ``f`` does not allow them.
    steps : array_like, shape (S,), optional
        The steps; by default the powers of ten from 1e-1 to 1e-16.

    Returns
    -------
    StepErrors
        For each method and step, the largest error over the largest entry of the gradient.

    Raises
    ------
    ValueError
        As `numerical_gradient`, if ``gradient`` has other keys or shapes than ``params`` or is not
        finite, and if the gradient is zero.
    """
    if gradient is None:
        best = None if isinstance(f, Risk) else "richardson"
        gradient = numerical_gradient(f, params, method=best)
    right = _flat(Probe(f, params).fitting(gradient))
    size = np.abs(right).max()
    if size == 0:
        raise InputError("the gradient is zero here, so that no relative error can be told")
    steps = 10.0 ** -np.arange(1, 17) if steps is None else np.asarray(steps, dtype=float)
    for step in steps.tolist():
        _refuse_unless_positive(step)
    errors = {}
    for method in methods:
        try:
            found = _with_each(f, params, method, steps.tolist())
        except ValueError:
            if method != "complex":
                raise
            continue
        errors[method] = np.array([np.abs(_flat(g) - right).max() / size for g in found])
    return StepErrors(steps, errors)


def _with_each(
    f: Callable[[Any], float], params: Any, method: str, steps: Sequence[float]
) -> list[Any]:
    """Return the gradients with each of the steps; whether f is analytic is checked only once."""
    if method != "complex":
        return [numerical_gradient(f, params, method=method, step=h) for h in steps]
    probe = Probe(f, params)
    _refuse_unless_analytic(probe)
    return [probe.structure(complex_steps(probe, h)) for h in steps]


def _flat(tree: Any) -> np.ndarray:
    return np.concatenate([np.ravel(array) for _, array in leaves(tree)])
