"""The same submissions graded by this course's grader, in this process and its kernels."""

import json
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bplab.grading.judge import submission
from bplab.grading.judge.session import Times
from bplab.grading.judge.submission import Assignment, Graded, Grader
from bplab.grading.kernels import Isolation
from tests.grading.hostile.notebook import ASSIGNMENT, released

__all__ = ["HASTY", "SECRET", "TIMES", "assignment", "on_the_host_of", "shown"]

SECRET = "a secret of the class that is graded here"
TIMES = Times(cell=4.0, task=6.0, notebook=120.0)
"""Shorter than in earnest, so that endless loops end soon."""

HASTY = Times(cell=1.0, task=1.5, notebook=120.0)
"""For what only a time limit ends. On a busy machine they may be too short for honest cells."""


def assignment(isolation: Isolation = Isolation.AUTO, **changes: Any) -> Assignment:
    """Return what is graded, in short times."""
    release = json.dumps(released())
    whole = Assignment(ASSIGNMENT, release, SECRET, isolation=isolation, times=TIMES)
    return replace(whole, **changes)


def on_the_host_of(grader: Grader, wanted: Assignment) -> Grader:
    """Return a grader with the kernels of another: it takes more than a second to warm its own.

    Both must have the same edition, isolation and limits.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(submission, "write_edition", lambda *_, **__: Path())
        patch.setattr(submission, "KernelHost", lambda *_, **__: nullcontext(grader._host))
        return Grader(wanted)


def shown(graded: Graded) -> str:
    """Return all outputs of a graded notebook, as text."""
    cells = json.loads(graded.notebook)["cells"]
    return json.dumps([cell.get("outputs", []) for cell in cells])
