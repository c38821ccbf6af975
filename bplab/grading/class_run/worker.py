"""What runs in a worker process, of this computer or of a cluster: one grader, kept warm."""

import atexit
import contextlib
import multiprocessing
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable
from typing import Any

import bplab

__all__ = ["CannotStart", "Reply", "end_kernels", "grade_one", "settle"]

MakesGrader = Callable[[Any], Any]
"""From an assignment to a grader: see `bplab.grading.judge.submission.Grader`."""

Reply = tuple[Any, str]
"""A graded submission, and what is weaker than asked, or an empty string."""

_ENDING = 5.0  # s

_kept: list[tuple[MakesGrader, Any, Any]] = []  # one: who makes it, of what, the grader
_one_at_a_time = threading.Lock()  # a cluster may give a worker several threads


class CannotStart(Exception):
    """No submission can be graded here; says why."""


def grade_one(
    make: MakesGrader, assignment: Any, version: str, submitted: bytes, round: int = 1
) -> Reply:
    """Grade one submission, with the grader that the last one left warm.

    Parameters
    ----------
    make : callable
        Makes a grader of an assignment.
    assignment : Assignment
    version : str
        Of bplab where the class is graded from: it has to be the same here.
    submitted : bytes
    round : int
        See `bplab.grading.rounds`.

    Raises
    ------
    CannotStart
        If bplab has another version here, or the grader cannot be made.
    """
    with _one_at_a_time:
        if version != bplab.__version__:
            raise CannotStart(f"a worker has bplab {bplab.__version__}, and not {version}")
        grader = _grader(make, assignment)
        return grader.grade(submitted, round), getattr(grader, "warning", "")


def _grader(make: MakesGrader, assignment: Any) -> Any:
    if not _kept or _kept[0][:2] != (make, assignment):
        _close()
        try:
            grader = make(assignment)
            grader.__enter__()
        except Exception as error:
            raise CannotStart(f"{type(error).__name__}: {error}") from error
        _kept.append((make, assignment, grader))
    return _kept[0][2]


@atexit.register
def _close() -> None:
    while _kept:
        _kept.pop()[2].__exit__(None, None, None)


def settle(folder: str) -> None:
    """Make a new process of this computer a worker.

    Ctrl-C in the terminal is for the process that started it, which then ends its workers, and
    which has it blocked while they start; where that process is killed, a worker ends, with its
    kernels.

    Parameters
    ----------
    folder : str
        For temporary files; who started us removes it.
    """
    tempfile.tempdir = folder
    if hasattr(os, "setsid"):
        os.setsid()
    # a handler, and not SIG_IGN, which kernels would inherit: they are interrupted by it
    signal.signal(signal.SIGINT, lambda *_: None)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    threading.Thread(target=_end_with_parent, args=(folder,), daemon=True).start()


def _end_with_parent(folder: str) -> None:
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
    end_kernels(os.getpid())
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)


def end_kernels(pid: int, *, itself: bool = False) -> None:
    """Kill what a process has started, and what that has; first itself, if that is wished."""
    import psutil

    from bplab.grading.kernels import end_tree

    try:
        process = psutil.Process(pid)
        started = process.children()
    except psutil.NoSuchProcess:
        return
    if itself:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
        # they notice, and end in order
        _, started = psutil.wait_procs(started, _ENDING)
    for one in started:
        end_tree(one)
