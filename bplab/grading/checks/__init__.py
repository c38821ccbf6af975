"""What a notebook is worth, without nbgrader: ``bplab check``.

It is judged as `bplab grade` judges, by the same judge and behind the same walls, where these can
be had; else by the checks in a kernel of this computer. Either way on cases that are not those in
the notebook: the hidden ones, with the instructor's secret, and without it others that are the same
for everybody.

=============  ===========================================================================
``checked``    `check_files`: each file judged, and what came of it (`Checked`)
``handed``     what a file is: a notebook or a program, of which assignment
``judging``    by the judge of `bplab grade`, in a child of its own
``in_kernel``  by the checks in the notebook itself: on Windows, on macOS, without the packages
``questions``  those on one's own code, there
``shown``      as a table, as text, as JSON, as JUnit's XML, as Markdown
=============  ===========================================================================
"""

from importlib import import_module
from typing import Any

from bplab.grading.checks.checked import Checked, check_files
from bplab.grading.checks.handed import content_of, program_as_notebook
from bplab.grading.checks.shown import as_json, as_junit, as_markdown, as_table, as_text

# what needs more than a learner has installed is loaded when it is first used
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
