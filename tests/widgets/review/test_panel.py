"""The panel of `review`, and its plain text, without a page."""

import html
import re

import numpy as np
import pytest

from bplab import review
from bplab.exercises.review.session import Session
from bplab.exercises.review.spacing import results
from bplab.widgets.review import ReviewPanel, asked
from bplab.widgets.review.asked import ALL_KINDS, ask
from tests.exercises.review.folder import passed
from tests.widgets.alive import widgets_alive


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("BPLAB_PROGRESS", str(tmp_path / "progress"))
    return tmp_path / "progress"


def session(*ids, kind="shape", seed=0, folder=None):
    return Session(ids, {kind: ALL_KINDS[kind]}, np.random.default_rng(seed), folder)


def text(shown):
    return html.unescape(re.sub(r"<[^>]*>", " ", shown.value))


def press(panel, index):
    panel.choice_buttons[index].click()


def test_a_right_answer_is_explained_and_noted(folder):
    panel = ReviewPanel(session("eq4", "eq5", folder=folder))
    item = panel.item
    assert panel.next_button.layout.display == "none"
    press(panel, item.right)
    assert text(panel.said).strip().startswith("Right")
    assert item.answer.because in text(panel.said)
    assert all(made.disabled for made in panel.choice_buttons)
    assert [r.right for r in results(folder, "eq4")] == [True]
    panel.next_button.click()
    assert panel.item.exercise == "eq5"
    assert text(panel.said).strip() == ""


def test_a_wrong_answer_is_told_why_it_is_wrong_and_what_is_right(folder):
    panel = ReviewPanel(session("eq4", folder=folder))
    item, chosen = panel.item, (panel.item.right + 1) % 4
    press(panel, chosen)
    said = text(panel.said)
    assert said.strip().startswith("Not so")
    assert item.choices[chosen].because in said
    assert item.answer.text in said
    assert item.answer.because in said
    assert [r.right for r in results(folder, "eq4")] == [False]


def test_an_answer_counts_once(folder):
    panel = ReviewPanel(session("eq4", folder=folder))
    right = panel.item.right
    panel.answer((right + 1) % 4)
    panel.answer(right)
    assert [r.right for r in results(folder, "eq4")] == [False]


@pytest.mark.parametrize("good", [True, False])
def test_after_the_step_it_is_asked_why_and_both_count_as_one(folder, good):
    panel = ReviewPanel(session("eq5", kind="step", seed=1, folder=folder))
    assert panel.item.then is not None
    why = panel.item.then
    press(panel, panel.item.right)
    assert panel.next_button.description == "And why?"
    assert results(folder, "eq5") == []
    panel.next_button.click()
    assert panel.item is why
    press(panel, why.right if good else (why.right + 1) % 4)
    assert [r.right for r in results(folder, "eq5")] == [good]


def test_a_wrong_step_is_not_asked_why(folder):
    panel = ReviewPanel(session("eq5", "eq4", kind="step", seed=1, folder=folder))
    press(panel, (panel.item.right + 1) % len(panel.choice_buttons))
    assert [r.right for r in results(folder, "eq5")] == [False]
    panel.next_button.click()
    assert panel.item.exercise == "eq4"


def test_the_end_says_what_came_of_it(folder):
    panel = ReviewPanel(session("eq4", "hidden", folder=folder))
    press(panel, panel.item.right)
    panel.next_button.click()
    press(panel, (panel.item.right + 1) % 4)
    assert panel.next_button.description == "Finish"
    panel.next_button.click()
    assert panel.item is None
    assert "1 of 2 right. Tomorrow again: hidden. Later, as it went well: eq4." in text(
        panel.question
    )


def test_the_still_has_the_question_with_its_answer_folded():
    panel = ReviewPanel(session("eq4", kind="mistake"))
    still = panel._repr_mimebundle_()["text/html"]
    before, folded = still.split("<details>")
    assert html.escape(panel.item.question) in before
    assert panel.item.answer.because not in before
    assert html.escape(panel.item.answer.because) in folded
    assert "<button" not in still
    assert "<script" not in still


def test_curves_have_alt_texts_and_their_still_is_a_picture():
    panel = ReviewPanel(session("relu", kind="curve"))
    assert panel.question.value.count('role="img"') == 3
    still = panel._repr_mimebundle_()["text/html"]
    assert still.count("<img alt=") >= 3
    assert "<svg" not in still


def test_a_panel_that_is_closed_leaves_no_widget_behind():
    before = widgets_alive()
    panel = ReviewPanel(session("eq4", "eq5"))
    press(panel, 0)
    panel.next_button.click()
    panel.close()
    assert widgets_alive() == before


# --- plain text ---------------------------------------------------------------------------


def answering(*given):
    answers = iter(given)

    def read(prompt):
        try:
            return next(answers)
        except StopIteration:
            raise EOFError from None

    return read


def test_plain_text_asks_explains_and_notes(folder):
    asked_about = session("eq4", "eq5", folder=folder)
    key = next(session("eq4").items()).right
    said = []
    ask(asked_about, "", read=answering("0", "x", str(key + 1)), write=said.append)
    assert any(line.startswith("Right: ") for line in said)
    assert [r.right for r in results(folder, "eq4")] == [True]
    assert results(folder, "eq5") == []  # nothing more could be read
    assert "1 of 1 right." in said[-1]


def test_q_ends_it(folder):
    said = []
    ask(session("eq4", folder=folder), "", read=answering("q"), write=said.append)
    assert "0 of 0 right." in said[-1]


def test_outside_a_notebook_review_asks_in_plain_text(monkeypatch, capsys):
    monkeypatch.setattr("builtins.input", answering("q"))
    assert review() is None
    assert "Nothing has passed yet" in capsys.readouterr().out


def test_in_a_notebook_it_is_a_panel_or_a_sentence(folder, monkeypatch):
    monkeypatch.setattr(asked, "in_notebook", lambda: True)
    assert "Nothing has passed yet" in review(items=2).question.value
    assert "You have not passed any of these exercises yet" in repr(review(section="section_2_1"))
    passed(folder, {"eq4": 0})
    assert "Nothing to review today" in repr(review())
    assert isinstance(review(now=True), ReviewPanel)
    assert isinstance(review(before="section_2_2", items=2), ReviewPanel)
    assert isinstance(review(section="section_2_1"), ReviewPanel)
