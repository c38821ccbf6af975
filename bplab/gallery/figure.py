"""The picture: a small panel for each mistake, its loss beside the right one's."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator
from numpy.typing import NDArray

from bplab.gallery.verdict import Kind, number
from bplab.plots.picture import BLUE, GREY
from bplab.training.loss_curve import times

__all__ = ["small_multiples"]

COLUMNS = 3
ROOM = 8  # above the highest start: what climbs further leaves the panel
LABEL = 0.5  # width of a label as a share of the panel's
PANEL, LEFT, GAP, TOP, BOTTOM = (2.3, 1.75), 0.75, (0.35, 0.65), 0.5, 0.5  # inches


def small_multiples(panels: Sequence[tuple[str, Kind, NDArray]], right: NDArray) -> Figure:
    """Draw a panel for each mistake: dashed and grey the right curve, solid the mistaken one.

    Parameters
    ----------
    panels : sequence of (name, kind, losses)
        ``losses`` (epochs run + 1,) is empty if the training refused the function at once.
    right : ndarray, shape (epochs + 1,)
        Losses with the right function.
    """
    columns = 2 if len(panels) == 4 else min(COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    width = LEFT + columns * (PANEL[0] + GAP[0])
    height = TOP + rows * PANEL[1] + (rows - 1) * GAP[1] + BOTTOM
    figure = Figure(figsize=(width, height))
    low, high = _limits([losses for _, _, losses in panels], right)
    for i, (name, kind, losses) in enumerate(panels):
        row, column = divmod(i, columns)
        # placed by hand: an automatic layout takes longer than all trainings together
        x = LEFT + column * (PANEL[0] + GAP[0])
        y = height - TOP - PANEL[1] - row * (PANEL[1] + GAP[1])
        place = (x / width, y / height, PANEL[0] / width, PANEL[1] / height)
        lowest = i + columns >= len(panels)
        axes = _panel(figure, place, len(right) - 1, (low, high), column == 0, lowest)
        axes.text(0, 1.15, name, transform=axes.transAxes, fontsize=9.5, weight="bold")
        axes.text(0, 1.04, kind, transform=axes.transAxes, fontsize=9)
        _draw(axes, losses, right, low, high)
    return figure


def _limits(curves: Sequence[NDArray], right: NDArray) -> tuple[float, float]:
    shown = np.concatenate([right, *curves])
    shown = shown[np.isfinite(shown) & (shown > 0)]
    starts = [losses[0] for losses in [right, *curves] if np.isfinite(losses[:1]).any()]
    low, high = max(shown.min(), right[-1] / 100), min(shown.max(), ROOM * max(starts))
    margin = (high / low) ** 0.15
    return low / margin, high * margin


def _panel(
    figure: Figure,
    place: tuple[float, float, float, float],
    epochs: int,
    limits: tuple[float, float],
    first: bool,
    lowest: bool,
) -> Axes:
    axes = figure.add_axes(place, yscale="log", ylim=limits, xlim=(0, epochs))
    decades = 10.0 ** np.arange(np.ceil(np.log10(limits[0])), np.ceil(np.log10(limits[1])))
    every = 1 + len(decades) // 7  # no more labels than fit
    axes.yaxis.set(major_locator=FixedLocator(decades[::every]), minor_locator=NullLocator())
    axes.yaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_major_locator(FixedLocator([0, epochs // 2, epochs]))
    axes.tick_params(labelsize=8.5, labelleft=first, labelbottom=lowest)
    axes.set_ylabel("loss R(θ)" if first else "", fontsize=9)
    axes.set_xlabel("epoch" if lowest else "", fontsize=9)
    axes.grid(color="#e4e4e4", linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def _draw(axes: Axes, losses: NDArray, right: NDArray, low: float, high: float) -> None:
    axes.plot(right, "--", color=GREY, linewidth=1.6, zorder=2)
    finite = losses[np.isfinite(losses)]
    axes.plot(finite, color=BLUE, linewidth=2, zorder=3)
    if len(finite) < len(right):  # it ended early
        said = (
            "does not run"
            if len(finite) == len(losses)
            else f"no number\nafter {times(len(finite), 'update')}"
        )
        if len(finite):
            x, y = len(finite) - 1, min(finite[-1], high / 1.1)
            axes.plot(x, y, "x", color=BLUE, markersize=8, zorder=3)
        axes.text(
            *(0.98, 0.95, said),
            transform=axes.transAxes,
            color=BLUE,
            fontsize=8.5,
            ha="right",
            va="top",
        )
        _label(axes, right, "right", "above", GREY, low, high)
        return
    above = finite[-1] >= right[-1]
    _label(axes, finite, "mistaken", "above" if above else "below", BLUE, low, high)
    _label(axes, right, "right", "below" if above else "above", GREY, low, high)


def _label(axes: Axes, curve: NDArray, text: str, side: str, colour: str, low, high) -> None:
    """Write at the curve's right end, on the side where the other one is not."""
    beside = curve[int(len(curve) * (1 - LABEL)) :]
    y = beside.max() if side == "above" else beside.min()
    axes.annotate(
        f"{text} {number(curve[-1])}",
        (len(curve) - 1, float(np.clip(y, low, high))),
        xytext=(-2, 3 if side == "above" else -3),
        textcoords="offset points",
        color=colour,
        fontsize=8.5,
        ha="right",
        va="bottom" if side == "above" else "top",
    )
