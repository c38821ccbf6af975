"""The figures of section 3 say in words what they show, and it is right."""

from itertools import product

import pytest

from bplab.plots import deep_network_diagram, gradient_norms


@pytest.mark.parametrize("follow", [1, 2, 3])
def test_the_paths_are_counted(follow):
    widths, K = (4, 3, 5), 2
    later = [*widths[follow:], K]
    paths = len(list(product(*map(range, later))))
    alt = deep_network_diagram(p=2, widths=widths, K=K, follow=follow).alt
    assert f"every edge up to the loss: {paths} paths" in alt
    assert f"s under the hidden layers down to layer {follow}" in alt


def test_without_a_weight_nothing_is_followed():
    alt = deep_network_diagram(p=2, widths=(4,), K=1).alt
    assert "2 inputs, 1 hidden layer of 4 units, 1 output, and the loss R" in alt
    assert "Strong" not in alt


@pytest.mark.parametrize("follow", [0, 4, 1.5, "2"])
def test_a_layer_that_is_not_there_is_refused(follow):
    with pytest.raises(ValueError, match="follow must be a hidden layer, from 1 to 3; got"):
        deep_network_diagram(widths=(3, 3, 3), follow=follow)


def test_norms_are_told_from_the_output_down():
    alt = gradient_norms({"sigmoid": [0.001, 0.1, 20], "ReLU": [3, 4, 5]}).alt
    assert "sigmoid goes from 20 at the output to 0.001 in layer 1" in alt
    assert "ReLU goes from 5 at the output to 3 in layer 1" in alt
    for norms in ({}, {label: [1, 2] for label in "abcd"}):
        with pytest.raises(ValueError, match="norms must hold 1 to 3 curves; got"):
            gradient_norms(norms)
