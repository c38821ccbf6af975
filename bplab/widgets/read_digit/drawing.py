"""A drawing as text, and as the image of 8 × 8 pixels that a network reads.

The image is made in the same way as those of the data set (M. Garris et al., NIST 1994;
E. Alpaydin and C. Kaynak 1998). The digit fills a bitmap: 32 pixels in height, at most 20 in width.
All digits have about the same amount of ink. Each pixel of the image is the share of dark pixels
in a block of 4 × 4.
"""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bplab.errors import InputError

__all__ = ["PEN", "SIDE", "Strokes", "image_of", "read_strokes", "write_strokes"]

SIDE = 200
"""Side of the square frame, in units of a drawing: coordinates are whole numbers from 0 to this."""
PEN = 14
"""Width of the line on the page, in the same units."""
LONGEST = 200_000  # characters of a drawing as text, at most

BITMAP, HIGH, WIDE = 32, 28, 16  # side of the bitmap; height and width for the line's centre
FLATTEST = 2.5  # a drawing whose width is more times its height is not stretched to full height
DARK = 0.305
"""Share of the bitmap that is dark, for every digit: the mean of the data."""
THIN, THICK = 1.0, 5.0  # least and greatest half width of the line, in pixels of the bitmap
MOST = 500  # pieces of line, at most; more are made fewer on a coarser grid

Strokes = Sequence[NDArray]
"""Lines, each drawn without lifting the pen, (n, 2): x to the right, y down, from 0 to SIDE."""

_POINT = r"\d{1,3}\.\d{1,3}"
_STROKE = rf"{_POINT}(-{_POINT})*"
_DRAWING = re.compile(rf"({_STROKE}(_{_STROKE})*)?", re.ASCII)


def read_strokes(text: str) -> Strokes:
    """Return the strokes that a text stands for.

    Parameters
    ----------
    text : str
        Points are written ``x.y``; ``-`` joins points to strokes, and ``_`` joins strokes:
        ``"60.20-140.20-90.180"`` is a 7. An empty text is an empty frame.

    Raises
    ------
    ValueError
        If the text is not a drawing.
    """
    if not isinstance(text, str) or len(text) > LONGEST or not _DRAWING.fullmatch(text):
        came = text if not isinstance(text, str) or len(text) < 60 else f"{text[:50]}…"
        raise InputError(
            "drawing must hold points such as 60.20, joined by - to strokes, these by _, and at "
            f"most {LONGEST:,} characters in all, as in '60.20-140.20-90.180'; got {came!r}"
        )
    strokes = [
        np.array([point.split(".") for point in stroke.split("-")], dtype=int)
        for stroke in text.split("_")
        if stroke
    ]
    if strokes and (largest := max(stroke.max() for stroke in strokes)) > SIDE:
        raise InputError(f"points of a drawing lie from 0 to {SIDE}; one has {largest}")
    return strokes


def write_strokes(strokes: Sequence[ArrayLike]) -> str:
    """Return strokes as text, which `read_strokes` can read."""
    return "_".join(
        "-".join(f"{x:.0f}.{y:.0f}" for x, y in np.asarray(stroke)) for stroke in strokes
    )


def image_of(strokes: Strokes) -> NDArray[np.float64]:
    """Return the image that a network gets: 64 pixels from 0 (paper) to 1 (ink), row by row.

    Place and size of the drawing in the frame make no difference. Without strokes all pixels are 0.
    """
    if not strokes:
        return np.zeros(64)
    pieces = _pieces(strokes)
    points = pieces.reshape(-1, 2)
    low, high = points.min(axis=0), points.max(axis=0)
    wide, tall = np.maximum(high - low, 1)
    along = HIGH / max(tall, wide / FLATTEST)
    scale = np.array([min(WIDE / wide, along), along])  # narrow drawings are not widened
    fitted = (pieces - (low + high) / 2) * scale + BITMAP / 2
    away = _distances(fitted)
    half = np.clip(np.sort(away)[round(DARK * away.size)], THIN, THICK)
    dark = (away <= half).reshape(8, 4, 8, 4)
    return dark.sum(axis=(1, 3)).ravel() / 16


def _pieces(strokes: Strokes) -> NDArray[np.float64]:
    """Return straight pieces of line by their ends, (n, 2, 2); on a coarser grid if many."""
    whole = [stroke if len(stroke) > 1 else np.repeat(stroke, 2, axis=0) for stroke in strokes]
    ends = np.concatenate([np.hstack([stroke[:-1], stroke[1:]]) for stroke in whole])
    step, pieces = 1, np.unique(ends, axis=0)
    while len(pieces) > MOST:
        step *= 2
        pieces = np.unique(np.round(ends / step), axis=0) * step
    return pieces.reshape(-1, 2, 2).astype(np.float64)


def _distances(pieces: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the distance of each pixel of the bitmap from the nearest piece of line."""
    y, x = np.mgrid[:BITMAP, :BITMAP].reshape(2, -1, 1) + 0.5
    (from_x, from_y), (to_x, to_y) = pieces.transpose(1, 2, 0)
    by_x, by_y = to_x - from_x, to_y - from_y
    long = by_x**2 + by_y**2
    share = ((x - from_x) * by_x + (y - from_y) * by_y) / np.where(long > 0, long, 1)
    share = np.clip(share, 0, 1)
    across = (x - from_x - share * by_x) ** 2 + (y - from_y - share * by_y) ** 2
    return np.sqrt(across.min(axis=1))
