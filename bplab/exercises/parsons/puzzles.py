"""The puzzles of the course: one for each half-worked cell, with the names that the cell has.

Their numbers are drawn, with several examples where a step works for many, so that numbers are not
right by chance. Most wrong lines are known mistakes, as they look in such a step.
"""

from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np

from bplab import layers, network
from bplab.activations import identity, sigmoid, softmax, tanh
from bplab.exercises.parsons.puzzle import Line, Puzzle, Values, Wrong
from bplab.layers import weight_gradient

__all__ = ["PUZZLES"]

Generator = np.random.Generator


# --- what is given --------------------------------------------------------------------------


def _curve(rng: Generator) -> dict[str, Any]:
    bias, slope, w, h = (float(n) for n in (*rng.uniform(0.3, 1, 3), 1e-5))

    def f(w: Any) -> float:
        return float(np.sum((1 - sigmoid(bias + slope * np.asarray(w))) ** 2))

    return {"f": f, "h": h, "w": w, "ahead": f(w + h)}


def _hidden_layer(rng: Generator) -> dict[str, Any]:
    return {"x": rng.standard_normal((3, 2)), "units": rng.standard_normal((2, 3))}


def _one_output(rng: Generator) -> dict[str, Any]:
    z, y, beta = rng.uniform(-1, -0.3), rng.uniform(0, 1), rng.uniform(0.3, 1, 2)
    t = beta[0] + beta[1] * z
    return {"np": np, "sigmoid": sigmoid, "z": z, "y": y, "t": t, "f": sigmoid(t)}


def _sent_back(rng: Generator) -> dict[str, Any]:
    A = rng.standard_normal((5, 4))
    return {
        "tanh": tanh,
        "small_delta": rng.standard_normal((5, 2)),
        "small_beta": rng.standard_normal((2, 5)),
        "stored": SimpleNamespace(A=A, Z=tanh(A)),
    }


def _three_outputs(rng: Generator) -> dict[str, Any]:
    f, y = softmax(rng.standard_normal((1, 3)))[0], np.eye(3)[rng.integers(3)]
    return {"f": f, "d": -2 * (y - f), "y": y, "J": np.diag(f * (1 - f)), "delta": np.zeros(3)}


def _weights(rng: Generator) -> dict[str, Any]:
    before, slopes = rng.standard_normal((2, 2))
    return {"before": before, "slopes": slopes, "rate": rng.uniform(0.2, 0.8)}


def _small_network(rng: Generator) -> dict[str, Any]:
    x1, y1 = rng.standard_normal((4, 2)), rng.uniform(0, 1, (4, 2))
    W0, V0 = rng.standard_normal((3, 3)), rng.standard_normal((2, 4))
    A1, Z1, T1, F1 = network.forward(x1, W0, V0, sigmoid, sigmoid)
    return {
        **{"x1": x1, "y1": y1, "W0": W0, "V0": V0, "A1": A1, "Z1": Z1, "T1": T1, "F1": F1},
        **{"sigmoid": sigmoid, "rate": rng.uniform(0.2, 0.8)},
        "backward_output": network.backward_output,
        "backward_hidden": network.backward_hidden,
    }


def _deep(rng: Generator, *widths: int) -> dict[str, Any]:
    """Return a network with two or three hidden layers: its data, weights, forward pass, delta."""
    sigmas = [tanh, sigmoid, tanh][: len(widths)]
    X, Y = rng.standard_normal((5, 4)), np.eye(3)[rng.integers(0, 3, 5)]
    sizes = (4, *widths, 3)
    *alphas, beta = (rng.standard_normal((m, n + 1)) for n, m in pairwise(sizes))
    stored = layers.forward(X, alphas, beta, sigmas, softmax)
    return {
        **{"few_X": X, "few_Y": Y, "alphas": alphas, "beta": beta, **stored._asdict()},
        "delta": layers.output_delta(Y, stored.T, stored.F, softmax),
        **{"tanh": tanh, "sigmoid": sigmoid, "softmax": softmax},
    }


def _top_layers(rng: Generator) -> dict[str, Any]:
    given = _deep(rng, 8, 6)
    del given["delta"]
    names = ("grad_beta", "grad_alpha", "backward_output", "backward_hidden")
    return {**given, "mine": SimpleNamespace(**{n: getattr(network, n) for n in names})}


def _two_layers(rng: Generator) -> dict[str, Any]:
    given = _deep(rng, 3, 3)
    A, alphas, last = given["A"], given["alphas"], given["beta"]
    s2 = (given["delta"] @ last[:, 1:]) * sigmoid.derivative(A[1])
    return {
        **{"d": given["delta"], "s2": s2, "a1": A[0], "a2": A[1], "first": alphas[0]},
        **{"second": alphas[1], "last": last, "tanh": tanh, "sigmoid": sigmoid},
    }


def _three_layers(rng: Generator) -> dict[str, Any]:
    given = _deep(rng, 6, 6, 6)
    given["three"], given["top"] = given.pop("alphas"), given.pop("beta")
    return {**given, "hidden_delta": layers.hidden_delta}


def _for_sigmoid(rng: Generator) -> dict[str, Any]:
    return {"np": np, "numbers": rng.uniform(-3, 3, 2)}


def _for_elu(rng: Generator) -> dict[str, Any]:
    return {"np": np, "x": rng.uniform(-3, -0.3, 2), "elu_alpha": rng.uniform(0.2, 0.8)}


def _rows(rng: Generator) -> dict[str, Any]:
    return {"rows": rng.permutation(7), "pieces": []}


def _quotient(rng: Generator) -> dict[str, Any]:
    a, b = rng.uniform(1.2, 3, 2).tolist()
    return {"a": a, "b": b}


def _nodes(rng: Generator) -> dict[str, Any]:
    w, x, y, a, f, d, R = range(7)
    sources = [(), (), (), (w, x), (a,), (y, f), (d, d)]
    return {
        **{"w": w, "x": x, "y": y, "a": a, "f": f, "d": d, "R": R},
        **{"sources": sources, "slopes": [(*rng.uniform(0.3, 1.2, len(of)),) for of in sources]},
        "grad": [0, 0, 0, 0, 0, 0, 1],
    }


# --- the exercise's function beside them ----------------------------------------------------

_INPUTS = np.linspace(-1, 2, 10).reshape(5, 2)
"""X for the exercise's function, which returns a gradient, where the lines end with s."""


def _one_output_as_eq4(v: Values) -> tuple[Any, ...]:
    y, z, t, f = (np.array([[v[name]]]) for name in "yztf")
    return y, np.zeros((1, 1)), z, t, f, sigmoid


def _sent_back_as_eq7(v: Values) -> tuple[Any, ...]:
    stored = v["stored"]
    return _INPUTS, stored.A, stored.Z, v["small_delta"], v["small_beta"], tanh


def _softmax_as_eq8(v: Values) -> tuple[Any, ...]:
    one = np.ones((1, 1))
    return v["y"][None], one, one, np.log(v["f"])[None], v["f"][None], softmax


def _pass_as_eq13(v: Values) -> tuple[Any, ...]:
    return v["x1"], v["y1"], v["W0"], v["V0"], sigmoid, sigmoid, v["rate"]


def _last_as_eq15(v: Values) -> tuple[Any, ...]:
    delta = layers.output_delta(v["few_Y"], v["T"], v["F"], softmax)
    return v["Z"][0], v["A"][1], delta, v["beta"], sigmoid


def _layers_as_eq17(v: Values) -> tuple[Any, ...]:
    return v["delta"], v["three"], v["top"], v["A"], [tanh, sigmoid, tanh]


PUZZLES = (
    Puzzle(
        "half-numerical-gradient",
        like="numerical-gradient",
        wanted=("slope",),
        given=_curve,
        lines=(
            Line("behind = f(w - h)"),
            Line(
                "difference = ahead - behind",
                (Wrong("difference = behind - ahead", "sign-flipped"),),
            ),
            Line(
                "slope = difference / (2 * h)",
                (
                    Wrong("slope = difference / h", "divided-by-h"),
                    Wrong("slope = difference / 2 * h", "times-h"),
                ),
            ),
        ),
        arguments=lambda v: (v["f"], np.array([v["w"]])),
        answer=lambda v: np.array([v["slope"]]),
    ),
    Puzzle(
        "half-hidden",
        like="hidden",
        wanted=("a",),
        given=_hidden_layer,
        lines=(
            Line("biases = units[:, 0]"),
            Line("weights = units[:, 1:]"),
            Line(
                "a = x @ weights.T",
                (
                    Wrong("a = x @ weights", "weights-not-transposed"),
                    Wrong("a = x @ abs(weights).T", "weights-absolute"),
                ),
            ),
            Line("a = a + biases", (Wrong("a = a - biases", "bias-subtracted"),)),
        ),
        arguments=lambda v: (v["x"], v["units"], identity),
        answer=lambda v: v["a"],
    ),
    Puzzle(
        "half-eq4",
        like="eq4",
        wanted=("weight_gradient",),
        given=_one_output,
        lines=(
            Line(
                "residual = -2 * (y - f)",
                (
                    Wrong("residual = -(y - f)", "no-factor-2"),
                    Wrong("residual = 2 * (y - f)", "sign-flipped"),
                ),
            ),
            Line(
                "output_delta = residual * sigmoid.derivative(t)",
                (
                    Wrong("output_delta = residual * sigmoid.derivative(f)", "g-prime-at-F"),
                    Wrong("output_delta = residual * sigmoid(t)", "g-for-g-prime"),
                ),
            ),
            Line("weight_gradient = np.array([output_delta * 1, output_delta * z])"),
        ),
        arguments=_one_output_as_eq4,
        answer=lambda v: v["weight_gradient"][None],
    ),
    Puzzle(
        "half-eq5",
        like="eq7",
        wanted=("small_s",),
        given=_sent_back,
        lines=(
            Line(
                "back = small_delta @ small_beta[:, 1:]",
                (
                    Wrong("back = small_delta @ small_beta[:, :-1]", "bias-column-used"),
                    Wrong("back = small_delta @ abs(small_beta[:, 1:])", "weights-absolute"),
                ),
            ),
            Line(
                "slope = tanh.derivative(stored.A)",
                (
                    Wrong("slope = tanh.derivative(stored.Z)", "sigma-prime-at-Z"),
                    Wrong("slope = tanh(stored.A)", "sigma-for-sigma-prime"),
                ),
            ),
            Line("small_s = back * slope"),
        ),
        arguments=_sent_back_as_eq7,
        answer=lambda v: weight_gradient(v["small_s"], _INPUTS),
    ),
    Puzzle(
        "half-eq8",
        like="eq8",
        wanted=("delta",),
        given=_three_outputs,
        lines=(
            Line("for k in range(3):"),
            Line("    for j in range(3):"),
            Line("        if j != k:"),
            Line(
                "            J[j, k] = -f[j] * f[k]",
                (Wrong("            J[j, k] = f[j] * f[k]", "off-diagonal-sign"),),
            ),
            Line(
                "    delta[k] = sum(d[j] * J[j, k] for j in range(3))",
                (
                    Wrong("    delta[k] = d[k] * J[k, k]", "diagonal-only"),
                    Wrong("    delta[k] = d[k]", "jacobian-left-out"),
                ),
            ),
        ),
        arguments=_softmax_as_eq8,
        answer=lambda v: np.column_stack([v["delta"], v["delta"]]),
    ),
    Puzzle(
        "half-eq12",
        like="eq12",
        wanted=("after",),
        given=_weights,
        lines=(
            Line(
                "step = rate * slopes",
                (
                    Wrong("step = slopes", "gamma-missing"),
                    Wrong("step = slopes / rate", "gamma-divides"),
                ),
            ),
            Line("after = before - step", (Wrong("after = before + step", "ascends"),)),
        ),
        arguments=lambda v: (v["before"][None], v["slopes"][None], v["rate"]),
        answer=lambda v: v["after"][None],
    ),
    Puzzle(
        "half-eq13",
        like="eq13",
        wanted=("W1", "V1"),
        given=_small_network,
        lines=(
            Line("d1, by_V = backward_output(y1, A1, Z1, T1, F1, sigmoid)"),
            Line("V1 = V0 - rate * by_V", (Wrong("V1 = V0 + rate * by_V", "beta-ascends"),)),
            Line(
                "by_W = backward_hidden(x1, A1, Z1, d1, V0, sigmoid)",
                (
                    Wrong(
                        "by_W = backward_hidden(x1, A1, Z1, d1, V1, sigmoid)",
                        "beta-updated-too-early",
                    ),
                ),
            ),
            Line("W1 = W0 - rate * by_W"),
        ),
        arguments=_pass_as_eq13,
        answer=lambda v: (v["W1"], v["V1"]),
    ),
    Puzzle(
        "half-eq15",
        like="eq15",
        wanted=("by_last",),
        given=_top_layers,
        lines=(
            Line("delta, by_beta = mine.backward_output(few_Y, A[1], Z[1], T, F, softmax)"),
            Line(
                "by_last = mine.backward_hidden(Z[0], A[1], Z[1], delta, beta, sigmoid)",
                (
                    Wrong(
                        "by_last = mine.backward_hidden(Z[1], A[1], Z[1], delta, beta, sigmoid)",
                        "own-output-for-inputs",
                    ),
                    Wrong(
                        "by_last = mine.backward_hidden(Z[0], A[1], Z[1], delta, beta, tanh)",
                        because="The last hidden layer has sigmoid units: the slope is that of the "
                        "layer itself.",
                    ),
                    Wrong(
                        "by_last = mine.backward_hidden(few_X, A[1], Z[1], delta, beta, sigmoid)",
                        because="The last hidden layer is not given X: what did its weights "
                        "multiply in the forward pass?",
                    ),
                ),
            ),
        ),
        arguments=_last_as_eq15,
        answer=lambda v: v["by_last"],
    ),
    Puzzle(
        "half-eq17",
        like="eq16",
        wanted=("s1",),
        given=_two_layers,
        lines=(
            Line(
                "back = s2 @ second[:, 1:]",
                (
                    Wrong("back = s2 @ second[:, :-1]", "bias-column-used"),
                    Wrong(
                        "back = d @ last[:, 1:]",
                        because="That is what comes back to layer 2, from the outputs. Between "
                        "layers 1 and 2 are the weights of layer 2, and s2 is known.",
                    ),
                ),
            ),
            Line(
                "slope = sigmoid.derivative(a1)",
                (Wrong("slope = sigmoid(a1)", "sigma-for-sigma-prime"),),
            ),
            Line("s1 = back * slope", (Wrong("s1 = back + slope", "sigma-prime-added"),)),
        ),
        arguments=lambda v: (v["s2"], v["second"], v["a1"], sigmoid),
        answer=lambda v: v["s1"],
    ),
    Puzzle(
        "half-eq17-2",
        like="eq17",
        wanted=("s3", "s2", "s1"),
        given=_three_layers,
        lines=(
            Line("s3 = hidden_delta(delta, top, A[2], tanh)"),
            Line("weights, sigma = three[2], sigmoid"),
            Line("s2 = hidden_delta(s3, weights, A[1], sigma)"),
            Line(
                "weights, sigma = three[1], tanh",
                (
                    Wrong(
                        "weights, sigma = three[0], tanh",
                        because="three[0] leads into layer 1. s comes back to a layer through the "
                        "weights that lead out of it.",
                    ),
                    Wrong(
                        "weights, sigma = three[1], sigmoid",
                        because="Layer 1 has tanh units: the slope is that of the layer itself.",
                    ),
                ),
            ),
            Line("s1 = hidden_delta(s2, weights, A[0], sigma)"),
        ),
        arguments=_layers_as_eq17,
        answer=lambda v: [v["s1"], v["s2"], v["s3"]],
    ),
    Puzzle(
        "half-sigmoid",
        like="sigmoid",
        wanted=("from_value",),
        given=_for_sigmoid,
        lines=(
            Line("value = 1 / (1 + np.exp(-numbers))"),
            Line("rest = 1 - value", (Wrong("rest = 1 + value", "a-times-1-plus-a"),)),
            Line(
                "from_value = value * rest",
                (
                    Wrong(
                        "from_value = numbers * rest",
                        because="What multiplies 1 − σ is σ, the value.",
                    ),
                ),
            ),
        ),
        arguments=lambda v: (v["numbers"],),
        answer=lambda v: (v["value"], v["from_value"]),
    ),
    Puzzle(
        "half-elu",
        like="elu",
        wanted=("yours",),
        given=_for_elu,
        lines=(
            Line("a = elu_alpha * np.expm1(x)"),
            Line(
                "yours = a + elu_alpha",
                (
                    Wrong("yours = a + 1", "a-plus-1"),
                    Wrong("yours = a - elu_alpha", "a-minus-alpha"),
                    Wrong("yours = a", "slope-is-value"),
                ),
            ),
        ),
        arguments=lambda v: (v["x"], v["elu_alpha"]),
        answer=lambda v: (v["a"], v["yours"]),
    ),
    Puzzle(
        "half-one-epoch",
        like="one-epoch",
        wanted=("pieces",),
        given=_rows,
        lines=(
            Line(
                "for start in range(0, 7, 3):",
                (
                    Wrong(
                        "for start in range(7):",
                        because="Then a piece begins at every row, and most rows come three times.",
                    ),
                ),
            ),
            Line(
                "    piece = rows[start : start + 3]",
                (
                    Wrong(
                        "    piece = rows[start:3]",
                        because="A slice ends before its second number, counted from row 0: only "
                        "the first piece has rows.",
                    ),
                ),
            ),
            Line("    pieces.append(piece.tolist())"),
        ),
    ),
    Puzzle(
        "half-local-slopes",
        like="local-slopes",
        wanted=("slopes",),
        given=_quotient,
        lines=(
            Line("above = 1 / b"),
            Line(
                "below = -a / b**2",
                (
                    Wrong("below = a / b**2", "quotient-sign"),
                    Wrong("below = -a / b", "quotient-not-squared"),
                ),
            ),
            Line(
                "slopes = [above, below]",
                (Wrong("slopes = [below, above]", "quotient-swapped"),),
            ),
        ),
        arguments=lambda v: ("div", np.array([v["a"], v["b"]]), v["a"] / v["b"]),
        answer=lambda v: v["slopes"],
    ),
    Puzzle(
        "half-reverse-pass",
        like="reverse-pass",
        wanted=("grad",),
        given=_nodes,
        lines=(
            Line(
                "for node in (R, d, f, a):", (Wrong("for node in (a, f, d, R):", "one-step-down"),)
            ),
            Line("    for source, slope in zip(sources[node], slopes[node], strict=True):"),
            Line(
                "        share = grad[node] * slope",
                (Wrong("        share = slope", "derivative-dropped"),),
            ),
            Line(
                "        grad[source] += share",
                (Wrong("        grad[source] = share", "overwritten"),),
            ),
        ),
        arguments=lambda v: (v["sources"], v["slopes"], v["R"]),
        answer=lambda v: v["grad"],
    ),
)
