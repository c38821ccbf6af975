"""`bplab grade --scheduler`: on a Dask cluster of real processes, the marks are the same."""

import os
import re
import shutil
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from bplab.course import CourseError
from bplab.grading.class_run.worker import CannotStart, Order, grade_one
from tests.grading.class_run.mini_class import (
    HALF,
    NAME,
    RIGHT,
    WRONG,
    grade,
    hand_in,
    marks,
)
from tests.grading.class_run.mini_grader import LOG, MiniGrader
from tests.grading.waiting import wait_until
from tests.programs import Forked
from tests.thorough import ALL

pytest.importorskip("distributed", reason="needs bplab[cluster]")
pytestmark = pytest.mark.xdist_group("class-run")
ROOT = Path(__file__).parents[3]


class Cluster:
    """A scheduler and workers, each a process. Killed, they leave nothing of bplab's."""

    def __init__(self, folder, log):
        self._folder = folder
        self._temporary = folder / "temporary"
        self._temporary.mkdir()
        self._env = {**os.environ, "PYTHONPATH": str(ROOT), LOG: str(log)}
        self._env["TMPDIR"] = str(self._temporary)
        self.workers = []
        self._output = folder / "scheduler.log"
        self._scheduler = self._start(
            ["scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"], self._output
        )
        self.address = wait_until(
            lambda: re.search(r"Scheduler at: +(tcp://\S+)", self._output.read_text()), 90
        ).group(1)

    def _start(self, arguments, output):
        with output.open("w") as file:
            return Forked(
                [sys.executable, "-m", "dask", *arguments],
                env=self._env,
                cwd=self._folder,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )

    def add_worker(self):
        output = self._folder / f"worker{len(self.workers)}.log"
        options = ["--nthreads", "1", "--no-dashboard", "--local-directory", str(self._folder)]
        # without a nanny: a worker that is killed stays away
        worker = self._start(["worker", self.address, "--no-nanny", *options], output)
        self.workers.append(worker)
        wait_until(lambda: "Registered to" in output.read_text(), 90)

    def close(self):
        for process in [*self.workers, self._scheduler]:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        wait_until(lambda: not [*self._temporary.glob("bplab-*")], 20)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cluster")
    cluster = Cluster(folder, folder / "begun.log")
    try:
        for _ in range(4 if ALL else 2):
            cluster.add_worker()
        yield cluster
    finally:
        cluster.close()


def test_the_marks_are_those_of_this_computer(folder, tmp_path, cluster):
    for i in range(12):
        hand_in(folder, f"s{i:02d}", (RIGHT, HALF, WRONG)[i % 3])
    hand_in(folder, "s03", "no notebook")
    alone = shutil.copytree(folder, tmp_path / "alone")
    outcomes, result = grade(folder, scheduler=cluster.address)
    grade(alone)
    assert marks(folder) == marks(alone)
    assert len(outcomes) == len(marks(folder)) == 12
    assert not result.interrupted


def test_an_error_of_a_grader_costs_its_submission_only(folder, cluster):
    hand_in(folder, "ada", RIGHT)
    cell = '{"metadata": {"nbgrader": {"grade_id": "one"}}, "source": 3}'
    hand_in(folder, "ben", '{"cells": [' + cell + "]}")  # more than this grader can bear
    outcomes, _ = grade(folder, scheduler=cluster.address)
    assert (outcomes["ada"].score, outcomes["ben"].state) == (5, "failed")
    assert outcomes["ben"].events[0].startswith("not graded: TypeError: ")


def test_a_worker_killed_mid_run_loses_nothing(folder, tmp_path, cluster):
    slow = RIGHT | {"one": "import time\ntime.sleep(0.3)\nx = 2"}
    for i in range(20):
        hand_in(folder, f"s{i:02d}", slow)
    alone = shutil.copytree(folder, tmp_path / "alone")
    cluster.add_worker()
    killed = cluster.workers[-1]
    written = folder / "autograded"

    def kill():
        while len(list(written.glob(f"*/{NAME}/*.ipynb"))) < 6:
            time.sleep(0.02)
        killed.send_signal(signal.SIGKILL)

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    outcomes, _ = grade(folder, scheduler=cluster.address)
    killer.join(10)
    assert killed.wait(10) == -signal.SIGKILL
    assert {one.state for one in outcomes.values()} == {"graded"}
    grade(alone)
    assert marks(folder) == marks(alone)


def test_without_a_scheduler_it_says_what_to_do(folder, monkeypatch):
    from bplab.grading.class_run import pools

    monkeypatch.setattr(pools, "ANSWERING", 1)
    hand_in(folder, "ada", RIGHT)
    with pytest.raises(CourseError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:1 "):
        grade(folder, scheduler="tcp://127.0.0.1:1")


def test_a_worker_of_another_version_grades_nothing():
    with pytest.raises(CannotStart, match=r"a worker has bplab \S+, and not 0\.0"):
        grade_one(Order(MiniGrader, None, version="0.0"), b"")
