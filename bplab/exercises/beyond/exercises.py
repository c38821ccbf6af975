"""Beyond the paper: automatic differentiation, node by node."""

from collections.abc import Sequence

import numpy as np

from bplab.by_equation import Equation
from bplab.exercises.beyond.cases import RULES, GraphCase, NodeCase, graph_cases, node_cases
from bplab.exercises.beyond.mistakes import PASS, SLOPES, right_order
from bplab.exercises.task import Exercise, Part


def _about(id: str, title: str) -> Equation:
    return Equation(id, "automatic differentiation", "beyond", title, (), ())


def local_slopes(op: str, inputs: np.ndarray, value: float) -> np.ndarray:
    """Return the slope of one operation's value with respect to each of its inputs."""
    return np.array(_slopes(op, *inputs, value=value))


def _slopes(op: str, *inputs: float, value: float) -> list[float]:
    match op, inputs:
        case "add", (_, _):
            return [1.0, 1.0]
        case "sub", (_, _):
            return [1.0, -1.0]
        case "mul", (a, b):
            return [b, a]
        case "div", (a, b):
            return [1 / b, -value / b]
        case "exp", (_,):
            return [value]
        case "log", (a,):
            return [1 / a]
        case "tanh", (_,):
            return [1 - value * value]
        case "relu", (a,):
            return [1.0 if a > 0 else 0.0]
    raise ValueError(f"no operation {op!r} of {len(inputs)} inputs")


def reverse_pass(
    sources: Sequence[Sequence[int]], slopes: Sequence[np.ndarray], output: int
) -> np.ndarray:
    """Return the derivative of one node with respect to every node."""
    grad = np.zeros(len(sources))
    grad[output] = 1
    for node in right_order(sources, output):
        for source, slope in zip(sources[node], slopes[node], strict=True):
            grad[source] += grad[node] * slope
    return grad


def _differences(case: NodeCase) -> tuple[np.ndarray | None, ...]:
    """Return finite differences: each input is moved to either side by one step, and by two."""
    if not case.smooth:
        return (None,)
    rule, h = RULES[case.op], 1e-3

    def slope(n: int) -> float:
        def moved(by: float) -> float:
            return rule(*(a + by * (k == n) for k, a in enumerate(case.inputs.tolist())))

        near, far = moved(h) - moved(-h), moved(2 * h) - moved(-2 * h)
        return (8 * near - far) / (12 * h)

    return (np.array([slope(n) for n in range(len(case.inputs))]),)


def _all_ways(case: GraphCase) -> tuple[np.ndarray, ...]:
    """Go down all ways from the output at once, step by step; sum what arrives at each node."""
    count = len(case.sources)
    down = np.zeros((count, count))
    for node, (of, by) in enumerate(zip(case.sources, case.slopes, strict=True)):
        for source, slope in zip(of, by, strict=True):
            down[source, node] += slope
    here = np.eye(count)[case.output]
    total = here.copy()
    while (here := down @ here).any():
        total += here
    return (total,)


EXERCISES = (
    Exercise(
        id="local-slopes",
        about=_about("local-slopes", "the slopes of one operation, one for each input"),
        reference=local_slopes,
        parts=(Part("slopes", "inputs"),),
        points=1,
        judge="finite differences of the operation",
        second_opinion=_differences,
        mistakes=SLOPES,
        cases=node_cases,
        hints=(
            "Eight operations, eight rules that you know: sum, difference, product, quotient, and "
            "the slopes of four functions. Each gives a list, one number for each input.",
            "With a, b = inputs: when a moves by h, a · b moves by h · b. a / b is a · b⁻¹: the "
            "power rule. exp and tanh need nothing but value: exp is its own slope, that of tanh "
            "is 1 − tanh². relu has 1 where its input is above 0, else 0.",
            'if op == "add":\n'
            "    return [1, 1]\n"
            'if op == "mul":\n'
            "    a, b = inputs\n"
            "    return [b, …]\n"
            'if op == "tanh":\n'
            "    return [1 - …**2]",
        ),
    ),
    Exercise(
        id="reverse-pass",
        about=_about("reverse-pass", "all derivatives of the output, in one pass"),
        reference=reverse_pass,
        parts=(Part("grad", "nodes"),),
        points=2,
        judge="the sum over all ways from the output down",
        second_opinion=_all_ways,
        mistakes=PASS,
        cases=graph_cases,
        hints=(
            "Two things: an order in which no node sends before all that are made from it have "
            "sent; and, at each node, grad[source] += grad[node] · slope for all its sources.",
            "For the order, write a function that visits a node: first all its sources, then the "
            "node goes to the end of a list; one that was visited before is left alone. Visit the "
            "output, and go through the list from its end. grad begins with zeros, and 1 at the "
            "output.",
            "order, seen = [], set()\n"
            "def visit(node):\n"
            "    if node not in seen:\n"
            "        seen.add(node)\n"
            "        for source in sources[node]:\n"
            "            visit(source)\n"
            "        order.append(node)\n"
            "visit(output)\n"
            "for node in reversed(order):\n"
            "    for source, slope in zip(sources[node], slopes[node]):\n"
            "        … += …",
        ),
    ),
)
