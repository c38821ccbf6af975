"""When numbers are near enough to be the same."""

import numpy as np
from numpy.typing import NDArray

from bplab.learner import Answer

__all__ = ["alike", "near", "right_entries"]

RTOL_FLOAT32, ATOL_FLOAT32 = 1e-4, 1e-5


def alike(a: Answer, b: Answer, rtol: float = 1e-7, atol: float = 1e-7) -> bool:
    """Whether two calls ended alike: equal arrays, or the same kind of failure."""
    if a.parts is None or b.parts is None:
        kinds = [answer.raised and answer.raised.kind for answer in (a, b)]
        return a.parts is b.parts and kinds[0] == kinds[1] and a.unusable == b.unusable
    return len(a.parts) == len(b.parts) and all(
        near(x, y, rtol, atol) for x, y in zip(a.parts, b.parts, strict=True)
    )


def near(a: NDArray, b: NDArray, rtol: float, atol: float) -> bool:
    """Whether two arrays have one shape, and every entry agrees (NaN with NaN)."""
    return a.shape == b.shape and bool(_close_entries(a, b, rtol, atol).all())


def _close_entries(a: NDArray, b: NDArray, rtol: float, atol: float) -> NDArray:
    """Entrywise agreement of equal shapes; ``atol`` counts in units of the largest |b|."""
    finite = np.abs(b[np.isfinite(b)])
    scale = finite.max() if finite.size else 0.0
    return np.isclose(a, b, rtol=rtol, atol=atol * scale, equal_nan=True)


def right_entries(part: NDArray, reference: NDArray, rtol: float) -> NDArray:
    """Which entries of a part are right, in the precision the part came in.

    Near is meant relative to the entry, and a hundredth of that to the largest entry of its
    part. Another order of summation differs by 1e-15, a finite difference by 1e-9 or more.
    """
    if part.dtype == np.float32:
        return _close_entries(part, reference, max(rtol, RTOL_FLOAT32), ATOL_FLOAT32)
    return _close_entries(part, reference, rtol, rtol / 100)
