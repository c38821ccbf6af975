"""Where numbers stop being finite: what numpy reports while a function runs again.

NaN in the places where a mistake would put it is no evidence of the mistake: many operations make
NaN from the same numbers. The evidence is the operation, which must occur in the function itself.
"""

import io
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np

from bplab.errors import LIBRARIES
from bplab.exercises.judging.trial import Trial, close_entries, known_answers
from bplab.exercises.task import Mistake
from bplab.learner import contained, handed, quiet

__all__ = ["may_be", "not_finite_words", "proven"]

_REPORT = re.compile(r"(invalid value|divide by zero|overflow) encountered in (?:scalar )?(\w+)")
_ZEROS, _INFINITIES = "zero divided by zero", "infinity divided by infinity"
_DIVIDED = "zero divided by zero, or infinity by infinity"  # numpy does not tell which
_PRODUCT = "zero times infinity, or infinity less infinity, in a product"
_WORDS = {
    ("invalid value", "sqrt"): "the root of a negative number",
    ("invalid value", "power"): "a negative number raised to a power that is no whole number",
    ("invalid value", "divide"): _DIVIDED,
    ("invalid value", "multiply"): "zero times infinity",
    ("invalid value", "subtract"): "infinity less infinity",
    ("invalid value", "add"): "infinity less infinity",
    ("invalid value", "reduce"): "infinity less infinity, in a sum",
    ("invalid value", "matmul"): _PRODUCT,
    ("invalid value", "dot"): _PRODUCT,
    ("divide by zero", "power"): "zero raised to a negative power",
    ("divide by zero", "divide"): "a division by zero",
    ("overflow", "exp"): "the exponential of a large number",
}
_SHOWN = 3


def not_finite_words(function: Any, given: Mapping[str, Any], number: float) -> str:
    """Return words for what makes numbers that are not finite, as far as numpy reports it.

    Parameters
    ----------
    function : callable or None
        None if it runs elsewhere: then the usual causes are listed.
    given : mapping
        Its arguments, in order: copies that it may spoil.
    number : float
        The number in the answer: NaN, or an infinity.
    """
    reports = _reports(function, given) if callable(function) else None
    if reports is None:
        return (
            "Look for the logarithm or the root of a negative number or of zero, a division by "
            "zero, the exponential of a large number, or an array made with np.empty and not "
            "filled."
        )
    if np.isnan(number):
        first = next((i for i, report in enumerate(reports) if report.is_invalid), 0)
        invalid = [report for report in reports if report.is_invalid]
        told = [*reports[max(0, first + 1 - _SHOWN) : first], *invalid[:_SHOWN]]
    else:
        told = [report for report in reports if not report.is_invalid][:_SHOWN]
    if told:
        return f"While it runs, numpy meets {', then '.join(map(_said, told))}."
    return (
        "No operation is reported that makes it: look for an array made with np.empty and not "
        "filled, or for nan or inf among Python's own numbers."
    )


# --- whether the function may make a known mistake ----------------------------------------

SHOWS = 10
"""A finite number is evidence by itself if it is off by this many tolerances, and by over 1e-6."""


def may_be(wrong: Callable[..., Any], trial: Trial, both: Callable[..., Any] | None = None) -> bool:
    """Whether the learner's function may be a wrong function that has the same answers.

    If the mistake shows only by NaN and infinities, the learner's function must meet the operation
    that makes them in the wrong one. If it runs elsewhere or silences numpy, that is not known, and
    the answer is True.

    ``both`` is the function with two mistakes, where ``wrong`` has one of them alone.
    """
    return _is_met(wrong, trial, both or wrong) is not False


def proven(mistake: Mistake, trial: Trial) -> str:
    """Return what the mistake says, with the operation that makes NaN if it is the only one met."""
    said = mistake.because and _is_met(mistake.wrong, trial, mistake.wrong)
    return mistake.says_why if said else mistake.says_all


def _is_met(alone: Callable[..., Any], trial: Trial, wrong: Callable[..., Any]) -> bool | None:
    """Whether the function meets exactly the invalid operations of a wrong one; None if unknown."""
    function = getattr(trial.learner, "function", None)
    if not callable(function) or _shows_otherwise(alone, trial):
        return None
    i = next((i for i in range(len(trial.cases)) if not _is_finite(wrong, trial, i)), None)
    if i is None:
        return None
    ours, theirs = (
        _met(one, trial.cases[i].arguments(trial.exercise.arguments)) for one in (function, wrong)
    )
    if ours is None or theirs is None:
        return None
    if _DIVIDED in ours | theirs:  # for one of them the kind of division is not known
        return None if _undivided(theirs) <= _undivided(ours) else False
    return ours == theirs or (None if theirs <= ours else False)


def _undivided(met: frozenset[str]) -> frozenset[str]:
    """Replace both kinds of division by the words for either."""
    return frozenset(_DIVIDED if words in (_ZEROS, _INFINITIES) else words for words in met)


def _shows_otherwise(wrong: Callable[..., Any], trial: Trial) -> bool:
    """Whether, in some case, a wrong function shows by more than NaN and infinity."""
    tol = max(1e-6, SHOWS * trial.exercise.rtol)
    for i, case in enumerate(trial.cases):
        arrays = known_answers(trial.exercise, case).of(wrong).arrays or ()
        for came, right in zip(arrays, trial.references[i], strict=False):
            if came.shape != right.shape:
                return True
            if not (~np.isfinite(came) | close_entries(came, right, tol, tol)).all():
                return True
    return False


def _is_finite(wrong: Callable[..., Any], trial: Trial, i: int) -> bool:
    arrays = known_answers(trial.exercise, trial.cases[i]).of(wrong).arrays or ()
    return all(np.isfinite(array).all() for array in arrays)


def _met(function: Callable[..., Any], given: Mapping[str, Any]) -> frozenset[str] | None:
    """Return words for the operations that numpy calls invalid; None if they are not known."""
    reports = _reports(function, given)
    if reports is None:
        return None
    return frozenset(report.words for report in reports if report.is_invalid)


# --- what numpy reports -------------------------------------------------------------------


class _Report(NamedTuple):
    """A report of numpy: its kind, the operation, the learner's line or 0, and the operands."""

    kind: str
    operation: str
    line: int
    operands: str = ""

    @property
    def is_invalid(self) -> bool:
        return self.kind == "invalid value"

    @property
    def words(self) -> str:
        kind, operation = self.kind, self.operation
        if operation.startswith("log"):
            negative = "a number of −1 or less" if operation == "log1p" else "a negative number"
            zero = "−1" if operation == "log1p" else "zero"
            return f"the logarithm of {zero if kind == 'divide by zero' else negative}"
        return (
            self.operands
            or _WORDS.get((kind, operation), "")
            or {
                "invalid value": f"an invalid value in {operation}",
                "divide by zero": f"a division by zero in {operation}",
                "overflow": f"a number that becomes too large in {operation}",
            }[kind]
        )


def _said(report: _Report) -> str:
    return f"{report.words} (line {report.line})" if report.line else report.words


def _reports(function: Callable[..., Any], given: Mapping[str, Any]) -> list[_Report] | None:
    """Return numpy's reports in order; None if the function silences numpy, or raises."""
    names = getattr(getattr(function, "__code__", None), "co_names", ())
    if {"errstate", "seterr"} & set(names):
        return None
    noted = _Notes()
    try:
        _run(function, list(map(handed, given.values())), noted)
    except Exception:
        return None
    reports = list(noted.reports)
    if not any(_is_division(report) or _is_product(report) for report in reports):
        return reports
    divided, products = _looked_at(function, given)
    return [
        report._replace(operands=divided.get(report.line, "")) if _is_division(report) else report
        for report in reports
        if not _is_product(report) or report.kind in products.get(report.line, {report.kind})
    ]


class _Notes:
    """The object that numpy writes its reports to.

    Warnings would do as well, but their filters belong to the whole process: the function or any
    thread may set them.
    """

    def __init__(self) -> None:
        self.reports: dict[_Report, None] = {}

    def write(self, text: str) -> None:
        """Keep a report, with the line that called numpy."""
        if match := _REPORT.search(text):
            line = _line(sys._getframe(1))
            self.reports[_Report(match[1], match[2].removeprefix("true_"), line)] = None


def _is_division(report: _Report) -> bool:
    return report.is_invalid and report.operation == "divide"


def _is_product(report: _Report) -> bool:
    return report.operation in ("matmul", "dot")


def _run(function: Callable[..., Any], given: list[Any], noted: _Notes) -> None:
    with contained(), quiet(io.StringIO()), np.errstate(all="log", under="ignore", call=noted):
        function(*given)


def _looked_at(
    function: Callable[..., Any], given: Mapping[str, Any]
) -> tuple[dict[int, str], dict[int, set[str]]]:
    """Look at the operands of divisions and of matrix products, line by line.

    For divisions, return what makes NaN, where that is the same everywhere. For products, return
    the kinds of report that are true: some libraries for products report what did not happen.
    """
    divided: dict[int, set[str]] = {}
    products: dict[int, set[str]] = {}

    class Watched(np.ndarray):
        """An array that takes note of the operands of its divisions and matrix products."""

        def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **more: Any) -> Any:
            line = _line(sys._getframe(1))
            operands = [*map(plain, inputs)]
            if ufunc is np.divide and method == "__call__" and len(inputs) == 2:
                _note(divided.setdefault(line, set()), *operands)
            if out := more.get("out"):
                more["out"] = tuple(map(plain, out))
            value = getattr(ufunc, method)(*operands, **more)
            if ufunc is np.matmul and method == "__call__":
                products.setdefault(line, set()).update(_made(operands[0], operands[1], value))
            return watched(value)

        def __array_function__(self, function: Any, types: Any, given: Any, more: Any) -> Any:
            value = super().__array_function__(function, types, given, more)
            if function is np.dot and not more and max(map(np.ndim, given)) <= 2:
                line = _line(sys._getframe(1))
                products.setdefault(line, set()).update(
                    _made(plain(given[0]), plain(given[1]), plain(value))
                )
            return watched(value)

        def __getitem__(self, index: Any) -> Any:
            return watched(super().__getitem__(index))

        def __iter__(self) -> Iterator[Any]:
            return (self[i] for i in range(len(self)))

    def plain(value: Any) -> Any:
        return value.view(np.ndarray) if isinstance(value, Watched) else value

    def watched(value: Any) -> Any:
        if isinstance(value, (np.ndarray, np.generic)) and not isinstance(value, Watched):
            return np.asarray(value).view(Watched)
        if type(value) in (list, tuple):
            return type(value)(map(watched, value))
        return value

    with suppress(Exception):
        _run(function, [handed(watched(value)) for value in given.values()], _Notes())
        return {line: min(both) for line, both in divided.items() if len(both) == 1}, products
    return {}, {}


def _made(a: Any, b: Any, product: Any) -> set[str]:
    """Return the reports that are true of a product: NaN or infinity was not in its operands."""
    a, b, product = np.asarray(a), np.asarray(b), np.asarray(product)
    if not a.ndim or not b.ndim:
        return set()

    def reached(spoilt: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        ones = np.ones_like(a, dtype=bool), np.ones_like(b, dtype=bool)
        entries: np.ndarray = (spoilt(a) @ ones[1]) | (ones[0] @ spoilt(b))
        return entries

    made = set()
    if (np.isnan(product) & ~reached(np.isnan)).any():
        made.add("invalid value")
    if (~np.isfinite(product) & ~reached(lambda x: ~np.isfinite(x))).any():
        made.add("overflow")
    return made


def _note(noted: set[str], above: Any, below: Any) -> None:
    """Note whether zero is divided by zero somewhere, and infinity by infinity."""
    above, below = np.asarray(above), np.asarray(below)
    if ((above == 0) & (below == 0)).any():
        noted.add(_ZEROS)
    if (np.isinf(above) & np.isinf(below)).any():
        noted.add(_INFINITIES)


def _line(frame: Any) -> int:
    """Return the learner's line in which numpy was called; 0 if it was called by a library."""
    return 0 if frame.f_code.co_filename.startswith(LIBRARIES) else frame.f_lineno
