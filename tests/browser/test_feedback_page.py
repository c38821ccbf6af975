"""A feedback page in a real Chromium without a network: it asks for nothing, and all can use it."""

import pytest

from bplab.exercises.registry import EXERCISES
from bplab.grading.records import Record
from tests.browser.axe import axe
from tests.grading.feedback.solved import SOLUTIONS, page_of
from tests.thorough import sampled

pytestmark = pytest.mark.xdist_group("formgrader")

LOOKS = sampled(
    [(1280, "light"), (1280, "dark"), (800, "light"), (800, "dark"), (390, "dark")],
    lambda look: look in ((1280, "light"), (390, "dark")),
)


def lost():
    """One mistake of each exercise of section 2.1, and one of them half right."""
    records = {}
    for task in EXERCISES.values():
        if task.notebook == "section_2_1":
            mistake = task.mistakes[0]
            words = {"says": mistake.says, "hint": mistake.hint, "step": str(mistake.subgoal)}
            points = 1.5 if task.id == "eq4" else 0.0
            records[task.id] = Record(task.id, points, task.points, mistake.name, **words)
    return records


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    [path] = [path for path in SOLUTIONS if path.stem == "section_2_1"]
    made = tmp_path_factory.mktemp("pages") / "section_2_1.html"
    made.write_text(page_of(path, lost()), encoding="utf-8")
    return made.as_uri()


@pytest.fixture
def offline(browser):
    contexts = []

    def show(address, width=1280, scheme="light"):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True
        )
        contexts.append(context)
        page = context.new_page()
        page.asked, page.said = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("console", lambda message: page.said.append(message.text))
        page.goto(address)
        return page

    yield show
    for context in contexts:
        context.close()


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_it_asks_for_nothing_and_hinders_nobody(offline, address, width, scheme):
    page = offline(address, width, scheme)
    assert [url for url in page.asked if not url.startswith("data:")] == [address]
    assert page.said == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert axe(page) == []


def test_every_formula_is_drawn(offline, address):
    page = offline(address)
    sizes = page.eval_on_selector_all(
        "math", "all => all.map(m => [m.getBoundingClientRect().width, m.textContent])"
    )
    sizes = [(width, text) for width, text in sizes if text.strip()]
    hidden = page.eval_on_selector_all(
        "details:not([open]) math", "all => all.map(m => m.textContent)"
    )
    assert len(sizes) > 50
    assert [text for width, text in sizes if width < 3 and text not in hidden] == []
    above = """fraction => {
        const [over, under] = [...fraction.children].map(one => one.getBoundingClientRect())
        return over.bottom <= under.top + 1 && over.height > 0 }"""
    assert all(page.eval_on_selector_all("mfrac", f"all => all.map({above})"))


def test_by_keyboard_from_the_summary_to_a_cell_and_back(offline, address):
    page = offline(address)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "equation (4)"
    page.keyboard.press("Enter")
    cell = page.locator("#cell-test-eq4")
    assert page.evaluate("location.hash") == "#cell-test-eq4"
    assert 0 <= cell.bounding_box()["y"] < 400
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "to the summary"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#top"
    assert page.locator("#top").bounding_box()["y"] >= 0
