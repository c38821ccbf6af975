"""The parent of one kernel: process 1 of its namespaces.

It reaps orphans, passes on signals, and watches the memory of all. When it ends, the system
kills everything left in its namespaces; without namespaces it does that itself.
"""

import contextlib
import os
import select
import signal
import socket
from collections.abc import Iterator

from . import confine

_MIB = 1 << 20
_EVERY = 250  # ms between looks at the memory
KILL = 0  # as an order: end now. Any other byte is the number of a signal
OUT_OF_MEMORY = b"M"


def keep(kernel: int, orders: socket.socket, memory_mb: int, alone: bool) -> int:
    """Wait for `kernel`, do what `orders` says, and return the exit status.

    Parameters
    ----------
    kernel : int
        Process id, a child of the caller.
    orders : socket
        One byte an order; closed at the other end means KILL.
    memory_mb : int
        What all processes together may hold on top of what the kernel starts with, MiB.
    alone : bool
        Whether the end of this process is the end of all that the kernel started.
    """
    base = confine.memory_of("self")[1]
    poll = select.poll()
    poll.register(orders, select.POLLIN)
    poll.register(os.pidfd_open(kernel), select.POLLIN)
    status = None
    while status is None:
        ready = [handle for handle, _ in poll.poll(_EVERY)]
        status = _reap(kernel)
        if status is None and orders.fileno() in ready:
            for order in orders.recv(64) or bytes([KILL]):
                if order == KILL:
                    status = 128 + signal.SIGKILL
                    break
                os.kill(kernel, order)
        if status is None and not ready and _too_much(base, memory_mb * _MIB):
            with contextlib.suppress(OSError):
                orders.send(OUT_OF_MEMORY)
            status = 128 + signal.SIGKILL
    if not alone:
        _kill_all()
    return status


def _reap(kernel: int) -> int | None:
    """Collect what has ended; return the kernel's status once it has, 128 + n for signal n."""
    with contextlib.suppress(ChildProcessError):
        while True:
            process, status = os.waitpid(-1, os.WNOHANG)
            if process == kernel:
                code = os.waitstatus_to_exitcode(status)
                return code if code >= 0 else 128 - code
            if process == 0:
                return None
    return None


def descendants(process: str = "self") -> Iterator[str]:
    """Yield the process ids, as /proc has them, of all that `process` started."""
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{process}/task"):
            with open(f"/proc/{process}/task/{thread}/children") as file:
                for child in file.read().split():
                    yield child
                    yield from descendants(child)


def _too_much(base: int, allowed: int) -> bool:
    processes = list(descendants())
    if sum(confine.memory_of(process)[1] for process in processes) <= base + allowed:
        return False
    # pages shared since a fork were counted for each process: look closer
    return sum(confine.share_of_memory(process) for process in processes) > base + allowed


def _kill_all() -> None:
    """Kill all descendants: orphans come to this process, a subreaper, so none gets away."""
    for _ in range(1000):
        found = list(descendants())
        if not found:
            return
        for process in found:
            with contextlib.suppress(OSError):
                os.kill(int(process), signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        select.select([], [], [], 0.002)
