"""What tests of grading share: a small course with a class, and a grader of section 2.1.

The course is that of `tests.grading.class_run.mini_class`.
"""

import shutil

import pytest

from bplab.grading.judge.submission import Grader
from tests.grading.class_run.mini_class import make_course
from tests.grading.hostile.ours import assignment
from tests.once import made_once


@pytest.fixture(scope="session")
def mini_course(tmp_path_factory):
    """Nothing is handed in, and nobody writes in it."""
    return made_once(tmp_path_factory, "mini-course", make_course)


@pytest.fixture
def folder(mini_course, tmp_path):
    """A copy for one test."""
    return shutil.copytree(mini_course, tmp_path / "course")


@pytest.fixture(scope="session")
def grader():
    """For tests that need any: one takes two seconds until it is warm."""
    with Grader(assignment()) as grader:
        yield grader
