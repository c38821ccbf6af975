"""The text of a learner's function as a tree, and the code compiled from it."""

import ast
import linecache
from collections.abc import Callable
from functools import lru_cache
from types import CodeType
from typing import Any

from bplab.learner.rebuilt import is_own

__all__ = ["Text", "copy_of", "line_of", "loop_names", "put_at"]

Definition = ast.FunctionDef | ast.Lambda


class Text:
    """The text of one function, as it stands in its cell or file.

    Attributes
    ----------
    function : FunctionDef or Lambda
        Its tree, which callers may change. Defaults, decorators and annotations, which run where
        the function is defined, are taken out. Lines and columns are those of the cell.
    """

    def __init__(self, function: Definition, lines: list[str], code: CodeType):
        self.function, self._lines, self._old = function, lines, code

    @classmethod
    def of(cls, function: Callable[..., Any]) -> "Text | None":
        """Read a function's text; None if it cannot be read, or is not the text of its code."""
        if not is_own(function):
            return None
        code = function.__code__
        lines = linecache.getlines(code.co_filename, function.__globals__)
        found = _definition("".join(lines), code)
        return None if found is None else cls(copy_of(found), lines, code)

    def copy(self) -> "Text":
        """Return a copy of the text with its tree as it is now."""
        return Text(copy_of(self.function), self._lines, self._old)

    @property
    def is_closure(self) -> bool:
        """Whether it uses variables of a function around it."""
        return bool(self._old.co_freevars)

    def letters(self, line: int, column: int) -> int:
        """Return a column counted in letters; Python counts it in bytes."""
        return len(self._lines[line - 1].encode()[:column].decode(errors="ignore"))

    def between(self, line: int, begin: int, last: int, end: int | None) -> str:
        """Return what stands between two places, in lines from 1 and columns in letters."""
        lines = self._lines[line - 1 : last]
        lines[-1] = lines[-1][:end]
        lines[0] = lines[0][begin:]
        return "".join(lines)

    def beginning(self, node: ast.AST, letters: int) -> str:
        """Return a node as it is written, cut after this many letters."""
        at: Any = node
        last = min(at.end_lineno, at.lineno + letters)
        end = self.letters(last, at.end_col_offset) if last == at.end_lineno else None
        text = self.between(at.lineno, self.letters(at.lineno, at.col_offset), last, end)
        return text if len(text) <= letters else f"{text[:letters]} …"

    def place(self, node: ast.AST) -> tuple[int, int, int, str]:
        """Return the line of a node, its first and last columns in letters, and the line's text.

        If the node has several lines, these are those of its first line.
        """
        at: Any = node
        text = self._lines[at.lineno - 1].rstrip("\n")
        begin = self.letters(at.lineno, at.col_offset)
        if at.end_lineno != at.lineno:
            return at.lineno, begin, len(text), text
        return at.lineno, begin, self.letters(at.lineno, at.end_col_offset), text

    def code(self, function: Definition | None = None) -> CodeType | None:
        """Return the code of the function as it is now; None if it cannot be compiled.

        If a changed copy of the function is given, return the code of that.
        """
        return _compiled(function or self.function, self._old)


@lru_cache(maxsize=32)
def _definition(text: str, code: CodeType) -> Definition | None:
    """Find the definition of a function; None if no definition in the text gives its code."""
    tree = _parsed(text)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, Definition) and _may_be(node, code):
            bare = _bare(node)
            again = _compiled(bare, code)
            if again is not None and _same(again, code):
                return bare
    return None


@lru_cache(maxsize=32)
def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):
        return None


def _may_be(node: Definition, code: CodeType) -> bool:
    if isinstance(node, ast.Lambda):
        return code.co_name == "<lambda>" and node.lineno == code.co_firstlineno
    first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
    return node.name == code.co_name and first == code.co_firstlineno


def _bare(node: Definition) -> Definition:
    """Return a copy of a definition without defaults, decorators and annotations."""
    other: Definition = copy_of(node)
    arguments = other.args
    arguments.defaults = [ast.copy_location(ast.Constant(None), d) for d in arguments.defaults]
    arguments.kw_defaults = [
        d and ast.copy_location(ast.Constant(None), d) for d in arguments.kw_defaults
    ]
    for one in (
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
        *filter(None, (arguments.vararg, arguments.kwarg)),
    ):
        one.annotation = None
    if isinstance(other, ast.FunctionDef):
        other.decorator_list, other.returns = [], None
    return other


def copy_of(node: Any) -> Any:
    """Return a copy of a tree; each of its nodes keeps its place."""
    if isinstance(node, list):
        return [copy_of(one) for one in node]
    if not isinstance(node, ast.AST) or not node._fields:  # Load, Add: all nodes share one
        return node
    copied = type(node).__new__(type(node))  # Python 3.13 warns if the class is called bare
    fields = vars(copied)
    for name, value in vars(node).items():  # among them its lines and columns
        if isinstance(value, (list, ast.AST)):
            value = copy_of(value)
        fields[name] = value
    return copied


def loop_names(tree: ast.AST) -> list[str]:
    """Return the names of the variables of loops and comprehensions, each once."""
    loops = [one for one in ast.walk(tree) if isinstance(one, (ast.For, ast.comprehension))]
    names = (one for loop in loops for one in ast.walk(loop.target) if isinstance(one, ast.Name))
    return list(dict.fromkeys(one.id for one in names))


def _compiled(node: Definition, like: CodeType) -> CodeType | None:
    """Return the code of a definition; its free variables are those of ``like``."""
    names = like.co_freevars
    outer: Any = ast.parse(f"def outer({', '.join(names)}): pass").body[0]
    if isinstance(node, ast.Lambda):
        outer.body = [ast.copy_location(ast.Expr(node), node)]
    else:
        itself = ast.copy_location(ast.Global([node.name]), node)
        outer.body = [*[itself] * (node.name not in names), node]
    try:
        code = compile(ast.Module([outer], []), like.co_filename, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError):
        return None
    for _ in range(2):
        code = next((c for c in code.co_consts if isinstance(c, CodeType)), code)
    if code.co_freevars != names or code.co_argcount != like.co_argcount:
        return None
    return code.replace(co_qualname=like.co_qualname)


def _same(one: CodeType, other: CodeType) -> bool:
    """Whether two code objects come from the same text.

    Their instructions may differ: Python compiles ``np.exp(x)`` in another way where it sees the
    import of ``np``.
    """
    return (
        _positions(one) == _positions(other)
        and one.co_names == other.co_names
        and one.co_varnames == other.co_varnames
        and one.co_freevars == other.co_freevars
        and len(one.co_consts) == len(other.co_consts)
        and all(
            _same(a, b) if isinstance(a, CodeType) and isinstance(b, CodeType) else a == b or a != a
            for a, b in zip(one.co_consts, other.co_consts, strict=True)
            if not (isinstance(a, str) and isinstance(b, str))
        )
    )


def _positions(code: CodeType) -> set[tuple[int | None, ...]]:
    """Where the instructions stand; without the first one, which has no width.

    Of a decorated function that one has the line of the decorator.
    """
    return {at for at in code.co_positions() if at[2] != at[3]}


def put_at(new: Any, node: Any) -> Any:
    """Give a node the place of another; a faster `ast.copy_location`."""
    new.lineno, new.col_offset = node.lineno, node.col_offset
    new.end_lineno, new.end_col_offset = node.end_lineno, node.end_col_offset
    return new


def line_of(node: ast.AST) -> int:
    """Return the line in which a node begins; 0 if it has none."""
    return int(getattr(node, "lineno", 0))
