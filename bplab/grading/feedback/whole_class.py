"""Make the feedback pages of a whole class, in several processes."""

import logging
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_all_start_methods, get_context, parent_process
from multiprocessing.context import BaseContext
from pathlib import Path

from nbconvert.writers import FilesWriter
from nbgrader.converters import GenerateFeedback
from nbgrader.converters.base import NbGraderException

from bplab.grading.feedback.exporter import FeedbackPage
from bplab.grading.feedback.notes import FILE as NOTES
from bplab.grading.feedback.notes import Notes
from bplab.grading.folder import ClassFolder
from bplab.grading.gradebook import open_gradebook

__all__ = ["feedback_pages"]

_converter: GenerateFeedback
_force: bool


def feedback_pages(
    folder: ClassFolder,
    assignment: str,
    *,
    jobs: int | None = None,
    force: bool = False,
    students: Sequence[str] | None = None,
    notices: Mapping[str, str] | None = None,
) -> Iterator[tuple[str, str]]:
    """Make feedback pages by the code of `nbgrader generate_feedback`, and into the same files.

    The gradebook is only read. Pages that are not older than the graded notebook and ``notes.toml``
    are left alone, unless ``force`` is true.

    Parameters
    ----------
    folder : ClassFolder
    assignment : str
    jobs : int, optional
        Number of processes; by default, one for each processor.
    force : bool
        Whether to make all pages again.
    students : sequence of str, optional
        Ids; by default, of all who are graded.
    notices : mapping of str to str, optional
        Text for the top of the page, by student, e.g. on when to try again.

    Yields
    ------
    str, str
        The id of a student whose page is done, and what went wrong, or an empty string.

    Raises
    ------
    CourseError
        If there is no gradebook, or ``notes.toml`` cannot be read.
    """
    Notes.read(folder.root)
    # the first opening may write to the gradebook, which many processes must not do at once
    open_gradebook(folder).close()
    graded = folder.students_in("autograded", assignment)
    chosen = sorted(graded if students is None else graded.keys() & set(students))
    workers = max(1, min(jobs or os.cpu_count() or 1, len(chosen)))
    if not chosen:
        return
    about = folder.root, assignment, force, dict(notices or {})
    with ProcessPoolExecutor(workers, _context(), _start, about) as pool:
        waiting = {
            pool.submit(_make_page, student, str(graded[student])): student for student in chosen
        }
        try:
            for done in as_completed(waiting):
                yield waiting[done], done.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _context() -> BaseContext:
    """Return a context whose workers start, where possible, from a process with nbgrader loaded."""
    if "forkserver" not in get_all_start_methods():
        return get_context("spawn")
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def _start(root: Path, assignment: str, force: bool, notices: dict[str, str]) -> None:
    """Prepare a worker's converter, which then reads gradebook, notes and template only once."""
    global _converter, _force
    threading.Thread(target=_end_with_parent, daemon=True).start()
    folder = ClassFolder.open(root)
    os.chdir(root)
    folder.settings.assignment_id = assignment
    _converter = GenerateFeedback(coursedir=folder.settings, config=folder.config)
    _force = _converter.force or force
    _converter.log.setLevel(logging.ERROR)
    _converter.writer = FilesWriter(parent=_converter, config=_converter.config)
    _converter.exporter = FeedbackPage(parent=_converter, config=_converter.config)
    _converter.exporter.notices = notices


def _end_with_parent() -> None:
    """End this worker when the process that gives it work has ended."""
    if parent := parent_process():
        parent.join()
        os._exit(1)


def _make_page(student: str, source: str) -> str:
    notebooks = sorted(Path(source).glob("*.ipynb"))
    if not notebooks:
        return "no graded notebook"
    _converter.assignments = {source: [str(path) for path in notebooks]}
    _converter.force = _force or _older(student, notebooks)
    heard = _Heard()
    _converter.log.addHandler(heard)
    try:
        _converter.convert_notebooks()
    except NbGraderException as error:
        return heard.last or str(error)
    finally:
        _converter.log.removeHandler(heard)
    return ""


def _older(student: str, notebooks: Sequence[Path]) -> bool:
    """Whether there are pages, and one of them is older than a graded notebook or the notes."""
    coursedir = _converter.coursedir
    place = coursedir.format_path(coursedir.feedback_directory, student, coursedir.assignment_id)
    made = [path.stat().st_mtime for path in Path(place).glob("*.html")]
    from_ = [path for path in (*notebooks, Path(coursedir.root, NOTES)) if path.exists()]
    return bool(made) and min(made) < max(path.stat().st_mtime for path in from_)


class _Heard(logging.Handler):
    """Keeps what nbgrader logs as an error; of a traceback, the last line."""

    last = ""

    def __init__(self):
        super().__init__(logging.ERROR)

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage().strip()
        if not self.last or message.startswith("Traceback"):
            self.last = message.splitlines()[-1]
