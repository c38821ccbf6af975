"""How fast a class is graded: ``bplab grade`` beside ``nbgrader autograde``, in one run.

Both grade the same class on the same computer, one after the other, as an instructor would start
them. nbgrader uses what it comes with: a kernel for each submission, in which the check runs.
"""

import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from nbgrader.api import Gradebook
from rich.table import Table

from bplab.course import Course, with_own_programs
from bplab.exercises.registry import TASKS
from bplab.grading.demo import STUDENTS, Student, set_up

__all__ = ["ASSIGNMENT", "GOAL", "Measured", "as_json", "as_table", "make_class", "measure"]

ASSIGNMENT = "section_2_1"
GOAL = 12.0
"""How many times as many submissions a minute `bplab grade` should grade."""

_STOCK = """
from pathlib import Path

c = get_config()
c.CourseDirectory.course_id = "bplab"
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.ClearSolutions.code_stub = {
    "python": "# your code takes the place of this line and the next\\ntodo()"
}
c.Execute.timeout = 30
"""


@dataclass(frozen=True)
class Measured:
    """One way to grade the class.

    Attributes
    ----------
    command : str
    students : int
    seconds : float
        From the command's start to its end, its imports included.
    marks : dict of str to float
        By student.
    """

    command: str
    students: int
    seconds: float
    marks: dict[str, float]

    @property
    def rate(self) -> float:
        """Submissions a minute."""
        return 60 * self.students / self.seconds


def measure(
    course: Course,
    students: int = 24,
    jobs: int = 2,
    progress: Callable[[str], None] = lambda words: None,
) -> list[Measured]:
    """Grade one class twice: by `nbgrader autograde`, and by `bplab grade`.

    The class has right, wrong and unfinished notebooks in turn. Partial credit is off, so that
    the marks can be compared.

    Parameters
    ----------
    course : Course
        Where the notebook comes from; nothing in it is changed.
    students : int
        How many.
    jobs : int
        Processes of `bplab grade`.
    progress : callable
        Is told what is being done.

    Returns
    -------
    list of Measured
        nbgrader, then bplab.

    Raises
    ------
    RuntimeError
        If a command fails, or the two give somebody different marks.
    """
    with tempfile.TemporaryDirectory(prefix="bplab-bench-") as temporary:
        ours, theirs = Path(temporary, "ours"), Path(temporary, "theirs")
        progress("making the class")
        make_class(course, ours, students)
        shutil.copytree(ours, theirs)
        (theirs / "nbgrader_config.py").write_text(_STOCK, encoding="utf-8")
        grade = ["bplab.cli.main", "grade", ASSIGNMENT, "--jobs", str(jobs), "--no-partial-credit"]
        commands = ((theirs, ["nbgrader", "autograde", ASSIGNMENT]), (ours, grade))
        measured = []
        for folder, command in commands:
            shown = " ".join(["bplab" if part == "bplab.cli.main" else part for part in command])
            progress(shown)
            seconds = _timed(folder, command)
            measured.append(Measured(shown, students, seconds, _marks(folder)))
    _compare(*measured)
    return measured


def make_class(course: Course, folder: Path, students: int) -> None:
    """Make a class of right, wrong and unfinished notebooks in turn, ready to be graded."""
    starter = Student("zoe", "hands in the starter", dict.fromkeys(TASKS))
    kinds = itertools.cycle((*STUDENTS, starter))
    some = [
        replace(student, name=f"{student.name}{number:03d}")
        for number, student in zip(range(students), kinds, strict=False)
    ]
    set_up(course, folder, some, [ASSIGNMENT])


def _timed(folder: Path, command: list[str]) -> float:
    # the same secret for both: the same hidden cases
    environment = {**with_own_programs(), "BPLAB_SECRET": "of the benchmark"}
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    seconds = time.perf_counter() - start
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{(done.stderr or done.stdout)[-3000:]}")
    return seconds


def _marks(folder: Path) -> dict[str, float]:
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "bplab") as book:
        return {one.student.id: one.score for one in book.assignment_submissions(ASSIGNMENT)}


def _compare(theirs: Measured, ours: Measured) -> None:
    everybody = theirs.marks.keys() | ours.marks.keys()
    differ = {
        student: (theirs.marks.get(student), ours.marks.get(student))
        for student in sorted(everybody)
        if theirs.marks.get(student) != ours.marks.get(student)
    }
    if differ or len(everybody) != ours.students:
        raise RuntimeError(
            f"the marks of {theirs.command} and of {ours.command} are to be the same: {differ}"
        )


def as_table(measured: list[Measured]) -> Table:
    """Return both ways as a table."""
    base = measured[0]
    table = Table(
        title=f"A class of {base.students}, {ASSIGNMENT}; {os.cpu_count()} processors",
        caption=f"The same marks. Goal: {GOAL:g} times nbgrader's rate.",
    )
    table.add_column("command")
    for column in ("seconds", "a minute", "times nbgrader"):
        table.add_column(column, justify="right")
    for one in measured:
        ratio = f"{one.rate / base.rate:.1f}"
        table.add_row(one.command, f"{one.seconds:.1f}", f"{one.rate:.0f}", ratio)
    return table


def as_json(measured: list[Measured]) -> str:
    """Return the same as JSON."""
    return json.dumps([asdict(one) | {"rate": one.rate} for one in measured], indent=2)
