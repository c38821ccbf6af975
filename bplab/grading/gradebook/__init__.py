"""nbgrader's gradebook: the database of students, marks and due dates.

===========  ==============================================================================
``read``     read a class's marks, as nbgrader counts them
``write``    `Book`: write the marks of graded notebooks, one transaction for each submission
``dates``    when a submission was due, and how late it came
``patient``  run one transaction, and try again while the database is locked
``busy``     make nbgrader's own programs, such as formgrader, wait for a locked gradebook
``extend``   `Extensions`: give students more time, or take it back
===========  ==============================================================================
"""

from bplab.grading.gradebook.dates import length
from bplab.grading.gradebook.extend import Extended, Extensions
from bplab.grading.gradebook.read import (
    ClassMarks,
    Mark,
    NotebookMarks,
    Person,
    open_gradebook,
    read_cells,
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
    "Extended",
    "Extensions",
    "Mark",
    "Marks",
    "NotebookMarks",
    "Person",
    "UnknownStudent",
    "length",
    "marks_of",
    "open_gradebook",
    "read_cells",
    "read_class",
    "read_marks",
    "read_notebook",
    "read_persons",
    "why_not",
]
