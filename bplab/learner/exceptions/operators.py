"""Errors with operators: arithmetic, matrix products, comparisons, and arrays as conditions."""

import ast
import re
from typing import Any

import numpy as np

from bplab.errors import listed
from bplab.learner.causes import Cause, Told
from bplab.learner.exceptions.operands import (
    loses_fractions,
    odd_one,
    text_of,
    what_is_there,
)
from bplab.learner.exceptions.scene import Scene
from bplab.learner.exceptions.values import (
    Shape,
    array_like,
    broadcast,
    describe,
    is_one,
    kind_of,
    multiplied,
    shape_of,
    size,
)

__all__ = ["apart", "condition", "operator", "sizes_differ", "unequal"]

_BITS = (ast.BitAnd, ast.BitOr)


def operator(scene: Scene) -> Told | None:
    """Return what is wrong at an operator; None if the error did not come up there."""
    node, error = scene.node, scene.error
    match node:
        case ast.BinOp(left=left, right=right, op=op):
            return _binary(scene, error, left, right, op)
        case ast.AugAssign(target=left, value=right, op=op) if scene.operation == "BINARY_OP":
            if isinstance(error, (TypeError, ValueError)) and (told := _stays(scene, left, right)):
                return told
            return _binary(scene, error, left, right, op)
        case ast.UnaryOp(operand=operand, op=op) if isinstance(error, TypeError):
            return _unary(scene, operand, op)
        case ast.Compare(left=left, ops=[_], comparators=[right]) if "COMPARE" in scene.operation:
            if isinstance(error, TypeError):
                return odd_one(scene, left, right)
            return _entrywise(scene, left, right) if isinstance(error, ValueError) else None
        case None if isinstance(error, TypeError) and _is_xor(scene):
            return Told(Cause.POWER)
    return None


def _is_xor(scene: Scene) -> bool:
    """Whether ^ failed on numbers, judged without the source: by instruction and message."""
    said = str(scene.error)
    return scene.operand in ("^", "^=") and ("bitwise_xor" in said or "'float'" in said)


def _binary(
    scene: Scene, error: BaseException, left: ast.expr, right: ast.expr, op: ast.operator
) -> Told | None:
    a, b = scene.value(left), scene.value(right)
    there = what_is_there(scene, left, right)
    if isinstance(error, ZeroDivisionError):
        if isinstance(op, ast.Pow):
            return Told(Cause.ZERO, f"{text_of(left)} is 0, and is raised to a negative power")
        return Told(Cause.ZERO, "" if isinstance(right, ast.Constant) else f"{text_of(right)} is 0")
    if isinstance(error, OverflowError):
        return Told(Cause.OVERFLOW, there)
    if not isinstance(error, (TypeError, ValueError)):
        return None
    formats = isinstance(op, ast.Mod) and type(a) is str
    if not formats and (odd := odd_one(scene, left, right)):
        return odd
    if isinstance(error, TypeError) and isinstance(op, ast.BitXor) and not _are_lists(a, b):
        return Told(
            Cause.POWER, f"the power is {scene.written(scene.node or op).replace('^', '**')}"
        )
    if isinstance(error, TypeError) and isinstance(op, _BITS) and not _are_lists(a, b):
        if isinstance(scene.node, ast.BinOp) and isinstance(scene.parent(scene.node), ast.Compare):
            there += f", and {text_of(scene.node)} is worked out before the comparison"
        return Told(Cause.BITS, there.removeprefix(", and "))
    if told := _list(scene, error, left, right, op):
        return told
    if isinstance(op, ast.MatMult):
        return _product(scene, left, right)
    if isinstance(error, TypeError):
        if isinstance(op, ast.Sub) and kind_of(a) == kind_of(b) == "b":
            return Told(Cause.TRUTH_MINUS, there)
        return None
    if told := _entrywise(scene, left, right):
        return told
    whole = isinstance(op, ast.Pow) and {kind_of(a), kind_of(b)} <= set("iu")
    return Told(Cause.WHOLE_POWER, there) if whole else None


def _are_lists(*values: Any) -> bool:
    return any(type(value) in (list, tuple, dict, set) for value in values)


def _unary(scene: Scene, operand: ast.expr, op: ast.unaryop) -> Told | None:
    value = scene.value(operand)
    if odd := odd_one(scene, operand):
        return odd
    if isinstance(op, ast.Invert) and kind_of(value) == "f":
        return Told(Cause.BITS, what_is_there(scene, operand))
    if isinstance(op, ast.USub) and type(value) in (list, tuple):
        return Told(Cause.LIST_ARITHMETIC, what_is_there(scene, operand))
    if isinstance(op, ast.USub) and kind_of(value) == "b" and array_like(value):
        return Told(Cause.TRUTH_MINUS, what_is_there(scene, operand))
    return None


def _list(
    scene: Scene, error: BaseException, left: ast.expr, right: ast.expr, op: ast.operator
) -> Told | None:
    """Return what is wrong with a list or tuple that an operator cannot turn into one array."""
    kinds = [type(scene.value(node)) for node in (left, right)]
    if not {list, tuple} & set(kinds):
        return None
    there = what_is_there(scene, left, right)
    joins = isinstance(op, ast.Add) and isinstance(error, TypeError)
    if joins and kinds[0] in (list, tuple) and kinds[0] is not kinds[1]:
        return Told(Cause.LIST_JOIN, there)
    values = [scene.value(node) for node in (left, right)]
    ragged = any(type(v) in (list, tuple) and shape_of(v) is None for v in values)
    if ragged or (isinstance(error, TypeError) and not any(map(array_like, values))):
        return Told(Cause.LIST_ARITHMETIC, there)
    return None


# --- shapes -------------------------------------------------------------------------------


def _product(scene: Scene, left: ast.expr, right: ast.expr) -> Told | None:
    a, b = scene.value(left), scene.value(right)
    shapes = shape_of(a), shape_of(b)
    if shapes[0] is None or shapes[1] is None:
        return None
    there = what_is_there(scene, left, right)
    if not shapes[0] or not shapes[1]:
        return Told(Cause.MATMUL_NUMBER, there)
    if multiplied(shapes[0], shapes[1]) is not None:
        return None
    text = text_of(scene.node) if isinstance(scene.node, ast.BinOp) else "the product"
    return sizes_differ(there, text, shapes[0], shapes[1])


_UNEQUAL = re.compile(
    r"matmul: .* core dimension 0, .* \(size (?P<b>\d+) is different from (?P<a>\d+)\)"
    r"|shapes .* not aligned: (?P<left>\d+) \(dim \d+\) != (?P<right>\d+) \(dim \d+\)"
)


def unequal(scene: Scene) -> Told | None:
    """Return the inner sizes of a matrix product from the message, if its factors are unknown."""
    said = _UNEQUAL.match(str(scene.error))
    if said is None or not isinstance(scene.error, ValueError):
        return None
    a, b = said["a"] or said["left"], said["b"] or said["right"]
    return Told(Cause.MATMUL, f"the inner sizes of a matrix product must agree, {a} and {b} here")


def sizes_differ(there: str, product: str, a: Shape, b: Shape) -> Told:
    """Say which two sizes do not agree in a matrix product."""
    inner = a[-1], b[-2] if len(b) > 1 else b[0]
    if inner[0] == inner[1]:
        stacks = f"before the last two axes, {a[:-2]} meets {b[:-2]}"
        return Told(Cause.MATMUL_STACKS, f"{there}: {stacks}")
    what = f"the inner sizes of {product} must agree, {inner[0]} and {inner[1]} here"
    return Told(Cause.MATMUL, f"{there}: {what}")


def _entrywise(scene: Scene, left: ast.expr, right: ast.expr) -> Told | None:
    a, b = shape_of(scene.value(left)), shape_of(scene.value(right))
    if a is None or b is None or broadcast(a, b) is not None:
        return None
    return Told(Cause.BROADCAST, f"{what_is_there(scene, left, right)}: {apart(a, b)}")


def apart(a: Shape, b: Shape) -> str:
    """Say which sizes do not agree, so that two shapes cannot be broadcast."""
    pairs = [(m, n) for m, n in zip(a[::-1], b[::-1], strict=False) if m != n and 1 not in (m, n)]
    return f"from the last axis on, {listed(f'{m} meets {n}' for m, n in pairs)}"


def _stays(scene: Scene, target: ast.expr, value: ast.expr) -> Told | None:
    """Say why an array cannot be changed in place by a value."""
    a, b = scene.value(target), scene.value(value)
    if type(a) is not np.ndarray:
        return None
    there = what_is_there(scene, target, value)
    if isinstance(scene.error, ValueError) and not a.flags.writeable:
        return Told(Cause.READ_ONLY, f"{text_of(target)} can only be read")
    if loses_fractions(scene.error):
        return Told(Cause.CASTING, f"{text_of(target)} is {describe(a)}")
    shape = shape_of(b)
    if shape is None or not isinstance(scene.error, ValueError):
        return None
    whole = broadcast(a.shape, shape)
    if whole is not None and whole != a.shape:
        return Told(Cause.IN_PLACE_SHAPE, f"{there}, which makes {whole}")
    return None


# --- conditions ---------------------------------------------------------------------------


def condition(scene: Scene) -> Told | None:
    """Return what is wrong where an array is used as a condition."""
    node, step = scene.node, scene.operation
    asked = "JUMP" in step or step in ("UNARY_NOT", "TO_BOOL") or _compares_and_asks(scene)
    if not isinstance(scene.error, ValueError) or not scene.inside or node is None:
        return None
    if isinstance(node, ast.Call):
        return _built_in(scene, node)
    if not asked:
        return None
    for inner in (node, scene.parent(node)):
        match inner:
            case ast.Compare(ops=[_, _, *_], left=left, comparators=others):
                return Told(Cause.CHAIN, what_is_there(scene, left, *others))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Told(Cause.AND, what_is_there(scene, operand))
            case ast.BoolOp(values=values):
                return Told(Cause.AND, what_is_there(scene, *values))
    return Told(Cause.TRUTH, _tested(scene, node))


def _compares_and_asks(scene: Scene) -> bool:
    """Whether a comparison asks for yes or no in the same instruction, as since Python 3.13."""
    if scene.operation != "COMPARE_OP" or "bool" not in str(scene.operand):
        return False
    if not isinstance(scene.node, ast.Compare):
        return False
    sides = [scene.node.left, *scene.node.comparators]
    shapes = [shape for side in sides if (shape := shape_of(scene.value(side))) is not None]
    return len(shapes) == len(sides) and broadcast(*shapes) is not None


def _tested(scene: Scene, node: ast.AST) -> str:
    """Say what the condition is, where that is known."""
    tests = node.test if isinstance(node, (ast.If, ast.While, ast.IfExp, ast.Assert)) else node
    if isinstance(tests, (ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp)):
        tests = tests.generators[-1].ifs[0] if tests.generators[-1].ifs else tests
    if not isinstance(tests, ast.expr):
        return ""
    shape = shape_of(scene.value(tests))
    if shape is not None and size(shape) == 1:
        return ""
    return what_is_there(scene, tests)


def _built_in(scene: Scene, node: ast.Call) -> Told | None:
    function = scene.value(node.func)
    arrays = [a for a in node.args if array_like(scene.value(a))]
    if not is_one(function, max, min, sorted, bool, any, all) or not arrays:
        return None
    there = what_is_there(scene, *arrays)
    shapes = [shape_of(scene.value(a)) for a in arrays]
    if all(shape is not None and size(shape) < 2 for shape in shapes):
        return None
    if function is bool:
        return Told(Cause.TRUTH, there)
    if is_one(function, max, min, sorted):
        return Told(Cause.MAXIMUM, there)
    name = text_of(node.func)
    return Told(Cause.TRUTH, f"{there}: {text_of(arrays[0])}.{name}() looks at all entries")
