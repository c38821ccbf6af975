import numpy as np
import pytest

from bplab.activations import sigmoid, softmax, tanh
from bplab.data import digits
from bplab.training import initial_weights
from bplab.widgets.read_digit.drawing import image_of
from bplab.widgets.read_digit.pretrained import (
    FILE,
    LEARNED,
    Network,
    _varied,
    pretrained,
    train,
    write,
)
from tests.widgets.read_digit.hands import HANDS, on_the_page

X, _, digit = digits()


def right(network, rows):
    return int((network(X[rows]).argmax(axis=1) == digit[rows]).sum())


def test_the_file_is_small():
    assert FILE.stat().st_size < 8_000


def test_what_section_0_says_of_it():
    assert len(X) - LEARNED == 300
    assert right(pretrained(), slice(LEARNED, None)) == 286


@pytest.mark.parametrize("hand", HANDS)
def test_it_reads_what_is_drawn_by_hand(hand):
    images = np.array([image_of(on_the_page(strokes)) for strokes in HANDS[hand].values()])
    assert (pretrained()(images).argmax(axis=1) == range(10)).sum() >= 9


def test_it_is_trained_as_the_file_says():
    assert right(train(epochs=15), slice(LEARNED, None)) >= 260


@pytest.mark.thorough
def test_trained_again_it_is_the_same_but_for_rounding(tmp_path):
    write(tmp_path / "weights.npz")
    again, shipped = (np.load(file) for file in (tmp_path / "weights.npz", FILE))
    assert set(again) == set(shipped) == {"alpha", "beta"}
    for name in again:
        assert np.corrcoef(again[name].ravel(), shipped[name].ravel())[0, 1] > 0.99
    made = Network([again["alpha"].astype(float)], again["beta"].astype(float), [tanh], softmax)
    assert abs(right(made, slice(LEARNED, None)) - 286) <= 3


def test_images_are_varied_a_little():
    class Still:
        def normal(self, mean, spread, size):
            return np.zeros(size)

    np.testing.assert_allclose(_varied(X[:9], Still()), X[:9], atol=1e-15)
    varied = _varied(X, np.random.default_rng(1))
    assert 0 <= varied.min() <= varied.max() <= 1
    like = [np.corrcoef(a, b)[0, 1] for a, b in zip(X, varied, strict=True)]
    assert 0.6 < np.median(like) < 0.95


@pytest.mark.parametrize("k", [0, 4, 9])
def test_the_gradient_by_pixels_is_that_of_complex_steps(k):
    network = pretrained()
    alpha, beta = network.alphas[0], network.beta
    image = X[3]

    def output(x):
        t = beta[:, 0] + beta[:, 1:] @ np.tanh(alpha[:, 0] + alpha[:, 1:] @ x)
        return (np.exp(t) / np.exp(t).sum())[k]

    slopes = network.by_pixels(image[None], k)[0]
    by_steps = [output(image + 1e-30j * unit).imag / 1e-30 for unit in np.eye(64)]
    np.testing.assert_allclose(slopes, by_steps, rtol=1e-9, atol=1e-15)


def test_the_gradient_goes_through_any_number_of_layers():
    alphas, beta = initial_weights(p=64, M=[7, 5], K=10, seed=3)
    network = Network(alphas, beta, [tanh, sigmoid], softmax)
    images, h = X[:3], 1e-6
    slopes = network.by_pixels(images, 2)
    for i in range(0, 64, 5):
        nudge = h * np.eye(64)[i]
        difference = (network(images + nudge) - network(images - nudge))[:, 2] / (2 * h)
        np.testing.assert_allclose(slopes[:, i], difference, atol=1e-8)
