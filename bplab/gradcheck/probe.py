"""A function of a structure of arrays, with its parameters moved a little at a time."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, overload

import numpy as np

from bplab.tree import leaves, rebuild

Direction = Sequence[np.ndarray]
"""One array for each block of the parameters, of its shape."""


class Probe:
    """A scalar function and the point at which it is differentiated.

    Parameters
    ----------
    f : callable
        Takes a structure like ``params``, returns a real number. It gets copies.
    params : array, or tuple, list or dict of arrays
        Real and finite. Never changed.

    Attributes
    ----------
    names : list of str
        What each block is called.
    blocks : list of ndarray, float64
        The parameters, block by block.

    Raises
    ------
    ValueError
        If ``params`` is not real and finite, or holds nothing.
    """

    def __init__(self, f: Callable[[Any], float], params: Any):
        self.f, self.params = f, params
        self.names, self.blocks = [], []
        for name, array in leaves(params):
            if array.dtype.kind not in "fiu" or not np.isfinite(array).all():
                raise ValueError(f"{name} must hold finite real numbers; got dtype {array.dtype}")
            self.names.append(name)
            self.blocks.append(array.astype(np.float64))
        if not self.size:
            raise ValueError("params must hold at least one number; got none")

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
        """Cut values, one an entry and in their order, into arrays of the blocks' shapes."""
        ends = np.cumsum([block.size for block in self.blocks])[:-1]
        parts = zip(np.split(values, ends), self.blocks, strict=True)
        return [part.reshape(block.shape) for part, block in parts]

    def structure(self, arrays: Sequence[np.ndarray]) -> Any:
        """Return arrays in the structure of the parameters."""
        return rebuild(self.params, iter(arrays))

    def here(self) -> float:
        """Return the function's value at the parameters."""
        return self.at([block.copy() for block in self.blocks])

    def at(self, arrays: Sequence[np.ndarray]) -> float:
        """Return the function's value for other parameters, which it may keep or change."""
        result = np.asarray(self.f(self.structure(arrays)))
        if result.size != 1 or result.dtype.kind not in "fiu" or not np.isfinite(result).all():
            raise ValueError(
                f"the function must return one finite real number; got {result.dtype} "
                f"of shape {result.shape}: {np.array2string(result, threshold=3)}"
            )
        return float(result.item())

    def moved(self, b: int, index: tuple[int, ...], h: float) -> tuple[float, float]:
        """Return the value with one entry moved by h, and how far it really moved."""
        arrays = [block.copy() for block in self.blocks]
        arrays[b][index] += h
        run = float(arrays[b][index] - self.blocks[b][index])
        return self.at(arrays), run

    def along(self, direction: Direction, t: float) -> float:
        """Return the value at params + t · direction."""
        return self.at([block + t * d for block, d in zip(self.blocks, direction, strict=True)])

    def direction(self, rng: np.random.Generator) -> list[np.ndarray]:
        """Return a random direction, in which every entry moves as its size allows."""
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
            raise ValueError(
                "a complex step needs a function that takes complex numbers; this one raised "
                f"{type(error).__name__}: {error}. Use central or Richardson differences"
            ) from error
        if result.size != 1 or result.dtype.kind != "c":
            raise ValueError(
                "a complex step needs a function that is analytic; this one answered complex "
                f"parameters with {result.dtype}, so it has dropped the imaginary part (by abs, "
                "real, or a conversion to float). Use central or Richardson differences"
            )
        return complex(result.item())


@overload
def scale(weights: float) -> float: ...
@overload
def scale(weights: np.ndarray) -> np.ndarray: ...
def scale(weights: np.ndarray | float) -> np.ndarray | float:
    """Powers of two near max(1, |w|), to which steps are relative."""
    return 2.0 ** np.ceil(np.log2(np.maximum(1, np.abs(weights))))
