"""Structures of arrays: read in order, rebuilt in their own types, matched by key."""

import types
from collections import OrderedDict, UserDict, defaultdict, namedtuple
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from bplab.tree import leaves, matched, rebuild

w = np.array([1.0, 2.0])
Pair = namedtuple("Pair", "W b")


@dataclass(frozen=True)
class Layer:
    W: Any
    b: Any


@dataclass
class Drawn:
    """A field that __init__ does not take."""

    W: Any
    b: Any = field(init=False)

    def __post_init__(self):
        self.b = np.zeros(2)


class Attributes(dict):
    __getattr__ = dict.__getitem__


class Device:
    """Stands in for CuPy: no implicit copies to the host."""

    def __init__(self, values):
        self._values = values

    def __array__(self, *_, **__):
        raise TypeError("Implicit conversion to a NumPy array is not allowed.")

    def get(self):
        return self._values

    @staticmethod
    def __array_namespace__():
        return types.SimpleNamespace(asarray=Device)


class Elsewhere:
    device, dtype = "cuda:0", "float64"

    def __array__(self, *_, **__):
        raise TypeError("can't convert cuda:0 device type tensor to numpy")


def drawn():
    found = Drawn(w)
    found.b = w + 1
    return found


TREES = {
    "array": w,
    "number": 3.0,
    "tuple": (w, np.ones((2, 3))),
    "nested": [w, (w, [w])],
    "scalars beside arrays": [0.5, w],
    "ordered dictionary": OrderedDict(b=w, a=w),
    "default dictionary": defaultdict(list, a=w),
    "user dictionary": UserDict(a=w),
    "subclass": Attributes(a=w),
    "read only": types.MappingProxyType({"a": w}),
    "keys that are no strings": {0: w, (1, "x"): {2.5: w}},
    "named tuple": Pair(w, {"a": w}),
    "dataclass": Layer(w, [w]),
    "dataclass with a field of its own": drawn(),
    "None": {"W": w, "b": None},
    "another library": Device(w),
}


@pytest.mark.parametrize("tree", TREES.values(), ids=TREES)
def test_a_structure_is_rebuilt_in_its_own_types(tree):
    before = list(leaves(tree))
    doubled = rebuild(tree, iter([2 * array for _, array in before]))
    assert isinstance(doubled, type(tree))
    after = list(leaves(doubled))
    assert [name for name, _ in after] == [name for name, _ in before]
    for (_, new), (_, old) in zip(after, before, strict=True):
        assert np.array_equal(new, 2 * old)


@pytest.mark.parametrize("tree", TREES.values(), ids=TREES)
def test_a_structure_matches_itself(tree):
    arrays = [array for _, array in leaves(tree)]
    assert all(map(np.array_equal, matched(tree, tree), arrays))


@pytest.mark.parametrize(
    ("tree", "like"),
    [
        ({"b": 2 * w, "a": w}, {"a": w, "b": w}),
        ({"b": 2 * w, "a": w}, OrderedDict(a=w, b=w)),
        ([{"x": {"b": 2 * w, "a": w}}], [{"x": {"a": w, "b": w}}]),
        ({1: 2 * w, 0: w}, {0: w, 1: w}),
        ({"b": 2 * w, "W": w}, Pair(w, w)),
        ({"b": 2 * w, "W": w}, Layer(w, w)),
        (Pair(w, 2 * w), Layer(w, w)),
        (Layer(w, 2 * w), {"W": w, "b": w}),
        (Pair(w, 2 * w), (w, w)),
        ((w, 2 * w), Pair(w, w)),
        ([w, [2 * w]], [w, (w,)]),
        ([[w], 2 * w], (w, w)),  # flat and nested in one order
        (np.array([w, 2 * w]), (w, w)),
    ],
)
def test_keys_and_fields_are_matched_in_any_order_and_tuples_by_position(tree, like):
    found = matched(tree, like)
    assert all(map(np.array_equal, found, (w, 2 * w)))


def test_rows_in_a_tuple_are_an_array():
    (found,) = matched((w, 2 * w), np.ones((2, 2)))
    assert np.array_equal(found, [w, 2 * w])
    assert np.array_equal(matched([1.0, 2.0], (3.0, 4.0)), [1.0, 2.0])


@pytest.mark.parametrize(
    ("tree", "like", "words"),
    [
        ({"x": w}, {"W1": w}, "the gradient has no 'W1' and a foreign 'x'"),
        ({"W1": w}, {"W1": w, "W2": w, "b": w}, "has no 'W2', 'b'; it must"),
        ({"W1": w, "x": w, "y": w}, {"W1": w}, "has foreign 'x', 'y'"),
        ({"0": w}, {0: w}, "no 0 and a foreign '0'"),
        ([{"a": {"x": w}}], [{"a": {"y": w}}], r"no '\[0\].a.y' and a foreign '\[0\].a.x'"),
        (Pair(w, w), Layer(w, w).__dict__ | {"c": w}, "has no 'c'"),
        ((w, w), {"a": w, "b": w}, "must be a dictionary with the keys 'a', 'b'.*a tuple of 2"),
        ({"a": w, "b": w}, (w, w), "must be a tuple of 2.*got a dictionary"),
        ((w, w), Layer(w, w), "must be a structure with the fields 'W', 'b'"),
        ([w], [w, w], "one array for each array of params; got 1 for 2"),
        ([[w, w], w], [w, w], "one array for each|must be one array"),
        ((w, w), w, "must be one array, as in params; got a tuple of 2"),
        ({"a": w}, w, "must be one array, as in params; got a dictionary"),
        ({"a": None}, {"a": w}, "of a must be an array; got None. Give zeros"),
        (None, w, "the gradient must be an array; got None"),
        (Elsewhere(), w, "Elsewhere of float64 on the device cuda:0, which NumPy cannot read"),
    ],
)
def test_what_does_not_match_is_named(tree, like, words):
    with pytest.raises(ValueError, match=words):
        matched(tree, like)


def test_tensors_are_read_without_their_history_and_rebuilt_with_it():
    torch = pytest.importorskip("torch")
    tree = {"W": torch.nn.Parameter(torch.ones(2, 3)), "b": torch.zeros(2)}
    arrays = [array.astype(float) for _, array in leaves(tree)]
    again = rebuild(tree, iter(arrays))
    assert again["W"].dtype == again["b"].dtype == torch.float64
    assert again["W"].requires_grad
    assert not again["b"].requires_grad
    (found,) = matched([torch.ones(2, requires_grad=True)] * 2, np.ones((2, 2)))
    assert found.shape == (2, 2)
    with pytest.raises(ValueError, match="bfloat16 on the device cpu"):
        list(leaves(torch.ones(2, dtype=torch.bfloat16)))


def test_arrays_of_jax_are_rebuilt_as_such():
    jnp = pytest.importorskip("jax.numpy")
    (again,) = rebuild((jnp.ones(2),), iter([2 * np.ones(2)]))
    assert isinstance(again, type(jnp.ones(2)))
