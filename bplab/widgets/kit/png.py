"""PNG pictures, made from arrays of pixels."""

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

__all__ = ["palette_png"]


def palette_png(pixels: NDArray, palette: bytes, opaque: bytes) -> bytes:
    """Return pixels as a PNG with a palette.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width)
        The number of each pixel's colour in the palette.
    palette : bytes
        Red, green and blue of each colour.
    opaque : bytes
        Opacity of each colour, from 0 (transparent) to 255.
    """
    height, width = pixels.shape
    filtered = np.zeros((height, 1 + width), np.uint8)  # each line begins with its filter: none
    filtered[:, 1:] = pixels
    chunks = (
        (b"IHDR", struct.pack(">2I5B", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", palette),
        (b"tRNS", opaque),
        (b"IDAT", zlib.compress(filtered.data, 1)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
