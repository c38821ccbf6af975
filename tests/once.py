"""What is dear to make and only read is made once, for all workers of a run."""

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


def made_once(folders: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return a folder that ``make`` has filled, for this worker or for another of the same run.

    Nobody writes in it: a test takes a copy.
    """
    ours = folders.getbasetemp()
    run = ours.parent if ours.name.startswith("popen-") else ours
    made = run / f"once-{name}"
    with (run / f"once-{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # given back when it is closed, or its process ends
        if not made.exists():
            unfinished = run / f"once-{name}-unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            make(unfinished)
            unfinished.rename(made)
    return made
