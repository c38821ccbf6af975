"""Pages that show a student's notebook: formgrader's and feedback.

Nothing in a graded notebook should run (see `bplab.grading.inert`), but these pages do not rely on
that. A notebook is made inert again when it is shown, since an earlier version, or stock nbgrader,
may have graded it. And a policy in the page's head tells the browser to run only what the page
itself has brought.

``course/nbgrader_config.py`` names these functions and classes, so that nbgrader uses them. Every
nbgrader command reads that file, so modules that take long to load are imported when needed.
"""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context
from nbconvert.exporters.exporter import ResourcesDict
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode

__all__ = ["Inert", "markdown2html", "policy", "template_folders"]

_MATHJAX = "https://cdnjs.cloudflare.com/ajax/libs/mathjax/"
"""The address that nbconvert uses; formulas in nbgrader's pages need it."""


class Inert(Preprocessor):
    """Make a graded notebook inert, whichever program graded it."""

    enabled = True

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict
    ) -> tuple[NotebookNode, ResourcesDict]:
        """Return the notebook, with nothing in it that runs."""
        from bplab.grading.inert import inert

        return inert(nb, judged=True), resources


@pass_context
def markdown2html(context: Context, source: str) -> str:
    """Render markdown as nbconvert does, and clean the result; links get their ``rel``, too."""
    from bplab.grading.inert import inert_html, rendered

    cell: Any = context.get("cell", {})
    return inert_html(rendered(source, cell.get("attachments", {})))


def policy(_: str = "") -> str:
    """Return the Content-Security-Policy for everything below it in a page.

    Formgrader's own scripts are loaded above it. Below, the only inline scripts that may run are
    those in the bar of nbgrader's template, known by their digests: they show a student's name.
    """
    inline = " ".join(f"'sha256-{digest}'" for digest in _own_scripts())
    return "; ".join(
        (
            "default-src 'none'",
            # MathJax 2 evaluates the settings that the page has for it
            f"script-src {_MATHJAX} 'unsafe-eval' 'unsafe-hashes' {inline}",
            "style-src 'self' 'unsafe-inline'",
            f"font-src 'self' data: {_MATHJAX}",
            "img-src 'self' data:",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


@cache
def _own_scripts() -> tuple[str, ...]:
    """Digests of the scripts in formgrader's bar, and of its buttons' handlers."""
    text = (_nbgraders() / "formgrade" / "formgrade_macros.html.j2").read_text(encoding="utf-8")
    bar = text.partition("macro nav(")[2]
    found = re.findall(r"<script[^>]*>(.*?)</script>", bar, re.DOTALL)
    found += re.findall(r'\son\w+="([^"]*)"', bar)
    return tuple(
        base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in found
    )


def _nbgraders() -> Path:
    from nbgrader.server_extensions import formgrader

    return Path(formgrader.__file__).parent / "templates"


def template_folders() -> list[str]:
    """Return the folders of page templates: ours, with the policy, then nbgrader's for the rest."""
    return [str(Path(__file__).parent / "page_templates"), str(_nbgraders())]
