"""The command line: ``bplab lab``, and all the other commands, each group from its own file."""

import os
import shutil
import sys
from pathlib import Path

try:
    import rich  # noqa: F401 - asked for here, so that what is missing is named
    import typer
except ModuleNotFoundError as missing:  # the base install has no command line
    sys.exit(f"bplab's commands need {missing.name}: pip install 'bplab[course]'")

from bplab.cli import bench, course, grade, report
from bplab.cli.start import CannotStartError, can_start
from bplab.course import Course, CourseError, for_learners

app = typer.Typer(
    help="Learn back-propagation by doing it.", no_args_is_help=True, add_completion=False
)
app.add_typer(course.app)  # check, course, demo, equations
app.add_typer(bench.app, name="bench")
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
    clone = Course.find()
    can_start(clone.root, context.args)
    first = copies_for_learner(clone)[0].relative_to(clone.root)
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={clone.root}",
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


if __name__ == "__main__":
    main()
