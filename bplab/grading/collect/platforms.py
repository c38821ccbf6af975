"""Read from the names of a download's files whose each is, and when it was handed in.

==============  ===========================================================================
``canvas``      ``lovelaceada_LATE_1204_55310_section_2_1-1.ipynb``, all in one folder
``moodle``      ``Ada Lovelace_50123_assignsubmission_file/section_2_1.ipynb``, or in one name
``blackboard``  ``Week 3_ada_attempt_2026-11-29-21-40-05_section_2_1.ipynb``
``brightspace`` ``2204-1876 - Ada Lovelace - Nov 29, 2026 940 PM/section_2_1.ipynb``
``gradescope``  ``submission_9121/section_2_1.ipynb``, and who that is in one YAML file
``folders``     one folder per student, or files like ``ada_section_2_1.ipynb``
==============  ===========================================================================

Students choose their own names, and those of their files. So a file's name is read only if all of
it fits the platform's form, and what it tells is taken only from the part that the platform wrote.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import takewhile
from pathlib import PurePosixPath
from typing import Any

import yaml

from bplab.grading.collect.download import Downloaded
from bplab.grading.handed_in import Unfit

__all__ = ["PLATFORMS", "Handed", "Reading", "in_zone", "read_names"]


@dataclass(frozen=True)
class Handed:
    """A file, and what its name says.

    Attributes
    ----------
    file : Downloaded
    who : tuple of str
        Ids or addresses that may identify the student, the most reliable first.
    name : str
        The person's name; empty if it is not given.
    own : PurePosixPath
        The file's name as the student gave it.
    at : datetime or None
        When it was handed in, without a time zone if none is given; None if unknown.
    attempt : int
        A number that is higher for later attempts or uploads, where there is no time.
    late : bool
        Whether the platform says that it is late.
    note : str
        Why it is not a student's file, or cannot be taken; empty if it can.
    """

    file: Downloaded
    who: tuple[str, ...]
    name: str
    own: PurePosixPath
    at: datetime | None = None
    attempt: int = 0
    late: bool = False
    note: str = ""


@dataclass(frozen=True)
class Reading:
    """A download read by one platform's form: the files that fit, and those that do not."""

    platform: str
    handed: list[Handed]
    left: list[Downloaded]


Form = Callable[[Downloaded, PurePosixPath], Handed | None]


def read_names(
    files: Sequence[Downloaded], assignment: str, platform: str = "", known: Sequence[str] = ()
) -> Reading:
    """Read the names of a download's files by the form of the platform that fits them best.

    Parameters
    ----------
    files : sequence of Downloaded
    assignment : str
    platform : str
        One of `PLATFORMS`; if empty, all are tried.
    known : sequence of str
        Students' ids, as far as they are known.
    """
    wanted = [platform] if platform else list(PLATFORMS)
    ids = {one.casefold() for one in known}
    forms = {name: PLATFORMS[name](files, assignment, known) for name in wanted}
    readings = [
        _read(files, name, form, below)
        for name, form in forms.items()
        for below in range(3)  # the archive may have a folder or two above all files
        if not (below and name == ANYBODY and _tops(files, below) & ids)  # a student's folder
    ]

    def rank(reading: Reading) -> tuple[bool, int, bool, int, int]:
        who = {one.who[:1] or (one.name,) for one in reading.handed if not one.note}
        exact = reading.platform != ANYBODY and len(reading.handed) > len(reading.left)
        of_known = sum(bool(one) and one[0].casefold() in ids for one in who)
        whole = all(file.why for file in reading.left)
        return exact and bool(who), of_known, whole, len(who), len(reading.handed)

    return max(readings, key=rank)


def _tops(files: Sequence[Downloaded], below: int) -> set[str]:
    """Return the names of folders that a reading ``below`` them ignores, in lower case as ids."""
    return {part.casefold() for file in files if not file.why for part in file.path.parts[:below]}


def _read(files: Sequence[Downloaded], platform: str, form: Form, below: int) -> Reading:
    handed, left = [], []
    tops = {file.path.parts[:below] for file in files if not file.why}
    for file in files:
        inner = PurePosixPath(*file.path.parts[below:])
        fits = len(tops) == 1 and not file.why and inner.parts
        found = form(file, inner) if fits else None
        if found is None:
            left.append(file)
        else:
            handed.append(found)
    return Reading(platform, handed, left)


# --- the forms ----------------------------------------------------------------------------


def _canvas(files: Sequence[Downloaded], assignment: str, known: Sequence[str]) -> Form:
    form = re.compile(r"(?P<name>.+?)_(?P<late>LATE_)?(?P<id>\d+)_(?P<file>\d+)_(?P<own>.+)")
    blind = re.compile(r"anon_(?P<late>LATE_)?(?P<id>\w{5})_(?P<file>\d+)_(?P<own>.+)")

    def read(file: Downloaded, path: PurePosixPath) -> Handed | None:
        if len(path.parts) != 1:
            return None
        m = form.fullmatch(path.name) or blind.fullmatch(path.name)
        if m is None or path.name.casefold().startswith(assignment.casefold()):
            return None
        return Handed(
            file,
            (m["id"],),
            m.groupdict().get("name", ""),
            PurePosixPath(m["own"]),
            attempt=int(m["file"]),  # later uploads have higher numbers
            late=bool(m["late"]),
        )

    return read


def _moodle(files: Sequence[Downloaded], assignment: str, known: Sequence[str]) -> Form:
    form = re.compile(
        r"(?P<name>[^/]+?)_(?P<id>\d+)_assignsubmission_(?P<kind>file|onlinetext)_?/?(?P<own>.*)"
    )

    def read(file: Downloaded, path: PurePosixPath) -> Handed | None:
        if not (m := form.fullmatch(str(path))) or not m["own"]:
            return None
        note = "is text that was typed into the platform" if m["kind"] == "onlinetext" else ""
        # in Moodle's tables the same number is "Participant 50123"
        who = (f"Participant {m['id']}", m["id"])
        return Handed(file, who, m["name"], PurePosixPath(m["own"]), note=note)

    return read


def _blackboard(files: Sequence[Downloaded], assignment: str, known: Sequence[str]) -> Form:
    form = re.compile(
        r"(?P<before>.+?)_attempt_(?P<at>\d{4}(?:-\d\d){5})(?:_(?P<own>.+)|(?P<note>\.txt))"
    )
    ids = {one.casefold() for one in known}
    fits = [(file, m) for file in files if (m := form.fullmatch(file.path.name))]
    noted = {m["before"]: _noted_id(file) for file, m in fits if m["note"] and not file.why}
    pieces = {tuple(m["before"].split("_")) for _, m in fits}
    # the words with which all begin are the assignment's title
    columns = zip(*(one[:-1] for one in pieces), strict=False) if len(pieces) > 1 else ()
    title = sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, columns))

    def read(file: Downloaded, path: PurePosixPath) -> Handed | None:
        if len(path.parts) != 1 or not (m := form.fullmatch(path.name)):
            return None
        # the assignment's title and an id may both have underscores: a known id decides
        before = m["before"]
        parts = before.split("_")
        ends = ["_".join(parts[i:]) for i in range(1, len(parts))]
        if not ends:
            return None
        said = noted.get(before, "")
        who = said if before.endswith(f"_{said}") and said else ""
        who = who or next((end for end in ends if end.casefold() in ids), "")
        who = who or (ends[title - 1] if title else ends[-1])
        try:
            at = datetime.strptime(m["at"], "%Y-%m-%d-%H-%M-%S")
        except ValueError:
            return None
        own = m["own"] or path.name
        note = "" if m["own"] else "is the platform's own note"
        return Handed(file, (who,), "", PurePosixPath(own), at=at, note=note)

    return read


def _noted_id(file: Downloaded) -> str:
    """Return the id in brackets after the name in Blackboard's own note; "" if there is none."""
    try:
        first = file.read()[:1000].decode("utf-8-sig", "replace").partition("\n")[0]
    except Unfit:
        return ""
    m = re.search(r":.*\((\S+)\)\s*$", first)
    return m[1] if m else ""


_BRIGHTSPACE_TIMES = (
    "%b %d, %Y %I%M %p",
    "%B %d, %Y %I%M %p",
    "%d %B, %Y %I%M %p",
    "%d %b, %Y %I%M %p",
    "%b %d, %Y %H%M",
    "%d %B, %Y %H%M",
    "%d %b %Y %H%M",
    "%Y-%m-%d %H%M",
)


def _brightspace(files: Sequence[Downloaded], assignment: str, known: Sequence[str]) -> Form:
    form = re.compile(r"(?P<id>\d+)-\d+ ?- ?(?P<name>.+?) ?- ?(?P<at>[^/-]*\d{4}[^/-]*?)")

    def when(text: str) -> datetime | None:
        for shape in _BRIGHTSPACE_TIMES:
            try:
                return datetime.strptime(text.strip(), shape)
            except ValueError:
                continue
        return None

    def read(file: Downloaded, path: PurePosixPath) -> Handed | None:
        if str(path) == "index.html":
            return Handed(file, (), "", path, note="is the platform's own list")
        if len(path.parts) > 1:
            top, own = path.parts[0], PurePosixPath(*path.parts[1:])
        else:  # older downloads: all in one name
            top, _, last = path.name.rpartition(" - ")
            own = PurePosixPath(last)
        if not (m := form.fullmatch(top)) or not (at := when(m["at"])):
            return None
        return Handed(file, (), m["name"], own, at=at)

    return read


_METADATA = "submission_metadata.yml"


class _Plain(yaml.SafeLoader):
    """Reads YAML as Ruby writes it; Ruby's objects are read as the plain data in them."""


def _as_held(loader: _Plain, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return node.value


_Plain.add_multi_constructor("!ruby/", _as_held)


def _gradescope(files: Sequence[Downloaded], assignment: str, known: Sequence[str]) -> Form:
    about: dict[PurePosixPath, dict[str, Any]] = {}  # a list describes only folders beside it
    for file in files:
        if file.path.name == _METADATA and not file.why:
            try:
                found = yaml.load(file.read(), _Plain)
            except (Unfit, yaml.YAMLError, ValueError, RecursionError):
                continue
            if isinstance(found, dict):
                beside = file.path.parent
                about |= {beside / str(k): v for k, v in found.items() if isinstance(v, dict)}

    def read(file: Downloaded, path: PurePosixPath) -> Handed | None:
        if str(path) == _METADATA:
            return Handed(file, (), "", path, note="is the platform's own list") if about else None
        top = PurePosixPath(*file.path.parts[: len(file.path.parts) - len(path.parts) + 1])
        if len(path.parts) < 2 or top not in about:
            return None
        one = about[top]
        persons = one.get(":submitters") or []
        person = persons[0] if isinstance(persons, list) and persons else {}
        if not isinstance(person, dict):
            return None
        who = tuple(str(person[key]) for key in (":sid", ":email") if person.get(key))
        name = str(person.get(":name") or "")
        note = ""
        if len(persons) > 1:
            note = f"is of a group of {len(persons)}: one folder for each has to be made by hand"
        made = one.get(":created_at")
        at = made.get("utc") if isinstance(made, dict) else made
        return Handed(
            file,
            who,
            name,
            PurePosixPath(*path.parts[1:]),
            at=at if isinstance(at, datetime) else None,
            note=note,
        )

    return read


def _folders(files: Sequence[Downloaded], assignment: str, known: Sequence[str]) -> Form:
    titled = re.compile(
        rf"(?:{re.escape(assignment)}[-_ .]+(?P<after>.+)|(?P<before>.+?)[-_ .]+"
        rf"{re.escape(assignment)})",
        re.IGNORECASE,
    )

    def read(file: Downloaded, path: PurePosixPath) -> Handed | None:
        if len(path.parts) > 1:
            return Handed(file, (path.parts[0],), "", PurePosixPath(*path.parts[1:]))
        m = titled.fullmatch(path.stem)
        if m is None and len(file.path.parts) > 1:
            return None  # the folder above may be a student's, and not the archive's own
        who = (m["after"] or m["before"]) if m else path.stem
        if re.fullmatch(r"[-_ .]*\(?\d{1,2}\)?", who) or who.casefold() == assignment.casefold():
            return None  # "section_2_1 (1)" is a copy, and names nobody
        return Handed(file, (who,), "", path)

    return read


ANYBODY = "folders"
"""The form that fits nearly any name; used if no platform's fits more than half of the files."""

PLATFORMS: dict[str, Callable[[Sequence[Downloaded], str, Sequence[str]], Form]] = {
    "canvas": _canvas,
    "moodle": _moodle,
    "blackboard": _blackboard,
    "brightspace": _brightspace,
    "gradescope": _gradescope,
    ANYBODY: _folders,
}
"""For each platform, a function that makes the reader of its file names."""


def in_zone(handed: Handed, zone: Any) -> Handed:
    """Return a file with a time zone added to its time, if the time has none.

    Parameters
    ----------
    handed : Handed
    zone : tzinfo or None
        None stands for this computer's time zone.
    """
    if handed.at is None or handed.at.tzinfo is not None:
        return handed
    return replace(handed, at=handed.at.replace(tzinfo=zone) if zone else handed.at.astimezone())
