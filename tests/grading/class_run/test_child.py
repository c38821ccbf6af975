"""A judging child has limits of its own, and dies alone; who started it is told why."""

import json
import os
import subprocess
from dataclasses import replace
from multiprocessing import Pipe

import nbformat
import psutil
import pytest

from bplab.grading.class_run.child import Child, Died
from bplab.grading.class_run.told import (
    About,
    CellTold,
    Garbled,
    as_marked,
    pack,
    tell,
    unpack,
)
from bplab.grading.class_run.worker import Failed, Order
from bplab.grading.gradebook import marks_of
from tests.grading.class_run import mini_class
from tests.grading.class_run.mini_class import (
    HALF,
    RIGHT,
    WRONG,
    autograded,
    grade,
    hand_in,
    marks,
    notebook_of,
    released,
)
from tests.grading.class_run.mini_grader import Assignment, Greedy, MiniGrader
from tests.grading.waiting import wait_until

pytestmark = pytest.mark.xdist_group("class-run")


@pytest.fixture
def started(monkeypatch):
    """A child is a program that is started, as in earnest; the others here are forked."""
    monkeypatch.setattr("bplab.grading.class_run.child.subprocess", subprocess)


@pytest.fixture
def child():
    child = Child()
    yield child
    child.close()


def order(folder, **limits):
    return Order(Greedy, Assignment("sums", released(folder)), **limits)


def asked(child, order, text):
    child.send(order, [text[:10].encode(), text[10:].encode()])
    return child.reply()


@pytest.mark.parametrize(
    ("text", "limits", "why", "own"),
    [
        ("all the memory", {"memory_mb": 300}, "takes more than 300 MB of memory", True),
        ("all the time", {"seconds": 0.5}, "takes more than 0.5 s of a processor", True),
        ("the end", {}, "the process that judged it ended (SIGABRT)", False),
        ("much to write", {}, "the graded notebook would have 50", True),
    ],
)
def test_it_says_what_has_ended_it(folder, child, text, limits, why, own):
    with pytest.raises(Died) as died:
        asked(child, order(folder, **limits), text)
    assert why in str(died.value)
    assert died.value.own == own


TOLD = {"cells": [], "mistakes": {}, "events": [], "flags": [], "notes": []}
TOLD |= {"late": False, "warning": ""}


def cell(**changes):
    return {"id": "one", "as_released": True, "came": None, "failed": False} | changes


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b"\xff",
        *(
            json.dumps(TOLD | other).encode()
            for other in (
                {"late": 1},
                {"events": "a line"},
                {"events": [["no line"]]},
                {"events": ["x" * 301]},
                {"flags": ["x"] * 51},
                {"mistakes": {"test-one": 5}},
                {"cells": [5]},
                {"cells": [cell(came=5)]},
                {"cells": [cell(came="9" * 301)]},
                {"cells": [cell(failed="no")]},
            )
        ),
    ],
)
def test_what_tells_of_no_submission_is_not_believed(head):
    with pytest.raises(Garbled):
        unpack(head, b"")


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ([b"told", b"{}", b""], "told something else: it has another form"),
        ([b"eval", b"1"], "told something else: no kind of an answer"),
        ([b"told"], "told something else: half an answer"),
        ([b"told", b"x" * 101], "was too long"),
        ([b"told", json.dumps(TOLD).encode(), b"x" * 201], "was too long"),
    ],
)
def test_one_that_tells_something_else_is_ended(folder, child, monkeypatch, parts, why):
    for name, value in {"HEAD": 100, "NOTEBOOK": 200, "_ANSWERING": 0.1}.items():
        monkeypatch.setattr(f"bplab.grading.class_run.child.{name}", value)
    child.line, forging = Pipe()
    for part in parts:
        forging.send_bytes(part)
    with pytest.raises(Died, match=why):
        child.reply()
    assert not psutil.pid_exists(child.process)


def test_marks_of_cells_that_the_course_does_not_have_cost_their_submission_only(
    folder, monkeypatch
):
    def tell_more(graded, *arguments):
        told = tell(graded, *arguments)
        cells = (*told.cells, CellTold("another", True, "99"))
        return replace(told, cells=cells) if "more" in graded.notebook else told

    monkeypatch.setattr(mini_class, "tell", tell_more)
    hand_in(folder, "ada", RIGHT)
    hand_in(folder, "bob", RIGHT | {"one": "x = 2  # more"})
    outcomes, _ = grade(folder)
    assert (outcomes["ada"].state, outcomes["ada"].score) == ("graded", 5)
    assert outcomes["bob"].events[-1] == "not written: KeyError: 'another'"
    assert "bob" not in marks(folder)


def test_limits_are_those_of_one_submission(folder, started, child):
    """What honest ones use is not added up, and an error costs the child nothing."""
    for _ in range(3):
        told = asked(child, order(folder, seconds=1), notebook_of(folder, RIGHT))
        assert json.loads(told.notebook)["cells"]
        with pytest.raises(Failed, match="TypeError: "):
            asked(child, order(folder), '{"cells": [{"metadata": {"nbgrader": 5}}]}')


def test_one_that_holds_what_is_left_of_a_submission_judges_no_other(folder, child):
    asked(child, order(folder), notebook_of(folder, RIGHT))
    assert not child.worn
    asked(child, order(folder), notebook_of(folder, RIGHT | {"one": "x = 2  # much that stays"}))
    assert child.worn


def test_it_ends_with_who_started_it(child):
    process = psutil.Process(child.process)
    os.close(child._life)
    child._life = os.open(os.devnull, os.O_RDONLY)
    wait_until(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE, 20)


def test_a_submission_that_takes_too_much_has_no_points_and_a_sentence(folder):
    for student, text in {"ada": "", "bob": "all the memory", "eve": "the end"}.items():
        hand_in(folder, student, RIGHT | {"one": f"x = 2  # {text}"})
    outcomes, _ = grade(folder, jobs=2, make=Greedy)
    assert (outcomes["ada"].state, outcomes["ada"].score) == ("graded", 5)
    says = "Nothing was graded: reading and judging it takes more than 896 MB of memory."
    assert (outcomes["bob"].state, outcomes["bob"].events) == ("nothing", (says,))
    assert says in autograded(folder, "bob").cells[0].source
    assert marks(folder)["bob"]["score"] == 0
    assert outcomes["eve"].events == (
        "not graded: the process that judged it ended (SIGABRT), twice",
    )
    again, _ = grade(folder, jobs=2, make=Greedy)
    assert [again[student].state for student in ("ada", "bob", "eve")] == ["kept", "kept", "failed"]


@pytest.mark.parametrize("answers", [RIGHT, HALF, WRONG, {}, RIGHT | {"essay": "Mine."}])
def test_what_is_told_has_the_marks_of_the_whole_notebook(folder, answers):
    assignment = Assignment("sums", released(folder))
    graded = MiniGrader(assignment).grade(notebook_of(folder, answers).encode())
    ours = nbformat.v4.reads(assignment.release)
    starters = {
        cell.metadata.nbgrader.grade_id: cell.metadata.nbgrader.checksum for cell in ours.cells
    }
    told = tell(graded, ours, About())
    assert unpack(pack(told), told.notebook) == told
    whole = marks_of(nbformat.v4.reads(told.notebook.decode()), starters)
    brief = marks_of(as_marked(told, ours), starters)
    assert (brief.scores, brief.comments) == (whole.scores, whole.comments)
    assert told.mistakes == whole.mistakes
