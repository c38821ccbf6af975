"""Data sets drawn."""

from collections.abc import Sequence

from matplotlib.figure import Figure
from numpy.typing import NDArray

from bplab.plots.picture import COLOURS, MARKERS, Picture

__all__ = ["penguin_scatter"]


def penguin_scatter(
    X: NDArray, Y: NDArray, features: Sequence[str], species: Sequence[str]
) -> Picture:
    """Two measurements of the penguins, a marker a species.

    Parameters
    ----------
    X : ndarray, shape (N, p)
        Measurements; the first and the third are drawn.
    Y : ndarray, shape (N, K)
        1 in the column of the bird's species.
    features, species : sequence of str
        Names of the columns.
    """
    figure = Figure(figsize=(6.4, 3.8), layout="constrained")
    axes = figure.add_subplot()
    for k, name in enumerate(species):
        birds = Y[:, k] == 1
        axes.plot(
            *(X[birds, 0], X[birds, 2], MARKERS[k]),
            color=COLOURS[k],
            markerfacecolor="none",
            markersize=5,
            label=name,
        )
    axes.set_xlabel(features[0])
    axes.set_ylabel(features[2])
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return Picture(
        figure,
        f"Scatter plot of {features[2]} against {features[0]} for {len(X)} penguins. The three "
        f"species {', '.join(species)} form three clouds; Gentoo lies apart with long flippers, "
        "Adelie and Chinstrap differ mostly in their bills.",
    )
