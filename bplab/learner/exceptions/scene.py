"""Where an error came up: the learner's frame, the failed expression, and the values in it.

Nothing that could have an effect is evaluated: names are looked up, and shapes are worked out.
"""

import ast
import builtins
import dis
import linecache
import operator
import warnings
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from types import CodeType, FrameType, ModuleType, TracebackType
from typing import Any, NamedTuple

import numpy as np

from bplab.activations import Activation, Softmax
from bplab.learner.exceptions import values
from bplab.learner.exceptions.values import (
    UNKNOWN,
    Like,
    array_like,
    broadcast,
    is_number,
    is_one,
    kind_of,
    multiplied,
    shape_of,
)
from bplab.tree import Layers

__all__ = ["JOINS", "OWN_METHODS", "REDUCTIONS", "Scene", "own_frames"]

REDUCTIONS = frozenset({"sum", "mean", "max", "min", "prod", "std", "var", "any", "all"})
REDUCTIONS |= {"argmax", "argmin", "median", "amax", "amin"}
JOINS = frozenset({"concatenate", "column_stack", "hstack", "vstack", "stack", "c_", "r_"})
_KEEPING = frozenset({"zeros_like", "ones_like", "empty_like", "full_like", "copy", "nan_to_num"})
_KEEPING |= {"clip", "round", "astype", "conj"}
_MAKING = frozenset({"zeros", "ones", "empty"})
_WHOLE = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul}
_WHOLE |= {ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod}
OWN_METHODS = ("derivative", "jacobian", "pull_back")
"""Methods of activations."""

_TURNS = 200
"""How many turns of a comprehension are gone through again, at most."""

_TOLD = ("BINARY_OP", "COMPARE_OP")
_COMPARING = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)


def own_frames(error: BaseException, libraries: tuple[str, ...]) -> list[tuple[FrameType, int]]:
    """Return the learner's frames that an error came through, each with its current instruction."""
    found: list[tuple[FrameType, int]] = []
    step: TracebackType | None = error.__traceback__
    while step is not None:
        file = step.tb_frame.f_code.co_filename
        if not file.startswith(libraries) and not file.endswith(".pyx"):  # compiled, of numpy
            found.append((step.tb_frame, step.tb_lasti))
        step = step.tb_next
    return found


class Scene:
    """The place of an error.

    Parameters
    ----------
    error : BaseException
    libraries : tuple of str
        Prefixes of the names of files whose code is not a learner's.

    Attributes
    ----------
    node : ast.AST or None
        The expression or statement that failed; None where the source is missing, or is not the
        source of the code that ran.
    statement : ast.stmt or None
        The statement around it.
    inside : bool
        Whether the error came up in the learner's own line, not in a function that it calls.
    operation : str
        The interpreter's instruction that failed, e.g. ``"BINARY_OP"``.
    operand : object
        The argument of this instruction, e.g. ``"^"`` or the name of a variable.
    bound : dict
        Assumed values of the variables of a comprehension, which the frame no longer has.
    """

    def __init__(self, error: BaseException, libraries: tuple[str, ...]):
        self.error = error
        self._frames = own_frames(error, libraries)
        self.frame: FrameType | None = None
        self._instruction = 0
        if self._frames:
            self.frame, self._instruction = self._frames[-1]
        last = error.__traceback__
        while last is not None and last.tb_next is not None:
            last = last.tb_next
        self.inside = last is not None and last.tb_frame is self.frame
        self._parents: Mapping[ast.AST, ast.AST] = {}
        self._source = ""
        self.bound: dict[str, Any] = {}
        self.operation, self.operand = self._instruction_done()
        self.node: ast.AST | None = self._find() if self.frame else None

    # --- the expression -------------------------------------------------------------------

    def _instruction_done(self) -> tuple[str, Any]:
        if self.frame is None:
            return "", None
        for step in dis.get_instructions(self.frame.f_code):
            if step.offset == self._instruction:
                words = step.argrepr if step.opname in _TOLD else step.argval
                return step.opname, words
        return "", None

    def _find(self) -> ast.AST | None:
        assert self.frame is not None
        code = self.frame.f_code
        source = "".join(linecache.getlines(code.co_filename, self.frame.f_globals))
        try:
            read = _read(source, code.co_filename)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        # the file may have changed since Python read it
        if not any(_alike(made, code) for made in read.codes):
            return None
        self._source, self._parents = source, read.parents
        line, end_line, column, end_column = list(code.co_positions())[self._instruction // 2]
        if line is None or column is None:
            return None
        span = (line, column, end_line or 0, end_column or 0)
        # a statement that is one expression has the same span: the expression is meant
        if same := read.spans.get(span):
            return next((n for n in same if not isinstance(n, ast.Expr)), same[0])
        # the position of a method call over several lines begins at the method's name
        ending = [at for at in read.spans if at[2:] == span[2:] and at < span]
        return read.spans[max(ending)][0] if ending else None

    @cached_property
    def statement(self) -> ast.stmt | None:
        """The statement around the node; None if there is no node."""
        node = self.node
        while node is not None and not isinstance(node, ast.stmt):
            node = self._parents.get(node)
        return node

    @cached_property
    def definition(self) -> ast.FunctionDef | None:
        """The definition of the function around the node; None if that has no name."""
        node = self.node
        while node is not None and not isinstance(node, ast.FunctionDef):
            node = self._parents.get(node)
        return node

    def written(self, node: ast.AST) -> str:
        """Return an expression as the learner wrote it, on one line."""
        return " ".join((ast.get_source_segment(self._source, node) or "").split())

    def parent(self, node: ast.AST) -> ast.AST | None:
        """Return the node that contains this one."""
        return self._parents.get(node)

    def called(self) -> list[CodeType]:
        """Return the code of the learner's frames, outermost first."""
        return [frame.f_code for frame, _ in self._frames]

    def origin(self, name: str) -> ast.expr | None:
        """Return what a variable was set to, if the function sets it in one place only."""
        found = self.sources(name)
        return found[0] if len(found) == 1 else None

    def sources(self, name: str) -> list[ast.expr | None]:
        """Return all expressions that a variable is set to; None where it is set in another way."""
        if self.definition is None:
            return []
        arguments = {a.arg for a in _arguments(self.definition)}
        found: list[ast.expr | None] = [None] if name in arguments else []
        for node in ast.walk(self.definition):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    if isinstance(target, ast.Name) and target.id == name:
                        found.append(node.value)
                    elif name in _stored(target):
                        found.append(None)
            elif isinstance(node, (ast.AugAssign, ast.For, ast.NamedExpr, ast.AnnAssign)):
                if name in _stored(node.target):
                    found.append(None)
            elif isinstance(node, ast.withitem) and name in _stored(node.optional_vars or node):
                found.append(None)
        return found

    def source(self, node: ast.AST) -> ast.AST:
        """Return what a variable was set to, or the expression itself if it is not a variable."""
        if isinstance(node, ast.Name) and (origin := self.origin(node.id)) is not None:
            return origin
        return node

    def turns(self) -> Iterator[dict[str, Any]]:
        """Yield the variables of a comprehension around the expression, turn by turn.

        Since Python 3.12 a comprehension is part of its function. Once an error has left it, its
        variables are gone, or the names have the values of variables outside. They are UNKNOWN
        where they cannot be found out.
        """
        inner = self._comprehension()
        if inner is None:
            yield {}
            return
        lost = {name for g in inner.generators for name in _stored(g.target)}
        self.bound = dict.fromkeys(lost, UNKNOWN)
        if len(inner.generators) == 1:
            for entry in _entries(self, inner.generators[0].iter):
                if (found := _matched(inner.generators[0].target, entry)) is not None:
                    yield found
        yield dict.fromkeys(lost, UNKNOWN)

    def _comprehension(self) -> ast.ListComp | ast.SetComp | ast.DictComp | None:
        """Return the comprehension around the expression, if it has no frame of its own."""
        node = self.node
        if self.frame is None or self.frame.f_code.co_name in (
            "<listcomp>",
            "<setcomp>",
            "<dictcomp>",
        ):
            return None
        while node is not None and not isinstance(node, (ast.FunctionDef, ast.Lambda)):
            if isinstance(node, ast.GeneratorExp):
                return None
            if isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp)):
                return node
            node = self._parents.get(node)
        return None

    # --- values ---------------------------------------------------------------------------

    @property
    def names(self) -> Iterator[Mapping[str, Any]]:
        """The frame's variables, then its module's, then Python's own."""
        if self.frame is not None:
            yield self.frame.f_locals
            yield self.frame.f_globals
        yield vars(builtins)

    def named(self, name: str) -> Any:
        """Return the value of a name, or UNKNOWN."""
        if name in self.bound:
            return self.bound[name]
        found = next((names[name] for names in self.names if name in names), UNKNOWN)
        return list(found) if type(found) is Layers else found

    def value(self, node: ast.AST | None) -> Any:
        """Return the value of an expression, a `Like` if only its shape is known, or UNKNOWN."""
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Name(id=name):
                return self.named(name)
            case ast.Attribute():
                return self._attribute(node)
            case ast.Subscript():
                return self._element(node)
            case ast.BinOp():
                return self._operation(node)
            case ast.UnaryOp():
                return self._unary(node)
            case ast.Compare(left=left, ops=[op], comparators=[right]) if isinstance(
                op, _COMPARING
            ):
                shapes = shape_of(self.value(left)), shape_of(self.value(right))
                return self._entrywise(shapes, "b")
            case ast.Tuple(elts=entries) | ast.List(elts=entries):
                found = [self.value(entry) for entry in entries]
                if any(isinstance(entry, ast.Starred) for entry in entries):
                    return UNKNOWN
                return found if isinstance(node, ast.List) else tuple(found)
            case ast.Call():
                return self._call(node)
        return UNKNOWN

    def _attribute(self, node: ast.Attribute) -> Any:
        owner = self.value(node.value)
        if type(owner) is ModuleType:
            return vars(owner).get(node.attr, UNKNOWN)
        if array_like(owner) or isinstance(owner, np.generic):
            shape = shape_of(owner) or ()
            known: dict[str, Any] = {
                "T": Like(shape[::-1], kind_of(owner)),
                "shape": shape,
                "ndim": len(shape),
                "size": values.size(shape),
            }
            return known.get(node.attr, UNKNOWN)
        return UNKNOWN

    def index(self, node: ast.expr) -> Any:
        """Return the value of an index that an array may be given, or UNKNOWN."""
        if isinstance(node, ast.Tuple):
            parts = [self.index(part) for part in node.elts]
            return UNKNOWN if any(part is UNKNOWN for part in parts) else tuple(parts)
        if isinstance(node, ast.Slice):
            ends = [e if e is None else self.value(e) for e in (node.lower, node.upper, node.step)]
            return slice(*ends) if all(e is None or _is_whole(e) for e in ends) else UNKNOWN
        value = self.value(node)
        if value is None or value is Ellipsis or is_number(value):
            return value
        if type(value) is list and value and all(map(_is_whole, value)):
            return np.asarray(value)
        if type(value) is np.ndarray and value.dtype.kind in "biu":
            return value
        if type(value) is Like and value.kind == "b":
            return UNKNOWN  # it is not known how many entries are true
        return UNKNOWN

    def _element(self, node: ast.Subscript) -> Any:
        owner, index = self.value(node.value), self.index(node.slice)
        if index is UNKNOWN:
            return UNKNOWN
        try:
            if type(owner) in (list, tuple):
                return owner[index] if _is_whole(index) or type(index) is slice else UNKNOWN
            if type(owner) is dict:
                return owner.get(index, UNKNOWN) if type(index) in (int, str) else UNKNOWN
            if type(owner) is np.ndarray and owner.dtype.kind in "fiubc":
                return owner[index]
            if type(owner) is Like:
                return Like(np.broadcast_to(np.float64(0), owner.shape)[index].shape, owner.kind)
        except (IndexError, TypeError, ValueError):
            return UNKNOWN
        return UNKNOWN

    def _operation(self, node: ast.BinOp) -> Any:
        left, right = self.value(node.left), self.value(node.right)
        if left is UNKNOWN or right is UNKNOWN:
            return UNKNOWN
        if type(left) is int and type(right) is int and type(node.op) in _WHOLE:
            if max(abs(left), abs(right)) < 10**9 and (right or isinstance(node.op, ast.Add)):
                return _WHOLE[type(node.op)](left, right)
            return UNKNOWN
        joins = isinstance(node.op, ast.Add) and type(left) in (list, tuple)
        if joins and type(right) is type(left):
            return left + right
        if not (array_like(left) or array_like(right)):
            if not (is_number(left) and is_number(right)):
                return UNKNOWN
            floats = isinstance(node.op, ast.Div) or "f" in kind_of(left) + kind_of(right)
            return Like((), "f" if floats else "")
        shapes = shape_of(left), shape_of(right)
        if shapes[0] is None or shapes[1] is None:
            return UNKNOWN
        if isinstance(node.op, ast.MatMult):
            shape = multiplied(shapes[0], shapes[1])
            return UNKNOWN if shape is None else Like(shape)
        return self._entrywise(shapes, "f" if "f" in kind_of(left) + kind_of(right) else "")

    def _entrywise(self, shapes: tuple[tuple[int, ...] | None, ...], kind: str) -> Any:
        known = [shape for shape in shapes if shape is not None]
        shape = broadcast(*known) if len(known) == len(shapes) else None
        return UNKNOWN if shape is None else Like(shape, kind)

    def _unary(self, node: ast.UnaryOp) -> Any:
        value = self.value(node.operand)
        if isinstance(node.op, ast.USub) and type(value) is int:
            return -value
        if isinstance(node.op, ast.Not) or not (array_like(value) or is_number(value)):
            return UNKNOWN
        return Like(shape_of(value) or (), kind_of(value))

    # --- calls with a result of known shape -----------------------------------------------

    def _call(self, node: ast.Call) -> Any:
        if any(isinstance(a, ast.Starred) for a in node.args) or any(
            k.arg is None for k in node.keywords
        ):
            return UNKNOWN
        given = [self.value(argument) for argument in node.args]
        more = {str(k.arg): self.value(k.value) for k in node.keywords}
        if (method := self.method(node.func)) is not None:
            name, owner = method
            return self._shaped(name, [owner, *given], more)
        function = self.value(node.func)
        if issubclass(type(function), (Activation, Softmax)):
            return self._kept(given)
        if function is len and len(given) == 1:
            shape = shape_of(given[0]) if array_like(given[0]) else None
            if shape:
                return shape[0]
            return len(given[0]) if type(given[0]) in (list, tuple, dict) else UNKNOWN
        if is_one(function, int, float) and len(given) == 1:
            return Like((), "i" if function is int else "f")
        if type(function) is np.ufunc and not more:
            return self._ufunc(function, given)
        if function is np.linalg.norm and len(given) == 1:
            return self._shaped("sum", given, more)
        name = self.numpys(node.func)
        return self._shaped(name, given, more) if name else UNKNOWN

    def method(self, node: ast.AST) -> tuple[str, Any] | None:
        """Return name and owner of a method of an array or an activation, such as ``delta.sum``."""
        if isinstance(node, ast.Attribute):
            owner = self.value(node.value)
            if array_like(owner) and callable(getattr(np.ndarray, node.attr, None)):
                return node.attr, owner
            if issubclass(type(owner), (Activation, Softmax)) and node.attr in OWN_METHODS:
                return (node.attr, owner) if hasattr(type(owner), node.attr) else None
        return None

    def numpys(self, node: ast.AST) -> str:
        """Return the name of a function in numpy's main module, or an empty string.

        It is numpy's name, even where the learner has given the function another.
        """
        function = self.value(node)
        written = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
        for name in (written, getattr(function, "__name__", "")):
            own = vars(np).get(name, UNKNOWN)
            if own is function and function is not UNKNOWN and callable(own):
                return name
        return ""

    def _kept(self, given: list[Any]) -> Any:
        shape = shape_of(given[0]) if given else None
        return UNKNOWN if shape is None else Like(shape, "f")

    def _ufunc(self, function: np.ufunc, given: list[Any]) -> Any:
        shapes = [shape_of(value) for value in given]
        if len(given) != function.nin or function.nout != 1 or None in shapes:
            return UNKNOWN
        known = [shape for shape in shapes if shape is not None]
        if function is np.matmul:
            shape = multiplied(*known)
            return UNKNOWN if shape is None else Like(shape)
        if function.signature is not None:
            return UNKNOWN
        return self._entrywise(tuple(known), "")

    def _shaped(self, name: str, given: list[Any], more: dict[str, Any]) -> Any:
        """Return the shape of the result of numpy's function or method, where it is certain."""
        if not given:
            return UNKNOWN
        first, *rest = given
        shape = shape_of(first)
        if name == "derivative":
            return self._kept(rest)
        if name == "jacobian":
            shape = shape_of(rest[0]) if rest else None
            return Like((*shape, shape[-1]), "f") if shape else UNKNOWN
        if name == "einsum":
            return self._einsum(given) if not more else UNKNOWN
        if name in _MAKING and not set(more) - {"dtype"} and len(given) == 1:
            sizes = (first,) if _is_whole(first) else first
            if type(sizes) is tuple and all(_is_whole(n) and 0 <= n < 10**6 for n in sizes):
                return Like(tuple(int(n) for n in sizes), "" if more else "f")
            return UNKNOWN
        if name in JOINS:
            return self._joined(name, first) if not more and not rest else UNKNOWN
        if shape is None:
            return UNKNOWN
        if name in REDUCTIONS:
            return _reduced(shape, rest, more)
        if name in _KEEPING:
            return Like(shape)
        if name in ("array", "asarray") and not more and array_like(first):
            return Like(shape, kind_of(first))
        if name == "transpose" and not rest and not more:
            return Like(shape[::-1], kind_of(first))
        if name == "cumsum" and (rest or more):
            return Like(shape)
        if name in ("ravel", "flatten", "cumsum"):
            return Like((values.size(shape),), kind_of(first))
        if (
            name in ("dot", "matmul")
            and len(rest) == 1
            and (other := shape_of(rest[0])) is not None
        ):
            both = multiplied(shape, other, dot=True)
            return UNKNOWN if both is None else Like(both)
        if name == "outer" and len(rest) == 1 and (other := shape_of(rest[0])) is not None:
            return Like((values.size(shape), values.size(other)))
        if name == "diag" and not rest and not more and 0 < len(shape) < 3:
            return Like((min(shape),) if len(shape) == 2 else (*shape, *shape))
        if name in ("insert", "append"):
            return _added(name, shape, rest, more)
        if name == "reshape" and not more:
            return _reshaped(shape, rest)
        if name == "where" and len(rest) == 2:
            return self._entrywise((shape, *map(shape_of, rest)), "")
        return UNKNOWN

    def _einsum(self, given: list[Any]) -> Any:
        letters, *shapes = given[0], *map(shape_of, given[1:])
        known = [shape for shape in shapes if shape is not None]
        if type(letters) is not str or len(known) < len(shapes):
            return UNKNOWN
        shape = values.summed_as(letters, known)
        return UNKNOWN if shape is None else Like(shape)

    def _joined(self, name: str, pieces: Any) -> Any:
        if type(pieces) not in (list, tuple) or not pieces:
            return UNKNOWN
        shapes = [shape_of(piece) for piece in pieces]
        known = [shape for shape in shapes if shape is not None]
        if len(known) < len(shapes):
            return UNKNOWN
        shape = values.joined_as(name, known)
        return UNKNOWN if shape is None else Like(shape)


def _reduced(shape: tuple[int, ...], rest: list[Any], more: dict[str, Any]) -> Any:
    if set(more) - {"axis", "keepdims"} or len(rest) > 1:
        return UNKNOWN
    axis = rest[0] if rest else more.get("axis")
    keep = more.get("keepdims", False)
    if type(keep) is not bool:
        return UNKNOWN
    if axis is None:
        return Like((1,) * len(shape) if keep else ())
    axes = axis if type(axis) is tuple else (axis,)
    if not all(_is_whole(a) and -len(shape) <= a < len(shape) for a in axes):
        return UNKNOWN
    gone = {a % len(shape) for a in axes}
    if keep:
        return Like(tuple(1 if i in gone else n for i, n in enumerate(shape)))
    return Like(tuple(n for i, n in enumerate(shape) if i not in gone))


def _added(name: str, shape: tuple[int, ...], rest: list[Any], more: dict[str, Any]) -> Any:
    """Return the shape from np.insert of one number into an array, or np.append of two arrays."""
    count = 2 if name == "insert" else 1
    if len(rest) not in (count, count + 1) or set(more) - {"axis"}:
        return UNKNOWN
    axis = rest[count] if len(rest) > count else more.get("axis")
    added = shape_of(rest[count - 1])
    if added is None or (name == "insert" and not (_is_whole(rest[0]) and added == ())):
        return UNKNOWN
    if axis is None:
        return Like((values.size(shape) + values.size(added),))
    if name == "append":
        whole = values.joined_as("concatenate", [shape, added], axis) if _is_whole(axis) else None
        return UNKNOWN if whole is None else Like(whole)
    if not _is_whole(axis) or not -len(shape) <= axis < len(shape):
        return UNKNOWN
    axis %= len(shape)
    return Like((*shape[:axis], shape[axis] + 1, *shape[axis + 1 :]))


def _reshaped(shape: tuple[int, ...], rest: list[Any]) -> Any:
    sizes = rest[0] if len(rest) == 1 and type(rest[0]) is tuple else tuple(rest)
    if not sizes or not all(_is_whole(n) for n in sizes):
        return UNKNOWN
    try:
        return Like(np.broadcast_to(np.int8(0), shape).reshape(sizes).shape)
    except ValueError:
        return UNKNOWN


def _entries(scene: Scene, node: ast.expr) -> list[Any]:
    """Return the entries that a comprehension goes through, if they are known."""
    match node:
        case ast.Call(func=func, args=[*several], keywords=[]) if scene.value(func) is zip:
            each = [_entries(scene, one) for one in several]
            return list(zip(*each, strict=False))
        case ast.Call(func=func, args=[one], keywords=[]) if scene.value(func) is enumerate:
            return list(enumerate(_entries(scene, one)))
        case ast.Call(func=func, args=[*ends], keywords=[]) if scene.value(func) is range:
            known = [scene.value(end) for end in ends]
            whole = 0 < len(known) < 3 and all(_is_whole(end) for end in known)
            return list(range(*known)[:_TURNS]) if whole else []
    value = scene.value(node)
    if type(value) in (list, tuple):
        return list(value[:_TURNS])
    return list(value[:_TURNS]) if type(value) is np.ndarray and value.ndim else []


def _matched(target: ast.expr, entry: Any) -> dict[str, Any] | None:
    """Return which value each variable gets from an entry; None if that is not plain to see."""
    match target:
        case ast.Name(id=name):
            return {name: entry}
        case ast.Tuple(elts=targets) if type(entry) is tuple and len(entry) == len(targets):
            found: dict[str, Any] = {}
            for inner, value in zip(targets, entry, strict=True):
                if (more := _matched(inner, value)) is None:
                    return None
                found |= more
            return found
    return None


def _is_whole(value: Any) -> bool:
    return type(value) is int or isinstance(value, np.integer)


_Span = tuple[int, int, int, int]


def _span(node: ast.expr | ast.stmt) -> _Span:
    return node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0


def _stored(target: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(target) if isinstance(n, ast.Name)}


def _arguments(definition: ast.FunctionDef) -> list[ast.arg]:
    a = definition.args
    extra = [arg for arg in (a.vararg, a.kwarg) if arg is not None]
    return [*a.posonlyargs, *a.args, *a.kwonlyargs, *extra]


class _Read(NamedTuple):
    """A cell or file that has been parsed and compiled."""

    parents: Mapping[ast.AST, ast.AST]
    spans: Mapping[_Span, Sequence[ast.AST]]  # the expressions and statements with each span
    codes: Sequence[CodeType]


@lru_cache(maxsize=16)  # a function that fails mostly does so in several cases
def _read(source: str, name: str) -> _Read:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the cell has shown them already
        tree = ast.parse(source)
        codes = [compile(tree, name, "exec", dont_inherit=True)]
    for made in codes:
        codes += [inner for inner in made.co_consts if isinstance(inner, CodeType)]
    nodes = ast.walk(tree)
    parents = {child: node for node in nodes for child in ast.iter_child_nodes(node)}
    spans: dict[_Span, list[ast.AST]] = {}
    for node in parents:
        if isinstance(node, (ast.expr, ast.stmt)):
            spans.setdefault(_span(node), []).append(node)
    return _Read(parents, spans, codes)


def _alike(made: CodeType, code: CodeType) -> bool:
    return (
        made.co_firstlineno == code.co_firstlineno
        and made.co_code == code.co_code
        and (made.co_names, made.co_varnames) == (code.co_names, code.co_varnames)
        and list(made.co_positions()) == list(code.co_positions())
    )
