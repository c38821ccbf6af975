"""One submission run from top to bottom: a bad cell costs that cell, and no other.

Where a cell kills its kernel, a new one takes over: it runs again what came before, without the
cells that did harm, and goes on.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import nbformat
from nbformat import NotebookNode

from bplab.grading.judge.client import KernelGone, StudentClient, TimeIsUp
from bplab.grading.judge.oracle import Asked, Judged, Oracle, Question, Unusable

__all__ = ["Session", "StartsKernels", "TaskRun", "Times"]


@dataclass(frozen=True)
class Times:
    """How long things may take, in seconds.

    Attributes
    ----------
    cell : float
        One cell.
    task : float
        All evaluations of one exercise.
    notebook : float
        All together; what comes later is not run.
    restarts : int
        How many kernels may be used up beside the first.
    """

    cell: float = 30.0
    task: float = 30.0
    notebook: float = 600.0
    restarts: int = 12


class StartsKernels(Protocol):
    """Where kernels come from: see `bplab.grading.kernels.KernelHost`."""

    def start(self) -> Any:
        """Return the manager of a kernel that starts."""


@dataclass(frozen=True)
class TaskRun:
    """What came of one task: it was judged, or no answer was to be had."""

    came: Judged | Unusable
    seconds: float


@dataclass
class Session:
    """A run of one notebook.

    Parameters
    ----------
    notebook : NotebookNode
        Put into order; outputs are written into its cells.
    tasks : mapping of int to str
        For each test cell, by its place, the id of its task. Their code is not run.
    host : StartsKernels
    oracle : Oracle
    times : Times
    imports : str
        Code that runs first in every kernel: the course's own imports, which a student may have
        deleted.

    Attributes
    ----------
    runs : dict of str to TaskRun
        By id of the task, after `run`.
    events, flags : list of str
        What happened, and what looks like an attempt to get around the grader: a line each, for
        the instructor.
    """

    notebook: NotebookNode
    tasks: Mapping[int, str]
    host: StartsKernels
    oracle: Oracle
    times: Times = field(default_factory=Times)
    imports: str = ""
    runs: dict[str, TaskRun] = field(default_factory=dict)
    events: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._harmful: set[int] = set()
        self._restarts = 0
        graded = (i for i, cell in enumerate(self.notebook.cells) if _is_graded(cell))
        self._last = max([*self.tasks, *graded], default=-1)
        self._deadline = 0.0
        self._running: StudentClient | None = None

    @property
    def _client(self) -> StudentClient:
        assert self._running is not None, "no kernel runs"
        return self._running

    async def run(self) -> None:
        """Run all cells, and have every task judged; kernels end with it."""
        self._deadline = time.monotonic() + self.times.notebook
        later: list[int] = []
        try:
            await self._start()
            for index, cell in enumerate(self.notebook.cells):
                if index > self._last and not later:
                    break  # nobody's points depend on what comes now
                if index not in self.tasks:
                    await self._cell(index, cell)
                elif not await self._task(index, last=False):
                    later.append(index)
            for index in later:
                await self._task(index, last=True)
        except _Over as over:
            self.events.append(str(over))
            for id in self.tasks.values():
                self.runs.setdefault(id, TaskRun(_not_run(str(over)), 0.0))
        finally:
            await self._stop()

    # --- cells ----------------------------------------------------------------------------

    async def _cell(self, index: int, cell: NotebookNode) -> None:
        if cell.cell_type != "code":
            return
        trouble = await self._run(index, cell)
        cell.outputs = [_friendly(output) for output in cell.outputs]
        if self._client.flooded:
            trouble = trouble or "wrote too much output: the rest was dropped"
        if trouble:
            self.events.append(f"{self._name(index)} {trouble}")
            _say(cell, f"While this was graded, the cell {trouble}.")

    async def _run(self, index: int, cell: NotebookNode) -> str:
        """Run a cell; return in words what went wrong beside an error, or an empty string."""
        try:
            await self._client.run_cell(cell, index, self._left(self.times.cell))
        except TimeIsUp as late:
            self._harmful.add(index)
            return f"took longer than {late.seconds:.0f} s and was interrupted"
        except KernelGone as gone:
            self._harmful.add(index)
            await self._replace(index)
            return f"ended its kernel: {gone}"
        return ""

    # --- tasks ----------------------------------------------------------------------------

    async def _task(self, index: int, *, last: bool) -> bool:
        """Have a task judged; return False if its function is not defined yet."""
        id = self.tasks[index]
        start = time.monotonic()
        came: Judged | Unusable
        try:
            came = await self._judged(id)
        except Unusable as error:
            if error.name == "not-defined" and not last:
                return False
            came = error
        except TimeIsUp as late:
            came = _too_slow(late.seconds)
            self.events.append(f"the function of {id} took longer than {late.seconds:.0f} s")
        except KernelGone as gone:
            came = _ends_kernel(str(gone))
            self.events.append(f"the function of {id} ended its kernel: {gone}")
            await self._replace(index if not last else len(self.notebook.cells))
        self.runs[id] = TaskRun(came, time.monotonic() - start)
        return True

    async def _judged(self, id: str) -> Judged:
        """Judge in a thread: it asks this one's loop for what the kernel says."""
        loop, client = asyncio.get_running_loop(), self._client

        def evaluate(question: Question) -> Asked:
            question.seconds = self._left(question.seconds)
            return asyncio.run_coroutine_threadsafe(client.ask(question), loop).result()

        return await asyncio.to_thread(self.oracle.judge, id, evaluate, self.flags)

    # --- kernels --------------------------------------------------------------------------

    async def _start(self) -> None:
        try:
            self._running = StudentClient(self.notebook, self.host.start())
            await self._client.connect()
            if self.imports:
                cell = nbformat.v4.new_code_cell(self.imports)
                await self._client.run_aside(cell, self._left(self.times.cell))
        except (KernelGone, TimeIsUp) as gone:
            raise _Over(f"no kernel could be started: {gone}") from gone

    async def _stop(self) -> None:
        client, self._running = self._running, None
        if client is not None:
            await client.close()
            await client.manager.shutdown_kernel(now=True)

    async def _replace(self, index: int) -> None:
        """Put a new kernel in place of one that is gone, as it was before cell ``index``."""
        while True:
            await self._stop()
            if self._restarts == self.times.restarts:
                raise _Over(f"more than {self.times.restarts} kernels ended: the rest was not run")
            self._restarts += 1
            await self._start()
            if await self._again(index):
                return

    async def _again(self, index: int) -> bool:
        """Run the harmless cells before ``index`` once more; return False if the kernel ends."""
        for i, cell in enumerate(self.notebook.cells[:index]):
            if cell.cell_type != "code" or i in self.tasks or i in self._harmful:
                continue
            copy = nbformat.from_dict(cell)
            try:
                await self._client.run_aside(copy, self._left(self.times.cell))
            except (TimeIsUp, KernelGone) as error:
                self._harmful.add(i)
                self.events.append(f"{self._name(i)}, run once more: {error}")
                if isinstance(error, KernelGone):
                    return False
        return True

    def _left(self, wanted: float) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise _Over(
                f"the notebook took longer than {self.times.notebook:.0f} s: the rest was not run"
            )
        return min(wanted, left)

    def _name(self, index: int) -> str:
        id = self.notebook.cells[index].metadata.get("nbgrader", {}).get("grade_id", "")
        return f"cell {id}" if id else f"cell {index + 1}"


class _Over(Exception):
    """Nothing more is run."""


def _is_graded(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("grade"))


def _friendly(output: NotebookNode) -> NotebookNode:
    """What the library says of a demonstration that is not shown is no error of the student's."""
    if output.output_type != "error" or output.ename != "Withheld":
        return output
    return nbformat.v4.new_output("stream", name="stdout", text=f"({output.evalue})\n")


def _say(cell: NotebookNode, words: str) -> None:
    """Put a line behind a cell's outputs."""
    cell.outputs.append(nbformat.v4.new_output("stream", name="stdout", text=f"\n{words}\n"))


def _too_slow(seconds: float) -> Unusable:
    return Unusable(
        "too-slow",
        f"Your function had not finished after {seconds:.0f} s.",
        "Look for a loop that never ends, and for one over single entries where a matrix product "
        "would do.",
    )


def _ends_kernel(why: str) -> Unusable:
    return Unusable(
        "ends-kernel",
        f"Your function ended the program that runs the notebook: {why}.",
        "Does it ask for very much memory, call exit, or call itself without end?",
    )


def _not_run(why: str) -> Unusable:
    return Unusable("not-run", f"This was not graded: {why}.", "See what is said further up.")
