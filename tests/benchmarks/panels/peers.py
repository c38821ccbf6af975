"""The panels' pictures as notebooks usually draw them: ``interact``, and ``plt.show()``.

Each peer computes with the model of its panel and draws with the figure of its panel, but
makes a new figure by pyplot at each move and has Jupyter show it. So the two differ in nothing
but the way from the numbers to the page; the peers' pictures have the resolution that Jupyter
gives them, which is lower than that of the panels.
"""

from collections.abc import Callable
from typing import Any

import ipywidgets
import matplotlib.pyplot as plt

from bplab import widgets
from bplab.plots import BLUE, ORANGE
from bplab.widgets.kit.panel import Panel, finished
from tests.benchmarks.panels.playground_by_pyplot import draw_playground
from tests.benchmarks.panels.step_size_by_pyplot import draw_step_size
from tests.benchmarks.panels.svg_by_pyplot import draw_svg

__all__ = [
    "activation",
    "backward_pass",
    "learning_rate",
    "loss_landscape",
    "playground",
    "softmax",
    "step_size",
    "vanishing_gradients",
]


def activation(**arguments: Any) -> None:
    """The peer of `bplab.widgets.activation`, moved by x."""
    _show_svg(widgets.activation(**arguments), "x")


def learning_rate(**arguments: Any) -> None:
    """The peer of `bplab.widgets.learning_rate`, moved by γ: a figure as one writes it."""
    panel = widgets.learning_rate(**arguments)
    panel.forget()

    def draw(computed: Any) -> None:
        panel.draw(computed)
        runs = {f"γ = {panel.run.gamma:g}": (panel.run, {"color": BLUE, "linewidth": 2.2})}
        if before := panel.previous:
            style = {"color": ORANGE, "linewidth": 1.5, "linestyle": "--"}
            runs = {f"before: γ = {before.gamma:g}": (before, style), **runs}
        axes = plt.figure(figsize=(7, 3.2)).add_axes((0.11, 0.16, 0.64, 0.72))
        for name, (run, style) in runs.items():
            axes.plot(run.losses, **style)
            end = (1.015, run.losses[-1])
            axes.text(*end, name, va="center", transform=axes.get_yaxis_transform())
        axes.set(xlim=(0, panel.model.epochs), yscale="log", ylim=panel.figure.limits)
        axes.set(xlabel="epoch", ylabel="loss R(θ)")
        axes.yaxis.set_major_formatter("{x:g}")
        axes.grid(color="#e4e4e4", linewidth=0.8)
        axes.spines[["top", "right"]].set_visible(False)
        verdict = panel.run.verdict.partition(":")[0]
        axes.set_title(f"γ = {panel.run.gamma:g}: {verdict}", loc="left", fontsize=11)

    _interact(panel, "gamma", draw)


def step_size(**arguments: Any) -> None:
    """The peer of `bplab.widgets.step_size`, moved by h."""
    panel = widgets.step_size(**arguments)

    def draw(computed: Any) -> None:
        panel.draw(computed)
        draw_step_size(panel)

    _interact(panel, "h", draw)


def vanishing_gradients(**arguments: Any) -> None:
    """The peer of `bplab.widgets.vanishing_gradients`, moved by the scale of the weights."""
    panel = widgets.vanishing_gradients(**arguments)
    panel.forget()
    _show_svg(panel, "scale")


def softmax(**arguments: Any) -> None:
    """The peer of `bplab.widgets.softmax`, moved by the first t."""
    panel = widgets.softmax(**arguments)
    panel.forget()
    _show_svg(panel, "t1")


def backward_pass(**arguments: Any) -> None:
    """The peer of `bplab.widgets.backward_pass`, moved by the first input."""
    _show_svg(widgets.backward_pass(**arguments), "x1")


def loss_landscape(**arguments: Any) -> None:
    """The peer of `bplab.widgets.loss_landscape`, moved by γ."""
    panel = widgets.loss_landscape(**arguments)
    panel.forget()
    _show_svg(panel, "gamma")


def playground(**arguments: Any) -> None:
    """The peer of `bplab.widgets.playground`, moved by the epoch that is gone back to."""
    panel = widgets.playground(**arguments)

    def draw(computed: Any) -> None:
        panel.draw(computed)
        draw_playground(panel)

    _interact(panel, "epoch", draw)


def _show_svg(panel: Panel, control: str) -> None:
    """The same for a panel that writes SVG; matplotlib draws what stands in it."""

    def draw(computed: Any) -> None:
        panel.draw(computed)
        draw_svg(panel.figure.view.svg())

    _interact(panel, control, draw)


def _interact(panel: Panel, control: str, draw: Callable[[Any], None]) -> None:
    """Show a control of the panel, and below what ``draw`` draws after each of its moves."""
    slider = panel.controls[control].widget
    slider.unobserve(panel._changed, "value")

    def picture(value: Any) -> None:
        draw(finished(panel.computing()))
        plt.show()

    ipywidgets.interact(picture, value=slider)
