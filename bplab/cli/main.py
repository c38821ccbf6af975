"""The command line: ``bplab lab``, and all other commands, each group from its own file."""

import errno
import importlib.util
import os
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

import bplab
from bplab.cli import bench, check, collect, course, extend, grade, gradescope, report, serve
from bplab.cli.plain import printable
from bplab.cli.start import CannotStartError, can_start
from bplab.course import Course, CourseError, copy_name, for_learners, work_folder

app = typer.Typer(no_args_is_help=True, add_completion=False)
app.add_typer(course.app)  # course, demo, equations
app.add_typer(check.app)  # check
app.add_typer(bench.app, name="bench")
app.add_typer(collect.app)  # collect
app.add_typer(extend.app)  # extend
app.add_typer(grade.app)  # grade, regrade
app.add_typer(gradescope.app)  # gradescope build, gradescope try
app.add_typer(report.app)  # report, export, feedback
app.add_typer(serve.app)  # serve


_BROUGHT_BY = {
    "distributed": "cluster",
    **dict.fromkeys(("jupyterlab", "nbclient", "nbformat"), "learn"),
    **dict.fromkeys(("jinja2", "jupytext", "nbgrader", "nh3", "psutil", "yaml"), "course"),
    **dict.fromkeys(("math_core", "pyseccomp", "resvg_py"), "course"),
    **dict.fromkeys(("jupyterlite-pyodide-kernel", "packaging"), "site"),
}
"""The extra that each package comes with."""

_POSIX = ("fcntl", "grp", "pwd", "resource")
"""Modules that grading needs, and that Python on Windows does not have."""


def main() -> None:
    """Run the command line; expected errors are shown as one message, not as a traceback."""
    printable()
    try:
        app()
    except (CannotStartError, CourseError) as error:
        sys.exit(f"bplab: {error}")
    except ModuleNotFoundError as missing:
        name = (missing.name or "").partition(".")[0]
        if name in _POSIX:
            sys.exit(
                "bplab: this command keeps students' code behind walls that Windows does not have. "
                "Run it in WSL, the Linux that comes with Windows (wsl --install)"
            )
        if name not in _BROUGHT_BY:
            raise
        sys.exit(f"bplab: this command needs {name}: pip install 'bplab[{_BROUGHT_BY[name]}]'")
    except Exception as error:
        if not (why := _refused_by_system(error)):
            raise
        sys.exit(f"bplab: {why}. Put this right, and run the same command again")


def _refused_by_system(error: Exception) -> str:
    """Return what this computer refused, if the command could do nothing about it; else ""."""
    databases = sys.modules.get("sqlalchemy.exc")
    if databases is not None and isinstance(error, databases.OperationalError):
        from bplab.grading.gradebook import why_not

        return f"the gradebook cannot be used: {why_not(error)}"
    if isinstance(error, OSError) and error.errno in _REFUSED:
        return ": ".join(filter(None, (error.filename and str(error.filename), error.strerror)))
    return ""


_REFUSED = tuple(
    getattr(errno, name)
    for name in ("EACCES", "EPERM", "EROFS", "ENOSPC", "EDQUOT", "EIO")
    if hasattr(errno, name)
)


def _say_version(asked: bool) -> None:
    if asked:
        print(f"bplab {bplab.__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", callback=_say_version, is_eager=True),
    ] = False,
) -> None:
    """Learn back-propagation by doing it."""


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def lab(context: typer.Context) -> None:
    """Open JupyterLab at the first notebook. Options such as --no-browser go to JupyterLab.

    Your copies of the notebooks are in the folder work, in the current folder or in the course
    that it is in. They are made where they are missing, and never written over.
    """
    if importlib.util.find_spec("jupyterlab") is None:  # another process will load it
        raise ModuleNotFoundError(name="jupyterlab")
    work = work_folder()
    root = work.parent
    can_start(root, context.args)
    first = copies_for_learner(Course.to_read(), work)[0].relative_to(root)
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={root}",
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
    """Return the options that JupyterLab needs to start as root, and tell the user about them."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return []
    print(
        "bplab: this is root (a container?), so JupyterLab starts with --allow-root. It listens on "
        "localhost only, unless your options say otherwise, and asks for its token.",
        file=sys.stderr,
        flush=True,
    )
    return ["--allow-root", "--ServerApp.ip=localhost"]


def copies_for_learner(course: Course, work: Path) -> list[Path]:
    """Put a copy of each student's notebook into ``work``; copies that are there are left alone.

    Returns
    -------
    list of Path
        The copies, in reading order.

    Raises
    ------
    CourseError
        If a student's notebook is missing.
    """
    copies = []
    for name in course.names():
        original, copy = course.release_file(name), work / f"{name}.ipynb"
        if not original.exists():
            raise CourseError(f"{original} is missing: run bplab course build")
        copy.parent.mkdir(exist_ok=True)
        if not copy.exists():
            copy = copy.with_stem(copy_name(name))
        if not copy.exists():
            shutil.copyfile(original, copy)
        copies.append(copy)
    return copies


if __name__ == "__main__":
    main()
