"""Everything that a learner of section 2.1 may be told: what right and wrong functions lead to."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np

from bplab.exercises import CheckFailed, check
from bplab.exercises.registry import TASKS
from tests.benchmarks.naming import programs
from tests.exercises.drawn import found_known
from tests.exercises.right_variants import RIGHT
from tests.learner.exceptions.tools import in_a_cell
from tests.thorough import ALL, one_in

SECTION_2_1 = ("eq4", "eq5", "eq6", "eq7")


def verdict(id: str, function: Callable[..., Any]) -> Any:
    """What `check` returns, or raises."""
    try:
        return check(id, function)
    except CheckFailed as failed:
        return failed


def unusable(id: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Functions whose answers can be nothing: by what they return, or do."""
    right = TASKS[id].reference

    def changed(change: Callable[[np.ndarray], Any]) -> Callable[..., Any]:
        def answer(*given: Any) -> Any:
            came = right(*given)
            return tuple(map(change, came)) if isinstance(came, tuple) else change(came)

        return answer

    def with_(entry: float) -> Callable[..., Any]:
        def put(array: np.ndarray) -> np.ndarray:
            array = np.array(array)
            array.flat[-1] = entry
            return array

        return changed(put)

    def writes(*given: Any) -> Any:
        given[0][...] = 0
        return right(*given)

    def remembers(*given: Any, seen: list[int] = []) -> Any:  # noqa: B006
        seen.append(1)
        came = right(*given)
        return tuple(a * len(seen) for a in came) if isinstance(came, tuple) else came * len(seen)

    yield "nothing", lambda *given: None
    yield "text", changed(lambda a: "text")
    yield "dict", lambda *given: {"a": 1}
    yield "function", lambda *given: right
    yield "module", lambda *given: np
    yield "complex", changed(lambda a: a + 1j)
    yield "objects", changed(lambda a: np.array([None, 1.0]))
    yield "ragged", changed(lambda a: [[1.0], [1.0, 2.0]])
    yield "generator", lambda *given: (i for i in "ab")
    yield "nan", with_(np.nan)
    yield "inf", with_(np.inf)
    yield "all nan", changed(lambda a: a * np.nan)
    yield "zero", changed(lambda a: a * 0)
    yield "number", changed(lambda a: 0.5)
    yield "a row", changed(lambda a: a[:1])
    yield "a column", changed(lambda a: a[:, :1])
    yield "turned", changed(lambda a: a.T)
    yield "flat", changed(np.ravel)
    yield "three axes", changed(lambda a: a[None])
    yield "twice", lambda *given: (right(*given), right(*given))
    yield "empty", changed(lambda a: a[:0])
    yield "no part", lambda *given: ()
    yield "off by 3", changed(lambda a: 3 * a)
    yield "plus one", changed(lambda a: a + 1)
    yield "squared", changed(lambda a: a**2)
    yield "random", changed(lambda a: np.random.default_rng(0).standard_normal(a.shape))
    yield "rounded", changed(lambda a: np.round(a, 2))
    yield "single", changed(lambda a: a.astype(np.float16))
    yield "writes", writes
    yield "remembers", remembers
    yield "no arguments", lambda: 0
    yield "one argument", lambda Y: 0
    yield "integers", changed(lambda a: a.astype(int))


STOPS = (
    "1 / 0",
    "undefined",
    "delta",
    "{0} @ {0}",
    "{0}[10**6]",
    "{0}.nothing",
    "{0}()",
    "{0} + 'text'",
    "{0}.reshape(-1, 10**6)",
    "np.sums({0})",
    "{0} if {0} > 0 else 0",
    "[1, 2] - [1]",
    "None + 1",
    "{0}.sum * 2",
    "len(3)",
    "np.column_stack({0}, {0})",
    "np.sum({0}, axis=7)",
    "{0}[0.5]",
    "math.exp({0})",
    "2 ^ {0}",
    "int('x')",
    "{{}}['key']",
    "exit()",
    "np.zeros(2, 3)",
    "np.dot({0}, np.ones(999))",
    "{0} + np.ones((99, 98))",
)
"""What raises, with an argument's name at {0}."""


def stopping(id: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Functions that raise, in a cell of a notebook."""
    task = TASKS[id]
    for code in STOPS:
        source = f"def {task.signature}:\n    return {code.format(task.arguments[0])}\n"
        yield code, in_a_cell(source, task.function)
    loop = f"def {task.signature}:\n    a, b = {task.arguments[0]}.shape[0]\n    return a\n"
    yield "unpacked", in_a_cell(loop, task.function)
    own = f"def {task.signature}:\n    raise ValueError('the sum is of the wrong <b>size</b>')\n"
    yield "own error", in_a_cell(own, task.function)


@cache
def messages() -> tuple[tuple[str, str, str], ...]:
    """Return kind, name and English text of each.

    What can be nothing, or stops, is said alike in each exercise: `make test` has it of one; and
    of the bank every fourth program. What is said of a mistake stands in one form around its own
    sentences: `make test` has these of all, and the whole of every fifth.
    """
    found = []
    for place, id in enumerate(SECTION_2_1):
        task = TASKS[id]
        named = [("unusable", name, function) for name, function in unusable(id)]
        named += [("stops", name, function) for name, function in stopping(id)]
        named = named if ALL else named[place :: len(SECTION_2_1)]
        named += [("bank", p.id, p.function) for p in one_in(4, programs([id]))]
        named += [("right", f.__name__, f) for f in (task.reference, *RIGHT[id])]
        found += [
            (kind, f"{id}: {name}", verdict(id, function).english) for kind, name, function in named
        ]
        whole = one_in(5, task.mistakes)
        for mistake in task.mistakes:
            said = f"{mistake.says} {mistake.hint}"
            if mistake in whole:
                finding = found_known(id, mistake.wrong)
                said = CheckFailed(task, finding, hidden=False).english
            found.append(("mistake", f"{id}: {mistake.name}", said))
        found += [("hint", id, hint) for hint in task.hints]
    return tuple(found)
