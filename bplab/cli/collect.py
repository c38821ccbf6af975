"""The command ``bplab collect``: from a learning platform's download to ``submitted/``."""

from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bplab.cli.shared import CourseFolder, for_tables
from bplab.counting import counted
from bplab.course import CourseError
from bplab.grading import MAX_MB

if TYPE_CHECKING:
    from bplab.grading.collect import Collected

__all__ = ["app", "show"]

app = typer.Typer()


class Platform(StrEnum):
    """The platform that named the files of a download."""

    CANVAS = "canvas"
    MOODLE = "moodle"
    BLACKBOARD = "blackboard"
    BRIGHTSPACE = "brightspace"
    GRADESCOPE = "gradescope"
    FOLDERS = "folders"


@app.command("collect")
def collect(
    assignment: Annotated[str, typer.Argument(help="Such as section_2_1.")],
    download: Annotated[
        Path, typer.Argument(help="The zip file that the platform gave you, or a folder.")
    ],
    course: CourseFolder = None,
    roster: Annotated[
        Path | None, typer.Option(help="The platform's list of students or of marks, as CSV.")
    ] = None,
    id: Annotated[
        str, typer.Option("--id", help="The roster's column with students' ids; else the best.")
    ] = "",
    platform: Annotated[
        Platform | None, typer.Option(help="Whose names the files have, if it is found wrongly.")
    ] = None,
    timezone: Annotated[
        str, typer.Option(help="Of the platform's times, e.g. Europe/Berlin; else the course's.")
    ] = "",
    update: Annotated[
        bool,
        typer.Option("--update", help="Replace others where no time tells which is newer."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be done; write nothing.")
    ] = False,
    max_mb: Annotated[
        float, typer.Option("--max-mb", min=0.001, max=MAX_MB, help="Larger files are not taken.")
    ] = 50,
) -> None:
    """Put a platform's download where it is graded: submitted/STUDENT/ASSIGNMENT.

    Canvas, Moodle, Blackboard, Brightspace, Gradescope, or a folder for each student. Each file
    that is not taken is named with the reason. What a newer one replaces moves to grading/earlier.
    """
    from bplab.grading.collect import People, everybody
    from bplab.grading.collect import collect as collect_download
    from bplab.grading.folder import ClassFolder
    from bplab.grading.report.roster import Roster
    from bplab.grading.zones import CourseZone, zone_called

    if id and roster is None:
        raise CourseError("--id names a column of --roster: give both")
    folder = ClassFolder.open(course)
    zone = CourseZone(zone_called(timezone), timezone) if timezone else CourseZone.of(folder)
    folder.release(assignment)  # raises if there is none
    listed = Roster.read(roster) if roster is not None else None
    people = People(everybody(folder), listed, id)
    collected = collect_download(
        folder,
        assignment,
        download,
        people,
        limit=int(max_mb * 1e6),
        platform=platform.value if platform else "",
        zone=zone.zone,
        update=update,
        dry=dry_run,
    )
    _tell(collected, assignment, zone=zone.called, unread=people.unread, dry=dry_run)
    raise typer.Exit(not collected.taken)


def show(console: Console, collected: "Collected") -> None:
    """Print notes on students that are worth a look, and every file that was not taken."""
    noted = [(one.student, "; ".join(one.notes)) for one in collected.taken if one.notes]
    left = [(one.file, one.why) for one in collected.left]
    for title, first, rows in (("Worth a look", "student", noted), ("Not taken", "file", left)):
        if rows:
            table = Table(first, "", title=title, title_justify="left", expand=False)
            for name, words in rows:
                table.add_row(Text(name), Text(words))
            console.print(table)


def _tell(collected: "Collected", assignment: str, *, zone: str, unread: str, dry: bool) -> None:
    from bplab.grading.collect import State
    from bplab.grading.printable import shown

    console = for_tables()
    show(console, collected)
    if collected.missing:
        names = ", ".join(collected.missing)
        missing = counted(len(collected.missing), "student has", "students have")
        many = f"{missing} no {assignment} in it: {names}"
        console.print(Text(many), soft_wrap=True)
    count = Counter(one.state for one in collected.taken)
    states = ", ".join(f"{count[state]} {state.value}" for state in State if count[state])
    if any(one.at for one in collected.taken):
        console.print(f"Times are read in {zone}.", highlight=False)
    elif unread:
        why = f"Times of the roster are not read, such as {shown(unread)!r}: export it in English."
        console.print(Text(why), soft_wrap=True)
    would = "Nothing is written; it would be: " if dry else ""
    console.print(
        f"{would}{assignment}, as {collected.platform} names files: "
        f"{counted(len(collected.taken), 'student')} ({states or 'none'}), "
        f"{counted(len(collected.left), 'file')} not taken",
        highlight=False,
        soft_wrap=True,
    )
