"""The learning-rate panel: what a larger or a smaller step does to gradient descent."""

from bplab.widgets.learning_rate.panel import LearningRate, LearningRatePanel, Run, learning_rate

__all__ = [
    "LearningRate",
    "LearningRatePanel",
    "Run",
    "learning_rate",
]
