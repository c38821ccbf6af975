"""The learning-rate panel: what a larger or a smaller step does to gradient descent.

Nothing is recorded: each move of the slider trains the network anew.
"""

import html
from typing import Any

import ipywidgets
import numpy as np

from bplab.network import backward
from bplab.training import GradientFunction
from bplab.widgets._learner import GradientError
from bplab.widgets._learning_rate_model import LearningRate, Run
from bplab.widgets._loss_figure import LossFigure
from bplab.widgets._panel import Panel, naming
from bplab.widgets._state import checked, read_state, write_state

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

    The network is 4-6-3, tanh and sigmoid, on the Palmer penguins, for 300 epochs. The solid
    curve is this run, the dashed one the run before.

    Parameters
    ----------
    gradients : callable
        ``gradients(X, Y, alpha, beta, sigma, g)`` returning the gradients of R(θ) by alpha
        and by beta: the reference, or your own. If yours fails, the panel says how.
    gamma : float
        Learning rate at the start, from 1e-5 to 1; the panel keeps three digits.
    state : str, optional
        What ``panel.state`` gave, such as ``"gamma=0.01"``; goes before ``gamma``.
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
    if state is not None:
        gamma = read_state(state, {"gamma": LIMITS})["gamma"]
    gamma = _three_digits(checked("gamma", gamma, *LIMITS))
    return LearningRatePanel(LearningRate(gradients, **network), gamma)


class LearningRatePanel(Panel):
    """What `learning_rate` shows.

    Attributes
    ----------
    model : LearningRate
    slider : ipywidgets.FloatLogSlider
    reset_button : ipywidgets.Button
    readout : ipywidgets.HTML
    run : Run or None
        The run that is shown; None if the gradient function failed.
    previous : Run or None
        The run before, dashed in the picture.
    """

    def __init__(self, model: LearningRate, gamma: float):
        self._figure = LossFigure(model.epochs, model.start)
        canvas = self._figure.canvas
        low, high = np.log10(LIMITS)
        self.slider = ipywidgets.FloatLogSlider(
            value=gamma,
            min=low,
            max=high,
            step=0.1,  # ten arrow keys make a factor of 10
            description=LABEL,
            readout_format=".3",
            style={"description_width": "initial"},
            layout={"width": "480px", "max_width": "100%"},
        )
        self.reset_button = ipywidgets.Button(description="Reset", layout={"width": "80px"})
        readout = ipywidgets.HTML()
        self.slider.add_class("bplab-slider")
        self.reset_button.add_class("bplab-reset")
        row = {"flex_flow": "row wrap"}
        controls = ipywidgets.HBox([self.slider, self.reset_button], layout=row)
        super().__init__(canvas, readout, [controls, canvas.widget, readout])
        self.model = model
        self.run: Run | None = None
        self.previous: Run | None = None
        self._start = self._gamma = gamma
        self._training = False
        self._train()
        self.slider.observe(self._moved, "value")
        self.reset_button.on_click(lambda _: self.reset())

    @property
    def state(self) -> str:
        """The panel's state, e.g. ``"gamma=0.01"``; set it to go there.

        Raises
        ------
        ValueError
            On setting, if it does not look like this or γ is not from 1e-5 to 1.
        """
        return write_state({"gamma": self._gamma})

    @state.setter
    def state(self, state: str) -> None:
        self.slider.value = read_state(state, {"gamma": LIMITS})["gamma"]

    def reset(self) -> None:
        """Go back to the learning rate at the start, forget the run before, train anew."""
        self._gamma = self._start  # first, so that moving the slider does not train
        self.slider.value = self._start
        self.run = self.previous = None
        self._train()

    def _moved(self, change: dict) -> None:
        gamma = _three_digits(change["new"])  # what is shown is what is trained with
        if gamma != self._gamma:
            self._gamma = gamma
            self._train()

    def _train(self) -> None:
        """Train with the present γ and show it; of several moves only the last counts."""
        if self._training:  # moved meanwhile: the loop below sees it
            return
        self._training = True
        try:
            gamma = None
            while gamma != self._gamma:
                gamma, error = self._gamma, ""
                try:
                    run = self.model.run(gamma)
                except GradientError as problem:
                    run, error = None, str(problem)
        finally:
            self._training = False
        self.run, self.previous = run, self.run or self.previous
        self._show(error)

    def _show(self, error: str) -> None:
        run, before = self.run, self.previous
        said = run.verdict if run else f"no run: {error} Then press Reset, or run this cell again."
        self._figure.draw(
            f"γ = {self._gamma:g}: {said.partition(':')[0]}",
            run and (run.gamma, run.losses),
            before and (before.gamma, before.losses),
        )
        alt = f"Loss R(θ) against epoch, logarithmic. γ = {self._gamma:g}: {said}"
        if before:
            end = _number(before.losses[-1])
            alt += f" Dashed, the run before: γ = {before.gamma:g}, ends at {end}."
        self.canvas.show(alt, onload=naming(LABEL, f"{self._gamma:g}"))
        self.readout.value = _readout(run, said)


def _readout(run: Run | None, said: str) -> str:
    """Return the sentence and the numbers of a run as HTML."""
    head, _, rest = html.escape(said).partition(":")
    lines = [f"<b>{head}:</b>{rest}"]
    if run:
        accuracy = "none" if run.diverged else f"{run.accuracy:.1%}"
        numbers = {
            "R before": _number(run.losses[0]),
            "R after": _number(run.losses[-1]),
            "accuracy": accuracy,
            "last gradient by α: norm": _number(run.norm_alpha),
            "by β": _number(run.norm_beta),
        }
        lines.append(
            " · ".join(f"<span>{name} <b>{value}</b></span>" for name, value in numbers.items())
        )
    return "".join(f'<div style="line-height:1.6">{line}</div>' for line in lines)


def _number(value: float) -> str:
    return f"{value:.3g}" if np.isfinite(value) else "no number"


def _three_digits(gamma: float) -> float:
    return float(f"{gamma:.3g}")
