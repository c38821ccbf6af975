"""The capstone: digits recognised by a network that the learner wrote from end to end."""

import numpy as np

from bplab import scores, training
from bplab.activations import softmax, tanh
from bplab.by_equation import Equation
from bplab.data import digits
from bplab.deep import Gradients, backward, forward
from bplab.exercises.capstone.cases import EpochCase, LabelCase, epoch_cases, label_cases
from bplab.exercises.capstone.mistakes import COUNTS, EPOCH
from bplab.exercises.task import Challenge, Exercise, Part
from bplab.gradcheck import numerical_gradient
from bplab.risk import Risk
from bplab.training import initial_weights


def _about(id: str, title: str) -> Equation:
    return Equation(id, "capstone", "capstone", title, (), ())


def _numerical_epoch(case: EpochCase) -> tuple[np.ndarray, ...]:
    """Walk through the batches with numerical gradients of R in place of exact ones."""
    weights = [np.array(w, dtype=float) for w in (*case.alphas, case.beta)]
    left = list(case.order)
    while left:
        batch, left = left[: case.size], left[case.size :]
        R = Risk(case.X[batch], case.Y[batch], case.sigma, case.g)
        slopes = numerical_gradient(R, weights)
        weights = [w - case.gamma * slope for w, slope in zip(weights, slopes, strict=True)]
    return tuple(weights)


def _tally(case: LabelCase) -> tuple[np.ndarray, ...]:
    """Count with a dictionary, one example after another."""
    times: dict[tuple[int, int], int] = {}
    for pair in zip(case.actual.tolist(), case.predicted.tolist(), strict=True):
        times[pair] = times.get(pair, 0) + 1
    rows = range(case.K)
    return (np.array([[float(times.get((a, b), 0)) for b in rows] for a in rows]),)


def recognise(X: np.ndarray, Y: np.ndarray, X_new: np.ndarray) -> np.ndarray:
    """Return the class of each row of X_new (N_new,), learned from X (N, p) and Y (N, K)."""

    def gradients(
        X: np.ndarray, Y: np.ndarray, alphas: tuple[np.ndarray, ...], beta: np.ndarray
    ) -> Gradients:
        return backward(X, Y, alphas, beta, tanh, softmax)

    rng = np.random.default_rng(0)
    start, beta = initial_weights(X.shape[1], (32, 16), Y.shape[1])
    alphas = tuple(start)
    for _ in range(40):
        order = rng.permutation(len(X))
        alphas, beta = training.one_epoch(X, Y, alphas, beta, gradients, 0.02, order, 32)
    return forward(X_new, alphas, beta, tanh, softmax).F.argmax(axis=1)


EXERCISES = (
    Exercise(
        id="one-epoch",
        about=_about("one-epoch", "one epoch of gradient descent in batches"),
        reference=training.one_epoch,
        parts=(
            Part("alphas", "M_d", "M_{d-1}+1", layered=True),
            Part("beta", "K", "M_D+1"),
        ),
        points=3,
        judge="steps by numerical gradients of R",
        second_opinion=_numerical_epoch,
        mistakes=EPOCH,
        cases=epoch_cases,
        hints=(
            "The shuffled order is cut into slices of size entries. Each slice names the rows of "
            "one batch, and every batch does what equations (12) and (13) say.",
            "For each start in range(0, N, size): batch = order[start : start + size]. Call "
            "gradients with X[batch], Y[batch] and the weights as they are now. Then every array "
            "of the alphas, and beta, steps against its own gradient. Make new arrays, the old "
            "ones belong to the caller.",
            "for start in range(0, len(order), size):\n"
            "    batch = order[start : start + size]\n"
            "    by_alphas, by_beta = gradients(X[batch], Y[batch], alphas, beta)\n"
            "    alphas = [… for w, d in zip(alphas, by_alphas)]\n"
            "    beta = …\n"
            "return alphas, beta",
        ),
    ),
    Exercise(
        id="confusion",
        about=_about("confusion", "the confusion matrix: which class is taken for which"),
        reference=scores.confusion_matrix,
        parts=(Part("counts", "actual class", "class it was taken for"),),
        points=2,
        judge="counting one example at a time",
        second_opinion=_tally,
        mistakes=COUNTS,
        cases=label_cases,
        hints=(
            "One example is one pair: the class that it has, and the class that it was taken for. "
            "Each pair adds 1 to one entry of the matrix.",
            "Start from zeros of shape (K, K). Walk through actual and predicted side by side; "
            "the actual class says which row, the predicted one which column.",
            "counts = np.zeros((K, K), dtype=int)\n"
            "for a, b in zip(actual, predicted):\n"
            "    … += 1\n"
            "return counts",
        ),
    ),
)

CHALLENGES = (
    Challenge(
        id="digits",
        about=_about("digits", "digits recognised by your own network"),
        reference=recognise,
        points=5,
        data=lambda: digits()[:2],
        held_out=450,
        things="digits",
        hints=(
            "Everything is there already: random weights, epochs in batches, one forward pass. Put "
            "it into one function that starts afresh whenever it is called.",
            "initial_weights with two hidden layers; a loop over epochs, each with a new "
            "rng.permutation(len(X)); forward on X_new, and of its outputs F the largest in each "
            "row. Watch the loss on some examples that you keep back, and choose γ by factors of "
            "2.",
            "alphas, beta = initial_weights(X.shape[1], (32, 16), Y.shape[1])\n"
            "for epoch in range(…):\n"
            "    order = rng.permutation(len(X))\n"
            "    alphas, beta = one_epoch(X, Y, alphas, beta, gradients, …, order, 32)\n"
            "F = …\n"
            "return F.argmax(axis=1)",
        ),
    ),
)
