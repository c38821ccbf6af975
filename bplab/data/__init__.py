"""Real data sets, small enough to ship, each with a file that has its licence."""

import csv
import gzip
from importlib.resources import files
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from bplab.arrays import as_matrix, same_rows
from bplab.errors import InputError

__all__ = ["Digits", "Penguins", "digits", "given_or_penguins", "penguins"]

INK = 16
"""The largest value of a pixel in the file, which counts the dark ones among 4 × 4 finer pixels."""


class Penguins(NamedTuple):
    """The Palmer penguins as arrays; see `penguins`."""

    X: np.ndarray
    Y: np.ndarray
    features: tuple[str, ...]
    species: tuple[str, ...]


def penguins() -> Penguins:
    """Return the Palmer penguins: four measurements, and the species to be predicted.

    These are the 342 birds (of 344) whose four measurements are known, in the file's order.

    Returns
    -------
    X : ndarray, shape (342, 4), float64
        Bill length (mm), bill depth (mm), flipper length (mm), body mass (g).
    Y : ndarray, shape (342, 3), float64
        Species, one column each: 1 for the bird's own species, 0 elsewhere.
    features : tuple of str
        Names of the columns of ``X``, with units.
    species : tuple of str
        Names of the columns of ``Y``.

    Notes
    -----
    Data collected by K. Gorman and the Palmer Station LTER, released as CC0; see
    ``penguins-LICENSE.md`` in this folder.
    """
    columns = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")
    text = files(__package__).joinpath("penguins.csv").read_text(encoding="utf-8")
    rows = [row for row in csv.DictReader(text.splitlines()) if row["bill_length_mm"] != "NA"]
    species = tuple(sorted({row["species"] for row in rows}))
    X = np.array([[float(row[c]) for c in columns] for row in rows])
    Y = np.array([[float(row["species"] == s) for s in species] for row in rows])
    features = ("bill length (mm)", "bill depth (mm)", "flipper length (mm)", "body mass (g)")
    return Penguins(X, Y, features, species)


class Digits(NamedTuple):
    """The handwritten digits as arrays; see `digits`."""

    X: np.ndarray
    Y: np.ndarray
    digit: np.ndarray


def digits() -> Digits:
    """Return handwritten digits: 1,797 images of 8 × 8 pixels, and the digit to be recognised.

    Returns
    -------
    X : ndarray, shape (1797, 64), float64
        Pixels from 0 (paper) to 1 (ink), row by row from the top left: the file's values, 0 to
        16, divided by 16. ``X[i].reshape(8, 8)`` is image i.
    Y : ndarray, shape (1797, 10), float64
        1 in the column of the image's own digit, 0 elsewhere.
    digit : ndarray, shape (1797,), int
        The digit, 0 to 9.

    Notes
    -----
    By E. Alpaydin and C. Kaynak, under CC BY 4.0; see ``digits-LICENSE.md`` in this folder.
    Neighbouring rows are often by the same writer, so shuffle the rows before you split them.
    """
    packed = files(__package__).joinpath("digits.csv.gz").read_bytes()
    rows = np.loadtxt(
        gzip.decompress(packed).decode("ascii").splitlines(), delimiter=",", dtype=np.int64
    )
    digit = rows[:, -1].copy()
    return Digits(rows[:, :-1] / INK, np.eye(10)[digit], digit)


def given_or_penguins(X: ArrayLike | None, Y: ArrayLike | None) -> tuple[np.ndarray, np.ndarray]:
    """Return the data for a panel's network: copies of X (N, p) and Y (N, K), or the penguins.

    If both are None, it is the penguins, with X standardised.

    Raises
    ------
    ValueError
        If only one is given, one is not a finite matrix, or their numbers of rows differ.
    """
    if (X is None) != (Y is None):
        raise InputError("X and Y go together: give both, or none for the penguins")
    if X is None or Y is None:
        birds = penguins()
        X, Y = (birds.X - birds.X.mean(axis=0)) / birds.X.std(axis=0), birds.Y
    X, Y = as_matrix("X", X, "(N, p)").copy(), as_matrix("Y", Y, "(N, K)").copy()
    same_rows("X", X, "Y", Y)
    return X, Y
