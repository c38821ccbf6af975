"""The vanishing-gradients panel: what depth, activation and weights do to each layer's gradient.

Nothing is recorded beforehand: each move runs a network forwards and backwards.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from bplab import deep
from bplab.widgets.kit.controls import Choice, Number, Whole
from bplab.widgets.kit.panel import Panel, headed, lines
from bplab.widgets.vanishing_gradients.figure import VanishingGradientsFigure
from bplab.widgets.vanishing_gradients.model import (
    DEPTHS,
    SIGMAS,
    Norms,
    Setting,
    VanishingGradients,
)

__all__ = ["PRESETS", "VanishingGradientsPanel", "vanishing_gradients"]

PRESETS = {
    "vanishes": "depth=10,sigma=sigmoid,scale=1,bias=0",
    "saturates": "depth=8,sigma=tanh,scale=1,bias=3",
    "dead ReLU": "depth=8,sigma=ReLU,scale=1,bias=-2",
    "explodes": "depth=12,sigma=ReLU,scale=3.98,bias=0",
    "just right": "depth=10,sigma=tanh,scale=1.26,bias=0",
}
"""States worth seeing, by what happens there; the scales are values that the slider can take."""


def vanishing_gradients(
    backward: Callable[..., Any] = deep.backward,
    *,
    depth: int = 8,
    sigma: str = "sigmoid",
    scale: float = 1.0,
    bias: float = 0.0,
    state: str | None = None,
    **network: Any,
) -> "VanishingGradientsPanel":
    """Show how large the gradient is in every layer of a deep network before it is trained.

    The network has ``depth`` hidden layers of 10 units and the identity as its output function; the
    data are the Palmer penguins. Besides the weight gradients the panel shows the deltas: s of
    section 3, and δ.

    Parameters
    ----------
    backward : callable
        The reference, or your own ``backward(X, Y, alphas, beta, sigmas, g)``, which returns the
        gradients with respect to the alphas and beta. If yours fails, or differs from the
        library's, the panel says so. The deltas are always the library's.
    depth : int
        Number of hidden layers, from 1 to 12.
    sigma : str
        ``"sigmoid"``, ``"tanh"``, ``"ReLU"``, ``"leaky ReLU"`` (α = 0.1) or ``"ELU"`` (α = 1).
    scale : float
        Scale of the hidden layers' weights, from 0.1 to 10: they are normal with standard
        deviation scale/√inputs.
    bias : float
        Bias of all hidden units, from −5 to 5.
    state : str, optional
        The ``state`` of another panel, such as ``"depth=8,sigma=ReLU,scale=1,bias=-2"``; it
        overrides the other arguments.
    **network
        ``X, Y, M, seed`` for another network: see `VanishingGradients`.

    Returns
    -------
    VanishingGradientsPanel
        Shown when it is the last line of a cell.

    Raises
    ------
    ValueError
        If an argument is not as described.
    """
    start = Setting(depth, sigma, scale, bias)
    return VanishingGradientsPanel(VanishingGradients(backward, **network), start, state)


class VanishingGradientsPanel(Panel):
    """What `vanishing_gradients` shows.

    Attributes
    ----------
    model : VanishingGradients
    norms : Norms or None
        The norms that are shown; None if the learner's function failed.
    previous : Norms or None
        The norms for the previous setting, hollow in the picture.
    """

    always = (
        "depth",
        "scale",
    )

    def __init__(self, model: VanishingGradients, start: Setting, state: str | None = None):
        self.model = model
        self.norms: Norms | None = None
        self.previous: Norms | None = None
        controls = [
            Whole("depth", "depth D", start.depth, *DEPTHS, unit="hidden layers"),
            Choice("sigma", "activation σ", start.sigma, SIGMAS),
            Number("scale", "weight scale", start.scale, 0.1, 10, 0.05, log=True),
            Number("bias", "bias of hidden units", start.bias, -5, 5, 0.1),
        ]
        super().__init__(VanishingGradientsFigure(), controls, presets=PRESETS, state=state)

    def forget(self) -> None:
        """Drop the norms of both settings."""
        self.norms = self.previous = None

    def compute(self) -> Norms:
        """Run the present network forwards and backwards."""
        return self.model.norms(self._setting)

    def draw(self, computed: Norms) -> tuple[str, str]:
        """Show the norms, and those of the previous setting for comparison."""
        self.previous, self.norms = self.norms or self.previous, computed
        self.figure.draw(self._title(computed.verdict), computed, self.previous)
        said = [computed.verdict]
        if self.model.own:
            said.append(_own(computed))
        alt = (
            f"Norm of each layer's gradient, logarithmic, for {_described(computed.setting)}. "
            f"Weight gradients: {_number(computed.by_alpha[0])} in layer 1, "
            f"{_number(computed.by_alpha[-1])} in layer {computed.setting.depth}, "
            f"{_number(computed.by_beta)} in the output layer. {' '.join(said)}"
        )
        if self.previous:
            alt += (
                f" Hollow, before: {_described(self.previous.setting)}, "
                f"{_number(self.previous.by_alpha[0])} in layer 1."
            )
        return alt, lines(*map(headed, said)) + _table(computed)

    def draw_error(self, said: str) -> tuple[str, str]:
        """Show what is wrong with the learner's function; the last good norms stay."""
        self.previous, self.norms = self.norms or self.previous, None
        self.figure.draw(self._title("not shown"), None, self.previous)
        said = f"not shown: {said} Then press Reset, or run this cell again."
        return f"Norm of each layer's gradient, {said}", lines(headed(said))

    @property
    def _setting(self) -> Setting:
        return Setting(*(self.controls[name].value for name in Setting._fields))

    def _title(self, said: str) -> str:
        depth, sigma, *_ = self._setting
        return f"{sigma}, D = {depth}: {said.partition(':')[0]}"


def _described(setting: Setting) -> str:
    depth, sigma, scale, bias = setting
    layers = f"{depth} hidden layer{'s' * (depth > 1)}"
    return f"{layers} of {sigma} units, weight scale {scale:g}, bias {bias:g}"


def _own(norms: Norms) -> str:
    """Return a sentence on whether the learner's gradients are the library's."""
    wrong = np.flatnonzero(norms.differs)
    if not len(wrong):
        return "These are your gradients; they agree with the library's in every layer."
    names = [str(d + 1) if d < norms.setting.depth else "output" for d in wrong]
    return (
        f"These are your gradients, and not the library's (marked ≠) in layer: {', '.join(names)}. "
        "Use check() on the equation of that layer."
    )


def _table(norms: Norms) -> str:
    """Return all norms as an HTML table, one column per layer."""
    depth = norms.setting.depth
    marks = [" ≠" if differs else "" for differs in norms.differs]
    gradients = (*norms.by_alpha, norms.by_beta)
    rows = [
        ("weight gradient", [_number(v) + m for v, m in zip(gradients, marks, strict=True)]),
        ("delta: s, at the output δ", [_number(v) for v in (*norms.s, norms.delta)]),
        ("share of units with |σ′| &lt; 0.05", [*(f"{v:.0%}" for v in norms.small), ""]),
    ]
    if norms.differs.any():
        rows.insert(1, ("the library's gradient", [_number(v) for v in norms.right]))
    cell = 'style="text-align:right;padding-right:0.9em"'
    head = "".join(
        f'<th scope="col" {cell}>{name}</th>' for name in (*range(1, depth + 1), "output")
    )
    body = "".join(
        f'<tr><th scope="row" style="text-align:left;padding-right:0.9em">{name}</th>'
        + "".join(f"<td {cell}>{value}</td>" for value in values)
        + "</tr>"
        for name, values in rows
    )
    return (
        '<div style="overflow-x:auto" tabindex="0" role="region" aria-label="all norms">'
        '<table style="font-size:90%;line-height:1.5"><thead><tr>'
        f'<th scope="col" style="text-align:left">layer</th>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if 100 <= value < 1e5 else f"{value:.2g}"
