"""The learning-rate panel: what a larger or a smaller step does to gradient descent.

Nothing is recorded beforehand: each move of the slider trains the network again.
"""

from collections.abc import Generator
from typing import Any

import ipywidgets
import numpy as np

from bplab.network import backward
from bplab.training import GradientFunction
from bplab.widgets.kit.controls import Number
from bplab.widgets.kit.panel import Panel, headed, lines, number, pairs
from bplab.widgets.learning_rate.figure import LossFigure
from bplab.widgets.learning_rate.model import LearningRate, Run

__all__ = ["LearningRate", "LearningRatePanel", "Run", "learning_rate"]

LIMITS = (1e-5, 1.0)
LABEL = "learning rate γ"


def learning_rate(
    gradients: GradientFunction = backward,
    *,
    gamma: float = 1e-3,
    state: str | None = None,
    **network: Any,
) -> "LearningRatePanel":
    """Show a slider for the learning rate γ; each move trains a network from the same start.

    The network is 4-6-3, with tanh and sigmoid, and is trained on the Palmer penguins for 300
    epochs. The solid curve is this run, the dashed one the previous run.

    Parameters
    ----------
    gradients : callable
        The reference, or your own ``gradients(X, Y, alpha, beta, sigma, g)``, which returns the
        gradients of R(θ) with respect to alpha and beta. If yours fails, the panel says how.
    gamma : float
        Learning rate at the start, from 1e-5 to 1; the panel keeps three digits.
    state : str, optional
        The ``state`` of another panel, such as ``"gamma=0.01"``; it overrides ``gamma``.
    **network
        ``X, Y, M, sigma, g, epochs, seed`` for another network: see `LearningRate`.

    Returns
    -------
    LearningRatePanel
        Shown when it is the last line of a cell.

    Raises
    ------
    ValueError
        If an argument is not as described.
    """
    return LearningRatePanel(LearningRate(gradients, **network), gamma, state)


class LearningRatePanel(Panel):
    """What `learning_rate` shows.

    Attributes
    ----------
    model : LearningRate
    run : Run or None
        The run that is shown; None if the gradient function failed.
    previous : Run or None
        The previous run, dashed in the picture.
    """

    def __init__(self, model: LearningRate, gamma: float, state: str | None = None):
        self.model = model
        self.run: Run | None = None
        self.previous: Run | None = None
        slider = Number("gamma", LABEL, gamma, *LIMITS, step=0.1, log=True)
        super().__init__(LossFigure(model.epochs, model.start), [slider], state=state)

    @property
    def slider(self) -> ipywidgets.FloatLogSlider:
        """The slider of the learning rate."""
        return self.controls["gamma"].widget

    def forget(self) -> None:
        """Drop both runs."""
        self.run = self.previous = None

    def compute(self) -> Generator[float, None, Run]:
        """Train with the present γ, in steps."""
        return self.model.steps(self._gamma)

    def draw(self, computed: Run) -> tuple[str, str]:
        """Show a run, and the previous one for comparison."""
        self.previous = self.run or self.previous
        self.run = computed
        return self._draw(computed.verdict)

    def draw_error(self, said: str) -> tuple[str, str]:
        """Show what is wrong with the gradient function; the last good run stays in the picture."""
        self.previous, self.run = self.run or self.previous, None
        return self._draw(f"no run: {said} Then press Reset, or run this cell again.")

    @property
    def _gamma(self) -> float:
        return self.controls["gamma"].value

    def _draw(self, said: str) -> tuple[str, str]:
        run, before = self.run, self.previous
        gamma = run.gamma if run else self._gamma  # the slider may be further already
        self.figure.draw(
            f"γ = {gamma:g}: {said.partition(':')[0]}",
            run and (run.gamma, run.losses),
            before and (before.gamma, before.losses),
        )
        alt = f"Loss R(θ) against epoch, logarithmic. γ = {gamma:g}: {said}"
        if before:
            end = _number(before.losses[-1])
            alt += f" Dashed, the run before: γ = {before.gamma:g}, ends at {end}."
        return alt, _readout(run, said)


def _readout(run: Run | None, said: str) -> str:
    """Return the sentence and the numbers of a run as HTML."""
    parts = [headed(said)]
    if run:
        accuracy = "none" if run.diverged else f"{run.accuracy:.1%}"
        numbers = {
            "R before": _number(run.losses[0]),
            "R after": _number(run.losses[-1]),
            "accuracy": accuracy,
            "norm of the last ∂R/∂α": _number(run.norm_alpha),
            "of ∂R/∂β": _number(run.norm_beta),
        }
        parts.append(pairs(numbers))
    return lines(*parts)


def _number(value: float) -> str:
    return f"{value:.3g}" if np.isfinite(value) else number(value)
