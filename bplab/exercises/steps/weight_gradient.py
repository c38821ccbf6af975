"""How a layer's weight gradient is known to go wrong, and the words for it."""

from collections.abc import Callable
from typing import Any

import numpy as np

from bplab.exercises.steps.five_steps import WrongStep, no_bias_apart


def _each(gradient: Any, change: Callable[..., Any]) -> Any:
    """Change the gradient, or both of its parts where they come as two."""
    return tuple(map(change, gradient)) if isinstance(gradient, tuple) else change(gradient)


WEIGHT_GRADIENT = (
    WrongStep(
        "averaged-over-N",
        "Your gradient is that of the mean over the examples, not of their sum.",
        "R(θ) in equation (1) has no 1/N. Sum over the examples, do not average.",
        {"scale": lambda gradient, delta: _each(gradient, lambda a: a / len(delta))},
    ),
    WrongStep(
        "averaged-over-all",
        "Your gradient is divided by the number of all entries of delta.",
        "delta.size counts examples times units. R(θ) in equation (1) is a sum: no division.",
        {"scale": lambda gradient, delta: _each(gradient, lambda a: a / delta.size)},
    ),
    WrongStep(
        "bias-averaged",
        "The bias column is wrong: it is a mean over the examples, while the weights are sums.",
        "The bias is the weight of an input that is always 1, so its gradient is the sum of "
        "delta over the examples: delta.sum(axis=0).",
        {"bias": lambda delta: delta.mean(axis=0)},
    ),
    WrongStep(
        "bias-one-number",
        "The bias column is wrong: it holds one number, the sum of all of delta.",
        "Each unit has a bias of its own. Sum over the examples only: delta.sum(axis=0).",
        {"bias": lambda delta: np.full(delta.shape[1], delta.sum())},
    ),
    WrongStep(
        "bias-not-summed",
        "The bias column is wrong: delta stands there as it is, one row an example.",
        "That only fits beside the weights where N happens to be the number of units. The "
        "bias's gradient is the sum over the examples: delta.sum(axis=0).",
        {"bias": lambda delta: delta},
    ),
    WrongStep(
        "bias-zero",
        "The bias column is wrong: it is all zeros.",
        "The bias is the weight of an input that is always 1, so its gradient is the sum of "
        "delta over the examples. An array made with zeros must have its first column filled.",
        {"bias": lambda delta: 0 * delta.sum(axis=0)},
    ),
    WrongStep(
        "bias-last",
        "The bias column is wrong: it stands last, and belongs first.",
        "In the paper β_k and α_m begin with the bias, index 0. Stack [bias, weights].",
        {"stack": lambda bias, weights: np.column_stack([weights, bias])},
    ),
    WrongStep(
        "bias-missing",
        "The bias column is missing.",
        "Column 0 is the gradient by the bias: the sum of delta over the examples.",
        {"stack": lambda bias, weights: weights},
    ),
    WrongStep(
        "bias-apart",
        "Bias and weights come as two arrays; one matrix is wanted.",
        "Put the bias's gradient into column 0 and the weights' beside it, as in beta and alpha: "
        "np.column_stack([…, …]).",
        {"stack": lambda bias, weights: (bias, weights)},
    ),
    WrongStep(
        "transposed",
        "Your gradient is transposed.",
        "A gradient has the shape of what it differentiates by: a unit a row, as in beta and "
        "alpha. Swap the two factors, or transpose the result.",
        {"turn": lambda gradient: _each(gradient, np.transpose)},
    ),
    WrongStep(
        "not-summed",
        "Your gradient has one slice for every example: the sum over i is still to be done.",
        "What is wanted is the gradient of R(θ), the sum of the R(i). Sum over the first axis.",
        no_bias_apart(
            lambda delta, inputs: (
                delta[:, :, None] * np.column_stack([np.ones(len(inputs)), inputs])[:, None, :]
            )
        ),
    ),
    WrongStep(
        "last-example-only",
        "Only the last example counts.",
        "Look for = where += is due, or for a return inside the loop over the examples.",
        {"examples": lambda delta, inputs: (delta[-1:], inputs[-1:])},
    ),
    WrongStep(
        "first-example-only",
        "Only the first example counts.",
        "The gradient is a sum over all examples. Look for an index 0 that should be i, or for "
        "a return inside the loop.",
        {"examples": lambda delta, inputs: (delta[:1], inputs[:1])},
    ),
    WrongStep(
        "inputs-shifted",
        "delta and the inputs it multiplies are not of the same example: shifted by one row.",
        "Row i of delta belongs to row i of the layer's inputs. Look for a roll or an index i ± 1.",
        {"examples": lambda delta, inputs: (delta, np.roll(inputs, 1, axis=0))},
    ),
    WrongStep(
        "inputs-dropped",
        "The layer's inputs are left out: every weight of a unit gets the bias's gradient.",
        "The derivative of a weight times its input, by the weight, is the input: multiply delta "
        "by it before you sum.",
        {"weights": lambda delta, inputs: delta.T @ np.ones_like(inputs)},
    ),
)
