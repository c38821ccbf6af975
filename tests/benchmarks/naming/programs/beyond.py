"""Automatic differentiation: slopes of single operations, and the pass back through a graph."""

import math
from collections import deque

import numpy as np

from tests.benchmarks.naming.program import program

# --- local-slopes -------------------------------------------------------------------------

SLOPES = "local-slopes"


@program(SLOPES, {"product-own-factor"})
def factors_in_place(op, inputs, value):
    if op == "mul":
        # right: return [inputs[1], inputs[0]]
        return [inputs[0], inputs[1]]
    if op in ("add", "sub"):
        return [1, 1 if op == "add" else -1]
    if op == "div":
        return [1 / inputs[1], -inputs[0] / inputs[1] ** 2]
    a = inputs[0]
    return [{"exp": value, "log": 1 / (a or 1), "tanh": 1 - value**2, "relu": 1.0 * (a > 0)}[op]]


@program(SLOPES, {"tanh-from-input"})
def one_minus_input_squared(op, inputs, value):
    a, b = inputs[0], inputs[-1]
    match op:
        case "add":
            return [1, 1]
        case "sub":
            return [1, -1]
        case "mul":
            return [b, a]
        case "div":
            return [1 / b, -a / b**2]
        case "exp":
            return [value]
        case "log":
            return [1 / a]
        case "relu":
            return [float(a > 0)]
    # right: return [1 - value**2]
    return [1 - a**2]


@program(SLOPES, {"quotient-sign", "minus-lost"})
def signs_forgotten_twice(op, inputs, value):
    if op == "exp":
        return [math.exp(inputs[0])]
    if op == "log":
        return [1 / inputs[0]]
    if op == "tanh":
        return [1 / math.cosh(inputs[0]) ** 2]
    if op == "relu":
        return [1 if value > 0 else 0]
    a, b = inputs
    if op == "mul":
        return [b, a]
    if op == "div":
        # right: return [1 / b, -value / b]
        return [1 / b, value / b]
    # right: return [1, 1] if op == "add" else [1, -1]
    return [1, 1]


@program(SLOPES, {"relu-on-at-0"})
def on_at_the_kink(op, inputs, value):
    a, b = inputs[0], inputs[-1]
    if op == "relu":
        # right: return [1.0 if a > 0 else 0.0]
        return [1.0 if a >= 0 else 0.0]
    if op in ("exp", "tanh"):
        return [value if op == "exp" else (1 - value) * (1 + value)]
    if op == "log":
        return np.array([1 / a])
    if op == "div":
        return np.array([1 / b, -a / b / b])
    return np.array({"add": [1, 1], "sub": [1, -1], "mul": [b, a]}[op])


# --- reverse-pass -------------------------------------------------------------------------

PASS = "reverse-pass"


@program(PASS, {"overwritten"})
def takes_what_comes_last(sources, slopes, output):
    order, seen = [], set()

    def visit(node):
        if node in seen:
            return
        seen.add(node)
        for source in sources[node]:
            visit(source)
        order.append(node)

    visit(output)
    grad = np.zeros(len(sources))
    grad[output] = 1.0
    for node in order[::-1]:
        for source, slope in zip(sources[node], slopes[node], strict=True):
            # right: grad[source] += grad[node] * slope
            grad[source] = grad[node] * slope
    return grad


@program(PASS, {"sent-again-from-the-end"})
def no_set_of_those_seen(sources, slopes, output):
    order = []

    def visit(node):
        # missing: if node in order:
        # missing:     return
        for source in sources[node]:
            visit(source)
        order.append(node)

    visit(output)
    grad = [0.0] * len(sources)
    grad[output] = 1.0
    for node in reversed(order):
        for source, slope in zip(sources[node], slopes[node], strict=True):
            grad[source] += grad[node] * slope
    return grad


@program(PASS, {"as-numbered"})
def trusts_the_numbers(sources, slopes, output):
    def depth(node):
        return 1 + max(map(depth, sources[node]), default=0)

    grad = np.zeros(len(sources))
    grad[output] = 1
    # right: for node in sorted(range(len(sources)), key=depth, reverse=True):
    for node in range(len(sources) - 1, -1, -1):
        for source, slope in zip(sources[node], slopes[node], strict=True):
            grad[source] += slope * grad[node]
    return grad


@program(PASS, {"level-by-level"})
def queue_of_those_met(sources, slopes, output):
    needed, stack = set(), [output]
    while stack:
        node = stack.pop()
        if node not in needed:
            needed.add(node)
            stack.extend(sources[node])
    users = {node: sum(sources[user].count(node) for user in needed) for node in needed}
    grad = np.zeros(len(sources))
    grad[output] = 1
    queue, met = deque([output]), {output}
    while queue:
        node = queue.popleft()
        for source, slope in zip(sources[node], slopes[node], strict=True):
            grad[source] += grad[node] * slope
            users[source] -= 1
            # right: if source not in met and users[source] == 0:
            if source not in met:
                met.add(source)
                queue.append(source)
    return grad


@program(PASS, {"derivative-dropped"})
def adds_slopes(sources, slopes, output):
    order = []

    def visit(node):
        if node not in order:
            for source in sources[node]:
                visit(source)
            order.append(node)

    visit(output)
    grad = np.eye(len(sources))[output]
    while order:
        node = order.pop()
        for n, source in enumerate(sources[node]):
            # right: grad[source] += grad[node] * slopes[node][n]
            grad[source] += slopes[node][n]
    return grad


@program(PASS, {"waits-in-vain"})
def counts_users_that_never_send(sources, slopes, output):
    below = {output}
    for _ in sources:
        below |= {source for node in below for source in sources[node]}
    # right: waiting = [sum(sources[user].count(n) for user in below) for n in range(len(sources))]
    waiting = [sum(of.count(n) for of in sources) for n in range(len(sources))]
    grad = np.zeros(len(sources))
    grad[output] = 1
    ready = [output]
    while ready:
        node = ready.pop()
        for source, slope in zip(sources[node], slopes[node], strict=True):
            grad[source] += grad[node] * slope
            waiting[source] -= 1
            if waiting[source] == 0:
                ready.append(source)
    return grad
