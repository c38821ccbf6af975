"""Notebooks in a wrong place under ``submitted/``: take them, or report why not."""

from collections import defaultdict
from collections.abc import Collection
from pathlib import Path, PurePosixPath

from bplab.grading.collect.choose import choose
from bplab.grading.collect.download import opened
from bplab.grading.collect.place import put
from bplab.grading.collect.platforms import Handed
from bplab.grading.collect.results import Collected
from bplab.grading.files import TooLarge, read_regular
from bplab.grading.folder import ClassFolder
from bplab.grading.handed_in import Assignments, plain

__all__ = ["take_astray"]


def take_astray(
    course: ClassFolder, assignment: str, *, limit: int, students: Collection[str] = ()
) -> Collected:
    """Copy misplaced notebooks to their place, if there is no doubt about what they are.

    For example ``submitted/ada/Section_2_1/``, ``submitted/ada/section_2_1.ipynb``, a zip file, or
    a name to which a computer has added something. The files themselves stay where they are. If a
    student has the assignment's folder already, nothing is taken, and files that look as if they
    belonged to the assignment are reported.

    Parameters
    ----------
    course : ClassFolder
    assignment : str
    limit : int
        Bytes; larger files are left.
    students : collection of str, optional
        Only these students, if any are given.
    """
    result = Collected("submitted")
    above, before, after, below = course.submitted_place(assignment)
    if below != (assignment,) or not above.is_dir():
        return result  # the instructor's folders are arranged in another way
    released = set(course.released())
    found: dict[str, list[Handed]] = defaultdict(list)
    with opened(above, limit) as files:
        for file in files:
            top, *rest = file.path.parts
            if top.startswith(".") or file.why or (rest and rest[0] in released):
                continue  # in its place, which grading reports on, or not a file to be read
            if not rest:
                if _means(PurePosixPath(top), assignment) or top.casefold().endswith(".ipynb"):
                    result.leave(file.path, "is in no student's folder")
                continue
            own = PurePosixPath(*rest)
            student = top.removeprefix(before).removesuffix(after)
            if _means(own, assignment) and (not students or student in students):
                found[student].append(Handed(file, (student,), "", _inside(own, assignment)))
        if not found:
            return result  # nearly always, and without reading a notebook
        everything = Assignments.of(course)
        for student, handed in sorted(found.items()):
            place = course.submitted(student, assignment)
            there = place.exists()
            chosen = choose(
                handed, assignment, everything, limit, Collected("") if there else result
            )
            if chosen and not there:
                put(course, assignment, student, chosen, result, update=False, dry=False)
            elif there and not (chosen and _holds(place / f"{assignment}.ipynb", chosen.content)):
                for one in handed:
                    result.leave(one.file.path, f"{assignment}/ is there, and is graded")
    return result


def _holds(notebook: Path, content: bytes) -> bool:
    try:
        return read_regular(notebook, len(content)) == content
    except (OSError, TooLarge):
        return False


def _means(own: PurePosixPath, assignment: str) -> bool:
    """Whether a file, or the top folder that it is in, is named like the assignment."""
    return plain(assignment) in (plain(own.name), plain(own.parts[0]))


def _inside(own: PurePosixPath, assignment: str) -> PurePosixPath:
    nested = len(own.parts) > 1 and plain(own.parts[0]) == plain(assignment)
    return PurePosixPath(*own.parts[1:]) if nested else own
