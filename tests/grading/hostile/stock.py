"""The same submissions graded by stock nbgrader: its own preprocessors, checks in the kernel.

``python -m tests.grading.hostile.stock`` measures, and writes ``stock_results.json``; it takes a
quarter of an hour, so the tests read that file. The class is graded as this course graded before
it had a grader of its own: the test cells check with the hidden cases, drawn from a secret in the
environment. Nothing is isolated, so run it where such submissions may run.
"""

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import nbformat

from tests.grading.hostile.accidents import ACCIDENTS, Accident
from tests.grading.hostile.attacks import ATTACKS, FOUND, Attack
from tests.grading.hostile.notebook import ALL, ASSIGNMENT, as_bytes, released, right_notebook

RESULTS = Path(__file__).with_name("stock_results.json")
SECRET = "a secret of the class that stock nbgrader grades"

_CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "bplab"
c.GenerateAssignment.force = True
c.ClearSolutions.code_stub = {{"python": "todo()"}}
c.Execute.timeout = {seconds}
"""

_HIDDEN = """check("{id}", {function})
### BEGIN HIDDEN TESTS
check("{id}", {function}, hidden=True)
### END HIDDEN TESTS"""


@dataclass(frozen=True)
class Stock:
    """What stock nbgrader made of one submission.

    Attributes
    ----------
    points : float or None
        None if it gave no mark at all: the submission was thrown out.
    found : bool
        Whether an attack got hold of what it must not see.
    others : float or None
        The lowest mark of two right submissions in the same class, where the submission had a
        class of its own.
    """

    points: float | None
    found: bool = False
    others: float | None = None


def measure(submissions: Mapping[str, Attack | Accident], seconds: int = 30) -> dict[str, Stock]:
    """Grade all submissions: those that may spoil the marks of others one by one."""
    together = {n: s for n, s in submissions.items() if not s.alone}
    results = {}
    with tempfile.TemporaryDirectory(prefix="stock-") as folder:
        marks = _grade(Path(folder), together, seconds)
        results |= {name: Stock(*marks[name]) for name in together}
    for name in submissions.keys() - together.keys():
        with tempfile.TemporaryDirectory(prefix="stock-") as folder:
            marks = _grade(Path(folder), {name: submissions[name]}, seconds)
            others = min(marks[other][0] or 0 for other in ("ada", "zoe"))
            results[name] = Stock(*marks[name], others)
    return {name: results[name] for name in submissions}


def stock_results() -> dict[str, dict[str, Stock]]:
    """Return what was measured, by suite (``attacks``, ``accidents``) and name."""
    stored = json.loads(RESULTS.read_text(encoding="utf-8"))
    return {
        suite: {name: Stock(**result) for name, result in stored[suite].items()}
        for suite in ("attacks", "accidents")
    }


# --- one class ------------------------------------------------------------------------------


def _grade(
    folder: Path, submissions: Mapping[str, Attack | Accident], seconds: int
) -> dict[str, tuple[float | None, bool]]:
    home = folder / "home"
    home.mkdir()
    course = folder / "course"
    course.mkdir()
    (course / "nbgrader_config.py").write_text(_CONFIG.format(seconds=seconds), encoding="utf-8")
    (course / "secret.txt").write_text(SECRET, encoding="utf-8")
    _write(course / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", _instructors())
    _nbgrader(course, home, "generate_assignment", ASSIGNMENT)
    right = as_bytes(right_notebook())
    for student in ("ada", "zoe"):
        _write(course / "submitted" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", right)
    for name, submission in submissions.items():
        path = course / "submitted" / name / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        _write(path, submission.submission())
    _nbgrader(course, home, "autograde", ASSIGNMENT, may_fail=True)
    return {name: _mark(course, name) for name in ("ada", "zoe", *submissions)}


def _instructors() -> bytes:
    """The instructor's notebook: the released one, with hidden tests in its test cells."""
    notebook = released()
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            source = "".join(cell["source"])
            id, function = re.fullmatch(r'check\("(\w+)", (\w+)\)', source.strip()).groups()
            cell["source"] = _HIDDEN.format(id=id, function=function)
    return as_bytes(notebook)


def _nbgrader(course: Path, home: Path, *arguments: str, may_fail: bool = False) -> None:
    programs = Path(sys.executable).parent
    environment = {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "LANG": "C.UTF-8",
        "HOME": str(home),
        "IPYTHONDIR": str(home / "ipython"),
        "BPLAB_SECRET": SECRET,
    }
    with (course / "log.txt").open("ab") as log:
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *arguments],
            cwd=course,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            timeout=3600,
        )
    if done.returncode and not may_fail:
        raise RuntimeError((course / "log.txt").read_text(encoding="utf-8")[-3000:])


def _mark(course: Path, student: str) -> tuple[float | None, bool]:
    from nbgrader.api import Gradebook, MissingEntry

    graded = course / "autograded" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    found = graded.exists() and FOUND in _outputs(graded)
    copied = shutil.copy(course / "gradebook.db", course / "read.db")  # it may be locked
    with Gradebook(f"sqlite:///{copied}") as gradebook:
        try:
            submission = gradebook.find_submission(ASSIGNMENT, student)
        except MissingEntry:
            return None, found
        return (submission.score if graded.exists() else None), found


def _outputs(path: Path) -> str:
    notebook = nbformat.read(path, as_version=4)
    return json.dumps([cell.get("outputs", []) for cell in notebook.cells])


def _write(path: Path, text: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text)


# --- the command ----------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what is named, or everything, and write the results beside the old ones."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="attacks and accidents; all if none")
    names = parser.parse_args(arguments).names
    stored = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    for suite, submissions in (("attacks", ATTACKS), ("accidents", ACCIDENTS)):
        chosen = {n: s for n, s in submissions.items() if n in names or not names}
        measured = {n: asdict(result) for n, result in measure(chosen).items()} if chosen else {}
        old = {n: r for n, r in stored.get(suite, {}).items() if n in submissions}
        stored[suite] = dict(sorted((old | measured).items()))
        stored["of"] = ALL
        stored["versions"] = {
            "python": platform.python_version(),
            **{name: version(name) for name in ("nbgrader", "nbclient", "ipykernel", "numpy")},
        }
        partial = RESULTS.with_suffix(".partial")
        partial.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
        partial.replace(RESULTS)
    print(f"written: {RESULTS}")


if __name__ == "__main__":
    main()
