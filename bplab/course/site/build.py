"""Build the whole site, in a folder that any static host can serve."""

import shutil
import tempfile
from pathlib import Path

from bplab.course.layout import Course, CourseError, write_whole
from bplab.course.site.lite import build_lite
from bplab.course.site.pages import build_pages
from bplab.course.site.start import start_page

__all__ = ["build_site"]

LITE = "lite"
"""The folder of JupyterLite in the site; pages link to it."""


def build_site(
    course: Course,
    out: Path,
    *,
    lite: bool = True,
    pyodide: Path | None = None,
    packages: Path | None = None,
) -> Path:
    """Build the site of a course: its notebooks in JupyterLite and, in a clone, also pages.

    Parameters
    ----------
    course : Course
        Its release notebooks are those that run in the browser.
    out : Path
        A new folder, an empty one, or one that holds an older site.
    lite : bool
        Whether to include JupyterLite.
    pyodide : Path, optional
        A local copy of Pyodide's core, see `core`; by default, npm fetches it.
    packages : Path, optional
        A folder with wheels of Pyodide's distribution, for the site to serve: see `serve_kernel`.

    Returns
    -------
    Path
        The page to open.

    Raises
    ------
    CourseError
        If a release notebook is missing, ``out`` holds something else, or a part of the site is
        missing, cannot be fetched, or is not the one expected.
    """
    out = out.resolve()
    page = out / "index.html"
    if out.exists() and not (out.is_dir() and (_is_site(out) or not any(out.iterdir()))):
        raise CourseError(f"{out} is neither empty nor a site: name a new folder, or remove it")
    for name in course.names():
        if not course.release_file(name).is_file():
            raise CourseError(f"{course.release_file(name)} is missing: run bplab course build")
    in_clone = (course.root / "docs").is_dir()
    with tempfile.TemporaryDirectory(prefix="bplab-site-") as scratch:
        if lite:
            made = build_lite(course, Path(scratch), pyodide=pyodide, packages=packages)
        if in_clone or not lite:
            build_pages(course, out, lite=lite)
        else:
            write_whole(page, start_page(course, LITE, packages_served=packages is not None))
        shutil.rmtree(out / LITE, ignore_errors=True)
        if lite:
            shutil.move(made, out / LITE)
    return page


def _is_site(folder: Path) -> bool:
    """Whether a folder holds a site: JupyterLite, or Sphinx's inventory."""
    return (folder / LITE / "jupyter-lite.json").is_file() or (folder / "objects.inv").is_file()
