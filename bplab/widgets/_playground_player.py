"""Playing: picture after picture on the event loop that runs, as fast as the page takes them."""

import asyncio
import weakref
from collections.abc import Callable
from time import perf_counter
from typing import ClassVar

__all__ = ["Player"]

RATE = 30  # pictures a second, at most
REST = 0.004  # seconds left to the loop after each picture, for whatever else has come
AHEAD = 2  # pictures under way to the page
PATIENCE = 1.0  # seconds until a picture that did not arrive counts as lost
UNSEEN = 10.0  # seconds without any arrival after which nobody is taken to look


class Player:
    """Calls a function from a task of the running event loop; no threads.

    Parameters
    ----------
    frame : callable
        Makes and sends a picture; returns whether to go on.
    stopped : callable
        Called whenever playing ends.
    """

    _all: ClassVar["weakref.WeakSet[Player]"] = weakref.WeakSet()

    def __init__(self, frame: Callable[[], bool], stopped: Callable[[], None]):
        for other in list(self._all):  # a cell that ran again shows the others no more
            other.pause()
        self._all.add(self)
        self._frame, self._stopped = frame, stopped
        self._task: asyncio.Task | None = None
        self._under_way = 0
        self._arrival: asyncio.Event | None = None

    @property
    def playing(self) -> bool:
        """Whether the task is there."""
        return self._task is not None

    def play(self) -> bool:
        """Begin; return False where no event loop runs."""
        if self.playing:
            return True
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return False
        self._under_way, self._arrival = 0, asyncio.Event()
        self._task = loop.create_task(self._run())
        return True

    def pause(self) -> None:
        """Cancel the task, if there is one."""
        if self._task is None:
            return
        task, self._task = self._task, None
        task.cancel()
        self._stopped()

    def arrived(self) -> None:
        """Take down that the page has shown a picture."""
        self._under_way = max(0, self._under_way - 1)
        if self._arrival is not None:
            self._arrival.set()

    async def _run(self) -> None:
        task = self._task
        seen = perf_counter()
        try:
            while self._task is task:
                start = perf_counter()
                if not self._frame():
                    break
                self._under_way += 1
                await asyncio.sleep(max(REST, start + 1 / RATE - perf_counter()))
                while self._under_way > AHEAD:
                    self._arrival.clear()
                    try:
                        await asyncio.wait_for(self._arrival.wait(), PATIENCE)
                        seen = perf_counter()
                    except TimeoutError:
                        self._under_way = 0
                if perf_counter() - seen > UNSEEN and self._under_way == 0:
                    break
        finally:
            if self._task is task:  # not paused: it ended by itself
                self._task = None
                self._stopped()
