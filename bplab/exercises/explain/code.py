"""A learner's own code: its text, and what happens when this text, or a changed one, runs.

The text runs in a namespace of its own, and its function is called as a check calls it. Rounds of
loops are counted, since a loop with a changed condition may never end.
"""

import ast
import contextlib
import hashlib
import io
import linecache
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from types import CodeType
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from bplab.exercises.explain.edits import Edit, Span, edits, swaps
from bplab.exercises.mine import Stays, packed
from bplab.learner import (
    MAKES,
    Answer,
    Form,
    Kind,
    Place,
    Step,
    TimeIsUp,
    call,
    contained,
    copied,
    filled,
    only_computes,
    time_limit,
    traced,
)

if TYPE_CHECKING:  # the kernels that grade do not have bplab.exercises.task
    from bplab.exercises.task import Exercise

__all__ = ["Code", "Key", "Seen"]

ROUNDS = 20_000
"""Most rounds of loops in a call: a right function needs a few hundred on cases this small."""

SECONDS = 2.0
"""Time for a call, where the system can stop it."""

FILLS = (-3, 7)
"""The numbers put into arrays made by np.empty, in one run and in another."""


_T = TypeVar("_T")
Key = tuple[str, int, tuple[tuple[str, int], ...]]


@dataclass(frozen=True)
class Seen:
    """A value that occurred while a function ran.

    Attributes
    ----------
    what : str
        A name, or an expression in the function's text.
    line : int
        Line of the function; a name has the value after it.
    value : ndarray
    rounds : tuple of (str, int)
        The loops around it: the name of each loop's variable, and its number in this round.
    """

    what: str
    line: int
    value: np.ndarray
    rounds: tuple[tuple[str, int], ...] = ()

    @property
    def key(self) -> Key:
        """What a question can refer to it by; values with the same key cannot be told apart."""
        return self.what, self.line, self.rounds


@dataclass(frozen=True)
class Code:
    """The text of a function that has passed, with all that it needs.

    Attributes
    ----------
    exercise : Exercise
    name : str
        The function's name.
    source : str
        A text that defines first what the function calls, and then the function.
    """

    exercise: "Exercise[Any]"
    name: str
    source: str

    @classmethod
    def of(cls, exercise: "Exercise[Any]", function: Callable[..., Any]) -> "Code | None":
        """Return the code of a function; None if its text cannot be taken out of its notebook."""
        try:
            return cls(exercise, *packed(function))
        except (Stays, RecursionError):
            return None

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree of the text."""
        return ast.parse(self.source)

    @cached_property
    def node(self) -> ast.FunctionDef | None:
        """The function's definition; None for a lambda, or another name of a function."""
        found = [n for n in self.tree.body if isinstance(n, ast.FunctionDef)]
        return next((n for n in reversed(found) if n.name == self.name), None)

    @property
    def first(self) -> int:
        """The line of the text in which the function begins."""
        node = self._statement
        return min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])

    @property
    def _statement(self) -> ast.stmt:
        return self.node or self.tree.body[-1]

    @property
    def root(self) -> ast.AST:
        """The part that is asked about: the function, or the assignment that makes it."""
        return self._statement

    @property
    def lines(self) -> tuple[str, ...]:
        """The function as it is shown, line by line."""
        return tuple(self.source.split("\n")[self.first - 1 : self._statement.end_lineno])

    @cached_property
    def only_computes(self) -> bool:
        """Whether the text only computes numbers, so that variants of it may be run."""
        return only_computes(self.tree)

    @cached_property
    def _may_be_unfilled(self) -> bool:
        names = (getattr(node, "id", getattr(node, "attr", "")) for node in ast.walk(self.tree))
        return not MAKES.isdisjoint(names)

    def line(self, node: ast.AST) -> int:
        """Return the line of the function, from 1, in which a part of it begins."""
        return Span.of(node).line - self.first + 1

    def text(self, span: Span) -> str:
        """Return the text at a place."""
        lines = self.source.encode().splitlines(keepends=True)[span.line - 1 : span.last]
        lines[-1] = lines[-1][: span.end]
        lines[0] = lines[0][span.begin :]
        return b"".join(lines).decode()

    def with_(self, span: Span, text: str) -> "Code":
        """Return the code with another text at a place."""
        lines = self.source.encode().splitlines(keepends=True)
        before = b"".join(lines[: span.line - 1]) + lines[span.line - 1][: span.begin]
        after = lines[span.last - 1][span.end :] + b"".join(lines[span.last :])
        return Code(self.exercise, self.name, (before + text.encode() + after).decode())

    @property
    def edits(self) -> list[Edit]:
        """All changes of expressions that are known, in the order of the text."""
        return edits(self)

    @property
    def swaps(self) -> list[Edit]:
        """Neighbouring lines that can change places."""
        return swaps(self)

    @property
    def plain(self) -> "Code":
        """The same code without comments and docstrings, with one line for each statement.

        Functions that differ only in layout become the same text.
        """
        return Code(self.exercise, self.name, ast.unparse(_Bare().visit(ast.parse(self.source))))

    @property
    def digest(self) -> str:
        """A hash of the code, which does not depend on imports and layout."""
        imports = (ast.Import, ast.ImportFrom)
        tree = _Bare().visit(ast.parse(self.source))
        text = "\n".join(ast.unparse(one) for one in tree.body if not isinstance(one, imports))
        return hashlib.sha256(text.encode()).hexdigest()

    # --- running ----------------------------------------------------------------------------

    def answer(self, given: Mapping[str, Any]) -> Answer | None:
        """Call it with the exercise's arguments.

        None if it does not end, if there is no function, or if the answer depends on what
        np.empty happens to hold.
        """
        answer = self._called(given, self._program, call)
        if not self._may_be_unfilled or answer is None:
            return answer
        others = [self._called(given, self._program, call, fill) for fill in FILLS]
        return answer if all(other and _alike(answer, other) for other in others) else None

    def watched(self, given: Mapping[str, Any]) -> tuple[Answer | None, list[Seen]]:
        """Call it, and return the answer and the values that occurred, in order."""
        fills = FILLS if self._may_be_unfilled else (None,)
        (answer, seen), *others = [self._watched(given, fill) for fill in fills]
        for _, other in others:  # leave out values that depend on what np.empty holds
            seen = [
                one
                for one, again in zip(seen, other, strict=False)
                if one.key == again.key and _equal(one.value, again.value)
            ]
        return answer, seen

    def _watched(
        self, given: Mapping[str, Any], fill: int | None
    ) -> tuple[Answer | None, list[Seen]]:
        keeping = partial(traced, seconds=SECONDS, rounds=ROUNDS, only=self.name)
        trace = self._called(given, self._plain_program, keeping, fill)
        if trace is None:
            return None, []
        return trace.answer, [*filter(None, map(self._seen, trace.steps))]

    def _seen(self, step: Step) -> Seen | None:
        """Return a value that can be asked about: that of a name, or of a part that runs once."""
        place = step.place
        if step.value is None or not step.is_array:
            return None
        if place.kind is Kind.ASSIGNED:
            rounds = tuple((one.name, one.number) for one in step.rounds if one.name)
            return Seen(place.name, place.last - self.first + 1, step.value, rounds)
        if place.kind is Kind.PART and self._span(place) in self._parts:
            return Seen(place.text, place.line - self.first + 1, step.value)
        return None

    @cached_property
    def _parts(self) -> frozenset[Span]:
        """The places of the expressions whose values can be asked for."""
        spans = (Span.of(node) for node in _once(self._statement) if _has_a_value(node))
        return frozenset(span for span in spans if span.line == span.last)

    def _span(self, place: Place) -> Span:
        lines = self.source.split("\n")
        begin, end = (
            len(lines[line - 1][:column].encode())
            for line, column in ((place.line, place.begin), (place.last, place.end))
        )
        return Span(place.line, begin, place.last, end)

    def line_of(self, answer: Answer) -> int | None:
        """Return the line of the function that raised; None if no line of the function did."""
        if answer.raised is None or not answer.raised.line:
            return None
        line = int(answer.raised.line.removeprefix("line ")) - self.first + 1
        return line if 1 <= line <= len(self.lines) else None

    @cached_property
    def _program(self) -> CodeType:
        return compile(_counted(ast.parse(self.source)), self._file, "exec")

    @cached_property
    def _plain_program(self) -> CodeType:
        return compile(self.source, self._file, "exec")

    @property
    def _file(self) -> str:
        return f"<{self.name}, changed>"

    def _called(
        self,
        given: Mapping[str, Any],
        program: CodeType,
        how: Callable[[Callable[..., Any], Mapping[str, Any], Sequence[Form]], _T],
        fill: int | None = None,
    ) -> _T | None:
        rounds = iter(range(ROUNDS))

        def one_more() -> None:
            if next(rounds, None) is None:
                raise TimeIsUp

        file = self._file  # the words for an error need its lines
        linecache.cache[file] = (len(self.source), None, io.StringIO(self.source).readlines(), file)
        notebook = {"__name__": "__main__", _ROUND: one_more}
        try:
            with contained(), contextlib.redirect_stdout(io.StringIO()):
                exec(program, notebook)
            function: Any = notebook[self.name]
            if fill is not None:
                function = filled(function, fill) or function
            values = {name: copied(given[name]) for name in self.exercise.arguments}
            with time_limit(SECONDS):
                return how(function, values, [p.form for p in self.exercise.parts])
        except (Exception, TimeIsUp):
            return None


_ROUND = "_bplab_round"


def _alike(one: Answer, other: Answer) -> bool:
    """Whether two answers are the same numbers, or errors in the same line."""
    if one.raised and other.raised:
        return one.raised.line == other.raised.line
    if one.arrays is None or other.arrays is None:
        return False
    return len(one.arrays) == len(other.arrays) and all(map(_equal, one.arrays, other.arrays))


def _equal(one: np.ndarray, other: np.ndarray) -> bool:
    return np.array_equal(one, other, equal_nan=True)


class _Bare(ast.NodeTransformer):
    """Leaves out docstrings and other texts that stand alone and do nothing."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        """Replace a text that stands alone by an empty statement."""
        alone = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return ast.copy_location(ast.Pass(), node) if alone else node

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Remove empty statements from a body that has others."""
        super().generic_visit(node)
        for name in ("body", "orelse"):
            body = getattr(node, name, None)
            if isinstance(body, list) and len(body) > 1:
                some = [one for one in body if not isinstance(one, ast.Pass)]
                setattr(node, name, some or body[:1])
        return node


def _counted(tree: ast.Module) -> ast.Module:
    """Add a call to the body of every loop, which counts its rounds."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.For, ast.While)):
            count = ast.Expr(ast.Call(ast.Name(_ROUND, ast.Load()), [], []))
            node.body.insert(0, ast.copy_location(count, node.body[0]))
    return ast.fix_missing_locations(tree)


def _once(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts that are evaluated once in a call: none in loops or inner functions."""
    yield node
    match node:
        case ast.For():
            parts: list[Any] = [node.iter, *node.orelse]
        case ast.Call(func=ast.Attribute(value=value)):  # the method itself is not a value
            parts = [value, *node.args]
        case ast.Call():
            parts = node.args
        case ast.While() | ast.Lambda() | ast.ListComp() | ast.GeneratorExp() | ast.DictComp():
            return
        case ast.SetComp():
            return
        case _:
            parts = list(ast.iter_child_nodes(node))
    for part in parts:
        if not isinstance(part, ast.FunctionDef):
            yield from _once(part)


def _has_a_value(node: ast.AST) -> bool:
    """Whether it is an expression with a value to ask for: an operation, a call, a part, ``.T``."""
    if isinstance(node, ast.Attribute):
        return node.attr == "T"
    return isinstance(node, (ast.BinOp, ast.Call, ast.Subscript))
