"""What is measured of the library: what its own tests reach.

Elsewhere measuring takes half as long again, pytest itself included. So it stands still but for
the tests of what ``[tool.coverage.run]`` names; and there for those that are marked ``unmeasured``:
they go many times where others have been, which takes them twice as long where it is measured.
"""

import importlib
import pkgutil
import threading
from functools import cache
from pathlib import Path

import coverage

TESTS = Path(__file__).parent
FOLDERS = ("by_equation", "gradcheck", "training", "widgets/learning_rate")
"""Of tests; those of the library's single modules are in no folder, and one of a panel is there
because its numbers and words are `bplab.training`'s."""

_measuring: coverage.Coverage | None = None
_on = False


def begin() -> None:
    """Take what measures, if anything does, read the library under it, and let it stand still."""
    global _measuring, _on
    _measuring = coverage.Coverage.current()
    if _measuring is not None:
        for name in _measuring.get_option("run:source_pkgs"):
            package = importlib.import_module(name)
            for module in pkgutil.walk_packages(getattr(package, "__path__", ()), f"{name}."):
                importlib.import_module(module.name)
        _on = True
        measure(False)


def measure(on: bool) -> None:
    """Go on measuring, or stand still."""
    global _on
    if _measuring is not None and on != _on:
        _on = on
        _measuring.start() if on else _measuring.stop()
        if not on and hasattr(threading, "settrace_all_threads"):
            # From Python 3.12 on, whatever runs is slow while any thread is traced: one that waits
            # since it was measured is so to the end.
            threading.settrace_all_threads(None)


@cache
def is_measured(path: Path) -> bool:
    """Whether the tests of a file are the library's own."""
    return path.parent == TESTS or any(path.is_relative_to(TESTS / folder) for folder in FOLDERS)
