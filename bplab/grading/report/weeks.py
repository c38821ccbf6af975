"""Assignments side by side: how each went, what cost the most, and which mistakes come back."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from bplab.grading.gradebook import Person
from bplab.grading.report.results import ClassResults
from bplab.grading.report.sections import FEW
from bplab.grading.report.statistics import Mistakes, common_mistakes, share_passed, spread

__all__ = ["SEVERAL", "ComesBack", "Week", "coming_back", "weeks"]

SEVERAL = 3
"""A mistake of fewer students is not named here, so as not to point at anybody."""

COSTLY, BACK = 3, 10
"""The most mistakes that are shown for a week, and as coming back."""


@dataclass(frozen=True)
class Week:
    """How one assignment went.

    Attributes
    ----------
    assignment : str
    max_score : float
    graded, missing, waiting : int
        Numbers of students who have a mark, have not handed in, or have and are not graded yet.
    median, passed : float or None
        The median of the marks, and the share of students with enough points; None if only a few
        are graded.
    costliest : tuple of Mistakes
        The mistakes that cost the most points, among those that several students made.
    """

    assignment: str
    max_score: float
    graded: int
    missing: int
    waiting: int
    median: float | None
    passed: float | None
    costliest: tuple[Mistakes, ...]

    @property
    def handed_in(self) -> float | None:
        """The share of the class that has handed in."""
        came = self.graded + self.waiting
        return came / (came + self.missing) if came + self.missing else None


@dataclass(frozen=True)
class ComesBack:
    """A mistake that students made in more than one assignment.

    Attributes
    ----------
    name, says : str
    made : dict of str to int
        The number of students who made it, by assignment.
    again : int
        The number of students who made it in two or more of these.
    """

    name: str
    says: str
    made: dict[str, int]
    again: int


def weeks(classes: Sequence[ClassResults], enough: float) -> list[Week]:
    """Return how each assignment went, in the order given.

    Parameters
    ----------
    classes : sequence of ClassResults
    enough : float
        Share of the points that is needed to pass.
    """
    return [_week(results, enough) for results in classes]


def _week(results: ClassResults, enough: float) -> Week:
    lie = spread(results) if len(results.students) >= FEW else None
    made = [row for row in common_mistakes(results) if len(row.students) >= SEVERAL]
    return Week(
        results.assignment,
        results.max_score,
        graded=len(results.students),
        missing=len(results.missing),
        waiting=len(results.waiting),
        median=lie.median if lie else None,
        passed=share_passed(results, enough) if lie else None,
        costliest=tuple(sorted(made, key=lambda row: -row.lost)[:COSTLY]),
    )


def coming_back(classes: Sequence[ClassResults]) -> list[ComesBack]:
    """Return the mistakes that several students made again, most students first.

    Only known mistakes are followed from one assignment to the next. Other names say what was
    measured, and not what the student thought.
    """
    made: dict[tuple[str, str], dict[str, set[Person]]] = defaultdict(dict)
    for results in classes:
        for row in common_mistakes(results):
            if row.known:
                made[row.name, row.says][results.assignment] = set(row.students)
    found = []
    for (name, says), by_week in made.items():
        times: dict[str, int] = defaultdict(int)
        for persons in by_week.values():
            for person in persons:
                times[person.id] += 1
        again = sum(count > 1 for count in times.values())
        if again >= SEVERAL:
            found.append(ComesBack(name, says, {w: len(who) for w, who in by_week.items()}, again))
    return sorted(found, key=lambda one: (-one.again, one.name))[:BACK]
