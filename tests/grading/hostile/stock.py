"""The same submissions graded by stock nbgrader: its own preprocessors, checks in the kernel.

``python -m tests.grading.hostile.stock`` measures, and writes ``stock_results.json``; it takes half
an hour, so the tests read that file. The class is graded as this course graded before it had a
grader of its own: the test cells check with the hidden cases, drawn from a secret in the
environment. Nothing is isolated, so run it where such submissions may run.
"""

import argparse
import contextlib
import json
import platform
import re
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from tests.grading.hostile.accidents import ACCIDENTS, Accident
from tests.grading.hostile.attacks import ATTACKS, FOUND, Attack
from tests.grading.hostile.classroom import Classroom
from tests.grading.hostile.layouts import LAYOUTS, Layout, lay_out
from tests.grading.hostile.notebook import ALL, ASSIGNMENT, as_bytes, released, right_notebook

RESULTS = Path(__file__).with_name("stock_results.json")

SUITES: Mapping[str, Mapping[str, Attack | Accident | Layout]] = {
    "attacks": ATTACKS,
    "accidents": ACCIDENTS,
    "layouts": LAYOUTS,
}

TOGETHER = 30
"""Submissions of one class."""

SECONDS, ALONE_SECONDS = 900, 120
"""For such a class, and for one submission beside two others."""

_CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "bplab"
c.GenerateAssignment.force = True
c.ClearSolutions.code_stub = {"python": "todo()"}
c.Execute.timeout = 45
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


def measure(submissions: Mapping[str, Attack | Accident | Layout]) -> dict[str, Stock]:
    """Grade all submissions: those that may spoil the marks of others one by one.

    So are those that turn out to end the whole command; the rest of their class is graded again.
    """
    alone = [name for name, one in submissions.items() if one.alone]
    rest = [name for name in submissions if name not in alone]
    results = {}
    while rest:
        names, rest = rest[:TOGETHER], rest[TOGETHER:]
        graded, ended = _grade({name: submissions[name] for name in names}, SECONDS)
        if ended:
            alone.append(ended)
            rest = [n for n in names if graded[n].points is None and n != ended] + rest
        results |= graded
    for name in alone:
        results[name] = _grade({name: submissions[name]}, ALONE_SECONDS)[0][name]
    return {name: results[name] for name in submissions}


def stock_results() -> dict[str, dict[str, Stock]]:
    """Return what was measured, by suite (``attacks``, ``accidents``, ``layouts``) and name."""
    stored = json.loads(RESULTS.read_text(encoding="utf-8"))
    return {
        suite: {name: Stock(**result) for name, result in stored.get(suite, {}).items()}
        for suite in SUITES
    }


def _grade(
    submissions: Mapping[str, Attack | Accident | Layout], seconds: float
) -> tuple[dict[str, Stock], str]:
    """Grade a class; return what came, and which submission ended the command, if any did."""
    with tempfile.TemporaryDirectory(prefix="stock-") as folder:
        room = Classroom(Path(folder)).set_up(_CONFIG, _instructors())
        for student in ("ada", "zoe"):
            room.hand_in(student, as_bytes(right_notebook()))
        students = {n: s.who if isinstance(s, Layout) else n for n, s in submissions.items()}
        for name, one in submissions.items():
            if isinstance(one, Layout):
                lay_out({name: one}, room.course / "submitted")
            else:
                room.hand_in(name, one.submission())
        with contextlib.suppress(subprocess.TimeoutExpired):
            room.run("nbgrader", "autograde", ASSIGNMENT, may_fail=True, seconds=seconds)
        others = min(room.mark(other) or 0.0 for other in ("ada", "zoe"))
        graded = {
            name: Stock(
                room.mark(student),
                FOUND in room.shown(student),
                others if len(submissions) == 1 else None,
            )
            for name, student in students.items()
        }
        ended = "" if others or len(submissions) == 1 else _last(room.log, students)
        return graded, ended


def _last(log: str, students: Mapping[str, str]) -> str:
    """The submission that a log speaks of last."""
    return max(students, key=lambda name: log.rfind(f"/{students[name]}/{ASSIGNMENT}"))


def _instructors() -> bytes:
    """The instructor's notebook: the released one, with hidden tests in its test cells."""
    notebook = released()
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            source = "".join(cell["source"])
            id, function = re.fullmatch(r'check\("(\w+)", (\w+)\)', source.strip()).groups()
            cell["source"] = _HIDDEN.format(id=id, function=function)
    return as_bytes(notebook)


# --- the command ----------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what is named, what is missing, or everything; keep the other results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="submissions; all if none")
    parser.add_argument("--missing", action="store_true", help="those without a result yet")
    options = parser.parse_args(arguments)
    stored = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    for suite, submissions in SUITES.items():
        old = {n: r for n, r in stored.get(suite, {}).items() if n in submissions}
        wanted = _wanted(options, old)
        chosen = {name: one for name, one in submissions.items() if wanted(name)}
        measured = {name: asdict(result) for name, result in measure(chosen).items()}
        stored[suite] = dict(sorted((old | measured).items()))
        _store(stored)
    print(f"written: {RESULTS}")


def _wanted(options: argparse.Namespace, known: Mapping[str, object]) -> Callable[[str], bool]:
    if options.missing:
        return lambda name: name not in known
    return lambda name: not options.names or name in options.names


def _store(results: dict[str, object]) -> None:
    results["of"] = ALL
    results["versions"] = {"python": platform.python_version()} | {
        name: version(name) for name in ("nbgrader", "nbclient", "ipykernel", "numpy")
    }
    partial = RESULTS.with_suffix(".partial")
    partial.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    partial.replace(RESULTS)


if __name__ == "__main__":
    main()
