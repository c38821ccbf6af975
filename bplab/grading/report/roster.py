"""A learning platform's list of students, matched with the students of the gradebook."""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bplab.course import CourseError
from bplab.grading.gradebook import Person

__all__ = ["IDS", "OWN_IDS", "Matched", "Roster", "number_in", "same_name"]

IDS = (  # as Canvas, Moodle, Blackboard, Brightspace and Gradescope call them; the best id first
    "SIS Login ID",
    "Username",
    "Login ID",
    "SIS User ID",
    "ID number",
    "OrgDefinedId",
    "Org Defined ID",
    "Student ID",
    "student_id",
    "SID",
    "Integration ID",
    "Email address",
    "Email",
    "ID",
    "Identifier",
)


OWN_IDS = ("ID", "Identifier")
"""Those of `IDS` that are the platform's own numbers, which never begin with zeros."""

_POSTING = re.compile(r"\s*(Muted|Manual Posting.*)?\s*", re.IGNORECASE)
_MADE_UP = re.compile(r"(?:[0-9a-f]{40})?")  # the login of Canvas's test student


@dataclass(frozen=True)
class Roster:
    """A list of students as exported by a learning platform.

    Attributes
    ----------
    path : Path
    header : list of str
    rows : list of list of str
        The rows below the header, each as long as the header.
    """

    path: Path
    header: list[str]
    rows: list[list[str]]

    @classmethod
    def read(cls, path: Path) -> "Roster":
        """Read a CSV file; cells may be separated by commas, semicolons or tabs.

        Raises
        ------
        CourseError
            If it cannot be read, or has no rows below the header.
        """
        text = _text(path)
        first = text.partition("\n")[0]
        delimiter = max(",;\t", key=first.count)
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(row)]
        if len(rows) < 2:
            raise CourseError(f"{path} has no students in it: export it with its header line")
        header = [name.strip() for name in rows[0]]
        wide = len(header)
        return cls(path, header, [(row + [""] * wide)[:wide] for row in rows[1:]])

    def column(self, name: str) -> int | None:
        """Return the index of the column with this name, ignoring case; None if there is none."""
        names = [title.casefold() for title in self.header]
        return names.index(name.casefold()) if name.casefold() in names else None

    def columns(self, names: Iterable[str]) -> list[int]:
        """Return the indices of the columns with these names, as far as they exist."""
        found = (self.column(name) for name in names)
        return [column for column in found if column is not None]

    def is_nobody(self, row: Sequence[str]) -> bool:
        """Whether a row is not a student's: it describes assignments, or Canvas's test student."""
        return "Points Possible" in row[0] or all(map(_POSTING.fullmatch, row)) or self.is_test(row)

    def is_test(self, row: Sequence[str]) -> bool:
        """Whether a row is of the test student that Canvas makes for a teacher's student view."""
        names = [" ".join(row[k] for k in self.columns(("LastName", "FirstName")))]
        names += [row[k] for k in self.columns(("Student",))]
        logins = [row[k].strip() for k in self.columns(("SIS Login ID",))]
        others = [row[k].strip() for k in self.columns(("SIS User ID", "Integration ID"))]
        named = any(name.replace(",", "").split() == ["Student", "Test"] for name in names)
        return named and all(map(_MADE_UP.fullmatch, logins)) and not any(others)


@dataclass(frozen=True)
class Matched:
    """Students of the gradebook matched with rows of a roster.

    Attributes
    ----------
    rows : dict of int to Person
        The student of each matched row, by the row's index.
    unknown : list of Person
        Students of the gradebook who fit no row.
    doubtful : list of Person
        Students of the gradebook who fit more than one row, or share one.
    left : list of int
        Indices of the rows that are matched with nobody.
    padded : dict of str to str
        For students who fit only if zeros before a number are ignored, which spreadsheets cut off:
        by id, the number in their row.
    """

    rows: dict[int, Person]
    unknown: list[Person]
    doubtful: list[Person]
    left: list[int]
    padded: dict[str, str] = field(default_factory=dict)

    def whole(self, cell: str, person: Person) -> str:
        """Return a cell of a student's row, or the id if the cell is that without its zeros."""
        lost = _plain(cell) == self.padded.get(person.id) and len(cell) < len(person.id)
        return person.id if lost else cell

    @classmethod
    def of(
        cls,
        rows: Sequence[Sequence[str]],
        columns: Sequence[int],
        persons: Sequence[Person],
        own: Sequence[int] = (),
    ) -> "Matched":
        """Match students with rows by the id, the e-mail address or the platform's id.

        If none of these is in a row, a row fits in which the id is the part of an address before
        the @. If there is none either, a row fits in which a number is the id without the zeros
        before it, and which nobody else fits. A student who fits more than one row, or shares a row
        with somebody, is not matched.

        Parameters
        ----------
        rows : sequence of sequence of str
        columns : sequence of int
            Indices of the columns that may identify a student.
        persons : sequence of Person
        own : sequence of int
            Those of the platform's own numbers, in which no zeros are missing.
        """
        exact: dict[str, set[int]] = defaultdict(set)
        local: dict[str, set[int]] = defaultdict(set)
        numbers: dict[str, dict[int, str]] = defaultdict(dict)
        for i, row in enumerate(rows):
            for column in columns:
                if text := _plain(row[column]):
                    exact[text].add(i)
                    if "@" in text:
                        local[text.partition("@")[0]].add(i)
                if column not in own and (number := number_in(text)):
                    numbers[number][i] = text
        fits: dict[Person, set[int]] = {}
        for person in persons:
            keys = filter(None, map(_plain, (person.id, person.email, person.lms_id)))
            found = set().union(*(exact.get(key, set()) for key in keys))
            fits[person] = found or local.get(_plain(person.id), set())
        taken = set().union(*fits.values())
        padded: dict[str, str] = {}
        for person in [one for one, found in fits.items() if not found]:
            if cut := numbers.get(number_in(person.id)):
                fits[person] = cut.keys() - taken
                padded[person.id] = next(iter(cut.values()))
        wanted: dict[int, list[Person]] = defaultdict(list)
        for person, found in fits.items():
            for i in found:
                wanted[i].append(person)
        sure, unknown, doubtful = {}, [], []
        for person, found in fits.items():
            if not found:
                unknown.append(person)
            elif len(found) > 1 or len(wanted[min(found)]) > 1:
                doubtful.append(person)
            else:
                sure[min(found)] = person
        found_so = {one.id for one in sure.values()}
        padded = {id: text for id, text in padded.items() if id in found_so}
        return cls(sure, unknown, doubtful, [i for i in range(len(rows)) if i not in sure], padded)


_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # of Excel and LibreOffice, new and old
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")  # "Unicode text" of Excel


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror or error}") from error
    if content.startswith(_WORKBOOKS):
        raise CourseError(f"{path} is a spreadsheet's workbook, not CSV: save it as CSV in UTF-8")
    try:
        return content.decode("utf-16" if content.startswith(_UTF_16) else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise CourseError(
            f"{path} is not written in UTF-8 (byte {error.start + 1}): take the platform's own "
            "file, or save it as CSV in UTF-8"
        ) from error


def _plain(text: str) -> str:
    return text.strip().casefold()


def number_in(text: str) -> str:
    """Return a number without the zeros before it; an empty string for other text."""
    text = text.strip()
    return text.lstrip("0") if text.isascii() and text.isdecimal() else ""


def same_name(one: str, other: str) -> bool:
    """Whether two titles have the same letters and digits: Section 2.1 and section_2_1 do."""
    letters = ["".join(filter(str.isalnum, title.casefold())) for title in (one, other)]
    return letters[0] == letters[1] != ""
