"""Managers of warm kernels, for all that use jupyter_client: nbclient, nbconvert, nbgrader."""

import asyncio
import queue
import signal
import socket
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import zmq.asyncio
from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import KernelProvisionerBase

from bplab.grading.kernels.processes import CHANNELS, KernelProcesses, RunningKernel, Used

__all__ = [
    "KernelHost",
    "WarmKernelClient",
    "WarmKernelManager",
    "WarmProvisioner",
    "kernel_manager",
]

_CONNECTING = 0.1  # s; then a message is asked for again, which may have been sent too early
_MESSAGE = 16 << 20  # bytes of one message; a longer one is lost, and the connection with it
_MESSAGES = 8  # that wait to be read


class KernelHost(KernelProcesses):
    """Starts kernels for one edition of bplab, each with a manager; one host per worker process.

    Parameters and attributes are those of `KernelProcesses`.
    """

    _context: zmq.asyncio.Context | None = None

    @property
    def context(self) -> zmq.asyncio.Context:
        """The zmq context that all managers and clients of this host share."""
        if self._context is None:
            self._context = zmq.asyncio.Context()
            # limits of what this process holds, however much a kernel sends
            self._context.maxmsgsize = _MESSAGE
            self._context.rcvhwm = _MESSAGES
        return self._context

    def start(self, files: Mapping[str, bytes] | None = None) -> "WarmKernelManager":
        """Start a kernel and return a manager of it, ready for ``NotebookClient(nb, km=...)``.

        Parameters
        ----------
        files : mapping of str to bytes, optional
            Files beside the notebook, by relative path; they are in the kernel's working
            folder, where it may change them.

        Raises
        ------
        KernelStartError
            If the kernel does not start, for example since files take more than ``limits.tmp_mb``.
        ValueError
            If a file's name leads out of the folder.
        """
        manager = kernel_manager(self, files)
        manager.launch()
        return manager

    def close(self) -> None:
        """End all kernels and the warm process, and remove all their files."""
        super().close()
        if self._context is not None:
            self._context.destroy(linger=0)
            self._context = None


class WarmProvisioner(KernelProvisionerBase):
    """Gives a kernel manager kernels of a `KernelHost`.

    With `WarmKernelManager` the caller owns the host. If a kernel specification names this class
    (``"kernel_provisioner": {"provisioner_name": "bplab-warm", "config": {"edition": ...}}``), it
    has a host of its own for that edition, which is closed with the kernel.
    """

    host: KernelProcesses | None = None
    kernel: RunningKernel | None = None
    ended: RunningKernel | None = None
    files: Mapping[str, bytes] = {}
    _own_host = False
    _replaced: RunningKernel | None = None

    def __init__(self, *, edition: str | None = None, **more: Any) -> None:
        super().__init__(**more)
        if edition is not None:
            self.host = KernelProcesses(Path(edition))
            self._own_host = True

    def launch(self) -> KernelConnectionInfo:
        """Start the kernel and return its connection information."""
        if self.host is None:
            raise RuntimeError(
                "bplab-warm needs the edition that kernels import: name it in the kernel "
                "specification's config, or take KernelHost.start()"
            )
        if self._own_host and self.kernel is None:
            self.host.__enter__()
        self.kernel = self.host.launch(self.files, self._replaced)
        self._replaced = None
        info = {
            "transport": "ipc",
            "ip": self.kernel.address,
            "shell_port": 1,
            "iopub_port": 2,
            "stdin_port": 3,
            "control_port": 4,
            "hb_port": 6,  # nobody listens there
            "key": self.kernel.key.encode(),
            "signature_scheme": "hmac-sha256",
        }
        self.connection_info = cast(KernelConnectionInfo, info)  # its key is bytes by now
        return self.connection_info

    @property
    def has_process(self) -> bool:
        """Whether there is a kernel to manage."""
        return self.kernel is not None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Change nothing but the command: environment, folder and command are up to the host."""
        return {**kwargs, "cmd": []}

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start the kernel."""
        return self.launch()

    async def poll(self) -> int | None:
        """Return None while the kernel runs, else its exit status."""
        if self.host is None or self.kernel is None:
            return 0
        return self.host.poll(self.kernel)

    async def wait(self) -> int | None:
        """Return the kernel's exit status, and end it if it still runs."""
        status = await self.poll()
        await self.kill()
        return status

    async def send_signal(self, signum: int) -> None:
        """Signal the kernel's process."""
        if signum == signal.SIGKILL:
            await self.kill()
        elif self.host is not None and self.kernel is not None:
            self.host.signal(self.kernel, signum)

    async def kill(self, restart: bool = False) -> None:
        """End the kernel and all that it started."""
        if self.host is not None and self.kernel is not None:
            self.host.stop(self.kernel)
            self._replaced = self.kernel if restart else None
            self.ended = self.kernel
            self.kernel = None

    async def terminate(self, restart: bool = False) -> None:
        """End the kernel in the same way: it has nothing to finish first."""
        await self.kill(restart)

    async def cleanup(self, restart: bool = False) -> None:
        """End the kernel, and the host if it is the provisioner's own."""
        await self.kill(restart)
        if self._own_host and not restart and self.host is not None:
            self.host.close()


class WarmKernelClient(AsyncKernelClient):
    """An `AsyncKernelClient` that does not sleep while it waits.

    The heartbeat stays off: whether the kernel lives is seen from its process.
    """

    def start_channels(
        self,
        shell: bool = True,
        iopub: bool = True,
        stdin: bool = True,
        hb: bool = False,
        control: bool = True,
    ) -> None:
        """Open the channels."""
        super().start_channels(shell, iopub, stdin, hb, control)

    async def _async_wait_for_ready(self, timeout: float | None = None) -> None:
        """Return when the kernel has answered and its outputs arrive.

        Raises
        ------
        RuntimeError
            If the kernel died, or did not answer within `timeout` seconds.
        """
        until = time.monotonic() + (float("inf") if timeout is None else timeout)
        while True:
            asked = self.kernel_info()
            if await self._answered(asked) and await self._idle_heard(asked):
                return
            if not await self._async_is_alive():
                words = self.parent.last_words() if self.parent is not None else []
                raise RuntimeError("\n".join(["Kernel died before it answered", *words]))
            if time.monotonic() > until:
                raise RuntimeError(f"Kernel didn't respond in {timeout:g} seconds")

    wait_for_ready = _async_wait_for_ready

    async def heard_again(self, seconds: float) -> bool:
        """Open the channel of outputs again; return whether outputs arrive within ``seconds``."""
        self.iopub_channel.stop()
        self._iopub_channel = None
        try:
            await asyncio.wait_for(self._async_wait_for_ready(seconds), seconds)
        except (RuntimeError, TimeoutError):
            return False
        return True

    async def _answered(self, asked: str) -> bool:
        try:
            while True:
                reply = await self.shell_channel.get_msg(timeout=1)
                if reply["parent_header"].get("msg_id") == asked:
                    self._handle_kernel_info_reply(reply)
                    return True
        except queue.Empty:
            return False

    async def _idle_heard(self, asked: str) -> bool:
        """Whether the end of this request is announced; all messages before that are dropped."""
        try:
            while True:
                message = await self.iopub_channel.get_msg(timeout=_CONNECTING)
                if (
                    message["parent_header"].get("msg_id") == asked
                    and message["content"].get("execution_state") == "idle"
                ):
                    return True
        except queue.Empty:
            return False


class WarmKernelManager(AsyncKernelManager):
    """An `AsyncKernelManager` of one kernel of a `KernelHost`.

    Stopping always ends the kernel, and all that it started, at once. A polite request would only
    give student code a last word.
    """

    client_factory = WarmKernelClient

    def __init__(self, *, host: KernelHost, files: Mapping[str, bytes], **more: Any) -> None:
        super().__init__(context=host.context, transport="ipc", **more)
        self.client_factory = WarmKernelClient
        self.host = host
        self.kernel_id = self.kernel_id or str(uuid.uuid4())
        self._kernel_spec = KernelSpec(
            argv=[], display_name="Student kernel", language="python", interrupt_mode="signal"
        )
        self.provisioner = self._warm = WarmProvisioner(
            kernel_id=self.kernel_id, kernel_spec=self._kernel_spec, parent=self
        )
        self._warm.host = host
        self._warm.files = files

    @property
    def kernel(self) -> RunningKernel | None:
        """What the host knows of the kernel, even if it has stopped: why it ended, last words."""
        return self._warm.kernel or self._warm.ended

    def last_words(self) -> list[str]:
        """Return the last lines that the kernel wrote to its real standard error."""
        return [] if self.kernel is None else self.kernel.last_words()

    def look(self, do: str = "look") -> Used | None:
        """Return what the kernel has used: see `KernelProcesses.look`."""
        return None if self._warm.kernel is None else self.host.look(self._warm.kernel, do)

    def launch(self) -> None:
        """Start the kernel without an event loop."""
        self._attempted_start = True
        self._launch_args = {}
        self._reconcile_connection_info(self._warm.launch())

    def connect(self) -> socket.socket:
        """Return a new connection to the agent in the kernel, which need not listen yet.

        Raises
        ------
        OSError
            If the kernel is gone.
        """
        if self._warm.kernel is None:
            raise OSError("the kernel is gone")
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            # messages then tell which process has sent them
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
            connection.settimeout(_CONNECTING)
            connection.connect(f"{self._warm.kernel.address}-{len(CHANNELS)}")
        except OSError:
            connection.close()
            raise
        return connection

    def write_connection_file(self, **kwargs: Any) -> None:
        """Write no such file: it would hold the key."""

    def client(self, **kwargs: Any) -> WarmKernelClient:  # type: ignore[override]
        """Return a client of the kernel."""
        kwargs.setdefault("context", self.context)
        return cast(WarmKernelClient, super().client(**kwargs))

    async def _async_start_kernel(self, **kw: Any) -> None:
        # as the base class, without its sleep of 10 ms
        self._attempted_start = True
        command, kw = await self._async_pre_start_kernel(**kw)
        await self._async_launch_kernel(command, **kw)
        await self._async_post_start_kernel(**kw)

    async def _async_shutdown_kernel(self, now: bool = True, restart: bool = False) -> None:
        self.shutting_down = True
        self.stop_restarter()
        await self._warm.kill(restart=restart)
        await self._async_cleanup_resources(restart=restart)

    start_kernel = _async_start_kernel
    shutdown_kernel = _async_shutdown_kernel


def kernel_manager(host: KernelHost, files: Mapping[str, bytes] | None = None) -> WarmKernelManager:
    """Return a manager whose kernels are forked by `host`; its kernel is not started yet."""
    return WarmKernelManager(host=host, files=files or {})
