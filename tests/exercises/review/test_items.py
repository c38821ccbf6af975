"""Every key is found in another way; nothing but the right choice is true."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bplab.exercises import EXERCISES
from bplab.exercises.review.session import TRIES
from bplab.widgets.review.asked import ALL_KINDS
from tests.exercises.review.verify import verify
from tests.thorough import ALL, EXAMPLES

DRAWS = 10_000 if ALL else 250
CURVES = 200 if ALL else 1
WITHOUT_TRAINING = {name: kind for name, kind in ALL_KINDS.items() if name != "curve"}


def drawn(kinds, rng, count):
    names = list(kinds)
    for _ in range(count):
        kind = kinds[names[rng.integers(len(names))]]
        id = kind.exercises[rng.integers(len(kind.exercises))]
        yield next(filter(None, (kind.make(EXERCISES[id], rng) for _ in range(TRIES))))


def test_no_key_is_wrong_and_the_right_choice_stands_anywhere():
    places, different = Counter(), set()
    for item in drawn(WITHOUT_TRAINING, np.random.default_rng(0), DRAWS):
        verify(item)
        places[len(item.choices), item.right] += 1
        different |= {item.about} | ({item.then.about} if item.then else set())
    assert len(different) > (1_000 if ALL else 150)
    for offered in (4, 6):
        counted = [places[offered, place] for place in range(offered)]
        expected = sum(counted) / offered
        # chi squared, with three to five degrees of freedom: far beyond chance
        assert sum((n - expected) ** 2 / expected for n in counted) < 25
    print(f"{DRAWS} keys, 0 wrong, {len(different)} different questions")


def test_no_key_of_a_curve_is_wrong():
    for item in drawn({"curve": ALL_KINDS["curve"]}, np.random.default_rng(1), CURVES):
        verify(item)


@given(seed=st.integers(0, 2**32), kind=st.sampled_from([*WITHOUT_TRAINING]), data=st.data())
@settings(max_examples=EXAMPLES, deadline=None)
def test_the_same_seed_asks_the_same_question(seed, kind, data):
    id = data.draw(st.sampled_from(ALL_KINDS[kind].exercises))
    one, other = (
        ALL_KINDS[kind].make(EXERCISES[id], np.random.default_rng(seed)) for _ in range(2)
    )
    assert (one is None) == (other is None)
    if one is not None:
        assert (one.question, one.choices, one.right) == (
            other.question,
            other.choices,
            other.right,
        )
        verify(one)


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_of_every_exercise_of_a_kind_there_is_a_question(kind):
    ids = ALL_KINDS[kind].exercises if kind != "curve" else ("eq4", "relu")
    for id in ids:
        rng = np.random.default_rng(2)
        item = next(filter(None, (ALL_KINDS[kind].make(EXERCISES[id], rng) for _ in range(TRIES))))
        assert item.exercise == id
        assert item.kind == kind
        assert item.about.split(":")[1] == id


def test_no_code_of_an_answer_is_handed_out():
    """The third hint of an exercise is nearly its code; those of mistakes say what is due."""
    lines = {
        line.strip()
        for exercise in EXERCISES.values()
        for line in exercise.hints[2].splitlines()
        if len(line) > 30
    }
    for item in drawn(WITHOUT_TRAINING, np.random.default_rng(3), 60):
        said = " ".join([item.question, *(c.text + c.because for c in item.choices)])
        assert not any(line in said for line in lines)
