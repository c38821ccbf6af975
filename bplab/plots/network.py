"""The network drawn, with the path that a gradient follows."""

from collections.abc import Iterable, Sequence, Set
from itertools import pairwise
from typing import Literal

from matplotlib.figure import Figure

from bplab.plots.picture import ORANGE, Picture

__all__ = ["Edge", "all_edges", "draw_network", "network_diagram", "sub"]

Edge = tuple[int, int, int]
"""Column, unit, unit of the next column."""


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
    columns = [
        ([f"x{sub(i + 1)}" for i in range(p)], "inputs X"),
        ([f"z{sub(i + 1)}" for i in range(M)], "hidden layer Z = σ(A)"),
        ([f"f{sub(i + 1)}" for i in range(K)], "outputs F = g(T)"),
    ]
    edges = all_edges(p, M, K)
    label = {"": None, "beta": (1, "β₁₁"), "alpha": (0, "α₁₁")}[follow]
    figure = draw_network(columns, edges, _followed(follow, K), label)
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


def draw_network(
    columns: Sequence[tuple[list[str], str]],
    edges: Iterable[Edge],
    strong: Set[Edge],
    label: tuple[int, str] | None = None,
) -> Figure:
    """Draw columns of units and the edges between them.

    Parameters
    ----------
    columns : sequence of (list of str, str)
        Of each column the units' names, from the top, and its title.
    edges : iterable of (int, int, int)
        Each is (column, unit, unit of the next column).
    strong : set of (int, int, int)
        The edges of the path that is followed.
    label : (int, str), optional
        The name of the weight where the path begins: the column left of it, and what to write.
    """
    figure = Figure(figsize=(2.2 * len(columns) - 0.2, 3.4), layout="constrained")
    axes = figure.add_subplot()
    axes.axis("off")
    places = [
        [(float(x), (len(names) - 1) / 2 - i) for i in range(len(names))]
        for x, (names, _) in enumerate(columns)
    ]
    for edge in edges:
        column, a, b = edge
        axes.plot(
            *zip(places[column][a], places[column + 1][b], strict=True),
            color=ORANGE if edge in strong else "#c8c8c8",
            linewidth=3.5 if edge in strong else 1,
            zorder=2 if edge in strong else 1,
        )
    highest = max(len(names) for names, _ in columns) / 2
    for (names, title), spots in zip(columns, places, strict=True):
        for name, (x, y) in zip(names, spots, strict=True):
            axes.plot(x, y, "o", markersize=30, color="white", markeredgecolor="black", zorder=3)
            axes.text(x, y, name, ha="center", va="center", fontsize=13, zorder=4)
        axes.text(spots[0][0], highest + 0.25, title, ha="center", fontsize=11)
    if label:
        column, text = label
        y = (places[column][0][1] + places[column + 1][0][1]) / 2 + 0.13
        axes.text(column + 0.5, y, text, ha="center", color=ORANGE, fontsize=14, weight="bold")
    axes.set_xlim(-0.4, len(columns) - 0.6)
    axes.set_ylim(-highest - 0.1, highest + 0.6)
    return figure


def all_edges(*sizes: int) -> list[Edge]:
    """Return the edges between neighbouring columns of these sizes, each unit to each."""
    return [
        (column, a, b)
        for column, (left, right) in enumerate(pairwise(sizes))
        for a in range(left)
        for b in range(right)
    ]


def _followed(follow: str, K: int) -> set[Edge]:
    return {
        "": set(),
        "beta": {(1, 0, 0)},
        "alpha": {(0, 0, 0), *((1, 0, k) for k in range(K))},
    }[follow]


def sub(number: int) -> str:
    """Return a number as a subscript."""
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
