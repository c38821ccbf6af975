"""The panels' pictures as notebooks usually draw them: ``interact``, and ``plt.show()``.

Each peer computes with the model of its panel and draws with the figure of its panel, but
makes a new figure by pyplot at each move and has Jupyter show it. So the two differ in nothing
but the way from the numbers to the page; the peers' pictures have the resolution that Jupyter
gives them, which is lower than that of the panels.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any
from unittest.mock import patch

import ipywidgets
import matplotlib.pyplot as plt

from bplab import widgets
from bplab.widgets import (
    _activation_figure,
    _loss_figure,
    _step_size_figure,
    _vanishing_gradients_figure,
)
from bplab.widgets._panel import Panel

__all__ = ["activation", "learning_rate", "step_size", "vanishing_gradients"]


def activation(**arguments: Any) -> None:
    """The peer of `bplab.widgets.activation`, moved by x."""
    module = _activation_figure
    _show(widgets.activation(**arguments), "x", module, module.ActivationFigure, _framed=None)


def learning_rate(**arguments: Any) -> None:
    """The peer of `bplab.widgets.learning_rate`, moved by γ."""
    panel = widgets.learning_rate(**arguments)
    start = (panel.model.epochs, panel.model.start)
    _show(panel, "gamma", _loss_figure, lambda: _loss_figure.LossFigure(*start))


def step_size(**arguments: Any) -> None:
    """The peer of `bplab.widgets.step_size`, moved by h."""
    module = _step_size_figure
    _show(widgets.step_size(**arguments), "h", module, module.StepSizeFigure, _drawn=None)


def vanishing_gradients(**arguments: Any) -> None:
    """The peer of `bplab.widgets.vanishing_gradients`, moved by the scale of the weights."""
    module = _vanishing_gradients_figure
    panel = widgets.vanishing_gradients(**arguments)
    _show(panel, "scale", module, module.VanishingGradientsFigure)


def _show(
    panel: Panel, control: str, module: ModuleType, figure: Callable[[], Any], **afresh: Any
) -> None:
    """Show a slider whose moves draw the panel's picture in a new figure.

    Parameters
    ----------
    panel : Panel
        Is not shown itself.
    control : str
        The control that is shown.
    module : module
        Where ``figure`` finds ``Figure`` and ``Canvas``.
    figure : callable
        Returns the view that the panel draws on.
    **afresh
        Attributes of the panel, and what they are for a figure that is new.
    """
    slider = panel.controls[control].widget
    slider.unobserve(panel._changed, "value")

    def picture(value: Any) -> None:
        computed = panel.compute()
        with _by_pyplot(module):
            panel._figure = figure()
        panel.canvas = panel._figure.canvas
        for name, first in afresh.items():
            setattr(panel, name, first)
        panel.draw(computed)
        plt.show()

    panel.forget()
    ipywidgets.interact(picture, value=slider)


class _NoCanvas:
    """In the place of `Canvas`: it draws nothing, ``plt.show()`` will."""

    def __init__(self, *arguments: Any, **options: Any):
        pass

    def refresh(self) -> None:
        pass


@contextmanager
def _by_pyplot(module: ModuleType) -> Iterator[None]:
    """Let a module of figures make them by pyplot, all artists drawn in the ordinary way."""
    with patch.object(module, "Figure", plt.figure), patch.object(module, "Canvas", _NoCanvas):
        yield
