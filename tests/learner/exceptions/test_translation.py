"""A cause is said only where it is certain, wherever a function comes from."""

import linecache
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from bplab.learner import Cause, call
from tests.learner.exceptions.tools import (
    given,
    in_a_cell,
    in_a_file,
    of_a_string,
    raised,
    written,
)

UNEXPLAINED = [
    ('raise ValueError("mine")', ""),
    ('return "R is %d" % Y', "Y is (5, 4)"),
    ("return np.linalg.inv(np.zeros((3, 3)))", "np.zeros((3, 3)) is (3, 3)"),
    ("return np.vectorize(sigma)(None)", ""),
    ("raise TypeError", ""),
    ("return sum([X, Y])", "[X, Y] is a list of 2 arrays: (5, 3), (5, 4)"),
]


@pytest.mark.parametrize(("body", "there"), UNEXPLAINED)
def test_what_nothing_shows_has_no_cause(body, there):
    told = raised(in_a_cell(written(body), "f"))
    assert told.cause is None
    assert told.there == there


def test_a_cell_and_a_file_are_told_alike(tmp_path):
    source = written("d = -2 * (Y - F)\nreturn d @ Z")
    cell = raised(in_a_cell(source, "f"))
    file = raised(in_a_file(source, "f", tmp_path))
    assert cell == file
    assert cell.where == "line 5: return d @ Z"
    assert cell.there.startswith("d is (5, 4) and Z is (5, 11)")


def test_without_a_source_only_what_the_error_itself_shows_is_said():
    assert raised(of_a_string(written("return Y^2"), "f")).cause is Cause.POWER
    assert raised(of_a_string(written("return detla"), "f")).cause is Cause.NAME
    assert raised(of_a_string(written("xi += 0.5"), "f")).cause is Cause.CASTING
    told = raised(of_a_string(written("return delta @ Z"), "f"))
    inner = "the inner sizes of a matrix product must agree, 4 and 5 here"
    assert (told.cause, told.there) == (Cause.MATMUL, inner)
    told = raised(of_a_string(written("return delta + Z"), "f"))
    assert (told.cause, told.there) == (None, "")
    assert told.where == "line 4"
    assert "broadcast" in told.says


def test_a_file_that_has_changed_since_it_was_read_explains_nothing(tmp_path):
    function = in_a_file(written("return delta + Z"), "f", tmp_path)
    (tmp_path / "own.py").write_text("import math\nimport numpy as np\n" + written("return Z ^ Y"))
    linecache.checkcache()
    told = raised(function)
    assert (told.cause, told.there) == (None, "")


def test_the_last_frame_of_the_learners_own_counts():
    source = "def product(a, b):\n    return a @ b\n\ndef f(Y, Z):\n    return product(Y, Z)\n"
    told = raised(in_a_cell(source, "f"), {"Y": np.ones((5, 4)), "Z": np.ones((5, 11))})
    assert told.where == "line 4: return a @ b"
    assert told.there.startswith("a is (5, 4) and b is (5, 11)")


def test_nothing_of_the_learners_is_run_to_find_out():
    source = """
calls = []
def noisy(x):
    calls.append(1)
    return x
class Odd:
    @property
    def T(self):
        calls.append(2)
        return 1
    def __repr__(self):
        calls.append(3)
        return "odd"
    __getitem__ = __len__ = __add__ = lambda self, *a: calls.append(4)
def f(**given):
    odd = Odd()
    return noisy(given["Y"]) @ (odd.T * given["Z"])
f.calls = calls
"""
    function = in_a_cell(source, "f")
    raised(function)
    assert function.calls == [1, 2]  # what the function itself has done


def test_an_object_that_does_not_let_itself_be_looked_at_spoils_nothing():
    source = """
class Closed(Exception):
    @property
    def name(self):
        raise KeyError
    obj = __class__ = name
def f(**given):
    raise Closed("mine")
"""
    told = raised(in_a_cell(source, "f"))
    assert (told.cause, told.says) == (None, "mine")


def test_a_call_with_other_arguments_is_a_signature_and_one_inside_is_not():
    def two(Y, F):
        return Y

    assert call(two, given(), (False,)).raised.cause is Cause.SIGNATURE
    inside = raised(in_a_cell(written("h = lambda a: a\nreturn h(1, 2)"), "f"))
    assert inside.cause is Cause.COUNT


def test_the_words_of_a_cause_hold_no_number_and_end_well():
    for cause in Cause:
        assert not any(letter.isdigit() for letter in cause.says)
        assert len(cause.says) < 100
        assert not cause.says.endswith(".")
        assert cause.cure.endswith((".", "?"))
        assert "'" not in cause.value


def test_who_makes_no_mistake_does_not_load_the_translation():
    code = (
        "import sys, bplab\nfrom bplab.network import grad_beta\nbplab.check('eq4', grad_beta)\n"
        "assert not any(name.startswith('bplab.learner.exceptions') for name in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_errors_are_alike_by_kind_and_message_wherever_they_came_up():
    told = raised(in_a_cell(written("return Z(0)"), "f"))
    elsewhere = replace(told, where="", says="", digest=told.letters())
    assert told.like(elsewhere)
    assert not told.like(replace(told, says="another"))
