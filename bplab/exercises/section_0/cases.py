"""Test cases of section 0: smooth functions of one array, each with its derivative by hand.

They are scaled so that a central difference passes with any step from 1e-4 to 1e-8, and with no
other power of ten: the steep function rules out wider steps, the large value narrower ones. A
one-sided difference passes with no step: the bowl curves too much for it, while central
differences of a parabola are exact.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, replace
from math import cos, exp, fsum, sin
from typing import Any

import numpy as np

from bplab.exercises.task import Case

LARGE = 1e5
"""The size of some slopes."""


class Function(ABC):
    """A function of one array of a fixed shape; it returns one number, and nothing else."""

    @property
    @abstractmethod
    def shape(self) -> tuple[int, ...]:
        """The shape of the array that it takes."""

    def __call__(self, w: np.ndarray) -> float:
        """Return the value; raise ValueError for an array of another shape."""
        if np.shape(w) != self.shape:
            raise ValueError(f"f takes an array of shape {self.shape}; it got {np.shape(w)}")
        return self.value(np.asarray(w))

    @abstractmethod
    def value(self, w: np.ndarray) -> float:
        """Return f(w)."""

    @abstractmethod
    def gradient(self, w: np.ndarray) -> np.ndarray:
        """Return the derivative with respect to every entry, worked out on paper."""


@dataclass(frozen=True, eq=False)
class Cubic(Function):
    """−(a u² v + b v z³ + c u) of the three numbers u, v, z."""

    a: float
    b: float
    c: float

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the array that it takes."""
        return (3,)

    def value(self, w: np.ndarray) -> float:
        """Return f(w)."""
        u, v, z = map(float, w)
        return -(self.a * u**2 * v + self.b * v * z**3 + self.c * u)

    def gradient(self, w: np.ndarray) -> np.ndarray:
        """Return the three derivatives."""
        a, b, (u, v, z) = self.a, self.b, w
        return -np.array([2 * a * u * v + self.c, a * u**2 + b * z**3, 3 * b * v * z**2])


@dataclass(frozen=True, eq=False)
class Reciprocal(Function):
    """a w³ − b / w of a single number."""

    a: float
    b: float
    shape = (1,)

    def value(self, w: np.ndarray) -> float:
        """Return f(w)."""
        number = float(w[0])
        return self.a * number**3 - self.b / number

    def gradient(self, w: np.ndarray) -> np.ndarray:
        """Return the derivative."""
        return 3 * self.a * w**2 + self.b / w**2


@dataclass(frozen=True, eq=False)
class Wave(Function):
    """height + size sin(phase + Σ v w), the sum over all entries."""

    v: np.ndarray
    phase: float
    height: float = 0.0
    size: float = 1.0

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the array that it takes."""
        return self.v.shape

    def value(self, w: np.ndarray) -> float:
        """Return f(w)."""
        return self.height + self.size * sin(self.phase + _dot(self.v, w))

    def gradient(self, w: np.ndarray) -> np.ndarray:
        """Return size v cos(phase + Σ v w)."""
        return self.size * self.v * cos(self.phase + _dot(self.v, w))


@dataclass(frozen=True, eq=False)
class Growth(Function):
    """exp(Σ v (w − origin)): how much it has grown since the origin."""

    v: np.ndarray
    origin: np.ndarray

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the array that it takes."""
        return self.v.shape

    def value(self, w: np.ndarray) -> float:
        """Return f(w)."""
        return exp(_dot(self.v, w - self.origin))

    def gradient(self, w: np.ndarray) -> np.ndarray:
        """Return v f(w)."""
        return self.v * self.value(w)


@dataclass(frozen=True, eq=False)
class SquaredError(Function):
    """(1 − σ(bias + Σ x w))², σ the sigmoid."""

    x: np.ndarray
    bias: float

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the array that it takes."""
        return self.x.shape

    def _rest(self, w: np.ndarray) -> float:
        return 1 / (1 + exp(self.bias + _dot(self.x, w)))

    def value(self, w: np.ndarray) -> float:
        """Return f(w)."""
        return self._rest(w) ** 2

    def gradient(self, w: np.ndarray) -> np.ndarray:
        """Return −2 (1 − σ) σ (1 − σ) x."""
        rest = self._rest(w)
        return -2 * rest * rest * (1 - rest) * self.x


@dataclass(frozen=True, eq=False)
class LeastSquares(Function):
    """Σ_i (Σ_j W_ij x_j − y_i)² of a matrix W."""

    x: np.ndarray
    y: np.ndarray

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the array that it takes."""
        return len(self.y), len(self.x)

    def value(self, w: np.ndarray) -> float:
        """Return f(w)."""
        return fsum((_dot(row, self.x) - y) ** 2 for row, y in zip(w, self.y, strict=True))

    def gradient(self, w: np.ndarray) -> np.ndarray:
        """Return 2 (W x − y) xᵀ."""
        return 2 * np.outer(w @ self.x - self.y, self.x)


@dataclass(frozen=True, eq=False)
class Bowl(Function):
    """Σ (v u + bend/2 u²) with u = w − origin: it has slope v at the origin, and bends strongly."""

    v: np.ndarray
    origin: np.ndarray
    bend: float = 3e4 * LARGE

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the array that it takes."""
        return self.v.shape

    def value(self, w: np.ndarray) -> float:
        """Return f(w)."""
        u = w - self.origin
        return _dot(self.v + self.bend / 2 * u, u)

    def gradient(self, w: np.ndarray) -> np.ndarray:
        """Return v + bend u."""
        return self.v + self.bend * (w - self.origin)


def _dot(a: np.ndarray, b: np.ndarray) -> float:
    return fsum(float(p) * float(q) for p, q in zip(a.flat, b.flat, strict=True))


@dataclass(frozen=True)
class FunctionCase(Case):
    """A function f and the array ``params`` at which it is to be differentiated.

    With ``keeps=True``, f holds on to the very array that the learner's function is given. If this
    function nudges the array in place, it moves f's origin, too.
    """

    name: str
    f: Function
    params: np.ndarray
    keeps: bool = False
    special: bool = False

    @property
    def sizes(self) -> dict[str, int]:
        """The number of entries of params."""
        return {"entries": self.params.size}

    @property
    def setting(self) -> str:
        """The shape of params."""
        return f"params of shape {self.params.shape}"

    def arguments(self, names: Iterable[str]) -> dict[str, Any]:
        """Return copies of f and of params."""
        given = super().arguments(names)
        if "f" in given:
            f = given["f"] = deepcopy(self.f)
            if self.keeps and isinstance(f, Growth):
                given["f"] = replace(f, origin=given["params"])
        return given


def function_cases(rng: np.random.Generator) -> list[FunctionCase]:
    """The cases of section 0: functions of different kinds and shapes."""

    def size(*shape: int) -> np.ndarray:
        """Return numbers near 1, so that no entry of a gradient is too small for usual steps."""
        return rng.uniform(0.8, 1.2, shape)

    def signed(*shape: int) -> np.ndarray:
        return size(*shape) * rng.choice([-1, 1], shape)

    (many,) = rng.spawn(1)
    bottom = many.spawn(1)[0].uniform(0.8, 1.2, (2, 3))
    turned = many.spawn(1)[0].uniform(0.8, 1.2, (3, 2))

    def wave(
        name: str,
        params: np.ndarray,
        angle: float,
        scale: float,
        height: float = 0.0,
        size: float = 1.0,
        special: bool = False,
    ) -> FunctionCase:
        v = scale * signed(*params.shape)
        f = Wave(v, angle - _dot(v, params), height, size)
        return FunctionCase(name, f, params, special=special)

    rows, columns = (int(n) for n in 2 + rng.permutation(3)[:2])
    n = int(rng.integers(4, 7))

    point = signed(n)
    x = signed(n)
    error = SquaredError(x, rng.uniform(-0.5, 0.5) - _dot(x, point))

    W, x3 = signed(3, 3), signed(3)
    squares = LeastSquares(x3, W @ x3 - signed(3))

    vector, corner = size(3), signed(2, 1, 2, 1)
    zeros = signed(5, 1)
    zeros[rng.permutation(5)[:3]] = [[0], [0], [1e-9]]
    return [
        FunctionCase("a vector", Cubic(*size(3)), vector),
        # large params, and slopes below a millionth
        wave("a matrix", 20 * signed(rows, columns), 0.5, 1 / 20, size=1e-6),
        FunctionCase("one number", Reciprocal(*size(2)), size(1), special=True),
        FunctionCase("a square matrix", squares, W),
        FunctionCase("a squared error", error, point),
        FunctionCase("a steep function", Growth(6 * signed(2, 1, 2, 1), corner.copy()), corner),
        wave("a large value", signed(1, 4), 0.0, 1.0, height=40.0),
        wave("zeros among the entries", zeros, -0.5, 1.0, special=True),
        # at zero a nudge that is cut to whole numbers does nothing, whatever its size
        wave("an integer array", np.zeros((2, 3), dtype=np.int64), 0.3, 2.5, special=True),
        _many_entries(many),
        wave("a transposed matrix", turned.T, 0.5, 1.0, special=True),
        FunctionCase("a narrow bowl", Bowl(LARGE * (bottom[::-1] - 2), -bottom), -bottom),
        FunctionCase(
            "f keeps params", Growth(signed(3), vector), vector.copy(), keeps=True, special=True
        ),
    ]


def _many_entries(rng: np.random.Generator) -> FunctionCase:
    """A case with more rows and columns than any size at which a loop may stop."""
    shape = (int(rng.integers(7, 10)), int(rng.integers(10, 12)))
    v, params = (rng.uniform(0.8, 1.2, shape) * rng.choice([-1, 1], shape) for _ in range(2))
    return FunctionCase("many entries", Wave(v, 0.4 - _dot(v, params)), params)
