"""Graded classes made by hand: a gradebook and graded notebooks, without any grading."""

import json
import os
import tempfile
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from unittest.mock import patch

import numpy as np
from nbgrader.api import (
    Assignment,
    Comment,
    Course,
    Grade,
    Gradebook,
    GradeCell,
    Notebook,
    SolutionCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)

from bplab.course import with_own_programs
from bplab.exercises import RECORD_TYPE
from bplab.exercises.registry import EXERCISES, TASKS

FIRST = ["ada", "ben", "carla", "dmitri", "emeka", "farid", "gudrun", "hana", "igor", "jing"]

COMMON = ["averaged-over-N", "no-factor-2", "no-sigma-prime", "bias-last", "sign-flipped"]


@dataclass
class Made:
    """A student: what the checks said, by exercise, and what else the gradebook has."""

    id: str
    outcomes: dict[str, dict]
    names: dict[str, str] = field(default_factory=dict)
    events: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    seconds: float = 1.5
    late: bool = False  # by a day; so is all that has a penalty
    late_penalty: float | None = None
    manual: dict[str, float] = field(default_factory=dict)  # by exercise, points by hand
    extra: dict[str, float] = field(default_factory=dict)
    handed_in: bool = True
    isolation: str = "bwrap"


def outcome(exercise, mistake=None, points=None, **more):
    """A record as the grader leaves it; half of the points if ``points`` is not given."""
    task = TASKS[exercise]
    known = {m.name: m for m in getattr(task, "mistakes", ())}.get(mistake)
    words = {"says": known.says, "hint": known.hint, "step": str(known.subgoal)} if known else {}
    return {
        "exercise": exercise,
        "passed": mistake is None,
        "mistake": mistake,
        "points": (task.points if mistake is None else 0.0) if points is None else points,
        "max_points": float(task.points),
        **({"says": "", "hint": "", "step": "", "seconds": 0.01, "note": ""} | words | more),
    }


def tasks_of(assignment):
    return [task for task in TASKS.values() if task.notebook == assignment]


def graded_notebook(assignment, made, outputs=None):
    """A graded notebook: an answer and a test cell for each exercise, and what it left."""
    cells = [{"cell_type": "markdown", "id": "top", "metadata": {}, "source": f"# {assignment}"}]
    for task in tasks_of(assignment):
        record = made.outcomes.get(task.id)
        test = {"grade_id": f"test-{task.id}", "grade": True, "points": task.points}
        answer = {"grade_id": task.id, "solution": True}
        fixed = {"schema_version": 3, "cell_type": "code", "task": False, "locked": False}
        answer |= fixed | {"grade": False}
        test |= fixed | {"solution": False, "locked": True}
        source = f"def {task.signature}:\n    ..."
        cells.append(_code(task.id, answer, source, []))
        left = (outputs or _outputs)(task, record) if record else []
        cells.append(_code(f"test-{task.id}", test, f'check("{task.id}", {task.function})', left))
    told = {"events": made.events, "flags": made.flags, "seconds": made.seconds}
    told["isolation"] = made.isolation
    return {
        "cells": cells,
        "metadata": {"bplab": told, "kernelspec": {"name": "python3", "display_name": "Python 3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _code(id, nbgrader, source, outputs):
    return {
        "cell_type": "code",
        "id": id,
        "metadata": {"nbgrader": nbgrader},
        "source": source,
        "outputs": outputs,
        "execution_count": 1,
    }


def _outputs(task, record):
    left = {"text/plain": f"{task.id}: {record['mistake'] or 'right'}", RECORD_TYPE: record}
    return [{"output_type": "display_data", "data": left, "metadata": {}}]


def make_class(folder: Path, assignment: str, students: list[Made], outputs=None) -> Path:
    """Write a class's gradebook and its graded notebooks."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.course_id = 'bplab'\n", encoding="utf-8"
    )
    if not (folder / "gradebook.db").exists():
        (folder / "gradebook.db").write_bytes(_empty_gradebook())
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", course_id="bplab") as gradebook:
        _fill(gradebook.db, assignment, students)
        gradebook.db.commit()
    for made in students:
        if not made.handed_in:
            continue
        for step in ("submitted", "autograded"):
            path = folder / step / made.id / assignment / f"{assignment}.ipynb"
            path.parent.mkdir(parents=True)
            notebook = graded_notebook(assignment, made, outputs)
            path.write_text(json.dumps(notebook), encoding="utf-8")
    return folder


@cache
def _empty_gradebook() -> bytes:
    """A new gradebook, made once: nbgrader runs alembic for it, by its name, for seconds."""
    with tempfile.TemporaryDirectory() as folder, patch.dict(os.environ, with_own_programs()):
        Gradebook(f"sqlite:///{folder}/gradebook.db", course_id="bplab").close()
        return Path(folder, "gradebook.db").read_bytes()


def _fill(db, assignment, students):
    course = db.query(Course).filter(Course.id == "bplab").one()
    row = Assignment(name=assignment, course_id=course.id, duedate=datetime(2026, 12, 1))
    notebook = Notebook(name=assignment, assignment=row)
    db.add_all([row, notebook])
    cells, answers = {}, []
    for task in tasks_of(assignment):
        cell = GradeCell(
            name=f"test-{task.id}", notebook=notebook, max_score=task.points, cell_type="code"
        )
        cells[task.id] = cell
        answers.append(SolutionCell(name=task.id, notebook=notebook))
        db.add_all([cell, answers[-1]])
    known = {student.id: student for student in db.query(Student)}
    for made in students:
        student = known.get(made.id) or Student(id=made.id, **made.names)
        db.add(student)
        if not made.handed_in:
            continue
        submission = SubmittedAssignment(
            assignment=row,
            student=student,
            timestamp=datetime(2026, 12, 2 if made.late or made.late_penalty else 1),
        )
        own = SubmittedNotebook(
            notebook=notebook, assignment=submission, late_submission_penalty=made.late_penalty
        )
        db.add_all([submission, own, *(Comment(cell=cell, notebook=own) for cell in answers)])
        for id, cell in cells.items():
            points = float(made.outcomes.get(id, {}).get("points", 0.0))
            db.add(
                Grade(
                    cell=cell,
                    notebook=own,
                    auto_score=points,
                    manual_score=made.manual.get(id),
                    extra_credit=made.extra.get(id),
                    needs_manual_grade=False,
                )
            )


def random_class(size, assignment="section_2_1", seed=0):
    """A class with a few common mistakes, many rare ones, and some that did not hand in."""
    rng = np.random.default_rng(seed)
    students = []
    for i in range(size):
        first = FIRST[i % len(FIRST)]
        able = rng.beta(4, 1.6)
        made = Made(
            f"{first}{i:03d}",
            {t.id: _drawn(rng, t, able) for t in tasks_of(assignment)},
            {"first_name": first.title(), "last_name": f"No{i:03d}", "email": f"{first}{i}@uni"},
            handed_in=rng.random() > 0.04,
            seconds=float(rng.gamma(4, 0.4)),
        )
        _happened(rng, made, assignment)
        students.append(made)
    return students


def _drawn(rng, task, able):
    luck = rng.random()
    if luck < able:
        return outcome(task.id)
    if luck > 0.93:
        return outcome(task.id, "not-written")
    names = [m.name for m in EXERCISES[task.id].mistakes]
    names = [name for name in COMMON if name in names] + names
    name = names[min(int(rng.exponential(2)), len(names) - 1)]
    if rng.random() < 0.15:
        says = "Your function raises ValueError: operands could not be broadcast together"
        return outcome(task.id, "raises", says=says, hint="It happens in line 3: Z @ beta")
    if rng.random() < 0.1:
        says = "grad is not right, and it is none of the mistakes known here."
        return outcome(task.id, "unnamed", says=says, hint="Write it with a loop.")
    return outcome(task.id, name, points=task.points * float(rng.choice([0, 0, 0.5, 0.7])))


def _happened(rng, made, assignment):
    if rng.random() < 0.02:
        made.flags.append("asked for bplab.network.grad_beta while it was graded")
    if rng.random() < 0.03:
        made.events.append("test cell test-eq4 was deleted: put back")
    if rng.random() < 0.02:
        made.seconds = float(rng.uniform(30, 90))
        id = tasks_of(assignment)[-1].id
        made.outcomes[id] = outcome(
            id, "too-slow", says="It takes too long.", note="took longer than 30 s"
        )
