"""Every way in which a confusion matrix is known to go wrong, and the words for it."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from bplab.exercises.steps.program import Program
from bplab.exercises.task.exercise import Mistake, Subgoal

__all__ = ["COUNTS"]


# --- counting as a program ----------------------------------------------------------------


def _count(actual: NDArray, predicted: NDArray, K: int) -> NDArray:
    counts = np.zeros((K, K), dtype=int)
    np.add.at(counts, (actual, predicted), 1)
    return counts


def _confusion(steps, actual: NDArray, predicted: NDArray, K: int) -> NDArray:
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


def _mistake(name: str, says: str, hint: str, **changed: Callable[..., object]) -> Mistake:
    return Mistake(name, Subgoal.CODE, says, hint, _COUNTS.with_(**changed))


# --- pieces done wrong --------------------------------------------------------------------


def _once(actual: NDArray, predicted: NDArray, K: int) -> NDArray:
    counts = np.zeros((K, K))
    counts[actual, predicted] += 1
    return counts


def _from_one(actual: NDArray, predicted: NDArray, K: int) -> NDArray:
    return _count(actual - 1, predicted - 1, K)


def _of_those_that_occur(counts: NDArray, actual: NDArray, predicted: NDArray) -> NDArray:
    occur = np.unique([actual, predicted])
    return counts[np.ix_(occur, occur)]


def _by_rows(counts: NDArray) -> NDArray:
    return counts / counts.sum(axis=1, keepdims=True)


def _by_rows_without_nan(counts: NDArray) -> NDArray:
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


COUNTS = (
    _mistake(
        "transposed",
        "Rows and columns are swapped: your rows are what was predicted.",
        "counts[a, b] counts the examples of class a that were taken for class b: the actual "
        "class comes first.",
        turn=np.transpose,
    ),
    _mistake(
        "counted-once",
        "Every pair counts once, however often it occurs.",
        "counts[actual, predicted] += 1 looks each entry up once and writes it once, also where "
        "a pair occurs twice. Use a loop over the examples, or np.add.at.",
        count=_once,
    ),
    _mistake(
        "diagonal-only",
        "Only the right answers are counted: all is zero off the diagonal.",
        "The point of the matrix is what the others were taken for. Count every example.",
        which=lambda counts: np.diag(np.diag(counts)),
    ),
    _mistake(
        "diagonal-missing",
        "Only the wrong answers are counted: the diagonal is zero.",
        "An example of class a that is recognised belongs to counts[a, a].",
        which=lambda counts: counts - np.diag(np.diag(counts)),
    ),
    _mistake(
        "right-ones-a-class",
        "You return the right answers of each class, K numbers.",
        "That is the diagonal of the matrix. The rest tells what was taken for what: (K, K).",
        which=np.diag,
    ),
    _mistake(
        "accuracy",
        "You return the share of right answers, one number.",
        "Return the whole (K, K) matrix of counts; the accuracy is the sum of its diagonal over N.",
        count=lambda actual, predicted, K: np.mean(actual == predicted),
    ),
    _mistake(
        "classes-from-one",
        "Your classes are counted from 1: everything stands a row and a column too early.",
        "Classes go from 0 to K − 1, as Python counts. Index −1 is the last row, so class 0 "
        "lands there without an error.",
        count=_from_one,
    ),
    _mistake(
        "as-large-as-needed",
        "Your matrix ends at the largest class that occurs.",
        "K classes give a (K, K) matrix, also if the last of them does not occur this time.",
        given=lambda a, b, K: (a, b, int(max(a.max(), b.max())) + 1),
    ),
    _mistake(
        "classes-left-out",
        "Your matrix has no row for a class that does not occur.",
        "np.unique packs the classes that it finds. A class without examples keeps its row and "
        "its column of zeros.",
        finish=_of_those_that_occur,
    ),
    _mistake(
        "shares-of-actual",
        "Your rows are shares that sum to 1; counts are wanted.",
        "Do not divide. A share cannot tell 1 of 2 from 50 of 100, and is NaN where a class does "
        "not occur.",
        shares=_by_rows,
    ),
    _mistake(
        "shares-of-actual-guarded",
        "Your rows are shares of the examples of a class; counts are wanted.",
        "Do not divide: a share cannot tell 1 of 2 from 50 of 100.",
        shares=_by_rows_without_nan,
    ),
    _mistake(
        "shares-of-predicted",
        "Your columns are shares that sum to 1; counts are wanted.",
        "Do not divide. Whoever needs shares can make them from the counts.",
        shares=lambda counts: counts / counts.sum(axis=0, keepdims=True),
    ),
    _mistake(
        "shares-of-all",
        "Your entries sum to 1; counts are wanted.",
        "Do not divide by N: the entries sum to N.",
        shares=lambda counts: counts / counts.sum(),
    ),
    _mistake(
        "both-ways",
        "Each example is counted twice, once with rows and columns swapped.",
        "An 8 taken for a 3 is not a 3 taken for an 8. Add 1 at [actual, predicted] only.",
        turn=lambda counts: counts + counts.T,
    ),
    _mistake(
        "last-left-out",
        "The last example is not counted.",
        "range(N − 1) stops at N − 2. Let the loop run over range(N), or over zip(actual, "
        "predicted).",
        given=lambda actual, predicted, K: (actual[:-1], predicted[:-1], K),
    ),
    _mistake(
        "first-left-out",
        "The first example is not counted.",
        "Python counts from 0: a loop over range(1, N) starts at the second.",
        given=lambda actual, predicted, K: (actual[1:], predicted[1:], K),
    ),
    _mistake(
        "examples-sorted",
        "The pairs are torn apart: each side is sorted on its own.",
        "actual[i] and predicted[i] belong to one example. Keep their order.",
        given=lambda actual, predicted, K: (np.sort(actual), np.sort(predicted), K),
    ),
    _mistake(
        "one-hot-not-summed",
        "You return a matrix for each example; their sum is wanted.",
        "Sum over the first axis, that of the examples.",
        count=lambda actual, predicted, K: (
            np.eye(K)[actual][:, :, None] * np.eye(K)[predicted][:, None]
        ),
    ),
    _mistake(
        "one-hot-examples",
        "You get an (N, N) matrix: which example agrees with which.",
        "Of the one-hot matrices, both (N, K), the first has to be transposed: the product must "
        "sum over the examples, not over the classes.",
        count=lambda actual, predicted, K: np.eye(K)[actual] @ np.eye(K)[predicted].T,
    ),
    _mistake(
        "one-hot-targets-only",
        "You return one-hot rows of what was predicted, one for each example.",
        "Give the rows to the class that each example belongs to, and add them up.",
        count=lambda actual, predicted, K: np.eye(K)[predicted],
    ),
)
