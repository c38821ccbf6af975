"""Networks drawn in columns say in words which path is followed."""

import re
from itertools import product

import pytest

from bplab.plots import deep_network_diagram, network_diagram, output_paths
from bplab.plots.network import all_edges, draw_network


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


def test_an_elementwise_g_is_told_apart_from_softmax():
    own, every = (output_paths(g, follow="beta") for g in ("elementwise", "softmax"))
    assert "from t 1 to its own f" in own.alt
    assert "from t 1 to every f" in every.alt
    assert own.png.getvalue() != every.png.getvalue()


def test_the_path_of_alpha_goes_through_every_t():
    alt = output_paths("softmax", K=4, follow="alpha").alt
    assert "to all 4 t, and from each t to every f" in alt
    assert "Strong" not in output_paths("softmax").alt


@pytest.mark.parametrize(("g", "follow"), [("sigmoid", ""), ("softmax", "gamma")])
def test_another_word_is_refused(g, follow):
    with pytest.raises(ValueError, match="elementwise"):
        output_paths(g, follow=follow)


@pytest.mark.parametrize(
    "drawn",
    [
        lambda: network_diagram(2, 3, 2),
        lambda: output_paths("softmax"),
        lambda: deep_network_diagram(widths=(2, 4)),
    ],
)
def test_the_1_of_the_biases_is_told(drawn):
    assert re.search(
        r"stands a 1, joined to every unit of the next .*: its weights are", drawn().alt
    )


def test_the_1_has_an_edge_to_every_unit_that_has_a_bias_and_to_no_other():
    columns = [(["x₁", "x₂"], "X"), (["z₁", "z₂", "z₃"], "Z"), (["t₁"], "T"), (["f₁"], "F")]
    figure = draw_network(columns, all_edges(2, 3, 1), set(), ones=2)
    (axes,) = figure.axes
    biases = [edge.get_xydata() for edge in axes.lines if edge.get_linestyle() == "--"]
    units = [t for t in axes.texts if t.get_text() in {"z₁", "z₂", "z₃", "t₁"}]
    ones = [t for t in axes.texts if t.get_text() == "1"]
    assert {tuple(end) for _, end in biases} == {t.get_position() for t in units}
    assert {tuple(start) for start, _ in biases} == {t.get_position() for t in ones}
    assert len(biases) == len(units)
    assert all(y < -1.5 for _, y in (t.get_position() for t in ones))
