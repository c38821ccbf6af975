"""Where submissions are graded: children of this process, or of the workers of a Dask cluster."""

import atexit
import concurrent.futures
import threading
import time
from collections.abc import Iterable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from multiprocessing.connection import wait as wait_for
from typing import Any, Protocol

from bplab.counting import counted
from bplab.course import CourseError
from bplab.grading.class_run.child import Child, Died
from bplab.grading.class_run.told import About, Told
from bplab.grading.class_run.worker import CannotStart, Failed, MakesGrader, Order

__all__ = ["ClusterPool", "Done", "LocalPool", "Pool", "in_child"]

PATIENCE = 3600.0
"""Seconds for one submission. A grader has limits of its own; this ends one that hangs."""

ANSWERING = 10
"""Seconds for a cluster's scheduler to answer."""


@dataclass(frozen=True)
class Done:
    """What came back for one key: what is told about the submission, or the error instead."""

    key: str
    told: Told | None
    error: Exception | None


class Pool(Protocol):
    """Where submissions are graded."""

    where: str

    def room(self) -> int:
        """Return how many more submissions may be sent now."""

    def send(self, key: str, pieces: Iterable[bytes], about: About) -> None:
        """Have a submission graded that comes piece by piece; raises whatever ``pieces`` does."""

    def busy(self) -> int:
        """Return how many are under way."""

    def wait(self, seconds: float) -> list[Done]:
        """Return what is done, after at most this many seconds."""

    def close(self) -> None:
        """Let go of the workers when they have nothing left to do."""

    def stop(self) -> None:
        """Give up what is under way, and let go of the workers at once."""


@dataclass
class _Seat:
    """A child, and what it is busy with."""

    child: Child
    key: str = ""
    since: float = 0.0


class LocalPool:
    """Judging children on this computer.

    Parameters
    ----------
    jobs : int
        How many.
    make : callable
        Makes a grader of an assignment, in the child; has to be a function that can be imported.
    assignment : Assignment
    patience : float
        Seconds for one submission.
    """

    def __init__(
        self, jobs: int, make: MakesGrader, assignment: Any, *, patience: float = PATIENCE
    ):
        self.where = counted(jobs, "process", "processes")
        self._make, self._assignment = make, assignment
        self._patience = patience
        self._jobs = jobs
        self._idle: list[_Seat] = []  # a child is started when there is something to judge
        self._working: list[_Seat] = []

    def room(self) -> int:
        """Return how many more submissions may be sent now."""
        return self._jobs - len(self._working)

    def busy(self) -> int:
        """Return how many are under way."""
        return len(self._working)

    def send(self, key: str, pieces: Iterable[bytes], about: About) -> None:
        """Have a submission graded that comes piece by piece; raises whatever ``pieces`` does."""
        seat = self._idle.pop() if self._idle else _Seat(Child())
        try:
            seat.child.send(Order(self._make, self._assignment, about), pieces)
        except Exception:
            self._replace(seat)
            raise
        seat.key, seat.since = key, time.monotonic()
        self._working.append(seat)

    def wait(self, seconds: float) -> list[Done]:
        """Return one result, or none after this many seconds."""
        for seat in self._working:
            if time.monotonic() - seat.since > self._patience:
                seat.child.end(f"judging it took more than {self._patience:g} s")
        ready = wait_for([seat.child.line for seat in self._working], seconds)
        for seat in self._working:
            if seat.child.line in ready:
                return [self._collect(seat)]  # one at a time: a graded notebook may be large
        return []

    def _collect(self, seat: _Seat) -> Done:
        self._working.remove(seat)
        try:
            done = Done(seat.key, seat.child.reply(), None)
        except (CannotStart, Died, Failed) as error:
            done = Done(seat.key, None, error)
        if isinstance(done.error, Died) or seat.child.worn:
            self._replace(seat)
        else:
            self._idle.append(seat)
        return done

    def _replace(self, seat: _Seat) -> None:
        seat.child.end("it is of no use any more")
        seat.child.close()

    def close(self) -> None:
        """Let all children end by themselves; end those that do not."""
        seats = self._idle + self._working
        for seat in seats:
            seat.child.let_go()
        for seat in seats:
            seat.child.close()

    def stop(self) -> None:
        """End all children at once, with their kernels; what is under way is lost."""
        for seat in self._idle + self._working:
            seat.child.end("it was stopped")
        self.close()


_own: list[Child] = []  # at most one: the child of a cluster's worker, or of an nbgrader command
_one_at_a_time = threading.Lock()  # a cluster's worker may have several threads


def in_child(order: Order, submitted: bytes) -> Told:
    """Have a submission graded in a child of this process, which is kept for the next one.

    ``submitted`` is the notebook, followed by the files that ``order`` names.

    Raises
    ------
    Died
        If the child ended before it had graded the submission, or took too long.
    CannotStart, Failed
        As `bplab.grading.class_run.worker.grade_one` raises them.
    """
    with _one_at_a_time:
        if not _own:
            _own.append(Child())
        child = _own[0]
        try:
            child.send(order, [submitted])
            if not wait_for([child.line], PATIENCE):
                child.end(f"judging it took more than {PATIENCE:g} s")
            told = child.reply()
        except (CannotStart, Failed):
            raise
        except BaseException:
            _close_own()
            raise
        if child.worn:
            _close_own()
        return told


@atexit.register
def _close_own() -> None:
    while _own:
        _own.pop().close()


class ClusterPool:
    """The workers of a running Dask cluster, which need ``bplab[cluster]`` of this version.

    The course's secret and the submissions cross the network, so use a scheduler on a network that
    you trust, or one with TLS (``tls://``), as Dask's settings describe.

    Parameters
    ----------
    address : str
        Address of the scheduler, e.g. ``"tcp://10.0.0.1:8786"``.
    make : callable
        Makes a grader of an assignment; has to be a function that can be imported in the worker.
    assignment : Assignment

    Raises
    ------
    CourseError
        If Dask is not installed, or no scheduler answers.
    """

    def __init__(self, address: str, make: MakesGrader, assignment: Any):
        try:
            from distributed import Client
        except ModuleNotFoundError as error:
            raise CourseError("--scheduler needs Dask: pip install 'bplab[cluster]'") from error
        try:
            self._client = Client(address, timeout=ANSWERING, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise CourseError(
                f"no Dask scheduler answers at {address} (start one with 'dask scheduler', and "
                f"name its address like tcp://HOST:8786): {error}"
            ) from error
        # pure=False: two submissions of the same bytes are graded separately
        self._executor = self._client.get_executor(pure=False)
        self._make, self._assignment = make, assignment
        self._futures: dict[Future, str] = {}
        self.where = f"the cluster at {address}"

    def room(self) -> int:
        """Return how many more submissions may be sent now: one for each worker.

        Dask assigns a task to a worker as soon as it is sent. A task too many might wait for a busy
        worker while another worker has nothing to do.
        """
        return max(0, max(1, len(self._client.nthreads())) - len(self._futures))

    def busy(self) -> int:
        """Return how many are under way."""
        return len(self._futures)

    def send(self, key: str, pieces: Iterable[bytes], about: About) -> None:
        """Have a submission graded that comes piece by piece; raises whatever ``pieces`` does."""
        order = Order(self._make, self._assignment, about)
        self._futures[self._executor.submit(in_child, order, b"".join(pieces))] = key

    def wait(self, seconds: float) -> list[Done]:
        """Return what is done, after at most this many seconds.

        A lost worker costs only time: Dask gives its submission to another one.
        """
        from distributed.scheduler import KilledWorker

        finished, _ = concurrent.futures.wait(
            self._futures, seconds, return_when=concurrent.futures.FIRST_COMPLETED
        )
        done = []
        for future in finished:
            key = self._futures.pop(future)
            try:
                done.append(Done(key, future.result(), None))
            except KilledWorker:
                died = Died("every worker that graded it ended")
                done.append(Done(key, None, died))
            except CancelledError:
                lost = CannotStart("the scheduler is gone, with what it had not yet graded")
                done.append(Done(key, None, lost))
            except ModuleNotFoundError as error:
                lost = CannotStart(f"a worker has no {error.name}: install bplab[cluster] there")
                done.append(Done(key, None, lost))
            except (CannotStart, Died, Failed) as error:
                done.append(Done(key, None, error))
            except Exception as error:
                failed = Failed(f"{type(error).__name__}: {error}")
                done.append(Done(key, None, failed))
        return done

    def close(self) -> None:
        """Leave the cluster; its workers keep running."""
        self._client.close()

    def stop(self) -> None:
        """Leave the cluster; workers finish only the submissions that they have begun."""
        self._executor.shutdown(wait=False)
        self._client.close()
