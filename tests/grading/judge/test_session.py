"""Functions are judged as they were at their test cells, when nobody listens any more."""

import gc
import re
import signal

import pytest

from bplab.grading.judge import session
from bplab.grading.judge.session import Times
from bplab.grading.kernels import WarmKernelManager
from tests.grading.hostile.notebook import (
    ALL,
    FUNCTIONS,
    POINTS,
    added,
    as_bytes,
    cell,
    handed_in,
    place,
    right_answers,
    right_notebook,
)
from tests.grading.hostile.ours import assignment, on_the_host_of, shown
from tests.thorough import one_in


def graded(grader, *edits):
    return grader.grade(as_bytes(right_notebook(*edits)))


HELPER = """
def helper(answer):
    return answer
_formula = grad_beta
def grad_beta(*given):
    return helper(_formula(*given))
"""


@pytest.mark.parametrize(
    "later",
    one_in(
        2,
        [
            "get_ipython().kernel.do_shutdown(False)",
            "def helper(A):\n    return 0 * A",
            "%reset -f\nimport numpy as np\nfrom bplab import *",
            "del helper",
            "np.column_stack = np.sum = np.dot = np.einsum = None",
            "import builtins\nfor name in ('len', 'range', 'sum'):\n    delattr(builtins, name)",
        ],
    ),
)
def test_what_happens_after_a_test_cell_does_not_change_what_counts(grader, later):
    came = graded(grader, added(HELPER, before="test-eq4"), added(later, before="eq5"))
    assert came.results[0].exercise == "eq4"
    assert came.results[0].points == POINTS["eq4"]


DRAWN = """
import random
random.seed(1)
np.random.seed(1)
_formula, _left = grad_beta, (random.getstate(), str(np.random.get_state()))
def grad_beta(*given):
    same = _left == (random.getstate(), str(np.random.get_state()))
    return _formula(*given) if same else 0 * _formula(*given)
"""


def test_random_numbers_go_on_where_the_test_cell_had_them(grader):
    came = graded(grader, added(DRAWN, before="test-eq4"), added("random.seed(2)", before="eq5"))
    assert came.score == ALL


def test_a_function_that_is_first_defined_after_its_test_cell_counts(grader):
    def late(notebook):
        source = cell(notebook, "eq4")["source"]
        cell(notebook, "eq4")["source"] = "# further down"
        added(source, before="eq7")(notebook)

    assert graded(grader, late).score == ALL


def test_so_it_does_in_a_cell_of_the_students_own_behind_all_others(grader):
    def last(notebook):
        source = cell(notebook, "eq4")["source"]
        cell(notebook, "eq4")["source"] = "# further down"
        added(source, before="test-eq7")(notebook)
        cells = notebook["cells"]
        own = next(c for c in cells if c["id"].startswith("own-"))
        cells.remove(own)
        cells.insert(place(notebook, "test-eq7") + 1, own)

    assert graded(grader, last).score == ALL


def test_where_a_later_cell_ends_the_kernel_what_came_before_is_kept_again(grader):
    came = graded(grader, added("import os\nos._exit(1)", before="eq7"))
    assert came.score == ALL
    assert "lost its kernel" in came.events[0]


RUNS_NOTHING_MORE = [
    "_shell.run_cell = None",
    "_shell.run_cell_async = _shell.run_cell = None",
    "_kernel.shell_handlers['execute_request'] = lambda *given, **named: None",
    "def refused(*given, **named):\n    raise ValueError\n_kernel.do_execute = refused",
    "_kernel.dispatch_shell = None",
]
"""Behind them the kernel says nothing more, or that it did not run a cell."""

PRETENDS = [
    "import builtins\nbuiltins.exec = lambda *given, **named: None",
    "async def ran(*given, **named):\n    return False\n_shell.run_code = ran",
    "async def ran(*given, **named):\n    return {'status': 'ok', 'payload': []}\n"
    "_kernel.do_execute = ran",
    "_shell.input_transformers_post.append(lambda lines: ['pass'])",
    "class Empty:\n    def visit(self, tree):\n        tree.body = []\n        return tree\n"
    "_shell.ast_transformers.append(Empty())",
    "_shell.compile = None",
    "del _kernel.shell_handlers['bplab_keep']",
    "import os\nos.fork = None",
    "import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))",
]
"""Behind them it says that it ran a cell, and did not; or it keeps no function."""

_NAMES = "_kernel, _shell = get_ipython().kernel, get_ipython()\n"


@pytest.fixture
def hurried(grader, monkeypatch):
    """A grader that soon knows what a kernel does not do any more."""
    monkeypatch.setattr(session, "STOPS_WITHIN", 0.2)
    monkeypatch.setattr(session, "KEEPING", 1.0)
    monkeypatch.setattr(session, "PROVING", 0.5)
    monkeypatch.setattr(session, "DYING", 0.1)
    with on_the_host_of(grader, assignment(times=Times(cell=1.0))) as hurried:
        yield hurried


@pytest.mark.parametrize("code", [*one_in(2, RUNS_NOTHING_MORE), *one_in(3, PRETENDS)])
def test_a_cell_after_which_none_is_run_is_found_and_costs_itself(hurried, code):
    """None of the functions is said to be missing: they are there, and would not be run."""
    came = graded(hurried, added(_NAMES + code, before="eq5"))
    assert came.score == ALL, came.events
    assert all("was left out" in event for event in came.events), came.events
    assert "While this was graded, the cell was left out" in shown(came)


def test_what_is_shown_behind_such_a_cell_is_of_a_kernel_that_works(hurried):
    code = "def refuses(lines):\n    raise SyntaxError('no cell')\n"
    code += "_shell.input_transformers_cleanup.append(refuses)"
    came = graded(
        hurried, added("print('from ' 'eq5')", before="eq6"), added(_NAMES + code, before="eq5")
    )
    assert came.score == ALL
    assert "from eq5" in shown(came)
    assert "SyntaxError" not in shown(came)


DIES_LATER = [
    "get_ipython().kernel.do_shutdown(False)",
    *(
        f"import os, threading\nthreading.Timer({pause}, os._exit, (1,)).start()"
        for pause in (0.02, 0.05, 0.2)
    ),
]


@pytest.mark.parametrize("code", one_in(2, DIES_LATER))
@pytest.mark.parametrize("before", one_in(2, ["eq5", "eq7"]))
def test_of_a_kernel_that_dies_later_no_other_cell_is_the_cause(grader, monkeypatch, code, before):
    """Neither are other cells left out for good, nor are functions said to have ended it."""
    monkeypatch.setattr(session, "DYING", 0.3)
    came = graded(grader, added(code, before=before))
    assert came.score == ALL, came.events


def test_a_function_that_no_kernel_keeps_has_not_ended_it(grader):
    came = graded(grader, added(FORGES, before="eq5"))
    (eq5,) = (one for one in came.results if one.exercise == "eq5")
    assert (eq5.points, eq5.mistake) == (0, "not-asked")
    assert "ended the program" not in eq5.says


SPOILS = """
import builtins, os
_right = grad_beta
def grad_beta(*given):
    open("judged", "w").write("yes")
    builtins.judged = True
    np.zeros = np.ones = np.sum = np.dot = np.column_stack = np.einsum = None
    globals()["backward_hidden"] = None
    os.kill(os.getppid(), 15)
    return _right(*given)
"""


def test_a_function_cannot_spoil_what_is_judged_beside_it(grader):
    came = graded(grader, added(SPOILS, before="test-eq4"))
    assert {r.exercise: r.points for r in came.results if r.exercise != "eq4"} == {
        id: points for id, points in POINTS.items() if id != "eq4"
    }


KILLS = """
import os, time
_right_{name}, _kernel, _done = {name}, os.getpid(), []
def {name}(*given):
    if not _done:
        _done.append(1)
        if os.fork() == 0:
            os.setsid()
            time.sleep({pause})
            os.kill(_kernel, 9)
            os._exit(0)
    return _right_{name}(*given)
"""


@pytest.mark.one_in(3)
@pytest.mark.parametrize("pause", [0, 0.05])
@pytest.mark.parametrize("killer", POINTS)
def test_a_kernel_that_dies_late_is_charged_to_no_other(grader, killer, pause):
    """Whoever is asked at that moment is asked again."""
    kills = KILLS.format(name=FUNCTIONS[killer], pause=pause)
    came = graded(grader, added(kills, before=f"test-{killer}"))
    assert {r.exercise: r.points for r in came.results if r.exercise != killer} == {
        id: points for id, points in POINTS.items() if id != killer
    }


SEES = """
import os
_right_{name} = {name}
def {name}(*given):
    with open(f"/proc/{{os.getppid()}}/stat") as file:
        stopped = file.read().rsplit(") ", 1)[1][0] == "T"
    return _right_{name}(*given) if stopped else None
"""


def test_the_kernel_stands_still_before_any_function_is_asked(grader):
    if "behind Landlock" in grader.warning:
        pytest.skip("a function cannot see its kernel there")
    sees = (added(SEES.format(name=FUNCTIONS[id]), before=f"test-{id}") for id in POINTS)
    assert graded(grader, *sees).score == ALL


def test_a_function_that_ends_its_process_costs_no_other_and_no_kernel(grader):
    ends = "def grad_beta(*given):\n    import os\n    os._exit(1)"
    came = grader.grade(as_bytes(handed_in({**right_answers(), "eq4": ends})))
    assert came.score == ALL - POINTS["eq4"]
    assert [event for event in came.events if "kernel" in event] == [
        "the function of eq4 lost its kernel: its process died"
    ]


PRINTS_WHERE = "def grad_beta(Y, A, Z, T, F, g):\n    raise ValueError({})"


def told(grader, source):
    """What a student reads of eq4."""
    came = grader.grade(as_bytes(handed_in({**right_answers(), "eq4": source})))
    result = came.results[0]
    assert result.points == 0
    return " ".join((result.says, result.hint, result.note))


def test_the_line_of_an_error_is_named(grader):
    assert "line 2" in told(grader, PRINTS_WHERE.format("'no'"))


@pytest.mark.one_in(3)
@pytest.mark.parametrize("line", [3, 47, 4711])
def test_no_line_is_named_that_the_function_does_not_have(grader, line):
    """So a number of its choice cannot be told by a line."""
    forged = (
        "def grad_beta(Y, A, Z, T, F, g):\n"
        f"    exec(compile('\\n' * {line - 1} + 'raise ValueError', '/elsewhere/a.py', 'exec'))"
    )
    assert f"line {line}" not in told(grader, forged)


def test_lines_of_a_very_long_function_are_not_named(grader):
    long = "def grad_beta(Y, A, Z, T, F, g):\n" + "    pass\n" * 150 + "    raise ValueError"
    assert "line 15" not in told(grader, long)


def test_a_number_of_the_functions_own_is_said_with_two_digits(grader):
    constant = (
        "def grad_beta(Y, A, Z, T, F, g):\n"
        "    return np.full((Y.shape[1], Z.shape[1] + 1), 0.1234567)"
    )
    said = told(grader, constant)
    assert "0.12" in said
    assert "0.123" not in said


FORGES = """
_kernel = get_ipython().kernel
def forge(stream, ident, order):
    if order["content"]["function"] != "grad_alpha":
        return keep(stream, ident, order)
    _kernel.session.send(stream, "bplab_kept", {}, order, ident)
keep, _kernel.shell_handlers["bplab_keep"] = _kernel.shell_handlers["bplab_keep"], forge
"""


@pytest.mark.one_in(2)
@pytest.mark.parametrize("content", [b"[1]", b"5", b"{", b'"\\\\ud800"'])
def test_what_a_kernel_says_in_place_of_having_kept_a_function_costs_that_one(grader, content):
    came = graded(grader, added(FORGES.format(content), before="eq5"))
    assert came.score == ALL - POINTS["eq5"]
    assert [one.exercise for one in came.results if not one.points] == ["eq5"]


def test_a_kernel_that_a_cell_has_just_ended_is_not_charged_to_a_function(grader, monkeypatch):
    stopped, look = [], WarmKernelManager.look

    def dies_then(manager, do="look"):
        """As if it had been about to end, when it was stopped."""
        if do == "stop" and not stopped:
            stopped.append(manager)
            manager.host.signal(manager.kernel, signal.SIGKILL)
        return look(manager, do)

    monkeypatch.setattr(WarmKernelManager, "look", dies_then)
    assert graded(grader).score == ALL
    assert stopped


NEVER_KEEPS = """
_handlers = get_ipython().kernel.shell_handlers
_keep = _handlers["bplab_keep"]
def _nothing(stream, ident, order):
    if order["content"]["function"].startswith("_"):
        _keep(stream, ident, order)
_handlers["bplab_keep"] = _nothing
"""


def test_a_kernel_that_keeps_none_of_them_is_not_waited_for_at_each_function(grader, monkeypatch):
    """Else a notebook of many exercises costs the class minutes."""
    monkeypatch.setattr(session, "STOPS_WITHIN", 0.2)
    impatient = assignment(times=Times(clock=0.1))
    with on_the_host_of(grader, impatient) as hurried:
        came = graded(hurried, added(NEVER_KEEPS))
    waited = re.findall(r"could not be kept: not finished after (.*?) s", "\n".join(came.events))
    assert (waited[0], waited[-1], len(waited)) == ("5", "0.5", len(POINTS))
    assert {result.mistake for result in came.results} == {"not-asked"}


NEVER_STOPS = """
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
while True:
    pass
"""


def test_a_cell_that_cannot_be_stopped_leaves_nobody_looking_after_its_kernel(
    grader, monkeypatch, caplog
):
    """What looks on would find no kernel any more, and Python would print its error."""
    monkeypatch.setattr(session, "STOPS_WITHIN", 0.2)
    with on_the_host_of(grader, assignment(times=Times(cell=0.2))) as hurried:
        came = graded(hurried, added(NEVER_STOPS, before="eq7"))
        assert "could not be stopped" in came.events[0]
        assert graded(hurried).score == ALL  # it takes a second to look
    gc.collect()
    assert "never retrieved" not in caplog.text


KEEPS = """
def grad_beta(Y, A, Z, T, F, g):
    for folder in ("/tmp", "/dev/shm", "."):
        with open(f"{folder}/bplab-test-two-rounds", "w") as file:
            file.write("KEPT FROM BEFORE")
    return 0 * Z
"""
SHOWS = """
for folder in ("/tmp", "/dev/shm", "."):
    try:
        print(open(f"{folder}/bplab-test-two-rounds").read())
    except OSError:
        pass
"""


def test_nothing_goes_from_one_submission_to_the_next(grader):
    if "resource limits only" in grader.warning:
        pytest.skip(f"files are the machine's: {grader.warning}")
    grader.grade(as_bytes(handed_in({**right_answers(), "eq4": KEEPS})))
    came = graded(grader, added(SHOWS))
    assert "KEPT" + " FROM BEFORE" not in shown(came)
    assert came.score == ALL


def test_display_and_input_in_a_judged_function_neither_stop_nor_hurt_it(grader):
    def edit(notebook):
        solution = cell(notebook, "eq4")
        first, *rest = solution["source"].split("\n")
        shows = "    display('x'); print('y'); import ipywidgets; ipywidgets.FloatSlider()"
        solution["source"] = "\n".join([first, shows, *rest])

    assert graded(grader, edit).score == ALL


def test_a_module_that_the_notebook_writes_can_be_imported(grader):
    writes = "%%writefile helpers.py\ndef same(x):\n    return x"
    wraps = "from helpers import same\n_formula = grad_beta\n"
    wraps += "def grad_beta(*given):\n    return same(_formula(*given))"
    came = graded(grader, added(writes, before="eq4"), added(wraps, before="test-eq4"))
    assert came.results[0].points == POINTS["eq4"]


def test_a_module_that_the_notebook_writes_hides_none_of_the_course_s(grader):
    writes = "%%writefile {}.py\nraise ImportError('mine')"
    files = [added(writes.format(name), before="eq4") for name in ("bplab", "numpy", "random")]
    came = graded(grader, *files, added("import random, numpy, bplab", before="test-eq4"))
    assert came.results[0].points == POINTS["eq4"]


# --- why there is no function -----------------------------------------------------------------


def before(id, source):
    """Put lines in front of the solution of an exercise."""

    def edit(notebook):
        cell(notebook, id)["source"] = f"{source}\n{cell(notebook, id)['source']}"

    return edit


def as_text(notebook):
    turned = cell(notebook, "eq4")
    place = notebook["cells"].index(turned)
    words = {"cell_type": "markdown", "metadata": {}, "source": turned["source"], "id": "words"}
    turned["source"] = ""
    notebook["cells"].insert(place, words)


WHY = {
    "eq4": (
        "# first\nimport torch_that_nobody_has",
        "There is no function grad_beta: its cell ended in ModuleNotFoundError: No module "
        "named 'torch_that_nobody_has' (line 2).",
        "Do without this one",
    ),
    "eq5": (
        "x = 1\nx = = 2",
        "There is no function grad_alpha: its cell ended in SyntaxError: invalid syntax",
        "Run All Cells",
    ),
    "eq6": (
        "def helper():\n    return undefined\nhelper()",
        "its cell ended in NameError: name 'undefined' is not defined (line 3).",
        "Run All Cells",
    ),
    "eq7": (
        "class E(Exception):\n    pass\nraise E('\x1b[31m\\n' + 999 * 'x')",
        "its cell ended in E: [31m xxxxxxx",
        "Run All Cells",
    ),
}
"""What stands before a function, and what is said of that."""


def test_why_there_is_no_function_is_said(grader):
    came = graded(grader, *(before(id, source) for id, (source, *_) in WHY.items()))
    assert [one.exercise for one in came.results] == list(WHY)
    for record in came.results:
        _, says, hint = WHY[record.exercise]
        _has_no_function(record, says, hint)


def test_so_it_is_where_the_function_stands_in_a_cell_of_text(grader):
    says = "it stands in a cell of text, which is not run."
    _has_no_function(graded(grader, as_text).results[0], says, "choose Code")


def _has_no_function(record, says, hint):
    assert (record.mistake, record.points) == ("not-defined", 0)
    assert says in record.says
    assert hint in record.hint
    assert len(record.says) < 300
    assert "\x1b" not in record.says


def test_an_error_after_the_function_keeps_its_points(grader):
    def after(notebook):
        cell(notebook, "eq4")["source"] += "\nimport torch_that_nobody_has"

    assert graded(grader, after).results[0].points == POINTS["eq4"]
