"""One submission run from top to bottom: a bad cell costs that cell, and no other.

Where a cell kills its kernel, a new one takes over: it runs again what came before, without the
cells that did harm, and goes on. No kernel is trusted: outputs and time are limited, dead kernels
noticed.
"""

import asyncio
import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import nbformat
from nbclient import NotebookClient
from nbclient.client import CellExecutionComplete
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode

from bplab.grading.judge.agent import ANSWER, ASK, REQUEST
from bplab.grading.judge.oracle import Asked, Judged, Oracle, Question, Unusable
from bplab.grading.judge.wire import Malformed

__all__ = ["Session", "StartsKernels", "TaskRun", "Times"]

STOPS_WITHIN = 2.0
"""Seconds that an interrupted kernel has before it is killed."""

OUTPUT_BYTES, OUTPUTS = 4 * 2**20, 500
"""Of one cell; what is more is dropped, and the cell interrupted."""

ASKS = 50_000
"""Questions of a kernel during one request."""


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
    def _client(self) -> "StudentClient":
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


# --- the connection to a kernel ---------------------------------------------------------


class TimeIsUp(Exception):
    """The time is over; the kernel was interrupted, and lives.

    Attributes
    ----------
    seconds : float
    """

    def __init__(self, seconds: float):
        super().__init__(f"not finished after {seconds:g} s")
        self.seconds = seconds


class KernelGone(Exception):
    """The kernel died, or had to be killed; says why."""


class StudentClient(NotebookClient):
    """Runs single cells of a notebook, and evaluates functions, in one kernel.

    Parameters
    ----------
    nb : NotebookNode
    km : AsyncKernelManager
        Of a kernel that runs.

    Attributes
    ----------
    manager : AsyncKernelManager
        The same.
    flooded : bool
        Whether the last cell wrote more than is kept.
    """

    def __init__(self, nb: NotebookNode, km: Any):
        super().__init__(
            nb,
            km,
            timeout=None,
            allow_errors=True,
            iopub_timeout=2,
            on_cell_executed=self._note_exit,
        )
        self.manager = km
        self.raise_on_iopub_timeout = False
        self._bytes = 0
        self.flooded = False
        self._told_to_exit = self._idle = False
        self._interrupting: asyncio.Future | None = None

    async def connect(self) -> None:
        """Connect to the kernel, and wait until it answers.

        Raises
        ------
        KernelGone
            If it does not.
        """
        try:
            await self.async_start_new_kernel_client()
        except Exception as error:
            raise KernelGone(f"the kernel does not start: {error}") from error

    async def run_cell(self, cell: NotebookNode, index: int, seconds: float) -> None:
        """Run a cell; its outputs are then in it.

        Raises
        ------
        TimeIsUp, KernelGone
        """
        self._bytes, self.flooded, self._told_to_exit, self._idle = 0, False, False, False
        await self._in_time(self.async_execute_cell(cell, index), seconds)
        ran = cell.cell_type == "code" and cell.source.strip()
        self.flooded |= bool(ran) and not self._idle  # a message that is too large was dropped
        if self._told_to_exit:
            raise KernelGone("it was told to exit")

    async def run_aside(self, cell: NotebookNode, seconds: float) -> None:
        """Run a cell that is not of the notebook, as `run_cell` does."""
        kept, self.nb = self.nb, nbformat.v4.new_notebook(cells=[cell])
        try:
            await self.run_cell(cell, 0, seconds)
        finally:
            self.nb = kept

    async def ask(self, question: Question) -> Asked:
        """Have the kernel evaluate a function; answer what it asks meanwhile.

        Raises
        ------
        TimeIsUp, KernelGone
        Malformed
            If what it sends cannot be read.
        """
        return await self._in_time(self._ask(question), question.seconds)

    async def close(self) -> None:
        """Stop listening; the kernel is its manager's business."""
        if self.kc is not None:
            self.kc.stop_channels()
            self.kc = None

    # time and death

    async def _in_time(self, work: Any, seconds: float) -> Any:
        task = asyncio.ensure_future(work)
        try:
            if await _ended(task, seconds):
                return task.result()
            with contextlib.suppress(Exception):  # it may just have died
                await self.manager.interrupt_kernel()
            if not await _ended(task, STOPS_WITHIN):
                await self.manager.shutdown_kernel(now=True)
                raise KernelGone(f"not finished after {seconds:g} s, and it could not be stopped")
        except DeadKernelError:
            raise KernelGone("the kernel died") from None
        except (Malformed, KernelGone, asyncio.CancelledError):
            raise
        except Exception as error:  # of a session that reads what was forged
            raise KernelGone(f"it sent what cannot be read ({type(error).__name__})") from error
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task
        if not await self.manager.is_alive():
            raise KernelGone("the kernel died")
        raise TimeIsUp(seconds)

    def _note_exit(self, execute_reply: Any, **_: Any) -> None:
        """``exit`` in a cell ends the kernel a little later, when the next cell runs."""
        content = execute_reply.get("content") if isinstance(execute_reply, dict) else None
        payload = content.get("payload") if isinstance(content, dict) else None
        self._told_to_exit = isinstance(payload, list) and any(
            isinstance(one, dict) and one.get("source") == "ask_exit" for one in payload
        )

    # outputs

    def process_message(
        self, msg: dict[str, Any], cell: NotebookNode, cell_index: int
    ) -> NotebookNode | None:
        """Keep an output, unless there are too many; nothing that is malformed stops the run."""
        if msg["msg_type"] != "status":
            self._bytes += _size(msg["content"])
            if self._bytes > OUTPUT_BYTES or len(cell.outputs) > OUTPUTS:
                if not self.flooded:
                    self.flooded = True
                    self._interrupting = asyncio.ensure_future(self.manager.interrupt_kernel())
                return None
        try:
            return super().process_message(msg, cell, cell_index)
        except CellExecutionComplete:
            self._idle = True
            raise
        except Exception as error:  # of a forged message
            self.log.debug("a message that cannot be read: %s", error)
            return None

    def handle_comm_msg(self, outs: Any, msg: Any, cell_index: int) -> None:
        """Leave widgets alone: their state is not kept."""

    # functions

    async def _ask(self, question: Question) -> Asked:
        kc: Any = self.kc
        message = kc.session.msg(REQUEST, question.content)
        message["buffers"] = question.buffers
        kc.shell_channel.send(message)
        channels = {"shell": kc.shell_channel, "stdin": kc.stdin_channel}
        waiting = {asyncio.ensure_future(c.get_msg(timeout=None)): n for n, c in channels.items()}
        asks, next_look = 0, time.monotonic() + 0.5
        try:
            while True:
                done, _ = await asyncio.wait(
                    waiting, timeout=0.5, return_when=asyncio.FIRST_COMPLETED
                )
                for future in done:
                    name = waiting.pop(future)
                    waiting[asyncio.ensure_future(channels[name].get_msg(timeout=None))] = name
                    reply = _read(future)
                    if reply["parent_header"].get("msg_id") != message["header"]["msg_id"]:
                        continue
                    if name == "shell" and reply["msg_type"] == ANSWER:
                        return reply["content"], reply["buffers"]
                    if name == "stdin" and reply["msg_type"] == ASK:
                        asks += 1
                        if asks > ASKS:
                            raise Malformed(f"more than {ASKS:,} calls of one function")
                        content, buffers = question.evaluate(reply["content"], reply["buffers"])
                        told = kc.session.msg(ASK, content, reply["header"])
                        told["buffers"] = buffers
                        kc.stdin_channel.send(told)
                if time.monotonic() > next_look:
                    next_look = time.monotonic() + 0.5
                    await self._async_check_alive()
        finally:
            for future in waiting:
                future.cancel()


async def _ended(task: asyncio.Future, seconds: float) -> bool:
    done, _ = await asyncio.wait({task}, timeout=seconds)
    return bool(done)


def _read(future: asyncio.Future) -> Mapping[str, Any]:
    try:
        message = future.result()
        if isinstance(message["content"], dict) and isinstance(message["parent_header"], dict):
            return message
    except (ValueError, KeyError, TypeError) as error:  # what a session raises for forged bytes
        raise Malformed("a message that cannot be read") from error
    raise Malformed("a message that cannot be read")


def _size(content: Any) -> int:
    """About how many bytes a message's content has."""
    if isinstance(content, str):
        return len(content)
    if isinstance(content, Mapping):
        return sum(_size(value) for value in content.values())
    if isinstance(content, Sequence):
        return sum(_size(value) for value in content)
    return 8
