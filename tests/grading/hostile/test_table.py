"""What was measured of stock nbgrader is complete, and is what it is compared with."""

from tests.grading.hostile.accidents import ACCIDENTS
from tests.grading.hostile.attacks import ATTACKS
from tests.grading.hostile.notebook import ALL
from tests.grading.hostile.stock import stock_results


def test_stock_nbgrader_was_measured_on_every_submission():
    results = stock_results()
    assert set(results["attacks"]) == set(ATTACKS)
    assert set(results["accidents"]) == set(ACCIDENTS)


def test_what_is_known_of_stock_nbgrader_was_found_again():
    results = stock_results()
    for name in ("patch-np-allclose", "patch-check-name", "tag-skip"):
        assert results["attacks"][name].points == ALL
    for name in ("cell-os-exit", "json-truncated"):
        assert results["accidents"][name].points is None
    assert (results["accidents"]["test-deleted"].points or 0) < ALL
