"""`review` in JupyterLab, answered by keyboard."""

import pytest

from tests.browser.conftest import OneCell
from tests.browser.test_panels import violations
from tests.exercises.review.folder import passed

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture
def page(lab_page):
    return lab_page


FOCUSED = "() => document.activeElement.className + ' ' + document.activeElement.innerText"


@pytest.fixture
def review(one_cell, page, tmp_path):
    passed(tmp_path / "progress", {"eq5": 5, "eq12": 4, "hidden": 3, "relu": 2})
    code = (
        f"import os\nos.environ['BPLAB_PROGRESS'] = {str(tmp_path / 'progress')!r}\n"
        "from bplab import progress, review\nshown = review(items=4, seed=1)\nshown"
    )
    notebook = one_cell.shown()
    notebook.execute(OneCell.ID, code)
    page.locator("button.bplab-choice-1").wait_for()
    return notebook


def test_four_questions_by_keyboard_with_the_focus_where_it_is_wanted(review, page):
    assert violations(page) == []
    page.locator(".bplab-question").evaluate("question => question.focus()")
    for number in range(1, 5):
        assert f"Question {number} of 4" in page.locator(".bplab-question").inner_text()
        right = answer(page, review, right=number != 2)
        said = page.locator(".bplab-readout .widget-html-content")
        assert said.get_attribute("aria-live") == "polite"
        assert said.inner_text().startswith("Right" if right else "Not so")
        assert violations(page) == []
        page.keyboard.press("Enter")
        page.wait_for_function(f"() => ({FOCUSED})().includes('bplab-question')", timeout=5_000)
        while "why" in review.ask("print(shown.item and shown.item.about)").split(":")[0]:
            answer(page, review, right=True)
            page.keyboard.press("Enter")
            page.wait_for_function(f"() => ({FOCUSED})().includes('bplab-question')")
            review.idle()
    assert page.locator(".bplab-question").inner_text().startswith("Done. 3 of 4 right.")
    assert review.ask("print(len(progress().to_review))") == "0"
    assert review.errors() == []


def answer(page, notebook, *, right):
    """Go to a choice with Tab and press Enter; the focus is then on the button that goes on."""
    key = int(notebook.ask("print(shown.item.right)"))
    chosen = key if right else (key + 1) % int(notebook.ask("print(len(shown.item.choices))"))
    for _ in range(chosen + 1):
        page.keyboard.press("Tab")
    assert f"bplab-choice-{chosen + 1}" in page.evaluate(FOCUSED)
    page.keyboard.press("Enter")
    page.wait_for_function(f"() => ({FOCUSED})().includes('bplab-next')", timeout=5_000)
    notebook.idle()
    return right
