"""The first page of a site that has no other pages: its notebooks, and what to know about them."""

import html

import nbformat

from bplab.course.layout import Course, copy_name

__all__ = ["start_page"]

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>bplab: learn back-propagation by doing it</title>
<link rel="icon" href="data:,">
<style>
body {{ font: 1.05rem/1.55 system-ui, sans-serif; max-width: 42rem; margin: 0 auto;
  padding: 1.5rem 1rem 3rem; color: #1b1b1b; background: #fff; }}
a {{ color: #00558c; }}
li {{ margin: 0.35rem 0; }}
.note {{ border-left: 4px solid #0072b2; padding: 0.1rem 0 0.1rem 1rem; }}
</style>
</head>
<body>
<main>
<h1>Learn back-propagation by doing it</h1>
<p>These notebooks run in your browser: nothing is installed, and nothing that you write leaves
this computer. Open one, and press Shift+Enter in each cell.</p>
<ul>
{notebooks}
</ul>
<div class="note">
<p>The first cell takes a moment. {loading}</p>
<p>Your copies, and what <code>progress()</code> knows, are kept in this browser, for this site
only. To keep a notebook elsewhere, download it (File → Download).</p>
</div>
</main>
</body>
</html>
"""

_FROM_AFAR = (
    "Python comes from this site; numpy and matplotlib come from the public address of Pyodide’s "
    "packages, and if that cannot be reached, the first cell ends with an error and nothing can be "
    "computed: allow it, or run the course on your own computer."
)
_FROM_HERE = "Python, numpy and matplotlib come from this site, and from nowhere else."


def start_page(course: Course, lite: str, *, packages_served: bool) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    course : Course
    lite : str
        The folder of JupyterLite, next to the page.
    packages_served : bool
        Whether the site serves numpy and matplotlib itself.
    """
    rows = [
        f'<li><a href="{lite}/lab/index.html?path={copy_name(name)}.ipynb">'
        f"{html.escape(_title(course, name))}</a></li>"
        for name in course.names()
    ]
    loading = _FROM_HERE if packages_served else _FROM_AFAR
    return _PAGE.format(notebooks="\n".join(rows), loading=loading)


def _title(course: Course, name: str) -> str:
    """Return the first heading of a notebook."""
    notebook = nbformat.read(course.release_file(name), as_version=4)
    lines = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    heading = next(line for line in lines.splitlines() if line.startswith("# "))
    return heading.removeprefix("# ").strip()
