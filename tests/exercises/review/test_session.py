"""Which exercises a session asks about, and in which order."""

from datetime import datetime
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bplab import progress
from bplab.exercises import EXERCISES
from bplab.exercises.review.session import KINDS, SECTIONS, begin_review, interleaved
from bplab.exercises.review.spacing import UNASKED, results
from tests.exercises.review.folder import passed

ASKED = {"section": None, "before": None, "items": 6, "now": False, "seed": 0, "kinds": KINDS}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("BPLAB_PROGRESS", str(tmp_path / "progress"))
    return tmp_path / "progress"


def session(**other):
    return begin_review(**{**ASKED, **other})


@given(st.sets(st.sampled_from(list(EXERCISES)), min_size=1), st.integers(1, 12))
def test_no_two_in_a_row_are_of_one_section_if_there_is_another(ids, count):
    order = interleaved(sorted(ids), count)
    assert len(order) == count
    of = [EXERCISES[id].notebook for id in order]
    if len({EXERCISES[id].notebook for id in ids}) > 1:
        assert all(one != other for one, other in pairwise(of))
    assert set(order) <= ids


@given(st.permutations(list(EXERCISES)))
def test_all_have_their_turn_before_one_comes_again_where_sections_are_alike_in_size(ids):
    some = [id for id in ids if EXERCISES[id].notebook in ("section_2_1", "section_2_2")]
    assert sorted(interleaved(some, len(some))) == sorted(some)


def test_what_waits_longest_comes_first(folder):
    passed(folder, {"eq4": 2, "eq12": 30, "relu": 9})
    assert session().exercises[:3] == ("eq12", "relu", "eq4")


def test_nothing_is_asked_the_day_it_has_passed_unless_one_wants_it(folder):
    passed(folder, {"eq4": 0})
    assert session().exercises == ()
    assert session(now=True, items=2).exercises == ("eq4", "eq4")


def test_with_nothing_passed_section_0_is_shown_and_nothing_noted(folder):
    shown = session(items=2)
    assert [EXERCISES[id].notebook for id in shown.exercises] == [SECTIONS[0]] * 2
    for item in shown.items():
        shown.note(item, True)
    assert not folder.exists()


def test_a_section_is_kept_to_and_before_one_means_the_earlier_ones(folder):
    passed(folder, {"eq4": 3, "eq5": 3, "eq8": 3, "hidden": 3})
    of = lambda found: {EXERCISES[id].notebook for id in found.exercises}  # noqa: E731
    assert of(session(section="section_2_1")) == {"section_2_1"}
    assert of(session(before="section_2_2")) == {"section_1", "section_2_1"}
    assert session(section="section_3", now=True).exercises == ()
    assert session(before="section_0", now=True).exercises == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"section": "2.1"},
        {"before": "x"},
        *({"items": items} for items in (0, 1.5, True, 10**9)),
        *({"seed": seed} for seed in ("x", -1, 1.5, True)),
    ],
)
def test_an_argument_that_is_none_is_refused(wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))} must be"):
        session(**wrong)


def test_whole_numbers_of_numpy_are_whole_numbers(folder):
    assert len(session(items=np.int64(2), seed=np.uint8(3)).exercises) == 2
    passed(folder, {"eq4": 5})
    assert len(session(items=np.int8(2), seed=2**70).exercises) == 2


def test_answers_are_noted_by_exercise_and_move_it_on(folder):
    passed(folder, {"eq4": 5, "hidden": 5})
    asked = session(items=2)
    assert len(progress().to_review) == 2
    items = asked.items()
    first, second = next(items), next(items)
    asked.note(first, True)
    asked.note(second, False)
    assert [r.right for r in results(folder, first.exercise)] == [True]
    assert [(r.right, r.kind) for r in results(folder, second.exercise)] == [(False, second.kind)]
    assert datetime.fromisoformat(results(folder, first.exercise)[0].when).tzinfo is not None
    assert progress().to_review == []


def test_progress_says_how_many_are_to_be_reviewed_and_forgets_them_when_told(folder):
    passed(folder, {"eq4": 5, "hidden": 5, **dict.fromkeys(UNASKED, 9)})
    assert "2 to review today: review()" in repr(progress())
    assert "2 to review today: review()" in progress()._repr_html_()
    asked = session(items=1)
    asked.note(next(asked.items()), True)
    assert "1 to review today" in repr(progress())
    assert "to review" not in repr(progress(reset=True))
    assert not list(folder.rglob("*.json"))


def test_kinds_take_turns(folder):
    passed(folder, {"eq4": 5})
    kinds = [item.kind for item in session(items=5).items()]
    assert len(set(kinds)) == len(kinds)


@given(st.integers(0, 1000))
def test_every_exercise_has_questions(seed):
    rng = np.random.default_rng(seed)
    id = str(rng.choice([id for id in EXERCISES if id not in UNASKED]))
    possible = [kind for kind in KINDS.values() if id in kind.exercises]
    assert any(kind.make(EXERCISES[id], rng) for kind in possible for _ in range(50))
