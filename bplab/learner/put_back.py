"""Restore what a function may have changed in its notebook, after a trial run of it.

A function may add to a list of its notebook, count in a global name, or keep something among its
defaults. If bplab calls it more often than its owner expects, that must leave no trace.
"""

from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from typing import Any

import numpy as np

from bplab.learner.call import found_by, names_with, own_functions

__all__ = ["put_back"]

MOST = 100_000
"""Numbers and entries of which copies are kept; an object that goes beyond is not restored."""


@contextmanager
def put_back(function: Callable[..., Any]) -> Iterator[None]:
    """Restore, at the end, what a function and those that it calls may change in their notebook.

    That is: lists, dictionaries, sets and arrays under names of the notebook, in defaults and in
    closures, and those inside them; attributes of functions, and of objects whose class is defined
    in the notebook; and names that are assigned with ``global``.

    Parameters
    ----------
    function : callable
    """
    own = own_functions(function)
    kept: dict[int, tuple[Any, Any]] = {}
    names: list[tuple[dict[str, Any], str, Any]] = []
    left = MOST
    for one in own:
        globals_ = one.__globals__
        for name in names_with(one.__code__, "STORE_GLOBAL", "DELETE_GLOBAL"):
            names.append((globals_, name, globals_.get(name, _NOTHING)))
        left = _keep([*found_by(one), one.__dict__], one.__module__, kept, left)
    try:
        yield
    finally:
        for value, before in kept.values():
            _restore(value, before)
        for globals_, name, value in names:
            if value is _NOTHING:
                globals_.pop(name, None)
            else:
                globals_[name] = value


_NOTHING = object()


def _keep(values: Iterable[Any], notebook: str, kept: dict[int, tuple[Any, Any]], left: int) -> int:
    """Keep copies of what may be changed in place; return how much more may be kept."""
    todo = list(values)
    while todo:
        value = todo.pop()
        if type(value).__module__ == notebook and hasattr(value, "__dict__"):
            value = value.__dict__
        if id(value) in kept or type(value) not in _KINDS:
            continue
        size = value.size if isinstance(value, np.ndarray) else len(value)
        if size > left:
            continue
        left -= size + 1
        kept[id(value)] = value, copy(value)
        if not isinstance(value, np.ndarray):
            todo += value.values() if isinstance(value, dict) else value
    return left


_KINDS = frozenset({list, tuple, dict, set, deque, defaultdict, OrderedDict, Counter, np.ndarray})


def _restore(value: Any, before: Any) -> None:
    if isinstance(value, list):
        value[:] = before
    elif isinstance(value, (dict, set)):
        value.clear()
        value.update(before)
    elif isinstance(value, deque):
        value.clear()
        value.extend(before)
    elif isinstance(value, np.ndarray) and value.shape == before.shape and value.flags.writeable:
        value[...] = before
