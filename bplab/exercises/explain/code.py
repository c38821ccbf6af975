"""A learner's own code: its text, and what comes when a text like it runs.

What runs is a function of a text, in a namespace of its own, called as a check calls it. Loops are
counted: a changed condition may have no end.
"""

import ast
import contextlib
import io
import linecache
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import CodeType
from typing import Any, NamedTuple

import numpy as np

from bplab.exercises.task import Exercise
from bplab.learner import MAKES, Answer, TimeIsUp, call, contained, copied, filled, only_computes

__all__ = ["Code", "Key", "Seen", "Span"]

ROUNDS = 20_000
"""Of loops, in one call: a right function needs a few hundred on cases as small as these."""

SECONDS = 2.0
"""For a call, where the system can stop it."""

FILLS = (-3, 7)
"""What stands in arrays that np.empty makes, in one run and in another."""


class Span(NamedTuple):
    """A place in a text, in lines from 1 and in bytes from 0, as Python has it."""

    line: int
    begin: int
    last: int
    end: int

    @classmethod
    def of(cls, node: ast.AST) -> "Span":
        """Return that of a part of a program."""
        at: Any = node
        return cls(at.lineno, at.col_offset, at.end_lineno, at.end_col_offset)


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

    exercise: Exercise[Any]
    name: str
    source: str

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

    # --- running ----------------------------------------------------------------------------

    def answer(self, given: Mapping[str, Any]) -> Answer | None:
        """Call it with the exercise's arguments.

        None if there is no end, or no function, or the answer has numbers that nobody has put
        there: what np.empty holds is another thing each time.
        """
        answer = self._called(given, self._program, {})
        if not self._may_be_unfilled or answer is None:
            return answer
        others = [self._called(given, self._program, {}, fill) for fill in FILLS]
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
        seen: list[Seen] = []
        notebook = {_SEEN: self._noting(seen), _PART: self._noting_part(seen)}
        return self._called(given, self._watched_program, notebook, fill), seen

    def line_of(self, answer: Answer) -> int | None:
        """Return the line of the function that raised; None if it is not in it."""
        if answer.raised is None or not answer.raised.line:
            return None
        line = int(answer.raised.line.removeprefix("line ")) - self.first + 1
        return line if 1 <= line <= len(self.lines) else None

    @cached_property
    def _program(self) -> CodeType:
        return self._compiled(ast.parse(self.source))

    @cached_property
    def _watched_program(self) -> CodeType:
        tree = ast.parse(self.source)
        at = self._statement.lineno
        _Watching(self).visit(next(node for node in tree.body if node.lineno == at))
        return self._compiled(tree)

    @property
    def _file(self) -> str:
        return f"<{self.name}, changed>"

    def _compiled(self, tree: ast.Module) -> CodeType:
        return compile(ast.fix_missing_locations(_counted(tree)), self._file, "exec")

    def _called(
        self,
        given: Mapping[str, Any],
        program: CodeType,
        notebook: dict[str, Any],
        fill: int | None = None,
    ) -> Answer | None:
        rounds = iter(range(ROUNDS))

        def one_more() -> None:
            if next(rounds, None) is None:
                raise TimeIsUp

        file = self._file  # errors are put into words by its lines
        linecache.cache[file] = (len(self.source), None, self.source.splitlines(True), file)
        notebook = {"__name__": "__main__", _ROUND: one_more, **notebook}
        try:
            with contained(), contextlib.redirect_stdout(io.StringIO()):
                exec(program, notebook)
            function = notebook[self.name]
            if fill is not None:
                function = filled(function, fill) or function
            values = {name: copied(given[name]) for name in self.exercise.arguments}
            return call(function, values, [p.form for p in self.exercise.parts], SECONDS)
        except (Exception, TimeIsUp):
            return None

    def _noting(self, seen: list[Seen]) -> Callable[..., None]:
        def note(line: int, what: str, value: Any, rounds: Any = None) -> None:
            if (array := _numbers(value)) is not None:
                loops = [(n, int(v)) for n, v in (rounds or {}).items() if type(v) is int]
                seen.append(Seen(what, line, array, tuple(loops)))

        return note

    def _noting_part(self, seen: list[Seen]) -> Callable[..., Any]:
        note = self._noting(seen)

        def note_part(line: int, what: str, value: Any) -> Any:
            note(line, what, value)
            return value

        return note_part


_ROUND, _SEEN, _PART = "_bplab_round", "_bplab_seen", "_bplab_part"


def _alike(one: Answer, other: Answer) -> bool:
    """Whether two answers are the same numbers, or errors of one kind in one place."""
    if one.raised and other.raised:
        return one.raised.line == other.raised.line
    if one.arrays is None or other.arrays is None:
        return False
    return len(one.arrays) == len(other.arrays) and all(map(_equal, one.arrays, other.arrays))


def _equal(one: np.ndarray, other: np.ndarray) -> bool:
    return np.array_equal(one, other, equal_nan=True)


def _numbers(value: Any) -> np.ndarray | None:
    """Return a copy of an array of numbers, or of a number; None of all else."""
    if not isinstance(value, (np.ndarray, np.generic, float, int)) or isinstance(value, bool):
        return None
    array = np.array(value)
    return array.astype(float) if array.dtype.kind in "fiu" else None


def _counted(tree: ast.Module) -> ast.Module:
    """Let every round of every loop be counted."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.For, ast.While)):
            node.body.insert(0, _statement(_ROUND))
            ast.copy_location(node.body[0], node.body[1])
    return tree


def _statement(name: str, *arguments: ast.expr) -> ast.Expr:
    return ast.Expr(ast.Call(ast.Name(name, ast.Load()), list(arguments), []))


class _Watching(ast.NodeTransformer):
    """Puts a note behind every assignment to a name, and around every expression."""

    def __init__(self, code: Code):
        self.code = code
        self.inside = False
        self.loops: list[str] = []

    def visit_For(self, node: ast.For) -> ast.For:
        node.iter = self.visit(node.iter)
        name = node.target.id if isinstance(node.target, ast.Name) else ""
        self.loops.append(name)
        node.body = list(self._body(node.body))
        self.loops.pop()
        node.orelse = list(self._body(node.orelse))
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        if not self.inside:  # a function in it may be called more than once
            self.inside = True
            node.body = list(self._body(node.body))
        return node

    def visit_While(self, node: ast.While) -> ast.While:
        self.loops.append("")
        node.body = list(self._body(node.body))
        self.loops.pop()
        return node

    def visit_If(self, node: ast.If) -> ast.If:
        node.test = self.visit(node.test)
        node.body, node.orelse = list(self._body(node.body)), list(self._body(node.orelse))
        return node

    def visit_With(self, node: ast.With) -> ast.With:
        node.body = list(self._body(node.body))
        return node

    def _body(self, body: list[ast.stmt]) -> Iterator[ast.stmt]:
        for statement in body:
            names = list(_assigned(statement))
            line = Span.of(statement).last - self.code.first + 1
            yield self.visit(statement)
            for name in names:
                note = _statement(
                    _SEEN,
                    ast.Constant(line),
                    ast.Constant(name),
                    ast.Name(name, ast.Load()),
                    ast.Dict(
                        [ast.Constant(loop) for loop in self.loops if loop],
                        [ast.Name(loop, ast.Load()) for loop in self.loops if loop],
                    ),
                )
                yield ast.copy_location(note, statement)

    def visit(self, node: ast.AST) -> Any:
        """Watch an expression, if its value is a number's or an array's own."""
        span = Span.of(node) if isinstance(node, _WATCHED) else None
        if isinstance(node, _ELSEWHERE):
            return node
        if isinstance(node, ast.Call):  # what is called has no value to be watched
            node.args = [self.visit(argument) for argument in node.args]
            if isinstance(node.func, ast.Attribute) and not isinstance(node.func.value, ast.Name):
                node.func.value = self.visit(node.func.value)
            visited: Any = node
        else:
            visited = super().visit(node)
        if span is None or self.loops or not isinstance(getattr(node, "ctx", _LOAD), ast.Load):
            return visited
        if isinstance(node, ast.Attribute) and node.attr != "T":
            return visited
        text = self.code.text(span)
        if "\n" in text:
            return visited
        line = ast.Constant(span.line - self.code.first + 1)
        name = ast.Name(_PART, ast.Load())
        return ast.copy_location(ast.Call(name, [line, ast.Constant(text), visited], []), node)


_ELSEWHERE = (ast.Lambda, ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp)
"""Expressions with names of their own."""

_WATCHED = (ast.BinOp, ast.Call, ast.Subscript, ast.Attribute)
_LOAD = ast.Load()


def _assigned(statement: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement gives a value."""
    targets: list[ast.expr] = []
    match statement:
        case ast.Assign():
            targets = statement.targets
        case ast.AugAssign() | ast.AnnAssign(value=ast.expr()):
            targets = [statement.target]
    for target in targets:
        for part in target.elts if isinstance(target, ast.Tuple) else [target]:
            if isinstance(part, ast.Name):
                yield part.id
