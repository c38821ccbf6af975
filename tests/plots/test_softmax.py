"""The figures of section 2.2 say in words what they show, and it is right."""

import re

import numpy as np
import pytest

from bplab.activations import softmax
from bplab.plots import jacobian_heatmap, output_paths


def test_an_elementwise_g_is_told_apart_from_softmax():
    own, every = (output_paths(g, follow="beta") for g in ("elementwise", "softmax"))
    assert "from t 1 to its own f" in own.alt
    assert "from t 1 to every f" in every.alt
    assert own.png.getvalue() != every.png.getvalue()


def test_the_path_of_alpha_goes_through_every_t():
    alt = output_paths("softmax", K=4, follow="alpha").alt
    assert "to all 4 t, and from each t to every f" in alt
    assert "Strong" not in output_paths("softmax").alt


@pytest.mark.parametrize(("g", "follow"), [("sigmoid", ""), ("softmax", "gamma")])
def test_another_word_is_refused(g, follow):
    with pytest.raises(ValueError, match="elementwise"):
        output_paths(g, follow=follow)


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
