"""What keeps a submission from its aim, where it is not the grader alone."""

from bplab.grading.judge.submission import Grader
from bplab.grading.kernels import NONE

A_WALL = "a wall"
"""Only that hides the files which it reads."""


def missing(needs: str, grader: Grader) -> str:
    """Return why a submission with these needs is not tried; empty if it is.

    What is missing a grader must have said itself: its warning is what an instructor sees.
    """
    if needs == A_WALL and grader.isolation == NONE:
        return f"not kept from its aim: {grader.warning}"
    return ""
