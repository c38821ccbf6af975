"""Tables of numbers say in words what stands in them."""

import io
import re

import matplotlib.image
import numpy as np
import pytest

from bplab.activations import softmax
from bplab.plots import confusion_table, jacobian_heatmap


def pixels(picture):
    return matplotlib.image.imread(io.BytesIO(picture.png.getvalue()))[..., :3]


def test_the_table_is_described_by_its_commonest_confusions():
    counts = np.diag([5, 4, 3])
    counts[2, 0], counts[0, 1] = 7, 2
    alt = confusion_table(counts).alt
    assert "12 of 21 stand on the diagonal" in alt
    assert "2 taken for 0, 7 times; 0 taken for 1, twice." in alt
    assert "No confusion at all." in confusion_table(np.eye(3, dtype=int)).alt


def test_a_confusion_is_framed_and_a_right_answer_is_not():
    """What is wrong shows without colour: it has more ink than the same count when right."""
    right, wrong = np.diag([3, 3]), np.diag([3, 3])[::-1]
    dark = [1 - pixels(confusion_table(counts)).mean() for counts in (right, wrong)]
    assert dark[1] > 1.05 * dark[0]


@pytest.mark.parametrize("counts", [np.zeros((3, 3)), np.ones((2, 3)), np.ones(4), np.ones((0, 0))])
def test_what_is_no_table_of_counts_is_refused(counts):
    with pytest.raises(ValueError, match="must be a square matrix of at least one count"):
        confusion_table(counts)


def test_the_heat_map_gives_every_number_and_the_row_sums():
    J = softmax.jacobian([1.2, -0.3, 0.4])
    alt = jacobian_heatmap(J).alt.replace("−", "-")
    numbers = [float(n) for n in re.findall(r"[+-]\d\.\d{3}", alt)]
    np.testing.assert_allclose(numbers, J.ravel(), atol=5e-4)
    assert alt.count("sum 0") == 3
    # rows that do not sum to zero say so
    assert "sum +0.500" in jacobian_heatmap([[0.25, 0.25], [1, -1]]).alt
    assert jacobian_heatmap(np.zeros((2, 2))).alt.count("sum 0") == 2


@pytest.mark.parametrize("shape", [(3,), (2, 3), (1, 2, 2)])
def test_what_is_no_square_matrix_is_refused(shape):
    with pytest.raises(ValueError, match=re.escape(f"got shape {shape}")):
        jacobian_heatmap(np.zeros(shape))
