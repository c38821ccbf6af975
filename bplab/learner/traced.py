"""Run a learner's function and keep the value of every assignment and sub-expression.

Its text is read, and calls that take notes are put around each expression and after each
assignment. The result is called as a check calls the function. The same is done to every function
of the notebook that it calls. The function does what it did before, in the same order, and errors
come up in the same places. Nothing here knows an exercise or an answer.
"""

import ast
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from enum import StrEnum
from time import process_time
from types import CodeType, FrameType, FunctionType, MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from bplab.learner.call import Answer, Form, TimeIsUp, call
from bplab.learner.rebuilt import Rebuilding, is_own
from bplab.learner.rows import leaves, size_of
from bplab.learner.texts import Text, copy_of

__all__ = ["Kind", "Place", "Round", "Step", "Trace", "traced"]

STEPS = 20_000
"""How many values are kept; later ones are not."""

BYTES = 20_000_000
"""How much memory the values may take together."""

ITEMS = 100_000
"""A list with more numbers than this is not kept."""

SECONDS = 1.0
"""Processor time for one call."""


class Kind(StrEnum):
    """What kind of thing a kept value belongs to."""

    GIVEN = "an argument of a helper, or a variable of a loop"
    PART = "a part of a line"
    ASSIGNED = "a name"
    ENTRY = "an entry that is stored"
    FILLED = "an array that is changed in place, perhaps not for the last time"
    RETURNED = "what is returned"


class Round(NamedTuple):
    """A round of a loop: the name of its variable, the value of that, and the turn, from 0.

    Where no variable is a whole number, as in a while loop, ``name`` is empty and ``number`` is
    the turn. ``variables`` are all variables with whole numbers as values.
    """

    name: str
    number: int
    turn: int
    variables: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Place:
    """A place in the text of a function, in the lines and columns of its cell.

    Attributes
    ----------
    function : str
    kind : Kind
    line, last : int
        First and last line, counted from 1.
    begin, end : int
        Where it begins in the first and ends in the last line, in letters, counted from 0.
    text : str
        The text as it stands there.
    name : str
        The name that gets a value, or that of the array in which an entry is stored.
    names : tuple of str
        Names that it looks up outside of ``parts``.
    parts : tuple of int
        The numbers of the places inside it.
    loops : tuple of int
        The numbers of the loops around it, in its function.
    file : str
        The name of the file, or of the cell, as in the function's code.
    """

    function: str
    kind: Kind
    line: int
    begin: int
    last: int
    end: int
    text: str
    name: str = ""
    names: tuple[str, ...] = ()
    parts: tuple[int, ...] = ()
    loops: tuple[int, ...] = ()
    file: str = ""


@dataclass(frozen=True)
class Step:
    """A value that was there while a function ran.

    Attributes
    ----------
    place : Place
    value : ndarray
        A copy, of floats; None for a returned value that is not an array of numbers.
    rounds : tuple of Round
        The rounds of the loops around it, the outermost first; also of loops around the call of a
        helper.
    inputs : tuple of int
        The numbers of the steps that it was made of.
    index : tuple of int
        For an entry, its index; empty if that is not a single entry.
    is_array : bool
        Whether it came as a number or an array of numbers, not as a list and not as truth values.
    """

    place: Place
    value: np.ndarray | None
    rounds: tuple[Round, ...] = ()
    inputs: tuple[int, ...] = ()
    index: tuple[int, ...] = ()
    is_array: bool = False

    @property
    def key(self) -> tuple[Place, tuple[int, ...]]:
        """What identifies the step in another run: its place, and the turns of its loops."""
        return self.place, tuple(one.turn for one in self.rounds)


@dataclass(frozen=True)
class Trace:
    """The answer of a call, and the intermediate values in the order in which they came.

    Attributes
    ----------
    answer : Answer or None
        None if the call ran out of time.
    steps : list of Step
    whole : bool
        Whether all values were kept.
    """

    answer: Answer | None
    steps: list[Step] = field(repr=False)
    whole: bool


def traced(
    function: Callable[..., Any],
    given: Mapping[str, Any],
    forms: Sequence[Form],
    seconds: float = SECONDS,
    rounds: float = float("inf"),
    texts: Mapping[FunctionType, Text] = MappingProxyType({}),
    only: str = "",
) -> Trace | None:
    """Call a function, and keep the value of every assignment and sub-expression.

    Parameters
    ----------
    function : callable
    given : mapping
        Its arguments, in order: copies that it may spoil.
    forms : sequence of Form
        What each part of the answer should be.
    seconds : float
        How much processor time it may take.
    rounds : float
        How many rounds all its loops together may take.
    texts : mapping of function to Text
        Texts of functions whose text has been changed, so that it is not the one in their file.
        Notes are put into these texts.
    only : str
        The name of the function whose values are kept; if empty, the values of all are.

    Returns
    -------
    Trace or None
        None if the function's text cannot be read, or is not the text of its code.
    """
    if not is_own(function) or (function not in texts and Text.of(function) is None):
        return None
    notes = _Notes(process_time() + seconds, rounds, only)
    other = _Traced(notes, texts).function(function)
    try:
        answer: Answer | None = call(other, given, forms)
    except TimeIsUp:
        answer = None
    return Trace(answer, notes.steps, notes.whole)


# --- while it runs ------------------------------------------------------------------------


class _Frame:
    """A call of a traced function that has not ended yet."""

    def __init__(self, around: tuple[Round, ...], loops: Mapping[int, Round]):
        self.around = around
        self.loops = dict(loops)
        self.latest: dict[str, int] = {}  # the step that gave each name its value
        self.parts: dict[int, int] = {}  # the latest step of each place


class _Loop(NamedTuple):
    """A loop in a text: its file and lines, its variables, and the place of the first of these."""

    file: str
    first: int
    last: int
    variables: tuple[str, ...]
    place: int


class _Notes:
    """The values that are kept; the notes in the text call its methods."""

    def __init__(self, until: float, rounds: float, only: str):
        self.places: list[Place] = []
        self.steps: list[Step] = []
        self.whole = True
        self.loops: list[_Loop] = []
        self._until, self._rounds, self._only = until, rounds, only
        self._bytes = 0
        self._frames = [_Frame((), {})]
        self._made_by: dict[int, tuple[Any, int]] = {}  # the latest step of each object, by id
        self._beat = 0

    def named(self) -> dict[str, Callable[..., Any]]:
        """Return the functions that the notes call, by their names."""
        return {
            _STEP: self.step,
            _STORED: self.stored,
            _CHANGED: self.changed,
            _ENTER: self.enter,
            _LEAVE: self.leave,
            _BEGIN: self.begin,
            _ROUND: self.round,
        }

    def step(self, n: int, value: Any) -> Any:
        """Keep the value of an expression, or of a name."""
        self._keep(n, value)
        return value

    def stored(self, n: int, value: Any, index: Any, array: Any) -> None:
        """Keep an entry that has been stored, and the array that contains it."""
        whole = index if isinstance(index, tuple) else (index,)
        single = all(isinstance(i, (int, np.integer)) for i in whole)
        self._keep(n, value, tuple(map(int, whole)) if single else ())
        self._keep(n + 1, array)

    def changed(self, n: int, value: Any) -> None:
        """Keep the value of a name if a statement has changed it in place."""
        before = self._frames[-1].latest.get(self.places[n].name)
        array = _numbers(value)
        if before is not None and array is not None:
            old = self.steps[before].value
            if old is not None and np.array_equal(old, array, equal_nan=True):
                return
        self._keep(n, value)

    def enter(self, first: int, *values: Any) -> None:
        """Begin a call; keep the arguments of a helper, whose places start at number ``first``."""
        self._in_time()
        caller = sys._getframe(2)
        around = self._around(caller) if len(self._frames) > 1 else ()
        self._frames.append(_Frame(around, {}))
        if len(self._frames) > 2:
            for n, value in enumerate(values, first):
                self._keep(n, value)

    def leave(self) -> None:
        """End a call."""
        if len(self._frames) > 1:
            self._frames.pop()

    def begin(self, loop: int, values: Any = None) -> Any:
        """Begin a loop."""
        self._frames[-1].loops[loop] = Round("", -1, -1)
        return values

    def round(self, loop: int, *values: Any) -> bool:
        """Begin a round of a loop in which its variables have these values."""
        self._rounds -= 1
        self._in_time()
        loops = self._frames[-1].loops
        turn = loops[loop].turn + 1 if loop in loops else 0
        variables = self.loops[loop].variables
        numbers = [
            (name, int(value))
            for name, value in zip(variables, values, strict=True)
            if isinstance(value, (int, np.integer)) and not isinstance(value, bool)
        ]
        loops[loop] = Round(*(numbers or [("", turn)])[0], turn, tuple(numbers))
        for n, value in enumerate(values, self.loops[loop].place):
            if not isinstance(value, int):
                self._keep(n, value)
        return True

    def _in_time(self) -> None:
        if self._rounds < 0 or process_time() > self._until:
            self.whole = False
            raise TimeIsUp

    def _around(self, caller: FrameType | None) -> tuple[Round, ...]:
        """Return the rounds of the loops around a call."""
        frame = self._frames[-1]
        if caller is None:
            return frame.around
        file, line = caller.f_code.co_filename, caller.f_lineno
        inner = [
            frame.loops[n]
            for n, loop in enumerate(self.loops)
            if loop.file == file and loop.first <= line <= loop.last and n in frame.loops
        ]
        return (*frame.around, *inner)

    def _keep(self, n: int, value: Any, index: tuple[int, ...] = ()) -> None:
        if len(self.steps) >= STEPS or self._bytes >= BYTES:
            self.whole = False
            return
        self._beat += 1
        if self._beat % 64 == 0:
            self._in_time()
        place, frame = self.places[n], self._frames[-1]
        if self._only and place.function != self._only:
            return
        made = self._made_by.get(id(value))
        source = made[1] if made is not None and made[0] is value else None
        if source == len(self.steps) - 1 and source in map(frame.parts.get, place.parts):
            array = self.steps[source].value  # that was the last step: nothing has changed it since
        else:
            array = _numbers(value)
        if array is None and place.kind is not Kind.RETURNED:
            return
        rounds = (*frame.around, *(frame.loops[loop] for loop in place.loops))
        inputs = self._inputs(place, source)
        self.steps.append(Step(place, array, rounds, inputs, index, _is_array(value)))
        at = len(self.steps) - 1
        self._bytes += 0 if array is None else array.nbytes + 200
        frame.parts[n] = at
        if place.name:
            frame.latest[place.name] = at
        if isinstance(value, (np.ndarray, list)):
            self._made_by[id(value)] = value, at

    def _inputs(self, place: Place, source: int | None) -> tuple[int, ...]:
        if place.kind is Kind.GIVEN and source is not None:
            return (source,)
        found = list(self._made_of(place))
        last = len(self.steps) - 1
        if place.kind is Kind.PART and last >= 0 and self.steps[last].place.kind is Kind.RETURNED:
            found.append(last)  # a helper has just returned it
        return tuple(dict.fromkeys(found))

    def _made_of(self, place: Place) -> Iterator[int]:
        """Yield the latest steps of a place's names and parts, or of the parts of these."""
        for part in place.parts:
            if part in self._frames[-1].parts:
                yield self._frames[-1].parts[part]
            else:
                yield from self._made_of(self.places[part])
        for name in place.names:
            for frame in reversed(self._frames):
                if name in frame.latest:
                    yield frame.latest[name]
                    break


def _numbers(value: Any) -> np.ndarray | None:
    """Return an array, a number, or a list of these as a new array; None for all else."""
    if isinstance(value, (np.ndarray, np.generic)):
        return np.array(value, float) if value.dtype.kind in "fiub" else None
    if isinstance(value, (float, int)):
        return np.array(value, float) if abs(value) < 1e300 or value != value else None
    if isinstance(value, (list, tuple)) and value and size_of(value, ITEMS) <= ITEMS:
        if not all(map(_is_number, leaves(value, set()))):
            return None
        try:
            return np.array(value, float)
        except (ValueError, TypeError, OverflowError):  # rows of different lengths
            return None
    return None


def _is_array(value: Any) -> bool:
    if isinstance(value, (np.ndarray, np.generic)):
        return value.dtype.kind in "fiu"
    return isinstance(value, (float, int)) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "fiub"
    return isinstance(value, (float, int, np.number))


_STEP, _STORED, _CHANGED = "_bplab_step", "_bplab_stored", "_bplab_changed"
_ENTER, _LEAVE, _BEGIN, _ROUND = "_bplab_enter", "_bplab_leave", "_bplab_begin", "_bplab_round"


class _Traced(Rebuilding):
    """Rebuilds functions from texts with notes in them."""

    def __init__(self, notes: _Notes, texts: Mapping[FunctionType, Text]):
        super().__init__()
        self._notes, self._texts = notes, texts
        self._codes: dict[CodeType, CodeType] = {}
        self._copies: dict[int, tuple[Any, Any]] = {}

    def value(self, value: Any) -> Any:
        """Return copies of the notebook's arrays and lists: the function may change them."""
        if isinstance(value, np.ndarray):
            can_be = value.size <= ITEMS
        else:
            can_be = type(value) in (list, dict, set) and len(value) <= ITEMS
        if not can_be:
            return super().value(value)
        if id(value) not in self._copies:
            self._copies[id(value)] = value, copy(value)
        return self._copies[id(value)][1]

    def function(self, function: FunctionType) -> FunctionType:
        code = function.__code__
        if code not in self._codes and (text := self._texts.get(function) or Text.of(function)):
            _Noting(self._notes, text, code).note()
            self._codes[code] = text.code() or code
        return super().function(function)

    def code(self, code: CodeType) -> CodeType:
        return self._codes.get(code, code)  # functions defined inside have their notes already

    def built_in(self) -> dict[str, Any]:
        return dict(self._notes.named())


# --- the notes ----------------------------------------------------------------------------

_VALUES = (
    *(ast.BinOp, ast.UnaryOp, ast.Call, ast.Subscript, ast.Attribute, ast.IfExp, ast.Compare),
    *(ast.ListComp, ast.List, ast.Tuple, ast.BoolOp, ast.NamedExpr),
)
"""Expressions whose values are kept, if they are numbers."""

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)


class _Noting(ast.NodeTransformer):
    """Puts notes into the text of one function."""

    def __init__(self, notes: _Notes, text: Text, code: CodeType):
        self._notes, self._text, self._file = notes, text, code.co_filename
        self._function = code.co_name
        self._loops: list[int] = []
        self._variables: set[str] = set()

    def note(self) -> None:
        """Put the notes in."""
        node = self._text.function
        if isinstance(node, ast.Lambda):
            node.body = self._returned(node.body)
        else:
            self._into(node)
        ast.fix_missing_locations(node)

    # --- statements ---

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        outer = self._function, self._loops, self._variables
        self._function, self._loops = node.name, []
        self._into(node)
        self._function, self._loops, self._variables = outer
        return node

    def _into(self, node: ast.FunctionDef) -> None:
        arguments = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
        stored = {n.id for n in _own(node) if isinstance(n, ast.Name) and not _is_read(n)}
        self._variables = stored.union(argument.arg for argument in arguments)
        head = 1 if ast.get_docstring(node, clean=False) is not None else 0
        text, body = node.body[:head], node.body[head:]
        yields = any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in _own(node))
        body = list(self._body(body))
        if yields or not body:
            node.body = [*text, *body]
            return
        first = len(self._notes.places)
        for argument in arguments:
            self._place(Kind.GIVEN, argument, name=argument.arg)
        given = [ast.Name(argument.arg, ast.Load()) for argument in arguments]
        enter = self._statement(_ENTER, node, ast.Constant(first), *given)
        whole = ast.Try(body, [], [], [self._statement(_LEAVE, node)])
        node.body = [*text, enter, ast.copy_location(whole, body[0])]

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AsyncFunctionDef:
        return node

    def _body(self, body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
        for statement in body:
            yield from self._noted(statement)

    def _noted(self, node: ast.stmt) -> Iterator[ast.stmt]:
        match node:
            case ast.Assign(value=value):
                node.value = self.visit(value)
                yield node
                for target in node.targets:
                    yield from self._behind(node, target, node.value)
            case ast.AnnAssign(value=ast.expr() as value):
                node.value = self.visit(value)
                yield node
                yield from self._behind(node, node.target, node.value)
            case ast.AugAssign(value=value):
                node.value = self.visit(value)
                yield node
                yield from self._behind(node, node.target, node.value, augmented=True)
            case ast.Return(value=ast.expr() as value):
                node.value = self._returned(value)
                yield node
            case ast.For():
                node.iter = self.visit(node.iter)
                loop = self._loop(node, node.target, node.iter)
                node.iter = self._called(_BEGIN, node, ast.Constant(loop), node.iter)
                names = [ast.Name(name, ast.Load()) for name in _names(node.target)]
                start = self._statement(_ROUND, node.body[0], ast.Constant(loop), *names)
                node.body = [start, *self._body(node.body)]
                self._loops.pop()
                node.orelse = list(self._body(node.orelse))
                yield node
            case ast.While():
                loop = self._loop(node)
                yield self._statement(_BEGIN, node, ast.Constant(loop))
                start = self._statement(_ROUND, node.body[0], ast.Constant(loop))
                node.test = self.visit(node.test)
                node.body = [start, *self._body(node.body)]
                self._loops.pop()
                node.orelse = list(self._body(node.orelse))
                yield node
            case ast.If():
                node.test = self.visit(node.test)
                node.body = list(self._body(node.body))
                node.orelse = list(self._body(node.orelse))
                yield node
            case ast.With():
                for item in node.items:
                    item.context_expr = self.visit(item.context_expr)
                node.body = list(self._body(node.body))
                yield node
            case ast.Try():
                node.body = list(self._body(node.body))
                for handler in node.handlers:
                    handler.body = list(self._body(handler.body))
                node.orelse = list(self._body(node.orelse))
                node.finalbody = list(self._body(node.finalbody))
                yield node
            case ast.Match():
                node.subject = self.visit(node.subject)
                for branch in node.cases:
                    branch.body = list(self._body(branch.body))
                yield node
            case ast.Expr(value=value):
                read = [name for name in _looked_up(value) if name in self._variables]
                node.value = self.visit(value)
                yield node
                for name in dict.fromkeys(read):  # each may have been changed in place
                    n = self._place(
                        Kind.FILLED, node, name=name, parts=(node.value,), names=(name,)
                    )
                    note = (ast.Constant(n), ast.Name(name, ast.Load()))
                    yield self._statement(_CHANGED, node, *note)
            case ast.FunctionDef():
                yield self.visit_FunctionDef(node)
            case _:
                yield node

    def _behind(
        self, node: ast.stmt, target: ast.expr, value: ast.expr, augmented: bool = False
    ) -> Iterator[ast.stmt]:
        """Yield the notes after an assignment, on names that have new values and on entries."""
        match target:
            case ast.Name(id=name):
                own = (name,) * augmented
                n = self._place(Kind.ASSIGNED, node, name=name, parts=(value,), names=own)
                yield self._statement(_STEP, node, ast.Constant(n), ast.Name(name, ast.Load()))
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                for i, one in enumerate(targets):
                    inner = _elements(value)[i] if _as_many(value, targets) else value
                    yield from self._behind(node, _inner(one), inner)
            case ast.Subscript(value=array, slice=index) if _is_plain(target):
                base = _base(array)
                n = self._place(Kind.ENTRY, node, parts=(value,), names=(base,) * augmented)
                self._place(Kind.FILLED, node, name=base, parts=(value,), names=(base,))
                again = [copy_of(target), _index(index), ast.Name(base, ast.Load())]
                again[0].ctx = ast.Load()
                yield self._statement(_STORED, node, ast.Constant(n), *again)

    def _returned(self, value: ast.expr) -> ast.expr:
        names = tuple(n.id for n in (value, *_elements(value)) if isinstance(n, ast.Name))
        new = self.visit(value)
        n = self._place(Kind.RETURNED, value, parts=(new,), names=names)
        return self._called(_STEP, value, ast.Constant(n), new)

    # --- expressions ---

    def visit(self, node: ast.AST) -> Any:
        """Return an expression with notes in it, and around it."""
        if isinstance(node, (ast.Lambda, *_COMPREHENSIONS)):
            return self._inside(node)
        if not isinstance(node, _VALUES):
            return super().visit(node)
        if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            return node
        match node:
            case ast.Call(func=func):
                if isinstance(func, ast.Attribute):  # the function itself has no value to keep
                    func.value = self.visit(func.value)
                node.args = [self.visit(one) for one in node.args]
                for keyword in node.keywords:
                    keyword.value = self.visit(keyword.value)
            case ast.Subscript():
                node.value = self.visit(node.value)
                if not self._loops:  # in a loop the index is mostly the loop's variable
                    node.slice = self._in_brackets(node.slice)
            case ast.UnaryOp(operand=ast.Constant()):
                return node
            case ast.Attribute(value=ast.Name()):
                pass
            case _:
                self.generic_visit(node)
        return self._part(node)

    def _in_brackets(self, node: ast.expr) -> ast.expr:
        """Put notes into an index, or into what ``np.c_`` joins: on its parts, not on the tuple."""
        if not isinstance(node, ast.Tuple):
            return self.visit(node) if isinstance(node, _VALUES) else node
        node.elts = list(map(self._in_brackets, node.elts))
        return node

    def _inside(self, node: ast.Lambda | ast.expr) -> ast.expr:
        """Put notes into a lambda, or into a comprehension, whose loops have rounds."""
        if isinstance(node, ast.Lambda):
            outer, self._loops = self._loops, []
            node.body = self.visit(node.body)
            self._loops = outer
            return node
        around = len(self._loops)
        for each in node.generators:  # type: ignore[attr-defined]
            each.iter = self.visit(each.iter)
            loop = self._loop(node, each.target, each.iter)
            each.iter = self._called(_BEGIN, node, ast.Constant(loop), each.iter)
            names = [ast.Name(name, ast.Load()) for name in _names(each.target)]
            each.ifs = [self.visit(one) for one in each.ifs]
            each.ifs.insert(0, self._called(_ROUND, node, ast.Constant(loop), *names))
        if isinstance(node, ast.DictComp):
            node.value = self.visit(node.value)
        else:
            node.elt = self.visit(node.elt)  # type: ignore[attr-defined]
        del self._loops[around:]
        return self._part(node) if isinstance(node, ast.ListComp) else node

    def _part(self, node: ast.expr) -> ast.expr:
        n = self._place(Kind.PART, node, parts=tuple(ast.iter_child_nodes(node)))
        return self._called(_STEP, node, ast.Constant(n), node)

    # --- places ---

    def _place(
        self,
        kind: Kind,
        node: Any,
        *,
        name: str = "",
        parts: Sequence[ast.AST] = (),
        names: tuple[str, ...] = (),
    ) -> int:
        inside, read = [], list(names)
        for part in parts:
            for found in _noted_in(part):
                if isinstance(found, int):
                    inside.append(found)
                else:
                    read.append(found)
        line, last = node.lineno, node.end_lineno
        begin = self._text.letters(line, node.col_offset)
        end = self._text.letters(last, node.end_col_offset)
        place = Place(
            self._function,
            kind,
            line,
            begin,
            last,
            end,
            self._text.between(line, begin, last, end),
            name,
            tuple(dict.fromkeys(read)),
            tuple(dict.fromkeys(inside)),
            tuple(self._loops),
            self._file,
        )
        self._notes.places.append(place)
        return len(self._notes.places) - 1

    def _loop(self, node: Any, target: ast.expr | None = None, over: Any = None) -> int:
        """Record a loop, and go into it."""
        variables = () if target is None else tuple(_names(target))
        loop, first = len(self._notes.loops), len(self._notes.places)
        self._notes.loops.append(_Loop(self._file, node.lineno, node.end_lineno, variables, first))
        self._loops.append(loop)
        for name in variables:
            self._place(Kind.GIVEN, target, name=name, parts=(over,))
        return loop

    def _called(self, name: str, at: ast.AST, *arguments: ast.expr) -> ast.expr:
        called = ast.Call(ast.Name(name, ast.Load()), list(arguments), [])
        return _located(called, at)

    def _statement(self, name: str, at: ast.AST, *arguments: ast.expr) -> ast.stmt:
        return _located(ast.Expr(self._called(name, at, *arguments)), at)


def _located(node: Any, at: ast.AST) -> Any:
    """Give a new node, and the new nodes in it, the place of another node."""
    ast.copy_location(node, at)
    for child in ast.iter_child_nodes(node):
        if not hasattr(child, "lineno") and "lineno" in child._attributes:
            _located(child, at)
    return node


def _noted_in(node: ast.AST) -> Iterator[int | str]:
    """Yield the numbers of the outermost places in a tree, and the names read outside of these."""
    match node:
        case ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=int(n)), *_]) if (
            name == _STEP
        ):
            yield n
        case ast.Name(id=name, ctx=ast.Load()) if not name.startswith("_bplab_"):
            yield name
        case _:
            for child in ast.iter_child_nodes(node):
                yield from _noted_in(child)


def _own(node: ast.FunctionDef) -> Iterator[ast.AST]:
    """Yield the nodes in a function, except for those inside functions defined in it."""
    left: list[ast.AST] = list(node.body)
    while left:
        one = left.pop()
        yield one
        if not isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            left += ast.iter_child_nodes(one)


def _names(target: ast.expr) -> list[str]:
    return [node.id for node in ast.walk(target) if isinstance(node, ast.Name)]


def _is_read(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)


def _looked_up(node: ast.AST) -> Iterator[str]:
    """Yield the names that are surely looked up, and still have values after the statement."""
    match node:
        case ast.Name(id=name, ctx=ast.Load()):
            yield name
        case ast.Lambda() | ast.IfExp() | ast.BoolOp() | ast.ListComp() | ast.SetComp():
            return
        case ast.GeneratorExp() | ast.DictComp():
            return
        case _:
            for child in ast.iter_child_nodes(node):
                yield from _looked_up(child)


def _elements(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, (ast.Tuple, ast.List)) else []


def _inner(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Starred) else node


def _as_many(value: ast.expr, targets: Sequence[ast.expr]) -> bool:
    return (
        isinstance(value, (ast.Tuple, ast.List))
        and len(value.elts) == len(targets)
        and not any(isinstance(one, ast.Starred) for one in (*targets, *value.elts))
    )


def _is_plain(node: ast.expr) -> bool:
    """Whether an array's entry can be looked up again: its expression calls nothing."""
    plain = (
        *(ast.Name, ast.Constant, ast.Subscript, ast.Attribute, ast.BinOp, ast.UnaryOp, ast.Tuple),
        *(ast.Slice, ast.expr_context, ast.operator, ast.unaryop),
    )
    return bool(_base(node)) and all(isinstance(part, plain) for part in ast.walk(node))


def _base(node: ast.expr) -> str:
    """Return the name of the array that an entry belongs to, or an empty string."""
    while isinstance(node, (ast.Subscript, ast.Attribute)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _index(node: ast.expr) -> ast.expr:
    """Return an index as a tuple expression; slices in it become None."""
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    return ast.Tuple(
        [ast.Constant(None) if isinstance(p, ast.Slice) else copy_of(p) for p in parts], ast.Load()
    )
