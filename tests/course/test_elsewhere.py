"""Solutions where others show them: what HTML is stripped of there is also there without HTML.

The lists below are those of GitHub's for Markdown (its html-pipeline), where an address of a
picture may be neither data nor a script. Other viewers are as strict, or take pictures first.
"""

import base64
import html
import io
import re
from functools import cache

import nbformat
import nh3
import pytest
from markdown_it import MarkdownIt
from PIL import Image

from bplab.course import Course

COURSE = Course.find()
EACH = pytest.mark.parametrize("name", COURSE.names())

TAGS = {
    *(
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "br",
        "b",
        "i",
        "strong",
        "em",
        "a",
        "pre",
        "code",
        "img",
    ),
    *("tt", "div", "ins", "del", "sup", "sub", "p", "ol", "ul", "table", "thead", "tbody", "tfoot"),
    *("blockquote", "dl", "dt", "dd", "kbd", "q", "samp", "var", "hr", "ruby", "rt", "rp", "li"),
    *("tr", "td", "th", "s", "strike", "summary", "details", "caption", "figure", "figcaption"),
    *("abbr", "bdo", "cite", "dfn", "mark", "small", "span", "time", "wbr"),
}
ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt", "loading"},
    "*": {
        "align",
        "colspan",
        "dir",
        "height",
        "lang",
        "open",
        "rowspan",
        "scope",
        "title",
        "width",
    },
}
DRAWN = re.compile(r'src="data:image/([\w+]+);base64,([\w+/=]+)"')
FOLLOWING = re.compile(r"\$\$(?:\s*\n)+\$\$")


def sanitised(text):
    return nh3.clean(
        text, tags=TAGS, attributes=ATTRIBUTES, url_schemes={"http", "https"}, link_rel=None
    )


@cache
def solved(name):
    return nbformat.read(COURSE.solution_file(name), as_version=4)


def pages(name):
    """Outputs with HTML."""
    outputs = [output for cell in solved(name).cells for output in cell.get("outputs", [])]
    return [output.data for output in outputs if output.get("data", {}).get("text/html")]


@EACH
def test_a_figure_is_there_as_a_picture_too_and_told_in_words(name):
    figures = 0
    for data in pages(name):
        found = DRAWN.findall(data["text/html"])
        figures += len(found)
        for kind, drawn in found:
            there, shown = base64.b64decode(data["image/png"]), base64.b64decode(drawn)
            if kind == "png":
                assert there == shown
            else:
                size = re.search(r'width="(\d+)" height="(\d+)"', shown.decode())
                assert Image.open(io.BytesIO(there)).size == tuple(map(int, size.groups()))
            assert len(data["text/plain"]) > 40
    assert figures >= (1 if name == "beyond" else 3)


@EACH
def test_of_the_html_only_the_picture_itself_is_lost_and_its_look_in_dark_themes(name):
    for data in pages(name):
        text, left = data["text/html"], sanitised(data["text/html"])
        assert "data:" not in left
        assert set(re.findall(r"<(\w+)", text)) <= set(re.findall(r"<(\w+)", left)) | {"style"}
        assert "filter:" not in left
        said = [re.findall(r'alt="([^"]{40,})"', html.unescape(part)) for part in (text, left)]
        assert said[0] == said[1]


@EACH
def test_a_notebook_is_no_larger_than_it_can_be_looked_at(name):
    """Viewers give up on large files; with each picture twice there are 350 kB."""
    assert COURSE.solution_file(name).stat().st_size <= 350_000


@EACH
def test_what_is_folded_stays_so_and_all_its_words_are_set(name):
    to_html = MarkdownIt("commonmark").enable("table").render
    folded = 0
    for cell in solved(name).cells:
        if cell.cell_type == "markdown" and "<details" in cell.source:
            text, left = to_html(cell.source), sanitised(to_html(cell.source))
            for end in ("<details", "</details>", "<summary>", "</summary>"):
                assert text.count(end) == left.count(end) == cell.source.count("<details")
            for inside in re.findall(r"</summary>(.*?)</details>", left, re.DOTALL):
                assert inside.strip()
                assert not re.search(r"`|\*\*", inside)
                folded += 1
    assert folded


@EACH
def test_two_formulas_have_a_word_between_them(name):
    """Of two that follow each other GitHub shows one (nbviewer's issue 662)."""
    for cell in solved(name).cells:
        if cell.cell_type == "markdown":
            assert not FOLLOWING.search(cell.source), cell.id
            for formula in re.findall(r"\$\$(.+?)\$\$", cell.source, re.DOTALL):
                # MathJax allows one number for a formula, and none within an array of lines
                assert formula.count(r"\tag") <= 1
                assert not re.search(r"\\tag.*\\end\{", formula, re.DOTALL)
