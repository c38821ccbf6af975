"""The rules by which well-known packages accept a gradient, with their published defaults.

Each takes a scalar function of a tuple of arrays, a gradient, the arrays, and a random generator,
and returns whether the gradient is accepted. They are the packages' arithmetic on our networks;
the tests compare them with the packages themselves.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["RULES", "Rule", "autograd", "cs231n", "torch_fast", "torch_slow"]

Arrays = Sequence[NDArray]
Function = Callable[[Arrays], float]
Rule = Callable[[Function, Arrays, Arrays, np.random.Generator], bool]


def _central(f: Function, weights: Arrays, h: float) -> list[NDArray]:
    """Central differences by every entry, each moved by ±h."""
    arrays = [w.copy() for w in weights]
    gradient = [np.empty(w.shape) for w in weights]
    for w, g in zip(arrays, gradient, strict=True):
        for index in np.ndindex(w.shape):
            here = w[index]
            w[index] = here + h
            ahead = f(arrays)
            w[index] = here - h
            g[index] = (ahead - f(arrays)) / (2 * h)
            w[index] = here
    return gradient


def cs231n(most: float) -> Rule:
    """The course CS231n: relative error |a - n| / (|a| + |n|) at h = 1e-5, at most ``most``."""

    def rule(f: Function, gradient: Arrays, weights: Arrays, rng: np.random.Generator) -> bool:
        for a, n in zip(gradient, _central(f, weights, 1e-5), strict=True):
            size = np.abs(a) + np.abs(n)
            error = np.abs(a - n) / np.where(size == 0, 1, size)
            if error.max() > most:
                return False
        return True

    return rule


def torch_slow(f: Function, gradient: Arrays, weights: Arrays, rng: np.random.Generator) -> bool:
    """``torch.autograd.gradcheck``: central at 1e-6; |a - n| ≤ 1e-5 + 1e-3 |n| in every entry."""
    numeric = _central(f, weights, 1e-6)
    pairs = zip(gradient, numeric, strict=True)
    return all(np.allclose(a, n, rtol=1e-3, atol=1e-5) for a, n in pairs)


def torch_fast(f: Function, gradient: Arrays, weights: Arrays, rng: np.random.Generator) -> bool:
    """``torch.autograd.gradcheck(fast_mode=True)``: each array along one random unit vector."""
    for b, (a, w) in enumerate(zip(gradient, weights, strict=True)):
        u = rng.random(w.shape)
        u /= np.linalg.norm(u)
        ends = []
        for sign in (1, -1):
            arrays = list(weights)
            arrays[b] = w + sign * 1e-6 * u
            ends.append(f(arrays))
        numeric = (ends[0] - ends[1]) / 2e-6
        if not np.allclose(np.vdot(a, u), numeric, rtol=1e-3, atol=1e-5 * u.sum()):
            return False
    return True


def autograd(f: Function, gradient: Arrays, weights: Arrays, rng: np.random.Generator) -> bool:
    """``autograd.test_util.check_grads``, reverse mode: one normal direction, h = 5e-7.

    Accepted if |a - n| < 1e-6 or |a - n| / |a + n| < 1e-6, after both were multiplied with one
    random number.
    """
    v = [rng.standard_normal(w.shape) for w in weights]
    ahead, behind = (
        f([w + sign * 0.5e-6 * d for w, d in zip(weights, v, strict=True)]) for sign in (1, -1)
    )
    factor = rng.standard_normal()
    numeric = factor * (ahead - behind) / 1e-6
    exact = factor * sum(float(np.vdot(d, a)) for d, a in zip(v, gradient, strict=True))
    gap = abs(exact - numeric)
    return bool(gap < 1e-6 or gap < 1e-6 * abs(exact + numeric))


RULES: dict[str, Rule] = {
    "CS231n, 1e-7": cs231n(1e-7),
    "CS231n, 1e-2": cs231n(1e-2),
    "PyTorch gradcheck": torch_slow,
    "PyTorch gradcheck, fast mode": torch_fast,
    "Autograd check_grads": autograd,
}
"""Name of each rule in the table."""
