"""Draw other hidden cases for students who hand in again after feedback.

Feedback reveals a little about the cases that it was made from. So each round of handing in has its
own hidden cases. The first round lasts until there is a feedback page; a submission that differs
from the one on that page begins the next. A file that is graded again keeps its round, so that like
is compared with like. Rounds are noted in ``grading/rounds.json``.
"""

import json
from pathlib import Path
from typing import Any

from bplab.course import CourseError, write_whole
from bplab.grading.folder import ClassFolder

__all__ = ["Rounds"]

NOTES = "rounds.json"


class Rounds:
    """The rounds of one assignment's submissions, or of one of its notebooks.

    Parameters
    ----------
    course : ClassFolder
    assignment : str
    notebook : str
        Which notebook, if the assignment has several: each has rounds of its own. By default the
        one with the assignment's name.

    Raises
    ------
    CourseError
        If ``rounds.json`` cannot be read.
    """

    def __init__(self, course: ClassFolder, assignment: str, notebook: str = ""):
        self._course, self._assignment = course, assignment
        one = notebook in ("", assignment)
        self._key = assignment if one else f"{assignment}/{notebook}"
        self._path = course.own / NOTES
        self._all = _read(self._path)

    def of(self, student: str, digest: str) -> int:
        """Return the round of a submission: 1, or more after feedback to another one.

        Parameters
        ----------
        student : str
        digest : str
            Digest of what was handed in.
        """
        noted = self._noted.get(student)
        if noted is None:
            return 1
        if noted["digest"] == digest or not self._has_feedback(student):
            return int(noted["round"])
        return int(noted["round"]) + 1

    def note(self, student: str, digest: str, number: int) -> None:
        """Note which round a submission was judged in."""
        told = {"digest": digest, "round": number}
        self._all = _read(self._path)  # another command may have noted something meanwhile
        if self._noted.get(student) != told:
            self._all.setdefault(self._key, {})[student] = told
            write_whole(self._path, json.dumps(self._all, indent=1) + "\n")

    @property
    def _noted(self) -> dict[str, Any]:
        return self._all.get(self._key, {})

    def _has_feedback(self, student: str) -> bool:
        folder = self._course.path(
            self._course.settings.feedback_directory, student, self._assignment
        )
        return any(folder.glob("*.html"))


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        noted = json.loads(path.read_text(encoding="utf-8"))
        for students in noted.values():
            for told in students.values():
                str(told["digest"]), int(told["round"])
    except FileNotFoundError:
        return {}
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise CourseError(
            f"{path} is not as bplab wrote it ({error}): put it right, or remove it, and everybody "
            "is in the first round again"
        ) from error
    return noted
