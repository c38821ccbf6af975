"""Files judged one after the other, behind a wall where that can be had."""

import os
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat

from bplab.course import Course, CourseError
from bplab.grading.checks.handed import Handed, read_handed
from bplab.grading.checks.in_kernel import judged_in_kernel
from bplab.grading.kernels import AUTO, Isolation
from bplab.grading.records import GradedNotebook, Record, not_read

__all__ = ["Checked", "check_files"]


@dataclass(frozen=True)
class Checked:
    """What came of one file.

    Attributes
    ----------
    path : Path
    assignment : str
    records : tuple of Record
        One for each exercise, in order.
    events, flags : tuple of str
        What happened, and what looks like an attempt to get around the judge.
    protected : bool
        Whether a wall stood between its code and the marks.
    """

    path: Path
    assignment: str
    records: tuple[Record, ...]
    events: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    protected: bool = True

    @property
    def score(self) -> float:
        """Points of all exercises."""
        return sum(one.points for one in self.records)

    @property
    def max_score(self) -> float:
        """What they could give."""
        return sum(one.max_points for one in self.records)

    @property
    def passed(self) -> bool:
        """Whether everything is right."""
        return all(one.passed for one in self.records)


def check_files(
    paths: Sequence[Path],
    course: Course,
    *,
    only: Collection[str] = (),
    assignment: str = "",
    secret: str = "",
    isolation: Isolation = AUTO,
    wall: bool = False,
    partial_credit: bool = True,
    say: Callable[[str], None] = lambda words: None,
) -> list[Checked]:
    """Judge files, which are not changed, on cases that are not those of the notebook.

    Parameters
    ----------
    paths : sequence of Path
        Notebooks, or programs.
    course : Course
    only : collection of str
        Ids of exercises; all that a file has, if empty.
    assignment : str
        Which the files are, if that is not to be found out.
    secret : str
        The hidden cases are drawn from it. Without one they are the same for everybody.
    isolation : Isolation
        ``AUTO`` takes what can be had, and the judge in the notebook's own kernel where there is
        no wall.
    wall : bool
        Whether it is an error if there is none.
    partial_credit : bool
    say : callable
        Is told which file is judged, and what is weaker than it could be.

    Raises
    ------
    CourseError
        If a file is no work on this course, or nothing can be judged here.
    """
    handed = [read_handed(path, course, only, assignment) for path in paths]
    judge = _judge(secret, isolation, wall or isolation is not AUTO, partial_credit, say)
    notebooks = [f"{name}.ipynb" for name in course.names()]
    checked = []
    for one in handed:
        say(f"judging {one.path} …")
        files, left_out = _beside(one, course, notebooks)
        came = _nothing(one) if one.refused else judge(one, files)
        by_id = {record.exercise: record for record in came.records}
        records = tuple(by_id[id] for id in one.tasks if id in by_id)
        checked.append(
            Checked(
                one.path, one.name, records, (*left_out, *came.events), came.flags, came.protected
            )
        )
    return checked


Files = Mapping[str, bytes]


def _nothing(one: Handed) -> GradedNotebook:
    released = nbformat.reads(one.release, as_version=4)
    _, records = not_read(released, one.name, one.refused)
    return GradedNotebook(records, (one.refused,))


def _beside(one: Handed, course: Course, notebooks: Sequence[str]) -> tuple[Files, tuple[str, ...]]:
    """What lies beside a file, as `bplab grade` takes it; and what of it is not taken, and why."""
    if os.open not in os.supports_dir_fd:  # on Windows nothing is read without following links
        return {}, ()
    from bplab.grading.beside import released_beside, take

    ours, _ = released_beside(course.release_file(one.name).parent)
    taken = take(one.path.parent, one.path, one.path.parent, ours=dict(ours), notebooks=notebooks)
    return dict(ours) | dict(taken.files), taken.left_out


def _judge(
    secret: str,
    isolation: Isolation,
    must: bool,
    partial_credit: bool,
    say: Callable[[str], None],
) -> Callable[[Handed, Files], GradedNotebook]:
    try:
        from bplab.grading.checks.judging import judged, wall_for
        from bplab.grading.judge.submission import Assignment
        from bplab.grading.kernels import IsolationError
    except ModuleNotFoundError as missing:
        if must:
            raise
        why = f"{missing.name} is not installed (pip install 'bplab[check]')"
        if sys.platform != "linux":
            why = "walls are Linux's"
        return _in_kernel(secret, partial_credit, say, why)
    try:
        kind, weak = wall_for(isolation)
    except IsolationError as error:
        if must:
            raise CourseError(str(error)) from error
        return _in_kernel(secret, partial_credit, say, str(error).partition(". ")[0])
    if weak:
        say(f"Note: {weak}.")

    def judge(one: Handed, files: Files) -> GradedNotebook:
        about = Assignment(
            one.name, one.release, secret, isolation=kind, partial_credit=partial_credit
        )
        return judged(about, one.content, files)

    return judge


def _in_kernel(
    secret: str, partial_credit: bool, say: Callable[[str], None], why: str
) -> Callable[[Handed, Files], GradedNotebook]:
    say(
        f"Note: there is no wall between this code and your computer ({why}): it runs as you, and "
        "what it says of itself is believed. Right for work of your own."
    )
    return lambda one, files: judged_in_kernel(
        one, secret=secret, partial_credit=partial_credit, files=files
    )
