"""Find the student to whom a platform's file belongs, by the roster and the gradebook."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bplab.course import CourseError
from bplab.grading.class_run.submissions import student_folders
from bplab.grading.folder import ClassFolder
from bplab.grading.gradebook import Person, read_persons
from bplab.grading.report.roster import IDS, OWN_IDS, Matched, Roster, number_in

__all__ = ["People", "everybody"]

_NO_IDS = ("Identifier",)  # identifies a submission, not a person
_HAND_IN = re.compile(r"[^\d@]*[^\d@\s]\s?(\d+)")  # that, in any language: "Teilnehmer/in3003"
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_LOST = re.compile(r"\d([.,]\d+)?E\+\d+")  # how a spreadsheet writes 123456789012
_TIME_LIKE = re.compile(r".*\b\d{4}\b.*\d:\d\d.*")
_NAMES = ("Full name", "Name", "Student", "Student Name")
_FIRST, _LAST = ("First name", "FirstName"), ("Last name", "LastName", "Surname")
_WHEN = ("Last modified (submission)", "Submission Time")
_TIMES = ("%A, %d %B %Y, %I:%M %p", "%A, %d %B %Y, %H:%M", "%Y-%m-%d %H:%M:%S %z")


@dataclass(frozen=True)
class _Known:
    id: str
    keys: frozenset[str]
    names: tuple[str, ...]
    at: datetime | None = None


class People:
    """The known students of a class, looked up by what a platform says about them.

    Parameters
    ----------
    persons : sequence of Person
        Students of the gradebook.
    roster : Roster, optional
        The platform's own list of students. Those whom the gradebook knows keep their id there.
    column : str, optional
        The column of the roster that has students' ids in this class; by default, the best one.

    Raises
    ------
    CourseError
        If the roster has no such column, two rows would have the same id, or a spreadsheet has
        rounded an id.
    """

    def __init__(
        self, persons: Sequence[Person] = (), roster: Roster | None = None, column: str = ""
    ):
        known = [
            _Known(
                person.id,
                frozenset(filter(None, map(_plain, (person.id, person.email, person.lms_id)))),
                (f"{person.first_name} {person.last_name}",),
            )
            for person in persons
        ]
        self._listed = roster is not None
        self.unread = ""
        """A time on the roster that cannot be read, if none can; else empty."""
        self.padded: dict[str, str] = {}
        """For students found only if zeros before a number are ignored: the number, by id."""
        self._tests: set[str] = set()
        if roster is not None:
            tests = [row for row in roster.rows if roster.is_test(row)]
            self._tests = {_plain(row[k]) for row in tests for k in roster.columns(IDS)} - {""}
            rows = [row for row in roster.rows if not roster.is_nobody(row)]
            roster = replace(roster, rows=rows)
            on_it, matched = _of_roster(roster, persons, column)
            self.padded |= matched.padded
            placed = {one.id for one in matched.rows.values()}
            known = on_it + [one for one in known if one.id not in placed]
            self.expected = sorted(one.id for one in on_it)
            if not any(one.at for one in on_it):
                cells = (cell for row in roster.rows for cell in row)
                self.unread = next((cell for cell in cells if _TIME_LIKE.fullmatch(cell)), "")
        else:
            self.expected = sorted(one.id for one in known)
        self._by_key: dict[str, set[str]] = defaultdict(set)
        self._by_name: dict[tuple[str, ...], set[str]] = defaultdict(set)
        self._by_number: dict[str, set[str]] = defaultdict(set)
        self._at = {one.id: one.at for one in known if one.at}
        for one in known:
            for key in one.keys:
                self._by_key[key].add(one.id)
            if number := number_in(one.id):
                self._by_number[number].add(one.id)
            for name in one.names:
                if words := _words(name):
                    self._by_name[words].add(one.id)
                    self._by_name["".join(words),].add(one.id)

    @property
    def ids(self) -> list[str]:
        """Ids and addresses, each of which may stand for a person in a file's name."""
        return sorted(self._by_key)

    def find(
        self, who: Sequence[str], name: str, *, ids: bool, own: bool = False
    ) -> tuple[str, str]:
        """Return a student's id and "", or "" and the reason why nobody is found.

        Parameters
        ----------
        who : sequence of str
            The platform's ids of the person, the most reliable first.
        name : str
        ids : bool
            Whether the first of ``who`` may be taken as the id if nobody is known by it.
        own : bool
            Whether that is a number of the platform's own, in which no zeros are missing.
        """
        for key in who:
            if found := self._by_key.get(_plain(key)):
                if key in found:  # others differ in case alone
                    return key, ""
                return _only(found, f"{key} is the id of several")
        for words in (_words(name), tuple(filter(None, ("".join(_words(name)),)))):
            if words and (found := self._by_name.get(words)):
                return _only(found, f"several are called {name}")
        if self._tests.intersection(map(_plain, who)):
            return "", "is of Canvas's test student"
        if ids and not own and who and (found := self._by_number.get(number_in(who[0]))):
            student, why = _only(found, f"{who[0]} is, but for zeros before it, the id of several")
            if student:
                self.padded[student] = who[0]
            return student, why
        if ids and who and not self._listed:
            return who[0], ""
        of = " ".join(filter(None, (name, f"({who[0]})" if who else "")))
        if self._listed:
            return "", f"{of} is not on the roster"
        return "", f"the download has no id of {of}: give the platform's list with --roster"

    def at(self, student: str) -> datetime | None:
        """Return when a student handed in, as the roster has it; None if it does not say so."""
        return self._at.get(student)


def everybody(course: ClassFolder) -> list[Person]:
    """Return the students of the gradebook, and those with a folder in ``submitted/``."""
    persons = {person.id: person for person in read_persons(course)}
    for name in course.released():
        for student, _, refused in student_folders(course, name):
            if not refused:
                persons.setdefault(student, Person(student))
    return list(persons.values())


def _of_roster(
    roster: Roster, persons: Sequence[Person], column: str
) -> tuple[list[_Known], Matched]:
    # a column's name depends on the platform's language, so its content may have to tell what it is
    addresses = [
        k for k in range(len(roster.header)) if _all(_ADDRESS, (row[k] for row in roster.rows))
    ]
    keys = [*dict.fromkeys((*roster.columns(IDS), *addresses))]
    if column:
        wanted = roster.column(column)
        if wanted is None:
            raise CourseError(
                f"{roster.path} has no column {column!r}; it has {', '.join(roster.header)}"
            )
        best = [wanted]
        keys = [*dict.fromkeys((wanted, *keys))]
    else:
        titled = roster.columns(title for title in IDS if title not in _NO_IDS)
        whole = [k for k in titled if not _all(_HAND_IN, (row[k] for row in roster.rows))]
        best = [*dict.fromkeys((*whole, *addresses))] or titled
    if not best:
        raise CourseError(
            f"{roster.path} has no column that tells students' ids, such as SIS Login ID, "
            f"Username, ID number or Email address; name it with --id. It has "
            f"{', '.join(roster.header)}"
        )
    once = {tuple(row[k] for k in keys) + tuple(_names(roster, row)): row for row in roster.rows}
    rows = [row for row in once.values() if any(row[i].strip() for i in best)]
    matched = Matched.of(rows, keys, persons, roster.columns(OWN_IDS))
    known = []
    for i, row in enumerate(rows):
        text = next(row[k].strip().removeprefix("#") for k in best if row[k].strip())
        ours = matched.rows.get(i)
        if _LOST.fullmatch(text):
            raise CourseError(
                f"{roster.path} has the id {text}: a spreadsheet has written a number so, and its "
                "digits are lost. Take the file as the platform gives it, or name another column "
                "with --id"
            )
        own = frozenset(part for k in keys if (part := _plain(row[k].removeprefix("#"))))
        own |= {f"participant {m[1]}" for k in keys if (m := _HAND_IN.fullmatch(row[k].strip()))}
        id = ours.id if ours and not column else text
        if not column and not ours and "@" in id:
            id = id.partition("@")[0]
        known.append(_Known(id, own | {_plain(id)}, tuple(_names(roster, row)), _at(roster, row)))
    counts: dict[str, int] = defaultdict(int)
    for one in known:
        counts[one.id] += 1
    if twice := sorted(id for id, n in counts.items() if n > 1):
        raise CourseError(
            f"{roster.path} has more than one row for {', '.join(twice[:5])}: name the column of "
            "students' ids with --id"
        )
    return known, matched


def _names(roster: Roster, row: Sequence[str]) -> list[str]:
    names = [row[k] for k in roster.columns(_NAMES)]
    first, last = roster.columns(_FIRST), roster.columns(_LAST)
    if first and last:
        names.append(f"{row[first[0]]} {row[last[0]]}")
    if not names:  # columns with names in another language: take whatever may be a person's name
        names = [cell for cell in row if " " in cell.strip() and not re.search(r"[\d@]", cell)]
    return [name for name in names if name.strip()]


def _all(form: re.Pattern[str], cells: Iterable[str]) -> bool:
    """Whether all cells that are not empty have this form, and there is at least one."""
    there = [cell.strip() for cell in cells if cell.strip()]
    return bool(there) and all(form.fullmatch(cell) for cell in there)


def _at(roster: Roster, row: Sequence[str]) -> datetime | None:
    for k in roster.columns(_WHEN):
        for shape in _TIMES:
            try:
                return datetime.strptime(row[k].strip(), shape)
            except ValueError:
                continue
    return None


def _only(found: set[str], why: str) -> tuple[str, str]:
    return (
        (next(iter(found)), "") if len(found) == 1 else ("", f"{why}: {', '.join(sorted(found))}")
    )


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip().casefold()  # macOS may write é as e and ´


def _words(name: str) -> tuple[str, ...]:
    """Return a name's words, plain and in alphabetical order: "Lovelace, Ada" is ada, lovelace."""
    letters = unicodedata.normalize("NFKD", name)
    plain = "".join(c for c in letters if not unicodedata.combining(c)).casefold()
    return tuple(sorted(re.findall(r"\w+", plain.replace("_", " "))))
