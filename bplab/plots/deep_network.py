"""Networks with many hidden layers: the paths from one weight to the loss, and what reaches it."""

from collections.abc import Sequence
from math import prod

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from bplab.plots.network import Edge, all_edges, draw_network, sub
from bplab.plots.picture import COLOURS, DASHES, MARKERS, ORANGE, Picture

__all__ = ["deep_network_diagram", "gradient_norms"]


def deep_network_diagram(
    p: int = 3, widths: Sequence[int] = (3, 3, 3), K: int = 2, *, follow: int | None = None
) -> Picture:
    r"""A network of section 3 with its loss, and all paths from one weight to it drawn strong.

    Parameters
    ----------
    p : int
        Features.
    widths : sequence of D int
        Units of each hidden layer.
    K : int
        Outputs.
    follow : int, optional
        The layer d of the weight :math:`α_{11}^{(d)}` that is followed, from 1 to D. Below the
        columns that its paths go through stands what comes back there: :math:`s^{(d)}` and δ.

    Raises
    ------
    ValueError
        If there is no such hidden layer.
    """
    D = len(widths)
    if follow is not None and follow not in range(1, D + 1):
        raise ValueError(f"follow must be a hidden layer, from 1 to {D}; got {follow!r}")
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
    figure = draw_network(columns, all_edges(*sizes), strong, label)
    figure.set_figwidth(1.55 * len(columns))
    if follow is not None:
        _below(figure, max(sizes), {d: f"$s^{{({d})}}$" for d in range(follow, D + 1)}, D + 1)
    layers = ", ".join(map(str, widths))
    return Picture(
        figure,
        f"A network drawn in columns: {p} inputs, {D} hidden layer{'s' * (D != 1)} of {layers} "
        f"units, {K} output{'s' * (K != 1)}, and the loss R. Every unit "
        f"is joined to every unit of the next column.{words}",
    )


def _below(figure: Figure, highest: int, s: dict[int, str], outputs: int) -> None:
    """Write under the columns what is sent back, with arrows from right to left."""
    (axes,) = figure.axes
    y = -highest / 2 - 0.35
    texts = {outputs: "$\\delta$", **s}
    for column, text in texts.items():
        axes.text(column, y, text, ha="center", va="center", fontsize=15, color=ORANGE)
        if column + 1 in texts:
            axes.annotate(
                *("", (column + 0.25, y), (column + 0.75, y)),
                arrowprops={"arrowstyle": "->", "color": ORANGE, "linewidth": 2},
            )
    bottom, top = axes.get_ylim()
    axes.set_ylim(min(bottom, y - 0.3), top)


def gradient_norms(norms: dict[str, ArrayLike], *, title: str = "") -> Picture:
    r"""How large the gradient is in each layer, on a logarithmic axis.

    Parameters
    ----------
    norms : dict of str to array_like, shape (D+1,)
        By label, at most three: of the hidden layers from the first on, and of the output layer,
        for example :math:`\|∂R/∂α^{(d)}\|` and :math:`\|∂R/∂β\|`.
    title : str
        Above the figure.

    Raises
    ------
    ValueError
        If there is no curve, or more than three.
    """
    if not 1 <= len(norms) <= len(COLOURS):
        raise ValueError(f"norms must hold 1 to {len(COLOURS)} curves; got {len(norms)}")
    figure = Figure(figsize=(6.4, 3.6), layout="constrained")
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
    axes.set_xticks(layers, [*map(str, layers[:-1]), "output"])
    axes.set_xlabel("layer")
    axes.set_ylabel("size of its gradient")
    axes.set_title(title)
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return Picture(
        figure, f"Size of each layer's gradient, on a logarithmic axis: {'; '.join(ends)}."
    )
