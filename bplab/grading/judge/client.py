"""A notebook client that trusts no kernel: outputs and time are limited, dead kernels noticed."""

import asyncio
import contextlib
import time
from collections.abc import Mapping, Sequence
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.client import CellExecutionComplete
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode

from bplab.grading.judge.agent import ANSWER, ASK, REQUEST
from bplab.grading.judge.oracle import Asked, Question
from bplab.grading.judge.wire import Malformed

__all__ = ["KernelGone", "StudentClient", "TimeIsUp"]

STOPS_WITHIN = 2.0
"""Seconds that an interrupted kernel has before it is killed."""

OUTPUT_BYTES, OUTPUTS = 4 * 2**20, 500
"""Of one cell; what is more is dropped, and the cell interrupted."""

ASKS = 50_000
"""Questions of a kernel during one request."""


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

    # --- time and death -------------------------------------------------------------------

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

    # --- outputs --------------------------------------------------------------------------

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

    # --- functions ------------------------------------------------------------------------

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
