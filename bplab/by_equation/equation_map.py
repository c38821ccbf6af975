"""The equation map. Each of its rows is defined next to its formula, by a decorator."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np

__all__ = ["EQUATIONS", "Equation", "Matrix", "Misprint", "Vector", "also", "equation"]

Vector = np.ndarray  # with one axis
Matrix = np.ndarray  # with two

Formula = TypeVar("Formula", bound=Callable[..., Any])


@dataclass(frozen=True)
class Misprint:
    """What the paper prints, and what is right.

    Formulas stand in dollars, in TeX with Greek letters: ``"$Σ_l (y_{il} − f_l)$"``.

    Attributes
    ----------
    printed, right : str
    where : str
        Where it is in the paper; empty if it is in the equation itself.
    because : str
        What is wrong with it, or what it leads to; empty if that is obvious.
    """

    printed: str
    right: str
    where: str = ""
    because: str = ""

    def __str__(self) -> str:
        """Return it as part of a sentence, for a console: without dollars, with few braces."""
        start = f"{self.where} prints {self.printed}" if self.where else f"printed {self.printed}"
        said = f"{start}, right is {self.right}" + (f": {self.because}" if self.because else "")
        return re.sub(r"\{(\w+|\([^(){}]*\))\}", r"\1", said.replace("$", ""))


@dataclass(frozen=True)
class Equation:
    """An equation of the paper, and the functions that compute it.

    Attributes
    ----------
    id : str
        The name of the notebook's cell, e.g. ``"eq4"``.
    paper : str
        Where the paper has it, e.g. ``"equation (4)"``.
    section : str
        The section of the course. These are the paper's, except that (1) to (3), from the start
        of the paper's section 2, belong to section 1.
    title : str
        What it computes.
    formulas : tuple of callable
        Functions that compute it for one example, as in the equation.
    vectorised : tuple of callable
        The library's functions that compute it for all examples at once.
    misprints : tuple of Misprint
        The paper's misprints in it.
    """

    id: str
    paper: str
    section: str
    title: str
    formulas: tuple[Callable[..., Any], ...]
    vectorised: tuple[Callable[..., Any], ...]
    misprints: tuple[Misprint, ...] = ()

    @property
    def erratum(self) -> str:
        """All misprints in words; empty if there are none."""
        return "; ".join(map(str, self.misprints))


EQUATIONS: dict[str, Equation] = {}
"""All equations by id, in the paper's order."""


def equation(
    id: str,
    *vectorised: Callable[..., Any],
    paper: str,
    title: str,
    misprints: tuple[Misprint, ...] = (),
) -> Callable[[Formula], Formula]:
    """Make the decorated function the formula of a new row; its module's name has the section."""

    def register(formula: Formula) -> Formula:
        section = formula.__module__.partition("section_")[2].replace("_", ".")
        row = Equation(id, paper, section, title, (formula,), vectorised, misprints)
        EQUATIONS[id] = row
        if misprints:
            note = f"Erratum: {row.erratum}."
            formula.__doc__ = f"{formula.__doc__}\n    Notes\n    -----\n    {note}\n"
        return formula

    return register


def also(id: str) -> Callable[[Formula], Formula]:
    """Make the decorated function another formula of the row ``id``."""

    def register(formula: Formula) -> Formula:
        row = EQUATIONS[id]
        EQUATIONS[id] = replace(row, formulas=(*row.formulas, formula))
        return formula

    return register
