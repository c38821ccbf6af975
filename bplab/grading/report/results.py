"""A class's results in one assignment: marks from the gradebook, mistakes from the notebooks."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from bplab.exercises import EXPLAIN, TASKS
from bplab.grading.folder import ClassFolder
from bplab.grading.gradebook import ClassMarks, Mark, Person, read_class
from bplab.grading.kernels import UNPROTECTED
from bplab.grading.records import TEST, UNSEEN, GradedNotebook, Record, read_graded

__all__ = ["ClassResults", "ExerciseOutcome", "StudentResult", "read_results"]

NOT_WRITTEN = "not-written"
NOTHING = frozenset(UNSEEN) - {NOT_WRITTEN}
"""Names that a record has in place of a mistake if there was nothing to judge."""


@dataclass(frozen=True)
class ExerciseOutcome:
    """One student's result in one exercise.

    Attributes
    ----------
    exercise : str
        Id, e.g. ``"eq4"``.
    points, max_points : float
        Points in the gradebook, including those given by hand.
    record : Record or None
        What the check said; None if the notebook has no record of it.
    """

    exercise: str
    points: float
    max_points: float
    record: Record | None = None

    @property
    def lost(self) -> float:
        """Points that are missing from the most; 0 with extra credit."""
        return max(0.0, self.max_points - self.points)

    @property
    def kind(self) -> str:
        """``"full"``, ``"part"``, ``"not written"`` or ``"none"`` of the points."""
        if self.lost == 0:
            return "full"
        if self.points > 0:
            return "part"
        return "not written" if self.mistake == NOT_WRITTEN else "none"

    @property
    def mistake(self) -> str | None:
        """Name of the mistake; None if there is none, or no record."""
        return self.record.mistake if self.record else None


@dataclass(frozen=True)
class StudentResult:
    """One student's result in an assignment.

    Attributes
    ----------
    person : Person
    mark : Mark
    outcomes : tuple of ExerciseOutcome
        One for each graded cell, in the notebook's order.
    events, flags : tuple of str
        What happened while it was graded, and what should be looked at.
    seconds : float or None
        How long grading took; None if unknown.
    protected : bool
        Whether the submission was isolated from the marks; False with ``isolation=none``.
    """

    person: Person
    mark: Mark
    outcomes: tuple[ExerciseOutcome, ...]
    events: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    seconds: float | None = None
    protected: bool = True

    @property
    def left_nothing(self) -> bool:
        """Whether there was nothing to judge: no notebook, or none that could be read.

        Such a result says nothing about any exercise.
        """
        made = {outcome.mistake for outcome in self.outcomes}
        return bool(made) and made <= NOTHING


@dataclass(frozen=True)
class ClassResults:
    """The results of a class in an assignment.

    Attributes
    ----------
    assignment : str
    max_score : float
    exercises : tuple of str
        Ids, in the order of the course.
    students : tuple of StudentResult
        Students who are graded, sorted by name.
    missing : tuple of Person
        Students who have not handed in.
    waiting : tuple of Person
        Students who have handed in and are not graded yet.
    """

    assignment: str
    max_score: float
    exercises: tuple[str, ...]
    students: tuple[StudentResult, ...]
    missing: tuple[Person, ...] = ()
    waiting: tuple[Person, ...] = ()

    @cached_property
    def judged(self) -> tuple[StudentResult, ...]:
        """Students who left something to judge."""
        return tuple(student for student in self.students if not student.left_nothing)

    def only(self, ids: Collection[str]) -> "ClassResults":
        """Return the results of these students alone."""
        return replace(
            self,
            students=tuple(one for one in self.students if one.person.id in ids),
            missing=tuple(person for person in self.missing if person.id in ids),
            waiting=tuple(person for person in self.waiting if person.id in ids),
        )

    @property
    def nothing(self) -> tuple[StudentResult, ...]:
        """Students who have a mark, and left nothing to judge."""
        return tuple(student for student in self.students if student.left_nothing)

    @property
    def unprotected(self) -> str:
        """A warning if submissions were graded without isolation; else an empty string."""
        count = sum(not student.protected for student in self.students)
        if not count:
            return ""
        return f"{UNPROTECTED}: {count} of {len(self.students)} graded with isolation=none."


def read_results(folder: ClassFolder, assignment: str) -> ClassResults:
    """Read an assignment's marks, and what its graded notebooks say.

    Raises
    ------
    CourseError
        If there is no gradebook, or it does not have the assignment.
    """
    marks = read_class(folder, assignment)
    graded = folder.students_in("autograded", assignment)
    handed_in = folder.students_in("submitted", assignment)
    exercises = _in_order(marks)
    students, missing = [], []
    for person in marks.persons:
        if (mark := marks.marks.get(person.id)) is not None:
            told = _told(graded.get(person.id))
            students.append(_result(person, mark, told, marks.max_points, exercises))
        elif person.id not in handed_in:
            missing.append(person)
    persons = {person.id: person for person in marks.persons}
    waiting = [persons.get(id, Person(id)) for id in handed_in.keys() - marks.marks.keys()]
    waiting.sort(key=lambda person: person.sort_key)
    return ClassResults(
        assignment, marks.max_score, exercises, tuple(students), tuple(missing), tuple(waiting)
    )


def _in_order(marks: ClassMarks) -> tuple[str, ...]:
    """Return the exercises in the course's order, then cells that the course does not know."""
    known = (id for task in TASKS for id in (task, f"{EXPLAIN}{task}"))
    order = {id: i for i, id in enumerate(known)}
    named = {cell.removeprefix(TEST) for cell in marks.max_points}
    return tuple(sorted(named, key=lambda id: (order.get(id, len(order)), id)))


def _told(folder: Path | None) -> GradedNotebook:
    """Read all notebooks in a student's graded folder, and merge what they say."""
    if folder is None:
        return GradedNotebook((), ("its graded notebook is not there",))
    parts = []
    for path in sorted(folder.glob("*.ipynb")):
        try:
            parts.append(read_graded(path))
        except (OSError, ValueError):
            parts.append(GradedNotebook((), (f"{path.name} cannot be read",)))
    seconds = [part.seconds for part in parts if part.seconds is not None]
    return GradedNotebook(
        tuple(record for part in parts for record in part.records),
        tuple(event for part in parts for event in part.events),
        tuple(flag for part in parts for flag in part.flags),
        sum(seconds) if seconds else None,
        all(part.protected for part in parts),
    )


def _result(
    person: Person,
    mark: Mark,
    told: GradedNotebook,
    max_points: dict[str, float],
    exercises: tuple[str, ...],
) -> StudentResult:
    records = {record.exercise: record for record in told.records}
    outcomes = []
    for id in exercises:
        cell = f"{TEST}{id}" if f"{TEST}{id}" in max_points else id
        outcomes.append(
            ExerciseOutcome(id, mark.points.get(cell, 0.0), max_points[cell], records.get(id))
        )
    seconds = told.seconds
    if seconds is None:  # the whole was not timed: the exercises' own times are a lower bound
        timed = [record.seconds for record in told.records if record.seconds is not None]
        seconds = sum(timed) if timed else None
    return StudentResult(
        person, mark, tuple(outcomes), told.events, told.flags, seconds, told.protected
    )
