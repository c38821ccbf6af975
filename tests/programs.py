"""Programs that tests start, forked from a process that has loaded what they would load.

`Forked` stands in for `subprocess.Popen` where a Python program is started: the process is one as
any other, with its own folder, environment, files, session and exit status; but nbgrader, bplab and
what kernels import, which take seconds, are there already. All workers of a run share one process
that forks; the first start is the slow one. Judging children and kernels that such a program starts
are forked, too. What is to be shown of a start itself is started with `subprocess`.
"""

import atexit
import contextlib
import fcntl
import gc
import os
import pickle
import runpy
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import uuid
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest import mock

ROOT = Path(__file__).parents[1]
LOADED = (
    *("nbgrader.apps", "bplab.cli.grade", "bplab.grading.nbgrader_plugin"),
    *("bplab.grading.judge.submission", "bplab.widgets", "ipykernel.kernelapp", "ipywidgets"),
    *("matplotlib.figure", "matplotlib.backends.backend_agg", "matplotlib.font_manager"),
    *("IPython.core.ultratb", "stack_data", "tests.grading.class_run.mini_class"),
)
"""Not ``matplotlib.pyplot``, which asks for its backend, and that for a kernel, when imported."""

CUT = "section_2_1"
"""The assignment whose edition is known: each judging child would cut it again."""

_RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid.uuid4().hex
_PLACE = f"{tempfile.gettempdir()}/bplab-tests-{_RUN[:16]}"  # of the socket
_NUMBER = struct.Struct("=i")
_HIGH = 300  # numbers of files that no program has been promised


class Forked:
    """A Python program in a process that is forked, with the interface of `subprocess.Popen`.

    Parameters
    ----------
    args : sequence of str
        ``[sys.executable, …, "-m", module, …]``, ``"-c", code`` or a script's path.
    cwd, env, pass_fds, start_new_session, stdin, stdout, stderr, text
        As of `subprocess.Popen`.
    """

    def __init__(
        self,
        args: Sequence[str],
        *,
        cwd: Path | str | None = None,
        env: Mapping[str, str] | None = None,
        pass_fds: Sequence[int] = (),
        start_new_session: bool = False,
        stdin: Any = None,
        stdout: Any = None,
        stderr: Any = None,
        text: bool = False,
        **_: Any,
    ) -> None:
        self.args = [str(part) for part in args]
        self.returncode: int | None = None
        self.stdin = self.stdout = self.stderr = None
        environment = dict(os.environ if env is None else env)
        given = {"args": self.args[1:], "cwd": str(cwd or os.getcwd()), "env": environment}
        given["session"] = start_new_session
        with contextlib.ExitStack() as theirs:
            handles = {handle: handle for handle in pass_fds}
            for place, (name, asked) in enumerate(
                {"stdin": stdin, "stdout": stdout, "stderr": stderr}.items()
            ):
                if asked == subprocess.PIPE:
                    ends = os.pipe()
                    far, near = ends if place == 0 else ends[::-1]
                    mode = ("w" if place == 0 else "r") + ("" if text else "b")
                    setattr(self, name, os.fdopen(near, mode))
                    theirs.callback(os.close, far)
                elif asked == subprocess.DEVNULL:
                    far = os.open(os.devnull, os.O_RDWR)
                    theirs.callback(os.close, far)
                elif asked == subprocess.STDOUT:
                    far = handles[1]
                else:
                    far = place if asked is None else getattr(asked, "fileno", lambda n=asked: n)()
                handles[place] = far
            given["handles"] = list(handles)
            self._line = _connected()
            body = pickle.dumps(given)
            socket.send_fds(self._line, [_NUMBER.pack(len(body))], list(handles.values()))
            self._line.sendall(body)
            (self.pid,) = _NUMBER.unpack(_received(self._line, _NUMBER.size))

    def poll(self) -> int | None:
        """Return the exit status, or None while it runs."""
        return self._status(0)

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit status when it has ended.

        Raises
        ------
        subprocess.TimeoutExpired
            If it has not, after these seconds.
        """
        status = self._status(timeout)
        if status is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
        return status

    def _status(self, seconds: float | None) -> int | None:
        if self.returncode is None and select.select([self._line], [], [], seconds)[0]:
            said = self._line.recv(_NUMBER.size)
            self.returncode = _NUMBER.unpack(said)[0] if said else -signal.SIGKILL
            self._line.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Signal it, if it runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


def run_module(
    module: str,
    *arguments: str,
    cwd: Path,
    env: Mapping[str, str],
    log: Path,
    seconds: float | None = None,
) -> int:
    """Run ``python -m module arguments``; what it says is in ``log``. Return its exit status.

    Raises
    ------
    subprocess.TimeoutExpired
        If it has not ended after these seconds; it is killed.
    """
    command = [sys.executable, "-m", module, *arguments]
    with log.open("wb") as told:
        process = Forked(command, cwd=cwd, env=env, stdout=told, stderr=subprocess.STDOUT)
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise


def in_place_of_subprocess(module: ModuleType) -> contextlib.AbstractContextManager[object]:
    """Have a module that starts Python programs by ``subprocess.Popen`` fork them."""
    told = {name: getattr(subprocess, name) for name in ("DEVNULL", "TimeoutExpired", "PIPE")}
    return mock.patch.object(module, "subprocess", SimpleNamespace(Popen=Forked, **told))


def forked_kernels() -> contextlib.AbstractContextManager[object]:
    """Have Jupyter's clients fork the kernels that they start."""
    return mock.patch("jupyter_client.launcher.Popen", Forked)


@cache
def newest_tables() -> str:
    """Return what ``alembic heads`` prints, which nbgrader starts for each new gradebook.

    That takes a second; the same is told without a process.
    """
    scripts = import_module("nbgrader.dbutil").ALEMBIC_DIR
    return import_module("alembic.script").ScriptDirectory(scripts).get_current_head()


# --- the process that forks ---------------------------------------------------------------


def _connected() -> socket.socket:
    """Return a line to the process that forks; it is started if there is none."""
    place = Path(_told[0] if _told else _PLACE)
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with contextlib.suppress(OSError):
        line.connect(str(place))
        return line
    whole_run = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # given back when it is closed
        with contextlib.suppress(OSError):
            line.connect(str(place))
            return line
        command = [sys.executable, "-m", "tests.programs", str(place), str(whole_run)]
        environment = {**os.environ, "MPLBACKEND": "module://matplotlib_inline.backend_inline"}
        environment.pop("PYTHONPATH", None)
        with subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
        ) as started:
            assert started.stdout is not None
            assert started.stdout.read(), "it could not load what programs need"
            started.returncode = 0  # it ends when the run does: nobody waits
    line.connect(str(place))
    return line


_told: list[str] = []  # in a program that was forked: where to have others forked


def _received(line: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = line.recv(size - len(data))
        if not part:
            raise EOFError("the process that forks is gone")
        data += part
    return data


def _serve(place: str, run: int) -> None:
    """Fork what is asked for, until process ``run`` has ended."""
    os.environ["JPY_PARENT_PID"] = str(os.getpid())  # read when it is imported: of all kernels
    for name in LOADED:
        import_module(name)
    with contextlib.suppress(ImportError):
        import_module("distributed.cli.dask_worker")
    import_module("nbgrader.api").get_alembic_version = newest_tables
    newest_tables()
    import_module("bplab.grading.edition.write")._texts(frozenset({CUT}), False)
    _told.append(place)
    wakes, woken = os.pipe()
    for handle in (wakes, woken):
        os.set_blocking(handle, False)
    signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    gc.collect()
    gc.freeze()
    lines: dict[int, socket.socket] = {}
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
        Path(place).unlink(missing_ok=True)  # of one that was killed
        door.bind(place)
        door.listen(64)
        os.write(1, b"ready\n")
        os.dup2(0, 1)
        while _runs(run):
            for ready in select.select([door, wakes], [], [], 1.0)[0]:
                if ready is door:
                    _fork(door.accept()[0], lines)
                else:
                    with contextlib.suppress(BlockingIOError):
                        os.read(wakes, 1 << 12)
            _reap(lines)
    for pid in lines:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)
    for name in (place, f"{place}.lock"):
        Path(name).unlink(missing_ok=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def _fork(line: socket.socket, lines: dict[int, socket.socket]) -> None:
    size, handles, *_ = socket.recv_fds(line, _NUMBER.size, 64)
    given = pickle.loads(_received(line, *_NUMBER.unpack(size)))
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            status = _become(given, handles, line)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    lines[pid] = line
    for handle in handles:
        os.close(handle)


def _reap(lines: dict[int, socket.socket]) -> None:
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            if line := lines.pop(ended[0], None):
                with contextlib.suppress(OSError):  # who asked is gone
                    line.sendall(_NUMBER.pack(os.waitstatus_to_exitcode(ended[1])))
                line.close()


# --- the program --------------------------------------------------------------------------


def _become(given: dict[str, Any], handles: list[int], line: socket.socket) -> int:
    """Be the program that is asked for; return its exit status."""
    if given["session"]:
        os.setsid()
    line.sendall(_NUMBER.pack(os.getpid()))
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _take(handles, given["handles"])
    os.chdir(given["cwd"])
    os.environ.clear()
    os.environ.update(given["env"])
    time.tzset()
    tempfile.tempdir = None
    import_module("numpy").random.seed()
    with in_place_of_subprocess(import_module("bplab.grading.class_run.child")), forked_kernels():
        return _ended(given["args"])


def _take(handles: list[int], places: list[int]) -> None:
    """Have the files that were sent in these places, and no others."""
    for name in os.listdir("/dev/fd"):
        if int(name) > 2 and int(name) not in handles:
            with contextlib.suppress(OSError):  # that of the list itself
                os.close(int(name))
    high = [fcntl.fcntl(handle, fcntl.F_DUPFD, _HIGH) for handle in handles]
    for handle in handles:
        os.close(handle)
    for handle, place in zip(high, places, strict=True):
        os.dup2(handle, place, inheritable=True)
        os.close(handle)
    sys.stdin = sys.__stdin__ = os.fdopen(0, closefd=False)
    sys.stdout = sys.__stdout__ = os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.__stderr__ = os.fdopen(
        2, "w", buffering=1, errors="backslashreplace", closefd=False
    )


def _ended(arguments: list[str]) -> int:
    """Run a program to its end, and what is to be done then; return its exit status."""
    status = 1
    try:
        _run(arguments)
        status = 0
    except SystemExit as error:
        if error.code is not None and not isinstance(error.code, int):
            print(error.code, file=sys.stderr)
        status = error.code if isinstance(error.code, int) else int(error.code is not None)
    except KeyboardInterrupt:
        traceback.print_exc()
        status = -signal.SIGINT
    except BaseException:
        traceback.print_exc()
    threading._shutdown()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    if status < 0:
        signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    return status & 0xFF


def _run(arguments: list[str]) -> None:
    """As ``python arguments`` does."""
    safe = False
    while arguments[0] not in ("-c", "-m") and arguments[0].startswith("-"):
        safe |= arguments.pop(0) == "-P"
    kind, *rest = arguments
    first = {"-c": "", "-m": os.getcwd()}.get(kind, str(Path(kind).parent))
    before = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    sys.path[:1] = [*([] if safe else [first]), *before]
    if kind == "-m":
        sys.argv = rest
        package = hasattr(sys.modules.get(rest[0]), "__path__")
        sys.modules.pop(f"{rest[0]}.__main__" if package else rest[0], None)
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    elif kind == "-c":
        sys.argv = ["-c", *rest[1:]]
        main = sys.modules["__main__"] = ModuleType("__main__")
        exec(compile(rest[0], "<string>", "exec"), main.__dict__)
    else:
        sys.argv = [kind, *rest]
        runpy.run_path(kind, run_name="__main__")


if __name__ == "__main__":
    import_module("tests.programs")._serve(sys.argv[1], int(sys.argv[2]))
