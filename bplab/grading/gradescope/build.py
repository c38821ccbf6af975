"""Make the zip file that an instructor uploads to Gradescope."""

import importlib.metadata
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from bplab.course import CourseError, pack_wheel, package_files
from bplab.grading.gradescope.results import DUE, PUBLISHED
from bplab.grading.gradescope.run import ABOUT
from bplab.grading.judge.submission import Assignment

__all__ = ["Upload", "build", "pins", "python_for", "refuse_after"]

_HERE = Path(__file__).parent
_SCRIPTS = ("setup.sh", "run_autograder")
_EXTRA = "check"
_PLATFORMS = ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64")
"""Platforms of wheels that Ubuntu 22.04 and later can run."""


@dataclass(frozen=True)
class Upload:
    """The zip file that was built.

    Attributes
    ----------
    path : Path
    wheels : int
        The number of packages in it, without pip. If it is 1, only bplab itself is in it, and
        Gradescope fetches the others.
    python : str
        The version of Python that it asks for.
    """

    path: Path
    wheels: int
    python: str


def build(assignment: Assignment, out: Path, *, after: str = DUE, wheels: bool = True) -> Upload:
    """Write the zip file, with scripts, the assignment, the course's secret, and packages.

    Packages have the versions that are installed here, so that Gradescope gives the same points.

    Parameters
    ----------
    assignment : Assignment
    out : Path
        The file. Only its owner may read it, since the secret is in it.
    after : str
        When marks are shown: see `bplab.grading.gradescope.results.shown_when`.
    wheels : bool
        Whether to include all packages, and not only bplab and pip.

    Raises
    ------
    CourseError
        If ``after`` is not valid, a package is not installed or cannot be fetched as a wheel, or
        the file cannot be written.
    """
    refuse_after(after)
    pinned = pins()
    python = python_for(_python_of(one.partition("==")[0]) for one in pinned)
    about = {
        "assignment": {
            "name": assignment.name,
            "release": assignment.release,
            "secret": assignment.secret,
            "run": assignment.run,
            "partial_credit": assignment.partial_credit,
        },
        "course": assignment.course.as_lists(),
        "memory_mb": assignment.limits.memory_mb,
        "after": after,
    }
    with tempfile.TemporaryDirectory(prefix="bplab-gradescope-") as folder:
        place = Path(folder)
        pack_wheel(place, "bplab", package_files())
        _download([*pinned, "pip"] if wheels else ["pip"], python, place)
        packed = sorted(place.glob("*.whl"))
        texts = {
            **{name: (_HERE / name).read_text(encoding="utf-8") for name in _SCRIPTS},
            ABOUT: json.dumps(about),
            "python-version": f"{python}\n",
            "requirements.txt": "".join(f"{one}\n" for one in pinned),
        }
        content = _zipped(texts, packed)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        beside = out.with_name(f".{out.name}.part")
        handle = os.open(beside, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        beside.replace(out)
    except OSError as error:
        raise CourseError(f"{out} cannot be written: {error.strerror or error}") from error
    return Upload(out, len(packed) - 1, python)


def refuse_after(after: str) -> None:
    """Raise `CourseError` if ``after`` does not say when marks are shown."""
    if after in (DUE, PUBLISHED):
        return
    try:
        known = datetime.fromisoformat(after).tzinfo is not None
    except ValueError:
        known = False
    if not known:
        raise CourseError(
            f"--hidden-after takes {DUE}, {PUBLISHED}, or a moment with its zone, such as "
            f"2026-12-01T23:59+01:00; got {after!r}"
        )


def pins() -> list[str]:
    """Return the packages that judging needs besides bplab, with the versions installed here.

    Raises
    ------
    CourseError
        If one of them is not installed.
    """
    found: dict[str, str] = {}
    todo = [Requirement(f"bplab[{_EXTRA}]")]
    seen = set()
    while todo:
        asked = todo.pop()
        name = canonicalize_name(asked.name)
        key = (name, frozenset(asked.extras))
        if key in seen:
            continue
        seen.add(key)
        try:
            distribution = importlib.metadata.distribution(asked.name)
        except importlib.metadata.PackageNotFoundError:
            raise CourseError(
                f"{asked.name} is not installed: pip install 'bplab[course]'"
            ) from None
        found[name] = distribution.version
        todo += _needed(distribution, asked.extras)
    del found["bplab"]
    return [f"{name}=={version}" for name, version in sorted(found.items())]


def _python_of(package: str) -> str | None:
    about = importlib.metadata.metadata(package)
    if "Requires-Python" not in about:  # asked for what is missing, some versions raise KeyError
        return None
    return about["Requires-Python"]


def python_for(
    required: Iterable[str | None], here: tuple[int, int, int] = sys.version_info[:3]
) -> str:
    """Return the oldest Python that packages run with, of the two numbers that it has here.

    For pip "3.11" would be 3.11.0, which some packages do not take.

    Parameters
    ----------
    required : iterable of str or None
        What each package says of Python, such as ``">=3.11.5"``.
    here : tuple of int
        The version that runs.
    """
    wanted = [SpecifierSet(one) for one in required if one]
    major, minor, micro = here
    versions = (f"{major}.{minor}.{i}" for i in range(micro))
    fits = (one for one in versions if all(one in asked for asked in wanted))
    return next(fits, f"{major}.{minor}.{micro}")


def _needed(
    distribution: importlib.metadata.Distribution, extras: set[str]
) -> Iterator[Requirement]:
    for line in distribution.requires or ():
        one = Requirement(line)
        ways = [{"extra": extra} for extra in (extras or {""})]
        if one.marker is None or any(map(one.marker.evaluate, ways)):
            yield one


def _download(packages: list[str], python: str, folder: Path) -> None:
    """Let pip fetch wheels for Gradescope's computers, whatever the system here."""
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet"),
            *("--no-deps", "--only-binary", ":all:", "--python-version", python),
            *(part for name in _PLATFORMS for part in ("--platform", name)),
            *("--dest", str(folder), *packages),
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        why = re.sub(r"\s+", " ", ran.stderr.strip())[-600:]
        raise CourseError(
            f"pip did not get the wheels for Python {python} ({why}). With --no-wheels Gradescope "
            "fetches them itself"
        )


def _zipped(texts: dict[str, str], wheels: list[Path]) -> bytes:
    """Return a zip file with the files at its top level, as Gradescope wants it."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.external_attr = (0o755 if name in _SCRIPTS else 0o600) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, text)
        for path in wheels:  # they are compressed already
            archive.write(path, f"wheels/{path.name}", zipfile.ZIP_STORED)
    return content.getvalue()
