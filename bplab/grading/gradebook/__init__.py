"""nbgrader's gradebook.

===========  ==============================================================================
``read``     a class's marks, as nbgrader counts them
``write``    `Book`: the marks of graded notebooks go in, one transaction a submission
``dates``    when something was due, and how late it came
``patient``  one transaction, tried again while the database is locked
``busy``     nbgrader's own programs, while somebody else has it locked: they wait, and go on
``extend``   who has more time: nbgrader's extensions, given and taken back
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
    "read_class",
    "read_marks",
    "read_notebook",
    "read_persons",
    "why_not",
]
