"""Write the sources of the site's pages, as Markdown and as notebooks.

- ``texts``: pages from README's parts, the guides, and other Markdown files of the clone;
- ``notebooks``: pages from the solved notebooks;
- ``equations``: the equation map, and the misprints;
- ``reference``: pages on the public modules, from their docstrings.

Texts are taken from the clone, so that nothing has to be written twice. Links between its files
become links between pages.
"""

from pathlib import Path

from bplab.course.layout import Course
from bplab.course.site.sources.equations import equation_map, errata
from bplab.course.site.sources.notebooks import notebook_pages
from bplab.course.site.sources.reference import API, reference_pages
from bplab.course.site.sources.texts import Texts

__all__ = ["API", "write_sources"]


def write_sources(root: Path, folder: Path, *, lite: bool = True) -> None:
    """Write the sources of all pages that are generated; those from ``docs/`` stay unchanged.

    Parameters
    ----------
    root : Path
        A clone.
    folder : Path
        The folder from which Sphinx reads them.
    lite : bool
        Whether the site has notebooks that run in the browser, for pages to link to.
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
