"""How a layer's weight gradient is known to go wrong, and the words for it."""

import numpy as np

from bplab.exercises._steps import RIGHT, WrongStep

WEIGHT_GRADIENT = (
    WrongStep(
        "averaged-over-N",
        "Your gradient is that of the mean over the examples, not of their sum.",
        "R(θ) in equation (1) has no 1/N. Sum over the examples, do not average.",
        lambda delta, inputs: RIGHT.weight_gradient(delta, inputs) / len(delta),
    ),
    WrongStep(
        "averaged-over-all",
        "Your gradient is divided by the number of all entries of delta.",
        "delta.size counts examples times units. R(θ) in equation (1) is a sum: no division.",
        lambda delta, inputs: RIGHT.weight_gradient(delta, inputs) / delta.size,
    ),
    WrongStep(
        "bias-averaged",
        "The bias column is wrong: it is a mean over the examples, while the weights are sums.",
        "The bias is the weight of an input that is always 1, so its gradient is the sum of "
        "delta over the examples: delta.sum(axis=0).",
        lambda delta, inputs: np.column_stack([delta.mean(axis=0), delta.T @ inputs]),
    ),
    WrongStep(
        "bias-one-number",
        "The bias column is wrong: it holds one number, the sum of all of delta.",
        "Each unit has a bias of its own. Sum over the examples only: delta.sum(axis=0).",
        lambda delta, inputs: np.column_stack(
            [np.full(delta.shape[1], delta.sum()), delta.T @ inputs]
        ),
    ),
    WrongStep(
        "bias-not-summed",
        "The bias column is wrong: delta stands there as it is, one row an example.",
        "That only fits beside the weights where N happens to be the number of units. The "
        "bias's gradient is the sum over the examples: delta.sum(axis=0).",
        lambda delta, inputs: np.column_stack([delta, delta.T @ inputs]),
    ),
    WrongStep(
        "bias-zero",
        "The bias column is wrong: it is all zeros.",
        "The bias is the weight of an input that is always 1, so its gradient is the sum of "
        "delta over the examples. An array made with zeros must have its first column filled.",
        lambda delta, inputs: np.column_stack([0 * delta.sum(axis=0), delta.T @ inputs]),
    ),
    WrongStep(
        "bias-last",
        "The bias column is wrong: it stands last, and belongs first.",
        "In the paper β_k and α_m begin with the bias, index 0. Stack [bias, weights].",
        lambda delta, inputs: np.column_stack([delta.T @ inputs, delta.sum(axis=0)]),
    ),
    WrongStep(
        "bias-missing",
        "The bias column is missing.",
        "Column 0 is the gradient by the bias: the sum of delta over the examples.",
        lambda delta, inputs: delta.T @ inputs,
    ),
    WrongStep(
        "bias-apart",
        "Bias and weights come as two arrays; one matrix is wanted.",
        "Put the bias's gradient into column 0 and the weights' beside it, as in beta and alpha: "
        "np.column_stack([…, …]).",
        lambda delta, inputs: (delta.sum(axis=0), delta.T @ inputs),
    ),
    WrongStep(
        "transposed",
        "Your gradient is transposed.",
        "A gradient has the shape of what it differentiates by: a unit a row, as in beta and "
        "alpha. Swap the two factors, or transpose the result.",
        lambda delta, inputs: RIGHT.weight_gradient(delta, inputs).T,
    ),
    WrongStep(
        "not-summed",
        "Your gradient has one slice for every example: the sum over i is still to be done.",
        "What is wanted is the gradient of R(θ), the sum of the R(i). Sum over the first axis.",
        lambda delta, inputs: (
            delta[:, :, None] * np.column_stack([np.ones(len(inputs)), inputs])[:, None, :]
        ),
    ),
    WrongStep(
        "last-example-only",
        "Only the last example counts.",
        "Look for = where += is due, or for a return inside the loop over the examples.",
        lambda delta, inputs: RIGHT.weight_gradient(delta[-1:], inputs[-1:]),
    ),
    WrongStep(
        "first-example-only",
        "Only the first example counts.",
        "The gradient is a sum over all examples. Look for an index 0 that should be i, or for "
        "a return inside the loop.",
        lambda delta, inputs: RIGHT.weight_gradient(delta[:1], inputs[:1]),
    ),
    WrongStep(
        "inputs-shifted",
        "delta and the inputs it multiplies are not of the same example: shifted by one row.",
        "Row i of delta belongs to row i of the layer's inputs. Look for a roll or an index i ± 1.",
        lambda delta, inputs: RIGHT.weight_gradient(delta, np.roll(inputs, 1, axis=0)),
    ),
    WrongStep(
        "inputs-dropped",
        "The layer's inputs are left out: every weight of a unit gets the bias's gradient.",
        "The derivative of a weight times its input, by the weight, is the input: multiply delta "
        "by it before you sum.",
        lambda delta, inputs: RIGHT.weight_gradient(delta, np.ones_like(inputs)),
    ),
)
