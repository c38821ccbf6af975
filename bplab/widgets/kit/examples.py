"""What a panel's network learns: the examples it is given, else the penguins."""

from numpy.typing import ArrayLike, NDArray

from bplab.arrays import as_matrix, same_rows
from bplab.data import penguins


def given_or_penguins(X: ArrayLike | None, Y: ArrayLike | None) -> tuple[NDArray, NDArray]:
    """Return X (N, p) and Y (N, K) as copies; for two None the penguins, X standardised.

    Raises
    ------
    ValueError
        If only one is given, one is not a finite matrix, or their numbers of rows differ.
    """
    if (X is None) != (Y is None):
        raise ValueError("X and Y go together: give both, or none for the penguins")
    if X is None or Y is None:
        birds = penguins()
        X, Y = (birds.X - birds.X.mean(axis=0)) / birds.X.std(axis=0), birds.Y
    X, Y = as_matrix("X", X, "(N, p)").copy(), as_matrix("Y", Y, "(N, K)").copy()
    same_rows("X", X, "Y", Y)
    return X, Y
