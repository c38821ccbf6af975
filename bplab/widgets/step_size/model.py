"""The model of the step-size panel: numerical gradients with one step, and with all steps."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import isinf, isnan
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bplab.data import penguins
from bplab.errors import InputError
from bplab.gradcheck import (
    Entry,
    GradientReport,
    Probe,
    check_gradient,
    complex_steps,
    numerical_gradient,
    step_errors,
)
from bplab.languages import english
from bplab.learner import Careful, LearnerError
from bplab.training import initial_weights
from bplab.tree import leaves
from bplab.widgets.kit.controls import three_digits

__all__ = ["FLOOR", "METHODS", "At", "Curves", "Standing", "StepSize"]

METHODS = ("forward", "central", "complex")
STEPS = np.array([three_digits(10.0 ** -(1 + k / 4)) for k in range(61)])
"""The places of the slider, from 1e-1 to 1e-16."""

FLOOR = float(np.finfo(np.float64).eps) / 8  # an error of exactly zero has no logarithm
SECONDS = 20  # a function that takes longer for all steps is stopped
NEAR = 3  # up to this many times the least error counts as the bottom of the V
COUNTS = 1e-5  # uncertainty of differences, relative to the largest entry, that is mentioned
DIGITS = 1e-14  # a complex step with at most this error is right to all digits that count


class Curves(NamedTuple):
    """Errors for all steps.

    ``steps`` has shape (S,). ``errors`` maps each method that works for the function to its errors
    (S,). ``best`` maps forward and central to the step and the error at the bottom of the V.
    ``right`` is the right gradient as one vector; ``judge`` says where it comes from, with a remark
    on it where one is needed.
    """

    steps: NDArray
    errors: dict[str, NDArray]
    best: dict[str, tuple[float, float]]
    right: NDArray
    judge: str


class Standing(NamedTuple):
    """Where a method is on its V: the side, its error divided by the least one, and a sentence."""

    side: str
    times: float
    sentence: str


class At(NamedTuple):
    """Numerical gradients with one step h.

    ``errors`` maps each method to its largest error divided by the largest entry of the gradient.
    ``estimates`` maps it to its value of the derivative with respect to the parameter ``entry``;
    the right value is ``exact``. ``standing`` tells where the method is on its V.
    """

    h: float
    errors: dict[str, float]
    entry: str
    exact: float
    estimates: dict[str, float]
    standing: dict[str, Standing]


class StepSize:
    """Numerical gradients of one function at one place, with any step.

    Parameters
    ----------
    f : callable, optional
        A function that takes a structure like ``params`` and returns a number. The default is R(θ)
        of a 2-2-3 network, with tanh and sigmoid, on twelve penguins.
    params : array, or tuple, list or dict of arrays, optional
        The place at which to differentiate; to be given with ``f``.
    gradient : structure like ``params``, optional
        The right gradient. If it is not given, or `check_gradient` finds it wrong, the best
        numerical one is used.

    Raises
    ------
    ValueError
        If only one of ``f`` and ``params`` is given, ``f`` is not a function, or ``gradient`` is
        a function.
    """

    def __init__(
        self,
        f: Callable[[Any], float] | None = None,
        params: Any = None,
        gradient: Any = None,
    ):
        if (f is None) != (params is None):
            raise InputError("f and params go together: give both, or none for a small network")
        self._f_is_ours = f is None
        if f is None:
            f, params = _small_network()
        elif not callable(f):
            raise InputError(f"f must be a function of params; got {type(f).__name__}")
        if callable(gradient):
            raise InputError(
                "gradient must be arrays as in params; got a function. Call it: gradient=g(params)"
            )
        self._f, self._params, self._gradient = f, params, gradient
        self._names = [
            f"{name}[{', '.join(map(str, index))}]" if array.ndim else name
            for name, array in leaves(params)
            for index in np.ndindex(array.shape)
        ]

    def curves(self) -> Curves:
        """Return the errors for all steps.

        Raises
        ------
        LearnerError
            If the function does not work, is too slow, or has no gradient here.
        """
        f = self._careful()
        with _in_words():
            right, judge = self._right(f)
            found = step_errors(f, self._params, right, methods=METHODS, steps=STEPS)
        f.in_time()  # if time ran out in a complex step, it only said that f does not work
        best = {m: _bottom(found.errors[m]) for m in ("forward", "central")}
        in_order = np.concatenate([g.ravel() for g in Probe(f, self._params).fitting(right)])
        return Curves(STEPS, found.errors, best, in_order, judge)

    def at(self, h: float, curves: Curves) -> At:
        """Return the numerical gradients with the step h.

        Parameters
        ----------
        h : float
        curves : Curves
            The result of `curves`; it has the right gradient, and the methods that work.

        Raises
        ------
        LearnerError
            If the function does not work.
        """
        f = self._careful()
        entry = int(abs(curves.right).argmax())
        size = abs(curves.right[entry])
        errors, estimates, standing = {}, {}, {}
        for method in curves.errors:
            with _in_words():
                found = self._derivatives(f, method, h)
            errors[method] = float(abs(found - curves.right).max() / size)
            estimates[method] = float(found[entry])
            standing[method] = _standing(h, errors[method], curves.best.get(method))
        return At(h, errors, self._names[entry], float(curves.right[entry]), estimates, standing)

    def _right(self, f: Careful) -> tuple[Any, str]:
        """Return the gradient that errors are measured from, and where it comes from.

        It is the given gradient, unless that is wrong or missing; else the best numerical one.
        """
        said, advice = "", "Move params, or give gradient=."
        if self._gradient is not None:
            probe = Probe(f, self._params)
            probe.here()  # errors of f are reported before errors of its gradient
            with _in_words("The gradient that you gave"):
                probe.fitting(self._gradient)
            report = self._checked(f, self._gradient)
            if not report.wrong:
                return self._gradient, f"the gradient that you gave{_unsure(report)}"
            said = f". The gradient that you gave is wrong: {_differs(report.wrong[0])}"
            advice = f"Move params{said}."
        right, judge = _best(f, self._params)
        report = self._checked(f, right)
        if why := _none(report):
            raise LearnerError(f"There is no right gradient here. {why}. {advice}")
        return right, judge + _unsure(report) + said

    def _checked(self, f: Careful, gradient: Any) -> GradientReport:
        report = check_gradient(f, gradient, self._params)
        f.in_time()  # to the check, f is outside of its domain wherever it raises
        if all(isnan(entry.numeric) for entry in report.entries):
            raise LearnerError(report.notes[0])  # f gives another answer at each call
        return report

    def _careful(self) -> Careful:
        """Return the function, with a limit on the time that it may take in all."""
        kind = _Ours if self._f_is_ours else Careful
        return kind(
            self._f,
            "function f",
            in_all=SECONDS,
            doing="all steps together",
            faster="Give it fewer parameters or fewer examples.",
        )

    def _derivatives(self, f: Careful, method: str, h: float) -> NDArray:
        if method == "complex":  # `curves` has found f analytic; testing again doubles the time
            return _vector(complex_steps(Probe(f, self._params), h))
        return _vector(numerical_gradient(f, self._params, method=method, step=h))


class _Ours(Careful):
    """A function of the library's own; care with it would take two thirds of the time."""

    def __call__(self, *arguments: Any) -> Any:
        """Call the function."""
        return self.function(*arguments)


@contextmanager
def _in_words(what: str = "Your function f") -> Iterator[None]:
    """Turn errors of the checkers into sentences for the author of f, and hide warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # such as a float() of a complex number
        try:
            yield
        except LearnerError:
            raise
        except ValueError as problem:
            said = f"{what} cannot be used: {english(problem)}"
            raise LearnerError(said if said.endswith(("?", ".")) else f"{said}.") from problem


def _small_network() -> tuple[Callable[[Any], float], dict[str, NDArray]]:
    birds = penguins()
    rows = np.linspace(0, len(birds.X) - 1, 12).astype(int)
    X = (birds.X - birds.X.mean(axis=0)) / birds.X.std(axis=0)
    alpha, beta = map(np.asarray, initial_weights(2, 2, 3, seed=0))
    X, Y = np.column_stack([np.ones(12), X[rows, :2]]), birds.Y[rows]

    def R(weights: dict[str, NDArray]) -> float:
        # written as a learner would: short, and not a Risk, which the checkers treat specially
        beta = weights["beta"]
        T = beta[:, 0] + np.tanh(X @ weights["alpha"].T) @ beta[:, 1:].T
        return ((Y - 1 / (1 + np.exp(-T))) ** 2).sum()

    return R, {"alpha": alpha, "beta": beta}


def _best(f: Callable[[Any], float], params: Any) -> tuple[Any, str]:
    """Return the best numerical gradient, and the name of its method."""
    try:
        return numerical_gradient(f, params, method="complex"), "a complex step of 1e-20"
    except ValueError:
        found = numerical_gradient(f, params, method="richardson")
        return found, "Richardson's extrapolation of differences"


def _none(report: GradientReport) -> str:
    """Return why there is no right gradient, by the report on the best one; empty if there is."""
    if report.wrong:
        return f"The best one is wrong: {_differs(report.wrong[0])}"
    for entry in report.undecided:
        if entry.why or isinf(entry.error):
            return f"∂f/∂{entry.place}: {entry.why or 'differences with ever finer steps disagree'}"
    return ""


def _differs(entry: Entry) -> str:
    """Return words with both values of a wrong entry."""
    return (
        f"it says {entry.analytic:.6g} for ∂f/∂{entry.place}, and differences {entry.numeric:.6g}"
    )


def _unsure(report: GradientReport) -> str:
    """Return what differences leave open about the gradient that is used; empty if nothing."""
    largest = max(abs(entry.analytic) for entry in report.entries)
    doubtful = [e for e in report.undecided if e.why or not e.error <= COUNTS * largest]
    if not doubtful:
        return ""
    first, others = doubtful[0], len(doubtful) - 1
    why = first.why or f"they show it to ± {first.error:.0e} only"
    more = f", and so of {others} more entr{'ies' if others > 1 else 'y'}" if others else ""
    return f"; differences cannot tell whether ∂f/∂{first.place} is right: {why}{more}"


def _vector(tree: Any) -> NDArray:
    return np.concatenate([np.ravel(array).astype(float) for _, array in leaves(tree)])


def _bottom(errors: NDArray) -> tuple[float, float]:
    """Return step and error at the bottom of a V.

    It is the place of the least median of five errors, since errors are noisy.
    """
    padded = np.pad(np.maximum(errors, FLOOR), 2, mode="edge")
    medians = np.median(np.lib.stride_tricks.sliding_window_view(padded, 5), axis=1)
    i = int(medians.argmin())
    return float(STEPS[i]), float(medians[i])


def _standing(h: float, error: float, best: tuple[float, float] | None) -> Standing:
    if best is None:  # complex: its error only falls with h, so there is no other side
        if error <= DIGITS:
            said = "right to all digits that count; nothing is subtracted, so no step is too small"
            return Standing("bottom", 1.0, said)
        step, least = 0.0, FLOOR
    else:
        step, least = best
    times = max(error, FLOOR) / least
    if times <= NEAR:
        said = f"the sweet spot: {_right_digits(error)}, and no step is {NEAR} times better"
        return Standing("bottom", times, said)
    side, word = ("truncation", "large") if h > step else ("rounding", "small")
    much = f"{times:,.0f}" if times < 1e6 else "more than a million"
    said = f"{side}, h is too {word}: {_right_digits(error)}; the error is {much} times the least"
    return Standing(side, times, said)


def _right_digits(error: float) -> str:
    """Return how many digits are right, for an error relative to the gradient's largest entry."""
    if error >= 2:
        return f"no digit is right, the error is {error:,.0f} times the gradient"
    digits = int(-np.log10(max(error, FLOOR)))
    if not digits:
        return "no digit is right"
    return f"about {digits} digits are right" if digits > 1 else "about 1 digit is right"
