"""How many modules one has to know to follow a mark: those that one submission passes through."""

import sys
import threading
from pathlib import Path

import pytest

import bplab
from bplab.grading.judge.submission import Grader
from tests.grading.hostile.notebook import WRONG, as_bytes, handed_in, right_answers
from tests.grading.hostile.ours import assignment

ROOT = Path(bplab.__file__).parent
MOST = 21


@pytest.fixture(scope="module")
def grader():
    with Grader(assignment()) as grader:
        yield grader


def passed_through(work) -> set[str]:
    """Names of bplab's modules of which a function is called, in whatever thread of this process.

    Calls that only make a class or load a module do not count.
    """
    seen = set()

    def note(frame, event, argument):
        if event == "call" and frame.f_code.co_name != "<module>":
            seen.add(frame.f_code.co_filename)

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    inside = {Path(name) for name in seen if name.startswith(str(ROOT))}
    return {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in inside}


@pytest.mark.parametrize("wrong", [{}, WRONG], ids=["right", "wrong"])
def test_a_mark_passes_through_few_modules(grader, wrong):
    submitted = as_bytes(handed_in({**right_answers(), **wrong}))
    modules = passed_through(lambda: grader.grade(submitted))
    assert len(modules) <= MOST, sorted(modules)
