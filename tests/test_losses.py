import numpy as np
import pytest
from hypothesis import given

from bplab.losses import loss, loss_per_example
from tests.conftest import networks


@given(networks())
def test_loss_is_the_double_sum_of_equation_1(network):
    _, Y, *_ = network
    F = np.cos(Y)
    by_hand = sum((Y[i, k] - F[i, k]) ** 2 for i in range(Y.shape[0]) for k in range(Y.shape[1]))
    assert loss(Y, F) == pytest.approx(by_hand)
    assert loss_per_example(Y, F).shape == (len(Y),)
    assert loss_per_example(Y, F).sum() == pytest.approx(by_hand)


@pytest.mark.parametrize(
    ("Y", "F", "message"),
    [
        (np.ones((3, 1)), np.ones((3, 2)), "same shape"),
        (np.ones(3), np.ones(3), "must be a matrix"),
        (np.ones((0, 2)), np.ones((0, 2)), "must not be empty"),
        ([[np.nan]], [[1.0]], r"Y must be finite; entry \(0, 0\) is nan"),
        ([["a"]], [[1.0]], "real numbers"),
    ],
)
def test_bad_input_is_named(Y, F, message):
    with pytest.raises(ValueError, match=message):
        loss(Y, F)
