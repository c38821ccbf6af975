"""A class's results in figures: marks, exercises, common mistakes, what to look at."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import StatisticsError, correlation, median, quantiles

from bplab.exercises import TASKS, Exercise, Mistake, Task
from bplab.grading.gradebook import Person
from bplab.grading.records import UNSEEN, task_by_id
from bplab.grading.report.results import ClassResults, ExerciseOutcome, StudentResult
from bplab.learner import Cause

__all__ = [
    "ExerciseStatistics",
    "Mistakes",
    "Spread",
    "common_mistakes",
    "exercise_statistics",
    "flagged",
    "known",
    "share_passed",
    "slow",
    "spread",
]

SLOW_SECONDS, SLOW_TIMES = 10, 4
"""A slow submission takes more seconds than this, and more than this many times the median."""


@dataclass(frozen=True)
class Spread:
    """The distribution of marks; quartiles are interpolated between the marks on either side."""

    lowest: float
    lower_quartile: float
    median: float
    upper_quartile: float
    highest: float
    mean: float


@dataclass(frozen=True)
class ExerciseStatistics:
    """How an exercise went for the class.

    Attributes
    ----------
    id, equation, title : str
    max_points : float
    full, part, none, not_written : int
        Numbers of students who have all, some or none of its points; those who left the starter
        as it is count only as not written.
    lost : float
        Points that all students together lost.
    discrimination : float or None
        The correlation of students' points here with their points in the other exercises, from −1
        to 1; the point-biserial one if everybody has all points here or none. None if all students
        have equal points, here or in the others, or if there are fewer than two.
    """

    id: str
    equation: str
    title: str
    max_points: float
    full: int
    part: int
    none: int
    not_written: int
    lost: float
    discrimination: float | None

    @property
    def of(self) -> int:
        """The number of students."""
        return self.full + self.part + self.none + self.not_written

    @property
    def share(self) -> float:
        """The share of the exercise's points that the class has, from 0 to 1."""
        return 1 - self.lost / (self.of * self.max_points) if self.of * self.max_points else 1.0


@dataclass(frozen=True)
class Mistakes:
    """A mistake, and who made it where.

    Attributes
    ----------
    name : str
    says, hint, step : str
        What the check says about the mistake; for an unknown one, what it said most often.
    where : dict of str to tuple of Person
        Who made it, by exercise, in the course's order.
    lost : float
        Points that it cost all of these students together.
    known : bool
        Whether it is a known mistake of an exercise. Other names say what was measured.
    """

    name: str
    says: str
    hint: str
    step: str
    where: dict[str, tuple[Person, ...]]
    lost: float
    known: bool

    @property
    def students(self) -> tuple[Person, ...]:
        """All students who made the mistake, each of them once."""
        persons = {person for some in self.where.values() for person in some}
        return tuple(sorted(persons, key=lambda person: person.sort_key))


def spread(results: ClassResults) -> Spread | None:
    """Return the distribution of the marks; None if nobody is graded."""
    marks = [student.mark.final for student in results.students]
    if not marks:
        return None
    low, middle, high = quantiles(marks, n=4, method="inclusive") if len(marks) > 1 else 3 * marks
    return Spread(min(marks), low, middle, high, max(marks), sum(marks) / len(marks))


def share_passed(results: ClassResults, enough: float) -> float:
    """Return the share of the graded students who have at least this share of the points."""
    wanted = enough * results.max_score - 1e-9  # room for rounding, since penalties are shares too
    marks = [student.mark.final for student in results.students]
    return sum(mark >= wanted for mark in marks) / len(marks)


def exercise_statistics(results: ClassResults) -> list[ExerciseStatistics]:
    """Return how each exercise went for the students who left something to judge."""
    rows = []
    for i, id in enumerate(results.exercises):
        outcomes = [student.outcomes[i] for student in results.judged]
        kinds = Counter(outcome.kind for outcome in outcomes)
        task = task_by_id(id)
        rows.append(
            ExerciseStatistics(
                id,
                equation=task.equation if task else "",
                title=task.title if task else "",
                max_points=outcomes[0].max_points if outcomes else 0.0,
                full=kinds["full"],
                part=kinds["part"],
                none=kinds["none"],
                not_written=kinds["not written"],
                lost=sum(outcome.lost for outcome in outcomes),
                discrimination=_discrimination(results, i),
            )
        )
    return rows


def _discrimination(results: ClassResults, i: int) -> float | None:
    here = [student.outcomes[i].points for student in results.judged]
    all_points = [sum(one.points for one in student.outcomes) for student in results.judged]
    elsewhere = [total - own for total, own in zip(all_points, here, strict=True)]
    try:
        return correlation(here, elsewhere)
    except StatisticsError:  # fewer than two students, or no differences
        return None


def common_mistakes(results: ClassResults) -> list[Mistakes]:
    """Return all mistakes, those of most students first; an untouched starter is not a mistake.

    They are for teaching. That two students make the same mistake, even a rare one, does not tell
    how they came to it, so the report does not compare students with each other.
    """
    made: dict[tuple[str, str], list[_Made]] = defaultdict(list)
    for i in range(len(results.exercises)):
        for student in results.judged:
            outcome = student.outcomes[i]
            names = _names(outcome)
            for name in names:
                one = _Made(student.person, outcome, outcome.lost / len(names))
                made[_key(outcome, name)].append(one)
    rows = [_mistakes(name, who) for (name, _), who in made.items()]
    return sorted(rows, key=lambda row: (-len(row.students), -row.lost, row.name))


@dataclass(frozen=True)
class _Made:
    """A mistake that somebody made, and the points that it cost."""

    person: Person
    outcome: ExerciseOutcome
    lost: float


ERRORS = frozenset({"raises", *Cause})
"""Names that are the same in every exercise: an error's cause, or "raises" if it is unknown."""


def _names(outcome: ExerciseOutcome) -> list[str]:
    """Return the names of an outcome's mistakes: none, one, or two that were made together."""
    if not outcome.mistake or outcome.mistake in UNSEEN:
        return []
    names = outcome.mistake.split("+")
    task = TASKS.get(outcome.exercise)
    return names if all(known(task, name) for name in names) else [outcome.mistake]


def _key(outcome: ExerciseOutcome, name: str) -> tuple[str, str]:
    """Return what identifies a mistake: two with the same key are counted together.

    A known mistake with the same words is the same one in every exercise, and so is an error with
    the same name. Any other name counts for its exercise alone.
    """
    definition = known(TASKS.get(outcome.exercise), name)
    if definition is not None:
        return name, definition.says
    return name, "" if name in ERRORS else outcome.exercise


def _mistakes(name: str, who: Sequence[_Made]) -> Mistakes:
    records = [record for one in who if (record := one.outcome.record) is not None]
    words = Counter((record.says, record.hint, record.step) for record in records)
    says, hint, step = words.most_common(1)[0][0]
    definition = known(TASKS.get(who[0].outcome.exercise), name)
    if definition is not None:
        says, hint, step = definition.says, definition.advice(), str(definition.subgoal)
    where: dict[str, tuple[Person, ...]] = {}
    for one in who:
        exercise = one.outcome.exercise
        where[exercise] = (*where.get(exercise, ()), one.person)
    lost = sum(one.lost for one in who)
    return Mistakes(name, says, hint, step, where, lost, definition is not None)


def known(task: Task | None, name: str) -> Mistake | None:
    """Return the definition of an exercise's known mistake; None if it has none of that name."""
    mistakes = task.mistakes if isinstance(task, Exercise) else ()
    return next((mistake for mistake in mistakes if mistake.name == name), None)


def flagged(results: ClassResults) -> list[StudentResult]:
    """Return the submissions with flags, events or notes; those with flags come first."""
    found = [s for s in results.students if s.flags or s.events or notes(s)]
    return sorted(found, key=lambda s: not s.flags)  # a stable sort: they stay sorted by name


def notes(student: StudentResult) -> tuple[str, ...]:
    """Return notes on single exercises, unless an event names them: ``"eq4: took longer"``."""
    events = " ".join(student.events)
    return tuple(
        f"{outcome.exercise}: {outcome.record.note}"
        for outcome in student.outcomes
        if outcome.record
        and outcome.record.note
        and not re.search(rf"\b{re.escape(outcome.exercise)}\b", events)
    )


def slow(results: ClassResults) -> list[StudentResult]:
    """Return the submissions that took much longer than most, the slowest first."""
    timed = [(seconds, s) for s in results.students if (seconds := s.seconds) is not None]
    if not timed:
        return []
    limit = max(SLOW_SECONDS, SLOW_TIMES * median(seconds for seconds, _ in timed))
    found = [one for one in timed if one[0] > limit]
    return [student for _, student in sorted(found, key=lambda one: -one[0])]
