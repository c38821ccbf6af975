"""A function once more, with its values kept: it does what it did, and each is in its place."""

import linecache
import textwrap
from types import FunctionType

import numpy as np
import pytest

from bplab.exercises.registry import TASKS
from bplab.exercises.task import visible_cases
from bplab.learner import Answer, Form, Kind, Trace, call, traced
from tests.benchmarks.naming.programs import PROGRAMS
from tests.exercises.right_variants import RIGHT

Y = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])


def cell(text: str) -> dict[str, FunctionType]:
    """Run a text as a notebook runs a cell."""
    text = textwrap.dedent(text)
    file = f"<cell {hash(text)}>"
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    names: dict[str, FunctionType] = {"__name__": "__main__"}
    exec(compile(text, file, "exec"), names)
    return names


def run(text: str, *, axes: int = 2) -> Trace:
    """Trace the function f of a cell on `Y`."""
    trace = traced(cell(text)["f"], {"Y": Y}, [Form(axes)])
    assert trace is not None
    return trace


def said(answer: Answer) -> tuple[str, ...] | None:
    """Return the error, and where it stands; its cause is not looked for in other code."""
    error = answer.raised
    return error and (error.kind, error.says, error.where)


def values(trace: Trace, text: str, kind: Kind = Kind.PART) -> list:
    return [s.value for s in trace.steps if s.place.text == text and s.place.kind is kind]


def test_every_part_of_a_line_has_its_value_and_its_place():
    trace = run("def f(Y):\n    é = 1; E = 2 * (Y - 1)\n    return E")
    (difference,) = (s for s in trace.steps if s.place.text == "Y - 1")
    assert np.array_equal(difference.value, Y - 1)
    assert (difference.place.line, difference.place.begin, difference.place.end) == (2, 20, 25)
    (name,) = (s for s in trace.steps if s.place.name == "E")
    assert np.array_equal(name.value, 2 * (Y - 1))
    assert [trace.steps[i].place.text for i in name.inputs] == ["2 * (Y - 1)"]


def test_a_value_is_kept_as_it_was_when_it_came():
    trace = run("def f(Y):\n    E = Y - 1\n    E *= 2\n    E[0] = 7\n    return E")
    first, second, third = (s.value for s in trace.steps if s.place.name == "E")
    assert np.array_equal(first, Y - 1)
    assert np.array_equal(second, 2 * (Y - 1))
    assert (third[0] == 7).all()
    assert np.array_equal(third[1:], second[1:])


def test_a_list_that_is_in_itself_is_not_kept():
    trace = run("def f(Y):\n    rows = [1.0]\n    rows.append(rows)\n    return Y - rows[0]")
    assert np.array_equal(trace.answer.arrays[0], Y - 1)
    assert values(trace, "Y - rows[0]")


def test_an_entry_that_is_stored_is_kept_with_its_index_and_its_rounds():
    trace = run(
        """
        def f(Y):
            out = [[0.0, 0.0]]
            total = __import__("numpy").zeros((2, 2))
            for i, row in enumerate(Y):
                for k in range(2):
                    total[k, 0] += row[k]
            return total
        """
    )
    entries = [s for s in trace.steps if s.place.kind is Kind.ENTRY]
    assert [s.index for s in entries] == [(k, 0) for _ in range(3) for k in range(2)]
    assert [float(s.value) for s in entries] == [1, 2, 4, 6, 9, 12]
    assert [(r.name, r.number) for r in entries[-1].rounds] == [("i", 2), ("k", 1)]


def test_all_variables_of_a_loop_that_are_whole_numbers_are_in_its_rounds():
    trace = run(
        """
        def f(Y):
            for i, (row, k) in enumerate([(Y[0], 5), (Y[1], 7)]):
                E = row * k
            return E
        """
    )
    rounds = [s.rounds for s in trace.steps if s.place.name == "E"]
    assert [one.variables for (one,) in rounds] == [(("i", 0), ("k", 5)), (("i", 1), ("k", 7))]


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ("np.multiply(E, 2, out=E)", 2 * Y),
        ("E.fill(3)", np.full_like(Y, 3)),
        ("E[:] = 4", np.full_like(Y, 4)),
        ("np.add.at(E, 0, 1)", np.array([Y[0] + 1, Y[1], Y[2]])),
        ("E += 1", Y + 1),
    ],
)
def test_a_change_in_place_is_kept(change, wanted):
    trace = run(f"import numpy as np\ndef f(Y):\n    E = Y + 0\n    {change}\n    return E")
    last = [s.value for s in trace.steps if s.place.name == "E"][-1]
    assert np.array_equal(last, wanted)


def test_helpers_lambdas_comprehensions_and_functions_inside_are_traced_too():
    trace = run(
        """
        def twice(v, by=2):
            return v * by

        def f(Y):
            def less(row):
                return row - 1
            rows = [twice(less(row)) for row in Y]
            third = lambda row: row / 3
            return [third(row) for row in rows]
        """
    )
    assert [v.tolist() for v in values(trace, "v * by")] == (2 * (Y - 1)).tolist()
    assert [v.tolist() for v in values(trace, "row - 1")] == (Y - 1).tolist()
    assert len(values(trace, "row / 3")) == len(Y)
    (inner, *_) = (s for s in trace.steps if s.place.text == "v * by")
    assert inner.place.function == "twice"
    assert [r.turn for r in inner.rounds] == [0]
    given = next(s for s in trace.steps if s.place.name == "v")
    assert trace.steps[given.inputs[0]].place.text in ("row - 1", "less(row)")


def test_a_function_that_closes_over_a_variable_is_traced():
    names = cell("def make(c):\n    def f(Y):\n        return Y * c\n    return f\nf = make(3)")
    trace = traced(names["f"], {"Y": Y}, [Form(2)])
    assert trace is not None
    assert np.array_equal(values(trace, "Y * c")[0], 3 * Y)


def test_a_lambda_is_traced():
    names = cell("f = lambda Y: (Y - 1).T @ Y")
    trace = traced(names["f"], {"Y": Y}, [Form(2)])
    assert trace is not None
    assert np.array_equal(values(trace, "(Y - 1).T")[0], (Y - 1).T)


def test_nothing_is_worked_out_that_was_not_before():
    trace = run(
        """
        def f(Y):
            said = []
            def say(n, value=True):
                said.append(n)
                return value
            say(1) or say(2)
            say(3, False) and say(4)
            x = say(5) if say(6) else say(7)
            0 < say(8, 0) < say(9)
            Y[say(10, 0)] = say(11, 1)
            return said
        """,
        axes=1,
    )
    assert trace.answer is not None
    assert trace.answer.arrays[0].tolist() == [1, 3, 6, 5, 8, 11, 10]


def test_of_an_error_is_kept_what_came_before_and_it_stands_where_it_stood():
    text = "def g(x):\n    return x @ x\ndef f(Y):\n    E = Y - 1\n    return g(E)"
    names = cell(text)
    trace = traced(names["f"], {"Y": Y}, [Form(2)])
    plain = call(names["f"], {"Y": Y}, [Form(2)])
    assert trace is not None
    assert trace.answer is not None
    assert said(trace.answer) == said(plain)
    assert np.array_equal(values(trace, "Y - 1")[0], Y - 1)


def test_a_traceback_shows_nothing_of_it():
    names = cell(
        """
        import collections, traceback
        shown = collections.deque()  # of a list it would get a copy
        def g(x):
            return x @ x
        def f(Y):
            try:
                return [g(row[None]) for row in Y]
            except ValueError:
                shown.append(traceback.format_exc())
                return Y
        """
    )
    f = names["f"]
    call(f, {"Y": Y}, [Form(2)])
    traced(f, {"Y": Y}, [Form(2)])
    plain, with_notes = f.__globals__["shown"]
    assert with_notes == plain
    assert "bplab" not in with_notes


def test_a_loop_without_an_end_is_stopped():
    names = cell("def f(Y):\n    while True:\n        Y = Y + 1")
    trace = traced(names["f"], {"Y": Y}, [Form(2)], seconds=0.05)
    assert trace is not None
    assert trace.answer is None
    assert not trace.whole
    assert trace.steps


def test_what_stands_in_brackets_has_values_too():
    trace = run(
        "import numpy as np\ndef f(Y):\n    B = np.c_[2 * Y, np.ones(len(Y))]\n    return B[:, :-1]"
    )
    assert np.array_equal(values(trace, "2 * Y")[0], 2 * Y)
    (whole,) = (s for s in trace.steps if s.place.text.startswith("np.c_"))
    assert {trace.steps[i].place.text for i in whole.inputs} == {"2 * Y", "np.ones(len(Y))"}


def test_it_takes_no_more_rounds_than_it_may():
    names = cell("def f(Y):\n    for i in range(3):\n        [y for y in Y]\n    return Y")
    for rounds, answers in ((12, True), (11, False)):
        trace = traced(names["f"], {"Y": Y}, [Form(2)], rounds=rounds)
        assert trace is not None
        assert (trace.answer is not None) is answers


def test_of_one_function_alone_values_are_kept_where_they_are_asked_for_and_rounds_count_in_all():
    names = cell(
        "def g(x):\n    for _ in range(3):\n        y = x * 2\n    return y\n"
        "def f(Y):\n    E = g(Y)\n    return E"
    )
    trace = traced(names["f"], {"Y": Y}, [Form(2)], only="f")
    assert trace is not None
    assert {step.place.function for step in trace.steps} == {"f"}
    assert np.array_equal(values(trace, "g(Y)")[0], 2 * Y)
    stopped = traced(names["f"], {"Y": Y}, [Form(2)], rounds=2, only="f")
    assert stopped is not None
    assert stopped.answer is None


def test_a_list_and_truth_values_are_told_from_an_array():
    trace = run(
        "def f(Y):\n    E = Y - 1\n    b = Y > 1\n    r = [1, 2]\n    n = len(Y)\n    return E"
    )
    kept = {s.place.name: s.is_array for s in trace.steps if s.place.kind is Kind.ASSIGNED}
    assert kept == {"E": True, "b": False, "r": False, "n": True}


def test_not_more_is_kept_than_there_is_room_for():
    names = cell(
        "def f(Y):\n    for _ in range(40):\n        x = [[0.0] * 300] * 300\n    return Y\n"
        "def g(Y):\n    for i in range(8_000):\n        x = Y[0, 0] * 2\n    return Y"
    )
    for name in "fg":
        trace = traced(names[name], {"Y": Y}, [Form(2)], seconds=60)
        assert trace is not None
        assert trace.answer is not None
        assert not trace.whole
        assert sum(0 if s.value is None else s.value.nbytes for s in trace.steps) < 25e6
        assert len(trace.steps) <= 20_000


def test_a_text_that_is_not_that_of_the_function_is_not_read():
    names = cell("def f(Y):\n    return Y * 2")
    file = names["f"].__code__.co_filename
    linecache.cache[file] = (0, None, ["def f(Y):\n", "    return Y * 3 + 1\n"], file)
    assert traced(names["f"], {"Y": Y}, [Form(2)]) is None
    assert traced(np.sum, {"Y": Y}, [Form(0)]) is None


FUNCTIONS = [
    *((p.exercise, p.function) for p in PROGRAMS.values() if not p.slow and "default" not in p.id),
    *((id, function) for id, functions in RIGHT.items() for function in functions),
]


@pytest.mark.one_in(20)
@pytest.mark.parametrize(
    ("id", "function"), FUNCTIONS, ids=[f"{id}-{f.__name__}" for id, f in FUNCTIONS]
)
def test_programs_do_the_same_when_they_are_traced(id, function):
    exercise = TASKS[id]
    if not hasattr(exercise, "cases"):
        pytest.skip("a challenge")
    case = visible_cases(exercise)[0]
    given, forms = case.arguments(exercise.arguments), exercise.forms(case)
    plain = call(function, given, forms)
    trace = traced(function, case.arguments(exercise.arguments), forms, seconds=60)
    assert trace is not None
    assert trace.steps or plain.raised  # by its first statement
    came = trace.answer
    assert came is not None
    assert (came.changed, came.printed) == (plain.changed, plain.printed)
    assert said(came) == said(plain)
    for part, other in zip(plain.parts, came.parts, strict=True):
        for one, again in zip(part, other, strict=True):
            assert (
                np.array_equal(one, again, equal_nan=True)
                if hasattr(one, "shape")
                else (one == again)
            )


def test_what_it_writes_into_names_of_the_notebook_is_there_in_the_trace_alone():
    names = cell(
        """
        log, seen, memo, total = [], set(), {}, np.zeros(2)
        def f(Y):
            log.append(1); seen.add(1); memo[1] = Y
            total[:] += 1
            return Y * len(log) + total[0] + len(again())
        def again():
            log.append(2)
            return log
    """.replace("np.zeros(2)", "__import__('numpy').zeros(2)")
    )
    trace = traced(names["f"], {"Y": Y}, [Form(2)])
    assert np.array_equal(trace.steps[-1].value, Y + 1 + 2)
    assert (names["log"], names["seen"], names["memo"]) == ([], set(), {})
    assert list(names["total"]) == [0, 0]
