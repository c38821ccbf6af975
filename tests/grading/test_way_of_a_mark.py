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


@pytest.mark.parametrize(("answers", "most"), [({}, 22), (WRONG, 31)], ids=["right", "wrong"])
def test_a_mark_passes_through_few_modules(answers, most):
    """The first mark of a grader, which draws the hidden cases too.

    Two of them have no part in the mark: ``inert`` makes what the notebook shows harmless, and of
    ``steps`` only the memory is made, for known mistakes that may come. What is wrong in a way that
    nobody knows is measured: ``unnamed`` says what, ``evidence`` when that is more than chance.
    """
    submitted = as_bytes(handed_in({**right_answers(), **answers}))
    with Grader(assignment()) as grader:
        modules = passed_through(lambda: grader.grade(submitted))
    assert "grading.judge.oracle" in modules
    assert len(modules) <= most, f"{len(modules)} modules: {', '.join(sorted(modules))}"
