"""A small class of honest students, graded with nbgrader's own commands.

It shows an instructor the whole cycle (generate, collect, autograde, feedback, export) on a
folder of its own, and what comes out: marks, and which mistake each student made.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from rich.console import Console
from rich.table import Table

from bplab.counting import counted
from bplab.course import (
    Course,
    CourseError,
    course_settings,
    explain_points,
    instructor_notebook,
    solved,
    with_own_programs,
)
from bplab.exercises import TASKS
from bplab.grading.folder import ClassFolder
from bplab.grading.gradebook import ClassMarks, read_class
from bplab.grading.kernels import AUTO, NONE, IsolationError, choose
from bplab.grading.records import grade_id, noted, read_records

__all__ = [
    "ASSIGNMENTS",
    "STUDENTS",
    "Mark",
    "Student",
    "grade_demo_class",
    "run_demo_class",
    "set_up",
]

UNFINISHED = None  # the starter is left as it is

ASSIGNMENTS = ("section_1", "section_2_1")
"""The assignments in which the students of the demonstration make their mistakes."""


@dataclass(frozen=True)
class Student:
    """A student of the demonstration: right everywhere but in ``answers``.

    Attributes
    ----------
    name : str
    story : str
        What the student did.
    answers : dict
        The student's own code by exercise id, or `UNFINISHED`.
    """

    name: str
    story: str
    answers: dict[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Mark:
    """Points of one student in one assignment, and the named mistakes by exercise."""

    student: str
    assignment: str
    score: float
    max_score: float
    mistakes: dict[str, str]


STUDENTS = (
    Student("ada", "all right"),
    Student(
        "ben",
        "loses the factor 2",
        {
            "eq4": """
def grad_beta(Y, A, Z, T, F, g):
    delta = -(Y - F) * g.derivative(T)
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])
""",
        },
    ),
    Student(
        "carla",
        "climbs instead of descending, and sends the bias back",
        {
            "eq4": """
def grad_beta(Y, A, Z, T, F, g):
    delta = 2 * (Y - F) * g.derivative(T)
    return delta.T @ np.hstack([np.ones((len(Z), 1)), Z])
""",
            "eq5": """
def grad_alpha(X, Y, A, Z, T, F, beta, sigma, g):
    delta = -2 * (Y - F) * g.derivative(T)
    s = (delta @ beta[:, :-1]) * sigma.derivative(A)
    return s.T @ np.hstack([np.ones((len(X), 1)), X])
""",
        },
    ),
    Student(
        "dmitri",
        "takes means where sums are due",
        {
            "eq1": """
def loss(Y, F):
    return np.mean((Y - F) ** 2)
""",
            "eq6": """
def backward_output(Y, A, Z, T, F, g):
    delta = -2 * (Y - F) * g.derivative(T)
    return delta, np.column_stack([delta.mean(axis=0), delta.T @ Z])
""",
        },
    ),
    Student(
        "emeka",
        "writes loops, and mixes up A and Z",
        {
            "hidden": """
def hidden(X, alpha, sigma):
    Z = np.empty((len(X), len(alpha)))
    for i, x in enumerate(X):
        for m, row in enumerate(alpha):
            Z[i, m] = sigma(row[0] + sum(w * v for w, v in zip(row[1:], x)))
    return Z
""",
            "eq7": """
def backward_hidden(X, A, Z, delta, beta, sigma):
    grad = np.zeros((Z.shape[1], X.shape[1] + 1))
    for i in range(len(X)):
        for m in range(Z.shape[1]):
            s = np.dot(delta[i], beta[:, m + 1]) * sigma.derivative(Z[i, m])
            grad[m, 0] += s
            grad[m, 1:] += s * X[i]
    return grad
""",
        },
    ),
    Student(
        "farid",
        "ran out of time",
        {"eq6": UNFINISHED, "eq7": UNFINISHED},
    ),
    Student(
        "gudrun",
        "forgets a transpose, and has a slip that is on no list",
        {
            "eq5": """
def grad_alpha(X, Y, A, Z, T, F, beta, sigma, g):
    delta = -2 * (Y - F) * g.derivative(T)
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    return np.column_stack([s.sum(axis=0), s.T @ X ** 3])
""",
            "output": """
def output(Z, beta, g):
    T = Z @ beta[:, 1:] + beta[:, 0]
    return T, g(T)
""",
        },
    ),
)


def run_demo_class(
    course: Course, keep: Path | None = None, names: Sequence[str] = ASSIGNMENTS
) -> list[Mark]:
    """Grade the demonstration class and print a table of marks and mistakes.

    Parameters
    ----------
    course : Course
        Where the notebooks come from; nothing in it is changed.
    names : sequence of str
        The assignments.
    keep : Path, optional
        A folder, not there yet or empty, to keep everything in. Otherwise a temporary folder
        is used and removed.

    Raises
    ------
    CourseError
        If ``keep`` holds something, or an nbgrader command fails.
    """
    console = Console(width=None if sys.stdout.isatty() else 120)
    if keep is not None and keep.exists() and any(keep.iterdir()):
        raise CourseError(f"{keep} is not empty: name a new folder, nothing is written over")
    with tempfile.TemporaryDirectory(prefix="bplab-class-") as temporary:
        folder = (keep or Path(temporary)).resolve()
        marks = grade_demo_class(course, folder, console, names=names)
        console.print(_table(marks))
        exported = (folder / "grades.csv").read_text(encoding="utf-8").splitlines()
        console.print(f"nbgrader export wrote grades.csv: {counted(len(exported) - 1, 'row')}.")
        if keep is not None:
            console.print(f"Everything is in {folder}; feedback pages in {folder / 'feedback'}.")
    return marks


def grade_demo_class(
    course: Course,
    folder: Path,
    console: Console,
    students: Sequence[Student] = STUDENTS,
    names: Sequence[str] = ASSIGNMENTS,
) -> list[Mark]:
    """Set up a course in ``folder``, hand in for every student, and run nbgrader's commands."""
    set_up(course, folder, students, names, console)
    _grade_without_a_wall_if_need_be(folder / "nbgrader_config.py")
    for name in names:
        _nbgrader(console, folder, "autograde", name)
        _nbgrader(console, folder, "generate_feedback", name)
    _nbgrader(console, folder, "export")
    found = ClassFolder.open(folder)
    return [
        _mark(found, marks, student.name)
        for marks in [read_class(found, name) for name in names]
        for student in students
    ]


def set_up(
    course: Course,
    folder: Path,
    students: Sequence[Student],
    names: Sequence[str],
    console: Console | None = None,
) -> None:
    """Make a class's folder: the course's settings, released assignments and submissions.

    Parameters
    ----------
    course : Course
        Where notebooks and settings come from; nothing in it is changed.
    folder : Path
        Made if it does not exist.
    students : sequence of Student
    names : sequence of str
        The assignments.
    console : Console, optional
        Where nbgrader's commands are shown; by default they are not.
    """
    console = console or Console(quiet=True)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(course.root / "course" / "nbgrader_config.py", folder)
    points = explain_points(course_settings(course))
    for name in names:
        notebook = instructor_notebook(course.notebooks / f"{name}.py", points)
        path = folder / "source" / name / f"{name}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
        _nbgrader(console, folder, "generate_assignment", name)
        right = {
            grade_id(cell): cell.source
            for cell in solved(notebook).cells
            if noted(cell).get("solution")
        }
        for student in students:
            _hand_in(folder, student, name, right)


def _grade_without_a_wall_if_need_be(settings: Path) -> None:
    """Turn isolation off where the machine cannot isolate: these submissions are our own."""
    try:
        choose(AUTO)
    except IsolationError as error:
        with settings.open("a", encoding="utf-8") as file:
            file.write(f"\n# {error}\nc.OracleExecute.isolation = {str(NONE)!r}\n")


def _hand_in(folder: Path, student: Student, name: str, right: dict[str, str]) -> None:
    """Fill in the released notebook as this student would, and put it into ``submitted``."""
    notebook = nbformat.read(folder / "release" / name / f"{name}.ipynb", as_version=4)
    answers = {**right, **{k: v for k, v in student.answers.items() if k in right}}
    for cell in notebook.cells:
        answer = answers.get(grade_id(cell), UNFINISHED)
        if answer is not UNFINISHED:
            cell.source = answer.strip("\n")
    path = folder / "submitted" / student.name / name / f"{name}.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)


def _nbgrader(console: Console, folder: Path, *arguments: str) -> None:
    command = " ".join(("nbgrader", *arguments))
    start = time.monotonic()
    with console.status(command):
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *arguments],
            cwd=folder,
            env=with_own_programs(),
            capture_output=True,
            text=True,
        )
    if done.returncode:
        raise CourseError(f"{command} failed in {folder}:\n{done.stderr[-3000:]}")
    console.print(f"$ {command}  [dim]({time.monotonic() - start:.1f} s)[/dim]")


def _mark(folder: ClassFolder, marks: ClassMarks, student: str) -> Mark:
    name = marks.assignment
    records = read_records(folder.autograded(student, name) / f"{name}.ipynb")
    mistakes = {r.exercise: r.mistake for r in records if r.mistake is not None}
    return Mark(student, name, marks.marks[student].score, marks.max_score, mistakes)


def _table(marks: list[Mark]) -> Table:
    assignments = list(dict.fromkeys(mark.assignment for mark in marks))
    stories = {student.name: student.story for student in STUDENTS}
    table = Table(title="Marks, and the mistakes behind them")
    for column in ("student", *assignments, "total", "mistakes (points lost)", "what they did"):
        table.add_column(column, overflow="fold", no_wrap=column.startswith("mistakes"))
    for name in dict.fromkeys(mark.student for mark in marks):
        own = {mark.assignment: mark for mark in marks if mark.student == name}
        score, most = (sum(getattr(m, a) for m in own.values()) for a in ("score", "max_score"))
        lost = [
            f"{exercise}: {mistake} (−{TASKS[exercise].points})"
            for mark in own.values()
            for exercise, mistake in mark.mistakes.items()
        ]
        table.add_row(
            name,
            *(f"{own[a].score:g} / {own[a].max_score:g}" for a in assignments),
            f"{score / most:.0%}",
            "\n".join(lost) or "none",
            stories.get(name, ""),
        )
    return table
