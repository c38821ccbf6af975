"""Faults that are put into a right program, each at a place that is then known.

A mutation replaces pieces of the text and nothing else, so that comments, blanks and names stay as
they were. Each is a misconception or a slip that people have been seen to make; none was taken from
what a repair tries. Some say how their damage could be undone (`undo`): wherever that, put round
one other expression, makes the program right, the fault may as well be said to be there.
"""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

__all__ = ["Mutation", "Text", "mutations"]


@dataclass(frozen=True)
class Mutation:
    """A fault: its kind, what is replaced by what, and where it is.

    Attributes
    ----------
    kind : str
    edits : tuple
        Of each piece its first byte, the byte after its last, and what comes in its place.
    undo : str
        What would make up for it elsewhere: ``(2 * ({}))``; empty if nothing of that size would.
    gap : bool
        Whether something is missing now, so that no line of the text holds the fault.
    lines : tuple of int
        The lines at fault, in the changed text, where they are not those of the edits.
    about : str
        Of a missing line the name that it would have given something, or changed.
    means : str
        The course's name of this fault, where the text alone shows it: numbers may not, if the
        program stops before there are any.
    """

    kind: str
    edits: tuple[tuple[int, int, str], ...]
    undo: str = ""
    gap: bool = False
    lines: tuple[int, ...] = ()
    about: str = ""
    means: str = ""

    def applied(self, source: str) -> str:
        """Return the text with the fault in it."""
        text = source.encode()
        for start, end, new in sorted(self.edits, reverse=True):
            text = text[:start] + new.encode() + text[end:]
        return text.decode()

    def together(self, other: "Mutation") -> "Mutation | None":
        """Return both faults at once; None if they touch each other, or move lines."""
        for a in self.edits:
            for b in other.edits:
                if (a[0] < b[1] and b[0] < a[1]) or a[:2] == b[:2]:
                    return None
        return Mutation(f"{self.kind} + {other.kind}", (*self.edits, *other.edits))


class Text:
    """A program's text, its tree, and where its nodes are in bytes."""

    def __init__(self, source: str):
        self.source = source
        self.bytes = source.encode()
        self.tree = ast.parse(source)
        self._starts = [0]
        for line in self.bytes.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))
        self.parents = {
            child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)
        }

    def at(self, line: int, column: int) -> int:
        """Return the byte of a line, counted from 1, and a column."""
        return self._starts[line - 1] + column

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Return the first byte of a node and the one after its last, brackets round it not."""
        start = self.at(node.lineno, node.col_offset)
        return start, self.at(node.end_lineno, node.end_col_offset)

    def of(self, node: ast.AST) -> str:
        """Return a node's text."""
        start, end = self.span(node)
        return self.bytes[start:end].decode()

    def sides(self, node: ast.BinOp) -> tuple[str, str]:
        """Return the texts beside an operator, with the brackets round them."""
        start, end = self.span(node)
        first, second = self.span(node.left)[1], self.span(node.right)[0]
        between = self.bytes[first:second].decode()
        at = re.search(r"[-+*/@]+", between)
        left = self.bytes[start:first].decode() + between[: at.start()]
        return left.strip(), between[at.end() :].lstrip() + self.bytes[second:end].decode()

    def line_of(self, byte: int) -> int:
        """Return the line of a byte, counted from 1."""
        return self.bytes[:byte].count(b"\n") + 1

    def lines(self, node: ast.stmt) -> tuple[int, int]:
        """Return the bytes of a statement's whole lines."""
        return self._starts[node.lineno - 1], self._starts[node.end_lineno]

    def indent(self, node: ast.stmt) -> str:
        """Return the blanks before a statement."""
        return " " * node.col_offset

    def within(self, node: ast.AST, *kinds: type[ast.AST]) -> ast.AST | None:
        """Return the nearest node of these kinds round another."""
        while (node := self.parents.get(node)) is not None:
            if isinstance(node, kinds):
                return node
        return None


Make = Callable[[Text], Iterator[Mutation]]
_ALL: dict[str, Make] = {}


def _kind(name: str) -> Callable[[Make], Make]:
    def put(make: Make) -> Make:
        _ALL[name] = make
        return make

    return put


def mutations(source: str) -> list[Mutation]:
    """Return every fault that can be put into a program, kind by kind, in the text's order."""
    text = Text(source)
    found = []
    for name, make in _ALL.items():
        for made in make(text):
            one = replace(made, kind=made.kind or name)
            if one.applied(source) != source:
                found.append(one)
    return found


def _swap(text: Text, node: ast.AST, new: str, undo: str = "") -> Mutation:
    return Mutation("", ((*text.span(node), new),), undo)


def _without(text: Text, node: ast.stmt, undo: str = "") -> Mutation:
    target = getattr(node, "targets", [getattr(node, "target", getattr(node, "value", node))])[0]
    name = re.match(r"\w*", text.of(target))[0]
    return Mutation("", ((*text.lines(node), ""),), undo, gap=True, about=name)


def _nodes(text: Text, *kinds: type) -> Iterator[ast.AST]:
    for node in ast.walk(text.tree):
        if isinstance(node, kinds):
            yield node


def _name(node: ast.AST) -> str:
    return getattr(node, "id", getattr(node, "attr", ""))


# --- factors and signs ----------------------------------------------------------------------


@_kind("a factor lost")
def _factor(text: Text) -> Iterator[Mutation]:
    for node in _nodes(text, ast.BinOp):
        if isinstance(node.op, ast.Mult):
            left, right = text.sides(node)
            for kept, lost in ((left, right), (right, left)):
                number = re.fullmatch(r"-?[\d.]+", lost)
                if number or ".derivative(" in lost or lost in ("gamma", "rate", "slope", "alpha"):
                    yield _swap(text, node, kept, f"(({{}}) * ({lost}))")
    for node in _nodes(text, ast.AugAssign):
        if isinstance(node.op, ast.Mult) and isinstance(node.value, ast.Constant):
            yield _without(text, node, f"(({{}}) * ({text.of(node.value)}))")


@_kind("1/2 or 1/N brought along")
def _divided(text: Text) -> Iterator[Mutation]:
    for node in _nodes(text, ast.Return):
        if isinstance(node.value, ast.BinOp) and isinstance(node.value.op, ast.MatMult):
            data = _data(text, node)
            yield _swap(
                text,
                node.value,
                f"({text.of(node.value)}) / len({data})",
                f"(({{}}) * len({data}))",
            )
    for node in _nodes(text, ast.BinOp):
        if isinstance(node.op, ast.Mult) and re.fullmatch(r"-?2", text.of(node.left)):
            half = text.of(node.left).replace("2", "1")
            yield _swap(text, node.left, half, "(2 * ({}))")


def _data(text: Text, node: ast.AST) -> str:
    """The first argument of the function round a node: an array with a row an example."""
    function = text.within(node, ast.FunctionDef)
    return function.args.args[0].arg if function and function.args.args else "X"


@_kind("sign")
def _sign(text: Text) -> Iterator[Mutation]:
    for node in _nodes(text, ast.BinOp):
        if isinstance(node.op, ast.Sub):
            left, right = text.of(node.left), text.of(node.right)
            simple = all(isinstance(n, ast.Name | ast.Subscript) for n in (node.left, node.right))
            if simple:
                yield _swap(text, node, f"{right} - {left}", "(-({}))")
            between = text.span(node.left)[1], text.span(node.right)[0]
            gap = text.bytes[slice(*between)].decode()
            if gap.count("-") == 1 and not re.fullmatch(r"1|1\.0", left):
                yield Mutation("", ((*between, gap.replace("-", "+")),))
    for node in _nodes(text, ast.UnaryOp):
        parent = text.parents[node]
        counts = isinstance(parent, ast.Slice | ast.Subscript) or (
            isinstance(parent, ast.Call) and text.of(parent.func) == "range"
        )
        if isinstance(node.op, ast.USub) and not counts:
            yield _swap(text, node, text.of(node.operand), "(-({}))")


@_kind("ascends, or takes away in place of adding")
def _other_way(text: Text) -> Iterator[Mutation]:
    for node in _nodes(text, ast.AugAssign):
        between = text.span(node.target)[1], text.span(node.value)[0]
        gap = text.bytes[slice(*between)].decode()
        if isinstance(node.op, ast.Sub):
            yield Mutation("", ((*between, gap.replace("-=", "+=")),), "(-({}))")
        elif isinstance(node.op, ast.Add) and text.within(node, ast.For):
            yield Mutation("", ((*between, gap.replace("+=", "-=")),), "(-({}))")


# --- the activation's derivative ------------------------------------------------------------


@_kind("derivative at the wrong argument")
def _argument(text: Text) -> Iterator[Mutation]:
    others = {"T": "F", "A": "Z", "a": "z", "t": "f"}
    for node in _nodes(text, ast.Call):
        if _name(node.func) in ("derivative", "jacobian") and len(node.args) == 1:
            for name in ast.walk(node.args[0]):
                if isinstance(name, ast.Name) and name.id in others:
                    other = others[name.id]
                    if re.search(rf"\b{other}\b", text.source):
                        yield _swap(text, name, other)
            yield _swap(text, node.args[0], f"{text.of(node.func.value)}({text.of(node.args[0])})")


@_kind("activation in place of its derivative")
def _value_for_slope(text: Text) -> Iterator[Mutation]:
    for node in _nodes(text, ast.Attribute):
        if node.attr == "derivative":
            yield _swap(text, node, text.of(node.value))


@_kind("takes the activation for a sigmoid or tanh")
def _assumed(text: Text) -> Iterator[Mutation]:
    values = {"T": "F", "A": "Z", "t": "f"}
    for node in _nodes(text, ast.Call):
        if _name(node.func) == "derivative" and len(node.args) == 1:
            given = text.of(node.args[0])
            head = re.match(r"\w+", given)
            if head and head[0] in values and re.search(rf"\b{values[head[0]]}\b", text.source):
                value = values[head[0]] + given[head.end() :]
                yield _swap(text, node, f"{value} * (1 - {value})")
                yield _swap(text, node, f"(1 - {value} ** 2)")


@_kind("half-remembered derivative")
def _formula(text: Text) -> Iterator[Mutation]:
    for node in _nodes(text, ast.BinOp):
        if isinstance(node.op, ast.Sub) and re.fullmatch(r"1(\.0)?", text.of(node.left)):
            yield _swap(text, node, "({} + {})".format(*text.sides(node)))
            square = node.right
            if isinstance(square, ast.BinOp) and isinstance(square.op, ast.Pow | ast.Mult):
                yield _swap(text, square, text.sides(square)[0])
        if isinstance(node.op, ast.Pow) and text.of(node.right) == "2":
            base = text.sides(node)[0]
            yield _swap(text, node, f"{base} * 2")
            yield _swap(text, node, base)


@_kind("diagonal of the Jacobian alone")
def _diagonal(text: Text) -> Iterator[Mutation]:
    for node in _nodes(text, ast.Call):
        if _name(node.func) == "jacobian":
            given = text.of(node.args[0])
            yield _swap(
                text,
                node,
                f"({text.of(node)} * np.eye({given}.shape[-1]))",
            )
    for node in _nodes(text, ast.BinOp):
        if isinstance(node.op, ast.Sub) and "outer" in text.of(node.right):
            left = text.sides(node)[0]
            yield _swap(text, node, f"{left} - {left} ** 2")


# --- the bias's column ----------------------------------------------------------------------


@_kind("the wrong column taken for the bias")
def _columns(text: Text) -> Iterator[Mutation]:
    for node in _nodes(text, ast.Subscript):
        inside = text.of(node.slice).replace(" ", "")
        if inside == "(:,1:)" or re.search(r"\[\s*:\s*,\s*1\s*:\s*\]$", text.of(node)):
            head = text.of(node.value)
            if isinstance(node.ctx, ast.Load):
                yield _swap(text, node, f"{head}[:, :-1]")
                kept = _swap(text, node, head, "(({})[:, 1:])")
                forward = isinstance(text.parents[node], ast.Attribute)
                yield replace(kept, means="" if forward else "bias-column-kept")
        elif inside == "1:" and isinstance(node.ctx, ast.Load):
            yield _swap(text, node, f"{text.of(node.value)}[:-1]")
    for node in _nodes(text, ast.BinOp):
        if (
            isinstance(node.op, ast.Add)
            and text.of(node.right) == "1"
            and isinstance(node.left, ast.Name)
            and text.within(node, ast.Subscript)
        ):
            yield _swap(text, node, text.of(node.left))


@_kind("bias last")
def _bias_last(text: Text) -> Iterator[Mutation]:
    for node in _nodes(text, ast.Call):
        if _name(node.func) in ("hstack", "concatenate", "column_stack") and node.args:
            pair = node.args[0]
            if isinstance(pair, ast.List | ast.Tuple) and len(pair.elts) == 2:
                yield _exchanged(text, *pair.elts)
    for node in _nodes(text, ast.Subscript):
        if _name(node.value) == "c_" and isinstance(node.slice, ast.Tuple):
            yield _exchanged(text, *node.slice.elts)


def _exchanged(text: Text, a: ast.AST, b: ast.AST) -> Mutation:
    return Mutation("", ((*text.span(a), text.of(b)), (*text.span(b), text.of(a))))


@_kind("zeros for ones")
def _zeros(text: Text) -> Iterator[Mutation]:
    others = {"ones": "zeros"}
    for node in _nodes(text, ast.Attribute):
        if node.attr in others and _name(node.value) == "np":
            yield _swap(text, node, f"np.{others[node.attr]}")


# --- sums -----------------------------------------------------------------------------------


@_kind("mean for sum")
def _mean(text: Text) -> Iterator[Mutation]:
    for node in _nodes(text, ast.Call):
        if _name(node.func) == "sum" and isinstance(node.func, ast.Attribute):
            of = node.args[0] if _name(node.func.value) == "np" else node.func.value
            axis = next((text.of(k.value) for k in node.keywords if k.arg == "axis"), None)
            if axis is None:
                count = f"np.size({text.of(of)})"
            else:
                count = f"np.shape({text.of(of)})[{axis}]"
            head = text.of(node.func)[: -len("sum")]
            yield _swap(text, node.func, f"{head}mean", f"(({{}}) * {count})")


@_kind("sum along the wrong axis, or along all")
def _axis(text: Text) -> Iterator[Mutation]:
    for node in _nodes(text, ast.keyword):
        if node.arg == "axis":
            call = text.parents[node]
            old = text.of(node.value)
            if old in ("0", "1"):
                yield _swap(text, node.value, str(1 - int(old)))
            if _name(call.func) in ("sum", "max") and len(call.keywords) == 1:
                start, end = text.span(call)
                inner = ", ".join(text.of(a) for a in call.args)
                yield Mutation("", ((start, end, f"{text.of(call.func)}({inner})"),))


@_kind("the last one only")
def _last_only(text: Text) -> Iterator[Mutation]:
    for node in _nodes(text, ast.AugAssign):
        if isinstance(node.op, ast.Add) and text.within(node, ast.For, ast.While):
            between = text.span(node.target)[1], text.span(node.value)[0]
            gap = text.bytes[slice(*between)].decode()
            yield Mutation("", ((*between, gap.replace("+=", "=")),))


@_kind("an accumulator not set back")
def _not_reset(text: Text) -> Iterator[Mutation]:
    """What begins at zero in a loop begins before it."""
    for node in _nodes(text, ast.Assign):
        loop = text.parents.get(node)
        begins = re.fullmatch(r"(0|0\.0|np\.zeros\(.*\))", text.of(node.value))
        if isinstance(loop, ast.For) and begins and isinstance(node.targets[0], ast.Name):
            head = text.lines(loop)[0]
            moved = f"{text.indent(loop)}{text.of(node)}\n"
            outer = loop.lineno
            yield Mutation(
                "",
                ((head, head, moved), (*text.lines(node), "")),
                about=node.targets[0].id,
                # where it is now, the loop in which it is missing, and what is beside the gap
                lines=(outer, outer + 1, node.lineno, node.lineno + 1),
            )


@_kind("return in the loop")
def _return_inside(text: Text) -> Iterator[Mutation]:
    for node in _nodes(text, ast.Return):
        block = getattr(text.parents[node], "body", [])
        if node in block and block.index(node) and node.lineno == node.end_lineno:
            before = block[block.index(node) - 1]
            if isinstance(before, ast.For):
                start = text.lines(node)[0]
                deep = text.indent(before.body[-1])
                yield Mutation("", ((start, start + node.col_offset, deep),))


# --- products and orders --------------------------------------------------------------------


@_kind("transposed")
def _transposed(text: Text) -> Iterator[Mutation]:
    for node in _nodes(text, ast.Return):
        if isinstance(node.value, ast.BinOp) and isinstance(node.value.op, ast.MatMult):
            yield _swap(text, node.value, f"({text.of(node.value)}).T", "(({}).T)")
    for node in _nodes(text, ast.Attribute):
        if node.attr == "T" and not isinstance(text.parents.get(node), ast.Attribute):
            yield _swap(text, node, text.of(node.value), "(({}).T)")


@_kind("factors of a product in the wrong order")
def _product(text: Text) -> Iterator[Mutation]:
    for node in _nodes(text, ast.Call):
        if _name(node.func) in ("outer", "dot", "matmul") and len(node.args) == 2:
            yield _exchanged(text, *node.args)


@_kind("einsum's letters")
def _einsum(text: Text) -> Iterator[Mutation]:
    for node in _nodes(text, ast.Call):
        if _name(node.func) != "einsum" or not isinstance(node.args[0], ast.Constant):
            continue
        inputs, _, out = node.args[0].value.partition("->")
        quote = text.of(node.args[0])[0]
        made = []
        if len(out) == 2:
            made.append(f"{inputs}->{out[::-1]}")
        if len(out) == 3:
            made.append(f"{inputs}->{out[0]}{out[2]}{out[1]}")
        parts = inputs.split(",")
        for n, part in enumerate(parts):
            if len(part) == 3:  # the Jacobian's axes
                turned = part[0] + part[2] + part[1]
                made.append(f"{','.join([*parts[:n], turned, *parts[n + 1 :]])}->{out}")
            elif len(part) == 2 and len(parts) > 1:
                turned = part[::-1]
                made.append(f"{','.join([*parts[:n], turned, *parts[n + 1 :]])}->{out}")
        for letters in made:
            yield _swap(text, node.args[0], f"{quote}{letters}{quote}")


@_kind("examples in another order")
def _order(text: Text) -> Iterator[Mutation]:
    """One of two arrays that belong together row by row is turned round, or rolled."""
    for node in _nodes(text, ast.BinOp):
        if isinstance(node.op, ast.MatMult) and ".T" in text.of(node.left):
            right = text.of(node.right)
            yield _swap(text, node.right, f"{right}[::-1]")
            yield _swap(text, node.right, f"np.roll({right}, 1, axis=0)")
    for node in _nodes(text, ast.Subscript):
        if re.search(r"\b(Y|X)\[(batch|rows|order)\]$", text.of(node)):
            yield _swap(text, node, f"{text.of(node.value)}[np.sort({text.of(node.slice)})]")


@_kind("a column taken for a row")
def _broadcast(text: Text) -> Iterator[Mutation]:
    for node in _nodes(text, ast.keyword):
        if node.arg == "keepdims":
            call = text.parents[node]
            others = [a for a in (*call.args, *call.keywords) if a is not node]
            inner = ", ".join(text.of(a) for a in others)
            yield _swap(text, call, f"{text.of(call.func)}({inner})")
    for node in _nodes(text, ast.Subscript):
        inside = text.of(node)
        if re.search(r"\[:, None\]$", inside):
            yield _swap(text, node, inside.replace("[:, None]", "[None, :]"))
            yield _swap(text, node, text.of(node.value))
        elif "[:, :, None]" in inside and isinstance(node.ctx, ast.Load):
            yield _swap(text, node, inside.replace("[:, :, None]", "[:, None, :]"))


# --- loops and indices ----------------------------------------------------------------------


@_kind("stops or starts one off")
def _range(text: Text) -> Iterator[Mutation]:
    for node in _nodes(text, ast.Call):
        if _name(node.func) != "range":
            continue
        given = [text.of(a) for a in node.args]
        if len(given) == 1:
            yield _swap(text, node, f"range({given[0]} - 1)")
            yield _swap(text, node, f"range(1, {given[0]})")
        elif len(given) == 2:
            yield _swap(text, node, f"range({given[0]}, {given[1]} - 1)")
        elif given[2] == "-1":
            yield _swap(text, node, f"range({given[0]}, {given[1]} + 1, -1)")
        else:
            yield _swap(text, node, f"range({given[0]}, {given[1]} - {given[2]}, {given[2]})")


@_kind("layers the wrong way round")
def _direction(text: Text) -> Iterator[Mutation]:
    for node in _nodes(text, ast.Call):
        if _name(node.func) == "reversed" and len(node.args) == 1:
            yield _swap(text, node, text.of(node.args[0]))
        if _name(node.func) == "range" and len(node.args) == 3 and text.of(node.args[2]) == "-1":
            yield _swap(text, node, f"range({text.of(node.args[0])} + 1)")
        if _name(node.func) == "insert" and text.of(node.args[0]) == "0":
            yield _swap(text, node, f"{text.of(node.func.value)}.append({text.of(node.args[1])})")
    for node in _nodes(text, ast.Subscript):
        if text.of(node).endswith("[::-1]"):
            yield _swap(text, node, text.of(node.value), "(({})[::-1])")
    for node in _nodes(text, ast.Expr):
        if re.fullmatch(r"\w+\.reverse\(\)", text.of(node)):
            yield _without(text, node, "(({})[::-1])")


@_kind("layer index off by one")
def _layer(text: Text) -> Iterator[Mutation]:
    for node in _nodes(text, ast.Subscript):
        inside, head = text.of(node.slice), text.of(node.value)
        if isinstance(node.ctx, ast.Store):
            continue
        if inside in ("d", "d + 1") and head in (
            "A",
            "Z",
            "As",
            "zs",
            "sigmas",
            "alphas",
            "inputs",
            "above",
            "below",
            "weights_above",
            "arriba",
            "s",
        ):
            other = "d + 1" if inside == "d" else "d"
            yield _swap(text, node, f"{head}[{other}]")
            if inside == "d":
                yield _swap(text, node, f"{head}[d - 1]")
        if inside == "-1" and head in ("A", "Z", "zs", "inputs", "sigmas"):
            yield _swap(text, node, f"{head}[0]")
        if inside == "1:" and head == "alphas":
            yield _swap(text, node, "alphas[:-1]")


@_kind("an index used twice")
def _shadowed(text: Text) -> Iterator[Mutation]:
    """An inner loop takes the letter of the outer one."""
    for inner in _nodes(text, ast.For):
        outer = text.within(inner, ast.For)
        if not (
            outer and isinstance(inner.target, ast.Name) and isinstance(outer.target, ast.Name)
        ):
            continue
        uses = [
            n
            for part in inner.body
            for n in ast.walk(part)
            if isinstance(n, ast.Name) and n.id == inner.target.id
        ]
        new = outer.target.id
        edits = tuple((*text.span(n), new) for n in (inner.target, *uses))
        yield Mutation("", edits)


@_kind("one index for another")
def _index(text: Text) -> Iterator[Mutation]:
    for node in _nodes(text, ast.Subscript):
        pair = node.slice
        if (
            isinstance(pair, ast.Tuple)
            and len(pair.elts) == 2
            and all(isinstance(e, ast.Name) for e in pair.elts)
            and isinstance(node.ctx, ast.Load)
        ):
            yield _exchanged(text, *pair.elts)


# --- names ----------------------------------------------------------------------------------


@_kind("another array of the same kind")
def _other_name(text: Text) -> Iterator[Mutation]:
    alike = [("F", "T"), ("Z", "A"), ("Y", "F"), ("F", "Y"), ("T", "F"), ("A", "Z"), ("z", "a")]
    functions = [n for n in text.tree.body if isinstance(n, ast.FunctionDef)]
    for function in functions:
        known = {a.arg for a in function.args.args}
        known |= {
            n.id
            for n in ast.walk(function)
            if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        }
        for node in ast.walk(function):
            if not (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)):
                continue
            call = text.parents.get(node)
            if isinstance(call, ast.Call) and _name(call.func) in ("derivative", "jacobian"):
                continue
            for one, other in alike:
                if node.id == one and other in known:
                    yield _swap(text, node, other)


@_kind("a value of one step before")
def _stale(text: Text) -> Iterator[Mutation]:
    """What a line works out is not used: its input goes on in its place."""
    for block in _blocks(text):
        for here in block:
            if not (isinstance(here, ast.Assign) and isinstance(here.targets[0], ast.Name)):
                continue
            new = here.targets[0].id
            value = here.value
            first = value.left if isinstance(value, ast.BinOp) else None
            if not (
                isinstance(first, ast.Name) and first.id != new and isinstance(value.op, ast.Mult)
            ):
                continue
            for node in _nodes(text, ast.Name):
                if node.id == new and isinstance(node.ctx, ast.Load) and node.lineno > here.lineno:
                    yield _swap(text, node, first.id, f"(({{}}) * ({text.sides(value)[1]}))")


def _blocks(text: Text) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(text.tree):
        for name in ("body", "orelse"):
            block = getattr(node, name, None)
            if isinstance(block, list) and not isinstance(node, ast.Module):
                yield block


@_kind("weights left out on the way back")
def _no_weights(text: Text) -> Iterator[Mutation]:
    for node in _nodes(text, ast.BinOp):
        weights = text.of(node.right)
        if isinstance(node.op, ast.MatMult) and "[:, 1:]" in weights and ".T" not in weights:
            yield _swap(text, node.right, f"np.ones_like({weights})")
            yield _swap(text, node.right, f"np.abs({weights})")


@_kind("lines in the wrong order")
def _lines(text: Text) -> Iterator[Mutation]:
    for block in _blocks(text):
        for a, b in pairwise(block):
            simple = all(isinstance(s, ast.Assign | ast.AugAssign) for s in (a, b))
            if simple and b.lineno == a.end_lineno + 1:
                (start, middle), (_, end) = text.lines(a), text.lines(b)
                first, second = text.bytes[start:middle].decode(), text.bytes[middle:end].decode()
                lines = tuple(range(a.lineno, b.end_lineno + 1))
                yield Mutation("", ((start, end, second + first),), lines=lines)


@_kind("a line left out")
def _left_out(text: Text) -> Iterator[Mutation]:
    for block in _blocks(text):
        for node in block if len(block) > 1 else ():
            again = (
                isinstance(node, ast.Assign)
                and isinstance(node.targets[0], ast.Name)
                and any(
                    isinstance(n, ast.Name) and n.id == node.targets[0].id
                    for n in ast.walk(node.value)
                )
            )
            fills = isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript)
            appends = isinstance(node, ast.Expr) and ".append(" in text.of(node)
            factor = (
                isinstance(node, ast.AugAssign)
                and isinstance(node.op, ast.Mult)
                and isinstance(node.value, ast.Constant)
            )
            if again or fills or appends or (isinstance(node, ast.AugAssign) and not factor):
                undo = ""
                if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Mult):
                    undo = f"(({{}}) * ({text.of(node.value)}))"
                yield _without(text, node, undo)


# --- numbers --------------------------------------------------------------------------------


@_kind("clipped, or its sign lost")
def _clipped(text: Text) -> Iterator[Mutation]:
    for node in _nodes(text, ast.Assign):
        value = node.value
        if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mult | ast.MatMult | ast.Sub):
            old = text.of(value)
            if "\n" not in old:
                yield _swap(text, value, f"np.clip({old}, -1, 1)")
                yield _swap(text, value, f"np.abs({old})")
                yield _swap(text, value, f"np.maximum({old}, 0)")
                yield _swap(text, value, f"np.round({old}, 2)")


@_kind("whole numbers")
def _whole(text: Text) -> Iterator[Mutation]:
    for node in _nodes(text, ast.BinOp):
        if isinstance(node.op, ast.Div):
            between = text.span(node.left)[1], text.span(node.right)[0]
            gap = text.bytes[slice(*between)].decode()
            yield Mutation("", ((*between, gap.replace("/", "//")),))
    for node in _nodes(text, ast.Call):
        if _name(node.func) == "zeros" and len(node.args) == 1 and not node.keywords:
            yield _swap(text, node, f"np.zeros({text.of(node.args[0])}, dtype=int)")
        if _name(node.func) == "astype" and text.of(node.args[0]) == "float":
            yield _swap(text, node, text.of(node).replace("astype(float)", "copy()"))
    for node in _nodes(text, ast.keyword):
        if node.arg == "dtype" and text.of(node.value) == "float":
            call = text.parents[node]
            yield _swap(text, call, f"{text.of(call.func)}({text.of(call.args[0])})")


@_kind("one array under two names")
def _alias(text: Text) -> Iterator[Mutation]:
    for node in _nodes(text, ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("copy", "astype"):
            yield _swap(text, node, text.of(node.func.value))
        if text.of(node.func) == "np.array" and any(k.arg == "dtype" for k in node.keywords):
            yield _swap(text, node, text.of(node.args[0]))
        if _name(node.func) == "zeros" and isinstance(text.parents.get(node), ast.Assign):
            target = text.parents[node].targets[0]
            before = [
                n.targets[0].id
                for n in _nodes(text, ast.Assign)
                if n.lineno < node.lineno
                and isinstance(n.targets[0], ast.Name)
                and isinstance(n.value, ast.Call)
                and text.of(n.value) == text.of(node)
            ]
            if before and isinstance(target, ast.Name):
                yield _swap(text, node, before[0])
    for node in _nodes(text, ast.ListComp):
        if "np.zeros(" in text.of(node.elt) and len(node.generators) == 1:
            of = text.of(node.generators[0].iter)
            yield _swap(text, node, f"[np.zeros({of}[0].shape)] * len({of})")


@_kind("the wrong side, or the wrong comparison")
def _compared(text: Text) -> Iterator[Mutation]:
    others = {ast.Gt: "<", ast.Lt: ">", ast.GtE: "<", ast.LtE: ">"}
    for node in _nodes(text, ast.Compare):
        if type(node.ops[0]) in others and len(node.ops) == 1:
            between = text.span(node.left)[1], text.span(node.comparators[0])[0]
            yield Mutation("", ((*between, f" {others[type(node.ops[0])]} "),))
            if isinstance(node.ops[0], ast.Gt):
                yield Mutation("", ((*between, " >= "),))
    for node in _nodes(text, ast.Call):
        if _name(node.func) == "where" and len(node.args) == 3:
            yield _exchanged(text, node.args[1], node.args[2])
        if _name(node.func) in ("maximum", "minimum"):
            other = "minimum" if _name(node.func) == "maximum" else "maximum"
            yield _swap(text, node.func, f"np.{other}")


@_kind("a constant left out, or another one")
def _constant(text: Text) -> Iterator[Mutation]:
    for node in _nodes(text, ast.Return, ast.Assign):
        value = node.value
        for n in ast.walk(value) if value is not None else ():
            added = isinstance(n, ast.BinOp) and isinstance(n.op, ast.Add | ast.Sub)
            constant = added and text.of(n.right) in ("alpha", "1")
            if constant and not text.within(n, ast.Subscript):
                yield _swap(text, n, text.sides(n)[0])
    for node in _nodes(text, ast.Name):
        if node.id == "alpha" and isinstance(text.parents[node], ast.BinOp | ast.Call | ast.IfExp):
            yield _swap(text, node, "1")
    for node in _nodes(text, ast.Constant):
        if isinstance(node.value, float) and 0 < node.value < 1e-3:
            yield _swap(text, node, "0.1")


@_kind("only one side of the difference")
def _one_side(text: Text) -> Iterator[Mutation]:
    for node in _nodes(text, ast.BinOp):
        if isinstance(node.op, ast.Div) and re.match(r"\(?2 \*", text.of(node.right)):
            yield _swap(text, node.right, text.sides(node.right)[1], "(({}) / 2)")
    for node in _nodes(text, ast.Call):
        if _name(node.func) == "f" and " - " in text.of(node):
            yield _swap(text, node, re.sub(r" - [\w ]+", "", text.of(node)))


@_kind("no shift before exp")
def _shift(text: Text) -> Iterator[Mutation]:
    for node in _nodes(text, ast.Call):
        of = node.args[0] if node.args else node
        if _name(node.func) == "exp" and isinstance(getattr(of, "op", None), ast.Sub):
            yield _swap(text, of, text.of(of.left))
        if _name(node.func) == "abs" and text.of(text.parents[node]).startswith("-"):
            yield _swap(text, node, text.of(node.args[0]))
