"""A small course for those that grade a class of it; see `tests.grading.class_run.mini_class`."""

import shutil

import pytest

from tests.grading.class_run.mini_class import make_course


@pytest.fixture(scope="session")
def mini_course(tmp_path_factory):
    """Made once; nothing is handed in, and nobody writes in it."""
    return make_course(tmp_path_factory.mktemp("mini") / "course")


@pytest.fixture
def folder(mini_course, tmp_path):
    """A copy for one test."""
    return shutil.copytree(mini_course, tmp_path / "course")
