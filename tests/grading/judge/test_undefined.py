"""Why there is no function: what is said of the cell that should have made it."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from bplab.grading.judge.undefined import why_undefined


def cell(source, *error):
    ended = [new_output("error", ename=error[0], evalue=error[1], traceback=[])] if error else []
    return new_code_cell(source, outputs=ended, execution_count=1)


NONE = "ModuleNotFoundError", "No module named 'work'"


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("from work import f", "its cell ended in ModuleNotFoundError: No module named 'work'"),
        ("from work import (a, f)", "its cell ended in ModuleNotFoundError"),
        ("from work import a as f, b", "its cell ended in ModuleNotFoundError"),
        ("import work\nf = work.f", "its cell ended in ModuleNotFoundError"),
        ("import work\ndef f(x): pass", "its cell ended in ModuleNotFoundError"),
        (
            "from work import *",
            'no cell defines it, and the one with "from work import *" ended in '
            "ModuleNotFoundError: No module named 'work'",
        ),
        ("from work import g", ""),
        ("import work\nprint(f == 2)", ""),
        ("import work\nff = 2", ""),
    ],
)
def test_where_a_function_would_come_from_is_found(source, why):
    cells = [new_markdown_cell("f = 2"), cell("import numpy"), cell(source, *NONE)]
    came, hint = why_undefined("f", cells, {})
    assert came.startswith(why)
    assert bool(came) == bool(why)
    assert ("handed in beside the notebook" in hint) == bool(why)


def test_a_file_that_is_not_there_has_to_be_handed_in():
    missing = "FileNotFoundError", "[Errno 2] No such file or directory: 'data.csv'"
    why, hint = why_undefined("f", [cell("X = open('data.csv')\ndef f(): pass", *missing)], {})
    assert why == f"its cell ended in FileNotFoundError: {missing[1]}"
    assert hint.startswith("Hand in the file beside the notebook")
