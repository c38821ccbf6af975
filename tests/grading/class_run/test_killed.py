"""A class graded in earnest, killed half-way and completed: nobody's mark or feedback differs.

``python -m tests.grading.class_run.test_killed 100`` does the same with 100 students, and prints
what it found.
"""

import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest
from nbgrader.api import Gradebook

from bplab.grading.records import read_graded
from tests.grading.class_run.drawn_class import drawn
from tests.grading.hostile.classroom import Classroom, course_settings
from tests.grading.hostile.notebook import ASSIGNMENT
from tests.thorough import ALL

GRADE = ("bplab", "grade", ASSIGNMENT, "--jobs", "2")


def classroom(folder: Path, students: int) -> Classroom:
    """Make a course with the course's own settings, and a class that has handed in."""
    room = Classroom(folder).set_up(course_settings())
    for student, file in drawn(students):
        room.hand_in(student, file)
    return room


def killed(room: Classroom, at: int) -> int:
    """Begin to grade; SIGKILL when that many are done. Return how many were."""
    run = room.start(*GRADE)
    try:
        while len(graded(room)) < at:
            assert run.poll() is None, f"it ended before it was killed: {room.log[-2000:]}"
            time.sleep(0.05)
        workers = psutil.Process(run.pid).children(recursive=True)
    finally:
        run.send_signal(signal.SIGKILL)
        run.wait()
    psutil.wait_procs(workers, timeout=30)  # they see that who started them is gone
    assert not [worker for worker in workers if worker.is_running()]
    return len(graded(room))


def graded(room: Classroom) -> list[Path]:
    """Return the graded notebooks that are there."""
    return sorted((room.course / "autograded").glob(f"*/{ASSIGNMENT}/{ASSIGNMENT}.ipynb"))


def results(room: Classroom) -> dict:
    """Return, by student, all that the gradebook and the graded notebook say; times left out."""
    found = {}
    with Gradebook(f"sqlite:///{room.course / 'gradebook.db'}", "bplab") as book:
        for submission in book.assignment_submissions(ASSIGNMENT):
            (notebook,) = submission.notebooks
            found[submission.student.id] = {
                "score": submission.score,
                "grades": {
                    g.name: (g.auto_score, g.manual_score, g.extra_credit, g.needs_manual_grade)
                    for g in notebook.grades
                },
                "comments": {c.name: c.comment for c in notebook.comments},
            }
    for path in graded(room):
        told = read_graded(path)
        found[path.parts[-3]] |= {
            "records": [
                (r.exercise, r.passed, r.mistake, r.points, r.max_points, r.says, r.hint, r.step)
                for r in told.records
            ],
            "flags": told.flags,
        }
    return found


def compared(folder: Path, students: int) -> tuple[int, str, dict, dict]:
    """Grade a class twice, once killed half-way; return how many were done by then,
    what the command said that went on, and both results."""
    broken = classroom(folder / "broken", students)
    unbroken = Classroom(folder / "unbroken")
    shutil.copytree(broken.folder, unbroken.folder)
    half = killed(broken, students // 2)
    said = broken.run(*GRADE)
    unbroken.run(*GRADE)
    return half, said, results(broken), results(unbroken)


@pytest.mark.thorough  # test_ended kills a class of 100, with a grader that only counts
@pytest.mark.xdist_group("killed")
def test_killed_half_way_and_completed_everything_is_as_in_an_unbroken_run(tmp_path):
    students = 12 if ALL else 8
    half, said, broken, unbroken = compared(tmp_path, students)
    assert students // 2 <= half < students
    assert f"{half - 1} kept" in said or f"{half} kept" in said
    assert "Traceback" not in said
    assert broken == unbroken
    assert len(broken) == students
    assert len({one["score"] for one in broken.values()}) > 2


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        half, said, broken, unbroken = compared(Path(folder), int(sys.argv[1]))
    print(said)
    grades = sum(len(one["grades"]) for one in unbroken.values())
    differ = [student for student in unbroken if broken.get(student) != unbroken[student]]
    print(f"killed after {half} of {len(unbroken)}; completed; {grades} marks compared")
    print(f"differ: {', '.join(differ) or 'none'}")
    scores = sorted(one["score"] for one in unbroken.values())
    print("scores:", *(f"{score:g}" for score in scores))
    sys.exit(bool(differ) or broken.keys() != unbroken.keys())
