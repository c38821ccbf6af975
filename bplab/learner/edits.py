"""Small edits of a function's code: the programs that are one slip of the hand away from it.

An edit is made in the tree itself and taken back, because thousands are tried. Nothing here runs
code or knows an exercise.
"""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import combinations
from types import MappingProxyType
from typing import Any, NamedTuple, TypeGuard

from bplab.learner.texts import line_of, loop_names, put_at

__all__ = ["Edit", "EditKind", "Known", "PutIn", "Write", "edits", "missing", "writes"]


class EditKind(StrEnum):
    """What an edit changes, in words that follow "look at"."""

    NAME = "which name stands here"
    TRANSPOSE = "a transposition"
    PART = "which rows or columns are taken"
    SIGN = "a sign"
    FACTOR = "a number"
    AXIS = "an axis"
    ADDS = "= and +="
    MEAN = "which function is called"
    PRODUCT = "which product it is, * or @"
    OPERATOR = "an operator"
    ORDER = "an order"
    INDEX = "an index"
    SLOPE = "value or derivative"
    RANGE = "where a range begins and ends"
    CALL = "a call"
    TERM = "a term or a factor"
    STATEMENT = "whether the line is needed"
    MISSING = "whether a line is missing behind it"
    PLACE = "whether the line belongs into the loop"
    COMPARES = "a comparison"
    DTYPE = "the type of the numbers"
    LETTERS = "the letters of einsum"
    COPY = "whether it is an array of its own"
    VALUE = "which value it has"


class Known(NamedTuple):
    """What is known of the values of a function's names.

    Attributes
    ----------
    kinds : mapping
        The kind of value of each name; names of one kind may replace each other.
    activations : set of str
        Names of objects with a ``derivative``.
    rows, activation_rows : set of str
        Names of lists of arrays, and of lists of objects with a ``derivative``.
    unknown : set of str
        Names that the function looks up but that have no value.
    shapes : mapping
        Shapes of arrays and numbers by their names; empty if one name may have several shapes.
    indices, masks : set of str
        Names of objects that pick several entries of an array: whole numbers or slices; and masks.
    """

    kinds: Mapping[str, str]
    activations: frozenset[str]
    rows: frozenset[str] = frozenset()
    activation_rows: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()
    shapes: Mapping[str, tuple[int, ...]] = MappingProxyType({})
    indices: frozenset[str] = frozenset()
    masks: frozenset[str] = frozenset()

    def places(self, loops: Sequence[str]) -> list[str]:
        """Return the names that may stand in square brackets: loop variables, indices and masks."""
        may_be = [n for n in loops if self.kinds.get(n, "int") == "int"]
        return list(dict.fromkeys([*may_be, *sorted(self.indices | self.masks)]))


@dataclass(frozen=True, eq=False)
class Change:
    """One field of a node, or one entry of a list in that field, with its old and its new value."""

    owner: ast.AST
    field: str
    index: int | None
    old: Any
    new: Any

    def put(self, value: Any, instead_of: Any) -> bool:
        """Put a value there, if the value to be replaced is there; return whether it was."""
        if self.index is None:
            if getattr(self.owner, self.field) is not instead_of:
                return False
            setattr(self.owner, self.field, value)
            return True
        row = getattr(self.owner, self.field)
        if self.index >= len(row) or row[self.index] is not instead_of:
            return False
        row[self.index] = value
        return True


class PutIn(NamedTuple):
    """A value, called ``which``, that a name is given after a statement in these lines."""

    name: str
    which: str
    first: int
    last: int


@dataclass(frozen=True, eq=False)
class Edit:
    """A place in the code, and what is written there instead.

    Attributes
    ----------
    kind : EditKind
    node : AST
        The node that is changed, as it stands in the code.
    cost : float
        1 if something is left out or replaced; more if something is put in, or if several places
        are changed.
    changes : tuple of Change
    put_in : PutIn or None
        The value that the edit puts in, if it does.
    """

    kind: EditKind
    node: ast.AST
    cost: float
    changes: tuple[Change, ...] = field(repr=False)
    put_in: PutIn | None = None

    @property
    def line(self) -> int:
        """The first line of what is changed."""
        return line_of(self.node)

    def make(self) -> bool:
        """Make the edit; return False, and change nothing, if the place is not as it was."""
        for n, change in enumerate(self.changes):
            if not change.put(change.new, change.old):
                for done in reversed(self.changes[:n]):
                    done.put(done.old, done.new)
                return False
        return True

    def take_back(self) -> None:
        """Undo the edit; the latest of several edits must be undone first."""
        for change in reversed(self.changes):
            change.put(change.old, change.new)


@dataclass(frozen=True, eq=False)
class _Slot:
    owner: ast.AST
    field: str
    index: int | None
    node: ast.AST
    path: tuple["_Slot", ...]  # the slots around it, the outermost first


def _slots(node: ast.AST, path: tuple[_Slot, ...] = ()) -> Iterator[_Slot]:
    for name, value in ast.iter_fields(node):
        row = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
        for index, one in row:
            if isinstance(one, ast.AST) and not isinstance(one, (ast.expr_context, ast.operator)):
                slot = _Slot(node, name, index, one, path)
                yield slot
                yield from _slots(one, (*path, slot))


_LOAD = ast.Load()
MARK = "__bplab_"
"""Prefix of the names that bplab puts into the tree; no edit touches these."""

VALUE = f"{MARK}value"
"""Global name of the callback that returns a right value, given the name of that value."""

COPY = f"{MARK}copy"
"""Global name of the function that copies an array, as floats, or the arrays of a list."""


def edits(function: ast.FunctionDef | ast.Lambda, known: Known) -> Iterator[Edit]:
    """Yield the edits of a function's body, the cheap ones of each place first.

    Where the same expression stands in several places, there are also edits that change all of
    them in the same way. These come last.
    """
    together: dict[tuple[EditKind, str, str], list[Edit]] = {}
    several = _several(function)
    for edit, new in _one_by_one(function, known):
        yield edit
        if new is not None and (text := several.get(id(edit.node))):
            together.setdefault((edit.kind, text, ast.dump(new)), []).append(edit)
    for row in together.values():
        if 1 < len(row) <= MOST_TOGETHER:
            first = min(row, key=lambda edit: edit.line)
            changes = tuple(change for edit in row for change in edit.changes)
            yield Edit(first.kind, first.node, first.cost + 0.5, changes)


MOST_TOGETHER = 6


def _several(function: ast.AST) -> Mapping[int, str]:
    """Return the texts of expressions that stand in several places, by the ids of their nodes."""
    texts = {id(node): ast.dump(node) for node in ast.walk(function) if isinstance(node, ast.expr)}
    counts = Counter(texts.values())
    return {node: text for node, text in texts.items() if counts[text] > 1}


def missing(function: ast.FunctionDef | ast.Lambda, known: Known) -> Iterator[Edit]:
    """Yield the edits that add to a function's body a statement that may have been forgotten."""
    loops, own = loop_names(function), _assigned(function)
    for slot in _slots(function):
        if isinstance(slot.node, ast.stmt) and not _is_outside(slot):
            yield from _missing(slot, known, own, loops)


def _one_by_one(function: ast.AST, known: Known) -> Iterator[tuple[Edit, ast.expr | None]]:
    """Yield edits of one place each, with the new expression, or None for other edits."""
    slots = [slot for slot in _slots(function) if not _is_outside(slot)]
    loops = loop_names(function)
    once = _read_once(function)
    for slot in slots:
        node = slot.node
        if isinstance(node, ast.stmt):
            yield from ((edit, None) for edit in _of_statement(slot))
            yield from ((edit, None) for edit in _of_one_letter(slot))
        elif isinstance(node, ast.keyword):
            yield from ((edit, None) for edit in _of_keyword(slot))
        elif _is_value(node):
            for kind, cost, new in _of_expression(slot, known, loops):
                _all_at(new, node)
                if isinstance(node, ast.Name) and node.id in once and isinstance(new, ast.Name):
                    cost += UNREAD
                yield Edit(kind, node, cost, tuple(_changes(slot, new))), new


def _all_at(new: ast.AST, node: Any) -> None:
    """Give new nodes the place of an old one; nodes that have a place keep it."""
    if hasattr(new, "lineno"):
        return
    if "lineno" in new._attributes:
        put_at(new, node)
    for name in new._fields:
        value = getattr(new, name, None)
        for inner in value if isinstance(value, list) else (value,):
            if isinstance(inner, (ast.expr, ast.keyword, ast.stmt)):
                _all_at(inner, node)


def _is_value(node: ast.AST) -> TypeGuard[ast.expr]:
    """Whether a node is an expression that is read and may stand alone."""
    reads = isinstance(getattr(node, "ctx", _LOAD), ast.Load)
    return isinstance(node, ast.expr) and reads and not isinstance(node, ast.Starred)


UNREAD = 1.0
"""Extra cost where a variable is no longer read: that hides how its value came about."""


def _read_once(function: ast.AST) -> frozenset[str]:
    """Return the variables that are assigned as plain names and read in one place only."""
    names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
    reads = [node.id for node in names if isinstance(node.ctx, ast.Load)]
    assigned = {
        target.id
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return frozenset(name for name in assigned if reads.count(name) == 1)


def _changes(slot: _Slot, new: ast.expr) -> Iterator[Change]:
    """Yield the changes that turn a node into another.

    If both have the same type, only fields change, because other edits may be inside the node.
    """
    node = slot.node
    if type(new) is not type(node) or any(inner is node for inner in ast.walk(new)):
        yield Change(slot.owner, slot.field, slot.index, node, new)
        return
    for name in node._fields:
        old, other = getattr(node, name, None), getattr(new, name, None)
        if name not in ("ctx", "kind") and old is not other:
            yield Change(node, name, None, old, other)


def _is_outside(slot: _Slot) -> bool:
    """Whether a slot is outside of a body: arguments, decorators, types, and what bplab put in."""
    for one in (*slot.path, slot):
        if isinstance(one.node, ast.arguments) or one.field in ("decorator_list", "returns"):
            return True
        if one.field == "annotation":
            return True
        if isinstance(one.node, ast.Expr) and _is_ours(one.node.value):
            return True
    return False


def _is_ours(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "").startswith(MARK)


# --- expressions --------------------------------------------------------------------------

_Made = tuple[EditKind, float, ast.expr]

_OPERATORS: Sequence[tuple[type[ast.operator], type[ast.operator], EditKind]] = (
    (ast.Add, ast.Sub, EditKind.SIGN),
    (ast.Sub, ast.Add, EditKind.SIGN),
    (ast.Mult, ast.MatMult, EditKind.PRODUCT),
    (ast.MatMult, ast.Mult, EditKind.PRODUCT),
    (ast.Mult, ast.Div, EditKind.OPERATOR),
    (ast.Div, ast.Mult, EditKind.OPERATOR),
    (ast.FloorDiv, ast.Div, EditKind.OPERATOR),
    (ast.Add, ast.Mult, EditKind.OPERATOR),
    (ast.Sub, ast.Mult, EditKind.OPERATOR),
    (ast.Mult, ast.Add, EditKind.OPERATOR),
    (ast.Mult, ast.Sub, EditKind.OPERATOR),
    (ast.Pow, ast.Mult, EditKind.OPERATOR),
)

_CHAIN = (ast.Mult, ast.Div, ast.MatMult)

_COMPARISONS: Mapping[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt, ast.GtE),
    ast.LtE: (ast.Lt, ast.GtE, ast.Gt),
    ast.Gt: (ast.GtE, ast.Lt, ast.LtE),
    ast.GtE: (ast.Gt, ast.LtE, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
}

_SIBLINGS: Mapping[str, tuple[str, ...]] = {
    "sum": ("mean",),
    "mean": ("sum",),
    "maximum": ("minimum",),
    "minimum": ("maximum",),
    "max": ("min",),
    "min": ("max",),
    "hstack": ("vstack", "column_stack"),
    "vstack": ("hstack",),
    "column_stack": ("vstack",),
    "empty": ("zeros",),
    "empty_like": ("zeros_like",),
    "zeros": ("ones",),
    "ones": ("zeros",),
    "zeros_like": ("ones_like",),
    "ones_like": ("zeros_like",),
    "dot": ("multiply",),
    "multiply": ("dot",),
    "matmul": ("multiply",),
    "exp": ("expm1", "log"),
    "expm1": ("exp",),
    "log": ("log1p",),
    "tanh": ("sinh", "cosh"),
    "sinh": ("cosh", "tanh"),
    "cosh": ("sinh", "tanh"),
    "argmin": ("argmax",),
    "argmax": ("argmin",),
    "append": ("insert",),
    "ravel": ("sum",),
}

_ONLY_WITH_INDEX = frozenset({"shape", "c_", "r_", "s_", "index_exp", "mgrid", "ogrid"})
"""Attributes that are of no use without an index; numpy would read ``np.c_`` without an end."""

_REDUCES = frozenset({"sum", "mean", "max", "min", "argmax", "argmin", "prod", "cumsum"})
_MAKES = frozenset({"zeros", "ones", "empty", "full", "zeros_like", "ones_like", "empty_like",
                    "full_like", "array", "arange"})  # fmt: skip


def _name(id: str) -> ast.Name:
    return ast.Name(id, _LOAD)


def _number(value: float) -> ast.expr:
    if value < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)


def _of_expression(slot: _Slot, known: Known, loops: Sequence[str]) -> Iterator[_Made]:
    node, owner = slot.node, slot.owner
    assert isinstance(node, ast.expr)
    in_index = _in_index(slot)
    yield from _replaced(slot, known, loops, in_index)
    if in_index or isinstance(owner, (ast.Attribute, ast.keyword, ast.JoinedStr)):
        return
    if isinstance(node, (ast.Constant, ast.Lambda, ast.Tuple, ast.List, ast.Compare)):
        return
    if slot.field == "func" or slot.field == "test" or isinstance(owner, ast.Slice):
        return
    if isinstance(node, ast.Name) and known.kinds.get(node.id, "array") not in _NUMERIC:
        return
    scalar = isinstance(node, ast.Name) and known.kinds.get(node.id) in ("int", "float", "scalar")
    if not scalar:
        yield from _turned(slot)
    yield from _scaled(slot)
    yield from _multiplied(slot, known, loops)
    yield from _as_derivative(slot, known, loops)
    yield from _of_its_own(slot)


_NUMERIC = frozenset({"array", "scalar", "float", "vector", "matrix", "int"})
_ROWS = frozenset({"array", "vector", "matrix", "row"})


def _in_index(slot: _Slot) -> bool:
    brackets = (one for one in (*slot.path[-4:], slot) if one.field == "slice")
    return not all(_puts_together(one.owner) for one in brackets) or any(
        isinstance(one.node, ast.Call) and getattr(one.node.func, "id", "") in ("range", "len")
        for one in slot.path[-4:]
    )


def _replaced(slot: _Slot, known: Known, loops: Sequence[str], in_index: bool) -> Iterator[_Made]:
    """Yield replacements of an expression that are as large as it is, or smaller."""
    node = slot.node
    match node:
        case ast.Name(id=name):
            yield from _other_names(slot, name, known, loops, in_index)
        case ast.Constant(value=bool()):
            yield EditKind.AXIS, 1, ast.Constant(not node.value)
        case ast.Constant(value=int() | float() as value):
            yield from _other_numbers(slot, value, known, loops)
        case ast.Constant(value=str() as letters) if "," in letters or "->" in letters:
            for other in _other_letters(letters):
                yield EditKind.LETTERS, 1, ast.Constant(other)
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            yield EditKind.SIGN, 1, inner
        case ast.UnaryOp(op=ast.Not() | ast.Invert(), operand=inner):
            yield EditKind.OPERATOR, 1, inner
        case ast.BinOp(left=a, op=op, right=b):
            for old, new, kind in _OPERATORS:
                if type(op) is old and not (in_index and kind is EditKind.PRODUCT):
                    cost = 1 if kind is not EditKind.OPERATOR or old is ast.FloorDiv else 1.5
                    yield kind, cost, ast.BinOp(a, new(), b)
            if isinstance(op, ast.Mult) and isinstance(b, ast.Constant) and not in_index:
                yield EditKind.OPERATOR, 1.25, ast.BinOp(a, ast.Pow(), b)
            if isinstance(op, (ast.MatMult, ast.Sub, ast.Div)):
                kind = EditKind.SIGN if isinstance(op, ast.Sub) else EditKind.ORDER
                yield kind, 1, ast.BinOp(b, op, a)
            if isinstance(op, ast.MatMult):
                yield EditKind.ORDER, 1.5, ast.BinOp(_turned_over(b), op, _turned_over(a))
            kind = EditKind.INDEX if in_index else EditKind.TERM
            one_less = 1.0
            if not (
                isinstance(op, (ast.Sub, ast.Div, ast.Pow, ast.FloorDiv)) and kind is EditKind.TERM
            ):
                yield kind, one_less, b
            elif isinstance(op, ast.Sub):
                yield kind, one_less, ast.UnaryOp(ast.USub(), b)
            yield kind, one_less, a
            yield from _brackets(node)
        case ast.Attribute(value=of, attr="T"):
            yield EditKind.TRANSPOSE, 1, of
        case ast.Attribute(value=of, attr="size"):
            yield EditKind.FACTOR, 1, ast.Call(_name("len"), [of], [])
        case ast.Subscript(value=of):
            if not (isinstance(of, ast.Attribute) and of.attr in _ONLY_WITH_INDEX):
                yield EditKind.PART, 1, of
        case ast.Compare(left=a, ops=[op], comparators=[b]):
            for comparison in _COMPARISONS.get(type(op), ()):
                yield EditKind.COMPARES, 1, ast.Compare(a, [comparison()], [b])
        case ast.IfExp(test=test, body=a, orelse=b):
            yield EditKind.ORDER, 1, ast.IfExp(test, b, a)
            yield EditKind.TERM, 1, a
            yield EditKind.TERM, 1, b
        case ast.Tuple(elts=row) | ast.List(elts=row) if not in_index or _puts_together(slot.owner):
            for n in range(len(row) - 1):
                swapped = [*row[:n], row[n + 1], row[n], *row[n + 2 :]]
                yield EditKind.ORDER, 1, type(node)(swapped, _LOAD)
        case ast.Slice(lower=lower, upper=upper, step=step):
            for part in _other_slices(lower, upper, step):
                yield EditKind.PART, 1, part
        case ast.Call():
            yield from _other_calls(node, known, in_index)


def _puts_together(node: ast.AST) -> bool:
    """Whether a node is ``np.c_[…]`` or ``np.r_[…]``."""
    return isinstance(node, ast.Subscript) and getattr(node.value, "attr", "") in ("c_", "r_")


def _other_names(
    slot: _Slot, name: str, known: Known, loops: Sequence[str], in_index: bool
) -> Iterator[_Made]:
    if name in known.kinds:
        kind = known.kinds[name]
        same = [n for n, other in known.kinds.items() if n != name and _alike(other, kind)]
        same = [n for n in same if not _into_itself(slot, n, known)]
        near = [n for n in same if known.kinds[n] == kind]
        compared = 0.5 if isinstance(slot.owner, ast.Compare) else 0.0  # may become always true
        for n in near:
            index = n in loops and in_index
            yield (EditKind.INDEX if index else EditKind.NAME), 1 + compared, _name(n)
        for n in same:
            if n not in near:
                yield EditKind.NAME, 1.25, _name(n)
        if in_index and kind == "int":
            for op in (ast.Add, ast.Sub):
                yield EditKind.INDEX, 1, ast.BinOp(_name(name), op(), ast.Constant(1))
        if name in known.masks:
            yield EditKind.OPERATOR, 1, ast.UnaryOp(ast.Invert(), _name(name))
        method = isinstance(slot.owner, ast.Attribute)
        if kind in _ROWS and name not in known.indices and not (in_index or method):
            for place in known.places(loops):
                part = ast.Subscript(_name(name), _name(place), _LOAD)
                yield EditKind.PART, 1.25, part
    elif name in known.unknown:
        for other, kind in known.kinds.items():
            if kind in _NUMERIC:
                yield EditKind.NAME, 1, _name(other)
    if name in known.activations and slot.field == "func":
        yield EditKind.SLOPE, 1, ast.Attribute(_name(name), "derivative", _LOAD)


def _into_itself(slot: _Slot, name: str, known: Known) -> bool:
    """Whether this name here might append a list to itself: numpy would never finish reading it."""
    if known.kinds[name] != "row":
        return False
    for one in (*slot.path, slot):
        match one.node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=whose), attr=method), args=given):
                if method in ("append", "insert", "extend"):
                    among = {n.id for a in given for n in ast.walk(a) if isinstance(n, ast.Name)}
                    receiver = isinstance(slot.owner, ast.Attribute)
                    if name == whose or name in among or not receiver:
                        return True
    return False


def _alike(one: str, other: str) -> bool:
    return one == other or {one, other} <= _NUMERIC - {"int"}


def _other_numbers(
    slot: _Slot, value: float, known: Known, loops: Sequence[str]
) -> Iterator[_Made]:
    in_index = _in_index(slot)
    power = isinstance(slot.owner, ast.BinOp) and isinstance(slot.owner.op, ast.Pow)
    if isinstance(value, int):
        kind = EditKind.INDEX if in_index else EditKind.FACTOR
        axis = isinstance(slot.owner, ast.keyword) and slot.owner.arg == "axis"
        if axis:
            for other in {0, 1, -1} - {value}:
                yield EditKind.AXIS, 1, _number(other)
            yield EditKind.AXIS, 1, ast.Constant(None)
            return
        others: list[float] = [value + 1, value - 1]
        if not (in_index or power):
            others += [0, 1, 2, -value, 0.5]
        for number in dict.fromkeys(others):
            if number != value:
                yield kind, 1, _number(number)
        if in_index:
            for name in loops:
                yield EditKind.INDEX, 1, _name(name)
    else:
        for number in dict.fromkeys((0.0, 1.0, 2.0, 0.5, -value, 2 * value, value / 2)):
            if number != value and abs(number) < 1e300:
                yield EditKind.FACTOR, 1, _number(number)
    elsewhere = (ast.keyword, ast.Tuple, ast.Slice, ast.Compare)
    if not (in_index or power or isinstance(slot.owner, elsewhere)):
        for name, sort in known.kinds.items():
            if sort in _NUMERIC - {"int"}:
                yield EditKind.NAME, 1.25, _name(name)


def _other_letters(text: str) -> Iterator[str]:
    """Yield other letters for einsum: one replaced, two swapped, one left out, or one added."""
    letters = sorted({c for c in text if c.isalpha()})
    seen = {text}
    for n, c in enumerate(text):
        made = []
        if c.isalpha():
            made += [text[:n] + other + text[n + 1 :] for other in letters]
            made.append(text[:n] + text[n + 1 :])
            if n + 1 < len(text) and text[n + 1].isalpha():
                made.append(text[:n] + text[n + 1] + c + text[n + 2 :])
        for one in made:
            if one not in seen:
                seen.add(one)
                yield one
    head, arrow, tail = text.partition("->")
    if arrow:
        for c in letters:
            if c not in tail:
                for n in range(len(tail) + 1):
                    yield f"{head}->{tail[:n]}{c}{tail[n:]}"


def _other_slices(lower: Any, upper: Any, step: Any) -> Iterator[ast.expr]:
    if lower is None and upper is None and step is None:
        yield ast.Slice(ast.Constant(1), None, None)
        yield ast.Slice(None, _number(-1), None)
        yield ast.Slice(None, None, _number(-1))
        return
    yield ast.Slice(None, None, None)
    if step is not None:
        yield ast.Slice(lower, upper, None)
    if lower is not None:
        yield ast.Slice(None, upper, step)
        yield ast.Slice(None, _number(-1), step)
    if upper is not None:
        yield ast.Slice(lower, None, step)
        yield ast.Slice(ast.Constant(1), None, step)


def _other_calls(node: ast.Call, known: Known, in_index: bool) -> Iterator[_Made]:
    function, given, named = node.func, node.args, node.keywords
    called = getattr(function, "attr", getattr(function, "id", ""))
    if called.startswith(MARK):
        return
    if called == "range":
        yield from _other_ranges(node)
        return
    if len(given) == 1 and _is_no_function(function, known):
        for op in (ast.Mult(), ast.MatMult()):
            yield EditKind.OPERATOR, 1, ast.BinOp(function, op, given[0])
    if isinstance(function, ast.Attribute):
        if called == "derivative":
            yield EditKind.SLOPE, 1, ast.Call(function.value, given, named)
        for other in _SIBLINGS.get(called, ()):
            instead = ast.Attribute(function.value, other, _LOAD)
            yield EditKind.MEAN, 1, ast.Call(instead, given, named)
        method = not (isinstance(function.value, ast.Name) and function.value.id not in known.kinds)
        if method and called not in ("append", "derivative", "jacobian"):
            yield EditKind.CALL, 1, function.value
            if called in ("dot", "matmul") and len(given) == 1:
                instead = ast.Attribute(given[0], called, _LOAD)
                yield EditKind.ORDER, 1, ast.Call(instead, [function.value], named)
                yield EditKind.PRODUCT, 1, ast.BinOp(function.value, ast.Mult(), given[0])
        if called == "reshape" and (method or given):
            yield EditKind.TRANSPOSE, 1, _turned_over(function.value if method else given[0])
    apart = isinstance(given[0], (ast.Tuple, ast.List, ast.Starred)) if given else True
    if not apart and called not in ("len", "append", "int"):
        less = 1.5 if called == "where" and len(given) > 1 else 1.0  # that drops one of two cases
        for one in given if not in_index else given[:1]:
            if not isinstance(one, ast.Starred):
                yield EditKind.CALL, less, one
    if called == "exp" and len(given) == 1:
        yield EditKind.TERM, 1.5, ast.Call(function, [_less_the_largest(given[0])], named)
    for n in range(len(given) - 1):
        swapped = [*given[:n], given[n + 1], given[n], *given[n + 2 :]]
        yield EditKind.ORDER, 1, ast.Call(function, swapped, named)
    if len(given) > 1:
        yield EditKind.AXIS, 1, ast.Call(function, given[:-1], named)
    if called in _REDUCES:
        axes = {one.arg for one in named}
        positional = len(given) > (1 if _of_module(function, known) else 0)
        if "axis" not in axes and not positional:
            for axis in (0, 1, -1):
                more = [*named, ast.keyword("axis", _number(axis))]
                yield EditKind.AXIS, 1.25, ast.Call(function, given, more)
        if "keepdims" not in axes:
            more = [*named, ast.keyword("keepdims", ast.Constant(True))]
            yield EditKind.AXIS, 1.25, ast.Call(function, given, more)
            if "axis" not in axes and not positional:
                both = [*more, ast.keyword("axis", _number(1))]
                yield EditKind.AXIS, 1.5, ast.Call(function, given, both)
    if called in _MAKES and not any(one.arg == "dtype" for one in named):
        more = [*named, ast.keyword("dtype", _name("float"))]
        yield EditKind.DTYPE, 1.25, ast.Call(function, given, more)
    match node:
        case ast.Call(
            func=ast.Attribute(attr="zeros" | "ones" | "empty"),
            args=[ast.Tuple(elts=[_, _] as row)],
        ):
            for n in (0, 1):
                longer = list(row)
                longer[n] = ast.BinOp(row[n], ast.Add(), ast.Constant(1))
                yield EditKind.RANGE, 1.25, ast.Call(function, [ast.Tuple(longer, _LOAD)], named)


def _turned_over(node: ast.expr) -> ast.expr:
    return ast.Attribute(node, "T", _LOAD)


def _is_no_function(node: ast.expr, known: Known) -> bool:
    """Whether brackets behind it make no call, but lack an operator before them."""
    match node:
        case ast.Constant(value=int() | float()) | ast.BinOp() | ast.Attribute(attr="T"):
            return True
        case ast.Name(id=name):
            return known.kinds.get(name) in _NUMERIC
    return False


def _less_the_largest(node: ast.expr) -> ast.expr:
    """Return an exponent minus its largest value, or for a single entry minus that of its row."""
    match node:
        case ast.Subscript(value=of, slice=ast.Tuple(elts=[*row, _])) if row:
            row_of = ast.Subscript(of, row[0] if len(row) == 1 else ast.Tuple(row, _LOAD), _LOAD)
            largest = ast.Call(ast.Attribute(row_of, "max", _LOAD), [], [])
        case _:
            along = [ast.keyword("axis", _number(-1)), ast.keyword("keepdims", ast.Constant(True))]
            largest = ast.Call(ast.Attribute(node, "max", _LOAD), [], along)
    return ast.BinOp(node, ast.Sub(), largest)


def _of_module(function: ast.expr, known: Known) -> bool:
    if isinstance(function, ast.Name):
        return True
    value = getattr(function, "value", None)
    return isinstance(value, ast.Name) and value.id not in known.kinds


def _other_ranges(node: ast.Call) -> Iterator[_Made]:
    function, given = node.func, node.args
    one: ast.expr = ast.Constant(1)

    def made(*row: ast.expr) -> _Made:
        return EditKind.RANGE, 1, ast.Call(function, list(row), [])

    if len(given) == 1:
        yield made(one, given[0])
        yield made(ast.BinOp(given[0], ast.Add(), one))
        yield made(ast.BinOp(given[0], ast.Sub(), one))
        yield made(one, ast.BinOp(given[0], ast.Add(), one))
        back = made(ast.BinOp(given[0], ast.Sub(), one), _number(-1), _number(-1))
        yield back[0], 1.25, back[2]
        back = made(ast.BinOp(given[0], ast.Sub(), ast.Constant(2)), _number(-1), _number(-1))
        yield back[0], 1.5, back[2]
    elif len(given) == 2:
        yield made(given[1])
        yield made(ast.BinOp(given[0], ast.Add(), one), given[1])
        yield made(ast.BinOp(given[0], ast.Sub(), one), given[1])
        yield made(given[0], ast.BinOp(given[1], ast.Add(), one))
        yield made(given[0], ast.BinOp(given[1], ast.Sub(), one))
    elif len(given) == 3:
        for n in (0, 1):
            for op in (ast.Add, ast.Sub):
                row = list(given)
                row[n] = ast.BinOp(row[n], op(), one)
                yield made(*row)


def _brackets(node: ast.BinOp) -> Iterator[_Made]:
    before = (ast.Mult, ast.Div, ast.MatMult, ast.Pow)
    if isinstance(node.op, (ast.Add, ast.Sub)):
        left, right = node.left, node.right
        if isinstance(left, ast.BinOp) and isinstance(left.op, before[:3]):
            inner = ast.BinOp(left.right, node.op, right)
            yield EditKind.OPERATOR, 1, ast.BinOp(left.left, left.op, inner)
        if isinstance(right, ast.BinOp) and isinstance(right.op, before):
            inner = ast.BinOp(left, node.op, right.left)
            yield EditKind.OPERATOR, 1, ast.BinOp(inner, right.op, right.right)
    elif isinstance(node.op, before[:3]):
        left, right = node.left, node.right
        if isinstance(right, ast.BinOp) and isinstance(right.op, (ast.Add, ast.Sub)):
            inner = ast.BinOp(left, node.op, right.left)
            yield EditKind.OPERATOR, 1, ast.BinOp(inner, right.op, right.right)
        if isinstance(left, ast.BinOp) and isinstance(left.op, (ast.Add, ast.Sub)):
            inner = ast.BinOp(left.right, node.op, right)
            yield EditKind.OPERATOR, 1, ast.BinOp(left.left, left.op, inner)


def _turned(slot: _Slot) -> Iterator[_Made]:
    """Yield the transposed expression, and parts of it."""
    node = slot.node
    assert isinstance(node, ast.expr)
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return
    yield EditKind.TRANSPOSE, 1.25, _turned_over(node)
    if isinstance(node, (ast.Name, ast.Subscript, ast.Call, ast.BinOp)) and not (
        isinstance(node, ast.BinOp) and not isinstance(node.op, ast.MatMult)
    ):
        every: ast.expr = ast.Slice(None, None, None)
        rest: ast.expr = ast.Slice(ast.Constant(1), None, None)
        parts: list[ast.expr] = [
            ast.Tuple([every, rest], _LOAD),
            rest,
            ast.Tuple([every, ast.Constant(None)], _LOAD),
            ast.Tuple([every, ast.Constant(0)], _LOAD),
        ]
        for part in parts:
            yield EditKind.PART, 1.25, ast.Subscript(node, part, _LOAD)


def _is_term(slot: _Slot) -> bool:
    """Whether a slot may get a sign of its own; that of a factor is the sign of its product."""
    owner = slot.owner
    if isinstance(owner, ast.BinOp) and isinstance(owner.op, (*_CHAIN, ast.Pow)):
        return False
    return not isinstance(owner, (ast.UnaryOp, ast.Subscript, ast.Compare, ast.comprehension))


def _scaled(slot: _Slot) -> Iterator[_Made]:
    """Yield the expression with another sign, with a factor, squared, or taken from one."""
    node = slot.node
    assert isinstance(node, ast.expr)
    if _is_term(slot):
        if not isinstance(node, ast.UnaryOp):
            yield EditKind.SIGN, 1.5, ast.UnaryOp(ast.USub(), node)
        yield EditKind.FACTOR, 1.75, ast.BinOp(ast.Constant(2), ast.Mult(), node)
        yield EditKind.FACTOR, 1.75, ast.BinOp(node, ast.Div(), ast.Constant(2))
        yield EditKind.FACTOR, 1.75, ast.BinOp(_number(-2), ast.Mult(), node)
    compared = isinstance(slot.owner, ast.Compare)  # it may become always true
    if isinstance(node, (ast.Name, ast.Subscript)):
        if not compared:
            yield EditKind.TERM, 1.75, ast.BinOp(node, ast.Pow(), ast.Constant(2))
        yield EditKind.TERM, 1.75, ast.BinOp(ast.Constant(1), ast.Sub(), node)
    if isinstance(node, (ast.Name, ast.Subscript, ast.Call)):
        for op in (ast.Add, ast.Sub):
            yield EditKind.TERM, 1.75, ast.BinOp(node, op(), ast.Constant(1))
    if isinstance(node, ast.Name) and not compared:
        yield EditKind.CALL, 1.25, ast.Call(_name("abs"), [node], [])


def _multiplied(slot: _Slot, known: Known, loops: Sequence[str]) -> Iterator[_Made]:
    """Yield a term, or a factor of a matrix product, times another value of the function."""
    owner, node = slot.owner, slot.node
    product = isinstance(owner, ast.BinOp) and isinstance(owner.op, (ast.MatMult, ast.Add, ast.Sub))
    if not (product or isinstance(owner, (ast.Assign, ast.AugAssign, ast.Return, ast.Call))):
        return
    assert isinstance(node, ast.expr)
    if isinstance(node, (ast.Tuple, ast.List)) or _calls_a_helper(node, known):
        return  # what a helper leaves out is not repaired where it is called
    arrays = [n for n, kind in known.kinds.items() if kind in _NUMERIC - {"int"}]
    for name in arrays:
        yield EditKind.TERM, 2, ast.BinOp(node, ast.Mult(), _name(name))
    for slope in _slopes(known, loops):
        yield EditKind.TERM, 2, ast.BinOp(node, ast.Mult(), slope)
    if isinstance(owner, ast.Call) and isinstance(node, ast.Name):
        for name in arrays:
            for op in (ast.Add, ast.Sub):
                yield EditKind.TERM, 2, ast.BinOp(node, op(), _name(name))


def _calls_a_helper(node: ast.AST, known: Known) -> bool:
    names = {
        inner.func.id
        for inner in ast.walk(node)
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name)
    }
    return not names <= {*known.kinds, *_BUILT_IN}


_BUILT_IN = frozenset({"sum", "max", "min", "abs", "float", "len", "range", "zip", "enumerate"})


def _as_derivative(slot: _Slot, known: Known, loops: Sequence[str]) -> Iterator[_Made]:
    """Yield the derivatives that a formula may be meant to be."""
    node = slot.node
    formula = isinstance(node, ast.BinOp) and not isinstance(node.op, ast.MatMult)
    if formula or isinstance(node, ast.Call):
        for slope in _slopes(known, loops):
            yield EditKind.SLOPE, 1.75, slope
    match node:
        case ast.BinOp(op=ast.Mult(), left=ast.BinOp(op=ast.Mult(), left=before)):
            for slope in _slopes(known, loops):  # the last two factors of a product
                yield EditKind.SLOPE, 1.75, ast.BinOp(before, ast.Mult(), slope)


def _slopes(known: Known, loops: Sequence[str]) -> Iterator[ast.expr]:
    """Yield the derivative of each activation at each array; for lists, at one index of both."""
    for name, kind in known.kinds.items():
        if kind in _NUMERIC - {"int"}:
            for activation in sorted(known.activations):
                yield _slope(_name(activation), _name(name))
    for activation in sorted(known.activation_rows):
        for name in sorted(known.rows):
            for at in loops:
                if known.kinds.get(at) == "int":
                    of, where = (
                        ast.Subscript(_name(n), _name(at), _LOAD) for n in (activation, name)
                    )
                    yield _slope(of, where)


def _slope(activation: ast.expr, at: ast.expr) -> ast.expr:
    return ast.Call(ast.Attribute(activation, "derivative", _LOAD), [at], [])


def _of_its_own(slot: _Slot) -> Iterator[_Made]:
    """Yield a copy with floats, for an array that has two names or holds whole numbers."""
    owner = slot.path[-1].owner if isinstance(slot.owner, ast.Tuple) and slot.path else slot.owner
    if isinstance(owner, ast.Assign) and not isinstance(slot.node, (ast.Compare, ast.UnaryOp)):
        node = slot.node
        assert isinstance(node, ast.expr)
        if not isinstance(node, ast.BinOp) or isinstance(node.left, ast.List):
            yield EditKind.COPY, 1.25, ast.Call(_name(COPY), [node], [])


# --- statements and keywords --------------------------------------------------------------


def _of_statement(slot: _Slot) -> Iterator[Edit]:
    node, owner, name = slot.node, slot.owner, slot.field
    body = getattr(owner, name)
    if not isinstance(body, list) or slot.index is None or not isinstance(node, ast.stmt):
        return
    at = slot.index

    def changed(kind: EditKind, cost: float, *new: tuple[ast.AST, str, list[ast.stmt]]) -> Edit:
        changes = tuple(
            Change(whose, which, None, getattr(whose, which), row or [_passes(node)])
            for whose, which, row in new
        )
        return Edit(kind, node, cost, changes)

    def instead(kind: EditKind, new: ast.stmt) -> Edit:
        return Edit(kind, node, 1, (Change(owner, name, at, node, put_at(new, node)),))

    after = body[at + 1 :]
    rest = [*body[:at], *after]
    without = (owner, name, rest)
    first = _first(body)
    match node:
        case ast.Assign(targets=[ast.Subscript() | ast.Name() as target], value=value):
            yield instead(EditKind.ADDS, ast.AugAssign(target, ast.Add(), value))
        case ast.AugAssign(target=target, op=op, value=value):
            yield instead(EditKind.ADDS, ast.Assign([target], value))
            other = {ast.Add: ast.Sub, ast.Sub: ast.Add}.get(type(op))
            if other is not None:
                yield instead(EditKind.SIGN, ast.AugAssign(target, other(), value))
    if isinstance(node, (ast.Assign, ast.AugAssign, ast.Expr)) and not _is_text(node):
        yield instead(EditKind.STATEMENT, ast.Pass())
    if isinstance(node, ast.If):
        yield changed(EditKind.STATEMENT, 1.25, (owner, name, [*body[:at], *node.body, *after]))
        if node.orelse:
            swapped = ast.copy_location(ast.If(node.test, node.orelse, node.body), node)
            yield changed(
                EditKind.ORDER, 1.25, (owner, name, [*body[:at], swapped, *body[at + 1 :]])
            )
        else:
            yield changed(EditKind.STATEMENT, 1.25, without)
    behind = next((n for n in range(at + 1, len(body)) if not _is_text(body[n])), at)
    if behind > at and _moves(node) and _moves(body[behind]):
        order = [*body[:at], body[behind], *body[at + 1 : behind], node, *body[behind + 1 :]]
        yield changed(EditKind.ORDER, 1, (owner, name, order))
    if isinstance(owner, (ast.For, ast.While)) and name == "body" and slot.path:
        around = slot.path[-1]
        outer = getattr(around.owner, around.field)
        where = next(i for i, one in enumerate(outer) if one is owner)
        if all(map(_is_text, after)) and len(rest) > first:  # out of the loop, after it
            moved = [*outer[: where + 1], node, *outer[where + 1 :]]
            yield changed(
                EditKind.PLACE, 1, (owner, name, rest), (around.owner, around.field, moved)
            )
        if at == first and len(rest) > first and _moves(node):  # out of it, before it
            moved = [*outer[:where], node, *outer[where:]]
            yield changed(
                EditKind.PLACE, 1, (owner, name, rest), (around.owner, around.field, moved)
            )
    if at and isinstance(body[at - 1], (ast.For, ast.While)) and _moves(node):
        loop = body[at - 1]
        for kept in _innermost_last(loop):  # to the end of the loop before it
            yield changed(
                EditKind.PLACE, 1, (owner, name, rest), (kept, "body", [*kept.body, node])
            )
    for kept in _loops_behind(node, body[at + 1 :]):  # to the start of a loop after it
        start = _first(kept.body)
        inside = [*kept.body[:start], node, *kept.body[start:]]
        yield changed(EditKind.PLACE, 1, without, (kept, "body", inside))


FEW = 7
"""For functions with more arrays and numbers than this, no missing statements are tried."""


def _missing(slot: _Slot, known: Known, own: Sequence[str], loops: Sequence[str]) -> Iterator[Edit]:
    """Yield edits that add a statement after this one, made of the function's names."""
    node = slot.node
    numeric = [name for name, kind in known.kinds.items() if kind in _NUMERIC - {"int"}]
    if slot.index is None or not isinstance(node, (ast.Assign, ast.AugAssign)):
        return
    if len(numeric) > FEW:
        return
    places = known.places(loops)
    loop = slot.owner
    begins = isinstance(loop, (ast.For, ast.While)) and slot.index == _first(loop.body)
    for name in own:
        for other in numeric if name in numeric else ():
            if name != other:
                for new in _statements(name, other, places, known.shapes):
                    yield _with(slot, [node, new], node)
                    if begins:
                        yield _with(slot, [new, node], loop)


def _with(slot: _Slot, body: list[ast.stmt], behind: ast.AST) -> Edit:
    """Return the edit that puts ``body`` in place of a statement; its node is ``behind``."""
    both = ast.If(ast.Constant(True), body, [])
    _all_at(both, slot.node)
    change = Change(slot.owner, slot.field, slot.index, slot.node, both)
    return Edit(EditKind.MISSING, behind, MORE, (change,))


MORE = 2.25
"""Cost of adding a statement: more than of adding to a line, less than of putting in a value."""


def _assigned(function: ast.AST) -> Sequence[str]:
    names = (node for node in ast.walk(function) if isinstance(node, ast.Name))
    return list(dict.fromkeys(one.id for one in names if isinstance(one.ctx, ast.Store)))


def _statements(
    name: str, other: str, places: Sequence[str], shapes: Mapping[str, tuple[int, ...]]
) -> Iterator[ast.stmt]:
    """Yield statements that change one name, or a place in it, by another name."""
    target = ast.Name(name, ast.Store())
    shape, by = shapes.get(name), shapes.get(other)
    if not shape or by is None or _goes_into(by, shape):
        for op in (ast.Add, ast.Sub, ast.Mult):
            yield ast.AugAssign(target, op(), _name(other))
    for one, two in ((other, name), (name, other)):
        left, right = shapes.get(one), shapes.get(two)
        if left is None or right is None or _may_multiply(left, right):
            yield ast.Assign([target], ast.BinOp(_name(one), ast.MatMult(), _name(two)))
    for place in places if shape != () else ():
        entry = ast.Subscript(_name(name), _name(place), ast.Store())
        for op in (ast.Add, ast.Sub, ast.Mult):
            yield ast.AugAssign(entry, op(), _name(other))
        twice = ast.BinOp(ast.Constant(2), ast.Mult(), _name(other))
        yield ast.AugAssign(entry, ast.Sub(), twice)
        yield ast.Assign([entry], _name(other))


def _goes_into(shape: tuple[int, ...], whole: tuple[int, ...]) -> bool:
    """Whether an array of one shape can be added to one of the other in place."""
    pairs = zip(reversed(shape), reversed(whole), strict=False)
    return len(shape) <= len(whole) and all(n in (1, m) for n, m in pairs)


def _may_multiply(left: tuple[int, ...], right: tuple[int, ...]) -> bool:
    """Whether two arrays of these shapes have a matrix product."""
    return bool(left and right) and left[-1] == right[-2 if len(right) > 1 else -1]


def _of_one_letter(slot: _Slot) -> Iterator[Edit]:
    """Yield edits for a loop that uses the variable of a loop around it.

    The inner loop gets a variable of its own, in some of the places that read the name.
    """
    node = slot.node
    if not isinstance(node, ast.For) or not isinstance(node.target, ast.Name):
        return
    target = node.target
    around = [one.node for one in slot.path if isinstance(one.node, ast.For)]
    if target.id not in {loop.target.id for loop in around if isinstance(loop.target, ast.Name)}:
        return
    groups: dict[str, list[ast.Name]] = {}
    for where, name in _indices(node.body, ""):
        if name.id == target.id:
            groups.setdefault(where or f"{len(groups)}", []).append(name)
    if len(groups) > MOST_LETTERS:
        return
    for count in range(1, len(groups) + 1):
        for some in combinations(groups.values(), count):
            names = [target, *(name for group in some for name in group)]
            changes = tuple(Change(one, "id", None, one.id, f"{MARK}index") for one in names)
            yield Edit(EditKind.INDEX, target, 1, changes)


MOST_LETTERS = 10
"""At most ten places, each with the inner loop's variable or the outer one's: 1024 ways."""


def _indices(tree: Any, where: str) -> Iterator[tuple[str, ast.Name]]:
    """Yield the names that are read, each with the array and the axis that it is an index of."""
    if isinstance(tree, list):
        for one in tree:
            yield from _indices(one, where)
    elif isinstance(tree, ast.Name) and isinstance(tree.ctx, ast.Load):
        yield where, tree
    elif isinstance(tree, ast.Subscript):
        yield from _indices(tree.value, where)
        row = tree.slice.elts if isinstance(tree.slice, ast.Tuple) else [tree.slice]
        for n, one in enumerate(row):
            yield from _indices(one, f"{ast.dump(tree.value)} {n}")
    elif isinstance(tree, ast.AST) and not isinstance(tree, ast.expr_context):
        for one in ast.iter_child_nodes(tree):
            yield from _indices(one, where)


def _first(body: Sequence[ast.stmt]) -> int:
    """Return the index of the first statement that bplab has not put in."""
    return int(bool(body) and isinstance(body[0], ast.Expr) and _is_ours(body[0].value))


def _innermost_last(loop: Any) -> Iterator[Any]:
    yield loop
    if isinstance(loop.body[-1], (ast.For, ast.While)):
        yield from _innermost_last(loop.body[-1])


def _loops_behind(node: ast.stmt, behind: Sequence[ast.stmt]) -> Iterator[Any]:
    """Yield the later loops into which a statement may belong.

    These are the loop just after it, with those at its very start; for the initial value of a
    name, all loops that use the name.
    """
    if not _moves(node):
        return
    name = ""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            name = name if isinstance(value, ast.Constant) or _only_makes(value) else ""
    for n, one in enumerate(behind):
        for loop in ast.walk(one):
            if isinstance(loop, (ast.For, ast.While)):
                first = n == 0 and loop in _innermost_first(behind[0])
                if first or name in {x.id for x in ast.walk(loop) if isinstance(x, ast.Name)}:
                    yield loop


def _innermost_first(loop: Any) -> Iterator[Any]:
    if isinstance(loop, (ast.For, ast.While)):
        yield loop
        yield from _innermost_first(loop.body[_first(loop.body)])


def _moves(node: ast.stmt) -> bool:
    return isinstance(node, (ast.Assign, ast.AugAssign, ast.Expr)) and not _is_text(node)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and (
        isinstance(node.value, ast.Constant) or _is_ours(node.value)
    )


def _passes(node: ast.AST) -> ast.stmt:
    return ast.copy_location(ast.Pass(), node)


def _of_keyword(slot: _Slot) -> Iterator[Edit]:
    """Yield the edit that leaves out a keyword argument."""
    call, node = slot.owner, slot.node
    if isinstance(call, ast.Call) and isinstance(node, ast.keyword) and node.arg:
        rest = [one for one in call.keywords if one is not node]
        kind = EditKind.DTYPE if node.arg == "dtype" else EditKind.AXIS
        yield Edit(kind, node.value, 1, (Change(call, "keywords", None, call.keywords, rest),))


# --- right values -------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Write:
    """A statement, perhaps a whole loop, after which a name has a value.

    Attributes
    ----------
    name : str
    node : AST
        What is probably wrong if another value of the name makes all answers right: the last
        statement in it that writes the name; if that only makes an array, the first place that
        reads the name.
    first, last : int
        The statement's lines.
    is_only_made : bool
        Whether the statement makes an array or a list into which nothing is ever put.
    """

    name: str
    node: ast.AST
    first: int
    last: int
    is_only_made: bool
    _body: list[ast.stmt]
    _owner: ast.AST
    _field: str
    _at: int

    def edit(self, which: str, line: int = 0) -> Edit:
        """Return the edit that gives the name the value called ``which``.

        The edit's place is the statement in this line, if there is one.
        """
        inside = (n for n in ast.walk(self.after) if isinstance(n, ast.stmt) and n.lineno == line)
        node = self.node if isinstance(self.node, ast.Name) else next(inside, self.node)
        put = self.statement(ast.Constant(which))
        now = [*self._body[: self._at + 1], put, *self._body[self._at + 1 :]]
        change = Change(self._owner, self._field, None, self._body, now)
        put_in = PutIn(self.name, which, self.first, self.last)
        return Edit(EditKind.VALUE, node, IN_PLACE, (change,), put_in)

    @property
    def after(self) -> ast.stmt:
        """The statement after which the value is put in."""
        return self._body[self._at]

    @property
    def makes(self) -> bool:
        """Whether the statement makes an array or a list without data of a case in it."""
        return isinstance(self.after, ast.Assign) and _only_makes(self.after.value)

    def statement(self, which: ast.expr) -> ast.stmt:
        """Return the statement that gives the name the value called by the expression ``which``."""
        asks = ast.Call(_name(VALUE), [which], [])
        made = ast.Assign([ast.Name(self.name, ast.Store())], asks)
        for inner in ast.walk(made):
            if "lineno" in inner._attributes:
                ast.copy_location(inner, self.after)
        return made


IN_PLACE = 2.5
"""Cost of putting in a value: more than that of any single edit."""


def writes(function: ast.FunctionDef | ast.Lambda) -> Iterator[Write]:
    """Yield the statements outside of loops that write the function's names, in their order."""
    if isinstance(function, ast.FunctionDef):
        found = list(_writes_in(function, "body", function.body))
        names = [one.name for one in found]
        for one in found:
            made = isinstance(one.node, ast.Name) and names.count(one.name) == 1
            yield replace(one, is_only_made=made)


def _writes_in(owner: ast.AST, field: str, whole: list[ast.stmt]) -> Iterator[Write]:
    body: list[ast.stmt] = getattr(owner, field)
    for at, node in enumerate(body):
        if isinstance(node, ast.If):
            yield from _writes_in(node, "body", whole)
            yield from _writes_in(node, "orelse", whole)
            continue
        if _is_text(node) or isinstance(node, (ast.Return, ast.FunctionDef)):
            continue
        for name in _written(node):
            last = _last_write(node, name)
            where: ast.AST | None = last
            if isinstance(last, ast.Assign) and _only_makes(last.value):
                where = _first_read(whole, name, last)
            if where is not None:
                end = node.end_lineno or node.lineno
                yield Write(name, where, node.lineno, end, False, body, owner, field, at)


def _written(node: ast.AST) -> list[str]:
    """Return the names to which a statement gives a value, or whose entries it changes."""
    found: dict[str, None] = {}
    loops = {n.id for f in ast.walk(node) if isinstance(f, (ast.For, ast.comprehension))
             for n in ast.walk(f.target) if isinstance(n, ast.Name)}  # fmt: skip
    for inner in ast.walk(node):
        if isinstance(inner, (ast.Name, ast.Subscript)) and isinstance(inner.ctx, ast.Store):
            base: ast.AST = inner
            while isinstance(base, ast.Subscript):
                base = base.value
            if isinstance(base, ast.Name) and base.id not in loops:
                found[base.id] = None
    return list(found)


def _last_write(node: ast.AST, name: str) -> ast.stmt:
    last = node
    for inner in ast.walk(node):
        simple = isinstance(inner, (ast.Assign, ast.AugAssign, ast.AnnAssign))
        if simple and name in _written(inner):
            last = inner  # ast.walk goes level by level, and through each level in order
    assert isinstance(last, ast.stmt)
    return last


def _only_makes(node: ast.expr) -> bool:
    """Whether an expression makes an array or a list without data of a case in it."""
    if isinstance(node, ast.Call):
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        return called in _MAKES - {"array", "arange"}
    return isinstance(node, ast.List) and not node.elts


def _first_read(whole: Sequence[ast.stmt], name: str, after: ast.stmt) -> ast.Name | None:
    nodes = [inner for one in whole for inner in ast.walk(one)]
    stored = {
        id(one.value)
        for one in nodes
        if isinstance(one, ast.Subscript) and isinstance(one.ctx, ast.Store)
    }
    return min(
        (
            one
            for one in nodes
            if isinstance(one, ast.Name) and one.id == name and isinstance(one.ctx, ast.Load)
            if one.lineno > after.lineno and id(one) not in stored
        ),
        key=lambda one: (one.lineno, one.col_offset),
        default=None,
    )
