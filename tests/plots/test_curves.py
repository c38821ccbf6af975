"""Curves draw what they say, and say it."""

import numpy as np
import pytest

from bplab.activations import Activation, elu, leaky_relu, relu, sigmoid, tanh
from bplab.plots import activation_curves, gradient_norms, softmax_curves
from bplab.plots import curves as module


@pytest.fixture
def figures(monkeypatch):
    """The matplotlib figures behind the pictures made in a test."""
    made = []

    def keep(figure, alt):
        made.append(figure)
        return alt

    monkeypatch.setattr(module, "Picture", keep)
    return made


def test_the_description_has_the_numbers():
    alt = activation_curves(sigmoid, tanh).alt
    assert "sigmoid: goes from 0.018 to 0.98, its derivative is largest at 0, with 0.25." in alt
    assert "tanh: goes from -1 to 1, its derivative is largest at 0, with 1." in alt
    alt = activation_curves(leaky_relu(0.1), limit=2).alt
    assert "goes from -0.2 to 2, its derivative jumps at 0 from 0.1 to 1." in alt


def test_value_solid_derivative_dashed_and_both_named(figures):
    activation_curves(sigmoid, relu, elu(0.5))
    for axes in figures[0].axes:
        names = {line.get_label(): line.get_linestyle() for line in axes.lines}
        assert names["value a(x)"] == "-"
        assert names["derivative a′(x)"] == "--"


def test_no_line_joins_the_two_sides_of_a_kink(figures):
    activation_curves(relu)
    slopes = [line for line in figures[0].axes[0].lines if line.get_linestyle() == "--"]
    assert [set(line.get_ydata()) for line in slopes] == [{0.0}, {1.0}]
    dots = [line for line in figures[0].axes[0].lines if line.get_marker() == "o"]
    full, empty = dots  # the convention, and the other side
    assert full.get_ydata()[0] == 0
    assert empty.get_ydata()[0] == 1
    assert empty.get_markerfacecolor() == "white"


def test_it_draws_a_learners_own_activation():
    assert "my square: goes from 4 to 4" in (
        activation_curves(Activation("my square", np.square, lambda x: 2 * x), limit=2).alt
    )


def test_softmax_curves_are_shares_and_their_slopes(figures):
    softmax_curves([0, 2, 1])
    shares, slopes = (
        np.array([line.get_ydata() for line in axes.lines if len(line.get_xdata()) > 2])
        for axes in figures[0].axes
    )
    assert shares.shape == slopes.shape == (3, 301)
    np.testing.assert_allclose(shares.sum(axis=0), 1)
    np.testing.assert_allclose(slopes.sum(axis=0), 0, atol=1e-15)
    step = 12 / 300
    np.testing.assert_allclose(
        np.gradient(shares, step, axis=1)[:, 1:-1], slopes[:, 1:-1], atol=1e-4
    )


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="one to three"):
        activation_curves()
    with pytest.raises(ValueError, match="got 4"):
        activation_curves(*[relu] * 4)
    with pytest.raises(ValueError, match="two or three numbers"):
        softmax_curves([1.0])


def test_norms_are_told_from_the_output_down():
    alt = gradient_norms({"sigmoid": [0.001, 0.1, 20], "ReLU": [3, 4, 5]}).alt
    assert "sigmoid goes from 20 at the output to 0.001 in layer 1" in alt
    assert "ReLU goes from 5 at the output to 3 in layer 1" in alt
    for norms in ({}, {label: [1, 2] for label in "abcd"}):
        with pytest.raises(ValueError, match="norms must hold 1 to 3 curves; got"):
            gradient_norms(norms)
