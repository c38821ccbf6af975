"""CSV that no spreadsheet runs: cells that would be formulas are text."""

import csv
import io
from collections.abc import Iterable, Sequence

__all__ = ["as_csv", "number", "safe"]

_RUN = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


def safe(cell: str) -> str:
    """Return a cell's text so that it is shown as it is, and not computed."""
    return f"'{cell}" if cell.startswith(_RUN) else cell


def number(value: float) -> str:
    """Write a mark: a decimal point, four places at most, no zeros at the end."""
    return f"{round(value, 4):.12g}"


def as_csv(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as CSV: commas, a quote where one is needed, lines that end in CR LF."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([safe(cell) for cell in row] for row in rows)
    return text.getvalue()
