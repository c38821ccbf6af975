"""What is dear to make and only read is made once, for all workers of a run."""

import fcntl
import shutil
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import pytest

TESTS = Path(__file__).parent


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


def import_in_turns(config: pytest.Config) -> None:
    """Import all tests, where all are wanted; each worker of a run begins with others.

    What one has compiled the others read. They would compile everything three times on a fresh
    clone, for they collect the same tests at the same time.
    """
    worker = getattr(config, "workerinput", None)
    if worker is None or config.args != config.getini("testpaths"):
        return
    modules = sorted(TESTS.rglob("test_*.py"))
    place = int(worker["workerid"].removeprefix("gw"))
    first = place * len(modules) // worker["workercount"]
    for path in (*modules[first:], *modules[:first]):
        name = ".".join(path.relative_to(TESTS.parent).with_suffix("").parts)
        with suppress(Exception, pytest.skip.Exception):  # to be said where it is collected
            import_module(name)
