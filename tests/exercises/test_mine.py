"""A learner's functions travel: what is kept, what stays, and what `mine` gives elsewhere."""

import inspect
import json
import linecache
import os
import signal
import sys
from itertools import count
from tempfile import gettempdir

import numpy as np
import pytest

from bplab import check, mine, network, progress
from bplab.exercises import EXERCISES, TASKS, CheckFailed
from bplab.exercises.mine import keeper, names
from bplab.exercises.mine.library import KNOWN, THERE, of_library
from bplab.exercises.task import Exercise, visible_cases
from bplab.learner import LearnerError, time_limit
from tests.exercises.right_variants import RIGHT

NUMBERS = count()


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("BPLAB_PROGRESS", str(tmp_path / "progress"))
    monkeypatch.setattr(mine, "_said", set())
    return tmp_path / "progress"


def run(text, notebook=None):
    """Run a cell as IPython does: under a file name of its own, which Python can look up."""
    notebook = {"__name__": "__main__"} if notebook is None else notebook
    file = f"{gettempdir()}/ipykernel_1/{next(NUMBERS)}.py"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    exec(compile(text, file, "exec"), notebook)
    return notebook


SQUARES = "    return float(np.sum((Y - F) ** 2))\n"
LOSS = f"import numpy as np\ndef loss(Y, F):\n{SQUARES}"
Y, F = np.array([[1.0, 2.0]]), np.array([[0.5, 4.0]])

TRAVELS = {
    "a plain function": LOSS,
    "helpers that call helpers": """
import numpy as np
def square(x): return x * x
def total(x): return np.sum(square(x))
def loss(Y, F): return total(Y - F)
""",
    "two functions that call each other": """
def odd(n): return False if n == 0 else even(n - 1)
def even(n): return True if n == 0 else odd(n - 1)
def loss(Y, F): return ((Y - F) ** 2).sum() if even(2) else 0
""",
    "recursion": """
def loss(Y, F):
    if len(Y) > 1: return loss(Y[:1], F[:1]) + loss(Y[1:], F[1:])
    return ((Y - F) ** 2).sum()
""",
    "constants": """
import math
EPS, SHAPE, NAMES, EXACT = 1e-300, (1, 2), {"a": [1.5, None]}, {3}
FAR = -math.inf
def loss(Y, F): return ((Y - F) ** 2).sum() + EPS * (NAMES["a"][0] > FAR) * (3 in EXACT) * SHAPE[0]
""",
    "a default that is a constant of the notebook": """
POWER = 2
def loss(Y, F, power=POWER): return ((Y - F) ** power).sum()
""",
    "imports under other names": """
import numpy.linalg as la
from numpy import sum as total, square
from bplab.activations import identity as same
from math import fsum
def loss(Y, F): return fsum([total(square(same(Y - F)))]) + 0 * la.norm(Y)
""",
    "another name": """
def r_of_theta(Y, F): return ((Y - F) ** 2).sum()
loss = r_of_theta
""",
    "a helper under another name": """
def help_me(x): return (x ** 2).sum()
h = help_me
def loss(Y, F): return h(Y - F)
""",
    "a lambda with a name": "loss = lambda Y, F: ((Y - F) ** 2).sum()",
    "a function inside": """
def loss(Y, F):
    def square(x): return x ** 2
    return sum(square(e) for e in (Y - F).ravel())
""",
    "a decorator that wraps": """
import functools
def loud(f):
    @functools.wraps(f)
    def g(*args): return f(*args)
    return g
@loud
def loss(Y, F): return ((Y - F) ** 2).sum()
""",
    "a cached helper": """
from functools import lru_cache
@lru_cache
def two(): return 2
def loss(Y, F): return ((Y - F) ** two()).sum()
""",
    "a class as a helper": """
class Square:
    power = 2
    def __call__(self, x): return x ** self.power
def loss(Y, F): return Square()(Y - F).sum()
""",
    "local names that the notebook has, too": """
import numpy as np
x = np.ones(3)
def loss(Y, F):
    x = Y - F
    return sum(x ** 2 for x in x.ravel())
""",
    "below an if": "if True:\n    def loss(Y, F):\n        return ((Y - F) ** 2).sum()\n",
    "below an if, with a text of several lines": (
        "if True:\n    def loss(Y, F):\n        '''R(θ)\n  of all'''\n"
        "        return ((Y - F) ** 2).sum() + len('''\n''') - 1\n"
    ),
    "letters that end a line elsewhere": (
        "mark = '\f\u2028\x85'\ndef loss(Y, F):\n    assert '\u2028' > ''\n"
        "    return ((Y - F) ** 2).sum() + 0 * len(mark)\n"
    ),
    "a dataclass with a function": """
from dataclasses import dataclass
@dataclass
class Power:
    n: int = 2
    def of(self, x): return x ** self.n
def loss(Y, F): return Power().of(Y - F).sum()
""",
    "an open that calls Python's, as IPython has it": """
import functools, os
from io import open as opens
@functools.wraps(opens)
def open(*given): return opens(*given)
def loss(Y, F):
    with open(os.devnull) as file: return ((Y - F) ** 2).sum() + len(file.read())
""",
    "annotations": """
import numpy as np
from collections.abc import Sequence
def loss(Y: np.ndarray, F: Sequence[float]) -> float: return float(((Y - F) ** 2).sum())
""",
}

STAYS = {
    "an array": (
        "import numpy as np\ntable = np.ones((1, 1))\n"
        "def loss(Y, F): return (table[0, 0] * (Y - F) ** 2).sum()",
        "it uses table, an array of your notebook",
    ),
    "an object": (
        "import numpy as np\nrng = np.random.default_rng(0)\n"
        "def loss(Y, F): return ((Y - F) ** 2).sum() + 0 * rng.random()",
        "it uses rng, a Generator of your notebook",
    ),
    "a large constant": (
        "weights = [1.0] * 1000\ndef loss(Y, F): return (weights[0] * (Y - F) ** 2).sum()",
        "it uses weights, a list of your notebook, which is too long",
    ),
    "a lambda without a name": (
        "pick = [lambda Y, F: ((Y - F) ** 2).sum()]\nloss = pick[0]",
        "def",
    ),
    "a partial": (
        "from functools import partial\n"
        "def power(n, Y, F): return ((Y - F) ** n).sum()\nloss = partial(power, 2)",
        "it is an object of partial, and no function that you wrote with def",
    ),
    "an object with __call__": (
        "class Loss:\n    def __call__(self, Y, F): return ((Y - F) ** 2).sum()\nloss = Loss()",
        "it is an object of Loss, and no function that you wrote with def",
    ),
    "a bound method": (
        "class Loss:\n    def of(self, Y, F): return ((Y - F) ** 2).sum()\nloss = Loss().of",
        "it is a method of an object of yours, and no function that you wrote with def",
    ),
    "a function of a class": (
        "class Loss:\n    def of(Y, F): return ((Y - F) ** 2).sum()\nloss = Loss.of",
        "of is made inside a class",
    ),
    "made inside another function": (
        "def make(n):\n    def loss(Y, F): return ((Y - F) ** n).sum()\n    return loss\n"
        "loss = make(2)",
        "loss is made inside another function",
    ),
    "a decorator that does not wrap": (
        "def loud(f):\n    def g(Y, F): return f(Y, F)\n    return g\n"
        "@loud\ndef loss(Y, F): return ((Y - F) ** 2).sum()",
        "functools.wraps",
    ),
    "a variable that it changes": (
        "calls = 0\ndef loss(Y, F):\n    global calls\n    calls += 1\n"
        "    return ((Y - F) ** 2).sum()",
        "it changes calls, a variable of your notebook",
    ),
    "a dataclass of which nobody wrote a function": (
        "from dataclasses import dataclass\n@dataclass\nclass Power:\n    n: int = 2\n"
        "def loss(Y, F): return ((Y - F) ** Power().n).sum()",
        "it uses Power, the class Power of your notebook",
    ),
    "a NamedTuple": (
        "from typing import NamedTuple\nclass Power(NamedTuple):\n    n: int = 2\n"
        "def loss(Y, F): return ((Y - F) ** Power().n).sum()",
        "it uses Power, the class Power of your notebook",
    ),
    "an object that does not let itself be looked at": (
        "class Shy:\n    def __getattr__(self, name): raise OSError(name)\n"
        "shy = Shy()\ndef loss(Y, F): return ((Y - F) ** 2).sum() + 0 * (shy is None)",
        "what it uses cannot be looked at (OSError: bplab_mine)",
    ),
    "an attribute of the function": (
        "def loss(Y, F): return ((Y - F) ** loss.power).sum()\nloss.power = 2",
        "run by itself, it raises AttributeError",
    ),
    "a name that means something else by now": (
        "def loss(Y, F): return ((Y - F) ** 2).sum() * bool(loss)\n"
        "first = loss\ndef loss(Y, F): return first(Y, F)",
        "two different things in it are called loss",
    ),
}


@pytest.mark.parametrize("kind", TRAVELS)
def test_it_travels(kind, capsys):
    notebook = run(TRAVELS[kind])
    assert "stays" not in repr(check("eq1", notebook["loss"]))
    own = keeper.own("eq1")
    assert own.function is not notebook["loss"]
    assert own.function.__globals__ is not notebook
    assert mine.loss(Y, F) == pytest.approx(4.25)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("kind", STAYS)
def test_it_stays_and_says_why(kind):
    text, why = STAYS[kind]
    passed = check("eq1", run(text)["loss"])
    assert "It stays in this notebook: " in repr(passed)
    assert why in repr(passed).partition("It stays")[2]
    assert why in passed._repr_html_().replace("&#x27;", "'")
    assert keeper.own("eq1").function is None


def test_a_function_of_a_file_of_ones_own_travels_with_what_it_needs(tmp_path, monkeypatch):
    (tmp_path / "my_helpers.py").write_text(
        "from numpy import sum as total\nPOWER = 2\n"
        "def loss(Y, F):\n    return total((Y - F) ** POWER)\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "my_helpers", raising=False)
    by_name = run("from my_helpers import loss")["loss"]
    assert "stays" not in repr(check("eq1", by_name))
    assert mine.loss(Y, F) == 4.25

    by_module = run("import my_helpers\ndef loss(Y, F): return my_helpers.loss(Y, F)")["loss"]
    assert "it uses my_helpers, a file of yours: import what it needs by name" in repr(
        check("eq1", by_module)
    )


def test_a_text_that_has_changed_since_it_was_run_is_not_taken():
    loss = run(LOSS)["loss"]
    file = loss.__code__.co_filename
    linecache.cache[file] = (9, None, LOSS.replace("** 2", "** 3").splitlines(True), file)
    assert "has changed since it was run" in repr(check("eq1", loss))


def test_what_is_kept_passes_the_whole_check_and_can_be_taken_along_once_more():
    check("eq1", run(LOSS)["loss"])
    again = run("from bplab import mine\nloss = keeper.own('eq1').function", {"keeper": keeper})
    assert "stays" not in repr(check("eq1", again["loss"]))


def test_it_is_text_and_only_the_user_may_write_or_read_it(folder):
    check("eq1", run(LOSS)["loss"])
    file = folder / "functions" / "eq1.json"
    assert json.loads(file.read_text(encoding="utf-8"))["source"].endswith(f"F):\n{SQUARES}")
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_what_a_function_of_mine_stands_for_cannot_be_taken_out_of_it():
    """It would pass a check where the function itself is refused."""
    assert not hasattr(mine.grad_beta, "__wrapped__")
    assert [*inspect.signature(mine.grad_beta).parameters] == ["Y", "A", "Z", "T", "F", "g"]


def test_wrong_functions_hidden_checks_and_grading_keep_nothing(folder, monkeypatch):
    with pytest.raises(CheckFailed):
        check("eq1", run(LOSS.replace("** 2", "** 3"))["loss"])
    right = run(LOSS)["loss"]
    monkeypatch.setenv("BPLAB_SECRET", "x")
    check("eq1", right, hidden=True)
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    check("eq1", right)
    assert not (folder / "functions").exists()


def test_in_grading_nothing_that_is_kept_is_read(monkeypatch, folder):
    check("eq1", run(LOSS)["loss"])
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert keeper.own("eq1").function is None
    assert "0 of 31" in repr(mine)


def test_a_function_of_the_library_is_not_kept_and_nothing_is_said_of_it(folder):
    assert "stays" not in repr(check("eq4", network.grad_beta))
    assert not (folder / "functions").exists()


def test_the_librarys_runs_where_none_is_kept_and_it_says_so_once(capsys):
    assert mine.loss(Y, F) == 4.25
    said = capsys.readouterr().out
    assert said == (
        "mine.loss: the library's runs here; none of yours is kept. Once "
        'check("eq1", loss) passes in section_1, it is yours.\n'
    )
    assert mine["eq1"](Y, F) == 4.25
    assert capsys.readouterr().out == ""


def test_on_a_page_it_says_so_in_lines_that_a_narrow_window_does_not_break(capsys, monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "section_3.ipynb")
    assert mine.loss(Y, F) == 4.25
    lines = capsys.readouterr().out.splitlines()
    assert " ".join(lines).startswith("mine.loss: the library's runs here; none of yours is kept.")
    assert len(lines) > 1
    assert max(map(len, lines)) <= 44


def test_a_name_of_two_sections_chooses_by_the_outputs(capsys):
    by = {"eq4": "elementwise", "eq8": "softmax"}
    for id, which in by.items():
        text = (
            f"from bplab.network import grad_beta as right\n"
            f"def grad_beta(Y, A, Z, T, F, g):\n    CALLED.append({which!r})\n"
            "    return right(Y, A, Z, T, F, g)\n"
        )
        (visible,) = [visible_cases(TASKS[id])[:1]]
        keeper._known[id, "grad_beta", text] = (
            run(text, {"CALLED": (called := [])})["grad_beta"],
            None,
        )
        assert not called
        _write(id, "grad_beta", text)
        by[id] = called, visible[0]
    for id, (called, case) in by.items():
        mine.grad_beta(**case.arguments(TASKS[id].arguments))
        assert len(called) == 1, id
    assert capsys.readouterr().out == ""


def _write(id, name, source):
    folder = progress().folder / "functions"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / f"{id}.json"
    kept = {"function": name, "kept": "2026-01-02T03:04:05+00:00", "source": source}
    file.write_text(json.dumps(kept), encoding="utf-8")
    file.chmod(0o600)
    return file


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (LOSS.replace("** 2", "** 3"), "it is not right"),
        (LOSS.replace("np.sum", "np.summ"), "it raises AttributeError: module 'numpy' has no"),
        ("def loss(Y, F:", "it raises SyntaxError"),
        ("loss = 3", "loss is no function"),
        ("import sys\nsys.exit()", "it raises SystemExit. Once"),
        ("import sys\ndef loss(Y, F): sys.exit(3)", "it raises SystemExit: 3. Once"),
        ("raise KeyboardInterrupt", "it raises KeyboardInterrupt. Once"),
        (f"{LOSS}del loss", "loss is no function"),
        ("def loss(Y, F): return '\0'", "it raises SyntaxError"),
        ("from no_such_module import loss", "it raises ModuleNotFoundError"),
    ],
)
def test_what_is_no_longer_right_is_not_used_and_it_says_why(source, why, capsys):
    _write("eq1", "loss", source)
    assert mine.loss(Y, F) == 4.25
    said = capsys.readouterr().out
    assert f"the library's runs here; yours of 2026-01-02 is not used: {why}" in said
    assert "· the library's (yours of 2026-01-02 is not used" in repr(mine)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="nothing is stopped there")
@pytest.mark.parametrize(
    "source",
    [
        "while True: pass",
        "def loss(Y, F):\n    while True: pass",
        "def loss(Y, F):\n    while True:\n        try:\n            while True: pass\n"
        "        except Exception: pass",
    ],
)
def test_what_has_no_end_is_given_up_once(source, capsys, monkeypatch):
    monkeypatch.setattr(keeper, "SECONDS", 0.1)
    _write("eq1", "loss", source)
    with time_limit(60):  # somebody else's
        assert mine.loss(Y, F) == 4.25
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 30
        monkeypatch.setattr(keeper, "SECONDS", 1e9)
        assert mine.loss(Y, F) == 4.25
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0
    assert "yours of 2026-01-02 is not used: it takes more than 0 s" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "{", "[]", '{"function": "loss"}', "null", "\xff"])
def test_a_spoilt_file_is_told_and_not_used(text, capsys):
    _write("eq1", "loss", "").write_text(text, encoding="latin-1")
    assert mine.loss(Y, F) == 4.25
    assert "yours cannot be read: its file is spoilt" in capsys.readouterr().out


@pytest.mark.skipif(os.name != "posix", reason="rights of files as POSIX has them")
@pytest.mark.parametrize("which", ["folder", "file"])
@pytest.mark.parametrize("rights", [0o020, 0o002])
def test_what_others_may_write_is_never_run(which, rights, capsys, tmp_path):
    sign = tmp_path / "it ran"
    file = _write("eq1", "loss", f"open({str(sign)!r}, 'w').close()\n{LOSS}")
    open_ = file if which == "file" else file.parent
    open_.chmod(open_.stat().st_mode | rights)
    assert mine.loss(Y, F) == 4.25
    assert not sign.exists()
    assert f"yours is not read: others may write to {open_}" in capsys.readouterr().out
    if which == "folder":
        assert "others may write to" in repr(check("eq1", run(LOSS)["loss"]))


def test_what_belongs_to_somebody_else_is_never_run(capsys, monkeypatch):
    _write("eq1", "loss", "raise SystemExit")
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    assert mine.loss(Y, F) == 4.25
    assert "is not read: others may write to" in capsys.readouterr().out


def test_progress_reset_forgets_the_functions_and_no_other_file(folder):
    check("eq1", run(LOSS)["loss"])
    (folder / "functions" / "notes.txt").write_text("precious", encoding="utf-8")
    progress(reset=True)
    assert [path.name for path in folder.rglob("*") if path.is_file()] == ["notes.txt"]
    (folder / "functions" / "notes.txt").unlink()
    check("eq1", run(LOSS)["loss"])
    progress(reset=True)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.id)
def test_the_librarys_function_means_what_the_exercise_asks_for(known):
    task = TASKS[known.id]
    assert (known.name, known.notebook) == (task.function, task.notebook)
    if not known.where:
        with pytest.raises(AttributeError, match="the library has none"):
            of_library(known)
        return
    check(known.id, of_library(known))


def test_every_exercise_has_its_row_and_every_notebook_says_what_is_there():
    assert [known.id for known in KNOWN] == list(TASKS)
    assert set(THERE) == {task.notebook for task in TASKS.values()}
    for notebook, there in THERE.items():
        assert there.isdisjoint({t.function for t in TASKS.values() if t.notebook == notebook})


@pytest.mark.one_in(3)
@pytest.mark.parametrize("id", [known.id for known in KNOWN if known.where])
def test_a_function_of_mine_is_no_answer_where_it_would_be_none_in_grading(id):
    task = TASKS[id]
    function = mine[id]
    with pytest.raises(LearnerError, match=rf"mine\.{task.function} is not there where"):
        check(id, function)
    with pytest.raises(CheckFailed, match="NotThere"):
        check(id, lambda *arguments: function(*arguments))


def test_a_function_may_call_what_is_there_where_it_is_graded():
    text = """
from bplab import mine
from bplab.network import forward
from bplab.training import update
def one_pass(X, Y, alpha, beta, sigma, g, gamma):
    A, Z, T, F = forward(X, alpha, beta, sigma, g)
    delta, by_beta = mine.backward_output(Y, A, Z, T, F, g)
    by_alpha = mine.backward_hidden(X, A, Z, delta, beta, sigma)
    return update(alpha, by_alpha, gamma), update(beta, by_beta, gamma)
"""
    assert "stays" not in repr(check("eq13", run(text)["one_pass"]))
    assert keeper.own("eq13").function is not None


def test_names_that_were_taken_out_of_mine_travel_by_their_names():
    text = """
from bplab import mine, network
from bplab.training import update
backward_output, back_to_hidden = mine.backward_output, mine.backward_hidden
def one_pass(X, Y, alpha, beta, sigma, g, gamma):
    A, Z, T, F = network.forward(X, alpha, beta, sigma, g)
    delta, by_beta = backward_output(Y, A, Z, T, F, g)
    by_alpha = back_to_hidden(X, A, Z, delta, beta, sigma)
    return update(alpha, by_alpha, gamma), update(beta, by_beta, gamma)
"""
    assert "stays" not in repr(check("eq13", run(text)["one_pass"]))
    assert "\nback_to_hidden = mine.backward_hidden\n" in keeper.own("eq13").source


def test_the_table_is_the_same_as_a_page_and_as_a_text():
    check("eq1", run(LOSS)["loss"])
    page, text = mine._repr_html_(), repr(mine)
    assert text.startswith("mine: 1 of 31 functions are yours")
    day = keeper.own("eq1").day
    for id, name, whose in mine._rows():
        assert f'scope="row" style="text-align:left">{id}</th>' in page
        assert whose in text
        assert name in text
    assert f"✓ yours, from {day}" in page
    assert "<caption>mine: 1 of 31" in page
    assert page.count("<tr>") == len(TASKS) + 1


def test_it_says_whose_a_network_is():
    assert mine.whose("loss", "hidden") == ("Still the library's in this network: loss and hidden.")
    check("eq1", run(LOSS)["loss"])
    assert mine.whose("loss", "hidden") == (
        "Still the library's in this network: hidden; yours: loss."
    )
    assert mine.whose("loss") == "This network is yours from end to end: loss."
    text = "from bplab.losses import loss as theirs\ndef loss(Y, F): return theirs(Y, F)\n"
    check("eq1", run(text)["loss"])
    assert mine.whose("loss").endswith(": loss. (Inside, the library's loss.)")


def test_an_unknown_name_or_id_says_which_there_are():
    with pytest.raises(AttributeError, match="mine has no grad_gamma; it has backward, "):
        mine.grad_gamma  # noqa: B018
    with pytest.raises(ValueError, match="takes the id of an exercise, numerical-gradient, "):
        mine["eq99"]
    assert not hasattr(mine, "_ipython_display_")
    assert {known.name for known in KNOWN if known.where} <= set(dir(mine))


@pytest.mark.parametrize("given", [(), ("grad_gamma",), ("loss", 5), (["loss"],), ("",)])
def test_whose_knows_the_functions_of_the_course_only(given):
    with pytest.raises(ValueError, match=r"takes names of functions, numerical_gradient, .*; got "):
        mine.whose(*given)


def test_only_a_check_makes_a_function_ones_own():
    with pytest.raises(ValueError, match=r"mine.loss cannot be set: a function is yours once"):
        mine.loss = len
    with pytest.raises(ValueError, match=r"mine\['eq1'\] cannot be set"):
        mine["eq1"] = len
    assert mine.loss(Y, F) == 4.25


def test_a_wrong_call_of_an_activation_is_told_as_that_of_any_function(capsys):
    for name in ("leaky_relu", "elu"):
        with pytest.raises(TypeError, match="missing 1 required positional argument: 'alpha'"):
            getattr(mine, name)(1.0)
    with pytest.raises(TypeError, match="takes 1 positional argument but 2 were given"):
        mine.tanh(1.0, 0.1)
    assert mine.leaky_relu(np.array([-2.0]), alpha=0.5)[0] == -1


def test_nothing_is_judged_any_more_when_a_check_has_ended():
    with pytest.raises(CheckFailed):
        check("eq1", lambda Y, F: mine.grad_beta())
    assert names.JUDGED == []


def form(value):
    """What a caller sees of an answer: what holds what, and the shapes of its arrays."""
    if isinstance(value, (list, tuple)):
        return "in a row", [form(item) for item in value]
    return np.shape(value)


@pytest.mark.parametrize("id", [id for id in RIGHT if isinstance(TASKS[id], Exercise)])
def test_whatever_form_an_answer_has_elsewhere_it_has_the_librarys(id, folder):
    """Also when it is called again with the same layers, of which it may have taken some out."""
    exercise = EXERCISES[id]
    generic = visible_cases(exercise)[0]
    given = generic.arguments(exercise.arguments).values()
    wanted = exercise.reference(*generic.arguments(exercise.arguments).values())
    for variant in RIGHT[id]:
        function = keeper._as_when_checked(exercise, variant)
        for _ in range(2):
            came = function(*given)
            assert form(came) == form(wanted), variant.__name__
