"""What a kernel has used is known; what it leaves behind is ended, whatever wall it is behind."""

import contextlib
import os
import secrets
import signal
from pathlib import Path

import pytest

from bplab.grading.kernels import BWRAP, LANDLOCK, NONE, IsolationError, KernelHost, Limits, choose
from tests.grading.kernels import tools
from tests.grading.kernels.tools import Died, Raised, kernel
from tests.grading.waiting import wait_until
from tests.thorough import sampled

pytestmark = pytest.mark.xdist_group("kernels")


@pytest.fixture(
    scope="module", params=sampled([BWRAP, LANDLOCK, NONE], lambda wall: wall != LANDLOCK)
)
def host(request, edition):
    try:
        choose(request.param)
    except IsolationError as error:
        pytest.skip(str(error))
    with KernelHost(edition, isolation=request.param, limits=Limits(processes=48)) as host:
        yield host


LOOPS = {
    "a session of its own": "os.setsid()",
    "a group of its own": "os.setpgid(0, 0)",
    "orphans": "os.fork() and os._exit(0)",
    "orphans of orphans in sessions of their own": (
        "os.setsid(); os.fork() and os._exit(0); os.setsid(); os.fork() and os._exit(0)"
    ),
    "deaf ones": "[signal.signal(s, signal.SIG_IGN) for s in (1, 2, 3, 13, 14, 15, 17)]",
    "stopped ones": "os.kill(os.getpid(), signal.SIGSTOP)",
    "threads": "[threading.Thread(target=loop).start() for _ in range(3)]",
    "another program": "os.execv('/bin/sh', ['sh', '-c', 'while :; do :; done; : TOKEN'])",
}


def test_busy_loops_that_a_cell_leaves_are_ended(host):
    token = secrets.token_hex(8)
    with kernel(host) as one:
        one.run("import os, signal, threading, time\ndef loop():\n    while True: pass")
        kinds = [code.replace("TOKEN", token) for code in LOOPS.values()]
        one.run("\n".join(f"if os.fork() == 0:\n    {kind}\n    loop()" for kind in kinds))
        wait_until(lambda: tools.processes_with(token), 20)
        assert one.manager.look("tidy").ended >= len(LOOPS)
        before = one.manager.look().seconds
        assert one.run("time.sleep(0.5); print(1 + 1)") == "2"
        assert one.manager.look("tidy").ended == 0
        assert one.manager.look().seconds - before < 0.45  # nobody but the kernel has run
    assert not tools.processes_with(token)


def test_what_a_kernel_started_counts_after_its_end_too(host):
    busy = "end = time.process_time() + 0.3\nwhile time.process_time() < end: pass"
    with kernel(host) as one:
        before = one.manager.look().seconds
        one.run(
            "import os, time\n"
            "if os.fork() == 0:\n"
            f"    exec({busy!r}); os._exit(0)\n"
            "os.wait()\n"
            "if os.fork() == 0:\n"
            "    if os.fork() == 0:\n"
            f"        exec({busy!r})\n"
            "    os._exit(0)\n"
            "os.wait()"
        )
        wait_until(lambda: one.manager.look().seconds - before >= 0.5, 30)


def test_what_is_spared_goes_on_to_the_end_of_its_kernel(host):
    token = secrets.token_hex(8)
    with kernel(host) as one:
        start = f"import subprocess\np = subprocess.Popen(['sh', '-c', 'sleep 60; : {token}'])"
        one.run(start)
        assert one.manager.look("spare").ended == 0
        one.run("q = subprocess.Popen(['sleep', '60'])")
        assert one.manager.look("tidy").ended == 1
        assert one.run("print(p.poll(), q.poll())") == "None -9"
    assert not tools.processes_with(token)


def test_a_kernel_that_was_told_to_stop_stands_still_at_once(host):
    others = tools.processes_below(host._warm.process.pid)
    busy = (
        "import threading\n"
        "def turn():\n"
        "    while True: pass\n"
        "for _ in range(3):\n"
        "    threading.Thread(target=turn, daemon=True).start()"
    )
    with kernel(host) as one:
        one.run(busy)
        below = tools.processes_below(host._warm.process.pid) - others
        (its,) = (process for process in below if not tools.processes_below(process))
        one.manager.look("stop")
        states = [
            thread.read_text().rsplit(") ", 1)[1][0]
            for thread in Path(f"/proc/{its}/task").glob("*/stat")
        ]
        assert len(states) > 3
        assert set(states) == {"T"}


def test_a_signal_has_come_when_the_next_question_is_answered(host):
    """Also where whoever keeps the kernel gets no processor: it would come to the next cell."""
    others = tools.processes_below(host._warm.process.pid)
    with kernel(host) as one:
        below = tools.processes_below(host._warm.process.pid) - others
        (keeper,) = (process for process in below if tools.processes_below(process))
        one.run("import signal; n = []; signal.signal(signal.SIGUSR1, lambda *_: n.append(1))")
        os.kill(keeper, signal.SIGSTOP)
        try:
            host.signal(one.manager.kernel, signal.SIGUSR1)
            one.manager.look()
            assert one.run("print(n)") == "[1]"
        finally:
            os.kill(keeper, signal.SIGCONT)


def test_a_bomb_whose_parts_live_for_a_moment_ends_at_the_latest_with_its_kernel(host):
    bomb = (
        "import os, signal\n"
        "signal.signal(signal.SIGCHLD, signal.SIG_IGN)\n"
        "for _ in range(20):\n"
        "    if os.fork() == 0:\n"
        "        while True:\n"
        "            try:\n"
        "                if os.fork(): os._exit(0)\n"
        "            except OSError: pass\n"
    )
    others = tools.processes_below(host._warm.process.pid)
    with kernel(host) as one, contextlib.suppress(TimeoutError, Died, Raised):
        one.run(bomb, seconds=5)
        one.manager.look("tidy")
    wait_until(lambda: tools.processes_below(host._warm.process.pid) <= others, 20)


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("import os; os._exit(3)", "it ended itself, with status 3"),
        ("import os; os.kill(os.getpid(), 9)", "it was ended by SIGKILL"),
        ("import ctypes; ctypes.string_at(0)", "it was ended by SIGSEGV"),
    ],
)
def test_it_is_said_how_a_kernel_ended(host, code, why):
    with kernel(host) as one:
        with pytest.raises(Died):
            one.run(code)
        assert one.known.why == why
        assert one.manager.look() is None
