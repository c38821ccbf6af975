"""The rows of the equation map. Each is defined where its formula is, by a decorator."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np

__all__ = ["EQUATIONS", "Equation", "Matrix", "Vector", "also", "equation"]

Vector = np.ndarray  # with one axis
Matrix = np.ndarray  # with two

Formula = TypeVar("Formula", bound=Callable[..., Any])


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
    erratum : str
        What the paper misprints here, and what is right; empty if nothing.
    """

    id: str
    paper: str
    section: str
    title: str
    formulas: tuple[Callable[..., Any], ...]
    vectorised: tuple[Callable[..., Any], ...]
    erratum: str


EQUATIONS: dict[str, Equation] = {}
"""All equations by id, in the paper's order."""


def equation(
    id: str, *vectorised: Callable[..., Any], paper: str, title: str, erratum: str = ""
) -> Callable[[Formula], Formula]:
    """Make the decorated function the formula of a new row; its file gives the section."""

    def register(formula: Formula) -> Formula:
        section = formula.__module__.partition("section_")[2].replace("_", ".")
        EQUATIONS[id] = Equation(id, paper, section, title, (formula,), vectorised, erratum)
        if erratum:
            formula.__doc__ = f"{formula.__doc__}\n    Notes\n    -----\n    Erratum: {erratum}.\n"
        return formula

    return register


def also(id: str) -> Callable[[Formula], Formula]:
    """Make the decorated function one more formula of the row ``id``."""

    def register(formula: Formula) -> Formula:
        row = EQUATIONS[id]
        EQUATIONS[id] = replace(row, formulas=(*row.formulas, formula))
        return formula

    return register
