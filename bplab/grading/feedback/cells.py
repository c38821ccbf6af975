"""A graded notebook's cells as HTML. The notebook has to be inert (`bplab.grading.inert`)."""

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape
from nbconvert.filters import strip_ansi
from nbformat import NotebookNode
from pygments.lexers import PythonLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, String

from bplab.grading.feedback.markdown import as_html
from bplab.grading.feedback.mathml import formula
from bplab.grading.inert import inert_html

__all__ = ["Pictures", "code", "outputs", "text"]

LONGEST_OUTPUT, PICTURES = 6_000, 50_000
"""The most characters of an output, and of all pictures, that a page shows. Pages are mailed and
printed, and the student's own notebook has the rest."""

_CLASSES = (
    (Comment, "c"),
    (String, "s"),
    (Number, "m"),
    (Keyword, "k"),
    (Operator.Word, "k"),
    (Name.Function, "f"),
    (Name.Class, "f"),
    (Name.Decorator, "f"),
)


class Pictures:
    """Keeps count of the room that is left for pictures in a page."""

    def __init__(self) -> None:
        self._left = PICTURES

    def shown(self, picture: str) -> bool:
        """Whether there is room for a picture; if there is, it is taken."""
        fits = len(picture) <= self._left
        self._left -= len(picture) if fits else 0
        return fits


@lru_cache(1_000)
def code(source: str) -> Markup:
    """Return Python code as HTML, with classes for its colours."""
    pieces = []
    for kind, piece in PythonLexer(stripnl=False).get_tokens(source):
        name = next((name for of, name in _CLASSES if kind in of), "")
        shown = escape(piece)
        pieces.append(f'<span class="{name}">{shown}</span>' if name else str(shown))
    return Markup("<pre><code>{}</code></pre>").format(Markup("".join(pieces).rstrip("\n")))


def text(cell: NotebookNode, ids: frozenset[str]) -> Markup:
    """Return a markdown cell, or a raw one, as HTML."""
    if cell.cell_type == "markdown":
        return Markup(as_html(cell.source, cell.get("attachments"), ids))
    return Markup("<pre>{}</pre>").format(cell.source)


def outputs(cell: NotebookNode, ids: frozenset[str], pictures: Pictures) -> Markup:
    """Return a code cell's outputs as HTML."""
    return Markup("").join(Markup(one) for one in _outputs(cell, ids, pictures))


def _outputs(cell: NotebookNode, ids: frozenset[str], pictures: Pictures) -> Iterator[str]:
    for output in cell.outputs:
        if output.output_type == "stream":
            yield _plain(output.text, "error" if output.name == "stderr" else "")
        elif output.output_type == "error":
            yield _plain("\n".join(output.traceback) or f"{output.ename}: {output.evalue}", "error")
        else:
            yield _shown(output.data, output.get("metadata", {}), ids, pictures)


def _plain(shown: str, kind: str = "") -> str:
    plain = strip_ansi(shown).rstrip("\n")
    more = len(plain) - LONGEST_OUTPUT
    if more > 0:
        plain = f"{plain[:LONGEST_OUTPUT]}\n… ({more:,} more characters are in the notebook)"
    name = f' class="{kind}"' if kind else ""
    return f"<pre{name}>{escape(plain)}</pre>" if plain else ""


def _shown(
    data: Mapping[str, Any], about: Mapping[str, Any], ids: frozenset[str], pictures: Pictures
) -> str:
    """Return an output in the richest form that a page without scripts can show."""
    if page := data.get("text/html"):
        if len(page) > LONGEST_OUTPUT and "text/plain" in data:
            return _plain(data["text/plain"])
        return f'<div class="paper" tabindex="0">{inert_html(page, ids)}</div>'
    if source := data.get("text/markdown"):
        return as_html(source, None, ids)
    for mime in ("image/svg+xml", "image/png", "image/jpeg", "image/gif"):
        if mime in data:
            return _picture(mime, data, about.get(mime, {}), pictures)
    if tex := data.get("text/latex"):
        block = bool(re.match(r"\s*(\$\$|\\\[|\\begin)", tex))
        inner = re.sub(r"^\s*(\$\$?|\\\[|\\\()|(\$\$?|\\\]|\\\))\s*$", "", tex)
        shown = formula(inner.replace("\\displaystyle", ""), block=block)
        return f"<p>{shown}</p>"
    return _plain(data.get("text/plain", ""))


def _picture(
    mime: str, data: Mapping[str, Any], size: Mapping[str, Any], pictures: Pictures
) -> str:
    if mime == "image/svg+xml":
        encoded = b64encode(data[mime].encode()).decode()
    else:
        encoded = re.sub(r"\s", "", data[mime])
    if not pictures.shown(encoded):
        kilobytes = len(encoded) * 3 // 4_000
        return (
            f"<p><em>(a picture of {kilobytes} kB, not shown here: it is in the notebook)</em></p>"
        )
    wide = "".join(f' {name}="{int(size[name])}"' for name in ("width", "height") if name in size)
    alt = escape(strip_ansi(str(data.get("text/plain", "")))[:200] or "a picture without words")
    return f'<img class="paper" alt="{alt}"{wide} src="data:{mime};base64,{encoded}">'
