"""Markdown as HTML that is safe in a page, with formulas as MathML."""

import html
import json
import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from bplab.grading.feedback.mathml import formula
from bplab.grading.inert import inert_html, inert_markdown

__all__ = ["as_html"]

_OPEN, _CLOSE = "\ue000", "\ue001"
"""Enclose a formula's number while the text around it is cleaned; they are letters of no script."""

_PARTS = re.compile(
    rf"(?P<tag><(?:[^<>\"]|\"[^\"]*\")*>)|{_OPEN}(?P<text>[0-9]{{1,6}}){_CLOSE}", re.DOTALL
)
_IN_TAG = re.compile(rf"{_OPEN}([0-9]{{1,6}}){_CLOSE}")


class _WithFormulas(IPythonRenderer):
    """Renders as nbconvert does, but puts formulas aside, and headings one level lower."""

    def __init__(self, attachments: dict[str, dict[str, str]]):
        super().__init__(escape=False, attachments=attachments, exclude_anchor_links=True)
        self.formulas: list[tuple[str, bool]] = []

    def _aside(self, tex: str, block: bool) -> str:
        self.formulas.append((tex, block))
        return f"{_OPEN}{len(self.formulas) - 1}{_CLOSE}"

    def block_math(self, body: str) -> str:
        return self._aside(body, True)

    def inline_math(self, body: str) -> str:
        return self._aside(body, False)

    def latex_environment(self, name: str, body: str) -> str:
        return self._aside(f"\\begin{{{name}}}{body}\\end{{{name}}}", True)

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        return super().heading(text, min(6, level + 1), **attrs)


def as_html(
    source: str,
    attachments: Mapping[str, Mapping[str, str]] | None = None,
    ids: Collection[str] = (),
) -> str:
    """Return markdown as HTML in which nothing runs; formulas are MathML.

    Parameters
    ----------
    source : str
    attachments : mapping, optional
        Attachments of the cell.
    ids : collection of str
        See `bplab.grading.inert.inert_html`.
    """
    return _as_html(source, json.dumps(attachments or {}, sort_keys=True), frozenset(ids))


@lru_cache(1_000)  # a class's pages have most of their text in common
def _as_html(source: str, attached: str, ids: frozenset[str]) -> str:
    attachments = json.loads(attached)
    harmless = inert_markdown(re.sub(f"[{_OPEN}{_CLOSE}]", "", source), attachments, ids)
    renderer = _WithFormulas(attachments)
    page = inert_html(MarkdownWithMath(renderer=renderer).render(harmless), ids)

    def written(number: str) -> tuple[str, bool]:
        # an HTML entity may have become one of the two letters
        known = int(number) < len(renderer.formulas)
        return renderer.formulas[int(number)] if known else ("", False)

    def put_in(found: re.Match[str]) -> str:
        if found["text"]:
            tex, block = written(found["text"])
            return formula(tex, block=block) if tex else ""
        # in an attribute, such as a picture's alternative text, a formula stays TeX
        return _IN_TAG.sub(lambda m: html.escape(written(m[1])[0], quote=True), found["tag"])

    return _PARTS.sub(put_in, page)
