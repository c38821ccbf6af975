"""How grading on a Dask cluster speeds up with workers: measured with graders that sleep.

A sleeping grader stands for one on another computer: it needs no processor of this one, so that
there may be more workers than processors here. What is measured is the pool that `bplab grade
--scheduler` uses: sending submissions, and getting them back.
"""

import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import nbformat
from rich.table import Table

from bplab.grading.class_run.pools import ClusterPool
from bplab.grading.class_run.told import About
from bplab.grading.judge.submission import Graded

__all__ = ["Measured", "Sleeper", "as_json", "as_table", "measure"]


@dataclass(frozen=True)
class Nap:
    """An assignment that takes some seconds.

    Attributes
    ----------
    seconds : float
    release : str
        The notebook, as JSON.
    """

    seconds: float
    release: str = nbformat.v4.writes(nbformat.v4.new_notebook())
    files: tuple[tuple[str, bytes], ...] = ()


class Sleeper:
    """A grader that only takes its time.

    Parameters
    ----------
    assignment : Nap
    """

    def __init__(self, assignment: Nap):
        self._nap = assignment

    def __enter__(self) -> "Sleeper":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def grade(self, submitted: bytes, round: int = 1, files: object = ()) -> Graded:
        """Return an empty notebook, later."""
        time.sleep(self._nap.seconds)
        return Graded(self._nap.release, ())


@dataclass(frozen=True)
class Measured:
    """A class on this number of workers.

    Attributes
    ----------
    workers : int
    seconds : float
    ideal : float
        Seconds that the graders sleep, shared evenly.
    speedup : float
        Against the first number of workers, times that number.
    """

    workers: int
    seconds: float
    ideal: float
    speedup: float


def measure(
    workers: Sequence[int] = (1, 2, 4, 8),
    *,
    submissions: int = 64,
    seconds: float = 0.5,
    progress: Callable[[str], None] = lambda words: None,
) -> list[Measured]:
    """Send a class to clusters of different sizes, each worker a process.

    Parameters
    ----------
    workers : sequence of int
        How many.
    submissions : int
        Each of the size of a usual notebook.
    seconds : float
        That a grader sleeps over each.
    progress : callable
        Is told what is being done.
    """
    measured: list[Measured] = []
    for count in workers:
        progress(f"{count} workers")
        took = _on(count, submissions, seconds)
        first = measured[0] if measured else None
        speedup = first.seconds * first.workers / took if first else float(count)
        measured.append(Measured(count, took, submissions * seconds / count, speedup))
    return measured


def _on(workers: int, submissions: int, seconds: float) -> float:
    from distributed import LocalCluster

    # quiet: workers complain of a scheduler that goes away
    with LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        dashboard_address=None,
        silence_logs=logging.CRITICAL,
    ) as cluster:
        warm = ClusterPool(cluster.scheduler_address, Sleeper, Nap(0.0))
        _send(warm, 4 * workers)  # every worker has loaded what it needs
        warm.close()
        pool = ClusterPool(cluster.scheduler_address, Sleeper, Nap(seconds))
        start = time.perf_counter()
        _send(pool, submissions)
        took = time.perf_counter() - start
        pool.close()
    return took


def _send(pool: ClusterPool, count: int) -> None:
    notebook = bytes(60_000)
    left = list(range(count))
    while left or pool.busy():
        for _ in range(min(len(left), pool.room())):
            pool.send(str(left.pop()), [notebook], About())
        for done in pool.wait(1.0):
            if done.error is not None:
                raise done.error


def as_table(measured: Sequence[Measured]) -> Table:
    """Return a row for every number of workers."""
    table = Table(title="A class on a Dask cluster, graders asleep in place of other computers")
    for column in ("workers", "seconds", "asleep", "speed-up"):
        table.add_column(column, justify="right")
    for one in measured:
        cells = (f"{one.seconds:.1f}", f"{one.ideal:.1f}", f"{one.speedup:.2f}")
        table.add_row(str(one.workers), *cells)
    return table


def as_json(measured: Sequence[Measured]) -> str:
    """Return the same as JSON."""
    return json.dumps([asdict(one) for one in measured], indent=2)
