"""From a submission to ``results.json``: ``python -m bplab.grading.gradescope.run /autograder``.

It runs as root in Gradescope's container. Students' code is isolated as by `bplab grade`. If the
container does not allow that, it runs as another user, who can read neither the upload nor the
results.
"""

import contextlib
import json
import sys
import time
import traceback
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat

from bplab.grading.beside import take
from bplab.grading.checks import judged, wall_for
from bplab.grading.gradescope.found import NothingToJudge, find
from bplab.grading.gradescope.results import failure, results, shown_when
from bplab.grading.handed_in import Assignments
from bplab.grading.judge.submission import Assignment
from bplab.grading.kernels import AUTO, NONE, Isolation, IsolationError, Limits
from bplab.grading.records import noted

__all__ = ["main"]

ABOUT = "assignment.json"
"""The file of the upload that has the assignment and the secret."""


def main(root: Path) -> None:
    """Judge the submission in Gradescope's folders, write its result, and print the log.

    Students see the result, and instructors also the log.

    Parameters
    ----------
    root : Path
        ``/autograder``.
    """
    start = time.monotonic()
    try:
        came = _judge(root, start)
    except Exception:  # whatever went wrong, a student sees no traceback
        traceback.print_exc(file=sys.stdout)
        came = failure(
            "The autograder failed: that is not your fault, and 0 points are not your mark. Write "
            "to your instructor that bplab's autograder failed, with the time of this submission."
        )
    place = root / "results" / "results.json"
    place.parent.mkdir(exist_ok=True)
    beside = place.with_suffix(".part")
    beside.write_text(json.dumps(came, indent=2), encoding="utf-8")
    beside.replace(place)


def _judge(root: Path, start: float) -> dict[str, Any]:
    _keep_to_ourselves(root)
    about = json.loads((root / "source" / ABOUT).read_text(encoding="utf-8"))
    assignment, after = Assignment(**about["assignment"]), about["after"]
    course = Assignments.from_lists(about["course"])
    course = course.knowing(assignment.name, assignment.release)
    assignment = replace(assignment, limits=Limits(memory_mb=about["memory_mb"]), course=course)
    try:
        found = find(root / "submission", assignment.name, course)
    except NothingToJudge as nothing:
        print(f"Not judged: {nothing}")
        return failure(str(nothing), _most(assignment))
    assignment = replace(assignment, isolation=_wall())
    beside = take(root / "submission", found.path, root, ours={})
    practice = judged(replace(assignment, secret="", run=""), found.content, beside.files)
    marks = judged(assignment, found.content, beside.files)
    left = (*found.left, *beside.left_out)
    for line in (*left, *marks.events, *marks.flags):
        print(line)
    when = shown_when(after, _metadata(root), datetime.now(UTC))
    said = [f"{found.name} was judged.", *(f"{line}." for line in left)]
    return results(
        practice.records,
        marks.records,
        when=when,
        seconds=time.monotonic() - start,
        output="\n".join(said),
    )


def _wall() -> Isolation:
    """Return the isolation for students' code that this container allows, and print which it is.

    Without any, the container itself is a wall, and so is the other user that the code runs as.
    """
    try:
        kind, weak = wall_for(AUTO)
    except IsolationError as error:
        kind, weak = wall_for(NONE)
        print(f"No wall in this container: {error}")
    print(f"Students' code ran with isolation: {kind}. {weak}".rstrip())
    return kind


def _keep_to_ourselves(root: Path) -> None:
    """Make sure that only this user can read the upload, the submission and its result."""
    for name in ("source", "submission", "results", "submission_metadata.json"):
        path = root / name
        with contextlib.suppress(OSError):
            path.chmod(path.stat().st_mode & 0o700)


def _metadata(root: Path) -> Any:
    try:
        return json.loads((root / "submission_metadata.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        print(f"submission_metadata.json cannot be read: {error}")
        return {}


def _most(assignment: Assignment) -> float:
    cells = nbformat.reads(assignment.release, as_version=4).cells
    return sum(float(noted(cell).get("points", 0)) for cell in cells)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
