"""What `check` says of a first wrong line: that it is proven, which it is, and nothing more."""

import numpy as np
import pytest

import bplab
from bplab.exercises import EXERCISES, CheckFailed, check, first_wrong
from bplab.exercises.first_wrong import FirstWrong, all_words, words
from bplab.exercises.judging import Here, Trial
from bplab.exercises.task import visible_cases
from tests.exercises.first_wrong.test_proof import line_of


@pytest.fixture(autouse=True)
def looks(monkeypatch):
    monkeypatch.setattr(first_wrong, "LOOKS", True)


def stretched(X, Y, A, Z, T, F, beta, sigma, g):
    delta = -2 * (Y - F) * g.derivative(T)
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    ones = np.column_stack([np.ones(len(X)), X * 2 * X])  # wrong
    return s.T @ ones


def by_a_helper(X, Y, A, Z, T, F, beta, sigma, g):
    delta = -2 * (Y - F) * g.derivative(T)
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    return s.T @ with_ones(X)


def with_ones(X):
    return np.column_stack([np.ones(len(X)), X * X])  # wrong


def without_the_factor(X, Y, A, Z, T, F, beta, sigma, g):
    delta = -(Y - F) * g.derivative(T)
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    return s.T @ np.column_stack([np.ones(len(X)), X])


def said(function, **how):
    with pytest.raises(CheckFailed) as failed:
        check("eq5", function, **how)
    return failed.value, failed.value.english.split("\n")


def test_the_line_is_shown_with_what_is_right_before_it_and_a_caret():
    failed, lines = said(stretched)
    line = line_of(stretched, "# wrong")
    at = lines.index(f"With one small change in line {line} every answer is right:")
    assert failed.first_wrong.line == line
    assert lines[at - 1] == f"Right so far: s in line {line - 1} is the hidden delta."
    assert lines[at + 1].strip() == "ones = np.column_stack([np.ones(len(X)), X * 2 * X])  # wrong"
    begin, end = lines[at + 2].index("^"), len(lines[at + 2])
    assert set(lines[at + 2].strip()) == {"^"}
    assert "X * 2" in lines[at + 1][begin:end]


def test_the_line_stays_as_it_is_where_the_message_is_broken(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    failed, _ = said(stretched)
    shown = "\n".join(failed._render_traceback_()).split("\n")
    (code,) = (s for s in shown if s.strip().startswith("ones = "))
    assert len(code) > 40
    assert shown[shown.index(code) + 1].strip("^ ") == ""


def test_a_helper_is_named():
    _, lines = said(by_a_helper)
    line = line_of(with_ones, "# wrong")
    assert f"With one small change in line {line} of with_ones every answer is right:" in lines


def test_it_is_told_in_german():
    bplab.language("de")
    try:
        failed, _ = said(stretched)
        shown = "\n".join(failed._render_traceback_())
    finally:
        bplab.language("en")
    line = line_of(stretched, "# wrong")
    assert f"Bis dahin richtig: s in Zeile {line - 1} ist das verborgene Delta." in shown
    assert f"Mit einer kleinen Änderung in Zeile {line} stimmt jede Antwort:" in shown


@pytest.mark.parametrize("how", [{"hidden": True}, {}])
def test_nothing_of_it_is_said_of_a_known_mistake_or_of_hidden_cases(how):
    failed, lines = said(stretched if how else without_the_factor, **how)
    assert failed.first_wrong is None
    assert not any("small change" in line for line in lines)


def test_while_nbgrader_grades_nothing_is_looked_for(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    failed, _ = said(stretched)
    assert failed.first_wrong is None


def test_an_error_in_the_search_takes_nothing_from_the_message(monkeypatch):
    def broken(*given):
        raise ZeroDivisionError

    monkeypatch.setattr(first_wrong, "first_wrong", broken)
    with pytest.raises(ZeroDivisionError):
        said(stretched)
    monkeypatch.setattr(first_wrong, "STRICT", False)
    failed, lines = said(stretched)
    assert failed.first_wrong is None
    assert lines[-1].startswith("To look at it")


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"others": (6,)}, "With one small change in line 4 or 6 every answer is right:"),
        ({"by_value": True}, "With another value in line 4 every answer is right:"),
        (
            {"by_value": True, "lines": (4, 7)},
            "With other values in lines 4 and 7 every answer is right:",
        ),
        ({"lines": (4, 7)}, "With small changes in lines 4 and 7 every answer is right:"),
    ],
)
def test_two_lines_are_both_named(more, says):
    found = FirstWrong(4, 8, 9, "    x = y", proven=True, **more)
    assert words(found) == [says, "    x = y", "        ^"]


def stops(X, Y, A, Z, T, F, beta, sigma, g):
    delta = -2 * (Y - F) * g.derivative(T)
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    return s @ np.column_stack([np.ones(len(X)), X])  # wrong


def test_a_line_that_an_error_names_is_not_named_again():
    _, lines = said(stops)
    line = line_of(stops, "# wrong")
    at = lines.index("With one small change where it stops every answer is right:")
    assert any(f"It happens in line {line}: {lines[at + 1].strip()}" in text for text in lines)
    found = FirstWrong(4, 8, 9, "    x = y", proven=True)
    assert "line 4" in words(found, ["It happens in line 14: x = y"])[0]
    assert "line 4" in words(found, ["It happens in line 4: x = z"])[0]


def test_what_is_not_proven_is_not_said():
    assert words(FirstWrong(4, 8, 9, "    x = y")) == []


def test_a_long_line_is_shown_around_the_place():
    text = f"    total = {' + '.join(f'term_{n}' for n in range(30))}"
    begin = text.index("term_20")
    _, code, carets = words(FirstWrong(1, begin, begin + 7, text, proven=True))
    assert code[carets.index("^") : len(carets)] == "term_20"
    assert len(code) < 80


def test_where_a_long_line_is_cut_that_is_seen():
    text = f"    total = {' + '.join(f'term_{n}' for n in range(30))}"
    for at, cut in ((0, "{}…"), (15, "…{}…"), (29, "…{}")):
        begin = text.index(f"term_{at}")
        end = begin + len(f"term_{at}")
        _, code, carets = words(FirstWrong(1, begin, end, text, proven=True))
        before, after = cut.split("{}")
        assert code[carets.index("^") : len(carets)] == f"term_{at}"
        assert code.strip().strip("…") in text
        assert (code.strip()[: len(before)], code.strip()[-len(after) or len(code) :]) == (
            before,
            after,
        )


def in_two_steps(D, B, sigma, A):
    back = D @ B[:, 1:]
    return back * sigma.derivative(A) ** 3  # wrong


def by_two_steps(X, Y, A, Z, T, F, beta, sigma, g):
    s = in_two_steps(2 * (F - Y) * g.derivative(T), beta, sigma, A)
    return np.c_[s.sum(0), s.T @ X]


def test_of_a_helper_it_says_whose_line_is_right():
    exercise = EXERCISES["eq5"]
    trial = Trial.run(exercise, Here(by_two_steps), visible_cases(exercise))
    line = line_of(in_two_steps, "# wrong")
    assert all_words(first_wrong.first_wrong(trial))[:2] == [
        f"Right so far: back in line {line - 1} of in_two_steps is what is sent back.",
        f"With one small change in line {line} of in_two_steps every answer is right:",
    ]
