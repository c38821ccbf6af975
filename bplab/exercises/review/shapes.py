"""Questions on the shape of a network's array; the library makes it, and its shape is the key."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bplab import deep, network, scores
from bplab.activations import sigmoid, softmax, tanh
from bplab.exercises.review.item import Choice, Item, item
from bplab.exercises.task import Exercise

__all__ = ["EXERCISES", "which_shape"]

OFFERED = 4
Sizes = Mapping[str, int]
Axes = tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """An array to be asked about.

    Attributes
    ----------
    name : str
        Its name in the question.
    make : callable
        Makes it from all arrays of a network.
    axes : tuple of str
        What each axis counts, for the explanation. The tests compare it with the array made.
    because : str
        Why it has these axes.
    """

    name: str
    make: Callable[[Mapping[str, Any]], Any]
    axes: Axes
    because: str


ROWS = "Examples are rows"
BIAS = "column 0 holds the biases"
LIKE = "A gradient has the shape of what it is taken with respect to"

ASKED: dict[str, tuple[Asked, ...]] = {
    "hidden": (
        Asked("X", lambda n: n["X"], ("N", "p"), f"{ROWS}, measurements are columns."),
        Asked("alpha", lambda n: n["alpha"], ("M", "p+1"), f"A hidden unit is a row; {BIAS}."),
        Asked("A, the pre-activations", lambda n: n["A"], ("N", "M"), f"{ROWS}, units columns."),
        Asked("Z", lambda n: n["Z"], ("N", "M"), f"{ROWS}, units columns; the 1 is not stored."),
    ),
    "output": (
        Asked("beta", lambda n: n["beta"], ("K", "M+1"), f"An output is a row; {BIAS}."),
        Asked("T", lambda n: n["T"], ("N", "K"), f"{ROWS}, outputs are columns."),
        Asked("F", lambda n: n["F"], ("N", "K"), "g changes numbers, and no shape."),
    ),
    "eq2": (
        Asked(
            "R(i) of all examples",
            lambda n: ((n["Y"] - n["F"]) ** 2).sum(axis=1),
            ("N",),
            "One loss for each example: the outputs are summed over.",
        ),
    ),
    "eq1": (
        Asked("the residual −2(Y − F)", lambda n: -2 * (n["Y"] - n["F"]), ("N", "K"), f"{ROWS}."),
    ),
    "eq4": (
        Asked(
            "the gradient with respect to beta",
            lambda n: network.grad_beta(n["Y"], n["A"], n["Z"], n["T"], n["F"], sigmoid),
            ("K", "M+1"),
            f"{LIKE}: here beta.",
        ),
        Asked(
            "the bias column of the gradient with respect to beta, delta.sum(axis=0),",
            lambda n: n["delta"].sum(axis=0),
            ("K",),
            "The examples are summed over; a number is left for each output.",
        ),
        Asked(
            "delta.T @ Z",
            lambda n: n["delta"].T @ n["Z"],
            ("K", "M"),
            "(K, N) times (N, M): the examples are summed over. The bias column is not in it.",
        ),
    ),
    "eq5": (
        Asked(
            "the gradient with respect to alpha",
            lambda n: network.grad_alpha(
                n["X"], n["Y"], n["A"], n["Z"], n["T"], n["F"], n["beta"], tanh, sigmoid
            ),
            ("M", "p+1"),
            f"{LIKE}: here alpha.",
        ),
        Asked(
            "what is sent back, delta @ beta[:, 1:],",
            lambda n: n["delta"] @ n["beta"][:, 1:],
            ("N", "M"),
            "(N, K) times (K, M): the outputs are summed over; the biases send nothing back.",
        ),
    ),
    "eq6": (
        Asked("delta", lambda n: n["delta"], ("N", "K"), "One for each t of each example."),
        Asked(
            "∂R(i)/∂beta of all examples, before they are summed,",
            lambda n: np.einsum("ik,im->ikm", n["delta"], np.insert(n["Z"], 0, 1, axis=1)),
            ("N", "K", "M+1"),
            "Each example has a gradient of beta's shape.",
        ),
    ),
    "eq7": (
        Asked(
            "the hidden delta s",
            lambda n: (n["delta"] @ n["beta"][:, 1:]) * tanh.derivative(n["A"]),
            ("N", "M"),
            "One for each hidden unit of each example.",
        ),
        Asked(
            "s.T @ X",
            lambda n: n["s"].T @ n["X"],
            ("M", "p"),
            "(M, N) times (N, p): the examples are summed over. The bias column is not in it.",
        ),
    ),
    "eq8": (
        Asked(
            "g.jacobian(T) for softmax",
            lambda n: softmax.jacobian(n["T"]),
            ("N", "K", "K"),
            "Each example has a matrix: how fast each output changes with each t.",
        ),
    ),
    "eq10": (
        Asked(
            "delta for softmax",
            lambda n: softmax.pull_back(-2 * (n["Y"] - n["F"]), n["T"]),
            ("N", "K"),
            "The sum over l takes one of the Jacobian's two K away.",
        ),
    ),
    "eq12": (
        Asked(
            "gamma times the gradient with respect to beta",
            lambda n: 0.1 * (n["delta"].T @ np.insert(n["Z"], 0, 1, axis=1)),
            ("K", "M+1"),
            "A number times an array keeps its shape, and it is subtracted from beta.",
        ),
    ),
    "eq14": (
        Asked(
            "the gradient of the output layer's weights above a last hidden layer of M units",
            lambda n: network.weight_gradient(n["delta"], n["Z"]),
            ("K", "M+1"),
            f"{LIKE}.",
        ),
    ),
    "eq16": (
        Asked(
            "s of the last of several hidden layers, which has M units,",
            lambda n: deep.hidden_delta(n["delta"], n["beta"], n["A"], tanh),
            ("N", "M"),
            "One for each unit of the layer and each example.",
        ),
    ),
    "eq18": (
        Asked(
            "the gradient of the first hidden layer's weights, the layer having M units,",
            lambda n: deep.backward(n["X"], n["Y"], [n["alpha"]], n["beta"], tanh, sigmoid)[0][0],
            ("M", "p+1"),
            f"{LIKE}.",
        ),
    ),
    "softmax": (
        Asked(
            "the value of softmax for N rows of K numbers",
            lambda n: softmax(n["T"]),
            ("N", "K"),
            "Each row becomes a row of shares.",
        ),
    ),
    "confusion": (
        Asked(
            "the confusion matrix of N digits in K classes",
            lambda n: scores.confusion_matrix(n["classes"], n["classes"], n["T"].shape[1]),
            ("K", "K"),
            "A row for what a digit is, a column for what it was taken for: N is not in it.",
        ),
    ),
}
EXERCISES = tuple(ASKED)

OTHERS: tuple[Axes, ...] = tuple(
    tuple(written.split())
    for written in (
        *("N K", "K N", "N M", "M N", "M K", "K M", "M p", "p M", "N p", "N p+1", "N M+1"),
        *("K M+1", "M+1 K", "M p+1", "p+1 M", "N K M+1", "N K K", "N", "K", "M", "N N", "K K"),
    )
)
"""Shapes that some array of a network may have: the wrong choices are taken from these."""


def which_shape(exercise: Exercise[Any], rng: np.random.Generator) -> Item | None:
    """Ask for the shape of an array.

    Parameters
    ----------
    exercise : Exercise
        One of `EXERCISES`.
    rng : Generator
    """
    asked = ASKED[exercise.id][rng.integers(len(ASKED[exercise.id]))]
    # sizes that differ by 2 or more, so that M + 1 is not one of the others
    sizes = dict(zip("NpMK", map(int, rng.permutation([2, 4, 6, 8])), strict=True))
    shape = np.shape(asked.make(_network(sizes, rng)))
    near = [axes for axes in OTHERS if _of(axes, sizes) != shape and set(axes) & set(asked.axes)]
    picked = [near[i] for i in rng.permutation(len(near))[: OFFERED - 1]]
    given = ", ".join(f"{letter} = {size}" for letter, size in sizes.items())
    meant = _written(asked.axes)
    return item(
        rng,
        Choice(str(shape), f"It is {meant}: {asked.because}"),
        [
            Choice(
                str(_of(axes, sizes)),
                f"That would be {_written(axes)}. Here it is {meant}: {asked.because}",
            )
            for axes in picked
        ],
        kind="shape",
        exercise=exercise.id,
        about=f"shape:{exercise.id}:{asked.name}",
        question=f"{given}. What is the shape of {asked.name.rstrip(',')}?",
        facts={"sizes": sizes, "name": asked.name, "axes": asked.axes},
    )


def _network(sizes: Sizes, rng: np.random.Generator) -> dict[str, Any]:
    N, p, M, K = sizes.values()
    X, Y = rng.normal(size=(N, p)), rng.normal(size=(N, K))
    alpha, beta = rng.normal(size=(M, p + 1)), rng.normal(size=(K, M + 1))
    stored = network.forward(X, alpha, beta, tanh, sigmoid)._asdict()
    delta = -2 * (Y - stored["F"]) * sigmoid.derivative(stored["T"])
    s = (delta @ beta[:, 1:]) * tanh.derivative(stored["A"])
    made = {"X": X, "Y": Y, "alpha": alpha, "beta": beta, "delta": delta, "s": s}
    return {**made, **stored, "classes": rng.integers(0, K, N)}


def _of(axes: Axes, sizes: Sizes) -> tuple[int, ...]:
    return tuple(sizes[axis[0]] + axis.endswith("+1") for axis in axes)


def _written(axes: Axes) -> str:
    return f"({', '.join(axes)}{',' * (len(axes) == 1)})"
