"""The notebook of section 2.1 as a learner meets it: in JupyterLab, with keyboard and mouse."""

import re

import pytest
from playwright.sync_api import expect

from bplab.course.notebook import HALF
from tests.course.newcomer import solutions

pytestmark = pytest.mark.xdist_group("browser")

WRONG = """def grad_beta(Y, A, Z, T, F, g):
    delta = -(Y - F) * g.derivative(T)
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])
"""


def test_a_learner_is_told_the_mistake_passes_and_moves_the_slider(open_notebook, course, tmp_path):
    answers = solutions(course, "section_2_1")
    notebook = open_notebook(course.release_file("section_2_1"))
    page = notebook.page

    # everything runs to the end, and every exercise says that it is not written yet
    notebook.run_all()
    for id in ("eq4", "eq5", "eq6", "eq7"):
        text = notebook.result(f"test-{id}")
        assert "is not written yet" in text
        assert "Traceback" not in text
    assert "is not written yet" in notebook.output("test-eq4")
    halves = [id for id in answers if id.startswith(HALF)]
    assert halves
    for id in halves:
        assert "There is a gap in this cell" in notebook.result(id)
    panel = notebook.cell(panel_id(page)).locator(".bplab-panel")
    assert "not written" in panel.inner_text()  # the panel says so too, and lives on

    # a wrong answer is named; the right one passes: as a learner does it, then all of them
    notebook.type_and_run("eq4", WRONG)
    notebook.run("test-eq4")
    text = notebook.output("test-eq4")
    assert "The factor 2 is missing." in text
    assert "Traceback" not in text
    notebook.type_and_run("eq4", answers["eq4"])
    notebook.run("test-eq4")
    assert "✓" in notebook.output("test-eq4")
    for id, code in answers.items():
        notebook.execute(id, code)
        if id in halves:
            text = notebook.result(id)
            assert "gap" not in text
            assert "Traceback" not in text
        else:
            notebook.execute(f"test-{id}")
            assert "✓" in notebook.result(f"test-{id}")

    # the panel trains with the learner's own functions; arrow keys move it
    notebook.run(panel_id(page))
    panel = notebook.cell(panel_id(page)).locator(".bplab-panel")
    handle = panel.get_by_role("slider", name=re.compile("learning rate"))
    picture = panel.locator("svg[role=img]")
    before, shown = picture.get_attribute("aria-label"), panel.locator(".bplab-readout")
    numbers = shown.inner_text()
    handle.focus()
    handle.press("ArrowRight")
    expect(picture).not_to_have_attribute("aria-label", before)
    notebook.idle()
    assert shown.inner_text() != numbers

    panel.get_by_role("button", name="Reset").click()
    expect(picture).to_have_attribute("aria-label", before)
    page.screenshot(path=str(tmp_path / "section_2_1.png"))


def panel_id(page) -> str:
    """The id of the cell that holds the panel."""
    return page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.content.widgets"
        ".find(c => c.model.sharedModel.source.startsWith('learning_rate(')).model.id"
    )


def set_source(page, id: str, code: str) -> None:
    page.evaluate(
        "([id, code]) => window.jupyterapp.shell.currentWidget.content.widgets"
        ".find(c => c.model.id === id).model.sharedModel.setSource(code)",
        [id, code],
    )
