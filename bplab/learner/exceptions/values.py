"""Describe values in words, and work out the shapes of results that were never stored.

Only numpy's own arrays, numbers and plain Python containers are inspected: nothing here runs a
learner's code.
"""

import math
from collections.abc import Sequence
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any, NamedTuple

import numpy as np

from bplab.activations import Activation, Softmax

__all__ = [
    "UNKNOWN",
    "Like",
    "Shape",
    "array_like",
    "broadcast",
    "describe",
    "is_function",
    "is_number",
    "is_one",
    "joined_as",
    "kind_of",
    "letters_of",
    "multiplied",
    "shape_of",
    "size",
    "summed_as",
]

Shape = tuple[int, ...]


class _Unknown:
    """Stands for a value that cannot be read without running anything."""


UNKNOWN = _Unknown()
SHOWN = 5
"""How many entries of a list are described by their shapes, at most."""


class Like(NamedTuple):
    """Stands for an array that was not stored: its shape, and the kind of its dtype if certain."""

    shape: Shape
    kind: str = ""


def is_number(value: Any) -> bool:
    """Whether it is a single number or truth value."""
    return type(value) in (int, float, bool, complex) or isinstance(value, np.generic)


def array_like(value: Any) -> bool:
    """Whether it is an array, or stands for one."""
    return type(value) is Like or issubclass(type(value), np.ndarray)


def is_one(value: Any, *others: Any) -> bool:
    """Whether it is one of these objects themselves; ``in`` does not work with arrays."""
    return any(value is other for other in others)


def is_function(value: Any) -> bool:
    """Whether it is a function or a method, or an activation."""
    kinds = (FunctionType, BuiltinFunctionType, MethodType, np.ufunc, Activation, Softmax)
    own = callable(value) and type(value).__module__.startswith("bplab.")
    return own or issubclass(type(value), kinds) or type(value) is type(np.sum)


def shape_of(value: Any) -> Shape | None:
    """Return the shape of an array, a number, or a list that can become an array; else None."""
    if type(value) is Like:
        return value.shape
    if issubclass(type(value), np.ndarray):
        return tuple(np.ndarray.shape.__get__(value))
    if is_number(value):
        return ()
    if type(value) in (list, tuple) and 0 < len(value) <= 10_000:
        shapes = {shape_of(item) for item in value}
        inner = shapes.pop()
        return None if shapes or inner is None else (len(value), *inner)
    return None


def kind_of(value: Any) -> str:
    """Return numpy's letter for the kind of numbers, such as ``"f"`` or ``"i"``; may be empty."""
    if type(value) is Like:
        return value.kind
    if issubclass(type(value), (np.ndarray, np.generic)):
        return str(np.asarray(value).dtype.kind)
    return {bool: "b", int: "i", float: "f", complex: "c"}.get(type(value), "")


def broadcast(*shapes: Shape) -> Shape | None:
    """Return the shape of an entrywise result; None if the shapes do not fit each other."""
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        return None


def multiplied(a: Shape, b: Shape, *, dot: bool = False) -> Shape | None:
    """Return the shape of ``a @ b``, or of ``np.dot``; None if they do not fit."""
    if not a or not b:
        return broadcast(a, b) if dot else None
    inner = b[-2] if len(b) > 1 else b[0]
    if a[-1] != inner:
        return None
    left, right = a[:-1], b[-1:] if len(b) > 1 else ()
    if dot:
        return (*left, *b[:-2], *right)
    stack = broadcast(a[:-2], b[:-2])
    return None if stack is None else (*stack, *left[-1:], *right)


def describe(value: Any) -> str:
    """Say what a value is; for an array, its shape."""
    if array_like(value):
        return _array(value)
    if value is None:
        return "None"
    if type(value) in (bool, int):
        return str(value) if abs(value) < 10**6 else "a whole number"
    if is_number(value):
        return "a single number"
    if type(value) is str:
        return "text"
    if type(value) in (list, tuple):
        return _container(value)
    if type(value) is dict:
        return f"a dictionary of {len(value)} keys"
    if issubclass(type(value), (Activation, Softmax)):
        return "an activation"
    if is_function(value):
        return "a function"
    if type(value) is ModuleType:
        return "a module"
    return f"of type {type(value).__name__}"


def _array(value: Any) -> str:
    shape, kind = shape_of(value), kind_of(value)
    kinds = {"i": " of whole numbers", "u": " of whole numbers", "b": " of truth values"}
    kinds |= {"O": " of objects", "U": " of text", "S": " of text", "c": " of complex numbers"}
    if shape == ():
        return f"a single number{kinds.get(kind, '').replace(' of', ',', 1)}"
    return f"{shape}{kinds.get(kind, '')}"


def _container(value: Sequence[Any]) -> str:
    name = type(value).__name__
    if not value:
        return f"an empty {name}"
    count = len(value)
    if count <= 4 and all(type(item) is int for item in value):
        return repr(value)
    shapes = [shape_of(item) for item in value[:SHOWN]]
    if all(shape == () for shape in shapes):
        return f"a {name} of {count} number{'s' * (count > 1)}"
    if all(array_like(item) for item in value[:SHOWN]):
        more = ", …" if count > SHOWN else ""
        things = f"{count} arrays" if count > 1 else "one array"
        return f"a {name} of {things}: {', '.join(map(str, shapes))}{more}"
    if all(is_function(item) for item in value[:SHOWN]):
        return f"a {name} of {count} function{'s' * (count > 1)}"
    return f"a {name} of {count} entr{'ies' if count > 1 else 'y'}"


def joined_as(name: str, shapes: Sequence[Shape], axis: int = 0) -> Shape | None:
    """Return the shape of arrays joined by one of numpy's functions; None if they do not fit.

    Parameters
    ----------
    name : str
        ``"column_stack"``, ``"hstack"``, ``"vstack"``, ``"concatenate"``, ``"stack"``, ``"c_"``,
        ``"r_"``.
    shapes : sequence of tuple of int
    axis : int
        For concatenate and stack.
    """
    if not shapes:
        return None
    match name:
        case "stack":
            whole = (*shapes[0][:axis], len(shapes), *shapes[0][axis:])
            return whole if len(set(shapes)) == 1 else None
        case "column_stack" | "c_":
            return _joined([s if len(s) > 1 else (*(s or (1,)), 1) for s in shapes], -1)
        case "vstack":
            return _joined([s if len(s) > 1 else (1, *(s or (1,))) for s in shapes], 0)
        case "hstack" | "r_":
            some = [s or (1,) for s in shapes]
            return _joined(some, 1 if name == "hstack" and len(some[0]) > 1 else 0)
    return _joined(shapes, axis)


def letters_of(subscripts: str) -> list[str] | None:
    """Return np.einsum's letters for each array; None if there are other signs than letters."""
    given = subscripts.replace(" ", "").partition("->")[0].split(",")
    return given if all(word.isalpha() or not word for word in given) else None


def summed_as(subscripts: str, shapes: Sequence[Shape]) -> Shape | None:
    """Return the shape of a result of np.einsum; None if the arrays do not fit the subscripts.

    None, too, for subscripts without ``->`` or with signs other than letters.
    """
    given, arrow, result = subscripts.replace(" ", "").partition("->")
    words = letters_of(given)
    if not arrow or words is None or len(words) != len(shapes):
        return None
    sizes: dict[str, int] = {}
    for word, shape in zip(words, shapes, strict=True):
        if len(word) != len(shape):
            return None
        for letter, count in zip(word, shape, strict=True):
            if 1 not in (count, sizes.get(letter, 1)) and sizes[letter] != count:
                return None
            sizes[letter] = max(count, sizes.get(letter, 1))
    if any(letter not in sizes for letter in result):
        return None
    return tuple(sizes[letter] for letter in result)


def _joined(shapes: Sequence[Shape], axis: int) -> Shape | None:
    first = shapes[0]
    if any(len(shape) != len(first) for shape in shapes):
        return None
    if not -len(first) <= axis < len(first):
        return None
    axis %= len(first)
    rest = {shape[:axis] + shape[axis:][1:] for shape in shapes}
    if len(rest) != 1:
        return None
    return (*first[:axis], sum(shape[axis] for shape in shapes), *first[axis + 1 :])


def size(shape: Shape) -> int:
    """Return the number of entries."""
    return math.prod(shape)
