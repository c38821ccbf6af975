"""An edition of bplab answers nothing that its assignment asks, and breaks nothing else."""

import ast
import io
import pickle
import subprocess
import sys
from collections import defaultdict
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from IPython.core.inputtransformer2 import TransformerManager

import bplab
from bplab.activations import Activation, Softmax
from bplab.by_equation import EQUATIONS
from bplab.course import Course, instructor_notebook, solved
from bplab.exercises import EXERCISES, TASKS
from bplab.exercises.capstone.cases import EpochCase
from bplab.exercises.judging import right_answers, right_entries
from bplab.grading.edition import write_edition
from tests.thorough import sampled

ASSIGNMENTS = Course.find().names()
CHILD = Path(__file__).with_name("child.py")
SITE = Path(np.__file__).parents[1]
LIBRARY = Path(bplab.__file__).parent

every = pytest.mark.parametrize("assignment", ASSIGNMENTS)
some = pytest.mark.parametrize(
    "assignment", sampled(ASSIGNMENTS, lambda name: name in ("section_2_1", "capstone"))
)  # where nothing depends on which functions are withheld, only on whether any are

several = pytest.mark.parametrize(
    "assignment",
    sampled(ASSIGNMENTS, lambda name: name in ("section_2_1", "section_3", "capstone")),
)  # one hidden layer, many, and a challenge

WITHHELD_DEMOS = {
    "section_2_1": {"trained = train("},
    "section_2_2": {
        "right = network.grad_beta(",
        "printed = with_delta(",
        '"right": network.backward',
        "own = train(",
        "shortcut = with_delta(",
    },
    "section_2_3": {
        "library = train(",
        "library.losses",
        "twice = train(",
        "symmetric = train(",
    },
    "section_3": {"by_last = mine.backward_hidden(", "trained = train("},
    "section_4": {
        "two = forward(",
        "g.pull_back(",
        "activations.leaky_relu(0.1)",
        "activations.relu(np.array",
        "for a in (my_sigmoid, my_tanh, my_elu)",
        "PRESETS",
    },
}
"""Cells that demonstrate with what is withheld, by something that only they have."""


TRAINING = ("= one_epoch(X[train]", "= recognise(X", "= bench(")
"""Cells of the capstone that only train, half a minute of it: with what its other cells define."""


@pytest.fixture(scope="session")
def edition(tmp_path_factory):
    """Write the edition of an assignment once."""
    made = {}

    def write(assignment):
        if assignment not in made:
            folder = tmp_path_factory.mktemp("edition") / assignment
            made[assignment] = write_edition(assignment, folder)
        return made[assignment]

    return write


@pytest.fixture(scope="session")
def ask(edition, tmp_path_factory):
    """Ask a process whose bplab is an edition."""

    def ask(assignment, command, given=None):
        folder = tmp_path_factory.mktemp("asked")
        (folder / "in").write_bytes(_pickled(given))
        arguments = [edition(assignment), SITE, command, folder / "in", folder / "out"]
        run = subprocess.run(
            [sys.executable, "-I", "-S", CHILD, *arguments],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert run.returncode == 0, run.stderr
        return pickle.loads((folder / "out").read_bytes())

    return ask


@pytest.fixture(scope="session")
def in_memory(ask):
    """What is there when an edition is imported: each is asked once."""
    return cache(lambda assignment: ask(assignment, "memory"))


def _pickled(value):
    """As bytes: activations, and functions that a case brings along, by their descriptions."""

    class Writer(pickle.Pickler):
        def persistent_id(self, value):
            if isinstance(value, (Activation, Softmax)):
                return ("activation", value.name)
            if value is sines:
                return ("sines",)
            if getattr(value, "__func__", None) is EpochCase.gradients:
                return ("gradients", value.__self__.sigma, value.__self__.g)
            return None

    file = io.BytesIO()
    Writer(file).dump(value)
    return file.getvalue()


def sines(w):
    return float(np.sum(np.sin(w)))


def questions(task):
    """Cases of an exercise: arguments, right answers, and how near is right."""
    rng = np.random.default_rng(11)
    if task.id == "numerical-gradient":  # its functions have their derivatives with them
        points = [rng.uniform(0.3, 1.2, shape) for shape in ((4,), (2, 3))]
        return [({"f": sines, "params": w}, (np.cos(w),), 1e-7) for w in points]
    cases = task.cases(rng)
    return [
        (case.arguments(task.arguments), right, task.rtol)
        for case, right in zip(cases, right_answers(task, cases), strict=True)
    ]


def exercises(assignment):
    return [task for task in EXERCISES.values() if task.notebook == assignment]


MAGICS = TransformerManager()


def code_cells(assignment):
    notebook = solved(instructor_notebook(Course.find().notebooks / f"{assignment}.py"))
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


# --- honest work runs ---------------------------------------------------------------------------


@pytest.mark.one_in(3)
@every
def test_a_solved_notebook_runs_and_its_functions_are_right(assignment, ask):
    cells = [c for c in code_cells(assignment) if not any(part in c.source for part in TRAINING)]
    ids = [cell.metadata.get("nbgrader", {}).get("grade_id", "") for cell in cells]
    asked = [(task, q) for task in exercises(assignment) for q in questions(task)]
    result = ask(
        assignment,
        "notebook",
        {
            "cells": [MAGICS.transform_cell(cell.source) for cell in cells],
            "questions": [
                (task.function, q[0], [part.form for part in task.parts]) for task, q in asked
            ],
        },
    )
    demos = WITHHELD_DEMOS.get(assignment, set())
    failed = [cell.source for cell, error in zip(cells, result["errors"], strict=True) if error]
    for source, grade_id, error in zip(
        (cell.source for cell in cells), ids, result["errors"], strict=True
    ):
        assert error in ("", "Withheld", "NameError"), source
        graded = grade_id and not grade_id.startswith("half-")
        assert not error or (not graded and any(part in source for part in demos)), source
    assert len(failed) == len(demos)
    assert result["asked"] == []
    for (task, (_, right, rtol)), parts in zip(asked, result["answers"], strict=True):
        assert parts is not None, task.id
        assert len(parts) == len(right), task.id
        for part, reference in zip(parts, right, strict=True):
            assert part.shape == reference.shape, task.id
            assert right_entries(part, reference, rtol).all(), task.id


def test_the_challenge_is_met_in_the_edition(ask):
    challenge = TASKS["digits"]
    split = challenge.split(np.random.default_rng(3))
    cells = [cell.source for cell in code_cells("capstone")]
    needed = [c for c in cells if c.startswith(("import", "from")) or "def " in c][:5]
    given = (challenge.function, split.arguments(), [(1, False)])
    result = ask("capstone", "notebook", {"cells": needed, "questions": [given]})
    assert (result["answers"][0][0] == split.classes).mean() > challenge.enough(hidden=True)


@some
def test_it_loads_nothing_heavy(assignment, in_memory):
    loaded = in_memory(assignment)["modules"]
    heavy = ("matplotlib", "ipywidgets", "IPython", "nbgrader", "platformdirs")
    assert not [name for name in loaded if name.partition(".")[0] in heavy]
    assert {"bplab.grading.judge.agent", "bplab.grading._withheld"} <= set(loaded)


# --- nothing answers --------------------------------------------------------------------------


GIVEN_ANYWAY = {
    # the output's delta by one method of g: g is given, and stays as learners know it
    ("section_2_1", "eq6", 0): ".pull_back",
    ("section_2_2", "eq10", 0): ".pull_back",
}
"""Parts of an answer that what a student's function is given can compute by itself."""


@several
def test_no_callable_answers(assignment, ask):
    given = {task.id: [q[:2] for q in questions(task)[:2]] for task in exercises(assignment)}
    result = ask(assignment, "brute_force", given)
    assert result["called"] > 50
    leaks = [
        (task, name, part)
        for task, name, part in result["found"]
        if not name.endswith(GIVEN_ANYWAY.get((assignment, task, part), "\0"))
    ]
    assert leaks == []


def test_brute_force_finds_a_leak(ask):
    """The same search finds the answers of section 2.1 in the edition of section 2.3."""
    given = {i: [q[:2] for q in questions(TASKS[i])[:2]] for i in ("eq4", "eq7")}
    found = {(task, name) for task, name, _ in ask("section_2_3", "brute_force", given)["found"]}
    assert {
        ("eq4", "bplab.network.grad_beta"),
        ("eq7", "bplab.network.backward_hidden"),
    } <= found


def answers(assignment):
    """All functions that must not be there: references, formulas, every known mistake."""
    found = []
    for task in TASKS.values():
        if task.notebook == assignment:
            found += [task.reference, *(m.wrong for m in getattr(task, "mistakes", ()))]
            if row := EQUATIONS.get(task.id):
                found += [*row.formulas, *row.vectorised]
    return [f for f in found if hasattr(f, "__code__")]


@every
def test_no_answer_is_in_memory(assignment, in_memory):
    there = in_memory(assignment)
    names, codes = set(there["functions"]), set(there["codes"])
    forbidden = answers(assignment)
    assert forbidden
    for function in forbidden:
        assert (function.__module__, function.__qualname__) not in names
        code = function.__code__
        if code.co_name != "<lambda>":
            assert (code.co_name, code.co_varnames, code.co_names) not in codes
    assert not any(module.startswith("bplab.by_equation.") for module in there["modules"])


@several
def test_no_text_of_what_is_withheld(assignment, edition):
    folder = edition(assignment)
    here = defaultdict(set)
    for file in folder.rglob("*.py"):
        for name, body in bodies(file.read_text("utf-8")):
            here[body].add((str(file.relative_to(folder / "bplab")), name))
    absent = []
    for inside, name, body in library():
        # a body of one short line may be any function's
        if len(body) > 150 and (inside, name) not in here[body]:
            absent.append((inside, name, body))
    assert len(absent) > 500
    assert [f"{inside}: {name}" for inside, name, body in absent if here[body]] == []
    kept = {one for some in here.values() for one in some}
    for function in answers(assignment):
        inside = function.__module__.removeprefix("bplab.").replace(".", "/") + ".py"
        assert (inside, function.__qualname__) not in kept
    sources = {file.relative_to(folder) for file in folder.rglob("*.py")}
    for compiled in folder.rglob("*.pyc"):
        name = compiled.name.partition(".")[0] + ".py"
        assert (compiled.parent.parent / name).relative_to(folder) in sources


@cache
def library():
    """Every function of the library: its file, its name and its body."""
    files = {file: str(file.relative_to(LIBRARY)) for file in LIBRARY.rglob("*.py")}
    files.pop(LIBRARY / "grading" / "edition" / "withheld.py")  # each edition has it elsewhere
    return [(files[file], *found) for file in files for found in bodies(file.read_text("utf-8"))]


def bodies(text):
    """Each function's name, and its body without texts and annotations, in a form to compare."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            body = [
                s
                for s in node.body
                if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))
            ]
            if body and isinstance(body[0], ast.Expr):
                first = ast.unparse(body[0])
                body = body[1:] if first.startswith("_withheld.refuse(") else body
            yield node.name, compared(body)


def compared(body):
    """What `ast.dump` says, in half the time."""
    said, waiting = [], [body]
    while waiting:
        part = waiting.pop()
        if isinstance(part, ast.AST):
            said.append(type(part).__name__)
            waiting += [getattr(part, field, None) for field in part._fields]
        elif isinstance(part, list):
            said.append(str(len(part)))
            waiting += part
        else:
            said.append(repr(part))
    return " ".join(said)


TRICKS = {
    "section_0": ("bplab.gradcheck", "numerical_gradient"),
    "section_1": ("bplab.network", "hidden"),
    "section_2_1": ("bplab.network", "grad_beta"),
    "section_2_2": ("bplab.network", "backward_output"),
    "section_2_3": ("bplab.training", "one_pass"),
    "section_3": ("bplab.deep", "backward"),
    "section_4": ("bplab.activations", "elu"),
    "capstone": ("bplab.training", "one_epoch"),
    "beyond": ("bplab.training", "one_epoch"),
}


@some
def test_every_way_of_importing_leads_to_the_edition(assignment, ask, edition):
    module, function = TRICKS[assignment]
    result = ask(assignment, "imports", {"module": module, "function": function})
    ways = result["ways"]
    for way in ("import", "reload", "import again", "from its file", "runpy"):
        assert ways[way] == "withheld", way
    assert ways["inspect"] == "TypeError"
    absent = {"bplab.exercises.section_1", "bplab.exercises.section_2_1"}
    assert all(ways[name] == "absent" for name in absent)
    assert absent <= set(result["asked"])
    assert len(result["files"]) > 20
    inside = edition(assignment).resolve()
    assert all(inside in Path(file).parents for file in result["files"])


# --- what stands in -------------------------------------------------------------------------------


def test_what_is_closed_is_refused_and_noted(ask):
    cell = """
from bplab import network, numerical_gradient
from bplab.exercises import EXERCISES
from bplab.grading import _withheld
import numpy as np

square = lambda w: float(w @ w)
shown = np.round(numerical_gradient(square, np.ones(2)), 6).tolist()
_withheld.close()
for attempt in (
    lambda: numerical_gradient(square, np.ones(2)),
    lambda: network.grad_beta(1, 2),
    lambda: network.grad_beta(1, 2),
    lambda: EXERCISES["eq4"],
    lambda: network.Gradients(1, 2),
):
    try:
        attempt()
    except _withheld.Withheld as error:
        last = str(error)
names = _withheld.open()
assert shown == [2.0, 2.0]
assert names == ["bplab.gradcheck.numerical_gradient", "bplab.network.grad_beta",
                 "bplab.exercises.EXERCISES", "bplab.network.Gradients"], names
assert last.startswith("bplab.network.Gradients is not there while your work is graded")
assert _withheld.open() == []
"""
    assert ask("section_2_1", "notebook", {"cells": [cell], "questions": []})["errors"] == [""]


def test_what_is_only_shown_takes_everything_and_does_nothing(ask):
    cell = """
from bplab import check, check_gradient, hint, mistakes_gallery, progress
from bplab.plots import loss_curves
from bplab.widgets import learning_rate

shown = check("eq4", lambda: None)
assert shown and repr(shown) == f"{shown:.2f}" == "(not shown while graded)"
assert list(shown) == [] and shown.wrong[0].index() is not None
assert not hasattr(shown, "_repr_html_")
for other in (hint("eq4"), progress(), mistakes_gallery("eq4", ()), loss_curves({}, title="a"),
              learning_rate(gradients=None), check_gradient(len, 1, 2)):
    assert type(other) is type(shown)
"""
    assert ask("section_2_1", "notebook", {"cells": [cell], "questions": []})["errors"] == [""]
