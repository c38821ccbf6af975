"""What is wrong in small numbers only is found: no tolerance is one for numbers near 1."""

import numpy as np
import pytest

from tests.exercises.drawn import HIDDEN, found
from tests.exercises.right_variants import RIGHT
from tests.exercises.test_fair import each
from tests.thorough import one_of

KINDS = one_of("kind", ["visible", HIDDEN])


@KINDS
@pytest.mark.parametrize("id", ["eq8", "eq9", "eq10", "eq11"])
def test_millionths_off_by_a_thousandth_are_found_beside_numbers_near_1(id, kind):
    def off(array):
        return np.where(np.abs(array) < 1e-5, 1.001 * array, array)

    assert found(id, lambda *a: each(off)(RIGHT[id][0](*a)), kind)


@KINDS
@pytest.mark.parametrize("id", ["eq15", "eq16", "eq17", "eq18"])
def test_where_all_numbers_are_small_so_is_what_may_be_added(id, kind):
    assert found(id, lambda *a: each(lambda array: array + 2e-14)(RIGHT[id][0](*a)), kind)
