"""From text notebooks to what students open, here and in a browser.

===============  =========================================================================
``layout``       where the course's files are (`Course`, `CourseError`), and its programs
``notebook``     one text notebook, completed for nbgrader, solved, run
``explained``    questions on one's own code that earn points: their cells
``stills``       drawings of panels as PNG, for those who leave out HTML
``built``        what is up to date, and need not be built again
``builder``      `build`: ``course/notebooks/*.py`` to release and solutions
``wheel``        this bplab as a wheel, for where no package index has it
``site``         `build_site`: a static site: pages, and notebooks that run in the browser
===============  =========================================================================
"""

from importlib import import_module
from typing import Any

from bplab.course.layout import (
    Course,
    CourseError,
    copy_name,
    for_learners,
    with_own_programs,
    work_folder,
    write_whole,
)

# what needs nbformat, or Sphinx, is loaded when it is first used
_LATER = {
    "Stale": "builder",
    "build": "builder",
    "build_pages": "site",
    "build_site": "site",
    "course_settings": "builder",
    "explain_points": "builder",
    "instructor_notebook": "builder",
    "pack_wheel": "wheel",
    "package_files": "wheel",
    "solved": "builder",
}

__all__ = [
    "Course",
    "CourseError",
    "copy_name",
    "for_learners",
    "with_own_programs",
    "work_folder",
    "write_whole",
    *_LATER,
]


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
