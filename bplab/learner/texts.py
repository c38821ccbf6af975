"""The text of a learner's function, as a tree, and the code that comes of it."""

import ast
import inspect
import textwrap
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any

from bplab.learner.rebuilt import is_own

__all__ = ["Text"]


@dataclass(frozen=True)
class Text:
    """The text of one function, with the lines of its file.

    Attributes
    ----------
    tree : Module
    function : FunctionDef or Lambda
        In the tree.
    """

    tree: ast.Module
    function: ast.FunctionDef | ast.Lambda
    _lines: tuple[str, ...]
    _old: CodeType

    @classmethod
    def of(cls, function: FunctionType) -> "Text | None":
        """Read it; None if it cannot be read, or uses variables of a function around it."""
        if not is_own(function) or function.__code__.co_freevars:
            return None
        try:
            lines, start = inspect.getsourcelines(function)
            tree = ast.parse(textwrap.dedent("".join(lines)))
        except (OSError, TypeError, SyntaxError, ValueError):
            return None
        if len(tree.body) != 1:
            return None
        found = tree.body[0]
        if function.__code__.co_name == "<lambda>":
            inside = [one for one in ast.walk(tree) if isinstance(one, ast.Lambda)]
            if len(inside) != 1 or not isinstance(found, ast.Assign):
                return None
            its: ast.FunctionDef | ast.Lambda = inside[0]
        elif isinstance(found, ast.FunctionDef):
            its = found
        else:
            return None
        ast.increment_lineno(tree, max(start, 1) - 1)
        return cls(tree, its, tuple(lines), function.__code__)

    @property
    def _start(self) -> int:
        return max(self._old.co_firstlineno, 1)

    def place(self, node: ast.AST) -> tuple[int, int, int, str]:
        """Return the line of a node, the columns in letters where it stands, and the line's text.

        Of a node of several lines its first one counts.
        """
        at: Any = node
        text = self._lines[at.lineno - self._start].rstrip("\n")
        indent = len(self._lines[0]) - len(self._lines[0].lstrip())
        inside = text[indent:].encode()
        begin = len(inside[: at.col_offset].decode(errors="ignore")) + indent
        if at.end_lineno != at.lineno:
            return at.lineno, begin, len(text), text
        end = len(inside[: at.end_col_offset].decode(errors="ignore")) + indent
        return at.lineno, begin, end, text

    def code(self, tree: ast.Module | None = None) -> CodeType | None:
        """Return the code of the function as a tree has it now; None if such code cannot be.

        The tree is its own, or a changed copy of it.
        """
        try:
            module = compile(tree or self.tree, self._old.co_filename, "exec", dont_inherit=True)
        except (SyntaxError, ValueError):
            return None
        name = self._old.co_name
        found = (c for c in module.co_consts if isinstance(c, CodeType) and c.co_name == name)
        code = next(found, None)
        if code is None or code.co_freevars or code.co_argcount != self._old.co_argcount:
            return None
        return code
