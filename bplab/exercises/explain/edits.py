"""Small changes of a function's text: a slice left out, a sign, an order.

Each replaces the text at one place by another. Running the result shows what the change does.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from bplab.exercises.explain.code import Code

__all__ = ["Edit", "Span", "edits", "swaps"]


class Span(NamedTuple):
    """A place in a text: lines counted from 1 and bytes from 0, as in Python's syntax trees."""

    line: int
    begin: int
    last: int
    end: int

    @classmethod
    def of(cls, node: ast.AST) -> "Span":
        """Return the place of a part of a program."""
        at: Any = node
        return cls(at.lineno, at.col_offset, at.end_lineno, at.end_col_offset)


@dataclass(frozen=True)
class Edit:
    """One change.

    Attributes
    ----------
    name : str
        The kind of change: ``"slice"``, ``"sign"``, ``"order"``.
    says : str
        The change in a question's words.
    line : int
        Line of the function.
    span : Span
        The place of the text that is replaced.
    by : str
        The new text.
    """

    name: str
    says: str
    line: int
    span: Span
    by: str


@lru_cache(maxsize=64)
def edits(code: "Code") -> list[Edit]:
    """Return all changes of expressions that are known, in the order of the text."""
    found = []
    for node in ast.walk(code.root):
        for name, part, by in _changes(node, code):
            span = Span.of(part)
            before, by = code.text(span), _bare(code, span, by)
            if "\n" in before or "\n" in by or before == by:
                continue
            line = code.line(part)
            found.append(Edit(name, f"in line {line} `{before}` becomes `{by}`", line, span, by))
    for node in ast.walk(code.root):
        if isinstance(node, ast.AugAssign) and Span.of(node).line == Span.of(node).last:
            found += _of_augmented(node, code)
    return sorted((e for e in found if _as_meant(code, e)), key=lambda e: e.span)


@lru_cache(maxsize=64)
def swaps(code: "Code") -> list[Edit]:
    """Return the swaps of neighbouring lines that can change places."""
    found = []
    for first, second in _neighbours(code.root):
        one, other = Span.of(first), Span.of(second)
        if not (one.line == one.last and other.line == other.last == one.line + 1):
            continue
        if isinstance(second, ast.Return) or _is_text(first):
            continue
        span = Span(one.line, one.begin, other.last, other.end)
        begin = " " * one.begin
        by = f"{code.text(other)}\n{begin}{code.text(one)}"
        line = code.line(first)
        says = f"lines {line} and {line + 1} change places"
        found.append(Edit("order", says, line, span, by))
    return [edit for edit in found if _as_meant(code, edit)]


def _neighbours(root: ast.AST) -> Iterator[tuple[ast.stmt, ast.stmt]]:
    for node in ast.walk(root):
        for body in (getattr(node, "body", None), getattr(node, "orelse", None)):
            if isinstance(body, list):
                yield from pairwise(body)


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _bare(code: "Code", span: Span, by: str) -> str:
    """Return the new text without its outer brackets, if they make no difference there."""
    if by[:1] + by[-1:] != "()":
        return by
    try:
        one, other = (ast.dump(code.with_(span, text).tree) for text in (by, by[1:-1]))
    except SyntaxError:
        return by
    return by[1:-1] if one == other else by


def _as_meant(code: "Code", edit: Edit) -> bool:
    """Whether the changed text is a program with as many statements at its top as before."""
    changed = code.with_(edit.span, edit.by)
    try:
        return len(changed.tree.body) == len(code.tree.body)
    except SyntaxError:
        return False


# --- changes of expressions ---------------------------------------------------------------

Change = tuple[str, ast.AST, str]
"""The kind of change, the part that is replaced, and its new text."""

_REVERSED: dict[type[ast.operator], str] = {ast.Sub: "-", ast.MatMult: "@", ast.Div: "/"}
_LOOSER: dict[type[ast.cmpop], str] = {ast.Gt: ">=", ast.GtE: ">", ast.Lt: "<=", ast.LtE: "<"}


def _changes(node: ast.AST, code: "Code") -> Iterator[Change]:
    def text(part: ast.AST) -> str:
        """A part's text, in brackets where it could otherwise combine with its neighbours."""
        found = code.text(Span.of(part))
        alone = ast.Name | ast.Call | ast.Subscript | ast.Attribute | ast.Constant | ast.List
        return found if isinstance(part, alone) else f"({found})"

    match node:
        case ast.Subscript(value=value, ctx=ast.Load()):
            yield "slice", node, text(value)
        case ast.Attribute(value=value, attr="T", ctx=ast.Load()):
            yield "transposed", node, text(value)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            yield "sign", node, text(operand)
        case ast.BinOp():
            yield from _of_operation(node, text)
        case ast.Call():
            yield from _of_call(node, text, code)
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _LOOSER:
            yield "comparison", node, f"{text(left)} {_LOOSER[type(op)]} {text(right)}"
        case ast.List(elts=[one, other]) | ast.Tuple(elts=[one, other]):
            if isinstance(node.ctx, ast.Load):
                inside = f"{code.text(Span.of(other))}, {code.text(Span.of(one))}"
                whole = code.text(Span.of(node))
                if whole[0] in "([" and not isinstance(one, ast.Slice | ast.Starred):
                    yield "places", node, f"{whole[0]}{inside}{whole[-1]}"


def _of_operation(node: ast.BinOp, text: Callable[[ast.AST], str]) -> Iterator[Change]:
    left, right = text(node.left), text(node.right)
    match node.op:
        case ast.Mult():
            yield "factor", node, right
            yield "factor", node, left
        case ast.Add() | ast.Sub():
            yield "term", node, left
        case ast.Pow():
            yield "power", node, left
    if sign := _REVERSED.get(type(node.op)):
        yield "reversed", node, f"{right} {sign} {left}"


def _of_call(node: ast.Call, text: Callable[[ast.AST], str], code: "Code") -> Iterator[Change]:
    called = code.text(Span.of(node.func))
    match node.func:
        case ast.Attribute(value=ast.Name() as value, attr="derivative" | "jacobian"):
            inside = ", ".join(code.text(Span.of(argument)) for argument in node.args)
            yield "slope", node, f"{text(value)}({inside})"
        case ast.Attribute(attr="sum", value=value) if not node.args and called != "np.sum":
            yield "sum", node, text(value)
        case ast.Name(id="range") if len(node.args) == 1:
            yield "rounds", node, f"range({text(node.args[0])} - 1)"
        case ast.Attribute(value=ast.Name(id="np" | "numpy"), attr="ones"):
            yield "ones", node.func, f"{called.removesuffix('ones')}zeros"
    if len(node.args) == 1 and not isinstance(node.args[0], _NO_NUMBERS) and called not in _NEEDED:
        yield "call", node, text(node.args[0])
    for keyword in node.keywords:
        match keyword:
            case ast.keyword(arg="axis", value=ast.Constant(value=0 | 1 as axis)):
                yield "axis", keyword, f"axis={1 - axis}"
            case ast.keyword(arg="keepdims", value=ast.Constant(value=True)):
                yield "keepdims", keyword, "keepdims=False"


_NO_NUMBERS = ast.Starred | ast.GeneratorExp | ast.Tuple | ast.List
_NEEDED = frozenset({"range", "len", "list", "tuple", "reversed", "print", "enumerate"})
"""Functions that are not left out: a line without them would make too little sense."""


def _of_augmented(node: ast.AugAssign, code: "Code") -> Iterator[Edit]:
    line, span = code.line(node), Span.of(node)
    before = code.text(span)
    target, value = (code.text(Span.of(part)) for part in (node.target, node.value))
    sign = before[len(target) : len(before) - len(value)].strip().partition("=")[0]
    says = f"in line {line} `{sign}=` becomes `=`"
    yield Edit("collected", says, line, span, f"{target} = {value}")
    yield Edit("left-out", f"line {line}, `{before}`, is left out", line, span, "pass")
