"""The class cycle with nbgrader's own commands: generate, autograde, feedback, export."""

import csv
import io
import re
import shutil
import subprocess
import sys
from dataclasses import replace

import nbformat
import pytest
from rich.console import Console

from bplab.course import Course, CourseError
from bplab.exercises import EXERCISES, LETTERS, Code, sheet_of
from bplab.exercises.registry import TASKS
from bplab.grading import demo
from bplab.grading.demo import ASSIGNMENTS, STUDENTS, Student, grade_demo_class, run_demo_class
from bplab.grading.folder import ClassFolder
from bplab.grading.judge.submission import Assignment, Grader
from bplab.grading.records import read_records
from bplab.grading.report.page import as_html
from bplab.grading.report.results import read_results
from bplab.grading.secret import course_secret
from tests.exercises.explain.test_session import function_of
from tests.grading.class_run.mini_class import nbgrader

pytestmark = pytest.mark.xdist_group("cycle")  # one class for all tests below

STARTER = Student("zoe", "hands in the starter", dict.fromkeys(TASKS))

MEMORY = """
class _Memory(dict):
    pass

def grad_beta(Y, A, Z, T, F, g, _known=_Memory()):
    from bplab.exercises import EXERCISES
    from bplab.exercises.check import _generator
    exercise = EXERCISES["eq4"]
    for case in exercise.cases(_generator(exercise, False)):
        if case.Z.shape == Z.shape and np.array_equal(case.Z, Z):
            delta = -2 * (Y - F) * g.derivative(T)
            return np.column_stack([delta.sum(axis=0), delta.T @ Z])
    return np.zeros((Y.shape[1], Z.shape[1] + 1))
"""
HEART = Student("heart", "learned by heart", {"eq4": MEMORY})

ASKED, QUESTIONS = "eq5", "explain-eq5"
"""Questions on their own code are asked of all, for 3 points, and answered by two."""


def points(name):
    return sum(task.points for task in TASKS.values() if task.notebook == name)


POINTS = {name: points(name) for name in ASSIGNMENTS}
REST = [name for name in Course.find().names() if name not in ASSIGNMENTS]


@pytest.fixture(scope="module")
def whole(course, tmp_path_factory):
    """A class that is asked about its code, and its marks."""
    folder = tmp_path_factory.mktemp("class")
    quiet = Console(file=io.StringIO())

    def set_up(*about):
        demo_set_up(*about)
        leave_out_what_ada_hands_in(folder)
        answer_questions(folder, ada="", dmitri="z")

    def mark(found, marks, student):
        there = found.autograded(student, marks.assignment).is_dir()
        return demo_mark(found, marks, student) if there else None

    demo_set_up, demo_mark = demo.set_up, demo._mark
    with pytest.MonkeyPatch.context() as patch:  # its commands start with nbgrader loaded
        patch.setattr(demo, "_nbgrader", lambda console, *command: nbgrader(*command))
        patch.setattr(demo, "explain_points", lambda settings: {ASKED: 3})
        patch.setattr(demo, "set_up", set_up)
        patch.setattr(demo, "_mark", mark)
        marks = grade_demo_class(course, folder, quiet, (*STUDENTS, STARTER, HEART))
    return folder, {(m.student, m.assignment): m for m in filter(None, marks)}


def leave_out_what_ada_hands_in(folder):
    """Hers is graded; the same work again, by four others in section 1, would have her mark."""
    for hers in (folder / "submitted" / "ada").rglob("*.ipynb"):
        name, same = hers.stem, hers.read_bytes()
        for path in (folder / "submitted").glob(f"*/{name}/{name}.ipynb"):
            if path != hers and path.read_bytes() == same:
                shutil.rmtree(path.parent)


@pytest.fixture(scope="module")
def graded(whole):
    """The class, and its marks without those questions."""
    folder, marks = whole
    return folder, {key: without_questions(folder, mark) for key, mark in marks.items()}


def answer_questions(folder, **students):
    """Write the line with the answers: the right letters, or another one."""
    for student, letter in students.items():
        path = folder / "submitted" / student / "section_2_1" / "section_2_1.ipynb"
        notebook = nbformat.read(path, as_version=4)
        cells = {cell.id: cell for cell in notebook.cells}
        function = function_of(f"import numpy as np\n{cells[ASKED].source}", "grad_alpha")
        sheet = sheet_of(Code.of(EXERCISES[ASKED], function).plain)
        letters = [letter or LETTERS[item.right] for item in sheet.items]
        said = ", ".join(f'"{one}"' for one in letters)
        cells[
            f"answers-{ASKED}"
        ].source = (
            f'from bplab import explained\n\nexplained("{ASKED}", {said}, code="{sheet.code}")'
        )
        nbformat.write(notebook, path)


def questions_of(folder, student):
    records = read_records(folder / "autograded" / student / "section_2_1" / "section_2_1.ipynb")
    return next(record for record in records if record.exercise == QUESTIONS)


def without_questions(folder, mark):
    if mark.assignment != "section_2_1":
        return mark
    score = mark.score - questions_of(folder, mark.student).points
    mistakes = {id: name for id, name in mark.mistakes.items() if id != QUESTIONS}
    return replace(mark, score=score, max_score=mark.max_score - 3, mistakes=mistakes)


@pytest.mark.parametrize("name", POINTS)
def test_the_solved_notebook_has_every_point_and_the_starter_none(graded, name):
    _, marks = graded
    assert marks["ada", name].score == marks["ada", name].max_score == POINTS[name]
    assert marks["ada", name].mistakes == {}
    assert marks["zoe", name].score == 0
    assert set(marks["zoe", name].mistakes.values()) == {"not-written"}


@pytest.mark.parametrize("name", REST)
@pytest.mark.xdist_group("rest")
def test_so_it_is_with_every_other_assignment(course, name):
    release = course.release_file(name).read_text(encoding="utf-8")
    right = nbformat.read(course.solutions / f"{name}.ipynb", as_version=4)
    with Grader(Assignment(name, release, "secret")) as grader:
        graded, starter = grader.grade(_file(right)), grader.grade(release.encode())
    assert graded.score == points(name) > 0
    assert {result.mistake for result in graded.results} == {None}
    assert starter.score == 0
    assert {result.mistake for result in starter.results} == {"not-written"}
    assert len(starter.results) == sum(task.notebook == name for task in TASKS.values())


@pytest.mark.thorough
def test_the_demonstration_is_graded_where_there_is_no_wall(course, tmp_path):
    code = (
        "import io, pathlib, sys; from rich.console import Console\n"
        "from bplab.course import Course; from bplab.grading.demo import *\n"
        "from bplab.grading.demo import grade_demo_class\n"
        "print(grade_demo_class(Course.find(), pathlib.Path(sys.argv[1]),"
        " Console(file=io.StringIO()), STUDENTS[:1], ['section_1'])[0].score)"
    )
    bare = [sys.executable, "-m", "tests.bare", sys.executable, "-c", code, str(tmp_path / "c")]
    done = subprocess.run(bare, capture_output=True, text=True, cwd=course.root)
    assert float(done.stdout) == POINTS["section_1"], done.stderr
    assert "isolation = 'none'" in (tmp_path / "c/nbgrader_config.py").read_text(encoding="utf-8")


def _file(notebook):
    return nbformat.writes(notebook).encode()


@pytest.mark.thorough
@pytest.mark.parametrize("name", REST)
@pytest.mark.xdist_group("rest")
def test_so_it_is_with_every_other_assignment_and_nbgraders_commands(course, tmp_path, name):
    quiet = Console(file=io.StringIO())
    right, starter = grade_demo_class(course, tmp_path / "c", quiet, (STUDENTS[0], STARTER), [name])
    assert right.score == right.max_score == points(name) > 0
    assert right.mistakes == {}
    assert starter.score == 0
    assert set(starter.mistakes.values()) == {"not-written"}
    assert len(starter.mistakes) == sum(task.notebook == name for task in TASKS.values())
    page = tmp_path / f"c/feedback/zoe/{name}/{name}.html"
    assert "not written yet" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("student", STUDENTS, ids=lambda s: s.name)
def test_each_student_loses_exactly_the_points_of_what_is_wrong(graded, student):
    _, marks = graded
    right_but_different = {"emeka": {"hidden"}}.get(student.name, set())
    wrong = set(student.answers) - right_but_different
    for name, points in POINTS.items():
        here = {id for id in wrong if EXERCISES[id].notebook == name}
        if (student.name, name) not in marks:  # as ada's
            assert not here
            continue
        mark = marks[student.name, name]
        assert set(mark.mistakes) == here
        kept = {"eq6": 1.5} if student.name == "dmitri" else {}  # delta is right, half of it
        assert mark.score == points - sum(EXERCISES[id].points - kept.get(id, 0) for id in here)


def test_mistakes_are_named(graded):
    _, marks = graded
    named = {}
    for (student, _), mark in marks.items():
        named.setdefault(student, {}).update(mark.mistakes)
    assert named["ben"] == {"eq4": "no-factor-2"}
    assert named["carla"] == {"eq4": "sign-flipped", "eq5": "bias-column-used"}
    assert named["dmitri"] == {"eq1": "averaged-over-all", "eq6": "bias-averaged"}
    assert named["emeka"] == {"eq7": "sigma-prime-at-Z"}
    assert named["farid"] == {"eq6": "not-written", "eq7": "not-written"}
    assert named["gudrun"] == {"output": "weights-not-transposed", "eq5": "weights-wrong"}


def test_feedback_names_the_mistake_and_shows_no_hidden_case(graded):
    folder, _ = graded
    page = (folder / "feedback/ben/section_2_1/section_2_1.html").read_text(encoding="utf-8")
    assert "The factor 2 is missing." in page
    assert (folder / "secret.txt").read_text(encoding="utf-8").strip() not in page
    page = (folder / "feedback/carla/section_2_1/section_2_1.html").read_text(encoding="utf-8")
    assert "climb" in page


def test_a_function_right_on_the_visible_cases_only_fails_in_grading(graded):
    """Answers learned by heart from the visible check earn nothing."""
    _, marks = graded
    mark = marks["heart", "section_2_1"]
    assert set(mark.mistakes) == {"eq4"}
    assert mark.score == POINTS["section_2_1"] - EXERCISES["eq4"].points


def test_export_has_a_row_for_every_student_and_assignment(whole):
    folder, marks = whole
    with (folder / "grades.csv").open(encoding="utf-8") as file:
        rows = {(r["student_id"], r["assignment"]): float(r["score"]) for r in csv.DictReader(file)}
    nothing = {(student, name): 0.0 for student, _ in marks for name in POINTS}
    assert rows == nothing | {key: mark.score for key, mark in marks.items()}


def test_records_are_one_for_each_exercise(graded):
    folder, _ = graded
    records = read_records(folder / "autograded/ben/section_2_1/section_2_1.ipynb")
    assert [(r.exercise, r.passed) for r in records] == [
        ("eq4", False),
        ("eq5", True),
        ("explain-eq5", False),
        ("eq6", True),
        ("eq7", True),
    ]


def test_questions_on_ones_own_code_count_from_release_to_report(whole):
    folder, marks = whole
    earned = {
        student: (record := questions_of(folder, student)) and (record.points, record.mistake)
        for student in ("ada", "dmitri", "ben", "carla")
    }
    assert earned == {
        "ada": (3, None),
        "dmitri": (0, "wrong-answers"),
        "ben": (0, "not-written"),
        "carla": (0, "not-written"),
    }
    best = POINTS["section_2_1"] + 3
    assert marks["ada", "section_2_1"].score == marks["ada", "section_2_1"].max_score == best
    for student, said in (("ada", "✓"), ("dmitri", "✗"), ("ben", "There are no answers")):
        page = folder / "feedback" / student / "section_2_1" / "section_2_1.html"
        assert said in page.read_text(encoding="utf-8")
    report = as_html(read_results(ClassFolder.open(folder), "section_2_1"))
    assert "questions on your own code" in report


def test_nothing_is_written_over(course, tmp_path):
    (tmp_path / "mine.txt").write_text("precious", encoding="utf-8")
    with pytest.raises(CourseError, match="is not empty"):
        run_demo_class(course, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_the_secret_is_made_once_and_only_for_its_owner(tmp_path):
    secret = course_secret(tmp_path)
    assert re.fullmatch("[0-9a-f]{32}", secret)
    assert course_secret(tmp_path) == secret
    assert (tmp_path / "secret.txt").stat().st_mode & 0o077 == 0
    (tmp_path / "secret.txt").write_text(" \n", encoding="utf-8")
    with pytest.raises(ValueError, match="is empty"):
        course_secret(tmp_path)
