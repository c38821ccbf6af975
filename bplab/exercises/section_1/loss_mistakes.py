"""Every way in which the loss is known to go wrong, and the words for it."""

from collections.abc import Callable

import numpy as np

from bplab.exercises.steps.program import Program
from bplab.exercises.task.exercise import Mistake, Subgoal

# --- both losses as programs --------------------------------------------------------------


def _loss_of_each(steps, Y, F):
    return steps.store(steps.root(steps.scale(steps.outputs(steps.error(Y, F)))), Y)


def _loss_of_all(steps, Y, F):
    return steps.root_of_all(steps.examples(_loss_of_each(steps, Y, F)))


_PER_EXAMPLE_PIECES = {
    "error": lambda Y, F: np.square(Y - F),  # (N, K)
    "outputs": lambda errors: errors.sum(axis=1),  # (N,)
    "scale": lambda R: R,
    "root": lambda R: R,
    "store": lambda R, Y: R,
}
_EQ2 = Program(_loss_of_each, _PER_EXAMPLE_PIECES)
_EQ1 = Program(
    _loss_of_all,
    {**_PER_EXAMPLE_PIECES, "examples": lambda R: R.sum(), "root_of_all": lambda R: R},
)


def _eq2(name: str, says: str, hint: str, changed: dict[str, Callable]) -> Mistake:
    return Mistake(name, Subgoal.LOSS, says, hint, _EQ2.with_(**changed))


def _eq1(name: str, says: str, hint: str, changed: dict[str, Callable]) -> Mistake:
    return Mistake(name, Subgoal.LOSS, says, hint, _EQ1.with_(**changed))


# --- pieces done wrong --------------------------------------------------------------------


def _difference(Y, F):
    return Y - F


_PER_EXAMPLE = (
    (
        "square-lost",
        "The errors are not squared.",
        "The start of section 2 prints Σ(y − f) by mistake; equation (2) has Σ(y − f)². "
        "Without the square, errors of opposite sign cancel.",
        {"error": _difference},
    ),
    (
        "absolute-error",
        "You sum absolute errors; the paper's loss squares them.",
        "Equation (2): (y − f)², not |y − f|.",
        {"error": lambda Y, F: np.abs(Y - F)},
    ),
    (
        "square-outside",
        "You square the sum; the paper sums the squares.",
        "Square each error first, then sum over the outputs.",
        {"error": _difference, "outputs": lambda errors: errors.sum(axis=1) ** 2},
    ),
    (
        "halved",
        "There is a factor 1/2 too many.",
        "Many texts put 1/2 in front of the square. This paper does not, and its gradients keep "
        "the 2.",
        {"scale": lambda R: R / 2},
    ),
    (
        "outputs-averaged",
        "You average over the outputs; the equation sums.",
        "Equation (2) has no 1/K: use sum, not mean.",
        {"outputs": lambda errors: errors.mean(axis=1)},
    ),
    (
        "first-output-only",
        "Only the first output counts.",
        "The sum runs over all K outputs.",
        {"outputs": lambda errors: errors[:, 0]},
    ),
    (
        "root-taken",
        "You have taken the square root.",
        "R(i) is the squared distance: no root.",
        {"root": np.sqrt},
    ),
    (
        "difference-of-squares",
        "You subtract the squares; the paper squares the difference.",
        "(y − f)² is not y² − f².",
        {"error": lambda Y, F: np.square(Y) - np.square(F)},
    ),
    (
        "examples-shifted",
        "Targets and outputs are not of the same example: one side is shifted by one row.",
        "Row i of Y belongs to row i of F.",
        {"given": lambda Y, F: (np.roll(Y, 1, axis=0), F)},
    ),
    (
        "examples-sorted",
        "Targets and outputs are not of the same example: the targets have been sorted.",
        "Row i of Y belongs to row i of F. Sorting Y alone tears the pairs apart.",
        {"given": lambda Y, F: (np.sort(Y, axis=0), F)},
    ),
    (
        "integers-truncated",
        "Your answer is cut to whole numbers when the targets are integers.",
        "zeros_like(Y) and Y.copy() are integer arrays when Y is one, and cut off what you store "
        "there. Make the array with np.zeros(…).",
        {"store": lambda R, Y: R.astype(Y.dtype) if Y.dtype.kind == "i" else R},
    ),
)

EQ2 = (
    *(_eq2(*mistake) for mistake in _PER_EXAMPLE),
    _eq2(
        "wrong-axis",
        "You sum over the examples; equation (2) sums over the outputs of one example.",
        "One number an example is wanted: sum over k, axis=1.",
        {"outputs": lambda errors: errors.sum(axis=0)},
    ),
    _eq2(
        "all-summed",
        "You sum over everything: that is R(θ), equation (1).",
        "R(i) is one number an example: sum over the outputs only, axis=1.",
        {"outputs": lambda errors: errors.sum()},
    ),
    _eq2(
        "not-summed",
        "The sum over the outputs is missing.",
        "One number an example is wanted: sum over k, axis=1.",
        {"outputs": lambda errors: errors},
    ),
    _eq2(
        "column-kept",
        "Your answer is a column, one row an example; a plain vector is wanted.",
        "Leave out keepdims or reshape: the shape is (N,).",
        {"outputs": lambda errors: errors.sum(axis=1, keepdims=True)},
    ),
)


EQ1 = (
    *(_eq1(*mistake) for mistake in _PER_EXAMPLE),
    _eq1(
        "averaged-over-N",
        "You average over the examples; equation (1) sums.",
        "R(θ) has no 1/N.",
        {"examples": lambda R: R.mean()},
    ),
    _eq1(
        "averaged-over-all",
        "This is the mean squared error; equation (1) is a sum.",
        "R(θ) has neither 1/N nor 1/K.",
        {"outputs": lambda errors: errors.mean(axis=1), "examples": lambda R: R.mean()},
    ),
    _eq1(
        "all-squared",
        "You square the sum of all errors; the paper sums the squares.",
        "Square each error first, then sum.",
        {"error": _difference, "examples": lambda R: R.sum() ** 2},
    ),
    _eq1(
        "root-of-all",
        "You have taken the square root of the sum.",
        "R(θ) is the sum of squares itself: no root.",
        {"root_of_all": np.sqrt},
    ),
    _eq1(
        "last-example-only",
        "Only the last example counts.",
        "Look for = where += is due, or for a return inside the loop.",
        {"examples": lambda R: R[-1]},
    ),
    _eq1(
        "first-example-only",
        "Only the first example counts.",
        "The sum runs over all N examples. Look for a return inside the loop.",
        {"examples": lambda R: R[0]},
    ),
    _eq1(
        "examples-not-summed",
        "The sum over the examples is missing: these are the R(i) of equation (2).",
        "Equation (3): R(θ) is the sum of the R(i), one number.",
        {"examples": lambda R: R},
    ),
    _eq1(
        "outputs-not-added",
        "The sum over the outputs is missing.",
        "Equation (1) sums over k and i and gives one number.",
        {"outputs": lambda errors: errors, "examples": lambda errors: errors.sum(axis=0)},
    ),
)
