"""In a notebook the message is there at once, and the first wrong line comes below it."""

import sys

import numpy as np
import pytest

from bplab.exercises import CheckFailed, check, first_wrong
from bplab.exercises.first_wrong import FirstWrong
from tests.exercises.first_wrong.test_words import said, stretched, without_the_factor

PLACE = FirstWrong(4, 4, 8, "    ones = X", proven=True)


@pytest.fixture(autouse=True)
def in_a_notebook(monkeypatch):
    monkeypatch.setattr(first_wrong, "LOOKS", True)
    monkeypatch.setattr(sys.modules["bplab.exercises.check"], "_is_read_at_once", lambda: True)


@pytest.fixture
def failed(monkeypatch, capsys):
    """An error, what is read when its line is looked for, and what then comes of that."""
    read = []

    def search(*given):
        read.append(capsys.readouterr().err)
        if isinstance(search.comes, BaseException):
            raise search.comes
        return search.comes

    search.comes = PLACE
    monkeypatch.setattr(first_wrong, "first_wrong", search)
    with pytest.raises(CheckFailed) as raised:
        check("eq5", stretched)
    return raised.value, read, search


def test_the_verdict_is_read_while_the_line_is_looked_for(failed):
    error, read, _ = failed
    assert read == []
    below = error._render_traceback_()
    (above,) = read
    assert "eq5 · equation (5) · ∂R/∂α for elementwise g: not yet" in above
    assert "The bias column of grad_alpha is right" in above
    assert "Case “generic”" in above.replace("\n", " ")
    assert below[:4] == [
        "With one small change in line 4 every answer is right:",
        "    ones = X",
        "    ^^^^",
        'Its numbers: where("eq5")',
    ]
    assert "[eq5/weights-wrong]" in below[4]


def test_what_was_read_is_not_said_again(failed, capsys):
    error, read, _ = failed
    below = "\n".join(error._render_traceback_())
    assert "not yet" not in below
    assert "bias column" not in below
    assert capsys.readouterr().err == ""


def test_who_interrupts_loses_the_line_and_nothing_else(failed):
    error, read, search = failed
    search.comes = KeyboardInterrupt()
    below = error._render_traceback_()
    assert "The bias column of grad_alpha is right" in read[0]
    assert below == error._fitting(error._below)
    assert error.first_wrong is None
    assert len(read) == 1


def test_it_is_looked_for_once(failed):
    error, read, _ = failed
    assert error.first_wrong is error.first_wrong is PLACE
    assert "With one small change in line 4" in str(error)
    assert "With one small change in line 4" in error.args[0]
    assert "not yet" in error._render_traceback_()[0]
    assert len(read) == 1


def test_what_has_a_name_is_said_in_one_piece(capsys):
    error, _ = said(without_the_factor)
    assert "not yet" in error._render_traceback_()[0]
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("execution", ["autograde", "validate"])
def test_programs_that_run_notebooks_get_one_message(execution, monkeypatch, capsys):
    monkeypatch.undo()
    monkeypatch.setenv("NBGRADER_EXECUTION", execution)
    with pytest.raises(CheckFailed) as error:
        check("eq5", stretched)
    capsys.readouterr()
    assert "not yet" in error.value._render_traceback_()[0]
    assert capsys.readouterr().err == ""


def filled_in_part(x):
    value, up = np.empty(x.shape), x >= 0
    value[up] = 1 / (1 + np.exp(-x[up]))
    slope = value - value**2
    return value, slope


def test_an_array_that_is_not_filled_has_its_line_too():
    with pytest.raises(CheckFailed) as raised:
        check("sigmoid", filled_in_part)
    assert raised.value.mistake == "not-filled"
    found = raised.value.first_wrong
    assert found.proven
    assert found.function == "filled_in_part"
