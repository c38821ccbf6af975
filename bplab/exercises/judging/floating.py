"""Where numbers stop being finite: what numpy reports while a function runs once more."""

import io
import re
import warnings
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import numpy as np

from bplab.errors import LIBRARIES
from bplab.learner import contained, handed

__all__ = ["not_finite_words"]

_REPORT = re.compile(r"(invalid value|divide by zero|overflow) encountered in (?:scalar )?(\w+)")
_WORDS = {
    ("invalid value", "sqrt"): "the root of a negative number",
    ("invalid value", "power"): "a negative number raised to a power that is no whole number",
    ("invalid value", "divide"): "zero divided by zero, or infinity by infinity",
    ("invalid value", "multiply"): "zero times infinity",
    ("invalid value", "subtract"): "infinity less infinity",
    ("divide by zero", "power"): "zero raised to a negative power",
    ("divide by zero", "divide"): "a division by zero",
    ("overflow", "exp"): "the exponential of a large number",
}
_SHOWN = 3


def not_finite_words(function: Any, given: Mapping[str, Any], number: float) -> str:
    """Return what may make numbers that are not finite, as far as numpy reports it.

    Parameters
    ----------
    function : callable or None
        None where it runs elsewhere: then all that is usual is said.
    given : mapping
        Its arguments, in order: copies that it may spoil.
    number : float
        What came: NaN, or an infinity.
    """
    reports = _reports(function, given) if callable(function) else None
    if reports is None:
        return (
            "Look for the logarithm or the root of a negative number or of zero, a division by "
            "zero, the exponential of a large number, or an array made with np.empty and not "
            "filled."
        )
    if np.isnan(number):
        first = next((i for i, (kind, *_) in enumerate(reports) if kind == "invalid value"), -1)
        told = reports[max(0, first + 1 - _SHOWN) : first + 1]
    else:
        told = [report for report in reports if report[0] != "invalid value"][:_SHOWN]
    if told:
        return f"While it runs, numpy meets {', then '.join(map(_said, told))}."
    return (
        "No operation is reported that makes it: look for an array made with np.empty and not "
        "filled, or for nan or inf among Python's own numbers."
    )


def _reports(
    function: Callable[..., Any], given: Mapping[str, Any]
) -> list[tuple[str, str, int]] | None:
    """What numpy reports, in order: the kind, the operation, and the learner's line or 0.

    None if the function keeps numpy from reporting.
    """
    names = getattr(getattr(function, "__code__", None), "co_names", ())
    if {"errstate", "seterr"} & set(names):
        return None
    printed = io.StringIO()
    with (
        contained(),
        redirect_stdout(printed),
        redirect_stderr(printed),
        np.errstate(all="warn", under="ignore"),
        warnings.catch_warnings(record=True) as noted,
    ):
        warnings.simplefilter("always")
        try:
            function(*map(handed, given.values()))
        except Exception:
            return None
    found: dict[tuple[str, str, int], None] = {}
    for note in noted:
        if match := _REPORT.search(str(note.message)):
            line = 0 if note.filename.startswith(LIBRARIES) else note.lineno
            found[match[1], match[2].removeprefix("true_"), line] = None
    return list(found)


def _said(report: tuple[str, str, int]) -> str:
    kind, operation, line = report
    words = _WORDS.get((kind, operation), "")
    if operation.startswith("log"):
        negative = "of a number of −1 or less" if operation == "log1p" else "of a negative number"
        zero = "of −1" if operation == "log1p" else "of zero"
        words = f"the logarithm {zero if kind == 'divide by zero' else negative}"
    words = (
        words
        or {
            "invalid value": f"an invalid value in {operation}",
            "divide by zero": f"a division by zero in {operation}",
            "overflow": f"a number that becomes too large in {operation}",
        }[kind]
    )
    return f"{words} (line {line})" if line else words
