"""Every public function names the argument that is wrong, what came, and what was expected.

Each function is called rightly but for one argument. The faults are those that numpy would
let through or report in its own words: shapes that broadcast, text, objects, NaN.
"""

import inspect
import re
from dataclasses import dataclass

import numpy as np
import pytest

from bplab import deep, losses, network, risk, training
from bplab.activations import leaky_relu, sigmoid, softmax, tanh
from bplab.risk import Risk

N, P, M, K = 5, 3, 4, 2

_RNG = np.random.default_rng(0)
VALID = {
    "X": _RNG.standard_normal((N, P)),
    "Y": _RNG.uniform(0, 1, (N, K)),
    "alpha": _RNG.standard_normal((M, P + 1)),
    "beta": _RNG.standard_normal((K, M + 1)),
    "sigma": tanh,
    "sigmas": [tanh],
    "g": sigmoid,
}
VALID |= network.forward(*(VALID[name] for name in ("X", "alpha", "beta", "sigma", "g")))._asdict()
VALID["delta"] = _RNG.standard_normal((N, K))
VALID["inputs"] = VALID["Z"]
VALID["weights"] = VALID["beta"]
VALID["alphas"] = [VALID["alpha"]]
OF_LAYERS = {"A": [VALID["A"]]}  # what has a matrix a layer where the function takes alphas
VALID["gamma"] = 0.1


@dataclass(frozen=True)
class Call:
    """A public function, the arrays it takes, and which sizes must fit which argument."""

    function: object
    rows: str = ""  # arguments whose number of rows is N
    columns: str = ""  # arguments whose number of columns is fixed by another one
    complex: str = ""  # arguments that may be complex, for complex steps

    def arguments(self):
        names = inspect.signature(self.function).parameters
        valid = VALID | (OF_LAYERS if "alphas" in names else {})
        return {name: valid[name] for name in names if name in valid}

    @property
    def arrays(self):
        return [name for name, v in self.arguments().items() if isinstance(v, np.ndarray)]

    def __str__(self):
        return f"{self.function.__module__.removeprefix('bplab.')}.{self.function.__name__}"


CALLS = [
    Call(losses.loss_per_example, "Y F", "Y F", complex="F"),
    Call(losses.loss, "Y F", "Y F", complex="F"),
    Call(losses.residual, "Y F", "Y F", complex="F"),
    Call(losses.cross_entropy_per_example, "Y T", "Y T", complex="T"),
    Call(losses.cross_entropy, "Y T", "Y T", complex="T"),
    Call(network.hidden, "", "X alpha", complex="alpha"),
    Call(network.output, "", "Z beta", complex="Z beta"),
    Call(network.forward, "", "X alpha beta", complex="alpha beta"),
    Call(network.weight_gradient, "delta inputs"),
    Call(network.grad_beta, "Y A Z T F", "Y A Z T F"),
    Call(network.backward_output, "Y A Z T F", "Y A Z T F"),
    Call(network.grad_alpha, "X Y A Z T F", "Y A Z T F beta"),
    Call(network.backward_hidden, "X A Z delta", "A Z delta beta"),
    Call(network.backward, "X Y", "X Y alpha beta"),
    Call(deep.forward, "", "X beta", complex="beta"),
    Call(deep.output_delta, "Y T F", "Y T F"),
    Call(deep.hidden_delta, "delta A", "delta weights A"),
    Call(deep.hidden_deltas, "delta", "delta beta"),
    Call(deep.grad_last_hidden, "inputs A delta", "A delta beta"),
    Call(deep.backward, "X Y", "X Y beta"),
    Call(Risk, "X Y"),
    Call(training.one_pass, "X Y", "X Y alpha beta"),
]

NAMED_INSTEAD = {
    (network.hidden, "X"): "alpha",
    (network.forward, "X"): "alpha",
    (network.backward, "X"): "alpha",
    (training.one_pass, "X"): "alpha",
    (network.output, "Z"): "beta",
    (deep.forward, "X"): "alphas",
    (deep.backward, "X"): "alphas",
    (deep.hidden_delta, "A"): "weights",
    (deep.grad_last_hidden, "A"): "beta",
}

FAULTS = {
    "text": (lambda a: a.astype(str), "{name} must hold real numbers; got dtype <U32"),
    "objects": (lambda a: a.astype(object), "{name} must hold real numbers; got dtype object"),
    "None": (lambda a: None, "{name} must hold real numbers; got dtype object"),
    "complex64": (
        lambda a: a.astype(np.complex64),
        "{name} must hold real numbers; got dtype complex64",
    ),
    "NaN": (lambda a: put(a, np.nan), r"{name} must be finite; entry (1, 0) is nan"),
    "infinity": (lambda a: put(a, -np.inf), r"{name} must be finite; entry (1, 0) is -inf"),
    "no rows": (lambda a: a[:0], "{name} must not be empty; got shape (0, "),
    "no columns": (lambda a: a[:, :0], "{name} must not be empty; got shape ({rows}, 0)"),
    "a vector": (lambda a: a[0], "{name} must be a matrix of shape (", "got 1 dimension, shape ("),
    "a number": (lambda a: 1.5, "{name} must be a matrix of shape (", "got 0 dimensions, shape ()"),
    "three axes": (
        lambda a: a[None],
        "{name} must be a matrix of shape (",
        "got 3 dimensions, shape (1, ",
    ),
    "ragged rows": (
        lambda a: [[1.0, 2.0], [1.0]],
        "{name} must be a matrix of shape (",
        "got rows of different lengths",
    ),
}


def put(array, value):
    array = array.copy()
    array[1, 0] = value
    return array


def message(call, **changed):
    """What the function says of its arguments with these changes."""
    with pytest.raises(ValueError) as error:  # noqa: PT011
        call.function(**call.arguments() | changed)
    return str(error.value)


def each(argument_names):
    """All pairs of a call and one of the named kind of its arguments."""
    return [
        pytest.param(call, name, id=f"{call}-{name}")
        for call in CALLS
        for name in argument_names(call)
    ]


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_the_call_itself_is_right(call):
    call.function(**call.arguments())


@pytest.mark.one_in(3)
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(("call", "name"), each(lambda call: call.arrays))
def test_an_array_that_is_not_a_finite_real_matrix(call, name, fault):
    change, *expected = FAULTS[fault]
    said = message(call, **{name: change(call.arguments()[name])})
    for phrase in expected:
        assert phrase.format(name=name, rows=len(call.arguments()[name])) in said


@pytest.mark.parametrize(("call", "name"), each(lambda call: call.arrays))
def test_complex_numbers_where_a_complex_step_never_goes(call, name):
    changed = {name: call.arguments()[name].astype(complex)}
    if name in call.complex.split():
        call.function(**call.arguments() | changed)
    else:
        assert "must hold real numbers; got dtype complex128" in message(call, **changed)


@pytest.mark.parametrize(("call", "name"), each(lambda call: call.rows.split()))
def test_another_number_of_examples(call, name):
    array = call.arguments()[name]
    for change in (array[:-1], array[:1]):  # one row would broadcast
        said = message(call, **{name: change})
        assert re.search(rf"\b{name}\b", said)
        assert "must have the same" in said
        assert f"{len(change)}" in said
        assert f"{N}" in said


@pytest.mark.parametrize(("call", "name"), each(lambda call: call.columns.split()))
def test_another_number_of_columns(call, name):
    array = call.arguments()[name]
    for change in (array[:, :-1], array[:, :1], np.column_stack([array, array])):
        said = message(call, **{name: change})
        # an input fixes the columns of the weights behind it: those are named
        named = NAMED_INSTEAD.get((call.function, name), name)
        assert re.search(rf"\b{named}(?=\W)", said), said
        assert "must have" in said
        assert re.search(r"got \(\d+, \d+\)", said)


@pytest.mark.parametrize("name", ["sigma", "g"])
@pytest.mark.parametrize("bad", [np.tanh, leaky_relu, "tanh", None])
@pytest.mark.parametrize("call", CALLS, ids=str)
def test_what_is_no_activation(call, name, bad):
    if name in call.arguments():
        assert f"{name} must be an activation from bplab.activations" in message(
            call, **{name: bad}
        )


@pytest.mark.parametrize("function", [deep.forward, deep.backward])
def test_the_layers_of_a_deep_network(function):
    call, alpha = Call(function), VALID["alpha"]
    for alphas, phrase in [
        (alpha, "alphas must be a sequence of matrices, one for each hidden layer; got one matrix"),
        (None, "alphas must be a sequence of matrices, one for each hidden layer; got NoneType"),
        (3.0, "alphas must be a sequence of matrices, one for each hidden layer; got float"),
        ([], "alphas must hold at least one hidden layer; got none"),
        ([alpha[0]], "alphas[0] must be a matrix of shape (M_1, M_0+1); got 1 dimension"),
        ([alpha[:, 1:]], "alphas[0] must have shape (M_1, M_0+1), here with 4 columns; got (4, 3)"),
        ([put(alpha, np.nan)], "alphas[0] must be finite; entry (1, 0) is nan"),
        (["text"], "alphas[0] must hold real numbers; got dtype <U4"),
    ]:
        assert phrase in message(call, alphas=alphas)
    two = {"alphas": [alpha, np.ones((4, 4))]}
    assert "alphas[1] must have shape (M_2, M_1+1), here with 5 columns; got (4, 4)" in message(
        call, **two, sigmas=tanh
    )
    assert "one for each of the 2 hidden layers; got 1" in message(call, **two, sigmas=[tanh])
    assert "sigmas[1] must be an activation" in message(call, **two, sigmas=[tanh, "tanh"])


def test_the_layers_that_deltas_go_down_through():
    call, alpha, A = Call(deep.hidden_deltas), VALID["alpha"], VALID["A"]
    for layers, phrase in [
        ([], "A must hold as many matrices as there are hidden layers, 1; got 0"),
        ([A, A], "A must hold as many matrices as there are hidden layers, 1; got 2"),
        (None, "A must hold as many matrices as there are hidden layers, 1; got NoneType"),
        ([A[0]], "A[0] must be a matrix of shape (N, M_1); got 1 dimension"),
        ([A[:-1]], "delta and A[0] must have the same number N of rows; got 5 and 4"),
        ([put(A, np.nan)], "A[0] must be finite; entry (1, 0) is nan"),
        ([A[:, 1:]], "beta must have shape (K, M_D+1), here with 4 columns; got (2, 5)"),
    ]:
        assert phrase in message(call, A=layers)
    two = {"A": [A, A], "sigmas": tanh}
    for second, phrase in [
        (alpha, "alphas[1] must have shape (M_2, M_1+1), here with 5 columns; got (4, 4)"),
        (np.ones((3, 5)), "A[1] must have as many columns as alphas[1] has rows; got (5, 4) and"),
    ]:
        assert phrase in message(call, **two, alphas=[alpha, second])
    for alphas, phrase in [
        (alpha, "alphas must be a sequence of matrices, one for each hidden layer; got one matrix"),
        ([], "alphas must hold at least one hidden layer; got none"),
    ]:
        assert phrase in message(call, alphas=alphas)


@pytest.mark.parametrize("bad", [None, np.tanh, leaky_relu, "tanh"])
def test_what_is_no_activation_of_the_hidden_layers(bad):
    for call in (*map(Call, (deep.forward, deep.hidden_deltas, deep.backward)), Call(Risk)):
        assert "sigmas must be an activation" in message(call, sigmas=bad)
        assert "sigmas[0] must be an activation" in message(call, sigmas=[bad])


@pytest.mark.parametrize("call", [c for c in CALLS if str(c).startswith(("deep", "risk"))], ids=str)
def test_a_loss_that_is_unknown_or_does_not_fit(call):
    if "loss" in inspect.signature(call.function).parameters:
        said = message(call, loss="hinge")
        assert said == 'loss must be "squared" or "cross-entropy"; got \'hinge\''
        assert "goes with g = softmax; got g = sigmoid" in message(call, loss="cross-entropy")
        call.function(**call.arguments() | {"loss": "cross-entropy", "g": softmax})


def test_targets_of_another_width_than_the_output():
    for call in (Call(network.backward), Call(deep.backward), Call(training.one_pass)):
        said = message(call, Y=VALID["Y"][:, :1])
        assert said == "Y must have shape (N, K), here with 2 columns; got (5, 1)"


def test_delta_that_does_not_fit_the_weights_above():
    said = message(Call(network.backward_hidden), delta=np.ones((N, K + 1)))
    assert said == "delta must have as many columns as beta has rows; got (5, 3) and (2, 5)"
    said = message(Call(deep.hidden_delta), delta=np.ones((N, K + 1)))
    assert said == "delta must have as many columns as weights has rows; got (5, 3) and (2, 5)"


def test_weights_of_a_risk():
    R = Risk(VALID["X"], VALID["Y"], tanh, sigmoid)
    for weights, phrase in [
        ((VALID["alpha"][:, 1:], VALID["beta"]), "alphas[0] must have shape (M_1, M_0+1)"),
        ((VALID["alpha"], put(VALID["beta"], np.nan)), "beta must be finite; entry (1, 0) is nan"),
        ((VALID["alpha"], VALID["beta"].astype(str)), "beta must hold real numbers; got dtype <U"),
        ((VALID["alpha"],), "one matrix for each hidden layer and one for the output; got 1"),
        ((), "one matrix for each hidden layer and one for the output; got 0"),
    ]:
        for call in (R, R.gradient):
            with pytest.raises(ValueError, match=re.escape(phrase)):
                call(weights)


@pytest.mark.parametrize(
    ("changed", "phrase"),
    [
        (
            {"gradient": np.ones((M, 1))},
            "with respect to alpha must have the shape of alpha, (4, 4)",
        ),
        ({"gradient": np.ones(P + 1)}, "the shape of alpha, (4, 4); got (4,)"),
        ({"gradient": 1.0}, "the shape of alpha, (4, 4); got ()"),
        (
            {"gradient": None},
            "with respect to alpha must hold real numbers; got None",
        ),
        ({"gradient": VALID["alpha"].astype(str)}, "alpha must hold real numbers; got dtype <U"),
        ({"gradient": VALID["alpha"] + 0j}, "must hold real numbers; got dtype complex128"),
        ({"weights": VALID["alpha"].astype(object)}, "alpha must hold real numbers; got dtype o"),
        ({"gamma": np.nan}, "gamma must be a finite number; got nan"),
        ({"gamma": "0.1"}, "gamma must be a finite number; got '0.1'"),
        ({"gamma": None}, "gamma must be a finite number; got None"),
        ({"gamma": 1j}, "gamma must be a finite number; got 1j"),
        ({"gamma": [0.1]}, "gamma must be a finite number; got [0.1]"),
    ],
)
def test_an_update(changed, phrase):
    right = {"weights": VALID["alpha"], "gradient": VALID["alpha"], "gamma": 0.1, "name": "alpha"}
    training.update(**right)
    with pytest.raises(ValueError, match=re.escape(phrase)):
        training.update(**right | changed)


@pytest.mark.parametrize("gamma", [np.nan, np.inf, "0.1", None, 1j, [0.1]])
def test_a_pass_with_what_is_no_learning_rate(gamma):
    said = message(Call(training.one_pass), gamma=gamma)
    assert said == f"gamma must be a finite number; got {gamma!r}"


def test_an_update_keeps_float32_and_lets_divergence_through():
    narrow = VALID["alpha"].astype(np.float32)
    assert training.update(narrow, narrow, np.float64(0.1)).dtype == np.float32
    assert training.update(np.ones((2, 2)), np.full((2, 2), np.inf), 0.1).max() == -np.inf


@pytest.mark.parametrize(
    ("sizes", "phrase"),
    [
        ((0, 4, 2), "p must be at least 1; got 0"),
        ((3, -1, 2), "M must be at least 1; got -1"),
        ((3, 4, 0), "K must be at least 1; got 0"),
        ((3, [4, 0], 2), "M must be at least 1; got 0"),
        ((3, [], 2), "M must hold the number of units of at least one hidden layer; got none"),
        ((3, np.empty(0, int), 2), "M must hold the number of units of at least one hidden layer"),
        ((3, [4, "a"], 2), "M must be a whole number; got 'a'"),
        ((2.5, 4, 2), "p must be a whole number; got 2.5"),
        ((3, 4.0, 2), "M must be a whole number; got 4.0"),
        ((3, "44", 2), "M must be a whole number; got '44'"),
        ((3, None, 2), "M must be a whole number; got None"),
        ((3, 4, [2]), "K must be a whole number; got [2]"),
    ],
)
def test_sizes_of_a_network(sizes, phrase):
    with pytest.raises(ValueError, match=re.escape(phrase)):
        training.initial_weights(*sizes)


def test_every_public_function_is_here():
    here = {call.function for call in CALLS}
    for module in (losses, network, deep, risk):
        for name in module.__all__:
            thing = getattr(module, name)
            if inspect.isfunction(thing):
                assert thing in here, f"{module.__name__}.{name}"
