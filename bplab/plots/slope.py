"""The slope of a curve as that of a line through two of its points."""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.figure import Figure

from bplab.plots.picture import COLOURS, DASHES, GREY, MARKERS, Picture

__all__ = ["chords"]


def chords(
    f: Callable[[float], float], w: float, steps: Sequence[float], *, span: tuple[float, float]
) -> Picture:
    r"""The curve of f, and lines from (w, f(w)) to (w + h, f(w + h)), a line for each step h.

    Parameters
    ----------
    f : callable
        Takes a number, returns a number.
    w : float
        Where all lines begin.
    steps : sequence of float
        The steps h, at most three.
    span : (float, float)
        Which w are drawn.

    Raises
    ------
    ValueError
        If there is no step, or more than three.
    """
    if not 1 <= len(steps) <= len(COLOURS):
        raise ValueError(f"steps must hold 1 to {len(COLOURS)} numbers; got {len(steps)}")
    figure = Figure(figsize=(6.4, 3.6), layout="constrained")
    axes = figure.add_subplot()
    grid = np.linspace(*span, 200)
    axes.plot(grid, [f(x) for x in grid], color=GREY, linewidth=2)
    words = []
    for h, colour, dash, marker in zip(steps, COLOURS, DASHES, MARKERS, strict=False):
        slope = (f(w + h) - f(w)) / h
        reach = np.array([w - 0.4 * abs(steps[0]), w + 1.15 * h])
        axes.plot(reach, f(w) + slope * (reach - w), dash, color=colour, linewidth=2)
        axes.plot(w + h, f(w + h), marker, color=colour, markersize=8)
        axes.annotate(
            f"h = {h:g}: slope {slope:.4g}",
            (reach[1], f(w) + slope * (reach[1] - w)),
            xytext=(8, -4),
            textcoords="offset points",
            color=colour,
        )
        words.append(f"for h = {h:g} its slope is {slope:.4g}")
    axes.plot(w, f(w), "o", color="black", markersize=8, zorder=3)
    axes.set_xlabel("w")
    axes.set_ylabel("f(w)")
    axes.spines[["top", "right"]].set_visible(False)
    return Picture(
        figure,
        f"The curve of f, and straight lines from its point at w = {w:g} to its point at w + h: "
        f"{'; '.join(words)}.",
    )
