"""Tests that share what is costly (a browser, a graded class) are run by one worker.

`pytest-xdist` does it by a suffix of their names, and says nothing where it cannot.
"""

import os

import pytest


@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="there is one worker only")
@pytest.mark.xdist_group("some")
def test_a_test_is_in_its_group(request):
    assert request.node.nodeid.endswith("@some")
