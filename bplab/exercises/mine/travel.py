"""The text of a function, with all that it needs from its notebook, so that it runs elsewhere.

The functions that it calls come along, and those that they call. Plain constants are written out,
and what comes from a library is imported. A function that needs anything else, such as an array of
the notebook, has to stay where it is.
"""

import ast
import builtins
import inspect
import linecache
import math
import symtable
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from bplab.errors import LIBRARIES, came
from bplab.learner import is_own

__all__ = ["Stays", "packed"]

LONGEST = 2000
"""The most characters that a written constant may have."""

Definition = ast.FunctionDef | ast.ClassDef | ast.Assign


class Stays(Exception):
    """A function cannot be taken along; the message says why, and calls the function "it"."""


def packed(function: Callable[..., Any]) -> tuple[str, str]:
    """Return the name of a function of the notebook, and a text that defines it anywhere.

    Parameters
    ----------
    function : callable
        Written with ``def``, or a lambda that was given a name, in a cell or a file of one's own.

    Raises
    ------
    Stays
        If it needs more than text can hold.
    """
    taken = _Taken()
    name = taken.function(function)
    return name, "\n".join([*taken.imports, *taken.lines]) + "\n"


class _Taken:
    """All that is taken along: lines in an order in which they run, and each name's value."""

    def __init__(self) -> None:
        self.imports: list[str] = []
        self.lines: list[str] = []
        self._means: dict[str, Any] = {}

    def function(self, given: Any) -> str:
        """Take along what a function needs, and then itself; return its name in its text."""
        function = inspect.unwrap(given) if callable(given) else given
        if not is_own(function):
            raise Stays(_no_function(given))
        code = function.__code__
        if "." in function.__qualname__:
            where = "another function" if "<locals>" in function.__qualname__ else "a class"
            raise Stays(
                f"{code.co_name} is made inside {where}: write it with def at the beginning of a "
                "line (a decorator has to use functools.wraps)"
            )
        text, tree = _text_of(code)
        node = _definition(tree, code)
        segment = _segment(text, node)
        # a text compiles to other code below imports than alone, as in a cell
        made = (one for whole in (segment, tree) for one in _codes(compile(whole, "", "exec")))
        if not any(_same(one, code) for one in made):
            raise Stays(f"the text of {code.co_name} has changed since it was run")
        return self._define(node, segment, function.__globals__, given)

    def _define(self, node: Definition, segment: str, notebook: dict[str, Any], value: Any) -> str:
        """Take along what a definition needs, and then itself; return its name."""
        name = node.targets[0].id if isinstance(node, ast.Assign) else node.name  # type: ignore[attr-defined]
        if self._knows(name, value):
            return name
        for needed in _needed(segment):
            if needed not in notebook or _is_pythons(needed, notebook[needed]):
                continue
            if not (needed == name and notebook[needed] is value):
                self.value(needed, notebook[needed], notebook)
        self.lines += ["", "", segment]
        return name

    def _knows(self, name: str, value: Any) -> bool:
        """Whether the value is already taken under this name; from now on it counts as taken."""
        if name in self._means and self._means[name] is not value:
            raise Stays(f"two different things in it are called {name}")
        known = name in self._means
        self._means[name] = value
        return known

    def value(self, name: str, value: Any, notebook: dict[str, Any]) -> None:
        """Take along the value of a name of the notebook."""
        if self._is_own_function(value):
            self._alias(name, self.function(value), value)
        elif isinstance(value, type) and (found := _class_definition(value)):
            node, segment, around = found
            self._alias(name, self._define(node, segment, around, value), value)
        elif not self._knows(name, value):
            self._outside(name, value)

    def _alias(self, name: str, defined: str, value: Any) -> None:
        if name != defined and not self._knows(name, value):
            self.lines.append(f"{name} = {defined}")

    def _outside(self, name: str, value: Any) -> None:
        """Take along a module, a constant, or something from `mine` or from a library."""
        if isinstance(value, ModuleType):
            if _is_file_of_ones_own(value):
                raise Stays(
                    f"it uses {name}, a file of yours: import what it needs by name, "
                    f"from {value.__name__} import …"
                )
            self.imports.append(f"import {value.__name__} as {name}")
        elif (kept := getattr(value, "bplab_mine", None)) and isinstance(kept, str):
            self.imports.append("from bplab import mine")
            self.lines.append(f"{name} = mine.{kept}")
        elif (constant := _constant(value)) is not None:
            if len(constant) > LONGEST:
                raise Stays(f"it uses {name}, {came(value)} of your notebook, which is too long")
            self.lines.append(f"{name} = {constant}")
        elif source := _importable(name, value):
            module, original = source
            self.imports.append(f"from {module} import {original} as {name}")
        else:
            raise Stays(
                f"it uses {name}, {came(value)} of your notebook: make it an argument, or make it "
                "inside the function"
            )

    @staticmethod
    def _is_own_function(value: Any) -> bool:
        return callable(value) and not isinstance(value, type) and is_own(inspect.unwrap(value))


def _no_function(given: Any) -> str:
    what = f"an object of {type(given).__name__}"
    if inspect.ismethod(given):
        what = "a method of an object of yours"
    elif isinstance(given, type) or inspect.isroutine(given):
        what = came(given)
    return f"it is {what}, and no function that you wrote with def"


# --- texts --------------------------------------------------------------------------------


def _text_of(code: CodeType) -> tuple[str, ast.Module]:
    text = "".join(linecache.getlines(code.co_filename))
    try:
        tree = ast.parse(text)
    except SyntaxError:
        tree = ast.Module([], [])
    if not tree.body:
        raise Stays(f"the text of {code.co_name} is not known: write it in a cell of its own")
    return text, tree


def _definition(tree: ast.Module, code: CodeType) -> Definition:
    """Return the statement that made a function; for a lambda, the assignment that names it."""
    found: list[Definition] = []
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) if name == code.co_name:
                if _first_line(node) == code.co_firstlineno:
                    found.append(node)
            case ast.Assign(targets=[ast.Name()], value=ast.Lambda() as value):
                if code.co_name == "<lambda>" and value.lineno == code.co_firstlineno:
                    found.append(node)
    if len(found) != 1:
        raise Stays(
            "it is a lambda without a name: write it with def"
            if code.co_name == "<lambda>"
            else f"{code.co_name} is not written with def"
        )
    return found[0]


def _first_line(node: ast.FunctionDef | ast.ClassDef) -> int:
    return min(node.lineno, *(decorator.lineno for decorator in node.decorator_list), sys.maxsize)


def _segment(text: str, node: Definition) -> str:
    if isinstance(node, ast.Assign):
        return ast.get_source_segment(text, node) or ""
    lines = text.split("\n")[_first_line(node) - 1 : node.end_lineno]
    # an indented definition gets an `if` above it: another indent would change multi-line strings
    return "\n".join(["if True:"] * lines[0][:1].isspace() + lines)


def _same(one: CodeType, other: CodeType) -> bool:
    """Whether two code objects do the same, whatever lines they are from."""
    said = [(code.co_code, code.co_names, len(code.co_consts)) for code in (one, other)]
    if said[0] != said[1]:
        return False
    return all(
        _same(a, b) if isinstance(a, CodeType) and isinstance(b, CodeType) else repr(a) == repr(b)
        for a, b in zip(one.co_consts, other.co_consts, strict=True)
    )


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _class_definition(cls: type) -> tuple[ast.ClassDef, str, dict[str, Any]] | None:
    """Return the statement of a notebook's class, its text and its namespace; None for others.

    It is found by one of its methods.
    """
    for method in vars(cls).values():
        method = inspect.unwrap(getattr(method, "__func__", getattr(method, "fget", method)))
        if not isinstance(method, FunctionType) or not is_own(method):
            continue
        try:
            text, tree = _text_of(method.__code__)
        except Stays:  # a method without a text, as generated ones of a dataclass or NamedTuple
            continue
        line = method.__code__.co_firstlineno
        for node in tree.body:
            if not isinstance(node, ast.ClassDef) or node.name != cls.__name__:
                continue
            if node.lineno <= line <= (node.end_lineno or 0):
                return node, _segment(text, node), method.__globals__
    return None


def _needed(segment: str) -> list[str]:
    """Return the names that a definition, or a function inside it, looks up outside of it."""
    found: dict[str, None] = {}
    tables = [symtable.symtable(segment, "", "exec")]
    while tables:
        table = tables.pop(0)
        for symbol in table.get_symbols():
            at_top = table.get_type() == "module"
            if not at_top and symbol.is_declared_global() and symbol.is_assigned():
                raise Stays(f"it changes {symbol.get_name()}, a variable of your notebook")
            if (at_top or symbol.is_global()) and symbol.is_referenced():
                found[symbol.get_name()] = None
        tables += table.get_children()
    return list(found)


# --- values -------------------------------------------------------------------------------


def _is_file_of_ones_own(module: ModuleType) -> bool:
    file = getattr(module, "__file__", None)
    return file is not None and not file.startswith(LIBRARIES)


def _constant(value: Any) -> str | None:
    """Return a plain constant, or a collection of such, as text; None for all else."""
    if isinstance(value, (np.float64, np.int64, np.bool_)):
        value = value.item()
    if type(value) is float and not math.isfinite(value):
        return f'float("{value}")'
    if value is None or type(value) in (bool, int, float, complex, str, bytes, slice, range):
        return repr(value)
    if type(value) is dict:
        pairs = [(_constant(key), _constant(item)) for key, item in value.items()]
        if any(None in pair for pair in pairs):
            return None
        return f"{{{', '.join(f'{key}: {item}' for key, item in pairs)}}}"
    if type(value) in (list, tuple, set, frozenset):
        items = [_constant(item) for item in value]
        written = [item for item in items if item is not None]
        if len(written) < len(items):
            return None
        if type(value) is list:
            return f"[{', '.join(written)}]"
        if type(value) is tuple:
            return f"({', '.join(written)}{',' * (len(written) == 1)})"
        return f"{type(value).__name__}([{', '.join(written)}])"
    return None


_HOMES = ("numpy", "math", "bplab", "bplab.activations")
"""Modules with values that do not say where they are from: ufuncs, activations."""


def _is_pythons(name: str, value: Any) -> bool:
    """Whether a name is a built-in of Python; also IPython's ``open``, which calls Python's."""
    return hasattr(builtins, name) and inspect.unwrap(value) is getattr(builtins, name)


def _importable(name: str, value: Any) -> tuple[str, str] | None:
    """Return the outermost module of a library that has a value, and its name there; else None."""
    names = [getattr(value, "__qualname__", ""), getattr(value, "__name__", ""), name]
    parts = str(getattr(value, "__module__", None) or type(value).__module__).split(".")
    doors = [".".join(parts[:count]) for count in range(1, len(parts) + 1)]
    for module in (*doors, *_HOMES):
        if module not in sys.modules or _is_file_of_ones_own(sys.modules[module]):
            continue
        if module == builtins.__name__ or module == "__main__":
            continue
        for original in filter(str.isidentifier, map(str, names)):
            try:
                if getattr(import_module(module), original) is value:
                    return module, original
            except Exception:  # a module may have a __getattr__ of its own, which may raise
                continue
    for module in (*_HOMES, builtins.__name__):  # under a name that the value does not tell
        for original, known in vars(import_module(module)).items():
            if known is value and original.isidentifier() and not original.startswith("_"):
                return module, original
    return None
