"""Errors with elements: indices, stored elements, joined arrays, unpacking, and loops."""

import ast
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from bplab.learner.causes import Cause, Told
from bplab.learner.exceptions.operands import is_written_out, none, odd_one, text_of, what_is_there
from bplab.learner.exceptions.scene import Scene
from bplab.learner.exceptions.values import (
    UNKNOWN,
    Shape,
    array_like,
    broadcast,
    describe,
    is_function,
    is_number,
    is_one,
    joined_as,
    kind_of,
    shape_of,
    size,
)

__all__ = ["element", "joins", "loop", "uneven", "unpacking"]


def element(scene: Scene) -> Told | None:
    """Return what is wrong with an index in square brackets, or with what is stored there."""
    node = scene.node
    if not isinstance(node, ast.Subscript):
        return None
    if isinstance(node.value, ast.Attribute) and is_one(scene.value(node.value), np.c_, np.r_):
        pieces = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return joins(scene, node.value.attr, pieces)
    stores = isinstance(node.ctx, ast.Store)
    return (_store(scene, node) if stores else None) or _index(scene, node)


# --- an index -----------------------------------------------------------------------------


def _index(scene: Scene, node: ast.Subscript) -> Told | None:
    owner, error = scene.value(node.value), scene.error
    name = text_of(node.value)
    if (is_function(owner) or scene.method(node.value)) and isinstance(error, TypeError):
        key = node.slice.value if isinstance(node.slice, ast.Constant) else None
        if type(key) is str:
            has = key.isidentifier() and hasattr(type(owner), key)
            instead = f"{name}.{key}(…) is meant" if has else f"it has nothing called “{key}”"
            return Told(Cause.NO_ELEMENTS, f"{name} is {describe(owner)}: {instead}")
        return Told(Cause.NO_ELEMENTS, f"{name} is a function or a method: call it, {name}(…)")
    if owner is UNKNOWN:
        return None
    if owner is None and isinstance(error, TypeError):
        return none(scene, node.value)
    if isinstance(error, KeyError) and type(owner) is dict:
        return Told(Cause.KEY, f"of keys {name} has {_keys(owner)}")
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if type(owner) is dict:
        keyed = array_like(scene.value(node.slice)) or type(scene.value(node.slice)) is list
        return None if not keyed else Told(Cause.UNHASHABLE, what_is_there(scene, node.slice))
    if is_number(owner) or (array_like(owner) and shape_of(owner) == ()):
        return Told(Cause.NO_ELEMENTS, f"{name} is a single number")
    if told := _end_of_slice(scene, f"{name} is {describe(owner)}", parts):
        return told
    if type(owner) in (list, tuple, str):
        return _in_list(scene, name, owner, node)
    return _in_array(scene, name, owner, parts) if array_like(owner) else None


def _end_of_slice(scene: Scene, there: str, parts: Sequence[ast.expr]) -> Told | None:
    """Say that a slice begins, ends or steps by something that is not a whole number."""
    if not isinstance(scene.error, TypeError):
        return None
    slices = [part for part in parts if isinstance(part, ast.Slice)]
    for end in (end for s in slices for end in (s.lower, s.upper, s.step) if end is not None):
        value = scene.value(end)
        if value is None or value is UNKNOWN or _is_whole(value):
            continue
        if array_like(value) and kind_of(value) in "iu" and shape_of(value) == ():
            continue
        return Told(Cause.INDEX_TYPE, f"{there}, and {text_of(end)} is {_type(value)}")
    return None


def _keys(owner: dict[Any, Any]) -> str:
    if not owner:
        return "none at all"
    keys = [repr(key) for key in list(owner)[:8] if type(key) in (int, str)]
    more = ", …" if len(owner) > len(keys) else ""
    return ", ".join(keys) + more if keys else "of another kind"


def _in_list(scene: Scene, name: str, owner: Sequence[Any], node: ast.Subscript) -> Told | None:
    index, what = scene.value(node.slice), describe(owner)
    if isinstance(scene.error, IndexError) and _is_whole(index):
        count = len(owner)
        if -count <= index < count:
            return None
        if isinstance(node.value, ast.Attribute) and node.value.attr == "shape":
            axes = f"{text_of(node.value.value)} has {_counted(count, 'axis', 'axes')}"
            return Told(Cause.INDEX, f"{name} is {owner}: {axes}{_is(node.slice, index)}")
        above = ""
        if name == "alphas" and index >= count and array_like(scene.named("beta")):
            above = ": the weights above the last hidden layer are beta"
        return Told(Cause.INDEX, f"{name} is {what}{_is(node.slice, index)}{above}")
    if not isinstance(scene.error, TypeError) or type(owner) is str:
        return None
    if isinstance(node.slice, ast.Tuple):
        return Told(Cause.LIST_INDICES, f"{name} is {what}")
    if index is not UNKNOWN and not _is_whole(index):
        said = f"{name} is {what}, and {text_of(node.slice)} is {_type(index)}"
        return Told(Cause.INDEX_TYPE, said)
    return None


def _type(value: Any) -> str:
    return "a float" if kind_of(value) == "f" and shape_of(value) == () else describe(value)


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _is(node: ast.expr, index: Any) -> str:
    """Say what an index is; by its name, if it has one."""
    if is_written_out(node):
        return f"; the index is {index}"
    return f", and {text_of(node)} is {index}"


def _in_array(scene: Scene, name: str, owner: Any, parts: Sequence[ast.expr]) -> Told | None:
    """Return what is wrong with an index of an array, axis by axis."""
    shape = shape_of(owner) or ()
    if not isinstance(scene.error, (IndexError, TypeError, ValueError)):
        return None
    counted = [p for p in parts if not (isinstance(p, ast.Constant) and p.value in (None, ...))]
    indices = [scene.index(p) for p in counted]
    masks = [i for i in indices if array_like(i) and kind_of(i) == "b"]
    there = f"{name} is {describe(owner)}"
    for part, index in zip(counted, indices, strict=True):
        value = scene.value(part) if index is UNKNOWN else index
        if type(value) in (str, float) or (array_like(value) and kind_of(value) == "f"):
            return Told(Cause.INDEX_TYPE, f"{there}, and {text_of(part)} is {_type(value)}")
        if is_number(value) and kind_of(value) == "f":
            return Told(Cause.INDEX_TYPE, f"{there}, and {text_of(part)} is a float")
    if not isinstance(scene.error, IndexError):
        return None
    if not masks and len(counted) > len(shape):
        taken = _counted(len(counted), "index", "indices")
        return Told(Cause.INDICES, f"{there}, and is given {taken}")
    if any(isinstance(p, ast.Constant) and p.value is ... for p in parts):
        return None
    if len(counted) == 1 and (mask := scene.value(counted[0])) is not UNKNOWN:
        masked = shape_of(mask)
        is_mask = array_like(mask) and kind_of(mask) == "b" and masked is not None
        if is_mask and masked != shape[: len(masked or ())]:
            return Told(Cause.MASK, f"{there}, and {text_of(counted[0])} is {masked}")
    if masks:
        return None
    for axis, (part, index, count) in enumerate(zip(counted, indices, shape, strict=False)):
        if _is_whole(index) and not -count <= index < count:
            along = _along(shape, axis)
            return Told(Cause.INDEX, f"{there}: {along}{_is(part, index)}")
        if type(index) is np.ndarray and index.size and index.dtype.kind in "iu":
            first, last = index.min(), index.max()
            if not (last >= count or first < -count):
                continue
            said = f"{text_of(part)} goes from {first} to {last}"
            return Told(Cause.INDEX, f"{there}: {_along(shape, axis)}, and {said}")
    return None


def _along(shape: Shape, axis: int) -> str:
    count = shape[axis]
    if len(shape) == 2:
        what = ("row", "rows") if axis == 0 else ("column", "columns")
    else:
        what = ("element", "elements")
    last = f", 0 to {count - 1}" if count > 1 else ", 0 only" if count else ""
    return f"it has {_counted(count, *what)}{last}"


# --- something is stored ------------------------------------------------------------------


def _store(scene: Scene, node: ast.Subscript) -> Told | None:
    owner, error, statement = scene.value(node.value), scene.error, scene.statement
    name = text_of(node.value)
    if type(owner) in (tuple, str) and isinstance(error, TypeError):
        return Told(Cause.FIXED, f"{name} is {describe(owner)}")
    if type(owner) is not np.ndarray or not isinstance(error, (ValueError, TypeError)):
        return None
    if owner.dtype.kind not in "fiubc":
        return None
    if isinstance(error, ValueError) and not owner.flags.writeable:
        return Told(Cause.READ_ONLY, f"{name} can only be read")
    if told := _masked(scene, node, statement):
        return told
    index = scene.index(node.slice)
    if index is UNKNOWN or not isinstance(statement, (ast.Assign, ast.AugAssign)):
        return None
    if isinstance(statement, ast.Assign) and statement.targets != [node]:
        return None
    try:
        place = np.shape(owner[index])
    except (IndexError, ValueError):
        return None
    value = scene.value(statement.value)
    if odd := odd_one(scene, statement.value):
        return odd
    shape = shape_of(value)
    if shape is None:
        return _ragged(statement.value, value)
    if isinstance(statement, ast.AugAssign):
        shape = broadcast(place, shape) or shape
    here, what = text_of(node), text_of(statement.value)
    if place == () and size(shape) != 1:
        return Told(Cause.ELEMENT, f"{here} is one number, and {what} is {describe(value)}")
    fits = broadcast(place, shape)
    if fits == place:
        return None
    return Told(Cause.STORE, f"{here} is {place}, and {what} is {describe(value)}")


def _masked(scene: Scene, node: ast.Subscript, statement: ast.stmt | None) -> Told | None:
    """Say that the number of stored values differs from the number of places in a mask."""
    mask = scene.value(node.slice)
    if not (array_like(mask) and kind_of(mask) == "b") or not isinstance(statement, ast.Assign):
        return None
    shape, owner = shape_of(mask), shape_of(scene.value(node.value))
    value = scene.value(statement.value)
    stored = shape_of(value)
    if not shape or not owner or shape != owner[: len(shape)] or not stored:
        return None
    if isinstance(scene.error, TypeError) and len(stored) < 2:
        return None
    what = f"{text_of(statement.value)} is {describe(value)}"
    return Told(Cause.MASKED, f"{text_of(node)} is where {text_of(node.slice)} holds, and {what}")


def _ragged(node: ast.expr, value: Any) -> Told | None:
    if type(value) in (list, tuple):
        return Told(Cause.RAGGED, f"{text_of(node)} is {describe(value)}")
    return None


# --- arrays that are joined ---------------------------------------------------------------


def joins(scene: Scene, name: str, pieces: Sequence[ast.expr], axis: int = 0) -> Told | None:
    """Return what is wrong with arrays that are to be joined along an axis."""
    shapes = [shape_of(scene.value(piece)) for piece in pieces]
    if odd := odd_one(scene, *pieces):
        return odd
    known = [shape for shape in shapes if shape is not None]
    if len(known) < len(shapes) or not isinstance(scene.error, (ValueError, TypeError)):
        return None
    if joined_as(name, known, axis) is not None:
        return None
    return Told(Cause.JOIN, what_is_there(scene, *pieces))


# --- unpacking and loops ------------------------------------------------------------------


def unpacking(scene: Scene) -> Told | None:
    """Return what is wrong where one value is unpacked into several names."""
    node = scene.node
    if not isinstance(node, (ast.Tuple, ast.List)) or "UNPACK" not in scene.operation:
        return None
    if not scene.inside:
        return None
    source, loops = _unpacked(scene, node)
    value = scene.value(source) if source is not None and not loops else UNKNOWN
    if source is not None and loops:
        value = _first(scene.value(source))
    if isinstance(scene.error, TypeError):
        if source is not None and not loops and (odd := odd_one(scene, source)):
            return odd
        if source is not None and is_number(value) and not loops:
            return Told(Cause.NO_LOOP, what_is_there(scene, source))
        return None
    if not isinstance(scene.error, ValueError):
        return None
    names = f"{_counted(len(node.elts), 'name stands', 'names stand')} on the left"
    count = _length(value)
    if source is None or count is None:
        return Told(Cause.UNPACK, names)
    what = f"an entry of {text_of(source)}" if loops else text_of(source)
    return Told(Cause.UNPACK, f"{names}, and {what} is {describe(value)}, {_values(count)}")


def _values(count: int) -> str:
    return _counted(count, "value", "values")


def _unpacked(scene: Scene, node: ast.AST) -> tuple[ast.expr | None, bool]:
    """Return the expression that is unpacked, and whether each of its entries is, in a loop."""
    match scene.parent(node):
        case ast.Assign(value=value):
            return value, False
        case ast.For(iter=many) | ast.comprehension(iter=many):
            return many, True
    return None, False


def _first(value: Any) -> Any:
    if type(value) in (list, tuple) and value:
        return value[0]
    shape = shape_of(value)
    if type(value) is np.ndarray and shape and shape[0]:
        return value[0]
    return UNKNOWN


def _length(value: Any) -> int | None:
    if type(value) in (list, tuple):
        return len(value)
    shape = shape_of(value)
    return shape[0] if shape else None


def loop(scene: Scene) -> Told | None:
    """Return what is wrong with the value that a loop, or an unpacking, iterates over."""
    begins = "GET_ITER" in scene.operation and scene.inside
    if not begins or not isinstance(scene.error, TypeError):
        return None
    node = scene.node
    match node:
        case ast.For(iter=many):
            looped: ast.AST = many
        case ast.ListComp(generators=[first, *_]) | ast.GeneratorExp(generators=[first, *_]):
            looped = first.iter
        case ast.SetComp(generators=[first, *_]) | ast.DictComp(generators=[first, *_]):
            looped = first.iter
        case ast.expr():
            looped = node
        case _:
            return None
    if odd := odd_one(scene, looped):
        return odd
    value = scene.value(looped)
    if is_number(value) or (array_like(value) and shape_of(value) == ()):
        return Told(Cause.NO_LOOP, what_is_there(scene, looped))
    return None


def uneven(scene: Scene) -> Told | None:
    """Return which argument of zip(…, strict=True) has another length; only the message tells."""
    said = re.match(r"zip\(\) argument (\d+) is (shorter|longer) than", str(scene.error))
    if said is None or scene.statement is None:
        return None
    rows = [
        node.args
        for node in ast.walk(scene.node or scene.statement)
        if isinstance(node, ast.Call) and scene.value(node.func) is zip
    ]
    if len(rows) != 1 or any(isinstance(one, ast.Starred) for one in rows[0]):
        return Told(Cause.UNEVEN)
    odd, first = text_of(rows[0][int(said[1]) - 1]), text_of(rows[0][0])
    longer = said[2] == "longer"
    return Told(
        Cause.UNEVEN,
        f"{odd} is longer than {first}" if longer else f"{odd} is shorter than {first}",
    )


def _is_whole(value: Any) -> bool:
    return type(value) is int or isinstance(value, np.integer)
