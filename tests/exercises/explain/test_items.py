"""Every key is found in another way, and there are questions on right functions of all kinds."""

from collections import Counter

import numpy as np

from bplab.exercises.explain import ON_CODE
from bplab.exercises.explain.session import draw
from tests.exercises.explain.codes import some_codes
from tests.exercises.explain.verify import verify
from tests.thorough import ALL

DRAWS = 10_000 if ALL else 100


def drawn(codes, rng, count):
    """Questions of all kinds on all codes, and the code of each."""
    kinds = list(ON_CODE.values())
    while count:
        code = codes[rng.integers(len(codes))]
        if item := kinds[rng.integers(len(kinds))](code, rng):
            count -= 1
            yield item, code


def test_no_key_is_wrong_and_the_right_choice_stands_anywhere():
    places, kinds, different = Counter(), Counter(), set()
    codes = [code for code in some_codes().values() if code]
    for item, code in drawn(codes, np.random.default_rng(0), DRAWS):
        verify(item, code)
        places[item.right] += 1
        kinds[item.kind] += 1
        different.add((code.name, item.about))
    assert kinds.keys() == ON_CODE.keys()
    expected = DRAWS / 4
    # chi squared, with three degrees of freedom: far beyond chance
    assert sum((places[place] - expected) ** 2 / expected for place in range(4)) < 25
    print(f"{DRAWS} keys, 0 wrong, {len(different)} different questions: {dict(kinds)}")


def test_there_are_three_questions_on_nearly_every_right_function():
    """But for those that `check` cannot keep, a lambda without a name: it says so."""
    counts = {}
    for name, code in some_codes().items():
        made = draw(code, np.random.default_rng(1), 3) if code else []
        assert len({item.about for item in made}) == len(made)
        counts[name] = len(made)
    enough = sum(count >= 3 for count in counts.values())
    print(f"three questions on {enough} of {len(counts)} right functions")
    assert enough >= 0.95 * len(counts), counts


def test_three_questions_are_of_three_kinds_where_there_are_as_many():
    code = next(code for (id, _), code in some_codes().items() if id == "eq5")
    for seed in range(3):
        kinds = [item.kind for item in draw(code, np.random.default_rng(seed), 3)]
        assert kinds[0] == "code"
        assert len(set(kinds)) == 3


def test_the_same_seed_asks_the_same_questions():
    code = next(code for (id, _), code in some_codes().items() if id == "eq5")
    one, other = (
        [(item.question, item.choices) for item in draw(code, np.random.default_rng(5), 3)]
        for _ in range(2)
    )
    assert one == other
