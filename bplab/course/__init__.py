"""From text notebooks to what students open.

===============  =========================================================================
``layout``       where the course's files are: `Course`, `CourseError`
``notebook``     one text notebook, completed for nbgrader, solved, run
``builder``      `build`: ``course/notebooks/*.py`` to release and solutions
``environment``  the environment for programs that are called by their names
===============  =========================================================================
"""

from typing import Any

from bplab.course.layout import Course, CourseError

# what needs nbformat is loaded when it is first used
_LATER = ("Stale", "build", "instructor_notebook", "solved")

__all__ = ["Course", "CourseError", *_LATER]


def __getattr__(name: str) -> Any:
    if name in _LATER:
        from bplab.course import builder

        return getattr(builder, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
