"""Structures of arrays: an array, or tuples, lists and dictionaries of them.

The gradient checkers treat any such structure as one long list of named blocks.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np


def leaves(tree: Any, name: str = "") -> Iterator[tuple[str, np.ndarray]]:
    """Yield (name, array) for each array, e.g. ``("alpha", …)`` or ``("[0]", …)``, in order."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from leaves(value, f"{name}.{key}" if name else str(key))
    elif isinstance(tree, tuple) and hasattr(tree, "_fields"):
        for key, value in zip(tree._fields, tree, strict=True):
            yield from leaves(value, f"{name}.{key}" if name else key)
    elif isinstance(tree, (tuple, list)) and not _is_nested_numbers(tree):
        for i, value in enumerate(tree):
            yield from leaves(value, f"{name}[{i}]")
    else:
        yield name or "params", np.asarray(tree)


def rebuild(tree: Any, arrays: Iterator[np.ndarray]) -> Any:
    """Return the structure of ``tree`` with its arrays replaced, in the order of `leaves`."""
    if isinstance(tree, dict):
        return {key: rebuild(value, arrays) for key, value in tree.items()}
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*(rebuild(value, arrays) for value in tree))
    if isinstance(tree, (tuple, list)) and not _is_nested_numbers(tree):
        return type(tree)(rebuild(value, arrays) for value in tree)
    return next(arrays)


def _is_nested_numbers(value: Any) -> bool:
    """Whether a list is an array written out, e.g. [[1, 2], [3, 4]]."""
    while isinstance(value, list) and value:
        value = value[0]
    return isinstance(value, (int, float, np.number))
