"""The Palmer penguins."""

import csv
from importlib.resources import files
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Penguins", "penguins"]


class Penguins(NamedTuple):
    """The Palmer penguins as arrays; see `penguins`."""

    X: NDArray
    Y: NDArray
    features: tuple[str, ...]
    species: tuple[str, ...]


def penguins() -> Penguins:
    """Palmer penguins: four measurements, and the species to be predicted.

    The 342 birds (of 344) whose four measurements are known, in the file's order.

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
    ``penguins-LICENSE.md`` beside this file.
    """
    columns = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")
    text = files(__package__).joinpath("penguins.csv").read_text(encoding="utf-8")
    rows = [row for row in csv.DictReader(text.splitlines()) if row["bill_length_mm"] != "NA"]
    species = tuple(sorted({row["species"] for row in rows}))
    X = np.array([[float(row[c]) for c in columns] for row in rows])
    Y = np.array([[float(row["species"] == s) for s in species] for row in rows])
    features = ("bill length (mm)", "bill depth (mm)", "flipper length (mm)", "body mass (g)")
    return Penguins(X, Y, features, species)
