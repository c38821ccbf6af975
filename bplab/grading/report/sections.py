"""Sections of a class, each next to the whole.

A row must not reveal the marks of single students, so of a section of a few students only their
number is given. Nor may its figures be worked out by subtracting other sections from the whole.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from bplab.course import CourseError
from bplab.grading.gradebook import Person
from bplab.grading.report.results import ClassResults
from bplab.grading.report.roster import IDS, OWN_IDS, Matched, Roster
from bplab.grading.report.statistics import share_passed, spread

__all__ = ["FEW", "Row", "Sections", "rows_of"]

FEW = 5
"""For fewer students than this, only their number is given."""

WHOLE, NONE = "all", "in no section"


@dataclass(frozen=True)
class Sections:
    """Which students are in which section.

    Attributes
    ----------
    members : dict of str to frozenset of str
        Students' ids, by section.
    unknown : tuple of str
        Ids of students who could not be matched with one row of the roster.
    """

    members: dict[str, frozenset[str]]
    unknown: tuple[str, ...] = ()

    @classmethod
    def of(cls, roster: Roster, persons: Sequence[Person]) -> "Sections":
        """Read the sections of a roster's column ``section``.

        Raises
        ------
        CourseError
            If the roster has no such column, or no column of ids.
        """
        columns, ids = roster.columns(("section", "sections")), roster.columns(IDS)
        if not columns:
            raise CourseError(
                f"{roster.path} has no column section; it has: {', '.join(roster.header)}"
            )
        if not ids:
            raise CourseError(
                f"{roster.path} has no column with students' ids, such as {', '.join(IDS[:4])}; "
                f"it has: {', '.join(roster.header)}"
            )
        matched = Matched.of(roster.rows, ids, persons, roster.columns(OWN_IDS))
        found: dict[str, set[str]] = defaultdict(set)
        for i, person in matched.rows.items():
            if name := roster.rows[i][columns[0]].strip():
                found[name].add(person.id)
        lost = sorted(person.id for person in (*matched.unknown, *matched.doubtful))
        return cls({name: frozenset(found[name]) for name in sorted(found)}, tuple(lost))

    def named(self, name: str) -> frozenset[str]:
        """Return the ids of the students in a section.

        Raises
        ------
        CourseError
            If there is no section of that name.
        """
        same = [known for known in self.members if known.casefold() == name.strip().casefold()]
        if not same:
            there = ", ".join(self.members) or "none"
            raise CourseError(f"there is no section {name!r} on the roster; it has: {there}")
        return self.members[same[0]]


@dataclass(frozen=True)
class Row:
    """A section's figures; those of marks are None where they might reveal a student's mark.

    Attributes
    ----------
    name : str
    graded, missing : int
        Numbers of students.
    median, lower_quartile, upper_quartile : float or None
        Of the marks.
    passed : float or None
        Share of the graded students who have enough points, from 0 to 1.
    """

    name: str
    graded: int
    missing: int
    median: float | None = None
    lower_quartile: float | None = None
    upper_quartile: float | None = None
    passed: float | None = None


def rows_of(results: ClassResults, sections: Sections, enough: float) -> list[Row]:
    """Return a row for each section, one for students in no section, and one for the whole class.

    Parameters
    ----------
    results : ClassResults
        Results of the whole class.
    sections : Sections
    enough : float
        Share of the points that is needed to pass.
    """
    parts = {name: results.only(ids) for name, ids in sections.members.items()}
    everybody = {one.person.id for one in results.students} | {one.id for one in results.missing}
    others = everybody.difference(*sections.members.values())
    if others:
        parts[NONE] = results.only(others)
    silent = _silent({name: len(part.students) for name, part in parts.items()})
    rows = [_row(name, part, enough, tell=name not in silent) for name, part in parts.items()]
    return [*rows, _row(WHOLE, results, enough, tell=len(results.students) >= FEW)]


def _silent(sizes: dict[str, int]) -> set[str]:
    """Return the sections whose figures are withheld: small ones, and enough others to hide them.

    Sections may overlap, so the others are chosen by size alone.
    """
    by_size = sorted(sizes, key=lambda name: (sizes[name], name))
    silent = {name for name in by_size if sizes[name] < FEW}
    hidden = sum(sizes[name] for name in silent)
    for name in by_size:
        if not 0 < hidden < FEW:
            break
        if name not in silent:
            silent.add(name)
            hidden += sizes[name]
    return silent


def _row(name: str, results: ClassResults, enough: float, *, tell: bool) -> Row:
    row = Row(name, len(results.students), len(results.missing))
    lie = spread(results)
    if lie is None or not tell:
        return row
    return Row(
        name,
        row.graded,
        row.missing,
        lie.median,
        lie.lower_quartile,
        lie.upper_quartile,
        share_passed(results, enough),
    )
