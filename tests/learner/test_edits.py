"""Small edits of a function's code, made in its tree and taken back."""

import ast
import inspect
import textwrap

import pytest

from bplab.learner.edits import EditKind, Known, edits

KNOWN = Known(
    {"A": "matrix", "Z": "matrix", "b": "vector", "n": "int", "i": "int", "rows": "row"},
    frozenset({"g"}),
)


def edited(text):
    """Each text that comes of one edit, with its kind and line."""
    tree = ast.parse(textwrap.dedent(text))
    before = ast.dump(tree)
    found = {}
    for edit in edits(tree.body[0], KNOWN):
        if edit.make():
            found.setdefault(ast.unparse(tree), (edit.kind, edit.line))
            edit.take_back()
        assert ast.dump(tree) == before
    return found


@pytest.mark.parametrize(
    ("kind", "wrong", "right"),
    [
        (EditKind.NAME, "return g(A)", "return g(Z)"),
        (EditKind.TRANSPOSE, "return A.T @ Z", "return A @ Z"),
        (EditKind.TRANSPOSE, "return A @ Z", "return A @ Z.T"),
        (EditKind.PART, "return A @ Z", "return A @ Z[:, 1:]"),
        (EditKind.PART, "return A[:, 1:]", "return A"),
        (EditKind.PART, "return A[:, 1:]", "return A[:, :-1]"),
        (EditKind.SIGN, "return A + Z", "return A - Z"),
        (EditKind.SIGN, "return g(-A)", "return g(A)"),
        (EditKind.SIGN, "return g(A)", "return -g(A)"),
        (EditKind.FACTOR, "return 3 * A", "return 2 * A"),
        (EditKind.FACTOR, "return A", "return 2 * A"),
        (EditKind.AXIS, "return A.sum(axis=0)", "return A.sum(axis=1)"),
        (EditKind.AXIS, "return A.sum(axis=0, keepdims=True)", "return A.sum(axis=0)"),
        (EditKind.AXIS, "return A.sum(axis=0)", "return A.sum(axis=0, keepdims=True)"),
        (EditKind.AXIS, "return A.sum()", "return A.sum(axis=0)"),
        (EditKind.MEAN, "return A.mean(axis=0)", "return A.sum(axis=0)"),
        (EditKind.PRODUCT, "return A * Z", "return A @ Z"),
        (EditKind.ORDER, "return A @ Z", "return Z @ A"),
        (EditKind.ORDER, "return A, Z", "return Z, A"),
        (EditKind.ORDER, "return np.hstack([A, Z])", "return np.hstack([Z, A])"),
        (EditKind.INDEX, "return A[i]", "return A[i + 1]"),
        (EditKind.INDEX, "return A[n - i]", "return A[n]"),
        (EditKind.SLOPE, "return g(A)", "return g.derivative(A)"),
        (EditKind.SLOPE, "return g.derivative(A)", "return g(A)"),
        (EditKind.SLOPE, "return b * (A * (1 - A))", "return b * g.derivative(A)"),
        (EditKind.TERM, "return A @ Z", "return A * g.derivative(Z) @ Z"),
        (EditKind.CALL, "return np.abs(A)", "return A"),
        (EditKind.TERM, "return A + Z", "return A"),
        (EditKind.TERM, "return A", "return A * g.derivative(Z)"),
        (EditKind.COMPARES, "return A > 0", "return A >= 0"),
        (EditKind.DTYPE, "return np.zeros(n, dtype=int)", "return np.zeros(n)"),
        (EditKind.DTYPE, "return np.zeros_like(A)", "return np.zeros_like(A, dtype=float)"),
        (
            EditKind.LETTERS,
            "return np.einsum('ik,im->km', A, Z)",
            "return np.einsum('ik,im->mk', A, Z)",
        ),
        (EditKind.LETTERS, "return np.einsum('ik,im->k', A)", "return np.einsum('ik,im->km', A)"),
    ],
)
def test_one_place_becomes_what_may_be_meant(kind, wrong, right):
    found = edited(f"def f(A, Z, b, n, i, rows, g):\n    {wrong}")
    assert found[ast.unparse(ast.parse(f"def f(A, Z, b, n, i, rows, g):\n    {right}"))] == (
        kind,
        2,
    )


LOOP = """
def f(A):
    total = 0
    for i in range(len(A)):
        total += A[i]
        last = A[i]
    return total
"""


@pytest.mark.parametrize(
    ("kind", "line", "old", "new"),
    [
        (EditKind.ADDS, 5, "        total += A[i]\n", "        total = A[i]\n"),
        (EditKind.SIGN, 5, "        total += A[i]\n", "        total -= A[i]\n"),
        (EditKind.STATEMENT, 6, "        last = A[i]\n", ""),
        (EditKind.PLACE, 6, "        last = A[i]\n", "    last = A[i]\n"),
        (EditKind.RANGE, 4, "range(len(A))", "range(1, len(A))"),
    ],
)
def test_lines_move_and_loops_begin_elsewhere(kind, line, old, new):
    assert old in LOOP
    found = edited(LOOP.lstrip())
    assert found[ast.unparse(ast.parse(LOOP.replace(old, new)))] == (kind, line - 1)


def test_a_line_before_a_loop_goes_into_it():
    wanted = """
    def f(A):
        for i in range(len(A)):
            total = 0
            total += A[i]
            last = A[i]
        return total
    """
    assert ast.unparse(ast.parse(textwrap.dedent(wanted))) in edited(LOOP.lstrip())


def test_one_text_is_changed_in_all_its_places_too():
    found = edited("def f(A, Z):\n    b = A @ A\n    return b")
    assert "def f(A, Z):\n    b = Z @ Z\n    return b" in found


def test_what_is_there_before_the_body_stays():
    text = "@wrapped(2)\ndef f(A=3, *, n: int=4) -> int:\n    return A"
    heads = {one.rpartition("\n")[0] for one in edited(text)}
    assert heads == {text.rpartition("\n")[0]}


def test_two_edits_are_made_together_unless_one_takes_the_place_of_the_other():
    tree = ast.parse("def f(A, Z):\n    return A + Z")
    found = list(edits(tree.body[0], KNOWN))
    texts = set()
    for first in found:
        for second in found:
            assert first.make()
            if second.make():
                texts.add(ast.unparse(tree.body[0].body[0]))
                second.take_back()
            first.take_back()
    assert ast.unparse(tree) == "def f(A, Z):\n    return A + Z"
    assert {"return A.T - Z", "return A.T + Z.T"} <= texts


def test_every_kind_has_words_of_its_own():
    assert len({str(kind) for kind in EditKind}) == len(EditKind)
    assert inspect.getdoc(EditKind)
