"""Networks drawn in columns, with the path that a gradient follows."""

import textwrap
from collections.abc import Iterable, Sequence, Set
from functools import partial
from itertools import pairwise
from math import prod
from typing import TYPE_CHECKING, Literal

from bplab.errors import InputError
from bplab.plots.picture import GREY, NARROW_INCHES, ORANGE, Picture, blank_figure, sub

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["deep_network_diagram", "network_diagram", "output_paths"]


Edge = tuple[int, int, int]
"""The column, the unit there, and the unit of the next column, from 0."""

BELOW = 0.9  # distance from the lowest unit down to the 1
ONES = (
    " Below {columns} stands a 1, joined to every unit of the next column: its weights are biases."
)


def network_diagram(
    p: int = 3, M: int = 3, K: int = 2, *, follow: Literal["", "beta", "alpha"] = ""
) -> Picture:
    r"""Draw the network of section 1, with the path that a gradient follows in strong lines.

    Parameters
    ----------
    p, M, K : int
        Numbers of features, hidden units and outputs.
    follow : {"", "beta", "alpha"}
        The path to follow: none; that of :math:`∂R_i/∂β_{km}` (one output, one weight); or that of
        :math:`∂R_i/∂α_{ml}` (every output, one hidden unit, one weight).
    """
    columns = [
        ([f"x{sub(i + 1)}" for i in range(p)], "inputs X"),
        ([f"z{sub(i + 1)}" for i in range(M)], f"hidden layer {_together('Z = σ(A)')}"),
        ([f"f{sub(i + 1)}" for i in range(K)], f"outputs {_together('F = g(T)')}"),
    ]
    edges = all_edges(p, M, K)
    label = {"": None, "beta": (1, "β₁₁"), "alpha": (0, "α₁₁")}[follow]
    draw = partial(draw_network, columns, edges, _followed(follow, K), label, ones=2)
    words = {
        "": "",
        "beta": " Strong: the one edge from hidden unit 1 to output 1, whose weight is beta 1 1.",
        "alpha": " Strong: the edge from input 1 to hidden unit 1, whose weight is alpha 1 1, and "
        f"the edges from hidden unit 1 to all {K} outputs, through which it reaches the loss.",
    }
    return Picture(
        draw(),
        f"A network drawn in three columns: {p} inputs, {M} hidden units, {K} outputs. Every "
        "unit is joined to every unit of the next column."
        f"{ONES.format(columns='the inputs and below the hidden units')}{words[follow]}",
        narrow=partial(draw, narrow=True),
    )


def _followed(follow: str, K: int) -> set[Edge]:
    return {
        "": set(),
        "beta": {(1, 0, 0)},
        "alpha": {(0, 0, 0), *((1, 0, k) for k in range(K))},
    }[follow]


def output_paths(
    g: Literal["elementwise", "softmax"],
    p: int = 3,
    M: int = 3,
    K: int = 3,
    *,
    follow: Literal["", "beta", "alpha"] = "",
) -> Picture:
    r"""Draw the network with a column for T and one for F, and the path that a gradient follows.

    Parameters
    ----------
    g : {"elementwise", "softmax"}
        Whether output k depends on its own t only (section 2.1), or on all of them (section 2.2).
    p, M, K : int
        Numbers of features, hidden units and outputs.
    follow : {"", "beta", "alpha"}
        The path to follow: none; that of :math:`∂R_i/∂β_{11}`; or that of :math:`∂R_i/∂α_{11}`.

    Raises
    ------
    ValueError
        If ``g`` or ``follow`` has another value.
    """
    if g not in ("elementwise", "softmax") or follow not in ("", "beta", "alpha"):
        raise InputError(
            'g must be "elementwise" or "softmax", and follow "", "beta" or "alpha"; '
            f"got {g!r} and {follow!r}"
        )
    columns = [
        ([f"x{sub(i + 1)}" for i in range(p)], "inputs X"),
        ([f"z{sub(i + 1)}" for i in range(M)], "hidden layer Z"),
        ([f"t{sub(i + 1)}" for i in range(K)], "T"),
        ([f"f{sub(i + 1)}" for i in range(K)], f"outputs {_together('F = g(T)')}"),
    ]
    last = [(2, k, j) for k in range(K) for j in range(K) if g == "softmax" or j == k]
    to_t, label, words = {
        "": (set(), None, ""),
        "beta": (
            {(1, 0, 0)},
            (1, "β₁₁"),
            "Strong: the edge from z 1 to t 1, whose weight is beta 1 1, and from t 1 ",
        ),
        "alpha": (
            {(0, 0, 0), *((1, 0, k) for k in range(K))},
            (0, "α₁₁"),
            f"Strong: the edge from x 1 to z 1, whose weight is alpha 1 1, from z 1 to all {K} t, "
            "and from each t ",
        ),
    }[follow]
    reached = {b for column, _, b in to_t if column == 1}
    strong = to_t | {edge for edge in last if edge[1] in reached}
    joined = "every f" if g == "softmax" else "its own f"
    if follow:
        words = f" {words}to {joined}."
    edges = [*all_edges(p, M, K), *last]
    draw = partial(draw_network, columns, edges, strong, label, ones=2)
    return Picture(
        draw(),
        f"A network drawn in four columns: {p} inputs x, {M} hidden units z, {K} t and {K} outputs "
        f"f. Each t is joined to {joined}.{ONES.format(columns='x and below z')}{words}",
        narrow=partial(draw, narrow=True),
    )


def deep_network_diagram(
    p: int = 3, widths: Sequence[int] = (3, 3, 3), K: int = 2, *, follow: int | None = None
) -> Picture:
    r"""Draw a network of section 3 with its loss; all paths from one weight to the loss are strong.

    Parameters
    ----------
    p : int
        Number of features.
    widths : sequence of D int
        Number of units of each hidden layer.
    K : int
        Number of outputs.
    follow : int, optional
        The layer d, from 1 to D, of the weight :math:`α_{11}^{(d)}` whose paths are followed. The
        quantities that are sent back stand below the columns of these paths: :math:`s^{(d)}` and δ.

    Raises
    ------
    ValueError
        If there is no such hidden layer.
    """
    D = len(widths)
    if follow is not None and follow not in range(1, D + 1):
        raise InputError(f"follow must be a hidden layer, from 1 to {D}; got {follow!r}")
    sizes = [p, *widths, K, 1]
    hidden = [
        ([f"z{sub(m + 1)}" for m in range(width)], f"layer {d}")
        for d, width in enumerate(widths, start=1)
    ]
    columns = [
        ([f"x{sub(l + 1)}" for l in range(p)], "inputs X"),  # noqa: E741
        *hidden,
        ([f"f{sub(k + 1)}" for k in range(K)], "outputs F"),
        (["R"], "loss"),
    ]
    strong: set[Edge] = set()
    words, label = "", None
    if follow is not None:
        strong = {(follow - 1, 0, 0)} | {
            (column, a, b)
            for column, a, b in all_edges(*sizes)
            if (column == follow and a == 0) or column > follow
        }
        label = (follow - 1, rf"$\alpha_{{11}}^{{({follow})}}$")
        paths = prod(sizes[follow + 1 :])
        words = (
            f" Strong: the edge from unit 1 of the column before to unit 1 of layer {follow}, with "
            f"the weight alpha 1 1 of layer {follow}, and from there every edge up to the loss: "
            f"{paths} paths. Below the columns stands what is sent back: delta under the outputs, "
            f"s under the hidden layers down to layer {follow}."
        )

    def draw(narrow: bool = False) -> "Figure":
        edges = all_edges(*sizes)
        figure = draw_network(columns, edges, strong, label, ones=D + 1, narrow=narrow)
        if not narrow:
            figure.set_figwidth(1.55 * len(columns))
        if follow is not None:
            s = {d: f"$s^{{({d})}}$" for d in range(follow, D + 1)}
            _below(figure, max(sizes), s, D + 1, 11 if narrow else 15)
        return figure

    layers = ", ".join(map(str, widths))
    return Picture(
        draw(),
        f"A network drawn in columns: {p} inputs, {D} hidden layer{'s' * (D != 1)} of {layers} "
        f"units, {K} output{'s' * (K != 1)}, and the loss R. Every unit "
        f"is joined to every unit of the next column."
        f"{ONES.format(columns='the inputs and below each hidden layer')}{words}",
        narrow=partial(draw, narrow=True),
    )


def _together(formula: str) -> str:
    """Return a formula for a title, with spaces at which lines are not broken."""
    return formula.replace(" ", "\u00a0")


def _below(figure: "Figure", highest: int, s: dict[int, str], outputs: int, size: int) -> None:
    """Write the quantities that are sent back below the columns, with arrows to the left."""
    (axes,) = figure.axes
    y = -highest / 2 - BELOW - 0.2
    texts = {outputs: "$\\delta$", **s}
    for column, text in texts.items():
        axes.text(column, y, text, ha="center", va="center", fontsize=size, color=ORANGE)
        if column + 1 in texts:
            axes.annotate(
                "",
                xy=(column + 0.27, y),
                xytext=(column + 0.73, y),
                arrowprops={"arrowstyle": "->", "color": ORANGE, "linewidth": 2},
            )
    bottom, top = axes.get_ylim()
    axes.set_ylim(min(bottom, y - 0.3), top)


def draw_network(
    columns: Sequence[tuple[list[str], str]],
    edges: Iterable[Edge],
    strong: Set[Edge],
    label: tuple[int, str] | None = None,
    *,
    ones: int = 0,
    narrow: bool = False,
) -> "Figure":
    """Draw columns of units and the edges between them.

    Parameters
    ----------
    columns : sequence of (list of str, str)
        For each column, the names of its units from the top, and its title.
    edges : iterable of (int, int, int)
        Each is (column, unit, unit of the next column).
    strong : set of (int, int, int)
        The edges of the path that is followed.
    label : (int, str), optional
        The weight where the path begins: the column to the left of it, and its name.
    ones : int
        The number of columns, from the left, that have a 1 below them; its edges are the biases.
    narrow : bool
        Whether it is for a narrow page: columns stand closer, and their titles wrap.
    """
    width = NARROW_INCHES if narrow else 2.2 * len(columns) - 0.2
    unit, name_size, size = (22, 11, 9) if narrow else (30, 13, 11)
    figure = blank_figure(figsize=(width, 4), layout="constrained")
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
    low = 0.5 - highest - BELOW
    for column in range(ones):
        one = (float(column), low)
        for spot in places[column + 1]:
            axes.plot(*zip(one, spot, strict=True), "--", color="#b0b0b0", linewidth=1, zorder=1)
        axes.plot(*one, "s", markersize=0.7 * unit, color="#f0f0f0", mec=GREY, zorder=3)
        axes.text(*one, "1", ha="center", va="center", fontsize=name_size, zorder=4)
    if ones:
        axes.text(
            ones - 0.75, low, "biases", ha="left", va="center", fontsize=size, color="#505050"
        )
    letters = max(8, 40 // len(columns))
    for (names, title), spots in zip(columns, places, strict=True):
        for name, (x, y) in zip(names, spots, strict=True):
            axes.plot(x, y, "o", markersize=unit, color="white", mec="black", zorder=3)
            axes.text(x, y, name, ha="center", va="center", fontsize=name_size, zorder=4)
        title = textwrap.fill(title, letters, break_long_words=False) if narrow else title
        axes.text(spots[0][0], highest + 0.25, title, ha="center", fontsize=size)
    if label:
        column, text = label
        y = (places[column][0][1] + places[column + 1][0][1]) / 2 + 0.13
        big = name_size + 1
        axes.text(column + 0.5, y, text, ha="center", color=ORANGE, fontsize=big, weight="bold")
    axes.set_xlim(-0.4, len(columns) - 0.6)
    axes.set_ylim(low - 0.4 if ones else -highest - 0.1, highest + (0.9 if narrow else 0.6))
    return figure


def all_edges(*sizes: int) -> list[Edge]:
    """Return all edges between neighbouring columns of these sizes, from each unit to each."""
    return [
        (column, a, b)
        for column, (left, right) in enumerate(pairwise(sizes))
        for a in range(left)
        for b in range(right)
    ]
