"""Add bytecode to the modules that a kernel imports at its start, so that it need not compile them.

It is made by the Python that the site serves, which runs in Node.js for that.
"""

import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any

from bplab.course.layout import CourseError
from bplab.course.site.wheels import PYTHON, Wheel

__all__ = ["add_bytecode"]

_LOCK, _STDLIB = "pyodide-lock.json", "python_stdlib.zip"
_VERSION = PYTHON.replace(".", "")

_SCRIPT = """
const { core, start, packages, modules, out, code } = JSON.parse(process.argv[1]);
try {
  const { loadPyodide } = await import(core + "/pyodide.mjs");
  const { fileURLToPath } = await import("node:url");
  const pyodide = await loadPyodide({ indexURL: fileURLToPath(core) + "/", ...start });
  await pyodide.loadPackage(packages, { messageCallback() {} });
  pyodide.mountNodeFS("/out", out);
  pyodide.runPython("import piplite.piplite, pyodide_kernel"); // as JupyterLite does
  pyodide.runPython(code);
  pyodide.globals.get("compile_loaded")("/out", pyodide.toPy(modules));
} catch (error) {
  console.error(error.type ?? error.name, error.message); // Node's own is Pyodide, in one line
  process.exitCode = 1;
}
"""


def add_bytecode(
    folder: Path, scratch: Path, start: dict[str, Any], needed: list[Wheel], mine: Wheel
) -> bool:
    """Add bytecode to the archives in a folder, and their new hashes to its lock.

    Parameters
    ----------
    folder : Path
        The files that a kernel is served: Pyodide's core, wheels, and the lock.
    scratch : Path
        A folder to work in.
    start : dict
        Options that Pyodide gets when a kernel starts.
    needed : list of Wheel
        Wheels that are loaded later. Their modules are compiled if they can be imported with only
        what the site serves.
    mine : Wheel
        The wheel of bplab. It is compiled without being imported, since it may need more.

    Returns
    -------
    bool
        Whether bytecode was added; False if there is no Node.js.

    Raises
    ------
    CourseError
        If that Python does not start in Node.js, or cannot compile the modules.
    """
    node = shutil.which("node")
    if node is None:
        return False
    out = scratch / "bytecode"
    installed = out / "lib" / f"python{PYTHON}" / "site-packages"
    zipfile.ZipFile(mine.path).extractall(installed)
    task = {
        "core": folder.resolve().as_uri(),
        "start": start,
        "packages": [wheel.name for wheel in needed],
        "modules": [module for wheel in needed for module in wheel.modules],
        "out": str(out),
        "code": Path(__file__).with_name("compiled.py").read_text(encoding="utf-8"),
    }
    ran = subprocess.run(
        [node, "--input-type=module", "--eval", _SCRIPT, json.dumps(task)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if ran.returncode:
        raise CourseError(f"Python for browsers failed in Node.js: {ran.stderr.strip()[-2000:]}")
    _add(folder / _STDLIB, out / "lib" / f"python{_VERSION}.zip", _beside)
    lock = json.loads((folder / _LOCK).read_text(encoding="utf-8"))
    for entry in lock["packages"].values():
        path = folder / entry["file_name"]
        if path.is_file() and _add(path, installed, _in_cache):
            entry["sha256"] = sha256(path.read_bytes()).hexdigest()
    (folder / _LOCK).write_text(json.dumps(lock, indent=1), encoding="utf-8")
    return True


def _add(archive: Path, compiled: Path, place: Callable[[PurePosixPath], str]) -> bool:
    """Add the bytecode of an archive's modules to it; return whether there is any."""
    with zipfile.ZipFile(archive) as old:
        sources = [PurePosixPath(name) for name in old.namelist() if name.endswith(".py")]
    found = {one: bytecode for one in sources if (bytecode := compiled / f"{one}c").is_file()}
    if not found:
        return False
    with zipfile.ZipFile(archive, "a") as new:
        for source, bytecode in found.items():
            info = zipfile.ZipInfo(place(source))  # dated 1980: same files, same archive
            new.writestr(info, bytecode.read_bytes(), zipfile.ZIP_DEFLATED)
    return True


def _beside(source: PurePosixPath) -> str:
    """Return where Python looks for bytecode in an archive."""
    return f"{source}c"


def _in_cache(source: PurePosixPath) -> str:
    """Return where Python looks for bytecode in a folder."""
    return str(source.parent / "__pycache__" / f"{source.stem}.cpython-{_VERSION}.pyc")
