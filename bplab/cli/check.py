"""The command ``bplab check``: what a notebook is worth, without nbgrader."""

import os
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bplab.cli.shared import for_tables
from bplab.course import Course, CourseError

if TYPE_CHECKING:
    from bplab.grading.handed_in import Assignments

__all__ = ["app", "notebooks_in"]

app = typer.Typer()


class Isolated(StrEnum):
    """How the code is isolated."""

    AUTO = "auto"
    WALL = "wall"
    BWRAP = "bwrap"
    LANDLOCK = "landlock"
    NONE = "none"


@app.command("check")
def check(
    what: Annotated[
        list[str],
        typer.Argument(
            metavar="NOTEBOOK... [EXERCISE]...",
            help="Notebooks or programs (.py), or a folder with some; they are not changed. Then, "
            "if not all of it is wanted, exercises, e.g. eq4.",
        ),
    ],
    assignment: Annotated[
        str, typer.Option("--assignment", help="Which they are, e.g. section_2_1; else found out.")
    ] = "",
    hidden: Annotated[
        bool,
        typer.Option(
            "--hidden",
            help="Use the hidden cases, as in grading: of BPLAB_SECRET, else course/secret.txt.",
        ),
    ] = False,
    isolation: Annotated[
        Isolated,
        typer.Option(
            "--isolation",
            help="auto: in bubblewrap, else behind Landlock, else without a wall; wall: one of the "
            "two, or an error; the others: that or an error.",
        ),
    ] = Isolated.AUTO,
    no_partial_credit: Annotated[
        bool, typer.Option("--no-partial-credit", help="All points of an exercise, or none.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON in place of a table.")] = False,
    junit: Annotated[
        Path | None, typer.Option("--junit", help="Write JUnit's XML to this file, too.")
    ] = None,
    markdown: Annotated[
        Path | None, typer.Option("--markdown", help="Add a table in Markdown to this file, too.")
    ] = None,
) -> None:
    """Judge notebooks as grading does, and print points, and each mistake by its name.

    Exit status: 0 if everything is right, 1 if something is not, or one of several files could not
    be judged, 2 if nothing was judged. Judged on other cases than those in the notebook.
    """
    with _usage_error_is_2():
        from bplab.grading.checks import (
            as_json,
            as_junit,
            as_markdown,
            as_table,
            as_text,
            check_files,
        )
        from bplab.grading.kernels import Isolation

        course = Course.to_read()
        paths, only = _sorted_out(what)

        def say(words: str) -> None:
            print(words, file=sys.stderr, flush=True)

        checked = check_files(
            notebooks_in(paths, course, only, say),
            course,
            only=only,
            assignment=assignment,
            secret=_secret() if hidden else "",
            isolation=Isolation.AUTO if isolation is Isolated.WALL else Isolation(isolation.value),
            wall=isolation is Isolated.WALL,
            partial_credit=not no_partial_credit,
            say=say,
        )
        if json:
            print(as_json(checked))
        else:
            for_tables().print(as_table(checked))
            if said := as_text(checked):
                print(f"\n{said}")
        if junit is not None:
            _write(junit, as_junit(checked))
        if markdown is not None:
            _write(markdown, as_markdown(checked), "a")
    raise typer.Exit(not all(one.passed for one in checked))


@contextmanager
def _usage_error_is_2() -> Iterator[None]:
    """Exit with 2 on a `CourseError`, since 1 tells scripts that work was judged and is wrong."""
    try:
        yield
    except CourseError as error:
        print(f"bplab: {error}", file=sys.stderr)
        raise typer.Exit(2) from error


def _sorted_out(given: Sequence[str]) -> tuple[list[Path], list[str]]:
    """Return the files and folders, and the ids of exercises; refuse whatever is neither."""
    from bplab.exercises import TASKS

    paths, ids = [], []
    for one in given:
        if not one:
            raise CourseError("a notebook's name is empty; for this folder write a dot")
        if Path(one).exists() or Path(one).suffix in (".ipynb", ".py"):
            paths.append(Path(one))
            continue
        try:
            ids.append(TASKS[one].id)
        except ValueError as error:
            raise CourseError(f"{one} is no file or folder here; and {error}") from None
    if not paths:
        raise CourseError("name a notebook first: bplab check section_2_1.ipynb eq4")
    return paths, ids


def notebooks_in(
    paths: Sequence[Path],
    course: Course,
    only: Collection[str] = (),
    say: Callable[[str], None] = lambda words: None,
) -> list[Path]:
    """Return the given files, and all files in the given folders that are work on the course.

    Parameters
    ----------
    paths : sequence of Path
    course : Course
    only : collection of str
        Ids of exercises. From a folder, only notebooks are taken that ask for one of them; all if
        it is empty.
    say : callable
        Is called with a line on each file of a folder that may be work on the course, but cannot be
        read.

    Raises
    ------
    CourseError
        If a folder holds no such notebook, or none asks for one of ``only``.
    """
    from bplab.grading.handed_in import Assignments
    from bplab.grading.printable import shown_path

    assignments, found = Assignments.of_course(course), []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        inside = {one: _which(one, assignments, say) for one in _inside(path)}
        work = {one: name for one, name in inside.items() if name}
        if not work:
            raise CourseError(f"{shown_path(path)} holds none of the course's notebooks")
        beside = {(one.parent, name) for one, name in work.items() if one.suffix != ".py"}
        for one, name in work.items():
            if only and not any(assignments.asks(name, id) for id in only):
                continue
            if one.suffix != ".py" or (one.parent, name) not in beside:  # not both forms of one
                found.append(one)
    if not found:
        raise CourseError(f"none of the course's notebooks there asks for {', '.join(only)}")
    return found


def _inside(folder: Path) -> Iterator[Path]:
    for above, folders, names in os.walk(folder):
        folders[:] = sorted(one for one in folders if not one.startswith("."))
        for name in sorted(names):
            if ".ipynb" in name.casefold() or name.endswith(".py"):
                yield Path(above, name)


def _which(path: Path, assignments: "Assignments", say: Callable[[str], None]) -> str:
    """Return the assignment that a file is work on, by its name if it cannot be read; else ""."""
    from bplab.grading.checks import content_of
    from bplab.grading.handed_in import Unfit, read_notebook
    from bplab.grading.printable import shown_path

    called = assignments.called(path.name.removesuffix(".py"))
    if path.suffix == ".py":
        return called
    try:
        return assignments.which(read_notebook(content_of(path)), path.name)
    except (OSError, Unfit) as error:
        if not called:
            why = f"cannot be read: {error.strerror}" if isinstance(error, OSError) else str(error)
            say(f"{shown_path(path)} is not judged: it {why}")
        return called


def _secret() -> str:
    from bplab.grading.secret import course_secret

    return os.environ.get("BPLAB_SECRET") or course_secret(Course.find().root / "course")


def _write(path: Path, text: str, mode: str = "w") -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open(mode, encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise CourseError(f"{path} cannot be written: {error.strerror or error}") from error
