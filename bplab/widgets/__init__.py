"""Panels for the notebooks: move a slider, and the thing is really computed again.

A panel is a model in pure numpy, a picture, and controls. ``import bplab`` does not load it.
"""

# Functions first: the module `learning_rate` must not hide the function of that name.
from bplab.widgets.learning_rate import LearningRate, LearningRatePanel, Run, learning_rate

__all__ = ["LearningRate", "LearningRatePanel", "Run", "learning_rate"]
