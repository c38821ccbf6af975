"""The loss-landscape panel: gradient descent seen from above, on two weights of a network."""

import html
from typing import Any

import numpy as np

from bplab.network import backward
from bplab.training import GradientFunction
from bplab.widgets.kit.controls import Choice, Number, Whole
from bplab.widgets.kit.panel import Panel, lines, number, pairs
from bplab.widgets.loss_landscape.figure import LandscapeFigure
from bplab.widgets.loss_landscape.model import REACH, LossLandscape, Path, Surface, verdict

__all__ = ["LossLandscapePanel", "loss_landscape"]

LIMITS = (1e-4, 1.0)
STEPS = 200
START = REACH - 1  # where the sliders of the start end
_SAME = "first=α₁₁,second=α₂₀,others=as trained,start1=-3,start2=3,steps=60,gamma="
PRESETS = {
    "converges": _SAME + "0.02",
    "zigzags": _SAME + "0.0631",
    "leaves": _SAME + "0.2",
    "too small a step": _SAME + "0.001",
}


def loss_landscape(
    gradients: GradientFunction = backward, *, state: str | None = None, **network: Any
) -> "LossLandscapePanel":
    """Show the loss over two weights, and the path of gradient descent on it.

    All other weights stay fixed: trained, or random. The contours are labelled with R. The network
    is 4-2-3, with tanh and sigmoid; the data are the Palmer penguins.

    Parameters
    ----------
    gradients : callable
        The reference, or your own ``gradients(X, Y, alpha, beta, sigma, g)``, or
        ``gradients(X, Y, alphas, beta, sigmas, g)`` for one layer. If yours fails, the panel says
        how.
    state : str, optional
        The ``state`` of another panel, such as ``"first=α₁₀,second=β₁₁,gamma=0.1"``.
    **network
        ``X, Y, M, sigma, g, seed, gamma, epochs`` for another network: see `LossLandscape`.

    Returns
    -------
    LossLandscapePanel
        Shown when it is the last line of a cell.

    Raises
    ------
    ValueError
        If an argument is not as described.
    """
    return LossLandscapePanel(LossLandscape(gradients, **network), state)


class LossLandscapePanel(Panel):
    """What `loss_landscape` shows.

    Attributes
    ----------
    model : LossLandscape
    path : Path or None
        The path that is shown; None if the gradient function failed.
    previous : Path or None
        The previous path, dashed in the picture.
    """

    always = (
        "gamma",
        "steps",
    )

    def __init__(self, model: LossLandscape, state: str | None = None):
        self.model = model
        self.path: Path | None = None
        self.previous: Path | None = None
        self._surface: Surface | None = None
        self._of: tuple = ()  # the weights that the surface belongs to
        names = model.names
        default = {"α₁₁", "α₂₀"} <= set(names)
        controls = [
            Choice("first", "weight across", names[1], names),
            Choice("second", "weight up", "α₂₀" if default else names[-1], names),
            Choice("others", "the other weights", "as trained", ["as trained", "as at random"]),
            Number("start1", "start across", -3, -START, START, 0.1),
            Number("start2", "start up", 3, -START, START, 0.1),
            Number("gamma", "learning rate γ", 0.02, *LIMITS, 0.1, log=True),
            Whole("steps", "steps", 60, 1, STEPS),
        ]
        presets = PRESETS if default else {}
        super().__init__(LandscapeFigure(), controls, presets=presets, state=state)

    def forget(self) -> None:
        """Drop both paths."""
        self.path = self.previous = None

    def compute(self) -> tuple[Surface, Path]:
        """Compute the path for the present values, and the surface if other weights are chosen."""
        at = self.controls
        names = self.model.names
        pair = names.index(at["first"].value), names.index(at["second"].value)
        rest = at["others"].value
        if self._surface is None or self._of != (pair, rest):
            self._surface, self._of = self.model.surface(pair, rest), (pair, rest)
            self.path = self.previous = None  # paths of other weights cannot be compared
        start = at["start1"].value, at["start2"].value
        path = self.model.path(pair, rest, start, at["gamma"].value, at["steps"].value)
        return self._surface, path

    def draw(self, computed: tuple[Surface, Path]) -> tuple[str, str]:
        """Show a path, and the previous one for comparison."""
        (_, R), path = computed
        self.previous, self.path = self.path or self.previous, path
        head, rest = verdict(path)
        self._draw_figure()
        a, b = path.points[0], path.points[-1]
        alt = (
            f"First plot: contours of the loss R over the weights {self._names[0]} and "
            f"{self._names[1]}, from {number(R.min())} to {number(R.max())}, and the path of "
            f"gradient descent from {_point(a)} to {_point(b)}. Second: R against step. "
            f"γ = {path.gamma:g}: the path {head}: {rest}"
        )
        if self.previous is not None:
            before = self.previous
            alt += (
                f" Dashed, the path before: γ = {before.gamma:g}, ends at "
                f"{_point(before.points[-1])} with R = {number(before.losses[-1])}."
            )
        return alt, self._readout(path, head, rest)

    def draw_error(self, said: str) -> tuple[str, str]:
        """Show what is wrong; the last good path stays as the previous one."""
        self.previous, self.path = self.path or self.previous, None
        self._draw_figure()
        words = f"<b>no path:</b> {html.escape(said)} Then press Reset, or run this cell again."
        return f"No path: {said}", words

    @property
    def _names(self) -> tuple[str, str]:
        return self.controls["first"].value, self.controls["second"].value

    def _draw_figure(self) -> None:
        self.figure.surface(self._surface, self._names)
        self.figure.paths(self.path, self.previous)

    def _readout(self, path: Path, head: str, rest: str) -> str:
        parts = [f"<b>{head}:</b> {html.escape(rest)}"]
        numbers = {
            "start": _point(path.points[0]),
            "R at the start": number(path.losses[0], 4),
            "end": _point(path.points[-1]),
            "R at the end": number(path.losses[-1], 4),
            "distance": number(float(np.linalg.norm(path.points[-1] - path.points[0]))),
        }
        parts.append(pairs(numbers))
        for name, mine, difference in zip(
            self._names, path.gradients[0], path.numerical, strict=True
        ):
            off = abs(mine - difference) / max(abs(mine), abs(difference), 1e-8)
            fits = "fits" if off < 1e-4 else "does <b>not</b> fit"
            parts.append(
                f"at the start ∂R/∂{name} = <b>{number(mine, 7)}</b> {fits} the finite difference "
                f"<b>{number(difference, 7)}</b> (relative difference {off:.1e})"
            )
        return lines(*parts)


def _point(point: np.ndarray) -> str:
    return f"({number(point[0])}, {number(point[1])})"
