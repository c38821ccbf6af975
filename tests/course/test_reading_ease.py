"""The reading ease that `make check` prints is Flesch's, of prose alone."""

import re

import pytest

from bplab.course import Course
from tests.course.reading_ease import main, reading_ease


def test_it_is_flesch_s_formula():
    text = "The cat sat on the mat. Nobody saw it."  # 9 words, 2 sentences; No-bo-dy: 10 or 11
    ease = reading_ease([text])
    assert any(ease == pytest.approx(206.835 - 1.015 * 9 / 2 - 84.6 * n / 9) for n in (10, 11))


def test_long_words_and_long_sentences_are_harder():
    easy = "We take a small step. The loss falls. We do it once more."
    hard = (
        "Differentiating the elementwise composition of nonlinear activations necessitates "
        "considerable familiarity with multidimensional calculus and its numerical approximation."
    )
    assert reading_ease([easy]) > 90
    assert reading_ease([hard]) < 10
    joined = easy.replace(". ", " and ").lower()
    assert reading_ease([joined]) < reading_ease([easy])


@pytest.mark.parametrize(
    "beside",
    [
        "`incomprehensible_multidimensional`",
        "$\\alpha_{incomprehensible}^{multidimensional}$",
        "$$\n\\frac{incomprehensible}{multidimensional}\n$$",
        "\n\n| incomprehensible | multidimensional |\n|---|---|\n| incomprehensible | 1 |\n\n",
        "\n\n## Incomprehensible multidimensional\n\n",
        "<details><summary>",
    ],
)
def test_code_formulas_tables_and_headings_do_not_count(beside):
    text = "We take a small step. {}The loss falls."
    assert reading_ease([text.format(f"{beside} ")]) == reading_ease([text.format("")])


def test_each_notebook_is_told_with_its_number_of_words(capsys):
    main()
    said = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in said] == Course.find().names()
    assert all(re.search(r"reading ease +\d+, +[\d,]+ words of prose", line) for line in said)
