"""Sentences on outputs are true of them, or a table says why no test is due."""

import importlib
from functools import cache

import nbformat
import pytest

from bplab.course import Course
from tests.course.sentences.reading import Outputs, flagged, one_line, prose

COURSE = Course.find()
TABLES = {
    name: importlib.import_module(f"tests.course.sentences.{name}") for name in COURSE.names()
}
NOTEBOOKS = {name: nbformat.read(COURSE.solution_file(name), as_version=4).cells for name in TABLES}
SHOWN = [(name, sentence) for name, table in TABLES.items() for sentence in table.SHOWN]


@cache
def outputs(name):
    return Outputs(NOTEBOOKS[name])


@pytest.mark.parametrize(("name", "sentence"), SHOWN)
def test_what_a_sentence_states_is_what_the_solved_notebook_shows(name, sentence):
    assert TABLES[name].SHOWN[sentence](outputs(name))


@pytest.mark.parametrize("name", TABLES)
def test_every_sentence_of_the_tables_is_in_the_notebook(name):
    text, table = prose(NOTEBOOKS[name]), TABLES[name]
    assert [s for s in (*table.SHOWN, *table.UNTESTED) if one_line(s) not in text] == []


@pytest.mark.parametrize("name", TABLES)
def test_a_paragraph_that_may_state_something_is_in_a_table(name):
    table = TABLES[name]
    known = [one_line(sentence) for sentence in (*table.SHOWN, *table.UNTESTED)]
    new = [text for text in flagged(NOTEBOOKS[name]) if not any(k in text for k in known)]
    assert new == [], f"name it in SHOWN or UNTESTED of tests/course/sentences/{name}.py"


def under(*texts, outputs=True):
    """A cell of code, and cells of prose under it."""
    code = nbformat.v4.new_code_cell("run()")
    if outputs:
        code.outputs = [nbformat.v4.new_output("stream", text="R = 3\n")]
    return [code, *map(nbformat.v4.new_markdown_cell, texts)]


@pytest.mark.parametrize(
    "text",
    ["It is 4.9 in the end.", "Softmax is faster.", "- a\n- Nothing moves: it stands still.", "½."],
)
def test_numbers_and_comparisons_after_an_output_are_noticed(text):
    assert list(flagged(under(text)))


@pytest.mark.parametrize(
    "cells",
    [
        under("What do you see?"),
        under("It is 4.9.", outputs=False),
        under("## Next\n\nIt is 4.9."),
        under("As in (4) and section 2.1, `x[3]` is $3$."),
        under("See below.", "It is 4.9."),
    ],
)
def test_other_paragraphs_are_not(cells):
    assert not list(flagged(cells))


def test_an_answer_is_noticed_wherever_it_stands():
    answer = "## A\n\n<details><summary>Answer</summary>\n\nNear 3e-7.\n</details>\n\nAnd 3."
    assert list(flagged(under(answer, outputs=False))) == ["Near 3e-7."]


def test_what_stands_under_a_cell_is_found_by_its_code():
    outputs = Outputs(under())
    assert outputs.under("run()") == "R = 3\n"
    assert outputs.numbers("run()", r"R = (\d)") == [3]
    with pytest.raises(AssertionError, match="0 cells hold 'walk"):
        outputs.under("walk()")
    with pytest.raises(AssertionError, match="no 'T"):
        outputs.numbers("run()", "T = ")
