"""Pictures made of pixels: a figure that lives as long as its panel, redrawn by blitting; PNGs.

What stands still is drawn once and kept; at each change only the moving artists are drawn on
top of a copy. That is several times faster than drawing all, and without pyplot no figure
stays behind.
"""

import base64
import html
import struct
import zlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

import ipywidgets
import numpy as np
from numpy.typing import NDArray

from bplab.plots import small_png

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure


class Canvas:
    """A figure shown as ``<img alt=…>`` in an `ipywidgets.HTML`.

    Not in an `ipywidgets.Image`, which has no alternative text.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        With all its artists; made without pyplot.
    moving : iterable of Artist
        Those that change, in drawing order. All others, and the limits of the axes, must stay,
        or change seldom: see `refresh`.
    seldom : iterable of Artist
        Those that change with few controls only, in drawing order, below the moving ones: see
        `changed`.
    scale : float
        Pixels of the picture for each pixel of the page; above 1 for sharp text.

    Attributes
    ----------
    widget : ipywidgets.HTML
        What a panel shows.
    alt : str
        What the picture shows now, in words.
    """

    def __init__(
        self,
        figure: "Figure",
        moving: "Iterable[Artist]",
        *,
        seldom: "Iterable[Artist]" = (),
        scale: float = 1.5,
    ):
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        self.widget = ipywidgets.HTML()
        self.widget.add_class("bplab-picture")
        self.alt = ""
        self._figure = figure
        self._moving, self._seldom = tuple(moving), tuple(seldom)
        self._size = tuple(round(inches * 100) for inches in figure.get_size_inches())
        figure.set_dpi(100 * scale)
        self._agg = FigureCanvasAgg(figure)
        for artist in (*self._seldom, *self._moving):
            artist.set_animated(True)  # drawn by `show` only
        self._static = self._below = None
        self._still = b""

    def refresh(self) -> None:
        """Let the next `show`, which is then far slower, draw again what stands still."""
        self._static = self._below = None

    def changed(self) -> None:
        """Let the next `show` draw again what changes seldom."""
        self._below = None

    def show(self, alt: str, *, onload: str = "") -> None:
        """Draw the moving artists as they are now, and send the picture.

        Parameters
        ----------
        alt : str
            What the picture shows, in words.
        onload : str
            JavaScript that the page runs when the picture is there; ``this`` is the picture.
        """
        self._paint()
        self._still = b""
        self.alt = alt
        self.widget.value = self._img(rgb_png(self._pixels()), onload)

    def _paint(self) -> None:
        if self._static is None:
            self._agg.draw()
            self._static = self._agg.copy_from_bbox(self._figure.bbox)
        if self._below is None:
            self._agg.restore_region(self._static)
            for artist in self._seldom:
                self._figure.draw_artist(artist)
            self._below = self._agg.copy_from_bbox(self._figure.bbox)
        self._agg.restore_region(self._below)
        for artist in self._moving:
            self._figure.draw_artist(artist)

    def png(self) -> bytes:
        """Return what is shown now as a PNG: a still, moving artists included."""
        if not self._still:
            from PIL import Image

            # the buffer, not savefig: savefig leaves animated artists out
            self._still = small_png(Image.fromarray(self._pixels()))
        return self._still

    def html(self) -> str:
        """Return what is shown now as an ``<img>`` that needs no kernel."""
        return self._img(self.png(), "")

    def _pixels(self) -> NDArray:
        from PIL import Image

        size, buffer = self._agg.get_width_height(), self._agg.buffer_rgba()
        # Pillow drops the alpha channel several times faster than a strided copy
        return np.asarray(Image.frombuffer("RGBA", size, buffer).convert("RGB"))

    def _img(self, png: bytes, onload: str) -> str:
        width, height = self._size
        data = base64.b64encode(png).decode("ascii")
        script = f' onload="{html.escape(onload)}"' if onload else ""
        # with width, height and decoding=sync the page neither jumps nor flickers between pictures
        return (
            f'<img alt="{html.escape(self.alt)}" width="{width}" height="{height}" decoding="sync" '
            f'style="display:block;max-width:100%;height:auto"{script} '
            f'src="data:image/png;base64,{data}">'
        )


def rgb_png(pixels: NDArray) -> bytes:
    """Return pixels (height, width, 3) of 8-bit red, green and blue as a PNG."""
    height, width, _ = pixels.shape
    return _png(pixels.reshape(height, 3 * width), width, 2)


def palette_png(pixels: NDArray, palette: bytes) -> bytes:
    """Return 8-bit pixels (height, width) as a PNG.

    Parameters
    ----------
    pixels : ndarray of uint8
        Numbers of colours.
    palette : bytes
        Red, green and blue of each colour.
    """
    return _png(pixels, pixels.shape[1], 3, (b"PLTE", palette))


def _png(lines: NDArray, width: int, kind: int, *extra: tuple[bytes, bytes]) -> bytes:
    height, size = lines.shape
    filtered = np.zeros((height, 1 + size), np.uint8)  # each line begins with its filter: none
    filtered[:, 1:] = lines
    header = struct.pack(">2I5B", width, height, 8, kind, 0, 0, 0)
    chunks = (
        (b"IHDR", header),
        *extra,
        (b"IDAT", zlib.compress(filtered.data, 1)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
