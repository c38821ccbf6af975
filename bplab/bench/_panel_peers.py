"""The panels' pictures as notebooks usually draw them: ``interact``, and ``plt.show()``.

Each peer computes with the model of its panel and draws with the figure of its panel, but
makes a new figure by pyplot at each move and has Jupyter show it. So the two differ in nothing
but the way from the numbers to the page; the peers' pictures have the resolution that Jupyter
gives them, which is lower than that of the panels.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any
from unittest.mock import patch

import ipywidgets
import matplotlib.pyplot as plt

from bplab.widgets import LearningRate, _loss_figure
from bplab.widgets._controls import Number, three_digits
from bplab.widgets.learning_rate import LABEL, LIMITS

__all__ = ["learning_rate"]


class _NoCanvas:
    """In the place of `Canvas`: it draws nothing, ``plt.show()`` will."""

    def __init__(self, *arguments: Any, **options: Any):
        pass

    def refresh(self) -> None:
        pass


@contextmanager
def by_pyplot(module: ModuleType) -> Iterator[None]:
    """Let a module of figures make them by pyplot, all artists drawn in the ordinary way."""
    with patch.object(module, "Figure", plt.figure), patch.object(module, "Canvas", _NoCanvas):
        yield


def learning_rate(*, gamma: float, **network: Any) -> None:
    """The peer of `bplab.widgets.learning_rate`."""
    model = LearningRate(**network)
    shown = None

    def picture(gamma: float) -> None:
        nonlocal shown
        run = model.run(three_digits(gamma))
        with by_pyplot(_loss_figure):
            figure = _loss_figure.LossFigure(model.epochs, model.start)
        said = run.verdict.partition(":")[0]
        before = shown and (shown.gamma, shown.losses)
        figure.draw(f"γ = {run.gamma:g}: {said}", (run.gamma, run.losses), before)
        shown = run
        plt.show()

    slider = Number("gamma", LABEL, gamma, *LIMITS, step=0.1, log=True)
    ipywidgets.interact(picture, gamma=slider.widget)
