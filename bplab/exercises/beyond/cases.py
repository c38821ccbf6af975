"""Test cases of automatic differentiation: single nodes, and graphs of nodes."""

import math
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from bplab.exercises.task import Case

# --- one node -----------------------------------------------------------------------------

RULES: dict[str, Callable[..., float]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "exp": math.exp,
    "log": math.log,
    "tanh": math.tanh,
    "relu": lambda a: max(a, 0.0),
}
"""The value of each operation, as a function of its inputs."""


@dataclass(frozen=True)
class NodeCase(Case):
    """One operation and its inputs."""

    name: str
    op: str
    inputs: np.ndarray
    special: bool = False
    smooth: bool = True
    all_zero: bool = False

    @property
    def value(self) -> float:
        """The value of the operation."""
        return RULES[self.op](*self.inputs.tolist())

    @property
    def sizes(self) -> dict[str, int]:
        """Return the number of inputs."""
        return {"inputs": len(self.inputs)}

    @property
    def setting(self) -> str:
        """The operation."""
        return f"op = {self.op!r}"

    def traits(self, names: Iterable[str]) -> frozenset[str]:
        """Return the operation alone, since no rule depends on what its numbers are."""
        return frozenset({f"{_OP}{self.op}”"})

    def put(self, trait: str, like: Case) -> Iterator[Case | None]:
        """See `Case`: the operation of ``like`` with other numbers."""
        assert isinstance(like, NodeCase)
        yield replace(like, inputs=1.1 * like.inputs)

    def taken(self, trait: str, other: Case) -> Iterator[Case | None]:
        """See `Case`: the other case, which has another operation."""
        yield other


_OP = "op is “"


def node_cases(rng: np.random.Generator) -> list[NodeCase]:
    """Each operation twice, then numbers at which a mistake hides or shows."""

    def size(low: float = 0.4, high: float = 2.4) -> float:
        """A number that is not near 1, where a slope and its inverse would be the same."""
        while abs((number := float(rng.uniform(low, high))) - 1) < 0.15:
            pass
        return number

    def signed() -> float:
        return size() * float(rng.choice([-1, 1]))

    def case(name: str, op: str, *inputs: float, **more: bool) -> NodeCase:
        return NodeCase(name, op, np.array(inputs), **more)

    def pair() -> tuple[float, float]:
        """Two numbers of different absolute values."""
        a = b = signed()
        while abs(abs(a) - abs(b)) < 0.2:
            b = signed()
        return a, b

    def two(op: str) -> list[NodeCase]:
        return [case(op, op, *pair()), case(f"{op}, other numbers", op, *pair())]

    def one(op: str, a: float, b: float) -> list[NodeCase]:
        return [case(op, op, a), case(f"{op}, another number", op, b)]

    first, second = two("mul")
    return [
        first,
        replace(first, name="div of the same", op="div"),
        second,
        *two("add"),
        *two("sub"),
        *two("div"),
        *one("exp", size(), -size()),
        *one("log", size(1.2, 2.4), size(0.2, 0.8)),
        *one("tanh", size(), -size()),
        case("relu, on", "relu", size()),
        case("relu, off", "relu", -size(), all_zero=True),
        case("relu, far on", "relu", rng.uniform(20, 40)),
        case("relu at 0", "relu", 0.0, special=True, smooth=False),
        case("mul of large numbers", "mul", *rng.uniform(200, 400, 2)),
        case("mul by 0", "mul", 0.0, signed(), special=True),
        case("0 divided", "div", 0.0, signed(), special=True),
    ]


# --- a graph ------------------------------------------------------------------------------

Numbers = tuple[tuple[int, ...], ...]
Slopes = tuple[np.ndarray, ...]


@dataclass(frozen=True)
class GraphCase(Case):
    """A graph: each node's sources, the nodes that it is made from, and its slopes by source."""

    name: str
    sources: Numbers
    slopes: Slopes
    output: int
    special: bool = False

    @property
    def sizes(self) -> dict[str, int]:
        """Return the number of nodes."""
        return {"nodes": len(self.sources)}

    def traits(self, names: Iterable[str]) -> frozenset[str]:
        """Return the traits on which the right order of nodes depends."""
        return frozenset(self.own_traits(names))

    def own_traits(self, names: Container[str] | Iterable[str]) -> Iterable[str]:
        """Return whether nodes are numbered in order, and whether one is made of another twice."""
        pairs = [(node, s) for node, of in enumerate(self.sources) for s in of]
        if pairs and all(source < node for node, source in pairs):
            yield IN_ORDER
        if len(set(pairs)) < len(pairs):
            yield TWICE

    def put(self, trait: str, like: Case) -> Iterator[Case | None]:
        """See `Case`."""
        if trait == IN_ORDER:
            yield self._numbered(_sorted(self.sources))

    def taken(self, trait: str, other: Case) -> Iterator[Case | None]:
        """See `Case`."""
        if trait == IN_ORDER:
            yield self._numbered(_sorted(self.sources)[::-1])

    def _numbered(self, order: list[int]) -> "GraphCase":
        """Return the same graph with its nodes numbered in this order."""
        number = {node: n for n, node in enumerate(order)}
        return replace(
            self,
            sources=tuple(tuple(number[s] for s in self.sources[node]) for node in order),
            slopes=tuple(self.slopes[node] for node in order),
            output=number[self.output],
        )


IN_ORDER = "every node has a higher number than those that it is made from"
TWICE = "a node is made from the same node twice"


def _sorted(sources: Numbers) -> list[int]:
    """Return all nodes, each after those that it is made from."""
    order: list[int] = []
    left = list(range(len(sources)))
    while left:
        ready = next(node for node in left if all(s in order for s in sources[node]))
        order.append(ready)
        left.remove(ready)
    return order


class _Growing:
    """A graph that grows node by node.

    Of the nodes that are made from the same node, each is below the next. So all right orders take
    them in the same sequence, and give the same result even if only the last share is kept.
    """

    def __init__(self, rng: np.random.Generator, leaves: int):
        self.rng = rng
        self.sources: list[tuple[int, ...]] = [()] * leaves
        self.below = [{node} for node in range(leaves)]
        self.users: list[int | None] = [None] * leaves

    @property
    def tops(self) -> list[int]:
        """The nodes from which no other node is made yet."""
        return [node for node, user in enumerate(self.users) if user is None]

    def add(self, *sources: int) -> int:
        """Add a node that is made from others, and return its number."""
        node = len(self.sources)
        self.sources.append(sources)
        self.below.append({node}.union(*(self.below[s] for s in sources)))
        self.users.append(None)
        for source in sources:
            self.users[source] = node
        return node

    def grow(self, twice: bool = False) -> None:
        """Add a node made from a top node and from another node, or from the same one twice."""
        first = int(self.rng.choice(self.tops))
        seconds = [n for n, user in enumerate(self.users) if n != first and self._may(user, first)]
        second = first if twice else int(self.rng.choice(seconds))
        both = [first, second]
        self.add(*(both if self.rng.random() < 0.5 else both[::-1]))

    def _may(self, user: int | None, first: int) -> bool:
        return user is None or user in self.below[first]

    def close(self) -> int:
        """Add nodes until only one is at the top; return this one, which is the output."""
        while len(self.tops) > 1:
            self.grow()
        # the last nodes also use two low ones: an order that takes these when first met is wrong
        low = [n for n, of in enumerate(self.sources) if of][:2]
        for node in low:
            self.add(self.tops[0], node)
        return self.tops[0]


def graph_cases(rng: np.random.Generator) -> list[GraphCase]:
    """Graphs in which every wrong order shows, then corner cases."""

    def graph(leaves: int, inner: int, *, twice: bool = False) -> _Growing:
        growing = _Growing(rng, leaves)
        for n in range(inner):
            growing.grow(twice and n in (1, 4))
        return growing

    def slope() -> float:
        return float(rng.uniform(0.5, 1.6) * rng.choice([-1, 1]))

    def case(name: str, growing: _Growing, output: int, special: bool = False) -> GraphCase:
        sources = tuple(growing.sources)
        slopes = tuple(np.array([slope() for _ in of]) for of in sources)
        found = GraphCase(name, sources, slopes, output, special)
        return found._numbered(rng.permutation(len(sources)).tolist())

    def closed(name: str, leaves: int, inner: int, *, twice: bool = False) -> GraphCase:
        growing = graph(leaves, inner, twice=twice)
        return case(name, growing, growing.close())

    def chain(name: str, length: int, special: bool = False) -> GraphCase:
        growing = _Growing(rng, 1)
        for n in range(length):
            growing.add(n)
        return case(name, growing, length, special)

    def in_order(found: GraphCase, turn: int = 1) -> GraphCase:
        return found._numbered(_sorted(found.sources)[::turn])

    generic = closed("generic", 4, 6)
    return [
        generic,
        closed("other nodes", 5, 8),
        replace(generic, name="the same nodes, other slopes", slopes=_moved(generic.slopes)),
        replace(generic, name="the same slopes, other nodes", sources=_exchanged(generic.sources)),
        closed("made from one node twice", 3, 6, twice=True),
        in_order(closed("numbered as they were made", 3, 6)),
        in_order(closed("numbered the other way round", 4, 5), -1),
        _large(closed("a large slope", 3, 5), rng),
        chain("a chain", 6, special=True),
        chain("many nodes", 60),
        _off(closed("a slope of 0", 3, 5), rng),
        _not_needed(case, graph(4, 5), rng),
        _below_others(case, graph(3, 6)),
        GraphCase("the output alone", ((),), (np.array([]),), 0, special=True),
    ]


def _moved(slopes: Slopes) -> Slopes:
    """Return other slopes, which are not the old ones times a common factor."""
    return tuple(of + 0.3 * np.arange(1, len(of) + 1) for of in slopes)


def _exchanged(sources: Numbers) -> Numbers:
    """Return the sources with two leaves exchanged."""
    a, b, *_ = (node for node, of in enumerate(sources) if not of)
    other = {a: b, b: a}
    return tuple(tuple(other.get(s, s) for s in of) for of in sources)


def _with_slope(case: GraphCase, at: tuple[int, int], slope: float) -> GraphCase:
    slopes = tuple(of.copy() for of in case.slopes)
    slopes[at[0]][at[1]] = slope
    return replace(case, slopes=slopes)


def _large(case: GraphCase, rng: np.random.Generator) -> GraphCase:
    """Return the case with a large slope of the output, and so large numbers below it."""
    return _with_slope(case, (case.output, 0), float(rng.uniform(400, 600)))


def _off(case: GraphCase, rng: np.random.Generator) -> GraphCase:
    """Return the case with one slope of 0, as of a unit that is off: it sends a share of 0."""
    inner = [n for n, of in enumerate(case.sources) if of and n != case.output]
    return _with_slope(case, (int(rng.choice(inner)), 0), 0.0)


def _not_needed(
    case: Callable[..., GraphCase], growing: _Growing, rng: np.random.Generator
) -> GraphCase:
    """Return a case with nodes that are made from needed ones, but are not needed themselves."""
    output = growing.close()
    inner = [n for n in range(output) if growing.sources[n]]
    aside = growing.add(int(rng.choice(inner)), 0)
    growing.add(aside, 1)
    return case("nodes that are not needed", growing, output, special=True)


def _below_others(case: Callable[..., GraphCase], growing: _Growing) -> GraphCase:
    """Return a case in which other nodes are made from the output."""
    output = growing.close()
    growing.add(growing.add(output, 0), output)
    return case("an output of which more is made", growing, output, special=True)
