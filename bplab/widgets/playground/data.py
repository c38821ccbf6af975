"""Data of the playground: four sets in the plane, the penguins, or the learner's own arrays."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bplab.arrays import as_matrix, same_rows
from bplab.data import penguins
from bplab.errors import InputError

__all__ = ["DATA", "OWN", "DataSet", "Examples", "as_data_set", "data_set", "examples"]

OWN = "my X and Y"
SIZE = 200  # examples of a set in the plane


class DataSet(NamedTuple):
    """Inputs ``X`` (N, p), targets ``Y`` (N, K), names of the features and of the classes."""

    X: NDArray
    Y: NDArray
    features: tuple[str, ...]
    classes: tuple[str, ...]


class Examples(NamedTuple):
    """A data set, shuffled and split; the first ``trained`` examples are for training.

    ``labels`` (N,) holds the number of each example's class.
    """

    X: NDArray
    Y: NDArray
    labels: NDArray
    features: tuple[str, ...]
    classes: tuple[str, ...]
    trained: int

    @property
    def training(self) -> tuple[NDArray, NDArray]:
        """X and Y of the training examples."""
        return self.X[: self.trained], self.Y[: self.trained]

    @property
    def test(self) -> tuple[NDArray, NDArray]:
        """X and Y of the test examples."""
        return self.X[self.trained :], self.Y[self.trained :]


def _two_clouds(rng: np.random.Generator) -> tuple[NDArray, NDArray]:
    labels = np.arange(SIZE) % 2
    centres = np.array([[-0.5, -0.4], [0.5, 0.4]])
    return centres[labels] + 0.2 * rng.standard_normal((SIZE, 2)), labels


def _circle(rng: np.random.Generator) -> tuple[NDArray, NDArray]:
    labels = np.arange(SIZE) % 2
    radius = np.where(labels == 0, 0.45 * np.sqrt(rng.random(SIZE)), 0.7 + 0.25 * rng.random(SIZE))
    angle = 2 * np.pi * rng.random(SIZE)
    return radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)]), labels


def _xor(rng: np.random.Generator) -> tuple[NDArray, NDArray]:
    X = rng.uniform(-1, 1, (SIZE, 2))
    X += 0.06 * np.sign(X)  # a gap along the axes
    return X, (X[:, 0] * X[:, 1] < 0).astype(int)


def _spirals(rng: np.random.Generator) -> tuple[NDArray, NDArray]:
    labels = np.arange(SIZE) % 2
    along = np.sqrt(rng.random(SIZE))
    angle = 3.2 * np.pi * along + np.pi * labels
    return along[:, None] * np.column_stack([np.cos(angle), np.sin(angle)]), labels


PLANE: dict[str, Callable[[np.random.Generator], tuple[NDArray, NDArray]]] = {
    "two clouds": _two_clouds,
    "circle": _circle,
    "XOR": _xor,
    "spirals": _spirals,
}
DATA = (*PLANE, "penguins")


def data_set(name: str, seed: int) -> DataSet:
    """Return one of `DATA`; the penguins' features are standardised.

    Parameters
    ----------
    name : str
    seed : int
        Seed of the sets that are drawn at random.
    """
    if name == "penguins":
        birds = penguins()
        X = (birds.X - birds.X.mean(axis=0)) / birds.X.std(axis=0)
        names = tuple(feature.partition(" (")[0] for feature in birds.features)
        return DataSet(X, birds.Y, names, birds.species)
    X, labels = PLANE[name](np.random.default_rng(seed))
    return DataSet(X, np.eye(2)[labels], ("x₁", "x₂"), ("class 1", "class 2"))


def as_data_set(X: ArrayLike, Y: ArrayLike) -> DataSet:
    """Return a learner's arrays as a data set, without scaling.

    Parameters
    ----------
    X : array_like, shape (N, p)
        At least two examples with at least two features.
    Y : array_like, shape (N, K) or (N,)
        Targets; a vector of whole numbers is taken as the examples' classes.

    Raises
    ------
    ValueError
        If they are not as described.
    """
    X = as_matrix("X", X, "(N, p)").astype(float)
    if np.ndim(Y) == 1:
        labels = np.asarray(Y)
        if labels.dtype.kind not in "iub" or len(found := np.unique(labels)) < 2:
            raise InputError(
                "Y must have shape (N, K), or be a vector of whole numbers, one for each example's "
                f"class, with at least two classes; got {labels.dtype} of shape {labels.shape}"
            )
        targets, classes = (labels[:, None] == found).astype(float), tuple(map(str, found))
    else:
        targets = as_matrix("Y", Y, "(N, K)").astype(float)
        classes = tuple(f"class {k}" for k in range(1, max(targets.shape[1], 2) + 1))
    same_rows("X", X, "Y", targets)
    if len(X) < 2 or X.shape[1] < 2:
        raise InputError(
            "X must have at least two rows (one to train with, one to test) and two columns "
            f"(the picture's axes); got shape {X.shape}"
        )
    return DataSet(X, targets, tuple(f"feature {j}" for j in range(1, X.shape[1] + 1)), classes)


def examples(
    data: DataSet, *, noise: float, share: int, seed: int, features: tuple[int, ...] | None = None
) -> Examples:
    """Return a data set with noise, shuffled and split.

    Parameters
    ----------
    data : DataSet
    noise : float
        Standard deviation of the noise on each feature, in units of the feature's own standard
        deviation.
    share : int
        Share of the examples for training, in per cent. At least one example is for training, and
        at least one for the test.
    seed : int
        Seed of the noise and of the order.
    features : tuple of int, optional
        Columns of ``X`` to be used; by default all.
    """
    rng = np.random.default_rng([seed, 1])  # not the random numbers that drew the set
    N = len(data.X)
    order = rng.permutation(N)
    X = (data.X + noise * data.X.std(axis=0) * rng.standard_normal(data.X.shape))[order]
    Y = data.Y[order]
    names = data.features
    if features is not None:
        X, names = X[:, features], tuple(names[j] for j in features)
    labels = classes_of(Y, Y)
    trained = min(max(1, round(N * share / 100)), N - 1)
    return Examples(np.ascontiguousarray(X), Y, labels, names, data.classes, trained)


def classes_of(F: NDArray, Y: NDArray) -> NDArray:
    """Return the number of the class that each row of outputs stands for.

    It is the number of the largest output. For a single output it is 1 above the middle of the
    range of the targets Y, else 0.
    """
    if F.shape[1] > 1:
        return F.argmax(axis=1)
    return (F[:, 0] > (Y.min() + Y.max()) / 2).astype(int)
