"""A function of a structure of arrays, with its parameters moved a little at a time."""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from math import isfinite
from typing import Any, overload

import numpy as np

from bplab.errors import InputError, check_takes
from bplab.tree import as_array, described, leaves, matched, rebuild

Direction = Sequence[np.ndarray]
"""One array for each block of the parameters, of its shape."""


class Probe:
    """A scalar function, and the point at which it is differentiated.

    Parameters
    ----------
    f : callable
        Takes a structure like ``params``, returns a real number. It gets copies.
    params : array, or tuple, list, dict or dataclass of arrays
        Real and finite, of NumPy or another library. Never changed.

    Attributes
    ----------
    names : list of str
        The name of each block.
    blocks : list of ndarray, float64
        The parameters, block by block.
    params : structure like the one given
        The parameters as float64.
    coarse : str
        Types of parameters that came in less than double precision; empty if none did.
    notes : list of str
        Remarks on the precision of the parameters, for the report.
    unit : float
        A power of two by which all values are divided: 1, unless a caller sets another.

    Raises
    ------
    ValueError
        If ``f`` cannot be called, or ``params`` is not real and finite, or holds nothing.
    """

    def __init__(self, f: Callable[[Any], float], params: Any):
        if not callable(f):
            raise InputError(f"f must be a function of params; got {described(f)}")
        self.f = f
        self.names: list[str] = []
        self.blocks: list[np.ndarray] = []
        coarse: set[str] = set()
        for name, array in leaves(params):
            self.names.append(name)
            self.blocks.append(finite(name, array))
            if array.dtype in (np.float16, np.float32):
                coarse.add(str(array.dtype))
        if not self.size:
            raise InputError("params must hold at least one number; got none")
        self.params = rebuild(params, iter([block.copy() for block in self.blocks]))
        self.coarse = " and ".join(sorted(coarse))
        self.notes = _on_precision(self.coarse, self.params)
        self.unit = 1.0
        self._said: list[warnings.WarningMessage] | None = None

    @property
    def size(self) -> int:
        """Number of entries."""
        return sum(block.size for block in self.blocks)

    def entries(self) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Yield (block, index) for every entry, in order."""
        for b, block in enumerate(self.blocks):
            for index in np.ndindex(block.shape):
                yield b, index

    def cut(self, values: np.ndarray) -> list[np.ndarray]:
        """Cut values, one for each entry in order, into arrays of the blocks' shapes."""
        ends = np.cumsum([block.size for block in self.blocks])[:-1]
        parts = zip(np.split(values, ends), self.blocks, strict=True)
        return [part.reshape(block.shape) for part, block in parts]

    def structure(self, arrays: Sequence[np.ndarray]) -> Any:
        """Return arrays in the structure of the parameters."""
        if type(self.params) is np.ndarray:
            return arrays[0]
        return rebuild(self.params, iter(arrays))

    def fitting(self, gradient: Any) -> list[np.ndarray]:
        """Return a gradient's arrays, one for each block and of its shape.

        Raises
        ------
        ValueError
            If it has other keys or shapes than the parameters, or is not real and finite.
        """
        called = "the gradient"
        try:
            given = matched(gradient, self.params, called)
        except ValueError as error:
            if isinstance(gradient, tuple) and len(gradient) == 2 and np.ndim(gradient[0]) == 0:
                error.add_note(
                    "(If it comes second, after the loss, pass it alone: that tuple's [1].)"
                )
            raise
        found = []
        for array, name, block in zip(given, self.names, self.blocks, strict=True):
            if array.shape != block.shape:
                raise InputError(
                    f"{called} of {name} must have its shape, {block.shape}; got {array.shape}"
                )
            found.append(finite(f"{called} of {name}", array, kinds="fiub"))
        return found

    def here(self) -> float:
        """Return the function's value at the parameters."""
        __tracebackhide__ = True  # a notebook shows the lines of ``f`` alone
        return _number(self.asked("f", self.f)) / self.unit

    def asked(self, called: str, function: Callable[[Any], Any]) -> Any:
        """Return what a function answers to a copy of the parameters.

        An error that it raises gets a note on what the function was given.
        """
        __tracebackhide__ = True
        try:
            return function(self.structure([block.copy() for block in self.blocks]))
        except Exception as error:
            if isinstance(error, TypeError):
                check_takes(called, function, "params")
            error.add_note(
                f"({called} was called with one argument, a copy of params: "
                f"{described(self.params)}. If it needs more, wrap it: "
                f"lambda params: {called}(params, …).)"
            )
            if self.coarse:
                error.add_note(
                    f"(In {called}, params are float64 in place of {self.coarse}: its data may "
                    "have to be float64, too.)"
                )
            raise

    def at(self, arrays: Sequence[np.ndarray]) -> float:
        """Return the function's value for other parameters; it may keep or change these arrays.

        Raises
        ------
        ValueError
            If the value is not one finite real number; the message says what came instead.
        """
        __tracebackhide__ = True
        return _number(self.f(self.structure(arrays))) / self.unit

    def within(self, arrays: Sequence[np.ndarray]) -> float:
        """Return the function's value for other parameters, or NaN outside of its domain.

        Parameters are outside of the domain if the function raises or does not return a finite
        number, or if it warns of a division by zero or an invalid value that it does not warn of
        at the parameters themselves.
        """
        value, warned = self._heard(arrays)
        return np.nan if warned and not self._warns_here else value

    @cached_property
    def _warns_here(self) -> bool:
        return self._heard([block.copy() for block in self.blocks])[1]

    def _heard(self, arrays: Sequence[np.ndarray]) -> tuple[float, bool]:
        """Return the function's value or NaN, and whether it warned."""
        if self._said is None:
            with self.listening():
                return self._heard(arrays)
        self._said.clear()
        try:
            value = self.at(arrays)
        except Exception:  # whatever a function does where it is not defined
            value = np.nan
        said = self._said  # nearly always empty
        return value, bool(said) and any(issubclass(w.category, RuntimeWarning) for w in said)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Catch the function's warnings while the context lasts: cheaper than for every call."""
        if self._said is not None:
            yield
            return
        with warnings.catch_warnings(record=True) as said:

            def hear(kind: str, _: int) -> None:
                said.append(warnings.WarningMessage(kind, RuntimeWarning, "", 0))

            warnings.simplefilter("always")
            with np.errstate(all="ignore", divide="call", invalid="call", call=hear):
                self._said = said
                try:
                    yield
                finally:
                    self._said = None

    def moved(self, b: int, index: tuple[int, ...], h: float) -> tuple[float, float]:
        """Return the value with one entry moved by h, and how far that has really moved."""
        __tracebackhide__ = True
        arrays = [block.copy() for block in self.blocks]
        arrays[b][index] += h
        run = float(arrays[b][index] - self.blocks[b][index])
        return self.at(arrays), run

    def along(self, direction: Direction, t: float) -> float:
        """Return the value at params + t · direction."""
        return self.at([block + t * d for block, d in zip(self.blocks, direction, strict=True)])

    def direction(self, rng: np.random.Generator) -> list[np.ndarray]:
        """Return a random direction, in which every entry moves by about its size, at least 1."""
        return [
            rng.choice([-1, 1], block.shape)
            * rng.uniform(0.5, 1.5, block.shape)
            * np.maximum(1, np.abs(block))
            for block in self.blocks
        ]

    def complex_at(self, arrays: Sequence[np.ndarray]) -> complex:
        """Return the value for complex parameters.

        Raises
        ------
        ValueError
            If the function cannot take complex numbers, or answers with a real one.
        """
        try:
            result = np.asarray(self.f(self.structure(arrays)))
        except Exception as error:
            raise InputError(
                "a complex step needs a function that takes complex numbers; this one raised "
                f"{type(error).__name__}: {error}. Use central or Richardson differences"
            ) from error
        if result.size != 1 or result.dtype.kind != "c":
            raise InputError(
                "a complex step needs a function that is analytic; this one answered complex "
                f"parameters with {result.dtype}, so it has dropped the imaginary part (by abs, "
                "real, or a conversion to float). Use central or Richardson differences"
            )
        return complex(result.item())


def finite(called: str, array: np.ndarray, kinds: str = "fiu") -> np.ndarray:
    """Return an array as float64, after a check that its numbers are finite.

    Raises
    ------
    ValueError
        If it does not hold finite numbers of these kinds; the message says what it holds.
    """
    if array.dtype.kind not in kinds:
        held = {"O": "objects", "U": "text", "S": "text"}.get(array.dtype.kind)
        raise InputError(
            f"{called} must hold finite real numbers; got {held or f'dtype {array.dtype}'}"
        )
    numbers = array.astype(np.float64)
    if not np.isfinite(numbers).all():
        index = [int(i) for i in np.argwhere(~np.isfinite(numbers))[0]]
        at = f" at {index}" if index else ""
        raise InputError(f"{called} must hold finite real numbers; got {numbers[tuple(index)]}{at}")
    return numbers


def _number(result: Any) -> float:
    """Return a function's answer as a number, or raise an error that says what is wrong with it."""
    if isinstance(result, float) and isfinite(result):
        return float(result)
    must = "the function must return one finite real number; got"
    if result is None:
        raise InputError(f"{must} None. Has it a `return`?")
    if isinstance(result, Mapping):
        raise InputError(
            f"{must} {described(result)}. Pass the number alone: "
            f"lambda w: f(w)[{next(iter(result), 'loss')!r}]"
        )
    if isinstance(result, (tuple, list)) and len(result) != 1:
        raise InputError(f"{must} {described(result)}. {_which_of(result)}")
    array = as_array("what the function returns", result)
    if array.dtype.kind not in "fiu":
        raise InputError(f"{must} {_shown(result, array)}")
    if array.size != 1:
        raise InputError(
            f"{must} an array of shape {array.shape}. Sum it, or take the entry that you mean. "
            "(f comes first, then its gradient.)"
        )
    if not np.isfinite(array).all():
        raise InputError(f"{must} {array.item()}")
    return float(array.item())


def _which_of(results: Sequence[Any]) -> str:
    """Say which of several things in a function's answer may be its value."""
    kinds = [isinstance(item, (int, float)) or np.shape(item) == () for item in map(_flat, results)]
    if not kinds:
        return "It holds nothing"
    if not any(kinds):
        return "Sum what they hold, or take the entry that you mean"
    k = kinds.index(True)
    which = (
        "the first of them"
        if k == 0
        else "the last of them"
        if k == len(kinds) - 1
        else "one of them"
    )
    return f"If {which} is the loss, pass it alone: lambda w: f(w)[{k}]"


def _flat(item: Any) -> Any:
    """Return an empty list in place of a sequence, which may hold arrays of several shapes."""
    return [] if isinstance(item, (tuple, list)) else item


def _shown(result: Any, array: np.ndarray) -> str:
    """Describe a result that is not a real number, in a few words."""
    if array.dtype.kind == "c":
        return f"complex numbers ({array.ravel()[0]:.3g}). Return the real part, if you mean that"
    if isinstance(result, (str, bool, np.bool_)):
        return f"{result!r:.30}"
    return described(result)


def _on_precision(coarse: str, params: Any) -> list[str]:
    """Return the remarks on parameters in single precision, if there are any."""
    notes = []
    if coarse:
        notes.append(
            f"params came in {coarse} and were taken as float64: "
            "steps in single precision are too coarse."
        )
    if any(array.dtype != np.float64 for _, array in leaves(params)):
        notes.append(
            "The library of params makes single precision of them all the same, so that little "
            "can be told. For JAX, call jax.config.update('jax_enable_x64', True) first."
        )
    return notes


@overload
def scale(weights: float) -> float: ...
@overload
def scale(weights: np.ndarray) -> np.ndarray: ...
def scale(weights: np.ndarray | float) -> np.ndarray | float:
    """Return powers of two near max(1, |w|), to which steps are relative."""
    return 2.0 ** np.ceil(np.log2(np.maximum(1, np.abs(weights))))
