"""What several commands share: the option for a class's folder, and the console for tables."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

__all__ = ["CourseFolder", "for_tables"]

CourseFolder = Annotated[
    Path | None,
    typer.Option(
        "--course", help="The folder with nbgrader_config.py; else this one, or this course's."
    ),
]


def for_tables(width: int = 120) -> Console:
    """Return a console on standard output; not on a terminal, it is ``width`` characters wide."""
    return Console(width=None if sys.stdout.isatty() else width)
