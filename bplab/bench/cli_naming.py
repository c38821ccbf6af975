"""The command ``bplab bench naming``."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bplab._layout import Course

RIGHT = Path("tests", "exercises", "right_variants.py")
"""Where the project keeps its right variants; a course alone does not have them."""


def naming(
    exercises: Annotated[
        list[str] | None, typer.Argument(help="Which exercises, e.g. eq4; else all.")
    ] = None,
    secrets: Annotated[
        int, typer.Option(min=1, help="How many secrets the hidden cases are drawn from.")
    ] = 2,
    sample: Annotated[
        int, typer.Option(min=0, help="Pairs, and unknown errors, of an exercise; 0 for all.")
    ] = 60,
    right: Annotated[
        Path | None,
        typer.Option(
            help="A Python file with right functions, RIGHT[exercise id].", dir_okay=False
        ),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print JSON in the place of a table.")
    ] = False,
) -> None:
    """Count how wrong answers are named: known mistakes, two at once, and unknown errors."""
    from bplab.bench.naming import as_json, as_table, load_right, measure

    console = Console(stderr=True)
    bank = right or Course.find().root / RIGHT
    try:
        variants = load_right(bank) if right or bank.exists() else {}
        with console.status("starting") as status:
            rows = measure(
                exercises or (),
                right=variants,
                secrets=secrets,
                sample=sample,
                progress=status.update,
            )
    except (OSError, ValueError) as error:
        sys.exit(f"bplab bench naming: {error}")
    if json:
        print(as_json(rows))
    else:
        Console(width=None if sys.stdout.isatty() else 190).print(as_table(rows))
