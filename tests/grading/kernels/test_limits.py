"""A student kernel uses no more than its limits, and others go on."""

import resource
import secrets

import pytest

from bplab.grading.kernels import bwrap as bubblewrap
from bplab.grading.kernels.bwrap import TMP
from tests.grading.kernels import tools
from tests.grading.kernels.tools import SMALL, Died, Kernel, Raised, kernel, refused
from tests.grading.waiting import wait_until

pytestmark = [
    pytest.mark.xdist_group("kernels"),
    pytest.mark.skipif(bool(bubblewrap.why_not()), reason=bubblewrap.why_not() or "-"),
]


def test_a_fork_bomb_is_bounded_and_others_go_on(host, shared):
    token = secrets.token_hex(8)
    with kernel(host) as one:
        text = one.run(
            "import subprocess\n"
            "made = 0\n"
            "try:\n"
            "    while True:\n"
            f"        loop = 'while :; do read x; done <> {TMP}/p; : {token}'\n"
            "        subprocess.Popen(['sh', '-c', loop])\n"
            "        made += 1\n"
            "except OSError as error: print(type(error).__name__, made)",
            seconds=60,
        )
        kind, count = text.split()
        assert kind == "BlockingIOError"
        assert 1 <= int(count) <= SMALL.processes
        assert shared.run("print(1 + 1)") == "2"
        assert tools.processes_with(token)
    assert not tools.processes_with(token)


def test_a_fork_bomb_in_earnest_is_ended_with_its_kernel(host, shared):
    one = Kernel(host)
    with pytest.raises((TimeoutError, Died, Raised)):
        one.run("import os\nwhile True:\n    try: os.fork()\n    except OSError: pass", seconds=1)
    assert shared.run("print(1 + 1)", seconds=60) == "2"
    one.stop()
    assert shared.run("print(1 + 1)") == "2"


def test_one_process_cannot_take_more_memory(host):
    with kernel(host) as one:
        refused(one, "b = bytearray(600 << 20)", "MemoryError")
        assert one.run("b = bytearray(200 << 20); print(len(b) >> 20)") == "200"


def test_many_processes_that_take_memory_are_killed_together(host, shared):
    one = Kernel(host)
    with pytest.raises(Died):
        one.run(
            "import os, time\n"
            "for _ in range(6):\n"
            "    if os.fork() == 0: b = bytearray(os.urandom(1)) * (150 << 20); time.sleep(60)\n"
            "time.sleep(60)",
            seconds=60,
        )
    assert "400 MiB" in one.known.killed_for
    assert shared.run("print(1 + 1)") == "2"
    one.stop()


def test_files_are_bounded_in_size_and_number(host):
    with kernel(host) as one:
        refused(one, "open('big', 'wb').write(bytes(9 << 20))", "OSError")
        text = one.run(
            "import os\n"
            "os.unlink('big')\n"
            "n = 0\n"
            "for top in ('/tmp', '/home/student', '/dev/shm'):\n"
            "    try:\n"
            "        while n < 300:\n"
            "            open(f'{top}/{n}', 'wb').write(bytes(1 << 20)); n += 1\n"
            "    except OSError as error: print(error.errno)\n"
            "print(n)"
        )
        *errors, count = text.split()
        assert errors == ["28"] * 3
        assert SMALL.tmp_mb - 2 <= int(count) <= SMALL.tmp_mb
    with kernel(host) as one:
        assert one.run("print(len(open('x', 'wb').name))") == "1"


def test_files_that_do_not_fit_are_an_error_that_says_so(host):
    manager = host.start({f"{n}.bin": bytes(8 << 20) for n in range(5)})
    wait_until(lambda: host.poll(manager.kernel) is not None, 20)
    assert "No space left" in "\n".join(manager.last_words())
    host.stop(manager.kernel)


def test_a_message_without_end_fills_no_memory_here(host):
    with kernel(host) as one:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with pytest.raises((TimeoutError, Died)):
            one.run("print('x' * (70 << 20), flush=True)", seconds=6)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 150 << 10  # KiB


def test_many_messages_all_arrive(host):
    with kernel(host) as one:
        many = "import sys\nfor n in range(2500): print(n); sys.stdout.flush()"
        text = one.run(many, seconds=90, listen_after=3)
    assert text.split() == [str(n) for n in range(2500)]
