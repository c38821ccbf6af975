r"""How well classes are recognised: the share of right answers, and the confusion matrix."""

import numpy as np
from numpy.typing import ArrayLike

from bplab.errors import InputError

__all__ = ["accuracy", "confusion_matrix"]


def accuracy(actual: ArrayLike, predicted: ArrayLike) -> float:
    """Return the share of the examples whose class is recognised.

    Parameters
    ----------
    actual, predicted : array_like of int, shape (N,)
        The class of each example, and the class it was taken for.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ValueError
        If an argument is empty or not a sequence of whole numbers, or they differ in length.

    Examples
    --------
    >>> accuracy([3, 8, 8, 1], [3, 8, 3, 1])
    0.75
    """
    actual, predicted = _pair(actual, predicted)
    return float(np.mean(actual == predicted))


def confusion_matrix(actual: ArrayLike, predicted: ArrayLike, K: int) -> np.ndarray:
    """Count how many examples of each class were taken for each class.

    Parameters
    ----------
    actual, predicted : array_like of int, shape (N,)
        The class of each example, and the class it was taken for: 0 to K - 1.
    K : int
        Number of classes, including those that do not occur.

    Returns
    -------
    counts : ndarray of int, shape (K, K)
        ``counts[a, b]`` examples of class a were taken for class b. Right answers are on the
        diagonal; each row sums to the number of examples of its class.

    Raises
    ------
    ValueError
        If an argument is empty or not a sequence of whole numbers from 0 to K - 1, they differ
        in length, or ``K`` is not a whole number of at least 1.

    Examples
    --------
    >>> confusion_matrix([0, 0, 1, 2], [0, 1, 1, 1], K=3)
    array([[1, 1, 0],
           [0, 1, 0],
           [0, 1, 0]])
    """
    if not isinstance(K, (int, np.integer)) or K < 1:
        raise InputError(f"K must be a whole number of at least 1; got {K!r}")
    actual, predicted = _pair(actual, predicted)
    for name, classes in (("actual", actual), ("predicted", predicted)):
        outside = classes[(classes < 0) | (classes >= K)]
        if outside.size:
            raise InputError(
                f"{name} must hold classes from 0 to K - 1 = {K - 1}; got {outside[0]}"
            )
    counts = np.zeros((K, K), dtype=np.int64)
    # counts[actual, predicted] += 1 would count a pair only once, however often it occurs
    np.add.at(counts, (actual, predicted), 1)
    return counts


def _pair(actual: ArrayLike, predicted: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return both as arrays of whole numbers, after a check that they have the same length."""
    arrays = []
    for name, value in (("actual", actual), ("predicted", predicted)):
        try:
            array = np.asarray(value)
        except ValueError as ragged:
            raise InputError(f"{name} must have shape (N,); got rows of different lengths") from (
                ragged
            )
        if array.ndim != 1:
            raise InputError(f"{name} must have shape (N,); got {array.shape}")
        if array.size == 0:
            raise InputError(f"{name} must not be empty")
        if array.dtype.kind not in "iu":
            raise InputError(f"{name} must hold whole numbers; got dtype {array.dtype}")
        arrays.append(array)
    if len(arrays[0]) != len(arrays[1]):
        raise InputError(
            "actual and predicted must have the same length; "
            f"got {len(arrays[0])} and {len(arrays[1])}"
        )
    return arrays[0], arrays[1]
