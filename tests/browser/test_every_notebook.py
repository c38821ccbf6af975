"""Every notebook in JupyterLab, as a learner: unsolved, with three slips, solved; and looked at."""

import re
from itertools import product

import pytest

from bplab.course import Course
from bplab.exercises.registry import TASKS
from tests.browser.slips import KINDS, SLIPS
from tests.browser.test_section_2_1 import set_source
from tests.course.newcomer import WRONG, solutions

pytestmark = pytest.mark.xdist_group("browser")

COURSE = Course.find()
WIDTHS, THEMES = (1280, 800), ("JupyterLab Light", "JupyterLab Dark")
OURS = re.compile(r"Traceback|site-packages|bplab/\w+|\.py:\d+")
"""What would show that an error is shown with the library's frames, and not in words."""

CUT = """area => {
  const found = [], page = area.getBoundingClientRect();
  for (const part of area.querySelectorAll('*')) {
    if (part.closest('svg') && part.tagName !== 'svg') continue;
    const box = part.getBoundingClientRect(), style = getComputedStyle(part);
    if (box.width < 2 || box.height < 2 || style.visibility === 'hidden') continue;
    const name = `${part.tagName}.${part.getAttribute('class')}: ${part.innerText || ''}`;
    const region = part.closest('[role=region][aria-label]');  // scrolls by itself, by keys too
    const wide = part.scrollWidth > part.clientWidth + 1, flows = style.overflowX !== 'visible';
    if (wide && flows && part !== region && part.tagName !== 'INPUT' && !part.matches('select'))
      found.push(`${/auto|scroll/.test(style.overflowX) ? 'scroll bar' : 'cut'}: ${name}`);
    const high = part.scrollHeight > part.clientHeight + 2 && /hidden|clip/.test(style.overflowY);
    if (high && part.innerText && part.clientHeight) found.push(`cut below: ${name}`);
    if (box.right > page.right + 1 && !region) found.push(`sticks out: ${name}`);
  }
  return found.map(words => words.slice(0, 200));
}"""


def with_outputs(page):
    """The ids of the cells that show something."""
    return page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.content.widgets"
        ".filter(c => c.model.type === 'code' && c.model.outputs.length).map(c => c.model.id)"
    )


def looks(notebook):
    """Give each width and theme, with the page so."""
    for theme, width in product(THEMES, WIDTHS):
        page = notebook.page
        page.set_viewport_size({"width": width, "height": 1000})
        page.evaluate(
            "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", theme
        )
        page.wait_for_function(
            "light => document.body.dataset.jpThemeLight === light",
            arg=str(theme.endswith("Light")).lower(),
        )
        notebook.idle()  # panels are drawn once more
        yield f"{width}-{theme.split()[1].lower()}"


def cut_off(notebook, ids, folder):
    """What of these cells' outputs is cut off, or has a scroll bar, and where; with pictures."""
    found = {}
    for look in looks(notebook):
        for id in ids:
            area = notebook.cell(id).locator(".jp-Cell-outputWrapper")
            area.screenshot(path=str(folder / f"{look}-{id}.png"))
            if said := area.evaluate(CUT):
                found[look, id] = said
    return found


def run_check(notebook, id):
    """Run an exercise's cell, and the one that checks it; return what is said, in one line."""
    notebook.run(id)
    notebook.run(f"test-{id}")
    text = notebook.output(f"test-{id}")
    assert not OURS.search(text), text
    assert text.count("not yet") < 2, f"said twice: {text}"
    return re.sub(r"\s+", " ", text)


def test_each_notebook_has_a_slip_of_each_kind_and_its_answers_are_wrong():
    assert list(SLIPS) == COURSE.names()
    for name, slips in SLIPS.items():
        assert [slip.kind for slip in slips] == list(KINDS)
        for slip in slips:
            code = solutions(COURSE, name)[slip.id]
            assert TASKS[slip.id].notebook == name
            assert slip.made(code) != code


@pytest.mark.thorough  # section 2.1 has its own test; nbclient runs all, in tests/course
@pytest.mark.parametrize("name", COURSE.names())
def test_unsolved_with_slips_and_solved(open_notebook, name, tmp_path):
    notebook = open_notebook(COURSE.release_file(name))
    tasks = [task for task in TASKS.values() if task.notebook == name]

    notebook.run_all()
    for task in tasks:
        text = notebook.output(f"test-{task.id}")
        assert "is not written yet" in text
        assert not OURS.search(text)

    id, code, mistake = WRONG[name]
    set_source(notebook.page, id, code)
    text = run_check(notebook, id)
    assert f"[{id}/{mistake}]" in text
    assert next(m.says for m in TASKS[id].mistakes if m.name == mistake) in text

    right, cut = solutions(COURSE, name), {}
    for id, code in right.items():
        set_source(notebook.page, id, code)
    notebook.run_all()
    for slip in SLIPS[name]:
        set_source(notebook.page, slip.id, slip.made(right[slip.id]))
        text = run_check(notebook, slip.id)
        assert re.search(slip.says, text), text
        folder = tmp_path / slip.kind
        folder.mkdir()
        cut |= cut_off(notebook, [f"test-{slip.id}"], folder)
        set_source(notebook.page, slip.id, right[slip.id])
        assert "✓" in run_check(notebook, slip.id)

    notebook.run_all()
    for task in tasks:
        assert "✓" in notebook.output(f"test-{task.id}")
    assert notebook.errors() == []
    cut |= cut_off(notebook, with_outputs(notebook.page), tmp_path)
    assert cut == {}
