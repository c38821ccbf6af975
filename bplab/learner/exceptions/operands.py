"""What can be wrong with a single value in an expression: it is None, text, or a function."""

import ast
import dis
from collections.abc import Iterable
from types import CodeType, FunctionType
from typing import Any

import numpy as np

from bplab.errors import listed
from bplab.learner.causes import Cause, Told
from bplab.learner.exceptions.scene import Scene
from bplab.learner.exceptions.values import (
    UNKNOWN,
    array_like,
    describe,
    is_function,
    is_number,
)

__all__ = ["is_written_out", "loses_fractions", "none", "odd_one", "text_of", "what_is_there"]

_IN_PLACE = frozenset(
    {"append", "extend", "insert", "sort", "reverse", "fill", "shuffle", "update"}
)
_IN_PLACE |= {"clear", "remove", "fill_diagonal", "copyto", "put", "print", "setflags", "resize"}
_OF_LISTS = frozenset({"append", "extend", "insert", "sort", "reverse"})
LONG = 60


def text_of(node: ast.AST) -> str:
    """Return the text of an expression, shortened if it is long."""
    text = ast.unparse(node)
    return text if len(text) <= LONG else f"{text[: LONG - 1]}…"


def what_is_there(scene: Scene, *nodes: ast.AST) -> str:
    """Say what each of these expressions is: ``"delta is (5, 4) and Z is (5, 11)"``.

    For an expression that cannot be worked out, say what the names in it are.
    """
    words: dict[str, str] = {}
    inside: dict[str, str] = {}
    for node in nodes:
        value = scene.value(node)
        if is_written_out(node):
            continue
        if value is not UNKNOWN:
            words[text_of(node)] = describe(value)
            continue
        # among other expressions, the bare names might be taken for operands themselves
        within = f"in {text_of(node)}, " if isinstance(node, ast.Call) and len(nodes) > 1 else ""
        for name in _names(node):
            value = scene.named(name)
            if value is not UNKNOWN and _tells(value):
                words.setdefault(name, describe(value))
                inside.setdefault(name, within)
                within = ""
    some = list(words.items())[:6]
    return listed(f"{inside.get(name, '')}{name} is {what}" for name, what in some) if some else ""


def is_written_out(node: ast.AST) -> bool:
    """Whether an expression is a constant, perhaps with a sign."""
    return isinstance(node.operand if isinstance(node, ast.UnaryOp) else node, ast.Constant)


def _names(node: ast.AST) -> Iterable[str]:
    """Return the names in an expression, except for those to which it gives values itself."""
    inside = list(ast.walk(node))
    own = {n.id for n in inside if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    own |= {n.arg for n in inside if isinstance(n, ast.arg)}
    found = [n for n in inside if isinstance(n, ast.Name) and n.id not in own]
    found.sort(key=lambda n: (n.lineno, n.col_offset))
    return dict.fromkeys(n.id for n in found)


def _tells(value: Any) -> bool:
    """Whether a value is worth a description; modules and functions are not."""
    plain = value is None or type(value) in (list, tuple, str, dict)
    return plain or array_like(value) or is_number(value)


def odd_one(scene: Scene, *nodes: ast.AST) -> Told | None:
    """Return what is wrong with the first of these that is not fit for arithmetic, or None."""
    for node in nodes:
        value = scene.value(node)
        if value is None or (value is UNKNOWN and _gives_none(scene, node)):
            return none(scene, node)
    for node in nodes:
        value = scene.value(node)
        name = text_of(node)
        if type(value) is str:
            return Told(Cause.TEXT, f"{name} is text" + _others(scene, nodes, node))
        if scene.method(node) is not None:
            said = f"{name} is the method itself; its result would be {name}(…)"
            return Told(Cause.METHOD, said + _others(scene, nodes, node))
        if value is not UNKNOWN and is_function(value):
            said = f"{name} is {describe(value)}"
            return Told(Cause.FUNCTION, said + _others(scene, nodes, node))
    return None


def _others(scene: Scene, nodes: Iterable[ast.AST], but: ast.AST) -> str:
    there = what_is_there(scene, *(node for node in nodes if node is not but))
    return f", and {there}" if there else ""


# --- None ---------------------------------------------------------------------------------


def none(scene: Scene, node: ast.AST) -> Told:
    """Say that something is None, and where that comes from."""
    source = _source_of_none(scene, node)
    is_none = "" if isinstance(node, ast.Constant) else f"{text_of(node)} is None"
    if isinstance(source, ast.Call):
        called = text_of(source.func)
        own = scene.value(source.func)
        if _in_place(scene, source, node.id if isinstance(node, ast.Name) else ""):
            cause = Cause.NONE if own is print else Cause.IN_PLACE  # print changes no object
            return Told(cause, f"{is_none}: that is what {called}(…) returns")
        if type(own) is FunctionType and _never_returns(own.__code__):
            return Told(Cause.NO_RETURN, f"{is_none}: {called} has no return with a value")
        if source is not node:
            return Told(Cause.NONE, f"{is_none}: it is what {text_of(source)} gave")
    return Told(Cause.NONE, is_none)


def _source_of_none(scene: Scene, node: ast.AST) -> ast.AST:
    """Return the only expression that can have made a variable None; else its source or itself."""
    if not isinstance(node, ast.Name):
        return node
    found = [s for s in scene.sources(node.id) if s is None or _gives_none(scene, s, node.id)]
    return found[0] if len(found) == 1 and found[0] is not None else scene.source(node)


def _gives_none(scene: Scene, node: ast.AST, into: str = "") -> bool:
    """Whether an expression is a call that can only return None; ``into`` names its variable."""
    if not isinstance(node, ast.Call):
        return False
    own = scene.value(node.func)
    never = type(own) is FunctionType and _never_returns(own.__code__)
    return never or _in_place(scene, node, into)


def _in_place(scene: Scene, call: ast.Call, into: str = "") -> bool:
    function = call.func
    match function:
        case ast.Attribute(value=ast.Name(id=name), attr=attr) if name == into:
            return attr in _OF_LISTS | {"fill"}  # s = s.append(…): s was a list before
    if isinstance(function, ast.Name):
        return function.id == "print" and scene.value(function) is print
    if not isinstance(function, ast.Attribute) or function.attr not in _IN_PLACE:
        return False
    owner = scene.value(function.value)
    if scene.numpys(function):
        return function.attr in ("fill_diagonal", "copyto", "put")
    if array_like(owner):
        return function.attr in ("sort", "fill", "resize", "setflags", "put")
    shuffles = function.attr == "shuffle" and isinstance(owner, np.random.Generator)
    return shuffles or (type(owner) in (list, dict, set) and function.attr != "print")


def _never_returns(code: CodeType) -> bool:
    """Whether a function returns None in every case."""
    if code.co_flags & (0x20 | 0x80 | 0x200):  # generators and coroutines give something else
        return False
    before: Any = UNKNOWN
    for step in dis.get_instructions(code):
        if step.opname == "RETURN_VALUE" and before is not None:
            return False
        if step.opname == "RETURN_CONST" and step.argval is not None:
            return False
        before = step.argval if step.opname == "LOAD_CONST" else UNKNOWN
    return True


def loses_fractions(error: BaseException) -> bool:
    """Whether numpy refuses to put floats into an array of whole numbers."""
    made_of, into = getattr(error, "from_", None), getattr(error, "to", None)
    both = isinstance(made_of, np.dtype) and isinstance(into, np.dtype)
    return both and made_of.kind == "f" and into.kind in "iub"  # type: ignore[union-attr]
