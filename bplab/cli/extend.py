"""The command ``bplab extend``: give students more time."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from bplab.cli.shared import CourseFolder, for_tables
from bplab.course import CourseError

if TYPE_CHECKING:
    from bplab.grading.gradebook import Extended
    from bplab.grading.zones import CourseZone

__all__ = ["app"]

app = typer.Typer()

TEN_YEARS = 3650


@app.command("extend")
def extend(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[STUDENT…] ASSIGNMENT",
            help="Such as: ada ben section_2_1. With --list all may be left out.",
            show_default=False,
        ),
    ] = None,
    until: Annotated[
        str,
        typer.Option(help='When it is due for them: "2026-12-04 18:00", or "… Europe/Berlin".'),
    ] = "",
    days: Annotated[
        int, typer.Option(min=0, max=TEN_YEARS, help="Days after the due date, same time of day.")
    ] = 0,
    hours: Annotated[
        int, typer.Option(min=0, max=24 * TEN_YEARS, help="Hours after the due date.")
    ] = 0,
    remove: Annotated[bool, typer.Option("--remove", help="They have no more time.")] = False,
    listed: Annotated[bool, typer.Option("--list", help="Show who has more time.")] = False,
    course: CourseFolder = None,
) -> None:
    """Give students more time for an assignment, before or after it is graded.

    It is nbgrader's extension: a length of time after the due date, which goes with the date if
    that is moved. A new one takes the place of the last.
    """
    from bplab.grading.class_run.submissions import find_submissions
    from bplab.grading.folder import ClassFolder
    from bplab.grading.gradebook import Extensions, length
    from bplab.grading.zones import CourseZone

    words = [name.strip() for word in names or () for name in word.split(",") if name.strip()]
    assignment, students = (words[-1] if words else ""), list(dict.fromkeys(words[:-1]))
    ways = [bool(until), bool(days or hours), remove, listed]
    if sum(ways) != 1:
        raise CourseError("give one of --until, --days (with --hours or alone), --remove, --list")
    folder = ClassFolder.open(course)
    zone = CourseZone.of(folder)
    console = for_tables()
    with Extensions(folder) as extensions:
        if listed:
            found = extensions.read(assignment)
            shown = [one for one in found if not students or one.student in students]
            console.print(_table(shown, zone) if shown else "Nobody has more time.")
            return
        if not students:
            raise CourseError(
                "name the students, then the assignment: bplab extend ada section_2_1"
            )
        before = {one.student: one for one in extensions.read(assignment)}
        extension = None
        if not remove:
            due = extensions.duedate(assignment)
            then = zone.read(until) if until else zone.days_later(due, days)
            extension = then + timedelta(hours=hours) - due
            if extension <= timedelta():
                raise CourseError(
                    f"{assignment} is due {zone.shown(due)}, for everybody: an extension ends "
                    f"later, and not {zone.shown(then)}. Nothing is written"
                )
        handed_in = {one.student for one in find_submissions(folder, assignment)[0]}
        extensions.give(assignment, students, extension, handed_in)
        now = {one.student: one for one in extensions.read(assignment)}
    if extension is not None:
        console.print(f"{assignment} is due {zone.shown(due)}.", highlight=False, soft_wrap=True)
    for student in students:
        had = before.get(student)
        was = f" instead of {length(had.extension.total_seconds())}" if had else ""
        said = _said(now[student], zone, was) if student in now else _taken(had)
        console.print(Text(f"{student}: {said}"), soft_wrap=True)
    console.print(
        f"Times without a zone are in {zone.called}. Marks that are given already follow with "
        f"the next 'bplab grade {assignment}'.",
        highlight=False,
        soft_wrap=True,
    )


def _said(one: "Extended", zone: "CourseZone", was: str) -> str:
    from bplab.grading.gradebook import length

    more = length(one.extension.total_seconds())
    until = _time(one.due, zone)
    return f"until {until}, {more} more{was}{_late(one)}"


def _taken(had: "Extended | None") -> str:
    from bplab.grading.gradebook import length

    if had is None:
        return "had no more time than others"
    return f"no more time; it was {length(had.extension.total_seconds())}"


def _late(one: "Extended") -> str:
    from bplab.grading.gradebook import length

    if one.late is None:
        return ""
    return f"; {length(one.late)} late even so" if one.late else "; in time"


def _time(utc: datetime | None, zone: "CourseZone") -> str:
    return zone.shown(utc) if utc else "without a due date"


def _table(found: "list[Extended]", zone: "CourseZone") -> Table:
    from bplab.grading.gradebook import length

    table = Table(title="Who has more time")
    for column in ("assignment", "student", "extension", "due", "handed in"):
        table.add_column(column, overflow="fold")
    for one in found:
        came = f"{zone.shown(one.handed_in)}{_late(one)}" if one.handed_in else ""
        table.add_row(
            Text(one.assignment),
            Text(one.student),
            length(one.extension.total_seconds()),
            Text(_time(one.due, zone)),
            Text(came),
        )
    return table
