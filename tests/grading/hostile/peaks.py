"""What hostile submissions take of the grader: ``python -m tests.grading.hostile.peaks``.

Names of rows may follow, to have only those, and ``--isolation landlock``.

Each is judged in a child, as ``bplab grade`` has it done; for each row the child's largest resident
memory and the seconds are printed. Then a class of them all is graded with the command, and the
coordinator's is measured. Linux only: the system tells what a process has held at most.
"""

import argparse
import re
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from bplab.grading.class_run.child import Child, Died
from bplab.grading.class_run.worker import Failed, Order
from bplab.grading.judge.submission import Grader
from bplab.grading.kernels import Isolation
from tests.grading.hostile.accident import Accident
from tests.grading.hostile.accidents import ACCIDENTS
from tests.grading.hostile.attack import Attack
from tests.grading.hostile.attacks import ATTACKS
from tests.grading.hostile.classroom import Classroom, course_settings
from tests.grading.hostile.notebook import ASSIGNMENT
from tests.grading.hostile.ours import assignment

COORDINATOR, CHILD = 300, 1000
"""MB that each may take."""


class Peak:
    """The largest resident memory of a process, in MB, as long as it lives."""

    def __init__(self, process: int):
        self.megabytes = 0.0
        self._status = Path(f"/proc/{process}/status")

    def look(self) -> None:
        """Note what it has taken by now."""
        try:
            found = re.search(r"VmHWM:\s+(\d+) kB", self._status.read_text())
        except OSError:
            return
        if found:
            self.megabytes = max(self.megabytes, int(found[1]) * 1024 / 1e6)


@contextmanager
def peak_of(process: int) -> Iterator[Peak]:
    """Look again and again: what has ended tells nothing."""
    Path(f"/proc/{process}/clear_refs").write_text("5")  # from now on
    peak, over = Peak(process), threading.Event()

    def look() -> None:
        while not over.wait(0.02):
            peak.look()

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield peak
    finally:
        peak.look()
        over.set()
        thread.join()


def main(names: Sequence[str], isolation: Isolation) -> None:
    """Print the table, and what the coordinator takes."""
    suites: dict[str, Attack | Accident] = {**ATTACKS, **ACCIDENTS}
    chosen = {name: one for name, one in suites.items() if not names or name in names}
    print(
        "| name | child, MB | seconds | right | what became of the child |\n|---|---|---|---|---|"
    )
    highest = _rows(chosen, isolation)
    print(f"\nThe highest of {len(chosen)} children: {highest:.0f} MB, of {CHILD}.", flush=True)
    took, said = _command(chosen, isolation)
    print(f"The coordinator of `bplab grade` for all of them: {took:.0f} MB, of {COORDINATOR}.")
    print(said)


def _rows(chosen: Mapping[str, Attack | Accident], isolation: Isolation) -> float:
    order, highest, child = Order(Grader, assignment(isolation)), 0.0, Child()
    try:
        child.send(order, [next(iter(chosen.values())).submission()])
        child.reply()
        for name, one in chosen.items():
            submitted, start, became, right = one.submission(), time.monotonic(), "lives", 0
            with peak_of(child.process) as peak:
                try:
                    child.send(order, [submitted])
                    told = child.reply()
                    right = sum(mistake is None for mistake in told.mistakes.values())
                except (Died, Failed) as error:
                    became = str(error)
            seconds = time.monotonic() - start
            row = (name, f"{peak.megabytes:.0f}", f"{seconds:.1f}", f"{right}", became)
            print(f"| {' | '.join(row)} |", flush=True)
            highest = max(highest, peak.megabytes)
            if child.worn or became != "lives":
                child.close()
                child = Child()
    finally:
        child.close()
    return highest


def _command(chosen: Mapping[str, Attack | Accident], isolation: Isolation) -> tuple[float, str]:
    with tempfile.TemporaryDirectory(prefix="peaks-") as folder:
        room = Classroom(Path(folder)).set_up(course_settings())
        for name, one in chosen.items():
            room.hand_in(name, one.submission())
        run = room.start("bplab", "grade", ASSIGNMENT, "--jobs", "2", f"--isolation={isolation}")
        with peak_of(psutil.Process(run.pid).pid) as peak:
            run.wait()
        return peak.megabytes, room.log[-1500:]


if __name__ == "__main__":
    reader = argparse.ArgumentParser()
    reader.add_argument("--isolation", type=Isolation, default=Isolation.AUTO)
    reader.add_argument("names", nargs="*")
    asked = reader.parse_args()
    main(asked.names, asked.isolation)
