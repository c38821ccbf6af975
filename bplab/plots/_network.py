"""The network drawn, with the path that a gradient follows."""

from itertools import pairwise
from typing import Literal

from matplotlib.figure import Figure

from bplab.plots._picture import ORANGE, Picture

__all__ = ["network_diagram"]


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
