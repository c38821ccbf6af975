"""Curves: losses, and errors of numerical gradients."""

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from bplab.gradcheck import StepErrors
from bplab.plots.picture import COLOURS, DASHES, MARKERS, Picture

__all__ = ["loss_curves", "step_curve"]


def loss_curves(curves: dict[str, ArrayLike], *, title: str = "") -> Picture:
    """Loss against epoch on a logarithmic axis, a dash pattern a curve.

    Parameters
    ----------
    curves : dict of str to array_like, shape (epochs + 1,)
        Losses R(θ) by label, at most three.
    title : str
        Above the figure.

    Raises
    ------
    ValueError
        If there is no curve, or more than three.
    """
    if not 1 <= len(curves) <= len(DASHES):
        raise ValueError(f"curves must hold 1 to {len(DASHES)} curves; got {len(curves)}")
    figure = Figure(figsize=(6.4, 3.4), layout="constrained")
    axes = figure.add_subplot()
    ends = []
    for (label, losses), colour, dash in zip(curves.items(), COLOURS, DASHES, strict=False):
        losses = np.asarray(losses)
        axes.semilogy(losses, dash, color=colour, linewidth=2, label=label)
        ends.append(f"{label} goes from {losses[0]:.3g} to {losses[-1]:.3g}")
    axes.set_xlabel("epoch")
    axes.set_ylabel("loss R(θ)")
    axes.set_title(title)
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return Picture(figure, f"Loss against epoch on a logarithmic axis: {'; '.join(ends)}.")


def step_curve(found: StepErrors) -> Picture:
    """Error of numerical gradients against the step, both logarithmic: the V curve.

    Parameters
    ----------
    found : StepErrors
        What `bplab.gradcheck.step_errors` returns.
    """
    figure = Figure(figsize=(6.4, 3.6), layout="constrained")
    axes = figure.add_subplot()
    ends = []
    styles = zip(COLOURS, DASHES, MARKERS, strict=True)
    floor = np.finfo(np.float64).eps / 8  # an error of exactly zero has no logarithm
    for (method, errors), (colour, dash, marker) in zip(found.errors.items(), styles, strict=False):
        shown = np.maximum(errors, floor)
        axes.loglog(found.steps, shown, dash, color=colour, marker=marker, markersize=4)
        best = int(errors.argmin())
        # for large steps forward and central part, for small ones a complex step does
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
