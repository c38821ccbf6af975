"""Names of students' files in a platform's download, under which feedback is returned.

They are noted in ``grading/downloads.json``, by assignment and student.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from bplab.course import CourseError, write_whole
from bplab.grading.folder import ClassFolder

__all__ = ["Named", "note_names", "read_names_of"]

NOTES = "downloads.json"


@dataclass(frozen=True)
class Named:
    """A file's name in a download.

    Attributes
    ----------
    platform : str
        The platform that named it, e.g. ``"moodle"``.
    file : str
        The name, with the folders that the file was in.
    """

    platform: str
    file: str


def note_names(course: ClassFolder, assignment: str, names: Mapping[str, Named]) -> None:
    """Note the names of students' files, by id; those noted for other students stay.

    Raises
    ------
    CourseError
        If the notes cannot be read or written.
    """
    path = course.own / NOTES
    noted = _read(path)
    own = noted.setdefault(assignment, {})
    new = {student: asdict(named) for student, named in names.items()}
    if any(own.get(student) != named for student, named in new.items()):
        own |= new
        try:
            write_whole(path, json.dumps(noted, indent=1) + "\n")
        except OSError as error:
            raise _no_notes(path, "written", error) from error


def read_names_of(course: ClassFolder, assignment: str) -> dict[str, Named]:
    """Return the names of students' files in their last download, by id.

    Raises
    ------
    CourseError
        If the notes cannot be read.
    """
    own = _read(course.own / NOTES).get(assignment, {})
    return {student: Named(**named) for student, named in own.items()}


def _read(path: Path) -> dict[str, dict[str, dict[str, str]]]:
    try:
        noted = json.loads(path.read_text(encoding="utf-8"))
        for students in noted.values():
            for named in students.values():
                Named(str(named["platform"]), str(named["file"]))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise _no_notes(path, "read", error) from error
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise CourseError(
            f"{path} is not as bplab wrote it ({error}): remove it, and collect the downloads again"
        ) from error
    return noted


def _no_notes(path: Path, done: str, error: OSError) -> CourseError:
    return CourseError(
        f"{path} cannot be {done}: {error.strerror or error}. What was collected is complete; "
        "when that is mended, the same command goes on"
    )
