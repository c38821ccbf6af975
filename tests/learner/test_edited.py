"""A learner's functions run with edits: in bounds, and without a trace in the notebook."""

import time
import tracemalloc
from itertools import chain

import numpy as np
import pytest

from bplab.learner import Edited, EditKind, Editor, Form, Kind, is_readable, own_functions, traced
from bplab.learner.edited import Changed, TooMuch

KEPT = np.array([1.0, 2.0])
SEEN = []
X = np.arange(6.0).reshape(2, 3)


def waits(x):
    n = 0
    while n < 4:
        n += 1
        if n > 10:
            n -= 1
    return x * n


def grows(x):
    rows, total = [], 1
    for row in x:
        total = total * 2
        rows += [row]
        rows.append(row)
    return np.array(rows) * total


def fills(x):
    n = 10
    made = np.zeros((n, n)) + np.eye(n) + np.ones((n, n))
    return np.outer(x, x).sum() + made[0, 0] + np.arange(n * n).sum()


def helper(x):
    return x + KEPT.sum()


def keeps(x):
    global_rows = SEEN
    global_rows.append(len(x))
    out = KEPT
    out += 1
    print("noise")
    return helper(x) * out[0]


def opens(x):
    open("left-behind", "w").close()
    return x


def draws(x):
    import matplotlib.pyplot as plt

    plt.plot(x)
    return x


def every(function, *helpers):
    editor = Editor.of([function, *helpers])
    outcomes = []
    for one in chain(editor.edits([X]), editor.missing()):
        try:
            outcomes.append((one, one.call([X])))
        except Exception as error:
            outcomes.append((one, error))
    return outcomes


@pytest.mark.parametrize("function", [waits, grows, fills])
def test_each_edit_comes_to_an_end_in_little_memory(function):
    tracemalloc.start()
    try:
        outcomes = every(function)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(outcomes) > 50
    assert peak < 100e6


def test_without_edits_it_answers_as_before():
    for function in (waits, grows, fills):
        assert np.array_equal(Edited(Editor.of([function])).call([X]), function(X))


def test_nothing_of_the_notebook_is_touched(capsys):
    before = KEPT.copy(), X.copy()
    outcomes = every(keeps, helper)
    assert len(outcomes) > 50
    assert np.array_equal(KEPT, before[0])
    assert np.array_equal(X, before[1])
    assert SEEN == []
    assert keeps(X).shape == X.shape
    SEEN.clear()
    KEPT[:] = before[0]


def test_edits_of_a_helper_are_seen_in_what_calls_it():
    def changed(one):
        return one.function == "helper" and one.place[3].strip() == "return x + KEPT.sum()"

    values = [value for one, value in every(helper_is_called, helper) if changed(one)]
    assert any(np.array_equal(value, 2 * (X - 3)) for value in values if is_readable(value))


def helper_is_called(x):
    return 2 * helper(x)


@pytest.mark.parametrize("function", [opens, draws, time.sleep, np.sum])
def test_what_does_more_than_compute_or_cannot_be_read_is_left_alone(function):
    assert Editor.of([function]) is None


def spoils(x):
    y = x
    y *= 2
    return y


def test_an_array_that_is_changed_where_it_was_handed_over_is_no_answer():
    kept = X.copy()
    with pytest.raises(Changed):
        Edited(Editor.of([spoils])).call([X])
    assert np.array_equal(X, kept)
    values = [value for one, value in every(spoils) if one.edit == EditKind.COPY]
    assert [v.tolist() for v in values if is_readable(v)] == [(2 * X).tolist()]


def leaves_open(x):
    y = np.empty(x.shape)
    z = np.empty_like(x)
    return y, z, np.empty(2, dtype=int)


def test_what_is_not_filled_is_not_right_by_chance():
    y, z, whole = Edited(Editor.of([leaves_open])).call([X])
    assert np.isnan([y, z]).all()
    assert whole.shape == (2,)


def test_a_value_is_that_of_the_case():
    editor = Editor.of([spoils])
    puts = {write.first: put for _, write, put in editor.writes()}
    (one,) = [put("due", 0) for first, put in puts.items() if first == max(puts)]
    assert one.has_values
    for due in (3.0, 4.0):
        editor.value = {"due": due}.__getitem__
        with pytest.raises(Changed):
            one.call([X])
    fresh = [put("due", 0) for first, put in puts.items() if first == min(puts)]
    assert [each.call([np.zeros(1)]) for each in fresh] == [8.0]


def test_a_list_that_holds_itself_is_not_read():
    rows = [1.0]
    rows.append(rows)
    assert not is_readable(rows)
    assert not is_readable(np.c_)
    assert is_readable([X, (1, 2.0)])


def test_places_are_columns_of_the_line_as_it_stands():
    for one in Editor.of([helper]).edits([X]):
        line, begin, end, text = one.place
        assert text == "    return x + KEPT.sum()"
        assert text[begin:end].strip()
        assert text[begin:end] in {"return x + KEPT.sum()"} | {
            text[a:b] for a in range(len(text)) for b in range(a, len(text) + 1)
        }
        assert line == helper.__code__.co_firstlineno + 1


def test_what_is_built_is_bounded_and_as_the_call_was():
    for one in Editor.of([waits]).edits([X]):
        try:
            value = one.call([X])
        except Exception:
            continue
        if isinstance(value, np.ndarray):
            assert np.array_equal(one.build()(X), value, equal_nan=True)


def test_with_edits_its_values_are_kept_too():
    products = []
    for one in Editor.of([waits]).edits([X]):
        try:
            value = one.call([X])
        except Exception:
            continue
        functions = one.functions()
        trace = traced(next(iter(functions)), {"x": X}, [Form(2)], texts=functions)
        (returned,) = (s for s in trace.steps if s.place.kind is Kind.RETURNED)
        assert np.array_equal(returned.value, value, equal_nan=True)
        assert returned.place.line == waits.__code__.co_firstlineno + 6
        products.append(returned.value)
    assert any(np.array_equal(value, X + 4) for value in products)
    assert any(np.array_equal(value, X * 5) for value in products)


def doubles(n):
    return doubles(n + n)


def test_what_a_function_gives_itself_again_and_again_is_held_in_bounds():
    editor = Editor.of(own_functions(doubles))
    with pytest.raises(TooMuch):
        Edited(editor).call([1])
