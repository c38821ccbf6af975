"""What keeps a submission from its aim, where it is not the grader alone."""

from bplab.grading.judge.submission import Grader

BUBBLEWRAP = "bubblewrap"
"""Only that hides the files which it reads."""

A_LIMIT = "a limit of processes"
"""The system's, which does not bind root: without it there may be thousands."""


def missing(needs: str, grader: Grader) -> str:
    """Return why a submission with these needs is not tried; empty if it is.

    What is missing a grader must have said itself: its warning is what an instructor sees.
    """
    if needs == BUBBLEWRAP and "resource limits only" in grader.warning:
        return f"not kept from its aim: {grader.warning}"
    if needs == A_LIMIT and "It runs as root" in grader.warning:
        return f"not held: {grader.warning}"
    return ""
