"""One epoch in batches: what it equals at both ends, and what it refuses."""

import numpy as np
import pytest

from bplab import initial_weights, train
from bplab.activations import softmax, tanh
from bplab.deep import backward
from bplab.training import one_epoch

RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((7, 4)), RNG.random((7, 3))
ALPHAS, BETA = initial_weights(4, (5, 3), 3, seed=1)
ORDER = RNG.permutation(7)


def gradients(X, Y, alphas, beta):
    return backward(X, Y, alphas, beta, tanh, softmax)


def epoch(order=ORDER, size=3, **changed):
    given = {"X": X, "Y": Y, "alphas": ALPHAS, "beta": BETA, "gradients": gradients, "gamma": 0.1}
    return one_epoch(**{**given, **changed}, order=order, size=size)


def same(a, b):
    return all(
        np.allclose(x, y, rtol=1e-12) for x, y in zip((*a[0], a[1]), (*b[0], b[1]), strict=True)
    )


@pytest.mark.parametrize("size", [7, 100])
def test_one_batch_with_all_examples_is_gradient_descent(size):
    trained = train(X, Y, ALPHAS, BETA, tanh, softmax, gamma=0.1, epochs=1)
    assert same(epoch(size=size), (trained.alpha, trained.beta))


def test_batches_are_steps_one_after_another():
    by_hand = (ALPHAS, BETA)
    for rows in (ORDER[:3], ORDER[3:6], ORDER[6:]):
        trained = train(X[rows], Y[rows], *by_hand, tanh, softmax, gamma=0.1, epochs=1)
        by_hand = (trained.alpha, trained.beta)
    assert same(epoch(), by_hand)


def test_every_example_is_used_once():
    seen = []

    def noting(X, Y, alphas, beta):
        seen.append(X)
        return gradients(X, Y, alphas, beta)

    epoch(gradients=noting)
    assert [len(batch) for batch in seen] == [3, 3, 1]
    assert np.array_equal(np.concatenate(seen), X[ORDER])


def test_the_callers_weights_stay():
    before = [w.copy() for w in (*ALPHAS, BETA)]
    epoch()
    assert all(np.array_equal(a, b) for a, b in zip(before, (*ALPHAS, BETA), strict=True))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"Y": Y[:6]}, "X and Y must have the same number N of rows; got 7 and 6"),
        ({"order": ORDER[:6]}, "order must name each of the 7 rows of X once"),
        ({"order": np.zeros(7, int)}, "order must name each of the 7 rows of X once"),
        ({"size": 0}, "size must be a whole number of at least 1; got 0"),
        ({"size": 2.5}, "size must be a whole number of at least 1; got 2.5"),
        ({"gamma": np.nan}, "gamma must be a finite number"),
        ({"gradients": lambda *a: ([BETA], BETA)}, "as many parts as alphas, 2; got 1"),
        ({"gradients": lambda *a: None}, "with respect to alphas and beta; got None. Has it a"),
        (
            {"gradients": lambda *a: (ALPHAS, BETA.T)},
            r"with respect to beta must have the shape",
        ),
        (
            {"gradients": lambda *a: (ALPHAS[::-1], BETA)},
            r"with respect to alphas\[0\]",
        ),
    ],
)
def test_what_is_refused(changed, message):
    with pytest.raises(ValueError, match=message):
        epoch(**changed)
