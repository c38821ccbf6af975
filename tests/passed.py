"""Which modules of bplab something passes through: those that a reader has to know to follow it."""

import gc
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import bplab

PACKAGE = str(Path(bplab.__file__).parent)
DOOR = "languages/door.py"
"""Every text leaves through it; in English, as it came."""


def passed_through(work: Callable[[], object]) -> set[str]:
    """Modules of which a function is called, in whatever thread of this process; not the door.

    Calls that only make a class or load a module do not count.
    """
    modules = set()

    def note(frame, event, argument):
        code = frame.f_code
        if event == "call" and code.co_name != "<module>" and code.co_filename.startswith(PACKAGE):
            modules.add(code.co_filename.removeprefix(f"{PACKAGE}/"))

    gc.collect()  # what other tests left may end in between
    before = sys.getprofile()
    threading.setprofile(note)
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
        threading.setprofile(None)
    return modules - {DOOR}
