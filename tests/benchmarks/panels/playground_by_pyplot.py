"""The playground's picture as one draws it with matplotlib."""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from bplab.plots import BLUE, GREY, ORANGE
from bplab.widgets.playground import Playground
from bplab.widgets.playground.figure import COLOURS, dark, drawn, rgb_of, shades
from bplab.widgets.playground.words import curves, titled

__all__ = ["draw_playground"]

SOLID, STROKES = "os^Dvp", "+x1234"
DASHES = (0, (4, 2))


def draw_playground(panel: Playground) -> None:
    """Make a figure by pyplot that shows what a panel shows after its ``draw``."""
    figure = plt.figure(figsize=(8.2, 4.3))
    figure.suptitle(titled(panel.run), x=0.02, ha="left", fontsize=10, weight="bold")
    plane = figure.add_axes((0.08, 0.11, 0.39, 0.74))
    chart = figure.add_axes((0.58, 0.11, 0.40, 0.74))
    for axes in (plane, chart):
        axes.spines[["top", "right"]].set_visible(False)
    _draw_plane(plane, panel)
    _draw_chart(chart, panel)


def _draw_plane(axes: Axes, panel: Playground) -> None:
    found, (across, up) = panel.run.examples, panel.figure.axes
    (left, right), (low, high) = panel.figure.limits
    surface = rgb_of(shades(panel.run.outputs(panel.figure.grid), found.Y))
    axes.imshow(surface, extent=(left, right, low, high), origin="lower", aspect="auto")
    for k, test, here in drawn(found):
        look = {"color": COLOURS[k], "markeredgecolor": "w", "markersize": 5.5}
        if test:
            look |= {"markeredgecolor": dark(k), "markersize": 7, "markeredgewidth": 1.8}
        marker = (STROKES if test else SOLID)[k]
        name = found.classes[k] if test else ""
        axes.plot(found.X[here, across], found.X[here, up], marker, label=name, **look)
    chosen = found.X[panel._example(panel.run)]
    for colour, width in (("w", 4), ("#222222", 2)):
        look = {"markeredgecolor": colour, "markeredgewidth": width}
        axes.plot(*chosen[[across, up]], "o", ms=14, mfc="none", **look)
    axes.set(xlabel=found.features[across], ylabel=found.features[up])
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=6, frameon=False, fontsize=8.5)


def _draw_chart(axes: Axes, panel: Playground) -> None:
    run, reach = panel.run, panel.figure.curves.reach
    if panel.previous is not None:
        look = {"color": "#a0a0a0", "linewidth": 1.2}
        axes.plot(panel.previous.training, label="the run before", **look)
        axes.plot(panel.previous.test, linestyle=DASHES, **look)
    now = curves(run, run.losses, run.test_losses)
    axes.plot(now.training, color=BLUE, linewidth=2.2, label="training")
    axes.plot(now.test, color=ORANGE, linewidth=1.8, linestyle=DASHES, label="test")
    axes.axvline(run.epoch, color=GREY, linewidth=1, linestyle=":")
    axes.set(yscale="log", xlim=(0, reach.epochs), ylim=(10.0**reach.low, 10.0**reach.high))
    axes.set(xlabel="epoch", ylabel="mean loss, R(θ)/N")
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.minorticks_off()
    axes.grid(color="#e4e4e4", linewidth=0.8)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False, fontsize=8.5)
