"""nbgrader's gradebook.

=========  ===============================================================================
``read``   a class's marks, as nbgrader counts them
``write``  `Book`: the marks of graded notebooks go in, one transaction a submission
=========  ===============================================================================
"""

from bplab.grading.gradebook.read import (
    ClassMarks,
    Mark,
    NotebookMarks,
    Person,
    open_gradebook,
    read_class,
    read_marks,
    read_notebook,
    read_persons,
    why_not,
)
from bplab.grading.gradebook.write import Book, Marks, UnknownStudent, marks_of

__all__ = [
    "Book",
    "ClassMarks",
    "Mark",
    "Marks",
    "NotebookMarks",
    "Person",
    "UnknownStudent",
    "marks_of",
    "open_gradebook",
    "read_class",
    "read_marks",
    "read_notebook",
    "read_persons",
    "why_not",
]
