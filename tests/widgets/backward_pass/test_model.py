import itertools
import re
import sys

import numpy as np
import pytest

import bplab
from bplab import by_equation, deep, network
from bplab.widgets.backward_pass.learner import checked_functions, compare
from bplab.widgets.backward_pass.model import (
    ACTIVATIONS,
    EQUAL,
    OUTPUTS,
    Step,
    network_weights,
    run,
    steps,
)
from bplab.widgets.backward_pass.panel import networks, sizes_of
from bplab.widgets.backward_pass.words import elements, formulas, story, title
from tests.widgets.reading import without_end

X, Y = [0.8, -0.5, 1.0], [1.0, 0.0, -0.3]
SIZES = [(2, 3, 2), (1, 2, 3, 1), (3, 2, 2, 2, 3)]
HIDDEN = ("tanh", "ReLU", "ELU")


def made(sizes=(2, 3, 2), g="sigmoid", hidden=HIDDEN, weights="A"):
    sigmas = [ACTIVATIONS[name] for name in hidden[: len(sizes) - 2]]
    x, y = X[: sizes[0]], Y[: sizes[-1]]
    return run(x, y, network_weights(sizes, weights), sigmas, OUTPUTS[g])


@pytest.fixture(params=itertools.product(SIZES, OUTPUTS), ids=str)
def net(request):
    return made(*request.param)


class TestPass:
    def test_gradients_by_the_paper(self, net):
        *alphas, beta = net.weights
        x = np.array([1, *net.z[0]])
        by_alphas, by_beta = by_equation.back_propagation(x, net.y, alphas, beta, net.sigmas, net.g)
        for mine, right in zip(net.gradient, [*by_alphas, by_beta], strict=True):
            np.testing.assert_allclose(mine, right, atol=1e-14)

    def test_gradients_by_differences_of_the_risk(self, net):
        def risk(weights):
            *alphas, beta = weights
            F = deep.forward(net.z[0][None], alphas, beta, net.sigmas, net.g).F
            return float(np.square(net.y - F).sum())

        assert net.risk == pytest.approx(risk(net.weights))
        for mine, right in zip(
            net.gradient, bplab.numerical_gradient(risk, net.weights), strict=True
        ):
            np.testing.assert_allclose(mine, right, atol=1e-8)

    def test_the_hidden_delta_is_what_is_sent_back_times_the_slope(self, net):
        for d in range(net.depth):
            np.testing.assert_allclose(net.delta[d], net.sent[d] * net.slope[d])
            np.testing.assert_allclose(net.gradient[d][:, 0], net.delta[d])

    def test_jacobian(self, net):
        np.testing.assert_allclose(net.residual @ net.jacobian(), net.delta[-1])


def test_weights():
    for name in ("A", "B", EQUAL):
        weights = network_weights((2, 3, 2), name)
        assert [w.shape for w in weights] == [(3, 3), (2, 4)]
        for w in weights:
            np.testing.assert_array_equal(w, np.round(w, 1))
            assert w.all()
    first, second = (network_weights((2, 3, 2), name)[0] for name in "AB")
    assert (first != second).any()


def test_steps():
    kinds = [f"{step.kind} {step.layer}" for step in steps(2)]
    assert kinds == [
        *("input 0", "layer 1", "layer 2", "layer 3"),
        *("residual 3", "output delta 3", "weight gradient 3"),
        *("send back 2", "hidden delta 2", "weight gradient 2"),
        *("send back 1", "hidden delta 1", "weight gradient 1", "all gradients 0"),
    ]


def reckon(terms):
    functions = {s.name.partition("(")[0]: s for s in (*ACTIVATIONS.values(), OUTPUTS["sigmoid"])}
    return eval(terms.replace("~", "-"), {"__builtins__": {}}, functions)


class TestWords:
    def test_equations(self):
        def cited(D, g):
            sizes = (2, *[2] * D, 2)
            return {(s.kind, s.layer): story(s, made(sizes, g))[0] for s in steps(D)[D + 2 : -1]}

        deep_one = cited(3, "sigmoid")
        assert deep_one["output delta", 4] == "below (6)"
        assert deep_one["weight gradient", 4] == "(6), in section 3 (14)"
        for layer, number in ((3, "(16)"), (2, "(17)"), (1, "(18)")):
            for kind in ("send back", "hidden delta", "weight gradient"):
                assert deep_one[kind, layer] == number
        assert cited(1, "sigmoid")["hidden delta", 1] == "(7), in section 3 (16)"
        flat = cited(1, "softmax")
        assert flat["output delta", 2] == "below (10)"
        assert flat["hidden delta", 1] == "(11), in section 3 (16)"

    def test_every_formula_comes_to_what_it_says(self, net):
        lines = [line for step in steps(net.depth) for line in story(step, net)[2]]
        lines += [line for e in elements(net.sizes).values() for line in formulas(e, net)]
        reckoned = [line for line in lines if line.count(" = ") >= 2]
        assert len(reckoned) > 20
        for line in reckoned:
            *_, numbers, value = line.split(" = ")
            terms = re.sub(r"e−(\d)", r"*10**~\1", numbers)  # ~ is the minus of an exponent
            for sign, python in (("·", "*"), ("²", "**2")):
                terms = terms.replace(sign, python)
            size = reckon(terms.replace("−", "+"))  # what the rounding of the numbers is a part of
            right = float(value.replace("−", "-"))
            assert reckon(terms.replace("−", "-")) == pytest.approx(right, abs=0.015 * size), line

    def test_the_numbers_are_those_of_the_pass(self):
        net = made((2, 2, 2, 2))
        said = story(Step("hidden delta", 1), net)[2]
        assert said[0].startswith("s₁⁽¹⁾ = (s₁⁽²⁾·α₁₁⁽²⁾ + s₂⁽²⁾·α₂₁⁽²⁾)·σ⁽¹⁾′(a₁⁽¹⁾) = ")
        for line, s in zip(said, net.delta[0], strict=True):
            value = float(line.rpartition("= ")[2].replace("−", "-"))
            assert value == pytest.approx(s, rel=1e-2)
        assert title(Step("send back", 1), net) == "send back, to layer 1"

    def test_elements(self):
        found = elements((2, 3, 2))
        kinds = [element.kind for element in found.values()]
        assert kinds.count("weight") == 2 * 3 + 3 * 2
        assert kinds.count("bias") == 3 + 2
        assert kinds.count("unit") == 2 + 3 + 2
        assert found["layer 1: weight α32"] == ("weight", 1, 3, 2)
        said = formulas(found["output: bias β01"], made())
        assert "a bias sends nothing back" in said[1]


RIGHT = {
    "output_delta": deep.output_delta,
    "backward_output": network.backward_output,
    "grad_beta": network.grad_beta,
    "grad_alpha": network.grad_alpha,
    "backward_hidden": network.backward_hidden,
    "weight_gradient": network.weight_gradient,
    "grad_last_hidden": deep.grad_last_hidden,
    "hidden_delta": deep.hidden_delta,
    "hidden_deltas": deep.hidden_deltas,
    "backward": deep.backward,
}


class TestLearner:
    def test_the_library_agrees_with_itself(self, net):
        mine = compare(RIGHT, net)
        assert not mine.failed
        assert mine.idle == (("grad_alpha", "backward_hidden") if net.depth > 1 else ())
        asked = {opinion.function for each in mine.opinions.values() for opinion in each}
        assert asked == set(RIGHT) - set(mine.idle)
        assert not any(o.wrong.any() for each in mine.opinions.values() for o in each)
        # every delta and every gradient is judged by some function
        assert len(mine.opinions) == 2 * (net.depth + 1)

    def test_each_wrong_function_is_found_where_it_is_wrong(self):
        net = made((2, 3, 2, 2))

        def biased(delta, weights, A, sigma):
            return sigma.pull_back(delta @ weights[:, :-1], A)

        def half(X, Y, alphas, beta, sigmas, g):
            by_alphas, by_beta = deep.backward(X, Y, alphas, beta, sigmas, g)
            return [by_alphas[0] / 2, *by_alphas[1:]], by_beta

        mine = compare({"hidden_delta": biased, "backward": half}, net)
        wrong = {
            (o.function, *quantity)
            for quantity, each in mine.opinions.items()
            for o in each
            if o.wrong.any()
        }
        assert wrong == {
            ("hidden_delta", "delta", 1),
            ("hidden_delta", "delta", 2),
            ("backward", "gradient", 1),
        }
        (opinion,) = mine.at(Step("weight gradient", 1))
        np.testing.assert_allclose(opinion.value, net.gradient[0] / 2)

    @pytest.mark.parametrize(
        ("name", "function", "message"),
        [
            ("hidden_delta", lambda *a: bplab.todo(), "not written"),
            ("hidden_delta", lambda *a: None, "returns nothing"),
            ("hidden_delta", lambda *a: 1 / 0, "ZeroDivisionError"),
            ("hidden_delta", lambda *a: a[0] @ a[1], "has shape .* right is"),
            ("hidden_delta", lambda *a: a[0].fill(0), "writes into its arguments"),
            ("weight_gradient", lambda delta, z: delta.T @ z, "weight_gradient has shape"),
            ("hidden_deltas", lambda *a: (), "a list of one thing, s of layer 1"),
            ("backward_output", lambda *a: a[0], "must return 2 things, delta and the gradient"),
            ("backward", lambda *a: deep.backward(*a).beta, "must return 2 things"),
            ("backward", lambda *a: ([], 0), "first part of backward must return a list of one"),
            ("output_delta", lambda Y, T, F, g: Y / 0, "not finite"),
        ],
    )
    def test_bad_functions(self, name, function, message):
        mine = compare({name: function}, made())
        assert re.search(message, mine.failed[name])

    def test_slow(self, monkeypatch):
        monkeypatch.setattr(sys.modules["bplab.widgets.backward_pass.learner"], "SECONDS", 0)
        assert "is slow" in compare({"backward": deep.backward}, made()).failed["backward"]

    def test_without_an_end(self, monkeypatch):
        monkeypatch.setattr(sys.modules["bplab.widgets.backward_pass.learner"], "SECONDS", 0.02)
        mine = compare({"backward": without_end, "hidden_delta": deep.hidden_delta}, made())
        assert "still running after 0.02 seconds, and was stopped in" in mine.failed["backward"]
        assert "hidden_delta" not in mine.failed

    def test_bad_names(self):
        with pytest.raises(ValueError, match="it does not know 'hidden'"):
            checked_functions({"hidden": deep.hidden_delta})
        with pytest.raises(ValueError, match="backward must be a function; got int"):
            checked_functions({"backward": 3})


def test_networks():
    assert networks((2, 3, 2)) == ["2-3-2", "2-2-2-2", "2-3-2-2", "2-2-2-2-2"]
    assert networks((1, 1, 3)) == ["1-1-3", "1-3-3", "1-2-2-3", "1-3-2-3", "1-2-2-2-3"]
    assert sizes_of("2-3-2") == (2, 3, 2)


@pytest.mark.parametrize("sizes", [(2, 2), (2, 4, 2), (0, 2, 2), (2, 2, 2, 2, 2, 2), (2, 1.5, 2)])
def test_bad_sizes(sizes):
    with pytest.raises(ValueError, match="sizes must be 3 to 5 whole numbers from 1 to 3"):
        networks(sizes)
