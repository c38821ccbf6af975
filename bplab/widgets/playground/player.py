"""Playing: picture after picture on the event loop that runs, as fast as the page takes them."""

import asyncio
import weakref
from collections.abc import Callable
from time import perf_counter
from typing import ClassVar

__all__ = ["Player"]

RATE = 30  # pictures a second, at most
REST = 0.004  # seconds left to the loop after each picture, for whatever else has come
EVERY = 0.25  # seconds between two pictures whose arrival is asked for: an answer is not cheap
PATIENCE = 1.0  # seconds until one that did not arrive counts as lost
UNSEEN = 10.0  # seconds without an arrival after which nobody is taken to look


class Player:
    """Calls a function from a task of the running event loop; no threads.

    Parameters
    ----------
    frame : callable
        ``frame(ask)`` makes and sends a picture, and returns whether to go on. With ``ask`` the
        page is to say when the picture is there: see `arrived`.
    stopped : callable
        Called whenever playing ends.
    """

    _all: ClassVar["weakref.WeakSet[Player]"] = weakref.WeakSet()

    def __init__(self, frame: Callable[[bool], bool], stopped: Callable[[], None]):
        for other in list(self._all):  # a cell that ran again shows the others no more
            other.pause()
        self._all.add(self)
        self._frame, self._stopped = frame, stopped
        self._task: asyncio.Task | None = None
        self._arrival = asyncio.Event()

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
        self._arrival = asyncio.Event()
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
        """Take down that the page has shown the picture that was asked for."""
        self._arrival.set()

    async def _run(self) -> None:
        task, arrival = self._task, self._arrival
        seen = asked = perf_counter()
        waiting = False
        try:
            while self._task is task:
                start = perf_counter()
                ask = start - asked >= EVERY
                if ask and waiting:  # the page is behind: what is sent now would pile up
                    try:
                        await asyncio.wait_for(arrival.wait(), PATIENCE)
                        seen = perf_counter()
                    except TimeoutError:
                        if perf_counter() - seen > UNSEEN:
                            break
                if ask:
                    asked, waiting = perf_counter(), True
                    arrival.clear()
                if not self._frame(ask):
                    break
                await asyncio.sleep(max(REST, start + 1 / RATE - perf_counter()))
        finally:
            if self._task is task:  # not paused: it ended by itself
                self._task = None
                self._stopped()
