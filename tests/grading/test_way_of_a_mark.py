"""How many modules one has to know to follow a mark: those that one submission passes through."""

import pytest

from bplab.grading.judge import session
from tests.grading.hostile.notebook import WRONG, as_bytes, handed_in, right_answers
from tests.grading.hostile.ours import assignment, on_the_host_of
from tests.passed import passed_through


@pytest.mark.parametrize(("answers", "most"), [({}, 22), (WRONG, 30)], ids=["right", "wrong"])
def test_a_mark_passes_through_few_modules(grader, answers, most, monkeypatch):
    """The first mark of a grader, which draws the hidden cases too.

    One of them has no part in the mark: ``inert`` makes what the notebook shows harmless. What is
    wrong in a way that nobody knows is measured: ``unnamed`` says what, ``evidence`` when that is
    more than chance.
    The line that feedback names is looked for when all marks are made, and so not here.
    Which assignment it is, is found as for all commands, by ``handed_in``.
    """
    monkeypatch.setattr(session, "UNPLACED", 0)
    submitted = as_bytes(handed_in({**right_answers(), **answers}))
    with on_the_host_of(grader, assignment()) as new:
        modules = passed_through(lambda: new.grade(submitted))
    assert "grading/judge/oracle.py" in modules
    assert len(modules) <= most, f"{len(modules)} modules: {', '.join(sorted(modules))}"
