"""The model of the activation panel: curves, one point with its differences, and verdicts."""

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bplab.activations import Activation, elu, identity, leaky_relu, relu, sigmoid, tanh
from bplab.errors import InputError
from bplab.languages import english
from bplab.learner import Careful, LearnerError, array_of, finite, parts_of

__all__ = ["FUNCTIONS", "LIMIT", "SMALL", "YOURS", "ActivationModel", "Curve", "Point", "Region"]

LIMIT = 6.0
GRID = np.arange(-240, 241) / 40  # 0 is exactly in it
GRID.flags.writeable = False
SMALL = 0.05  # a slope below it lets hardly anything through
YOURS = "yours"
FAR = 1000.0  # e^FAR overflows
SECONDS = 3  # a slower call is stopped

NEAR = 1e-5  # step of the differences that the derivative is compared with
KINK = 1e-3  # least difference of the slopes on both sides; a smooth bend makes a few times NEAR
JUMP = 1e3  # a slope over the step NEAR that no activation has, so the value jumps
TOLERANCE = 1e-4  # tolerance when a derivative is compared with differences over NEAR

Mine = Callable[..., tuple[NDArray, NDArray]] | Activation

FUNCTIONS: dict[str, Callable[[float], Activation]] = {
    "sigmoid": lambda alpha: sigmoid,
    "tanh": lambda alpha: tanh,
    "ReLU": lambda alpha: relu,
    "leaky ReLU": leaky_relu,
    "ELU": elu,
    "identity": lambda alpha: identity,
}
"""The activations of the panel by name, as functions of α, which most do not use."""

WITH_ALPHA = ("leaky ReLU", "ELU")


class Region(NamedTuple):
    """An interval of x in which the derivative is small, and the word for that."""

    left: float
    right: float
    word: str


class Curve(NamedTuple):
    """An activation on a grid: ``x, value, slope, difference, wrong`` have one shape.

    ``difference`` is the central difference of the value. ``wrong`` tells where the slope is
    outside of the range that differences on both sides allow. ``kinks`` are the x where the slope
    jumps, and ``jumps`` the x where the value itself does. ``far`` says what fails at ±1000, if
    anything.
    """

    x: NDArray
    value: NDArray
    slope: NDArray
    difference: NDArray
    wrong: NDArray
    kinks: tuple[float, ...]
    jumps: tuple[float, ...]
    regions: tuple[Region, ...]
    far: str


class Point(NamedTuple):
    """An activation at x: its value, its derivative there, and differences of the value.

    ``behind`` and ``ahead`` are the values at x - h and x + h, and ``central`` is the slope of the
    chord through them. ``left`` and ``right`` are the slopes close to x on each side.
    """

    x: float
    h: float
    value: float
    slope: float
    behind: float
    ahead: float
    central: float
    left: float
    right: float

    @property
    def kink(self) -> bool:
        """Whether the slope jumps here."""
        return abs(self.right - self.left) > KINK

    @property
    def wrong(self) -> bool:
        """Whether the derivative does not agree with the differences close to x."""
        return bool(_outside(*map(np.asarray, (self.slope, self.left, self.right))))


class ActivationModel:
    """The six activations, and the learner's own.

    Parameters
    ----------
    mine : callable or Activation, optional
        ``mine(x)`` or ``mine(x, alpha)`` returning value and derivative, or an `Activation`.

    Attributes
    ----------
    names : tuple of str
        The functions that can be shown; with ``mine`` the first is ``"yours"``.

    Raises
    ------
    ValueError
        If ``mine`` is not such a function.
    """

    def __init__(self, mine: Mine | None = None):
        self._mine: Any = mine
        self._takes_alpha = mine is not None and _takes_alpha(mine)
        self.names = (*((YOURS,) if mine is not None else ()), *FUNCTIONS)

    def takes_alpha(self, name: str) -> bool:
        """Whether the function of this name depends on α."""
        return self._takes_alpha if name == YOURS else name in WITH_ALPHA

    def curve(self, name: str, alpha: float) -> Curve:
        """Return the function of this name on the whole axis.

        Raises
        ------
        LearnerError
            If the learner's function does not work.
        """
        n = len(GRID)
        x = np.concatenate([GRID, GRID - NEAR, GRID + NEAR])
        value, slope = self._pair(name, alpha, x)
        here, behind, ahead = value[:n], value[n : 2 * n], value[2 * n :]
        slope = slope[:n]
        left, right = (here - behind) / (x[:n] - x[n : 2 * n]), (ahead - here) / (x[2 * n :] - GRID)
        jump = np.maximum(abs(left), abs(right)) > JUMP
        kink = (abs(right - left) > KINK) & ~jump
        kink[[0, -1]] = False  # at the ends there is no other side to draw
        return Curve(
            GRID,
            here,
            slope,
            (ahead - behind) / (x[2 * n :] - x[n : 2 * n]),
            _outside(slope, left, right) & ~jump,
            tuple(GRID[kink].tolist()),
            tuple(GRID[jump].tolist()),
            tuple(_regions(slope)),
            self._far(name, alpha),
        )

    def point(self, name: str, alpha: float, x: float, h: float) -> Point:
        """Return the function of this name at x, with differences over the step h.

        Raises
        ------
        LearnerError
            If the learner's function does not work.
        """
        places = np.array([x, x - h, x + h, x - NEAR, x + NEAR])
        value, slope = self._pair(name, alpha, places)
        here, behind, ahead, below, above = value.tolist()
        _, back, forth, down, up = places.tolist()
        return Point(
            x,
            h,
            value=here,
            slope=float(slope[0]),
            behind=behind,
            ahead=ahead,
            central=(ahead - behind) / (forth - back),
            left=(here - below) / (x - down),
            right=(above - here) / (up - x),
        )

    def _far(self, name: str, alpha: float) -> str:
        """Return what goes wrong where an exponential overflows; empty if nothing does."""
        try:
            self._pair(name, alpha, np.array([-FAR, FAR]))
        except LearnerError as problem:
            return english(problem)
        return ""

    def _pair(self, name: str, alpha: float, x: NDArray) -> tuple[NDArray, NDArray]:
        if name != YOURS:
            activation = FUNCTIONS[name](alpha)
            return activation(x), activation.derivative(x)
        mine = Careful(self._both, "activation", given="x", seconds=SECONDS)
        answer = mine(x, alpha) if self._takes_alpha else mine(x)
        value, slope = parts_of(answer, mine.what, ("value", "derivative"))
        return _array(value, "value", x), _array(slope, "derivative", x)

    def _both(self, x: NDArray, *alpha: float) -> object:
        if isinstance(self._mine, Activation):
            return self._mine(x), self._mine.derivative(x)
        return self._mine(x, *alpha)


def _takes_alpha(mine: Mine) -> bool:
    """Whether a learner's function takes x and alpha rather than x alone."""
    wanted = "mine must be a function of x, or of x and alpha, that returns value and derivative"
    if isinstance(mine, Activation):
        return False
    if not callable(mine) or hasattr(mine, "jacobian"):
        raise InputError(f"{wanted}, both of the shape of x; got {mine!r}")
    try:
        parameters = list(inspect.signature(mine).parameters.values())
    except ValueError:  # a function of C
        return False
    several = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    needed = [p for p in several if p.default is p.empty]
    if len(needed) > 2 or not (several or any(p.kind == p.VAR_POSITIONAL for p in parameters)):
        names = ", ".join(p.name for p in parameters)
        raise InputError(f"{wanted}; got one of ({names})")
    return len(needed) == 2 or any(p.name == "alpha" for p in several[1:2])


def _array(part: object, name: str, x: NDArray) -> NDArray:
    """Return value or derivative as floats of the shape of x."""
    hint = "Both must be the same: work elementwise, without sums."
    array = array_of(part, name, x.shape, like="x", hint=hint)
    return finite(array, name, f" at x = {x[np.argmin(np.isfinite(array))]:.3g}")


def _outside(slope: NDArray, left: NDArray, right: NDArray) -> NDArray:
    """Return where a derivative is not between the slopes on both sides."""
    slack = TOLERANCE * np.maximum(1, np.maximum(abs(left), abs(right)))
    low, high = np.minimum(left, right), np.maximum(left, right)
    return (slope < low - slack) | (slope > high + slack)


def _regions(slope: NDArray) -> list[Region]:
    """Return the intervals of the grid in which a derivative is small."""
    small = np.concatenate([[False], abs(slope) < SMALL, [False]])
    (ends,) = np.nonzero(small[1:] != small[:-1])
    regions = []
    for first, end in ends.reshape(-1, 2):
        if end - first < 2:  # one point: a slope that passes through 0
            continue
        inside = slope[first:end]
        word = "saturated"
        if not inside.any():
            word = "off"
        elif np.ptp(inside) < 1e-9:
            word = "nearly off"
        regions.append(Region(float(GRID[first]), float(GRID[end - 1]), word))
    return regions
