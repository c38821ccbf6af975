"""Interactive panels for the notebooks: move a slider, and everything is computed again.

=======================  =============================================================
``activation``           one activation at one point, and differences that check it
``step_size``            which step h makes a numerical gradient best
``learning_rate``        what γ does to gradient descent
``loss_landscape``       descent seen from above, on two weights
``softmax``              outputs that sum to 1, and their Jacobian
``backward_pass``        one example through a network and back, a step at a time
``vanishing_gradients``  what depth does to the gradient of each layer
``playground``           a network that learns while you watch
``read_digit``           a digit that you draw, read by a network
``review``               questions on what has passed
``parsons``              the lines of a half-worked step, to be put in order
``explain``              questions about the learner's own code
``kit``                  the parts that all panels are made of
=======================  =============================================================

A panel is a folder: ``model`` (pure numpy), ``figure`` (the picture) and ``panel`` (controls,
numbers and words). ``import bplab`` does not load any of them.
"""

# Functions first: a module must not hide the function of its name.
from bplab.widgets.activation import ActivationPanel, activation
from bplab.widgets.backward_pass import BackwardPassPanel, backward_pass
from bplab.widgets.explain import explain, explained
from bplab.widgets.learning_rate import LearningRate, LearningRatePanel, Run, learning_rate
from bplab.widgets.loss_landscape import LossLandscapePanel, loss_landscape
from bplab.widgets.parsons import ParsonsPanel, parsons
from bplab.widgets.playground import Playground, playground
from bplab.widgets.read_digit import ReadDigitPanel, read_digit
from bplab.widgets.review import ReviewPanel, review
from bplab.widgets.softmax import SoftmaxPanel, softmax
from bplab.widgets.step_size import StepSizePanel, step_size
from bplab.widgets.vanishing_gradients import VanishingGradientsPanel, vanishing_gradients

__all__ = [
    "ActivationPanel",
    "BackwardPassPanel",
    "LearningRate",
    "LearningRatePanel",
    "LossLandscapePanel",
    "ParsonsPanel",
    "Playground",
    "ReadDigitPanel",
    "ReviewPanel",
    "Run",
    "SoftmaxPanel",
    "StepSizePanel",
    "VanishingGradientsPanel",
    "activation",
    "backward_pass",
    "explain",
    "explained",
    "learning_rate",
    "loss_landscape",
    "parsons",
    "playground",
    "read_digit",
    "review",
    "softmax",
    "step_size",
    "vanishing_gradients",
]
