"""Talk to one student kernel from a test, without an event loop in sight."""

import asyncio
import contextlib
import copy
import os
import py_compile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from matplotlib import font_manager

from bplab.grading.kernels import KernelHost, Limits, WarmKernelManager

SMALL = Limits(memory_mb=400, processes=48, file_mb=8, tmp_mb=32, cpu_seconds=120)

AGENT = """
def install(kernel, listening):
    kernel.shell.user_ns["agent_of"] = type(kernel).__name__
"""


class Raised(Exception):
    """The code raised; the text is the error's name and value."""


class Died(Exception):
    """The kernel ended while it ran the code."""


class Kernel:
    """A started kernel and a client of it."""

    def __init__(self, host: KernelHost, files: dict[str, bytes] | None = None) -> None:
        self.runner = asyncio.Runner()
        self.manager: WarmKernelManager = host.start(files or {})
        self.known = self.manager.kernel
        self.runner.run(self._connect())

    async def _connect(self) -> None:
        self.client = self.manager.client()
        self.client.start_channels()
        await self.client.wait_for_ready(timeout=60)

    def run(self, code: str, seconds: float = 30, listen_after: float = 0) -> str:
        """Run `code` and return what it printed."""
        return self.runner.run(self._run(code, seconds, listen_after))

    async def _run(self, code: str, seconds: float, listen_after: float) -> str:
        asked = self.client.execute(code)
        time.sleep(listen_after)
        said, error = [], None
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while True:
            try:
                message = await self.client.get_iopub_msg(timeout=0.2)
            except Exception as nothing:
                if not await self.manager.is_alive():
                    raise Died(str(self.known)) from nothing
                if loop.time() > until:
                    raise TimeoutError(code) from nothing
                continue
            if message["parent_header"].get("msg_id") != asked:
                continue
            content = message["content"]
            if message["msg_type"] == "stream":
                said.append(content["text"])
            elif message["msg_type"] == "error":
                error = f"{content['ename']}: {content['evalue']}"
            elif content.get("execution_state") == "idle":
                break
        if error:
            raise Raised(error)
        return "".join(said).strip()

    def interrupt(self) -> None:
        self.runner.run(self.manager.interrupt_kernel())

    def alive(self) -> bool:
        return self.runner.run(self.manager.is_alive())

    def stop(self) -> None:
        self.client.stop_channels()
        self.runner.run(self.manager.shutdown_kernel(now=True))
        self.runner.close()


@contextlib.contextmanager
def kernel(host: KernelHost, files: dict[str, bytes] | None = None) -> Iterator[Kernel]:
    one = Kernel(host, files)
    try:
        yield one
    finally:
        one.stop()


def refused(one: Kernel, code: str, *names: str) -> None:
    with pytest.raises(Raised) as caught:
        one.run(code)
    assert str(caught.value).split(":")[0] in names, caught.value


def make_edition(folder: Path) -> Path:
    """Write a bplab of some modules, one of them with a compiled form that is none of its text."""
    package = folder / "bplab"
    (package / "grading" / "judge").mkdir(parents=True)
    (package / "__init__.py").write_text('edition = "the small one"\n')
    (package / "late.py").write_text("found = True\n")
    compiled, how = package / "compiled.py", py_compile.PycInvalidationMode.UNCHECKED_HASH
    compiled.write_text('found = "as compiled"\n')
    py_compile.compile(str(compiled), invalidation_mode=how)
    compiled.write_text('found = "the text"\n')
    for part in ("grading", "grading/judge"):
        (package / part / "__init__.py").touch()
    (package / "grading" / "judge" / "agent.py").write_text(AGENT)
    return folder


LISTED = "from matplotlib import font_manager as m; print({f.name for f in m.fontManager.ttflist})"


def list_fonts(folder: Path, **files: str) -> None:
    """Write a list of fonts as matplotlib keeps it, with these more: names, and their files."""
    listed = copy.copy(font_manager.fontManager)
    more = [font_manager.FontEntry(fname=file, name=name) for name, file in files.items()]
    listed.ttflist = [*listed.ttflist, *more]
    font_manager.json_dump(listed, folder / f"fontlist-v{listed.__version__}.json")


def processes_with(token: str) -> list[int]:
    """Return the processes of this machine whose command line holds `token`."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit() and int(entry) != os.getpid():
            with contextlib.suppress(OSError):
                if token.encode() in Path(f"/proc/{entry}/cmdline").read_bytes():
                    found.append(int(entry))
    return found


def processes_below(process: int) -> set[int]:
    """Return all descendants of a process."""
    found: set[int] = set()
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{process}/task"):
            for child in Path(f"/proc/{process}/task/{thread}/children").read_text().split():
                found |= {int(child)} | processes_below(int(child))
    return found


def files_open_in(processes: set[int]) -> dict[int, int]:
    """Return how many files each of some processes has open, of those that may be asked."""
    found = {}
    for process in processes:
        with contextlib.suppress(OSError):
            found[process] = len(os.listdir(f"/proc/{process}/fd"))
    return found
