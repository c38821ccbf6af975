"""A learner's own code: its text, and what comes when a text like it runs.

What runs is a function of a text, in a namespace of its own, called as a check calls it. Loops are
counted: a changed condition may have no end.
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

if TYPE_CHECKING:  # kernels that grade have no exercises
    from bplab.exercises.task import Exercise

__all__ = ["Code", "Key", "Seen"]

ROUNDS = 20_000
"""Of loops, in one call: a right function needs a few hundred on cases as small as these."""

SECONDS = 2.0
"""For a call, where the system can stop it."""

FILLS = (-3, 7)
"""What stands in arrays that np.empty makes, in one run and in another."""


_T = TypeVar("_T")
Key = tuple[str, int, tuple[tuple[str, int], ...]]


@dataclass(frozen=True)
class Seen:
    """A value that was there while a function ran.

    Attributes
    ----------
    what : str
        A name, or an expression of the function's.
    line : int
        Of the function: after it a name has the value.
    value : ndarray
    rounds : tuple of (str, int)
        The names and numbers of the loops that it was in.
    """

    what: str
    line: int
    value: np.ndarray
    rounds: tuple[tuple[str, int], ...] = ()

    @property
    def key(self) -> Key:
        """What it is told by: another one with the same is not told from it."""
        return self.what, self.line, self.rounds


@dataclass(frozen=True)
class Code:
    """The function that has passed, and what it needs.

    Attributes
    ----------
    exercise : Exercise
    name : str
        The function's.
    source : str
        A text that defines it, and before it what it calls.
    """

    exercise: "Exercise[Any]"
    name: str
    source: str

    @classmethod
    def of(cls, exercise: "Exercise[Any]", function: Callable[..., Any]) -> "Code | None":
        """Return that of a function; None if its text cannot be taken out of its notebook."""
        try:
            return cls(exercise, *packed(function))
        except (Stays, RecursionError):
            return None

    @cached_property
    def tree(self) -> ast.Module:
        """The text, taken apart."""
        return ast.parse(self.source)

    @cached_property
    def node(self) -> ast.FunctionDef | None:
        """The function's definition; None where it is a lambda, or another name of one."""
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
        """What is asked about: the function, or the assignment that makes it."""
        return self._statement

    @property
    def lines(self) -> tuple[str, ...]:
        """The function as it is shown, line by line."""
        return tuple(self.source.splitlines()[self.first - 1 : self._statement.end_lineno])

    @cached_property
    def only_computes(self) -> bool:
        """Whether nothing but numbers can come of it when it is changed."""
        return only_computes(self.tree)

    @cached_property
    def _may_be_unfilled(self) -> bool:
        names = (getattr(node, "id", getattr(node, "attr", "")) for node in ast.walk(self.tree))
        return not MAKES.isdisjoint(names)

    def line(self, node: ast.AST) -> int:
        """Return the line of the function, from 1, in which a part of it begins."""
        return Span.of(node).line - self.first + 1

    def text(self, span: Span) -> str:
        """Return what stands in a place."""
        lines = self.source.encode().splitlines(keepends=True)[span.line - 1 : span.last]
        lines[-1] = lines[-1][: span.end]
        lines[0] = lines[0][span.begin :]
        return b"".join(lines).decode()

    def with_(self, span: Span, text: str) -> "Code":
        """Return the code with another text in a place."""
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
        """The same without comments and texts that stand alone, a line for each statement.

        However a function is laid out, it is the same code then.
        """
        return Code(self.exercise, self.name, ast.unparse(_Bare().visit(ast.parse(self.source))))

    @property
    def digest(self) -> str:
        """What tells it from other code, but for what it imports and how it is laid out."""
        imports = (ast.Import, ast.ImportFrom)
        tree = _Bare().visit(ast.parse(self.source))
        text = "\n".join(ast.unparse(one) for one in tree.body if not isinstance(one, imports))
        return hashlib.sha256(text.encode()).hexdigest()

    # --- running ----------------------------------------------------------------------------

    def answer(self, given: Mapping[str, Any]) -> Answer | None:
        """Call it with the exercise's arguments.

        None if there is no end, or no function, or the answer has numbers that nobody has put
        there: what np.empty holds is another thing each time.
        """
        answer = self._called(given, self._program, call)
        if not self._may_be_unfilled or answer is None:
            return answer
        others = [self._called(given, self._program, call, fill) for fill in FILLS]
        return answer if all(other and _alike(answer, other) for other in others) else None

    def watched(self, given: Mapping[str, Any]) -> tuple[Answer | None, list[Seen]]:
        """Call it, and return also which values were there, in the order in which they came."""
        fills = FILLS if self._may_be_unfilled else (None,)
        (answer, seen), *others = [self._watched(given, fill) for fill in fills]
        for _, other in others:  # but for what nobody has put there
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
        """What can be asked about a value: of a name, or of a part of a line that comes once."""
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
        """Where expressions stand whose value is asked for."""
        spans = (Span.of(node) for node in _once(self._statement) if _has_a_value(node))
        return frozenset(span for span in spans if span.line == span.last)

    def _span(self, place: Place) -> Span:
        lines = self.source.splitlines()
        begin, end = (
            len(lines[line - 1][:column].encode())
            for line, column in ((place.line, place.begin), (place.last, place.end))
        )
        return Span(place.line, begin, place.last, end)

    def line_of(self, answer: Answer) -> int | None:
        """Return the line of the function that raised; None if it is not in it."""
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

        file = self._file  # errors are put into words by its lines
        linecache.cache[file] = (len(self.source), None, self.source.splitlines(True), file)
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
    """Whether two answers are the same numbers, or errors of one kind in one place."""
    if one.raised and other.raised:
        return one.raised.line == other.raised.line
    if one.arrays is None or other.arrays is None:
        return False
    return len(one.arrays) == len(other.arrays) and all(map(_equal, one.arrays, other.arrays))


def _equal(one: np.ndarray, other: np.ndarray) -> bool:
    return np.array_equal(one, other, equal_nan=True)


class _Bare(ast.NodeTransformer):
    """Leaves out texts that stand alone, which do nothing."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        """Leave it out, if it is one."""
        alone = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return ast.copy_location(ast.Pass(), node) if alone else node

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Leave no empty statement where there is another."""
        super().generic_visit(node)
        for name in ("body", "orelse"):
            body = getattr(node, name, None)
            if isinstance(body, list) and len(body) > 1:
                some = [one for one in body if not isinstance(one, ast.Pass)]
                setattr(node, name, some or body[:1])
        return node


def _counted(tree: ast.Module) -> ast.Module:
    """Let every round of every loop be counted."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.For, ast.While)):
            count = ast.Expr(ast.Call(ast.Name(_ROUND, ast.Load()), [], []))
            node.body.insert(0, ast.copy_location(count, node.body[0]))
    return ast.fix_missing_locations(tree)


def _once(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what has one value in a call: nothing of loops, nor what has names of its own."""
    yield node
    match node:
        case ast.For():
            parts: list[Any] = [node.iter, *node.orelse]
        case ast.Call(func=ast.Attribute(value=value)):  # what is called has no value
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
    """Whether its value is a number's or an array's own."""
    if isinstance(node, ast.Attribute):
        return node.attr == "T"
    return isinstance(node, (ast.BinOp, ast.Call, ast.Subscript))
