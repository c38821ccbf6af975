"""Places of an honest message, changed."""

import contextlib
import copy
import json
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

from hypothesis import strategies as st

DEEP, LONG = "<deep>", "<long>"
"""Stand for lists in each other, and for a number of 5,000 digits, until it is JSON."""

ODD = (
    *(None, True, False, 0, 1, -1, 2, 255, 2**31, 2**62, 2**63, 2**64, -(2**63), 10**400),
    *(0.0, 1.0, -0.5, 1e308, float("nan"), float("inf"), "", "1", "x", "\ud800", "x" * 300),
    *([], {}, [[]], [1, "a"], ["a"], [None], {"a": 1}, {"": []}, DEEP, LONG),
    *("<b>", "$a$", "0x1p9999", "class", "a\x00b", "\u202e"),
)


@st.composite
def mutated(draw, honest: Any, most: int = 3) -> Any:
    """Something honest with one of its places changed, or a few."""
    root = [copy.deepcopy(honest)]
    for _ in range(draw(st.sampled_from([1, 1, 1, *range(2, most + 1)]))):
        mutate(draw, root)
    return root[0] if root else None


@st.composite
def variants(draw, honest: Any) -> list[Any]:
    """Something honest, with everything in turn that may stand at one of its places."""
    root = [copy.deepcopy(honest)]
    if draw(st.integers(0, 3)) == 0:
        mutate(draw, root)
    places = list(_places(root))
    at = draw(st.integers(0, max(0, len(places) - 1)))
    found = []
    for other in [*_near(places[at][2]), *ODD] if places else []:
        changed = copy.deepcopy(root)
        parent, key, _ = list(_places(changed))[at]
        parent[key] = copy.deepcopy(other)
        found.append(changed[0])
    return found


def mutate(draw, root: list) -> None:
    """Change one place of what is in this list."""
    parent, key, old = _place(draw, root)
    match draw(st.sampled_from([*["other"] * 8, "drop", "double", "rename", "swap"])):
        case "drop" if parent is not root:
            del parent[key]
        case "double" if isinstance(parent, list) and parent is not root:
            parent.insert(key, copy.deepcopy(old))
        case "rename" if isinstance(parent, dict):
            parent[draw(st.sampled_from([*parent, "x", "\ud800", "", "a" * 300]))] = parent.pop(key)
        case "swap":
            parent[key] = copy.deepcopy(_place(draw, root)[2])
        case _:
            others = ODD if draw(st.booleans()) else _near(old)
            parent[key] = copy.deepcopy(draw(st.sampled_from(others)))


def _place(draw, root: list) -> tuple[Any, Any, Any]:
    """Any place; or, as often, one that is found from the top, where small parts count as much."""
    if draw(st.booleans()):
        return draw(st.sampled_from(list(_places(root))))
    parent, key, stays = root, 0, 9
    while isinstance(inner := parent[key], (list, dict)) and inner and draw(st.integers(0, stays)):
        parent, stays = inner, 3
        key = draw(st.sampled_from(list(inner) if isinstance(inner, dict) else range(len(inner))))
    return parent, key, parent[key]


def _places(parent: Any) -> Iterator[tuple[Any, Any, Any]]:
    """What holds a value, under which key, and the value."""
    for key in list(parent) if isinstance(parent, dict) else range(len(parent)):
        yield parent, key, parent[key]
        if isinstance(parent[key], (list, dict)):
            yield from _places(parent[key])


def _near(old: Any) -> list[Any]:
    """Almost the same value; the same, nested."""
    nested = [_nested(old, depth, named) for depth in (1, 9, 40) for named in (False, True)]
    return [*_like(old), *nested]


def _nested(old: Any, depth: int, named: bool) -> Any:
    for _ in range(depth):
        old = {"list": [old]} if named else [old]
    return old


def _like(old: Any) -> list[Any]:
    if isinstance(old, bool) or old is None:
        return [int(bool(old)), not old, str(old)]
    if isinstance(old, int):
        return [old - 1, old + 1, -old, -old - 1, old + 2**32, bool(old), f"{old}", old % 7]
    if isinstance(old, float):
        return [-old, float("nan"), float("inf"), float("-inf"), 3, "0x1p9999"]
    if isinstance(old, str):
        put = ("g", "\ud800", "\0", "\x1b")
        places = {0, len(old) // 2, len(old)}
        longer = [old[:at] + letter + old[at:] for at in places for letter in put]
        return [*longer, old[:-1], old.upper(), [old, 1], old * 50 + "x" * 3_000]
    if isinstance(old, list):
        kinds = [old[:-1], [*old, None], [*old, 1], {"list": old}, dict(enumerate(map(str, old)))]
        return [*kinds, *(old * times for times in (2, 5, 50))]
    return [list(old), list(old.values()), {**old, "x": 1}, list(map(list, old.items()))]


def as_json(value: Any) -> bytes:
    """The value as JSON; what stands for something large becomes it."""
    text = json.dumps(value)
    text = text.replace(f'"{DEEP}"', "[" * 3_000 + "]" * 3_000)
    return text.replace(f'"{LONG}"', "9" * 5_000).encode()


@contextlib.contextmanager
def lowered(module: Any, **limits: int) -> Iterator[None]:
    """Lower limits of a module."""
    with contextlib.ExitStack() as stack:
        for name, most in limits.items():
            stack.enter_context(patch.object(module, name, most))
        yield
