"""Drawing after all waiting messages, not between them: of many moves only the last is drawn."""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["Later", "interruptible"]

TURNS = 6
"""Turns of the event loop within which Jupyter takes in a message that has arrived."""


class Later:
    """Work done in steps on the running event loop, without a timer.

    Before each step, messages that have arrived are taken in. Jupyter tells the page that a move is
    done as soon as its message is handled. The page then sends the next move while this one is
    drawn, so the move that waits when the drawing ends is the newest.

    JupyterLab may handle a control's messages in a thread that has its own event loop. The first
    thread that asks does the work for all.

    Parameters
    ----------
    work : callable
        Returns an iterator that does one step at a time, and yields the seconds to rest before the
        next one, or 0.
    """

    def __init__(self, work: Callable[[], Iterator[float]]):
        self._work = work
        self._lock = threading.Lock()
        self._task: asyncio.Task | None = None
        self._asked = self._cancelled = False

    def start(self) -> bool:
        """Do the work soon, once for all calls until then; return False where no loop runs."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return False
        with self._lock:
            self._asked = True
            if self._task is None:
                self._task = loop.create_task(self._run())
        return True

    def cancel(self) -> None:
        """Stop after the present step, and start nothing more."""
        self._cancelled = True

    async def _run(self) -> None:
        try:
            while self._goes_on():
                await _turns()
                for rest in self._work() if not self._cancelled else ():
                    if rest:
                        await asyncio.sleep(rest)
                    await _turns()
                    if self._cancelled:
                        break
        except BaseException:
            self._task = None
            raise

    def _goes_on(self) -> bool:
        with self._lock:  # whoever asks after this starts a new task
            on = self._asked and not self._cancelled
            self._asked = False
            if not on:
                self._task = None
            return on


async def _turns() -> None:
    for _ in range(TURNS):
        await asyncio.sleep(0)


@contextmanager
def interruptible() -> Iterator[None]:
    """Let the kernel's interrupt raise KeyboardInterrupt, as it does by itself only in messages."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
