"""A small course for those that grade a class of it; see `tests.grading.class_run.mini_class`."""

import shutil

import pytest

from tests.grading.class_run.mini_class import make_course
from tests.once import made_once


@pytest.fixture(scope="session")
def mini_course(tmp_path_factory):
    """Nothing is handed in, and nobody writes in it."""
    return made_once(tmp_path_factory, "mini-course", make_course)


@pytest.fixture
def folder(mini_course, tmp_path):
    """A copy for one test."""
    return shutil.copytree(mini_course, tmp_path / "course")
