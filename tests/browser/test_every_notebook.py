"""Every notebook in JupyterLab, as a newcomer: unsolved, with a mistake, solved."""

import re

import pytest

from bplab.course import Course
from bplab.exercises.registry import TASKS
from tests.browser.test_section_2_1 import set_source
from tests.course.newcomer import WRONG, solutions

pytestmark = pytest.mark.xdist_group("browser")

COURSE = Course.find()


@pytest.mark.thorough  # section 2.1 has its own test; nbclient runs all, in tests/course
@pytest.mark.parametrize("name", COURSE.names())
def test_unsolved_with_a_mistake_and_solved(open_notebook, name):
    notebook = open_notebook(COURSE.release_file(name))
    tasks = [task for task in TASKS.values() if task.notebook == name]

    notebook.run_all()
    for task in tasks:
        text = notebook.output(f"test-{task.id}")
        assert "is not written yet" in text
        assert "Traceback" not in text

    id, code, mistake = WRONG[name]
    set_source(notebook.page, id, code)
    notebook.run(id)
    notebook.run(f"test-{id}")
    text = notebook.output(f"test-{id}")
    assert f"[{id}/{mistake}]" in text
    assert next(m.says for m in TASKS[id].mistakes if m.name == mistake) in re.sub(
        r"\s+", " ", text
    )
    assert "Traceback" not in text

    for id, code in solutions(COURSE, name).items():
        set_source(notebook.page, id, code)
    notebook.run_all()
    for task in tasks:
        assert "✓" in notebook.output(f"test-{task.id}")
    assert notebook.errors() == []
