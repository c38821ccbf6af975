"""Build copies of a learner's function, each with one place of its code written in another way.

If all answers of a copy are right, that place is what is wrong: a proof that numbers alone cannot
give. Each change takes something away, or does what was plainly meant; no formula is guessed.
"""

import ast
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from types import CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

import numpy as np

from bplab.learner.rebuilt import Recoded
from bplab.learner.texts import Text, copy_of, line_of, loop_names

__all__ = ["Mend", "Mended", "mended"]

SMALL = 1e-4
"""A number up to this one counts as added for safety's sake."""

LONG = 70
"""How many letters of a text are shown, at most."""

_PRODUCT = "__product_with_lists__"


class Mend(StrEnum):
    """What is written in another way."""

    CLIP = "what cuts off numbers is left out"
    SQUEEZE = "axes of length 1 are left where they are"
    ORDER = "what puts numbers in another order is left out"
    ROUND = "what rounds or cuts numbers is left out"
    DIVIDE = "// is /"
    STARS = "* is **, and ** is *"
    BRACKETS = "a sum comes before a product or a power, by brackets"
    SMALL = "a small number that is added is left out"
    LIST = "a number times a list is each entry times the number"
    PART = "all is taken in place of a part"
    GIVEN = "an argument is left as it is given"
    INDEX = "an index is another one"


@dataclass(frozen=True)
class Mended:
    """A function with one place, or several places of one kind, written in another way.

    Attributes
    ----------
    mend : Mend
    text : str
        The place as it stands.
    lines : tuple of int
        The lines of all places.
    function : callable
    repeated : list of tuple
        Filled when the function is called, if products with lists are written in another way: text
        and line of the first such product, and whether its list had entries and its number was
        negative.
    """

    mend: Mend
    text: str
    lines: tuple[int, ...]
    function: Callable[..., Any]
    repeated: list[tuple[str, int, bool]]


def mended(functions: Iterable[FunctionType], mends: Iterable[Mend] = Mend) -> Iterator[Mended]:
    """Yield the first of some functions, with one place in one of them written in another way.

    Parameters
    ----------
    functions : iterable of FunctionType
        A function, and those of its notebook that it calls. Functions with a while loop, which
        might not end, and those that use variables of an enclosing function are not changed.
    mends : iterable of Mend
        What is tried, in this order.
    """
    all_of_them = list(functions)
    for one in all_of_them:
        source = _Source.of(one)
        if source is None:
            continue
        for places in source.groups(mends):
            code = source.compiled(places)
            if code is None:
                continue
            repeated: list[tuple[str, int, bool]] = []
            other = _Rebuilt({one.__code__: code}, repeated).function(all_of_them[0])
            lines = tuple(sorted({place.line for place in places}))
            text = "; ".join(dict.fromkeys(place.text for place in places))
            yield Mended(places[0].mend, text, lines, other, repeated)


class _Rebuilt(Recoded):
    """Rebuilds functions with other code, and provides the product with lists."""

    def __init__(self, codes: Mapping[CodeType, CodeType], repeated: list[tuple[str, int, bool]]):
        super().__init__(codes)
        self._repeated = repeated

    def built_in(self) -> dict[str, Any]:
        def product(a: Any, b: Any, text: str, line: int) -> Any:
            several, factor = (a, b) if isinstance(a, list) else (b, a)
            if not (isinstance(several, list) and _is_whole(factor) and _of_numbers(several)):
                return a * b
            if not self._repeated:
                self._repeated.append((text, line, bool(several) and factor < 0))
            return _times(factor, several)

        return {_PRODUCT: product}


def _is_whole(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _of_numbers(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_of_numbers, value))
    return isinstance(value, (int, float, np.number, np.ndarray))


def _times(factor: Any, value: Any) -> Any:
    return [_times(factor, v) for v in value] if isinstance(value, list) else factor * value


# --- the places ---------------------------------------------------------------------------


class _Place(NamedTuple):
    """A node to be written in another way, and the text that shows it.

    ``instead`` is the new text, if it is given as text; ``of`` shows what an index is an index of.
    """

    mend: Mend
    node: ast.AST
    text: str
    instead: str = ""
    of: str = ""

    @property
    def line(self) -> int:
        return line_of(self.node)


class _Source:
    """The code of one function, as a tree."""

    def __init__(self, function: FunctionType, text: Text):
        self._function, self._text, self._tree = function, text, text.function
        self._modules = {
            name
            for name, value in function.__globals__.items()
            if isinstance(value, ModuleType) and value.__name__.partition(".")[0] == "numpy"
        }
        self._sums = {
            node.target.id
            for node in ast.walk(self._tree)
            if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)
        }
        self._small: set[str] = set()
        self._small = {
            name
            for name, value in function.__globals__.items()
            if isinstance(value, float) and 0 < abs(value) <= SMALL
        } | (set(self._small_names()) - self._sums)

    @classmethod
    def of(cls, function: FunctionType) -> "_Source | None":
        """Read a function; None if it cannot be read, or must not be changed."""
        text = Text.of(function)
        if text is None or text.is_closure or isinstance(text.function, ast.Lambda):
            return None
        if any(isinstance(node, ast.While) for node in ast.walk(text.function)):
            return None
        return cls(function, text)

    def groups(self, mends: Iterable[Mend]) -> Iterator[list[_Place]]:
        """Yield the places to be changed together: each alone, those alike, and all of a kind."""
        for mend in mends:
            found = list(self._indices() if mend is Mend.INDEX else self._places(mend))
            if mend is Mend.SQUEEZE:
                found += [one for place in found for one in _with_axis(place)]
            if mend is Mend.BRACKETS:
                found = [one for place in found for one in _with_brackets(place)]
            alike: dict[tuple[str, str], list[_Place]] = {}
            for place in found:
                alike.setdefault((place.of or place.text, place.instead), []).append(place)
            groups = [found] if mend is Mend.LIST else [[place] for place in found]
            groups += [several for several in alike.values() if len(several) > 1]
            if len(alike) > 1 and mend is not Mend.INDEX:
                groups.append([place for place in found if not place.instead])
            yield from filter(None, groups)

    def _places(self, mend: Mend) -> Iterator[_Place]:
        for node in ast.walk(self._tree):
            if self._instead(mend, node) is not None:
                yield _Place(mend, node, self._short(node))

    def _indices(self) -> Iterator[_Place]:
        """Yield the indices with what they may become: one more, one less, another variable."""
        loops = loop_names(self._tree)
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
                axes = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
                for axis in axes:
                    for index in _others(axis, loops):
                        of = f"{ast.unparse(node.value)}[{ast.unparse(axis)}]"
                        yield _Place(Mend.INDEX, axis, self._short(node), index, of)

    def _short(self, node: ast.AST) -> str:
        """Return a place as it is written, or how it begins."""
        return textwrap.shorten(self._text.beginning(node, 4 * LONG), LONG, placeholder=" …")

    def compiled(self, places: Sequence[_Place]) -> CodeType | None:
        """Return the function's code with these places changed; None if it does not compile."""
        targets = {id(place.node) for place in places}
        inside: set[int] = set()
        for place in places:
            at: ast.AST | None = place.node
            while at is not None and id(at) not in inside:
                inside.add(id(at))
                at = self._parents.get(id(at))

        def instead(node: ast.AST) -> ast.AST:
            if text := places[0].instead:
                return ast.parse(text, mode="eval").body
            return self._instead(places[0].mend, node) or node

        return self._text.code(_replaced(self._tree, targets, inside, instead))

    @cached_property
    def _parents(self) -> Mapping[int, ast.AST]:
        return {
            id(child): node for node in ast.walk(self._tree) for child in ast.iter_child_nodes(node)
        }

    # --- one place ------------------------------------------------------------------------

    def _instead(self, mend: Mend, node: ast.AST) -> ast.AST | None:
        """Return what replaces a node; None if this mend does not apply to it."""
        return _INSTEAD[mend](self, node)

    def _of_numpy(self, node: ast.AST, names: Iterable[str]) -> ast.expr | None:
        """Return the argument of one of these functions of numpy, or the owner of such a method."""
        match node:
            case ast.Call(func=ast.Attribute(value=owner, attr=name), args=given) if name in names:
                if isinstance(owner, ast.Name) and owner.id in self._modules:
                    return given[0] if given else None
                return owner if name in _METHODS else None
        return None

    def clipped(self, node: ast.AST) -> ast.AST | None:
        """Return x for ``np.clip(x, …)``, ``np.maximum(x, …)`` or ``max(x, …)``."""
        if (owner := self._of_numpy(node, ("clip",))) is not None:
            return owner
        match node:
            case ast.Call(
                func=ast.Attribute(attr="maximum" | "minimum" | "fmax" | "fmin")
                | ast.Name(id="max" | "min"),
                args=[a, b],
                keywords=[],
            ):
                return b if _is_number(a) and not _is_number(b) else a
        return None

    def squeezed(self, node: ast.AST) -> ast.AST | None:
        """Return x for ``np.squeeze(x)`` or ``x.squeeze()``."""
        return self._of_numpy(node, ("squeeze",))

    def ordered(self, node: ast.AST) -> ast.AST | None:
        """Return x for ``np.roll(x, …)``, ``np.sort(x)`` or ``x[::-1]``."""
        if (owner := self._of_numpy(node, _ORDERING)) is not None:
            return owner
        match node:
            case ast.Call(func=ast.Name(id="sorted" | "reversed"), args=[of, *_]):
                return of
            case ast.Subscript(value=of, slice=index, ctx=ast.Load()):
                axes = index.elts if isinstance(index, ast.Tuple) else [index]
                if any(map(_is_reversed, axes)):
                    straight = [ast.Slice() if _is_reversed(axis) else axis for axis in axes]
                    new = ast.Tuple(straight, ast.Load()) if len(axes) > 1 else straight[0]
                    return ast.Subscript(of, new, ast.Load())
        return None

    def rounded(self, node: ast.AST) -> ast.AST | None:
        """Return x for ``np.round(x)``, ``int(x)`` or ``x.astype(int)``."""
        if (owner := self._of_numpy(node, _ROUNDING)) is not None:
            return owner
        match node:
            case ast.Call(func=ast.Name(id="round" | "int"), args=[of, *_]):
                return of
            case ast.Call(func=ast.Attribute(value=of, attr="astype"), args=[kind, *_]):
                return of if "int" in ast.unparse(kind) else None
        return None

    def divided(self, node: ast.AST) -> ast.AST | None:
        """Return ``a / b`` for ``a // b``."""
        match node:
            case ast.BinOp(left=a, op=ast.FloorDiv(), right=b):
                return ast.BinOp(a, ast.Div(), b)
        return None

    def other_stars(self, node: ast.AST) -> ast.AST | None:
        """Return ``x ** 2`` for ``x * 2``, and ``a * b`` for ``a ** b``."""
        match node:
            case ast.BinOp(left=a, op=ast.Mult(), right=ast.Constant(value=2 | 2.0) as two):
                return ast.BinOp(a, ast.Pow(), two)
            case ast.BinOp(left=a, op=ast.Pow(), right=b):
                return ast.BinOp(a, ast.Mult(), b)
        return None

    def bracketed(self, node: ast.AST) -> ast.AST | None:
        """Return the node itself if it is like ``a * b - c``, ``c - a / b`` or ``-a ** 2``.

        `_with_brackets` says what these become.
        """
        return node if any(True for _ in _sums_first(node)) else None

    def without_small(self, node: ast.AST) -> ast.AST | None:
        """Return x for ``x + 1e-8`` or ``x - eps``; a sum that starts from 1e-8 starts from 0."""
        match node:
            case ast.BinOp(left=a, op=ast.Add(), right=b) if self._is_small(a):
                return b
            case ast.BinOp(left=a, op=ast.Add() | ast.Sub(), right=b) if self._is_small(b):
                return a
            case ast.AugAssign(target=target, op=ast.Add() | ast.Sub() as op, value=value):
                return ast.AugAssign(target, op, ast.Constant(0)) if self._is_small(value) else None
            case ast.Assign(targets=[ast.Name(id=name)] as targets, value=value):
                if name in self._sums and self._is_small(value):
                    return ast.Assign(targets, ast.Constant(0))
        return None

    def _is_small(self, node: ast.AST) -> bool:
        match node:
            case ast.UnaryOp(operand=inner):
                return self._is_small(inner)
            case ast.Constant(value=float() as number):
                return 0 < abs(number) <= SMALL
            case ast.BinOp(left=ast.Constant(value=10 | 10.0), op=ast.Pow(), right=power):
                return isinstance(power, ast.UnaryOp) and isinstance(power.op, ast.USub)
            case ast.Name(id=name):
                return name in self._small
            case ast.Attribute(attr="eps"):
                return True
        return False

    def _small_names(self) -> Iterator[str]:
        """Yield the function's own names for small numbers: of defaults, and assigned ones."""
        code, values = self._function.__code__, self._function.__defaults__ or ()
        names = code.co_varnames[code.co_argcount - len(values) : code.co_argcount]
        for name, value in (
            *zip(names, values, strict=True),
            *(self._function.__kwdefaults__ or {}).items(),
        ):
            if isinstance(value, float) and 0 < abs(value) <= SMALL:
                yield name
        for node in ast.walk(self._tree):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value) if self._is_small(value):
                    yield name

    def times_list(self, node: ast.AST) -> ast.AST | None:
        """Return a call that multiplies a list entry by entry, for a product ``a * b``.

        A list that is written out is left alone, unless its factor has a sign.
        """
        match node:
            case ast.BinOp(left=a, op=ast.Mult(), right=b):
                shown = isinstance(a, ast.List) or isinstance(b, ast.List)
                if shown and not any(isinstance(x, ast.UnaryOp) for x in (a, b)):
                    return None
                text, line = self._short(node), getattr(node, "lineno", 0)
                told = [ast.Constant(text), ast.Constant(line)]
                return ast.Call(ast.Name(_PRODUCT, ast.Load()), [a, b, *told], [])
        return None

    def whole(self, node: ast.AST) -> ast.AST | None:
        """Return x for ``x[-1]`` or ``x[:, :1]``."""
        match node:
            case ast.Subscript(value=of, slice=index, ctx=ast.Load()):
                axes = index.elts if isinstance(index, ast.Tuple) else [index]
                of_shape = isinstance(of, ast.Attribute) and of.attr == "shape"
                if not of_shape and any(map(_is_one, axes)) and all(map(_is_one_or_all, axes)):
                    return of
        return None

    def given(self, node: ast.AST) -> ast.AST | None:
        """Return an empty statement for ``F = …``, if F is an argument."""
        code = self._function.__code__
        match node:
            case ast.Assign(targets=[ast.Name(id=name)]):
                if name in code.co_varnames[: code.co_argcount]:
                    return ast.Pass()
        return None


_METHODS = ("clip", "squeeze", "round", "permutation")
_ORDERING = ("roll", "flip", "flipud", "fliplr", "sort", "permutation")
_ROUNDING = ("round", "around", "rint", "floor", "ceil", "trunc", "fix")

_INSTEAD: Mapping[Mend, Callable[[_Source, ast.AST], ast.AST | None]] = {
    Mend.CLIP: _Source.clipped,
    Mend.SQUEEZE: _Source.squeezed,
    Mend.ORDER: _Source.ordered,
    Mend.ROUND: _Source.rounded,
    Mend.DIVIDE: _Source.divided,
    Mend.STARS: _Source.other_stars,
    Mend.BRACKETS: _Source.bracketed,
    Mend.SMALL: _Source.without_small,
    Mend.LIST: _Source.times_list,
    Mend.PART: _Source.whole,
    Mend.GIVEN: _Source.given,
}


def _with_axis(place: _Place) -> Iterator[_Place]:
    """Yield a squeeze with an axis, so that it removes only that axis."""
    for axis in range(3):
        call = copy_of(place.node)
        if isinstance(call, ast.Call) and not call.keywords:
            call.keywords.append(ast.keyword("axis", ast.Constant(axis)))
            yield place._replace(instead=ast.unparse(call))


def _with_brackets(place: _Place) -> Iterator[_Place]:
    """Yield an expression with brackets around a sum that was computed last, or around a minus."""
    for other in _sums_first(place.node):
        yield place._replace(instead=ast.unparse(other))


_BEFORE_SUMS = (ast.Mult, ast.Div, ast.MatMult, ast.Pow)


def _sums_first(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
            if isinstance(left, ast.BinOp) and isinstance(left.op, _BEFORE_SUMS[:3]):
                yield ast.BinOp(left.left, left.op, ast.BinOp(left.right, op, right))
            if isinstance(right, ast.BinOp) and isinstance(right.op, _BEFORE_SUMS):
                yield ast.BinOp(ast.BinOp(left, op, right.left), right.op, right.right)
        case ast.UnaryOp(op=ast.USub() as op, operand=ast.BinOp(op=ast.Pow()) as power):
            yield ast.BinOp(ast.UnaryOp(op, power.left), power.op, power.right)


def _is_number(node: ast.AST) -> bool:
    inner = node.operand if isinstance(node, ast.UnaryOp) else node
    return isinstance(inner, ast.Constant)


def _is_reversed(node: ast.AST) -> bool:
    match node:
        case ast.Slice(
            lower=None, upper=None, step=ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=1))
        ):
            return True
    return False


def _is_one(node: ast.AST) -> bool:
    """Whether it is an index or a slice that takes only the first or the last entry."""
    match node:
        case ast.Slice(lower=None, upper=ast.Constant(value=1), step=None):
            return True
        case ast.Slice(lower=end, upper=None, step=None) if end is not None:
            return ast.unparse(end) == "-1"
        case ast.List(elts=[one]):
            return _is_one(one)
    return ast.unparse(node) in ("0", "-1")


def _is_one_or_all(node: ast.AST) -> bool:
    return _is_one(node) or ast.unparse(node) == ":"


def _others(axis: ast.expr, loops: Iterable[str]) -> Iterator[str]:
    """Yield what an index may be meant to be: one more, one less, no summand, another variable."""
    match axis:
        case ast.BinOp(left=ast.BinOp() as inner, op=ast.Mod()):
            yield from _others(inner, ())
        case ast.BinOp(
            left=(ast.Name() | ast.BinOp()) as of,
            op=(ast.Add() | ast.Sub()) as op,
            right=ast.Constant(value=int() as number),
        ):
            c = number if isinstance(op, ast.Add) else -number
            for other in dict.fromkeys((0, c - 1, c + 1, -c)):
                yield f"{ast.unparse(of)} {'+' if other > 0 else '-'} {abs(other)}" * (
                    other != 0
                ) or ast.unparse(of)
        case ast.Name(id=name):
            yield from (f"{name} + 1", f"{name} - 1")
            yield from (other for other in dict.fromkeys(loops) if other != name)
        case ast.Constant(value=int()) | ast.UnaryOp(operand=ast.Constant(value=int())):
            yield from dict.fromkeys(loops)


def _replaced(
    node: Any, targets: set[int], inside: set[int], instead: Callable[[ast.AST], ast.AST]
) -> Any:
    """Return a copy with targets replaced, the innermost first; other branches are not copied."""
    if isinstance(node, list):
        return [_replaced(one, targets, inside, instead) for one in node]
    if id(node) not in inside:
        return node
    fields = {
        name: _replaced(value, targets, inside, instead) for name, value in ast.iter_fields(node)
    }
    copy = ast.copy_location(type(node)(**fields), node)
    if id(node) not in targets:
        return copy
    return _placed(ast.copy_location(instead(copy), copy))


def _placed(new: ast.AST) -> ast.AST:
    """Give nodes without a place that of their parent; below a node with a place, none is new."""
    for child in ast.iter_child_nodes(new):
        if not hasattr(child, "lineno"):
            _placed(ast.copy_location(child, new))
    return new
