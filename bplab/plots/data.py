"""Figures of data sets: the penguins, images of digits, and the weights that read such images."""

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from bplab.errors import InputError
from bplab.plots.picture import BLUE, COLOURS, MARKERS, ORANGE, Picture, blank_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

__all__ = ["digit_images", "penguin_scatter", "weight_images"]


SIDE = 8
"""Pixels along each side of an image."""

FEWER = 4
"""Images of units in a row on a narrow page."""


def penguin_scatter(
    X: np.ndarray, Y: np.ndarray, features: Sequence[str], species: Sequence[str]
) -> Picture:
    """Draw two measurements of the penguins, with a marker for each species.

    Parameters
    ----------
    X : ndarray, shape (N, p)
        Measurements; the first and the third are drawn.
    Y : ndarray, shape (N, K)
        1 in the column of the bird's species.
    features, species : sequence of str
        Names of the columns of X and of Y.
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
    """Draw images of 8 × 8 pixels in rows, each with its caption below.

    Parameters
    ----------
    X : array_like, shape (N, 64)
        Pixels from 0 (paper) to 1 (ink), row by row from the top left.
    captions : sequence of str
        The text below each image.
    columns : int
        Number of images in a row.
    title : str
        The title above the figure; its description begins with it, too.

    Raises
    ------
    ValueError
        If there is no image, an image does not have 64 pixels, or there are more or fewer captions
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
        f"{title or 'Handwritten digits'}: {len(X)} images of {SIDE} by {SIDE} pixels, with "
        f"these captions: {'; '.join(captions)}.",
    )


def weight_images(alpha: ArrayLike, *, columns: int = 8, title: str = "") -> Picture:
    """Draw the weights of a first layer as images: for each unit, the weight of every pixel.

    The area of a square is proportional to the weight, on a scale of its own for each unit. Squares
    are full for positive weights and empty for negative ones.

    Parameters
    ----------
    alpha : array_like, shape (M, 65)
        One row for each unit, with its bias first; the bias is not drawn.
    columns : int
        Number of images in a row.
    title : str
        The title above the figure; its description begins with it, too.

    Raises
    ------
    ValueError
        If ``alpha`` has another shape, or no rows.
    """
    alpha = np.asarray(alpha, dtype=np.float64)
    if alpha.ndim != 2 or alpha.shape[1] != SIDE**2 + 1 or len(alpha) == 0:
        raise InputError(
            f"alpha must have shape (M, {SIDE**2 + 1}) with M at least 1; got {alpha.shape}"
        )
    title = title or "First-layer weights"
    return Picture(
        _weights(alpha, columns, title),
        f"{title}: an image of {SIDE} by {SIDE} squares for each hidden "
        f"unit, {len(alpha)} in all. Squares are as large as the weights of the pixels; full blue "
        "ones are positive, empty orange ones negative. "
        f"{(alpha[:, 1:] > 0).mean():.0%} of the weights are positive.",
        dpi=110,
        narrow=lambda: _weights(alpha, min(columns, FEWER), title),
    )


def _weights(alpha: np.ndarray, columns: int, title: str) -> "Figure":
    from matplotlib.collections import PolyCollection

    rows = -(-len(alpha) // columns)
    figure = blank_figure(figsize=(0.87 * columns, 1.03 * rows + 0.35), layout="constrained")
    figure.suptitle(textwrap.fill(title, max(20, 8 * columns)), fontsize=11)
    axes = figure.add_subplot()
    axes.axis("off")
    axes.set_aspect("equal")
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) / 2
    squares: dict[bool, list[np.ndarray]] = {True: [], False: []}
    for m, weights in enumerate(alpha[:, 1:]):
        left, top = 9.5 * (m % columns), 11 * (m // columns)
        axes.add_patch(_frame(left, top))
        axes.text(left + SIDE / 2, top + SIDE + 0.3, str(m + 1), ha="center", va="top", fontsize=8)
        sides = np.sqrt(abs(weights) / (abs(weights).max() or 1)) * 0.92
        for i, (weight, side) in enumerate(zip(weights, sides, strict=True)):
            middle = left + i % SIDE + 0.5, top + i // SIDE + 0.5
            squares[bool(weight > 0)].append(middle + side * corners)
    full, empty = (PolyCollection(squares[positive]) for positive in (True, False))
    full.set(facecolor=BLUE, edgecolor="none")
    empty.set(facecolor="white", edgecolor=ORANGE, linewidth=0.7)
    axes.add_collection(full)
    axes.add_collection(empty)
    axes.set_xlim(-0.5, 9.5 * min(columns, len(alpha)) - 1)
    axes.set_ylim(11 * rows - 0.5, -0.5)
    return figure


def _frame(left: float, top: float) -> "Rectangle":
    """Return the frame of an image."""
    from matplotlib.patches import Rectangle

    return Rectangle((left, top), SIDE, SIDE, fill=False, edgecolor="#767676", linewidth=0.6)
