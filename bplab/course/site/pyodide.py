"""Get the core of Pyodide, which is Python for browsers: one version, with known hashes."""

import shutil
import subprocess
import tarfile
from hashlib import sha256
from pathlib import Path

from bplab.course.layout import CourseError

__all__ = ["VERSION", "core"]

VERSION = "314.0.7"
"""Version of the npm package ``pyodide``; its first number stands for Python 3.14."""

_FILES = {
    "pyodide.mjs": "6f1d60f7bf529beb300f0f47983c921d3982363640ba20af0e38efdddbc66109",
    "pyodide.asm.mjs": "f7cdc8ece80678ceb712f8e65ebe6d3a83203a180c399865f49612a051693635",
    "pyodide.asm.wasm": "cc36e3cab04fdfc9a63ff13eb52eae2b911bf46c025cc7b281f394bd3de1d5e6",
    "python_stdlib.zip": "fa1957e5777068fc4f7437f96d860ae2fbe9c19732ba06c84e004ec16dd7dd7a",
    "pyodide-lock.json": "5dc2fc119108bc148c7457dc86e7675b5c87e1cafd420b9c34c1eaef7b36c010",
}
"""The files that a kernel loads, and their sha256, which are given nowhere else."""


def core(scratch: Path, given: Path | None = None) -> dict[str, bytes]:
    """Return the files of Pyodide's core, by name.

    Parameters
    ----------
    scratch : Path
        A folder to work in.
    given : Path, optional
        A folder with these files, or the npm package as a file (``.tgz``). By default, npm fetches
        the package.

    Raises
    ------
    CourseError
        If npm is missing or fails, or a file is missing, cannot be read, or is of another version.
    """
    source = given or _packed(scratch)
    try:
        found = _in_folder(source) if source.is_dir() else _in_archive(source)
    except (OSError, tarfile.TarError) as error:
        raise CourseError(f"{source} cannot be read ({error})") from error
    for name, expected in _FILES.items():
        if name not in found:
            raise CourseError(
                f"{source} has no {name}: give the npm package pyodide {VERSION}, or its folder"
            )
        if (came := sha256(found[name]).hexdigest()) != expected:
            raise CourseError(
                f"{name} in {source} is not that of Pyodide {VERSION}: its sha256 is {came}, "
                f"not {expected}"
            )
    return found


def _packed(scratch: Path) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise CourseError(
            f"npm is needed, which fetches Pyodide {VERSION}: install Node.js, or name the npm "
            "package at hand with --pyodide FILE"
        )
    ran = subprocess.run(
        [npm, "pack", "--silent", f"pyodide@{VERSION}"],
        cwd=scratch,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    archive = scratch / f"pyodide-{VERSION}.tgz"
    if ran.returncode or not archive.is_file():
        raise CourseError(f"npm pack pyodide@{VERSION} failed: {ran.stderr.strip()}")
    return archive


def _in_folder(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in _FILES if (folder / name).is_file()}


def _in_archive(archive: Path) -> dict[str, bytes]:
    found = {}
    with tarfile.open(archive) as members:
        for member in members:
            folder, _, name = member.name.partition("/")
            wanted = folder == "package" and name in _FILES and member.isfile()
            if wanted and (stream := members.extractfile(member)):
                found[name] = stream.read()
    return found
