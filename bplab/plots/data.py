"""Data sets drawn: the penguins, and images of digits."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from bplab.errors import InputError
from bplab.plots.picture import COLOURS, MARKERS, Picture, blank_figure

__all__ = ["digit_images", "penguin_scatter"]


SIDE = 8
"""Pixels along an image."""


def penguin_scatter(
    X: np.ndarray, Y: np.ndarray, features: Sequence[str], species: Sequence[str]
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
    figure = blank_figure(figsize=(6.4, 3.8), layout="constrained")
    axes = figure.add_subplot()
    for k, name in enumerate(species):
        birds = Y[:, k] == 1
        axes.plot(
            X[birds, 0],
            X[birds, 2],
            MARKERS[k],
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


def digit_images(
    X: ArrayLike, captions: Sequence[str], *, columns: int = 10, title: str = ""
) -> Picture:
    """Images of 8 × 8 pixels in rows, each with its caption below.

    Parameters
    ----------
    X : array_like, shape (N, 64)
        Pixels from 0 (paper) to 1 (ink), row by row from the top left.
    captions : sequence of str
        What stands below each image.
    columns : int
        Images in a row.
    title : str
        Above the figure; also the beginning of its description.

    Raises
    ------
    ValueError
        If there is no image, an image has not 64 pixels, or there are more or fewer captions
        than images.
    """
    X = np.asarray(X, dtype=np.float64)
    if X.ndim != 2 or X.shape[1] != SIDE**2 or len(X) == 0:
        raise InputError(f"X must have shape (N, {SIDE**2}) with N at least 1; got {X.shape}")
    if len(captions) != len(X):
        raise InputError(f"captions must hold one for each of {len(X)} images; got {len(captions)}")
    rows = -(-len(X) // columns)
    # room for the longest caption
    width = max(0.64, 0.075 * max(map(len, captions)))
    figure = blank_figure(
        figsize=(width * columns, 0.95 * rows + 0.4 * bool(title)), layout="constrained"
    )
    figure.suptitle(title, fontsize=11)
    spots = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in spots:
        axes.axis("off")
    for axes, pixels, caption in zip(spots, X, captions, strict=False):
        axes.imshow(pixels.reshape(SIDE, SIDE), cmap="Greys", vmin=0, vmax=1)
        axes.text(0.5, -0.06, caption, transform=axes.transAxes, ha="center", va="top", fontsize=9)
    return Picture(
        figure,
        f"{title or 'Handwritten digits'}: {len(X)} images of {SIDE} by {SIDE} pixels, dark on "
        f"white, with these captions: {'; '.join(captions)}.",
    )
