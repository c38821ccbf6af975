"""Workers of a Dask cluster: assignments and submissions are sent, graded notebooks come back."""

import concurrent.futures
from concurrent.futures import CancelledError, Future
from typing import Any

import bplab
from bplab.course.layout import CourseError
from bplab.grading.class_run.pools import Done, WorkerDied
from bplab.grading.class_run.worker import CannotStart, MakesGrader, grade_one

__all__ = ["ClusterPool"]

_SECONDS = 10  # for the scheduler to answer


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
            self._client = Client(address, timeout=_SECONDS, set_as_default=False)
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

    def send(self, key: str, submitted: bytes) -> None:
        """Have a submission graded."""
        self._futures[self._executor.submit(grade_one, *self._task, submitted)] = key

    def wait(self, seconds: float) -> list[Done]:
        """Return what is done, after at most so many seconds.

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
