"""Run one submission from top to bottom, then have it judged: a bad cell costs only that cell.

Where a cell kills its kernel, or leaves one that runs no code, a new one takes over: it runs again
what came before, without the cells that did harm, and goes on. No kernel is trusted: outputs and
time are limited, dead kernels noticed, and one that may not run what it says has to prove it.

**No hidden case is sent before all cells have run and nobody listens to the kernel any more.** A
function that has seen one can print, show, raise and remember what it likes: there is no cell left
that would show it. What counts is the function as it was at its test cell, with all that it needs,
as in nbgrader, where the test runs there. So at each test cell the kernel is told to fork: the
child holds everything as it is at that moment, and waits (see ``agent``). When all cells have run,
this side closes its ends of the kernel's outputs, suspends the kernel's process, and asks the
children one at a time, in an order drawn from the secret, each over a connection of its own. Each
child is killed once it has answered, before the next is asked, so that they cannot tell each other
anything.

Two other designs were considered. Keeping the functions themselves, in the same kernel, saves the
forks; but a later cell that changes a helper, or a ``%reset``, changes what was right at its test
cell, and one judged function meets the next. A fresh kernel for each task, which runs the cells
again, separates tasks as well; but every task then costs a kernel and a run of the notebook, about
0.1 s each, while a whole submission of section 2.1 takes 0.25 s. To keep a function by a fork takes
8 ms.

If no process can be started, because cells have used them all, the kernel itself answers, as the
last thing that it does.
"""

import asyncio
import contextlib
import json
import os
import secrets
import select
import signal
import socket
import struct
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, cast

import nbformat
from nbclient import NotebookClient
from nbclient.client import CellExecutionComplete
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode

from bplab.exercises import EXERCISES, TASKS, Answers, Exercise, has_no_place
from bplab.grading.judge.agent import ANSWER, ASK, KEEP, KEPT, TOKEN
from bplab.grading.judge.explained import SECONDS as EXPLAINING
from bplab.grading.judge.explained import Marked, marked
from bplab.grading.judge.oracle import (
    Asked,
    Judged,
    Oracle,
    Question,
    Unusable,
    lines_of,
    not_defined,
)
from bplab.grading.judge.place import Patience, place_in, wrong_place
from bplab.grading.judge.undefined import why_undefined
from bplab.grading.judge.wire import Closed, Line, Malformed, becomes
from bplab.grading.records import grade_id

__all__ = ["Session", "StartsKernels", "TaskRun", "Times"]

STOPS_WITHIN = 2.0
"""Seconds that an interrupted kernel has before it is killed."""

REPLYING = 1.0
"""Seconds after which a kernel is asked whether a cell has ended."""

LISTENING = 5
"""Seconds within which the rest of a cell's outputs has to arrive once the cell has ended."""

HEARD_WITHIN = 10.0
"""Seconds, in all, to open a kernel's channel of outputs again after messages too large for it."""

OUTPUT_BYTES, OUTPUTS = 4 * 2**20, 500
"""Bytes of memory, and outputs, that one cell may take. Any more are dropped, and the cell is
interrupted."""

SHOWN = 16 * 2**20
"""Bytes of memory that all outputs of a notebook may take; further outputs are dropped."""

_SHOWS = ("stream", "display_data", "update_display_data", "execute_result", "error")
"""Messages that hold outputs; others only tell how far a cell has come."""

READ = 128 * 2**20
"""Bytes of memory that a kernel's message may take once it is read."""

UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, RecursionError, OverflowError)
"""The errors that Jupyter's session raises for forged bytes."""

ASKS = 50_000
"""How many values a kernel may ask for during one request."""

KEEPING = 5.0
"""Seconds that a kernel has to keep a function."""

KEEPING_ALL, KEEPING_LEAST = 10.0, 0.5
"""Seconds that failures to keep functions may take in a notebook; and seconds for each further
function, once those are used up."""

PLACING = 3.0
"""Seconds to find the wrong lines of all mistakes without a name in a notebook. A function that
hangs uses them up, and no other is asked."""

PROVING = 2.0
"""Seconds in which a kernel has to prove that it still runs code, and keeps functions."""

UNPLACED = 4
"""How many functions are kept at most to find these lines, each in a process of its own."""

DYING = 0.5
"""Seconds within which a kernel is known to be dead, once its processes have ended."""


@dataclass(frozen=True)
class Times:
    """How long things may take, in seconds of processor time of all of a kernel's processes.

    Processor time is used so that other work on the same machine costs nobody a mark.

    Attributes
    ----------
    cell : float
        One cell.
    task : float
        All evaluations of one exercise.
    notebook : float
        The whole notebook; what is left then is not run.
    restarts : int
        How many kernels may be used up besides the first.
    clock : float
        How many times as long each of these may take by the clock.
    """

    cell: float = 30.0
    task: float = 30.0
    notebook: float = 600.0
    restarts: int = 12
    clock: float = 4.0


class StartsKernels(Protocol):
    """Where kernels come from: see `bplab.grading.kernels.KernelHost`."""

    def start(self, files: Mapping[str, bytes] | None = None) -> Any:
        """Return the manager of a kernel that is starting, with copies of these files."""


@dataclass(frozen=True)
class TaskRun:
    """The result of one task: it was judged, or there was no usable answer."""

    came: Judged | Unusable
    seconds: float
    place: str = ""  # the line that goes wrong, in words


@dataclass
class Session:
    """A run of one notebook.

    Parameters
    ----------
    notebook : NotebookNode
        A notebook put into order; outputs are written into its cells.
    tasks : mapping of int to str
        The id of each test cell's task, by the cell's index. The code of these cells is not run.
    host : StartsKernels
    oracle : Oracle
    times : Times
    imports : str
        Code that runs first in every kernel: the course's own imports, which a student may have
        deleted.
    seed : str
        A text that tells submissions apart: some of the cases are drawn from it.
    files : mapping of str to bytes
        The files that every kernel finds beside the notebook.
    questions : mapping of int to str
        The exercise's id of each cell that asks about the student's own code, by the cell's index.
        These cells are not run.
    answers : mapping of str to Answers
        The answers to these questions, by the exercise's id.

    Attributes
    ----------
    runs : dict of str to TaskRun
        The results by the task's id, after `run`.
    explained : dict of str to Marked or Unusable
        The results of the answers, by the exercise's id.
    events, flags : list of str
        What happened, and what looks like an attempt to get around the grader: a line each, for
        the instructor.
    late : bool
        Whether anything took longer than is allowed.
    """

    notebook: NotebookNode
    tasks: Mapping[int, str]
    host: StartsKernels
    oracle: Oracle
    times: Times = field(default_factory=Times)
    imports: str = ""
    seed: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)
    questions: Mapping[int, str] = field(default_factory=dict)
    answers: Mapping[str, Answers] = field(default_factory=dict)
    runs: dict[str, TaskRun] = field(default_factory=dict)
    events: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    late: bool = False
    explained: dict[str, Marked | Unusable] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._spent = 0.0  # by kernels that are gone
        self._room, self._keeping = SHOWN, KEEPING_ALL
        self._doubted = False  # whether a cell may have killed a kernel, not what was asked of it
        self._harmful: set[int] = set()
        self._suspects: set[int] = set()  # of these: the kernel died there, of whichever cell
        self._careful = False  # whether the kernel is looked at after each cell
        self._proofs = 0
        self._trouble: dict[int, str] = {}  # what happened to cells, besides errors
        self._restarts = 0
        graded = (i for i, cell in enumerate(self.notebook.cells) if _is_graded(cell))
        self._last = max([*self.tasks, *graded], default=-1)
        self._deadline = 0.0
        self._running: StudentClient | None = None
        self._kept: dict[int, Kept] = {}
        self._asked = {id for id in self.questions.values() if id in self.answers}
        self._to_explain: dict[str, Kept] = {}  # no hidden case is sent to these
        self._unplaced: list[tuple[str, Kept]] = []  # wrong, and nobody knows where
        self._no_process: set[int] = set()  # tasks that the kernel itself has to answer

    @property
    def _client(self) -> "StudentClient":
        assert self._running is not None, "no kernel runs"
        return self._running

    async def run(self) -> None:
        """Run all cells, then have every task judged; end all kernels."""
        self._deadline = time.monotonic() + self.times.clock * self.times.notebook
        try:
            await self._start()
            for index, cell in enumerate(self.notebook.cells):
                if index > self._last and self.tasks.keys() <= self._kept.keys():
                    break  # nobody's points depend on what comes now
                if index in self.tasks:
                    await self._keep(index)
                elif index not in self.questions:
                    await self._cell(index, cell)
            await self._explain_all()
            await self._judge_all()
            await self._place_all()
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
        if self._client.left:
            self.events.append(f"{self._name(index)} left processes running: they were ended")
        self._room -= _size(cell.outputs) + self._client.updated
        if self._client.flooded:
            trouble = trouble or "wrote too much output: the rest was dropped"
        elif self._client.left_out:
            most = f"{SHOWN // 2**20} MB"
            trouble = trouble or f"showed more than is kept of a notebook ({most}): it is left out"
        else:
            trouble = trouble or self._client.unheard
        if trouble:
            self._trouble[index] = trouble
            self.events.append(f"{self._name(index)} {trouble}")
            _say(cell, f"While this was graded, the cell {trouble}.")

    async def _run(self, index: int, cell: NotebookNode) -> str:
        """Run a cell; return in words what went wrong besides an error, or an empty string."""
        try:
            self._client.room = self._room
            await self._client.run_cell(cell, index, self._left(self.times.cell))
            if self._careful and cell.source.strip():
                await self._prove()
        except TimeIsUp as late:
            self._harmful.add(index)
            return f"took longer than {late.seconds:.0f} s and was interrupted"
        except KernelGone as gone:
            if await self._replace(index, gone.sudden):
                return await self._run(index, cell)
            self._blame(index, gone.sudden)
            return f"lost its kernel: {gone}"
        return ""

    # --- tasks ----------------------------------------------------------------------------

    async def _keep(self, index: int) -> None:
        """Keep a task's function as it is now, if it exists; a child answers for it later."""
        try:
            kept = await self._kept_by_kernel(self.tasks[index])
            if kept is None:
                await self._prove()
        except NotKept:
            self._no_process.add(index)
        except (TimeIsUp, KernelGone) as trouble:
            if isinstance(trouble, KernelGone):
                if await self._replace(index, trouble.sudden):
                    await self._keep(index)
                    return
                self._blame(index, trouble.sudden)
            self._harmful.add(index)
            self.events.append(f"{self._name(index)}: its function could not be kept: {trouble}")
        else:
            if kept is not None:
                self._kept[index] = kept
                await self._keep_to_explain(self.tasks[index])

    async def _judge_all(self) -> None:
        """Judge all tasks, with nobody listening to the kernel; if it dies, another takes over."""
        drawn = self.oracle.drawn(self.tasks.values(), self.seed)
        places = {id: index for index, id in self.tasks.items()}
        while waiting := [places[id] for id in drawn if id not in self.runs]:
            if not await self._client.manager.is_alive():
                await self._replace(len(self.notebook.cells))
            while missing := [i for i in waiting if self._is_missing(i)]:
                await self._keep_late(missing[0])
            await self._client.close_outputs()
            await self._judge(waiting)

    async def _kept_by_kernel(self, id: str, *, fork: bool = True) -> "Kept | None":
        """Have the kernel keep a task's function; after failures, wait for it less long."""
        start = time.monotonic()
        seconds = max(KEEPING_LEAST, min(KEEPING, round(self._keeping, 1)))
        try:
            return await self._client.keep(self.oracle.function(id), seconds, fork=fork)
        except (TimeIsUp, KernelGone):
            self._keeping -= (time.monotonic() - start) / self.times.clock
            raise

    async def _keep_late(self, index: int) -> None:
        """Keep what was not there at its test cell, or could not be kept.

        Where a cell may be to blame that comes before, nothing is decided: all are looked at.
        """
        id = self.tasks[index]
        try:
            kept = await self._kept_by_kernel(id)
            if kept is None:
                await self._prove()
        except NotKept:
            self._no_process.add(index)
        except TimeIsUp as late:
            self.runs[id] = TaskRun(_too_slow(late.seconds), late.seconds)
        except KernelGone as gone:
            if not await self._replace(len(self.notebook.cells), gone.sudden):
                self.runs[id] = TaskRun(_not_asked(str(gone)), 0.0)
        else:
            if kept is not None:
                self._kept[index] = kept
            elif self._suspects:
                await self._replace(len(self.notebook.cells))
            else:
                self._undefined(id)

    def _is_missing(self, index: int) -> bool:
        known = index in self._kept or index in self._no_process
        return not known and self.tasks[index] not in self.runs

    def _undefined(self, id: str) -> None:
        function = self.oracle.function(id)
        why = why_undefined(function, self.notebook.cells, self._trouble)
        self.runs[id] = TaskRun(not_defined(function, *why), 0.0)

    async def _judge(self, waiting: Sequence[int]) -> None:
        """Judge kept functions while the kernel lives; then one that the kernel itself answers."""
        manager, first = self._client.manager, True
        manager.look("stop")
        if self._doubted and await self._client.died():
            return
        for index in waiting:
            if index in self._kept:
                await self._task(index, self._kept.pop(index), first)
                first = False
                if not await manager.is_alive():
                    return
        left = [i for i in waiting if i in self._no_process and self.tasks[i] not in self.runs]
        if not left:
            return
        with contextlib.suppress(Exception):
            await manager.signal_kernel(signal.SIGCONT)
        id = self.tasks[left[0]]
        try:
            kept = await self._kept_by_kernel(id, fork=False)
        except (NotKept, TimeIsUp, KernelGone) as trouble:
            if first or not isinstance(trouble, KernelGone):
                self.runs[id] = TaskRun(_not_asked(str(trouble)), 0.0)
        else:
            if kept is None:
                self._undefined(id)
            else:
                await self._task(left[0], kept, first)
        await manager.shutdown_kernel(now=True)  # it has seen cases: it must answer for no other

    async def _task(self, index: int, kept: "Kept", first: bool) -> None:
        """Have a task judged, in a thread that waits for the function's answers.

        If the kernel has died, only the ``first`` task that was asked of it is blamed. Any other is
        not judged now, since one judged before it may have ended the kernel; it is the first that
        is asked of a new kernel. The very first task gets a second chance, too, since a cell may
        have ended the kernel a moment ago. From then on `_judge` waits to see whether a kernel has
        died before it asks anything.
        """
        id, start = self.tasks[index], time.monotonic()
        name = self.oracle.function(id)
        code = [cell.source for cell in self.notebook.cells if cell.cell_type == "code"]
        lines = frozenset().union(*(lines_of(name, source) for source in code))

        def evaluate(question: Question) -> Asked:
            question.seconds = self._left(question.seconds)
            return kept.ask(question)

        came: Judged | Unusable | None = None
        judging = asyncio.ensure_future(
            asyncio.to_thread(self.oracle.judge, id, evaluate, self.flags, self.seed, lines)
        )
        try:
            await self._watch(kept, judging)
            came = await judging
        except Unusable as error:
            came = error
        except TimeIsUp as late:
            came = _too_slow(late.seconds)
            self.late = True
            self.events.append(f"the function of {id} took longer than {late.seconds:.0f} s")
        except KernelGone as gone:
            if not (first and self._doubted) and await self._client.died():
                self._doubted |= first
                return
            came = _ends_kernel(str(gone))
            self.events.append(f"the function of {id} lost its kernel: {gone}")
        except _Over:
            raise
        except Exception as error:  # no answer, however forged, costs more than its task
            came = _not_judged()
            self.events.append(
                f"{id} could not be judged ({type(error).__name__} in the grader): mark it by hand"
            )
        finally:
            if len(self._unplaced) < UNPLACED and _is_unplaced(id, came):
                self._unplaced.append((id, kept))
            else:
                kept.end()
        self.runs[id] = TaskRun(came, time.monotonic() - start)

    # --- questions on a student's own code ------------------------------------------------

    async def _keep_to_explain(self, id: str) -> None:
        """Keep a function a second time, if there are answers to questions on it."""
        if id not in self._asked:
            return
        with contextlib.suppress(NotKept, TimeIsUp, KernelGone):  # a dead kernel is noticed later
            if (kept := await self._kept_by_kernel(id)) is not None:
                self._to_explain[id] = kept

    async def _explain_all(self) -> None:
        """Have answers marked, before any function has seen a hidden case.

        Whatever goes wrong here costs these points and no others.
        """
        for id in self._asked:
            if id not in self._to_explain and await self._client.manager.is_alive():
                await self._keep_to_explain(id)
            kept = self._to_explain.pop(id, None)
            try:
                if kept is None:
                    raise not_defined(self.oracle.function(id))
                self.explained[id] = await self._explain(id, kept)
            except Unusable as error:
                self.explained[id] = error
            except Exception as error:  # of a kernel that answers what it likes, or not at all
                self._doubted |= isinstance(error, KernelGone)
                self.explained[id] = _not_explained()
                self.events.append(f"the questions on {id} could not be asked: {error}")
            finally:
                if kept is not None:
                    kept.end()

    async def _explain(self, id: str, kept: "Kept") -> Marked:
        def evaluate(question: Question) -> Asked:
            question.seconds = self._left(question.seconds)
            return kept.ask(question)

        judging = asyncio.ensure_future(
            asyncio.to_thread(marked, EXERCISES[id], evaluate, self.answers[id])
        )
        await self._watch(kept, judging, EXPLAINING)
        return await judging

    # --- where it goes wrong --------------------------------------------------------------

    async def _place_all(self) -> None:
        """Find the wrong lines of mistakes without a name: no mark changes any more.

        Whatever goes wrong here is not reported.
        """
        until, left = time.monotonic() + PLACING * self.times.clock, PLACING
        while self._unplaced and time.monotonic() < until:
            patience = Patience(left / len(self._unplaced))
            left -= patience.seconds
            id, kept = self._unplaced.pop(0)
            task = cast(Exercise[Any], TASKS[id])

            def evaluate(question: Question, kept: Kept = kept) -> Asked:
                rest = (until - time.monotonic()) / self.times.clock
                question.seconds = max(0.0, min(question.seconds, rest))
                return kept.ask(question)

            try:
                found = await asyncio.to_thread(wrong_place, task, evaluate, patience)
                said = place_in(self.notebook, found)
                self.runs[id] = replace(self.runs[id], place=said)
            except Exception:  # of a kernel that answers what it likes, or not at all
                continue
            finally:
                left += max(0.0, patience.seconds)
                kept.end()

    async def _watch(
        self, kept: "Kept", judging: asyncio.Future, seconds: float | None = None
    ) -> None:
        """Stop a function that has used its time; nothing else in its kernel runs meanwhile."""
        client, used = self._client, 0.0
        most = self.times.task if seconds is None else seconds
        client.tidy("look")
        while not await _ended(judging, max((most - used) / _PROCESSORS, _LOOK)):
            if (now := client.manager.look()) is not None:
                used = now.seconds - client.used
            if used > max(most, kept.seconds):
                kept.stop_late()

    # --- kernels --------------------------------------------------------------------------

    async def _start(self) -> None:
        try:
            self._running = StudentClient(
                self.notebook, self.host.start(self.files), self.times.clock
            )
            await self._client.connect()
            if self.imports:
                cell = nbformat.v4.new_code_cell(self.imports)
                await self._client.run_aside(cell, self._left(self.times.cell))
        except (KernelGone, TimeIsUp) as gone:
            raise _Over(f"no kernel could be started: {gone}") from gone

    async def _stop(self) -> None:
        client, self._running = self._running, None
        unplaced = (one for _, one in self._unplaced)
        for kept in (*self._kept.values(), *self._to_explain.values(), *unplaced):
            kept.end()
        self._kept.clear()
        self._to_explain.clear()
        self._unplaced.clear()
        self._no_process.clear()
        if client is not None:
            self._spent += client.used
            self.late |= client.late
            await client.close()
            await client.manager.shutdown_kernel(now=True)

    async def _replace(self, index: int, sudden: bool = True) -> bool:
        """Put a new kernel in place of one that is gone, as it was before cell ``index``.

        Return whether that cell is to be tried once more: one before it may have done the harm.
        """
        known, careful = self._harmful - self._suspects, self._careful
        if sudden and self._suspects:
            self._look_closely()
        while True:
            await self._stop()
            if self._restarts == self.times.restarts:
                raise _Over(f"more than {self.times.restarts} kernels ended: the rest was not run")
            self._restarts += 1
            await self._start()
            if await self._again(index):
                return self._careful != careful or not self._harmful <= known | self._suspects

    def _blame(self, index: int, sudden: bool) -> None:
        """Leave a cell out from now on; of a sudden death it is only suspected at first."""
        self._harmful.add(index)
        if sudden and not self._careful:
            self._suspects.add(index)

    def _look_closely(self) -> None:
        """Look at the kernel after each cell, of the suspected ones too.

        What a cell leaves behind may end the kernel a moment later, or make it run no code: then
        others seem to be at fault. To look after each cell from the start would cost everybody.
        """
        self._careful = True
        self._harmful -= self._suspects
        self._suspects.clear()

    async def _again(self, index: int) -> bool:
        """Run the harmless cells before ``index`` again; return False if the kernel ends.

        Behind them it must still run cells.
        """
        found = False  # what is shown behind such a cell is of a kernel that did not work
        for i, cell in enumerate(self.notebook.cells[:index]):
            found |= self._trouble.get(i, "").startswith(_LEFT_OUT)
            if i in self._harmful or (i in self.tasks and self.tasks[i] in self.runs):
                continue
            try:
                if i in self.tasks:
                    await self._keep_again(i)
                elif cell.cell_type == "code" and i not in self.questions:
                    await self._cell_again(i, show=found)
            except TimeIsUp as late:
                self._leave_out(i, str(late))
            except KernelGone as gone:
                if self._careful:
                    self._leave_out(i, str(gone))
                else:
                    self._look_closely()
                return False
        if not self._careful:
            try:
                await self._prove()
            except KernelGone:
                self._look_closely()
                return False
        return True

    async def _cell_again(self, index: int, *, show: bool) -> None:
        cell = self.notebook.cells[index]
        copy = nbformat.from_dict(cell)
        self._client.room = self._room if show else SHOWN
        await self._client.run_aside(copy, self._left(self.times.cell))
        if self._careful and cell.source.strip():
            await self._prove()
        if show and index not in self._trouble:
            cell.outputs = [_friendly(output) for output in copy.outputs]
            cell.execution_count = copy.execution_count
            self._room -= _size(cell.outputs)

    def _leave_out(self, index: int, why: str) -> None:
        """Leave out a cell that did harm when it was run once more."""
        self._harmful.add(index)
        if index in self._trouble:  # that has been said
            return
        said = f"{_LEFT_OUT} (run once more: {why})"
        self.events.append(f"{self._name(index)} {said}")
        if index not in self.tasks:
            self._trouble[index] = said
            _say(self.notebook.cells[index], f"While this was graded, the cell {said}.")

    async def _prove(self) -> None:
        """Have the kernel prove that it runs code, and keeps functions.

        Raises
        ------
        KernelGone
            Also if it lives, and does not.
        """
        if self._careful and await self._client.died():
            raise self._client.dead()
        self._proofs += 1
        name = f"_bplab_{self._proofs}"
        defines = nbformat.v4.new_code_cell(f"def {name}():\n    pass")
        try:
            await self._client.run_aside(defines, self._left(PROVING), counted=False)
            kept = await self._client.keep(name, self._left(PROVING))
        except NotKept:
            return  # cells may use all processes: then the kernel itself answers
        except TimeIsUp:
            kept = None
        except KernelGone as gone:
            if gone.sudden:
                raise
            kept = None
        if kept is None:
            raise KernelGone("code behind it did not run as it should")
        kept.end()

    async def _keep_again(self, index: int) -> None:
        with contextlib.suppress(NotKept):  # tried again when all cells have run
            kept = await self._kept_by_kernel(self.tasks[index])
            if kept is not None:
                self._kept[index] = kept
                await self._keep_to_explain(self.tasks[index])

    def _left(self, wanted: float) -> float:
        used = self._spent + (self._running.used if self._running else 0.0)
        left = min(self._deadline - time.monotonic(), self.times.notebook - used)
        if left <= 0:
            self.late = True
            raise _Over(
                f"the notebook took longer than {self.times.notebook:.0f} s: the rest was not run"
            )
        return min(wanted, left)

    def _name(self, index: int) -> str:
        id = grade_id(self.notebook.cells[index])
        return f"cell {id}" if id else f"cell {index + 1}"


_LEFT_OUT = "was left out"


class _Over(Exception):
    """Nothing more of the notebook is run."""


def _is_graded(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("grade"))


def _is_unplaced(id: str, came: "Judged | Unusable | None") -> bool:
    found = came.finding if isinstance(came, Judged) else None
    return found is not None and has_no_place(TASKS[id], found)


def _friendly(output: NotebookNode) -> NotebookNode:
    """Make plain text of the error for a withheld demonstration: it is not the student's error."""
    if output.output_type != "error" or output.ename != "Withheld":
        return output
    return nbformat.v4.new_output("stream", name="stdout", text=f"({output.evalue})\n")


def _say(cell: NotebookNode, words: str) -> None:
    """Add a line to a cell's outputs."""
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


def _not_asked(why: str) -> Unusable:
    return Unusable(
        "not-asked",
        f"Your function could not be asked: {why}.",
        "Look for a cell that ends the kernel, or changes Python or Jupyter themselves.",
    )


def _not_judged() -> Unusable:
    return Unusable(
        "not-judged",
        "Your function's answers could not be judged.",
        "Return arrays of numbers; if it does, ask your instructor to look at this one.",
    )


def _not_explained() -> Unusable:
    return Unusable(
        "not-judged",
        "The questions could not be made from your function here.",
        "Ask your instructor to look at this one.",
    )


def _not_run(why: str) -> Unusable:
    return Unusable("not-run", f"This was not graded: {why}.", "See the messages further up.")


# --- the connection to a kernel ---------------------------------------------------------


class TimeIsUp(Exception):
    """The time is up; the kernel was interrupted, and is still alive.

    Attributes
    ----------
    seconds : float
    """

    def __init__(self, seconds: float):
        super().__init__(f"not finished after {seconds:g} s")
        self.seconds = seconds


class KernelGone(Exception):
    """The kernel died, or had to be killed; says why.

    Attributes
    ----------
    sudden : bool
        Whether it died by itself, and nobody knows of what.
    """

    def __init__(self, why: str, *, sudden: bool = False):
        super().__init__(why)
        self.sudden = sudden


class NotKept(Exception):
    """No process could be started to keep a function; the message says why."""


class StudentClient(NotebookClient):
    """Runs single cells of a notebook, and has functions kept, in one kernel.

    Parameters
    ----------
    nb : NotebookNode
    km : AsyncKernelManager
        The manager of a running kernel.

    Attributes
    ----------
    manager : AsyncKernelManager
        The same.
    room : int
        Bytes that the next cell's outputs may take.
    updated : int
        Bytes that the last cell put into existing outputs, of any cell.
    flooded : bool
        Whether the last cell wrote more than is kept of a single cell.
    left_out : bool
        Whether the last cell wrote more than there was room for.
    unheard : str
        Which outputs of the last cell did not arrive, in words; empty if all did.
    left : int
        How many processes the last cell left behind; they were ended.
    used : float
        Processor seconds that the kernel had used after the last cell.
    late : bool
        Whether anything took longer than is allowed.
    """

    def __init__(self, nb: NotebookNode, km: Any, clock: float = Times.clock):
        super().__init__(
            nb,
            km,
            timeout=None,
            allow_errors=True,
            on_cell_executed=self._note_exit,
        )
        self.manager = km
        self.left, self.used, self.late = 0, 0.0, False
        self._clock = clock
        self.raise_on_iopub_timeout = False
        self._bytes, self.updated, self.room = 0, 0, SHOWN
        self.flooded = self.left_out = False
        self.unheard = ""
        self._heard, self._hearing = True, HEARD_WITHIN
        self._told_to_exit = self._idle = False
        self._answered = True
        self._interrupting: asyncio.Future | None = None
        self._looking: asyncio.Task | None = None

    async def connect(self) -> None:
        """Connect to the kernel, and wait until it answers.

        Raises
        ------
        KernelGone
            If it does not answer.
        """
        try:
            await self.async_start_new_kernel_client()
            kc: Any = self.kc
            kc.session.unpack = _unpacked
        except Exception as error:
            raise KernelGone(f"the kernel does not start: {error}") from error

    async def run_cell(
        self, cell: NotebookNode, index: int, seconds: float, *, counted: bool = True
    ) -> None:
        """Run a cell; its outputs are then in it.

        With ``counted=False`` the next cell has the number that it has without this one.

        Raises
        ------
        TimeIsUp
        KernelGone
            Also if the kernel answers a later request, but not the one to run this cell.
        """
        heard = self._heard or await self._hear_again()
        self.iopub_timeout = LISTENING if heard else 1
        self._bytes, self.flooded, self._told_to_exit, self._idle = 0, False, False, False
        self.left_out, self.updated, self.unheard = False, 0, ""
        self._answered = True
        try:
            running = self.async_execute_cell(cell, index, store_history=counted)
            await self._in_time(running, seconds)
        finally:
            await self._no_longer_interrupted()
            self.tidy()
        if not await self.manager.is_alive():
            raise self.dead()
        if cell.cell_type == "code" and cell.source.strip():
            self._heard = self._idle
            if not self._heard:
                self.unheard = (
                    "showed more than could be taken in: the rest was dropped"
                    if heard
                    else "could not be heard: what it showed is missing"
                )
        if self._told_to_exit:
            raise KernelGone("it was told to exit")
        if not (self._answered or self.flooded):  # our interruption may have hit its end
            raise KernelGone("the kernel did not run it")

    async def _hear_again(self) -> bool:
        """Open the channel of outputs again, which was closed by a message that was too large."""
        start = time.monotonic()
        kc: Any = self.kc
        try:
            return self._hearing > 0 and await kc.heard_again(self._hearing)
        except UNREADABLE:
            return False
        finally:
            self._hearing -= time.monotonic() - start

    async def _no_longer_interrupted(self) -> None:
        """Wait until a cell's interruption has been sent, so that it does not hit the next cell."""
        if self._interrupting is not None:
            with contextlib.suppress(Exception):  # the kernel may just have died
                await self._interrupting
            self._interrupting = None

    async def run_aside(self, cell: NotebookNode, seconds: float, *, counted: bool = True) -> None:
        """Run a cell that is not of the notebook, as `run_cell` does."""
        kept, self.nb = self.nb, nbformat.v4.new_notebook(cells=[cell])
        try:
            await self.run_cell(cell, 0, seconds, counted=counted)
        finally:
            self.nb = kept

    async def keep(
        self, function: str, seconds: float = KEEPING, *, fork: bool = True
    ) -> "Kept | None":
        """Have a function kept as it is now; return None if there is no function of this name.

        With ``fork=False`` the kernel itself answers, and does nothing else until that ends.

        Raises
        ------
        NotKept
            If the function could not be kept.
        TimeIsUp, KernelGone
        """
        try:
            connection = self.manager.connect()
        except OSError as error:
            raise self.dead() from error
        kept = Kept(connection, self._clock)
        try:
            if await self._in_time(self._keep(kept, function, fork), seconds):
                self.tidy("spare")
                return kept
        except BaseException:
            kept.end()
            raise
        kept.end()
        return None

    async def _keep(self, kept: "Kept", function: str, fork: bool) -> bool:
        token = secrets.token_hex(TOKEN // 2)
        order = {"function": function, "token": token, "fork": fork}
        kept.begin(token)
        reply = await self._order(KEEP, KEPT, order)
        if reply.get("undefined") is True:
            return False
        if reply.get("full") is True:
            raise NotKept("the kernel can start no more processes")
        if reply.get("kept") is not True:
            raise KernelGone("the kernel did not keep it")
        await asyncio.to_thread(kept.greeted, KEEPING * self._clock)
        return True

    async def close_outputs(self) -> None:
        """Stop listening to what the kernel shows or asks for."""
        kc: Any = self.kc
        for channel in (kc.iopub_channel, kc.stdin_channel):
            channel.stop()

    async def close(self) -> None:
        """Close all channels; the manager takes care of the kernel itself."""
        if self.kc is not None:
            self.kc.stop_channels()
            self.kc = None

    # time and death

    async def died(self) -> bool:
        """Whether the kernel is dead; its processes end a moment before that is known."""
        until = time.monotonic() + DYING
        while alive := await self.manager.is_alive():
            if time.monotonic() > until:
                break
            await asyncio.sleep(_LOOK)
        return not alive

    async def _in_time(self, work: Any, seconds: float) -> Any:
        task = asyncio.ensure_future(work)
        try:
            if await self._ended_in_time(task, seconds):
                return task.result()
            self.late = True
            with contextlib.suppress(Exception):  # it may just have died
                await self.manager.interrupt_kernel()
            if not await _ended(task, STOPS_WITHIN):
                await self.manager.shutdown_kernel(now=True)
                raise KernelGone(f"not finished after {seconds:g} s, and it could not be stopped")
        except DeadKernelError:
            raise self.dead() from None
        except (KernelGone, NotKept, asyncio.CancelledError):
            raise
        except Exception as error:  # of a session that reads what was forged
            raise KernelGone(
                f"it sent messages that cannot be read ({type(error).__name__})"
            ) from error
        finally:
            for ended in (task, self._looking):
                if ended is not None:
                    ended.cancel()
                    with contextlib.suppress(asyncio.CancelledError, Exception):
                        await ended
        if not await self.manager.is_alive():
            raise self.dead()
        raise TimeIsUp(seconds)

    async def _async_poll_kernel_alive(self) -> None:
        self._looking = asyncio.current_task()  # nbclient lets it go on after most errors
        await super()._async_poll_kernel_alive()

    async def _ended_in_time(self, task: asyncio.Future, seconds: float) -> bool:
        """Whether a task ends before the kernel's time, or the time by the clock, is used up."""
        until, used = time.monotonic() + self._clock * seconds, 0.0
        while used < seconds and (clock := until - time.monotonic()) > 0:
            pause = max((seconds - used) / _PROCESSORS, _LOOK)
            if await _ended(task, min(pause, clock)):
                return True
            if (now := self.manager.look()) is not None:  # else it is gone, and the task ends soon
                used = now.seconds - self.used
        return False

    def tidy(self, do: str = "tidy") -> None:
        """End processes that a cell left behind, so that they take no time from the next cell."""
        self.left = 0
        if (now := self.manager.look(do)) is not None:
            self.left, self.used = now.ended, now.seconds

    def dead(self) -> KernelGone:
        """Return an error that says why the kernel died, as far as that is known."""
        why = self.manager.kernel.killed_for if self.manager.kernel else ""
        return KernelGone(f"the kernel died: {why}" if why else "the kernel died", sudden=not why)

    def _note_exit(self, execute_reply: Any, **_: Any) -> None:
        """Note an ``exit`` in a cell: it ends the kernel later, when the next cell runs."""
        content = execute_reply.get("content") if isinstance(execute_reply, dict) else None
        payload = content.get("payload") if isinstance(content, dict) else None
        self._told_to_exit = isinstance(payload, list) and any(
            isinstance(one, dict) and one.get("source") == "ask_exit" for one in payload
        )

    # replies and outputs

    async def _async_poll_for_reply(self, msg_id: str, *others: Any) -> dict[str, Any]:
        """Wait for a cell's reply, as nbclient does, but not for one that never comes.

        An interruption at a cell's very end can swallow the reply. So a second request is sent with
        the same id. The kernel reads it after the first, and its reply shows that the cell has
        ended.
        """
        asking = asyncio.ensure_future(self._ask_again(msg_id))
        try:
            reply = await super()._async_poll_for_reply(msg_id, *others)
        finally:
            asking.cancel()
        self._answered = reply.get("msg_type") == "execute_reply"
        return reply

    async def _ask_again(self, id: str) -> None:
        await asyncio.sleep(REPLYING)
        kc: Any = self.kc
        request = kc.session.msg("kernel_info_request")
        request["header"]["msg_id"] = id
        kc.shell_channel.send(request)

    async def _async_poll_output_msg(
        self, parent_msg_id: str, cell: NotebookNode, cell_index: int
    ) -> None:
        """Wait for a cell's outputs, as nbclient does, but skip messages that cannot be read."""
        kc: Any = self.kc
        while True:
            try:
                msg = await kc.iopub_channel.get_msg(timeout=None)
                ours = msg["parent_header"].get("msg_id") == parent_msg_id
            except UNREADABLE as error:
                self.log.debug("a message that cannot be read: %s", error)
                continue
            if ours:
                try:
                    self.process_message(msg, cell, cell_index)
                except CellExecutionComplete:
                    return

    def process_message(
        self, msg: dict[str, Any], cell: NotebookNode, cell_index: int
    ) -> NotebookNode | None:
        """Keep an output, unless there are too many; a malformed message does not stop the run."""
        try:
            if msg["msg_type"] != "status":
                size = _size(msg["content"]) * self._times_shown(msg)
                self._bytes += size
                if msg["msg_type"] == "update_display_data":
                    self.updated += size
                if self._bytes > OUTPUT_BYTES or len(cell.outputs) > OUTPUTS:
                    if not self.flooded:
                        self.flooded = True
                        self._interrupting = asyncio.ensure_future(self.manager.interrupt_kernel())
                    return None
                if self._bytes > self.room and msg["msg_type"] in _SHOWS:
                    self.left_out = True
                    return None
            return super().process_message(msg, cell, cell_index)
        except CellExecutionComplete:
            self._idle = True
            raise
        except Exception as error:  # of a forged message
            self.log.debug("a message that cannot be read: %s", error)
            return None

    def _times_shown(self, msg: dict[str, Any]) -> int:
        """In how many outputs a message's content will be: a display may be shown many times."""
        id: Any = (msg["content"].get("transient") or {}).get("display_id")
        shown = sum(len(places) for places in self._display_id_map.get(id, {}).values())
        return max(1, shown + (msg["msg_type"] != "update_display_data"))

    def handle_comm_msg(self, outs: Any, msg: Any, cell_index: int) -> None:
        """Ignore widgets: their state is not kept."""

    async def _order(self, kind: str, reply_kind: str, content: Any) -> Mapping[str, Any]:
        """Send one of our own orders; return the content of the reply."""
        kc: Any = self.kc
        message = kc.session.msg(kind, content)
        kc.shell_channel.send(message)
        waiting = asyncio.ensure_future(kc.shell_channel.get_msg(timeout=None))
        try:
            while True:
                done, _ = await asyncio.wait({waiting}, timeout=0.5)
                if not done:
                    await self._async_check_alive()
                    continue
                reply = _read(waiting)
                waiting = asyncio.ensure_future(kc.shell_channel.get_msg(timeout=None))
                if (
                    reply["parent_header"].get("msg_id") == message["header"]["msg_id"]
                    and reply["msg_type"] == reply_kind
                ):
                    return reply["content"]
        finally:
            waiting.cancel()


# --- a function that is kept --------------------------------------------------------------


class Kept:
    """A student's function in a process that waits for questions.

    Parameters
    ----------
    connection : socket
        Connected to the agent in the kernel.
    clock : float
        How many times as long anything may take by the clock.

    Attributes
    ----------
    seconds : float
        Seconds that the last question may take.
    """

    def __init__(self, connection: socket.socket, clock: float = Times.clock):
        self._connection, self._line = connection, Line(connection)
        self._clock = clock
        self._number, self._process = 0, -1
        self.seconds, self._late = 0.0, False

    def begin(self, token: str) -> None:
        """Tell the agent which order this connection belongs to."""
        self._connection.settimeout(KEEPING)
        self._connection.sendall(token.encode())

    def greeted(self, seconds: float) -> None:
        """Wait for the process's first message; the system tells which process sent it.

        Raises
        ------
        NotKept
            If no such message comes.
        """
        self._line.until = time.monotonic() + seconds
        try:
            self._connection.settimeout(seconds)
            space = socket.CMSG_SPACE(_CREDENTIALS.size)
            _, told, *_ = self._connection.recvmsg(1, space, socket.MSG_PEEK)
            for _, kind, data in told:
                if kind == socket.SCM_CREDENTIALS and len(data) >= _CREDENTIALS.size:
                    self._number = _CREDENTIALS.unpack(data[: _CREDENTIALS.size])[0]
            self._line.receive()
            if self._number > 1:
                self._process = os.pidfd_open(self._number)
        except (OSError, Closed, Malformed) as error:
            raise NotKept("the process that should hold the function says nothing") from error

    def ask(self, question: Question) -> Asked:
        """Have the function evaluated; give it the values that it asks for meanwhile.

        Raises
        ------
        TimeIsUp, KernelGone
        Malformed
            If what the process sends cannot be read, or if it asks too often.
        """
        self.seconds = question.seconds
        self._line.until = time.monotonic() + self._clock * question.seconds
        try:
            self._line.send(question.content, question.buffers)
            for _ in range(ASKS):
                content, buffers = self._line.receive()
                if isinstance(answer := content.get(ANSWER), dict):
                    return answer, buffers
                self._line.send(*question.evaluate(content.get(ASK), buffers))
        except TimeoutError:
            raise TimeIsUp(question.seconds) from None
        except Closed:
            if self._late:
                raise TimeIsUp(question.seconds) from None
            raise KernelGone("its process died") from None
        raise Malformed(f"more than {ASKS:,} calls of one function")

    def stop_late(self) -> None:
        """Make `ask`, which waits in another thread, raise `TimeIsUp`."""
        self._late = True
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        """End the process, and all others of its group."""
        if self._process >= 0:
            if not select.select([self._process], [], [], 0)[0]:  # it lives: the number is its own
                with contextlib.suppress(OSError):
                    os.killpg(self._number, signal.SIGKILL)
                with contextlib.suppress(OSError):
                    signal.pidfd_send_signal(self._process, signal.SIGKILL)
            os.close(self._process)
            self._process = -1
        self._connection.close()


_CREDENTIALS = struct.Struct("3i")  # process, user, group


_PROCESSORS = os.cpu_count() or 1
_LOOK = 0.05  # s


async def _ended(task: asyncio.Future, seconds: float) -> bool:
    done, _ = await asyncio.wait({task}, timeout=seconds)
    return bool(done)


def _read(future: asyncio.Future) -> Mapping[str, Any]:
    try:
        message = future.result()
        if isinstance(message["content"], dict) and isinstance(message["parent_header"], dict):
            return message
    except UNREADABLE as error:
        raise Malformed("a message that cannot be read") from error
    raise Malformed("a message that cannot be read")


def _size(content: Any) -> int:
    """About how many bytes of memory a message's content takes."""
    size = sys.getsizeof(content)
    if isinstance(content, Mapping):
        return size + sum(_size(key) + _size(value) for key, value in content.items())
    if isinstance(content, list | tuple):
        return size + sum(map(_size, content))
    return size


def _unpacked(data: bytes | memoryview) -> Any:
    """Read a part of a message, as Jupyter does; raise `ValueError` if it may become too large."""
    data = bytes(data)
    if becomes(data) > READ:
        raise ValueError("it may become too large")
    return json.loads(data.decode("utf-8", "replace"))
