"""The CSV that Canvas's gradebook imports."""

import re
from collections.abc import Sequence

from bplab.counting import counted
from bplab.course import CourseError
from bplab.grading.report.export import Export, Gradebooks, as_csv, listed, number
from bplab.grading.report.roster import OWN_IDS, Matched, Roster, same_name

__all__ = ["as_canvas"]

POINTS_POSSIBLE = "    Points Possible"
"""As Canvas writes it, with the spaces in front."""

_IDS = ("SIS Login ID", "SIS User ID", "Integration ID", "ID")
_EXCUSED = "EX"


def as_canvas(marks: Gradebooks, roster: Roster | None = None) -> Export:
    """Return marks in the shape that Canvas's gradebook imports.

    Canvas's importer (``lib/gradebook_importer.rb`` of canvas-lms) defines the shape. The first
    line begins with *Student* (or *LastName*, *FirstName*) and *ID*, goes on with *SIS User ID* and
    *SIS Login ID* if there are any, and ends its part on students with *Section*. All later columns
    are assignments: ``title (id)`` for those that exist, the title alone for new ones. The line
    *Points Possible* comes next. Students are found by *ID*, else by *SIS User ID*, *SIS Login ID*,
    and name. An empty cell removes the mark that Canvas has. Columns that are not in the file stay
    unchanged, so the file has only these assignments, as Canvas's guides advise for many students.

    Parameters
    ----------
    marks : Gradebooks
    roster : Roster, optional
        The file that Canvas's gradebook exports. The result has its students, in its order; those
        without a mark keep what the file has. Without a roster, nbgrader's ids are given as *SIS
        Login ID*.

    Returns
    -------
    Export
        Its notes name students who are only in one of the two lists, or in doubt.

    Raises
    ------
    CourseError
        If the roster is not an export of a Canvas gradebook.
    """
    if roster is None:
        return _without_roster(marks)
    people = _student_columns(roster)
    nobody = [row for row in roster.rows if roster.is_test(row)]
    rows = [row for row in roster.rows if row in nobody or not roster.is_nobody(row)]
    points = next((row for row in roster.rows if "Points Possible" in row[0]), None)
    matched = Matched.of(rows, roster.columns(_IDS), marks.persons, roster.columns(OWN_IDS))
    columns = [_column(roster, people, name) for name in marks.names]
    titles = [
        name if column is None else roster.header[column]
        for name, column in zip(marks.names, columns, strict=True)
    ]
    possible = [number(one.max_score) for one in marks.classes]
    out = [
        [*roster.header[:people], *titles],
        [POINTS_POSSIBLE, *[""] * (people - 1), *possible],
    ]
    excused = []
    for i, row in enumerate(rows):
        cells = []
        for k, column in enumerate(columns):
            has = "" if column is None else row[column].strip()
            mark = marks.mark(k, matched.rows[i]) if i in matched.rows else ""
            if mark and has.upper() == _EXCUSED:
                excused.append(matched.rows[i].id)
            cells.append(has if has.upper() == _EXCUSED or not mark else mark)
        out.append([*row[:people], *cells])
    notes = [
        *marks.notes(),
        *_about_columns(marks.names, columns, points, possible),
        *marks.notes_on(matched, [rows[i][0] for i in matched.left if rows[i] not in nobody]),
    ]
    if excused:
        notes.append(f"excused in Canvas, and left so: {listed(excused)}")
    return Export(as_csv(out), tuple(notes))


def _without_roster(marks: Gradebooks) -> Export:
    header = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *marks.names]
    possible = [number(one.max_score) for one in marks.classes]
    rows = [header, [POINTS_POSSIBLE, "", "", "", "", *possible]]
    for person in marks.persons:
        if not marks.has_any(person):
            continue
        full = f"{person.last_name}, {person.first_name}".strip(", ") or person.id
        cells = [marks.mark(i, person) for i in range(len(marks.names))]
        rows.append([full, "", "", person.id, "", *cells])
    note = (
        "without --roster, Canvas finds students only if their login there is the id here, and "
        "asks whether the assignments are new: better give the file that its gradebook exports"
    )
    return Export(as_csv(rows), (*marks.notes(), note))


def _student_columns(roster: Roster) -> int:
    """Return the number of columns that describe a student: all up to *Section*."""
    section = roster.column("Section")
    starts = roster.header[0] in ("Student", "LastName") and roster.column("ID") is not None
    if not starts or section is None:
        raise CourseError(
            f"{roster.path} is no export of a Canvas gradebook: its first line should begin with "
            f"Student, ID, … and have Section; it has {', '.join(roster.header[:6])}"
        )
    return section + 1


def _column(roster: Roster, people: int, name: str) -> int | None:
    """Return the index of an assignment's column, None if there is none.

    The column's title is the assignment's name, and may end with Canvas's id in brackets.

    Raises
    ------
    CourseError
        If more than one column fits.
    """
    found = [
        i
        for i in range(people, len(roster.header))
        if same_name(re.sub(r"\s*\(\d+\)$", "", roster.header[i]), name)
    ]
    if len(found) > 1:
        titles = " and ".join(roster.header[i] for i in found)
        raise CourseError(f"{roster.path} has more than one column for {name}: {titles}")
    return found[0] if found else None


def _about_columns(
    names: Sequence[str],
    columns: Sequence[int | None],
    points: Sequence[str] | None,
    possible: Sequence[str],
) -> list[str]:
    notes = []
    for name, column, most in zip(names, columns, possible, strict=True):
        if column is None:
            notes.append(f"{name} is not in the roster's columns: Canvas will ask what it is")
            continue
        there = points[column].strip() if points else ""
        if there and not _equal(there, most):
            notes.append(
                f"{name} is of {counted(there, 'point')} in Canvas and of {most} here; importing "
                f"sets it to {most}"
            )
    return notes


def _equal(one: str, other: str) -> bool:
    try:
        return float(one.replace(",", ".")) == float(other)
    except ValueError:
        return False
