"""The command line: ``bplab lab | check | course | demo | equations | bench``."""

import os
import shutil
import sys
from pathlib import Path
from typing import Annotated

try:
    import typer
    from rich.console import Console
    from rich.table import Table
except ModuleNotFoundError as missing:  # the base install has no command line
    sys.exit(f"bplab's commands need {missing.name}: pip install 'bplab[course]'")

from bplab.cli import bench, grade, report
from bplab.cli.start import CannotStartError, can_start
from bplab.course import Course, CourseError, for_learners

app = typer.Typer(
    help="Learn back-propagation by doing it.", no_args_is_help=True, add_completion=False
)
course_app = typer.Typer(help="Build the course's notebooks.", no_args_is_help=True)
demo_app = typer.Typer(help="See the whole cycle at work.", no_args_is_help=True)
app.add_typer(course_app, name="course")
app.add_typer(bench.app, name="bench")
app.add_typer(demo_app, name="demo")
app.add_typer(grade.app)  # grade, regrade
app.add_typer(report.app)  # report, export, feedback

WORK = "work"  # the learner's folder, in the course's root


def main() -> None:
    """Run the command line; expected errors are shown as one message, not as a traceback."""
    try:
        app()
    except (CannotStartError, CourseError) as error:
        sys.exit(f"bplab: {error}")


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def lab(context: typer.Context) -> None:
    """Open JupyterLab at the first notebook. Options such as --no-browser go to JupyterLab."""
    course = Course.find()
    can_start(course.root, context.args)
    first = copies_for_learner(course)[0].relative_to(course.root)
    command = [
        *(sys.executable, "-m", "jupyterlab"),
        f"--ServerApp.root_dir={course.root}",
        f"--LabApp.default_url=/lab/tree/{first.as_posix()}",
        *_for_root(),
        *context.args,
    ]
    if os.name == "posix":
        # Ctrl-C and signals reach JupyterLab itself
        os.execve(command[0], command, for_learners())
    import subprocess

    raise typer.Exit(subprocess.call(command, env=for_learners()))


def _for_root() -> list[str]:
    """Return what JupyterLab must be told before it starts as root; say so."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return []
    print(
        "bplab: this is root (a container?), so JupyterLab starts with --allow-root. It listens on "
        "localhost only, unless your options say otherwise, and asks for its token.",
        file=sys.stderr,
        flush=True,
    )
    return ["--allow-root", "--ServerApp.ip=localhost"]


def copies_for_learner(course: Course) -> list[Path]:
    """Put a copy of each student's notebook into ``work/``; one that is there is left alone.

    Returns
    -------
    list of Path
        The copies, in reading order.
    """
    copies = []
    for name in course.names():
        original, copy = course.release_file(name), course.root / WORK / f"{name}.ipynb"
        if not original.exists():
            raise CourseError(f"{original} is missing: run bplab course build")
        copy.parent.mkdir(exist_ok=True)
        if not copy.exists():
            shutil.copyfile(original, copy)
        copies.append(copy)
    return copies


@course_app.command("build")
def course_build(
    names: Annotated[
        list[str] | None, typer.Argument(help="Which notebooks, e.g. section_2_1; else all.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail if something is out of date.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Write over release notebooks somebody worked in.")
    ] = False,
) -> None:
    """Make course/source, course/release and solutions from course/notebooks."""
    from bplab.course import build

    course = Course.find()
    for path in build(course, names or (), check=check, force=force):
        print(f"{'up to date' if check else 'wrote'}: {path.relative_to(course.root)}")


@demo_app.command("class")
def demo_class(
    keep: Annotated[
        Path | None, typer.Option(help="Keep the class's folder here, to look into.")
    ] = None,
    whole: Annotated[
        bool, typer.Option("--all", help="All assignments, not only two: some minutes.")
    ] = False,
) -> None:
    """Grade a small class with nbgrader's own commands, and print marks and mistakes."""
    from bplab.grading.demo import ASSIGNMENTS, run_demo_class

    course = Course.find()
    run_demo_class(course, keep, course.names() if whole else ASSIGNMENTS)


@app.command("check")
def check_notebooks(
    notebooks: Annotated[list[Path], typer.Argument(help="Notebooks; they are not changed.")],
    hidden: Annotated[
        bool,
        typer.Option("--hidden", help="Use the hidden cases of course/secret.txt, as nbgrader."),
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print JSON in the place of a table.")
    ] = False,
) -> None:
    """Run notebooks and print what their checks say, with points: no nbgrader needed."""
    from bplab.grading.checks import as_json, as_table, check_notebook
    from bplab.grading.secret import course_secret

    secret = course_secret(Course.find().root / "course") if hidden else ""
    console = Console(stderr=True)
    checked = []
    for path in notebooks:
        with console.status(f"running {path}"):
            checked.append(check_notebook(path, secret=secret))
    if json:
        print(as_json(checked))
    else:
        Console(width=None if sys.stdout.isatty() else 120).print(as_table(checked))


@app.command("equations")
def show_equations() -> None:
    """Print the equation map: every equation, what computes it, its exercise, its misprint."""
    from bplab.exercises import equations

    table = Table(title="The equations of the paper: functions of bplab, exercises, errata")
    for column in ("paper", "id", "section", "what", "by_equation", "vectorised", "notebook"):
        table.add_column(column)
    table.add_column("points", justify="right")
    table.add_column("known mistakes", justify="right")
    table.add_column("erratum", max_width=52)
    for row in equations():
        table.add_row(
            *(row.paper, row.id, row.section, row.title),
            *("\n".join(row.by_equation), "\n".join(row.vectorised), row.notebook),
            *("–" if number is None else str(number) for number in (row.points, row.mistakes)),
            row.erratum or "–",
        )
    Console(width=None if sys.stdout.isatty() else 200).print(table)


if __name__ == "__main__":
    main()
