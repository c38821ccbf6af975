"""Every way in which an epoch in batches is known to go wrong, and the words for it."""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from bplab.exercises.steps.program import Program
from bplab.exercises.task.exercise import Mistake, Subgoal

__all__ = ["EPOCH"]

# --- the epoch as a program ---------------------------------------------------------------


def _epoch(steps, X, Y, alphas, beta, gradients, gamma, order, size):
    weights = start = (list(alphas), beta)
    for batch in steps.batches(len(X), size):
        at = partial(gradients, *steps.rows(X, Y, order, batch))
        moved = partial(_move, steps, gamma, (len(batch), size, len(X)))
        weights = steps.updates(*steps.begin(weights, start), at, moved)
    return weights


def _move(steps, gamma, counts, w: NDArray, gradient: NDArray) -> NDArray:
    """One update. ``counts`` are the examples in the batch, those wanted, and all of them."""
    return steps.move(w, steps.scale(gradient, *counts), steps.rate(gamma))


def _batches(N: int, size: int) -> list[NDArray]:
    """Positions in the order, batch by batch."""
    return [np.arange(N)[start : start + size] for start in range(0, N, size)]


def _rows(X: NDArray, Y: NDArray, order: NDArray, batch: NDArray) -> tuple[NDArray, NDArray]:
    return X[order[batch]], Y[order[batch]]


def _updates(alphas: list, beta: NDArray, at: Callable, step: Callable) -> tuple[list, NDArray]:
    """Both updates with gradients at the same weights; ``at(alphas, beta)`` gives them."""
    by_alphas, by_beta = at(alphas, beta)
    stepped = [step(w, gradient) for w, gradient in zip(alphas, by_alphas, strict=True)]
    return stepped, step(beta, by_beta)


_EPOCH = Program(
    _epoch,
    {
        "batches": _batches,
        "rows": _rows,
        "begin": lambda weights, start: weights,
        "updates": _updates,
        "scale": lambda gradient, n, size, N: gradient,
        "rate": lambda gamma: gamma,
        "move": lambda w, gradient, rate: w - rate * gradient,
    },
)


# --- pieces done wrong --------------------------------------------------------------------


def _old_weights(X, Y, alphas, beta, gradients, gamma, order, size):
    by_alphas, by_beta = gradients(X, Y, alphas, beta)
    return [w - gamma * d for w, d in zip(alphas, by_alphas, strict=True)], beta - gamma * by_beta


def _last_gradients(X, Y, alphas, beta, gradients, gamma, order, size):
    but_the_last = _EPOCH.with_(batches=lambda N, size: _batches(N, size)[:-1])
    weights = but_the_last(X, Y, alphas, beta, gradients, gamma, order, size)
    return gradients(*_rows(X, Y, order, _batches(len(X), size)[-1]), *weights)


def _alphas_first(alphas, beta, at, step):
    stepped, _ = _updates(alphas, beta, at, step)
    return stepped, step(beta, at(stepped, beta)[1])


def _beta_first(alphas, beta, at, step):
    _, beta = _updates(alphas, beta, at, step)
    return _updates(alphas, beta, at, step)[0], beta


def _one_layer(alphas, beta, at, step):
    stepped, moved = _updates(alphas, beta, at, step)
    return [stepped[0], *alphas[1:]], moved


def _last_layer(alphas, beta, at, step):
    stepped, moved = _updates(alphas, beta, at, step)
    return [*alphas[:-1], stepped[-1]], moved


def _mistake(name: str, says: str, hint: str, wrong: Callable, step=Subgoal.CODE) -> Mistake:
    return Mistake(name, step, says, hint, wrong)


EPOCH = (
    # --- which rows ---
    _mistake(
        "last-batch-dropped",
        "The last batch is left out where it is smaller than the others.",
        "N // size counts full batches only. range(0, N, size) starts one for the rest, and a "
        "slice past the end stops at the end.",
        _EPOCH.with_(batches=lambda N, size: [b for b in _batches(N, size) if len(b) == size]),
    ),
    _mistake(
        "first-batch-only",
        "Only the first batch is used.",
        "Is the return line inside the loop? Return after all batches.",
        _EPOCH.with_(batches=lambda N, size: _batches(N, size)[:1]),
    ),
    _mistake(
        "overlapping",
        "Your batches overlap: each starts one example after the one before.",
        "The starts are 0, size, 2 · size and so on: range(0, N, size).",
        _EPOCH.with_(batches=lambda N, size: [np.arange(N)[s : s + size] for s in range(N)]),
    ),
    _mistake(
        "one-short",
        "The last example of every full batch is left out.",
        "A slice stops before its end: order[start : start + size] has size entries, without "
        "a − 1.",
        _EPOCH.with_(
            batches=lambda N, size: [np.arange(N)[s : s + size - 1] for s in range(0, N, size)]
        ),
    ),
    _mistake(
        "number-of-batches",
        "You take size for the number of batches.",
        "It is the number of examples in a batch. np.array_split(order, size) makes size batches.",
        _EPOCH.with_(batches=lambda N, size: np.array_split(np.arange(N), size)),
    ),
    _mistake(
        "order-ignored",
        "You take the rows in the order of the file.",
        "Take the rows that order names: X[order[start : start + size]], and Y likewise.",
        _EPOCH.with_(rows=lambda X, Y, order, batch: (X[batch], Y[batch])),
    ),
    _mistake(
        "targets-not-shuffled",
        "Inputs and targets are not of the same examples: only X follows the order.",
        "Take the same rows of both: X[batch] and Y[batch], with one batch = order[…].",
        _EPOCH.with_(rows=lambda X, Y, order, batch: (X[order[batch]], Y[batch])),
    ),
    _mistake(
        "inputs-not-shuffled",
        "Inputs and targets are not of the same examples: only Y follows the order.",
        "Take the same rows of both: X[batch] and Y[batch], with one batch = order[…].",
        _EPOCH.with_(rows=lambda X, Y, order, batch: (X[batch], Y[order[batch]])),
    ),
    _mistake(
        "whole-set",
        "Every step uses the gradient of all examples.",
        "Give gradients the rows of the batch, X[batch] and Y[batch], not X and Y.",
        _EPOCH.with_(rows=lambda X, Y, order, batch: (X, Y)),
        Subgoal.WEIGHT_GRADIENT,
    ),
    # --- at which weights ---
    _mistake(
        "old-weights",
        "All gradients are taken at the weights of the start: that is one step for the whole set.",
        "Each batch starts from the weights that the batch before has left. Update inside the "
        "loop.",
        _old_weights,
    ),
    _mistake(
        "from-the-start",
        "Every batch starts again from the first weights, so only the last one counts.",
        "Go on from the weights that the batch before has left: alphas and beta take their new "
        "values inside the loop.",
        _EPOCH.with_(begin=lambda weights, start: start),
    ),
    _mistake(
        "alphas-first",
        "The gradient by beta is taken after the alphas have moved.",
        "Call gradients once a batch, and take both updates from that one answer.",
        _EPOCH.with_(updates=_alphas_first),
    ),
    _mistake(
        "beta-first",
        "The gradients by the alphas are taken after beta has moved.",
        "Call gradients once a batch, and take both updates from that one answer.",
        _EPOCH.with_(updates=_beta_first),
    ),
    # --- which weights ---
    _mistake(
        "beta-stays",
        "beta never moves.",
        "The output layer learns as well: beta steps against its own gradient.",
        _EPOCH.with_(updates=lambda a, b, at, step: (_updates(a, b, at, step)[0], b)),
    ),
    _mistake(
        "alphas-stay",
        "The hidden layers never move: only beta learns.",
        "Each of the alphas steps against its own gradient, the first element of what gradients "
        "returns.",
        _EPOCH.with_(updates=lambda a, b, at, step: (a, _updates(a, b, at, step)[1])),
    ),
    _mistake(
        "first-layer-only",
        "Of the hidden layers only the first one moves.",
        "Loop over all D layers: zip(alphas, by_alphas).",
        _EPOCH.with_(updates=_one_layer),
    ),
    _mistake(
        "last-layer-only",
        "Of the hidden layers only the last one moves.",
        "Loop over all D layers: zip(alphas, by_alphas).",
        _EPOCH.with_(updates=_last_layer),
    ),
    # --- how far ---
    _mistake(
        "ascends",
        "The weights step along the gradient: the loss climbs.",
        "The gradient points uphill. Equations (12) and (13) subtract it.",
        _EPOCH.with_(move=lambda w, gradient, rate: w + rate * gradient),
    ),
    _mistake(
        "no-gamma",
        "The learning rate is not used.",
        "A step is γ times the gradient.",
        _EPOCH.with_(rate=lambda gamma: 1),
    ),
    _mistake(
        "averaged-over-batch",
        "You divide the gradient by the number of examples in the batch.",
        "Many libraries average over a batch. The paper's loss is a sum, and so is its gradient: "
        "do not divide.",
        _EPOCH.with_(scale=lambda gradient, n, size, N: gradient / max(n, 1)),
        Subgoal.WEIGHT_GRADIENT,
    ),
    _mistake(
        "averaged-over-size",
        "You divide the gradient by size.",
        "The paper's loss is a sum, and so is its gradient: do not divide. Besides, the last "
        "batch may have fewer than size examples.",
        _EPOCH.with_(scale=lambda gradient, n, size, N: gradient / size),
        Subgoal.WEIGHT_GRADIENT,
    ),
    _mistake(
        "averaged-over-N",
        "You divide the gradient by the number N of all examples.",
        "The paper's loss is a sum, and so is its gradient: do not divide.",
        _EPOCH.with_(scale=lambda gradient, n, size, N: gradient / N),
        Subgoal.WEIGHT_GRADIENT,
    ),
    # --- what comes back ---
    _mistake(
        "start-returned",
        "You return the weights that you were given.",
        "Return the weights after the last batch.",
        lambda X, Y, alphas, beta, *rest: (alphas, beta),
    ),
    _mistake(
        "gradients-returned",
        "You return the gradients of the last batch, not the weights.",
        "Return alphas and beta after the last update.",
        _last_gradients,
    ),
)
