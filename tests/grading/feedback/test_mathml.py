"""Formulas: every one of the course becomes MathML, and none brings anything else along."""

import html
import re
import xml.etree.ElementTree as ET

import pytest
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from bplab.course import Course, instructor_notebook
from bplab.grading.feedback import mathml
from bplab.grading.feedback.markdown import as_html
from bplab.grading.feedback.mathml import Unfit, converted, formula

NOTEBOOKS = sorted(Course.find().notebooks.glob("*.py"))

WORDS = re.compile(
    r"\\(?:tag\{\d+\}|(?:begin|end)\{\w+\}|text\{([^}]*)\}|[a-zA-Z]+|[,;! ])|[{}_^&\\\s]"
)


class Heard(IPythonRenderer):
    """Notes the formulas of a text, as nbconvert finds them."""

    def __init__(self):
        super().__init__(escape=False)
        self.formulas = []

    def block_math(self, body):
        self.formulas.append((body, True))
        return ""

    def inline_math(self, body):
        self.formulas.append((body, False))
        return ""

    def latex_environment(self, name, body):
        return self.block_math(rf"\begin{{{name}}}{body}\end{{{name}}}")


def formulas_of(path):
    heard = Heard()
    for cell in instructor_notebook(path).cells:
        if cell.cell_type == "markdown":
            MarkdownWithMath(renderer=heard).render(cell.source)
    return heard.formulas


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_formula_of_the_course_becomes_mathml_with_all_its_letters(path):
    found = formulas_of(path)
    assert len(found) >= 10
    for tex, block in found:
        shown = formula(tex, block=block)
        assert "<math" in shown, tex
        assert "\\" not in shown, tex
        letters = ET.fromstring(shown)
        plain = WORDS.sub(lambda m: m[1] or "", tex)
        for letter in set(re.findall(r"[a-zA-Z0-9]+", plain)):
            text = "".join(letters.itertext())
            assert all(one in text for one in letter), (tex, letter)


def test_a_formula_is_what_it_says():
    shown = ET.fromstring(formula(r"\frac{\partial R_i}{\partial \beta_{km}} \tag{4}", block=True))
    [fraction] = shown.iter("mfrac")
    over, under = ("".join(part.itertext()) for part in fraction)
    assert (over, under) == ("∂Ri", "∂βkm")
    assert shown.find("math").get("display") == "block"
    assert shown.find("span").text == "(4)"
    assert formula("x < y", block=False) == ("<math><mi>x</mi><mo>&lt;</mo><mi>y</mi></math>")


@pytest.mark.parametrize(
    "tex",
    [
        r"\nosuch{x}",
        "x^",
        r"\frac{1}",
        r"\href{javascript:alert(1)}{x}",
        r"\eqref{a}",
        r"\newcommand{\x}{yy}\x\x",
        "{" * 300 + "x" + "}" * 300 + "^",
        r"\sqrt{" * 200 + "x" + "}" * 200,
        "x" * 3_000,
    ],
)
def test_what_is_no_formula_is_shown_as_it_is_written(tex):
    assert formula(tex, block=False) == f'<code class="tex">{html.escape(tex)}</code>'
    with pytest.raises(Unfit):
        converted(tex, block=False)


@pytest.mark.parametrize(
    "made",
    [
        "<math><mtext><script>x</script></mtext></math>",
        '<math><a href="#a">x</a></math>',
        "<math><annotation-xml encoding='text/html'><b>x</b></annotation-xml></math>",
        "<math><mi>x</math>",
    ],
)
def test_what_a_converter_might_let_through_is_not_shown(monkeypatch, made):
    class Careless:
        def convert_with_local_state(self, tex, displaystyle):
            return made

    monkeypatch.setattr(mathml, "_converter", Careless)
    converted.cache_clear()
    assert formula("x", block=False) == '<code class="tex">x</code>'
    converted.cache_clear()


def test_attributes_that_do_something_are_left_out(monkeypatch):
    class Careless:
        def convert_with_local_state(self, tex, displaystyle):
            return (
                '<math onclick="x" href="#x"><mi style="position:fixed">y</mi>'
                '<mspace width="9999em"/><mtd style="text-align: right;"/></math>'
            )

    monkeypatch.setattr(mathml, "_converter", Careless)
    converted.cache_clear()
    assert formula("x", block=False) == (
        '<math><mi>y</mi><mspace></mspace><mtd style="text-align: right;"></mtd></math>'
    )
    converted.cache_clear()


def test_formulas_in_a_text_stand_where_they_were():
    shown = as_html("a $x$, `$y$`, \\$5\n\n$$z \\tag{3}$$\n\n# $w$")
    assert "<p>a <math><mi>x</mi></math>, <code>$y$</code>, $5</p>" in shown
    assert '<math display="block"><mi>z</mi></math><span class="number">(3)</span>' in shown
    assert "<h2><math><mi>w</mi></math></h2>" in shown


def test_a_formula_in_an_attribute_stays_text():
    shown = as_html('![a $x^"2"$ onerror=y](a.png)')
    assert 'alt="a x^&quot;2&quot; onerror=y"' in shown
    assert "<math" not in shown


def test_the_letters_that_mark_formulas_are_nothing_of_a_students():
    for text in ("\ue0000\ue001 $x$", "&#xe000;7&#xe001; $x$", "&#xe000;999999&#xe001;"):
        assert as_html(text).count("<math>") == text.count("$") // 2
