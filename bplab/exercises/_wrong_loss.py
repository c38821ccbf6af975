"""Every way in which the loss is known to go wrong, and the words for it."""

from collections.abc import Callable

import numpy as np

from bplab.exercises._exercise import Mistake, Subgoal


def _cut(Y, R):
    return R.astype(Y.dtype) if Y.dtype.kind == "i" else R


def _loss_mistake(name: str, says: str, hint: str, wrong: Callable) -> Mistake:
    return Mistake(name, Subgoal.LOSS, says, hint, wrong)


def _r(Y, F):
    return np.square(Y - F).sum(axis=1)


_PER_EXAMPLE = (
    (
        "square-lost",
        "The errors are not squared.",
        "The start of section 2 prints Σ(y − f) by mistake; equation (2) has Σ(y − f)². "
        "Without the square, errors of opposite sign cancel.",
        lambda Y, F: (Y - F).sum(axis=1),
    ),
    (
        "absolute-error",
        "You sum absolute errors; the paper's loss squares them.",
        "Equation (2): (y − f)², not |y − f|.",
        lambda Y, F: np.abs(Y - F).sum(axis=1),
    ),
    (
        "square-outside",
        "You square the sum; the paper sums the squares.",
        "Square each error first, then sum over the outputs.",
        lambda Y, F: (Y - F).sum(axis=1) ** 2,
    ),
    (
        "halved",
        "There is a factor 1/2 too many.",
        "Many texts put 1/2 in front of the square. This paper does not, and its gradients keep "
        "the 2.",
        lambda Y, F: _r(Y, F) / 2,
    ),
    (
        "outputs-averaged",
        "You average over the outputs; the equation sums.",
        "Equation (2) has no 1/K: use sum, not mean.",
        lambda Y, F: np.square(Y - F).mean(axis=1),
    ),
    (
        "first-output-only",
        "Only the first output counts.",
        "The sum runs over all K outputs.",
        lambda Y, F: np.square(Y[:, 0] - F[:, 0]),
    ),
    (
        "root-taken",
        "You have taken the square root.",
        "R(i) is the squared distance: no root.",
        lambda Y, F: np.sqrt(_r(Y, F)),
    ),
    (
        "difference-of-squares",
        "You subtract the squares; the paper squares the difference.",
        "(y − f)² is not y² − f².",
        lambda Y, F: (np.square(Y) - np.square(F)).sum(axis=1),
    ),
    (
        "examples-shifted",
        "Targets and outputs are not of the same example: one side is shifted by one row.",
        "Row i of Y belongs to row i of F.",
        lambda Y, F: _r(np.roll(Y, 1, axis=0), F),
    ),
    (
        "examples-sorted",
        "Targets and outputs are not of the same example: the targets have been sorted.",
        "Row i of Y belongs to row i of F. Sorting Y alone tears the pairs apart.",
        lambda Y, F: _r(np.sort(Y, axis=0), F),
    ),
    (
        "integers-truncated",
        "Your answer is cut to whole numbers when the targets are integers.",
        "zeros_like(Y) and Y.copy() are integer arrays when Y is one, and cut off what you store "
        "there. Make the array with np.zeros(…).",
        lambda Y, F: _cut(Y, _r(Y, F)),
    ),
)

EQ2 = (
    *(_loss_mistake(*mistake) for mistake in _PER_EXAMPLE),
    _loss_mistake(
        "wrong-axis",
        "You sum over the examples; equation (2) sums over the outputs of one example.",
        "One number an example is wanted: sum over k, axis=1.",
        lambda Y, F: np.square(Y - F).sum(axis=0),
    ),
    _loss_mistake(
        "all-summed",
        "You sum over everything: that is R(θ), equation (1).",
        "R(i) is one number an example: sum over the outputs only, axis=1.",
        lambda Y, F: np.square(Y - F).sum(),
    ),
    _loss_mistake(
        "not-summed",
        "The sum over the outputs is missing.",
        "One number an example is wanted: sum over k, axis=1.",
        lambda Y, F: np.square(Y - F),
    ),
    _loss_mistake(
        "column-kept",
        "Your answer is a column, one row an example; a plain vector is wanted.",
        "Leave out keepdims or reshape: the shape is (N,).",
        lambda Y, F: np.square(Y - F).sum(axis=1, keepdims=True),
    ),
)


def _summed(wrong: Callable) -> Callable:
    return lambda Y, F: wrong(Y, F).sum()


EQ1 = (
    *(_loss_mistake(name, says, hint, _summed(w)) for name, says, hint, w in _PER_EXAMPLE),
    _loss_mistake(
        "averaged-over-N",
        "You average over the examples; equation (1) sums.",
        "R(θ) has no 1/N.",
        lambda Y, F: _r(Y, F).mean(),
    ),
    _loss_mistake(
        "averaged-over-all",
        "This is the mean squared error; equation (1) is a sum.",
        "R(θ) has neither 1/N nor 1/K.",
        lambda Y, F: np.square(Y - F).mean(),
    ),
    _loss_mistake(
        "all-squared",
        "You square the sum of all errors; the paper sums the squares.",
        "Square each error first, then sum.",
        lambda Y, F: (Y - F).sum() ** 2,
    ),
    _loss_mistake(
        "root-of-all",
        "You have taken the square root of the sum.",
        "R(θ) is the sum of squares itself: no root.",
        lambda Y, F: np.sqrt(np.square(Y - F).sum()),
    ),
    _loss_mistake(
        "last-example-only",
        "Only the last example counts.",
        "Look for = where += is due, or for a return inside the loop.",
        lambda Y, F: _r(Y, F)[-1],
    ),
    _loss_mistake(
        "first-example-only",
        "Only the first example counts.",
        "The sum runs over all N examples. Look for a return inside the loop.",
        lambda Y, F: _r(Y, F)[0],
    ),
    _loss_mistake(
        "examples-not-summed",
        "The sum over the examples is missing: these are the R(i) of equation (2).",
        "Equation (3): R(θ) is the sum of the R(i), one number.",
        lambda Y, F: _r(Y, F),
    ),
    _loss_mistake(
        "outputs-not-added",
        "The sum over the outputs is missing.",
        "Equation (1) sums over k and i and gives one number.",
        lambda Y, F: np.square(Y - F).sum(axis=0),
    ),
)
