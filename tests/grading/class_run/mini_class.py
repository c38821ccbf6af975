"""A small course with a grader of its own, for tests of how classes are run.

Its assignment is graded by running it, which stock nbgrader can do, too: so the two gradebooks can
be compared.
"""

import json
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.api import Gradebook

from bplab.course import with_own_programs
from bplab.grading.beside import released_beside
from bplab.grading.class_run.grade import Where, grade_class
from bplab.grading.class_run.pools import Done
from bplab.grading.class_run.told import tell
from bplab.grading.folder import ClassFolder
from tests.grading.class_run.mini_grader import Assignment, MiniGrader
from tests.programs import run_module

NAME = "sums"

RIGHT = {"one": "x = 2", "two": "y = 3"}
HALF = RIGHT | {"one": "x = 1"}
WRONG = {"one": "x = 0", "two": "y = 4"}

CONFIG = """
from pathlib import Path
c = get_config()
c.CourseDirectory.course_id = "mini"
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.ClearSolutions.code_stub = {"python": "todo"}
c.LateSubmissionPlugin.penalty_method = "zero"
"""


class InProcess:
    """A pool without processes, for tests that are not about them."""

    where = "this process"

    def __init__(self, make, assignment):
        self._open = ExitStack()
        self._grader, self._done = self._open.enter_context(make(assignment)), []

    def room(self):
        return 2 - len(self._done)

    def busy(self):
        return len(self._done)

    def send(self, key, pieces, about):
        notebook, files = about.split(b"".join(pieces))
        graded = self._grader.grade(notebook, about.round, files)
        released = nbformat.v4.reads(self._grader.assignment.release)
        self._done.append(Done(key, tell(graded, released, about), None))

    def wait(self, seconds):
        done, self._done = self._done, []
        return done[::-1]  # they come back in another order

    def close(self):
        self._open.close()

    stop = close


@dataclass(frozen=True)
class Here:
    """In the place of `Where`."""

    def pool(self, make, assignment, most):
        return InProcess(make, assignment)


def _cell(kind, id, source, *, points=None, solution=False):
    about = {"grade_id": id, "grade": points is not None, "solution": solution, "task": False}
    about |= {"locked": not solution, "schema_version": 3, "cell_type": kind}
    if points is not None:
        about["points"] = points
    new = new_code_cell if kind == "code" else new_markdown_cell
    return new(source, metadata={"nbgrader": about})


def source_notebook():
    return new_notebook(
        cells=[
            _cell("code", "one", "### BEGIN SOLUTION\nx = 2\n### END SOLUTION", solution=True),
            _cell("code", "test-one", "assert x\nfloat(x)", points=2),
            _cell("code", "two", "### BEGIN SOLUTION\ny = 3\n### END SOLUTION", solution=True),
            _cell("code", "test-two", "assert y == 3", points=3),
            _cell("markdown", "essay", "Because.", points=4, solution=True),
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "P", "language": "python"}},
    )


def nbgrader(folder, *arguments):
    with tempfile.TemporaryDirectory() as scratch:
        log = Path(scratch, "log.txt")
        code = run_module("nbgrader", *arguments, cwd=folder, env=with_own_programs(), log=log)
        if code:
            said = log.read_text(encoding="utf-8", errors="replace")
            raise RuntimeError(f"nbgrader {' '.join(arguments)} failed:\n{said[-3000:]}")


def make_course(folder: Path) -> Path:
    """Make a course with an assignment that is released and in the gradebook, due in 2026."""
    (folder / "source" / NAME).mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    nbformat.write(source_notebook(), folder / "source" / NAME / f"{NAME}.ipynb")
    nbgrader(folder, "generate_assignment", NAME)
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "mini") as book:
        book.update_or_create_assignment(NAME, duedate="2026-03-01 12:00:00", course_id="mini")
    return folder


def released(folder: Path) -> str:
    return (folder / "release" / NAME / f"{NAME}.ipynb").read_text(encoding="utf-8")


def notebook_of(folder: Path, answers: dict) -> str:
    """Return the text of the released notebook with these answers."""
    notebook = json.loads(released(folder))
    for cell in notebook["cells"]:
        id = cell["metadata"].get("nbgrader", {}).get("grade_id")
        cell["source"] = answers.get(id, "".join(cell["source"]))
    return json.dumps(notebook)


def hand_in(folder, student, answers, *, name=f"{NAME}.ipynb", timestamp=None) -> Path:
    place = folder / "submitted" / student / NAME
    place.mkdir(parents=True, exist_ok=True)
    text = answers if isinstance(answers, str) else notebook_of(folder, answers)
    (place / name).write_text(text, encoding="utf-8")
    if timestamp:
        (place / "timestamp.txt").write_text(timestamp, encoding="utf-8")
    return place


def grade(folder, *, jobs=0, make=MiniGrader, run="", partial_credit=True, scheduler="", **options):
    """Grade the class; return outcomes by student, and the whole result.

    Without ``jobs`` in this process; with it in that number of others.
    """
    course = ClassFolder.open(folder)
    files, _ = released_beside(folder / "release" / NAME)
    assignment = Assignment(NAME, released(folder), "secret", run, partial_credit, files)
    where = Where(jobs, scheduler) if jobs or scheduler else Here()
    result = grade_class(course, assignment, make, where, **options)
    return {outcome.student: outcome for outcome in result.outcomes}, result


def marks(folder: Path, url: str = "") -> dict:
    """Return everything that the gradebook says of every submission, through nbgrader's API."""
    found = {}
    with Gradebook(url or f"sqlite:///{folder / 'gradebook.db'}", "mini") as book:
        for submission in book.assignment_submissions(NAME):
            (notebook,) = submission.notebooks
            found[submission.student.id] = {
                "score": submission.score,
                "timestamp": submission.timestamp,
                "penalty": notebook.late_submission_penalty,
                "grades": {
                    g.name: (g.auto_score, g.manual_score, g.extra_credit, g.needs_manual_grade)
                    for g in notebook.grades
                },
                "comments": {c.name: (c.auto_comment, c.manual_comment) for c in notebook.comments},
            }
        assert {student.id for student in book.students} == set(found)
    return found


def autograded(folder: Path, student: str) -> nbformat.NotebookNode:
    return nbformat.read(folder / "autograded" / student / NAME / f"{NAME}.ipynb", as_version=4)
