"""What makes an answer inexact is named where its errors show it, and only there."""

import numpy as np
import pytest

from bplab.activations import sigmoid
from bplab.exercises import EXERCISES
from tests.exercises.drawn import EACH_KIND, found
from tests.thorough import one_in


def from_value(value):
    return lambda x: ((a := value(x)), a * (1 - a))


def softmax_with(eps=0.0, change=lambda F: F):
    def function(t):
        e = np.exp(t - t.max(axis=1, keepdims=True))
        F = change(e / (e.sum(axis=1, keepdims=True) + eps))
        return F, np.einsum("ik,kl->ikl", F, np.eye(F.shape[1])) - F[:, :, None] * F[:, None, :]

    return function


def sigmoid_over_more(x, eps):
    with np.errstate(all="ignore"):
        return 1 / (1 + np.exp(-x) + eps)


def with_slope(slope):
    return lambda x: (sigmoid(x), slope(x))


def changed(id, change):
    return id, lambda *arguments: change(np.asarray(EXERCISES[id].reference(*arguments)))


PATTERNS = {
    "a clip": (
        *("sigmoid", from_value(lambda x: np.clip(sigmoid(x), 1e-7, 1 - 1e-7))),
        *("clipped", "cut off at 1e-07 and 1 − 1e-07"),
    ),
    "a clip on one side": (
        *("sigmoid", from_value(lambda x: np.minimum(sigmoid(x), 1 - 1e-9))),
        *("clipped", "cut off at 1 − 1e-09:"),
    ),
    "a clip of softmax": (
        *("softmax", softmax_with(change=lambda F: np.maximum(F, 1e-6))),
        *("clipped", "cut off at 1e-06:"),
    ),
    "a clip of tanh": (
        *("tanh", lambda x: ((a := np.clip(np.tanh(x), -0.999999, 0.999999)), 1 - a * a)),
        *("clipped", "cut off at −1 + 1e-06 and 1 − 1e-06:"),
    ),
    "an epsilon below the fraction line": (
        *("sigmoid", from_value(lambda x: sigmoid_over_more(x, 1e-8))),
        *("epsilon-added", "about 1e-08 were added to what you divide by"),
    ),
    "an epsilon in softmax's sum": (
        *("softmax", softmax_with(1e-9)),
        *("epsilon-added", "as if a small number were added to what you divide by"),
    ),
    "an epsilon at the end": (
        *("sigmoid", from_value(lambda x: sigmoid(x) + 1e-8)),
        *("epsilon-added", "plus 1e-08, everywhere"),
    ),
    "8 decimals": (*changed("eq4", lambda G: np.round(G, 8)), "rounded", "rounded to 8 decimals"),
    "6 decimals": (*changed("eq1", lambda R: np.round(R, 6)), "rounded", "rounded to 6 decimals"),
    "float32 on the way": (
        *changed("eq4", lambda G: G.astype(np.float32).astype(float)),
        *("single-precision", "seven digits that float32 holds"),
    ),
    "central difference": (
        *("sigmoid", with_slope(lambda x: (sigmoid(x + 1e-5) - sigmoid(x - 1e-5)) / 2e-5)),
        *("numerical-derivative", "differentiates numerically"),
    ),
    "forward difference": (
        *("sigmoid", with_slope(lambda x: (sigmoid(x + 1e-7) - sigmoid(x)) / 1e-7)),
        *("numerical-derivative", "differentiates numerically"),
    ),
    "another factor": (*changed("eq4", lambda G: G * (1 + 1e-8)), "not-exact", "entries are off"),
    "a wave": (
        *changed("eq4", lambda G: G * (1 + 1e-8 * np.cos(1e3 * G))),
        *("not-exact", "entries are off"),
    ),
    "few digits of e": (
        *("sigmoid", from_value(lambda x: 1 / (1 + 2.7182818 ** -x.astype(float)))),
        *("not-exact", "entries are off"),
    ),
}


@EACH_KIND
@pytest.mark.parametrize(("id", "function", "name", "words"), PATTERNS.values(), ids=PATTERNS)
def test_the_pattern_of_the_errors_is_named(id, function, name, words, kind):
    finding = found(id, function, kind)
    assert finding.name == name
    assert words in finding.says


@EACH_KIND
@pytest.mark.parametrize("cut", [1e-12, 1e-11])
def test_a_value_that_only_passes_is_not_called_right_beside_what_shows_its_fault(cut, kind):
    finding = found("softmax", softmax_with(change=lambda F: np.clip(F, cut, 1)), kind)
    assert "value is right" not in finding.says
    assert "value is within the tolerance. " in finding.says or finding.says.startswith("value is ")


UNKNOWN = ("clip", "epsilon", "add", "round", "float32", "difference", "precision")


@pytest.mark.parametrize("id", one_in(2, [e.id for e in EXERCISES.values() if e.rtol < 1e-7]))
@pytest.mark.parametrize("size", one_in(2, [1e-6, 1e-8]))
def test_noise_shows_no_pattern_and_gets_no_cause(id, size):
    def noisy(*arguments):
        right = EXERCISES[id].reference(*arguments)
        rng = np.random.default_rng(list(str(right).encode()))

        def change(value):
            if isinstance(value, (tuple, list)):
                return tuple(map(change, value))
            return value * (1 + size * rng.standard_normal(np.shape(value)))

        return change(right)

    finding = found(id, noisy)
    assert finding.name in {"not-exact", "some-cases"}
    assert not any(word in finding.says for word in UNKNOWN)
