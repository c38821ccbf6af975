"""The files for the kernel: Pyodide's core, wheels, and the lock that says where each package is.

Packages with compiled code, such as numpy, come from the address of Pyodide's own distribution,
unless the site is given these files.
"""

import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from bplab.course.layout import CourseError
from bplab.course.site.bytecode import add_bytecode
from bplab.course.site.pyodide import VERSION, core
from bplab.course.site.wheels import PYTHON, Wheel, own_wheel, pure_wheels, write_wheel

__all__ = ["LOADER", "START", "serve_kernel"]

_UNREACHABLE = "bplab-unreachable"
_MODULE, _STARTER = "bplab_unreachable", "bplab_start"

LOADER = "loader.mjs"
"""The module by which JupyterLite loads Pyodide, in the kernel's folder."""

START = {
    "packages": [
        *("comm", "ipykernel", "ipython", "jedi", "micropip", "piplite", "pyodide-kernel"),
        _UNREACHABLE,
    ],
    "env": {"PYTHONSTARTUP": f"/lib/python{PYTHON}/site-packages/{_STARTER}.py"},
}
"""Options that Pyodide gets when a kernel starts; a cell that imports other packages loads them."""

_START_CODE = f"""\
import logging

import {_MODULE}

# A home is not kept: matplotlib would look for fonts in each session, and say so as if it mattered.
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
del logging, {_MODULE}  # this runs among the learner's names
"""

_FRONT_END = "jupyterlab-widgets"
"""The wheel that the page loads, not the kernel."""

_LOCK = "pyodide-lock.json"
_AWAY = re.compile(r"`(https://[^`]+)\$\{\w+\}(/[^`]+/)`")


def serve_kernel(
    folder: Path,
    scratch: Path,
    stand_ins: list[Path],
    *,
    pyodide: Path | None = None,
    packages: Path | None = None,
) -> Path:
    """Fill the folder from which the kernel loads everything.

    Parameters
    ----------
    folder : Path
        A new folder of the site.
    scratch : Path
        A folder to work in.
    stand_ins : list of Path
        The kernel's own wheels, which replace packages that need a server.
    pyodide : Path, optional
        See `core`.
    packages : Path, optional
        A folder with wheels of Pyodide's distribution. The site serves those that bplab needs
        besides the pure wheels; their hashes have to be those of Pyodide's lock.

    Returns
    -------
    Path
        The wheel for JupyterLite itself: the front end of ipywidgets.

    Raises
    ------
    CourseError
        If something is missing, cannot be fetched, or is not the one expected.
    """
    files = core(scratch, pyodide)
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    shutil.copyfile(Path(__file__).with_name(LOADER), folder / LOADER)
    fetched = scratch / "wheels"
    fetched.mkdir()
    wheels = {wheel.name: wheel for wheel in pure_wheels(fetched)}
    front_end = wheels.pop(_FRONT_END)
    wheels |= {wheel.name: wheel for wheel in map(Wheel.read, stand_ins)}
    mine = own_wheel(fetched)
    wheels[mine.name] = mine

    lock = json.loads(files[_LOCK])
    known: dict[str, dict[str, Any]] = {
        canonicalize_name(name): entry for name, entry in lock["packages"].items()
    }
    known |= {wheel.name: _entry(wheel) for wheel in wheels.values()}
    for wheel in wheels.values():
        if missing := {*wheel.needs} - {*known, _FRONT_END}:
            names = ", ".join(sorted(missing))
            raise CourseError(f"{wheel.path.name} needs {names}, which is not there")
    needed = [known[name] for name in _needed(mine.name, known)]
    served = _served(packages, needed, {*wheels}) if packages is not None else {}
    here = {*wheels, *served}
    address = _address(files["pyodide.mjs"].decode())
    for name, entry in known.items():
        if name not in here:
            entry["file_name"] = address + entry["file_name"]
    modules = [
        module
        for entry in needed
        if canonicalize_name(entry["name"]) not in here
        for module in entry["imports"]
    ]
    unreachable = write_wheel(fetched, _UNREACHABLE, _for_the_unreachable(address, modules))
    known[unreachable.name] = _entry(unreachable)

    lock["packages"] = dict(sorted(known.items()))
    (folder / _LOCK).write_text(json.dumps(lock, indent=1), encoding="utf-8")
    for path in (*(wheel.path for wheel in wheels.values()), unreachable.path, *served.values()):
        shutil.copyfile(path, folder / path.name)
    pure = [wheels[one["name"]] for one in needed[1:] if one["name"] in wheels]
    add_bytecode(folder, scratch, START, pure, mine)
    return front_end.path


def _entry(wheel: Wheel) -> dict[str, Any]:
    """Return a wheel's entry in Pyodide's lock."""
    return {
        "name": wheel.name,
        "version": wheel.version,
        "file_name": wheel.path.name,
        "install_dir": "site",
        "package_type": "package",
        "sha256": wheel.sha256,
        "imports": list(wheel.modules),
        "depends": [name for name in wheel.needs if name != _FRONT_END],
        "unvendored_tests": False,
    }


def _needed(name: str, known: dict[str, dict[str, Any]]) -> list[str]:
    """Return the names of all packages that a package needs, itself included."""
    found = [name]
    for one in found:  # the list grows in the loop
        needs = [str(canonicalize_name(need)) for need in known[one]["depends"]]
        found += [other for other in dict.fromkeys(needs) if other not in found]
    return found


def _served(packages: Path, entries: list[dict[str, Any]], there: set[str]) -> dict[str, Path]:
    """Return the files that bplab needs besides the pure wheels, by the name of the package.

    Raises
    ------
    CourseError
        If one is missing, or does not have the hash in Pyodide's lock.
    """
    found: dict[str, Path] = {}
    for entry in entries:
        name, path = canonicalize_name(entry["name"]), packages / entry["file_name"]
        if name in there:
            continue
        if not path.is_file():
            raise CourseError(f"{packages} has no {path.name}, which Pyodide {VERSION} names")
        if (came := hashlib.sha256(path.read_bytes()).hexdigest()) != entry["sha256"]:
            raise CourseError(
                f"{path} is not that of Pyodide {VERSION}: its sha256 is {came}, "
                f"not {entry['sha256']}"
            )
        found[name] = path
    return found


def _for_the_unreachable(address: str, modules: list[str]) -> dict[str, bytes]:
    text = Path(__file__).with_name("unreachable.py").read_text(encoding="utf-8")
    text = text.replace("@ADDRESS@", address).replace("@MODULES@", " ".join(modules))
    return {f"{_MODULE}.py": text.encode(), f"{_STARTER}.py": _START_CODE.encode()}


def _address(source: str) -> str:
    """Return the address of Pyodide's distribution, as given in Pyodide's own source."""
    found = _AWAY.search(source)
    if found is None:
        raise CourseError(f"pyodide.mjs of Pyodide {VERSION} does not say where its packages are")
    return f"{found[1]}{VERSION}{found[2]}"
