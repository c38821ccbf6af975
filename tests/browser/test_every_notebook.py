"""Every notebook in JupyterLab, as a newcomer: unsolved, with a mistake, solved."""

import re

import pytest

from bplab.course import Course, instructor_notebook, solved
from bplab.exercises.registry import TASKS
from tests.browser.test_section_2_1 import set_source

pytestmark = pytest.mark.xdist_group("browser")

COURSE = Course.find()

# what a learner types first, and what is said to it
WRONG = {
    "section_0": (
        "numerical-gradient",
        "def numerical_gradient(f, params):\n"
        "    gradient = np.zeros(params.shape)\n"
        "    for i in np.ndindex(params.shape):\n"
        "        up, down = params.astype(float), params.astype(float)\n"
        "        up[i] += 1e-5\n"
        "        down[i] -= 1e-5\n"
        "        gradient[i] = (f(up) - f(down)) / 1e-5\n"
        "    return gradient",
        "divided-by-h",
    ),
    "section_1": (
        "eq1",
        "def loss(Y, F):\n    return np.mean((Y - F) ** 2)",
        "averaged-over-all",
    ),
    "section_2_1": (
        "eq7",
        "def backward_hidden(X, A, Z, delta, beta, sigma):\n"
        "    s = (delta @ beta[:, 1:]) * sigma.derivative(Z)\n"
        "    return np.column_stack([s.sum(axis=0), s.T @ X])",
        "sigma-prime-at-Z",
    ),
    "section_2_2": (
        "eq8",
        "def grad_beta(Y, A, Z, T, F, g):\n"
        "    delta = -2 * (Y - F) * F * (1 - F)\n"
        "    return np.column_stack([delta.sum(axis=0), delta.T @ Z])",
        "diagonal-only",
    ),
    "section_2_3": (
        "eq12",
        "def update(weights, gradient, gamma):\n    return weights + gamma * gradient",
        "ascends",
    ),
    "section_3": (
        "eq16",
        "def hidden_delta(delta, weights, A, sigma):\n"
        "    return (delta @ weights[:, :-1]) * sigma.derivative(A)",
        "bias-column-used",
    ),
    "section_4": (
        "elu",
        "def elu(x, alpha):\n"
        "    a = np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))\n"
        "    return a, np.where(x > 0, 1.0, a + 1)",
        "a-plus-1",
    ),
    "capstone": (
        "confusion",
        "def confusion_matrix(actual, predicted, K):\n"
        "    counts = np.zeros((K, K), dtype=int)\n"
        "    np.add.at(counts, (predicted, actual), 1)\n"
        "    return counts",
        "transposed",
    ),
}


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

    answers = solved(instructor_notebook(COURSE.notebooks / f"{name}.py")).cells
    for cell in answers:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            set_source(notebook.page, cell.metadata.nbgrader.grade_id, cell.source)
    notebook.run_all()
    for task in tasks:
        assert "✓" in notebook.output(f"test-{task.id}")
    assert notebook.errors() == []
