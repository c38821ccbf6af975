"""What a learner's function answers if exp, tanh, maximum and the like have other values.

In section 4 learners write activations themselves. A formula for the slope knows the derivative of
exp, or of the larger of x and 0. Differences do not: if these functions have other, smooth values,
differences give the derivative of the new activation, whatever it is. A check takes that as proof.
Nothing here knows an exercise or an answer, because kernels that grade load this module.
"""

import builtins
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from bplab.learner.call import Answer, Form, call, names_in
from bplab.learner.rebuilt import Rebuilding, is_own

__all__ = ["answer_with_other_values"]

REACH = 4
"""Values change where the argument is between -4 and 4; elsewhere they stay as they are."""

OF_ARGUMENT = frozenset(
    {
        *("exp", "exp2", "expm1", "power", "float_power", "pow", "log", "log1p", "logaddexp"),
        *("tanh", "sinh", "cosh", "sin", "cos", "tan", "arctan", "atan", "sqrt"),
        *("erf", "expit", "softmax"),
    }
)
"""Functions whose change depends on their argument; for a power, on its exponent unless whole."""

OF_VALUE = frozenset(
    {
        *("abs", "absolute", "fabs", "maximum", "minimum", "fmax", "fmin", "max", "min", "clip"),
        *("where", "select", "piecewise", "choose", "heaviside", "sign", "copysign"),
    }
)
"""Functions made of straight pieces, whose change depends on their value."""

MODULES = ("numpy", "math", "cmath", "mpmath", "scipy")


def answer_with_other_values(
    function: Callable[..., Any], given: Mapping[str, Any], forms: Sequence[Form], which: str
) -> Answer | None:
    """Return the answer if functions have other values; None if there is nothing to change.

    Parameters
    ----------
    function : callable
    given : mapping
        Its arguments, in order: copies that it may spoil.
    forms : sequence of Form
        What each part of the answer should be.
    which : {"smooth", "straight", "own"}
        The functions that change: the smooth ones of numpy and math; or those made of straight
        pieces, also where they are written with operators; or the functions of the notebook that
        it calls, except for those that call others of the notebook.
    """
    if not is_own(function):
        return None
    if which == "own":
        changed = _OwnChanged(function)
        other = changed.function(function)
        return call(other, given, forms) if changed.any else None
    watch = _Smooth if which == "smooth" else _Straight
    watched = {
        name: value.view(watch) if isinstance(value, np.ndarray) else value
        for name, value in given.items()
    }
    return call(_LibrariesChanged(watch).function(function), watched, forms)


def _factor(u: Any) -> Any:
    """Return 1 + 4 (T_15(s) + T_12(s)) / 9 for s = u/4 in ±1, with Chebyshev's polynomials.

    It is made of whole numbers, sums and products, so that it has the type of u, be that complex,
    longdouble, Decimal or Fraction.
    """
    s = u / REACH
    waves = [1 + 0 * s, s]
    for _ in range(14):
        waves.append(2 * s * waves[-1] - waves[-2])
    return 1 + 4 * (waves[15] + waves[12]) / 9


def _other(value: Any, u: Any) -> Any:
    """Return a value times a factor that depends on ``u``; the same where ``u`` is too large."""
    if isinstance(u, (bool, np.bool_, str)) or isinstance(value, (bool, np.bool_, str)):
        return value
    array = isinstance(value, np.ndarray) or isinstance(u, np.ndarray)
    if not array:
        return value * _factor(u) if abs(u) <= REACH else value
    value, u = np.asarray(value), np.asarray(u)
    if value.shape != u.shape or value.dtype.kind not in "iufcO" or u.dtype.kind not in "iufcO":
        return value
    inside = np.abs(u) <= REACH
    return np.where(inside, value * _factor(np.where(inside, u, 0)), value)


# --- functions of libraries ---------------------------------------------------------------


class _Changing:
    """A function of a library that gives other values, or a module of such functions."""

    def __init__(self, of: Any, watch: "type[_Watched]"):
        self._of, self._watch = of, watch

    def __call__(self, *arguments: Any, **more: Any) -> Any:
        value = self._of(*arguments, **more)
        name = self._of.__name__
        if isinstance(value, self._watch) or ("axis" in more and name != "softmax"):
            return value  # it has changed already; or it is the largest entry along an axis
        try:
            changed = _other(value, _argument(name, arguments, value))
        except Exception:  # it was not given numbers
            return value
        return changed.view(self._watch) if isinstance(changed, np.ndarray) else changed

    def __getattr__(self, name: str) -> Any:
        return _library(getattr(self._of, name), self._watch)


def _argument(name: str, arguments: Sequence[Any], value: Any) -> Any:
    """Return what the change of a function depends on; beyond `REACH` where it does not change."""
    if name in OF_VALUE:
        return value
    if name in ("power", "float_power", "pow"):
        exponent = arguments[1]
        whole = np.ndim(exponent) == 0 and exponent == int(exponent)
        return 2 * REACH + 0 * value if whole else exponent
    return arguments[0] + arguments[1] if name == "logaddexp" else arguments[0]


def _library(value: Any, watch: "type[_Watched]") -> Any:
    """Return what replaces a value: for a module or a function of a library, one that changes."""
    if isinstance(value, types.ModuleType):
        known = value.__name__.partition(".")[0] in MODULES
        return _Changing(value, watch) if known else value
    if isinstance(value, type) or not callable(value):
        return value
    module = str(getattr(value, "__module__", None) or "").partition(".")[0]
    if not (isinstance(value, np.ufunc) or module in MODULES):
        return value
    changes = getattr(value, "__name__", "") in watch.changing
    return _Changing(value, watch) if changes else value


class _LibrariesChanged(Rebuilding):
    """Rebuilds functions so that those of libraries give other values."""

    def __init__(self, watch: "type[_Watched]"):
        super().__init__()
        self._watch = watch

    def value(self, value: Any) -> Any:
        return super().value(_library(value, self._watch))

    def built_in(self) -> dict[str, Any]:
        def importing(*arguments: Any, **more: Any) -> Any:
            return _library(__import__(*arguments, **more), self._watch)

        changing = {
            name: _Changing(getattr(builtins, name), self._watch)
            for name in self._watch.changing & {"abs", "max", "min", "pow"}
        }
        return {"__builtins__": vars(builtins) | changing | {"__import__": importing}}


class _Watched(np.ndarray):
    """An array whose operators give other values, too: powers, and products with a mask."""

    changing: frozenset[str]
    _compared: Any = None

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **more: Any) -> Any:
        if "out" in more:
            more["out"] = tuple(map(_plain, more["out"]))
        plain = [_plain(one) for one in inputs]
        value = getattr(ufunc, method)(*plain, **more)
        if method != "__call__" or not isinstance(value, np.ndarray):
            return value
        name = ufunc.__name__
        masks = [one for one in inputs if getattr(one, "_compared", None) is not None]
        chosen = name == "multiply" and len(masks) == 1 and self.changing is OF_VALUE
        if chosen and all(np.shape(one) == value.shape for one in plain):
            changed = _other(value, masks[0]._compared)
        elif name in self.changing:
            changed = _other(value, _argument(name, plain, value))
        else:
            changed = value
        if "out" in more:
            value[...] = changed
            changed = value
        watched = changed.view(type(self))
        if value.dtype.kind == "b" and value.shape == np.shape(plain[0]):
            watched._compared = plain[0]
        elif chosen and changed is value:  # a mask times one number
            watched._compared = masks[0]._compared
        return watched

    def astype(self, dtype: Any, *arguments: Any, **more: Any) -> Any:
        """Return the array with another dtype; a mask of numbers is still a mask."""
        value = super().astype(dtype, *arguments, **more).view(type(self))
        value._compared = self._compared
        return value

    def __setitem__(self, where: Any, value: Any) -> None:
        """Set entries; after those under a mask, the entries outside of it change their values."""
        super().__setitem__(where, value)
        mask = isinstance(where, np.ndarray) and where.dtype.kind == "b"
        if mask and where.shape == self.shape and self.changing is OF_VALUE:
            plain, rest = _plain(self), ~_plain(where)
            plain[rest] = _other(plain[rest], plain[rest])

    def clip(self, *arguments: Any, **more: Any) -> Any:
        """Clip, with other values as in `_Changing`."""
        value = _plain(super().clip(*arguments, **more))
        return (_other(value, value) if "clip" in self.changing else value).view(type(self))


class _Smooth(_Watched):
    changing = OF_ARGUMENT


class _Straight(_Watched):
    changing = OF_VALUE


def _plain(value: Any) -> Any:
    return np.asarray(value) if isinstance(value, _Watched) else value


# --- functions of the notebook ------------------------------------------------------------


class _OwnChanged(Rebuilding):
    """Rebuilds functions so that the notebook's give other values, if they call no others of it."""

    def __init__(self, main: types.FunctionType):
        super().__init__()
        self.any = False
        self._main = main

    def value(self, value: Any) -> Any:
        other = super().value(value)
        if not is_own(value) or value is self._main:
            return other
        known = value.__globals__
        if any(is_own(known.get(name)) for name in names_in(value.__code__)):
            return other
        self.any = True

        def changing(*arguments: Any, **more: Any) -> Any:
            came = other(*arguments, **more)
            try:
                return _other(came, arguments[0])
            except Exception:  # it was not given numbers
                return came

        return changing
