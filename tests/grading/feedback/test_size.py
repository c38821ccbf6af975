"""A page may be mailed: it is small, whatever a notebook shows."""

import base64

import nbformat
import pytest

from bplab.grading.feedback.exporter import page
from bplab.grading.feedback.notes import Notes
from bplab.grading.gradebook import Mark, NotebookMarks
from tests.grading.feedback.solved import SOLUTIONS, page_of
from tests.thorough import sampled

MOST = 120_000


@pytest.mark.parametrize(
    "path", sampled(SOLUTIONS, lambda path: path.stem == "section_3"), ids=lambda path: path.stem
)
def test_a_solved_notebooks_page_is_small(path):
    made = page_of(path)
    assert len(made.encode()) <= MOST
    assert made.count("<math") >= 10
    assert '<code class="tex">' not in made


def test_pictures_and_outputs_beyond_that_are_named_in_their_place():
    new = nbformat.v4
    picture = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(30_000)).decode()
    shown = [
        new.new_output("display_data", data={"image/png": picture, "text/plain": f"picture {i}"})
        for i in range(5)
    ]
    long = new.new_output("stream", name="stdout", text="x" * 50_000)
    cell = new.new_code_cell("draw()", outputs=[*shown, long])
    marks = NotebookMarks(0.0, {}, {"ada": Mark(0.0, None, False, {}, {}, {})}, {})
    made = page(new.new_notebook(cells=[cell]), "mine", marks, "ada", Notes())
    assert len(made) <= MOST
    assert made.count("<img") == 1
    assert 'alt="picture 0"' in made
    assert made.count("(a picture of 30 kB, not shown here: it is in the notebook)") == 4
    assert "44,000 more characters are in the notebook" in made
