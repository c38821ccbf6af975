"""A wrong program as a learner writes it, with what is truly wrong of it.

The fault is marked where it is::

    # right: delta = -2 * error * g.derivative(T)
    delta = -error * g.derivative(T)

``# right: …`` says what the next line should be (nothing: the line should not be there), and
``# missing: …`` is a line that was forgotten. So each program has its mended self, which must pass:
what is wrong with it is the marked fault, and nothing else.
"""

import ast
import importlib
import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import FunctionType
from typing import Any

__all__ = ["PROGRAMS", "Program", "program"]

Function = Callable[..., Any]

PROGRAMS: dict[str, "Program"] = {}
"""Every program, by its id."""

_MARK = re.compile(r"^(\s*)# (right|missing): ?(.*)$")


@dataclass(frozen=True)
class Program:
    """A wrong program.

    Attributes
    ----------
    id, exercise : str
    function : callable
    true : frozenset of str
        Patterns (`fnmatch`) of the names of findings that are true of it.
    specific : frozenset of str
        Those of them that say what is wrong, and not only where it shows.
    says : str
        A pattern (`re`) that the words must hold to be specific; for programs that raise.
    unsaid : str
        A pattern of words that would be false of it.
    slow : bool
        Whether to run it takes seconds.
    """

    id: str
    exercise: str
    function: Function = field(repr=False)
    true: frozenset[str]
    specific: frozenset[str]
    says: str = ""
    unsaid: str = ""
    slow: bool = False

    def __reduce__(self) -> tuple[Callable[[str], "Program"], tuple[str]]:
        """Go to another process by its id: it is in the bank there, too."""
        return _of_the_bank, (self.id,)

    @cached_property
    def source(self) -> str:
        """Its text, without the decorator."""
        return _text(self.function)

    @cached_property
    def tree(self) -> ast.Module:
        """The mended program."""
        return ast.parse(mended(self.source))

    def compiled(self, tree: ast.Module) -> Function:
        """Return the function of a tree, with what is beside the program in its file."""
        names = dict(self.function.__globals__)
        exec(compile(tree, f"<{self.id}, mended>", "exec"), names)
        return names[self.function.__name__]


def program(
    exercises: str,
    true: Iterable[str],
    *,
    specific: Iterable[str] | None = None,
    says: str = "",
    unsaid: str = "",
    leftovers: Mapping[str, Any] | None = None,
    slow: bool = False,
) -> Callable[[Function], Function]:
    """Put a wrong program into the bank.

    Parameters
    ----------
    exercises : str
        Ids of the exercises that it answers wrongly, with blanks between.
    true : iterable of str
        Patterns of names that a careful instructor would agree to.
    specific : iterable of str, optional
        Which of them say what is wrong; else all but the bare error.
    says, unsaid : str
        What the words must hold to be specific, and must not hold to be true (`re`).
    leftovers : mapping, optional
        What other cells of the notebook left behind, by name.
    slow : bool
        Whether to run it takes seconds.
    """

    def put(function: Function) -> Function:
        used = function
        if leftovers:
            names = {**function.__globals__, **leftovers}
            used = FunctionType(function.__code__, names, function.__name__, function.__defaults__)
        for exercise in exercises.split():
            id = f"{exercise}:{function.__name__}"
            if id in PROGRAMS:
                raise ValueError(f"two programs are called {id}")
            known = frozenset(true)
            said = known - {"raises"} if specific is None else frozenset(specific)
            PROGRAMS[id] = Program(id, exercise, used, known | said, said, says, unsaid, slow)
        return function

    return put


def _of_the_bank(id: str) -> Program:
    importlib.import_module("tests.benchmarks.naming.programs")  # which fills the bank
    return PROGRAMS[id]


def _text(function: Function) -> str:
    text = textwrap.dedent(inspect.getsource(function))
    lines = text.splitlines(keepends=True)
    start = next(i for i, line in enumerate(lines) if line.startswith("def "))
    return "".join(lines[start:])


def mended(source: str) -> str:
    """Return the source with every marked fault mended.

    Raises
    ------
    ValueError
        If nothing is marked.
    """
    done: list[str] = []
    replaces = False
    marks = 0
    for line in source.splitlines():
        mark = _MARK.match(line)
        if mark:
            marks += 1
            indent, kind, text = mark.groups()
            if text:
                done.append(indent + text)
            replaces = kind == "right"
        elif replaces:
            replaces = False  # the faulty line, which has been replaced
        else:
            done.append(line)
    if not marks:
        raise ValueError(f"no fault is marked:\n{source}")
    return "\n".join(done) + "\n"
