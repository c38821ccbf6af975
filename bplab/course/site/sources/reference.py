"""The reference: what each public module offers, from its docstrings."""

import ast
import inspect
import itertools
import textwrap
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import bplab
from bplab.activations import Activation, Softmax

__all__ = ["API", "reference_pages"]

API = (
    *("bplab.exercises", "bplab.gallery", "bplab.gradcheck", "bplab.risk", "bplab.activations"),
    *("bplab.losses", "bplab.network", "bplab.deep", "bplab.layers", "bplab.training"),
    *("bplab.by_equation", "bplab.scores", "bplab.data", "bplab.plots", "bplab.widgets"),
    "bplab.languages",
)
"""The public modules, in the order of the reference."""


def reference_pages() -> Iterator[tuple[str, str]]:
    """Yield each page's path and its source."""
    yield "library/bplab.rst", _front_door()
    for module in API:
        heading, data = f"{module}\n{'=' * len(module)}", _data(module)
        ours = f"   :exclude-members: {', '.join(data)}\n"
        entries = "\n".join(data.values())
        yield (
            f"library/{module}.rst",
            f"{heading}\n\n.. automodule:: {module}\n{ours if data else ''}\n{entries}",
        )


def _data(module: str) -> dict[str, str]:
    """Return entries for what automodule does not find: names loaded on first use, and data."""
    door = import_module(module)
    entries = {}
    for name in door.__all__:
        there = name in vars(door)
        value = getattr(door, name)
        if inspect.isroutine(value) or inspect.isclass(value):
            if not there:  # loaded when it is first used, so automodule does not see it
                kind = "class" if inspect.isclass(value) else "function"
                entries[name] = f".. auto{kind}:: {module}.{name}\n"
            continue
        if isinstance(value, Activation | Softmax):
            continue
        shown = f"   :value: {value!r}\n" if isinstance(value, str | tuple) else ""
        said = textwrap.indent(_said_of(door, name), "   ")
        entries[name] = f".. py:data:: {name}\n{shown}\n{said}\n"
    return entries


def _said_of(door: ModuleType, name: str) -> str:
    """Return the text below the line that sets a name, in any module of a folder; else empty."""
    start = Path(str(door.__file__))
    for path in start.parent.glob("*.py") if start.name == "__init__.py" else [start]:
        for line, below in itertools.pairwise(ast.parse(path.read_text(encoding="utf-8")).body):
            match line, below:
                case (
                    ast.Assign(targets=[ast.Name(id=found)])
                    | ast.AnnAssign(target=ast.Name(id=found)),
                    ast.Expr(value=ast.Constant(value=str(text))),
                ) if found == name:
                    return inspect.cleandoc(text)
    return ""


def _front_door() -> str:
    """Return the page on what ``import bplab`` offers, with links to the modules that have it."""
    rows = []
    for name in bplab.__all__:
        value = getattr(bplab, name)
        home = f"bplab.{name}" if inspect.ismodule(value) else _home(name)
        summary = (inspect.getdoc(value) or "").partition("\n\n")[0].replace("\n", " ")
        rows.append(f"   * - :py:obj:`{name} <{home}>`\n     - {summary}\n")
    return (
        "bplab\n=====\n\nWhat ``import bplab`` offers.\n\n.. list-table::\n   :header-rows: 1\n\n"
        "   * - name\n     - what it is\n" + "".join(rows)
    )


def _home(name: str) -> str:
    """Return the reference's full name for a name of ``bplab``.

    Raises
    ------
    ValueError
        If no module of the reference has it.
    """
    value = getattr(bplab, name)
    for module in API:
        door = import_module(module)
        if getattr(door, name, None) is value and name in door.__all__:
            return f"{module}.{name}"
    raise ValueError(f"bplab.{name} is in no module of the reference: see {__name__}.API")
