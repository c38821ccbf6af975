"""Still figures for the notebooks, each with its description for those who cannot see it.

Every function returns a `Picture`: shown by itself at the end of a cell, in JupyterLab, in
exported pages and in notebooks that nobody runs. Colours come from the Okabe-Ito set and never
carry a meaning alone.
"""

import base64
import html
import io
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from bplab.gradcheck import StepErrors

__all__ = ["Picture", "loss_curves", "network_diagram", "penguin_scatter", "step_curve"]

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#767676"
COLOURS = (BLUE, ORANGE, GREEN)
MARKERS = ("o", "s", "^")
DASHES = ("-", "--", ":")


class Picture:
    """A figure with a description.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    alt : str
        What the figure shows, in a sentence or two.
    dpi : int
        Dots an inch of the picture.
    """

    def __init__(self, figure: Figure, alt: str, dpi: int = 100):
        self.alt = alt
        self.png = io.BytesIO()
        figure.savefig(self.png, format="png", dpi=dpi, metadata={"Software": None})
        self.width = round(figure.get_figwidth() * dpi)

    def __repr__(self) -> str:
        return f"[Picture: {self.alt}]"

    def _repr_html_(self) -> str:
        # an <img> of our own: notebooks drop the description of plain picture outputs
        data = base64.b64encode(self.png.getvalue()).decode("ascii")
        return (
            f'<img alt="{html.escape(self.alt, quote=True)}" width="{self.width}" '
            f'style="max-width:100%;height:auto" src="data:image/png;base64,{data}">'
        )


def network_diagram(
    p: int = 3, M: int = 3, K: int = 2, *, follow: Literal["", "beta", "alpha"] = ""
) -> Picture:
    r"""The network of section 1, with the path that a gradient follows drawn strong.

    Parameters
    ----------
    p, M, K : int
        Features, hidden units, outputs.
    follow : {"", "beta", "alpha"}
        Nothing; the path of :math:`∂R_i/∂β_{km}` (one output, one weight); or that of
        :math:`∂R_i/∂α_{ml}` (every output, one hidden unit, one weight).
    """
    figure = Figure(figsize=(6.4, 3.4), layout="constrained")
    axes = figure.add_subplot()
    axes.axis("off")
    columns = [
        (0.0, [f"x{_sub(i + 1)}" for i in range(p)], "inputs X"),
        (1.0, [f"z{_sub(i + 1)}" for i in range(M)], "hidden layer Z = σ(A)"),
        (2.0, [f"f{_sub(i + 1)}" for i in range(K)], "outputs F = g(T)"),
    ]
    places = [[(x, (len(names) - 1) / 2 - i) for i in range(len(names))] for x, names, _ in columns]
    chosen = _followed(follow, K)
    for layer, (left, right) in enumerate(pairwise(places)):
        for a, start in enumerate(left):
            for b, end in enumerate(right):
                strong = (layer, a, b) in chosen
                axes.plot(
                    *zip(start, end, strict=True),
                    color=ORANGE if strong else "#c8c8c8",
                    linewidth=3.5 if strong else 1,
                    zorder=2 if strong else 1,
                )
    for (_, names, title), spots in zip(columns, places, strict=True):
        for name, (x, y) in zip(names, spots, strict=True):
            axes.plot(x, y, "o", markersize=30, color="white", markeredgecolor="black", zorder=3)
            axes.text(x, y, name, ha="center", va="center", fontsize=13, zorder=4)
        axes.text(spots[0][0], max(p, M, K) / 2 + 0.25, title, ha="center", fontsize=11)
    if follow == "beta":
        axes.text(1.5, 1.13, "β₁₁", ha="center", color=ORANGE, fontsize=14, weight="bold")
    if follow == "alpha":
        axes.text(0.5, 1.13, "α₁₁", ha="center", color=ORANGE, fontsize=14, weight="bold")
    axes.set_xlim(-0.4, 2.4)
    axes.set_ylim(-max(p, M, K) / 2 - 0.1, max(p, M, K) / 2 + 0.6)
    words = {
        "": "",
        "beta": " Strong: the one edge from hidden unit 1 to output 1, whose weight is beta 1 1.",
        "alpha": " Strong: the edge from input 1 to hidden unit 1, whose weight is alpha 1 1, and "
        f"the edges from hidden unit 1 to all {K} outputs, through which it reaches the loss.",
    }
    return Picture(
        figure,
        f"A network drawn in three columns: {p} inputs, {M} hidden units, {K} outputs. Every "
        f"unit is joined to every unit of the next column.{words[follow]}",
    )


def _followed(follow: str, K: int) -> set[tuple[int, int, int]]:
    return {
        "": set(),
        "beta": {(1, 0, 0)},
        "alpha": {(0, 0, 0), *((1, 0, k) for k in range(K))},
    }[follow]


def _sub(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def penguin_scatter(
    X: NDArray, Y: NDArray, features: Sequence[str], species: Sequence[str]
) -> Picture:
    """Two measurements of the penguins, a marker a species.

    Parameters
    ----------
    X : ndarray, shape (N, p)
        Measurements; the first and the third are drawn.
    Y : ndarray, shape (N, K)
        1 in the column of the bird's species.
    features, species : sequence of str
        Names of the columns.
    """
    figure = Figure(figsize=(6.4, 3.8), layout="constrained")
    axes = figure.add_subplot()
    for k, name in enumerate(species):
        birds = Y[:, k] == 1
        axes.plot(
            *(X[birds, 0], X[birds, 2], MARKERS[k]),
            color=COLOURS[k],
            markerfacecolor="none",
            markersize=5,
            label=name,
        )
    axes.set_xlabel(features[0])
    axes.set_ylabel(features[2])
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return Picture(
        figure,
        f"Scatter plot of {features[2]} against {features[0]} for {len(X)} penguins. The three "
        f"species {', '.join(species)} form three clouds; Gentoo lies apart with long flippers, "
        "Adelie and Chinstrap differ mostly in their bills.",
    )


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
        axes.annotate(
            method,
            (found.steps[-1], shown[-1]),
            xytext=(-6, 0),
            textcoords="offset points",
            color=colour,
            ha="right",
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
