"""Make one zip file of a whole class's feedback pages, for a learning platform to hand out.

Moodle finds a page's student by the name of its folder, Canvas by the beginning of the file's name.
Both names are from the download of the submissions, where `bplab collect` has noted them.
"""

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from bplab.course import CourseError
from bplab.grading.collect import Named, read_names_of
from bplab.grading.folder import ClassFolder

__all__ = ["PLATFORMS", "Returned", "returned"]

_FORMS = {
    # Moodle up to 4.0 has an underscore at the folder's end; old ones put all into one name
    "moodle": re.compile(r"(?P<begin>[^/]+?_\d+_assignsubmission_file(?:_/|/|_))[^/].*"),
    "canvas": re.compile(r"(?P<begin>[^/]+?_(?:LATE_)?\d+_\d+_|anon_(?:LATE_)?\w{5}_\d+_)[^/]+"),
}

PLATFORMS = tuple(_FORMS)
"""The platforms that can hand out feedback in bulk."""


@dataclass
class Returned:
    """A zip file, and who is not in it.

    Attributes
    ----------
    content : bytes
    students : list of str
        Ids of the students whose pages are in it.
    left : dict of str to str
        For other students, by id, the reason why their page is not in it.
    """

    content: bytes = b""
    students: list[str] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)


def returned(folder: ClassFolder, assignment: str, platform: str) -> Returned:
    """Return all feedback pages of an assignment as a zip file for a learning platform.

    Parameters
    ----------
    folder : ClassFolder
    assignment : str
    platform : str
        One of `PLATFORMS`.

    Raises
    ------
    CourseError
        If no page can be named as the platform needs it.
    """
    names = read_names_of(folder, assignment)
    made = Returned()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for student, place in sorted(folder.students_in("feedback", assignment).items()):
            pages = sorted(place.glob("*.html"))
            begin, why = _begin(names, student, platform)
            if why or not pages:
                made.left[student] = why or "has no page"
                continue
            for page in pages:
                # without a time, equal pages make equal archives
                about = zipfile.ZipInfo(begin + page.name)
                about.compress_type = zipfile.ZIP_DEFLATED
                about.external_attr = 0o644 << 16
                archive.writestr(about, page.read_bytes())
            made.students.append(student)
    if not made.students:
        raise CourseError(
            f"nobody's page of {assignment} can be named as {platform} needs it: its names are "
            "those of the download that the submissions came in. Download them once more, run "
            f"'bplab collect {assignment} FILE.zip', which notes the names and changes nothing "
            "that is there, and then this command again"
        )
    made.content = buffer.getvalue()
    return made


def _begin(names: Mapping[str, Named], student: str, platform: str) -> tuple[str, str]:
    """Return the beginning that a page's name needs, and "", or "" and why there is none."""
    if student not in names:
        return "", "is in no download that was collected"
    named = names[student]
    if named.platform != platform:
        return "", f"came from {named.platform}"
    path = PurePosixPath(named.file)
    for i in range(len(path.parts)):  # the archive may have folders above all files
        if found := _FORMS[platform].fullmatch(str(PurePosixPath(*path.parts[i:]))):
            return found["begin"], ""
        if platform == "canvas" and (found := _FORMS[platform].fullmatch(path.parts[i])):
            return found["begin"], ""  # the parts after it are in a student's own archive
    return "", f"was called {named.file}, which is no name of {platform}'s"
