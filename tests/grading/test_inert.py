"""What a student shows is harmless, and ordinary work looks as it did."""

import base64
import io
import json

import matplotlib.figure
import nbformat
import pytest
from nbconvert.filters import ansi2html
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell

from bplab.course import Course
from bplab.exercises import RECORD_TYPE
from bplab.grading.inert import NOT_SHOWN, inert, inert_html, inert_markdown, inert_svg
from bplab.grading.records import Record, cell_outputs

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n...").decode()
COURSE = Course.find()

ORDINARY = {
    "maths": "If $a<b$ and a < b:\n\n$$\\beta_k < \\sum_{i} x_i$$\n\n"
    "\\begin{aligned} x &< y \\\\ z &= \\color{red}{w} \\end{aligned}",
    "a table": "| a | b |\n|:--|--:|\n| 1 | `<b>` |",
    "code": "```python\nx = '<script>y</script>'\n```\n\n    <img src=x onerror=y>\n\n`<a b>`",
    "TeX in code": "`\\class` and `C:\\url`, $\\alpha$",
    "headings": "# One\n\nTwo\n---\n### Three",
    "links": "[numpy](https://numpy.org/doc?a=1&b=2#c) https://numpy.org <https://numpy.org>",
    "a link within the page": "# One\n\n[up](#One)",
    "mail": "<mailto:ada@example.org>",
    "lists": "1. x\n   - y\n\n- [ ] to do\n- [x] done",
    "inline HTML": "H<sub>2</sub>O<br>x<br/><b>y</b> <span style='color: red'>z</span>",
    "block HTML": "<details><summary>more</summary>\n\n*text*\n\n</details>\n\n<center>x</center>",
    "a picture": f'<img src="data:image/png;base64,{PNG}" width="200" alt="x">',
    "code in its words": '![x" onerror="y](z.png "a\\" onerror=\\"b")<img/src/onerror=c>',
    "comment left open": "text <!-- and all that comes",
    "a tag without its end": "x <a href='https://a.example' title='",
    "TeX link in entities": "$\\hr&#101;f{javascript:alert(1)}{x}$",
    "TeX link in parts": "$\\hr<wbr>ef{javascript:alert(1)}{x}$",
    "a file": "![a plot](figures/plot-1.png)",
    "entities": "&lt;b&gt; &amp; &nbsp; é “q” 'r' \\<b> AT&T",
    "quotes": "> a\n> <b>c</b>\n\n---\n\n~~s~~ term\n: meaning",
}

HOSTILE = {
    "handler": "<img src=x onerror=alert(1)>",
    "script": "a\n\n<script>alert(1)</script>",
    "svg": "<svg onload=alert(1)>",
    "link": "[x](javascript:alert(1))",
    "link with entities": "[x](java&#115;cript:alert(1))",
    "link in capitals": "[x](JaVaScRiPt:alert(1))",
    "link with a tab": "<a href='java\tscript:alert(1)'>x</a>",
    "reference": "[x][y]\n\n[y]: javascript:alert(1)",
    "autolink": "<javascript:alert(1)>",
    "data": "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "a link that nbconvert shortens": "[x](files/javascript:alert(1))",
    "the server itself": "[x](http://localhost:8888/formgrader/?path=/tmp)",
    "an address": "[x](http://127.0.0.1:8888/)",
    "a path": "[x](/formgrader/?path=/tmp)",
    "another scheme's slashes": "[x](//evil.example/)",
    "phones home": "![x](https://evil.example/a.png)",
    "phones home by a path": "![x](/formgrader/api/assignments#.png)",
    "comment closed oddly": "<!-- --!><img src=x onerror=alert(1)> -->",
    "tag left open": "<div>",
    "tags closed that it has not opened": "</div></div></div><b>out</b>",
    "behind code": "`<a` <img title='`' src=x onerror=alert(1)>",
    "behind maths": "$x<img src=x onerror=alert(1)>$ <img src=x onerror=alert(1)>",
    "processing instruction": "<?xml-stylesheet href=x?>",
    "cdata": "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "noscript": '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "mglyph": "<math><mtext><table><mglyph><style><!--</style>"
    "<img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "style": "<style>@import 'https://evil.example';</style>",
    "background": "<b style='background:url(https://evil.example)'>x</b>",
    "over all": "<div style='position:fixed;inset:0'>x</div>",
    "TeX link": "$\\href{javascript:alert(1)}{x}$",
    "TeX attributes": "$\\class{nbgrader_cell}{x} \\cssId{y}{z} \\style{position:fixed}{w}$",
    "mermaid": "```mermaid\ngraph TD\n```",
    "no attachment": "![x](attachment:nowhere.png)",
    "clobbers": "<a id=base_url href=https://evil.example></a><form id=x>",
    "gadget": '<b data-toggle="collapse" data-target="<img src=x onerror=alert(1)>">x</b>',
    "a page's class": '<div class="nbgrader_cell"><input class="score"></div>',
}


@pytest.mark.parametrize("source", ORDINARY.values(), ids=ORDINARY)
def test_ordinary_markdown_stays_to_the_letter(source):
    assert inert_markdown(source) == source


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE)
def test_hostile_markdown_becomes_text_and_stays_so(source):
    shown = inert_markdown(source)
    assert shown != source
    assert "not shown" in shown
    assert inert_markdown(shown) == shown


def test_every_text_of_the_course_stays_to_the_letter():
    found = [*COURSE.solutions.glob("*.ipynb"), *map(COURSE.release_file, COURSE.names())]
    for path in found:
        notebook = nbformat.read(path, as_version=4)
        before = [cell.source for cell in notebook.cells]
        assert [cell.source for cell in inert(notebook).cells] == before


@pytest.mark.parametrize("piece", ["<", "<!--", "\\begin{a}", "$", "[", "*a_", "`", "> ", "<a "])
def test_markdown_that_takes_long_to_render_is_text(piece):
    source = piece * (100_000 // len(piece))
    assert inert_markdown(source).count(piece) >= source.count(piece)


def test_a_heading_does_not_take_the_place_of_a_mark():
    """Formgrader finds the field for points by the exercise's id, the first of that id."""
    about = {"grade_id": "test-one", "grade": True, "locked": True, "points": 1, "solution": False}
    cells = [
        new_markdown_cell("# test-one"),
        new_markdown_cell("test-one\n---"),
        new_code_cell("", metadata={"nbgrader": about}),
    ]
    shown = inert(new_notebook(cells=cells))
    assert shown.cells[0].source.startswith("\\# test-one")
    assert shown.cells[1].source.startswith("```text\ntest-one\n---\n```")


def test_html_keeps_what_tables_need_and_loses_what_runs():
    table = (
        '<div><style scoped>td {color: red}</style><table border="1" class="dataframe"><thead>'
        '<tr style="text-align: right;"><th></th></tr></thead><tbody><tr><td>a &lt; b</td></tr>'
        "</tbody></table></div>"
    )
    assert inert_html(table) == (
        '<div><table border="1" class="dataframe"><thead><tr style="text-align: right"><th></th>'
        "</tr></thead><tbody><tr><td>a &lt; b</td></tr></tbody></table></div>"
    )
    assert inert_html("<p>an &lt;img src=x onerror=y&gt;</p>").endswith("&gt;</p>")
    note = f"<p><em>{NOT_SHOWN}</em></p>"
    assert inert_html("<b>x</b><script>y</script>") == f"<b>x</b>{note}"
    assert inert_html('<img src="https://a.example/x.png" alt="x">') == f'<img alt="x">{note}'
    link = '<a href="https://numpy.org" rel="noopener noreferrer">x</a>'
    assert (
        inert_html('<a href="https://numpy.org" target="_blank" onclick="y">x</a>') == link + note
    )


def test_a_figure_of_matplotlib_stays_a_figure():
    figure = matplotlib.figure.Figure()
    axes = figure.subplots()
    axes.plot([1, 3, 2], label="$x^2$ < y")
    axes.legend()
    file = io.StringIO()
    figure.savefig(file, format="svg")
    drawn = file.getvalue()
    shown = inert_svg(drawn)
    for piece in ("<path", "<use", "clip-path=", "xlink:href="):
        assert shown.count(piece) == drawn.count(piece) > 0
    assert shown.startswith("<svg")
    assert 'xmlns="http://www.w3.org/2000/svg"' in shown
    assert "<style" not in shown
    assert "stroke-linejoin: round" in shown


def test_an_svg_has_shapes_only():
    shown = inert_svg(
        '<svg onload="a()"><script>b()</script><a href="javascript:c()"><rect fill="url(#f)"/></a>'
        '<image href="https://evil.example/d"/><rect style="fill:url(https://evil.example/e)"/>'
        '<use href="https://evil.example/f#g"/><foreignObject><img src=x onerror="g()">'
        '</foreignObject><animate onbegin="h()"/><style>@import "https://evil.example/i"</style></svg>'
    )
    assert 'fill="url(#f)"' in shown
    for word in ("evil", "()", "script", "foreign", "animate", "style"):
        assert word not in shown
    assert inert_svg("no picture") == ""


def of(*cells, **more):
    """A notebook that nobody has validated."""
    return nbformat.from_dict({"cells": cells, "metadata": {}, "nbformat": 4, **more})


def shown(*outputs, **more):
    cell = {**new_code_cell("1"), "outputs": outputs, **more}
    return inert(of(cell)).cells[0]


def test_of_an_output_only_known_kinds_are_left_and_a_note():
    data = {"application/javascript": "x()", "application/vnd.plotly.v1+json": {}, "a/b": "c"}
    assert shown(new_output("display_data", data=data)).outputs == [
        new_output("stream", name="stdout", text=f"{NOT_SHOWN}\n")
    ]
    data = {"text/plain": "Panel()", "application/vnd.jupyter.widget-view+json": {"model_id": "<"}}
    plain, note = shown(new_output("execute_result", data=data)).outputs
    assert plain.data == {"text/plain": "Panel()"}
    assert note.text == f"{NOT_SHOWN}\n"
    data = {"text/plain": "x", "image/png": PNG, "image/jpeg": PNG, "image/gif": "<b>"}
    (left,) = shown(new_output("display_data", data=data)).outputs
    assert left.data == {"text/plain": "x", "image/png": PNG}


def test_what_belongs_to_an_output_is_numbers_only():
    data = {"image/png": PNG, "text/html": "<b>x</b>"}
    metadata = {
        "image/png": {"width": "1 onerror=x()", "height": 200, "alt": "<"},
        "text/html": {"isolated": True},
        "filenames": {"image/png": "https://evil.example"},
    }
    count = "<img src=x onerror=y()>"
    output = new_output("execute_result", data=data, metadata=metadata) | {"execution_count": count}
    cell = shown(output, execution_count=count, id='"><img src=x>')
    assert cell.outputs[0].metadata == {"image/png": {"height": 200}}
    assert cell.outputs[0].execution_count is None
    assert cell.execution_count is None
    assert cell.id == "cell-0"


@pytest.mark.parametrize("ending", ["\x1b[", "\x1b[31", "\x1b[38;5m", "\x1b[48;2;1m", "\x1b[1;2;"])
def test_colours_of_a_traceback_stay_and_nothing_breaks_the_page(ending):
    line = "\x1b[31mred\x1b[0m \x1b[2J\x1b]0;title\x07<b>"
    output = {
        "output_type": "error",
        "ename": "E",
        "evalue": "<i>",
        "traceback": [line + ending, 3],
    }
    (left,) = shown(output).outputs
    assert left.traceback[0].startswith("\x1b[31mred\x1b[0m ")
    assert "\x1b[2J" not in left.traceback[0]
    assert "&lt;b&gt;" in ansi2html(left.traceback[0])
    (many,) = shown(new_output("stream", text="\x1b[31mx" * 10_000)).outputs
    assert many.text == "x" * 10_000


def test_outputs_that_are_none_are_left_out():
    wrong = (3, {}, {"output_type": "x"}, {"output_type": "display_data", "data": [1]})
    assert shown(*wrong).outputs == []
    assert shown(outputs=None).outputs == []


def test_metadata_says_what_nbgrader_needs_and_nothing_else():
    metadata = {
        "title": "</title><script>",
        "widgets": {"application/vnd.jupyter.widget-state+json": {"state": {}}},
        "kernelspec": {"name": "python3", "display_name": "<img src=x>"},
        "language_info": {"name": "python", "pygments_lexer": ["x"]},
    }
    about = {"tags": ["a", "<b>"], "alt": "<", "x": "y" * 10**6}
    notebook = of(new_markdown_cell("x", metadata=about), metadata=metadata)
    left = inert(notebook)
    assert left.metadata == {"kernelspec": {"name": "python3"}, "language_info": {"name": "python"}}
    assert left.cells[0].metadata == {"tags": ["a"]}


def test_attachments_are_pictures_and_stay():
    cell = new_markdown_cell("![a](attachment:a.png)")
    hostile = {"image/svg+xml": "PHN2Zz4=", "text/html": "x"}
    cell.attachments = {
        "a.png": {"image/png": PNG},
        "b": hostile,
        '"><img src=x>': {"image/png": PNG},
    }
    left = inert(new_notebook(cells=[cell])).cells[0]
    assert left.attachments == {"a.png": {"image/png": PNG}}
    assert left.source == "![a](attachment:a.png)"


def test_a_raw_cell_is_text():
    cells = [new_raw_cell("a < b & c"), new_raw_cell("<img src=x onerror=y()>")]
    left = inert(new_notebook(cells=cells)).cells
    assert [cell.source for cell in left] == ["a < b & c", "&lt;img src=x onerror=y()&gt;"]


def test_the_graders_own_words_stay_and_forged_ones_do_not():
    about = {"grade_id": "test-eq4", "grade": True, "locked": True, "points": 3, "solution": False}
    record = Record("eq4", 0.0, 3.0, "no-factor-2", "Says <b>.", "Hint.", "residual")
    cell = new_code_cell("", metadata={"nbgrader": about}, outputs=cell_outputs(record))
    notebook = nbformat.reads(nbformat.writes(new_notebook(cells=[cell])), as_version=4)
    before = json.dumps(notebook.cells[0].outputs)
    assert json.dumps(inert(notebook, judged=True).cells[0].outputs) == before
    notebook.cells[0].outputs[0].data["text/html"] += "<script>x</script>"
    left = inert(notebook, judged=True).cells[0].outputs
    assert RECORD_TYPE not in left[0].data
    assert "<script>" not in left[0].data["text/html"]
    cell = new_code_cell("", metadata={"nbgrader": about}, outputs=cell_outputs(record))
    assert RECORD_TYPE not in inert(new_notebook(cells=[cell])).cells[0].outputs[0].data
