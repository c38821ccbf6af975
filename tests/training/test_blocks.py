import numpy as np
import pytest

from bplab.activations import identity, relu
from bplab.training import Workspace, workspace
from bplab.training.workspace import cache_size, examples_a_block
from tests.training.test_workspace import assert_equal_to_the_plain_pass, network

KB = 2**10


def weights(*sizes, dtype=np.float64):
    return network(np.random.default_rng(0), sizes, 1, dtype)[2]


@pytest.fixture
def cache(monkeypatch):
    """Sets the size of the cache."""
    return lambda size: monkeypatch.setattr(workspace, "cache_size", lambda: size)


def test_what_fits_is_worked_on_all_at_once(cache):
    cache(512 * KB)
    assert examples_a_block(weights(2, 8, 1), 200) == 200


def test_a_block_of_many_examples_fills_half_the_cache(cache):
    cache(512 * KB)
    n = examples_a_block(weights(10, 32, 16, 3), 10_000)
    # values and derivatives of 51 units, the difference, the data under ones, and the targets
    assert n == 256 * KB // (8 * (102 + 3 + 11 + 3))
    cache(1024 * KB)
    assert examples_a_block(weights(10, 32, 16, 3), 10_000) in (2 * n, 2 * n + 1)
    assert examples_a_block(weights(10, 32, 16, 3, dtype=np.float32), 10_000) == pytest.approx(
        4 * n, abs=3
    )


@pytest.mark.parametrize("sizes", [(784, 512, 512, 10), (784, 128, 64, 10), (784, 30, 10)])
def test_where_products_are_most_of_the_work_there_are_no_blocks(cache, sizes):
    for size in (512 * KB, 2048 * KB):
        cache(size)
        assert examples_a_block(weights(*sizes), 60_000) == 60_000


def test_a_cache_so_small_that_calls_would_cost_more_makes_no_blocks(cache):
    cache(32 * KB)
    assert examples_a_block(weights(10, 32, 16, 3), 10_000) == 10_000


def test_the_cache_is_at_least_a_common_one():
    assert cache_size() >= workspace.COMMON


def test_a_workspace_chooses_blocks_that_sum_up_to_the_plain_pass(cache):
    cache(512 * KB)
    X, Y, start = network(np.random.default_rng(0), (10, 32, 16, 3), 1000)
    work = Workspace(X, Y, start, [relu, relu], identity)
    assert work.block == examples_a_block(start, 1000) < 1000
    R = work.forward()
    work.backward()
    assert_equal_to_the_plain_pass(X, Y, start, [relu] * 2, identity, "squared", R, work.gradients)
    assert Workspace(X, Y, start, [relu] * 2, identity, runs=2).block == 1000
