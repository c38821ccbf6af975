"""The whole bench, an exercise after the other, in as many processes as there are processors."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from bplab.exercises.registry import EXERCISES, TASKS
from tests.benchmarks.naming.bank import Report, programs, report
from tests.benchmarks.naming.known import Row, load_right, measure

__all__ = ["Judged", "judged", "whole"]


@dataclass(frozen=True)
class Judged:
    """One exercise: its row, if it has known mistakes, and what its programs are told."""

    id: str
    row: Row | None
    told: Report

    def __str__(self) -> str:
        row, bank = self.row, self.told.total()
        known = row and (
            f"{row.named} of {row.mistakes} mistakes named, {row.wrong_names} wrong names, "
            f"{row.false_passes} false passes; "
        )
        return (
            f"{self.id}: {known or ''}{bank.programs} programs, precision {bank.precision:.1%}, "
            f"coverage {bank.coverage:.1%}; rejected {bank.rejected} of {bank.variants}"
        )


def judged(id: str, right: Path | None, secrets: int, sample: int) -> Judged:
    """Judge one exercise: see `measure` and `report`."""
    variants = load_right(right) if right else {}
    rows = measure([id], right=variants, secrets=secrets, sample=sample) if id in EXERCISES else []
    return Judged(id, next(iter(rows), None), report(programs([id])))


def whole(
    ids: Sequence[str] = (),
    *,
    right: Path | None = None,
    secrets: int = 2,
    sample: int = 60,
    jobs: int = 0,
) -> Iterator[Judged]:
    """Yield each exercise as soon as it is judged; those that may take longest begin.

    Parameters
    ----------
    ids : sequence of str
        Which exercises; else all.
    right : Path, optional
        A file of right functions: see `load_right`.
    secrets, sample : int
        See `measure`.
    jobs : int
        How many processes; 0 for as many as there are processors.

    Raises
    ------
    ValueError
        If there is no such exercise, or the file has no right functions.
    """
    if unknown := set(ids) - TASKS.keys():
        raise ValueError(f"no exercise {', '.join(sorted(unknown))}; there are: {', '.join(TASKS)}")
    if right:
        load_right(right)
    chosen = sorted(ids or TASKS, key=_cost, reverse=True)
    workers = min(jobs or os.cpu_count() or 1, len(chosen))
    if workers == 1:
        yield from (judged(id, right, secrets, sample) for id in chosen)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        futures = [pool.submit(judged, id, right, secrets, sample) for id in chosen]
        yield from (future.result() for future in as_completed(futures))


def _cost(id: str) -> int:
    """Mistakes are judged together with each other; a program that trains a network is slow."""
    slow = sum(program.slow for program in programs([id]))
    return len(EXERCISES[id].mistakes) if id in EXERCISES else 1000 * slow
