"""From text notebooks to what students open: ``course/notebooks/*.py`` → release, solutions.

What `build` does, step by step:

1. reads each text notebook (Jupytext percent format) and completes its nbgrader metadata: the
   points, and the hidden check of every test cell, come from the exercise's definition; where the
   course gives points for questions on one's own code, their cells are put in;
2. compares each solution cell with the exercise: same function, same parameters;
3. writes the instructor's notebooks to ``course/source/``;
4. has nbgrader make the student's notebooks (``course/release/``), in a scratch course, so
   that no gradebook is touched;
5. runs the solved notebooks, one on each processor, and writes them with their outputs to
   ``solutions/``.

A notebook is not built again if its files are unchanged, and were built from the same text, library
and versions: see `Built`.

Building twice gives the same inputs, byte for byte: cell ids are made from exercise ids or from
the text of the cell. Outputs of solutions are not compared; their pictures differ from
machine to machine.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import nbformat
from nbformat import NotebookNode

from bplab.course.built import Built
from bplab.course.explained import explain_points
from bplab.course.layout import Course, CourseError, with_own_programs, write_whole
from bplab.course.notebook import instructor_notebook, run, solved

__all__ = ["Stale", "build", "course_settings", "explain_points", "instructor_notebook", "solved"]


class Stale(CourseError):
    """Committed notebooks do not match the text notebooks."""


def build(
    course: Course, names: Sequence[str] = (), *, check: bool = False, force: bool = False
) -> list[Path]:
    """Build notebooks of the course, or with ``check`` only compare.

    Parameters
    ----------
    course : Course
    names : sequence of str
        Which notebooks, e.g. ``"section_2_1"``; all of them if empty.
    check : bool
        Whether to write nothing, and raise if what is there differs from what would be written.
    force : bool
        Whether to build also what is up to date, and to write over a notebook in
        ``course/release/`` even if somebody has worked in it.

    Returns
    -------
    list of Path
        The files written (or compared). Those of a notebook that is up to date are not written.

    Raises
    ------
    CourseError
        If a text notebook does not fit its exercises, or a release notebook holds work.
    Stale
        With ``check``, if anything is not up to date.
    """
    if unknown := set(names) - set(course.names()):
        raise CourseError(
            f"no notebook {', '.join(sorted(unknown))}; there are: {', '.join(course.names())}"
        )
    chosen = [name for name in course.names() if name in names or not names]
    built = Built(course)
    due = [name for name in chosen if not built.is_as_built(name) or force]
    settings = course_settings(course) if due else {}
    points = explain_points(settings)
    instructor = {
        name: instructor_notebook(course.notebooks / f"{name}.py", points) for name in due
    }
    with tempfile.TemporaryDirectory(prefix="bplab-course-") as scratch:
        released = _release(settings, instructor, Path(scratch)) if due else {}
    if check:
        return _compare(course, chosen, instructor, released)
    if not force:
        _refuse_to_overwrite_work(course, due)
    solutions = asyncio.run(_solutions(instructor))
    written = []
    for name, notebook in instructor.items():
        files = [
            _write(course.source / name / f"{name}.ipynb", nbformat.writes(notebook)),
            _write(course.release_file(name), released[name]),
            _write(course.solution_file(name), nbformat.writes(solutions[name])),
        ]
        built.note(name, files)
        written += files
    for folder, kept in ((course.release, course.names()), (course.source, course.names())):
        for stray in set(_folders(folder)) - set(kept):
            shutil.rmtree(folder / stray)
    return written


async def _solutions(instructor: Mapping[str, NotebookNode]) -> dict[str, NotebookNode]:
    """Run the solved notebooks, as many at once as there are processors.

    Raises
    ------
    CellExecutionError
        If a cell fails: the error of the first such notebook, after all have been run.
    """
    processors = asyncio.Semaphore(os.cpu_count() or 1)

    async def solution(notebook: NotebookNode) -> NotebookNode:
        async with processors:
            return await run(solved(notebook))

    later_first = list(instructor)[::-1]  # later notebooks take longer
    ran = await asyncio.gather(
        *(solution(instructor[name]) for name in later_first), return_exceptions=True
    )
    solutions = {}
    for name, one in zip(instructor, ran[::-1], strict=True):
        if isinstance(one, BaseException):
            raise one
        solutions[name] = one
    return solutions


# --- the student's version ----------------------------------------------------------------


def course_settings(course: Course) -> Any:
    """Return the settings in the course's ``nbgrader_config.py``, as traitlets reads them."""
    from traitlets.config import PyFileConfigLoader

    with _without_a_secret():
        return PyFileConfigLoader(
            "nbgrader_config.py", path=str(course.root / "course")
        ).load_config()


def _without_a_secret() -> Any:
    """Patch the environment with a secret that is not used, so that building makes no new one."""
    return mock.patch.dict(os.environ, with_own_programs() | {"BPLAB_SECRET": "unused"})


def _release(config: Any, instructor: dict[str, NotebookNode], scratch: Path) -> dict[str, str]:
    """Have nbgrader make the student's notebooks in a scratch course; return their texts."""
    from nbgrader.apps import NbGraderAPI

    config.CourseDirectory.root = str(scratch)
    config.CourseDirectory.db_url = f"sqlite:///{scratch / 'gradebook.db'}"
    for name, notebook in instructor.items():
        _write(scratch / "source" / name / f"{name}.ipynb", nbformat.writes(notebook))
    texts = {}
    here = Path.cwd()
    try:
        for name in instructor:
            with _without_a_secret():
                result = NbGraderAPI(config=config).generate_assignment(name)
            if not result["success"]:
                raise CourseError(
                    f"nbgrader could not make the student's notebook of {name}:\n"
                    f"{result.get('error') or result.get('log')}"
                )
            made = nbformat.read(scratch / "release" / name / f"{name}.ipynb", as_version=4)
            texts[name] = _text(nbformat.writes(made))
    finally:
        os.chdir(here)
    return texts


def _refuse_to_overwrite_work(course: Course, names: Sequence[str]) -> None:
    """Refuse to overwrite release notebooks with outputs, since these are somebody's work."""
    for name in names:
        path = course.release_file(name)
        if path.exists() and any(cell.get("outputs") for cell in _read(path).cells):
            raise CourseError(
                f"{path} holds outputs: somebody has worked in it. Copy it somewhere else first, "
                "or build with --force to lose that work"
            )


# --- comparing and writing ----------------------------------------------------------------


def _compare(
    course: Course,
    names: Sequence[str],
    instructor: Mapping[str, NotebookNode],
    released: Mapping[str, str],
) -> list[Path]:
    """Compare the notebooks that were built again; return the files of all ``names``."""
    stale = []
    for name, notebook in instructor.items():
        release, solution = _made(course, name)
        if not release.exists() or release.read_text(encoding="utf-8") != released[name]:
            stale.append(release)
        if not solution.exists() or _inputs(_read(solution)) != _inputs(solved(notebook)):
            stale.append(solution)
    known = {path.resolve() for name in course.names() for path in _made(course, name)}
    for path in (*course.release.rglob("*.ipynb"), *course.solutions.rglob("*.ipynb")):
        if path.resolve() not in known and ".ipynb_checkpoints" not in path.parts:
            stale.append(path)
    if stale:
        raise Stale(
            "out of date: "
            + ", ".join(str(path.relative_to(course.root)) for path in stale)
            + "; run bplab course build and commit what it writes"
        )
    return [path for name in names for path in _made(course, name)]


def _made(course: Course, name: str) -> tuple[Path, Path]:
    """Return the committed files that are made from one text notebook."""
    return course.release_file(name), course.solution_file(name)


def _inputs(notebook: NotebookNode) -> list[tuple[str, str, str]]:
    return [(cell.id, cell.cell_type, cell.source) for cell in notebook.cells]


def _read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def _text(text: str) -> str:
    return text.rstrip("\n") + "\n"


def _write(path: Path, text: str) -> Path:
    write_whole(path, _text(text))
    return path


def _folders(path: Path) -> Iterator[str]:
    return (p.name for p in path.iterdir() if p.is_dir()) if path.is_dir() else iter(())
