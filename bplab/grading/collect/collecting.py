"""Collect a download into ``submitted/``: all steps from the file to the students' folders.

Nothing that was handed in before is lost: an older submission is moved aside for a newer one.
"""

from collections import defaultdict
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path

from bplab.course import CourseError
from bplab.grading.class_run.submissions import bad_name
from bplab.grading.collect.choose import choose
from bplab.grading.collect.download import inside, opened
from bplab.grading.collect.names import Named, note_names
from bplab.grading.collect.people import People
from bplab.grading.collect.place import put
from bplab.grading.collect.platforms import ANYBODY, Handed, Reading, in_zone, read_names
from bplab.grading.collect.results import Collected, printed
from bplab.grading.folder import ClassFolder
from bplab.grading.handed_in import Assignments, Unfit
from bplab.grading.printable import shown

__all__ = ["collect"]


def collect(
    course: ClassFolder,
    assignment: str,
    download: Path,
    people: People,
    *,
    limit: int,
    platform: str = "",
    zone: tzinfo | None = None,
    update: bool = False,
    dry: bool = False,
) -> Collected:
    """Put the submissions of a download where they are graded: ``submitted/<id>/<assignment>``.

    Parameters
    ----------
    course : ClassFolder
    assignment : str
    download : Path
        A zip file or a folder.
    people : People
    limit : int
        Bytes; larger files are left.
    platform : str, optional
        One of `PLATFORMS`; by default, it is found out from the files' names.
    zone : tzinfo, optional
        Time zone of times that have none; by default this computer's.
    update : bool
        Whether to replace what is there if nothing tells which of the two is newer.
    dry : bool
        Whether to write nothing.

    Raises
    ------
    CourseError
        If the download cannot be read, no file in it is named as the platform names files, or a
        student's folder cannot be written.
    """
    with opened(download, limit) as files:
        reading = read_names(files, assignment, platform, people.ids)
        if not reading.handed:
            forms = platform or "a platform that is known, nor a folder for each student"
            raise CourseError(f"no file of {download} is named as by {forms}")
        if why := _wrapped(reading, assignment, people, limit):
            raise CourseError(f"{download} holds {why}")
        result = Collected(reading.platform)
        for file in reading.left:
            why = file.why or f"is not named as {reading.platform} names files"
            result.leave(file.path, why)
        assignments = Assignments.of(course)
        names = {}
        for student, handed in _by_student(reading, people, result).items():
            dated = [in_zone(replace(one, at=one.at or people.at(student)), zone) for one in handed]
            chosen = choose(dated, assignment, assignments, limit, result)
            if chosen is not None and student in people.padded:
                note = f"found but for zeros before the number: elsewhere {people.padded[student]}"
                chosen = replace(chosen, notes=(*chosen.notes, note))
            if chosen is not None:
                put(course, assignment, student, chosen, result, update=update, dry=dry)
                names[student] = Named(reading.platform, str(chosen.notebook.file.path))
    if not dry:
        note_names(course, assignment, names)
    result.taken.sort(key=lambda one: one.student)
    result.left.sort(key=lambda one: one.file)
    there = {one.student for one in result.taken}
    result.missing = [student for student in people.expected if student not in there]
    return result


def _wrapped(reading: Reading, assignment: str, people: People, limit: int) -> str:
    """Say that all there is in it is an archive with the real download, if it is so.

    It would be taken for the work of one student.
    """
    if reading.platform != ANYBODY or len(reading.handed) != 1:
        return ""
    (one,) = reading.handed
    if one.own.suffix.casefold() != ".zip":
        return ""
    try:
        files = inside(one.file.read(), limit)
    except Unfit:
        return ""  # it is left, with this reason
    inner = read_names(files, assignment, known=people.ids)
    if inner.platform == ANYBODY or len({each.who or each.name for each in inner.handed}) < 2:
        return ""
    return (
        f"nothing but {printed(one.file.path)}, which is a download as {inner.platform} names "
        "files: unpack it, and name that file"
    )


_WITH_IDS = ("canvas", "blackboard", "gradescope", "folders")
"""Platforms whose file names have persons' ids; numbers of the others identify submissions."""


def _by_student(reading: Reading, people: People, result: Collected) -> dict[str, list[Handed]]:
    found: dict[str, list[Handed]] = defaultdict(list)
    ids, own = reading.platform in _WITH_IDS, reading.platform == "canvas"
    for one in reading.handed:
        if one.note:
            result.leave(one.file.path, one.note)
            continue
        student, why = people.find(one.who, one.name, ids=ids, own=own)
        why = why or _no_id(student)
        if why:
            result.leave(one.file.path, why)
        else:
            found[student].append(one)
    return found


def _no_id(student: str) -> str:
    if student in (".", "..") or {"/", "\\"} & set(student):
        return f"{shown(student)!r} cannot be an id: it is a path to another folder"
    why = bad_name(student)
    return f"{shown(student)!r} is no id: {why}" if why else ""
