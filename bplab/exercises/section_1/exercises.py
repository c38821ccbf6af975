"""Exercises of section 1 and the loss: the forward pass, equations (1) to (3)."""

from dataclasses import replace
from math import fsum

import numpy as np

from bplab import losses, network
from bplab.exercises.section_1.mistakes import EQ1, EQ2, HIDDEN, OUTPUT
from bplab.exercises.task import Exercise, NetworkCase, Part, network_cases, softmax_cases

WRITTEN_OUT = "the sum written out in plain Python"


def _layer(inputs: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Bias plus Σ weight · input, one number at a time."""
    return np.array(
        [
            [
                w[0] + fsum(float(a) * float(b) for a, b in zip(w[1:], x, strict=True))
                for w in weights
            ]
            for x in inputs
        ]
    )


def _squares(case: NetworkCase) -> list[float]:
    return [
        fsum((float(y) - float(f)) ** 2 for y, f in zip(ys, fs, strict=True))
        for ys, fs in zip(case.Y, case.F, strict=True)
    ]


def _written_output(case: NetworkCase) -> tuple[np.ndarray, np.ndarray]:
    T = _layer(case.Z, case.beta)
    return T, np.array([case.g(t) for t in T])


def output_cases(rng: np.random.Generator) -> list[NetworkCase]:
    """The cases of `output`; in one of them g is softmax, which combines an example's outputs.

    Sections 3 and later call the learner's function with such a g.
    """
    elementwise = network_cases(rng)
    softmax, *_ = softmax_cases(rng.spawn(1)[0])
    return [*elementwise, replace(softmax, name="softmax")]


EXERCISES = (
    Exercise(
        id="hidden",
        reference=network.hidden,
        parts=(Part("Z", "N", "M"),),
        points=2,
        judge=WRITTEN_OUT,
        second_opinion=lambda case: (
            np.vectorize(lambda a: float(case.sigma(a)))(_layer(case.X, case.alpha)),
        ),
        mistakes=HIDDEN,
        cases=network_cases,
        hints=(
            "You have done it for one example and one unit, and you have seen the same lines with "
            "arrays. What changes when there are N examples and M units? Nothing but the sizes.",
            "X is (N, p), and the weights without the biases, alpha[:, 1:], are (M, p). A product "
            "that is (N, M) needs one of them transposed. The M biases, alpha[:, 0], are added to "
            "every row by themselves. Then sigma.",
            "A = X @ … + alpha[:, 0]      # weighted sums (N, M), plus the biases\nreturn sigma(A)",
        ),
    ),
    Exercise(
        id="output",
        reference=network.output,
        parts=(Part("T", "N", "K"), Part("F", "N", "K")),
        points=2,
        judge=WRITTEN_OUT,
        second_opinion=_written_output,
        mistakes=OUTPUT,
        cases=output_cases,
        hints=(
            "It is your hidden layer once more, with other names. What plays the part of X here, "
            "and what that of alpha?",
            "Z is (N, M) and beta[:, 1:] is (K, M): their product, one of them transposed, is "
            "(N, K). Add the biases beta[:, 0], keep that as T, and only then apply g.",
            "T = …                        # as A in the hidden layer, from Z and beta\n"
            "return T, …                  # and F, which is g of something",
        ),
    ),
    Exercise(
        id="eq2",
        reference=losses.loss_per_example,
        parts=(Part("R", "N"),),
        points=1,
        judge=WRITTEN_OUT,
        second_opinion=lambda case: (np.array(_squares(case)),),
        mistakes=EQ2,
        cases=network_cases,
        hints=(
            "Which letters are still there in R(i), and which one has been summed away?",
            "Three steps: the errors Y − F, (N, K); each of them squared, (N, K); the sum over "
            "the outputs, which are the columns, (N,). np.sum takes an axis.",
            "return np.sum(…, axis=1)     # over what, axis 1 being the outputs?",
        ),
    ),
    Exercise(
        id="eq1",
        reference=losses.loss,
        parts=(Part("R"),),
        points=1,
        judge=WRITTEN_OUT,
        second_opinion=lambda case: (np.array(fsum(_squares(case))),),
        mistakes=EQ1,
        cases=network_cases,
        hints=(
            "You have R(i) for every example. What does equation (3) do with them?",
            "All squared errors, over the examples and over the outputs, are added into one "
            "number. np.sum without an axis adds up everything. No mean, no 1/2.",
            "return np.sum(…)             # the same inside as in equation (2)",
        ),
    ),
)
