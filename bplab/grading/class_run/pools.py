"""Where submissions are graded: processes of this computer, or the workers of a Dask cluster."""

import concurrent.futures
import multiprocessing
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import bplab
from bplab.course import CourseError
from bplab.grading.class_run.worker import (
    CannotStart,
    MakesGrader,
    Reply,
    end_kernels,
    grade_one,
    settle,
)

__all__ = ["ClusterPool", "Done", "LocalPool", "Pool", "WorkerDied"]

PATIENCE = 3600.0
"""Seconds for one submission. A grader has limits of its own; this ends one that hangs."""

ANSWERING = 10
"""Seconds for a cluster's scheduler to answer."""


class WorkerDied(Exception):
    """The process that graded a submission ended, or was ended because it hung."""


@dataclass(frozen=True)
class Done:
    """What came back for one key: a reply, or what was raised in its place."""

    key: str
    reply: Reply | None
    error: BaseException | None


class Pool(Protocol):
    """Where submissions are graded."""

    where: str

    def room(self) -> int:
        """Return how many more submissions may be sent now."""

    def send(self, key: str, submitted: bytes, round: int = 1) -> None:
        """Have a submission graded, on the cases of its round."""

    def busy(self) -> int:
        """Return how many are under way."""

    def wait(self, seconds: float) -> list[Done]:
        """Return what is done, after at most this many seconds."""

    def close(self) -> None:
        """Leave the workers, which have nothing to do."""

    def stop(self) -> None:
        """End all workers at once, with their kernels; what is under way is lost."""


@dataclass
class _Seat:
    """A process, and what it is busy with: nothing, as long as its future is no one's."""

    executor: ProcessPoolExecutor
    pid: int = 0
    key: str = ""
    future: Future = field(default_factory=Future)
    since: float = 0.0


class LocalPool:
    """Processes of this computer.

    Each is an executor of its own, so that one that dies takes nobody else's work with it, and
    it is known which submission was in its hands.

    Parameters
    ----------
    jobs : int
        How many.
    make : callable
        Makes a grader of an assignment, in the worker: a function that can be imported.
    assignment : Assignment
    patience : float
        Seconds for one submission.
    """

    def __init__(
        self, jobs: int, make: MakesGrader, assignment: Any, *, patience: float = PATIENCE
    ):
        self.where = f"{jobs} {'process' if jobs == 1 else 'processes'}"
        self._task = (make, assignment, bplab.__version__)
        self._patience = patience
        self._folder = tempfile.TemporaryDirectory(prefix="bplab-", ignore_cleanup_errors=True)
        os.chmod(self._folder.name, 0o711)  # kernels of root's are other users
        self._idle = [self._seat() for _ in range(jobs)]
        self._working: list[_Seat] = []

    def _seat(self) -> _Seat:
        # not forked: a worker inherits neither the gradebook's connection nor a lock
        context = multiprocessing.get_context("spawn")
        return _Seat(
            ProcessPoolExecutor(
                1, mp_context=context, initializer=settle, initargs=(self._folder.name,)
            )
        )

    def room(self) -> int:
        """Return how many more submissions may be sent now."""
        return len(self._idle)

    def busy(self) -> int:
        """Return how many are under way."""
        return len(self._working)

    def send(self, key: str, submitted: bytes, round: int = 1) -> None:
        """Have a submission graded, on the cases of its round."""
        seat = self._idle.pop()
        before = set(multiprocessing.active_children())
        try:
            with _ctrl_c_blocked():
                seat.future = seat.executor.submit(grade_one, *self._task, submitted, round)
        except BrokenProcessPool:  # it ended while it had nothing to do
            self._retire(seat)
            return self.send(key, submitted, round)
        finally:
            for process in set(multiprocessing.active_children()) - before:
                seat.pid = process.pid or 0
        seat.key, seat.since = key, time.monotonic()
        self._working.append(seat)

    def wait(self, seconds: float) -> list[Done]:
        """Return what is done, after at most this many seconds."""
        futures = [seat.future for seat in self._working]
        concurrent.futures.wait(futures, seconds, return_when=concurrent.futures.FIRST_COMPLETED)
        done = []
        for seat in list(self._working):
            if seat.future.done():
                done.append(self._collect(seat))
            elif time.monotonic() - seat.since > self._patience:
                end_kernels(seat.pid, itself=True)  # its future is broken by that
        return done

    def _collect(self, seat: _Seat) -> Done:
        self._working.remove(seat)
        key, error = seat.key, seat.future.exception()
        if isinstance(error, BrokenProcessPool):
            self._retire(seat)
            return Done(key, None, WorkerDied("the process that graded it ended"))
        self._idle.append(seat)
        return Done(key, None if error else seat.future.result(), error)

    def _retire(self, seat: _Seat) -> None:
        seat.executor.shutdown(wait=False, cancel_futures=True)
        self._idle.append(self._seat())

    def close(self) -> None:
        """End all workers in order."""
        for seat in self._idle + self._working:
            seat.executor.shutdown(wait=True, cancel_futures=True)
        self._folder.cleanup()

    def stop(self) -> None:
        """End all workers at once, with their kernels; what is under way is lost."""
        for seat in self._idle + self._working:
            if seat.pid:
                end_kernels(seat.pid, itself=True)
            seat.executor.shutdown(wait=True, cancel_futures=True)
        self._folder.cleanup()


@contextmanager
def _ctrl_c_blocked() -> Iterator[None]:
    """Have a process that starts inherit a block of Ctrl-C; ours comes when it is lifted."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class ClusterPool:
    """The workers of a running Dask cluster, which need ``bplab[cluster]`` of this version.

    The course's secret and the submissions cross the network: use a scheduler on a network
    that one trusts, or with TLS (``tls://``), as Dask's settings describe.

    Parameters
    ----------
    address : str
        Of the scheduler, e.g. ``"tcp://10.0.0.1:8786"``.
    make : callable
        Makes a grader of an assignment, in the worker: a function that can be imported there.
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
            # heartbeats and events are for people who look at the dashboard
            self._client = Client(address, timeout=ANSWERING, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise CourseError(
                f"no Dask scheduler answers at {address} (start one with 'dask scheduler', and "
                f"name its address like tcp://HOST:8786): {error}"
            ) from error
        # one submission is not another, even of the same bytes
        self._executor = self._client.get_executor(pure=False)
        self._task = (make, assignment, bplab.__version__)
        self._futures: dict[Future, str] = {}
        self.where = f"the cluster at {address}"

    def room(self) -> int:
        """Return how many more submissions may be sent now: one for each worker.

        Dask gives a task to a worker when it comes, so one more might wait for a busy worker
        while another has nothing to do.
        """
        return max(0, max(1, len(self._client.nthreads())) - len(self._futures))

    def busy(self) -> int:
        """Return how many are under way."""
        return len(self._futures)

    def send(self, key: str, submitted: bytes, round: int = 1) -> None:
        """Have a submission graded, on the cases of its round."""
        self._futures[self._executor.submit(grade_one, *self._task, submitted, round)] = key

    def wait(self, seconds: float) -> list[Done]:
        """Return what is done, after at most this many seconds.

        A worker that is lost costs only time: Dask has its submission graded by another.
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
                died = WorkerDied("every worker that graded it ended")
                done.append(Done(key, None, died))
            except CancelledError:
                lost = CannotStart("the scheduler is gone, with what it had not yet graded")
                done.append(Done(key, None, lost))
            except ModuleNotFoundError as error:
                lost = CannotStart(f"a worker has no {error.name}: install bplab[cluster] there")
                done.append(Done(key, None, lost))
            except Exception as error:
                done.append(Done(key, None, error))
        return done

    def close(self) -> None:
        """Leave the cluster; its workers go on."""
        self._client.close()

    def stop(self) -> None:
        """Leave the cluster; of what is under way, only what a worker has begun is finished."""
        self._executor.shutdown(wait=False)
        self._client.close()
