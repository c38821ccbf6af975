"""A moment of what `tests.grading.judge.fuzz` does for an hour, and what that has found."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.grading.judge.fuzz import TARGETS
from tests.thorough import EXAMPLES


@pytest.mark.parametrize("name", TARGETS)
def test_whatever_comes_is_read_or_refused(name):
    read, drawn = TARGETS[name]

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.tuples(*drawn))
    def once(drawn):
        read(*drawn)

    once()
