"""The CSV that Moodle's gradebook imports."""

from bplab.course import CourseError
from bplab.grading.gradebook import Person
from bplab.grading.report.export import Export, Gradebooks, as_csv, listed
from bplab.grading.report.roster import OWN_IDS, Matched, Roster

__all__ = ["as_moodle"]

_IDS = ("Username", "ID number", "Email address")
_NAMES = ("First name", "Last name", "Surname")


def as_moodle(marks: Gradebooks, roster: Roster | None = None, *, feedback: bool = True) -> Export:
    """Return marks in the shape that Moodle's gradebook imports.

    Moodle (*Grade import* in its documentation, ``grade/import/csv`` in its source) takes CSV in
    UTF-8 with one line of column names. It asks which column identifies the student (*Map from*)
    and which field of Moodle that is (*Map to*: username, ID number or e-mail address, where case
    matters). It also asks which column is the mark, or the feedback, of which item; both of an item
    must be imported together, else its marks are lost. An empty mark removes the one in Moodle, and
    one unknown student stops the whole import. So the file leaves out students who have no mark or,
    with a roster, whom Moodle does not have.

    Parameters
    ----------
    marks : Gradebooks
    roster : Roster, optional
        A CSV file exported from Moodle, with participants or grades. Without a roster, nbgrader's
        ids are given as *Username*.
    feedback : bool
        Whether a second column after each mark says which points were lost, and why.

    Returns
    -------
    Export
        Its notes name students who are not in the file, or in doubt.

    Raises
    ------
    CourseError
        If the roster has no column that identifies students.
    """
    titles = [
        title
        for name in marks.names
        for title in (name, *([f"{name} feedback"] if feedback else []))
    ]
    notes = marks.notes()
    if roster is None:
        header = ["Username", "First name", "Last name", "Email address"]
        people = [
            ([person.id, person.first_name, person.last_name, person.email], person)
            for person in marks.persons
        ]
        notes.append(
            "without --roster, choose Username or Email address in Moodle; one student whom it "
            "does not know stops the import"
        )
    else:
        ids = roster.columns(_IDS)
        if not ids:
            raise CourseError(
                f"{roster.path} has none of the columns {', '.join(_IDS)}: export participants "
                "or grades from Moodle as CSV, in English"
            )
        shown = [*ids, *roster.columns(_NAMES)]
        matched = Matched.of(roster.rows, ids, marks.persons, roster.columns(OWN_IDS))
        header = [roster.header[i] for i in shown]
        people = [
            ([matched.whole(roster.rows[i][k], person) for k in shown], person)
            for i, person in matched.rows.items()
        ]
        notes += marks.notes_on(matched, [roster.rows[i][ids[0]] for i in matched.left])
    rows, holes = [[*header, *titles]], []
    for cells, person in people:
        if not marks.has_any(person):
            continue
        own = _marks(marks, person, feedback)
        if "" in own[:: 1 + feedback]:
            holes.append(person.id)
        rows.append([*cells, *own])
    if holes:
        notes.append(
            "without a mark in some of the assignments: Moodle would take away one that it has; "
            f"export each assignment by itself, or give --zeros: {listed(holes)}"
        )
    return Export(as_csv(rows), tuple(notes))


def _marks(marks: Gradebooks, person: Person, feedback: bool) -> list[str]:
    cells = []
    for i in range(len(marks.classes)):
        cells.append(marks.mark(i, person))
        if feedback:
            cells.append(marks.lost(i, person))
    return cells
