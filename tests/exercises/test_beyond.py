"""Automatic differentiation: right ways of writing it pass, and slips have their names."""

import math
from collections import deque
from functools import cache

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad as autograd_grad

from bplab.exercises import EXERCISES, TASKS, CheckFailed, check, failing_case
from bplab.exercises.beyond.cases import RULES
from tests.exercises.drawn import EACH_KIND, drawn, found

# --- right, written differently -----------------------------------------------------------


def with_ifs(op, inputs, value):
    if op == "add":
        return 1, 1
    if op == "sub":
        return 1, -1
    if op == "mul":
        return inputs[1], inputs[0]
    if op == "div":
        return 1 / inputs[1], -value / inputs[1]
    if op == "exp":
        return [np.exp(inputs[0])]
    if op == "log":
        return [inputs[0] ** -1]
    if op == "tanh":
        return [1 / np.cosh(inputs[0]) ** 2]
    return [1.0 * (value > 0)]


def from_a_table(op, inputs, value):
    rules = {
        "add": lambda a, b: (1, 1),
        "sub": lambda a, b: (1, -1),
        "mul": lambda a, b: (b, a),
        "div": lambda a, b: (1 / b, -a / b / b),
        "exp": lambda a: (value,),
        "log": lambda a: (1 / a,),
        "tanh": lambda a: ((1 - value) * (1 + value),),
        "relu": lambda a: (a > 0,),
    }
    return np.array(rules[op](*inputs), dtype=float)


def one_after_the_other(op, inputs, value):
    slopes = []
    for n, a in enumerate(inputs):
        if op in ("add", "sub"):
            slopes.append((-1.0) ** n if op == "sub" else 1.0)
        elif op == "mul":
            slopes.append(inputs[1 - n])
        elif op == "div":
            slopes.append(1 / inputs[1] if n == 0 else -inputs[0] / a**2)
        else:
            by = {"exp": math.exp, "tanh": lambda a: 1 - math.tanh(a) ** 2, "relu": np.heaviside}
            slopes.append(1 / a if op == "log" else by[op](*(a, 0.0)[: 1 + (op == "relu")]))
    return slopes


def count_the_users(sources, slopes, output):
    needed, left = set(), [output]
    while left:
        node = left.pop()
        if node not in needed:
            needed.add(node)
            left.extend(sources[node])
    users = dict.fromkeys(needed, 0)
    for node in needed:
        for source in sources[node]:
            users[source] += 1
    grad, ready = [0.0] * len(sources), deque([output])
    grad[output] = 1.0
    while ready:
        node = ready.popleft()
        for source, slope in zip(sources[node], slopes[node], strict=True):
            grad[source] += slope * grad[node]
            users[source] -= 1
            if not users[source]:
                ready.append(source)
    return grad


def every_way_by_itself(sources, slopes, output):
    grad = np.zeros(len(sources))

    def walk(node, product):
        grad[node] += product
        for source, slope in zip(sources[node], slopes[node], strict=True):
            walk(source, product * slope)

    walk(output, 1.0)
    return grad


def from_above(sources, slopes, output):
    @cache
    def derivative(node):
        arrived = float(node == output)
        for user, of in enumerate(sources):
            for source, slope in zip(of, slopes[user], strict=True):
                if source == node and user != node:
                    arrived += derivative(user) * slope
        return arrived

    return [derivative(node) for node in range(len(sources))]


def forwards_from_each(sources, slopes, output):
    def by(chosen):
        @cache
        def tangent(node):
            if node == chosen:
                return 1.0
            return sum(s * tangent(n) for n, s in zip(sources[node], slopes[node], strict=True))

        return tangent(output)

    return [by(node) for node in range(len(sources))]


def as_equations(sources, slopes, output):
    down = np.zeros((len(sources), len(sources)))
    for node, of in enumerate(sources):
        for source, slope in zip(of, slopes[node], strict=True):
            down[source, node] += slope
    return np.linalg.solve(np.eye(len(sources)) - down, np.eye(len(sources))[output])


def by_depth(sources, slopes, output):
    depth = [0] * len(sources)
    for _ in sources:
        for node, of in enumerate(sources):
            depth[node] = max((depth[s] + 1 for s in of), default=0)
    grad = np.eye(len(sources))[output]
    for node in sorted(range(len(sources)), key=lambda node: -depth[node]):
        for source, slope in zip(sources[node], slopes[node], strict=True):
            grad[source] = grad[source] + grad[node] * slope
    return tuple(grad)


def until_nothing_moves(sources, slopes, output):
    sent = total = np.eye(len(sources))[output]
    while sent.any():
        arrived = np.zeros(len(sources))
        for node in np.flatnonzero(sent):
            np.add.at(arrived, list(sources[node]), sent[node] * np.array(slopes[node]))
        sent, total = arrived, total + arrived
    return total


RIGHT = [
    *(("local-slopes", f) for f in (with_ifs, from_a_table, one_after_the_other)),
    *(
        ("reverse-pass", f)
        for f in (count_the_users, every_way_by_itself, from_above, forwards_from_each)
    ),
    *(("reverse-pass", f) for f in (as_equations, by_depth, until_nothing_moves)),
]


@EACH_KIND
@pytest.mark.parametrize(("id", "function"), RIGHT, ids=[f"{id}-{f.__name__}" for id, f in RIGHT])
def test_right_variants_pass(id, function, kind):
    assert found(id, function, kind) is None


@pytest.mark.parametrize("id", ["local-slopes", "reverse-pass"])
def test_the_numbers_may_come_in_any_row_and_not_rounded_to_float32(id):
    reference = EXERCISES[id].reference
    assert found(id, lambda *given: list(map(float, reference(*given)))) is None
    assert found(id, lambda *given: deque(reference(*given))) is None
    rounded = found(id, lambda *given: np.float32(reference(*given)))
    assert rounded.name == "single-precision"


# --- the cases ----------------------------------------------------------------------------

WITH_AUTOGRAD = {
    "add": anp.add,
    "sub": anp.subtract,
    "mul": anp.multiply,
    "div": anp.divide,
    "exp": anp.exp,
    "log": anp.log,
    "tanh": anp.tanh,
    "relu": lambda a: anp.where(a > 0, a, 0.0),
}


def test_slopes_of_single_operations_are_those_of_autograd():
    assert WITH_AUTOGRAD.keys() == RULES.keys()
    for case, (right,) in zip(*drawn("local-slopes"), strict=True):
        rule = WITH_AUTOGRAD[case.op]
        assert case.value == pytest.approx(rule(*case.inputs))
        theirs = [autograd_grad(rule, n)(*case.inputs) for n in range(case.inputs.size)]
        assert right == pytest.approx(theirs, rel=1e-14)


@EACH_KIND
def test_no_graph_has_so_many_ways_that_walking_all_of_them_takes_long(kind):
    for case in drawn("reverse-pass", kind)[0]:
        ones = [(1,) * len(of) for of in case.sources]
        assert sum(count_the_users(case.sources, ones, case.output)) < 20_000


@EACH_KIND
def test_a_slip_ends_alike_in_whichever_right_order_nodes_are_taken(kind):
    """So that there is one name for = in place of +=, and not one for each way of sorting."""

    def overwritten(order):
        def reverse_pass(sources, slopes, output):
            grad = np.eye(len(sources))[output]
            for node in order(sources, output):
                for source, slope in zip(sources[node], slopes[node], strict=True):
                    grad[source] = grad[node] * slope
            return grad

        return reverse_pass

    for order in (users_first, users_first_from_the_end):
        assert found("reverse-pass", overwritten(order), kind).name == "overwritten"


def users_first(sources, output, turn=0):
    """Each node of those that are needed, when all that are made from it have been."""
    needed = {n for n, d in enumerate(ways(sources, output)) if d}
    order = []
    while len(order) < len(needed):
        ready = [
            n
            for n in sorted(needed - set(order))
            if all(n not in sources[user] for user in needed - set(order))
        ]
        order.append(ready[turn])
    return order


def users_first_from_the_end(sources, output):
    return users_first(sources, output, -1)


def ways(sources, output):
    return count_the_users(sources, [(1,) * len(of) for of in sources], output)


# --- slips as learners write them ---------------------------------------------------------


def micrograd_without_a_set(sources, slopes, output):
    grad, order = np.zeros(len(sources)), []

    def build(node):
        for source in sources[node]:
            build(source)
        order.append(node)

    build(output)
    grad[output] = 1
    for node in order[::-1]:
        for source, slope in zip(sources[node], slopes[node], strict=True):
            grad[source] += slope * grad[node]
    return grad


def calls_itself(sources, slopes, output):
    grad = [0.0] * len(sources)
    grad[output] = 1.0

    def back(node):
        for source, slope in zip(sources[node], slopes[node], strict=True):
            grad[source] += slope * grad[node]
        for source in sources[node]:
            back(source)

    back(output)
    return grad


def with_a_queue(sources, slopes, output):
    grad = np.zeros(len(sources))
    grad[output] = 1
    queue, seen = deque([output]), {output}
    while queue:
        node = queue.popleft()
        for source, slope in zip(sources[node], slopes[node], strict=True):
            grad[source] += grad[node] * slope
            if source not in seen:
                seen.add(source)
                queue.append(source)
    return grad


def with_a_stack(sources, slopes, output):
    grad = np.zeros(len(sources))
    grad[output] = 1
    stack, seen = [output], set()
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        for source, slope in zip(sources[node], slopes[node], strict=True):
            grad[source] += grad[node] * slope
            stack.append(source)
    return grad


def from_the_leaves(sources, slopes, output):
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            [visit(source) for source in sources[node]]
            order.append(node)

    visit(output)
    grad = np.zeros(len(sources))
    grad[output] = 1
    for node in order:
        for source, slope in zip(sources[node], slopes[node], strict=True):
            grad[source] += grad[node] * slope
    return grad


def upwards(sources, slopes, output):
    grad = np.zeros(len(sources))
    grad[output] = 1
    for node in range(len(sources)):
        for source, slope in zip(sources[node], slopes[node], strict=True):
            grad[node] += grad[source] * slope
    return grad


def returns_too_early(sources, slopes, output):
    grad = np.zeros(len(sources))
    grad[output] = 1
    for node in users_first(sources, output):
        for source, slope in zip(sources[node], slopes[node], strict=True):
            grad[source] += grad[node] * slope
            break
    return grad


SLIPS = {
    micrograd_without_a_set: "sent-again-from-the-end",
    calls_itself: "sent-again",
    with_a_queue: "level-by-level",
    with_a_stack: "met-first-from-the-end",
    from_the_leaves: "one-step-down",
    upwards: "nothing-sent",
    returns_too_early: "first-source-only",
}


@EACH_KIND
@pytest.mark.parametrize("function", SLIPS, ids=lambda f: f.__name__)
def test_a_slip_has_its_name(function, kind):
    assert found("reverse-pass", function, kind).name == SLIPS[function]


def change(op, slopes):
    def local_slopes(name, inputs, value):
        if name == op:
            return slopes(*inputs, value)
        return EXERCISES["local-slopes"].reference(name, inputs, value)

    return local_slopes


@EACH_KIND
def test_two_slips_in_two_operations_are_both_told(kind):
    def local_slopes(op, inputs, value):
        if op == "mul":
            return inputs
        if op == "tanh":
            return [1 - inputs[0] ** 2]
        return EXERCISES["local-slopes"].reference(op, inputs, value)

    finding = found("local-slopes", local_slopes, kind)
    assert finding.name == "product-own-factor+tanh-from-input"


@EACH_KIND
def test_an_operation_with_a_slip_that_has_no_name_is_named_itself(kind):
    finding = found("local-slopes", change("log", lambda a, v: [2 / a]), kind)
    assert "only where op is “log”" in finding.says


def test_differences_are_not_near_enough():
    def local_slopes(op, inputs, value):
        h, rule = 1e-6, RULES[op]
        moved = [[a + h * (k == n) for k, a in enumerate(inputs)] for n in range(len(inputs))]
        return [(rule(*one) - value) / h for one in moved]

    with pytest.raises(CheckFailed) as failed:
        check("local-slopes", local_slopes)
    assert "difference" in str(failed.value)


def test_the_failing_case_can_be_called_with():
    with pytest.raises(CheckFailed):
        check("reverse-pass", upwards)
    case = failing_case("reverse-pass")
    assert f"nodes = {len(case.sources)}" in repr(case)
    assert len(upwards(*case)) == len(case.sources)


def test_the_notebook_has_three_points():
    assert sum(task.points for task in TASKS.values() if task.notebook == "beyond") == 3
