"""Student kernels from a warm process: isolated, and started in tens of milliseconds."""

import json
import os
import secrets
import shutil
import signal
import socket
import tempfile
import threading
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import BinaryIO, Self

import psutil

from bplab.grading.kernels import walls, zygote
from bplab.grading.kernels.bwrap import HOME
from bplab.grading.kernels.limits import AUTO, BWRAP, Isolation, Limits
from bplab.grading.kernels.walls import IsolationError
from bplab.grading.kernels.warm_process import KernelStartError, LastLines, WarmProcess

__all__ = [
    "IsolationError",
    "KernelProcesses",
    "KernelStartError",
    "RunningKernel",
    "WeakerIsolationWarning",
]

CHANNELS = ("shell", "iopub", "stdin", "control", "answers")
_KILLED = 128 + 9
_ENDING = 10.0  # s
_LOOK = 0.25  # s between two looks at the memory


class WeakerIsolationWarning(UserWarning):
    """Student code is kept apart from the machine less strictly than bubblewrap would do it."""


@dataclass
class RunningKernel:
    """One kernel, as its host knows it.

    Attributes
    ----------
    number : int
        Its number, which is unique in its host.
    address : str
        Start of the names of its sockets (``ip`` of a Jupyter connection).
    key : str
        The key that its messages are signed with.
    status : int or None
        None while it runs; then its exit status, 128 + n where signal n ended it.
    killed_for : str
        Why the host or its limits ended it ("its processes held more than ... of memory"),
        else empty.
    process, errors, home
        The process that it was forked from, its real standard error, and its folder if it has no
        file system of its own. They are for the host only.
    """

    number: int
    address: str
    key: str
    status: int | None = None
    killed_for: str = ""
    process: WarmProcess = field(kw_only=True, repr=False)
    errors: LastLines = field(default_factory=LastLines, kw_only=True, repr=False)
    home: str = field(default="", kw_only=True)

    @property
    def why(self) -> str:
        """Why it ended, in words that follow "the kernel died: "; empty while it runs."""
        if self.status is None or self.killed_for:
            return self.killed_for
        if self.status <= 128:
            return f"it ended itself, with status {self.status}"
        with suppress(ValueError):
            return f"it was ended by {signal.Signals(self.status - 128).name}"
        return ""

    def last_words(self) -> list[str]:
        """Return the last 20 lines that it wrote to its real standard error."""
        return self.errors.read()


@dataclass(frozen=True)
class Used:
    """What a kernel has used.

    Attributes
    ----------
    seconds : float
        Processor time of all its processes, including those that have ended.
    ended : int
        How many processes it had left behind; they have been ended now.
    """

    seconds: float
    ended: int = 0


class KernelProcesses:
    """Starts and ends kernels for one edition of bplab, each a process with sockets.

    A context manager. Inside, a warm process has Python, numpy, IPython and the edition loaded;
    every kernel is forked from it, confined, and ended with all that it started. The methods may
    be called from several threads; they wait some milliseconds.

    Parameters
    ----------
    edition : Path
        A folder with the package ``bplab`` that student code may import; nothing else of
        the course, of the machine's homes or of other kernels can be seen.
    isolation : Isolation
        ``AUTO`` falls back to Landlock, with a `WeakerIsolationWarning` and `warning` set, and
        raises if that is not available either; the others raise at once.
    limits : Limits
        Limits of each kernel.
    preload : tuple of str, optional
        Modules that kernels find already imported; with ``"matplotlib.pyplot"``, drawing starts
        fast, too. A module that starts a thread at import cannot be among them.

    Attributes
    ----------
    isolation : Isolation
        The isolation in force: ``BWRAP``, ``LANDLOCK`` or ``NONE``.
    warning : str
        What is weaker than bubblewrap's isolation, for the instructor; else empty.

    Raises
    ------
    IsolationError
        On entering, if the isolation asked for is not available: see `walls.choose`.
    KernelStartError
        On entering, if the warm process does not start, for example since the edition cannot be
        imported.
    FileNotFoundError
        If the edition has no package ``bplab``.
    """

    def __init__(
        self,
        edition: Path,
        *,
        isolation: Isolation = AUTO,
        limits: Limits = Limits(),  # noqa: B008 (frozen)
        preload: tuple[str, ...] = ("bplab",),
    ) -> None:
        self.edition = Path(edition).resolve()
        if not (self.edition / "bplab" / "__init__.py").is_file():
            raise FileNotFoundError(
                f"{self.edition} is no edition: it must hold a package bplab (bplab/__init__.py)"
            )
        self.asked = Isolation(isolation)
        self.isolation = self.asked
        self.limits = limits
        self.preload = preload
        self.warning = ""
        self._folder: Path | None = None
        self._lock = threading.RLock()
        self._number = 0
        self._warm: WarmProcess | None = None
        self._kernels: dict[int, RunningKernel] = {}
        self._nest = True
        self._guard = MemoryGuard(self._stop_all_talking)

    def __enter__(self) -> Self:
        wall = walls.choose(self.asked)
        self.isolation, self.warning = wall.kind, wall.warning
        self._guard = MemoryGuard(self._stop_all_talking)
        self._folder = _short_folder()
        try:
            # a copy cannot change while kernels use it, and nobody else need read it
            _copy_readable(self.edition, self._folder / "edition")
            if self.isolation is not BWRAP:
                self._folder.chmod(0o711)  # root's kernels run as other users
            _copy_readable(Path(zygote.__file__).parent, self._folder / "warm" / "zygote")
            self._warm = self._new_process()
            if self.isolation is not BWRAP and self.asked is AUTO:
                warnings.warn(self.warning, WeakerIsolationWarning, stacklevel=2)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all kernels and the warm process, and remove all their files."""
        self._guard.end()
        with self._lock:
            for kernel in list(self._kernels.values()):
                self.stop(kernel)
            if self._warm is not None:
                self._warm.close()
                self._warm = None
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)
                self._folder = None

    def launch(
        self, files: Mapping[str, bytes], replaces: RunningKernel | None = None
    ) -> RunningKernel:
        """Start a kernel and return it; clients of a stopped kernel that it replaces can use it."""
        if self._folder is None:
            raise RuntimeError("this KernelHost is closed: use it inside its with statement")
        with self._lock:
            for ended in [k for k in self._kernels.values() if self.poll(k) is not None]:
                self._let_go(ended)
            if not self._kernels:
                self._guard.start()
            self._number += 1
            number = self._number
            address = replaces.address if replaces else str(self._folder / str(number))
            key = replaces.key if replaces else secrets.token_hex(16)
            process = self._process_for_one_more()
            kernel = RunningKernel(number, address, key, process=process)
            home = HOME
            if self.isolation is not BWRAP:
                home = kernel.home = tempfile.mkdtemp(prefix="home-", dir=self._folder)
            sockets = [_listening(f"{address}-{port}") for port, _ in enumerate(CHANNELS, 1)]
            with tempfile.TemporaryFile() as packed:
                _pack(files, packed)
                handles = [one.fileno() for one in sockets]
                handles += [kernel.errors.writes, packed.fileno()]
                self._kernels[number] = kernel
                try:
                    process.start(number, kernel.key, home, handles)
                except BaseException as error:
                    kernel.status = 1
                    self._let_go(kernel)
                    if isinstance(error, KernelStartError):
                        said = "\n".join(["", *kernel.last_words()]).rstrip()
                        raise KernelStartError(f"{error}{said}") from error
                    raise
                finally:
                    for one in sockets:
                        one.close()
                    kernel.errors.close_writing()
            return kernel

    def poll(self, kernel: RunningKernel) -> int | None:
        """Return None while the kernel runs, and its exit status afterwards."""
        with self._lock:
            if kernel.status is None:
                kernel.errors.read()
                kernel.process.hear()
                self._note_end(kernel)
            return kernel.status

    def look(self, kernel: RunningKernel, do: str = "look") -> Used | None:
        """Return what a kernel has used until now; None if it has ended.

        Parameters
        ----------
        kernel : RunningKernel
        do : str
            ``"tidy"``: end all processes that it has started and that still run. ``"spare"``:
            exempt those that run now from that; they end with the kernel. ``"stop"``: suspend its
            own process, so that none of its threads runs any more when this returns.
        """
        with self._lock:
            if self.poll(kernel) is not None:
                return None
            told = kernel.process.look(kernel.number, do)
            if told is None:
                return None
            if told["ended"] < 0:
                self.stop(kernel)
                kernel.killed_for = "it started processes faster than they could be ended"
                return None
            return Used(told["seconds"], told["ended"])

    def signal(self, kernel: RunningKernel, number: int) -> None:
        """Send a signal to the kernel's process (not to those that it started)."""
        with self._lock:
            if self.poll(kernel) is None:
                kernel.process.ask(kernel.number, "signal", signal=number)

    def stop(self, kernel: RunningKernel) -> None:
        """End the kernel and all that it started; nothing is left when this returns."""
        with self._lock:
            if self.poll(kernel) is None:
                kernel.process.ask(kernel.number, "kill")
                if kernel.process.wait_for(kernel.number, _ENDING) is None:
                    # there is no answer: that process is not to be trusted any more
                    kernel.process.close()
                self._note_end(kernel)
                kernel.status = _KILLED if kernel.status is None else kernel.status
            self._let_go(kernel)

    # --------------------------------------------------------------------------------------

    def _note_end(self, kernel: RunningKernel) -> None:
        event = kernel.process.events.pop(kernel.number, None)
        if event is not None:
            kernel.status = event["status"]
            kernel.killed_for = _BEYOND.get(event["why"], "").format(limits=self.limits)
        elif not kernel.process.alive:
            kernel.status = _KILLED
            kernel.killed_for = "the process that it was forked from has died"
        if kernel.status is not None:
            kernel.errors.read()

    def _stop_all_talking(self) -> None:
        # which of them has sent too much cannot be told
        with self._lock:
            for kernel in list(self._kernels.values()):
                if self.poll(kernel) is None:
                    self.stop(kernel)
                    kernel.killed_for = (
                        f"what it sent took more than {self._guard.most_mb} MiB here"
                    )

    def _let_go(self, kernel: RunningKernel) -> None:
        if self._kernels.pop(kernel.number, None) is None:
            return  # done already; its address may be another's by now
        kernel.errors.close()
        for port, _ in enumerate(CHANNELS, 1):
            with suppress(OSError):
                os.unlink(f"{kernel.address}-{port}")
        if kernel.home:
            shutil.rmtree(kernel.home, ignore_errors=True)
        process = kernel.process
        if process is not self._warm or self._only_one_kernel(process):
            process.close()
            if process is self._warm:
                self._warm = None

    def _only_one_kernel(self, process: WarmProcess) -> bool:
        """Whether a process is used up by one kernel, since it cannot keep two of them apart."""
        return process.sandboxed and not process.nested

    def _process_for_one_more(self) -> WarmProcess:
        used = {id(kernel.process) for kernel in self._kernels.values()}
        warm = self._warm
        if warm is None or not warm.alive or (self._only_one_kernel(warm) and id(warm) in used):
            if warm is not None and not warm.alive:
                warm.close()
            warm = self._warm = self._new_process()
        return warm

    def _new_process(self) -> WarmProcess:
        assert self._folder is not None
        home = None
        if self.isolation is not BWRAP:
            home = Path(tempfile.mkdtemp(prefix="warm-", dir=self._folder))
        return WarmProcess(
            self._folder / "edition",
            self._folder / "warm" / "zygote",
            self.limits,
            self.preload,
            self.isolation,
            self._nest,
            home,
        )


# the reasons, by the letter that a kernel's keeper reports
_BEYOND = {
    "M": "its processes held more than {limits.memory_mb} MiB of memory",
    "O": "the system had no memory left, and ended it",
    "P": "it had more than {limits.processes} processes and threads",
}

# --- memory of this process -------------------------------------------------------------


class MemoryGuard:
    """Calls a function when this process grows too much by what its kernels send.

    A message may have any number of parts, and zmq holds them all until the last one has
    come: no limit on messages bounds that.

    Parameters
    ----------
    grown : callable
        Called, from a thread, when the process has grown by more than ``most_mb``.
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
        self._base = _resident()
        if self._thread is None:
            self._thread = threading.Thread(target=self._watch, name="MemoryGuard", daemon=True)
            self._thread.start()

    def end(self) -> None:
        """Watch no longer."""
        self._ended.set()

    def _watch(self) -> None:
        while not self._ended.wait(_LOOK):
            if _resident() > self._base + (self.most_mb << 20):
                self._grown()
                # memory that is not given back is in use: do not call again because of it
                self._base = max(self._base, _resident())


def _resident() -> int:
    return psutil.Process().memory_info().rss


# --- files and sockets for kernels ------------------------------------------------------


def _short_folder() -> Path:
    """Return a new folder for this user alone, with a name short enough for names of sockets in it.

    Root's kernels run as other users, who must be able to reach it.
    """
    folder = tempfile.mkdtemp(prefix="bplab-")
    closed = os.geteuid() == 0 and not all(
        way.stat().st_mode & 0o001 for way in Path(folder).parents
    )
    if (closed or len(folder) > 80) and os.path.isdir("/tmp"):
        os.rmdir(folder)
        folder = tempfile.mkdtemp(prefix="bplab-", dir="/tmp")
    return Path(folder)


def _copy_readable(package: Path, target: Path) -> None:
    """Copy a folder so that the user that kernels run as can read it."""
    shutil.copytree(package, target)
    for path in (target, *target.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _listening(name: str) -> socket.socket:
    """Return a socket that listens at `name`, in place of an older one, if there was one."""
    with suppress(FileNotFoundError):
        os.unlink(name)
    one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    one.bind(name)
    one.listen(16)
    one.setblocking(False)  # as zmq makes its own
    return one


def _pack(files: Mapping[str, bytes], packed: BinaryIO) -> None:
    """Write a line of JSON with names and sizes, then the bytes, and flush."""
    for name in files:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or not path.parts or "\0" in name:
            raise ValueError(f"a file beside the notebook needs a relative name, got {name!r}")
    index = [[str(PurePosixPath(name)), len(data)] for name, data in files.items()]
    packed.write(json.dumps(index).encode() + b"\n")
    for data in files.values():
        packed.write(data)
    packed.flush()
