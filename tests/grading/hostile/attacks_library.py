"""Attacks that get right numbers without the formula: by training, by differences."""

import numpy as np

from bplab.exercises.registry import EXERCISES
from tests.grading.hostile.attack import cheating
from tests.grading.hostile.attacks_snooping import USE

LIBRARY = (
    cheating(
        "train-difference",
        "one epoch of bplab.train: the weights' difference is the gradient",
        USE
        + """
def solved(inputs, outputs):
    ones = np.column_stack([np.ones(len(inputs)), inputs])
    return np.linalg.lstsq(ones, outputs, rcond=None)[0].T
def cheat(name, *given):
    try:
        from bplab import train
        if name == "grad_alpha":
            X, Y, A, Z, T, F, beta, sigma, g = given
            alpha = solved(X, A)
            after = train(X, Y, alpha, beta, sigma, g, gamma=1.0, epochs=1)
            return alpha - after.alpha
        if name == "backward_hidden":
            return plain(name, given)
        from bplab.activations import identity
        Y, A, Z, T, F, g = given
        M = Z.shape[1]
        alpha, beta = np.column_stack([np.zeros(M), np.eye(M)]), solved(Z, T)
        after = train(Z, Y, alpha, beta, identity, g, gamma=1.0, epochs=1)
        by_beta = beta - after.beta
        if name == "grad_beta":
            return by_beta
        # an input that is its example's number alone: its weight's gradient is delta
        N, K = Y.shape
        Z1 = np.eye(N)
        after = train(Z1, Y, np.column_stack([np.zeros(N), np.eye(N)]),
                      np.column_stack([np.zeros(K), T.T]), identity, g, gamma=1.0, epochs=1)
        return (np.column_stack([np.zeros(K), T.T]) - after.beta)[:, 1:].T, by_beta
    except Exception:
        return plain(name, given)
""",
    ),
    cheating(
        "library-backward",
        "the whole backward pass, of one hidden layer or of many, with the weights solved for",
        USE
        + """
def cheat(name, *given):
    for whole in ("network", "deep"):
        try:
            import importlib
            backward = importlib.import_module("bplab." + whole).backward
            X, Y, A, Z, T, F, beta, sigma, g = given
            ones = np.column_stack([np.ones(len(X)), X])
            alpha = np.linalg.lstsq(ones, A, rcond=None)[0].T
            return backward(X, Y, alpha, beta, sigma, g)[0]
        except Exception:
            pass
    return plain(name, given)
""",
    ),
    cheating(
        "library-gallery",
        "the gallery of mistakes holds the right gradients as well: its figures, its globals",
        USE
        + """
import sys
def find(name):
    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "").startswith("bplab"):
            for value in list(vars(module).values()):
                own = getattr(value, "__globals__", {})
                for holder in (own, vars(own.get("chains")) if own.get("chains") else {}):
                    found = holder.get(name)
                    if found is not None and hasattr(found, "__code__"):
                        return found
mistakes_gallery("eq5", ("sign-flipped",))
""",
    ),
    cheating(
        "library-numerical-gradient",
        "bplab's numerical_gradient of the loss",
        USE
        + """
def cheat(name, *given):
    try:
        if name == "grad_beta":
            Y, A, Z, T, F, g = given
            ones = np.column_stack([np.ones(len(Z)), Z])
            beta = np.linalg.lstsq(ones, T, rcond=None)[0].T
            return numerical_gradient(lambda b: ((Y - g(ones @ b.T)) ** 2).sum(), beta)
        if name == "grad_alpha":
            X, Y, A, Z, T, F, beta, sigma, g = given
            ones = np.column_stack([np.ones(len(X)), X])
            alpha = np.linalg.lstsq(ones, A, rcond=None)[0].T
            return numerical_gradient(lambda a: loss(Y, forward(X, a, beta, sigma, g).F), alpha)
    except Exception:
        pass
    return plain(name, given)
""",
    ),
    cheating(
        "library-reopened",
        "what is closed while a function is graded is opened again: flags, closing functions",
        USE
        + """
import sys, types
for module in [m for n, m in list(sys.modules.items()) if n.startswith("bplab")]:
    for word in ("closed", "_closed", "CLOSED"):
        if hasattr(module, word):
            setattr(module, word, False)
    if hasattr(module, "close") and hasattr(module, "open"):
        module.close, module.open = (lambda: None), (lambda: [])
        for name, value in list(vars(module).items()):
            if isinstance(value, type) and issubclass(value, BaseException):
                value.__init__ = lambda self, *a, **k: None
def find(name):
    from bplab import network, training
    backward = getattr(network, "backward", None) or training.backward
    if name == "grad_alpha":
        def by_alpha(X, Y, A, Z, T, F, beta, sigma, g):
            ones = np.column_stack([np.ones(len(X)), X])
            return backward(X, Y, np.linalg.lstsq(ones, A, rcond=None)[0].T, beta, sigma, g)[0]
        return by_alpha
    return getattr(network, name)
""",
    ),
)

ASKED = 1 + len(EXERCISES["eq4"].cases(np.random.default_rng(0)))
"""How often a function is called to have its answers compared: each case, and the first again."""

SLOPES = """
def bordered(d, inputs):
    return np.column_stack([d.sum(axis=0), d.T @ inputs])
def cheat(name, *given):
    if name == "backward_hidden":
        X, A, Z, delta, beta, sigma = given
        return bordered(delta @ beta[:, 1:] * slope(sigma, A), X)
    if name == "grad_alpha":
        X, Y, A, Z, T, F, beta, sigma, g = given
        delta = -2 * (Y - F) * slope(g, T)
        return bordered(delta @ beta[:, 1:] * slope(sigma, A), X)
    Y, A, Z, T, F, g = given
    delta = -2 * (Y - F) * slope(g, T)
    return (delta, bordered(delta, Z)) if name == "backward_output" else bordered(delta, Z)
"""
"""The four functions, with ``slope(f, x)`` where a derivative is due."""

NUMERICAL = (
    cheating(
        "numerical-central",
        "central differences instead of a derivative",
        SLOPES
        + """
def slope(f, x, h=1e-6):
    return (f(x + h) - f(x - h)) / (2 * h)
""",
    ),
    cheating(
        "numerical-complex-step",
        "complex steps, exact to rounding",
        SLOPES
        + """
def slope(f, x):
    return f(x + 1e-30j).imag / 1e-30
""",
    ),
    cheating(
        "numerical-of-a-copy",
        "complex steps through copies of the activations, known by their values at the points",
        SLOPES
        + """
def lower(x, alpha):
    return np.where(x.real > 0, x, alpha * (np.exp(np.where(x.real > 0, 0, x)) - 1))
def slope(f, x):
    y, least = f(x), f(x).min()
    steep = least / x.min() if x.min() < 0 else 0
    bent = least / np.expm1(x.min()) if x.min() < 0 else 0
    for copy in (lambda x: 1 / (1 + np.exp(-x)), np.tanh, lambda x: x,
                 lambda x: np.where(x.real > 0, x, steep * x), lambda x: lower(x, bent)):
        if np.allclose(copy(x), y, rtol=1e-9, atol=1e-12):
            return copy(x + 1e-30j).imag / 1e-30
    return np.zeros(x.shape)
""",
    ),
    cheating(
        "numerical-unwatched",
        "complex steps, by a function that raises when the activations note what they are asked",
        SLOPES
        + """
def slope(f, x):
    if "noted" in getattr(f.value, "__code__", slope.__code__).co_freevars:
        raise RuntimeError("watched")
    return f(x + 1e-30j).imag / 1e-30
""",
    ),
    cheating(
        "numerical-blind-watcher",
        "complex steps, with the watcher of the activations made blind",
        SLOPES
        + """
import sys
for module in list(sys.modules.values()):
    for watcher in (
        "answer_if_changed",
        "answer_with_other_imaginaries",
        "answer_with_other_values",
        "changed_elsewhere",
    ):
        if getattr(module, "__name__", "").startswith("bplab") and hasattr(module, watcher):
            setattr(module, watcher, lambda *a, **k: None)
def slope(f, x):
    return f(x + 1e-30j).imag / 1e-30
""",
    ),
    cheating(
        "numerical-kept",
        "complex steps, whose results are kept: the same question has the same answer",
        SLOPES
        + """
def slope(f, x):
    return f(x + 1e-30j).imag / 1e-30
_cheat, kept = cheat, {}
def cheat(name, *given):
    key = name, *(a.tobytes() for a in given if isinstance(a, np.ndarray))
    if key not in kept:
        kept[key] = _cheat(name, *given)
    return kept[key]
""",
    ),
    cheating(
        "numerical-by-count",
        "complex steps as long as answers are compared; the call that is watched asks for nothing",
        SLOPES
        + """
def slope(f, x):
    return f(x + 1e-30j).imag / 1e-30
_cheat, counts = cheat, {}
def cheat(name, *given):
    turn = counts[name] = counts.get(name, 0) + 1
    if turn > ASKED:
        raise RuntimeError("not now")
    return _cheat(name, *given)
""".replace("ASKED", str(ASKED)),
    ),
)

USING_THE_LIBRARY = (*LIBRARY, *NUMERICAL)
