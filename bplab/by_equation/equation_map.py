"""The rows of the equation map. Each is defined where its formula is, by a decorator."""

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
        Where in the paper; empty if in the equation.
    because : str
        What is wrong with it, or what it does; empty if that is plain.
    """

    printed: str
    right: str
    where: str = ""
    because: str = ""

    def __str__(self) -> str:
        """In a sentence, for a console: formulas without dollars and with few braces."""
        start = f"{self.where} prints {self.printed}" if self.where else f"printed {self.printed}"
        said = f"{start}, right is {self.right}" + (f": {self.because}" if self.because else "")
        return re.sub(r"\{(\w+|\([^(){}]*\))\}", r"\1", said.replace("$", ""))


@dataclass(frozen=True)
class Equation:
    """An equation of the paper, and the functions that compute it.

    Attributes
    ----------
    id : str
        As in the notebooks' cells, e.g. ``"eq4"``.
    paper : str
        Where the paper has it, e.g. ``"equation (4)"``.
    section : str
        The section of the course, which are the paper's; (1) to (3), at the start of the
        paper's section 2, are taken with section 1.
    title : str
        What it computes.
    formulas : tuple of callable
        For one example, by the equation.
    vectorised : tuple of callable
        For all examples at once, in the library.
    misprints : tuple of Misprint
        What the paper misprints here.
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
    """Make the decorated function the formula of a new row; its file gives the section."""

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
    """Make the decorated function one more formula of the row ``id``."""

    def register(formula: Formula) -> Formula:
        row = EQUATIONS[id]
        EQUATIONS[id] = replace(row, formulas=(*row.formulas, formula))
        return formula

    return register
