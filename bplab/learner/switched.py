"""Compile a function once with many edits in it; variables choose which of them are made.

Compiling a function takes longer than running it. So the code contains each statement, and each
larger part of one, as it is written and with each of its edits. A global variable for each of them
says which variant is run.
"""

import ast
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import CodeType
from typing import Any

from bplab.learner.edits import MARK, Edit, Write
from bplab.learner.texts import Text, put_at

__all__ = ["LOOKS", "NOTES", "Switched", "switched"]

LOOKS = f"{MARK}looks"
"""Global name of a callback that gets a function's local variables when it ends; may be None."""

NOTES = f"{MARK}notes"
"""Global name of a callback that gets the name and the value of a part, and returns the value."""

Setting = tuple[str, Any]
"""A global variable, and the value of it that makes an edit."""

MOST = 100_000
"""Nodes that all variants may have together; Python takes a second to compile about 200,000. Edits
beyond that are compiled one by one."""

_SIMPLE = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Return, ast.Expr)
_HEADS = ("iter", "test")
_LARGE = (ast.BinOp, ast.Call)


@dataclass(frozen=True, eq=False)
class Switched:
    """A function in which each of some edits can be made without compiling it again.

    Attributes
    ----------
    code : CodeType
    off : mapping
        The variables of the code, each with the value at which nothing is changed.
    settings : mapping
        For each edit, the variable and the value that make it.
    writes : mapping
        For each write, the variable that holds the name of the value to be put in after it.
    around : mapping
        For each variable, the variables of all places that contain its place, its own included.
    """

    code: CodeType
    off: Mapping[str, Any]
    settings: Mapping[Edit, Setting]
    writes: Mapping[Write, str]
    around: Mapping[str, Container[str]]

    def are_apart(self, one: str, other: str) -> bool:
        """Whether both variables can be set: neither of their places contains the other."""
        return other not in self.around.get(one, (one,)) and one not in self.around.get(other, ())


@dataclass(eq=False)
class _Unit:
    """A place with its variants: a simple statement, a part of one, or the head of a loop or if."""

    root: ast.AST
    name: str
    variants: list[Any] = field(default_factory=list)


def switched(
    text: Text, edits: Iterable[Edit], writes: Sequence[Write], noted: bool = False
) -> Switched | None:
    """Compile a function with all edits that change one place each; None if that is impossible.

    Parameters
    ----------
    text : Text
    edits : iterable of Edit
        Edits of this text; those that move statements are left out.
    writes : sequence of Write
        Where a value may be put in.
    noted : bool
        Whether the code calls `NOTES` with the values of parts.
    """
    parents, units = _units(text.function)
    settings: dict[Edit, Setting] = {}
    sizes: dict[str, int] = {}
    left = MOST
    for edit in edits:
        found = {id(unit): unit for unit in _touched(edit, parents, units)}
        if len(found) == 1 and None not in found.values():
            (unit,) = found.values()
            assert unit is not None
            if unit.name not in sizes:
                sizes[unit.name] = sum(1 for _ in ast.walk(unit.root))
            left -= sizes[unit.name]
            if left < 0 or not edit.make():
                continue
            path = {id(node) for change in edit.changes for node in _up(change.owner, parents)}
            unit.variants.append(_copy(_now(unit.root, edit), path))
            edit.take_back()
            settings[edit] = unit.name, len(unit.variants)
    local = text.code()
    if local is None:
        return None
    puts: dict[int, list[ast.stmt]] = {}
    names: dict[Write, str] = {}
    for n, write in enumerate(writes):
        if write.name in local.co_varnames:
            names[write] = f"{MARK}write_{n}"
            which = ast.copy_location(ast.Name(names[write], ast.Load()), write.after)
            put = ast.copy_location(ast.If(which, [write.statement(which)], []), write.after)
            puts.setdefault(id(write.after), []).append(put)
    told = {at: unit for at, unit in units.items() if unit.variants}
    around = {
        unit.name: {units[id(n)].name for n in _up(unit.root, parents) if id(n) in units}
        for unit in told.values()
    }
    places = [*(unit.root for unit in told.values()), *(write.after for write in writes)]
    changed = {id(node) for place in places for node in _up(place, parents)} | {id(text.function)}

    def compiled(some: Mapping[int, _Unit]) -> CodeType | None:
        return text.code(_looking(_rebuilt(text.function, changed, some, puts, noted)))

    code = compiled(told)
    if code is None:  # leave out the units that do not compile
        told = {at: unit for at, unit in told.items() if compiled({at: unit})}
        names_told = {unit.name for unit in told.values()}
        settings = {edit: at for edit, at in settings.items() if at[0] in names_told}
        code = compiled(told)
    if code is None:
        return None
    off = {name: 0 for name, _ in settings.values()} | dict.fromkeys([*names.values(), LOOKS])
    return Switched(code, off, settings, names, around)


def _units(function: ast.AST) -> tuple[Mapping[int, ast.AST], Mapping[int, _Unit]]:
    """Return the parent of each node, and the units by the ids of the nodes at their roots."""
    parents: dict[int, ast.AST] = {}
    units: dict[int, _Unit] = {}
    for node in ast.walk(function):
        for child in ast.iter_child_nodes(node):
            parents[id(child)] = node
        roots: list[ast.AST] = [node] if isinstance(node, _SIMPLE) else []
        if isinstance(node, (ast.For, ast.While, ast.If)):
            roots = [getattr(node, name) for name in _HEADS if hasattr(node, name)]
        if isinstance(node, ast.BinOp):
            roots = [one for one in (node.left, node.right) if isinstance(one, _LARGE)]
        if isinstance(node, ast.Call):
            given = [*node.args, *(one.value for one in node.keywords)]
            roots = [one for one in given if isinstance(one, _LARGE)]
        if isinstance(node, ast.IfExp):
            roots = [node.test, node.body, node.orelse]
        for root in roots:
            units[id(root)] = _Unit(root, f"{MARK}switch_{len(units)}")
    return parents, units


def _up(node: ast.AST, parents: Mapping[int, ast.AST]) -> Iterator[ast.AST]:
    """Yield a node and the nodes that contain it, the outermost last."""
    at: ast.AST | None = node
    while at is not None:
        yield at
        at = parents.get(id(at))


def _touched(
    edit: Edit, parents: Mapping[int, ast.AST], units: Mapping[int, _Unit]
) -> Iterator[_Unit | None]:
    """Yield the unit of each change; None for a change outside of all units."""
    for change in edit.changes:
        if id(change.old) in units:
            yield units[id(change.old)]
        else:
            yield next((units[id(n)] for n in _up(change.owner, parents) if id(n) in units), None)


def _now(root: ast.AST, edit: Edit) -> ast.AST:
    """Return the node that stands at a root while an edit is made."""
    return next((change.new for change in edit.changes if change.old is root), root)


def _copy(node: Any, path: set[int]) -> Any:
    """Return a copy of the nodes on a path; all variants share the others."""
    if isinstance(node, list):
        return [_copy(one, path) for one in node]
    if id(node) not in path:
        return node
    fields = {name: _copy(value, path) for name, value in ast.iter_fields(node)}
    copy = type(node)(**fields)
    return put_at(copy, node) if hasattr(node, "lineno") else copy


def _chosen(unit: _Unit, as_it_is: ast.AST) -> Any:
    """Return a node with all variants of a unit, and a binary search for the one to be run."""
    variants, name = [as_it_is, *unit.variants], ast.Name(unit.name, ast.Load())

    def among(first: int, last: int) -> Any:
        if last - first == 1:
            return variants[first]
        middle = 1 if first == 0 else (first + last) // 2  # the original is found at once
        less = ast.Compare(name, [ast.Lt()], [ast.Constant(middle)])
        below, above = among(first, middle), among(middle, last)
        either: ast.AST = ast.IfExp(less, below, above)
        if isinstance(unit.root, ast.stmt):
            either = ast.If(less, [below], [above])
        for new in (less, less.comparators[0], either):
            put_at(new, unit.root)
        return either

    put_at(name, unit.root)
    return among(0, len(variants))


def _rebuilt(
    node: Any,
    changed: Container[int],
    units: Mapping[int, _Unit],
    puts: Mapping[int, list[Any]],
    noted: bool,
) -> Any:
    """Return a copy of a tree that contains all variants, and the statements that put values in."""
    if isinstance(node, list):
        made = []
        for one in node:
            made.append(_rebuilt(one, changed, units, puts, noted))
            made += puts.get(id(one), [])
        return made
    if id(node) not in changed:
        return node
    fields = {
        name: _rebuilt(value, changed, units, puts, noted) for name, value in ast.iter_fields(node)
    }
    copy = ast.copy_location(type(node)(**fields), node)
    if id(node) not in units:
        return copy
    chosen = _chosen(units[id(node)], copy)
    if noted and isinstance(copy, ast.expr):
        notes = ast.copy_location(ast.Name(NOTES, ast.Load()), node)
        name = ast.copy_location(ast.Constant(units[id(node)].name), node)
        return ast.copy_location(ast.Call(notes, [name, chosen], []), node)
    return chosen


def _looking(function: Any) -> Any:
    """Let a function call `LOOKS` with its local variables when it ends."""
    if isinstance(function, ast.FunctionDef):
        look = ast.parse(f"if {LOOKS}: {LOOKS}(locals())").body
        for one in (node for statement in look for node in ast.walk(statement)):
            if "lineno" in one._attributes:
                ast.copy_location(one, function)
        function.body = [ast.copy_location(ast.Try(function.body, [], [], look), function)]
    return function
