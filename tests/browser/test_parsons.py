"""`parsons` in JupyterLab: lines put in order by keyboard alone."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tests.browser.test_panels import violations

pytestmark = pytest.mark.xdist_group("browser")


def test_lines_are_put_in_order_and_run_by_keyboard(open_notebook, page, tmp_path):
    code = "from bplab import parsons\nshown = parsons('half-eq12')\nshown"
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    path = tmp_path / "parsons.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(code, id="parsons")], metadata=kernel), path)
    notebook = open_notebook(path)
    notebook.run("parsons")
    page.locator("button.bplab-line-0").wait_for()
    assert violations(page) == []

    def press(line):
        """Enter on a line, and return where the focus is then."""
        at = notebook.ask(f"print(shown.puzzle.offered.index({line!r}))")
        page.locator(f"button.bplab-line-{at}").focus()
        page.keyboard.press("Enter")
        page.wait_for_function("() => document.activeElement.matches('.bplab-panel button')")
        notebook.idle()

    step, after = "step = rate * slopes", "after = before - step"
    press(after)
    press(step)
    page.locator("button.bplab-run").focus()
    page.keyboard.press("Enter")
    notebook.idle()
    said = page.locator(".bplab-readout .widget-html-content")
    assert said.inner_text() == "✗ Line 1 needs step, and no line above it makes that."
    assert said.get_attribute("aria-live") == "polite"
    at = notebook.ask(f"print(shown.puzzle.offered.index({step!r}))")
    page.locator(f"button.bplab-up-{at}").focus()
    page.keyboard.press("Enter")
    page.wait_for_function(  # up does nothing at the top: the focus is on what does
        f"() => document.activeElement.matches('.bplab-down-{at}')"
    )
    assert notebook.ask("print(shown.chosen)") == str([step, after])
    page.locator("button.bplab-run").focus()
    page.keyboard.press("Enter")
    notebook.idle()
    assert said.inner_text().startswith("✓ Right.")
    assert violations(page) == []
    assert notebook.errors() == []
