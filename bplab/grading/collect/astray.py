"""What lies under ``submitted/`` and not where it is graded: taken, or named with the reason."""

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
    """Put notebooks that lie beside their place into it, where there is no doubt what they are.

    ``submitted/ada/Section_2_1/``, ``submitted/ada/section_2_1.ipynb``, an archive, or a name that
    a computer has lengthened. What is there stays. Nothing is taken from a student who has the
    assignment's folder; what looks as if it belonged to the assignment is named then, too.

    Parameters
    ----------
    course : ClassFolder
    assignment : str
    limit : int
        Bytes; larger files are left.
    students : collection of str, optional
        Only these.
    """
    result = Collected("submitted")
    above, before, after, below = course.submitted_place(assignment)
    if below != (assignment,) or not above.is_dir():
        return result  # the folders have an order of the instructor's own
    released = set(course.released())
    found: dict[str, list[Handed]] = defaultdict(list)
    with opened(above, limit) as files:
        for file in files:
            top, *rest = file.path.parts
            if top.startswith(".") or file.why or (rest and rest[0] in released):
                continue  # what is in its place, or is nothing, is reported when it is graded
            if not rest:
                if _means(PurePosixPath(top), assignment) or top.casefold().endswith(".ipynb"):
                    result.leave(file.path, "is in no student's folder")
                continue
            own = PurePosixPath(*rest)
            student = top.removeprefix(before).removesuffix(after)
            if _means(own, assignment) and (not students or student in students):
                found[student].append(Handed(file, (student,), "", _inside(own, assignment)))
        if not found:
            return result  # nearly always: no notebook has to be read for that
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
    """Whether a file's name, or that of its folder, is the assignment's."""
    return plain(assignment) in (plain(own.name), plain(own.parts[0]))


def _inside(own: PurePosixPath, assignment: str) -> PurePosixPath:
    nested = len(own.parts) > 1 and plain(own.parts[0]) == plain(assignment)
    return PurePosixPath(*own.parts[1:]) if nested else own
