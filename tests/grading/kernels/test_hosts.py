"""A host of student kernels: what it leaves, what it falls back to, what it survives."""

import asyncio
import contextlib
import os
import re
import secrets
import signal
import subprocess
import sys
import tomllib
import warnings
from functools import cache
from importlib.metadata import EntryPoint
from pathlib import Path

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import KernelProvisionerFactory
from nbclient import NotebookClient

from bplab.grading.kernels import (
    AUTO,
    BWRAP,
    LANDLOCK,
    NONE,
    KernelHost,
    KernelStartError,
    Limits,
    WeakerIsolationWarning,
)
from bplab.grading.kernels import bwrap as bubblewrap
from bplab.grading.kernels.bwrap import HOME, TMP
from tests.grading.kernels import tools
from tests.grading.kernels.tools import SMALL, Died, Kernel, Raised, kernel
from tests.grading.waiting import wait_until
from tests.thorough import ALL, one_of

pytestmark = pytest.mark.xdist_group("kernel-hosts")
with_bubblewrap = pytest.mark.skipif(
    bool(bubblewrap.why_not()), reason=bubblewrap.why_not() or "bubblewrap works"
)


@pytest.fixture(scope="module")
def plain_host(edition):
    """One behind each other wall, for tests after which it starts kernels as before."""
    with contextlib.ExitStack() as stack:

        @cache
        def started(wall):
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # what is asked for is no surprise
                return stack.enter_context(KernelHost(edition, isolation=wall, limits=SMALL))

        yield started


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


def _more(files: dict[int, int], than: dict[int, int]) -> bool:
    """Whether a process has more files open."""
    return any(count > than.get(process, 0) for process, count in files.items())


def _said_where_isolation_is_weaker():
    """What a host with isolation=auto must do here: warn, or not."""
    if why := bubblewrap.why_not():
        return pytest.warns(WeakerIsolationWarning, match=re.escape(why))
    return contextlib.nullcontext()


# bubblewrap ----------------------------------------------------------------------------------


@with_bubblewrap
def test_many_kernels_leave_nothing(edition):
    before, others = open_files(), tools.processes_below(os.getpid())  # a browser's, say
    with KernelHost(edition, isolation=BWRAP, limits=SMALL) as host:
        assert host.warning == ""
        with kernel(host) as one:  # what is made once is made now
            one.run("1")
        files, children = open_files(), tools.processes_below(os.getpid()) - others
        theirs = tools.files_open_in(children)
        folder = sorted(host._folder.rglob("*"))
        many = 30 if ALL else 10
        for _ in range(many):
            with kernel(host, {"a.txt": b"1"}) as one:
                one.run("open('b.txt', 'w').write('2')")
        # zmq keeps a few more if it is slow to close others: not one for each kernel
        assert open_files() < files + many
        assert tools.processes_below(os.getpid()) - others == children
        # the warm process notices an ended kernel a moment later
        wait_until(lambda: not _more(tools.files_open_in(children), theirs), 10)
        assert sorted(host._folder.rglob("*")) == folder
        place = host._folder
    assert not place.exists()
    assert not tools.processes_below(os.getpid()) & children
    # zmq keeps what it once had open for its threads: nothing for each kernel
    assert open_files() <= before + 12


# The kernel's own zmq would keep all parts of a message until the last one, in memory that is the
# kernel's, and hand them over at once. On the socket itself nothing ends them.
ENDLESS_PARTS = """
import contextlib, socket
def reaches_us(number):
    with contextlib.suppress(OSError):
        one = socket.fromfd(number, socket.AF_UNIX, socket.SOCK_STREAM)
        return one.getpeername() is not None and one.getsockname().endswith("-1") and one
shell = next(filter(None, map(reaches_us, range(256))))
shell.setblocking(True)
size = 1 << 20
more_of_a_long_one = b"\\x03" + size.to_bytes(8, "big") + bytes(size)
while True:
    shell.sendall(more_of_a_long_one)
"""


@with_bubblewrap
def test_a_message_of_endless_parts_is_stopped(host, monkeypatch):
    # all kernels of a host are stopped: which of them it was cannot be told
    with kernel(host) as one:
        monkeypatch.setattr(host._guard, "most_mb", 200)
        one.run("1")  # what is still under way to us comes before its end: no part is cut in two
        with pytest.raises(Died):
            one.run(ENDLESS_PARTS, seconds=300)
        assert "200 MiB" in one.known.killed_for


@with_bubblewrap
def test_a_host_whose_warm_process_was_killed_starts_another(host):
    with kernel(host) as one:
        for process in tools.processes_below(host._warm.process.pid):
            os.kill(process, signal.SIGKILL)
        with pytest.raises(Died):
            one.run("import time; time.sleep(20)")
        assert "has died" in one.known.killed_for
    with kernel(host) as one:
        assert one.run("print(1 + 1)") == "2"


@with_bubblewrap
def test_where_kernels_get_no_namespaces_each_has_a_sandbox_of_its_own(edition):
    host = KernelHost(edition, isolation=BWRAP, limits=SMALL)
    host._nest = False
    with host, kernel(host) as one, kernel(host) as other:
        assert one.known.process is not other.known.process
        one.run(f"open('{TMP}/mine', 'w').write('x'); open('mine', 'w').write('x')")
        for name in (f"{TMP}/mine", f"{HOME}/mine"):
            with pytest.raises(Raised, match="FileNotFoundError"):
                other.run(f"open({name!r})")
        with pytest.raises(Raised, match="OSError"):
            one.run(f"for n in range(50): open('{TMP}/' + str(n), 'wb').write(bytes(1 << 20))")
        with pytest.raises(Died):  # it can end what keeps it, and itself with that
            one.run("import os, time; os.kill(-1, 9); time.sleep(20)")
        assert other.run("import os; print(os.getuid() != 0, 1 + 1)") == "True 2"


@pytest.mark.parametrize("wall", [pytest.param(BWRAP, marks=with_bubblewrap), LANDLOCK])
def test_where_kernels_get_no_namespaces_none_takes_processes_from_another(edition, wall):
    """As of workers on one machine: the system counts the processes of a user."""
    starts = "import os, time\nfor _ in range(30):\n    if not os.fork():\n        time.sleep(60)"
    ours: list[Kernel] = []
    with contextlib.ExitStack() as stack:
        for _ in range(2):  # more than 48 together
            host = KernelHost(edition, isolation=wall, limits=SMALL)
            host._nest = False
            stack.enter_context(host)
            ours = [*ours, stack.enter_context(kernel(host))]
        for one in ours:
            one.run(starts)


@with_bubblewrap
@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests run as this user already")
def test_it_works_for_a_user_without_rights(edition, tmp_path):
    code = (
        "import os, sys, warnings; warnings.simplefilter('error')\n"
        f"sys.path.insert(0, {str(Path(__file__).parents[3])!r})\n"
        "from pathlib import Path\n"
        "from bplab.grading.kernels import BWRAP, KernelHost\n"
        "from tests.grading.kernels.tools import kernel, Raised\n"
        "assert os.geteuid() == 1000\n"
        f"with KernelHost(Path({str(edition)!r}), isolation=BWRAP) as host:\n"
        "    with kernel(host, {'a.txt': b'1'}) as one:\n"
        "        print(host._warm.nested, one.run('import os; print(os.listdir(\".\"))'))\n"
        "        for name in ('/new', '/dev/new', '/opt/bplab/packages/new', '/run/new'):\n"
        "            try: one.run(f'open({name!r}, \"w\")'); print(name)\n"
        "            except Raised: pass\n"
    )
    own = ["bwrap", "--unshare-user", "--uid", "1000", "--gid", "1000"]
    own += ["--dev-bind", "/", "/", "--proc", "/proc", "--unshare-pid"]
    done = subprocess.run(
        [*own, sys.executable, "-c", code], capture_output=True, text=True, timeout=300
    )
    assert done.stderr == ""
    assert done.stdout.split("\n") == ["True ['a.txt']", ""]


# without ------------------------------------------------------------------------------------


def test_without_bubblewrap_it_says_so_and_limits(edition, monkeypatch):
    monkeypatch.setattr(bubblewrap.shutil, "which", lambda name: None)
    monkeypatch.setenv("BPLAB_SECRET", "a secret")
    with pytest.warns(WeakerIsolationWarning, match="not installed"):
        host = KernelHost(edition, isolation=AUTO, limits=SMALL).__enter__()
    try:
        assert host.isolation is LANDLOCK
        with kernel(host, {"a.txt": b"here"}) as one:
            assert one.run("import bplab; print(bplab.edition, open('a.txt').read())") == (
                "the small one here"
            )
            assert one.run("import os; print('BPLAB_SECRET' in os.environ)") == "False"
            assert one.run("import os; print(os.getuid())") != "0"
            with pytest.raises(Raised, match="MemoryError"):
                one.run("b = bytearray(600 << 20)")
            with pytest.raises(Raised, match="OSError"):
                one.run("open('big', 'wb').write(bytes(9 << 20))")
            token = "kernel-daemon-of-a-test"
            one.run(
                "import os\n"
                "if os.fork() == 0:\n"
                "    os.setsid()\n"
                "    if os.fork() == 0:\n"
                f"        loop = 'while :; do sleep 1; done; : {token}'\n"
                "        os.execv('/bin/sh', ['sh', '-c', loop])\n"
                "    os._exit(0)"
            )
            wait_until(lambda: tools.processes_with(token), 20)
        assert not tools.processes_with(token)
        with kernel(host) as one:
            with pytest.raises(Died):
                one.run("import os; os._exit(3)")
            assert one.known.status == 3
        place = host._folder
    finally:
        host.close()
    assert not place.exists()


DAEMON = """
import os, signal, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execv('/bin/sh', ['sh', '-c', 'while :; do sleep 1; done; : {token}'])
    os._exit(0)
time.sleep(0.5)
"""


@one_of("wall", [LANDLOCK, NONE])
@pytest.mark.parametrize(
    "code",
    [
        pytest.param("os.kill(os.getppid(), 9)", id="what keeps it"),
        pytest.param(
            "keeper = os.getppid()\n"
            "warm = int(open(f'/proc/{keeper}/stat').read().rsplit(')', 1)[1].split()[1])\n"
            "for number in (signal.SIGSTOP, signal.SIGKILL):\n"
            "    os.kill(keeper, number)\n"
            "    os.kill(warm, number)",
            id="that and what it was forked from, before either can do anything",
        ),
    ],
)
def test_without_bubblewrap_nothing_outlives_a_kernel_that_kills(edition, code, wall):
    token = secrets.token_hex(8)
    with KernelHost(edition, isolation=wall, limits=SMALL) as host:
        one = Kernel(host)
        one.run(DAEMON.format(token=token))
        wait_until(lambda: tools.processes_with(token), 20)
        with contextlib.suppress(Died, Raised):  # a kernel that is another user's may not
            one.run(f"{code}\ntime.sleep(3)", seconds=30)
        one.stop()
    assert not tools.processes_with(token)


@pytest.mark.parametrize("wall", [LANDLOCK, NONE])
def test_without_bubblewrap_a_kernel_has_no_more_processes_than_it_may(plain_host, wall):
    token = secrets.token_hex(8)
    many = (
        "import subprocess, time\n"
        f"for _ in range({SMALL.processes + 20}):\n"
        f"    subprocess.Popen(['sh', '-c', 'sleep 60; : {token}'])\n"
        "time.sleep(20)"
    )
    one = Kernel(plain_host(wall))
    with pytest.raises((Died, Raised)) as ended:
        one.run(many)
    one.stop()
    assert not tools.processes_with(token)
    if os.geteuid() == 0:  # its kernels are users of their own, with a limit
        assert "BlockingIOError" in str(ended.value)
    else:
        assert "more than 48 processes" in one.known.killed_for


def test_isolation_none_is_no_surprise_and_no_warning(plain_host):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        host = plain_host(NONE)
        assert "isolation=none" in host.warning
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("6 * 7")])
        NotebookClient(notebook, km=host.start()).execute(cleanup_kc=True)
    assert notebook.cells[0].outputs[0].data["text/plain"] == "42"


# what is asked for ---------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [{"memory_mb": 0}, {"processes": 1.5}, {"open_files": True}])
def test_limits_are_whole_numbers(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Limits(**wrong)


def test_a_folder_without_bplab_is_no_edition(tmp_path):
    with pytest.raises(FileNotFoundError, match="no edition"):
        KernelHost(tmp_path)


def test_an_edition_that_cannot_be_imported_says_why(tmp_path):
    broken = tools.make_edition(tmp_path)
    (broken / "bplab" / "__init__.py").write_text("import no_such_module\n")
    with pytest.raises(KernelStartError, match="no_such_module"), KernelHost(broken):
        pass


def test_a_closed_host_starts_nothing(edition):
    with pytest.raises(RuntimeError, match="with statement"):
        KernelHost(edition).start()


def test_the_provisioner_can_be_named_in_a_kernel_specification(edition, monkeypatch):
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())
    group = KernelProvisionerFactory.GROUP_NAME
    value = project["project"]["entry-points"][group]["bplab-warm"]
    factory = KernelProvisionerFactory.instance()
    known = {**factory.provisioners, "bplab-warm": EntryPoint("bplab-warm", value, group)}
    monkeypatch.setattr(factory, "provisioners", known)
    stanza = {"provisioner_name": "bplab-warm", "config": {"edition": str(edition)}}
    manager = AsyncKernelManager()
    manager._kernel_spec = KernelSpec(
        argv=["-"], display_name="x", language="python", metadata={"kernel_provisioner": stanza}
    )
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("import bplab; print(bplab.edition)")]
    )

    async def run() -> None:
        client = NotebookClient(notebook, km=manager)
        await client.async_execute(cleanup_kc=True)

    with _said_where_isolation_is_weaker():
        asyncio.run(run())
    assert notebook.cells[0].outputs[0].text == "the small one\n"
    assert not tools.processes_with("bplab-warm")
