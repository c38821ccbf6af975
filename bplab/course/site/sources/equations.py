"""The equation map, and the misprints of the paper next to the right forms."""

import functools
import re

from bplab.by_equation import EQUATIONS
from bplab.counting import counted
from bplab.exercises import EquationRow, equations

__all__ = ["equation_map", "errata"]


def equation_map() -> str:
    """Return the page of all equations, with a row for each."""
    rows = "\n".join(map(_map_row, equations()))
    return (
        "# The equations\n\nEvery equation of the paper: what computes it for one example and for "
        "arrays, and its exercise. `bplab equations` prints the same.\n\n"
        "| equation | what it computes | functions | exercise |\n|---|---|---|---|\n"
        f"{rows}\n"
    )


def _map_row(row: EquationRow) -> str:
    one_by_one = ", ".join(_to(f"bplab.by_equation.{name}") for name in row.by_equation)
    arrays = ", ".join(_to(f"bplab.{name}") for name in row.vectorised)
    title = row.title + (" · {doc}`misprint <errata>`" if row.erratum else "")
    exercise = "–"
    if row.points is not None:
        points = counted(row.points, "point")
        exercise = (
            f"{{doc}}`{row.id} <notebooks/{row.notebook}>`: {points}, {row.mistakes} known mistakes"
        )
    return f"| {row.paper} | {title} | {one_by_one}; for arrays {arrays} | {exercise} |"


def _to(name: str) -> str:
    """Return a link to an entry of the reference, which shows the name without its modules."""
    return f"{{py:obj}}`~{name}`"


def errata() -> str:
    """Return the page of the misprints, with the printed form and the right one."""
    rows = [
        f"| {misprint.where or equation.paper} | {_set(misprint.printed)} "
        f"| {_set(misprint.right)} | {_set(misprint.because)} |"
        for equation in EQUATIONS.values()
        for misprint in equation.misprints
    ]
    return (
        "# Misprints of the paper\n\nThe course teaches the right form, and lets you run the "
        "printed one through the gradient checker, where it can be run.\n\n"
        "| where | printed | right | remark |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"
    )


_AS_TEX = {"Σ": r"\sum", "′": "'", "²": "^2", "−": "-", "…": r"\dots"}


def _set(text: str) -> str:
    """Return a text with the signs in its formulas written as TeX; Greek letters may stay."""
    signs = re.compile("|".join(_AS_TEX))
    in_tex = functools.partial(signs.sub, lambda sign: _AS_TEX[sign[0]])
    return re.sub(r"\$[^$]*\$", lambda formula: in_tex(formula[0]), text)
