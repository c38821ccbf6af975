"""Which constructs and names a function's code holds: a slip that needs others is not named."""

import ast
from collections.abc import Iterable, Iterator
from types import FunctionType

from bplab.exercises.task import Construct
from bplab.learner import Text

_LOOPS = (ast.For, ast.While, ast.AsyncFor)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def held(functions: Iterable[FunctionType]) -> frozenset[str] | None:
    """Return the constructs and the names in the code of some functions.

    None if there are none, or the text of one of them cannot be read or has changed since.
    """
    texts = [Text.of(function) for function in functions]
    if not texts or None in texts:
        return None
    return frozenset(name for text in texts if text for name in _held(text.function))


def _held(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                yield name
            case ast.keyword(arg=str(name)):
                yield name
            case ast.AugAssign(op=ast.Add()):
                yield Construct.ADDS
            case ast.Slice():
                yield from (Construct.FROM,) * (node.lower is not None)
                yield from (Construct.UNTIL,) * (node.upper is not None)
            case ast.BinOp(op=ast.Mult(), left=left, right=right):
                if isinstance(left, ast.List) or isinstance(right, ast.List):
                    yield Construct.REPEATS
        if isinstance(node, (*_LOOPS, *_COMPREHENSIONS)):
            yield from (Construct.LOOP, Construct.FROM, Construct.UNTIL)
        if isinstance(node, _LOOPS) and any(map(_leaves, node.body)):
            yield Construct.LEFT


def _leaves(node: ast.AST) -> bool:
    """Whether a node holds a return or a break, not counting functions defined inside it."""
    if isinstance(node, (ast.Return, ast.Break)):
        return True
    if isinstance(node, (ast.FunctionDef, ast.Lambda)):
        return False
    return any(map(_leaves, ast.iter_child_nodes(node)))
