"""The panel of `explain`, and its plain text, without a page."""

import html
import re

import pytest

from bplab import check, explain, progress
from bplab.exercises import begin_explain
from bplab.widgets.explain import asked
from bplab.widgets.explain.words import summary
from bplab.widgets.review import ReviewPanel
from tests.exercises.explain.test_session import function_of
from tests.widgets.review.test_panel import answering, press, text

GRAD_ALPHA = """import numpy as np

def grad_alpha(X, Y, A, Z, T, F, beta, sigma, g):
    delta = -2 * (Y - F) * g.derivative(T)
    s = delta @ beta[:, 1:] * sigma.derivative(A)
    return np.column_stack([s.sum(axis=0), s.T @ X])  # a < b & c
"""


@pytest.fixture(autouse=True)
def passed(tmp_path, monkeypatch):
    monkeypatch.setenv("BPLAB_PROGRESS", str(tmp_path / "progress"))
    check("eq5", function_of(GRAD_ALPHA, "grad_alpha"))


@pytest.fixture
def panel(monkeypatch):
    monkeypatch.setattr(asked, "in_notebook", lambda: True)
    return explain("eq5", seed=1)


def test_a_question_shows_the_code_with_its_numbers_and_what_is_code_as_code(panel):
    assert isinstance(panel, ReviewPanel)
    shown = panel.question.value
    (block,) = re.findall(r"<pre.*?</pre>", shown, re.DOTALL)
    # lines of their own where a page takes no style, too
    lines = html.unescape(re.sub("<[^>]*>", "", block)).splitlines()
    assert lines == [f"{i}  {s}" for i, s in enumerate(GRAD_ALPHA.splitlines()[2:], 1)]
    assert 'aria-label="Your code"' in block
    assert "a &lt; b &amp; c" in block
    assert "<code>" in shown
    assert "`" not in shown


def test_three_right_answers_are_explained_and_noted(panel):
    for number in range(1, 4):
        assert f"Question {number} of 3 · eq5" in text(panel.question)
        item = panel.item
        press(panel, item.right)
        said = re.sub(r"\s+", " ", text(panel.said)).strip()
        assert said.startswith("Right")
        because = item.answer.because.replace("`", " ")
        assert re.sub(r"\s+", "", because) in re.sub(r"\s+", "", said)
        panel.next_button.click()
    assert "3 of 3 right. You have explained eq5; progress() keeps it." in text(panel.question)
    assert progress().tries["eq5"].explained


def test_after_a_wrong_answer_it_offers_other_questions(panel):
    for number in range(3):
        press(panel, (panel.item.right + (number == 0)) % 4)
        panel.next_button.click()
    assert '2 of 3 right. Once more, with other questions: explain("eq5")' in text(panel.question)
    assert not progress().tries["eq5"].explained


def test_the_still_has_code_and_question_with_its_answer_folded(panel):
    still = panel._repr_mimebundle_()["text/html"]
    before, folded = still.split("<details>")
    assert "<pre" in before
    assert "grad_alpha" in before
    assert "<code>" in before
    assert html.escape(panel.item.answer.because.partition("`")[0]) in folded
    assert "<script" not in still


def test_plain_text_shows_the_code_and_asks(monkeypatch, capsys):
    keys = [str(item.right + 1) for item in begin_explain("eq5", seed=2).items()]
    monkeypatch.setattr("builtins.input", answering("x", *keys))
    assert explain("eq5", seed=2) is None
    said = capsys.readouterr().out
    assert "   2      delta = -2 * (Y - F) * g.derivative(T)" in said
    assert said.count("Right: ") == 3
    assert "You have explained eq5" in said


def test_q_ends_it_and_it_says_how_to_go_on(monkeypatch, capsys):
    monkeypatch.setattr("builtins.input", answering("q"))
    explain("eq5")
    assert '0 of 0 right. For other questions: explain("eq5")' in capsys.readouterr().out
    session = begin_explain("eq5")
    session.note(next(session.items()), True)
    assert summary(session).startswith("1 of 1 right. For other questions")


def test_questions_that_count_have_their_letters_and_lines_on_a_page_without_styles():
    shown = explain("eq5", counts=True)
    page = html.unescape(re.sub("<style>.*?</style>|<[^>]*>", "", shown._repr_html_(), flags=re.S))
    for item in shown.sheet.items:
        for letter, choice in zip("abcd", item.choices, strict=False):
            assert f"{letter}\u00a0 {choice.text.replace('`', '')}" in page
    assert page.count("\n2      delta = -2 * (Y - F) * g.derivative(T)\n3 ") == 3


def test_without_a_pass_it_is_a_sentence():
    assert repr(explain("eq4")).startswith('First check("eq4", grad_beta) has to pass.')
