"""The step-size panel's picture as one draws it with matplotlib."""

import matplotlib.pyplot as plt
import numpy as np

from bplab.plots import COLOURS, DASHES, MARKERS
from bplab.widgets.step_size import StepSizePanel
from bplab.widgets.step_size.model import FLOOR, METHODS

__all__ = ["draw_step_size"]

PLACES = ((8, 9, "left"), (10, -17, "left"), (-9, -4, "right"))


def draw_step_size(panel: StepSizePanel) -> None:
    """Make a figure by pyplot that shows what a panel shows after its ``draw``."""
    at, curves = panel.at, panel._curves
    axes = plt.figure(figsize=(7.6, 3.6)).add_axes((0.1, 0.15, 0.87, 0.74))
    axes.axvline(at.h, color="#333333", linewidth=1)
    been = [*panel._been.items()]
    looks = zip(METHODS, COLOURS, DASHES, MARKERS, PLACES, strict=True)
    for method, colour, dash, marker, (right, up, side) in looks:
        if method not in at.errors:
            continue
        if panel.controls["curve"].value:
            errors = np.maximum(curves.errors[method], FLOOR)
            axes.plot(curves.steps, errors, dash, color=colour, linewidth=1.6)
        trail = [h for h, _ in been], [max(e[method], FLOOR) for _, e in been]
        axes.plot(*trail, marker, color=colour, markersize=4, markerfacecolor="white")
        here = at.h, max(at.errors[method], FLOOR)
        axes.plot(*here, marker, color=colour, markersize=10, markeredgecolor="white")
        axes.annotate(
            *(method, here),
            xytext=(right, up),
            textcoords="offset points",
            ha=side,
            color=colour,
            weight="bold",
        )
    axes.set(xscale="log", yscale="log", xlim=(3e-17, 5), xlabel="step h")
    axes.set(ylim=(FLOOR / 4, 10.0**panel.figure.top), ylabel="error / largest entry")
    # plain numbers: powers in mathematical type take several times as long to draw
    for set_ticks, top in ((axes.set_xticks, 0), (axes.set_yticks, panel.figure.top)):
        decades = range(-16, top + 1, 2)
        set_ticks([10.0**k for k in decades], [f"1e{k}" for k in decades])
    axes.minorticks_off()
    axes.grid(color="#e4e4e4", linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_title("← h too small: rounding", fontsize=9.5, loc="left")
    axes.set_title("h too large: truncation →", fontsize=9.5, loc="right")
