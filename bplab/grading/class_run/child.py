"""The coordinator's side of a judging child: start it, send it a submission, read its answer.

A child is a process with limits of memory and time (see ``worker``). It is given one submission at
a time, and no gradebook. Submissions share a child, which keeps its kernels warm; if one of them
ends the child, the next gets a new one. It is a plain subprocess, since those of `multiprocessing`
may not be started by daemons, such as Dask's workers.
"""

import contextlib
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from multiprocessing.connection import Pipe

import psutil

from bplab.grading.class_run.told import HEAD, LONGEST, NOTEBOOK, Garbled, Told, unpack
from bplab.grading.class_run.worker import (
    OUT_OF_MEMORY,
    CannotStart,
    Failed,
    Order,
    end_kernels,
)

__all__ = ["Child", "Died"]

_BOOT = """
import json, sys
from bplab.grading.class_run.worker import main
main(*json.loads(sys.argv[1]))
"""
_ANSWERING, _ENDING = 20.0, 20.0  # s

WORN = 300 * 2**20
"""Bytes; a child that still holds more after a submission judges no other."""


class Died(Exception):
    """A child ended before it had graded a submission, or had to give it up; says why.

    Attributes
    ----------
    own : bool
        Whether the submission itself is the reason: it needs more than one submission may use.
    again : bool
        Whether another try may succeed if nothing else runs.
    """

    def __init__(self, why: str, own: bool = False, again: bool = True):
        super().__init__(why, own, again)  # all three, so that it can be sent between computers
        self.own, self.again = own, again

    def __str__(self) -> str:
        return str(self.args[0])


class Child:
    """A process that grades one submission after another.

    Attributes
    ----------
    line : Connection
        Can be read when the child has answered or died.
    process : int
        Id of the process.
    worn : bool
        Whether the child should judge no other submission, since the last one left it too large.
    """

    worn = False

    def __init__(self) -> None:
        self._order: Order | None = None
        self._ended_for = ""
        self._folder = tempfile.mkdtemp(prefix="bplab-")
        os.chmod(self._folder, 0o711)  # where root grades, kernels run as other users
        self.line, theirs = Pipe()
        life, self._life = os.pipe()
        given = (theirs.fileno(), life, self._folder)
        path = os.pathsep.join(entry for entry in sys.path if entry)
        environment = {**os.environ, "PYTHONPATH": path}
        environment.pop("BPLAB_SECRET", None)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _BOOT, json.dumps(given)],
                stdin=subprocess.DEVNULL,
                env=environment,
                pass_fds=given[:2],
                start_new_session=True,  # Ctrl-C is for whoever started it
            )
            self.process = self._process.pid
        finally:
            theirs.close()
            os.close(life)

    def send(self, order: Order, pieces: Iterable[bytes]) -> None:
        """Send a submission to be graded, piece by piece; `reply` says so if the child has died.

        Whatever ``pieces`` raises is raised, and the child cannot be used any more.
        """
        self._order = order
        with contextlib.suppress(BrokenPipeError, ConnectionError):
            self.line.send(order)
            for piece in filter(None, pieces):  # an empty one is the end
                self.line.send_bytes(piece)
            self.line.send_bytes(b"")

    def reply(self) -> Told:
        """Wait for the answer, and return it if it has the form that it must have.

        Raises
        ------
        Died
            If the child has ended, or was ended since its answer is too long or garbled.
        CannotStart, Failed
            As `bplab.grading.class_run.worker.grade_one` raises them.
        """
        try:
            kind, told = self.line.recv_bytes(HEAD), self._next(HEAD)
            if kind != b"told":
                raise _raised(kind, told)
            came = unpack(told, self._next(NOTEBOOK))
        except Garbled as error:
            self.end(f"the process that judged it told something else: {error}")
            raise self._died() from error
        except (EOFError, OSError):
            if not self.line.readable:  # closed, since a message was longer than it may be
                self.end("the answer of the process that judged it was too long")
            raise self._died() from None
        self.worn = self._holds() > WORN
        return came

    def _next(self, most: int) -> bytes:
        """Return the next part of an answer that has begun to come."""
        if not self.line.poll(_ANSWERING):
            raise Garbled("half an answer")
        return self.line.recv_bytes(most)

    def _holds(self) -> float:
        try:
            return psutil.Process(self.process).memory_info().rss
        except psutil.Error:  # it has ended since
            return math.inf

    def _died(self) -> Died:
        code = self._process.wait()
        if self._ended_for:
            return Died(self._ended_for, again=False)
        assert self._order is not None, "nobody has asked it"
        takes = "reading and judging it takes more than"
        if code == OUT_OF_MEMORY:
            return Died(f"{takes} {self._order.memory_mb} MB of memory", own=True, again=False)
        if code == -getattr(signal, "SIGXCPU", 0):
            return Died(f"{takes} {self._order.seconds:g} s of a processor", own=True)
        if code == -signal.SIGKILL:
            return Died("the process that judged it was killed: perhaps memory ran out")
        how = signal.Signals(-code).name if code < 0 else f"exit status {code}"
        return Died(f"the process that judged it ended ({how})")

    def end(self, why: str) -> None:
        """End the child now, with its kernels; `reply` says why."""
        self._ended_for = why
        end_kernels(self.process, itself=True)

    def let_go(self) -> None:
        """Let the child end when it has nothing left to do."""
        self.line.close()

    def close(self) -> None:
        """Make sure that the child has ended, with all processes that it started."""
        self.let_go()
        try:
            self._process.wait(_ENDING)
        except subprocess.TimeoutExpired:
            self.end("it did not end")
            self._process.wait()
        with contextlib.suppress(OSError):
            os.close(self._life)
        shutil.rmtree(self._folder, ignore_errors=True)


def _raised(kind: bytes, says: bytes) -> Exception:
    """Return the error that a child sent in place of an answer, with its words."""
    words = says.decode("utf-8", "replace")[:LONGEST]
    match kind:
        case b"CannotStart":
            return CannotStart(words)
        case b"Failed":
            return Failed(words)
        case b"TooLong":
            return Died(words, own=True, again=False)
    return Garbled("no kind of an answer")
