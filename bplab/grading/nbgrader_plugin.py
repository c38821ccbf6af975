"""nbgrader's extension points: with these two preprocessors `nbgrader autograde` uses the oracle.

``course/nbgrader_config.py`` names them, so formgrader and every other command that reads this file
use them too.
"""

import atexit
from pathlib import Path

import nbformat
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Enum, Float, Integer, Unicode
from traitlets.config import Config

from bplab.course import CourseError
from bplab.grading import MAX_MB
from bplab.grading.beside import Beside, released_beside, take
from bplab.grading.files import TooLarge, read_regular
from bplab.grading.folder import ClassFolder
from bplab.grading.handed_in import Assignments, Unfit
from bplab.grading.inert import MARKUP, inert
from bplab.grading.judge.restore import restore
from bplab.grading.judge.session import Times
from bplab.grading.judge.submission import Assignment, Grader, digest, digest_with
from bplab.grading.kernels import Isolation, Limits
from bplab.grading.records import say_first
from bplab.grading.rounds import Rounds

__all__ = ["OracleExecute", "RestoreCells"]


class RestoreCells(NbGraderPreprocessor):
    """Give a submission the released notebook's test cells, points and ids: see `restore`."""

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict
    ) -> tuple[NotebookNode, ResourcesDict]:
        """Return the notebook, put into order."""
        about = resources["nbgrader"]
        if MARKUP & set(about["student"]):
            raise CourseError(
                f"{about['student']!r} holds letters that would be code in nbgrader's pages: "
                "rename the folder"
            )
        text = _release(self.config, about["assignment"], about["notebook"])
        released = nbformat.reads(text, as_version=4)
        course = ClassFolder(CourseDirectory(config=self.config), self.config)
        refused = ""
        try:
            everything = Assignments.of(course).knowing(about["assignment"], text)
            everything.refuse(nb, about["assignment"])
        except Unfit as error:
            refused = f"the file {error}"
        restored, events = restore(nb, released)
        inert(restored)  # it is written before it is run
        restored.metadata["bplab"] = {"events": events, "refused": refused}
        return restored, resources


class OracleExecute(NbGraderPreprocessor):
    """Run a submission, and have its functions judged outside of its kernel.

    It takes the place of nbgrader's ``Execute``.
    """

    secret = Unicode(help="The hidden cases are drawn from it. Students never have it.").tag(
        config=True
    )
    run = Unicode(help="Another text here draws other hidden cases from the same secret.").tag(
        config=True
    )
    partial_credit = Bool(
        True, help="Whether an answer that is not right may earn a share of the points."
    ).tag(config=True)
    isolation = Enum(
        [str(kind) for kind in Isolation],
        str(Isolation.AUTO),
        help="'auto': kernels in bubblewrap, else behind Landlock, else an error; 'bwrap', "
        "'landlock': that or an error; 'none': resource limits only, and marks are not protected.",
    ).tag(config=True)
    memory_mb = Integer(Limits().memory_mb, help="What a kernel may use.").tag(config=True)
    timeout = Float(Times().cell, help="Seconds for a cell.").tag(config=True)
    task_timeout = Float(Times().task, help="Seconds for all calls of one function.").tag(
        config=True
    )
    notebook_timeout = Float(Times().notebook, help="Seconds for a notebook.").tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict
    ) -> tuple[NotebookNode, ResourcesDict]:
        """Return the notebook with outputs and marks."""
        about = resources["nbgrader"]
        assignment = self.assignment(about["assignment"], about["notebook"])
        grader = _grader(assignment)
        beside, number = self._handed_in(about["student"], about["notebook"], assignment)
        told = nb.metadata.get("bplab", {})
        if refused := told.get("refused"):
            graded = grader.unread(refused, run=grader.run_of(number))
            nb = nbformat.reads(graded.notebook, as_version=4)
        else:
            events = [*beside.left_out, *told.get("events", [])]
            graded = grader.run(nb, events, number, beside.files)
        say_first(nb, beside.left_out)
        nb.metadata["bplab"] = {
            "run": grader.run_of(number),
            "events": list(graded.events),
            "flags": list(graded.flags),
            "isolation": grader.isolation,
        }
        for line in (grader.warning, *graded.events, *graded.flags):
            if line:
                self.log.warning("%s, %s: %s", about["student"], about["assignment"], line)
        return nb, resources

    def _handed_in(self, student: str, notebook: str, assignment: Assignment) -> tuple[Beside, int]:
        """The files beside a notebook, and the submission's round, counted as in `bplab grade`.

        The round is noted.
        """
        course = ClassFolder(CourseDirectory(config=self.config), self.config)
        folder = course.submitted(student, assignment.name)
        path = folder / f"{notebook}.ipynb"
        students = course.students_own(assignment.name)
        beside = take(
            folder,
            path,
            course.above_submitted(assignment.name),
            ours={n: data for n, data in assignment.files if n not in students},
            notebooks=course.notebooks(assignment.name),
            ignore=course.settings.ignore,
        )
        try:
            found = digest_with(digest(read_regular(path, MAX_MB * 2**20)), beside.files)
        except (OSError, TooLarge):  # whatever the file is, it was not judged before
            found = ""
        rounds = Rounds(course, assignment.name, notebook)
        number = rounds.of(student, found)
        rounds.note(student, found, number)
        return beside, number

    def assignment(self, name: str, notebook: str) -> Assignment:
        """Return an assignment as these settings describe it.

        Parameters
        ----------
        name : str
        notebook : str
            Name of the assignment's notebook that is graded.

        Raises
        ------
        CourseError
            If there is no secret, or no released notebook.
        """
        if not self.secret:
            raise CourseError(
                "c.OracleExecute.secret is empty: hidden cases need one. See nbgrader_config.py of "
                "the course: it makes secret.txt and reads it."
            )
        course = CourseDirectory(config=self.config)
        folder = Path(course.format_path(course.release_directory, ".", name))
        files, too_large = released_beside(folder, course.ignore)
        return Assignment(
            name=name,
            release=_release(self.config, name, notebook),
            files=files,
            too_large=too_large,
            course=Assignments.of(ClassFolder(course, self.config)),
            secret=self.secret,
            run=self.run,
            partial_credit=self.partial_credit,
            isolation=Isolation(self.isolation),
            limits=Limits(memory_mb=self.memory_mb),
            times=Times(cell=self.timeout, task=self.task_timeout, notebook=self.notebook_timeout),
        )


def _release(config: Config, assignment: str, notebook: str) -> str:
    """The text of a notebook as it was released."""
    course = CourseDirectory(config=config)
    folder = course.format_path(course.release_directory, ".", assignment)
    path = Path(folder, f"{notebook}.ipynb")
    if not path.is_file():
        raise CourseError(
            f"{path} is not there: run nbgrader generate_assignment {assignment} first"
        )
    return path.read_text("utf-8")


_graders: dict[Assignment, Grader] = {}  # at most one: formgrader's server lives for weeks


def _grader(assignment: Assignment) -> Grader:
    """The warm grader of this assignment."""
    if assignment not in _graders:
        _close()
        _graders[assignment] = Grader(assignment)
    return _graders[assignment]


@atexit.register
def _close() -> None:
    while _graders:
        _graders.popitem()[1].close()
