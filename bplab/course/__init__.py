"""From text notebooks to what students open.

===============  =========================================================================
``layout``       where the course's files are (`Course`, `CourseError`), and its programs
``notebook``     one text notebook, completed for nbgrader, solved, run
``builder``      `build`: ``course/notebooks/*.py`` to release and solutions
===============  =========================================================================
"""

from typing import Any

from bplab.course.layout import (
    Course,
    CourseError,
    for_learners,
    with_own_programs,
    work_folder,
    write_whole,
)

# what needs nbformat is loaded when it is first used
_LATER = ("Stale", "build", "instructor_notebook", "solved")

__all__ = [
    "Course",
    "CourseError",
    "for_learners",
    "with_own_programs",
    "work_folder",
    "write_whole",
    *_LATER,
]


def __getattr__(name: str) -> Any:
    if name in _LATER:
        from bplab.course import builder

        return getattr(builder, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
