"""When questions are asked, what is said where they cannot be, and what is noted."""

import linecache
from itertools import count
from tempfile import gettempdir

import pytest

from bplab import check, progress
from bplab.exercises import CheckFailed, begin_explain

NUMBERS = count()

LOSS = """import numpy as np

def loss(Y, F):
    error = Y - F
    return np.sum(error ** 2)
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("BPLAB_PROGRESS", str(tmp_path / "progress"))
    return tmp_path / "progress"


def function_of(text, name="loss"):
    """Run a cell as IPython does: under a file name of its own, which Python can look up."""
    file = f"{gettempdir()}/ipykernel_2/{next(NUMBERS)}.py"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    notebook = {"__name__": "__main__"}
    exec(compile(text, file, "exec"), notebook)
    return notebook[name]


def test_before_a_pass_it_says_what_to_do():
    assert begin_explain("eq1") == (
        'First check("eq1", loss) has to pass. Then explain("eq1") asks about your own code.'
    )
    with pytest.raises(CheckFailed):
        check("eq1", function_of(LOSS.replace("** 2", "** 3")))
    assert "has to pass" in begin_explain("eq1")


def test_after_a_pass_it_asks_about_that_code_and_check_offers_it_until_it_is_explained():
    function = function_of(LOSS)
    offer = 'Three questions on your own lines: explain("eq1")'
    first = check("eq1", function)
    assert offer == repr(first).splitlines()[-1]
    assert "explain(&quot;eq1&quot;)" in first._repr_html_()
    assert "explain" not in first.english
    session = begin_explain("eq1", seed=0)
    assert [item.code for item in session.items()] == [tuple(LOSS.splitlines()[2:])] * 3
    for item in session.items():
        session.note(item, True)
    assert "explained" in progress().tries["eq1"].words
    assert offer not in repr(check("eq1", function))
    assert progress().tries["eq1"].explained  # a try forgets nothing
    assert not progress(reset=True).tries["eq1"].explained


def test_a_wrong_answer_does_not_count_and_the_next_session_may():
    check("eq1", function_of(LOSS))
    session = begin_explain("eq1", seed=0)
    for i, item in enumerate(session.items()):
        session.note(item, i != 1)
    assert not progress().tries["eq1"].explained
    again = begin_explain("eq1", seed=1)
    for item in again.items():
        again.note(item, True)
    assert progress().tries["eq1"].explained


def test_answers_to_some_of_the_questions_are_not_enough():
    check("eq1", function_of(LOSS))
    session = begin_explain("eq1", seed=0)
    session.note(next(session.items()), True)
    assert not progress().tries["eq1"].explained


def test_a_function_that_stays_in_its_notebook_is_not_offered_and_it_is_said_where_to_look():
    text = f"import numpy as np\nones = np.ones(3)\n{LOSS}".replace("Y - F", "Y - F + 0 * ones[0]")
    passed = check("eq1", function_of(text))
    assert "It stays in this notebook" in repr(passed)
    assert "explain" not in repr(passed)
    assert "is not kept here" in begin_explain("eq1")
    assert 'check("eq1", loss) in section_1' in begin_explain("eq1")


def test_what_is_no_longer_right_is_not_asked_about(folder):
    check("eq1", function_of(LOSS))
    file = folder / "functions" / "eq1.json"
    file.write_text(file.read_text().replace("error ** 2", "error ** 4"))
    assert "is not right" in begin_explain("eq1")
    file.write_text("{")
    assert "spoilt" in begin_explain("eq1")


def test_in_grading_nothing_is_asked_and_nothing_read(monkeypatch):
    check("eq1", function_of(LOSS))
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert begin_explain("eq1") == "Nothing is asked while work is graded."


def test_a_challenge_has_no_questions():
    assert "many ways" in begin_explain("digits")


@pytest.mark.parametrize("wrong", [{"items": 0}, {"items": 1.5}, {"items": True}, {"id": "eq99"}])
def test_an_argument_that_is_none_is_refused(wrong):
    with pytest.raises(ValueError, match=r"items must be|there is no exercise"):
        begin_explain(**{"id": "eq1", **wrong})


def test_a_function_about_which_nothing_can_be_asked_says_so(monkeypatch):
    check("eq1", function_of(LOSS))
    monkeypatch.setattr("bplab.exercises.explain.session.ON_CODE", {"code": lambda *_: None})
    assert "nothing in it that could be asked about" in begin_explain("eq1")
