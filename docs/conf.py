"""Settings of the site's pages. Sphinx reads them; `bplab.course.site` makes the pages."""

import re
import tomllib
from pathlib import Path

import bplab

_PROJECT = tomllib.loads(
    (Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8")
)["project"]

project = "bplab"
author = _PROJECT["authors"][0]["name"]
project_copyright = f"{author}. Code: MIT; text and figures: CC BY 4.0"
release = version = bplab.__version__
language = "en-GB"

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.githubpages",  # whose Jekyll would leave out _static
    "sphinx.ext.mathjax",
]

myst_enable_extensions = ["amsmath", "dollarmath"]
myst_heading_anchors = 4
mathjax_path = "mathjax/tex-chtml.js"  # the site's own
nb_execution_mode = "off"  # the solutions have been run
nb_merge_streams = True
# pictures come as HTML, too, which has their description
nb_mime_priority_overrides = [("html", "text/html", 0)]

default_role = "py:obj"
autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_typehints = "none"  # docstrings say shapes, too
numpydoc_show_class_members = False  # autodoc shows them
toc_object_entries_show_parents = "hide"

exclude_patterns = ["parts"]  # they are read into other pages
html_theme = "furo"
html_title = "bplab"
html_favicon = "_static/icon.svg"
html_static_path = ["_static"]
templates_path = ["_templates"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_copy_source = html_show_sourcelink = False
html_show_sphinx = html_domain_indices = False
html_theme_options = {
    "source_repository": _PROJECT["urls"]["Repository"],
    "footer_icons": [],
}
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"


def setup(app):
    """A table without headings has none that are empty."""
    app.connect(
        "html-page-context",
        lambda app, name, template, context, tree: context.update(
            body=re.sub(r'<th class="head">(<p></p>)?</th>', "<td></td>", context.get("body", ""))
        ),
    )
