"""Our side of the warm process: start it, send it orders, learn what became of its kernels."""

import collections
import contextlib
import json
import os
import secrets
import select
import socket
import subprocess
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil

from bplab.grading.kernels import bwrap, calls
from bplab.grading.kernels.bwrap import clean_environment, plain_view, sandbox_view
from bplab.grading.kernels.ending import end_marked, end_tree
from bplab.grading.kernels.fonts import font_lists
from bplab.grading.kernels.limits import BWRAP, LANDLOCK, NONE, Isolation, Limits
from bplab.grading.kernels.opened import opened
from bplab.grading.kernels.walls import own_users
from bplab.grading.kernels.zygote import landlock

__all__ = ["KernelStartError", "LastLines", "WarmProcess"]

_STARTING = 120.0  # s; at the first start a font list is made
_ANSWERING = 30.0  # s
_ENDING = 5.0  # s
_MARK = "BPLAB_KERNELS_OF"  # in the environment of kernels: which host they belong to
_HINT = "\n(isolation=none shows whether the sandbox is the reason)"
# -I would leave out PYTHONHASHSEED, which is wanted; the environment is clean anyway
_PYTHON_OPTIONS = ("-s", "-S", "-P", "-u", "-c")
_BOOT = """
import json, sys
sys.path.insert(0, sys.argv[1])
from zygote import serve
sys.path.pop(0)
serve.main(json.loads(sys.argv[2]))
"""


class KernelStartError(RuntimeError):
    """A kernel, or the process that kernels are forked from, did not start."""


def _filter(wall: Isolation, as_others: tuple[int, int] | None) -> bytes:
    if wall is NONE:
        return b""
    # a kernel cannot reach other processes, or Landlock keeps its signals from them
    signals = as_others is not None or landlock.version() >= landlock.SIGNALS_FROM
    return calls.compiled(landlocked=wall is LANDLOCK, signals=wall is BWRAP or signals)


def _who_else() -> tuple[int, int] | None:
    """Return the user and group that root's kernels run as; None if this is not root.

    Processes are counted by user. So the user is drawn at random where there are many, and is
    hardly ever another host's.
    """
    if os.geteuid() != 0:
        return None
    if (users := own_users()) is None:
        return bwrap.NOBODY
    first, count = users
    return (first + secrets.randbelow(count),) * 2


class LastLines:
    """The last lines written to a pipe, read only when somebody looks.

    Parameters
    ----------
    keep : int
        How many lines.
    """

    def __init__(self, keep: int = 20) -> None:
        self._reads, self.writes = os.pipe()
        for handle in (self._reads, self.writes):
            # a kernel that floods the pipe loses what it writes, and nobody waits
            os.set_blocking(handle, False)
        self._lines: collections.deque[str] = collections.deque(maxlen=keep)

    def read(self) -> list[str]:
        """Return the last lines so far, each cut at 500 characters."""
        data = b""
        with contextlib.suppress(OSError):
            while len(data) < 1 << 17 and (part := os.read(self._reads, 1 << 16)):
                data += part
        for line in data.decode("utf-8", "replace").splitlines():
            self._lines.append(line[:500])
        return list(self._lines)

    def close_writing(self) -> None:
        """Close our end for writing, so that only the other side can write."""
        if self.writes >= 0:
            os.close(self.writes)
            self.writes = -1

    def close(self) -> None:
        """Read what is there, and close the pipe."""
        self.close_writing()
        if self._reads >= 0:
            self.read()
            os.close(self._reads)
            self._reads = -1


class WarmProcess:
    """One warm process: in bubblewrap, or plain, with its kernels behind Landlock or unprotected.

    Parameters
    ----------
    edition : Path
        The folder that the process imports ``bplab`` from.
    code : Path
        The folder of the package `zygote`.
    limits : Limits
    preload : sequence of str
        Modules imported before the first kernel.
    wall : Isolation
        ``BWRAP``, ``LANDLOCK`` or ``NONE``.
    nest : bool
        Whether to try namespaces for each kernel.
    home : Path
        A folder of its own, for a process that is not sandboxed.

    Raises
    ------
    KernelStartError
        If it does not start; the message has the last lines that it wrote.
    """

    def __init__(
        self,
        edition: Path,
        code: Path,
        limits: Limits,
        preload: tuple[str, ...],
        wall: Isolation,
        nest: bool = True,
        home: Path | None = None,
    ) -> None:
        self.sandboxed = sandboxed = wall is BWRAP
        self.events: dict[int, dict[str, Any]] = {}
        self.looks: dict[int, dict[str, Any]] = {}
        self.errors = LastLines()
        self._mark = secrets.token_hex(16)
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        view = sandbox_view() if sandboxed else plain_view()
        as_others = None if sandboxed else own_users()
        fonts = font_lists(view)
        around: list[str] = []
        handles: list[int] = []
        if sandboxed:
            around, handles = bwrap.sandbox(view, edition, code, limits, fonts)
        elif home is not None:
            (home / "matplotlib").mkdir()
            for name, text in fonts.items():
                (home / "matplotlib" / name).write_text(text, encoding="utf-8")
        options = {
            "fd": theirs.fileno(),
            "path": [bwrap.EDITION if sandboxed else str(edition), *view.packages],
            "preload": list(preload),
            "limits": asdict(limits),
            "sandboxed": sandboxed,
            "nest": nest,
            "drop_to": _who_else() if sandboxed else None,
            "users": as_others,
            "filter": _filter(wall, as_others).hex(),
            "opened": opened(view, edition) if wall is LANDLOCK else None,
        }
        place = bwrap.CODE if sandboxed else str(code.parent)
        python = [view.program, *_PYTHON_OPTIONS, _BOOT, place, json.dumps(options)]
        try:
            self.process = subprocess.Popen(
                [*around, *python],
                stdin=subprocess.DEVNULL,
                stdout=self.errors.writes,
                stderr=self.errors.writes,
                env={**clean_environment(None if sandboxed else home), _MARK: self._mark},
                pass_fds=(theirs.fileno(), *handles),
                start_new_session=True,
            )
        except OSError as error:
            self._socket.close()
            self.errors.close()
            raise KernelStartError(f"{[*around, *python][0]} does not start: {error}") from error
        finally:
            theirs.close()
            self.errors.close_writing()
            for handle in handles:
                os.close(handle)
        ready = self._receive(_STARTING)
        if ready is None:
            self.close()
            said = "\n".join(self.errors.read()) or "it said nothing"
            raise KernelStartError(
                "The process that kernels are started from did not come up; "
                f"its last words:\n{said}{_HINT if sandboxed else ''}"
            )
        self.nested: bool = ready["nested"]

    @property
    def alive(self) -> bool:
        """Whether it can still be asked for kernels."""
        return self.process.poll() is None

    def start(self, number: int, key: str, home: str, handles: list[int]) -> None:
        """Fork kernel `number`; `handles` are its five sockets, its errors, its files."""
        request = {"do": "start", "id": number, "key": key, "home": home}
        try:
            socket.send_fds(self._socket, [json.dumps(request).encode()], handles)
        except OSError as error:
            raise KernelStartError("the process that kernels are started from is gone") from error
        event = self.wait_for(number, _ANSWERING)
        if event is None or event["event"] == "failed":
            why = event["why"] if event else "no answer"
            raise KernelStartError(f"a kernel did not start: {why}")
        del self.events[number]

    def ask(self, number: int, do: str, **more: Any) -> None:
        """Send an order; one for a kernel that has ended is ignored."""
        with contextlib.suppress(OSError):
            self._socket.send(json.dumps({"do": do, "id": number, **more}).encode())

    def hear(self, seconds: float = 0.0) -> bool:
        """Receive all reports that there are; return False if none came within ``seconds``."""
        message = self._receive(seconds)
        if message is None:
            return False
        self._note(message)
        while (message := self._receive(0)) is not None:
            self._note(message)
        return True

    def _note(self, message: dict[str, Any]) -> None:
        kind = self.looks if message["event"] == "looked" else self.events
        kind[message["id"]] = message

    def look(self, number: int, do: str) -> dict[str, Any] | None:
        """Ask what kernel `number` has used; None if it has ended, or does not say.

        ``do`` may be ``"tidy"``, to end processes that it has started, ``"spare"``, to exempt those
        that run now from that, or ``"stop"``, to suspend the kernel's own process.
        """
        self.looks.pop(number, None)
        self.ask(number, do)
        until = time.monotonic() + _ANSWERING
        while number not in self.looks and number not in self.events:
            left = until - time.monotonic()
            if left <= 0 or (not self.hear(left) and not self.alive):
                break
        return self.looks.pop(number, None)

    def wait_for(self, number: int, seconds: float) -> dict[str, Any] | None:
        """Return the report on kernel `number`; None if there is none within ``seconds``."""
        until = time.monotonic() + seconds
        while number not in self.events:
            left = until - time.monotonic()
            if left <= 0 or (not self.hear(left) and not self.alive):
                break
        return self.events.get(number)

    def _receive(self, seconds: float) -> dict[str, Any] | None:
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        if not poll.poll(1000 * seconds):
            return None
        try:
            data = self._socket.recv(1 << 16)
        except OSError:
            data = b""
        if data:
            return json.loads(data)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(1)  # it has closed its side, so it is about to end
        return None

    def close(self) -> None:
        """End it and every kernel it started; nothing of them is left when this returns."""
        self._socket.close()
        try:
            self.process.wait(_ENDING)
        except subprocess.TimeoutExpired:
            end_tree(psutil.Process(self.process.pid))
            self.process.wait()
        if not self.sandboxed:  # in a sandbox the system has ended everything
            end_marked(self._mark)
        self.errors.close()
