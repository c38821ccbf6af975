"""Graphs of single numbers, each computed from others, with its value and its derivative."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bplab.errors import InputError
from bplab.plots.picture import BLUE, GREY, NARROW_INCHES, ORANGE, Picture, blank_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["node_graph"]

HALF, HIGH = 0.34, 0.32  # half of a box's width and height; rows and columns are 1 apart
NARROW_HALF = 0.48
"""Half of a box's width on a narrow page, where columns stand closer."""


def node_graph(
    sources: Sequence[Sequence[int]],
    names: Sequence[str],
    values: Sequence[float],
    grad: Sequence[float],
    *,
    title: str = "",
) -> Picture:
    """Draw a graph of nodes from top to bottom, with an arrow from each node to those made from it.

    If a node uses another one twice, there are two arrows.

    Parameters
    ----------
    sources : sequence of sequence of int
        For each node, the numbers of the nodes that it is made from; these must come before it.
    names : sequence of str
        The names of the nodes; the last node is the output.
    values, grad : sequence of float
        The values of the nodes, and the derivatives of the output with respect to them.
    title : str
        The title above the figure.

    Raises
    ------
    ValueError
        If the four sequences differ in length or are empty, or a node is made from one that does
        not come before it.
    """
    if not 0 < len(sources) == len(names) == len(values) == len(grad):
        raise InputError("sources, names, values and grad must be as long as each other, and not 0")
    if any(not 0 <= s < node for node, of in enumerate(sources) for s in of):
        raise InputError("each node must come after those that it is made from")

    def draw(narrow: bool = False) -> "Figure":
        return _drawn(sources, names, values, grad, title, narrow=narrow)

    output = names[-1]
    said = (
        f"{name} is {value:.3g}"
        + (f", made from {' and '.join(names[s] for s in of)}" if of else "")
        + f"; the derivative of {output} with respect to it is {slope:.3g}"
        for name, value, slope, of in zip(names, values, grad, sources, strict=True)
    )
    alt = f"Nodes and what each is made from. {'. '.join(said)}."
    return Picture(draw(), alt, narrow=lambda: draw(narrow=True))


def _drawn(
    sources: Sequence[Sequence[int]],
    names: Sequence[str],
    values: Sequence[float],
    grad: Sequence[float],
    title: str,
    *,
    narrow: bool,
) -> "Figure":
    from matplotlib.patches import Rectangle

    places = _places(sources)
    columns = 1 + max(x for x, _ in places)
    rows = 1 - min(y for _, y in places)
    half, small = (NARROW_HALF, 9) if narrow else (HALF, 10)
    width = NARROW_INCHES if narrow else 1.9 * columns
    figure = blank_figure(figsize=(width, 1.1 * rows + 0.5), layout="constrained")
    axes = figure.add_subplot()
    axes.axis("off")
    axes.set_title(title)
    for node, of in enumerate(sources):
        for n, source in enumerate(of):
            bend = 0.25 * (2 * n - 1) if of.count(source) > 1 else 0.0
            (x, y), (x_end, y_end) = places[source], places[node]
            axes.annotate(
                "",
                (x_end, y_end + HIGH),
                (x, y - HIGH),
                arrowprops={
                    "arrowstyle": "-|>",
                    "color": GREY,
                    "connectionstyle": f"arc3,rad={bend}",
                    "shrinkA": 0,
                    "shrinkB": 0,
                },
            )
    output = names[-1]
    for name, value, slope, (x, y) in zip(names, values, grad, places, strict=True):
        corner = (x - half, y - HIGH)
        axes.add_patch(Rectangle(corner, 2 * half, 2 * HIGH, facecolor="white", edgecolor="black"))
        by = f"∂{output}/∂{name} = {slope:.3g}"
        for up, text, colour, size in (
            (0.19, name, "black", 12),
            (-0.02, f"value {value:.3g}", BLUE, small),
            (-0.21, by, ORANGE, small),
        ):
            axes.text(x, y + up, text, color=colour, fontsize=size, ha="center", va="center")
    axes.set_xlim(-0.5, columns - 0.5)
    axes.set_ylim(0.5 - rows, 0.5)
    return figure


def _places(sources: Sequence[Sequence[int]]) -> list[tuple[float, float]]:
    """Return the place of each node: its row is its greatest distance from the output, in steps.

    In this way, graphs with many steps are no wider than a page.
    """
    away = [0] * len(sources)
    for node in reversed(range(len(sources))):
        for source in sources[node]:
            away[source] = max(away[source], away[node] + 1)
    rows = [[n for n, a in enumerate(away) if a == step] for step in range(max(away) + 1)]
    middle = (max(map(len, rows)) - 1) / 2
    places = {
        node: (middle - (len(row) - 1) / 2 + column, float(step - max(away)))
        for step, row in enumerate(rows)
        for column, node in enumerate(row)
    }
    return [places[node] for node in range(len(sources))]
