"""End processes with all that they have started, from outside."""

import contextlib
import time

import psutil

__all__ = ["end_marked", "end_tree"]

_ENDING = 10.0  # s; a process that is still there then cannot be ended
_PAUSE = 0.01  # s


def end_tree(root: psutil.Process) -> None:
    """Kill everything that a process has started until nothing is left, then the process itself.

    It is killed last: while it is there, it inherits the processes that its children leave behind
    (the process that kernels are forked from is a subreaper), so that they are found.
    """
    until = time.monotonic() + _ENDING
    while (left := _below(root)) and time.monotonic() < until:
        _kill(left)
    _kill([root])


def end_marked(mark: str) -> None:
    """Kill all processes with `mark` in their environment, where this user may read that.

    So processes that have escaped from all their keepers are found, too.
    """
    until = time.monotonic() + _ENDING
    while time.monotonic() < until:
        left = [one for one in psutil.process_iter() if mark in _environment(one).values()]
        if not left:
            return
        _kill(left)


def _below(root: psutil.Process) -> list[psutil.Process]:
    try:
        return [one for one in root.children(recursive=True) if not _is_over(one)]
    except psutil.NoSuchProcess:
        return []


def _is_over(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _environment(process: psutil.Process) -> dict[str, str]:
    try:
        return process.environ()
    except (psutil.Error, OSError):
        return {}


def _kill(processes: list[psutil.Process]) -> None:
    for one in processes:
        with contextlib.suppress(psutil.Error):
            one.kill()
    time.sleep(_PAUSE)
