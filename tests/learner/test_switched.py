"""One code with all edits in it gives with each what comes of compiling that one alone."""

import ast
from importlib import import_module

import numpy as np
import pytest

from bplab.learner import Edited, EditKind, Editor, edited
from bplab.learner.edits import Change, Edit, edits

X = np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]])


def in_loops(x):
    total = np.zeros((2, 2))
    for i in range(len(x)):
        n = 0
        while n < 2:
            if x[i, n] > 0:
                total[i, n] += x[i, n + 1] * 2 - x[i, 0]
            else:
                total[i, n] = sum(x[i, k] for k in range(n))
            n += 1
    return total.T


def by_a_helper(x):
    try:
        rows = [squares(row[1:] - row[0]) for row in x]
    finally:
        scale = 1 - x.mean(axis=0)
    return np.array(rows) @ scale[1:], squares(x) / 2


def with_stars(x):
    first, *rest = x.T
    return np.stack([*rest[::-1], first]) if rest else -first


def squares(row):
    match row.ndim:
        case 1:
            other = row * row
        case _:
            other = row**2
    return -other


@pytest.mark.parametrize(
    "functions",
    [[in_loops], [by_a_helper, squares], [with_stars]],
    ids=["loops", "helper", "stars"],
)
def test_an_edit_gives_the_same_compiled_with_all_others_and_alone(functions):
    editor = Editor.of(functions)
    every = [*editor.edits([X]), *editor.missing()]
    switched = [one for one in every if one.is_switched]
    assert len(switched) > 0.8 * len(every)
    for one in every:
        alone = compiled_alone(editor, one)
        assert outcome(one) == outcome(alone)
    assert outcome(Edited(editor)) == described(functions[0](X))


def test_two_edits_are_made_at_once_without_compiling():
    editor = Editor.of([by_a_helper, squares])
    every = [one for one in editor.edits([X]) if one.is_switched]
    for first, second in zip(every, every[len(every) // 2 :], strict=False):
        both = first.and_(second)
        if both.is_switched:
            assert outcome(both) == outcome(compiled_alone(editor, both))


def test_a_value_is_put_in_behind_its_statement():
    editor = Editor.of([in_loops])
    editor.value = lambda which: np.full((2, 2), {"zero": 0.0, "one": 1.0}[which])
    list(editor.edits([X]))
    came = {}
    for _, write, with_value in editor.writes():
        for which in ("zero", "one"):
            one = with_value(which)
            assert one.is_switched
            came[write.name, write.first, which] = one.call([X])
    loop = max(line for name, line, _ in came if name == "total")
    np.testing.assert_array_equal(came["total", loop, "one"], np.ones((2, 2)))
    assert Edited(editor).call([X]).tolist() == in_loops(X).tolist()


def test_an_edit_that_can_be_no_code_keeps_no_other_from_being_switched(monkeypatch):
    def with_one_more(function, known):
        (ends,) = (node for node in ast.walk(function) if isinstance(node, ast.Return))
        star = ast.copy_location(ast.Starred(ends.value, ast.Load()), ends.value)
        change = Change(ends, "value", None, ends.value, star)
        yield Edit(EditKind.NAME, ends.value, 1, (change,))
        yield from edits(function, known)

    monkeypatch.setattr(edited, "edits", with_one_more)
    none, *every = Editor.of([in_loops]).edits([X])
    assert outcome(none) == "TooMuch"
    assert sum(one.is_switched for one in every) > 0.8 * len(every)


def compiled_alone(editor, one):
    other = Edited(editor, one.made)
    other.__dict__["_settings"] = {}
    return other


def outcome(one):
    try:
        with np.errstate(all="ignore"):
            came = one.call([X])
    except NameError:  # where a name is given no value it is still one of the function's
        return "NameError"
    except Exception as error:
        return type(error).__name__
    return described(came)


def described(came):
    return tuple(map(repr, came if isinstance(came, tuple) else [came]))


def test_of_a_very_long_line_not_all_edits_are_in_one_code(monkeypatch):
    monkeypatch.setattr(import_module("bplab.learner.switched"), "MOST", 400)
    editor = Editor.of([in_loops])
    every = list(editor.edits([X]))
    some = [one for one in every if one.is_switched]
    assert 0 < len(some) < len(every) / 2
    for one in every[::20]:
        assert outcome(one) == outcome(compiled_alone(editor, one))
