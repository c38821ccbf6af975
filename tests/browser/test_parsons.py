"""`parsons` in JupyterLab: lines put in order by keyboard alone."""

import pytest

from tests.browser.conftest import OneCell
from tests.browser.test_panels import violations

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture
def page(lab_page):
    return lab_page


@pytest.fixture
def notebook(one_cell, page):
    code = "from bplab import parsons\nshown = parsons('half-eq12')\nshown"
    notebook = one_cell.shown()
    notebook.execute(OneCell.ID, code)
    page.locator("button.bplab-line-0").wait_for()
    assert violations(page) == []
    return notebook


def test_lines_are_put_in_order_and_run_by_keyboard(notebook, page):

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


def test_lines_are_dragged_into_the_program_within_it_and_out_by_mouse_and_finger(notebook, page):
    step, after = "step = rate * slopes", "after = before - step"
    program = page.locator(".bplab-program")
    touch = page.context.new_cdp_session(page)

    def middle(target):
        box = target.bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def by_mouse(start, end):
        page.mouse.move(*start)
        page.mouse.down()
        for share in (0.3, 0.7, 1):
            page.mouse.move(*(a + share * (b - a) for a, b in zip(start, end, strict=True)))
        assert page.locator(".bplab-held").count() == 1
        page.mouse.up()

    def by_finger(start, end):
        def say(kind, *points):
            points = [{"x": x, "y": y} for x, y in points]
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        say("touchStart", start)
        for share in (0.3, 0.7, 1):
            say("touchMove", tuple(a + share * (b - a) for a, b in zip(start, end, strict=True)))
        assert page.locator(".bplab-held").count() == 1
        say("touchEnd")

    def drag(line, drag_by, to, by=0):
        """Drag a line to a place, or so far beside it, and return the program."""
        at = notebook.ask(f"print(shown.puzzle.offered.index({line!r}))")
        before = notebook.ask("print(shown.chosen)")
        notebook.cell(OneCell.ID)  # in view
        x, y = middle(to)
        held = page.locator(f".bplab-line-{at}, .bplab-program .bplab-out-{at}").first
        drag_by(middle(held), (x, y + by))
        for _ in range(50):
            if (now := notebook.ask("print(shown.chosen)")) != before:
                break
            page.wait_for_timeout(100)
        notebook.idle()
        assert page.locator(".bplab-held").count() == 0
        return now

    assert drag(after, by_mouse, program) == str([after])
    row = program.locator(".widget-hbox").first
    row.wait_for()
    assert drag(step, by_finger, row, by=-14) == str([step, after])
    last = program.locator(".widget-hbox").last
    assert drag(step, by_mouse, last, by=14) == str([after, step])
    assert drag(after, by_finger, page.locator(".bplab-readout"), by=60) == str([step])
    assert drag(after, by_mouse, program.locator(".widget-hbox").first, by=14) == str([step, after])
    page.locator("button.bplab-run").click()
    notebook.idle()
    said = page.locator(".bplab-readout .widget-html-content")
    assert said.inner_text().startswith("✓ Right.")
    page.locator("button[class*=bplab-out-]").first.click()  # a press that does not move is a click
    notebook.idle()
    assert notebook.ask("print(shown.chosen)") == str([after])
    assert notebook.errors() == []
