"""Handwritten digits, 8 × 8 pixels each."""

import gzip
from importlib.resources import files
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Digits", "digits"]

INK = 16
"""The largest value of a pixel in the file: each counts the dark ones of 4 × 4 finer pixels."""


class Digits(NamedTuple):
    """The handwritten digits as arrays; see `digits`."""

    X: NDArray
    Y: NDArray
    digit: NDArray


def digits() -> Digits:
    """Handwritten digits: 1,797 images of 8 × 8 pixels, and the digit to be recognised.

    Returns
    -------
    X : ndarray, shape (1797, 64), float64
        Pixels from 0 (paper) to 1 (ink), row by row from the top left: the file's 0 to 16,
        divided by 16. ``X[i].reshape(8, 8)`` is image i.
    Y : ndarray, shape (1797, 10), float64
        1 in the column of the image's own digit, 0 elsewhere.
    digit : ndarray, shape (1797,), int
        The digit, 0 to 9.

    Notes
    -----
    By E. Alpaydin and C. Kaynak, under CC BY 4.0; see ``digits-LICENSE.md`` beside this file.
    Neighbouring rows are often by one writer, so shuffle the rows before you split them.
    """
    packed = files(__package__).joinpath("digits.csv.gz").read_bytes()
    rows = np.loadtxt(
        gzip.decompress(packed).decode("ascii").splitlines(), delimiter=",", dtype=np.int64
    )
    digit = rows[:, -1].copy()
    return Digits(rows[:, :-1] / INK, np.eye(10)[digit], digit)
