"""Shared by all tests: the course, a network strategy for hypothesis, and quiet settings."""

import asyncio
import gc
import os
import signal
import sys
from contextlib import contextmanager
from functools import cache
from importlib import import_module

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from bplab import activations
from bplab.course import Course
from bplab.exercises import first_wrong
from bplab.grading.kernels import Isolation, IsolationError, choose
from tests import measured, once, order, programs, thorough
from tests.thorough import ALL, EXAMPLES

hypothesis.settings.register_profile(
    "bplab", deadline=None, max_examples=EXAMPLES, derandomize=True
)
hypothesis.settings.load_profile("bplab")

# However slow a computer is, and coverage with it, all places are tried: no verdict hangs on that.
import_module("bplab.exercises.judging.one_place").SECONDS = 600.0
import_module("bplab.exercises.first_wrong.proof").SECONDS = 600.0

# Tests of the first wrong line look for it, and see errors in that; all others go without.
first_wrong.STRICT, first_wrong.LOOKS = True, False

# readline, which pytest imports, tells the workers of xdist a width: no terminal of theirs has it.
os.environ.pop("COLUMNS", None)


# Tests that a shell starts in the background ignore Ctrl-C, which some of them send themselves.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(trylast=True)
def pytest_sessionstart():
    measured.begin()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Give each worker whole modules; None: as xdist does."""
    by_module = config.getvalue("dist") == "loadgroup" and not ALL
    return order.ByModule(config, log) if by_module else None


def pytest_collection_modifyitems(config, items):
    """Leave out what is for `make test-all`, but there; begin with what waits."""
    tried = thorough.chosen(items)
    if len(tried) < len(items):
        config.hook.pytest_deselected(items=[*set(items).difference(tried)])
    items[:] = order.ordered(tried)


@pytest.hookimpl(wrapper=True)
def pytest_collection(session):
    """Spare the garbage collector twelve thousand tests, each time that it looks at everything.

    And let it look less often: what is drawn once is kept, and as garbage it is no more than that.
    """
    gc.disable()
    try:
        once.import_in_turns(session.config)
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(10_000)
        gc.enable()


@contextmanager
def _skipped_without_a_wall():
    """Skip what runs students' code where nothing can keep that apart.

    Where there is no wall at all, that may also be told by a program which a test has started.
    """
    try:
        yield
    except (Exception, pytest.fail.Exception) as error:
        why = _refusal(error)
        if os.environ.get("BPLAB_REQUIRE_WALLS") or not why:
            raise
        pytest.skip(why)


def _refusal(error: BaseException | None) -> str:
    """What says that a wall could not be had, in an error or in one that led to it; else empty."""
    if error is None:
        return ""
    if isinstance(error, IsolationError):
        return str(error)
    if "IsolationError: " in str(error) and (no_wall := _no_wall()):
        return no_wall
    return _refusal(error.__cause__ or error.__context__)


@cache
def _no_wall() -> str:
    try:
        choose(Isolation.AUTO)
    except IsolationError as error:
        return str(error)
    return ""


_last: dict[str, object] = {"module": None, "folder": os.getcwd()}


# Once pytest-playwright has opened a browser, its event loop counts as running in the tests' own
# thread to the end. Tests that have nothing to do with it must not meet it.
_BROWSER = {"page", "browser", "playwright"}
_browsing: set[object] = set()  # modules with tests in a browser: a page of theirs may end last


@contextmanager
def _no_loop_of_playwright(item):
    its_own = _BROWSER & set(item.fixturenames)
    loop = None if its_own else asyncio._get_running_loop()
    if loop is None:
        yield
        return
    asyncio._set_running_loop(None)
    try:
        yield
    finally:
        asyncio._set_running_loop(loop)


def _as_at_the_start(item):
    """Each module's tests start where the tests started, whatever ran before them."""
    measured.measure(measured.is_measured(item.path) and not item.get_closest_marker("unmeasured"))
    if item.module is not _last["module"]:
        _last["module"] = item.module
        assert os.getcwd() == _last["folder"], "a test before this one has changed the folder"
        assert "BPLAB_SECRET" not in os.environ, "a test before this one has left its secret"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    _as_at_the_start(item)
    if _BROWSER & set(item.fixturenames):
        _browsing.add(item.module)
    with _no_loop_of_playwright(item), _skipped_without_a_wall():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    with _no_loop_of_playwright(item), _skipped_without_a_wall():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item, nextitem):
    if nextitem is None or item.module in _browsing:  # here a page, or the browser, may end, too
        return (yield)
    with _no_loop_of_playwright(item):
        return (yield)


@pytest.fixture(autouse=True, scope="module")
def own_progress(tmp_path_factory):
    """A module notes its tries elsewhere than others do, and than whoever runs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BPLAB_PROGRESS", str(tmp_path_factory.mktemp("progress")))
        yield


@pytest.fixture(autouse=True, scope="session")
def tables_known():
    """A new gradebook starts no program to be told the newest version of its tables."""
    with pytest.MonkeyPatch.context() as patch:
        if nbgrader := sys.modules.get("nbgrader.api"):
            patch.setattr(nbgrader, "get_alembic_version", programs.newest_tables)
        yield


@pytest.fixture(autouse=True, scope="session")
def children_forked():
    """Judging children are forked: to start one takes two seconds (tests.programs)."""
    if module := sys.modules.get("bplab.grading.class_run.child"):
        with programs.in_place_of_subprocess(module):
            yield
    else:
        yield


@pytest.fixture(scope="module")
def kernels_forked():
    """Kernels of Jupyter's are forked; tests/course/test_running.py starts one as learners do."""
    with programs.forked_kernels():
        yield


SMOOTH = (activations.sigmoid, activations.tanh, activations.identity)


@pytest.fixture(scope="session")
def course():
    return Course.find()


@st.composite
def networks(draw):
    """A random network with data: X, Y, alpha, beta, sigma, g; any sizes from 1 to 5."""
    N, p, M, K = (draw(st.integers(1, 5)) for _ in range(4))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return (
        rng.standard_normal((N, p)),
        rng.standard_normal((N, K)),
        rng.standard_normal((M, p + 1)),
        rng.standard_normal((K, M + 1)),
        draw(st.sampled_from(SMOOTH)),
        draw(st.sampled_from(SMOOTH)),
    )
