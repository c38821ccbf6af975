"""``nbgrader validate`` and its button, which students press before they hand in."""

import shutil

import nbformat
import pytest
from nbgrader.validator import Validator

from bplab.course import Course

pytestmark = pytest.mark.usefixtures("kernels_forked")


def test_a_right_notebook_validates_without_a_word(tmp_path, caplog):
    """What a test cell shows as its result, nbgrader would read as a number of points."""
    notebook = tmp_path / "section_0.ipynb"
    shutil.copyfile(Course.find().solution_file("section_0"), notebook)
    said = Validator().validate(str(notebook))
    assert "error" not in said
    assert "failed" not in said
    assert not [line for line in caplog.messages if "float" in line]


def test_what_is_right_is_still_seen_where_a_notebook_is_validated(tmp_path, monkeypatch):
    from nbclient import NotebookClient

    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    source = "from bplab import check, network\ncheck('eq4', network.grad_beta)"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    NotebookClient(notebook).execute()
    [shown] = notebook.cells[0].outputs
    assert shown.output_type == "display_data"
    assert "✓ eq4" in shown.data["text/plain"]
    assert "✓ eq4" in shown.data["text/html"]
