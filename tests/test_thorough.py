"""Which rows of a test `make test` tries is told by their names: none has to be listed."""

from itertools import product
from types import SimpleNamespace

import pytest

from tests import thorough

IDS, KINDS = [f"eq{n}" for n in range(1, 13)], ["visible", "hidden"]


class Row(SimpleNamespace):
    __hash__ = object.__hash__


def rows(*marks):
    """The rows of a test that takes an exercise and a kind of cases."""
    return [
        Row(
            nodeid=f"test_some.py::test_it[{kind}-{id}]",
            parent=SimpleNamespace(nodeid="test_some.py"),
            originalname="test_it",
            callspec=SimpleNamespace(params={"id": id, "kind": kind}),
            iter_markers=lambda name: [mark for mark in marks if mark.name == name],
            get_closest_marker=lambda name: next((m for m in marks if m.name == name), None),
        )
        for id, kind in product(IDS, KINDS)
    ]


@pytest.fixture(autouse=True)
def some(monkeypatch):
    monkeypatch.setattr(thorough, "ALL", False)


def names(tried):
    return [(row.callspec.params["id"], row.callspec.params["kind"]) for row in tried]


def test_of_rows_that_differ_in_a_kind_only_one_is_tried_and_each_kind_somewhere():
    tried = names(thorough.chosen(rows(pytest.mark.one_of("kind").mark)))
    assert [id for id, _ in tried] == IDS
    assert {kind for _, kind in tried} == {*KINDS}


def test_of_so_many_rows_one_is_tried_and_at_least_one():
    assert len(thorough.chosen(rows(pytest.mark.one_in(5).mark))) == 5
    assert len(thorough.chosen(rows(pytest.mark.one_in(1_000).mark))) == 1


def test_both_can_be_said_of_a_test():
    marks = pytest.mark.one_of("kind").mark, pytest.mark.one_in(3).mark
    tried = names(thorough.chosen(rows(*marks)))
    assert len({id for id, _ in tried}) == len(tried) == 4


def test_what_is_tried_does_not_hang_on_the_order_or_on_other_rows():
    marked = rows(pytest.mark.one_in(3).mark)
    tried = names(thorough.chosen(marked))
    assert {*names(thorough.chosen(marked[::-1]))} == {*tried}
    fewer = [row for row in marked if names([row])[0] in tried]
    assert {*names(thorough.chosen(fewer))} < {*tried}


def test_the_rows_of_other_tests_are_all_tried_and_with_everything_all_are(monkeypatch):
    assert len(thorough.chosen(rows())) == 24
    assert thorough.chosen(rows(pytest.mark.thorough.mark)) == []
    monkeypatch.setattr(thorough, "ALL", True)
    assert len(thorough.chosen(rows(pytest.mark.thorough.mark, pytest.mark.one_in(5).mark))) == 24
