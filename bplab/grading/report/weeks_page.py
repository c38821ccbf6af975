"""Assignments side by side as one HTML file that needs nothing else, and the same as text."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bplab.counting import counted
from bplab.grading.report.page import DASH, from_template, number, percent, section_table
from bplab.grading.report.results import ClassResults
from bplab.grading.report.sections import Row
from bplab.grading.report.statistics import Mistakes
from bplab.grading.report.weeks import SEVERAL, ComesBack, Week, coming_back, weeks

__all__ = ["print_weeks", "weeks_as_html"]


def weeks_as_html(
    classes: Sequence[ClassResults],
    enough: float,
    sections: Mapping[str, Sequence[Row]] | None = None,
    of: str = "",
) -> str:
    """Return the assignments side by side as an HTML page.

    Parameters
    ----------
    classes : sequence of ClassResults
        In the order of the weeks.
    enough : float
        Share of the points that is needed to pass.
    sections : mapping of str to sequence of Row, optional
        By assignment: see `bplab.grading.report.sections`.
    of : str
        What the page calls the students, if they are not the whole class.
    """
    return from_template(
        "weeks.html.j2",
        weeks=weeks(classes, enough),
        back=coming_back(classes),
        sections=sections or {},
        enough=enough,
        several=SEVERAL,
        of=of,
        percent=percent,
        number=number,
        costly=costly,
    )


def print_weeks(
    classes: Sequence[ClassResults],
    enough: float,
    console: Console,
    sections: Mapping[str, Sequence[Row]] | None = None,
) -> None:
    """Print the assignments side by side as text; takes what `weeks_as_html` takes."""
    console.print(_weeks(weeks(classes, enough), enough))
    for assignment, rows in (sections or {}).items():
        console.print(section_table(rows, enough, f"Sections, {assignment}"))
    console.print(_back(coming_back(classes)))


def costly(mistake: Mistakes) -> str:
    """Return a mistake in one line: where it was made, by how many, and what it cost."""
    where = ", ".join(mistake.where)
    says = mistake.says or mistake.name
    made, lost = counted(len(mistake.students), "student"), counted(number(mistake.lost), "point")
    return f"{where}: {says} ({made}, {lost})"


def _weeks(rows: Sequence[Week], enough: float) -> Table:
    table = Table("assignment", title="Week by week")
    for title in ("handed in", "graded", "median", "of", f"at least {enough:.0%}"):
        table.add_column(title, justify="right")
    table.add_column("costliest misunderstandings", overflow="fold")
    for row in rows:
        table.add_row(
            Text(row.assignment),
            percent(row.handed_in),
            str(row.graded),
            number(row.median),
            number(row.max_score),
            percent(row.passed),
            Text("\n".join(map(costly, row.costliest)) or DASH),
        )
    return table


def _back(rows: Sequence[ComesBack]) -> Table:
    table = Table("mistake", "what the check says", title="Mistakes that come back")
    table.add_column("made again by", justify="right")
    table.add_column("where", overflow="fold")
    for row in rows:
        where = ", ".join(f"{week} ({count})" for week, count in row.made.items())
        table.add_row(Text(row.name), Text(row.says), str(row.again), Text(where))
    if not rows:
        table.caption = f"None that {SEVERAL} students or more made again."
    return table
