"""Checks of array arguments; errors name the argument, what was given, and what was expected."""

import numpy as np
from numpy.typing import ArrayLike

from bplab.errors import InputError


def as_matrix(
    name: str,
    value: ArrayLike,
    expected: str,
    *,
    columns: int | None = None,
    allow_complex: bool = False,
) -> np.ndarray:
    """Return ``value`` as a float matrix; float32 stays float32, other reals become float64.

    Parameters
    ----------
    name : str
        The argument's name in the message.
    value : array_like
        The argument as it was given.
    expected : str
        The shape in the paper's letters, e.g. ``"(N, p)"``.
    columns : int, optional
        The number of columns it must have.
    allow_complex : bool
        Whether complex128 is allowed, as in weights moved by a complex step.

    Returns
    -------
    ndarray, with two axes

    Raises
    ------
    ValueError
        If it is not numeric, not a matrix, empty, or not finite, or has another number of columns.
    """
    try:
        array = np.asarray(value)
    except ValueError as ragged:
        raise InputError(
            f"{name} must be a matrix of shape {expected}; got rows of different lengths"
        ) from ragged
    is_complex = allow_complex and array.dtype == np.complex128
    if array.dtype.kind not in "fiub" and not is_complex:
        raise InputError(f"{name} must hold real numbers; got dtype {array.dtype}")
    if array.ndim != 2:
        raise InputError(
            f"{name} must be a matrix of shape {expected}; got {array.ndim} "
            f"dimension{'s' * (array.ndim != 1)}, shape {array.shape}"
        )
    if array.size == 0:
        raise InputError(f"{name} must not be empty; got shape {array.shape}")
    if columns is not None and array.shape[1] != columns:
        raise InputError(
            f"{name} must have shape {expected}, here with {columns} columns; got {array.shape}"
        )
    if array.dtype != np.float32 and not is_complex:
        array = array.astype(np.float64, copy=False)
    if not np.isfinite(array).all():
        bad = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise InputError(f"{name} must be finite; entry {bad} is {array[bad]}")
    return array


def same_shape(first: str, a: np.ndarray, second: str, b: np.ndarray) -> None:
    """Raise ValueError unless ``a`` and ``b`` have the same shape."""
    if a.shape != b.shape:
        raise InputError(
            f"{first} and {second} must have the same shape; got {a.shape} and {b.shape}"
        )


def same_rows(first: str, a: np.ndarray, second: str, b: np.ndarray) -> None:
    """Raise ValueError unless ``a`` and ``b`` have the same number of examples (rows)."""
    if len(a) != len(b):
        raise InputError(
            f"{first} and {second} must have the same number N of rows; got {len(a)} and {len(b)}"
        )


def columns_meet_rows(first: str, a: np.ndarray, second: str, b: np.ndarray) -> None:
    """Raise ValueError unless ``a`` has as many columns as ``b`` has rows."""
    if a.shape[1] != b.shape[0]:
        raise InputError(
            f"{first} must have as many columns as {second} has rows; got {a.shape} and {b.shape}"
        )
