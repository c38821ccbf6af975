"""The commands ``bplab grade`` and ``bplab regrade``."""

import dataclasses
import os
import sys
import time
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from bplab.cli import collect as cli_collect
from bplab.cli import report as cli_report
from bplab.cli.shared import CourseFolder, for_tables
from bplab.course import CourseError
from bplab.grading import MAX_MB

if TYPE_CHECKING:
    from bplab.grading.class_run.grade import Result, Where
    from bplab.grading.folder import ClassFolder
    from bplab.grading.judge.submission import Assignment

__all__ = ["app"]

app = typer.Typer()


class Isolated(StrEnum):
    """How students' code is isolated."""

    AUTO = "auto"
    BWRAP = "bwrap"
    LANDLOCK = "landlock"
    NONE = "none"


Name = Annotated[str, typer.Argument(help="Which one, e.g. section_2_1.")]
Jobs = Annotated[
    int | None, typer.Option("--jobs", min=1, help="Processes; else one for each processor.")
]
Scheduler = Annotated[
    str, typer.Option("--scheduler", help="Of a Dask cluster, e.g. tcp://10.0.0.1:8786.")
]
Isolation = Annotated[
    Isolated | None,
    typer.Option(
        "--isolation",
        help="auto: in bubblewrap, else behind Landlock, else not at all; none: limits only, and "
        "marks are not protected. Else as the settings say.",
    ),
]
Students = Annotated[str, typer.Option("--students", help="Only these, e.g. ada,ben.")]
Token = Annotated[
    str | None, typer.Option("--run", help='The hidden cases of this run; "": the first ones.')
]
NoPartial = Annotated[
    bool, typer.Option("--no-partial-credit", help="All points of an exercise, or none.")
]
MaxMb = Annotated[
    float, typer.Option("--max-mb", min=0.001, max=MAX_MB, help="Larger notebooks are not read.")
]


@app.command("grade")
def grade(
    name: Name,
    course: CourseFolder = None,
    jobs: Jobs = None,
    scheduler: Scheduler = "",
    isolation: Isolation = None,
    students: Students = "",
    force: Annotated[
        bool, typer.Option("--force", help="Grade again what has not changed.")
    ] = False,
    fresh_cases: Annotated[
        bool, typer.Option("--fresh-cases", help="Draw new hidden cases: a new run.")
    ] = False,
    run: Token = None,
    no_partial_credit: NoPartial = False,
    max_mb: MaxMb = MAX_MB,
    feedback: Annotated[
        bool, typer.Option("--feedback", help="Make the feedback pages, too.")
    ] = False,
) -> None:
    """Grade a class in parallel: autograded/ and the gradebook, as `nbgrader autograde` does.

    Ctrl-C ends it in order, and the same command goes on; what was graded from the same bytes is
    kept.
    """
    from bplab.grading.class_run.grade import grade_class
    from bplab.grading.folder import ClassFolder
    from bplab.grading.judge.submission import Grader

    if fresh_cases and run is not None:
        raise CourseError("--fresh-cases draws a new run, --run names one: give one of them")
    console, start = for_tables(), time.monotonic()
    folder = ClassFolder.open(course)
    assignment = assignment_of(
        folder, name, isolation, run=run, fresh=fresh_cases, no_partial_credit=no_partial_credit
    )
    _take_astray(console, folder, name, _split(students), max_mb)
    result = grade_class(
        folder,
        assignment,
        Grader,
        where(jobs, scheduler),
        students=_split(students),
        force=force,
        max_mb=max_mb,
        console=console,
    )
    _tell(console, folder, name, result, time.monotonic() - start)
    if result.interrupted:
        left = "the same command goes on"
        if fresh_cases:
            left = f"go on without --fresh-cases (this run is {assignment.run})"
        console.print(f"Stopped. What is written is complete; {left}.", highlight=False)
        raise typer.Exit(130)
    if feedback:
        cli_report.feedback(name, folder.root, jobs, force=True)
    raise typer.Exit(any(outcome.state == "failed" for outcome in result.outcomes))


@app.command("regrade")
def regrade(
    name: Name,
    course: CourseFolder = None,
    write: Annotated[bool, typer.Option("--write", "--yes", help="Write without asking.")] = False,
    jobs: Jobs = None,
    scheduler: Scheduler = "",
    isolation: Isolation = None,
    students: Students = "",
    run: Token = None,
    no_partial_credit: NoPartial = False,
    max_mb: MaxMb = MAX_MB,
) -> None:
    """Grade again after an exercise was put right: shows whose mark changes, then asks.

    Points and comments that a person gave stay.
    """
    from bplab.grading.class_run.grade import Result
    from bplab.grading.class_run.regrade import Change, regrade_class, show
    from bplab.grading.folder import ClassFolder
    from bplab.grading.judge.submission import Grader

    console, start = for_tables(), time.monotonic()
    folder = ClassFolder.open(course)
    assignment = assignment_of(
        folder, name, isolation, run=run, no_partial_credit=no_partial_credit
    )

    def agree(changes: list[Change], result: Result) -> bool:
        show(console, changes, result)
        if write:
            return True
        if not sys.stdin.isatty():
            console.print("Nothing is written: add --write.", highlight=False)
            return False
        return typer.confirm("Write these marks?")

    _, result, written = regrade_class(
        folder,
        assignment,
        Grader,
        where(jobs, scheduler),
        agree=agree,
        students=_split(students),
        max_mb=max_mb,
        console=console,
    )
    _tell(console, folder, name, result, time.monotonic() - start, written=written)
    if result.interrupted:
        raise typer.Exit(130)
    raise typer.Exit(any(outcome.state == "failed" for outcome in result.outcomes))


def _take_astray(
    console: Console, folder: "ClassFolder", name: str, students: set[str], max_mb: float
) -> None:
    """Take notebooks in a wrong place under submitted/, or print why they are not taken."""
    from bplab.grading.collect import take_astray

    came = take_astray(folder, name, limit=int(max_mb * 1e6), students=students)
    cli_collect.show(console, came)
    for one in came.taken:
        console.print(f"{one.student}: {one.file} is taken for {name}.", markup=False)


def assignment_of(
    folder: "ClassFolder",
    name: str,
    isolation: Isolated | None = None,
    *,
    run: str | None = None,
    fresh: bool = False,
    no_partial_credit: bool = False,
) -> "Assignment":
    """Return the assignment as the settings have it, changed by options of the command line."""
    from bplab.grading.class_run.grade import run_of
    from bplab.grading.kernels import Isolation
    from bplab.grading.nbgrader_plugin import OracleExecute

    folder.release(name)  # raises if there is none
    settings = OracleExecute(config=folder.config)
    assignment = settings.assignment(name, notebook=name)
    token = run_of(folder.own, name, fresh=fresh, given=run)
    return dataclasses.replace(
        assignment,
        run=token or assignment.run,
        partial_credit=assignment.partial_credit and not no_partial_credit,
        isolation=Isolation(isolation.value) if isolation else assignment.isolation,
    )


def where(jobs: int | None, scheduler: str) -> "Where":
    from bplab.grading.class_run.grade import Where

    if jobs is None:
        affinity = getattr(os, "sched_getaffinity", None)  # Linux: the processors for this process
        jobs = len(affinity(0)) if affinity else os.cpu_count() or 1
    return Where(jobs, scheduler)


def _split(students: str) -> set[str]:
    return {one.strip() for one in students.split(",") if one.strip()}


def _tell(
    console: Console,
    folder: "ClassFolder",
    name: str,
    result: "Result",
    seconds: float,
    *,
    written: bool = True,
) -> None:
    from sqlalchemy.engine import make_url

    from bplab.grading.class_run.shown import late, marks_moved, needs_a_look, totals

    for warning in sorted(result.warnings):
        console.print(f"Warning: {warning}", style="bold", markup=False)
    for table in (
        needs_a_look(result.outcomes, result.refused),
        late(result.after),
        marks_moved(result.before, result.after),
    ):
        if table:
            console.print(table)
    console.print(f"{name}: {totals(result.outcomes, seconds, result.after)}", highlight=False)
    if written:
        url = make_url(folder.settings.db_url).render_as_string(hide_password=True)
        where = folder.autograded("STUDENT", name)
        console.print(f"Marks: {url}\nNotebooks: {where}", highlight=False, soft_wrap=True)
