"""Judge a submission as `bplab grade` does, but write nothing: no gradebook, no folder."""

import json
from collections.abc import Mapping
from types import MappingProxyType

import nbformat

from bplab.course import CourseError
from bplab.grading.class_run.child import Died
from bplab.grading.class_run.pools import in_child
from bplab.grading.class_run.told import About
from bplab.grading.class_run.worker import CannotStart, Failed, Order
from bplab.grading.judge.submission import Assignment, Grader
from bplab.grading.kernels import UNPROTECTED, Isolation, IsolationError, choose
from bplab.grading.records import GradedNotebook, graded_in, nothing_graded

__all__ = ["judged", "wall_for"]


def wall_for(asked: Isolation) -> tuple[Isolation, str]:
    """Return the wall between students' code and this machine, and what is weak about it.

    Raises
    ------
    IsolationError
        If the isolation asked for is not available.
    """
    found = choose(asked)
    return found.kind, found.warning.removeprefix(f"{UNPROTECTED}: ")


def judged(
    assignment: Assignment,
    submitted: bytes,
    files: Mapping[str, bytes] = MappingProxyType({}),
) -> GradedNotebook:
    """Judge a submission in a child process, which stays for the next one.

    Parameters
    ----------
    assignment : Assignment
    submitted : bytes
        Content of the submitted file, whatever it is.
    files : mapping of str to bytes
        The files that the notebook finds beside it, by name: see `bplab.grading.beside`.

    Raises
    ------
    CourseError
        If it could not be judged, and that is not the submission's own fault.
    """
    try:
        about = About(files=tuple((name, len(content)) for name, content in files.items()))
        told = in_child(Order(Grader, assignment, about), b"".join((submitted, *files.values())))
    except Died as died:
        if not died.own:
            raise CourseError(f"{assignment.name} could not be judged: {died}") from died
        why = f"Nothing was graded: {died}."
        released = nbformat.reads(assignment.release, as_version=4)
        _, records = nothing_graded(released, "too-much", why)
        return GradedNotebook(records, (why,))
    except (CannotStart, Failed, IsolationError) as error:
        raise CourseError(f"{assignment.name} could not be judged: {error}") from error
    return graded_in(json.loads(told.notebook))
