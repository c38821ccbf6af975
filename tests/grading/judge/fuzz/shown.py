"""What a cell shows, changed; and whether what is left of it is harmless and can be written."""

import base64
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import nbformat
from hypothesis import strategies as st
from nbformat import NotebookNode

from bplab.grading.inert import inert
from tests.grading.judge.fuzz.mutations import mutated

PICTURE = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(9)).decode()

HTML = (
    *("<b>x</b>", "<table><tr><td>1</td></tr></table>", "<script>alert(1)</script>"),
    *("<img src=x onerror=alert(1)>", "<a href='javascript:alert(1)'>x</a>", "<base href=/>"),
    *("<b>\ud800", "<div>" * 300, "<form action=/><input>", "<svg onload=alert(1)>"),
)
BUNDLES = (
    *({"text/plain": text} for text in ("1", "\x1b[31mx", ["a\n", "b"], "x" * 6_000)),
    *({"text/html": text} for text in HTML),
    *({"text/markdown": text, "text/latex": text} for text in HTML[2:7:2]),
    {"text/plain": "<Figure>", "image/png": PICTURE},
    {"image/svg+xml": "<svg onload=alert(1)><path d='M0 0'/></svg>"},
    {"application/json": {"a": [1]}, "image/jpeg": PICTURE},
)


def outputs() -> Iterator[dict[str, Any]]:
    """Outputs as a notebook has them."""
    for i, text in enumerate(HTML):
        name = ("stdout", "stderr")[i % 2]
        yield {"output_type": "stream", "name": name, "text": text}
        yield {"output_type": "error", "ename": "E", "evalue": text, "traceback": [text, "x"]}
    for data in BUNDLES:
        yield {"output_type": "display_data", "data": data, "metadata": {}}
        shown = {"output_type": "execute_result", "data": data, "metadata": {}}
        yield {**shown, "execution_count": 3}


OUTPUTS = st.sampled_from(list(outputs()))


@st.composite
def written(draw) -> tuple[Any]:
    """Outputs that stand in a notebook, whoever wrote it."""
    return (draw(mutated(draw(st.lists(OUTPUTS, min_size=1, max_size=3)))),)


def show(shown: Any) -> None:
    """A cell that shows them is inert."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell()])
    notebook.cells[0].outputs = nbformat.from_dict(shown)
    inert(notebook)
    check_inert(notebook)


class _Runs(HTMLParser):
    def handle_starttag(self, tag, attrs):
        assert tag not in ("script", "iframe", "base", "form", "object", "embed", "meta"), tag
        for name, value in attrs:
            assert not name.startswith("on"), f"<{tag} {name}>"
            assert "javascript:" not in (value or "").lower(), f"<{tag} {name}={value!r}>"


def check_inert(notebook: NotebookNode) -> None:
    """Whether a notebook can be written, is one, and holds no page that runs anything."""
    text = nbformat.writes(notebook)
    text.encode()
    read = nbformat.reads(text, as_version=4)
    nbformat.validate(read)
    for output in (output for cell in read.cells for output in cell.get("outputs", [])):
        for mime in ("text/html", "image/svg+xml"):
            _Runs().feed(output.get("data", {}).get(mime, ""))
