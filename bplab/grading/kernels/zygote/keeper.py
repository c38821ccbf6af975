"""The parent of one kernel: process 1 of its namespaces.

It reaps orphans, ends the kernel when told to, and watches the memory and the number of all
processes. When it ends, the system kills everything left in its namespaces; without namespaces the
keeper does that itself.
"""

import contextlib
import os
import select
import signal
import socket
import struct
import time
from collections.abc import Collection, Iterator

from . import confine

_MIB = 1 << 20
EVERY = 250  # ms between looks at the memory
OUT_OF_MEMORY = b"M"
TOO_MANY = b"P"
ENDED_BY_SYSTEM = b"O"  # which had no memory left
KERNEL = "=i"  # how its process id is sent
_KILLING = 5.0  # s


def keep(kernel: int, orders: socket.socket, limits: dict, alone: bool) -> int:
    """Wait for `kernel`, end it when `orders` says so, and return the exit status.

    Parameters
    ----------
    kernel : int
        Process id, a child of the caller.
    orders : socket
        Any message, or the end of the connection, is the order to end now. In the other direction
        go the kernel's process id and, if the kernel is ended for that, which limit it exceeded.
    limits : dict
        The fields of `Limits`. Two of them are watched here: the memory of all processes together,
        on top of what the kernel starts with, and the number of processes and threads, which no
        limit of the system bounds for root.
    alone : bool
        Whether the end of this process ends everything that the kernel started.
    """
    with contextlib.suppress(OSError):
        orders.send(struct.pack(KERNEL, kernel))
    base = confine.memory_of("self")[1]
    ended_by_system = _out_of_memory()
    poll = select.poll()
    poll.register(orders, select.POLLIN)
    poll.register(os.pidfd_open(kernel), select.POLLIN)
    status = None
    while status is None:
        ready = [handle for handle, _ in poll.poll(EVERY)]
        status = _reap(kernel)
        if status is None and orders.fileno() in ready:
            status = 128 + signal.SIGKILL
        if status is None and not ready and (why := too_much(base, limits)):
            with contextlib.suppress(OSError):
                orders.send(why)
            status = 128 + signal.SIGKILL
    if status == 128 + signal.SIGKILL and _out_of_memory() > ended_by_system:
        with contextlib.suppress(OSError):
            orders.send(ENDED_BY_SYSTEM)
    if not alone:
        kill_below()
    return status


def _out_of_memory() -> int:
    """Return how often the system has killed a process because it had no memory left."""
    with contextlib.suppress(OSError, ValueError), open("/proc/vmstat", "rb") as file:
        for line in file:
            if line.startswith(b"oom_kill "):
                return int(line.split()[1])
    return 0


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


def children() -> set[int]:
    """Return the process ids of this process's children."""
    return set(map(int, _children("self")))


def _children(process: str) -> Iterator[str]:
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{process}/task"):
            with open(f"/proc/{process}/task/{thread}/children") as file:
                yield from file.read().split()


def _tasks(process: str) -> list[str]:
    """Return the threads of a process, as parts of names in /proc; none if it is gone."""
    with contextlib.suppress(OSError):
        return [f"{process}/task/{thread}" for thread in os.listdir(f"/proc/{process}/task")]
    return []


def _threads(process: str) -> int:
    return len(_tasks(process))


def too_much(base: int, limits: dict, kept: Collection[int] = ()) -> bytes:
    """Return which limit all processes together exceed, if any; `kept` as in `kill_below`."""
    processes = list(_below(kept))
    allowed = base + limits["memory_mb"] * _MIB
    if sum(map(_threads, processes)) > limits["processes"]:
        return TOO_MANY
    if sum(confine.memory_of(process)[1] for process in processes) <= allowed:
        return b""
    # pages shared since a fork were counted once for each process: look closer. That takes long if
    # processes fork without end, so count these meanwhile
    shares = 0
    for process in processes:
        shares += confine.share_of_memory(process)
        if sum(map(_threads, _below(kept))) > limits["processes"]:
            return TOO_MANY
    return OUT_OF_MEMORY if shares > allowed else b""


def kill_below(kept: Collection[int] = ()) -> None:
    """Kill all descendants except the children `kept` and their descendants.

    Orphans become children of this process, which is a subreaper, so none escapes.
    """
    until = time.monotonic() + _KILLING
    while (found := list(_below(kept))) and time.monotonic() < until:
        for process in found:
            with contextlib.suppress(OSError):
                os.kill(int(process), signal.SIGKILL)
        for process in found:
            with contextlib.suppress(ChildProcessError):  # a grandchild, until its parent is gone
                os.waitpid(int(process), os.WNOHANG)
        time.sleep(0.002)


class Family:
    """A kernel and everything that it has started, as the warm process sees them.

    Parameters
    ----------
    keeper : int
        The parent of the kernel, which adopts what the kernel leaves behind; or the kernel itself,
        if it has no keeper any more.
    adopted : bool
        Whether ``keeper`` is the kernel itself.
    """

    def __init__(self, keeper: int, adopted: bool) -> None:
        self.keeper, self._adopted = keeper, adopted
        self._spared: set[str] = set()

    def spare(self) -> None:
        """Let all processes that there are now go on as long as the kernel lives."""
        self._spared |= set(self._started())

    def stop(self) -> None:
        """Suspend the kernel's own process; return when none of its threads runs."""
        self.signal(signal.SIGSTOP)
        until = time.monotonic() + _KILLING
        while any(map(_moves, _tasks(self._kernel()))) and time.monotonic() < until:
            time.sleep(0.001)

    def signal(self, number: int) -> None:
        """Signal the kernel's own process; not through its keeper, which may do it much later."""
        with contextlib.suppress(OSError, ValueError):  # it has just ended
            os.kill(int(self._kernel()), number)

    def seconds(self) -> float:
        """Return the processor seconds of all of them, including those that have ended."""
        return (
            sum(_ticks(one) for one in (str(self.keeper), *_below(root=str(self.keeper)))) / _TICKS
        )

    def end_what_is_left(self) -> int:
        """Kill all processes that the kernel has started and that are not spared; return how many.

        Returns -1 if processes are started faster than they can be killed.
        """
        ended: set[str] = set()
        until = time.monotonic() + _KILLING
        while left := [one for one in self._started() if one not in self._spared and _runs(one)]:
            if time.monotonic() > until:
                return -1
            for one in left:
                with contextlib.suppress(OSError):
                    os.kill(int(one), signal.SIGKILL)
            ended.update(left)
            time.sleep(0.001)
        return len(ended)

    def _started(self) -> Iterator[str]:
        kernel = self._kernel()
        return (one for one in _below(root=str(self.keeper)) if one != kernel)

    def _kernel(self) -> str:
        if self._adopted:
            return str(self.keeper)
        return next(_children(str(self.keeper)), "")  # the oldest


_TICKS = os.sysconf("SC_CLK_TCK")
_ENDED: tuple[list[bytes], ...] = ([], [b"Z"], [b"X"])


def _stat(process: str) -> list[bytes]:
    """The fields of a process in /proc, from its state on; empty if it is gone."""
    with contextlib.suppress(OSError, IndexError), open(f"/proc/{process}/stat", "rb") as file:
        return file.read().rsplit(b") ", 1)[1].split()
    return []


def _ticks(process: str) -> int:
    return sum(map(int, _stat(process)[11:15]))  # its own and its children's, in user and system


def _runs(process: str) -> bool:
    return _stat(process)[:1] not in _ENDED


def _moves(thread: str) -> bool:
    return _stat(thread)[:1] not in (*_ENDED, [b"T"])


def _below(kept: Collection[int] = (), root: str = "self") -> Iterator[str]:
    """Yield the process ids, as texts, of all descendants of ``root`` except those ``kept``."""
    waiting = [child for child in _children(root) if int(child) not in kept]
    while waiting:  # not by recursion: a chain of forks may be too long for that
        process = waiting.pop()
        yield process
        waiting += _children(process)
