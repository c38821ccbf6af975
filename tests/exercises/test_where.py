"""Where a function goes wrong, on request: what is right, the line, its numbers; or that it is not
known."""

import re
import sys
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

import bplab
from bplab.exercises import (
    TASKS,
    CheckFailed,
    NoFailingCase,
    check,
    failing_case,
    first_wrong,
    hint,
    where,
)
from bplab.exercises.first_wrong.differences import differences
from bplab.exercises.task import visible_cases
from bplab.layers import Forward, backward, hidden_deltas
from bplab.network import grad_alpha
from tests.exercises.first_wrong.test_proof import line_of
from tests.exercises.first_wrong.test_words import stretched


@pytest.fixture(autouse=True)
def looks(monkeypatch):
    monkeypatch.setattr(first_wrong, "LOOKS", True)
    monkeypatch.setattr(sys.modules["bplab.exercises.check"], "_last", {})


def tried(id, function):
    with pytest.raises(CheckFailed) as failed:
        check(id, function)
    return failed.value


def bias_column_in_loops(X, Y, A, Z, T, F, beta, sigma, g):
    out = np.zeros((Z.shape[1], X.shape[1] + 1))
    for i in range(len(X)):
        for m in range(Z.shape[1]):
            back = 0.0
            for k in range(Y.shape[1]):
                d = -2 * (Y[i, k] - F[i, k]) * g.derivative(T[i, k])
                back += d * beta[k, m]  # wrong
            s = back * sigma.derivative(A[i, m])
            out[m, 0] += s
            out[m, 1:] += s * X[i]
    return out


@pytest.fixture(scope="module")
def kept():
    """What `check` keeps of the loops: the line in them is looked for once for all tests."""
    return {}


@pytest.fixture
def in_loops(kept, monkeypatch):
    if not kept:
        tried("eq5", bias_column_in_loops)
        kept["eq5"] = sys.modules["bplab.exercises.check"].last_check(TASKS["eq5"])
    monkeypatch.setitem(sys.modules["bplab.exercises.check"]._last, "eq5", kept["eq5"])


@pytest.fixture
def for_a_moment(monkeypatch):
    """Edits are tried for a moment only: none is right, however many are tried."""
    monkeypatch.setattr(sys.modules["bplab.exercises.first_wrong.proof"], "SECONDS", 0.1)


def beyond_repair(X, Y, A, Z, T, F, beta, sigma, g):
    delta = -2 * (Y - F) * g.derivative(T)
    return np.cos(delta.T @ Z).sum() + np.zeros((Z.shape[1], X.shape[1] + 1))


def test_it_says_each_step_that_is_right_and_the_line():
    tried("eq5", stretched)
    shown = repr(where("eq5")).split("\n")
    line = line_of(stretched, "# wrong")
    assert shown[1:4] == [
        f"Right so far: delta in line {line - 2} is the output delta.",
        f"Right so far: s in line {line - 1} is the hidden delta.",
        f"With one small change in line {line} every answer is right:",
    ]
    assert shown[5].strip() == "^" * len("X * 2 * X")


def test_its_numbers_are_those_of_the_learner_beside_what_is_due():
    tried("eq5", stretched)
    table = where("eq5").numbers
    X = failing_case("eq5").X
    assert table.name == "ones"
    assert table.due.startswith("∂A/∂α")
    mine = np.column_stack([np.ones(len(X)), X * 2 * X]).ravel()
    due = np.column_stack([np.ones(len(X)), X]).ravel()
    assert [one.mine for one in table.entries] == pytest.approx(list(mine))
    assert [one.due for one in table.entries] == pytest.approx(list(due), abs=1e-7)
    assert [one.differs for one in table.entries] == list(abs(mine - due) > 1e-6)


def test_in_loops_it_says_in_which_round_and_shows_what_is_due_at_its_end(in_loops):
    found = where("eq5")
    assert found.finding.name == "bias-column-used"
    assert "First wrong at i = 0, m = 0, k = 0." in repr(found)
    case = failing_case("eq5")
    delta = -2 * (case.Y - case.F) * case.g.derivative(case.T)
    (one,) = found.numbers.entries
    assert found.numbers.due == "∂R/∂Z[0, 0], by finite differences"
    assert found.numbers.when == (("i", 0), ("m", 0))
    assert one.due == pytest.approx(float(delta[0] @ case.beta[:, 1]), rel=1e-6)
    assert one.mine == pytest.approx(float(delta[0] @ case.beta[:, 0]), rel=1e-6)


def test_where_nothing_is_proven_that_is_said_with_what_is_right(for_a_moment):
    failed = tried("eq5", beyond_repair)
    found = where("eq5")
    assert failed.first_wrong is None
    line = line_of(beyond_repair, "g.derivative(T)")
    assert f"Right so far: delta in line {line} is the output delta." in repr(found)
    assert "No line could be proven to be wrong" in repr(found)
    assert found.numbers.name == "grad_alpha"
    by = bplab.exercises.EXERCISES["eq5"].judge
    assert found.numbers.due == by


def with_a_closure():
    rate = 2.5

    def grad_alpha(X, Y, A, Z, T, F, beta, sigma, g):
        delta = -rate * (Y - F) * g.derivative(T)
        return np.c_[delta.sum(0) @ beta[:, 1:], np.cos(Z.T @ X)]

    return grad_alpha


def test_where_no_change_can_be_tried_that_is_said_and_not_that_none_does():
    tried("eq5", with_a_closure())
    shown = repr(where("eq5"))
    assert "No line was looked for." in shown
    assert "No line could be proven" not in shown


def in_the_wrong_order(X, Y, A, Z, T, F, beta, sigma, g):
    s = delta @ beta[:, 1:] * sigma.derivative(A)  # noqa: F821
    delta = -2 * (Y - F) * g.derivative(T)  # noqa: F841
    return s.T @ np.c_[np.ones(len(X)), X]


def cut_off(X, Y, A, Z, T, F, beta, sigma, g):
    s = (-2 * (Y - F) * g.derivative(T)) @ beta[:, 1:] * sigma.derivative(A)
    return np.maximum(s, 0).T @ np.c_[np.ones(len(X)), X]


def test_no_numbers_are_promised_where_there_are_none_and_no_line_denied_that_has_been_named():
    failed = tried("eq5", in_the_wrong_order)
    assert failed.first_wrong.proven
    assert where("eq5").numbers is None
    assert "Its numbers" not in failed.english
    assert "cuts off" in tried("eq5", cut_off).english
    found = where("eq5")
    assert replace(found, first_wrong=None)._lines == [f"What check found: {found.finding.says}"]


def test_a_shape_that_is_not_due_is_told_instead_of_numbers():
    tried("eq5", lambda *given: grad_alpha(*given)[:, :2].T.copy())
    table = where("eq5").numbers
    assert table.entries == ()
    assert re.search(r"has the shape \(2, \d\), and \(\d, \d\) is due", repr(where("eq5")))


def test_the_line_is_looked_for_once(monkeypatch):
    failed = tried("eq5", stretched)
    line = failed.first_wrong.line
    monkeypatch.setattr(first_wrong, "first_wrong", None)
    assert where("eq5").first_wrong.line == line


def test_who_stops_it_gets_what_is_there(monkeypatch):
    def stopped(*given):
        raise KeyboardInterrupt

    tried("eq5", stretched)
    monkeypatch.setattr(first_wrong, "first_wrong", stopped)
    assert "No line could be proven" in repr(where("eq5"))


def test_without_a_failed_check_there_is_nothing_to_look_at():
    with pytest.raises(NoFailingCase, match="no check of eq5"):
        where("eq5")
    check("eq5", grad_alpha)
    with pytest.raises(NoFailingCase, match="has passed"):
        where("eq5")
    with pytest.raises(ValueError, match='Did you mean "eq5"'):
        where("eq_5")


def test_a_starter_has_no_line():
    def starter(*given):
        bplab.todo()

    tried("eq5", starter)
    assert "is not written yet" in repr(where("eq5"))
    assert "No line" not in repr(where("eq5"))


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.open = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_its_page_has_the_table_behind_a_button_and_nothing_of_the_code_as_markup():
    def with_markup(X, Y, A, Z, T, F, beta, sigma, g):
        delta = -2 * (Y - F) * g.derivative(T)
        s = (delta @ beta[:, 1:]) * sigma.derivative(A)
        ones = np.column_stack([np.ones(len(X)), X * 2 * X])  # <b>wrong</b>
        return s.T @ ones

    tried("eq5", with_markup)
    page = Page(where("eq5")._repr_html_())
    assert page.open == []
    tags = [tag for tag, _ in page.tags]
    assert "b" not in tags
    assert tags.index("details") < tags.index("summary") < tags.index("table")
    (pre,) = (attrs for tag, attrs in page.tags if tag == "pre")
    assert pre["tabindex"] == "0"
    assert pre["aria-label"] == "Your line"
    assert {attrs["scope"] for tag, attrs in page.tags if tag == "th"} == {"col", "row"}


def test_it_is_told_in_german(in_loops):
    bplab.language("de")
    try:
        shown, page = repr(where("eq5")), where("eq5")._repr_html_()
    finally:
        bplab.language("en")
    assert "wo etwas nicht stimmt" in shown
    assert "Zuerst falsch bei i = 0, m = 0, k = 0." in shown
    assert "von dir: back bei i = 0, m = 0" in shown
    assert "was zurückgeschickt wird: ∂R/∂Z[0, 0], aus endlichen Differenzen" in shown
    assert "Zeig mir die Zahlen" in page
    assert not re.search(r"\b(the|your|differs|entry)\b", shown.partition("\n")[2])


def test_the_third_hint_says_what_kind_of_change_and_where_but_not_which(in_loops):
    line = line_of(bias_column_in_loops, "# wrong")
    assert f"In your own code, look at an index in line {line}." in repr(hint("eq5", 3))
    assert f"an index in line {line}" in hint("eq5", 3)._repr_html_()
    assert "m + 1" not in repr(hint("eq5", 3))
    for step in (1, 2):
        assert "In your own code" not in repr(hint("eq5", step))


def test_the_third_hint_is_as_it_was_where_nothing_is_proven(for_a_moment):
    plain = repr(hint("eq5", 3))
    tried("eq5", beyond_repair)
    assert repr(hint("eq5", 3)) == plain


@pytest.mark.parametrize("id", ["eq5", "eq9", "eq18"])
def test_what_is_due_is_what_the_formulas_say(id):
    case = visible_cases(TASKS[id])[0]
    of = getattr(case, "network", case)
    many = hasattr(of, "alphas")
    alphas, sigmas = (of.alphas, of.sigmas) if many else ((of.alpha,), (of.sigma,))
    A, Z = (of.A, of.Z) if many else ((of.A,), (of.Z,))
    found = {}
    for one in differences(of):
        found.setdefault(one.sign, one.array)
    s = hidden_deltas(of.delta, (*alphas[1:], of.beta), A, sigmas)
    stored = Forward(A, Z, of.T, of.F)
    by_alphas, by_beta = backward(of.X, stored, of.delta, alphas, of.beta, sigmas)
    due = {"∂R/∂F": -2 * (of.Y - of.F), "∂R/∂T": of.delta, "∂R/∂β": by_beta}
    for d in range(len(alphas)):
        layer = f"^({d + 1})" if many else ""
        due[f"∂R/∂A{layer}"] = s[d]
        due[f"∂R/∂α{layer}"] = by_alphas[d]
        due[f"∂Z{layer}/∂A{layer}"] = sigmas[d].derivative(A[d])
        inputs = of.X if d == 0 else Z[d - 1]
        due[f"∂A{layer}/∂α{layer}"] = np.column_stack([np.ones(len(inputs)), inputs])
    for sign, array in due.items():
        np.testing.assert_allclose(found[sign], array, rtol=1e-5, atol=1e-7, err_msg=sign)
