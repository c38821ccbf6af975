"""The reports on a class in a real Chromium without a network, light and dark, wide and narrow."""

import pytest

from bplab.grading.folder import ClassFolder
from bplab.grading.report.page import as_html
from bplab.grading.report.results import read_results
from bplab.grading.report.weeks_page import weeks_as_html
from tests.browser.axe import axe
from tests.grading.report.made_class import make_class, random_class
from tests.thorough import ALL, sampled

pytestmark = pytest.mark.xdist_group("browser")

STUDENTS = {"section_2_1": 80 if ALL else 24, "section_2_2": 12}
LOOKS = sampled(
    [(1280, "light"), (1280, "dark"), (800, "light"), (800, "dark"), (360, "dark")],
    lambda look: look in ((1280, "light"), (360, "dark")),
)
PAPER = {"light": "rgb(255, 255, 255)", "dark": "rgb(22, 24, 27)"}

BROKEN = """() => [...document.querySelectorAll('thead th')].flatMap(head => {
  const words = [];
  for (const text of head.childNodes) {
    for (const found of (text.nodeValue || '').matchAll(/[^\\s-]+/g)) {
      const word = new Range();
      word.setStart(text, found.index);
      word.setEnd(text, found.index + found[0].length);
      if (word.getClientRects().length > 1) words.push(found[0]);
    }
  }
  return words;
})"""


@pytest.fixture(scope="module")
def addresses(tmp_path_factory):
    made = tmp_path_factory.mktemp("reports")
    for seed, name in enumerate(STUDENTS):
        make_class(made / "course", name, random_class(STUDENTS[name], name, seed=seed))
    folder = ClassFolder.open(made / "course")
    classes = [read_results(folder, name) for name in STUDENTS]
    pages = {"one": as_html(classes[0]), "weeks": weeks_as_html(classes, 0.5)}
    for name, text in pages.items():
        (made / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: (made / f"{name}.html").as_uri() for name in pages}


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_they_can_be_read_by_everybody_and_no_word_of_a_head_is_broken(
    addresses, browser, width, scheme
):
    with browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True
    ) as context:
        for address in addresses.values():
            page, asked = context.new_page(), []
            page.on("request", lambda request, asked=asked: asked.append(request.url))
            page.goto(address)
            assert asked == [address]
            page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert ground == PAPER[scheme]
            assert page.evaluate(BROKEN) == []
            assert axe(page) == []
