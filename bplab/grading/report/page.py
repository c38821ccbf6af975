"""A class report as one HTML file that needs nothing else, and the same as text."""

from jinja2 import Environment, PackageLoader, StrictUndefined
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bplab.grading.report.advice import advise
from bplab.grading.report.figures import histogram, outcome_bars
from bplab.grading.report.results import ClassResults
from bplab.grading.report.statistics import (
    Mistakes,
    common_mistakes,
    exercise_statistics,
    flagged,
    notes,
    slow,
    spread,
)

__all__ = ["as_html", "print_report"]

MISTAKES, SLOW = 15, 10
"""How many are shown."""

LARGE, ENOUGH, SHARE = 30, 3, 0.01
"""In a class from this size on, a mistake that fewer made, or a smaller share, is counted only."""

NAMES = 8
"""How many names are printed in a line of text."""


def as_html(results: ClassResults) -> str:
    """Return the report as an HTML page: no scripts, nothing loaded from elsewhere.

    Parameters
    ----------
    results : ClassResults
    """
    rows = exercise_statistics(results)
    lie = spread(results)
    mistakes, more, most_of_more = _shown(results)
    environment = Environment(
        loader=PackageLoader("bplab.grading.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    marks = [student.mark.final for student in results.students]
    return environment.get_template("report.html.j2").render(
        assignment=results.assignment,
        max_score=results.max_score,
        of=len(results.students),
        students=results.students,
        missing=results.missing,
        waiting=results.waiting,
        unfinished=sum(student.mark.unfinished for student in results.students),
        spread=lie,
        advice=advise(results),
        histogram=histogram(marks, results.max_score, lie.median) if lie else "",
        bars=outcome_bars(rows) if lie else "",
        exercises=sorted(rows, key=lambda row: row.share),
        ids=results.exercises,
        mistakes=mistakes,
        more=more,
        most_of_more=most_of_more,
        flagged=flagged(results),
        notes=notes,
        slow=slow(results)[:SLOW],
    )


def _shown(results: ClassResults) -> tuple[list[Mistakes], int, int]:
    """The most common ones; how many others, and how many students made one of those."""
    rows = common_mistakes(results)
    of = len(results.students)
    enough = max(ENOUGH, SHARE * of) if of >= LARGE else 1
    shown = [row for row in rows if len(row.students) >= enough][:MISTAKES]
    rest = rows[len(shown) :]
    return shown, len(rest), max((len(row.students) for row in rest), default=0)


def print_report(results: ClassResults, console: Console) -> None:
    """Print the report as text.

    Parameters
    ----------
    results : ClassResults
    console : rich.console.Console
    """
    of = len(results.students)
    console.print(Text(f"{results.assignment}: report on a class", style="bold"))
    console.print(_summary(results))
    if results.missing:
        console.print(Text(f"Not handed in: {_names([person.id for person in results.missing])}"))
    if results.waiting:
        console.print(
            Text(f"Handed in, not graded yet: {_names([person.id for person in results.waiting])}")
        )
    if not of:
        return
    console.print(Text("\nWhat to say in class next", style="bold"))
    advice = advise(results)
    for i, one in enumerate(advice, 1):
        console.print(Text(f"{i}. {one}"))
    if not advice:
        console.print(Text("Nothing stands out: no mistake is common."))
    console.print()
    console.print(_exercises(results))
    console.print(_mistakes(results))
    if found := flagged(results):
        table = Table("student", "what happened", title="Submissions to look at")
        for student in found:
            lines = [f"⚑ {line}" for line in student.flags]
            lines += [*student.events, *notes(student)]
            table.add_row(Text(student.person.name), Text("\n".join(lines)))
        console.print(table)
    if late := slow(results)[:SLOW]:
        console.print(
            Text(f"Slow: {'; '.join(f'{s.person.name} ({s.seconds:.0f} s)' for s in late)}")
        )


def _summary(results: ClassResults) -> Text:
    lie = spread(results)
    if lie is None:
        return Text("Nobody is graded yet: there is nothing to report.")
    return Text(
        f"{len(results.students)} graded, {len(results.missing)} not handed in. Of "
        f"{results.max_score:g} points: median {lie.median:.3g}, half of the class from "
        f"{lie.lower_quartile:.3g} to {lie.upper_quartile:.3g}, mean {lie.mean:.1f}, "
        f"lowest {lie.lowest:.3g}, highest {lie.highest:.3g}."
    )


def _exercises(results: ClassResults) -> Table:
    table = Table("exercise", "what", title="Exercises, the hardest first")
    for column in ("points got", "all", "some", "none", "not written", "lost"):
        table.add_column(column, justify="right")
    for row in sorted(exercise_statistics(results), key=lambda row: row.share):
        counts = (row.full, row.part, row.none, row.not_written)
        table.add_row(
            Text(row.id),
            Text(f"{row.equation}: {row.title}" if row.title else ""),
            f"{row.share:.0%}",
            *map(str, counts),
            f"{row.lost:.3g}",
        )
    return table


def _mistakes(results: ClassResults) -> Table:
    table = Table("mistake", "where", "what the check says", title="The most common mistakes")
    table.add_column("students", justify="right")
    table.add_column("who", overflow="fold")
    shown, more, most = _shown(results)
    for row in shown:
        names = _names([person.id for person in row.students])
        count = str(len(row.students))
        table.add_row(Text(row.name), Text(_where(row)), Text(row.says or "–"), count, Text(names))
    if more:
        table.caption = f"and {more} others, each made by {most} at most"
    return table


def _where(row: Mistakes) -> str:
    return ", ".join(f"{id} ({len(who)})" for id, who in row.where.items())


def _names(names: list[str]) -> str:
    rest = len(names) - NAMES
    return ", ".join(names[:NAMES]) + (f", and {rest} more" if rest > 0 else "")
