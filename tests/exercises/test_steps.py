"""A mistake in a step is known wherever the step occurs, but for those that are named here."""

import pytest

from bplab.exercises import EXERCISES
from bplab.exercises import steps as wrong_steps
from bplab.exercises.steps import Variant

CHAINS = {
    "eq4": ("residual", "output_delta", "weight_gradient"),
    "eq5": ("residual", "output_delta", "send_back", "hidden_delta", "weight_gradient"),
    "eq6": ("residual", "output_delta", "weight_gradient"),
    "eq7": ("send_back", "hidden_delta", "weight_gradient"),
    # section 2.2 has an output delta of its own
    "eq8": ("residual", "weight_gradient"),
    "eq9": ("residual", "send_back", "hidden_delta", "weight_gradient"),
    "eq10": ("residual", "weight_gradient"),
    "eq11": ("send_back", "hidden_delta", "weight_gradient"),
    # equation (13) takes some of each, by name
    "eq14": ("weight_gradient",),
    "eq15": ("send_back", "hidden_delta", "weight_gradient"),
    "eq16": ("send_back", "hidden_delta"),
    "eq17": ("send_back", "hidden_delta"),
    "eq18": ("residual", "output_delta", "send_back", "hidden_delta", "weight_gradient"),
}
LEFT_OUT = {
    # without its square the loss has one residual for every output: with softmax all is zero,
    # as it is where delta's sum over the outputs is taken; zeros have a name already
    ("eq8", "residual"): {"square-lost"},
    ("eq8", "weight_gradient"): {"bias-one-number"},
    ("eq9", "residual"): {"square-lost"},
    ("eq9", "send_back"): {"weights-left-out"},
    ("eq10", "residual"): {"square-lost"},
    ("eq10", "weight_gradient"): {"bias-one-number"},
    # g may be softmax here
    ("eq18", "output_delta"): {
        "divided-by-g-prime",
        "g-prime-added",
        "g-prime-of-example-before",
        "g-prime-of-first-example",
        "g-prime-of-first-output",
        "g-prime-of-output-before",
        "outputs-summed",
        "residual-dropped",
        "residuals-summed-too-early",
        "sigmoid-prime-at-T",
        "sigmoid-prime-plus",
    },
    # one gradient among many: a tuple of two arrays would be taken for two layers
    ("eq18", "weight_gradient"): {"bias-apart"},
}


def is_known(wrong, step, mistakes):
    """Whether one of these has the name, or does the same under another."""
    pieces = wrong.pieces(step).items()
    return any(
        mistake.name == wrong.name
        or (isinstance(mistake.wrong, Variant) and pieces <= mistake.wrong.changed.items())
        for mistake in mistakes
    )


@pytest.mark.parametrize(("id", "step"), [(id, step) for id in CHAINS for step in CHAINS[id]])
def test_a_mistake_in_a_step_is_known_in_each_chain_that_has_the_step(id, step):
    left_out = {
        wrong.name
        for wrong in getattr(wrong_steps, step.upper())
        if not is_known(wrong, step, EXERCISES[id].mistakes)
    }
    assert left_out == LEFT_OUT.get((id, step), set())
