"""Watch the memory of the process that listens to kernels."""

import threading
from collections.abc import Callable

from bplab.grading.kernels.zygote.confine import memory_of

__all__ = ["MemoryGuard"]

_EVERY = 0.25  # s


class MemoryGuard:
    """Calls for help while this process grows by what its kernels send.

    A message may have any number of parts, and zmq holds them all until the last one has
    come: no limit on messages bounds that.

    Parameters
    ----------
    grown : callable
        Called, from a thread, while the process is larger than it was by the limit.
    most_mb : int
        How much it may grow while a kernel runs, MiB.
    """

    def __init__(self, grown: Callable[[], None], most_mb: int = 1024) -> None:
        self.most_mb = most_mb
        self._grown = grown
        self._base = 0
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Take the memory held now as the base, and watch from now on."""
        self._base = memory_of("self")[1]
        if self._thread is None:
            self._thread = threading.Thread(target=self._watch, name="MemoryGuard", daemon=True)
            self._thread.start()

    def end(self) -> None:
        """Watch no longer."""
        self._ended.set()

    def _watch(self) -> None:
        while not self._ended.wait(_EVERY):
            if memory_of("self")[1] > self._base + (self.most_mb << 20):
                self._grown()
                # what is not given back is in use: do not call again for the same
                self._base = max(self._base, memory_of("self")[1])
