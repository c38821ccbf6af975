"""Parts of a picture: their formula by mouse and by keys, and what choosing one of them does."""

import pytest

from tests.browser.test_panels import IMPORTS, Panel, notebook, violations

__all__ = ["notebook"]  # a fixture

pytestmark = pytest.mark.xdist_group("browser")


def part(panel, start):
    return panel.picture.locator(f"[data-title^='{start}']").first


def tip(panel):
    return panel.root.locator(".bplab-tip:not(.bplab-table *)")  # the table has one of its own


def over(panel, target):
    box = target.bounding_box()
    panel.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


FORMULAS = {
    "backward_pass(state='step=9')": ("β₁₁ =", "∂R/∂β₁₁ = δ₁·z₁ = −0.161·(−0.178) = 0.0287"),
    "softmax()": ("∂f₁/∂t₂", "∂f₁/∂t₂ = −f₁ f₂ = −0.6652·0.2447 = −0.16"),
    "read_digit(gradient=True)": ("f₃ =", "the output for a 3"),
    "loss_landscape()": ("step 1:", "α₁₁ − γ·∂R/∂α₁₁ = −3 − 0.02·(−24.1) = −2.52"),
    "vanishing_gradients()": ("layer 2:", "‖∂R/∂α⁽²⁾‖ = √("),
    "playground()": ("example 7 ", "example 7 ("),
}


@pytest.mark.one_in(2)
@pytest.mark.parametrize("call", FORMULAS)
def test_the_mouse_shows_a_formula_with_its_numbers(notebook, call):
    panel = Panel(notebook, f"{IMPORTS}{call}")
    start, said = FORMULAS[call]
    assert not tip(panel).is_visible()
    over(panel, part(panel, start))
    tip(panel).wait_for()
    assert said in tip(panel).inner_text().replace("-", "−")
    frame, box = panel.root.bounding_box(), tip(panel).bounding_box()
    assert frame["x"] <= box["x"] <= box["x"] + box["width"] <= frame["x"] + frame["width"] + 1
    assert violations(panel.page) == []
    panel.page.mouse.move(0, 0)
    tip(panel).wait_for(state="hidden")


def test_keys_go_from_part_to_part_and_choose(notebook):
    panel = Panel(notebook, f"{IMPORTS}shown = backward_pass(state='step=9')\nshown")
    panel.tab_to(panel.picture)
    tip(panel).wait_for()
    assert tip(panel).get_attribute("role") == "status"  # it is read out
    said = {tip(panel).inner_text()}
    for _ in range(5):
        panel.page.keyboard.press("ArrowRight")
        said.add(tip(panel).inner_text())
    assert len(said) == 6
    chosen = panel.picture.locator(".bplab-here").get_attribute("data-value")
    before = panel.seen
    panel.page.keyboard.press("Enter")
    panel.changed(before)
    assert notebook.ask("print(shown.controls['show'].value)") == chosen
    assert panel.picture.evaluate("picture => picture === document.activeElement")
    panel.page.keyboard.press("Home")
    first = tip(panel).inner_text()
    panel.page.keyboard.press("ArrowUp")
    assert tip(panel).inner_text() != first
    panel.page.keyboard.press("Escape")
    assert not tip(panel).is_visible()
    assert violations(panel.page) == []


def test_a_number_of_the_table_says_its_formula_to_mouse_and_keys(notebook):
    panel = Panel(notebook, f"{IMPORTS}shown = playground(state='epoch=5')\nshown")
    table = panel.root.locator(".bplab-table")
    said, cell = table.locator(".bplab-tip"), table.locator("td[data-title^='δ₂ =']")
    cell.scroll_into_view_if_needed()
    over(panel, cell)
    said.wait_for()
    assert said.inner_text().startswith("δ₂ = residual·g'(t₂) = ")
    panel.page.mouse.move(0, 0)
    said.wait_for(state="hidden")
    region = table.get_by_role("region")
    panel.tab_to(region)
    said.wait_for()
    assert said.inner_text().startswith("x₁ = ")
    panel.page.keyboard.press("ArrowRight")
    assert said.inner_text().startswith("x₂ = ")
    panel.page.keyboard.press("ArrowDown")
    assert said.inner_text().startswith("a₂ = bias + Σ α·x = ")
    assert table.locator(".bplab-here").get_attribute("data-title") == said.inner_text()
    assert region.evaluate("region => region === document.activeElement")
    assert violations(panel.page) == []
    panel.page.keyboard.press("Escape")
    assert not said.is_visible()
    assert notebook.errors() == []


def test_the_formula_under_the_mouse_follows_the_numbers(notebook):
    panel = Panel(notebook, f"{IMPORTS}shown = softmax()\nshown")
    over(panel, part(panel, "∂f₁/∂t₁"))
    tip(panel).wait_for()
    before, said = panel.seen, tip(panel).inner_text()
    assert notebook.ask("shown.controls['t1'].value = 3") == ""
    panel.changed(before)
    assert tip(panel).is_visible()
    assert tip(panel).inner_text() != said


def test_a_click_chooses_an_example_of_the_playground_and_so_does_enter(notebook):
    panel = Panel(notebook, f"{IMPORTS}shown = playground()\nshown")
    before = panel.seen
    over(panel, part(panel, "example 31 "))
    panel.page.mouse.down()
    panel.page.mouse.up()
    before = panel.changed(before)
    assert notebook.ask("print(shown.controls['example'].value)") == "31"
    assert "Example 31 (" in panel.root.locator(".bplab-table").inner_text()
    panel.tab_to(panel.picture)
    for key in ("Home", "ArrowRight", "ArrowRight", "Enter"):
        panel.page.keyboard.press(key)
    panel.changed(before)
    assert notebook.ask("print(shown.controls['example'].value)") == "2"
    assert notebook.errors() == []
