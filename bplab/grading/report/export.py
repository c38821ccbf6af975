"""Marks as CSV for learning platforms: what is common to all, and a plain table.

Cells that a spreadsheet would run as formulas are written as text.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bplab.counting import counted
from bplab.grading.gradebook import Mark, Person, length
from bplab.grading.records import task_by_id, task_line
from bplab.grading.report.results import ClassResults, ExerciseOutcome
from bplab.grading.report.roster import Matched

__all__ = [
    "Export",
    "Gradebooks",
    "as_csv",
    "as_detail",
    "as_table",
    "listed",
    "lost_words",
    "number",
]

LONGEST_LIST = 20

_RUN = ("=", "+", "-", "@", "\t", "\r")
"""Characters that a spreadsheet takes for the beginning of a formula."""


def safe(cell: str) -> str:
    """Return a cell's text so that a spreadsheet shows it, and does not compute it."""
    return f"'{cell}" if cell.startswith(_RUN) else cell


def number(value: float) -> str:
    """Write a mark: a decimal point, four places at most, no zeros at the end."""
    return f"{round(value, 4):.12g}"


def as_csv(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as CSV: with commas, quotes where they are needed, and lines ending in CR LF."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([safe(cell) for cell in row] for row in rows)
    return text.getvalue()


@dataclass(frozen=True)
class Export:
    """A file for a learning platform.

    Attributes
    ----------
    text : str
        The CSV.
    notes : tuple of str
        What an instructor should know before importing it, e.g. who is not in it, and why.
    """

    text: str
    notes: tuple[str, ...] = ()


class Gradebooks:
    """The marks of some assignments, looked up by student.

    Parameters
    ----------
    classes : sequence of ClassResults
        One for each assignment.
    zeros : bool
        Whether students who have not handed in get 0; otherwise they have no mark.
    """

    def __init__(self, classes: Sequence[ClassResults], *, zeros: bool = False):
        self.classes = tuple(classes)
        self._zeros = zeros
        self._of = [{s.person.id: s for s in one.students} for one in self.classes]
        persons = {p.id: p for one in self.classes for p in _persons(one)}
        self.persons = sorted(persons.values(), key=lambda person: person.sort_key)
        self._waiting = [{person.id for person in one.waiting} for one in self.classes]

    @property
    def names(self) -> list[str]:
        """Names of the assignments."""
        return [one.assignment for one in self.classes]

    def mark(self, i: int, person: Person) -> str:
        """Return a student's mark in assignment ``i``; an empty string if there is none."""
        if (result := self._of[i].get(person.id)) is not None:
            return number(result.mark.final)
        # no 0 for whoever has handed in and waits to be graded
        return "0" if self._zeros and person.id not in self._waiting[i] else ""

    def late(self, i: int, person: Person) -> tuple[str, str]:
        """Return the hours that a student is late in assignment ``i``, and the penalty.

        Both are empty if there is no mark. The hours are also empty if a date is unknown.
        """
        result = self._of[i].get(person.id)
        return late_cells(result.mark) if result else ("", "")

    def lost(self, i: int, person: Person) -> str:
        """Return in words which points a student lost in assignment ``i``, and why."""
        result = self._of[i].get(person.id)
        return lost_words(result.outcomes, result.mark) if result else ""

    def has_any(self, person: Person) -> bool:
        """Whether a student has a mark in at least one of the assignments."""
        return any(self.mark(i, person) for i in range(len(self.classes)))

    def notes(self) -> list[str]:
        """Return what an instructor should know about the marks, whatever the platform."""
        found = []
        for one in self.classes:
            if manual := [s.person.id for s in one.students if s.mark.unfinished]:
                found.append(f"{one.assignment}: not all marked by hand yet: {listed(manual)}")
            if one.waiting:
                ids = [person.id for person in one.waiting]
                found.append(f"{one.assignment}: handed in, not graded yet: {listed(ids)}")
        return found

    def notes_on(self, matched: Matched, left: Sequence[str]) -> list[str]:
        """Return lines on students who could not be matched with the roster, or only in doubt.

        ``left`` names the roster's rows that fit nobody.
        """
        unknown = [person.id for person in matched.unknown if self.has_any(person)]
        cut = [f"{id} (there {text})" for id, text in matched.padded.items()]
        groups = {
            "matched although zeros before the number are missing (spreadsheets cut them off)": cut,
            "with marks, and not in the roster": unknown,
            "in doubt, because they fit more than one line of the roster, or share one": [
                person.id for person in matched.doubtful
            ],
            "in the roster, and not here": left,
        }
        return [f"{words}: {listed(who)}" for words, who in groups.items() if who]


def _persons(one: ClassResults) -> list[Person]:
    return [*(student.person for student in one.students), *one.missing, *one.waiting]


def listed(names: Sequence[str]) -> str:
    """Return names in one line; of many, only the first."""
    rest = len(names) - LONGEST_LIST
    comma = "; " if any("," in name for name in names) else ", "
    return comma.join(names[:LONGEST_LIST]) + (f" and {rest} more" if rest > 0 else "")


def lost_words(outcomes: Sequence[ExerciseOutcome], mark: Mark) -> str:
    """Return in one line which points were lost, and why; a feedback page says it at length."""
    words = []
    for outcome in outcomes:
        if not outcome.lost:
            continue
        task, record = task_by_id(outcome.exercise), outcome.record
        if task is None or record is None:
            most = counted(f"{outcome.max_points:.3g}", "point")
            words.append(f"{outcome.exercise}: {outcome.points:.3g} of {most}.")
            continue
        # points as in the gradebook, including those given by hand
        told = replace(record, points=outcome.points, max_points=outcome.max_points)
        words.append(task_line(task, told))
    words = words or ["All right."]
    if mark.late or mark.late_penalty:
        by = f"{length(mark.late)} late" if mark.late else "late"
        lost = f": −{counted(f'{mark.late_penalty:.3g}', 'point')}" if mark.late_penalty else ""
        words.append(f"Handed in {by}{lost}.")
    return " ".join(words)


def late_cells(mark: Mark) -> tuple[str, str]:
    """Return the hours late, empty if a date is unknown, and the penalty."""
    return "" if mark.late is None else number(mark.late / 3600), number(mark.late_penalty)


def as_table(marks: Gradebooks) -> Export:
    """Return a plain table with a row for each student.

    For each assignment it has the mark, the most points, the hours late, and the penalty for that,
    which is already taken off the mark.

    Parameters
    ----------
    marks : Gradebooks
    """
    header = ["student_id", "last_name", "first_name", "email"]
    columns = ("", " max", " late h", " late penalty")
    header += [f"{name}{column}" for name in marks.names for column in columns]
    rows = [header]
    for person in marks.persons:
        row = [person.id, person.last_name, person.first_name, person.email]
        for i, one in enumerate(marks.classes):
            row += [marks.mark(i, person), number(one.max_score), *marks.late(i, person)]
        rows.append(row)
    return Export(as_csv(rows), tuple(marks.notes()))


def as_detail(marks: Gradebooks) -> Export:
    """Return a table with a row for each exercise of each student: points, and the mistake's name.

    Each row also has the hours that the assignment was late, and the penalty for that.

    Parameters
    ----------
    marks : Gradebooks
    """
    header = ["student_id", "assignment", "exercise", "points", "max", "mistake", "step"]
    rows = [[*header, "assignment late h", "assignment late penalty"]]
    for one in marks.classes:
        for student in one.students:
            for outcome in student.outcomes:
                record = outcome.record
                points = number(outcome.points), number(outcome.max_points)
                told = (record.mistake or "", record.step) if record else ("", "")
                what = student.person.id, one.assignment, outcome.exercise
                rows.append([*what, *points, *told, *late_cells(student.mark)])
    return Export(as_csv(rows), tuple(marks.notes()))
