"""Every notebook as a newcomer runs it: unsolved, with a mistake, solved."""

import ast
import importlib
import re
from contextlib import nullcontext

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager
from nbclient import NotebookClient

from bplab.course import Course
from bplab.exercises.registry import TASKS
from tests.course.newcomer import WRONG, solutions
from tests.course.sentences.reading import Outputs
from tests.programs import forked_kernels
from tests.thorough import ALL

COURSE = Course.find()
NAMES = COURSE.names()
STARTED = "section_1"
"""The notebook whose kernel is started as a learner's is; the others' are forked."""


@pytest.fixture(
    scope="module",
    params=[pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in NAMES],
)
def ran(request, tmp_path_factory):
    """A notebook's name, and its cells three times, run one after the other in one kernel."""
    name = request.param
    notebook = nbformat.read(COURSE.release_file(name), as_version=4)
    client = NotebookClient(
        notebook,
        timeout=120,
        allow_errors=True,
        resources={"metadata": {"path": str(tmp_path_factory.mktemp(name))}},
    )
    id, code, _ = WRONG[name]
    solved = solutions(COURSE, name)
    started = nullcontext() if ALL or name == STARTED else forked_kernels()
    with started, client.setup_kernel():
        unsolved = run(client)
        with_a_mistake = run(client, {id: code}, only=(id, f"test-{id}"))
        right = run(client, solved, only=() if ALL else touched(notebook, solved))
    return name, unsolved, with_a_mistake, right


def run(client, sources=(), only=()):
    """Write these sources into their cells, run all cells or some; return copies of them."""
    for i, cell in enumerate(client.nb.cells):
        cell.source = dict(sources).get(cell.id, cell.source)
        if not only or cell.id in only:
            client.execute_cell(cell, i)
    return {cell.id: nbformat.from_dict(cell) for cell in client.nb.cells}


REMEMBERED = {"mine", "progress", "review"}
"""What shows other things when exercises have passed, whatever it is given."""


def touched(notebook, sources):
    """Return ids of the cells whose outputs may be others when these sources are in their cells.

    They use a name that such a cell makes or changes, or one that another touched cell does. The
    others show what they have shown before; an error would still stand under them.
    """
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    used, made, names = {}, {}, {}
    for cell in cells:
        code = TransformerManager().transform_cell(sources.get(cell.id, cell.source))
        nodes = list(ast.walk(ast.parse(code)))
        named = [node for node in nodes if isinstance(node, ast.Name)]
        used[cell.id] = {node.id for node in named}
        made[cell.id] = {node.id for node in named if isinstance(node.ctx, ast.Store)}
        made[cell.id] |= {n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.ClassDef)}
        parts = [node.value for node in nodes if isinstance(node, ast.Attribute | ast.Subscript)]
        names[cell.id] = {part.id for part in parts if isinstance(part, ast.Name)}
    own = set().union(*made.values())
    ids, others = [], set(REMEMBERED)
    for cell in cells:
        if cell.id in sources or used[cell.id] & others:
            ids.append(cell.id)
            others |= made[cell.id] | names[cell.id] & own  # its parts may be changed in place
    return ids


def tasks(name):
    return [task for task in TASKS.values() if task.notebook == name]


def errors(cells):
    return [
        (cell, output)
        for cell in cells.values()
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    ]


def shown(cell):
    """What stands under a cell, without colours and line breaks."""
    texts = [
        *("".join(output.get("traceback", ())) for output in cell.outputs),
        *(output.get("data", {}).get("text/plain", "") for output in cell.outputs),
    ]
    return re.sub(r"\s+", " ", re.sub(r"\x1b\[\d*m", "", " ".join(texts)))


def test_the_starter_runs_to_its_end_with_only_friendly_messages(ran):
    name, unsolved, *_ = ran
    for cell, output in errors(unsolved):
        text = "".join(output.traceback)
        assert output.ename in {"NotWritten", "CheckFailed"}, (cell.source, text)
        assert "not written yet" in text or "gap in this cell" in text
        assert "Traceback" not in text
        assert "raises-exception" in cell.metadata.get("tags", []), cell.source
    of = {
        cell.metadata.nbgrader.grade_id
        for cell, _ in errors(unsolved)
        if "nbgrader" in cell.metadata
    }
    assert of >= {f"test-{task.id}" for task in tasks(name)}


def test_a_mistake_is_named_under_its_cell(ran):
    name, _, with_a_mistake, _ = ran
    id, _, mistake = WRONG[name]
    text = shown(with_a_mistake[f"test-{id}"])
    assert f"[{id}/{mistake}]" in text
    assert next(m.says for m in TASKS[id].mistakes if m.name == mistake) in text
    assert "Traceback" not in text


def test_solved_it_runs_without_an_error_and_every_check_passes(ran):
    name, *_, right = ran
    assert errors(right) == []
    for task in tasks(name):
        assert f"✓ {task.id} " in shown(right[f"test-{task.id}"])


def test_what_the_text_states_of_outputs_is_what_they_show(ran):
    name, *_, right = ran
    outputs = Outputs(right.values())
    shown = importlib.import_module(f"tests.course.sentences.{name}").SHOWN
    assert [sentence for sentence, holds in shown.items() if not holds(outputs)] == []
