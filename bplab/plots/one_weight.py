"""Figures of functions of one weight: chords, a tangent with a step of descent, whole paths."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from bplab.errors import InputError
from bplab.plots.picture import (
    BLUE,
    COLOURS,
    DASHES,
    GREEN,
    GREY,
    MARKERS,
    ORANGE,
    Picture,
    blank_figure,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["chords", "descent_paths", "tangent_step"]


Curve = Callable[[float], float]


def chords(
    f: Callable[[float], float], w: float, steps: Sequence[float], *, span: tuple[float, float]
) -> Picture:
    r"""Draw the curve of f, and for each step h a line from (w, f(w)) to (w + h, f(w + h)).

    Parameters
    ----------
    f : callable
        A function that takes a number and returns a number.
    w : float
        The place at which all lines begin.
    steps : sequence of float
        The steps h, at most three.
    span : (float, float)
        The range of w that is drawn.

    Raises
    ------
    ValueError
        If there is no step, or more than three.
    """
    if not 1 <= len(steps) <= len(COLOURS):
        raise InputError(f"steps must hold 1 to {len(COLOURS)} numbers; got {len(steps)}")
    figure = blank_figure(figsize=(6.4, 3.6), layout="constrained")
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


def tangent_step(
    R: Curve, slope: Curve, weight: float, gamma: float, *, span: tuple[float, float]
) -> Picture:
    r"""Draw the loss over one weight, its tangent, and the step :math:`-γ\, dR/dw` that follows.

    Parameters
    ----------
    R, slope : callable
        The loss as a function of the weight, and its derivative.
    weight, gamma : float
        The weight at which the tangent touches, and the learning rate.
    span : (float, float)
        The range of weights that is drawn.
    """
    step = -gamma * slope(weight)
    new, start, end = weight + step, R(weight), R(weight + step)
    figure = blank_figure(figsize=(6.4, 3.6), layout="constrained")
    axes = figure.add_subplot()
    _draw_loss(axes, R, span)
    low, high = axes.get_ylim()
    bottom = low - 0.18 * (high - low)  # room for the step along the axis
    axes.set_ylim(bottom, high)
    reach = weight + abs(step) * np.array([-1.3, 1.3])
    axes.plot(reach, start + slope(weight) * (reach - weight), "--", color=ORANGE, linewidth=2)
    axes.annotate(
        f"tangent,\nslope {_number(slope(weight))}",
        (weight, start),
        xytext=(12 if step < 0 else -12, -12),  # on the side away from the step
        textcoords="offset points",
        color=ORANGE,
        ha="left" if step < 0 else "right",
        va="top",
    )
    axes.plot(weight, start, "o", color=BLUE, markersize=9)
    axes.plot(new, end, "s", color=GREEN, markersize=9)
    for x, top in ((weight, start), (new, end)):
        axes.plot([x, x], [bottom, top], ":", color=GREY, linewidth=1)
    axes.annotate(
        "",
        (new, bottom),
        (weight, bottom),
        arrowprops={"arrowstyle": "-|>", "color": GREEN, "linewidth": 2.5},
        annotation_clip=False,
    )
    axes.annotate(
        f"step −γ · slope\n= {_number(step)}",
        (new, bottom),
        xytext=(-8 if step < 0 else 8, 6),
        textcoords="offset points",
        color=GREEN,
        ha="right" if step < 0 else "left",
    )
    return Picture(
        figure,
        f"The loss R as a curve over one weight w. At w = {_number(weight)} the dashed tangent "
        f"has slope {_number(slope(weight))}. With γ = {gamma:g} the step is {_number(step)}, an "
        f"arrow along the axis to w = {_number(new)}, where R is {_number(end)}; it was "
        f"{_number(start)}.",
    )


def descent_paths(
    R: Curve,
    slope: Curve,
    start: float,
    rates: Mapping[str, float | Sequence[float]],
    *,
    steps: int,
    span: tuple[float, float],
) -> Picture:
    """Draw the paths of gradient descent from one start, in a panel for each learning rate.

    Parameters
    ----------
    R, slope : callable
        The loss as a function of the weight, and its derivative.
    start : float
        The weight before the first step.
    rates : mapping of str to float or sequence of float
        Learning rates by title, at most three; a sequence holds one rate for each step.
    steps : int
        The number of steps.
    span : (float, float)
        The range of weights that is drawn; a path ends where it leaves the picture.

    Raises
    ------
    ValueError
        If there is no rate, or more than three, or a sequence has another length than ``steps``.
    """
    if not 1 <= len(rates) <= 3:
        raise InputError(f"rates must hold 1 to 3 learning rates; got {len(rates)}")
    figure = blank_figure(figsize=(7.6, 3.2), layout="constrained")
    said = []
    for axes, (title, rate) in zip(
        figure.subplots(1, len(rates), sharey=True, squeeze=False)[0], rates.items(), strict=True
    ):
        _draw_loss(axes, R, span)
        path = _path(slope, start, rate, steps)
        inside = (path >= span[0]) & (path <= span[1])
        shown = path if inside.all() else path[: inside.argmin()]
        axes.plot(shown, [R(w) for w in shown], "-", color=ORANGE, linewidth=1)
        axes.plot(shown, [R(w) for w in shown], "o", color=ORANGE, markersize=5)
        axes.plot(start, R(start), "o", color=BLUE, markersize=9)
        axes.set_title(title, fontsize=11)
        if axes.get_subplotspec().colspan.start > 0:
            axes.set_ylabel("")
        end = (
            f"after {steps} steps w is {_number(path[-1])}"
            if len(shown) == len(path)
            else f"step {len(shown)} leaves the picture"
        )
        turns = np.diff(np.sign(np.diff(path))).any()
        sides = "from side to side" if turns else "from one side"
        said.append(f"{title}: {sides}, {end}")
    return Picture(
        figure,
        f"The loss R as a curve over one weight w, with the points that gradient descent visits "
        f"from w = {_number(start)}. {'; '.join(said)}.",
    )


def _draw_loss(axes: "Axes", R: Curve, span: tuple[float, float]) -> None:
    grid = np.linspace(*span, 201)
    axes.plot(grid, [R(w) for w in grid], color=BLUE, linewidth=2)
    axes.set_xlim(*span)
    axes.set_xlabel("weight w")
    axes.set_ylabel("loss R(w)")
    axes.spines[["top", "right"]].set_visible(False)


def _number(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")


def _path(slope: Curve, start: float, rate: float | Sequence[float], steps: int) -> np.ndarray:
    rates = np.full(steps, rate, float) if np.ndim(rate) == 0 else np.asarray(rate, float)
    if len(rates) != steps:
        raise InputError(f"a sequence of rates must hold {steps}, one a step; got {len(rates)}")
    path = [start]
    for gamma in rates:
        path.append(path[-1] - gamma * slope(path[-1]))
    return np.array(path)
