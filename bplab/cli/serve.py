"""The command ``bplab serve``: judge submissions as students hand them in."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bplab.cli import grade as cli_grade
from bplab.cli.shared import CourseFolder, for_tables
from bplab.grading import MAX_MB

if TYPE_CHECKING:
    from bplab.grading.judge.submission import Assignment

__all__ = ["app"]

app = typer.Typer()


@app.command("serve")
def serve(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[ASSIGNMENT]...", help="Else all released.")
    ] = None,
    watch: Annotated[
        str,
        typer.Option(
            "--watch",
            help="Where they hand in: exchange, or a folder laid out as submitted/; else that.",
        ),
    ] = "",
    per_hour: Annotated[
        int, typer.Option("--per-hour", min=1, help="How often one student is judged in an hour.")
    ] = 6,
    release: Annotated[
        bool, typer.Option("--release", help="Release feedback to nbgrader's exchange.")
    ] = False,
    once: Annotated[
        bool, typer.Option("--once", help="Judge what is there, and end: for cron.")
    ] = False,
    settle: Annotated[
        float, typer.Option("--settle", min=0.5, help="Seconds without a change: it is handed in.")
    ] = 3.0,
    course: CourseFolder = None,
    jobs: cli_grade.Jobs = None,
    scheduler: cli_grade.Scheduler = "",
    isolation: cli_grade.Isolation = None,
    no_partial_credit: cli_grade.NoPartial = False,
    max_mb: cli_grade.MaxMb = MAX_MB,
) -> None:
    """Judge what students hand in as it comes: marks, and a feedback page for each.

    As `bplab grade` does, in the order of arrival, until Ctrl-C. Nothing is judged while it is
    still being copied. Grade with `bplab grade` as well, whenever you like: it waits meanwhile.
    """
    from bplab.grading.folder import ClassFolder
    from bplab.grading.judge.submission import Grader
    from bplab.grading.serve import Exchange, Inbox, Serving, Submitted, Watched

    folder = ClassFolder.open(course)

    def assignment(name: str) -> "Assignment":
        return cli_grade.assignment_of(folder, name, isolation, no_partial_credit=no_partial_credit)

    for name in names or folder.released()[:1]:
        assignment(name)  # raises if it cannot be graded
    inbox: Inbox = Submitted(folder)
    if watch:
        inbox = Exchange(folder) if watch == "exchange" else Watched(folder, Path(watch))
    serving = Serving(
        folder,
        inbox,
        Grader,
        assignment,
        cli_grade.where(jobs, scheduler),
        names=names or (),
        per_hour=per_hour,
        settle=settle,
        release=release,
        max_mb=max_mb,
        console=for_tables(),
    )
    if once:
        serving.once()
        raise typer.Exit(serving.troubles > 0)
    serving.run()
