"""A program that is forked is as one that is started."""

import os
import signal
import subprocess
import sys

import pytest

from tests.programs import Forked

SAYS = """
import os, sys
print(sys.argv, __name__, os.getcwd(), sorted(os.environ), os.getsid(0) == os.getpid())
print(sys.stdin.read(), file=sys.stderr)
print(os.read(HANDLE, 9), sorted(map(int, os.listdir("/proc/self/fd")))[:-1])
atexit = __import__("atexit")
atexit.register(print, "at the end")
"""


def told(start, tmp_path, name, arguments):
    """Exit status, output and errors of a program."""
    reads, writes = os.pipe()
    os.write(writes, b"sent")
    os.close(writes)
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "LC_CTYPE": "C.UTF-8"}
    with (tmp_path / f"{name}.out").open("w+") as out, (tmp_path / f"{name}.err").open("w+") as err:
        process = start(
            [sys.executable, *[part.replace("HANDLE", str(reads)) for part in arguments]],
            cwd=tmp_path,
            env=environment,
            pass_fds=(reads,),
            start_new_session=True,
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=err,
            text=True,
        )
        os.close(reads)
        process.stdin.write("given")
        process.stdin.close()
        status = process.wait(60)
        out.seek(0)
        err.seek(0)
        return status, out.read(), err.read().splitlines()[-1:]


@pytest.mark.parametrize(
    "end",
    [
        *("", "sys.exit(3)", "sys.exit('no')", "1 / 0", "os.abort()", "os._exit(7)"),
        "os.kill(os.getpid(), 9)",
        "raise KeyboardInterrupt",
    ],
)
def test_it_says_the_same_and_ends_the_same(tmp_path, end):
    arguments = ["-c", SAYS + end, "a", "b c"]
    forked = told(Forked, tmp_path, "forked", arguments)
    assert forked == told(subprocess.Popen, tmp_path, "started", arguments)
    assert ("sent" in forked[1]) != ("os." in end)  # what is not flushed is lost


def test_a_module_and_a_script_are_run_where_they_are(tmp_path):
    (tmp_path / "one.py").write_text("import sys, two; print(sys.argv, sys.path[0], two.x)")
    (tmp_path / "two.py").write_text("x = 5")
    for arguments in (["-m", "one", "a"], [str(tmp_path / "one.py"), "a"]):
        forked = told(Forked, tmp_path, "forked", arguments)
        assert forked == told(subprocess.Popen, tmp_path, "started", arguments)
        assert forked[1].endswith("5\n")


def test_one_that_goes_on_is_waited_for_and_ended(tmp_path):
    process = Forked([sys.executable, "-c", "import time; time.sleep(60)"], cwd=tmp_path)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.01)
    assert process.poll() is None
    process.terminate()
    assert process.wait(20) == process.returncode == -signal.SIGTERM
