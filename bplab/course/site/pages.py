"""Pages to read, made by Sphinx from the texts of a clone.

Sphinx is used since the texts are Python and Markdown: it reads docstrings and notebooks, its
search needs no server, and building needs nothing but Python.
"""

import shutil
import tempfile
from contextlib import redirect_stderr
from importlib.resources import files
from importlib.util import find_spec
from io import StringIO
from pathlib import Path

from bplab.course.layout import Course, CourseError
from bplab.course.site.sources import write_sources

__all__ = ["build_pages"]

_NEEDED = ("sphinx", "myst_nb", "numpydoc", "furo", "sphinx-mathjax-offline")
_MATHJAX = ("tex-chtml.js", "output/chtml/fonts", "input/tex/extensions")
"""The parts of MathJax that pages load."""


def build_pages(course: Course, out: Path, *, lite: bool = True) -> Path:
    """Build the pages, and return the path of the first one.

    Parameters
    ----------
    course : Course
        A course in a clone; pages are made from its ``docs/``, README and solutions.
    out : Path
        The folder of the site.
    lite : bool
        Whether pages link to notebooks in its folder ``lite``, which run in the browser.

    Raises
    ------
    CourseError
        If this is not a clone, a package of ``bplab[site]`` is missing, or Sphinx gives a warning.
    """
    docs = course.root / "docs"
    if not (docs / "conf.py").is_file():
        raise CourseError(
            f"{course.root} has no docs/: pages are made in a clone of bplab, from its texts"
        )
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise CourseError(f'{", ".join(missing)} not found: pip install -e ".[site]"')
    with tempfile.TemporaryDirectory(prefix="bplab-pages-") as scratch:
        sources = Path(scratch, "sources")
        shutil.copytree(docs, sources)
        write_sources(course.root, sources, lite=lite)
        tags = ["lite"] if lite else []
        _run_sphinx(sources, docs, out, Path(scratch, "doctrees"), tags)
    _add_mathjax(out / "_static" / "mathjax")
    return out / "index.html"


def _run_sphinx(sources: Path, settings: Path, out: Path, doctrees: Path, tags: list[str]) -> None:
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    warnings = StringIO()
    with patch_docutils(settings), docutils_namespace(), redirect_stderr(warnings):
        app = Sphinx(
            *(sources, settings, out, doctrees, "html"),
            status=None,
            warning=warnings,
            freshenv=True,
            tags=tags,
        )
        app.build()
    if said := warnings.getvalue().strip():
        raise CourseError(f"pages with warnings:\n{said.replace(f'{sources}/', '')}")


def _add_mathjax(folder: Path) -> None:
    """Put MathJax into the site, so that formulas need nothing from elsewhere."""
    package = files("sphinx-mathjax-offline")
    for name in _MATHJAX:
        here, there = Path(str(package), "static", "mathjax", name), folder / name
        there.parent.mkdir(parents=True, exist_ok=True)
        if here.is_dir():
            shutil.copytree(here, there, dirs_exist_ok=True)
        else:
            shutil.copyfile(here, there)
