"""What the pages are made from.

- ``texts``: README's parts, the guides, the other Markdown files of the clone;
- ``notebooks``: the solved notebooks;
- ``equations``: the equation map, the misprints;
- ``reference``: the public modules, out of their docstrings.

Nothing is told twice: what stands elsewhere in the clone is taken from there, and links between
those files become links between pages.
"""

from pathlib import Path

from bplab.course.layout import Course
from bplab.course.site.sources.equations import equation_map, errata
from bplab.course.site.sources.notebooks import notebook_pages
from bplab.course.site.sources.reference import API, reference_pages
from bplab.course.site.sources.texts import Texts

__all__ = ["API", "write_sources"]


def write_sources(root: Path, folder: Path, *, lite: bool = True) -> None:
    """Write the sources of all pages that are made; those of ``docs/`` stay as they are.

    Parameters
    ----------
    root : Path
        A clone.
    folder : Path
        Where Sphinx is to read them.
    lite : bool
        Whether there will be notebooks that run in the browser, to link to.
    """
    course, texts = Course(root), Texts(root)
    for path, text in (
        *texts.pages(),
        *notebook_pages(course, texts.repository, lite),
        ("equations.md", equation_map()),
        ("errata.md", errata()),
        *reference_pages(),
    ):
        page = folder / path
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8", newline="")
