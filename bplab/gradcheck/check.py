"""The check of a gradient: right, wrong or cannot tell, entry by entry."""

from collections.abc import Callable
from typing import Any

import numpy as np

from bplab.gradcheck import directions
from bplab.gradcheck.ladder import EPS, STEPS, Derivative, Ladder
from bplab.gradcheck.network import EXTENDED, State
from bplab.gradcheck.probe import Probe
from bplab.gradcheck.report import Entry, GradientReport, Verdict
from bplab.gradcheck.rounding import gradient_error, unsure_sides
from bplab.risk import Risk
from bplab.tree import leaves

__all__ = ["check_gradient"]

NEAR = 0.3  # of rtol: a gradient this near is right
CLEAR = 0.1  # of rtol: an error bar this small leaves no doubt
SAFETY = 4  # an error of more than this many bounds is not rounding
SMALLEST = 1e-30  # what two roundings of numbers near 1 leave of each other
FINER = float(np.finfo(np.longdouble).eps) / EPS  # what more digits leave of an error
WOBBLE = 30  # ulp-sized moves of the weights show at least this part of a gradient's rounding


def check_gradient(
    f: Callable[[Any], float],
    grad: Any,
    params: Any,
    *,
    rtol: float = 1e-5,
    fast: bool = False,
    seed: int = 0,
) -> GradientReport:
    r"""Check a gradient against numerical derivatives, entry by entry.

    An entry is *right* if it agrees with a numerical derivative that is known well enough to show
    an error of ``rtol``; *wrong* if they differ by more than rounding, on both sides, can
    explain; and otherwise one *cannot tell*: the function is too noisy there, or on a kink.

    For a `bplab.risk.Risk` the derivative comes from complex steps on the branch that each unit
    is on, so that a kink disturbs nothing, and the tolerance from an error analysis of the
    network. For any other function both come from a ladder of central differences.

    Parameters
    ----------
    f : callable
        The function; takes a structure like ``params``, returns a real number.
    grad : structure like ``params``, or callable
        The gradient to be checked, or a function that returns it for ``params``. A function is
        better: its own rounding errors can then be measured.
    params : array, or tuple, list or dict of arrays
        Where to check. Never changed.
    rtol : float
        Relative error of an entry that must not pass as right, from 1e-9 to 1e-2.
    fast : bool
        Compare along a few random directions, at a cost that does not grow with the number of
        parameters; single entries are looked at only when something is wrong. Errors in entries
        that are small beside the others may be missed.
    seed : int
        Of the random directions.

    Returns
    -------
    GradientReport
        A verdict for every entry, and where it is: block, row, column, bias or weight.

    Raises
    ------
    ValueError
        If ``rtol`` is out of range, the gradient has other blocks or shapes than ``params``
        (shapes never broadcast) or is not finite, or ``f`` does not return a finite number.

    Examples
    --------
    >>> w = np.array([1.0, 2.0])
    >>> report = check_gradient(lambda w: np.sum(w**2), np.array([2.0, 2.0]), w)
    >>> print(report.wrong[0].index)
    (1,)
    """
    if not 1e-9 <= rtol <= 1e-2:
        raise ValueError(f"rtol must be from 1e-9 to 1e-2; got {rtol!r}")
    probe = Probe(f, params)
    probe.here()  # a function that fails, or weights that do not fit, are named here
    given = _fitting(grad(params) if callable(grad) else grad, probe)
    judge: directions.Judge
    if isinstance(f, Risk):
        judge = _NetworkJudge(f, probe, given, rtol)
    else:
        judge = _AnyJudge(probe, given, rtol, grad if callable(grad) else None)
    if fast:
        return directions.check(judge, np.random.default_rng(seed))
    return GradientReport(tuple(judge.entries()), probe.size)


class _NetworkJudge:
    """Judges a gradient of a network's risk by complex steps and an error analysis."""

    def __init__(self, risk: Risk, probe: Probe, given: list[np.ndarray], rtol: float):
        self.probe, self.given, self.rtol = probe, given, rtol
        self._risk, self._names = risk, _names(probe)
        self._state = State(risk, probe.blocks)
        self._bounds: list[np.ndarray] | None = None
        self._extended: State | None = None
        self._other_side: list[np.ndarray] | None = None

    @property
    def bounds(self) -> list[np.ndarray]:
        """What rounding may do to a gradient made of textbook formulas; computed when needed."""
        if self._bounds is None:
            self._bounds = gradient_error(self._state, plain=True)
        return self._bounds

    def along(self, direction: list[np.ndarray]) -> tuple[float, float]:
        """Return the derivative along a direction, and a bound of its error: none."""
        return self._state.along(direction), 0.0

    def entries(self) -> list[Entry]:
        """Judge every entry."""
        own = gradient_error(self._state, plain=False)
        numeric = self._state.gradient()
        everywhere = (slice(None), slice(None))
        found = []
        for b, (n, error) in enumerate(zip(numeric, own, strict=True)):
            found += self._judged(b, everywhere, n, error)
        return found

    def entry(self, b: int, index: tuple[int, ...]) -> Entry:
        """Judge one entry."""
        m, column = index
        at = (slice(m, m + 1), slice(column, column + 1))
        n = self._state.entries(b, m, [column])[None]
        (entry,) = self._judged(b, at, n, self.bounds[b][at].copy())
        return entry

    def _judged(
        self, b: int, at: tuple[slice, slice], n: np.ndarray, error: np.ndarray
    ) -> list[Entry]:
        """Judge a part of a block by its derivatives; more digits are taken where they are needed.

        Both ``n``, the derivatives, and ``error``, their error bars, are written to.
        """
        g, bound = self.given[b][at], self.bounds[b][at]
        rows, columns = (
            np.arange(size)[part] for size, part in zip(self.given[b].shape, at, strict=True)
        )
        right, wrong = self._judge(g, n, error, bound)
        if EXTENDED:
            for i, row in enumerate(~(right | wrong)):
                if row.any():
                    n[i, row] = self._more_digits().entries(b, rows[i], columns[row])
                    error[i, row] *= FINER
            right, wrong = self._judge(g, n, error, bound)
        if wrong.any():
            wrong &= ~self._on_kink(b, at, n, SAFETY * bound)
        limit = SAFETY * (error + bound)
        return [
            Entry(
                self._names[b],
                (int(rows[i]), int(columns[j])),
                float(g[i, j]),
                float(n[i, j]),
                float(limit[i, j]),
                _verdict(bool(right[i, j]), bool(wrong[i, j])),
                "weight" if columns[j] else "bias",
            )
            for i, j in np.ndindex(g.shape)
        ]

    def _judge(
        self, g: np.ndarray, n: np.ndarray, error: np.ndarray, bound: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        gap, size = np.abs(g - n), np.abs(n)
        right = (gap <= NEAR * self.rtol * size) & (error <= CLEAR * self.rtol * size)
        limit = SAFETY * (error + bound) + np.finfo(np.float64).tiny
        right |= (n == 0) & (g == 0)  # nothing depends on this weight
        return right, ~right & (gap > limit)

    def _on_kink(
        self, b: int, at: tuple[slice, slice], n: np.ndarray, limit: np.ndarray
    ) -> np.ndarray:
        """Whether an entry depends on the side of a unit that rounding may put on either."""
        if self._other_side is None:
            self._other_side = []
            if unsure := unsure_sides(self._state):
                sides = [s ^ u for s, u in zip(self._state.sides, unsure, strict=True)]
                self._other_side = State(self._risk, self.probe.blocks, sides=sides).gradient()
        if not self._other_side:
            return np.zeros(n.shape, dtype=bool)
        return np.abs(self._other_side[b][at] - n) > limit

    def _more_digits(self) -> State:
        if self._extended is None:
            arguments = (self._risk, self.probe.blocks)
            self._extended = State(*arguments, np.longdouble, sides=self._state.sides)
        return self._extended


def _names(probe: Probe) -> list[str]:
    """Names of the layers, also where a tuple gives them none."""
    if not any(name.startswith("[") for name in probe.names):
        return probe.names
    D = len(probe.names) - 1
    return [*(["alpha"] if D == 1 else [f"alpha^({d})" for d in range(1, D + 1)]), "beta"]


class _AnyJudge:
    """Judges a gradient of any function by a ladder of differences."""

    def __init__(
        self, probe: Probe, given: list[np.ndarray], rtol: float, grad: Callable[[Any], Any] | None
    ):
        self.probe, self.given, self.rtol = probe, given, rtol
        self._ladder = Ladder(probe)
        self._wobble = [np.zeros_like(g) for g in given]
        if grad is not None:
            self._wobble = _wobble(grad, probe, given)

    @property
    def bounds(self) -> list[np.ndarray]:
        """What rounding may do to the gradient."""
        return self._wobble

    def along(self, direction: list[np.ndarray]) -> tuple[float, float]:
        """Return the derivative along a direction, and its error bar."""
        blocks = zip(direction, self.probe.blocks, strict=True)
        size = max(float((np.abs(v) / np.maximum(1, np.abs(w))).max()) for v, w in blocks)
        if size == 0:
            return 0.0, 0.0
        found = self._ladder.by_direction([v / size for v in direction])
        return float(found.value[0]) * size, float(found.error[0]) * size

    def entries(self) -> list[Entry]:
        """Judge every entry."""
        return self._judged(self._ladder.by_entry(), list(self.probe.entries()))

    def entry(self, b: int, index: tuple[int, ...]) -> Entry:
        """Judge one entry."""
        (entry,) = self._judged(self._ladder.at(b, index), [(b, index)])
        return entry

    def _judged(self, found: Derivative, places: list[tuple[int, tuple[int, ...]]]) -> list[Entry]:
        g = np.array([self.given[b][index] for b, index in places])
        w = np.array([self.probe.blocks[b][index] for b, index in places])
        wobble = np.array([self._wobble[b][index] for b, index in places])
        gap, size = np.abs(g - found.value), np.abs(found.value)
        # a weight is rounded too, which moves the gradient in proportion to its curvature
        limit = 2 * found.error + wobble + WOBBLE * EPS * found.curvature * np.abs(w)
        # an answer to the widest step that no rounding, inside or out, could swallow
        swallowed = max(1e-4 * abs(self._ladder.here), 10 * EPS)
        plain = swallowed / (STEPS[0] * np.maximum(1, np.abs(w)))
        limit = np.where(found.silent, plain, limit)
        right = (gap <= NEAR * self.rtol * size) & (found.error <= NEAR * self.rtol * size)
        right |= (g == 0) & found.silent
        wrong = ~right & (gap > limit) & (np.maximum(size, np.abs(g)) > SMALLEST)
        return [
            Entry(
                self.probe.names[b],
                index,
                float(g[j]),
                float(found.value[j]),
                float(limit[j]),
                _verdict(bool(right[j]), bool(wrong[j])),
            )
            for j, (b, index) in enumerate(places)
        ]


def _wobble(grad: Callable[[Any], Any], probe: Probe, given: list[np.ndarray]) -> list[np.ndarray]:
    """How much the gradient moves when its parameters move by an ulp or two: its rounding."""
    rng = np.random.default_rng(0)
    worst = [np.zeros_like(g) for g in given]
    for _ in range(4):
        moved = [w * (1 + 2 * EPS * rng.choice([-1, 1], w.shape)) for w in probe.blocks]
        there = [np.asarray(g, dtype=np.float64) for _, g in leaves(grad(probe.structure(moved)))]
        worst = [np.maximum(a, np.abs(g - t)) for a, g, t in zip(worst, given, there, strict=True)]
    return [WOBBLE * w for w in worst]


def _verdict(right: bool, wrong: bool) -> Verdict:
    if right:
        return Verdict.RIGHT
    return Verdict.WRONG if wrong else Verdict.CANNOT_TELL


def _fitting(grad: Any, probe: Probe) -> list[np.ndarray]:
    """Return the gradient's arrays, one for each block of the parameters and of its shape."""
    given = [np.asarray(array) for _, array in leaves(grad)]
    if len(given) != len(probe.blocks):
        raise ValueError(
            f"the gradient must have one array for each array of params; "
            f"got {len(given)} for {len(probe.blocks)}"
        )
    for gradient, name, block in zip(given, probe.names, probe.blocks, strict=True):
        if gradient.shape != block.shape:
            raise ValueError(
                f"the gradient of {name} must have its shape, {block.shape}; got {gradient.shape}"
            )
        if gradient.dtype.kind not in "fiu" or not np.isfinite(gradient).all():
            raise ValueError(f"the gradient of {name} must hold finite real numbers")
    return [gradient.astype(np.float64) for gradient in given]
