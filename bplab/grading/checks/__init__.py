"""Find out what a notebook is worth, without nbgrader: ``bplab check``.

If walls are available, a notebook is judged as by `bplab grade`: by the same judge, behind the same
walls. If not, it runs in a kernel on this computer, and its own checks judge. Either way the cases
are not those in the notebook. With the instructor's secret they are the hidden ones; without it
they are others, which are the same for everybody.

=============  ===========================================================================
``checked``    `check_files`: judges each file, and returns the results (`Checked`)
``handed``     finds out what a file is: a notebook or a program, of which assignment
``judging``    judges with the judge of `bplab grade`, in a child process
``in_kernel``  judges with the notebook's own checks: on Windows, on macOS, without the packages
``questions``  asks and marks questions on a student's own code, in the same kernel
``shown``      shows results as a table, as text, as JSON, as JUnit's XML, as Markdown
=============  ===========================================================================
"""

from importlib import import_module
from typing import Any

from bplab.grading.checks.checked import Checked, check_files
from bplab.grading.checks.handed import content_of, program_as_notebook
from bplab.grading.checks.shown import as_json, as_junit, as_markdown, as_table, as_text

# modules that need more than a learner has installed are loaded when they are first used
_LATER = {"judged": "judging", "wall_for": "judging"}

__all__ = [
    "Checked",
    "as_json",
    "as_junit",
    "as_markdown",
    "as_table",
    "as_text",
    "check_files",
    "content_of",
    "program_as_notebook",
    *_LATER,
]


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
