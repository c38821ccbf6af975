"""Questions on a student's own code, asked again where it is graded, and marked."""

import json
from pathlib import Path

import nbformat
import pytest

from bplab.course import Course
from bplab.course.explained import put_questions
from bplab.exercises import (
    EXERCISES,
    LETTERS,
    RECORD_TYPE,
    Answers,
    Code,
    answer_line,
    sheet_of,
)
from bplab.grading.checks import checked, in_kernel
from bplab.grading.checks.handed import Handed
from bplab.grading.checks.questions import asked_here
from bplab.grading.edition.kept import EXPLAINING, kept_for
from bplab.grading.judge import session
from bplab.grading.judge.explained import marked
from bplab.grading.judge.oracle import Unusable
from bplab.grading.judge.submission import Grader
from bplab.grading.judge.wire import Malformed
from bplab.grading.records import LATER, GradedNotebook, Record
from tests.exercises.explain.test_session import function_of
from tests.exercises.right_variants import RIGHT, UNUSUAL
from tests.grading.hostile.notebook import right_answers, write
from tests.grading.hostile.ours import assignment, shown
from tests.grading.judge.loopback import Loopback
from tests.thorough import ALL

ASKED = "eq5"

SAMPLE = tuple(RIGHT) if ALL else ("relu", "eq4")


def sampled():
    """Right variants: all, or one of each exercise of a few."""
    for id in SAMPLE:
        variants = [*RIGHT.get(id, ()), *UNUSUAL.get(id, ())]
        for i, function in enumerate(variants if ALL else variants[:1]):
            yield pytest.param(id, function, id=f"{id}-{function.__name__}-{i}")


def right(sheet):
    return Answers(tuple(LETTERS[item.right] for item in sheet.items), sheet.code)


@pytest.mark.parametrize(("id", "function"), [*sampled()])
def test_a_kernel_asks_what_the_notebook_asks_and_the_right_letters_earn_all(id, function):
    exercise = EXERCISES[id]
    code = Code.of(exercise, function)
    if code is None:  # a lambda without a name cannot be asked about anywhere
        return
    sheet = sheet_of(code.plain)
    there = Loopback(**{exercise.function: function})
    if not sheet.items:
        with pytest.raises(Unusable, match="nothing in it"):
            marked(exercise, there, right(sheet))
        return
    came = marked(exercise, there, right(sheet))
    assert came.sheet.code == sheet.code
    assert [item.question for item in came.sheet.items] == [item.question for item in sheet.items]
    assert all(came.right)
    wrong = Answers(tuple("z" for _ in sheet.items), sheet.code)
    assert not any(marked(exercise, there, wrong).right)


def test_answers_to_other_code_or_to_other_questions_are_known_as_such():
    exercise, function = EXERCISES["eq4"], RIGHT["eq4"][0]
    there = Loopback(**{exercise.function: function})
    answers = right(sheet_of(Code.of(exercise, function).plain))
    for code, why in (
        ("0000" + answers.code[4:], "other code"),
        (answers.code[:5] + "0000", "quest"),
    ):
        with pytest.raises(Unusable, match=why):
            marked(exercise, there, Answers(answers.letters, code))


@pytest.mark.parametrize(
    "forged",
    [
        {},
        {"lines": "all"},
        {"lines": ["x"] * 10_000},
        {"digest": 3},
        {"edits": [["factor", "says", 99, [1, 1, 1, 1], "x"]]},
        {"edits": [["factor", "says", 2, ["1", 1, 1, 1], "x"]]},
        {"lines": [["nested"]]},
    ],
    ids=str,
)
def test_a_forged_description_of_a_text_is_refused(forged):
    exercise = EXERCISES["eq4"]
    honest = Loopback(**{exercise.function: RIGHT["eq4"][0]})

    def lying(question):
        content, buffers = honest(question)
        told = {**content["explained"], **forged} if forged else "text"
        return {"explained": told}, buffers

    with pytest.raises(Malformed):
        marked(exercise, lying, Answers(("a", "b", "c"), "0000-0000"))


@pytest.mark.parametrize(
    "seen", [[["x", 2, [10**9], []]], [["x", -1, [], []]], [["x", 2, [-1], []]], 5]
)
def test_forged_values_are_refused(seen):
    exercise = EXERCISES["eq4"]
    honest = Loopback(**{exercise.function: RIGHT["eq4"][0]})

    def lying(question):
        content, buffers = honest(question)
        if "seen" in content["explained"]:
            content["explained"]["seen"] = seen
        return content, buffers

    with pytest.raises(Malformed):
        marked(exercise, lying, Answers(("a", "b", "c"), "0000-0000"))


def test_without_a_wall_they_are_marked_in_the_notebook_s_own_kernel(monkeypatch):
    exercise, function = EXERCISES["relu"], RIGHT["relu"][0]
    shown = []
    monkeypatch.setattr(
        "IPython.display.display", lambda data, raw: shown.append(data[RECORD_TYPE])
    )
    sheet = sheet_of(Code.of(exercise, function).plain)
    for answers in (right(sheet), Answers(("z",) * 3, sheet.code), Answers(("a",), "other")):
        asked_here("relu", function, answers.letters, answers.code)
    assert [one["mistake"] for one in shown] == [None, "wrong-answers", "other-code"]
    assert [one["points"] / one["max_points"] for one in shown] == [1, 0, 0]


def test_without_a_wall_they_are_asked_behind_the_check_and_not_where_a_text_names_it(monkeypatch):
    line = answer_line(ASKED).replace('"?"', '"a"')
    function = EXERCISES[ASKED].function
    cells = [
        nbformat.v4.new_markdown_cell(f'Then `check("{ASKED}", {function})` judges it.'),
        nbformat.v4.new_code_cell(right_answers()[ASKED]),
        nbformat.v4.new_code_cell(f'check("{ASKED}", {function})'),
        nbformat.v4.new_code_cell(line),
    ]
    content = nbformat.writes(nbformat.v4.new_notebook(cells=cells)).encode()
    run = []
    monkeypatch.setattr(in_kernel, "_run", lambda notebook, *_: run.extend(notebook.cells) or "")
    handed = Handed(Path("mine.ipynb"), "section_2_1", json.dumps(release()), content)
    in_kernel.judged_in_kernel(handed, secret="")
    sources = [cell.source for cell in run]
    check = next(i for i, text in enumerate(sources) if f'"{ASKED}", {function}, hidden' in text)
    (asked,) = (i for i, text in enumerate(sources) if "asked_here" in text)
    assert (check, asked) == (2, 3)


def test_bplab_check_says_which_answers_are_right_by_the_hidden_cases_alone(monkeypatch, tmp_path):
    path = tmp_path / "mine.ipynb"
    path.write_bytes(content := json.dumps(release()).encode())
    handed = Handed(path, "section_2_1", content.decode(), content)
    wrong = Record(f"explain-{ASKED}", 2.0, 3.0, "wrong-answers", "2 of 3 answers are right.")
    none = Record(f"explain-{ASKED}", 0.0, 3.0, "not-written", "There are no answers.")
    monkeypatch.setattr(checked, "_read", lambda *_: handed)
    for record, secret, told in (
        (wrong, "", ()),
        (wrong, "secret", (wrong,)),
        (none, "", (none,)),
    ):
        graded = GradedNotebook((record,))
        monkeypatch.setattr(checked, "_judge", lambda *_, graded=graded: lambda one, files: graded)
        [came] = checked.check_files([path], Course.find(), secret=secret)
        assert came.records == told
        assert came.events == (() if told else (f"explain-{ASKED}: {LATER}",))


# --- in a kernel --------------------------------------------------------------------------


def release():
    """The notebook of section 2.1, in which questions on equation (5) earn 3 points."""
    notebook = nbformat.reads(assignment().release, as_version=4)
    put_questions(notebook, {ASKED: 3})
    return json.loads(nbformat.writes(notebook))


@pytest.fixture(scope="module")
def grader():
    with Grader(assignment(release=json.dumps(release()))) as grader:
        yield grader


def answered(line, **cells):
    """What is handed in: right but for these cells."""
    notebook = release()
    write(notebook, **{**right_answers(), **cells})
    write(notebook, **{f"answers_{ASKED}": f"from bplab import explained\n{line}"})
    return json.dumps(notebook).encode()


def own_sheet(text):
    function = function_of(f"import numpy as np\n{text}", EXERCISES[ASKED].function)
    return sheet_of(Code.of(EXERCISES[ASKED], function).plain)


def line_of(sheet, wrong=0):
    """The line with the right answers but for the first ones."""
    line = answer_line(ASKED, len(sheet.items), sheet.code)
    for i, item in enumerate(sheet.items):
        line = line.replace('"?"', f'"{LETTERS[(item.right + (i < wrong)) % 4]}"', 1)
    return line


def record(graded):
    return next(one for one in graded.results if one.exercise == f"explain-{ASKED}")


@pytest.fixture(scope="module")
def sheet():
    return own_sheet(right_answers()[ASKED])


def test_two_right_answers_of_three_earn_two_points_and_all_are_explained(grader, sheet):
    graded = grader.grade(answered(line_of(sheet, wrong=1)))
    came = record(graded)
    assert (came.points, came.max_points, came.mistake) == (2, 3, "wrong-answers")
    assert [one.exercise for one in graded.results].index(came.exercise) == 2
    assert graded.score == sum(one.max_points for one in graded.results) - 1
    page = shown(graded)
    for item in sheet.items:
        assert f"Question {sheet.items.index(item) + 1}: " in page
    assert sum(line.startswith("✓") for line in came.answers) == 2
    assert sum(line.startswith("Right is") for line in came.answers) == 1
    assert not graded.flags


def test_nothing_is_earned_without_answers_nor_for_a_function_that_is_not_right(grader, sheet):
    assert record(grader.grade(answered(""))).mistake == "not-written"
    wrong = right_answers()[ASKED].replace("-2 *", "2 *")
    came = record(grader.grade(answered(line_of(own_sheet(wrong)), **{ASKED: wrong})))
    assert (came.points, came.mistake) == (0, "not-passed")


def test_after_a_change_of_the_function_the_answers_belong_to_other_code(grader, sheet):
    changed = right_answers()[ASKED].replace("-2 * (Y - F)", "2 * (F - Y)")
    came = record(grader.grade(answered(line_of(sheet), **{ASKED: changed})))
    assert (came.points, came.mistake) == (0, "other-code")
    assert "run explain" in came.hint


DIES = "os._exit(1)"
HANGS = "sum(iter(int, 1))"


@pytest.mark.parametrize("does", [DIES, pytest.param(HANGS, marks=pytest.mark.thorough)])
def test_what_ends_or_hangs_when_it_is_asked_about_costs_these_points_alone(
    grader, sheet, does, monkeypatch
):
    monkeypatch.setattr(session, "EXPLAINING", 0.5)
    monkeypatch.setattr(
        session.Question, "seconds", property(lambda self: 0.5, lambda *_: None), raising=False
    )
    text = right_answers()[ASKED].replace(
        "    delta =", f"    if '_bplab_round' in globals():\n        {does}\n    delta =", 1
    )
    graded = grader.grade(answered(line_of(sheet), **{ASKED: f"import os\n{text}"}))
    came = record(graded)
    assert came.points == 0
    assert graded.score == sum(one.max_points for one in graded.results) - 3
    assert any("questions on eq5" in event for event in graded.events)


def test_an_edition_has_the_makings_of_questions_only_where_they_are_asked():
    usual, asks = (set(kept_for(["section_2_1"], explains=on).modules) for on in (False, True))
    assert not usual & EXPLAINING.keys()
    assert EXPLAINING.keys() <= asks
