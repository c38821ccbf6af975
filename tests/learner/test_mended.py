"""A function with one place of its code written otherwise."""

import numpy as np
import pytest

from bplab.learner import Mend, mended

SAFE = 1e-9


def clips(x):
    return np.clip(x, 0, 1) + x.clip(max=2) + np.maximum(x, 0)


def squeezes(x):
    return np.squeeze(x[:, None])


def sorts(x):
    return np.sort(x)[::-1]


def rounds(x):
    return np.round(x) + x.astype(int)


def divides(x):
    return x // 2


def has_one_star(x):
    return x * 2 + 2**x


def lacks_brackets(x):
    return x * 2 - x + -(x**2)


def adds_little(x, tiny=1e-8):
    eps = 1e-7
    total = 1e-6
    total += x.sum()
    return total + eps - tiny + SAFE


def repeats(x):
    return [0] * 2 + 2 * list(x)


def takes_one(x):
    return x - x[0] + x[-1:]


def overwrites(x):
    x = x + 1
    return x


def counts(x):
    total = 0
    for i in range(1, len(x)):
        total = total + x[i - 1]
    return total


def helped(x):
    return clips(x)


def waits(x):
    n = 0
    while n < 2:
        n = min(n + 1, 2)
    return np.clip(x, 0, n)


X = np.array([-3.4, 0.5, 7.6])


def answers(function, mend):
    """What each is written as, and what it answers so; None if it cannot."""

    def answer(mended_function):
        try:
            return mended_function(X)
        except (IndexError, ValueError):
            return None

    return [(one.text, answer(one.function)) for one in mended([function], [mend])]


@pytest.mark.parametrize(
    ("function", "mend", "text", "right"),
    [
        (squeezes, Mend.SQUEEZE, "np.squeeze(x[:, None])", X[:, None]),
        (sorts, Mend.ORDER, "np.sort(x)", X[::-1]),
        (sorts, Mend.ORDER, "np.sort(x)[::-1]", np.sort(X)),
        (rounds, Mend.ROUND, "np.round(x)", X + X.astype(int)),
        (rounds, Mend.ROUND, "x.astype(int)", np.round(X) + X),
        (divides, Mend.DIVIDE, "x // 2", X / 2),
        (has_one_star, Mend.STARS, "x * 2", X**2 + 2**X),
        (has_one_star, Mend.STARS, "2**x", X * 2 + 2 * X),
        (lacks_brackets, Mend.BRACKETS, "x * 2 - x", X * (2 - X) - X**2),
        (lacks_brackets, Mend.BRACKETS, "-(x**2)", X * 2 - X + X**2),
        (takes_one, Mend.PART, "x[0]", X - X + X[-1:]),
        (takes_one, Mend.PART, "x[-1:]", X - X[0] + X),
        (overwrites, Mend.GIVEN, "x = x + 1", X),
        (counts, Mend.INDEX, "x[i - 1]", X[1] + X[2]),
    ],
)
def test_one_place_is_written_otherwise_and_all_else_is_as_it_was(function, mend, text, right):
    before = function(X)
    came = [value for shown, value in answers(function, mend) if shown == text]
    assert any(np.array_equal(value, right) for value in came)
    assert np.array_equal(function(X), before)


def test_each_clip_is_left_out_alone_and_then_all_of_them():
    came = [value for _, value in answers(clips, Mend.CLIP)]
    assert np.array_equal(came[-1], 3 * X)
    assert len({tuple(value) for value in came}) == 4


def test_a_small_number_is_found_under_each_of_its_names():
    came = answers(adds_little, Mend.SMALL)
    begun = next(value for text, value in came if text == "total = 1e-6")
    assert begun == pytest.approx(X.sum() + 1e-7 - 1e-8 + SAFE, abs=1e-14)
    assert came[-1][1] == pytest.approx(X.sum(), abs=1e-15)


def test_a_product_with_a_list_goes_entry_by_entry_but_for_a_list_of_a_starter():
    (one,) = mended([repeats], [Mend.LIST])
    assert one.function(np.array([1, 2])) == [0, 0, 2, 4]
    assert one.repeated == [("2 * list(x)", repeats.__code__.co_firstlineno + 1, False)]


def test_it_is_told_where_a_negative_number_leaves_an_empty_list():
    def empties(x):
        return -2 * list(x)

    (one,) = mended([empties], [Mend.LIST])
    one.function(np.array([1, 2]))
    assert one.repeated[0][2]


def test_functions_that_are_called_are_mended_too():
    first = next(one for one in mended([helped, clips], [Mend.CLIP]) if "np.clip" in one.text)
    assert np.array_equal(first.function(X), X + X.clip(max=2) + np.maximum(X, 0))
    assert first.lines == (clips.__code__.co_firstlineno + 1,)


def test_what_loops_until_something_holds_is_left_alone():
    assert not list(mended([waits]))


def test_what_cannot_be_read_is_left_alone():
    names = {"np": np}
    exec("def unread(x):\n    return np.clip(x, 0, 1)\n", names)
    assert not list(mended([names["unread"]]))
