"""`bplab regrade`: whose mark changes is shown first, and what a person gave stays."""

import io
import shutil

import pytest
from nbgrader.api import Gradebook
from rich.console import Console

from bplab.grading.class_run.regrade import regrade_class, show
from bplab.grading.folder import ClassFolder
from tests.grading.class_run.mini_class import (
    HALF,
    NAME,
    RIGHT,
    WRONG,
    Here,
    autograded,
    grade,
    hand_in,
    marks,
    released,
)
from tests.grading.class_run.mini_grader import Assignment, MiniGrader

pytestmark = pytest.mark.xdist_group("class-run")


class Repaired(MiniGrader):
    """The exercise was wrong: 4 is right, too, and half is not."""

    def _run(self, source, scope):
        source = source.replace("assert y == 3", "assert y in (3, 4)")
        return super()._run(source.replace("float(x)", "assert x == 2"), scope)


@pytest.fixture(scope="module")
def template(mini_course, tmp_path_factory):
    folder = shutil.copytree(mini_course, tmp_path_factory.mktemp("template") / "course")
    hand_in(folder, "ada", RIGHT)
    hand_in(folder, "ben", HALF)
    hand_in(folder, "carla", WRONG)
    hand_in(folder, "dmitri", WRONG)
    grade(folder)
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "mini") as book:
        book.find_grade("test-two", NAME, NAME, "dmitri").manual_score = 2.5
        book.find_comment("two", NAME, NAME, "dmitri").manual_comment = "nearly"
        book.db.commit()
    return folder


@pytest.fixture
def folder(template, tmp_path):
    return shutil.copytree(template, tmp_path / "course")


def regrade(folder, agree, make=Repaired):
    course = ClassFolder.open(folder)
    assignment = Assignment(NAME, released(folder))
    return regrade_class(course, assignment, make, Here(), agree=agree)


def everything(folder):
    files = {str(p): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    files.pop(str(folder / "grading" / "lock"))
    return files, sorted(str(p) for p in folder.rglob("*"))


def test_without_consent_nothing_is_written(folder):
    before = everything(folder)
    changes, _, written = regrade(folder, lambda changes, result: False)
    assert not written
    assert everything(folder) == before
    assert [(c.student, c.cell, c.was, c.now) for c in changes] == [
        ("ben", "test-one", 1.0, 0.0),
        ("carla", "test-two", 0.0, 3.0),
        ("dmitri", "test-two", 0.0, 3.0),
    ]
    assert [c.manual for c in changes] == [None, None, 2.5]


def test_with_consent_marks_change_and_manual_ones_stay(folder):
    before = marks(folder)
    seen = []
    _, _, written = regrade(folder, lambda changes, result: seen.append(changes) or True)
    assert written
    assert len(seen[0]) == 3
    after = marks(folder)
    assert after["ada"] == before["ada"]
    assert [after[name]["score"] for name in ("ben", "carla")] == [3, 3]
    assert after["dmitri"]["grades"]["test-two"] == (3.0, 2.5, None, True)
    assert after["dmitri"]["score"] == before["dmitri"]["score"] == 2.5
    assert after["dmitri"]["comments"]["two"] == (None, "nearly")
    (record,) = (
        output.data["application/vnd.bplab.check+json"]
        for output in autograded(folder, "ben").cells[1].outputs
        if output.output_type == "display_data"
    )
    assert record["mistake"] == "wrong"
    # and it is as if the class had been graded so in the first place
    outcomes, _ = grade(folder, make=Repaired)
    assert {one.state for one in outcomes.values()} == {"kept"}


def test_an_unchanged_exercise_changes_nothing(folder):
    changes, result, _ = regrade(folder, lambda changes, result: False, make=MiniGrader)
    assert changes == []
    assert len(result.outcomes) == 4


def test_if_asking_is_broken_off_nothing_is_written(folder):
    before = everything(folder)

    def ctrl_c(changes, result):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        regrade(folder, ctrl_c)
    assert everything(folder) == before


def test_a_submission_that_has_no_mark_yet_is_shown_with_a_dash(folder):
    hand_in(folder, "[bold]zoe", HALF)
    changes, result, _ = regrade(folder, lambda changes, result: False)
    stream = io.StringIO()
    show(Console(file=stream, width=100), changes, result)
    text = stream.getvalue()
    assert "[bold]zoe" in text
    (line,) = (line for line in text.splitlines() if "zoe" in line and "two" in line)
    assert [cell.strip() for cell in line.strip("│").split("│")[2:4]] == ["–", "3"]
    (line,) = (line for line in text.splitlines() if "ben" in line)
    assert "1 (half-right)" in line
    assert "0 (wrong)" in line
    assert (
        "2 students up, 1 down; 1 with the same mark, but another named mistake; 1 as before"
        in text
    )
    assert not (folder / "autograded" / "[bold]zoe").exists()
