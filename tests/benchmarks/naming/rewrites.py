"""A right program in other words: what is changed here never changes what it computes."""

import ast
import copy
import random
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

__all__ = ["in_another_form", "rewritten"]

_PLAIN = ("first", "tmp", "value_1", "aa", "the_sum", "q", "w_", "buffer", "res", "helper_var")
_UNIFORM = ("range", "zeros", "ones", "empty", "eye", "reshape", "full", "arange", "split")


def rewritten(tree: ast.Module, rng: random.Random) -> ast.Module:
    """Return the program with its names, loops, sums and forms of the answer changed at random."""
    new = copy.deepcopy(tree)
    for change in (
        _Names(new, rng),
        _LoopOrder(rng),
        _Loops(rng),
        _Arithmetic(rng),
        _Numbers(rng),
        _Returns(rng),
    ):
        new = change.visit(new)
    return ast.fix_missing_locations(new)


class _Names(ast.NodeTransformer):
    """Other names for what the program itself assigns or is given."""

    def __init__(self, tree: ast.Module, rng: random.Random):
        kept = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        bound: list[str] = []
        for node in ast.walk(tree):
            if isinstance(node, ast.arg):
                bound.append(node.arg)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                bound.append(node.id)
            elif isinstance(node, ast.FunctionDef):
                bound.append(node.name)
        keywords = {n.arg for n in ast.walk(tree) if isinstance(n, ast.keyword)}
        names = [n for n in dict.fromkeys(bound) if n not in kept and n not in keywords]
        chosen = rng.sample(names, rng.randint(0, len(names)))
        self.names = {name: f"{rng.choice(_PLAIN)}{i}" for i, name in enumerate(chosen)}

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self.names.get(node.id, node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.arg = self.names.get(node.arg, node.arg)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name = self.names.get(node.name, node.name)
        return self.generic_visit(node)


class _LoopOrder(ast.NodeTransformer):
    """The inner of two loops outside, where nothing stands between them."""

    def __init__(self, rng: random.Random):
        self.rng = rng

    def visit_For(self, node: ast.For) -> ast.AST:
        self.generic_visit(node)
        if len(node.body) == 1 and isinstance(inner := node.body[0], ast.For) and not node.orelse:
            needs = {n.id for n in ast.walk(inner.iter) if isinstance(n, ast.Name)}
            sets = {n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)}
            only_adds = all(isinstance(s, ast.AugAssign) for s in inner.body)
            if not needs & sets and only_adds and self.rng.random() < 0.5:
                outer_head = (node.target, node.iter)
                node.target, node.iter = inner.target, inner.iter
                inner.target, inner.iter = outer_head
        return node


class _Loops(ast.NodeTransformer):
    """A loop over a range backwards where it only adds up, or as a while loop."""

    def __init__(self, rng: random.Random):
        self.rng = rng

    def visit_For(self, node: ast.For) -> ast.AST:
        self.generic_visit(node)
        counted = (
            isinstance(node.iter, ast.Call)
            and isinstance(node.iter.func, ast.Name)
            and node.iter.func.id == "range"
            and len(node.iter.args) < 3
            and isinstance(node.target, ast.Name)
        )
        if not counted:
            return node
        kind = self.rng.choice(("as it is", "backwards", "while"))
        if kind == "backwards" and all(isinstance(s, ast.AugAssign) for s in _deep(node.body)):
            node.iter = _call("reversed", node.iter)
        elif kind == "while" and not any(isinstance(n, ast.Continue) for n in ast.walk(node)):
            return self._while(node)
        return node

    def _while(self, node: ast.For) -> list[ast.stmt]:
        start, stop = [ast.Constant(0), *node.iter.args][-2:]
        name = node.target.id
        end = f"{name}_end"
        head = ast.parse(f"{name} = 0\n{end} = 0").body
        head[0].value, head[1].value = start, stop
        loop = ast.parse(f"while {name} < {end}:\n    pass").body[0]
        loop.body = [*node.body, *ast.parse(f"{name} += 1").body]
        return [*head, loop]


def _deep(body: Iterable[ast.stmt]) -> Iterable[ast.stmt]:
    """The statements of a body, and those of the loops in it."""
    for statement in body:
        if isinstance(statement, ast.For):
            yield from _deep(statement.body)
        else:
            yield statement


class _Arithmetic(ast.NodeTransformer):
    """a·b as b·a, and += written out: not of a loop's variable, which may be one of several arrays.

    There += changes that array, but = gives its name away.
    """

    def __init__(self, rng: random.Random):
        self.rng = rng
        self._of_loops: set[str] = set()

    def visit_For(self, node: ast.For) -> ast.AST:
        self._of_loops |= {one.id for one in ast.walk(node.target) if isinstance(one, ast.Name)}
        return self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.Mult) and self.rng.random() < 0.4:
            node.left, node.right = node.right, node.left
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.target, ast.Name) and node.target.id in self._of_loops:
            return node
        if isinstance(node.target, (ast.Name, ast.Subscript)) and self.rng.random() < 0.4:
            load = copy.deepcopy(node.target)
            load.ctx = ast.Load()
            return ast.Assign([node.target], ast.BinOp(load, node.op, node.value))
        return node


class _Numbers(ast.NodeTransformer):
    """2 as 2.0, where it multiplies and counts nothing."""

    def __init__(self, rng: random.Random):
        self.rng = rng

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        node.value = self.visit(node.value)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        return node if name in _UNIFORM else self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.Mult):
            lists = (ast.List, ast.ListComp, ast.Tuple)
            for side, other in (("left", node.right), ("right", node.left)):
                number = getattr(node, side)
                if (
                    isinstance(number, ast.Constant)
                    and type(number.value) is int
                    and not isinstance(other, lists)
                    and self.rng.random() < 0.5
                ):
                    setattr(node, side, ast.Constant(float(number.value)))
        return node


class _Returns(ast.NodeTransformer):
    """The answer by way of another name, or printed."""

    def __init__(self, rng: random.Random):
        self.rng = rng
        self.depth = 0

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.depth += 1
        if self.depth == 1:
            self.generic_visit(node)
        self.depth -= 1
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        return node

    def visit_Return(self, node: ast.Return) -> ast.AST | list[ast.stmt]:
        if node.value is None:
            return node
        kind = self.rng.choice(("as it is", "named", "printed"))
        if kind == "as it is":
            return node
        head = ast.parse("the_answer = 0").body[0]
        head.value = node.value
        lines = ["return the_answer"]
        if kind == "printed":
            lines.insert(0, "print('answer', the_answer)")
        return [head, *ast.parse("def f():\n    " + "\n    ".join(lines)).body[0].body]


def _call(name: str, argument: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), [argument], [])


# --- the form of the answer ---------------------------------------------------------------


def _strided(array: np.ndarray) -> np.ndarray:
    """Every second entry of a larger array."""
    return np.repeat(array, 2, axis=-1)[..., ::2]


def _wider(array: np.ndarray) -> np.ndarray:
    return array.astype(np.longdouble) if array.dtype == np.float64 else array


_FORMS: tuple[Callable[[np.ndarray], Any], ...] = (
    lambda array: array,
    np.asfortranarray,
    np.ndarray.tolist,
    _strided,
    _wider,
)


def in_another_form(function: Callable[..., Any], rng: random.Random) -> Callable[..., Any]:
    """Return the function with its arrays as lists, in another order or precision."""
    form, whole = rng.choice(_FORMS), rng.choice((tuple, list))

    def turned(answer: Any) -> Any:
        if isinstance(answer, np.ndarray) and answer.ndim:
            return form(answer)
        if isinstance(answer, (tuple, list)) and any(isinstance(a, np.ndarray) for a in answer):
            return whole(map(turned, answer))
        return answer

    return lambda *given: turned(function(*given))
