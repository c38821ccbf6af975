"""The known mistakes in an epoch in batches, and in a confusion matrix."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from bplab.exercises import loops
from bplab.exercises.steps import Array, Program, Steps
from bplab.exercises.task import (
    FROM_1,
    TO_N_1,
    Construct,
    Mistake,
    Slip,
    Subgoal,
    array_like,
    left_early,
)

Layers = Sequence[Array]
Weights = tuple[Layers, Array]
"""The weights of the hidden layers and beta, or the gradients with respect to them."""
At = Callable[..., Weights]
"""A function that returns the gradients at given weights."""
Step = Callable[[Array, Array], Array]
"""A function that takes a matrix and its gradient, and returns the matrix after its update."""

# --- the epoch as a program ---------------------------------------------------------------


def _epoch(
    steps: Steps,
    X: Array,
    Y: Array,
    alphas: Layers,
    beta: Array,
    gradients: At,
    gamma: float,
    order: Array,
    size: int,
) -> Weights:
    weights = start = (list(alphas), beta)
    for batch in steps.batches(len(X), size):
        at = partial(gradients, *steps.rows(X, Y, order, batch))
        moved = partial(_move, steps, gamma, (len(batch), size, len(X)))
        weights = steps.updates(*steps.begin(weights, start), at, moved)
    return weights


def _move(
    steps: Steps, gamma: float, counts: tuple[int, int, int], w: Array, gradient: Array
) -> Array:
    """Return a matrix after its update; ``counts`` are the sizes of batch, full batch and set."""
    return steps.move(w, steps.scale(gradient, *counts), steps.rate(gamma))


def _batches(N: int, size: int) -> list[Array]:
    """Return positions in the order, batch by batch."""
    return [np.arange(N)[start : start + size] for start in range(0, N, size)]


def _rows(X: Array, Y: Array, order: Array, batch: Array) -> tuple[Array, Array]:
    return X[order[batch]], Y[order[batch]]


def _updates(alphas: Layers, beta: Array, at: At, step: Step) -> Weights:
    """Make both updates, with all gradients from one call, ``at(alphas, beta)``."""
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


def _old_weights(
    X: Array,
    Y: Array,
    alphas: Layers,
    beta: Array,
    gradients: At,
    gamma: float,
    order: Array,
    size: int,
) -> Weights:
    by_alphas, by_beta = gradients(X, Y, alphas, beta)
    return [w - gamma * d for w, d in zip(alphas, by_alphas, strict=True)], beta - gamma * by_beta


def _last_gradients(
    X: Array,
    Y: Array,
    alphas: Layers,
    beta: Array,
    gradients: At,
    gamma: float,
    order: Array,
    size: int,
) -> Weights:
    but_the_last = _EPOCH.with_(batches=lambda N, size: _batches(N, size)[:-1])
    weights = but_the_last(X, Y, alphas, beta, gradients, gamma, order, size)
    return gradients(*_rows(X, Y, order, _batches(len(X), size)[-1]), *weights)


def _step_from_the_start(
    X: Array,
    Y: Array,
    alphas: Layers,
    beta: Array,
    gradients: At,
    gamma: float,
    order: Array,
    size: int,
) -> Weights:
    """Take gradients at the weights that have moved, but steps from those of the start."""
    weights = alphas, beta
    for batch in _batches(len(X), size):
        by_alphas, by_beta = gradients(*_rows(X, Y, order, batch), *weights)
        moved = [w - gamma * d for w, d in zip(alphas, by_alphas, strict=True)]
        weights = moved, beta - gamma * by_beta
    return weights


def _alphas_first(alphas: Layers, beta: Array, at: At, step: Step) -> Weights:
    stepped, _ = _updates(alphas, beta, at, step)
    return stepped, step(beta, at(stepped, beta)[1])


def _beta_first(alphas: Layers, beta: Array, at: At, step: Step) -> Weights:
    _, beta = _updates(alphas, beta, at, step)
    return _updates(alphas, beta, at, step)[0], beta


def _one_layer(alphas: Layers, beta: Array, at: At, step: Step) -> Weights:
    stepped, moved = _updates(alphas, beta, at, step)
    return [stepped[0], *alphas[1:]], moved


def _last_layer(alphas: Layers, beta: Array, at: At, step: Step) -> Weights:
    stepped, moved = _updates(alphas, beta, at, step)
    return [*alphas[:-1], stepped[-1]], moved


def _beta_up(alphas: Layers, beta: Array, at: At, step: Step) -> Weights:
    stepped, moved = _updates(alphas, beta, at, step)
    return stepped, 2 * beta - moved


def _alphas_up(alphas: Layers, beta: Array, at: At, step: Step) -> Weights:
    stepped, moved = _updates(alphas, beta, at, step)
    return [2 * w - new for w, new in zip(alphas, stepped, strict=True)], moved


def _in_epoch(
    name: str,
    says: str,
    hint: str,
    wrong: Callable[..., Any],
    *slips: Slip,
    step: Subgoal = Subgoal.CODE,
) -> Mistake:
    return Mistake(name, step, says, hint, wrong, slips=slips)


_DIVIDED = (Slip("a mean gradient"), Slip("gamma divided by that number"))

EPOCH = (
    # --- which rows ---
    _in_epoch(
        "last-batch-dropped",
        "The last batch is left out where it is smaller than the others.",
        "range(0, N, size) starts one for the rest too; [start : start + size] stops at the end.",
        _EPOCH.with_(batches=lambda N, size: [b for b in _batches(N, size) if len(b) == size]),
        Slip("N // size, which counts full batches only"),
    ),
    _in_epoch(
        "last-batch-missing",
        "The last batch is always left out.",
        "Every batch counts, the last one too: range(0, N, size) starts them all.",
        _EPOCH.with_(batches=lambda N, size: _batches(N, size)[:-1]),
        Slip("range(0, N − size, size): range stops before its end already"),
    ),
    _in_epoch(
        "first-batch-missing",
        "The first batch is always left out.",
        "The first batch starts at 0: range(0, N, size).",
        _EPOCH.with_(batches=lambda N, size: _batches(N, size)[1:]),
    ),
    _in_epoch(
        "order-twice",
        "The order is applied twice: to X and Y, and once more to their rows.",
        "Either put X and Y in order and take slices, or take the rows that order names.",
        _EPOCH.with_(given=lambda X, Y, *rest: (X[rest[4]], Y[rest[4]], *rest)),
    ),
    _in_epoch(
        "first-batch-only",
        "Only the first batch is used.",
        "Return the weights after all batches.",
        _EPOCH.with_(batches=lambda N, size: _batches(N, size)[:1]),
        left_early("the loop over the batches"),
    ),
    _in_epoch(
        "overlapping",
        "Your batches overlap: each starts one example after the one before.",
        "The starts are 0, size, 2 · size and so on: range(0, N, size).",
        _EPOCH.with_(batches=lambda N, size: [np.arange(N)[s : s + size] for s in range(N)]),
    ),
    _in_epoch(
        "one-short",
        "The last example of every full batch is left out.",
        "A slice stops before its end: order[start : start + size] has size entries.",
        _EPOCH.with_(
            batches=lambda N, size: [np.arange(N)[s : s + size - 1] for s in range(0, N, size)]
        ),
    ),
    _in_epoch(
        "slice-ends-at-size",
        "Only the first batch has examples; from the second on gradients is given none.",
        "A batch of size examples ends at start + size: order[start : start + size].",
        _EPOCH.with_(batches=lambda N, size: [np.arange(N)[s:size] for s in range(0, N, size)]),
        Slip("order[start:size], which is empty from the second batch on"),
    ),
    _in_epoch(
        "number-of-batches",
        "You take size for the number of batches.",
        "It is the number of examples in a batch. np.array_split(order, size) makes size batches.",
        _EPOCH.with_(batches=lambda N, size: np.array_split(np.arange(N), size)),
    ),
    _in_epoch(
        "order-ignored",
        "You take the rows in the order of the file.",
        "Take the rows that order names: X[order[start : start + size]], and Y likewise.",
        _EPOCH.with_(rows=lambda X, Y, order, batch: (X[batch], Y[batch])),
    ),
    _in_epoch(
        "targets-not-shuffled",
        "Inputs and targets are not of the same examples: only X follows the order.",
        "Take the same rows of both: X[batch] and Y[batch], with one batch = order[…].",
        _EPOCH.with_(rows=lambda X, Y, order, batch: (X[order[batch]], Y[batch])),
    ),
    _in_epoch(
        "inputs-not-shuffled",
        "Inputs and targets are not of the same examples: only Y follows the order.",
        "Take the same rows of both: X[batch] and Y[batch], with one batch = order[…].",
        _EPOCH.with_(rows=lambda X, Y, order, batch: (X[batch], Y[order[batch]])),
    ),
    _in_epoch(
        "whole-set",
        "Every step uses the gradient of all examples.",
        "Give gradients the rows of the batch, X[batch] and Y[batch], not X and Y.",
        _EPOCH.with_(rows=lambda X, Y, order, batch: (X, Y)),
        step=Subgoal.WEIGHT_GRADIENT,
    ),
    # --- at which weights ---
    _in_epoch(
        "old-weights",
        "All gradients are taken at the weights of the start: that is one step for the whole set.",
        "Each batch starts from the weights that the batch before has left.",
        _old_weights,
    ),
    _in_epoch(
        "from-the-start",
        "Every batch starts again from the first weights, so only the last one counts.",
        "Go on from the weights that the batch before has left: alphas and beta take their new "
        "values with every batch.",
        _EPOCH.with_(begin=lambda weights, start: start),
    ),
    _in_epoch(
        "step-from-the-start",
        "Every step starts from the first weights, though its gradient is taken where the batch "
        "before has ended.",
        "Subtract from the weights that the batch before has left, not from the arguments.",
        _step_from_the_start,
    ),
    _in_epoch(
        "alphas-first",
        "The gradient with respect to beta is taken after the alphas have moved.",
        "Call gradients once a batch, and take both updates from that one answer.",
        _EPOCH.with_(updates=_alphas_first),
    ),
    _in_epoch(
        "beta-first",
        "The gradients with respect to the alphas are taken after beta has moved.",
        "Call gradients once a batch, and take both updates from that one answer.",
        _EPOCH.with_(updates=_beta_first),
    ),
    # --- which weights ---
    _in_epoch(
        "beta-stays",
        "beta never moves.",
        "The output layer learns as well: beta steps against its own gradient.",
        _EPOCH.with_(updates=lambda a, b, at, step: (_updates(a, b, at, step)[0], b)),
    ),
    _in_epoch(
        "alphas-stay",
        "The hidden layers never move: only beta learns.",
        "Each of the alphas steps against its own gradient, the first element of what gradients "
        "returns.",
        _EPOCH.with_(updates=lambda a, b, at, step: (a, _updates(a, b, at, step)[1])),
    ),
    _in_epoch(
        "first-layer-only",
        "Of the hidden layers only the first one moves.",
        "All D layers move, each against its own gradient: zip(alphas, by_alphas) has the pairs.",
        _EPOCH.with_(updates=_one_layer),
    ),
    _in_epoch(
        "last-layer-only",
        "Of the hidden layers only the last one moves.",
        "All D layers move, each against its own gradient: zip(alphas, by_alphas) has the pairs.",
        _EPOCH.with_(updates=_last_layer),
    ),
    # --- how far ---
    _in_epoch(
        "ascends",
        "The weights step along the gradient: the loss climbs.",
        "The gradient points uphill. Equations (12) and (13) subtract it.",
        _EPOCH.with_(move=lambda w, gradient, rate: w + rate * gradient),
    ),
    _in_epoch(
        "beta-ascends",
        "beta steps along its gradient, the alphas against theirs.",
        "The gradient points uphill. Equation (12) subtracts it.",
        _EPOCH.with_(updates=_beta_up),
    ),
    _in_epoch(
        "alphas-ascend",
        "The alphas step along their gradients, beta against its own.",
        "The gradient points uphill. Equation (13) subtracts it.",
        _EPOCH.with_(updates=_alphas_up),
    ),
    _in_epoch(
        "no-gamma",
        "The learning rate is not used.",
        "A step is γ times the gradient.",
        _EPOCH.with_(rate=lambda gamma: 1),
    ),
    _in_epoch(
        "averaged-over-batch",
        "Each step is divided by the number of examples in the batch.",
        "Many libraries average over a batch. The paper's loss is a sum, and so is its gradient: "
        "do not divide.",
        _EPOCH.with_(scale=lambda gradient, n, size, N: gradient / max(n, 1)),
        *_DIVIDED,
        step=Subgoal.UPDATE,
    ),
    _in_epoch(
        "averaged-over-size",
        "Each step is divided by size.",
        "The paper's loss is a sum, and so is its gradient: do not divide. Besides, the last "
        "batch may have fewer than size examples.",
        _EPOCH.with_(scale=lambda gradient, n, size, N: gradient / size),
        *_DIVIDED,
        step=Subgoal.UPDATE,
    ),
    _in_epoch(
        "averaged-over-N",
        "Each step is divided by N, the number of all examples.",
        "The paper's loss is a sum, and so is its gradient: do not divide.",
        _EPOCH.with_(scale=lambda gradient, n, size, N: gradient / N),
        *_DIVIDED,
        step=Subgoal.UPDATE,
    ),
    _in_epoch(
        "integers-truncated",
        "Your new weights are cut to whole numbers when the old ones are integers.",
        "A plain subtraction makes a new array of floats, also where the weights are integers.",
        _EPOCH.with_(move=lambda w, gradient, rate: (w - rate * gradient).astype(w.dtype)),
        array_like("the weights", "copy() or zeros_like of {0}"),
    ),
    # --- what comes back ---
    _in_epoch(
        "start-returned",
        "You return the weights that you were given.",
        "Return the weights after the last batch.",
        lambda X, Y, alphas, beta, *rest: (alphas, beta),
    ),
    _in_epoch(
        "gradients-returned",
        "You return the gradients of the last batch, not the weights.",
        "Return alphas and beta after the last update.",
        _last_gradients,
    ),
)


# --- counting as a program ----------------------------------------------------------------


def _count(actual: Array, predicted: Array, K: int) -> Array:
    counts = np.zeros((K, K), dtype=int)
    np.add.at(counts, (actual, predicted), 1)
    return counts


def _confusion(steps: Steps, actual: Array, predicted: Array, K: int) -> Array:
    counts = steps.finish(steps.count(actual, predicted, K), actual, predicted)
    return steps.shares(steps.turn(steps.which(counts)))


_COUNTS = Program(
    _confusion,
    {
        "count": _count,
        "finish": lambda counts, actual, predicted: counts,
        "which": lambda counts: counts,
        "turn": lambda counts: counts,
        "shares": lambda counts: counts,
    },
)


def _in_counts(
    name: str,
    says: str,
    hint: str,
    *slips: Slip,
    alone: bool = False,
    **changed: Callable[..., object],
) -> Mistake:
    wrong = _COUNTS.with_(**changed)
    return Mistake(name, Subgoal.CODE, says, hint, wrong, alone=alone, slips=slips)


# --- pieces done wrong --------------------------------------------------------------------


def _once(actual: Array, predicted: Array, K: int) -> Array:
    counts = np.zeros((K, K))
    counts[actual, predicted] += 1
    return counts


def _from_one(actual: Array, predicted: Array, K: int) -> Array:
    return _count(actual - 1, predicted - 1, K)


def _of_those_that_occur(counts: Array, actual: Array, predicted: Array) -> Array:
    occur = np.unique([actual, predicted])
    return counts[np.ix_(occur, occur)]


def _by_rows(counts: Array) -> Array:
    return counts / counts.sum(axis=1, keepdims=True)


def _by_rows_without_nan(counts: Array) -> Array:
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


COUNTS = (
    _in_counts(
        "rows-aliased",
        "All rows are the same: what is counted in one is counted in all.",
        "Each actual class has a row of its own, as in np.zeros((K, K), int).",
        Slip("[[0] * K] * K, which repeats one and the same list K times", Construct.REPEATS),
        count=lambda a, b, K: np.tile(_count(a, b, K).sum(axis=0), (K, 1)),
    ),
    _in_counts(
        "transposed",
        "Rows and columns are swapped: your rows are what was predicted.",
        "counts[a, b] counts the examples of class a that were taken for class b: the actual "
        "class comes first.",
        turn=np.transpose,
    ),
    _in_counts(
        "counted-once",
        "Every pair counts once, however often it occurs.",
        "Every example adds 1, also where its pair has been before: np.add.at does so.",
        Slip(
            "counts[actual, predicted] += 1, which looks each entry up once and writes it once",
            Construct.ADDS,
        ),
        Slip("= 1 in place of += 1"),
        count=_once,
    ),
    _in_counts(
        "diagonal-only",
        "Only the right answers are counted: all is zero off the diagonal.",
        "The point of the matrix is what the others were taken for. Count every example.",
        which=lambda counts: np.diag(np.diag(counts)),
    ),
    _in_counts(
        "diagonal-missing",
        "Only the wrong answers are counted: the diagonal is zero.",
        "An example of class a that is recognised belongs to counts[a, a].",
        which=lambda counts: counts - np.diag(np.diag(counts)),
    ),
    _in_counts(
        "right-ones-a-class",
        "You return the right answers of each class, K numbers.",
        "That is the diagonal of the matrix. The rest tells what was taken for what: (K, K).",
        which=np.diag,
    ),
    _in_counts(
        "accuracy",
        "You return the share of right answers, one number.",
        "Return the whole (K, K) matrix of counts; the accuracy is the sum of its diagonal over N.",
        count=lambda actual, predicted, K: np.mean(actual == predicted),
    ),
    _in_counts(
        "classes-from-one",
        "Your classes are counted from 1: everything stands a row and a column too early.",
        "Classes go from 0 to K − 1, as Python counts.",
        Slip("an index with − 1, which for class 0 is the last row, without an error"),
        count=_from_one,
    ),
    _in_counts(
        "as-large-as-needed",
        "Your matrix ends at the largest class that occurs.",
        "K classes give a (K, K) matrix, also if the last of them does not occur this time.",
        given=lambda a, b, K: (a, b, int(max(a.max(), b.max())) + 1),
    ),
    _in_counts(
        "last-class-zero",
        "The last class is left out: its row and its column are all zeros.",
        "Classes go from 0 to K − 1: range(K).",
        Slip("range(K − 1), which stops at K − 2"),
        which=lambda counts: np.pad(counts[:-1, :-1], (0, 1)),
    ),
    _in_counts(
        "last-class-cut-off",
        "The last class is left out: your matrix has no row and no column for it.",
        "K classes, from 0 to K − 1, give a (K, K) matrix.",
        Slip("range(K − 1), which stops at K − 2"),
        which=lambda counts: counts[:-1, :-1],
    ),
    _in_counts(
        "classes-left-out",
        "Your matrix has no row for a class that does not occur.",
        "A class without examples keeps its row and its column of zeros.",
        Slip("np.unique or set, which hold the classes that occur", "unique", "set"),
        finish=_of_those_that_occur,
    ),
    _in_counts(
        "shares-of-actual",
        "Your rows are shares that sum to 1; counts are wanted.",
        "Do not divide. A share cannot tell 1 of 2 from 50 of 100, and is NaN where a class does "
        "not occur.",
        shares=_by_rows,
    ),
    _in_counts(
        "shares-of-actual-guarded",
        "Your rows are shares of the examples of a class; counts are wanted.",
        "Do not divide: a share cannot tell 1 of 2 from 50 of 100.",
        shares=_by_rows_without_nan,
    ),
    _in_counts(
        "shares-of-predicted",
        "Your columns are shares that sum to 1; counts are wanted.",
        "Do not divide. Whoever needs shares can make them from the counts.",
        shares=lambda counts: counts / counts.sum(axis=0, keepdims=True),
    ),
    _in_counts(
        "shares-of-all",
        "Your entries sum to 1; counts are wanted.",
        "Do not divide by N: the entries sum to N.",
        shares=lambda counts: counts / counts.sum(),
    ),
    *(
        _in_counts(
            f"counted-in-{dtype.__name__}",
            f"Your counts start again from {words}, as in an array of {dtype.__name__}.",
            f"An entry of type {dtype.__name__} holds no more than {np.iinfo(dtype).max}, and "
            "there is no error beyond. np.zeros((K, K), dtype=int) has room for any count.",
            alone=True,
            finish=lambda counts, actual, predicted, dtype=dtype: counts.astype(dtype),
        )
        for dtype, words in ((np.uint8, "0 after 255"), (np.int8, "−128 after 127"))
    ),
    _in_counts(
        "both-ways",
        "Each example is counted twice, once with rows and columns swapped.",
        "An 8 taken for a 3 is not a 3 taken for an 8. Add 1 at [actual, predicted] only.",
        turn=lambda counts: counts + counts.T,
    ),
    _in_counts(
        "last-left-out",
        "The last example is not counted.",
        "Every example counts, the last one too.",
        TO_N_1,
        given=lambda actual, predicted, K: (actual[:-1], predicted[:-1], K),
    ),
    _in_counts(
        "first-left-out",
        "The first example is not counted.",
        "Every example counts, the first one too.",
        FROM_1,
        given=lambda actual, predicted, K: (actual[1:], predicted[1:], K),
    ),
    _in_counts(
        "examples-sorted",
        "The pairs are torn apart, as if each side were sorted on its own.",
        "actual[i] and predicted[i] belong to one example. Keep their order.",
        given=lambda actual, predicted, K: (np.sort(actual), np.sort(predicted), K),
    ),
    _in_counts(
        "one-hot-not-summed",
        "You return a matrix for each example; their sum is wanted.",
        "Sum over the first axis, that of the examples.",
        count=lambda actual, predicted, K: (
            np.eye(K)[actual][:, :, None] * np.eye(K)[predicted][:, None]
        ),
    ),
    _in_counts(
        "one-hot-examples",
        "You get an (N, N) matrix: which example agrees with which.",
        "Of the one-hot matrices, both (N, K), the first has to be transposed: the product must "
        "sum over the examples, not over the classes.",
        count=lambda actual, predicted, K: np.eye(K)[actual] @ np.eye(K)[predicted].T,
    ),
    _in_counts(
        "one-hot-targets-only",
        "You return one-hot rows of what was predicted, one for each example.",
        "Give the rows to the class that each example belongs to, and add them up.",
        count=lambda actual, predicted, K: np.eye(K)[predicted],
    ),
    *loops.arrays(
        _COUNTS,
        loops.Axis("a", "class"),
        loops.Axis("b", "class"),
        at=lambda change: {"which": change},
    ),
)
