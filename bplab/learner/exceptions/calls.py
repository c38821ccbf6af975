"""Errors with calls: of something that is not a function, with wrong arguments, of numpy's."""

import ast
import builtins
import cmath
import difflib
import inspect
import math
import re
from collections.abc import Iterator, Sequence
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any, NamedTuple

import numpy as np

from bplab.activations import Activation, Softmax
from bplab.errors import InputError, listed
from bplab.learner.causes import Cause, Told
from bplab.learner.exceptions.elements import joins
from bplab.learner.exceptions.operands import none, odd_one, text_of, what_is_there
from bplab.learner.exceptions.operators import apart, sizes_differ
from bplab.learner.exceptions.scene import JOINS, OWN_METHODS, REDUCTIONS, Scene
from bplab.learner.exceptions.values import (
    UNKNOWN,
    array_like,
    broadcast,
    describe,
    is_function,
    is_number,
    is_one,
    kind_of,
    letters_of,
    multiplied,
    shape_of,
    size,
)

__all__ = ["call"]

_SHAPED = frozenset({"zeros", "ones", "empty"})
_SHAPED_FIRST = frozenset({"full", "eye", "identity"})
_DRAWN = frozenset({"standard_normal", "random"})
_OF_SEVERAL = frozenset({"fsum", "prod", "dist", "sumprod"})
"""Functions of the module math that take several numbers at once."""

_LOOPING = (sum, enumerate, list, tuple, iter, sorted, reversed)
_OF_ALL = frozenset({"dot", "matmul", "outer", "where"})
_OF_THE_FIRST = REDUCTIONS | {"clip", "transpose", "diag", "round"}
"""Functions of numpy's that need arrays: in all arguments, or in the first one."""


def call(scene: Scene) -> Told | None:
    """Return what is wrong with a call, or None if this is not where the error came up."""
    node = scene.node
    if not isinstance(node, ast.Call):
        return None
    for look in (_no_function, _math, _number_wanted, _arguments, _refused, _numpys, _axis):
        if told := look(scene, node):
            return told
    return None


# --- what is called -----------------------------------------------------------------------


def _no_function(scene: Scene, node: ast.Call) -> Told | None:
    if not isinstance(scene.error, TypeError) or not scene.inside:
        return None
    value, name = scene.value(node.func), text_of(node.func)
    if value is UNKNOWN or scene.method(node.func):
        return None
    if value is None:
        return none(scene, node.func)
    plain = array_like(value) or is_number(value) or type(value) in (list, tuple, dict, str)
    if not plain:
        return None
    constant = isinstance(node.func, ast.Constant) and type(value) is not str
    said = f"{name} is {'a number' if constant else describe(value)}"
    if isinstance(node.func, ast.Name) and hasattr(builtins, name):
        return Told(Cause.HIDDEN_FUNCTION, f"{said}, and hides Python's own {name}")
    if isinstance(node.func, ast.Attribute):
        said += ", and no method: it has no round brackets"
    return Told(Cause.CALLED, said)


# --- one number is wanted -----------------------------------------------------------------


def _math(scene: Scene, node: ast.Call) -> Told | None:
    function = scene.value(node.func)
    if type(function) is not BuiltinFunctionType:
        return None
    if not is_one(function, *vars(math).values(), *vars(cmath).values()):
        return None
    if function.__name__ in _OF_SEVERAL:
        return None
    if odd := odd_one(scene, *node.args):
        return odd
    there = what_is_there(scene, *node.args)
    if isinstance(scene.error, TypeError):
        shapes = [shape_of(scene.value(a)) for a in node.args]
        if any(shape not in (None, ()) for shape in shapes):
            own = f": np.{function.__name__} takes it" if hasattr(np, function.__name__) else ""
            return Told(Cause.MATH, f"{there}{own}")
    if isinstance(scene.error, OverflowError):
        return Told(Cause.OVERFLOW, there)
    if isinstance(scene.error, ValueError):
        return Told(Cause.DOMAIN, there)
    return None


def _number_wanted(scene: Scene, node: ast.Call) -> Told | None:
    function, arguments = scene.value(node.func), node.args
    if not isinstance(scene.error, TypeError) or not scene.inside or not arguments:
        return None
    values = [scene.value(a) for a in arguments]
    arrays = [shape_of(v) not in (None, ()) for v in values]
    there = what_is_there(scene, *arguments)
    if is_one(function, float, int, complex, round) and arrays[0]:
        return Told(Cause.ONE_NUMBER, there)
    if is_one(function, zip) or is_one(function, float, int, len, range, *_LOOPING):
        given = arguments if function is zip or function is range else arguments[:1]
        read = is_one(function, float, int) and type(values[0]) is str  # the text of a number
        if not read and (odd := odd_one(scene, *given)):
            return odd
    if function is range:
        if any(arrays) or any(type(v) in (list, tuple) for v in values):
            return Told(Cause.RANGE_ARRAY, there)
        if floats := [a for a, v in zip(arguments, values, strict=True) if kind_of(v) == "f"]:
            return Told(Cause.WHOLE, f"{text_of(floats[0])} is a float")
    single = [is_number(v) or (array_like(v) and shape_of(v) == ()) for v in values]
    if function is len and single[0]:
        return Told(Cause.LENGTH, there)
    if (function is zip and any(single)) or (is_one(function, *_LOOPING) and single[0]):
        alone = arguments[single.index(True)]
        said = what_is_there(scene, alone) or f"{text_of(alone)} is a single number"
        return Told(Cause.NO_LOOP, said)
    return None


# --- arguments ----------------------------------------------------------------------------


def _arguments(scene: Scene, node: ast.Call) -> Told | None:
    """Return what is wrong with the number of arguments, or with their names."""
    if not isinstance(scene.error, TypeError) or not scene.inside:
        return None
    if any(isinstance(a, ast.Starred) for a in node.args) or any(
        k.arg is None for k in node.keywords
    ):
        return None
    name, words = text_of(node.func), [str(k.arg) for k in node.keywords]
    found = _parameters(scene, node.func)
    if found is None:
        function, given = scene.value(node.func), len(node.args)
        if type(function) is np.ufunc and not words and given < function.nin:
            takes = f"{function.nin} argument{'s' * (function.nin > 1)}"
            return Told(Cause.COUNT, f"{name} takes {takes}, and is given {given}")
        return _unknown_word(scene, name, words)
    parameters, signature = found
    try:
        signature.bind(*node.args, **dict.fromkeys(words))
    except TypeError:
        pass
    else:
        return None
    takes = f"{name} takes {_counted(signature)}"
    free = any(p.kind is p.VAR_KEYWORD for p in signature.parameters.values())
    unknown = [word for word in words if word not in parameters and not free]
    if unknown:
        return Told(
            Cause.KEYWORD, f"{takes}, none is called {unknown[0]}{_near(unknown, parameters)}"
        )
    given = len(node.args) + len(words)
    return Told(Cause.COUNT, f"{takes}, and is given {given}")


def _near(words: Sequence[str], known: Sequence[str]) -> str:
    near = difflib.get_close_matches(words[0], known, 1)
    return f"; did you mean {near[0]}?" if near else ""


def _counted(signature: inspect.Signature) -> str:
    parameters = signature.parameters.values()
    if not parameters:
        return "no arguments"
    fixed = all(p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD for p in parameters)
    names = ", ".join(p.name + "=…" * (p.default is not p.empty) for p in parameters)
    if not fixed:
        return f"({names})"
    return f"{len(parameters)} argument{'s' * (len(parameters) > 1)} ({names})"


def _parameters(scene: Scene, func: ast.expr) -> tuple[list[str], inspect.Signature] | None:
    """Return the parameters of a learner's function or an activation that is called, or None."""
    value: Any = scene.value(func)
    bound = 0
    if (method := scene.method(func)) and method[0] in OWN_METHODS:
        value, bound = getattr(type(method[1]), method[0], None), 1
    elif issubclass(type(value), (Activation, Softmax)):
        value, bound = type(value).__call__, 1
    elif type(value) is MethodType:
        value, bound = value.__func__, 1
    if type(value) is not FunctionType:
        return None
    try:
        signature = inspect.signature(value, follow_wrapped=False)
    except (TypeError, ValueError):
        return None
    kept = list(signature.parameters.values())[bound:]
    return [p.name for p in kept], signature.replace(parameters=kept)


def _unknown_word(scene: Scene, name: str, words: Sequence[str]) -> Told | None:
    """Return what is wrong with a keyword that a function without a signature refuses."""
    # Python's guess at what was meant is cut off: it may name a keyword that is given, too
    said, _, _ = str(scene.error).partition(" Did you mean ")
    if "keyword" not in said:
        return None
    refused = [word for word in words if f"'{word}'" in said]
    if not refused:
        return None
    known = ("axis", "keepdims", "dtype", "out", "order")
    near = _near(refused, [word for word in known if word != refused[0]])
    if refused[0] == "dim":
        near = "; numpy calls it axis"
    if refused[0] in known and hasattr(builtins, name) and hasattr(np, name):
        near = f"; numpy has np.{name}"
    return Told(Cause.KEYWORD, f"{name} has no argument called {refused[0]}{near}")


def _refused(scene: Scene, node: ast.Call) -> Told | None:
    """Say that an activation, or its derivative, is given None, text or a function."""
    if not isinstance(scene.error, InputError):
        return None
    own = (method := scene.method(node.func)) and method[0] in OWN_METHODS
    if own or issubclass(type(scene.value(node.func)), (Activation, Softmax)):
        return odd_one(scene, *node.args)
    return None


# --- numpy's functions --------------------------------------------------------------------


def _axis(scene: Scene, node: ast.Call) -> Told | None:
    error = scene.error
    if type(error).__name__ == "AxisError":
        axis, ndim = getattr(error, "axis", None), getattr(error, "ndim", None)
        if type(axis) is not int or type(ndim) is not int:
            return Told(Cause.AXIS)
        pieces = [p for p in (*_owner(node), *node.args) if array_like(scene.value(p))]
        there = what_is_there(scene, *pieces[:1])
        counted = {0: "no axes", 1: "1 axis, 0"}.get(ndim, f"{ndim} axes, 0 to {ndim - 1}")
        said = f"there is no axis {axis} among {counted}"
        return Told(Cause.AXIS, f"{there}: {said}" if there else said)
    asked = next((k.value for k in node.keywords if k.arg == "axis"), None)
    if isinstance(error, TypeError) and asked is not None:
        value = scene.value(asked)
        if type(value) in (str, float, list) or kind_of(value) == "f" or is_function(value):
            what = "a float" if kind_of(value) == "f" else describe(value)
            return Told(Cause.AXIS_TYPE, f"axis is given {text_of(asked)}, {what}")
    return None


def _owner(node: ast.Call) -> list[ast.expr]:
    return [node.func.value] if isinstance(node.func, ast.Attribute) else []


def _numpys(scene: Scene, node: ast.Call) -> Told | None:
    """Return what is wrong with the arguments of a function or method of numpy's."""
    error, given = scene.error, list(node.args)
    if not isinstance(error, (TypeError, ValueError)):
        return None
    name = scene.numpys(node.func)
    if not name and (method := scene.method(node.func)):
        name, given = method[0], [*_owner(node), *given]
    if not name and isinstance(node.func, ast.Attribute) and _not_reshaped(error):
        name, given = "reshape", [*_owner(node), *given]
    if not name:
        name = _linear_algebra(scene, node) or _drawing(scene, node)
    if name == "append" and len(given) == 2:
        name, given = "concatenate", [ast.List(given, ast.Load())]
    if name in JOINS:
        return _joins(scene, node, name, given)
    values = [scene.value(a) for a in given]
    if name in _SHAPED | _DRAWN:
        return _sizes(scene, name, given)
    if name in _SHAPED_FIRST:
        return _sizes(scene, name, given[:1])
    if name == "einsum":
        return _einsum(scene, given)
    if name == "where" and len(given) == 2 and not node.keywords:
        return Told(Cause.WHERE, f"{text_of(node)} has nothing for where it does not hold")
    if name == "reshape":
        return _reshape(scene, given)
    if not name or name in OWN_METHODS:
        return None
    whole = name in _OF_ALL or type(scene.value(node.func)) is np.ufunc
    if name == "where" and isinstance(error, ValueError):
        return _elementwise(scene, node, given)
    if odd := odd_one(scene, *(given if whole else given[:1] if name in _OF_THE_FIRST else ())):
        return odd
    lists = [g for g, v in zip(given, values, strict=True) if _is_ragged(v)]
    if lists and isinstance(error, (ValueError, TypeError)):
        arithmetic = whole or name in _OF_THE_FIRST
        cause = Cause.LIST_ARITHMETIC if arithmetic else Cause.RAGGED
        pieces = given[0].elts if isinstance(given[0], (ast.List, ast.Tuple)) else lists
        if odd := odd_one(scene, *pieces):
            return odd
        return Told(cause, what_is_there(scene, *pieces))
    if not isinstance(error, ValueError):
        return None
    if name in ("dot", "matmul"):
        return _product(scene, given, dot=name == "dot")
    if name in ("inv", "det", "solve"):
        shape = shape_of(values[0]) if values else None
        square = shape is not None and len(shape) > 1 and shape[-1] == shape[-2]
        if shape is not None and not square:
            return Told(Cause.SQUARE, what_is_there(scene, given[0]))
        return None
    return _elementwise(scene, node, given)


def _is_ragged(value: Any) -> bool:
    if type(value) not in (list, tuple):
        return False
    return shape_of(value) is None and any(array_like(item) for item in value)


def _linear_algebra(scene: Scene, node: ast.Call) -> str:
    function = scene.value(node.func)
    return {id(np.linalg.inv): "inv", id(np.linalg.det): "det", id(np.linalg.solve): "solve"}.get(
        id(function), ""
    )


def _drawing(scene: Scene, node: ast.Call) -> str:
    """Return the name of a random generator's method that takes a shape, or an empty string."""
    if not isinstance(node.func, ast.Attribute) or node.func.attr not in _DRAWN:
        return ""
    return node.func.attr if type(scene.value(node.func.value)) is np.random.Generator else ""


def _joins(scene: Scene, node: ast.Call, name: str, given: Sequence[ast.expr]) -> Told | None:
    if len(given) > 1 and array_like(scene.value(given[0])) and array_like(scene.value(given[1])):
        if isinstance(scene.error, TypeError):
            listing = ", ".join(map(text_of, given))
            return Told(Cause.JOIN_BRACKETS, f"{name}([{listing}]) is meant")
        return None
    if not given or not isinstance(given[0], (ast.List, ast.Tuple)):
        return None
    words = {k.arg: scene.value(k.value) for k in node.keywords}
    axis = scene.value(given[1]) if len(given) > 1 else words.get("axis", 0)
    if type(scene.error).__name__ == "AxisError":
        counts = {len(s) for piece in given[0].elts if (s := shape_of(scene.value(piece)))}
        if len(counts) < 2:
            return None  # they may fit along another axis
    if type(axis) is not int or set(words) - {"axis"}:
        return None
    return joins(scene, name, given[0].elts, axis)


def _sizes(scene: Scene, name: str, given: Sequence[ast.expr]) -> Told | None:
    values = [scene.value(a) for a in given]
    if not isinstance(scene.error, TypeError) or not values:
        return None
    entries = values[0] if type(values[0]) in (tuple, list) else values[:1]
    if told := _array_for_shape(scene, given[0]):
        return told
    if any(kind_of(v) == "f" for v in entries):
        return Told(Cause.WHOLE, f"{text_of(given[0])} holds a float")
    if any(v is None for v in entries):
        return odd_one(scene, *given)
    if len(values) > 1 and all(kind_of(v) == "i" and shape_of(v) == () for v in values):
        listing = ", ".join(map(text_of, given))
        return Told(Cause.SHAPE_BRACKETS, f"{name}(({listing})) is meant")
    return None


def _array_for_shape(scene: Scene, *given: ast.expr) -> Told | None:
    """Say that an array is given where its shape, or a number of rows, is meant."""
    for node in given:
        pieces = node.elts if isinstance(node, (ast.Tuple, ast.List)) else [node]
        for piece in pieces:
            value = scene.value(piece)
            shape = shape_of(value) if array_like(value) else None
            whole = kind_of(value) in ("i", "u") and len(shape or ()) == len(pieces) == 1
            if shape and not whole:
                return Told(Cause.SHAPE_ARRAY, f"{text_of(piece)} is {describe(value)}")
    return None


def _einsum(scene: Scene, given: Sequence[ast.expr]) -> Told | None:
    """Return what is wrong with a call of np.einsum: its letters do not fit its arrays."""
    if not isinstance(scene.error, ValueError) or not given:
        return None
    letters = scene.value(given[0])
    if type(letters) is not str:
        return _einsum_of_numbers(scene, given) or _einsum_by_its_error(scene, given)
    return _einsum_by_letters(scene, letters, given) or _einsum_by_its_error(scene, given)


def _einsum_by_letters(scene: Scene, letters: str, given: Sequence[ast.expr]) -> Told | None:
    arrays = [_Operand(text_of(node), scene.value(node)) for node in _unpacked(scene, given[1:])]
    words = letters_of(letters)
    if words is None:
        before, arrow, after = letters.replace(" ", "").partition("->")
        odd = next((c for c in f"{before}{after}" if not (c.isalpha() or c in ",.")), "")
        if odd:
            return Told(Cause.EINSUM, f"in its letters stands “{odd}”, which is none")
        if "..." in before and arrow and "..." not in after:
            return Told(Cause.EINSUM, "“...” stands before -> and not after it: write all letters")
        return None
    if len(words) != len(arrays):
        there = f"there are letters for {len(words)}, and {len(arrays)} come"
        return Told(Cause.EINSUM, f"{there}: {what_is_there(scene, *given[1:])}")
    if told := _letters_and_sizes(scene, words, arrays):
        return told
    result = letters.replace(" ", "").partition("->")[2]
    for n, letter in enumerate(result):
        if not any(letter in word for word in words):
            return Told(
                Cause.EINSUM, f"{letter} stands behind ->, and is a letter of none of the arrays"
            )
        if letter in result[:n]:
            return Told(Cause.EINSUM, f"{letter} stands behind -> more than once")
    return None


def _einsum_by_its_error(scene: Scene, given: Sequence[ast.expr]) -> Told | None:
    """Read from numpy's message what is wrong, if letters or arrays cannot be worked out."""
    said = str(scene.error)
    if missing := re.search(r"output subscript '(\w)' which never|character (\w) did not", said):
        letter = missing[1] or missing[2]
        return Told(
            Cause.EINSUM, f"{letter} stands behind ->, and is a letter of none of the arrays"
        )
    size = re.match(r"Size of label '(\w)' for operand (\d+) \((\d+)\) .* \((\d+)\)", said)
    if size is None or int(size[2]) + 1 >= len(given):
        return None
    # numpy's message gets it wrong which of the two sizes belongs to this array
    few, many = sorted((int(size[3]), int(size[4])))
    text = text_of(given[int(size[2]) + 1])
    return Told(Cause.EINSUM, f"{size[1]} has two sizes, {few} and {many}, one of them in {text}")


class _Operand(NamedTuple):
    text: str
    value: Any


def _unpacked(scene: Scene, given: Sequence[ast.expr]) -> Iterator[ast.expr]:
    """Yield the arguments; in place of a tuple or a list with a *, its elements."""
    for node in given:
        held = scene.value(node.value) if isinstance(node, ast.Starred) else None
        if isinstance(node, ast.Starred) and isinstance(held, (tuple, list)):
            for n in range(len(held)):
                yield ast.Subscript(node.value, ast.Constant(n), ast.Load())
        else:
            yield node


def _einsum_of_numbers(scene: Scene, given: Sequence[ast.expr]) -> Told | None:
    """Do the same where numbers stand for letters, as in np.einsum(a, [0, 1], b, [0, 2])."""
    numbers = [scene.value(node) for node in given[1::2]]
    if not all(type(one) in (list, tuple) and all(type(n) is int for n in one) for one in numbers):
        return None
    arrays = [_Operand(text_of(node), scene.value(node)) for node in given[::2]]
    arrays = arrays[: len(numbers)]  # the last list of axes may be that of the result
    return _letters_and_sizes(scene, [[f"axis {n}" for n in one] for one in numbers], arrays)


def _letters_and_sizes(
    scene: Scene, words: Sequence[Sequence[str]], arrays: Sequence[_Operand]
) -> Told | None:
    """Say which array has more or fewer axes than letters, or which letter has two sizes."""
    shapes = _operand_shapes(scene.error, arrays)
    sizes: dict[str, tuple[int, str]] = {}
    for word, array, shape in zip(words, arrays, shapes, strict=True):
        if shape is None:
            continue
        if len(word) != len(shape):
            its = f"its letters are {''.join(word)}" if word else "it has no letters"
            return Told(Cause.EINSUM, f"{array.text} is {shape}; {its}")
        for letter, count in zip(word, shape, strict=True):
            before, of = sizes.setdefault(letter, (count, array.text))
            if before != count and 1 not in (before, count):
                there = listed(
                    f"{one.text} is {its or 'a single number'}"
                    for one, its in zip(arrays, shapes, strict=True)
                    if its is not None
                )
                said = f"{letter} is {before} in {of} and {count} in {array.text}"
                return Told(Cause.EINSUM, f"{there}: {said}")
    return None


def _operand_shapes(
    error: BaseException, arrays: Sequence[_Operand]
) -> list[tuple[int, ...] | None]:
    """Return the shapes of the arrays; those that cannot be worked out come from the message."""
    told = re.findall(r"\(([\d,]*)\)->\(", str(error))
    known = [shape_of(array.value) for array in arrays]
    if len(told) != len(arrays):
        return known
    of_error = [tuple(int(n) for n in one.split(",") if n) for one in told]
    return [one if one is not None else its for one, its in zip(known, of_error, strict=True)]


def _not_reshaped(error: BaseException) -> re.Match[str] | None:
    """Match numpy's message on a reshape that does not fit; group 1 is the number of entries."""
    return re.fullmatch(r"cannot reshape array of size (\d+) into shape .*", str(error))


def _reshape(scene: Scene, given: Sequence[ast.expr]) -> Told | None:
    values = [scene.value(a) for a in given]
    if len(values) < 2:
        return None
    sizes = values[1] if type(values[1]) in (tuple, list) else values[1:]
    shape = shape_of(values[0])
    if isinstance(scene.error, TypeError) and (told := _array_for_shape(scene, *given[1:])):
        return told
    if any(kind_of(v) == "f" for v in sizes) and isinstance(scene.error, TypeError):
        return Told(Cause.WHOLE, what_is_there(scene, *given[1:]))
    whole = all(kind_of(v) == "i" and shape_of(v) == () for v in sizes)
    if not whole or not isinstance(scene.error, ValueError):
        return None
    if shape is None:
        # the number of entries may depend on data: then only the message tells it
        counted = _not_reshaped(scene.error)
        if counted is None:
            return None
        shape = (int(counted[1]),)
    wanted = tuple(int(v) for v in sizes)
    fits = math.prod(wanted) == size(shape)
    if fits or (wanted.count(-1) == 1 and size(shape) % max(1, -math.prod(wanted)) == 0):
        return None
    free = " whatever -1 stands for" if -1 in wanted else f", {math.prod(wanted)} entries"
    what = "has" if shape_of(values[0]) is None else f"is {shape},"
    there = f"{text_of(given[0])} {what} {size(shape)} entries"
    return Told(Cause.RESHAPE, f"{there}, and is to be {wanted}{free}")


def _product(scene: Scene, given: Sequence[ast.expr], *, dot: bool) -> Told | None:
    if len(given) != 2:
        return None
    a, b = (shape_of(scene.value(g)) for g in given)
    there = what_is_there(scene, *given)
    if a is None or b is None:
        return None
    if not a or not b:
        return Told(Cause.MATMUL_NUMBER, there)
    if multiplied(a, b, dot=dot) is not None:
        return None
    product = text_of(scene.node) if scene.node else "the product"
    return sizes_differ(there, product, a, b)


def _elementwise(scene: Scene, node: ast.Call, given: Sequence[ast.expr]) -> Told | None:
    """Say which shapes do not fit in an entrywise function, such as np.add or np.where."""
    function, name = scene.value(node.func), scene.numpys(node.func)
    entrywise = type(function) is np.ufunc and function.signature is None
    if not (entrywise or name in ("where", "clip")) or node.keywords:
        return None
    values = [scene.value(g) for g in given]
    shapes = [() if value is None else shape_of(value) for value in values]
    known = [shape for shape in shapes if shape is not None]
    if len(known) < len(shapes) or broadcast(*known) is not None:
        return None
    pair = next((a, b) for a in known for b in known if broadcast(a, b) is None)
    return Told(Cause.BROADCAST, f"{what_is_there(scene, *given)}: {apart(*pair)}")
