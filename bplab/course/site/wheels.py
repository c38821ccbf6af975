"""Wheels for Python in a browser: make that of bplab, and fetch the pure ones that it needs."""

import hashlib
import importlib.metadata
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bplab.course.layout import CourseError
from bplab.course.wheel import pack_wheel, package_files, write_archive

__all__ = ["Wheel", "own_wheel", "pure_wheels", "write_wheel"]

PYTHON = "3.14"
"""Python's version in Pyodide."""

_PINS = Path(__file__).with_name("wheels.txt")
_NOT_THERE = ("cli", "course", "grading")
"""Folders of bplab that no notebook uses."""

_STUBS = "jedi/third_party"
_UNREAD = (
    *(f"{_STUBS}/typeshed/stdlib/2/", f"{_STUBS}/typeshed/third_party/2/"),
    *(f"{_STUBS}/typeshed/third_party/2and3/", f"{_STUBS}/django-stubs/"),
)
"""Files of wheels that nothing reads in a kernel: stubs for Python 2 and for other packages. They
would be a third of the files that a kernel unpacks at its start."""


@dataclass(frozen=True)
class Wheel:
    """A wheel, and what has to be known about it before it is loaded.

    Attributes
    ----------
    path : Path
    name, version : str
        The name is normalised: ``prompt-toolkit``.
    modules : tuple of str
        What can be imported once it is installed.
    needs : tuple of str
        Normalised names of the packages that it needs in a browser.
    """

    path: Path
    name: str
    version: str
    modules: tuple[str, ...]
    needs: tuple[str, ...]

    @classmethod
    def read(cls, path: Path) -> "Wheel":
        """Read a wheel's metadata."""
        there = {"sys_platform": "emscripten", "platform_machine": "wasm32", "os_name": "posix"}
        there |= {"python_version": PYTHON, "python_full_version": f"{PYTHON}.0"}
        (distribution,) = importlib.metadata.distributions(path=[str(path)])
        needed = [Requirement(line) for line in distribution.requires or ()]
        tops = {Path(file).parts[0] for file in zipfile.ZipFile(path).namelist()}
        return cls(
            path,
            canonicalize_name(distribution.metadata["Name"]),
            distribution.version,
            tuple(sorted(top.removesuffix(".py") for top in tops if _is_module(top))),
            tuple(
                canonicalize_name(one.name)
                for one in needed
                if one.marker is None or one.marker.evaluate({**there, "extra": ""})
            ),
        )

    @property
    def sha256(self) -> str:
        """The hash that a browser checks before it uses the wheel."""
        return hashlib.sha256(self.path.read_bytes()).hexdigest()


def _is_module(top: str) -> bool:
    return top.removesuffix(".py").isidentifier() and not top.endswith(".pth")


def pure_wheels(folder: Path) -> list[Wheel]:
    """Let pip fetch the wheels of ``wheels.txt``, and check their hashes.

    Raises
    ------
    CourseError
        If pip fails.
    """
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet"),
            *("--no-deps", "--require-hashes", "--only-binary", ":all:"),
            *("--python-version", PYTHON, "--implementation", "py"),
            *("--abi", "none", "--platform", "any"),
            *("--requirement", str(_PINS), "--dest", str(folder)),
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        raise CourseError(f"pip did not get the wheels of {_PINS}: {ran.stderr.strip()}")
    found = sorted(folder.glob("*.whl"))
    for path in found:
        _leave_out_unread(path)
    return [Wheel.read(path) for path in found]


def _leave_out_unread(path: Path) -> None:
    with zipfile.ZipFile(path) as wheel:
        names = wheel.namelist()
        kept = {name: wheel.read(name) for name in names if not name.startswith(_UNREAD)}
    if len(kept) < len(names):
        write_archive(path, kept)


def own_wheel(folder: Path) -> Wheel:
    """Write this bplab as a wheel, without the folders that no notebook uses."""
    needed = importlib.metadata.requires("bplab") or []
    files = package_files(_NOT_THERE)
    return write_wheel(folder, "bplab", files, [one for one in needed if "extra ==" not in one])


def write_wheel(
    folder: Path, name: str, files: dict[str, bytes], needed: Sequence[str] = ()
) -> Wheel:
    """Write a pure wheel, as `pack_wheel` does, and return its description."""
    return Wheel.read(pack_wheel(folder, name, files, needed))
