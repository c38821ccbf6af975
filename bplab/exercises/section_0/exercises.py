"""The exercise of section 0: a gradient found without any formula."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from bplab import gradcheck
from bplab.by_equation import Equation
from bplab.exercises.section_0.cases import function_cases
from bplab.exercises.steps import Array, Program, Steps
from bplab.exercises.task import (
    FROM_1,
    TO_N_1,
    Case,
    Exercise,
    Mistake,
    Part,
    Slip,
    Subgoal,
    array_like,
    left_early,
)

STEP = 1e-5
"""The step that the notebook suggests; mistakes that depend on h are known for this step."""


class _LikeParams(Part):
    """A part with the shape of params, which differs from case to case."""

    @property
    def shape(self) -> str:
        return "of the shape of params"

    def __str__(self) -> str:
        return f"{self.name}, {self.shape}"

    @property
    def wanted(self) -> str:
        return "have the shape of params"

    def arrays(self, case: Case) -> tuple[Part, ...]:
        params = case.arguments(("params",))["params"]
        return (Part(self.name, *map(str, params.shape)),)


# --- the gradient as a program ------------------------------------------------------------

Value = Callable[..., float]
"""``value(index, h)`` is f with the entry at ``index`` moved by h."""

Slope = Callable[..., float]
"""A difference quotient, right or wrong: ``slope(f, w, value, index)``."""


def _gradient(steps: Steps, f: Callable[..., Any], params: Array) -> Array:
    w = steps.copy(params)
    value = steps.nudge(f, w, params)
    return steps.fill(
        np.zeros(w.shape, steps.dtype(params)),
        lambda index: steps.sign(steps.slope(f, w, value, index)),
    )


def _fresh_copies(f: Callable[..., Any], w: Array, params: Array) -> Value:
    def value(index: tuple[int, ...], h: float) -> float:
        moved = w.copy()
        moved[index] += h
        return f(moved)

    return value


def _central(f: Callable[..., Any], w: Array, value: Value, index: Any, h: float = STEP) -> float:
    return (value(index, h) - value(index, -h)) / (2 * h)


def _every_entry(gradient: Array, slope: Callable[[Any], float]) -> Array:
    for index in np.ndindex(gradient.shape):
        gradient[index] = slope(index)
    return gradient


_PROGRAM = Program(
    _gradient,
    {
        "copy": lambda params: params.astype(float),
        "nudge": _fresh_copies,
        "slope": _central,
        "sign": lambda slope: slope,
        "dtype": lambda params: float,
        "fill": _every_entry,
    },
)

# --- pieces done wrong --------------------------------------------------------------------


def _forward(f: Callable[..., Any], w: Array, value: Value, index: Any, h: float = STEP) -> float:
    return (value(index, h) - f(w)) / h


def _relative(f: Callable[..., Any], w: Array, value: Value, index: Any) -> float:
    return _central(f, w, value, index, STEP * w[index])


def _not_put_back(f: Callable[..., Any], w: Array, params: Array) -> Value:
    moved = w.astype(float)

    def value(index: tuple[int, ...], h: float) -> float:
        moved[index] += h if h > 0 else 2 * h
        return f(moved.copy())

    return value


def _copied_once(f: Callable[..., Any], w: Array, params: Array) -> Value:
    ahead, behind = w.astype(float), w.astype(float)

    def value(index: tuple[int, ...], h: float) -> float:
        moved = ahead if h > 0 else behind
        moved[index] += h
        return f(moved.copy())

    return value


def _in_place(f: Callable[..., Any], w: Array, params: Array) -> Value:
    def value(index: tuple[int, ...], h: float) -> float:
        kept = params[index]
        params[index] = kept + h
        found = f(params)
        params[index] = kept
        return found

    return value


def _first_only(gradient: Array, slope: Callable[[Any], float]) -> Array:
    first = next(np.ndindex(gradient.shape))
    gradient[first] = slope(first)
    return gradient


def _all_but(what: str, n: int, gradient: Array, slope: Callable[[Any], float]) -> Array:
    gradient = _every_entry(gradient, slope)
    (gradient if what == "row" else gradient.reshape(-1))[n] = 0
    return gradient


def _by_rows(gradient: Array, slope: Callable[[Any], float]) -> Array:
    """Nudge params[i], which is a whole row when params is a matrix."""
    for i in range(len(gradient)):
        gradient[i] = slope(i)
    return gradient


# --- the known mistakes -------------------------------------------------------------------

_COPY = (
    "A copy of an integer array is an integer array, and cuts 0.00001 off to 0. Make a "
    "floating-point copy: np.array(params, dtype=float)."
)


def _mistake(
    name: str,
    says: str,
    hint: str,
    *slips: Slip,
    subgoal: Subgoal = Subgoal.CODE,
    **changed: Callable[..., Any],
) -> Mistake:
    return Mistake(name, subgoal, says, hint, _PROGRAM.with_(**changed), slips=slips)


Slopes = dict[str, Any]
Quotient = tuple[str, str, str, Slopes] | tuple[str, str, str, Slopes, str]


def _quotient(
    name: str,
    says: str,
    hint: str,
    changed: Slopes,
    result: str = "",
    slips: tuple[Slip, ...] = (),
) -> Mistake:
    mistake = _mistake(name, says, hint, *slips, subgoal=Subgoal.DIFFERENCE, **changed)
    return replace(mistake, result=result)


def _and_nudge_truncated(
    name: str, says: str, hint: str, changed: Slopes, result: str = ""
) -> Mistake:
    """Return the mistake with params.copy(), a common choice that spoils the integer case, too."""
    return _quotient(
        f"{name}-and-nudge-truncated",
        f"{says} And when params holds integers the nudge is lost.",
        f"{hint} {_COPY}",
        changed | {"copy": lambda params: params},
    )


def _stepped(kind: str, h: float, why: str, hint: str) -> tuple[str, str, str, dict[str, Slope]]:
    slopes: dict[str, Slope] = {"central": _central, "forward": _forward}
    return (
        f"{kind}-{h:.0e}",
        f"The step is too {why}: this is a {kind} difference with h = {h:.0e}.",
        hint,
        {"slope": lambda *at: slopes[kind](*at, h)},
    )


_TOO_LARGE = "The curve bends between two points that are so far apart. Take h = 1e-5."
_ONE_SIDE = (
    "Going forward only, the error is of the order of h. Take the difference on both sides, "
    "f(w + h) − f(w − h) over 2h: then it is of the order of h²."
)
_TOO_SMALL = (
    "The two values of f agree in nearly all their digits, and what is left of their difference "
    "is rounding. Take h = 1e-5."
)

_TINY = (*(10.0**-n for n in range(10, 16)), 2.0**-52)

_TOO_WIDE = (
    *(_stepped("central", 10.0**-n, "large", _TOO_LARGE) for n in (1, 2, 3)),
    *(_stepped("forward", 10.0**-n, "large for one side", _ONE_SIDE) for n in range(1, 10)),
)
_TOO_NARROW = (
    *(_stepped("central", h, "small", _TOO_SMALL) for h in (1e-9, *_TINY)),
    *(_stepped("forward", h, "small", _TOO_SMALL) for h in _TINY),
)

_QUOTIENTS: tuple[Quotient, ...] = (
    (
        "divided-by-h",
        "The difference is divided by h, and not by 2h.",
        "The two points, w + h and w − h, are 2h apart: divide by 2h, in brackets: / (2 * h).",
        {"slope": lambda *at: 2 * _central(*at)},
        "Your gradient is twice the right one.",
    ),
    (
        "one-side-over-2h",
        "The difference on one side, f(w + h) − f(w), is divided by 2h.",
        "From w to w + h it is one h. Either divide by h, or, much nearer, start at w − h. A "
        "nudge that is made in two steps must go back by 2 * h.",
        {"slope": lambda *at: _forward(*at) / 2},
        "Your gradient is half of the right one.",
    ),
    (
        "times-h",
        "Your gradient is the difference times h / 2, and not divided by 2h.",
        "/ 2 * h divides by 2 and then multiplies by h: with brackets, / (2 * h), both "
        "are in the denominator.",
        {"slope": lambda *at: _central(*at) * STEP**2},
    ),
    (
        "not-divided",
        "The difference is not divided by the distance of the two points.",
        "A slope is a difference of f over a difference of w: divide by 2 * h.",
        {"slope": lambda *at: _central(*at) * 2 * STEP},
    ),
    (
        "sign-flipped",
        "The sign is flipped.",
        "The value ahead comes first: f(w + h) − f(w − h).",
        {"sign": lambda slope: -slope},
        "Your gradient is minus the right one.",
    ),
    (
        "absolute",
        "The slopes have lost their sign.",
        "Where f falls its derivative is negative.",
        {"sign": abs},
    ),
    *_TOO_WIDE,
)

_MISTAKES = (
    *(_quotient(*wrong) for wrong in (*_QUOTIENTS, *_TOO_NARROW)),
    *(_and_nudge_truncated(*wrong) for wrong in _QUOTIENTS),
    _quotient(
        "relative-step",
        "Your gradient is NaN where an entry is zero.",
        "Take the same h for every entry, and divide by 2h alone.",
        {"slope": _relative},
        slips=(
            Slip("a step that is a multiple of the entry: h · w is 0 where w is 0"),
            Slip("a division by the entry"),
        ),
    ),
    _mistake(
        "all-at-once",
        "One number comes back: the sum of all slopes, or what comes of nudging all entries at "
        "once.",
        "The gradient holds one slope for each entry. Nudge one entry at a time, each index of "
        "np.ndindex(params.shape), and store its slope there.",
        fill=lambda gradient, slope: slope(...),
    ),
    _mistake(
        "all-at-once-filled",
        "Every entry of your gradient is the sum of all slopes, as if all entries were nudged at "
        "once.",
        "Nudge one entry at a time: params + h has h added to all of its entries.",
        fill=lambda gradient, slope: np.full(gradient.shape, slope(...)),
    ),
    _mistake(
        "rows-nudged",
        "Every entry of a row is the sum of the row's slopes: right for vectors, wrong for "
        "matrices.",
        "Each entry has a slope of its own: np.ndindex(params.shape) gives the index of each, for "
        "any shape.",
        Slip("an index i for which params[i] is a whole row"),
        Slip("a sum over the slopes of a row", "sum", "add", "einsum"),
        fill=_by_rows,
    ),
    _mistake(
        "first-entry-only",
        "Only the first entry of your gradient is filled.",
        "Every entry needs a difference of its own.",
        left_early("the loop over the entries"),
        fill=_first_only,
    ),
    *(
        _mistake(
            f"{which}-{what}-left-out",
            f"The {which} {what} of your gradient is zero: there is no difference for it.",
            f"Every entry needs a difference of its own, those of the {which} {what} too."
            if what == "row"
            else f"Every entry needs a difference of its own, the {which} one too.",
            slip,
            fill=partial(_all_but, what, n),
        )
        for what in ("entry", "row")
        for which, n, slip in (("first", 0, FROM_1), ("last", -1, TO_N_1))
    ),
    _mistake(
        "copied-once",
        "An entry of your gradient is the sum of the right ones up to there: so it is where the "
        "nudges of earlier entries are still there.",
        "For each entry all the others must be as they are in params.",
        Slip(
            "copies of params that are made once, and not for each entry",
            *("copy", "deepcopy", "array", "astype", "asarray"),
        ),
        Slip("a vector of nudges that is not set back to 0"),
        nudge=_copied_once,
    ),
    _mistake(
        "not-put-back",
        "Each entry is measured from a point beside params, where those before it are moved.",
        "For each entry all the others must be as they are in params. With a new array for each "
        "nudge nothing has to be put back.",
        nudge=_not_put_back,
    ),
    _mistake(
        "in-place",
        "You nudge the very array that you were given, and f may be using it.",
        "In one case f holds on to that array, and moves along with it; in another the array "
        "holds integers, and the nudge is cut off to 0. Nudge a copy: "
        "np.array(params, dtype=float).",
        nudge=_in_place,
    ),
    _mistake(
        "in-place-as-float",
        "Where params holds floats you nudge the very array that you were given, and f may be "
        "using it.",
        "Here f holds on to that array, and moves along with it. np.asarray copies no array that "
        "holds floats already: nudge a copy, np.array(params, dtype=float).",
        nudge=lambda f, w, params: _in_place(f, w, np.asarray(params, dtype=float)),
    ),
    _mistake(
        "nudge-truncated",
        "When params holds integers the nudge is lost: all differences are 0.",
        _COPY,
        copy=lambda params: params,
    ),
    _mistake(
        "gradient-truncated",
        "When params holds integers your gradient is cut to whole numbers.",
        "Slopes are no whole numbers: np.zeros(params.shape) holds floats.",
        array_like("params"),
        dtype=lambda params: params.dtype,
    ),
    _mistake(
        "averaged",
        "Your gradient is divided by the number of entries.",
        "Each entry is a slope of its own: there is no mean to be taken.",
        returned=lambda gradient: gradient / gradient.size,
    ),
    _mistake(
        "flat",
        "Your gradient is a flat list of slopes; it should have the shape of params.",
        "Store each slope at the same index as its entry, in np.zeros(params.shape), or reshape.",
        returned=np.ravel,
    ),
    _mistake(
        "transposed",
        "Your gradient is transposed.",
        "A gradient has the shape of its parameters: gradient[index] belongs to params[index].",
        returned=np.transpose,
    ),
)

EXERCISES = (
    Exercise(
        id="numerical-gradient",
        reference=gradcheck.numerical_gradient,
        parts=(_LikeParams("gradient"),),
        points=2,
        judge="the derivative written out by hand",
        second_opinion=lambda case: (case.f.gradient(case.params),),
        mistakes=_MISTAKES,
        cases=function_cases,
        rtol=1e-6,
        about=Equation(
            id="numerical-gradient",
            paper="finite differences",
            section="0",
            title="the gradient of any function, without a formula",
            formulas=(),
            vectorised=(),
        ),
        hints=(
            "You have done it for one number already: two values of f, a little to the right and "
            "a little to the left. An array only means doing that once for each entry, while all "
            "the other entries stay as they are.",
            "Begin with an array of zeros in the shape of params, for the answers. The loop "
            "for index in np.ndindex(params.shape): visits every entry of an array of any shape. "
            "In it make two floating-point copies of params, ahead and behind, and nudge only "
            "their entry [index], by h = 1e-5. f wants the whole array.",
            "gradient = np.zeros(params.shape)\n"
            "for index in np.ndindex(params.shape):\n"
            "    ahead = np.array(params, dtype=float)\n"
            "    behind = np.array(params, dtype=float)\n"
            "    …                        # nudge one entry of each\n"
            "    gradient[index] = …      # difference of f over distance of the points\n"
            "return gradient",
        ),
    ),
)
