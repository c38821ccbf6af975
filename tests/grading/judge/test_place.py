"""Feedback says in which line a mistake without a name is, and no mark depends on that."""

import inspect
import json
from dataclasses import replace

import nbformat
import numpy as np
import pytest

from bplab.exercises import EXERCISES, FirstWrong
from bplab.grading.judge import place, session
from bplab.grading.judge.place import Patience, place_in, wrong_place
from tests.exercises.first_wrong.test_proof import line_of
from tests.grading.hostile.notebook import added, as_bytes, right_notebook, write
from tests.grading.hostile.ours import shown
from tests.grading.judge.loopback import Loopback

STRETCHED = """
def grad_alpha(X, Y, A, Z, T, F, beta, sigma, g):
    delta = -2 * (Y - F) * g.derivative(T)
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    ones = np.column_stack([np.ones(len(X)), X * 2 * X])  # <script>alert(1)</script>
    return s.T @ ones
"""

BY_A_HELPER = """
def with_ones(X):
    return np.column_stack([np.ones(len(X)), X * X])

def grad_alpha(X, Y, A, Z, T, F, beta, sigma, g):
    delta = -2 * (Y - F) * g.derivative(T)
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    return s.T @ with_ones(X)
"""

NAMED = """
def grad_alpha(X, Y, A, Z, T, F, beta, sigma, g):
    delta = -(Y - F) * g.derivative(T)
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    return s.T @ np.column_stack([np.ones(len(X)), X])
"""


UNPLACED = session.UNPLACED


def look(patch):
    """For the line, and on a slow machine as well."""
    patch.setattr(session, "UNPLACED", UNPLACED)
    patch.setattr(session, "PLACING", 60.0)
    patch.setattr(place, "SECONDS", 15.0)


@pytest.fixture(autouse=True)
def looking(no_place, monkeypatch):
    look(monkeypatch)


def graded(grader, eq5, *edits):
    def answer(notebook):
        write(notebook, eq5=eq5.strip())

    came = grader.grade(as_bytes(right_notebook(answer, *edits)))
    return came, next(one for one in came.results if one.exercise == "eq5")


@pytest.fixture(scope="module")
def honest(grader):
    """What comes of the wrong answer alone."""
    with pytest.MonkeyPatch.context() as patch:
        look(patch)
        return graded(grader, STRETCHED)


def marks(came):
    return [replace(one, place="", seconds=None) for one in came.results]


def test_feedback_says_the_line_and_no_mark_depends_on_it(grader, honest, monkeypatch):
    came, eq5 = honest
    assert eq5.place.startswith(
        "Right so far: s in line 3 is the hidden delta. "
        "With one small change in line 4 every answer is right: ones = "
    )
    assert eq5.points < eq5.max_points
    assert "With one small change in line 4" in shown(came)
    monkeypatch.setattr(session, "UNPLACED", 0)
    without, unplaced = graded(grader, STRETCHED)
    assert unplaced.place == ""
    assert marks(without) == marks(came)


def test_the_line_of_a_helper_is_found_in_the_helper(grader):
    _, eq5 = graded(grader, BY_A_HELPER)
    assert eq5.place == (
        "With one small change in line 2 of with_ones every answer is right: "
        "return np.column_stack([np.ones(len(X)), X * X])"
    )


def test_what_has_a_name_has_no_line(grader):
    _, eq5 = graded(grader, NAMED)
    assert eq5.mistake == "no-factor-2"
    assert eq5.place == ""


def never_filled(actual, predicted, K):
    counts = np.zeros((K, K), dtype=int)
    for n in range(len(actual)):
        _ = actual[n], predicted[n]
    return counts  # wrong


def doubled(Y, F):
    error = Y + F  # wrong
    square = 2 * error**2  # wrong, too
    return square.sum()


def worked_out_elsewhere(Y, A, Z, T, F, g):
    return np.sin(A.sum()) * np.ones((Y.shape[1], Z.shape[1] + 1))


def searched(id, function):
    """What is found of a function, as `bplab.grading.judge.session` asks for it."""
    task = EXERCISES[id]
    return wrong_place(task, Loopback(**{task.function: function}), Patience(60.0))


def moved(found, down):
    """The same in a cell that has only this function, if it had the name that is asked for."""
    lines = tuple(line - down for line in found.lines)
    return replace(found, line=found.line - down, lines=lines, is_helper=False)


def test_where_no_edit_will_do_a_right_value_tells_the_line():
    found = searched("confusion", never_filled)
    assert found.by_value
    assert found.line == line_of(never_filled, "# wrong")
    told = moved(found, found.line - 5)
    assert place_in(of(inspect.getsource(never_filled)), told) == (
        "With another value in line 5 every answer is right: return counts  # wrong"
    )


def test_where_one_edit_will_not_do_two_tell_their_lines():
    found = searched("eq1", doubled)
    first, second = line_of(doubled, "# wrong"), line_of(doubled, "# wrong, too")
    assert found.lines == (first, second)
    assert found.edits == 2
    assert place_in(of(inspect.getsource(doubled)), moved(found, first - 2)) == (
        "With small changes in lines 2 and 3 every answer is right."
    )


def test_the_right_answer_put_in_place_of_what_is_returned_tells_nothing():
    assert searched("eq4", worked_out_elsewhere) is None


def squares(error):
    return -np.sum(error**2)


def in_another_function(Y, F):
    return -(0.0 - squares(Y - F))


def test_where_an_edit_in_either_of_two_functions_will_do_nothing_is_said():
    assert searched("eq1", in_another_function) is None


def test_all_that_is_asked_is_within_the_seconds_that_are_left():
    asked = []

    def evaluate(question):
        asked.append(question.seconds)
        raise TimeoutError

    patience = Patience(0.25)
    with pytest.raises(TimeoutError):
        wrong_place(EXERCISES["eq4"], evaluate, patience)
    assert asked == [0.125]
    assert patience.seconds < 0.25


FORGED = """
import sys
agent = sys.modules["bplab.grading.judge.agent"]
def tried(*given, **named):
    {body}
agent.tried = tried
"""


@pytest.mark.parametrize(
    "body",
    [
        "while True: pass",
        "import os; os._exit(0)",
        "import os, signal; os.kill(os.getppid(), signal.SIGKILL)",
        "raise SystemExit",
        "return [0] * 10**6",
        "return 'With one small change all is well'",
    ],
    ids=["hangs", "leaves", "ends the kernel", "raises", "floods", "talks"],
)
def test_whoever_answers_something_else_is_bounded_and_changes_no_mark(
    grader, honest, monkeypatch, body
):
    monkeypatch.setattr(session, "PLACING", 0.3)
    came, eq5 = graded(grader, STRETCHED, added(FORGED.format(body=body), before="test-eq5"))
    assert eq5.place == ""
    assert marks(came) == marks(honest[0])
    assert "all is well" not in shown(came)


FORGED_STEPS = """
import sys
import numpy as np
agent = sys.modules["bplab.grading.judge.agent"]
honest = agent.stepped
def stepped(function, cases, forms, seconds):
    {body}
agent.stepped = stepped
"""


@pytest.mark.parametrize(
    "body",
    [
        "return [[one._replace(name='all_is_well') for one in s] "
        "for s in honest(function, cases, forms, seconds)]",
        "return [[one._replace(line=-4) for one in s] "
        "for s in honest(function, cases, forms, seconds)]",
        "return [s * 1000 for s in honest(function, cases, forms, seconds)]",
        "return 'Right so far'",
    ],
    ids=["another name", "no line", "floods", "talks"],
)
def test_whatever_is_said_of_its_steps_the_line_stays_and_only_its_own_names_are_named(
    grader, honest, body
):
    came, eq5 = graded(grader, STRETCHED, added(FORGED_STEPS.format(body=body), before="test-eq5"))
    assert "Right so far" not in eq5.place
    assert marks(came) == marks(honest[0])


def of(*sources):
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    return nbformat.v4.new_notebook(cells=cells)


def at(function, line, **more):
    return FirstWrong(line, 0, 0, "", function, proven=True, **more)


@pytest.mark.parametrize(
    "found", [None, at("grad_alpha", 99), at("grad_alpha", 0), at("elsewhere", 2)]
)
def test_only_lines_of_the_notebooks_own_functions_are_named(found):
    assert place_in(of("x = 1", BY_A_HELPER.strip()), found) == ""


def test_two_lines_are_named_without_their_text():
    said = place_in(of(BY_A_HELPER.strip()), at("grad_alpha", 5, others=(6,)))
    assert said == "With one small change in line 5 or 6 every answer is right."


def test_no_line_of_a_very_long_function_is_named_and_no_program_parsed():
    """A tree of a student's text may take a hundred times its size."""
    long = "def grad_alpha(X):\n" + "    [[[[[\n" * 200
    found = at("grad_alpha", 2)
    assert place_in(of(long), found) == ""
    unreadable = "def grad_alpha(X):\n    " + "(" * 100
    assert place_in(of(unreadable), found).endswith("(" * 100)


def test_a_long_line_is_cut():
    long = "def f():\n    return " + "+".join(["x"] * 500)
    assert len(place_in(of(long), at("f", 2))) < 250


def test_what_stands_in_a_line_is_no_markup_on_the_page(honest):
    came, _ = honest
    cells = json.loads(came.notebook)["cells"]
    pages = [
        output["data"]["text/html"]
        for cell in cells
        for output in cell.get("outputs", [])
        if "text/html" in output.get("data", {})
    ]
    said = [page for page in map("".join, pages) if "alert(1)" in page]
    assert said
    assert all("<script" not in page for page in said)
