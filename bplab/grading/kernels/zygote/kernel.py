"""An IPython kernel on sockets that the host has opened, in a process that was just forked.

Before any kernel is forked, everything that is slow the first time is imported and used once.
"""

import contextlib
import gc
import importlib
import importlib.util
import io
import os
import random
import site
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import zmq
from ipykernel import ipkernel
from ipykernel.kernelapp import IPKernelApp
from IPython.core.application import BaseIPythonApplication
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

# the order in which the host hands over its listening sockets; one more, which is not Jupyter's,
# comes last: the agent uses it to evaluate functions
CHANNELS = ("shell", "iopub", "stdin", "control")

# modules that notebooks import, or the first error or widget would; and those that read
# matplotlib's folder of settings, which kernels cannot see
_ALWAYS = (
    "IPython.core.ultratb",
    "ipywidgets",
    "matplotlib.font_manager",
    "matplotlib.style",
    "numpy.testing",
    "pdb",
    "stack_data",
)

_PYPLOT, _INLINE = "matplotlib.pyplot", "module://matplotlib_inline.backend_inline"

# module bplab.grading.judge.agent of the edition, if it has one; set before the fork
_agent: Any = None


def use_agent(agent: Any) -> None:
    """Let `agent`, which has ``install(kernel, listening)``, answer in kernels from now on."""
    global _agent
    _agent = agent


class WarmKernelApp(IPKernelApp):
    """An `IPKernelApp` without what a graded kernel does not need.

    It has no heartbeat (its process is watched), no debugger, no connection file, no history. Each
    socket listens already, so that nobody ever waits for a name to appear.
    """

    listening: dict[int, int]  # port: file descriptor
    settings_read = False

    def init_config_files(self) -> None:
        """Read settings once, before the fork."""
        if not self.settings_read:
            super().init_config_files()

    def load_config_file(self, suppress_errors: bool = True) -> None:  # type: ignore[override]
        """Read settings once, before the fork."""
        if not self.settings_read:
            super().load_config_file(suppress_errors)

    def _bind_socket(self, s: Any, port: int) -> int:
        s.use_fd = self.listening[port]
        if s.type == zmq.XPUB:
            # the other side reads only a few messages ahead: the others wait in this kernel's
            # memory, and none is lost
            s.sndhwm = 0
        s.bind(f"ipc://{port}")  # only the descriptor counts, but a name is required
        return port

    def parse_command_line(self, argv: Any = None) -> None:
        """Do nothing: there is no command line, and making its parser takes long."""

    def init_connection_file(self) -> None:
        """Do nothing: there is no such file, since the ports only stand for descriptors."""

    def write_connection_file(self, **kwargs: Any) -> None:
        """Do nothing: there is no such file."""

    def init_heartbeat(self) -> None:
        """Do nothing: whether the kernel lives is seen from its process."""

    def init_control(self, context: Any) -> None:
        """Open the control channel, but no way for a debugger."""
        super().init_control(context)
        unused = getattr(self, "debug_shell_socket", None)
        if unused is not None:
            # it would try without end to connect to a name that does not exist
            unused.close(linger=0)
            self.debug_shell_socket = context.socket(zmq.DEALER)

    def init_kernel(self) -> None:
        """Make the kernel, but list no modules for a debugger.

        Looking at each of two thousand modules changes its reference count, and so copies
        most of the pages that this process shares with the one it was forked from.
        """
        module: Any = ipkernel
        module.sys = SimpleNamespace(**{**vars(sys), "modules": {}})
        try:
            super().init_kernel()
        finally:
            module.sys = sys

    def log_connection_info(self) -> None:
        """Note the ports, but log nothing: nobody reads it."""
        self._ports = {name: getattr(self, f"{name}_port") for name in (*CHANNELS, "hb")}


def prepare(folder: str) -> None:
    """Do before any fork what does not depend on the kernel: settings and the shell.

    Only `new_app` in a child adds sockets, threads and the key for messages.

    Parameters
    ----------
    folder : str
        Where IPython may keep its profile; kernels need not see it.
    """
    config = Config()
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    config.ProfileDir.location = folder
    if hasattr(InteractiveShell, "enable_tip"):  # from IPython 9 on
        # a tip is drawn from `random` each time a kernel is asked for information on itself
        config.InteractiveShell.enable_tip = False
    config.IPKernelApp.parent_handle = 1  # as if started by a program: it prints nothing
    app = WarmKernelApp.instance(config=config, transport="ipc", ip="kernel")
    BaseIPythonApplication.initialize(app, [])
    app.settings_read = True
    with contextlib.suppress(Exception):  # then each kernel makes its own, which takes longer
        kernel_class: Any = app.kernel_class
        shell = kernel_class.shell_class.default_value.instance(
            parent=app,
            config=app.config,
            profile_dir=app.profile_dir,
            user_ns={},
            kernel=None,
            compiler_class=kernel_class.compiler_class.default_value,
        )
        _inline_pictures(shell)


def forget_prepared_shell() -> None:
    """Let each kernel make its own shell."""
    kernel_class: Any = WarmKernelApp.instance().kernel_class
    shell_class = kernel_class.shell_class.default_value
    if shell_class.initialized():
        shell_class.clear_instance()


def new_app(key: str, listening: list[int]) -> WarmKernelApp:
    """Return an initialized kernel that signs with `key`, on sockets in order of `CHANNELS`."""
    app = WarmKernelApp.instance()
    app.config.Session.key = key.encode("ascii")
    app.listening = dict(enumerate(listening, 1))
    for number, channel in enumerate(CHANNELS, 1):
        setattr(app, f"{channel}_port", number)
    app.initialize([])
    shell: Any = app.shell
    if shell.kernel is not app.kernel:
        # a shell made before its kernel belongs to it from now on
        shell.parent = shell.kernel = app.kernel
    else:
        _inline_pictures(shell)
    return app


def run(
    key: str, listening: list[int], settled: Callable[[], None], terminals: bool = True
) -> None:
    """Start a kernel and serve it until it is told to stop.

    Parameters
    ----------
    key : str
        The key that messages are signed with.
    listening : list of int
        Descriptors of the listening sockets, in order of `CHANNELS`; the agent's comes last.
    settled : callable
        Called without arguments when the kernel is about to answer.
    terminals : bool
        Whether the kernel may open a terminal; if not, ``!command`` runs with a pipe instead.
    """
    *channels, answers = listening
    app = new_app(key, channels)
    if not terminals:
        shell: Any = app.shell
        shell.system = partial(_system, shell)
    if _agent is not None:
        _agent.install(app.kernel, answers)
    sys.stdout.flush()
    sys.stderr.flush()
    random.seed(0)  # a fork draws a new seed; numpy's is set before the fork
    gc.enable()
    settled()
    app.start()


def _system(shell: Any, command: str) -> None:
    """Run a shell command, and show its output as it comes."""
    told = shell.var_expand(command, depth=1)
    with subprocess.Popen(
        told, shell=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as running:
        try:
            while running.stdout and (said := os.read(running.stdout.fileno(), 1 << 16)):
                print(said.decode("utf-8", "replace"), end="", flush=True)
        except KeyboardInterrupt:
            running.kill()
    shell.user_ns["_exit_code"] = running.returncode


def _inline_pictures(shell: Any) -> None:
    """Connect the inline backend, if it was imported before there was a shell, to the shell."""
    if "matplotlib_inline.backend_inline" in sys.modules:
        from IPython.core.pylabtools import activate_matplotlib
        from matplotlib_inline.backend_inline import configure_inline_support

        activate_matplotlib(_INLINE)
        configure_inline_support(shell, "inline")


# --- before the fork ----------------------------------------------------------------------


def warm_up(preload: list[str]) -> None:
    """Import the kernel's machinery, numpy and `preload`; draw a picture if pyplot is imported.

    Raises
    ------
    ImportError
        If one of `preload` cannot be imported: nothing would work.
    """
    for add in (site.setquit, site.setcopyright, site.sethelper):  # python -S leaves them out
        add()
    # without a debugger a kernel starts faster and opens no port
    sys.modules.setdefault("debugpy", None)  # type: ignore[arg-type]
    for name in _ALWAYS:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    for name in preload:
        importlib.import_module(name)
    if _has_agent():
        use_agent(importlib.import_module("bplab.grading.judge.agent"))
    if _PYPLOT in sys.modules:
        _draw_once()
    _show_an_error_once()
    imported = _imported_by_a_kernel()
    for name in imported or []:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    prepare(tempfile.mkdtemp(prefix="ipython-"))
    if imported is None:
        # another IPython, whose shell needs its kernel from the start: slower, but right
        forget_prepared_shell()
    sys.argv[:] = ["student"]
    # a notebook that draws without a seed gets the same mark when it is graded again
    importlib.import_module("numpy.random").seed(0)
    gc.collect()
    gc.freeze()  # a collection in a kernel does not touch, and so copy, these pages
    gc.disable()  # until the kernel is ready


def threads() -> int:
    """Return the number of this process's threads: it must be 1 to fork safely."""
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        import threading

        return threading.active_count()


def _has_agent() -> bool:
    try:
        return importlib.util.find_spec("bplab.grading.judge.agent") is not None
    except ModuleNotFoundError:  # not even bplab.grading
        return False


def _draw_once() -> None:
    from matplotlib import pyplot as plt

    plt.switch_backend(_INLINE)
    figure, axes = plt.subplots()
    axes.plot([0, 1], [1, 2], label="$x_1$")
    axes.set_title("a")
    axes.legend()
    figure.savefig(io.BytesIO(), format="png")
    plt.close("all")


def _show_an_error_once() -> None:
    from IPython.core.ultratb import AutoFormattedTB

    formatter = AutoFormattedTB(mode="Context")
    try:
        [][1]
    except IndexError:
        with contextlib.suppress(Exception):
            formatter.structured_traceback(*sys.exc_info())


def _imported_by_a_kernel() -> list[str] | None:
    """Start a kernel in a child; return the modules that this imported, None if it failed."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            known = set(sys.modules)
            prepare(tempfile.mkdtemp(prefix="ipython-"))  # as the parent will
            app = new_app("key", [_listening() for _ in CHANNELS])
            shell: Any = app.shell
            ran = shell.run_cell("def f(x):\n    return x\nassert f(1) == 1")
            shell.run_cell("1 / 0")
            new = [name for name in sys.modules if name not in known]
            os.write(writes, "\n".join(new).encode())
            status = 0 if ran.success else 1
        finally:
            os._exit(status)
    os.close(writes)
    with os.fdopen(reads, encoding="utf-8") as file:
        names = file.read().split()
    return names if os.waitpid(child, 0)[1] == 0 else None


def _listening() -> int:
    one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    one.bind("")  # Linux chooses a name outside the file system
    one.listen(1)
    return one.detach()
