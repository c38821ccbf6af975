"""The figures of section 2.2: the paths through t to the outputs, and the Jacobian of softmax."""

from typing import Literal

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from bplab.plots.network import all_edges, draw_network, sub
from bplab.plots.picture import BLUE, ORANGE, Picture

__all__ = ["jacobian_heatmap", "output_paths"]

DARK = 0.6
"""From this share of the largest entry on, a blue cell is dark and its number is white."""


def output_paths(
    g: Literal["elementwise", "softmax"],
    p: int = 3,
    M: int = 3,
    K: int = 3,
    *,
    follow: Literal["", "beta", "alpha"] = "",
) -> Picture:
    r"""The network with a column for T and one for F, and the path that a gradient follows.

    Parameters
    ----------
    g : {"elementwise", "softmax"}
        Output k looks at its own t (section 2.1), or at all of them (section 2.2).
    p, M, K : int
        Features, hidden units, outputs.
    follow : {"", "beta", "alpha"}
        Nothing; the path of :math:`∂R_i/∂β_{11}`; or that of :math:`∂R_i/∂α_{11}`.

    Raises
    ------
    ValueError
        If ``g`` or ``follow`` is none of these.
    """
    if g not in ("elementwise", "softmax") or follow not in ("", "beta", "alpha"):
        raise ValueError(
            'g must be "elementwise" or "softmax", and follow "", "beta" or "alpha"; '
            f"got {g!r} and {follow!r}"
        )
    columns = [
        ([f"x{sub(i + 1)}" for i in range(p)], "inputs X"),
        ([f"z{sub(i + 1)}" for i in range(M)], "hidden layer Z"),
        ([f"t{sub(i + 1)}" for i in range(K)], "T"),
        ([f"f{sub(i + 1)}" for i in range(K)], "outputs F = g(T)"),
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
    return Picture(
        draw_network(columns, [*all_edges(p, M, K), *last], strong, label),
        f"A network drawn in four columns: {p} inputs x, {M} hidden units z, {K} t and {K} outputs "
        f"f. Each t is joined to {joined}.{words}",
    )


def jacobian_heatmap(jacobian: ArrayLike, *, title: str = "") -> Picture:
    r"""A Jacobian as a grid of numbers, each cell the darker the larger, with its row sums.

    Parameters
    ----------
    jacobian : array_like, shape (K, K)
        Entry [k, l] is :math:`∂g_k/∂t_l`. Positive cells are blue, negative ones orange; the
        signs stand in the cells too.
    title : str
        Above the grid.

    Raises
    ------
    ValueError
        If ``jacobian`` is not a square matrix.
    """
    J = np.asarray(jacobian, dtype=np.float64)
    if J.ndim != 2 or J.shape[0] != J.shape[1]:
        raise ValueError(f"jacobian must be a matrix of shape (K, K); got shape {J.shape}")
    K = len(J)
    largest = np.abs(J).max() or 1.0
    figure = Figure(figsize=(1.7 + 0.95 * (K + 1), 1.1 + 0.75 * K), layout="constrained")
    axes = figure.add_subplot()
    signs = LinearSegmentedColormap.from_list("signs", [ORANGE, "white", BLUE])
    axes.imshow(J, cmap=signs, vmin=-largest, vmax=largest)
    for k in range(K):
        for j in range(K):
            white = J[k, j] > DARK * largest  # black can be read on every orange
            axes.text(
                *(j, k, _signed(J[k, j])),
                ha="center",
                va="center",
                color="white" if white else "black",
            )
        axes.text(K - 0.3, k, f"Σ = {_signed(J[k].sum())}", va="center")
    axes.set_xticks(range(K), [f"t{sub(j + 1)}" for j in range(K)])
    axes.set_yticks(range(K), [f"f{sub(k + 1)}" for k in range(K)])
    axes.set_xlabel("when this moves")
    axes.set_ylabel("this moves so fast")
    axes.set_title(title)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    rows = "; ".join(
        f"f {k + 1}: {', '.join(map(_signed, row))}, sum {_signed(row.sum())}"
        for k, row in enumerate(J)
    )
    return Picture(
        figure,
        f"A grid of {K} by {K} numbers, how fast each output f moves with each t. Row by row: "
        f"{rows}.",
    )


def _signed(value: float) -> str:
    """A number with its sign; what would show as zero has none."""
    shown = f"{value:+.3f}"
    return "0" if float(shown) == 0 else shown.replace("-", "−")
