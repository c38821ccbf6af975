"""Small edits of a function's code, made in its tree and taken back."""

import ast
import inspect
import textwrap

import pytest

from bplab.learner.edits import EditKind, Known, edits, writes

KNOWN = Known(
    {"A": "matrix", "Z": "matrix", "b": "vector", "n": "int", "i": "int", "rows": "row"},
    frozenset({"g"}),
    rows=frozenset({"rows"}),
    activation_rows=frozenset({"s"}),
    unknown=frozenset({"F"}),
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
        (EditKind.TRANSPOSE, "return np.c_[b, A @ Z]", "return np.c_[b, A.T @ Z]"),
        (EditKind.PART, "return np.r_[b, A @ Z]", "return np.r_[b, A @ Z[:, 1:]]"),
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
        (EditKind.ORDER, "return A.dot(Z)", "return Z.dot(A)"),
        (EditKind.PRODUCT, "return A.dot(Z)", "return A * Z"),
        (EditKind.TRANSPOSE, "return A.reshape(n, b)", "return A.T"),
        (EditKind.TRANSPOSE, "return np.reshape(A, b)", "return A.T"),
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
        (EditKind.NAME, "return 1 - b * A", "return Z - b * A"),
        (EditKind.NAME, "return F", "return A"),
        (EditKind.OPERATOR, "return A - Z * 2", "return A - Z ** 2"),
        (EditKind.OPERATOR, "return Z ** 2", "return Z * 2"),
        (EditKind.SIGN, "return A - Z", "return Z - A"),
        (EditKind.TERM, "return b * (A)", "return b * (A - 1)"),
        (EditKind.TERM, "return np.exp(A)", "return np.exp(A - A.max(axis=-1, keepdims=True))"),
        (EditKind.TERM, "return math.exp(A[i, n])", "return math.exp(A[i, n] - A[i].max())"),
        (EditKind.TERM, "return g(A)", "return g(A - Z)"),
        (EditKind.TERM, "return b[i]", "return b[i] * s[i].derivative(rows[i])"),
        (EditKind.CALL, "return max(0, b.max())", "return b.max()"),
        (EditKind.CALL, "return A[np.sort(b)]", "return A[b]"),
        (EditKind.CALL, "return np.exp(-A)", "return np.exp(-abs(A))"),
        (EditKind.SLOPE, "return A @ Z * b * (1 - b)", "return A @ Z * g.derivative(b)"),
        (EditKind.COPY, "A = Z; return A", "A = __bplab_copy(Z); return A"),
        (EditKind.COPY, "A, b = Z, b.copy()", "A, b = Z, __bplab_copy(b.copy())"),
        (EditKind.COPY, "rows = [A] * n", "rows = __bplab_copy([A] * n)"),
    ],
)
def test_one_place_becomes_what_may_be_meant(kind, wrong, right):
    head = "def f(A, Z, b, n, rows, g):\n  for i in n:\n    "
    assert edited(head + wrong)[ast.unparse(ast.parse(head + right))] == (kind, 3)


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
        (EditKind.STATEMENT, 6, "        last = A[i]\n", "        pass\n"),
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


def test_what_a_name_begins_with_goes_into_any_loop_behind_it_that_has_the_name():
    text = """
    def f(A):
        total = 0
        rows = []
        for i in A:
            for n in i:
                n += 1
            for n in i:
                total += n
    """
    found = edited(text)
    inner = text.replace("        total = 0\n", "").replace(
        "            for n in i:\n                total",
        "            for n in i:\n                @total",
    )
    wanted = [
        inner.replace("@", "total = 0\n                "),
        inner.replace("@", "").replace("in A:\n", "in A:\n            total = 0\n"),
    ]
    for one in wanted:
        assert found[ast.unparse(ast.parse(textwrap.dedent(one)))] == (EditKind.PLACE, 3)
    without = inner.replace("@", "").replace("n += 1", "total = 0\n                n += 1")
    assert ast.unparse(ast.parse(textwrap.dedent(without))) not in found


def test_of_two_loops_with_one_letter_the_inner_one_gets_its_own():
    one = """
    def f(A, Z):
        for i in range(3):
            for i in range(2):
                A[i, i] += Z[i, i]
    """
    inner = one[: one.index("in range(2)") - 2] + "__bplab_index " + one[one.index("in range(2)") :]
    wanted = inner.replace("[i, i]", "[i, __bplab_index]")
    other = inner.replace("A[i, i]", "A[__bplab_index, i]").replace("[i, i]", "[i, __bplab_index]")
    found = edited(one)
    for text in (wanted, other):
        assert found[ast.unparse(ast.parse(textwrap.dedent(text)))] == (EditKind.INDEX, 4)


def test_lines_change_places_around_what_is_put_in_by_us():
    found = edited("def f(A):\n    A += b\n    __bplab_fits(A)\n    b = A * A")
    assert "def f(A):\n    b = A * A\n    __bplab_fits(A)\n    A += b" in found


def test_what_leaves_a_variable_unread_costs_more():
    tree = ast.parse("def f(A, Z):\n    b = A @ Z\n    return b * A")
    costs = {}
    for edit in edits(tree.body[0], KNOWN):
        assert edit.make()
        costs.setdefault(ast.unparse(tree).rpartition("\n")[2], edit.cost)
        edit.take_back()
    assert costs["    return Z * A"] > costs["    return b * Z"]


WRITES = """
def f(A, Z):
    b = np.zeros(3)
    delta = A - Z
    delta *= 2
    for i in range(3):
        s = delta[i]
        b[i] = s
    rows = []
    if A.any():
        c = b + 1
    return b, rows
"""


def test_writes_are_where_names_get_their_values():
    function = ast.parse(WRITES.lstrip()).body[0]
    found = {
        (one.name, one.first, one.last, one.node.lineno, one.is_only_made)
        for one in writes(function)
    }
    assert found == {
        ("b", 2, 2, 10, False),  # where it is read first
        ("delta", 3, 3, 3, False),
        ("delta", 4, 4, 4, False),
        ("s", 5, 7, 6, False),
        ("b", 5, 7, 7, False),
        ("rows", 8, 8, 11, True),
        ("c", 10, 10, 10, False),
    }


def test_a_value_is_put_behind_the_statement_and_taken_back():
    tree = ast.parse(WRITES.lstrip())
    before = ast.unparse(tree)
    write = next(one for one in writes(tree.body[0]) if one.first == 5 and one.name == "b")
    edit = write.edit("delta", 6)
    assert edit.make()
    lines = ast.unparse(tree).splitlines()
    assert lines[7:9] == ["    b = __bplab_value('delta')", "    rows = []"]
    edit.take_back()
    assert ast.unparse(tree) == before
    assert (edit.kind, edit.line, write.edit("delta").line) == (EditKind.VALUE, 6, 7)


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
