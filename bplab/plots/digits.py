"""Images of digits, and which of them are taken for which."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from bplab.plots.picture import BLUE, ORANGE, Picture

__all__ = ["confusion_table", "digit_images"]

SIDE = 8
"""Pixels along an image."""


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
        raise ValueError(f"X must have shape (N, {SIDE**2}) with N at least 1; got {X.shape}")
    if len(captions) != len(X):
        raise ValueError(f"captions must hold one for each of {len(X)} images; got {len(captions)}")
    rows = -(-len(X) // columns)
    # room for the longest caption
    width = max(0.64, 0.075 * max(map(len, captions)))
    figure = Figure(
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


def confusion_table(counts: ArrayLike, *, title: str = "") -> Picture:
    """The confusion matrix with its numbers, what is mistaken framed and in bold.

    Parameters
    ----------
    counts : array_like of int, shape (K, K)
        ``counts[a, b]`` examples of class a were taken for class b.
    title : str
        Above the figure.

    Raises
    ------
    ValueError
        If ``counts`` is not a square matrix of at least one count.
    """
    counts = np.asarray(counts)
    if counts.ndim != 2 or len(set(counts.shape)) != 1 or counts.size == 0 or counts.sum() == 0:
        raise ValueError(
            f"counts must be a square matrix of at least one count; got shape {counts.shape}"
        )
    K = len(counts)
    figure = Figure(figsize=(0.45 * K + 1.3, 0.36 * K + 1.2), layout="constrained")
    axes = figure.add_subplot()
    for a, b in np.ndindex(K, K):
        count, wrong = counts[a, b], a != b
        text = str(count) if count else "·"
        strong = wrong and count > 0
        colour = ORANGE if strong else BLUE if count else "#767676"
        weight = "bold" if strong else "normal"
        axes.text(b, a, text, ha="center", va="center", color=colour, weight=weight)
        if strong:
            axes.plot(
                b + np.array([-0.4, 0.4, 0.4, -0.4, -0.4]),
                a + np.array([-0.4, -0.4, 0.4, 0.4, -0.4]),
                color=ORANGE,
                linewidth=1.2,
            )
    axes.set_xlim(-0.5, K - 0.5)
    axes.set_ylim(K - 0.5, -0.5)
    axes.set_xticks(range(K))
    axes.set_yticks(range(K))
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.set_xlabel("taken for")
    axes.set_ylabel("actual digit" if K == 10 else "actual class")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.axhline(-0.5, color="#c8c8c8", linewidth=1)
    axes.axvline(-0.5, color="#c8c8c8", linewidth=1)
    figure.suptitle(title, fontsize=11)
    return Picture(figure, _in_words(counts))


def _in_words(counts: np.ndarray) -> str:
    total, right = int(counts.sum()), int(np.trace(counts))
    wrong = counts - np.diag(np.diag(counts))
    worst = sorted(np.argwhere(wrong > 0).tolist(), key=lambda pair: -wrong[tuple(pair)])[:3]
    named = [f"{a} taken for {b}, {_times(wrong[a, b])}" for a, b in worst]
    mistakes = f"The commonest confusions: {'; '.join(named)}." if named else "No confusion at all."
    return (
        f"Confusion matrix, a row for each actual class and a column for what it was taken for. "
        f"{right} of {total} stand on the diagonal, where they are right. {mistakes}"
    )


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(int(count), f"{count} times")
