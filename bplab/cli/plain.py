"""Plain text for any console and any pipe; it needs only the packages of the base install."""

import io
import sys
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bplab.counting import counted

if TYPE_CHECKING:
    from bplab.exercises import EquationRow

__all__ = ["equations_as_text", "printable"]

_WIDTH = 100


def printable() -> None:
    """Have characters replaced that a console or a pipe cannot show, such as Greek letters."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def equations_as_text() -> str:
    """Return the equation map: every equation, what computes it, its exercise, its misprint."""
    from bplab.exercises import equations

    title = "The equations of the paper: the functions of bplab, the exercises, and the misprints."
    return "\n\n".join([title, *("\n".join(_lines(row)) for row in equations())])


def _lines(row: "EquationRow") -> Iterator[str]:
    section = "" if row.paper == f"section {row.section}" else f" · section {row.section}"
    yield f"{row.id} · {row.paper}{section} · {row.title}"
    yield from _wrapped("one by one", ", ".join(f"by_equation.{name}" for name in row.by_equation))
    yield from _wrapped("for arrays", ", ".join(row.vectorised))
    if row.points is not None:
        known = f", {row.mistakes} known mistakes" if row.mistakes else ""
        points = counted(row.points, "point")
        yield from _wrapped("exercise", f"{row.exercise} in {row.notebook}: {points}{known}")
    yield from _wrapped("misprint", row.erratum)


def _wrapped(name: str, text: str) -> list[str]:
    """Return the lines of a field; none if the field is empty."""
    start, indent = f"  {name:<12}", " " * 14
    return textwrap.wrap(text, _WIDTH, initial_indent=start, subsequent_indent=indent)
