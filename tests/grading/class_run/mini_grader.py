"""A grader for tests of how classes are run: it runs students' cells where it is.

It has the interface of `bplab.grading.judge.submission.Grader`, and loads little: workers
start with it.
"""

import ast
import hashlib
import json
import os
from dataclasses import dataclass, replace

import nbformat

import bplab
from bplab.grading.class_run.told import NOTEBOOK

RECORD_TYPE = "application/vnd.bplab.check+json"
LOG = "MINI_CLASS_LOG"  # environment: a file that gets a line for every submission begun


@dataclass(frozen=True)
class Assignment:
    name: str
    release: str
    secret: str = "secret"
    run: str = ""
    partial_credit: bool = True
    files: tuple = ()


@dataclass(frozen=True)
class Result:
    exercise: str
    points: float
    max_points: float
    note: str = ""


@dataclass(frozen=True)
class Graded:
    notebook: str
    results: tuple
    events: tuple = ()
    flags: tuple = ()
    seconds: float = 0.0


class MiniGrader:
    """Runs the student's cells here: for tests of the class's run, not of grading."""

    warning = ""

    def __init__(self, assignment):
        self.assignment = assignment

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def grade(self, submitted, round=1, files=()):
        if os.environ.get(LOG):
            with open(os.environ[LOG], "a", encoding="utf-8") as log:
                log.write(hashlib.sha256(submitted).hexdigest() + "\n")
        notebook = json.loads(self.assignment.release)
        events, flags, results, scope = [], [], [], {"files": dict(files)}
        try:
            cells = json.loads(submitted)["cells"]
            own = {
                cell["metadata"]["nbgrader"]["grade_id"]: "".join(cell["source"])
                for cell in cells
                if "nbgrader" in cell["metadata"]
            }
        except (ValueError, KeyError):
            own = {}
            events.append("the file is no notebook")
        for cell in notebook["cells"]:
            about = cell["metadata"].get("nbgrader", {})
            cell["source"] = "".join(cell["source"])
            if about.get("solution"):
                cell["source"] = own.get(about["grade_id"], cell["source"])
                if "answer" in cell["source"]:
                    flags.append("asked for the answer")
            if cell["cell_type"] == "code" and about.get("grade"):
                results.append(self._test(cell, scope))
            elif cell["cell_type"] == "code":
                self._run(cell["source"], scope)
        notebook["metadata"]["bplab"] = {
            "run": self.assignment.run or str(round),
            "digest": hashlib.sha256(submitted).hexdigest(),
            "version": bplab.__version__,
        }
        text = json.dumps(notebook)
        return Graded(text, tuple(results), tuple(events), tuple(flags))

    def _run(self, source, scope):
        """Return the value of the last line, or what was raised."""
        try:
            tree = ast.parse(source)
            *first, last = tree.body
            exec(compile(ast.Module(first, []), "cell", "exec"), scope)
            if isinstance(last, ast.Expr):
                return eval(compile(ast.Expression(last.value), "cell", "eval"), scope)
            exec(compile(ast.Module([last], []), "cell", "exec"), scope)
        except Exception as error:
            return error
        return None

    def _test(self, cell, scope):
        about = cell["metadata"]["nbgrader"]
        id, most = about["grade_id"], float(about["points"])
        value = self._run(cell["source"], scope)
        failed = isinstance(value, Exception)
        points = 0.0 if failed else most if value is None else float(value)
        if not self.assignment.partial_credit and points < most:
            failed, points = True, 0.0
        mistake = None if points == most else "wrong" if failed else "half-right"
        record = {"exercise": id, "passed": mistake is None, "mistake": mistake}
        cell["outputs"] = [_output("display_data", {"text/plain": id, RECORD_TYPE: record})]
        if failed:
            said = {"ename": "E", "evalue": str(value), "traceback": [str(value)]}
            cell["outputs"].append({"output_type": "error", **said})
        elif points < most:
            shown = _output("execute_result", {"text/plain": f"{points:g}"})
            cell["outputs"].append(shown | {"execution_count": None})
        return Result(id.removeprefix("test-"), points, most, "" if points else "no points")


def _output(kind, data):
    return {"output_type": kind, "data": data, "metadata": {}}


class BrokenGrader:
    """Cannot be made."""

    def __init__(self, assignment):
        raise OSError("no kernel here")


class Greedy(MiniGrader):
    """Reading some submissions takes all that it may have."""

    def grade(self, submitted, round=1, files=()):
        if b"all the memory" in submitted:
            kept = []
            while True:
                kept.append(bytes(2**20))
        if b"all the time" in submitted:
            while True:
                pass
        if b"much that stays" in submitted:
            self._kept = bytearray(b"x") * (400 * 2**20)
        if b"the end" in submitted:
            os.abort()
        graded = super().grade(submitted, round, files)
        if b"much to write" in submitted:
            notebook = nbformat.v4.new_notebook(metadata={"x": "x" * NOTEBOOK})
            graded = replace(graded, notebook=nbformat.v4.writes(notebook))
        return graded
