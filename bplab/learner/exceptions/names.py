"""Errors with names, attributes and imports, and those whose class is enough to explain them."""

import ast
import builtins
import difflib
from collections import Counter
from collections.abc import Iterable
from types import BuiltinFunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from bplab.activations import Activation, Softmax
from bplab.errors import listed
from bplab.learner.causes import Cause, Told
from bplab.learner.exceptions.operands import loses_fractions, none, text_of, what_is_there
from bplab.learner.exceptions.scene import Scene
from bplab.learner.exceptions.values import array_like, describe, is_function
from bplab.tree import Layers

__all__ = ["attribute", "by_kind", "name"]

_READABLE = (np.ndarray, np.generic, Activation, Softmax)
_WORDS = {"true": "True", "false": "False", "none": "None", "null": "None"}


# --- names --------------------------------------------------------------------------------


def name(scene: Scene) -> Told | None:
    """Return what is wrong with a name."""
    error = scene.error
    if isinstance(error, UnboundLocalError):
        return _unbound(scene)
    if not isinstance(error, NameError):
        return None
    wanted = error.name
    if type(wanted) is not str and isinstance(scene.node, ast.Name):
        wanted = scene.node.id
    if type(wanted) is not str or not wanted.isidentifier():
        return Told(Cause.NAME)
    if scene.frame is not None and wanted in scene.frame.f_code.co_freevars:
        return Told(Cause.UNBOUND, f"{wanted} is assigned further out, and not yet")
    return Told(Cause.NAME, f"nothing is called {wanted}{_meant(scene, wanted)}")


def _meant(scene: Scene, wanted: str) -> str:
    """Say which name may be meant: a known name, or one of numpy's."""
    if wanted in _WORDS:
        return f"; Python writes {_WORDS[wanted]}"
    if wanted == "np":
        return "; numpy gets that name by import numpy as np"
    if wanted == "numpy" and scene.named("np") is np:
        return "; it is called np here"
    if wanted == "math":
        return "; numpy has the functions of math for arrays: np.exp, np.sqrt"
    there = {key: None for names in scene.names for key in names if not key.startswith("_")}
    # in this order: names of the function, of the notebook, of Python itself
    own = list(there)
    same = [other for other in own if other.lower() == wanted.lower()]
    close = same or difflib.get_close_matches(wanted, own, 2, 0.75 if len(wanted) > 3 else 0.9)
    said = ""
    given = _given(scene)
    if close:
        said = f"; did you mean {listed(close, 'or')}?"
    elif callable(its := getattr(np, wanted, None)) and _would_do(scene, its):
        return f"; numpy has np.{wanted}"
    return said + (f" (the function is given {listed(given)})" if given and not same else "")


def _would_do(scene: Scene, function: Any) -> bool:
    """Whether a function of numpy's has the attribute that the code asks the unknown name for.

    True, too, if it asks for none.
    """
    around = scene.parent(scene.node) if scene.node else None
    return not isinstance(around, ast.Attribute) or hasattr(function, around.attr)


def _given(scene: Scene) -> list[str]:
    if scene.frame is None or scene.frame.f_code.co_name.startswith("<"):
        return []
    code = scene.frame.f_code
    return list(code.co_varnames[: code.co_argcount])


def _unbound(scene: Scene) -> Told:
    wanted = scene.node.id if isinstance(scene.node, ast.Name) else scene.operand
    if type(wanted) is not str:
        return Told(Cause.UNBOUND)
    adds = any(
        isinstance(n, ast.AugAssign) and isinstance(n.target, ast.Name) and n.target.id == wanted
        for n in ast.walk(scene.definition or ast.Module([], []))
    )
    outside = scene.frame is not None and wanted in scene.frame.f_globals
    if hasattr(builtins, wanted):
        said = f"{wanted} is assigned in this function, which hides Python's own {wanted}"
    elif adds and isinstance(scene.statement, ast.AugAssign):
        said = f"{wanted} has no value that anything could be added to"
    else:
        said = f"{wanted} has no value yet at this place of the function"
    if outside and not hasattr(builtins, wanted):
        said += f"; the {wanted} of another cell is not seen"
    return Told(Cause.UNBOUND, said)


# --- attributes ---------------------------------------------------------------------------


def attribute(scene: Scene) -> Told | None:
    """Return what is wrong with an attribute."""
    error, node = scene.error, scene.node
    if not isinstance(error, AttributeError):
        return None
    owner, wanted = error.obj, error.name
    if type(owner) is Layers:
        owner = list(owner)
    if not scene.inside:
        # numpy raises the errors on its own missing names inside itself
        if not isinstance(node, ast.Attribute) or type(scene.value(node.value)) is not ModuleType:
            return None
        owner, wanted = scene.value(node.value), node.attr
    if type(wanted) is not str or not wanted.isidentifier():
        return None
    what = text_of(node.value) if isinstance(node, ast.Attribute) else "it"
    if owner is None:
        known = isinstance(node, ast.Attribute)
        return none(scene, node.value) if known else Told(Cause.NONE)  # type: ignore[union-attr]
    if isinstance(owner, (MethodType, BuiltinFunctionType)) and node is not None:
        return Told(Cause.METHOD, f"{what} is the method itself; {what}().{wanted} may be meant")
    its = is_function(owner) and not issubclass(type(owner), _READABLE)
    if its or isinstance(owner, np.ufunc):
        return Told(Cause.ATTRIBUTE, f"{what} is a function, and has no {wanted}")
    if type(owner) is ModuleType:
        return Told(Cause.ATTRIBUTE, _of_module(owner, wanted))
    plain = type(owner) in (list, tuple, dict, str, int, float, bool)
    if not plain and not issubclass(type(owner), _READABLE):
        return None
    said = f"{what} is {_described(owner)}, and has no {wanted}"
    return Told(Cause.ATTRIBUTE, said + _instead(owner, wanted))


def _described(owner: Any) -> str:
    if issubclass(type(owner), Activation):
        return "an elementwise activation"
    if issubclass(type(owner), Softmax):
        return "the softmax"
    return describe(owner)


def _of_module(module: ModuleType, wanted: str) -> str:
    said = f"{module.__name__} has no {wanted}"
    if module.__name__ not in ("numpy", "math"):
        return said
    near = difflib.get_close_matches(wanted, _public(vars(module)), 1, 0.75)
    if module.__name__ == "math" and hasattr(np, wanted):
        return f"{said}; numpy has"
    if wanted in ("sigmoid", "relu", "softmax"):
        return f"{said}: use the activation that the function is given, or write it with np.exp"
    return f"{said}; did you mean {module.__name__}.{near[0]}?" if near else said


def _public(names: Iterable[str]) -> list[str]:
    return [key for key in names if not key.startswith("_")]


def _instead(owner: Any, wanted: str) -> str:
    """Say what may be meant in place of an attribute."""
    if type(owner) is tuple and hasattr(list, wanted):
        return ": a tuple cannot be changed; list(…) makes a list of it"
    if type(owner) in (list, tuple) and hasattr(np.ndarray, wanted):
        return f": each of its entries may have one, and np.array(…).{wanted} if all have one shape"
    names = _public(dir(type(owner)))
    if issubclass(type(owner), Activation):
        names += ["name"]
    near = [n for n in names if n.lower() == wanted.lower()]
    near = near or difflib.get_close_matches(wanted, names, 1, 0.7)
    if near:
        return f"; did you mean {near[0]}?"
    if issubclass(type(owner), Softmax) and "deriv" in wanted:
        return ": every output depends on every input, so it has a jacobian"
    if array_like(owner) and callable(getattr(np, wanted, None)):
        return f"; numpy has the function np.{wanted}"
    return ""


# --- errors whose class says it all -------------------------------------------------------


def by_kind(scene: Scene) -> Told | None:
    """Return what is wrong where the class of the error tells it, wherever it came up."""
    error, node = scene.error, scene.node
    if type(error).__module__ == "bplab.grading._withheld":
        return Told(Cause.WITHHELD)
    if isinstance(error, RecursionError):
        return _endless(scene)
    if isinstance(error, MemoryError):
        shape = getattr(error, "shape", None)
        return Told(Cause.MEMORY, f"an array of shape {shape} is asked for" if shape else "")
    if isinstance(error, ImportError):
        missing = error.name if type(error.name) is str else ""
        if isinstance(node, ast.ImportFrom) and not isinstance(error, ModuleNotFoundError):
            names = listed((alias.name for alias in node.names), "or")
            return Told(Cause.IMPORT, f"{node.module} has no {names}")
        return Told(Cause.IMPORT, f"there is no module {missing} here" if missing else "")
    if isinstance(error, AssertionError) and scene.inside:
        test = scene.statement.test if isinstance(scene.statement, ast.Assert) else None
        if test is None:
            return None
        there = what_is_there(scene, *_sides(test))
        return Told(Cause.ASSERTION, f"{text_of(test)} does not hold{there and f': {there}'}")
    if isinstance(error, ZeroDivisionError) and not isinstance(node, (ast.BinOp, ast.AugAssign)):
        return Told(Cause.ZERO)
    if loses_fractions(error) and node is None:
        return Told(Cause.CASTING)
    return None


def _sides(test: ast.expr) -> list[ast.expr]:
    return [test.left, *test.comparators] if isinstance(test, ast.Compare) else [test]


def _endless(scene: Scene) -> Told | None:
    code, count = Counter(scene.called()).most_common(1)[0]
    if count < 50:
        return None
    name = code.co_name
    plain = name.isidentifier()
    return Told(Cause.RECURSION, f"{name} calls itself again and again" if plain else "")
