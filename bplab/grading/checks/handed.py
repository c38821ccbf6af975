"""Find out what a file to be judged is: which assignment, and which of its exercises."""

import errno
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from bplab.course import Course, CourseError
from bplab.exercises import EXPLAIN, TASKS
from bplab.grading import MAX_MB
from bplab.grading.files import not_regular
from bplab.grading.handed_in import Assignments, Unfit, cells_of, read_notebook, source_of
from bplab.grading.printable import shown_path
from bplab.grading.records import TEST, grade_id, noted, task_by_id

__all__ = ["CHECK", "Handed", "content_of", "program_as_notebook", "read_handed"]

CHECK = re.compile(r'^check\("(?P<id>[^"]+)", (?P<function>\w+)\)$', re.MULTILINE)

_BEGINS = re.compile(r"^# (?:%%|In\[)", re.MULTILINE)
"""Where a cell begins in a program that was a notebook: marks that Jupytext or nbconvert writes."""


@dataclass(frozen=True)
class Handed:
    """A file, and the released notebook that it is judged by.

    Attributes
    ----------
    path : Path
    name : str
        The assignment's name.
    release : str
        The released notebook, as JSON: its test cells say what is judged.
    content : bytes
        The submitted file, whatever it holds; a program has been made a notebook.
    refused : str
        Why nothing of it is judged: it is not a notebook, or belongs to another assignment. Empty
        if it is judged.
    """

    path: Path
    name: str
    release: str
    content: bytes
    refused: str = ""

    @property
    def tasks(self) -> tuple[str, ...]:
        """Ids of the exercises that are judged, in order."""
        return tuple(id for id in self.judged if not id.startswith(EXPLAIN))

    @cached_property
    def judged(self) -> dict[str, float]:
        """Points by the ids of records, in order, with those of questions on a student's code."""
        cells = nbformat.reads(self.release, as_version=4).cells
        return {
            _task(cell): float(cell.metadata.nbgrader.points) for cell in cells if _is_test(cell)
        }


def content_of(path: Path) -> bytes:
    """Return the content of a file that somebody else may have made.

    Raises
    ------
    OSError
        If it cannot be read, or is a link, which may lead to another person's work, a pipe or a
        device.
    Unfit
        If it is too large to be graded.
    """
    about = path.lstat()
    if why := not_regular(about, students=False):
        raise OSError(errno.EINVAL, why)
    if about.st_size > MAX_MB * 2**20:
        raise Unfit(f"is larger than {MAX_MB:g} MB")
    return path.read_bytes()


def read_handed(
    path: Path, course: Course, only: Collection[str] = (), assignment: str = ""
) -> Handed:
    """Read a notebook or a program, which is not changed, and find out which assignment it is.

    Parameters
    ----------
    path : Path
    course : Course
        Its released notebooks say what is judged.
    only : collection of str
        Ids of the exercises to judge, of which it must have one; if empty, all that it has.
    assignment : str
        Which assignment it is, if that is known.

    Raises
    ------
    CourseError
        If it cannot be read, or is not work on this course.
    """
    try:
        content = content_of(path)
    except OSError as error:
        raise CourseError(
            f"{shown_path(path)} cannot be read: {error.strerror or error}"
        ) from error
    except Unfit as error:
        raise CourseError(f"{shown_path(path)} {error}") from error
    if path.suffix == ".py":
        content = program_as_notebook(content)
    assignments = Assignments.of_course(course)
    read: Mapping[str, Any] = {"cells": []}
    refused = ""
    try:
        read = read_notebook(content)
        name = assignment or _which(path, read, assignments, only)
        if assignment:
            assignments.refuse(read, assignment)
    except Unfit as error:
        if not (name := assignment or assignments.called(path.name)):
            raise CourseError(f"{shown_path(path)} {error}") from None
        refused = f"the file {error}"
    file = course.release_file(name)
    if name and file.is_file():
        released = nbformat.read(file, as_version=4)
    elif assignment:
        raise CourseError(f"{file} is missing; there are: {', '.join(course.names())}")
    else:
        released, name = _as_it_asks(path, read, only), path.stem
    known = [_task(cell) for cell in released.cells if _is_test(cell)]
    if only:
        if not set(only).intersection(known):
            what = f"asks for {', '.join(known)}, and not for {', '.join(only)}"
            raise CourseError(f"{shown_path(path)} is {name}: it {what}")
        released.cells = [
            cell
            for cell in released.cells
            if not _is_test(cell) or _task(cell).removeprefix(EXPLAIN) in only
        ]
    return Handed(path, name, nbformat.writes(released), content, refused)


def program_as_notebook(program: bytes) -> bytes:
    """Return a Python program as a notebook, so that an error costs the cell that it is in.

    It is not parsed as Python: a cell begins where Jupytext or nbconvert has put a mark.
    """
    text = program.decode("utf-8", "replace").removeprefix("\ufeff")
    starts = [0, *(found.start() for found in _BEGINS.finditer(text) if found.start())]
    cells = [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(one) for one in cells])
    return json.dumps(notebook).encode()


def _which(
    path: Path, read: Mapping[str, Any], assignments: Assignments, only: Collection[str]
) -> str:
    """Which assignment a file is, by its cells, its name, or the exercises that are asked for.

    A file of somebody's own that checks only an exercise or two is judged by these, not by all of
    an assignment.
    """
    called = path.name.removesuffix(".py")
    found = assignments.which(read, called)
    if found and (assignments.called(called) == found or assignments.is_copy(read, found)):
        return found
    meant = {TASKS[id].notebook for id in only}
    return meant.pop() if len(meant) == 1 and path.suffix == ".py" else ""


def _as_it_asks(path: Path, read: Mapping[str, Any], only: Collection[str]) -> NotebookNode:
    """A released notebook made for one of somebody's own: its checks say what is judged."""
    sources = [source_of(cell) for cell in cells_of(read)]
    ids = dict.fromkeys(found["id"] for one in sources for found in CHECK.finditer(one))
    tests = []
    for id in ids:
        try:
            task = TASKS[id]
        except ValueError as error:
            raise CourseError(f"{shown_path(path)}: {error}") from error
        about = {"grade_id": f"{TEST}{id}", "grade": True, "locked": True, "solution": False}
        about |= {"points": task.points, "schema_version": 3, "task": False, "cell_type": "code"}
        source = f'check("{id}", {task.function})'
        tests.append(nbformat.v4.new_code_cell(source, metadata={"nbgrader": about}))
    if not tests:
        raise CourseError(
            f'{path} is none of the course\'s notebooks, and has no line such as check("eq4", '
            "grad_beta). If it is one, say which: --assignment section_2_1"
        )
    return nbformat.v4.new_notebook(cells=tests)


def _is_test(cell: NotebookNode) -> bool:
    return bool(noted(cell).get("grade")) and task_by_id(_task(cell)) is not None


def _task(cell: NotebookNode) -> str:
    return grade_id(cell).removeprefix(TEST)
