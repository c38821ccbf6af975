"""What runs in a judging child: one grader, kept warm, within limits of memory and time.

Only a judging child reads what students wrote and showed. Its memory is limited by ``RLIMIT_DATA``,
which counts what the process holds for itself. ``RLIMIT_AS`` would also count what it only maps or
reserves, and a cgroup cannot be made everywhere. Its processor time is limited by ``RLIMIT_CPU``,
which also ends what Python cannot interrupt, such as its parser. Kernels have limits of their own.
"""

import atexit
import contextlib
import math
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

import nbformat

import bplab
from bplab.grading.class_run.told import LONGEST, About, Told, TooLong, pack, tell

__all__ = [
    "OUT_OF_MEMORY",
    "CannotStart",
    "Failed",
    "MakesGrader",
    "Order",
    "end_kernels",
    "grade_one",
    "main",
]

MakesGrader = Callable[[Any], Any]
"""From an assignment to a grader: see `bplab.grading.judge.submission.Grader`."""

OUT_OF_MEMORY = 71
"""Exit status of a child that has reached its limit of memory."""

_ENDING = 5.0  # s

_kept: list[tuple[MakesGrader, Any, Any]] = []  # at most one: its maker, its assignment, itself


class CannotStart(Exception):
    """No submission can be graded here; the message says why."""


class Failed(Exception):
    """A submission made the grader raise an error; the message says which."""


@dataclass(frozen=True)
class Order:
    """What a child is asked to do with a file.

    Attributes
    ----------
    make : callable
        Makes a grader of an assignment; has to be a function that can be imported.
    assignment : Assignment
    about : About
    version : str
        bplab's version where the order is given; the child's has to be the same.
    memory_mb : int
        The most memory that the child may hold, in MiB.
    seconds : float
        The most processor time that the child may use for this order.
    """

    make: MakesGrader
    assignment: Any
    about: About = field(default_factory=About)
    version: str = bplab.__version__
    memory_mb: int = 896
    seconds: float = 120.0


def grade_one(order: Order, submitted: bytes | bytearray) -> Told:
    """Grade one submission, with the warm grader of the last one if it fits.

    Raises
    ------
    CannotStart
        If bplab has another version here, or the grader cannot be made.
    TooLong
        If the graded notebook is too long.
    """
    if order.version != bplab.__version__:
        raise CannotStart(f"a worker has bplab {bplab.__version__}, and not {order.version}")
    grader = _grader(order.make, order.assignment)
    released = nbformat.v4.reads(order.assignment.release)
    notebook, files = order.about.split(submitted)
    graded = grader.grade(notebook, order.about.round, files)
    return tell(graded, released, order.about, getattr(grader, "warning", ""))


def _grader(make: MakesGrader, assignment: Any) -> Any:
    if not _kept or _kept[0][:2] != (make, assignment):
        _close()
        try:
            grader = make(assignment)
            grader.__enter__()
        except MemoryError:  # a student's file has used it up
            raise
        except Exception as error:
            raise CannotStart(f"{type(error).__name__}: {error}") from error
        _kept.append((make, assignment, grader))
    return _kept[0][2]


@atexit.register
def _close() -> None:
    while _kept:
        _kept.pop()[2].__exit__(None, None, None)


@contextlib.contextmanager
def _bounded(order: Order) -> Iterator[None]:
    """Limit this process; soft limits suffice, since no student's code runs in it."""
    import resource

    seconds = math.ceil(time.process_time() + order.seconds)
    with contextlib.ExitStack() as stack:
        for which, most in (
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_DATA, order.memory_mb << 20),
            (resource.RLIMIT_CPU, seconds),
        ):
            before, highest = resource.getrlimit(which)
            if highest != resource.RLIM_INFINITY:
                most = min(most, highest)
            resource.setrlimit(which, (most, highest))
            stack.callback(resource.setrlimit, which, (before, highest))
        yield


# --- the process --------------------------------------------------------------------------


def main(line: int, life: int, folder: str) -> None:
    """Grade what is sent, until the other end of the line is closed.

    Parameters
    ----------
    line, life : int
        File descriptors of the connection, and of a pipe that is closed when the parent ends.
    folder : str
        For temporary files; it is removed at the end, even if the parent was killed.
    """
    for handle in (line, life):
        os.set_inheritable(handle, False)
    tempfile.tempdir = folder
    # a handler and not SIG_IGN: kernels would inherit that, and they are interrupted by SIGINT
    signal.signal(signal.SIGINT, lambda *_: None)
    threading.Thread(target=_end_with_parent, args=(life, folder), daemon=True).start()
    with Connection(line) as connection, contextlib.suppress(EOFError, OSError):
        while True:
            order = connection.recv()
            try:
                with _bounded(order):
                    for part in _answer(order, _received(connection)):
                        connection.send_bytes(part)
            except MemoryError:
                os._exit(OUT_OF_MEMORY)  # kernels notice that their parent is gone
    _close()
    shutil.rmtree(folder, ignore_errors=True)


def _received(connection: Connection) -> bytearray:
    submitted = bytearray()
    while piece := connection.recv_bytes():
        submitted += piece
    return submitted


def _answer(order: Order, submitted: bytearray) -> tuple[bytes, ...]:
    """Grade, and return the parts of the answer.

    These are ``b"told"``, what is told and the notebook; or an error's kind and its words.
    """
    try:
        told = grade_one(order, submitted)
        return b"told", pack(told), told.notebook
    except MemoryError:
        raise
    except (CannotStart, TooLong) as error:
        kind, says = type(error).__name__, str(error)
    except Exception as error:
        kind, says = "Failed", f"{type(error).__name__}: {error}"
    return kind.encode(), says[:LONGEST].encode("utf-8", "replace")


def _end_with_parent(life: int, folder: str) -> None:
    os.read(life, 1)
    end_kernels(os.getpid())
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)


def end_kernels(pid: int, *, itself: bool = False) -> None:
    """Kill all processes below a process; first the process itself if ``itself`` is true."""
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
        # kernels notice that it is gone, and may end by themselves
        _, started = psutil.wait_procs(started, _ENDING)
    for one in started:
        end_tree(one)
