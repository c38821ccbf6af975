"""Solved notebooks as pages: each exercise as students find it, with its answer folded."""

import html
import re
from collections.abc import Iterator

import nbformat
from nbformat import NotebookNode

from bplab.course.layout import Course, copy_name
from bplab.course.notebook import INSTALL
from bplab.gallery import mistakes_gallery

__all__ = ["notebook_pages"]

_SHOWN = "section_2_1"
"""The notebook whose figure is on the front page."""


def notebook_pages(course: Course, repository: str, lite: bool) -> Iterator[tuple[str, str]]:
    """Yield each page's path and its source; ``lite`` is as in `write_sources`."""
    names = course.names()
    toctree = "\n".join(names)
    yield (
        "notebooks/index.md",
        "# The notebooks\n\nEach page is a notebook as it looks when it is solved: text, figures, "
        "what `check` says. An exercise stands there as you find it; the answer is folded below. "
        "Panels are stills here: in a notebook they move.\n\n"
        f"```{{toctree}}\n:maxdepth: 1\n\n{toctree}\n```\n",
    )
    for name in names:
        solution = nbformat.read(course.solution_file(name), as_version=4)
        release = nbformat.read(course.release_file(name), as_version=4)
        if name == _SHOWN:
            yield "parts/figure.md", _figure(name)
        page = _as_page(solution, release, _ways_in(name, repository, lite))
        yield f"notebooks/{name}.ipynb", nbformat.writes(page)


def _figure(name: str) -> str:
    """Return the front page's figure: a gallery of mistakes, whose names the notebook hides."""
    mistakes = ("sign-flipped", "no-factor-2", "no-g-prime", "examples-shifted", "bias-last")
    gallery = mistakes_gallery("eq5", [*mistakes, "sigma-prime-at-Z"])._repr_html_()
    [picture] = re.findall(r"<img [^>]*>", gallery)
    title = html.unescape(re.findall(r"<strong>(.*?)</strong>", gallery)[0])
    return (
        f'<div class="figure">{picture}</div>\n\n'
        f"*{title}: a figure of* {{doc}}`notebooks/{name}`.\n"
    )


def _as_page(solution: NotebookNode, release: NotebookNode, ways_in: str) -> NotebookNode:
    """Return the solved notebook, with each exercise as students find it and its answer folded."""
    starters = {cell.id: cell for cell in release.cells}
    cells = []
    for cell in solution.cells:
        if cell.id == INSTALL:  # nothing is run in a page
            continue
        if cell.metadata.get("nbgrader", {}).get("solution"):
            starter = nbformat.v4.new_code_cell(starters[cell.id].source, id=f"starter-{cell.id}")
            cells.append(starter)
            cell.metadata = nbformat.from_dict(
                {
                    "tags": ["hide-cell"],
                    "mystnb": {
                        "code_prompt_show": "One answer",
                        "code_prompt_hide": "Fold the answer",
                    },
                }
            )
        else:
            cell.metadata = NotebookNode()
        cells.append(cell)
    title, _, rest = cells[0].source.partition("\n")
    cells[0].source = f"{title}\n\n{ways_in}\n{rest}"
    solution.cells = cells
    return solution


def _ways_in(name: str, repository: str, lite: bool) -> str:
    """Return a line of links that open the notebook where it can be run."""
    slug = repository.partition("//")[2].partition("/")[2]
    release = f"course/release/{name}/{name}.ipynb"
    here = {"in your browser": f"../lite/lab/index.html?path={copy_name(name)}.ipynb"}
    links = (here if lite else {}) | {
        "in Binder": f"https://mybinder.org/v2/gh/{slug}/HEAD?urlpath=lab/tree/{release}",
        "in Colab": f"https://colab.research.google.com/github/{slug}/blob/main/{release}",
    }
    each = (f'<a href="{html.escape(link)}">{where}</a>' for where, link in links.items())
    return f"Work in it: {' · '.join(each)} · {{doc}}`on your computer </try>`\n"
