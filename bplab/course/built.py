"""Which notebooks are up to date: neither they nor what they were built from has changed."""

import hashlib
import json
import platform
from collections.abc import Iterable
from functools import cached_property
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import bplab
from bplab.course.layout import Course, write_whole

__all__ = ["Built"]

_NOTES = ".built.json"


class Built:
    """Notes on what a course's notebooks were built from, and on the files that were made.

    They are kept in ``course/source``, which is not committed, so a new clone builds everything
    once. A notebook counts as built from its text, the course's settings, every file of this
    package, and the versions of all installed packages: too much rather than too little.

    Parameters
    ----------
    course : Course
    """

    def __init__(self, course: Course):
        self._course = course
        self._path = course.source / _NOTES
        self._keys: dict[str, str] = {}

    def is_as_built(self, name: str) -> bool:
        """Whether a notebook's files are what building it again would give."""
        noted = self._noted.get(name, {})
        return noted.get("from") == self._goes_into(name) and all(
            (self._course.root / file).is_file() and _digest(self._course.root / file) == digest
            for file, digest in noted["files"].items()
        )

    def note(self, name: str, files: Iterable[Path]) -> None:
        """Note that these files were made from a notebook, as `is_as_built` has found it."""
        made = {file.relative_to(self._course.root).as_posix(): _digest(file) for file in files}
        self._noted[name] = {"from": self._goes_into(name), "files": made}
        write_whole(self._path, json.dumps(self._noted, indent=1))

    @cached_property
    def _noted(self) -> dict[str, Any]:
        try:
            noted = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):  # no notes yet, or not ours: everything is built again
            return {}
        return noted if isinstance(noted, dict) else {}

    def _goes_into(self, name: str) -> str:
        if name not in self._keys:
            text = self._course.notebooks / f"{name}.py"
            self._keys[name] = _digest(text, self._all_the_rest)
        return self._keys[name]

    @cached_property
    def _all_the_rest(self) -> str:
        package = Path(bplab.__file__).parent
        files = [self._course.root / "course" / "nbgrader_config.py"]
        files += sorted(p for p in package.rglob("*") if p.is_file() and p.suffix != ".pyc")
        about = (one.metadata for one in distributions())  # read from its file each time
        versions = sorted(f"{one['Name']} {one['Version']}" for one in about)
        return "\n".join([platform.python_version(), *versions, *map(_digest, files)])


def _digest(file: Path, more: str = "") -> str:
    return hashlib.sha256(file.read_bytes() + more.encode()).hexdigest()
