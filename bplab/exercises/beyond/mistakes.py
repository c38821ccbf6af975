"""The known mistakes in the rules of single nodes, and in the pass back through all of them."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from bplab.exercises.steps import Array, Program, Steps
from bplab.exercises.task import Construct, Mistake, Slip, Subgoal, left_early, overwritten

# --- the slopes of one node as a program --------------------------------------------------


def _slopes(steps: Steps, op: str, inputs: Array, value: float) -> Array:
    return np.array(getattr(steps, op)(*inputs, value), dtype=float)


_SLOPES = Program(
    _slopes,
    {
        "add": lambda a, b, value: [1, 1],
        "sub": lambda a, b, value: [1, -1],
        "mul": lambda a, b, value: [b, a],
        "div": lambda a, b, value: [1 / b, -a / b**2],
        "exp": lambda a, value: [value],
        "log": lambda a, value: [1 / a],
        "tanh": lambda a, value: [1 - value**2],
        "relu": lambda a, value: [float(a > 0)],
    },
)


def _in_slopes(
    name: str, says: str, hint: str, *slips: Slip, **changed: Callable[..., Any]
) -> Mistake:
    return Mistake(name, Subgoal.LOCAL_SLOPE, says, hint, _SLOPES.with_(**changed), slips=slips)


_PRODUCT = "When a moves by h, a · b moves by h · b: what is left is the other factor."
_QUOTIENT = "a / b is a · b⁻¹. When b moves the power rule holds: −a · b⁻²."
_TANH = "The slope of tanh is 1 − tanh², and tanh of the input is there already: it is value."
_RELU = "relu passes on what is above 0: its slope is 1 there, and 0 elsewhere."

SLOPES = (
    _in_slopes(
        "product-own-factor",
        "The two slopes of a product are swapped: each is the factor that moves.",
        _PRODUCT,
        mul=lambda a, b, value: [a, b],
    ),
    _in_slopes(
        "product-value",
        "Both slopes of a product are the product.",
        _PRODUCT,
        mul=lambda a, b, value: [value, value],
    ),
    _in_slopes(
        "product-as-sum",
        "Both slopes of a product are 1, as those of a sum are.",
        _PRODUCT,
        mul=lambda a, b, value: [1, 1],
    ),
    _in_slopes(
        "product-added",
        "Both slopes of a product are the sum of its factors.",
        f"Each input has a slope of its own. {_PRODUCT}",
        mul=lambda a, b, value: [a + b, a + b],
    ),
    _in_slopes(
        "minus-lost",
        "Both slopes of a difference are 1.",
        "a − b falls when b grows.",
        sub=lambda a, b, value: [1, 1],
    ),
    _in_slopes(
        "minus-at-first",
        "The slopes of a difference have their signs at the wrong inputs.",
        "a − b grows with a, and falls when b grows: 1, then −1.",
        sub=lambda a, b, value: [-1, 1],
    ),
    _in_slopes(
        "quotient-sign",
        "The slope of a / b with respect to b has lost its minus.",
        f"The larger b, the smaller a / b (of positive numbers). {_QUOTIENT}",
        div=lambda a, b, value: [1 / b, a / b**2],
    ),
    _in_slopes(
        "quotient-not-squared",
        "The slope of a / b with respect to b is −a / b: the square is missing.",
        _QUOTIENT,
        div=lambda a, b, value: [1 / b, -a / b],
    ),
    _in_slopes(
        "quotient-without-a",
        "The slope of a / b with respect to b is −1 / b²: the a is missing.",
        _QUOTIENT,
        div=lambda a, b, value: [1 / b, -1 / b**2],
    ),
    _in_slopes(
        "quotient-swapped",
        "The two slopes of a quotient are swapped.",
        f"The order is that of the inputs: first that of a, which is above. {_QUOTIENT}",
        div=lambda a, b, value: [-a / b**2, 1 / b],
    ),
    _in_slopes(
        "quotient-as-product",
        "The slopes of a quotient are those of a product.",
        _QUOTIENT,
        div=lambda a, b, value: [b, a],
    ),
    _in_slopes(
        "exp-of-value",
        "The slope of exp is exp of the value: the function is taken twice.",
        "exp is its own slope, and exp of the input is there already: it is value.",
        exp=lambda a, value: [math.exp(value)],
    ),
    _in_slopes(
        "exp-as-power",
        "The slope of exp is a · exp(a − 1), which is a rule for powers.",
        "In a³ the base moves, in eᵃ the exponent does. exp is its own slope.",
        exp=lambda a, value: [a * math.exp(a - 1)],
    ),
    _in_slopes(
        "exp-is-input",
        "The slope of exp is its input.",
        "exp is its own slope, and exp of the input is there already: it is value.",
        exp=lambda a, value: [a],
    ),
    _in_slopes(
        "log-of-value",
        "The slope of log is 1 / value: it is taken at the output.",
        "The slope of log is one over its input.",
        log=lambda a, value: [1 / value],
    ),
    _in_slopes(
        "log-not-inverted",
        "The slope of log is its input.",
        "log gets flatter as its input grows: the slope is one over the input.",
        log=lambda a, value: [a],
    ),
    _in_slopes(
        "log-is-value",
        "The slope of log is log.",
        "exp is its own slope, log is not: its slope is one over the input.",
        log=lambda a, value: [value],
    ),
    _in_slopes(
        "tanh-from-input",
        "The slope of tanh is 1 − a²: it is taken from the input a, not from the output.",
        _TANH,
        tanh=lambda a, value: [1 - a**2],
    ),
    _in_slopes(
        "tanh-twice",
        "The slope of tanh is 1 − tanh(value)²: the function is taken twice.",
        _TANH,
        tanh=lambda a, value: [1 - math.tanh(value) ** 2],
    ),
    _in_slopes(
        "tanh-not-squared",
        "The slope of tanh is 1 − value: the square is missing.",
        _TANH,
        tanh=lambda a, value: [1 - value],
    ),
    _in_slopes(
        "tanh-plus",
        "The slope of tanh is 1 + value²: the sign is wrong.",
        _TANH,
        tanh=lambda a, value: [1 + value**2],
    ),
    _in_slopes(
        "tanh-as-sigmoid",
        "The slope of tanh is value · (1 − value), which is that of the sigmoid.",
        _TANH,
        tanh=lambda a, value: [value * (1 - value)],
    ),
    _in_slopes(
        "relu-is-value",
        "The slope of relu is relu: the value is passed on.",
        _RELU,
        relu=lambda a, value: [value],
    ),
    _in_slopes(
        "relu-always-on",
        "The slope of relu is 1 everywhere.",
        _RELU,
        Slip("value >= 0, which a value of relu always is"),
        relu=lambda a, value: [1],
    ),
    _in_slopes(
        "relu-sign",
        "The slope of relu is −1 where its input is negative.",
        f"{_RELU} A unit that is off does not move.",
        relu=lambda a, value: [np.sign(a)],
    ),
    _in_slopes(
        "relu-on-at-0",
        "At 0 the slope of relu is 1, where 0 was agreed.",
        "Any slope between would do at a kink. This course takes 0 there: a > 0, not a >= 0.",
        relu=lambda a, value: [float(a >= 0)],
    ),
    _in_slopes(
        "first-input-only",
        "Only the slope of the first input comes back.",
        "There is a slope for each input, in the order of inputs.",
        returned=lambda slopes: slopes[:1],
    ),
    _in_slopes(
        "inputs-swapped",
        "The slopes come in the wrong order: that of the second input comes first.",
        "There is a slope for each input, in the order of inputs.",
        returned=lambda slopes: slopes[::-1],
    ),
    _in_slopes(
        "slopes-summed",
        "One number comes back: the sum of the slopes.",
        "Keep them apart: there is a slope for each input.",
        returned=np.sum,
    ),
)


# --- the pass back as a program -----------------------------------------------------------

Numbers = Sequence[Sequence[int]]
Slopes = Sequence[Array]
Edges = Sequence[tuple[int, float]]


def _pass(steps: Steps, sources: Numbers, slopes: Slopes, output: int) -> Array:
    grad = steps.seed(len(sources), output)
    for node in steps.order(sources, output):
        for source, slope in steps.edges(sources[node], slopes[node]):
            grad[source] = steps.collect(grad[source], steps.share(grad[node], slope))
    return grad


def _seed(count: int, output: int) -> Array:
    grad = np.zeros(count)
    grad[output] = 1
    return grad


def _below(sources: Numbers, output: int) -> list[int]:
    """Return the output and all nodes below it, each after those that it is made from."""
    order: list[int] = []

    def visit(node: int) -> None:
        if node not in order:
            for source in sources[node]:
                visit(source)
            order.append(node)

    visit(output)
    return order


def right_order(sources: Numbers, output: int) -> list[int]:
    """Return the output and all nodes below it, each after all that are made from it."""
    return _below(sources, output)[::-1]


_PASS = Program(
    _pass,
    {
        "seed": _seed,
        "order": right_order,
        "edges": lambda sources, slopes: list(zip(sources, slopes, strict=True)),
        "share": lambda grad, slope: grad * slope,
        "collect": lambda old, new: old + new,
    },
)


def _in_pass(
    name: str,
    says: str,
    hint: str,
    *slips: Slip,
    **changed: Callable[..., Any],
) -> Mistake:
    wrong = _PASS.with_(**changed)
    return Mistake(name, Subgoal.SEND_BACK, says, hint, wrong, slips=slips)


# --- orders that are wrong ----------------------------------------------------------------


def _level_by_level(sources: Numbers, output: int) -> Iterator[int]:
    """Yield each node once, when it is first met on the way down, level by level."""
    queue = [output]
    for node in queue:
        yield node
        queue += [s for s in dict.fromkeys(sources[node]) if s not in queue]


def _met_first(sources: Numbers, output: int, turn: int = 1) -> list[int]:
    """Return each node once, when it is first met on the way down, depth first."""
    order: list[int] = []

    def visit(node: int) -> None:
        if node not in order:
            order.append(node)
            for source in sources[node][::turn]:
                visit(source)

    visit(output)
    return order


def _every_time(sources: Numbers, output: int, turn: int = 1) -> Iterator[int]:
    """Yield each node as often as there are ways to it."""
    yield output
    for source in sources[output][::turn]:
        yield from _every_time(sources, source, turn)


def _every_time_by_level(sources: Numbers, output: int) -> Iterator[int]:
    queue = [output]
    for node in queue:
        yield node
        queue += sources[node]


def _sent_at_once(sources: Numbers, slopes: Slopes, output: int) -> Array:
    grad = _seed(len(sources), output)

    def send(node: int) -> None:
        for source, slope in zip(sources[node], slopes[node], strict=True):
            grad[source] += grad[node] * slope
            send(source)

    send(output)
    return grad


def _waiting(sources: Numbers, output: int) -> Iterator[int]:
    """Yield each node after all that are made from it, even those that are not needed."""
    left = [sum(of.count(node) for of in sources) for node in range(len(sources))]
    ready = [output]
    for node in ready:
        yield node
        for source in sources[node]:
            left[source] -= 1
            if left[source] == 0:
                ready.append(source)


# --- other pieces that are wrong ----------------------------------------------------------


def _ends_at(count: int, output: int) -> Array:
    grad = np.zeros(count)
    grad[-1] = 1
    return grad


def _once_each(sources: Sequence[int], slopes: Sequence[float]) -> Edges:
    return list(dict(zip(sources, slopes, strict=True)).items())


def _averaged(sources: Numbers, slopes: Slopes, output: int) -> Array:
    grad = _seed(len(sources), output)
    order = right_order(sources, output)
    for node in order:
        uses = sum(sources[user].count(node) for user in order)
        grad[node] /= max(uses, 1)
        for source, slope in zip(sources[node], slopes[node], strict=True):
            grad[source] += grad[node] * slope
    return grad


_right = _PASS.with_()


def _without_output(sources: Numbers, slopes: Slopes, output: int) -> Array:
    grad: Array = _right(sources, slopes, output)
    grad[output] = 0
    return grad


def _are_leaves(sources: Numbers) -> Array:
    return np.array([not of for of in sources])


_ORDER = (
    "A node may send only when its own derivative is complete: after all nodes that are made from "
    "it. So sort first: put each node down after those that it is made from, then go through the "
    "list from its end."
)
_ONCE = (
    "Send from each node once, when its derivative is complete. What has been sent before goes "
    "down a second time otherwise."
)
_SUM = (
    "A derivative is a sum over all ways up: each node that is made from this one adds its share."
)

PASS = (
    _in_pass(
        "overwritten",
        "Where several nodes are made from one, only the share that came last is kept.",
        _SUM,
        Slip("= in place of += where a share arrives"),
        collect=lambda old, new: new,
    ),
    _in_pass(
        "first-kept",
        "Where several nodes are made from one, only the share that came first is kept.",
        _SUM,
        collect=lambda old, new: old or new,
    ),
    Mistake(
        "averaged",
        Subgoal.SEND_BACK,
        "Where several nodes are made from one, their shares are averaged.",
        f"{_SUM} There is no mean in the chain rule.",
        _averaged,
    ),
    _in_pass(
        "derivative-dropped",
        "What arrives at a node does not go on: each passes down its slope alone.",
        "The chain rule multiplies: a node passes down its own derivative times the slope.",
        share=lambda grad, slope: slope,
    ),
    _in_pass(
        "slope-dropped",
        "The slopes are not used: each node passes down its own derivative as it is.",
        "The chain rule multiplies: a node passes down its own derivative times the slope.",
        share=lambda grad, slope: grad,
    ),
    _in_pass(
        "slope-added",
        "A node passes down its own derivative plus the slope.",
        "The chain rule multiplies along a way; it adds only where ways meet.",
        share=lambda grad, slope: grad + slope,
    ),
    _in_pass(
        "as-numbered",
        "Nodes send in the order of their numbers, from the last to the first.",
        f"A node's number does not show which nodes it is made from. {_ORDER}",
        order=lambda sources, output: reversed(range(len(sources))),
    ),
    _in_pass(
        "as-numbered-upwards",
        "Nodes send in the order of their numbers, from the first to the last.",
        f"A node's number does not show which nodes it is made from. {_ORDER}",
        order=lambda sources, output: range(len(sources)),
    ),
    _in_pass(
        "one-step-down",
        "Only the nodes right below the output get something: what arrives there goes no further.",
        "All nodes send in turn what has arrived: the output first, the leaves last.",
        Slip("a list that begins with the leaves: when they send, nothing has arrived yet"),
        order=_below,
    ),
    _in_pass(
        "level-by-level",
        "Nodes send level by level from the output down, each as soon as it is met.",
        f"A short way to a node may be there before a long one. {_ORDER}",
        order=_level_by_level,
    ),
    _in_pass(
        "met-first",
        "Nodes send as soon as they are met, by going down from each node's first source.",
        f"What comes by other ways arrives too late. {_ORDER}",
        order=_met_first,
    ),
    _in_pass(
        "met-first-from-the-end",
        "Nodes send as soon as they are met, by going down from each node's last source.",
        f"What comes by other ways arrives too late. {_ORDER}",
        Slip("a stack, from which what was put there last comes first", "pop"),
        order=lambda sources, output: _met_first(sources, output, -1),
    ),
    _in_pass(
        "sent-again",
        "A node sends all that it has each time it is reached, so some of it goes down twice.",
        _ONCE,
        order=_every_time,
    ),
    Mistake(
        "sent-again-at-once",
        Subgoal.SEND_BACK,
        "A share goes on as soon as it arrives, with all that was there before: some goes down "
        "twice.",
        _ONCE,
        _sent_at_once,
    ),
    _in_pass(
        "sent-again-by-level",
        "Nodes stand in the queue several times, and send all that they have each time.",
        _ONCE,
        order=_every_time_by_level,
    ),
    _in_pass(
        "sent-again-from-the-end",
        "Some nodes stand in the list several times, and send all that they have each time.",
        f"Note which nodes have been visited, and put each down once. {_ONCE}",
        order=lambda sources, output: _every_time(sources, output, -1),
    ),
    _in_pass(
        "waits-in-vain",
        "A node waits for others that the output does not need: these never send, so it never "
        "does.",
        "Count only nodes from which a way leads up to the output.",
        order=_waiting,
    ),
    _in_pass(
        "no-seed",
        "All derivatives are 0, that of the output too.",
        "The derivative of the output with respect to itself is 1. Put that down first.",
        seed=lambda count, output: np.zeros(count),
    ),
    _in_pass(
        "all-ones",
        "Every derivative begins at 1, not only that of the output.",
        "The derivative of the output with respect to itself is 1. All others begin at 0.",
        seed=lambda count, output: np.ones(count),
    ),
    _in_pass(
        "seed-at-end",
        "It is the last node in the list that begins with 1, not the output.",
        "The number of the output is given: it need not be the last.",
        seed=_ends_at,
    ),
    _in_pass(
        "nothing-sent",
        "Only the output has a derivative: nothing arrives at the nodes below.",
        "A node gives to those that it is made from: grad[source] grows by grad[node] · slope.",
        Slip("grad[node] += grad[source] * slope, which goes up and not down", Construct.LOOP),
        order=lambda sources, output: (),
    ),
    _in_pass(
        "first-source-only",
        "Each node sends to its first source only.",
        "All nodes that it is made from get their share, each by its own slope.",
        left_early("the loop over the sources"),
        edges=lambda sources, slopes: list(zip(sources, slopes, strict=True))[:1],
    ),
    _in_pass(
        "last-source-only",
        "Each node sends to its last source only.",
        "All nodes that it is made from get their share, each by its own slope.",
        overwritten("the loop over the sources"),
        edges=lambda sources, slopes: list(zip(sources, slopes, strict=True))[-1:],
    ),
    _in_pass(
        "slopes-swapped",
        "Each source gets its share with another source's slope: they are in reverse order.",
        "slopes[node] is in the order of sources[node]: go through both side by side, with zip.",
        edges=lambda sources, slopes: list(zip(sources, slopes[::-1], strict=True)),
    ),
    _in_pass(
        "same-source-once",
        "A node that is made from the same one twice sends to it once.",
        "In d · d both factors are d. Each has a slope, and both shares arrive.",
        Slip("a dict or a set of the sources, which holds each once", "dict", "set", "fromkeys"),
        edges=_once_each,
    ),
    Mistake(
        "output-zero",
        Subgoal.CODE,
        "The derivative of the output with respect to itself is 0; all others are right.",
        "It is 1: when the output moves by h, it has moved by h.",
        _without_output,
    ),
    Mistake(
        "inner-zero",
        Subgoal.CODE,
        "Only the leaves have a derivative: those of the nodes between are 0.",
        "Keep them: those of the nodes between are the deltas of the paper.",
        lambda *given: np.where(_are_leaves(given[0]), _right(*given), 0),
    ),
    Mistake(
        "leaves-returned",
        Subgoal.CODE,
        "Only the derivatives of the leaves come back.",
        "Return one number for each node, in the order of the numbers.",
        lambda *given: _right(*given)[_are_leaves(given[0])],
    ),
)
