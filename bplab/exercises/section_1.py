"""Exercises of section 1 and the loss: the forward pass, equations (1) to (3)."""

from math import fsum

import numpy as np
from numpy.typing import NDArray

from bplab import losses, network
from bplab.exercises._exercise import Exercise, Part
from bplab.exercises._network_case import NetworkCase
from bplab.exercises._wrong_forward import HIDDEN, OUTPUT
from bplab.exercises._wrong_loss import EQ1, EQ2

WRITTEN_OUT = "the sum written out in plain Python"


def _layer(inputs: NDArray, weights: NDArray) -> NDArray:
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


def _written_output(case: NetworkCase) -> tuple[NDArray, NDArray]:
    T = _layer(case.Z, case.beta)
    return T, np.vectorize(lambda t: float(case.g(t)))(T)


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
    ),
    Exercise(
        id="output",
        reference=network.output,
        parts=(Part("T", "N", "K"), Part("F", "N", "K")),
        points=2,
        judge=WRITTEN_OUT,
        second_opinion=_written_output,
        mistakes=OUTPUT,
    ),
    Exercise(
        id="eq2",
        reference=losses.loss_per_example,
        parts=(Part("R", "N"),),
        points=1,
        judge=WRITTEN_OUT,
        second_opinion=lambda case: (np.array(_squares(case)),),
        mistakes=EQ2,
    ),
    Exercise(
        id="eq1",
        reference=losses.loss,
        parts=(Part("R"),),
        points=1,
        judge=WRITTEN_OUT,
        second_opinion=lambda case: (np.array(fsum(_squares(case))),),
        mistakes=EQ1,
    ),
)
