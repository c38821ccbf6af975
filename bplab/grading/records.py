"""What graded notebooks tell: the record that every check left in its test cell."""

from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from bplab.exercises import RECORD_TYPE

__all__ = ["Record", "read_records", "records_of"]


@dataclass(frozen=True)
class Record:
    """How one exercise went.

    Attributes
    ----------
    exercise : str
        Id, e.g. ``"eq4"``.
    passed : bool
    mistake : str or None
        Name of the mistake, None if it passed.
    """

    exercise: str
    passed: bool
    mistake: str | None


def read_records(path: Path) -> list[Record]:
    """Read the records of an autograded notebook, one for each test cell that left any.

    Parameters
    ----------
    path : Path
        A notebook in nbgrader's ``autograded`` folder.

    Returns
    -------
    list of Record
        In the notebook's order; of a test cell with several checks the last record counts.
    """
    return records_of(nbformat.read(path, as_version=4))


def records_of(notebook: NotebookNode) -> list[Record]:
    """Read the records of an executed notebook, as `read_records` does."""
    records = []
    for cell in notebook.cells:
        if not cell.metadata.get("nbgrader", {}).get("grade"):
            continue
        found = [
            output["data"][RECORD_TYPE]
            for output in cell.get("outputs", [])
            if RECORD_TYPE in output.get("data", {})
        ]
        if found:
            last = found[-1]
            records.append(Record(last["exercise"], last["passed"], last["mistake"]))
    return records
