"""What a function takes from its notebook: values of other cells that it reads by their names.

A name that is neither a parameter nor assigned inside a function is looked up in the notebook.
There an earlier cell may have left a value under this name. The function runs with that value, and
gives wrong numbers, or right ones as long as nobody restarts the kernel.
"""

import builtins
from collections.abc import Callable, Iterator
from copy import copy
from types import CellType, FunctionType
from typing import Any

import numpy as np

from bplab.activations import Activation, Softmax, sigmoid, tanh
from bplab.learner.call import names_with
from bplab.learner.rebuilt import is_own

__all__ = ["Borrowed", "borrowed"]

FOLLOWED = 50
"""How many functions of the notebook are searched, at most."""

Function = Callable[..., Any]


class Borrowed:
    """A value that a function reads from its notebook.

    Attributes
    ----------
    name : str
    value : Any
        An array or a number, a list, tuple or dictionary of these, or an activation.
    """

    def __init__(self, function: FunctionType, name: str):
        self.name, self.value = name, function.__globals__[name]
        self._function = function

    @property
    def is_number(self) -> bool:
        """Whether it is one plain number."""
        return isinstance(self.value, (int, float, complex, np.generic))

    @property
    def is_constant(self) -> bool:
        """Whether its name says that it is meant for every cell, as in ``EPS = 1e-12``."""
        return self.is_number and self.name.isupper() and len(self.name) > 1

    def changed(self) -> Function:
        """Return the function in a notebook where this value is another one."""
        return _elsewhere(self._function, {self.name: _another(self.value)})

    def emptied(self) -> tuple[Function, Any] | None:
        """Return the function in a notebook where this value is empty, and the new empty object.

        None if the value is not a dictionary, list or set, in which a function might keep things.
        """
        if not isinstance(self.value, (dict, list, set)):
            return None
        empty = copy(self.value)
        empty.clear()
        return _elsewhere(self._function, {self.name: empty}), empty

    def missing(self) -> Function:
        """Return the function in a notebook without this value."""
        return _elsewhere(self._function, {}, without=self.name)


def borrowed(function: Function) -> list[Borrowed]:
    """Return the values of the notebook that a function reads, or any of its functions it calls.

    Parameters
    ----------
    function : callable
        The list is empty for anything but a function of the notebook.

    Returns
    -------
    list of Borrowed
        In the order in which they stand in the code, each once.
    """
    if not is_own(function):
        return []
    names = dict.fromkeys(_read(function, function.__globals__, {id(function)}))
    return [Borrowed(function, name) for name in names]


def _read(function: FunctionType, notebook: dict[str, Any], seen: set[int]) -> Iterator[str]:
    """Yield the names of values that a function reads, and those that functions it uses read."""
    others = [cell.cell_contents for cell in function.__closure__ or () if _is_full(cell)]
    for name in names_with(function.__code__, "LOAD_GLOBAL", "LOAD_NAME"):
        if name not in notebook:
            continue
        if _is_value(notebook[name]) or _is_kept(name, notebook[name]):
            yield name
        else:
            others.append(notebook[name])
    for other in others:
        if is_own(other) and other.__globals__ is notebook and id(other) not in seen:
            if len(seen) >= FOLLOWED:
                return
            seen.add(id(other))
            yield from _read(other, notebook, seen)


def _is_full(cell: CellType) -> bool:
    try:
        cell.cell_contents  # noqa: B018 - an empty cell raises
    except ValueError:
        return False
    return True


def _is_value(value: object) -> bool:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return bool(value) and all(map(_is_value, value))
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "fiubc"
    return isinstance(value, (int, float, complex, np.number)) and not isinstance(value, bool)


def _is_kept(name: str, value: object) -> bool:
    """Whether a notebook's name holds an activation of another name, as in ``sigma = tanh``."""
    return isinstance(value, (Activation, Softmax)) and repr(value) != name


# --- the same function in another notebook ------------------------------------------------


def _elsewhere(function: FunctionType, changed: dict[str, Any], without: str = "") -> Function:
    """Return the function in a copy of its notebook, where some names mean something else."""
    notebook = function.__globals__
    other = {name: value for name, value in notebook.items() if name != without} | changed
    other.setdefault("__builtins__", builtins)
    copies: dict[int, FunctionType] = {}

    def copied(one: FunctionType) -> FunctionType:
        if id(one) not in copies:
            old = one.__closure__ or ()
            new = tuple(CellType() if is_copied(cell) else cell for cell in old)
            again = FunctionType(
                *(one.__code__, other, one.__name__, one.__defaults__, new or None)
            )
            again.__kwdefaults__ = one.__kwdefaults__
            copies[id(one)] = again  # before its cells are filled, because it may call itself
            for cell, from_cell in zip(new, old, strict=True):
                if cell is not from_cell:
                    cell.cell_contents = copied(from_cell.cell_contents)
        return copies[id(one)]

    def is_copied(cell: CellType) -> bool:
        return _is_full(cell) and is_of_notebook(cell.cell_contents)

    def is_of_notebook(value: Any) -> bool:
        return is_own(value) and value.__globals__ is notebook

    for name, value in notebook.items():
        if name in other and is_of_notebook(value):
            other[name] = copied(value)
    return copied(function)


def _another(value: Any) -> Any:
    """Return a value of the same kind and size with other numbers, close to the old ones."""
    if isinstance(value, dict):
        return {key: _another(item) for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(map(_another, value))
    if isinstance(value, np.ndarray):
        if value.dtype.kind == "b":
            return ~value
        if value.dtype.kind in "iu":
            return value + 1
        return np.where(value == 0, 1, 1.5 * value).astype(value.dtype)
    if isinstance(value, (Activation, Softmax)):
        return tanh if value == sigmoid else sigmoid
    return value + 1 if isinstance(value, (int, np.integer)) else 1.5 * value or 1.0
