"""Judge files one at a time, behind a wall where one is available."""

import os
import sys
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat

from bplab.course import Course, CourseError
from bplab.grading.checks.handed import Handed, read_handed
from bplab.grading.checks.in_kernel import judged_in_kernel
from bplab.grading.handed_in import Assignments, Unfit, read_notebook
from bplab.grading.kernels import AUTO, Isolation
from bplab.grading.printable import shown_path
from bplab.grading.records import LATER, GradedNotebook, Record, not_read

__all__ = ["Checked", "check_files"]


@dataclass(frozen=True)
class Checked:
    """The result of one file.

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
    judged : bool
        False for a file that could not be judged; the reason is in ``events``.
    """

    path: Path
    assignment: str
    records: tuple[Record, ...]
    events: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    protected: bool = True
    judged: bool = True

    @property
    def score(self) -> float:
        """Points of all exercises."""
        return sum(one.points for one in self.records)

    @property
    def max_score(self) -> float:
        """Points that all exercises could give."""
        return sum(one.max_points for one in self.records)

    @property
    def passed(self) -> bool:
        """Whether everything is right."""
        return self.judged and all(one.passed for one in self.records)


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
        Ids of the exercises to judge; if empty, all that a file has.
    assignment : str
        Which assignment the files are; if empty, it is found out for each.
    secret : str
        The hidden cases are drawn from it. Without one they are the same for everybody, and which
        answers to questions on a student's own code are right is not told.
    isolation : Isolation
        ``AUTO`` takes the best wall that is available; without any, the checks in the notebook's
        own kernel judge.
    wall : bool
        Whether it is an error if there is no wall.
    partial_credit : bool
    say : callable
        Called with messages: which file is judged, and what is weaker than it could be.

    Raises
    ------
    CourseError
        If no file is work on this course, or nothing can be judged here.
    """
    handed = [_read(path, course, only, assignment) for path in paths]
    read = [one for one in handed if isinstance(one, Handed)]
    if not read:
        whys = dict.fromkeys(
            why for one in handed if isinstance(one, Checked) for why in one.events
        )
        raise CourseError("\n".join(whys))
    if other := [id for id in only if not any(id in one.tasks for one in read)]:
        raise CourseError(f"none of these files asks for {', '.join(other)}")
    judge = _judge(secret, isolation, wall or isolation is not AUTO, partial_credit, say)
    beside = _Beside(course, read, say)
    checked = []
    for one in handed:
        if isinstance(one, Checked):
            checked.append(one)
            continue
        say(f"judging {shown_path(one.path)} …")
        files, left_out = beside.of(one)
        came = _nothing(one) if one.refused else judge(one, files)
        by_id = {record.exercise: record for record in came.records}
        records = tuple(by_id[id] for id in one.judged if id in by_id)
        later = () if secret else tuple(record for record in records if record.tells_answers)
        records = tuple(record for record in records if record not in later)
        events = (*left_out, *came.events, *(f"{r.exercise}: {LATER}" for r in later))
        checked.append(Checked(one.path, one.name, records, events, came.flags, came.protected))
    return checked


Files = Mapping[str, bytes]


def _read(path: Path, course: Course, only: Collection[str], assignment: str) -> Handed | Checked:
    """Read a file; one that cannot be judged does not keep others from being judged."""
    try:
        return read_handed(path, course, only, assignment)
    except CourseError as error:
        return Checked(path, assignment, (), (str(error),), judged=False)


def _nothing(one: Handed) -> GradedNotebook:
    released = nbformat.reads(one.release, as_version=4)
    _, records = not_read(released, one.name, one.refused)
    return GradedNotebook(records, (one.refused,))


class _Beside:
    """The files beside a notebook that `bplab grade` would take; and those left out, and why.

    If a folder holds several notebooks of one assignment, they belong to several people: then none
    of them finds anything there, since another person may have written it.
    """

    def __init__(self, course: Course, handed: Sequence[Handed], say: Callable[[str], None]):
        self._course, self._say = course, say
        self._assignments = Assignments.of_course(course)
        self._notebooks = [f"{name}.ipynb" for name in course.names()]
        self._judged = Counter((one.path.parent.resolve(), one.name) for one in handed)
        self._shared: set[Path] = set()

    def of(self, one: Handed) -> tuple[Files, tuple[str, ...]]:
        if os.open not in os.supports_dir_fd:  # Windows cannot read without following links
            return {}, ()
        from bplab.grading.beside import released_beside, take

        folder = one.path.parent
        ours = dict(released_beside(self._course.release_file(one.name).parent)[0])
        if self._judged[folder.resolve(), one.name] > 1:
            return self._of_several(one, ours)
        taken = take(folder, one.path, folder, ours=ours, notebooks=self._notebooks)
        if any(self._is(name, content, one.name) for name, content in taken.files.items()):
            return self._of_several(one, ours)
        return ours | dict(taken.files), taken.left_out

    def _of_several(self, one: Handed, ours: Files) -> tuple[Files, tuple[str, ...]]:
        if (folder := one.path.parent) not in self._shared:
            self._shared.add(folder)
            self._say(
                f"Note: {shown_path(folder)} holds more than one {one.name}: none of them "
                "finds what lies beside it."
            )
        return ours, ()

    def _is(self, name: str, content: bytes, assignment: str) -> bool:
        if ".ipynb" not in name.casefold():
            return False
        try:
            return self._assignments.which(read_notebook(content), Path(name).name) == assignment
        except Unfit:
            return False


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
            why = "walls exist on Linux only"
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
        "its own results are trusted. That is fine for your own work."
    )
    return lambda one, files: judged_in_kernel(
        one, secret=secret, partial_credit=partial_credit, files=files
    )
