"""JupyterLite with the students' notebooks, and a kernel whose files the site itself serves."""

import importlib.metadata
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from bplab.course.layout import Course, CourseError, copy_name
from bplab.course.site.kernel import LOADER, START, serve_kernel

__all__ = ["build_lite"]

_KERNEL = "@jupyterlite/pyodide-kernel-extension"

_HAS_DRIVE = re.compile(r"\(null==(\w+)\?void 0:\1\.enabled\)\|\|crossOriginIsolated")
"""The code in the kernel's front end that asks, at a kernel's start, if it can reach files."""

_IN_CONTROL = (
    r"new Promise(go=>{const all=navigator.serviceWorker;if(!all||!\1)return go();"
    r"const look=()=>{if(all.controller&&\1.enabled)go();else setTimeout(look,50)};"
    r"look();setTimeout(go,30000)})"
)
_PATIENT = rf"await {_IN_CONTROL},\g<0>"


def build_lite(
    course: Course, scratch: Path, *, pyodide: Path | None = None, packages: Path | None = None
) -> Path:
    """Build JupyterLite in a folder below ``scratch``, and return that folder.

    Parameters
    ----------
    course : Course
    scratch : Path
        An empty folder.
    pyodide, packages : Path, optional
        See `serve_kernel`.

    Raises
    ------
    CourseError
        If JupyterLite cannot be built, and as `serve_kernel` raises it.
    """
    scratch = scratch.resolve()  # relative paths lead JupyterLite astray
    source, files, out = (scratch / name for name in ("source", "files", "lite"))
    kernel = _kernel_extension()
    stand_ins = sorted((kernel / "static" / "pypi").glob("*.whl"))
    front_end = serve_kernel(
        source / "static" / "pyodide", scratch, stand_ins, pyodide=pyodide, packages=packages
    )
    files.mkdir()
    for name in course.names():
        shutil.copyfile(course.release_file(name), files / f"{copy_name(name)}.ipynb")
    _write(source / "jupyter-lite.json", _page())
    _write(
        source / "jupyter_lite_config.json",
        {
            "LiteBuildConfig": {
                "apps": ["lab"],
                "contents": [str(files)],
                "output_dir": str(out),
                "cache_dir": str(scratch / "cache"),
                # leave out what else is installed here, such as nbgrader's menus
                "ignore_sys_prefix": True,
                "federated_extensions": [str(kernel), str(front_end)],
                "no_sourcemaps": True,
                "no_unused_shared_packages": True,
            }
        },
    )
    ran = subprocess.run(
        [sys.executable, "-m", "jupyterlite_core", "build", "--debug"],
        cwd=source,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode or not (out / "lab" / "index.html").is_file():
        raise CourseError(f"JupyterLite was not built:\n{ran.stdout}{ran.stderr}")
    _load_by_ours(out / "jupyter-lite.json")
    _wait_for_files(out / "extensions" / _KERNEL / "static")
    return out


def _kernel_extension() -> Path:
    """Return the folder of the kernel's front end, wherever pip has put it."""
    for file in importlib.metadata.files("jupyterlite-pyodide-kernel") or ():
        if file.match(f"{_KERNEL}/package.json"):
            return Path(str(file.locate())).resolve().parent
    raise ModuleNotFoundError(name="jupyterlite-pyodide-kernel")


def _page() -> dict:
    """Return the page's settings: what the kernel loads first, and that it asks no other index."""
    kernel = {"disablePyPIFallback": True, "loadPyodideOptions": START}
    return {
        "jupyter-lite-schema-version": 0,
        "jupyter-config-data": {
            "appName": "bplab",
            "litePluginSettings": {f"{_KERNEL}:kernel": kernel},
        },
    }


def _load_by_ours(page: Path) -> None:
    """Name our loader in a built page's settings, where the build has named Pyodide's own."""
    settings = json.loads(page.read_text(encoding="utf-8"))
    kernel = settings["jupyter-config-data"]["litePluginSettings"][f"{_KERNEL}:kernel"]
    kernel["pyodideUrl"] = f"{kernel['pyodideUrl'].rpartition('/')[0]}/{LOADER}"
    _write(page, settings)


def _wait_for_files(front_end: Path) -> None:
    """Let a kernel wait for the service worker, which gives it the learner's files.

    A kernel that starts earlier, as on a slow computer, would have no files, and would keep
    progress only in its memory. After half a minute it starts without the worker, which some
    browsers do not have.
    """
    texts = {path: path.read_text(encoding="utf-8") for path in front_end.glob("*.js")}
    asking = [path for path, text in texts.items() for _ in _HAS_DRIVE.finditer(text)]
    if len(asking) != 1:
        raise CourseError(
            "the kernel of JupyterLite starts in another way than bplab knows: install the "
            "versions that bplab[site] names, or see _wait_for_files in bplab/course/site/lite.py"
        )
    asking[0].write_text(_HAS_DRIVE.sub(_PATIENT, texts[asking[0]]), encoding="utf-8")


def _write(path: Path, settings: dict) -> None:
    path.write_text(json.dumps(settings, indent=1), encoding="utf-8")
