"""Make what students open from the course's text notebooks, here and in a browser.

===============  =========================================================================
``layout``       where the course's files are (`Course`, `CourseError`), and the environment
                 for its programs
``notebook``     complete one text notebook for nbgrader, solve it, run it
``explained``    the cells of questions on the student's own code, where these earn points
``stills``       add a PNG to drawings of panels, for viewers that leave out HTML
``built``        which notebooks are up to date, and need not be built again
``builder``      `build`: make release and solutions from ``course/notebooks/*.py``
``wheel``        make a wheel of this bplab, for where no package index has it
``site``         `build_site`: make a static site of pages, and notebooks that run in browsers
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

# names whose modules need nbformat or Sphinx are imported when they are first used
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
