"""The comparison of gradient checkers: the rules are the packages', and ours makes no mistake."""

import json

import numpy as np
import pytest
from autograd.extend import defvjp, primitive
from autograd.test_util import check_grads
from typer.testing import CliRunner

from bplab.cli.main import app
from bplab.tree import leaves, rebuild
from tests.benchmarks.gradcheck import any_function, functions, rules
from tests.benchmarks.gradcheck import compare as bench
from tests.benchmarks.gradcheck.networks import random_network
from tests.thorough import ALL, one_in

EACH_SEED = pytest.mark.parametrize("seed", one_in(3, range(12)))
FACTORS = (1, 1 + 1e-7, 1 + 1e-4, 1.01, -1)


def flattened(seed, factor):
    """A risk as a function of one vector, that vector, and a gradient changed a little."""
    net = random_network(np.random.default_rng(seed))
    shapes = [w.shape for w in net.weights]
    ends = np.cumsum([w.size for w in net.weights])[:-1]
    R = net.function()

    def f(x):
        parts = np.split(np.asarray(x), ends)
        return R([part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)])

    flat = np.concatenate([w.ravel() for w in net.weights])
    gradient = np.concatenate([g.ravel() for g in net.risk.gradient(net.weights)])
    gradient[np.abs(gradient).argmax()] *= factor
    return f, flat, gradient


@EACH_SEED
@pytest.mark.parametrize("factor", FACTORS)
def test_the_rule_of_autograd_is_the_packages(seed, factor):
    f, x, gradient = flattened(seed, factor)
    known = primitive(f)
    defvjp(known, lambda answer, x: lambda v: v * gradient)
    np.random.seed(seed)  # noqa: NPY002 - the package draws from numpy's global generator
    try:
        check_grads(known, modes=["rev"], order=1)(x)
        accepted = True
    except AssertionError:
        accepted = False
    same_numbers = np.random.RandomState(seed)
    assert rules.autograd(lambda w: f(w[0]), (gradient,), (x,), same_numbers) == accepted


@EACH_SEED
@pytest.mark.parametrize("factor", FACTORS)
def test_the_rule_of_torch_is_the_packages(seed, factor):
    torch = pytest.importorskip("torch")
    f, x, gradient = flattened(seed, factor)

    class Known(torch.autograd.Function):
        @staticmethod
        def forward(context, x):
            return torch.tensor(f(x.detach().numpy()), dtype=torch.float64)

        @staticmethod
        def backward(context, v):
            return v * torch.from_numpy(gradient)

    there = torch.tensor(x, requires_grad=True)
    accepted = torch.autograd.gradcheck(Known.apply, there, raise_exception=False)
    rng = np.random.default_rng(0)
    assert rules.torch_slow(lambda w: f(w[0]), (gradient,), (x,), rng) == accepted


def test_rules_accept_what_is_plain_and_reject_what_is_gross():
    rng = np.random.default_rng(0)
    w = (np.array([0.3, 1.0]), np.array([[2.0]]))
    f = lambda w: float(np.sum(w[0] ** 2) + np.sin(w[1]).sum())  # noqa: E731
    right = (2 * w[0], np.cos(w[1]))
    for name, rule in rules.RULES.items():
        assert name.startswith("CS231n, 1e-7") or rule(f, right, w, rng), name
        assert not rule(f, (right[0] * 1.5, right[1]), w, rng), name


def test_a_small_comparison_counts_every_network_and_finds_no_mistake_of_ours():
    networks = 40 if ALL else 6
    rows = {row.name: row for row in bench.compare(networks, seed=7, jobs=2)}
    for row in rows.values():
        assert row.networks == networks
        assert row.rejected <= networks
        assert row.missed <= row.changed
    for name in (bench.OURS, bench.TEXTBOOK, bench.ANY, bench.FAST):
        assert rows[name].rejected == 0
    assert rows[bench.OURS].missed == rows[bench.ANY].missed == 0
    assert rows[bench.OURS].entries > 0
    assert rows["PyTorch gradcheck"].missed > networks / 2
    with pytest.raises(ValueError, match="networks must be at least 1"):
        bench.compare(0)


STEP = {functions.Kind.COARSE: 0.03, functions.Kind.KINK: 1e-6}
NEAR = {functions.Kind.COARSE: 2e-2}


@pytest.mark.parametrize("name", functions.FAMILIES)
def test_the_gradient_of_a_family_agrees_with_differences_along_a_direction(name):
    family = functions.FAMILIES[name]
    rng = np.random.default_rng(1)
    f, gradient, params = family.draw(rng, 12)
    blocks = [np.asarray(w, dtype=np.float64) for _, w in leaves(params)]
    by_name = dict(leaves(gradient(params)))
    v = [rng.standard_normal(w.shape) for w in blocks]
    if family.kind == functions.Kind.EDGE:  # no further than a part of the way to it
        v = [
            d * np.minimum(abs(w), 1 - np.minimum(abs(w), 1)) / 1e3
            for d, w in zip(v, blocks, strict=True)
        ]
    slopes = [(by_name[name] * d) for (name, _), d in zip(leaves(params), v, strict=True)]

    def at(t):
        return float(f(rebuild(params, iter([w + t * d for w, d in zip(blocks, v, strict=True)]))))

    if family.kind == functions.Kind.RANDOM:
        assert at(0.0) != at(0.0)
        return
    h = STEP.get(family.kind, 1e-4)
    wide, close = (at(h) - at(-h)) / (2 * h), (at(h / 2) - at(-h / 2)) / h
    size = sum(float(np.abs(part).sum()) for part in slopes)
    gap = (4 * close - wide) / 3 - sum(float(part.sum()) for part in slopes)
    assert abs(gap) <= NEAR.get(family.kind, 1e-6) * max(size, 1e-2)


def test_no_right_gradient_of_any_function_is_rejected_and_no_wrong_one_accepted():
    rows = any_function.measure(1, seed=2, jobs=2, sizes=(10,))
    assert {row.kind for row in rows} == set(functions.Kind)
    for row in rows:
        assert (row.rejected, row.accepted) == (0, 0), row
        assert (row.fast_rejected, row.fast_accepted) == (0, 0), row
    smooth = [row for row in rows if row.kind == functions.Kind.SMOOTH]
    assert all(row.found == row.problems for row in smooth)
    entries = sum(row.entries for row in smooth)
    assert sum(row.undecided for row in smooth) <= any_function.GOAL_UNDECIDED * entries


def test_the_command_prints_tables_or_data():
    options = ["bench", "gradcheck", "--networks", "2", "--functions", "0", "--jobs", "1"]
    table = CliRunner().invoke(app, options)
    assert table.exit_code == 0, table.output
    assert "CS231n" in table.output
    data = CliRunner().invoke(app, [*options, "--json"])
    found = json.loads(data.output)
    assert {row["name"] for row in found["networks"]} >= {bench.OURS, *rules.RULES}
    assert found["functions"] == []
