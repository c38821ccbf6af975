"""The commands on a graded class: ``bplab report | export | feedback``."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from bplab.cli.shared import CourseFolder, for_tables
from bplab.counting import counted
from bplab.course import CourseError, write_whole

if TYPE_CHECKING:
    from bplab.grading.feedback.notes import Notes
    from bplab.grading.folder import ClassFolder

app = typer.Typer()

REPORTS = "reports"


class Returns(StrEnum):
    """A platform that hands out feedback in bulk."""

    MOODLE = "moodle"
    CANVAS = "canvas"


class Format(StrEnum):
    """A form of marks: what a platform imports, or a plain table."""

    CANVAS = "canvas"
    MOODLE = "moodle"
    CSV = "csv"


def _reports(root: Path) -> Path:
    """Return the folder for reports; git ignores it, since they have students' marks."""
    if not (root / REPORTS / ".gitignore").exists():
        write_whole(root / REPORTS / ".gitignore", "*\n")
    return root / REPORTS


def _say_unknown(notes: "Notes", folder: "ClassFolder", console: Console) -> None:
    """Name the notes that belong to nothing, neither to the course nor to the class's own cells."""
    from bplab.grading.gradebook import read_cells
    from bplab.grading.records import TEST

    if notes.texts:  # only then is it worth opening the gradebook
        for sentence in notes.unknown([cell.removeprefix(TEST) for cell in read_cells(folder)]):
            console.print(Text(sentence), soft_wrap=True)


@app.command("report")
def report(
    assignments: Annotated[
        list[str], typer.Argument(help="Such as section_2_1; several are set side by side.")
    ],
    course: CourseFolder = None,
    text: Annotated[bool, typer.Option("--text", help="Print it; make no file.")] = False,
    roster: Annotated[
        Path | None, typer.Option(help="CSV with a column section: each beside the whole.")
    ] = None,
    section: Annotated[
        str, typer.Option("--section", help="Of the roster: report on this one alone.")
    ] = "",
    enough: Annotated[
        float, typer.Option("--pass", min=0, max=100, help="Per cent of the points to pass.")
    ] = 50,
    out: Annotated[
        Path | None,
        typer.Option(help="The HTML file; else reports/ASSIGNMENT.html, or weeks.html of several."),
    ] = None,
) -> None:
    """Report on a graded class: marks, hard exercises, common mistakes, what to say next.

    Several assignments are set side by side, with the mistakes that come back.
    """
    from bplab.grading.feedback.notes import Notes
    from bplab.grading.folder import ClassFolder
    from bplab.grading.gradebook import read_persons
    from bplab.grading.report.page import as_html, print_report, section_table
    from bplab.grading.report.results import read_results
    from bplab.grading.report.roster import Roster
    from bplab.grading.report.sections import Sections, rows_of
    from bplab.grading.report.weeks_page import print_weeks, weeks_as_html

    if section and roster is None:
        raise CourseError("--section names a section of --roster: give both")
    folder, share = ClassFolder.open(course), enough / 100
    names = list(dict.fromkeys(assignments))
    whole = [read_results(folder, name) for name in names]
    own = Notes.read(folder.root)
    _say_unknown(own, folder, Console(stderr=True))
    shown, rows, whose = whole, {}, ""
    if roster is not None:
        sections = Sections.of(Roster.read(roster), read_persons(folder))
        rows = {one.assignment: rows_of(one, sections, share) for one in whole}
        if sections.unknown:
            lost = ", ".join(sections.unknown)
            note = f"note: on no line of the roster, or on more than one: {lost}"
            Console(stderr=True, soft_wrap=True).print(Text(note))
        if section:
            shown, whose = [one.only(sections.named(section)) for one in whole], section
    console = for_tables()
    [first, *more] = shown
    if text and more:
        print_weeks(shown, share, console, rows)
    elif text:
        print_report(first, console, own)
        if rows:
            console.print(section_table(rows[first.assignment], share))
    else:
        stem = "weeks" if more else first.assignment
        safe = "".join(c if c.isalnum() or c in "-_" else "-" for c in whose)
        path = out or _reports(folder.root) / f"{stem}{'-' if whose else ''}{safe}.html"
        if more:
            page = weeks_as_html(shown, share, rows, whose)
        else:
            of = f"section {whose}" if whose else "a class"
            page = as_html(first, own, rows.get(first.assignment, ()), share, of)
        write_whole(path, page)
        several = (
            counted(len(shown), "assignment") if more else counted(len(first.students), "student")
        )
        print(f"wrote {path}: {several}")


@app.command("export")
def export(
    assignments: Annotated[list[str], typer.Argument(help="Such as section_2_1.")],
    format: Annotated[Format, typer.Option(help="What will import it.")] = Format.CSV,
    course: CourseFolder = None,
    roster: Annotated[
        Path | None, typer.Option(help="The platform's own CSV export, to be filled in.")
    ] = None,
    zeros: Annotated[
        bool, typer.Option("--zeros", help="Give 0 to those who have not handed in.")
    ] = False,
    detail: Annotated[
        bool, typer.Option("--detail", help="A row for each exercise of each student.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="The CSV file; else reports/grades-FORMAT.csv.")
    ] = None,
) -> None:
    """Write marks as CSV for Canvas, for Moodle, or as a plain table."""
    from bplab.grading.folder import ClassFolder
    from bplab.grading.report.canvas import as_canvas
    from bplab.grading.report.export import Gradebooks, as_detail, as_table
    from bplab.grading.report.moodle import as_moodle
    from bplab.grading.report.results import read_results
    from bplab.grading.report.roster import Roster

    if roster is not None and format is Format.CSV:
        raise CourseError("--roster is for --format canvas and --format moodle")
    if detail and format is not Format.CSV:
        raise CourseError("--detail is a table of our own: leave out --format")
    folder = ClassFolder.open(course)
    names = dict.fromkeys(assignments)
    marks = Gradebooks([read_results(folder, name) for name in names], zeros=zeros)
    if format is Format.CSV:
        made = as_detail(marks) if detail else as_table(marks)
    else:
        shape = as_canvas if format is Format.CANVAS else as_moodle
        made = shape(marks, Roster.read(roster) if roster is not None else None)
    path = out or _reports(folder.root) / f"grades-{'detail' if detail else format}.csv"
    write_whole(path, made.text)
    print(f"wrote {path}")
    console = Console(stderr=True, soft_wrap=True)
    for note in made.notes:
        console.print(Text(f"note: {note}"))


@app.command("feedback")
def feedback(
    assignment: Annotated[str, typer.Argument(help="Such as section_2_1.")],
    course: CourseFolder = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Processes; else one for each processor.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Make all pages again.")] = False,
    zip: Annotated[
        Returns | None,
        typer.Option("--zip", help="Put them into one file that the platform hands out."),
    ] = None,
) -> None:
    """Make the feedback pages of a whole class, in parallel; --zip to return them in bulk."""
    from rich.progress import track

    from bplab.grading.feedback.notes import Notes
    from bplab.grading.feedback.returned import returned
    from bplab.grading.feedback.whole_class import feedback_pages
    from bplab.grading.folder import ClassFolder

    folder = ClassFolder.open(course)
    total = len(folder.students_in("autograded", assignment))
    if not total:
        raise CourseError(f"nobody's {assignment} is graded in {folder.root}")
    console = Console(stderr=True)
    _say_unknown(Notes.read(folder.root), folder, console)
    made = feedback_pages(folder, assignment, jobs=jobs, force=force)
    failed = {}
    for student, why in track(made, "feedback", total=total, console=console):
        if why:
            failed[student] = why
    there = counted(total - len(failed), "feedback page is", "feedback pages are")
    print(f"{there} in {folder.settings.feedback_directory}/")
    for student, why in sorted(failed.items()):
        console.print(Text(f"no page for {student}: {why}"), soft_wrap=True)
    if zip is not None:
        archive = returned(folder, assignment, zip)
        path = _reports(folder.root) / f"feedback-{assignment}-{zip}.zip"
        write_whole(path, archive.content)
        print(f"wrote {path}: {counted(len(archive.students), 'student')}")
        for student, why in archive.left.items():
            console.print(Text(f"not in it: {student} {why}"), soft_wrap=True)
    if failed:
        raise typer.Exit(1)
