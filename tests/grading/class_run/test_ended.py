"""Ctrl-C and SIGKILL, on real processes: what is written is whole, and nothing is left running."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.grading.class_run.mini_class import HALF, NAME, RIGHT, WRONG, grade, hand_in, marks
from tests.grading.waiting import wait_until
from tests.thorough import ALL

pytestmark = pytest.mark.xdist_group("class-run")
ROOT = Path(__file__).parents[3]
RUN = """
if __name__ == "__main__":
    import sys
    from pathlib import Path
    from tests.grading.class_run.mini_class import grade

    outcomes, result = grade(Path(sys.argv[1]), jobs=2)
    sys.exit(130 if result.interrupted else 0)
"""
STUDENTS = 100 if ALL else 40


@pytest.fixture
def temporary(tmp_path):
    """Where a run has its temporary files; however it ends, none is left."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    yield folder
    assert not [*folder.iterdir()]


@pytest.fixture
def start(folder, tmp_path, temporary):
    """What starts a run, in a session of its own as a terminal does; it ends with the test."""
    script, started = tmp_path / "run.py", []
    script.write_text(RUN, encoding="utf-8")

    def start():
        process = subprocess.Popen(
            [sys.executable, str(script), str(folder)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(temporary)},
            start_new_session=True,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
            process.wait()


def written(folder):
    return sorted((folder / "autograded").glob(f"*/{NAME}/{NAME}.ipynb"))


def gone(processes):
    return all(not p.is_running() or p.status() == psutil.STATUS_ZOMBIE for p in processes)


def slow_class(folder, count):
    """A class in which every submission takes a moment, and starts a process as kernels do."""
    slow = "import subprocess, time\nsubprocess.Popen(['sleep', '60'])\ntime.sleep(0.2)\nx = 2"
    for i in range(count):
        hand_in(folder, f"s{i:02d}", RIGHT | {"one": slow} if i % 4 else WRONG)


def test_ctrl_c_writes_what_is_done_and_leaves_no_process(folder, start, temporary):
    slow_class(folder, 20)
    run = start()
    wait_until(lambda: len(written(folder)) >= 3)
    children = psutil.Process(run.pid).children(recursive=True)
    assert any("sleep" in child.name() for child in children)
    assert [*temporary.iterdir()]
    os.killpg(run.pid, signal.SIGINT)
    _, said = run.communicate(timeout=60)
    assert (run.returncode, said) == (130, "")
    wait_until(lambda: gone(children), 10)
    done = written(folder)
    assert 3 <= len(done) < 20
    assert all(json.loads(path.read_text(encoding="utf-8"))["cells"] for path in done)
    assert {path.parts[-3] for path in done} == set(marks(folder))
    outcomes, _ = grade(folder)
    assert sum(one.state == "kept" for one in outcomes.values()) == len(done)
    assert len(marks(folder)) == 20


def test_killed_half_way_a_class_is_completed_to_the_same_gradebook(
    folder, tmp_path, start, temporary
):
    for i in range(STUDENTS):
        hand_in(folder, f"s{i:02d}", (RIGHT, HALF, WRONG, {})[i % 4])
    unbroken = shutil.copytree(folder, tmp_path / "unbroken")
    run = start()
    wait_until(lambda: len(written(folder)) >= STUDENTS // 2)
    children = psutil.Process(run.pid).children(recursive=True)
    assert [*temporary.iterdir()]
    run.kill()
    run.wait()
    half = len(written(folder))
    assert STUDENTS // 2 <= half < STUDENTS
    wait_until(lambda: gone(children), 20)  # workers see that who started them is gone
    outcomes, _ = grade(folder)
    assert sum(one.state == "kept" for one in outcomes.values()) >= half - 1
    grade(unbroken)
    assert marks(folder) == marks(unbroken)
    assert len(marks(folder)) == STUDENTS
