"""Matrices as tables of numbers: the confusion matrix of classes, and the Jacobian of softmax."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from bplab.errors import InputError
from bplab.plots.picture import BLUE, NARROW_INCHES, ORANGE, Picture, blank_figure, sub

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["confusion_table", "jacobian_heatmap"]


def confusion_table(counts: ArrayLike, *, title: str = "") -> Picture:
    """Draw a confusion matrix with its numbers; wrong answers are framed and in bold.

    Parameters
    ----------
    counts : array_like of int, shape (K, K)
        ``counts[a, b]`` examples of class a were taken for class b.
    title : str
        The title above the figure.

    Raises
    ------
    ValueError
        If ``counts`` is not a square matrix of at least one count.
    """
    counts = np.asarray(counts)
    if counts.ndim != 2 or len(set(counts.shape)) != 1 or counts.size == 0 or counts.sum() == 0:
        raise InputError(
            f"counts must be a square matrix of at least one count; got shape {counts.shape}"
        )
    K = len(counts)
    figure = blank_figure(figsize=(0.45 * K + 1.3, 0.36 * K + 1.2), layout="constrained")
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


NEGATIVE, POSITIVE = "#e69553", "#66acd0"
"""Colours of the largest entries: light enough for numbers to be read on them in every theme."""


def jacobian_heatmap(jacobian: ArrayLike, *, title: str = "") -> Picture:
    r"""Draw a Jacobian as a grid of numbers with row sums; larger entries have stronger colours.

    Parameters
    ----------
    jacobian : array_like, shape (K, K)
        Entry [k, l] is :math:`∂g_k/∂t_l`. Positive cells are blue, negative ones orange; the
        numbers also have their signs.
    title : str
        The title above the grid.

    Raises
    ------
    ValueError
        If ``jacobian`` is not a square matrix.
    """
    J = np.asarray(jacobian, dtype=np.float64)
    if J.ndim != 2 or J.shape[0] != J.shape[1]:
        raise InputError(f"jacobian must be a matrix of shape (K, K); got shape {J.shape}")
    K = len(J)
    rows = "; ".join(
        f"f {k + 1}: {', '.join(map(_signed, row))}, sum {_signed(row.sum())}"
        for k, row in enumerate(J)
    )
    high = 1.1 + 0.75 * K
    return Picture(
        _heatmap(J, title, (1.7 + 0.95 * (K + 1), high)),
        f"A grid of {K} by {K} numbers, how fast each output f moves with each t. Row by row: "
        f"{rows}.",
        narrow=lambda: _heatmap(J, title, (NARROW_INCHES, high)),
    )


def _heatmap(J: np.ndarray, title: str, size: tuple[float, float]) -> "Figure":
    """Draw a Jacobian in a figure of this size, in inches."""
    from matplotlib.colors import LinearSegmentedColormap

    K = len(J)
    largest = np.abs(J).max() or 1.0
    figure = blank_figure(figsize=size, layout="constrained")
    axes = figure.add_subplot()
    signs = LinearSegmentedColormap.from_list("signs", [NEGATIVE, "white", POSITIVE])
    axes.imshow(J, cmap=signs, vmin=-largest, vmax=largest)
    for k in range(K):
        for j in range(K):
            axes.text(j, k, _signed(J[k, j]), ha="center", va="center")
        axes.text(K - 0.3, k, f"Σ = {_signed(J[k].sum())}", va="center")
    axes.set_xticks(range(K), [f"t{sub(j + 1)}" for j in range(K)])
    axes.set_yticks(range(K), [f"f{sub(k + 1)}" for k in range(K)])
    axes.set_xlabel("when this moves")
    axes.set_ylabel("this moves so fast")
    axes.set_title(title)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return figure


def _signed(value: float) -> str:
    """Return a number with its sign; without, if it would be shown as zero."""
    shown = f"{value:+.3f}"
    return "0" if float(shown) == 0 else shown.replace("-", "−")
