"""What ``bplab bench`` does with times; how long they are is its own business."""

import io
import json
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner

from bplab.activations import identity, relu, tanh
from bplab.cli.main import app
from bplab.training import Workspace, train
from tests.benchmarks.speed import measure as speed
from tests.benchmarks.speed import peers
from tests.benchmarks.speed.measure import Measured, as_json, environment, measure, show
from tests.benchmarks.speed.peers import answers, problem
from tests.benchmarks.speed.rows import ROWS, Net, Row

NET = Net((3, 4, 2), "tanh", 5)


def test_targets_are_those_of_columns_that_are_measured():
    for row in ROWS:
        assert set(row.targets) <= set(row.against)
        assert len(set(row.against)) == len(row.against)


def test_every_row_is_measured_by_every_process_that_it_names():
    for row in ROWS:
        for name in ("bplab", *row.against):
            assert hasattr(peers.PEERS[name], row.function)


def ours(net, dtype="float64"):
    X, Y, weights = problem(net, dtype)
    sigmas = [{"tanh": tanh, "relu": relu}[net.activation]] * (len(weights) - 1)
    work = Workspace(X, Y, weights, sigmas, identity)
    return work.forward(), work.backward() or work.gradients


@pytest.mark.parametrize("net", [NET, Net((2, 5, 3, 1), "relu", 7)])
class TestPeersComputeTheSameGradient:
    def test_autograd(self, net):
        step, units = peers.Autograd().gradient(net, "float64")
        R, gradients = step()
        self.assert_ours(net, R, gradients)

    def test_jax(self, net, monkeypatch):
        jax = pytest.importorskip("jax")
        with jax.enable_x64(True):
            step, units = peers.Jax().gradient(net, "float64")
            R, gradients = step()
        self.assert_ours(net, R, gradients)

    def test_jaxs_loop_is_the_training(self, net, monkeypatch):
        jax = pytest.importorskip("jax")
        monkeypatch.setattr(peers, "EPOCHS", 3)
        trained = train(*peers.training(net, "float64"), gamma=peers.GAMMA, epochs=3)
        with jax.enable_x64(True):
            step, units = peers.Jax().training(net, "float64")
            weights, losses = step()
        assert units == 3
        np.testing.assert_allclose(losses, trained.losses[:-1])
        for got, w in zip(weights, (*trained.alpha, trained.beta), strict=True):
            np.testing.assert_allclose(got, w, atol=1e-12)

    def test_torch(self, net):
        pytest.importorskip("torch")
        gradient, parameters = peers.Torch(1)._step(net, "float64")
        gradient()
        gradient()  # gradients are not added up
        grads = [p.grad.numpy() for p in parameters]
        pairs = zip(grads[::2], grads[1::2], strict=True)
        self.assert_ours(net, ours(net)[0], [np.column_stack([b, w]) for w, b in pairs])

    def assert_ours(self, net, R, gradients):
        risk, expected = ours(net)
        np.testing.assert_allclose(R, risk)
        for got, g in zip(gradients, expected, strict=True):
            np.testing.assert_allclose(got, g, atol=1e-12)


def test_the_products_are_those_of_the_two_passes_and_no_more(monkeypatch):
    seen = []

    def matmul(a, b, out):
        seen.append((a.shape, b.shape))

    step, units = peers.Products().gradient(Net((3, 4, 6, 2), "tanh", 5), "float32")
    monkeypatch.setattr(np, "matmul", matmul)
    step()
    assert seen == [
        *(((5, 3), (3, 4)), ((5, 4), (4, 6)), ((5, 6), (6, 2))),  # X α(1)ᵀ, Z α(2)ᵀ, Z βᵀ
        *(((2, 5), (5, 6)), ((5, 2), (2, 6))),  # ∂R/∂β, sent back
        *(((6, 5), (5, 4)), ((5, 6), (6, 4)), ((4, 5), (5, 3))),
    ]


class Counting:
    def __init__(self):
        self.prepared, self.calls = [], 0

    def gradient(self, net, dtype):
        self.prepared.append((net, dtype))
        return self.call, 2

    def call(self):
        self.calls += 1


def test_a_process_prepares_a_task_once_and_answers_with_seconds():
    peer = Counting()
    request = {"function": "gradient", "sizes": [3, 4, 2], "activation": "tanh", "N": 5}
    request |= {"dtype": "float64", "seconds": 0.001}
    other = {**request, "N": 6}
    found = [*answers(peer, iter(json.dumps(r) for r in (request, request, other)))]
    assert peer.prepared == [(NET, "float64"), (Net((3, 4, 2), "tanh", 6), "float64")]
    assert len(found) == 3
    assert all(0 < seconds < 0.1 for seconds in found)
    assert peer.calls > 9


ROW = Row("passes", "gradient", NET, ("products", "torch"), {"products": 1e9})


def test_ours_and_theirs_are_timed_in_processes_and_missing_peers_are_named(monkeypatch):
    monkeypatch.setattr(speed, "find_spec", lambda name: None if name == "torch" else True)
    titles = []
    (row,), missing = measure([ROW], quick=True, imports=False, progress=titles.append)
    assert missing == ["torch"]
    assert set(row.ratios) == {"products"}
    assert row.seconds > 0
    assert row.verdict("products").endswith("≤ 1e+09")
    assert titles == ["passes"]


def test_import_is_compared_with_numpys():
    (row,), _ = measure([], quick=True)
    assert row.title == "import bplab"
    assert set(row.ratios) == set(row.targets) == {"import numpy"}


def test_a_process_that_ends_is_an_error():
    process = speed.Process("nonsense", 1)
    with pytest.raises(RuntimeError, match="process of nonsense ended while timing gradient"):
        process.seconds(ROW, 0.01)
    process.close()


def test_processes_get_their_threads_and_no_forced_kernels(monkeypatch):
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Prescott")
    monkeypatch.setenv("OPENBLAS_L2_SIZE", "512")
    env = environment(2)
    assert {"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"}.isdisjoint(env)
    assert env["OMP_NUM_THREADS"] == env["OPENBLAS_NUM_THREADS"] == "2"


@pytest.mark.parametrize(("load", "said"), [(0.1, False), (3.25, True)])
def test_a_busy_machine_is_said(load, said, monkeypatch):
    monkeypatch.setattr(speed.os, "getloadavg", lambda: (load, 0, 0))
    assert ("load 3.2" in speed.busy()) == said


def test_a_row_says_how_many_examples_are_worked_on_at_a_time(monkeypatch):
    monkeypatch.setattr(speed, "examples_a_block", lambda weights, N: (weights[0].shape, N))
    assert speed._block(ROW) == ((4, 4), 5)
    assert speed._block(replace(ROW, function="fast_check")) is None


DONE = [
    Measured("passes", "3-4-2", 5, "float64", 1, 2.5e-5, {"torch": 0.1}, {"torch": 0.14}, 4321),
    Measured("passes", "3-4-2", 9, "float32", 2, 0.25, {"torch": 0.2, "jax": 3}, {"torch": 0.14}),
]


def test_the_table_says_what_is_met_missed_and_missing():
    console = Console(width=150, record=True, file=io.StringIO())
    show(DONE, ["autograd"], console)
    text = console.export_text()
    for part in ("25 µs", "250 ms", "4321", "0.1 ≤ 0.14", "0.2 > 0.14", "PyTorch", "JAX"):
        assert part in text
    assert "Not installed, so not compared: Autograd." in text


@pytest.mark.parametrize("option", ["--json", "--quick"])
def test_the_command(option, monkeypatch):
    asked = []

    def measured(**options):
        asked.append(options)
        return DONE, ["jax"]

    monkeypatch.setattr(speed, "measure", measured)
    result = CliRunner().invoke(app, ["bench", option])
    assert result.exit_code == 0
    assert asked[0]["quick"] == (option == "--quick")
    if option == "--json":
        found = json.loads(result.stdout)
        assert found == json.loads(as_json(DONE, ["jax"]))
        assert found["rows"][0]["ratios"] == {"torch": 0.1}
        assert found["not_installed"] == ["jax"]
    else:
        assert "0.2 > 0.14" in result.stdout
