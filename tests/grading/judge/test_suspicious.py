"""What an instructor is told of a cell: the tricks that there are, and nothing of honest work."""

from pathlib import Path

import nbformat
import pytest

from bplab.course import Course, instructor_notebook, solved
from bplab.grading.judge import suspicious as scan
from bplab.grading.judge.suspicious import suspicious, suspicious_cells


@pytest.mark.parametrize("assignment", Course.find().names())
def test_honest_notebooks_give_nothing(assignment):
    course = Course.find()
    instructor = instructor_notebook(course.notebooks / f"{assignment}.py")
    released = nbformat.read(course.release_file(assignment), as_version=4)
    for notebook in (instructor, solved(instructor), released):
        for cell in notebook.cells:
            # one demonstration that is handed out uses PyTorch: only in a cell of a student's
            # own it is told
            if cell.cell_type == "code" and "import torch" not in cell.source:
                assert suspicious(cell.source) == []


def test_right_variants_give_nothing():
    variants = Path(__file__).parents[2] / "exercises" / "right_variants.py"
    assert suspicious(variants.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "%matplotlib inline\n%timeit grad_beta(Y, A, Z, T, F, g)",
        "import os.path\nimport matplotlib\nmatplotlib.rcParams['figure.dpi'] = 80",
        "class Layer:\n    def __init__(self, w):\n        self.w = w\n    def __call__(self, x):\n"
        "        return x @ self.w",
        "def f(:  # no Python",
        "from IPython.display import display\ndisplay(1)",
        "cache = {}\ncache['delta'] = 1\nA[0, 0] += 1\nnp.add.at(counts, (a, b), 1)",
    ],
)
def test_other_honest_cells_give_nothing(source):
    assert suspicious(source) == []


@pytest.mark.parametrize(
    ("source", "phrase"),
    [
        (
            "try:\n    import bplab\nexcept ImportError:\n    %pip install x\nopen('y')",
            "opens a file",
        ),
        ("from bplab.by_equation import eq4", "uses bplab.by_equation"),
        ("import bplab\nbplab.by_equation.eq4", "uses bplab.by_equation"),
        ("from bplab.exercises import section_2_1", "looks at how exercises are defined"),
        ("from bplab.exercises import TASKS", "looks at how exercises are defined"),
        ("import bplab.exercises.steps", "imports private parts of bplab"),
        ("from bplab.exercises import registry, judging", "imports private parts of bplab"),
        ("from bplab.gradcheck import ladder", "imports private parts of bplab"),
        ("from bplab.training import descent", "imports private parts of bplab"),
        ("from bplab.widgets import kit", "imports private parts of bplab"),
        ("from bplab.exercises import right_answers", "looks at how exercises are defined"),
        (
            "from bplab import exercises\nexercises.right_answers",
            "looks at how exercises are defined",
        ),
        ("from bplab.exercises import Exercise", "looks at how exercises are defined"),
        ("from bplab.gradcheck import complex_steps", "imports private parts of bplab"),
        ("from bplab.training import Workspace", "imports private parts of bplab"),
        (
            "from bplab.exercises.section_2_1.exercises import EXERCISES",
            "imports private parts of bplab",
        ),
        ("from bplab.grading import agent", "uses bplab.grading"),
        ("import importlib\nimportlib.import_module('bplab')", "imports by hand"),
        ("m = __import__('bplab')", "imports by hand"),
        ("import gc", "searches the memory"),
        ("import inspect as i", "inspects code or frames"),
        ("import sys\nsys._getframe(1)", "looks into running frames"),
        ("import sys\nsys.settrace(print)", "traces code"),
        ("import sys\nsys.modules['numpy'] = None", "reaches into loaded modules"),
        ("from sys import _getframe", "looks into running frames"),
        ("import ctypes", "calls C code"),
        ("import os\nos.environ['BPLAB_SECRET']", "reads the environment"),
        ("open('../secret.txt').read()", "opens a file"),
        ("from pathlib import Path\nPath('gradebook.db').read_bytes()", "reads files"),
        ("import subprocess", "starts processes"),
        ("import socket", "uses the network"),
        ("from autograd import grad", "differentiates automatically"),
        ("import threading", "starts threads"),
        ("np.testing.assert_allclose = lambda *a, **k: None", "changes np"),
        ("import builtins\nbuiltins.abs = len", "changes builtins"),
        ("setattr(np, 'isclose', len)", "changes np"),
        ("get_ipython().showtraceback = print", "reaches into IPython"),
        ("import IPython.core", "reaches into IPython"),
        ("def check(*a):\n    return 3", "redefines check"),
        ("check = print", "redefines check"),
        ("class A(np.ndarray):\n    pass", "defines a kind of array"),
        ("class A:\n    def __eq__(self, other):\n        return True", "defines __eq__"),
        ("f.__globals__['check']", "uses __globals__"),
        ("exec('x = 1')", "runs code by itself"),
        ("x = 'application/vnd.bplab.check+json'", "writes what a check would leave"),
        ("!cat /etc/passwd", "runs a command of the shell or a file"),
        ("%%bash\nls", "runs a command of the shell or a file"),
        ("%run other.py", "runs a command of the shell or a file"),
    ],
)
def test_tricks_are_named(source, phrase):
    assert phrase in suspicious(source)


def test_each_phrase_stands_once_in_the_order_of_the_cell():
    found = suspicious("x = 1\nopen('a')\nimport gc\nopen('b')")
    assert found == ["opens a file", "searches the memory"]


LINE = "import ctypes\n"


def test_a_cell_that_is_too_long_is_not_scanned_and_that_is_said():
    found = suspicious_cells(["#" + "x" * 300_000, LINE])
    assert found[0] == "has a cell of 300 kB, which was not scanned"
    assert found[1:] == suspicious(LINE) != []


def test_a_long_cell_is_scanned_as_a_short_one_is():
    long = LINE + "x = 1\n" * 5_000
    assert suspicious_cells([long]) == suspicious(long) != []


def test_a_cell_that_takes_too_much_is_given_up_and_that_is_said(monkeypatch):
    monkeypatch.setattr(scan, "SECONDS", 1)
    (found,) = suspicious_cells(["if 0: import " + "a." * 100_000 + "a"])
    assert "scanned" in found


def test_many_cells_of_moderate_length_are_scanned_aside_too(monkeypatch):
    aside = []
    monkeypatch.setattr(scan, "_aside", lambda sources: aside.extend(sources) or [])
    suspicious_cells(["#" + "x" * 15_000] * 20)
    assert len(aside) == 20 - scan.ALL_SHORT // 15_001
