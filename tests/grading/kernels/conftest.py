"""What tests of kernels share: an edition, a host of kernels, and a kernel."""

import pytest

from bplab.grading.kernels import BWRAP, KernelHost
from tests.grading.kernels.tools import SMALL, kernel, make_edition


@pytest.fixture(scope="module")
def edition(tmp_path_factory):
    return make_edition(tmp_path_factory.mktemp("edition"))


@pytest.fixture(scope="module")
def host(edition):
    """For tests after which it starts kernels as before."""
    with KernelHost(edition, isolation=BWRAP, limits=SMALL) as host:
        yield host


@pytest.fixture(scope="module")
def shared(host):
    """A kernel for tests that leave it as it was."""
    with kernel(host) as one:
        yield one
