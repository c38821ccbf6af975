"""`explain` in JupyterLab, answered by keyboard, after a check in the same notebook."""

import pytest

from tests.browser.conftest import OneCell
from tests.browser.test_panels import violations
from tests.browser.test_review import FOCUSED, answer
from tests.widgets.explain.test_explain import GRAD_ALPHA

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture
def page(lab_page):
    return lab_page


@pytest.fixture
def explain(one_cell, page, tmp_path):
    notebook = one_cell.shown()
    for code in (
        f"import os\nos.environ['BPLAB_PROGRESS'] = {str(tmp_path / 'progress')!r}\n"
        "from bplab import check, explain, progress",
        GRAD_ALPHA,
        'check("eq5", grad_alpha)',
        'shown = explain("eq5", seed=1)\nshown',
    ):
        notebook.execute(OneCell.ID, code)
        assert notebook.errors() == []
    page.locator("button.bplab-choice-1").wait_for()
    return notebook


def test_three_questions_on_the_code_that_has_just_passed_by_keyboard(explain, page):
    assert "def grad_alpha(X, Y, A, Z, T, F, beta, sigma, g):" in code(page)
    for number in range(1, 4):
        assert f"Question {number} of 3" in page.locator(".bplab-question").inner_text()
        assert violations(page) == []
        page.locator(".bplab-question").evaluate("question => question.focus()")
        answer(page, explain, right=True)
        assert page.locator(".bplab-readout .widget-html-content").inner_text().startswith("Right")
        assert violations(page) == []
        page.keyboard.press("Enter")
        page.wait_for_function(f"() => ({FOCUSED})().includes('bplab-question')", timeout=5_000)
    said = page.locator(".bplab-question").inner_text()
    assert said == "Done. 3 of 3 right. You have explained eq5; progress() keeps it."
    assert explain.ask("print(bool(progress().tries['eq5'].explained))") == "True"
    assert explain.errors() == []


def code(page):
    return page.locator(".bplab-code").inner_text()
