"""Playing: picture after picture from the running event loop, as fast as the page takes them."""

import asyncio
import weakref
from collections.abc import Callable
from time import perf_counter
from typing import ClassVar

__all__ = ["Player"]

RATE = 30  # pictures a second, at most
REST = 0.004  # seconds left to the loop after each picture, for whatever else has come
EVERY = 0.25  # seconds between requests to confirm a picture: an answer is not cheap
PATIENCE = 1.0  # seconds after which a picture that is not confirmed counts as lost
UNSEEN = 10.0  # seconds without an answer after which nobody seems to be looking


class Player:
    """Calls a function from a task of the running event loop; no threads.

    Parameters
    ----------
    frame : callable
        ``frame(ask)`` makes and sends a picture, and returns whether to go on. If ``ask`` is true,
        the page must confirm the picture: `arrived` is then to be called.
    stopped : callable
        Called whenever playing ends.
    """

    _all: ClassVar["weakref.WeakSet[Player]"] = weakref.WeakSet()

    def __init__(self, frame: Callable[[bool], bool], stopped: Callable[[], None]):
        for other in list(self._all):  # a cell that ran again no longer shows its old player
            other.pause()
        self._all.add(self)
        self._frame, self._stopped = frame, stopped
        self._task: asyncio.Task | None = None
        self._arrival = asyncio.Event()

    @property
    def playing(self) -> bool:
        """Whether it is playing."""
        return self._task is not None

    def play(self) -> bool:
        """Begin to play; return False where no event loop runs."""
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
        """Stop playing, if it plays."""
        if self._task is None:
            return
        task, self._task = self._task, None
        task.cancel()
        self._stopped()

    def arrived(self) -> None:
        """Record that the page has confirmed a picture."""
        self._arrival.set()

    async def _run(self) -> None:
        task, arrival = self._task, self._arrival
        seen = asked = perf_counter()
        waiting = False
        try:
            while self._task is task:
                start = perf_counter()
                ask = start - asked >= EVERY
                if ask and waiting:  # the page may be behind: further pictures would pile up
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
