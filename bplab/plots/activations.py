"""Activation functions drawn, each with its derivative."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from bplab.activations import Activation, softmax
from bplab.plots.picture import BLUE, COLOURS, DASHES, ORANGE, Picture

__all__ = ["activation_curves", "softmax_curves"]

BEFORE = 1e-9  # as near to the kink as a figure can tell


def activation_curves(*activations: Activation, limit: float = 4.0) -> Picture:
    """Activations side by side: the value solid, its derivative dashed, each with its name.

    Where the derivative jumps, a full dot is the value that the convention takes, and an empty
    one that of the other side.

    Parameters
    ----------
    *activations : Activation
        One to three.
    limit : float
        From −limit to limit.

    Raises
    ------
    ValueError
        If there is none, or more than three.
    """
    if not 1 <= len(activations) <= 3:
        raise ValueError(f"one to three activations fit beside each other; got {len(activations)}")
    figure = Figure(figsize=(8.4, 3.2), layout="constrained")
    panels = figure.subplots(1, len(activations), sharey=True, squeeze=False)[0]
    words = [
        _panel(axes, activation, limit)
        for axes, activation in zip(panels, activations, strict=True)
    ]
    return Picture(
        figure,
        "Value of an activation as a solid line and its derivative as a dashed one, a panel each, "
        f"for x from {-limit:g} to {limit:g}. {' '.join(words)}",
    )


def _panel(axes: Axes, activation: Activation, limit: float) -> str:
    x = np.linspace(-limit, limit, 401)
    a, slope = activation(x), activation.derivative(x)
    axes.plot(x, a, "-", color=BLUE, linewidth=2.5, label="value a(x)")
    left, right = activation.derivative([-BEFORE, BEFORE])
    if activation.kink:
        for side, label in ((x <= 0, "derivative a′(x)"), (x > 0, None)):
            axes.plot(x[side], slope[side], "--", color=ORANGE, linewidth=2, label=label)
        for y, face in ((left, ORANGE), (right, "white")):
            axes.plot(0, y, "o", color=ORANGE, markerfacecolor=face, markersize=6, zorder=3)
        words = f"its derivative jumps at 0 from {left:.2g} to {right:.2g}"
    else:
        axes.plot(x, slope, "--", color=ORANGE, linewidth=2, label="derivative a′(x)")
        words = f"its derivative is largest at {x[slope.argmax()]:.2g}, with {slope.max():.2g}"
    axes.set_title(str(activation))
    axes.set_xlabel("x")
    corner = "upper left" if activation.kink else "lower right"
    axes.legend(frameon=False, loc=corner, fontsize=9)
    _quiet(axes)
    return f"{activation}: goes from {a[0]:.2g} to {a[-1]:.2g}, {words}."


def softmax_curves(t: ArrayLike = (0.0, 0.0, 1.0), *, limit: float = 6.0) -> Picture:
    """The shares of a softmax, and their derivatives, while its first argument moves.

    Parameters
    ----------
    t : array_like, shape (K,)
        The arguments, K from 2 to 3; the first is replaced by what moves.
    limit : float
        It moves from −limit to limit.

    Raises
    ------
    ValueError
        If there are other than two or three arguments.
    """
    t = np.asarray(t, dtype=float)
    if t.shape not in {(2,), (3,)}:
        raise ValueError(f"t must hold two or three numbers; got shape {t.shape}")
    moving = np.linspace(-limit, limit, 301)
    rows = np.tile(t, (len(moving), 1))
    rows[:, 0] = moving
    shares, slopes = softmax(rows), softmax.jacobian(rows)[:, :, 0]
    figure = Figure(figsize=(8.4, 3.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    others = ", ".join(f"t{_sub(k)} = {v:g}" for k, v in enumerate(t) if k)
    _lines(left, moving, shares, "g{}")
    _lines(right, moving, slopes, "∂g{} / ∂t₁")
    left.set_title(f"shares, with {others}")
    right.set_title("their derivatives by t₁")
    ends = "; ".join(
        f"g{k + 1} from {shares[0, k]:.2g} to {shares[-1, k]:.2g}" for k in range(len(t))
    )
    return Picture(
        figure,
        f"Left, the shares of a softmax while t1 goes from {-limit:g} to {limit:g} and {others}: "
        f"{ends}. Right, their derivatives by t1: that of g1 is positive with a hump of "
        f"{slopes[:, 0].max():.2g}, the others are negative, and together they are always zero.",
    )


def _lines(axes: Axes, x: NDArray, curves: NDArray, label: str) -> None:
    for k, (colour, dash) in enumerate(zip(COLOURS, DASHES, strict=True)):
        if k < curves.shape[1]:
            axes.plot(
                *(x, curves[:, k], dash), color=colour, linewidth=2, label=label.format(_sub(k))
            )
    axes.set_xlabel("t₁")
    axes.legend(frameon=False)
    _quiet(axes)


def _quiet(axes: Axes) -> None:
    axes.axhline(0, color="#c8c8c8", linewidth=1, zorder=0)
    axes.axvline(0, color="#c8c8c8", linewidth=1, zorder=0)
    axes.spines[["top", "right"]].set_visible(False)


def _sub(k: int) -> str:
    return "₁₂₃"[k]
