"""A learning platform's list of students, and who of the gradebook is who on it."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bplab.course import CourseError
from bplab.grading.gradebook import Person

__all__ = ["IDS", "Matched", "Roster", "same_name"]

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


@dataclass(frozen=True)
class Roster:
    """A list of students as exported by a learning platform.

    Attributes
    ----------
    path : Path
    header : list of str
    rows : list of list of str
        All as long as the header.
    """

    path: Path
    header: list[str]
    rows: list[list[str]]

    @classmethod
    def read(cls, path: Path) -> "Roster":
        """Read a CSV file; cells may be parted by commas, semicolons or tabs.

        Raises
        ------
        CourseError
            If it cannot be read, or has no rows.
        """
        text = _text(path)
        first = text.partition("\n")[0]
        delimiter = max(",;\t", key=first.count)
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(row)]
        if len(rows) < 2:
            raise CourseError(f"{path} has no students in it: export it with its first line")
        header = [name.strip() for name in rows[0]]
        wide = len(header)
        return cls(path, header, [(row + [""] * wide)[:wide] for row in rows[1:]])

    def column(self, name: str) -> int | None:
        """Return which column has this name, in any spelling of capitals."""
        names = [title.casefold() for title in self.header]
        return names.index(name.casefold()) if name.casefold() in names else None

    def columns(self, names: Iterable[str]) -> list[int]:
        """Return those of the columns that there are."""
        found = (self.column(name) for name in names)
        return [column for column in found if column is not None]


@dataclass(frozen=True)
class Matched:
    """Who is who.

    Attributes
    ----------
    rows : dict of int to Person
        By row of the roster.
    unknown : list of Person
        Of the gradebook, on no row.
    doubtful : list of Person
        Of the gradebook, who fit more than one row, or share one.
    left : list of int
        Rows that nobody fits.
    """

    rows: dict[int, Person]
    unknown: list[Person]
    doubtful: list[Person]
    left: list[int]

    @classmethod
    def of(
        cls,
        rows: Sequence[Sequence[str]],
        columns: Sequence[int],
        persons: Sequence[Person],
    ) -> "Matched":
        """Match by what these columns hold: the id, the e-mail address, the platform's id.

        Where nothing fits, the part of an address before the @ may be the id, if it is only one.
        Whoever is in doubt is matched with nobody.
        """
        exact: dict[str, set[int]] = defaultdict(set)
        local: dict[str, set[int]] = defaultdict(set)
        for i, row in enumerate(rows):
            for column in columns:
                if text := _plain(row[column]):
                    exact[text].add(i)
                    if "@" in text:
                        local[text.partition("@")[0]].add(i)
        fits: dict[Person, set[int]] = {}
        for person in persons:
            keys = filter(None, map(_plain, (person.id, person.email, person.lms_id)))
            found = set().union(*(exact.get(key, set()) for key in keys))
            fits[person] = found or local.get(_plain(person.id), set())
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
        return cls(sure, unknown, doubtful, [i for i in range(len(rows)) if i not in sure])


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


def same_name(one: str, other: str) -> bool:
    """Whether two titles have the same letters and digits: Section 2.1 and section_2_1 do."""
    letters = ["".join(filter(str.isalnum, title.casefold())) for title in (one, other)]
    return letters[0] == letters[1] != ""
