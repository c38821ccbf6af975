"""Structures of arrays: an array, or tuples, lists, dictionaries and dataclasses of them.

The gradient checkers treat any such structure as one long list of named blocks. Two structures
are matched by their keys or fields, or by position where they have none. The arrays may be those of
another library (PyTorch, JAX, CuPy): they are read as NumPy arrays, and a structure is rebuilt with
arrays of that library.
"""

import copy
import dataclasses
import sys
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from typing import Any, NamedTuple

import numpy as np

from bplab.errors import InputError
from bplab.languages import english


class Layers(list[Any]):
    """A list that can also be added to tuples; functions get the arrays of all layers in one.

    So learners may treat it as a list or as a tuple when they join it with others.
    """

    def __add__(self, other: Any) -> Any:
        return Layers([*self, *other]) if isinstance(other, (list, tuple)) else NotImplemented

    def __radd__(self, other: Any) -> Any:
        return Layers([*other, *self]) if isinstance(other, (list, tuple)) else NotImplemented

    def __getitem__(self, index: Any) -> Any:
        found = super().__getitem__(index)
        return Layers(found) if isinstance(index, slice) else found

    def copy(self) -> "Layers":
        """Return a new one with the same arrays."""
        return Layers(self)


def leaves(tree: Any, name: str = "") -> Iterator[tuple[str, np.ndarray]]:
    """Yield (name, array) for each array, e.g. ``("alpha", …)`` or ``("[0]", …)``, in order.

    Raises
    ------
    ValueError
        If NumPy cannot read an array, e.g. one on another device.
    """
    branch = _branch(tree)
    if branch is None:
        yield name or "params", as_array(name or "params", tree)
    else:
        for key, value in branch.children.items():
            yield from leaves(value, branch.name_of(key, name))


def rebuild(tree: Any, arrays: Iterator[np.ndarray]) -> Any:
    """Return the structure of ``tree`` with its arrays replaced, in the order of `leaves`.

    Every part has its old type again: an ordered dictionary, a dataclass, a tensor. Only arrays
    that `numpy.asarray` makes of a list or a data frame stay arrays.
    """
    branch = _branch(tree)
    if branch is None:
        return _of_its_library(tree, next(arrays))
    children = {key: rebuild(value, arrays) for key, value in branch.children.items()}
    if tree is None:
        return None
    if isinstance(tree, Mapping):
        return _mapping(tree, children)
    if dataclasses.is_dataclass(tree):
        return _dataclass(tree, children)
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*children.values())
    return type(tree)(children.values())


def matched(tree: Any, like: Any, called: str = "the gradient") -> list[np.ndarray]:
    """Return the arrays of a structure in the order of another one with the same keys and fields.

    Parameters
    ----------
    tree : structure of arrays
        It is matched by key or field at every depth, in any order; tuples and lists by position. A
        flat and a nested sequence match, in their order, if they have the same number of arrays.
    like : structure of arrays
        The parameters.
    called : str
        The name of ``tree`` in messages.

    Raises
    ------
    ValueError
        If keys are missing or foreign (the message names all of them), or the structures differ.
    """
    found: list[tuple[str, Any]] = []
    missing: list[str] = []
    foreign: list[str] = []
    try:
        _match(tree, like, "", called, found, missing, foreign)
    except _Grouped as error:
        flat, wanted = ([*_in_order(t)] for t in (tree, like))
        if len(flat) != len(wanted) or any(leaf is None for leaf in (*flat, *wanted)):
            raise InputError(english(error)) from None
        found = [(f"[{i}]", leaf) for i, leaf in enumerate(flat)]
    if missing or foreign:
        said = [f"no {_listed(missing)}"] if missing else []
        said += [f"{'a ' if len(foreign) == 1 else ''}foreign {_listed(foreign)}"] * bool(foreign)
        raise InputError(
            f"{called} has {' and '.join(said)}; it must have the keys of params, in any order"
        )
    return [as_array(f"{called} of {name}" if name else called, leaf) for name, leaf in found]


def as_array(name: str, value: Any) -> np.ndarray:
    """Return a value as a NumPy array: a number, a list, an array of any library.

    Raises
    ------
    ValueError
        If NumPy cannot read it; the message says what to do.
    """
    if isinstance(value, (tuple, list)):
        value = [as_array(name, part) if _is_foreign(part) else part for part in value]
    elif getattr(value, "requires_grad", False) is True:
        value = value.detach()  # only the value is wanted, not the graph that led to it
    try:
        return np.asarray(value)
    except Exception as error:
        if callable(getattr(value, "get", None)):  # CuPy copies to the host only on request
            return np.asarray(value.get())
        device = getattr(value, "device", None)
        where = f" on the device {device}" if device is not None else ""
        kind = getattr(value, "dtype", None)
        of = f" of {kind}" if kind is not None else ""
        raise InputError(
            f"{name} is a {type(value).__name__}{of}{where}, which NumPy cannot read ({error}). "
            "Give it as a float64 array on the CPU"
        ) from error


class _Branch(NamedTuple):
    """A part of a structure that holds others: its children, by key, field or position."""

    kind: str  # "keys", "fields", "positions"
    children: dict[Any, Any]

    def name_of(self, key: Any, parent: str) -> str:
        """Return the name of a child."""
        if self.kind == "positions" or not isinstance(key, str):
            return f"{parent}[{key!r}]"
        return f"{parent}.{key}" if parent else key


def _branch(tree: Any) -> _Branch | None:
    """Return a part of a structure with its children; None for an array, which has no children.

    A tree that is None has an empty set of children.
    """
    if tree is None:
        return _Branch("positions", {})
    if isinstance(tree, Mapping):
        return _Branch("keys", dict(tree.items()))
    if _is_foreign(tree):
        return None
    if dataclasses.is_dataclass(tree) and not isinstance(tree, type):
        fields = dataclasses.fields(tree)
        return _Branch("fields", {field.name: getattr(tree, field.name) for field in fields})
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return _Branch("fields", dict(zip(tree._fields, tree, strict=True)))
    if isinstance(tree, (tuple, list)) and not _is_nested_numbers(tree):
        return _Branch("positions", dict(enumerate(tree)))
    return None


def _mapping(tree: Mapping[Any, Any], children: dict[Any, Any]) -> Any:
    if type(tree) is dict:
        return children
    if not isinstance(tree, MutableMapping):
        return type(tree)(children)  # type: ignore[call-arg]
    new = copy.copy(tree)
    for key, value in children.items():
        new[key] = value
    return new


def _dataclass(tree: Any, children: dict[str, Any]) -> Any:
    try:
        return dataclasses.replace(tree, **children)
    except (TypeError, ValueError):  # fields that __init__ does not take
        new = copy.copy(tree)
        for name, value in children.items():
            object.__setattr__(new, name, value)
        return new


def _of_its_library(leaf: Any, array: np.ndarray) -> Any:
    """Return an array as the same kind of thing as a leaf: a scalar, or another library's array."""
    if isinstance(leaf, (int, float, np.generic)):
        return array[()]
    if not _is_foreign(leaf) or isinstance(leaf, np.ndarray):
        return array
    library = _library(leaf)
    if library is None:
        return array
    new = library.asarray(array)
    if getattr(leaf, "requires_grad", False) is True:
        new.requires_grad_(True)
    return new


def _is_foreign(leaf: Any) -> bool:
    """Whether the type of an object says that it is an array."""
    return any(hasattr(type(leaf), name) for name in ("__array__", "__array_namespace__"))


def _library(leaf: Any) -> Any:
    """Return the library of an array, by the array API or its module's name; None if unknown."""
    if hasattr(leaf, "__array_namespace__"):
        return leaf.__array_namespace__()
    for base in type(leaf).__mro__:
        module = sys.modules.get(base.__module__.partition(".")[0])
        if callable(getattr(module, "asarray", None)):
            return module
    return None


class _Grouped(InputError):
    """Tuples or lists are grouped in another way, but may hold the same arrays in order."""


def _match(
    tree: Any,
    like: Any,
    name: str,
    called: str,
    found: list[tuple[str, Any]],
    missing: list[str],
    foreign: list[str],
) -> None:
    """Pair the arrays of two structures, and note the keys that only one of them has."""
    wanted, got = _branch(like), _branch(tree)
    at = f"{called} of {name}" if name else called
    if wanted is None:
        if tree is None:
            raise InputError(f"{at} must be an array; got None. Give zeros where it is zero")
        if got is not None and (got.kind != "positions" or _shape(tree) != _shape(like)):
            kind = _Grouped if got.kind == "positions" else InputError
            raise kind(f"{at} must be one array, as in params; got {described(tree)}")
        found.append((name, tree))
        return
    if got is None and wanted.kind == "positions" and np.ndim(rows := as_array(at, tree)) > 0:
        got = _Branch("positions", dict(enumerate(rows)))
    if got is None or (_by_key(like) != _by_key(tree) and not _both_tuples(like, tree)):
        raise InputError(f"{at} must be {described(like)}, as params; got {described(tree)}")
    if "positions" in (wanted.kind, got.kind):
        if len(got.children) != len(wanted.children):
            raise _Grouped(
                f"{at} must have one array for each array of params; "
                f"got {len(got.children)} for {len(wanted.children)}"
            )
        pairs = zip(wanted.children, wanted.children.values(), got.children.values(), strict=True)
        for key, inside, given in pairs:
            _match(given, inside, wanted.name_of(key, name), called, found, missing, foreign)
        return
    for key, inside in wanted.children.items():
        child = wanted.name_of(key, name)
        if key in got.children:
            _match(got.children[key], inside, child, called, found, missing, foreign)
        else:
            missing.append(repr(child) if name else repr(key))
    extra = [key for key in got.children if key not in wanted.children]
    foreign += [repr(got.name_of(key, name)) if name else repr(key) for key in extra]


def _by_key(tree: Any) -> bool:
    """Whether the parts of a structure have names."""
    branch = _branch(tree)
    return branch is not None and branch.kind != "positions"


def _both_tuples(*trees: Any) -> bool:
    """Whether all structures are ordered, so that a named tuple may match a plain one."""
    return all(isinstance(tree, (tuple, list, np.ndarray)) or _is_foreign(tree) for tree in trees)


def _in_order(tree: Any) -> Iterator[Any]:
    """Yield the leaves of tuples and lists; None for whatever has keys."""
    branch = _branch(tree)
    if branch is None:
        yield tree
    elif not isinstance(tree, (tuple, list)):
        yield None
    else:
        for value in branch.children.values():
            yield from _in_order(value)


def described(tree: Any) -> str:
    """Describe a structure in a few words."""
    branch = _branch(tree)
    if tree is None:
        return "None"
    kind = "array" if isinstance(tree, np.ndarray) else type(tree).__name__
    one = f"{'an' if kind[0] in 'aeiouAEIOU' else 'a'} {kind}"
    if branch is None:
        shape = getattr(tree, "shape", None)
        return one + (f" of shape {tuple(shape)}" if shape else "")
    if branch.kind == "positions":
        return f"{one} of {len(branch.children)}"
    what, part = ("dictionary", "key") if branch.kind == "keys" else ("structure", "field")
    many = "s" * (len(branch.children) != 1)
    return f"a {what} with the {part}{many} {_listed([repr(key) for key in branch.children])}"


def _listed(names: Iterable[str], most: int = 6) -> str:
    names = list(names)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _shape(tree: Any) -> tuple[int, ...] | None:
    """Return the shape of an array, or of a list of its rows; None if NumPy cannot read it."""
    try:
        return as_array("", tree).shape
    except ValueError:
        return None


def _is_nested_numbers(value: Any) -> bool:
    """Whether a list is an array written out, e.g. [[1, 2], [3, 4]]."""
    if not isinstance(value, list) or not _only_numbers(value):
        return False
    try:
        np.asarray(value)
    except ValueError:  # rows of different lengths: each of them is an array
        return False
    return True


def _only_numbers(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(_only_numbers(part) for part in value)
    return isinstance(value, (int, float, np.number))
