"""All panels in half a screen, 800 px with the file list open, in the light theme and in the dark.

One notebook shows them all, so that a page is measured once, not once a panel.
"""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from bplab.widgets.kit.svg import SMALLEST
from tests.browser.axe import axe
from tests.browser.test_panels import IMPORTS, ROWS, violations
from tests.exercises.review.folder import passed

pytestmark = pytest.mark.xdist_group("browser")

SIZE = {"width": 800, "height": 900}
ARGUMENTS = {"backward_pass": 'state="step=6"', "playground": 'state="epoch=50"'}
OTHERS = {"review": "review(items=2, seed=1)", "parsons": 'parsons("half-eq4")'}
"""Panels without sliders, whose words come first."""
ABOVE = 140  # pixels of controls above a picture, at most
LEAST = {"ink": 4.5, "coloured": 3.0}
"""Contrast of words, and of those in a curve's colour, which are bold."""

PANELS = """() => [...document.querySelectorAll('.jp-OutputArea .bplab-panel')].map(panel => {
  const place = panel.getBoundingClientRect();
  const drawn = [...panel.querySelectorAll('svg')].map(svg => svg.getBoundingClientRect())
    .filter(box => box.width > 30);
  const letters = [...panel.querySelectorAll('svg text')].map(text => {
    const svg = text.ownerSVGElement;
    const scale = svg.getBoundingClientRect().width / (svg.viewBox.baseVal.width || 1);
    return scale * parseFloat(getComputedStyle(text).fontSize);
  });
  const words = [...panel.querySelectorAll('label, button, .widget-html-content *')]
    .filter(part => part.offsetParent && part.innerText && !part.closest('sub, sup'))
    .map(part => parseFloat(getComputedStyle(part).fontSize));
  return {
    above: Math.min(...drawn.map(box => box.top)) - place.top,
    below: Math.max(...drawn.map(box => box.bottom)) - place.top,
    right: Math.max(...drawn.map(box => box.right)) - place.right,
    wide: panel.scrollWidth - panel.clientWidth,
    width: place.width,
    letters: Math.min(99, ...letters), words: Math.min(...words), pictures: drawn.length,
    hidden: [...panel.querySelectorAll('.bplab-folds')].filter(part => part.offsetParent).length,
  };
})"""

COLOURS = """() => {
  const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
  const paper = numbers(getComputedStyle(document.querySelector('.jp-Notebook')).backgroundColor);
  const over = colour => {
    const [r, g, b, a = 1] = numbers(colour);
    return [r, g, b].map((part, i) => a * part + (1 - a) * paper[i]);
  };
  const light = colour => {
    const [r, g, b] = colour.map(part => part / 255).map(
      part => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const found = {paper: light(paper.slice(0, 3)), papers: [], ink: [], coloured: []};
  for (const svg of document.querySelectorAll('.jp-OutputArea .bplab-panel svg')) {
    const ground = svg.querySelector(':scope > rect[fill=white]');
    if (ground) found.papers.push(contrast(over(getComputedStyle(ground).fill), paper.slice(0, 3)));
    for (const text of svg.querySelectorAll('text')) {
      const name = text.getAttribute('fill');
      if (name === 'white') continue;  // on something dark of its own
      const kind = ['#222222', '#444444'].includes(name) ? 'ink' : 'coloured';
      found[kind].push(contrast(over(getComputedStyle(text).fill), paper.slice(0, 3)));
    }
  }
  for (const drawn of document.querySelectorAll('.jp-OutputArea .bplab-ink'))
    found.ink.push(contrast(over(getComputedStyle(drawn).stroke), paper.slice(0, 3)));
  return found;
}"""


GOES_WRONG = """
import os
os.environ["BPLAB_PROGRESS"] = {progress!r}
import numpy as np
from bplab import check, where
def grad_alpha(X, Y, A, Z, T, F, beta, sigma, g):
    delta = -2 * (Y - F) * g.derivative(T)
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    return s.T @ np.column_stack([np.ones(len(X)), X * 2 * X])  # a line that is longer than half
"""


@pytest.fixture(scope="module")
def half_a_screen(open_notebook, tmp_path_factory):
    folder = tmp_path_factory.mktemp("half")
    passed(folder / "progress", {"eq5": 5, "eq12": 4, "hidden": 3, "relu": 2})
    calls = [f"{row.name}({ARGUMENTS.get(row.name, row.arguments)})" for row in ROWS]
    code = (
        f"import os\nos.environ['BPLAB_PROGRESS'] = {str(folder / 'progress')!r}\n{IMPORTS}"
        f"from bplab import parsons, review\nshown = [{', '.join([*calls, *OTHERS.values()])}]\n"
        "for panel in shown:\n    display(panel)"
    )
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    wrong = GOES_WRONG.format(progress=str(folder / "tries"))
    cells = [
        new_code_cell(code, id="panels"),
        new_code_cell(f'{wrong}check("eq5", grad_alpha)', id="check"),
        new_code_cell('where("eq5")', id="where"),
    ]
    nbformat.write(new_notebook(cells=cells, metadata=kernel), folder / "half.ipynb")
    notebook = open_notebook(folder / "half.ipynb", **SIZE)
    page = notebook.page
    notebook.run("panels")
    page.wait_for_function(
        "count => document.querySelectorAll('.bplab-panel').length === count",
        arg=len(calls) + len(OTHERS),
    )
    notebook.idle()
    page.wait_for_timeout(500)
    notebook.idle()
    for id in ("check", "where"):
        notebook.run(id)
    notebook.cell("where").locator("summary").click()
    return notebook


@pytest.fixture
def page(half_a_screen):
    return half_a_screen.page


def test_each_picture_is_seen_at_once_and_all_words_can_be_read(half_a_screen, page):
    names = [*(row.name for row in ROWS), *OTHERS]
    assert page.locator("#filebrowser").is_visible()
    seen = page.locator(".jp-WindowedPanel-outer").first.bounding_box()["height"]
    found = dict(zip(names, page.evaluate(PANELS), strict=True))
    for name, panel in found.items():
        assert panel["width"] < 450, name
        assert panel["letters"] >= SMALLEST, (name, panel)
        assert panel["words"] >= SMALLEST, (name, panel)
        assert panel["wide"] <= 0, (name, panel)
        if name not in OTHERS:
            assert panel["pictures"] > 0, name
            assert panel["above"] <= ABOVE, (name, panel)
            assert panel["below"] <= seen, (name, panel)
            assert panel["right"] <= 0, (name, panel)
            assert panel["hidden"] == 0, (name, panel)
    assert half_a_screen.errors() == ["CheckFailed"]  # of the cell that is wrong


def test_the_first_wrong_line_and_its_numbers_fit_and_what_does_not_can_be_moved(half_a_screen):
    assert "^^^^" in half_a_screen.output("check")
    wide = "one => one.scrollWidth - one.clientWidth"
    output = half_a_screen.cell("where").locator(".jp-OutputArea-output")
    assert output.evaluate(wide) <= 0
    line, numbers = output.get_by_role("region").all()
    assert line.evaluate(wide) > 0
    assert numbers.locator("td").count() > 0
    for box in (line, numbers):
        assert box.evaluate("one => getComputedStyle(one).overflowX") == "auto"
        box.focus()
        assert box.evaluate("one => one === document.activeElement")


def test_what_has_folded_away_comes_by_a_button(page):
    panel = page.locator(".bplab-panel").first  # activation
    button, choice = panel.locator(".bplab-fold"), panel.locator(".bplab-control-function")
    assert button.get_attribute("aria-expanded") == "false"
    assert not choice.is_visible()
    button.focus()
    page.keyboard.press("Enter")
    assert button.get_attribute("aria-expanded") == "true"
    assert choice.is_visible()
    page.keyboard.press("Enter")
    assert not choice.is_visible()


@pytest.mark.parametrize("theme", ["JupyterLab Dark", "JupyterLab Light"])
def test_pictures_have_the_colours_of_the_theme(half_a_screen, page, theme):
    page.evaluate(
        "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", theme
    )
    page.wait_for_function(
        "light => document.body.dataset.jpThemeLight === light",
        arg=str(theme.endswith("Light")).lower(),
    )
    page.wait_for_timeout(300)
    found = page.evaluate(COLOURS)
    assert (found["paper"] < 0.05) == theme.endswith("Dark")
    assert len(found["papers"]) >= len(ROWS)
    assert max(found["papers"]) < 1.01  # the notebook's own
    for kind, least in LEAST.items():
        assert len(found[kind]) > 3
        assert min(found[kind]) >= least, kind
    assert violations(page) == []
    half_a_screen.cell("where")
    for width in (SIZE["width"], 1280):
        page.set_viewport_size({**SIZE, "width": width})
        assert axe(page, ".jp-OutputArea:has(summary)") == []
    page.set_viewport_size(SIZE)
