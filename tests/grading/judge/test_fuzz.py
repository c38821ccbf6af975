"""A moment of what `tests.grading.judge.fuzz` does for an hour; and whether it finds anything."""

import pytest

from tests.grading.judge.fuzz.seeded import FAULTS
from tests.grading.judge.fuzz.targets import TARGETS, Found, tried
from tests.thorough import EXAMPLES, sampled

ENOUGH = 2_000
"""Examples within which it finds a guard that is taken out."""

SOON = (
    "answers of other numbers",
    "a payload that is no list",
    "JSON nested deeply",
    "a cell that is no dictionary",
    "the end of a cell",
    "scripts in what is shown",
    "names that are no text",
)
"""Guards the lack of which is found in less than a second: one for each target."""


@pytest.mark.one_in(3)
@pytest.mark.parametrize("name", TARGETS)
def test_whatever_comes_is_read_or_refused(name):
    assert tried(TARGETS[name], 2 * EXAMPLES, shrink=True)


@pytest.mark.one_in(2)
@pytest.mark.parametrize("name", sampled(FAULTS, SOON.__contains__))
def test_a_guard_that_is_taken_out_is_found(name):
    fault = FAULTS[name]
    with pytest.raises(Found), fault():
        tried(TARGETS[fault.target], ENOUGH)


def test_every_guard_stands_where_it_is_said_and_again_when_it_was_taken_out():
    for name, fault in FAULTS.items():
        before = fault.functions()
        with fault():
            assert fault.functions() != before, name
        assert fault.functions() == before, name


def test_there_is_a_guard_for_each_target():
    assert {fault.target for fault in FAULTS.values()} == TARGETS.keys()
    assert {FAULTS[name].target for name in SOON} == TARGETS.keys()
