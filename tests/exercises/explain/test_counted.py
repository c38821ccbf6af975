"""Questions that count hang on the function alone; the line with the answers is read as text."""

import ast
import linecache

import pytest

from bplab import check, explain, explained
from bplab.exercises import Answers, answer_line, read_answers, sheet_of
from bplab.exercises.explain.counted import LETTERS
from tests.exercises.explain.codes import code_of, some_codes, some_names
from tests.exercises.explain.test_session import LOSS, folder, function_of
from tests.thorough import one_in

__all__ = ["folder"]  # a fixture

LAID_OUT = '''import numpy as np


def loss(
    Y,
    F,
):
    """Return the loss.

    Of all examples.
    """

    error = (Y
             - F)  # the residual
    "a text"
    return np.sum(
        error ** 2,
    )
'''


def test_comments_texts_and_line_breaks_make_no_difference():
    one, other = (sheet_of(code_of("eq1", text).plain) for text in (LOSS, LAID_OUT))
    assert asked(one) == asked(other)
    assert len(one.items) == 3
    changed = code_of("eq1", LOSS.replace("Y - F", "F - Y")).plain
    assert changed.digest != code_of("eq1", LOSS).digest


def asked(sheet):
    return sheet.code, [(item.question, item.choices, item.right) for item in sheet.items]


@pytest.mark.parametrize("name", one_in(20, some_names()), ids=str)
def test_a_function_that_python_writes_down_again_is_asked_the_same(name):
    code = some_codes()[name]
    if code is None:
        return
    again = code_of(code.exercise.id, ast.unparse(ast.parse(code.source)))
    assert asked(sheet_of(again.plain)) == asked(sheet_of(code.plain))


def test_what_is_shown_has_no_answer_in_it():
    sheet = sheet_of(code_of("eq1", LOSS).plain)
    right = Answers(tuple(LETTERS[item.right] for item in sheet.items), sheet.code)
    assert sheet.marked(right) == [True] * 3
    assert sheet.marked(Answers(right.letters[:1], sheet.code)) == [True, False, False]
    assert sheet.marked(Answers(("?",) * 3, sheet.code)) == [False] * 3


@pytest.mark.parametrize(
    "line",
    [
        'explained("eq5", "b", "a", "c", code="3fa9-12bc")',
        "  explained('eq5', 'B', ' a', 'c', code = '3FA9-12bc')  # so",
        'explained(\n    "eq5", "b", "a",\n    "c", code="3fa9-12bc",\n)',
        'explained("eq5", "d", "d", "d", code="3fa9-12bc")\n'
        'explained("eq5", "b", "a", "c", code="3fa9-12bc")\n# explained("eq5", "d")',
    ],
)
def test_the_last_line_with_answers_counts_however_it_is_written(line):
    cells = ["import numpy as np\n", f"from bplab import explained\n{line}", answer_line("eq4")]
    found = read_answers(cells)
    assert found["eq5"] == Answers(("b", "a", "c"), "3fa9-12bc")
    assert found["eq4"] == Answers(("?", "?", "?"), "?")


@pytest.mark.parametrize(
    "text", ["explained(", "explained()", "explained(x)", "unexplained('eq5')"]
)
def test_what_is_no_such_line_is_no_answer_to_an_exercise(text):
    assert "eq5" not in read_answers([text])


def test_in_a_notebook_it_is_told_what_is_noted_and_nothing_of_what_is_right():
    assert "has to pass" in repr(explain("eq1", counts=True))
    check("eq1", function_of(LOSS))
    shown = explain("eq1", counts=True)
    line = answer_line("eq1", 3, shown.sheet.code)
    for text in (repr(shown), shown._repr_html_().replace("&quot;", '"')):
        assert line in text
        assert all(item.answer.because not in text for item in shown.sheet.items)
    assert "d  " in repr(shown)
    code = shown.sheet.code
    assert "Not answered yet" in explained("eq1", "?", "?", "?", code=code)
    assert "1 b, 2 a, 3 c" in explained("eq1", "b", "A", "c", code=code)
    assert "give each a letter" in explained("eq1", "b", "e", "c", code=code)
    assert "give each a letter" in explained("eq1", "b", "a", code=code)
    assert "other questions" in explained("eq1", "b", "a", "c", code=f"{code[:-4]}0000")
    check("eq1", function_of(LOSS.replace("** 2", "** 2.0")))
    assert "other code" in explained("eq1", "b", "a", "c", code=code)
    linecache.clearcache()
