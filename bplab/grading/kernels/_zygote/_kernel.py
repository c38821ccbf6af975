"""An IPython kernel on sockets that somebody else has opened, in a process just forked."""

import importlib.util
import os
import sys
from typing import Any

import zmq
from ipykernel.kernelapp import IPKernelApp
from traitlets.config import Config

# the order in which the far side hands over its listening sockets
CHANNELS = ("shell", "iopub", "stdin", "control")


class WarmKernelApp(IPKernelApp):
    """IPKernelApp less what a graded kernel does not need.

    No heartbeat (its process is watched), no debugger, no connection file, no history; each
    socket listens already, so that nobody ever waits for a name to appear.
    """

    listening: dict[int, int]  # port: file descriptor

    def _bind_socket(self, s: Any, port: int) -> int:
        s.use_fd = self.listening[port]
        s.bind(f"ipc://{port}")  # only the descriptor counts; some name is wanted
        return port

    def init_connection_file(self) -> None:
        """There is none: the ports are numbers of descriptors."""

    def write_connection_file(self, **kwargs: Any) -> None:
        """There is none."""

    def init_heartbeat(self) -> None:
        """Whether the kernel lives is seen from its process."""

    def init_control(self, context: Any) -> None:
        """Open the control channel, but no way for a debugger."""
        super().init_control(context)
        unused = getattr(self, "debug_shell_socket", None)
        if unused is not None:
            # it would try for ever to connect to a name that is not there
            unused.close(linger=0)
            self.debug_shell_socket = context.socket(zmq.DEALER)

    def log_connection_info(self) -> None:
        """Nobody reads it."""
        self._ports = {name: getattr(self, f"{name}_port") for name in (*CHANNELS, "hb")}


def configuration(key: str) -> Config:
    """Return the settings of a kernel that signs with `key`."""
    config = Config()
    config.Session.key = key.encode("ascii")
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    config.ProfileDir.location = f"{os.environ['HOME']}/.ipython/profile_default"
    os.makedirs(config.ProfileDir.location)
    config.IPKernelApp.parent_handle = 1  # started by a program: nothing for a terminal
    return config


def run(key: str, descriptors: dict[str, int], settled: Any) -> None:
    """Start a kernel and serve it until it is told to stop.

    Parameters
    ----------
    key : str
        What messages are signed with.
    descriptors : dict
        Of the listening sockets, by channel.
    settled : callable
        Called without arguments when the kernel is about to answer.
    """
    app = WarmKernelApp.instance(config=configuration(key), transport="ipc", ip="kernel")
    app.listening = {}
    for number, channel in enumerate(CHANNELS, 1):
        app.listening[number] = descriptors[channel]
        setattr(app, f"{channel}_port", number)
    app.initialize([])
    _inline_pictures(app.shell)
    if importlib.util.find_spec("bplab.grading") is not None and (
        importlib.util.find_spec("bplab.grading.agent") is not None
    ):
        from bplab.grading import agent

        agent.install(app.kernel)
    sys.stdout.flush()
    sys.stderr.flush()
    settled()
    app.start()


def _inline_pictures(shell: Any) -> None:
    """Connect the backend, imported before there was a shell, to the shell."""
    if "matplotlib_inline.backend_inline" in sys.modules:
        from matplotlib_inline.backend_inline import configure_inline_support

        configure_inline_support(shell, "inline")
