"""Figures of curves: activations and their derivatives, losses, errors and sizes of gradients."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from bplab.activations import Activation, softmax
from bplab.errors import InputError
from bplab.gradcheck import StepErrors
from bplab.plots.picture import BLUE, COLOURS, DASHES, MARKERS, ORANGE, Picture, blank_figure, sub

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["activation_curves", "gradient_norms", "loss_curves", "softmax_curves", "step_curve"]


BEFORE = 1e-9  # distance from the kink, too small to be seen in a figure


def activation_curves(*activations: Activation, limit: float = 4.0) -> Picture:
    """Draw activations side by side, each with its name: value solid, derivative dashed.

    Where the derivative jumps, a full dot marks the value that the convention takes, and an empty
    dot the value on the other side.

    Parameters
    ----------
    *activations : Activation
        One to three activations.
    limit : float
        The curves go from −limit to limit.

    Raises
    ------
    ValueError
        If there is no activation, or there are more than three.
    """
    if not 1 <= len(activations) <= 3:
        raise InputError(f"one to three activations fit beside each other; got {len(activations)}")
    figure = blank_figure(figsize=(8.4, 3.2), layout="constrained")
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


def _panel(axes: "Axes", activation: Activation, limit: float) -> str:
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
    axes.legend(frameon=False, loc="upper left" if activation.kink else "lower right", fontsize=9)
    _quiet(axes)
    return f"{activation}: goes from {a[0]:.2g} to {a[-1]:.2g}, {words}."


def softmax_curves(t: ArrayLike = (0.0, 0.0, 1.0), *, limit: float = 6.0) -> Picture:
    """Draw the shares of a softmax, and their derivatives, while its first argument moves.

    Parameters
    ----------
    t : array_like, shape (K,)
        The arguments, K from 2 to 3; the first one is replaced by the moving value.
    limit : float
        The first argument moves from −limit to limit.

    Raises
    ------
    ValueError
        If there are not two or three arguments.
    """
    t = np.asarray(t, dtype=float)
    if t.shape not in {(2,), (3,)}:
        raise InputError(f"t must hold two or three numbers; got shape {t.shape}")
    moving = np.linspace(-limit, limit, 301)
    rows = np.tile(t, (len(moving), 1))
    rows[:, 0] = moving
    shares, slopes = softmax(rows), softmax.jacobian(rows)[:, :, 0]
    figure = blank_figure(figsize=(8.4, 3.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    others = ", ".join(f"t{sub(k + 1)} = {v:g}" for k, v in enumerate(t) if k)
    _lines(left, moving, shares, "g{}")
    _lines(right, moving, slopes, "∂g{} / ∂t₁")
    left.set_title(f"shares, with {others}")
    right.set_title("their derivatives with respect to t₁")
    ends = "; ".join(
        f"g{k + 1} from {shares[0, k]:.2g} to {shares[-1, k]:.2g}" for k in range(len(t))
    )
    return Picture(
        figure,
        f"Left, the shares of a softmax while t1 goes from {-limit:g} to {limit:g} and {others}: "
        f"{ends}. Right, their derivatives with respect to t1: that of g1 is positive with a hump "
        f"of {slopes[:, 0].max():.2g}, the others are negative, and together they are always zero.",
    )


def _lines(axes: "Axes", x: np.ndarray, curves: np.ndarray, label: str) -> None:
    for k, (colour, dash) in enumerate(zip(COLOURS, DASHES, strict=True)):
        if k < curves.shape[1]:
            name = label.format(sub(k + 1))
            axes.plot(x, curves[:, k], dash, color=colour, linewidth=2, label=name)
    axes.set_xlabel("t₁")
    axes.legend(frameon=False)
    _quiet(axes)


def _quiet(axes: "Axes") -> None:
    axes.axhline(0, color="#c8c8c8", linewidth=1, zorder=0)
    axes.axvline(0, color="#c8c8c8", linewidth=1, zorder=0)
    axes.spines[["top", "right"]].set_visible(False)


def loss_curves(curves: dict[str, ArrayLike], *, title: str = "") -> Picture:
    """Draw loss against epoch on a logarithmic axis, with a dash pattern for each curve.

    Parameters
    ----------
    curves : dict of str to array_like, shape (epochs + 1,)
        Losses R(θ) by label, at most three.
    title : str
        The title above the figure.

    Raises
    ------
    ValueError
        If there is no curve, or more than three.
    """
    if not 1 <= len(curves) <= len(DASHES):
        raise InputError(f"curves must hold 1 to {len(DASHES)} curves; got {len(curves)}")
    figure = blank_figure(figsize=(6.4, 3.4), layout="constrained")
    axes = figure.add_subplot()
    ends = []
    for (label, losses), colour, dash in zip(curves.items(), COLOURS, DASHES, strict=False):
        losses = np.asarray(losses)
        axes.semilogy(losses, dash, color=colour, linewidth=2, label=label)
        ends.append(f"{label} goes from {losses[0]:.3g} to {losses[-1]:.3g}")
    axes.locator_params("x", integer=True)
    axes.set_xlabel("epoch")
    axes.set_ylabel("loss")  # R(θ), or what the title says
    axes.set_title(title)
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return Picture(figure, f"Loss against epoch on a logarithmic axis: {'; '.join(ends)}.")


def step_curve(found: StepErrors) -> Picture:
    """Draw the V curve: the error of numerical gradients against the step, both logarithmic.

    Parameters
    ----------
    found : StepErrors
        The result of `bplab.gradcheck.step_errors`.
    """
    figure = blank_figure(figsize=(6.4, 3.6), layout="constrained")
    axes = figure.add_subplot()
    ends = []
    styles = zip(COLOURS, DASHES, MARKERS, strict=True)
    floor = np.finfo(np.float64).eps / 8  # an error of exactly zero has no logarithm
    for (method, errors), (colour, dash, marker) in zip(found.errors.items(), styles, strict=False):
        shown = np.maximum(errors, floor)
        axes.loglog(found.steps, shown, dash, color=colour, marker=marker, markersize=4)
        best = int(errors.argmin())
        # the label is where the curve is apart from others: at the last step for a complex step,
        # at the first for forward and central differences
        end, side = (-1, "right") if method == "complex" else (0, "left")
        axes.annotate(
            method,
            (found.steps[end], shown[end]),
            xytext=(-6 if side == "right" else 6, 0),
            textcoords="offset points",
            color=colour,
            ha=side,
            va="center",
        )
        ends.append(
            f"{method} is best at a step of {found.steps[best]:.0e}, off by {errors[best]:.0e}"
        )
    axes.set_xlabel("step h")
    axes.set_ylabel("error / largest entry")
    axes.margins(x=0.14)
    axes.spines[["top", "right"]].set_visible(False)
    return Picture(
        figure,
        f"Error of numerical gradients against the step, both logarithmic: {'; '.join(ends)}.",
    )


def gradient_norms(norms: dict[str, ArrayLike], *, title: str = "") -> Picture:
    r"""Draw the size of the gradient in each layer, on a logarithmic axis.

    Parameters
    ----------
    norms : dict of str to array_like, shape (D+1,)
        Norms by label, at most three curves. Each holds the norms of the hidden layers from the
        first on, and then that of the output layer, for example :math:`\|∂R/∂α^{(d)}\|` and
        :math:`\|∂R/∂β\|`.
    title : str
        The title above the figure.

    Raises
    ------
    ValueError
        If there is no curve, or more than three.
    """
    if not 1 <= len(norms) <= len(COLOURS):
        raise InputError(f"norms must hold 1 to {len(COLOURS)} curves; got {len(norms)}")
    figure = blank_figure(figsize=(6.4, 3.6), layout="constrained")
    axes = figure.add_subplot()
    ends = []
    styles = zip(norms.items(), COLOURS, DASHES, MARKERS, strict=False)
    for (label, curve), colour, dash, marker in styles:
        values = np.asarray(curve)
        layers = np.arange(1, len(values) + 1)
        axes.semilogy(layers, values, dash, color=colour, marker=marker, linewidth=2, label=label)
        ends.append(
            f"{label} goes from {values[-1]:.2g} at the output to {values[0]:.2g} in layer 1"
        )
    # "output" is a line lower, as it is wider than its place
    axes.set_xticks(layers, [*map(str, layers[:-1]), "\noutput"])
    axes.set_xlabel("layer")
    axes.set_ylabel("size of its gradient")
    axes.set_title(title)
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return Picture(
        figure, f"Size of each layer's gradient, on a logarithmic axis: {'; '.join(ends)}."
    )
