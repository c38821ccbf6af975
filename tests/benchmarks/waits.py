"""``bplab bench waits``: how long one waits for the course itself, each beside another wait.

Seconds say as much about the machine as about the course, so each is compared with something that
was done in the same run: building what is up to date with building everything, a check with
starting numpy, the first cell's imports with those of what they stand on.
"""

import ast
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass
from io import StringIO
from pathlib import Path
from statistics import median
from time import perf_counter

from rich.table import Table

from bplab.course import Course, with_own_programs
from bplab.exercises import TASKS, check
from bplab.exercises.progress import FOLDER
from bplab.exercises.task import Challenge

__all__ = ["Waited", "as_json", "as_table", "checks", "imports_of", "measure"]

EVERYTHING = "everything is built"
NUMPY = "import numpy"
BELOW = "import numpy, matplotlib.pyplot, ipywidgets"

NOTEBOOK = "section_2_1"
"""The imports are those of this one."""

SLOWEST = 5
REPEATS = 7


@dataclass(frozen=True)
class Waited:
    """One line of the result.

    Attributes
    ----------
    what : str
        What one waits for.
    seconds : float
    beside : str
        What it is compared with.
    beside_seconds : float
    goal : float or None
        The largest ratio that is fast enough; None for what learns from data.
    """

    what: str
    seconds: float
    beside: str
    beside_seconds: float
    goal: float | None

    @property
    def ratio(self) -> float:
        """Time of the one / time of the other."""
        return self.seconds / self.beside_seconds

    @property
    def verdict(self) -> str:
        """The ratio with what it should be at most."""
        if self.goal is None:
            return f"{self.ratio:.2g}"
        return f"{self.ratio:.2g} {'≤' if self.ratio <= self.goal else '>'} {self.goal:.2g}"


def measure(course: Course, progress: Callable[[str], object] = lambda words: None) -> list[Waited]:
    """Measure all waits, in a copy of the course.

    Parameters
    ----------
    course : Course
        Where the notebooks come from; nothing in it is changed.
    progress : callable
        Is told what is being done.

    Raises
    ------
    RuntimeError
        If a command fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = course.copied_to(Path(folder, "course"))
        progress("building everything")
        before = _processor()
        everything = _seconds(["bplab", "course", "build", "--force"], copy.root)
        processor = _processor() - before
        progress("building nothing")
        nothing = _seconds(["bplab", "course", "build"], copy.root)
        progress("demo class")
        demo = _seconds(["bplab", "demo", "class"], copy.root)
        progress("checks")
        checked = _checked(copy.root)
    progress("imports")
    ours = imports_of((course.notebooks / f"{NOTEBOOK}.py").read_text(encoding="utf-8"))
    imports = _imports((NUMPY, BELOW, ours))
    return [
        Waited("course build, everything", everything, "its processor time", processor, 2 / 3),
        Waited("course build, nothing changed", nothing, EVERYTHING, everything, 1 / 15),
        Waited("demo class", demo, EVERYTHING, everything, 1.0),
        *_of_checks(checked, imports[NUMPY]),
        Waited(f"imports of {NOTEBOOK}", imports[ours], BELOW, imports[BELOW], 1.25),
    ]


def _of_checks(checked: Mapping[str, tuple[float, bool]], beside: float) -> list[Waited]:
    """The slowest checks: of right functions, and of those that learn from data."""
    slowest = sorted(checked, key=lambda id: -checked[id][0])[:SLOWEST]
    return [
        Waited(f"check, {id}", checked[id][0], NUMPY, beside, 0.5 if checked[id][1] else None)
        for id in slowest
    ]


def checks() -> dict[str, tuple[float, bool]]:
    """Check each exercise's right answer; seconds after the first time, and whether it is exact.

    A challenge, which learns from data, is not.
    """
    found = {}
    for id, task in TASKS.items():
        times = []
        for _ in range(4):
            with redirect_stdout(StringIO()):
                start = perf_counter()
                check(id, task.reference)
                times.append(perf_counter() - start)
        found[id] = min(times[1:]), not isinstance(task, Challenge)
    return found


def imports_of(notebook: str) -> str:
    """Return the import statements of a text notebook, as a program."""
    found = (
        node for node in ast.parse(notebook).body if isinstance(node, ast.Import | ast.ImportFrom)
    )
    return "\n".join(map(ast.unparse, found))


def _checked(folder: Path) -> dict[str, tuple[float, bool]]:
    """The same in a process of its own, which keeps what one has passed in this folder."""
    program = "import json; from tests.benchmarks.waits import checks; print(json.dumps(checks()))"
    root = str(Path(__file__).parents[2])
    env = os.environ | {
        FOLDER: str(folder),
        "PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")]),
    }
    return json.loads(_run([sys.executable, "-c", program], folder, env).splitlines()[-1])


def _imports(statements: Sequence[str]) -> dict[str, float]:
    """The median seconds of processes that do nothing else, in turn."""
    times = {statement: [] for statement in statements}
    for _ in range(REPEATS):
        for statement, seconds in times.items():
            seconds.append(_seconds([sys.executable, "-c", statement], Path.cwd()))
    return {statement: median(seconds) for statement, seconds in times.items()}


def _processor() -> float:
    """Seconds of processor time of the children that have ended."""
    spent = os.times()
    return spent.children_user + spent.children_system


def _seconds(command: Sequence[str], folder: Path) -> float:
    env = with_own_programs()
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # a learner's Python keeps what it has compiled
    start = perf_counter()
    _run(command, folder, env)
    return perf_counter() - start


def _run(command: Sequence[str], folder: Path, env: Mapping[str, str]) -> str:
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: {done.stderr.strip()[-2000:]}")
    return done.stdout


def as_json(waited: Sequence[Waited]) -> str:
    """Return the result for machines."""
    rows = [{**asdict(one), "ratio": one.ratio} for one in waited]
    return json.dumps(rows, indent=2, ensure_ascii=False)


def as_table(waited: Sequence[Waited]) -> Table:
    """Return the result as a table."""
    table = Table(title="Time of the one / time of the other; ≤ or > what it should be at most")
    for column in ("one waits for", "s", "beside", "s", "ratio"):
        table.add_column(column, justify="right" if column in ("s", "ratio") else "left")
    for one in waited:
        table.add_row(
            *(one.what, f"{one.seconds:.3g}", one.beside, f"{one.beside_seconds:.3g}"),
            one.verdict,
        )
    return table
