"""Functions written in one notebook run in another: real kernels, one progress folder."""

import nbformat
import pytest
from nbclient import NotebookClient

from bplab.course import Course
from tests.course.newcomer import solutions

pytestmark = pytest.mark.usefixtures("kernels_forked")
COURSE = Course.find()


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    monkeypatch.setenv("BPLAB_PROGRESS", str(tmp_path / "progress"))

    def run(name, chosen):
        """Run the chosen cells of a notebook, solved; return what they print and show."""
        notebook = nbformat.read(COURSE.release_file(name), as_version=4)
        solved = solutions(COURSE, name)
        place = {"metadata": {"path": str(tmp_path)}}
        client = NotebookClient(notebook, timeout=120, resources=place)
        texts = []
        with client.setup_kernel():
            for i, cell in enumerate(notebook.cells):
                cell.source = solved.get(cell.id, cell.source)
                if cell.cell_type == "code" and chosen(cell):
                    outputs = client.execute_cell(cell, i).outputs
                    texts += [str(o.get("text") or o.get("data")) for o in outputs]
        return "\n".join(texts)

    return run


def writes(cell):
    """Whether a cell imports, defines functions, or checks one."""
    return cell.source.startswith(("import ", "def ", "check("))


def network(cell):
    return cell.source.startswith(("import ", "hidden, output = "))


@pytest.mark.thorough
def test_the_capstones_network_is_the_learners_from_end_to_end(kernel):
    assert "Still the library's in this network: hidden, output, hidden_deltas" in kernel(
        "capstone", network
    )
    assert "stays" not in kernel("section_1", writes)
    assert "Still the library's in this network: hidden_deltas and backward; yours: hidden" in (
        kernel("capstone", network)
    )
    assert "stays" not in kernel("section_3", writes)
    said = kernel("capstone", network)
    assert said.strip() == (
        "This network is yours from end to end: hidden, output, hidden_deltas and backward. "
        "(Inside, the library's output_delta.)"
    )


@pytest.mark.parametrize("name", COURSE.names())
def test_no_notebook_asks_to_copy_a_function_by_hand(name):
    text = COURSE.notebooks.joinpath(f"{name}.py").read_text(encoding="utf-8").lower()
    assert "paste your" not in text
    assert "copy your" not in text
