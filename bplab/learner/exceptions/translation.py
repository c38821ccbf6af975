"""From an error to its cause: try one explanation after another."""

import ast

from bplab.learner.causes import Cause, Told
from bplab.learner.exceptions.calls import call
from bplab.learner.exceptions.elements import element, loop, uneven, unpacking
from bplab.learner.exceptions.names import attribute, by_kind, name
from bplab.learner.exceptions.operands import what_is_there
from bplab.learner.exceptions.operators import condition, operator, unequal
from bplab.learner.exceptions.scene import Scene

__all__ = ["translated"]

_LOOKS = (by_kind, name, attribute, condition, operator, element, unpacking, loop, call)
_LAST = (unequal, uneven)


def translated(error: BaseException, libraries: tuple[str, ...]) -> Told:
    """Return the cause of an error if it is certain, and the values involved.

    Parameters
    ----------
    error : BaseException
        As it was caught, with its traceback.
    libraries : tuple of str
        Prefixes of the names of files whose code is not a learner's.
    """
    scene = Scene(error, libraries)
    if scene.frame is None and _is_not_entered(error):
        return Told(Cause.SIGNATURE)
    if scene.frame is None or isinstance(scene.statement, ast.Raise):
        return Told(None)  # an error that the learner raises has its own message
    for found in scene.turns():
        scene.bound = found
        for look in _LOOKS:
            if told := look(scene):
                return told
    for look in _LAST:
        if told := look(scene):
            return told
    around = scene.node or scene.statement
    if around is None or isinstance(around, (ast.Import, ast.ImportFrom)):
        return Told(None)
    return Told(None, what_is_there(scene, *_pieces(around)))


def _is_not_entered(error: BaseException) -> bool:
    """Whether the learner's function was given arguments that it does not take."""
    at_once = error.__traceback__ is not None and error.__traceback__.tb_next is None
    return isinstance(error, TypeError) and at_once and "positional argument" in str(error)


def _pieces(node: ast.AST) -> list[ast.AST]:
    """Return the parts of an expression or a statement that may be involved in an error."""
    match node:
        case ast.Call(args=given, keywords=words):
            return [*given, *(word.value for word in words)]
        case ast.BinOp(left=left, right=right) | ast.AugAssign(target=left, value=right):
            return [left, right]
        case ast.stmt():
            return [n for n in ast.iter_child_nodes(node) if isinstance(n, ast.expr)]
    return [node]
