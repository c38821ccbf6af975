"""All of it: every checker on every program, an exercise after the other, in several processes."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from hashlib import sha256
from multiprocessing import get_context

from tests.benchmarks.gradbug.bank import faulty, right
from tests.benchmarks.gradbug.checkers import CHECKERS, USUAL, told
from tests.benchmarks.gradbug.limits import limited
from tests.benchmarks.gradbug.program import HELD_OUT, Program, compiled
from tests.benchmarks.gradbug.score import Result

__all__ = ["chosen", "results", "shown"]


def chosen(ids: Sequence[str] = (), only: int = 0) -> list[Program]:
    """Return the programs of these exercises, or all; ``only`` that many, always the same ones.

    Raises
    ------
    ValueError
        If there is no such exercise.
    """
    if unknown := set(ids) - {one.exercise for one in right()}:
        raise ValueError(f"no programs for {', '.join(sorted(unknown))}")
    programs = [one for one in (*right(), *faulty()) if not ids or one.exercise in ids]
    if 0 < only < len(programs):
        programs.sort(key=lambda one: sha256(one.id.encode()).hexdigest())
        programs = programs[:only]
    return programs


def shown(id: str) -> str:
    """Return a program with its lines numbered, and what is true of it; none that is held out.

    Raises
    ------
    ValueError
        If there is no such program, or it is held out.
    """
    program = next((one for one in (*right(), *faulty()) if one.id == id), None)
    if program is None or program.part == HELD_OUT:
        why = "is held out" if program else "is not there"
        raise ValueError(f"{id} {why}: --failed lists ids of programs that may be looked at")
    lines = [
        f"{'>' if n in program.lines else ' '} {n:2}  {line}"
        for n, line in enumerate(program.source.splitlines(), start=1)
    ]
    names = ", ".join(sorted(program.names)) or "no known mistake"
    if program.faulty:
        lines += ["", f"{program.kind}; {names}; shows: {program.shows}"]
    return "\n".join(lines)


def results(
    programs: Sequence[Program], checkers: Sequence[str] = (), *, jobs: int = 0
) -> Iterator[list[Result]]:
    """Yield what the checkers say of the programs of one exercise, as soon as that is there.

    Parameters
    ----------
    programs : sequence of Program
    checkers : sequence of str
        Names of `CHECKERS`; else the usual ones.
    jobs : int
        How many processes; 0 for as many as there are processors.

    Raises
    ------
    ValueError
        If there is no such checker.
    """
    if unknown := set(checkers) - CHECKERS.keys():
        raise ValueError(
            f"no checker {', '.join(sorted(unknown))}; there are: {', '.join(CHECKERS)}"
        )
    by_exercise: dict[str, list[Program]] = {}
    for program in programs:
        by_exercise.setdefault(program.exercise, []).append(program)
    batches = sorted(by_exercise.values(), key=len, reverse=True)
    with (
        tempfile.TemporaryDirectory() as progress,
        ProcessPoolExecutor(
            min(jobs or os.cpu_count() or 1, max(1, len(batches))),
            mp_context=get_context("spawn"),
            initializer=_begin,
            initargs=(progress,),
        ) as pool,
    ):
        futures = [pool.submit(_batch, batch, tuple(checkers)) for batch in batches]
        yield from (future.result() for future in as_completed(futures))


def _begin(progress: str) -> None:
    """A process of its own has bounds, and notes its tries where no learner's are."""
    limited()
    os.environ["BPLAB_PROGRESS"] = os.path.join(progress, str(os.getpid()))


def _batch(programs: Sequence[Program], checkers: Sequence[str]) -> list[Result]:
    found = []
    for program in programs:
        for name in checkers or USUAL:
            function = compiled(program.source, program.exercise, program.id)
            found.append(Result.of(program, name, told(CHECKERS[name], program.exercise, function)))
    return found
