"""What the docstrings say: their examples run, and arrays have the shapes that they promise."""

import doctest
import inspect
import re
from importlib import import_module

import numpy as np
import pytest

from bplab import by_equation, deep, losses, network, training
from bplab.activations import sigmoid, softmax, tanh
from bplab.by_equation import with_one

# all different, so that no transposition hides
SIZES = {"N": 7, "p": 3, "M": 4, "K": 5, "M_d": 4, "M_{d+1}": 5, "M_D": 4, "M_{D-1}": 3}
SIZES |= {"M_1": 4, "M_2": 5, "M_{d-1}": 3}

_rng = np.random.default_rng(0)
X, Y = _rng.standard_normal((7, 3)), _rng.uniform(0, 1, (7, 5))
ALPHA, BETA = _rng.standard_normal((4, 4)), _rng.standard_normal((5, 5))
A, Z, T, F = network.forward(X, ALPHA, BETA, tanh, softmax)
DELTA = network.backward_output(Y, A, Z, T, F, softmax)[0]

BATCH = dict(X=X, Y=Y, alpha=ALPHA, beta=BETA, A=A, Z=Z, T=T, F=F, delta=DELTA)
BATCH |= dict(inputs=Z, weights=BETA, sigma=tanh, g=softmax, gamma=0.1)
ONE = dict(x=with_one(X[0]), y=Y[0], f=F[0], t=T[0], a=A[0], z=with_one(Z[0]), delta=DELTA[0])
ONE |= dict(z_below=with_one(X[0]), s_above=DELTA[0], alpha_above=BETA, alpha=ALPHA, beta=BETA)
ONE |= dict(Y=Y, F=F, sigma=tanh, gamma=0.1)
GRADIENTS = {"eq12": np.ones((7, 5, 5)), "eq13": np.ones((7, 4, 4))}

LIBRARY = [
    *(losses.loss_per_example, losses.residual, losses.cross_entropy_per_example),
    *(network.hidden, network.output, network.weight_gradient, network.grad_beta),
    *(network.grad_alpha, network.backward_output, network.backward_hidden),
    *(deep.output_delta, deep.hidden_delta, training.one_pass),
]
FORMULAS = [getattr(by_equation, name) for name in by_equation.__all__ if name[:2] == "eq"]


@pytest.mark.parametrize(
    "module", ["activations", "by_equation", "deep", "losses", "network", "risk", "training"]
)
def test_examples_run(module):
    found = doctest.testmod(import_module(f"bplab.{module}"))
    assert found.failed == 0


def promised(function, section):
    """The shapes in a section of a docstring, by name and in order: [("Z", "N, M"), …]."""
    text = inspect.getdoc(function)
    part = re.split(r"\n\w+\n-{4,}\n", text.split(f"{section}\n{'-' * len(section)}\n")[1])[0]
    shapes = []
    for line in part.splitlines():
        if line.startswith(" "):
            continue
        names, _, what = line.rpartition(" : ")
        if shape := re.search(r"\(([^()]*)\)", what):
            shapes += [(name, shape[1]) for name in names.split(", ")]
        elif what == "float":
            shapes += [(name, "") for name in names.split(", ")]
    return shapes


def shape(letters):
    """The shape that the letters stand for: "K, M+1" is (5, 5)."""
    axes = filter(None, re.split(r",\s*", letters))
    return tuple(SIZES[axis.removesuffix("+1")] + axis.endswith("+1") for axis in axes)


@pytest.mark.parametrize("function", [*LIBRARY, *FORMULAS], ids=lambda f: f.__name__)
def test_shapes_are_those_of_the_docstring(function):
    one = function in FORMULAS
    known = ONE | {"gradients": GRADIENTS.get(function.__name__)} if one else BATCH
    # sections 2.1 and 2.2 differ in g; the elementwise formulas take its derivative
    known = known | {"g": sigmoid if function.__name__ in ("eq4", "eq5", "eq6") else softmax}
    arguments = {
        name: known[name] for name in inspect.signature(function).parameters if name != "loss"
    }
    for name, letters in promised(function, "Parameters"):
        if isinstance(arguments.get(name), np.ndarray):
            assert arguments[name].shape == shape(letters), name
    results = function(**arguments)
    results = results if isinstance(results, tuple) else (results,)
    expected = promised(function, "Returns")
    assert len(results) == len(expected)
    for result, (name, letters) in zip(results, expected, strict=True):
        assert np.shape(result) == shape(letters), name


def test_layers_have_the_shapes_of_the_docstring():
    """Of `hidden_deltas`, whose arrays differ from layer to layer."""
    alphas, sigmas = [ALPHA, _rng.standard_normal((6, 5))], [tanh, sigmoid]
    beta = _rng.standard_normal((5, 7))
    layers = deep.forward(X, alphas, beta, sigmas, softmax).A
    s = deep.hidden_deltas(DELTA, alphas, beta, layers, sigmas)
    (name, letters), *rest = promised(deep.hidden_deltas, "Returns")
    assert (name, letters, rest) == ("s", "N, M_d", [])
    assert [array.shape for array in s] == [(SIZES["N"], M) for M in (4, 6)]
    assert [a.shape for a in layers] == [array.shape for array in s]
