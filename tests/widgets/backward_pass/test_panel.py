import re
from xml.etree import ElementTree

import numpy as np
import pytest

import bplab
from bplab import deep
from bplab.plots import BLUE
from bplab.widgets import backward_pass
from bplab.widgets.backward_pass.figure import BOX
from bplab.widgets.backward_pass.words import elements
from tests.widgets.reading import leaves_nothing_behind, names_every_control, words

SVG = "{http://www.w3.org/2000/svg}"


def drawing(panel):
    return ElementTree.fromstring(panel.canvas.svg())


def texts(panel):
    return [part.text for part in drawing(panel).iter(f"{SVG}text")]


def of(panel, name):
    """The groups that belong to a part of the network, in words."""
    groups = [g for g in drawing(panel).iter(f"{SVG}g") if g.get("data-value") == name]
    return [" ".join(t.text for t in g.iter(f"{SVG}text")) for g in groups]


def button(panel, description):
    rows = [row for row in panel.children if hasattr(row, "children")]
    return next(b for row in rows for b in row.children if b.description == description)


def no_slope(delta, weights, A, sigma):
    return delta @ weights[:, 1:]


class TestSteps:
    def test_forward_and_back_by_button_and_slider(self):
        panel = backward_pass()
        assert "z₁ = ?" in texts(panel)
        assert "σ′" not in words(panel)  # nothing has been sent back yet
        kinds = [panel.step]
        for _ in range(12):  # beyond the end
            button(panel, "next ›").click()
            kinds.append(panel.step)
        assert [kind for kind, _ in kinds[:9]] == [
            *("input", "layer", "layer", "residual", "output delta", "weight gradient"),
            *("send back", "hidden delta", "weight gradient"),
        ]
        assert panel.state.endswith("step=9,show=nothing")
        assert not any("?" in words for words in texts(panel))
        button(panel, "‹ back").click()
        assert panel.step.kind == "weight gradient"
        button(panel, "« first").click()
        assert panel.controls["step"].value == 0
        button(panel, "‹ back").click()
        assert panel.controls["step"].value == 0
        button(panel, "last »").click()
        assert panel.step.kind == "all gradients"

    def test_the_step_is_spoken_with_its_name(self):
        panel = backward_pass(state="step=7")
        assert panel.controls["step"].spoken == "7: hidden delta, layer 1"
        assert "7: hidden delta, layer 1" in panel.canvas.widget.value

    def test_terms_on_the_edges(self):
        panel = backward_pass(state="step=1")
        n = panel.network
        assert n.weights[0][0, 1] == -0.1
        assert of(panel, "layer 1: weight α11") == ["", "−0.1·0.8 = −0.08"]
        assert of(panel, "output: weight β11") == [""]  # not in use: a line without words
        panel.controls["step"].value = 6
        (_, term) = of(panel, "output: weight β21")
        delta, w = n.delta[1][1], n.weights[1][1, 1]
        assert term == f"{delta:.3g}·{w:.3g} = {delta * w:.3g}"
        assert of(panel, "output: bias β02") == ["", "bias: nothing back"]
        assert "Σ = 0.0252" in of(panel, "layer 1: unit z1")[0]
        panel.controls["step"].value = 8
        (_, term) = of(panel, "layer 1: weight α31")
        assert term.endswith(f"= {n.gradient[0][2, 1]:.3g}")

    @pytest.mark.parametrize("sizes", [(2, 3, 2), (2, 2, 3, 1)])
    def test_biases_are_edges_from_a_1_below_each_layer_but_the_last(self, sizes):
        panel = backward_pass(sizes=sizes, state="step=1")
        ones = [t for t in drawing(panel).iter(f"{SVG}text") if t.text == "1"]
        assert len(ones) == len(sizes) - 1
        boxes = list(drawing(panel).iter(f"{SVG}rect"))
        units = [r for r in boxes if float(r.get("width", 0)) == BOX[0]]
        lowest = max(float(r.get("y")) for r in units) + BOX[1]
        assert min(float(t.get("y")) for t in ones) > lowest
        tips = [g.get("data-title") for g in drawing(panel).iter(f"{SVG}g")]
        assert "always 1: the weights of its edges are the biases of layer 1" in tips
        assert "always 1: the weights of its edges are the biases of the outputs" in tips
        for g in drawing(panel).iter(f"{SVG}g"):
            if ": bias " in g.get("data-value", "") and list(g.iter(f"{SVG}line")):
                edge = list(g.iter(f"{SVG}line"))[-1]
                starts = {float(t.get("x")) for t in ones}
                assert min(abs(float(edge.get("x1")) - x) for x in starts) < 20
                assert (edge.get("stroke") == BLUE) == g.get("data-value").startswith("layer 1")
                assert g.get("data-title")  # its formula, on hover
        assert "below each layer but the last a 1, joined to the next layer by the biases" in (
            panel.canvas.alt
        )

    def test_what_is_computed_now_is_marked_by_more_than_colour(self):
        panel = backward_pass(state="step=6")
        thick = [e for e in drawing(panel).iter(f"{SVG}line") if e.get("marker-end")]
        assert len(thick) == 6
        assert all(float(e.get("x1")) > float(e.get("x2")) for e in thick)  # to the left
        assert {e.get("stroke-width") for e in thick} == {"3"}
        assert "step 6 of 9: send back, to layer 1 ←" in texts(panel)

    def test_gradients_in_the_end(self):
        panel = backward_pass(sizes=(1, 2, 1), state="step=9")
        for gradient in panel.network.gradient:
            for value in gradient.flat:
                assert f"{value:.3g}".replace("-", "−") in words(panel)
        assert "7 numbers, one for each weight and bias" in words(panel)


class TestNetworks:
    def test_steps_and_parts_follow_the_network(self):
        panel = backward_pass(state="step=9,show=layer 1: unit z3")
        panel.controls["network"].value = "2-2-2-2-2"
        assert panel.controls["step"].widget.max == 17
        assert panel.controls["step"].value == 9
        assert panel.controls["show"].value == "nothing"  # there is no third unit
        assert not panel.controls["sigma3"].widget.disabled
        panel.controls["step"].value = 17
        panel.controls["show"].value = "layer 3: unit z2"
        panel.controls["network"].value = "2-3-2"
        assert panel.step.kind == "all gradients"
        assert panel.controls["step"].value == 9
        assert panel.controls["sigma2"].widget.disabled

    def test_state_there_and_back(self):
        state = "network=2-2-2-2,weights=B,sigma2=ReLU,g=softmax,x1=-2,step=13,show=output: unit f2"
        panel = backward_pass(state=state)
        twin = backward_pass(state=panel.state)
        assert set(state.split(",")) < set(panel.state.split(","))
        assert twin.canvas.alt == panel.canvas.alt
        assert twin.state == panel.state
        panel.controls["network"].value = "2-3-2"
        panel.reset_button.click()
        assert panel.state == twin.state

    @pytest.mark.parametrize(
        ("state", "message"),
        [
            ("network=9-9", "network must be one of 2-3-2, 2-2-2-2"),
            ("step=18", "step must be a number from 0 to 17"),
            ("show=all", "show must be nothing, or a part such as 'input x1'"),
        ],
    )
    def test_bad_states(self, state, message):
        with pytest.raises(ValueError, match=message):
            backward_pass(state=state)

    def test_another_activation_in_each_layer(self):
        panel = backward_pass(state="network=2-2-2-2,sigma1=sigmoid,sigma2=leaky ReLU,g=softmax")
        assert [sigma.name for sigma in panel.network.sigmas] == ["sigmoid", "leaky_relu(0.1)"]
        assert {"layer 1: sigmoid", "layer 2: leaky_relu(0.1)", "output: softmax"} < set(
            texts(panel)
        )
        panel.controls["step"].value = 5
        assert "δ₁ = Σ −2(y − f)·∂f/∂t₁" in words(panel)


class TestParts:
    def test_every_part_has_its_formula_under_the_mouse(self):
        panel = backward_pass(sizes=(2, 2, 3, 2))
        tips = {}
        for g in drawing(panel).iter(f"{SVG}g"):
            if g.get("data-value"):  # all but the 1, which is always 1
                tips[g.get("data-value")] = g.get("data-title")
        assert set(tips) == set(elements((2, 2, 3, 2)))
        assert "∂R/∂α₃₁⁽²⁾ = s₃⁽²⁾·z₁⁽¹⁾" in tips["layer 2: weight α31"]

    def test_the_keyboard_shows_the_same(self):
        panel = backward_pass(state="step=3,show=output: weight β12")
        said = words(panel)
        assert "β₁₂ = 0.1" in said
        assert "sends back: δ₁·β₁₂" in said
        assert "Marked, output: weight β12: β₁₂ = 0.1; forward" in panel.canvas.alt
        assert of(panel, "output: weight β12") == ["", "0.1"]
        dotted = panel.canvas.svg().count('stroke-dasharray="2 3"')
        panel.controls["show"].value = "layer 1: unit z2"
        assert panel.canvas.svg().count('stroke-dasharray="2 3"') == dotted + 1
        assert "z₂ = σ(a₂) = tanh(−0.94) = −0.735" in words(panel)


class TestPresets:
    def test_symmetric_start(self):
        panel = backward_pass()
        button(panel, "symmetric start").click()
        assert "Symmetric: all units of layer 1 get the same gradient" in words(panel)
        gradient = panel.network.gradient[0]
        np.testing.assert_array_equal(gradient, gradient[[0, 0, 0]])

    @pytest.mark.parametrize("sizes", [(2, 3, 2), (1, 2, 1), (3, 1, 2)])
    def test_dead_relu(self, sizes):
        panel = backward_pass(sizes=sizes)
        button(panel, "dead ReLU").click()
        assert 0 < (panel.network.slope[0] == 0).sum() < 3
        assert "Off: σ′ is 0 for s" in words(panel)

    def test_saturated(self):
        panel = backward_pass()
        button(panel, "saturated").click()
        assert "Saturated: σ′ is below 0.05 for s" in words(panel)

    def test_a_saturated_output(self):
        panel = backward_pass(state="weights=B,sigma1=identity,x1=5,x2=-5,step=4")
        assert panel.network.jacobian().diagonal().min() < 0.05
        assert "Saturated: g′ is below 0.05 for δ" in words(panel)


class TestOwnFunctions:
    def test_agreement(self):
        panel = backward_pass(hidden_delta=deep.hidden_delta, backward=deep.backward)
        assert "✓ In all steps that they take part in, yours agree" in words(panel)
        panel.controls["step"].value = 7
        assert "✓ Your hidden_delta agrees here." in words(panel)
        assert "✓" in of(panel, "layer 1: bias α01")[-1]

    def test_where_they_differ(self):
        panel = backward_pass(hidden_delta=no_slope)
        assert "✕ Your hidden_delta differs in step 7 (hidden delta, layer 1)." in words(panel)
        panel.controls["step"].value = 7
        assert "✕ Your hidden_delta differs here in 3 of 3 numbers: its s₁ is" in words(panel)
        assert "differs here" in panel.canvas.alt
        assert of(panel, "layer 1: bias α01")[1:] == [f"✕ yours {panel.network.sent[0][0]:.3g}"]

    def test_a_wrong_gradient_stands_on_its_edge(self):
        def doubled_bias(delta, inputs):
            return np.column_stack([2 * delta.sum(axis=0), delta.T @ inputs])

        panel = backward_pass(weight_gradient=doubled_bias, state="step=5")
        assert of(panel, "output: bias β01")[-1].startswith("✕ yours −0.322")
        assert "✕" not in of(panel, "output: weight β11")[1]
        assert "its ∂R/∂β₀₁ is" in words(panel)

    def test_a_bad_function_is_named_and_the_panel_lives_on(self):
        function = lambda *a: bplab.todo()  # noqa: E731
        panel = backward_pass(hidden_delta=lambda *a: function(*a), state="step=7")
        assert "not written" in words(panel)
        assert "not written" in panel.canvas.alt
        assert "s₁ = 0.0244" in texts(panel)  # the reference goes on
        function = deep.hidden_delta
        panel.reset_button.click()
        assert "✓ Your hidden_delta agrees here" in words(panel)

    def test_one_hidden_layer_only(self):
        panel = backward_pass(grad_alpha=bplab.network.grad_alpha, state="network=2-2-2-2")
        assert "Your grad_alpha works with one hidden layer only" in words(panel)

    def test_called_once_for_all_steps(self):
        calls = []

        def counting(*args):
            calls.append(args)
            return deep.backward(*args)

        panel = backward_pass(backward=counting)
        for _ in range(5):
            button(panel, "next ›").click()
        assert len(calls) == 1
        panel.controls["x1"].value = 0.5
        assert len(calls) == 2

    def test_messages_are_escaped(self):
        def bad(*_):
            raise RuntimeError("<script>")

        panel = backward_pass(backward=bad)
        assert "<script>" not in panel.readout.value + panel.canvas.widget.value


def test_a_move_of_the_example_computes_anew():
    panel = backward_pass(state="step=9")
    before = panel.network
    panel.controls["x2"].value = 2
    panel.controls["y1"].value = -1
    x, y = panel.network.z[0], panel.network.y
    np.testing.assert_array_equal(x, [0.8, 2])
    np.testing.assert_array_equal(y, [-1, 0])
    right = deep.backward([x], [y], before.weights[:1], before.weights[1], before.sigmas, before.g)
    np.testing.assert_allclose(panel.network.gradient[0], right.alphas[0])


def test_names_of_the_page_and_manners():
    panel = backward_pass()
    names_every_control(panel)
    bundle = panel._repr_mimebundle_()
    assert bundle["text/plain"] == panel.canvas.alt
    assert re.match("Network 2-3-2, hidden tanh, output sigmoid; .* Step 0 of 9:", panel.canvas.alt)
    assert panel.canvas.html() in bundle["text/html"]
    assert "onload" not in bundle["text/html"]
    leaves_nothing_behind(backward_pass)
