"""What every figure of the course is, and what they share: a description, and safe colours."""

import base64
import html
import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from bplab.errors import is_on_a_page

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from PIL.Image import Image

__all__ = [
    "BLUE",
    "COLOURS",
    "DARK_THEMES",
    "DASHES",
    "GREEN",
    "GREY",
    "MARKERS",
    "ORANGE",
    "Picture",
    "blank_figure",
    "small_png",
    "sub",
]

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#767676"
COLOURS = (BLUE, ORANGE, GREEN)
MARKERS = ("o", "s", "^")
DASHES = ("-", "--", ":")

DARK_THEMES = ('[data-jp-theme-light="false"]', ".vscode-dark", ".vscode-high-contrast")
"""What a page with a dark theme has about its outputs: JupyterLab's and VS Code's."""

PAGE, NARROW, IN_A_LINE = 900, 360, 34
"""The widest window, in pixels, that counts as narrow; a picture's width there; a title's letters.

JupyterLab at 800 pixels has no more beside its list of files; scaled down, letters had 8 pixels.
"""

# Paper becomes JupyterLab's dark background, ink light, and a colour a lighter one of its hue.
_STYLE = f"""<style>
:is({", ".join(DARK_THEMES)}) .bplab-still {{ filter: invert(0.933) hue-rotate(180deg) }}
</style>"""


def blank_figure(**how: Any) -> "Figure":
    """Return a new figure, made as `matplotlib.figure.Figure` says; only now is matplotlib loaded.

    Not by pyplot, which would keep it.
    """
    from matplotlib.figure import Figure

    return Figure(**how)


class Picture:
    """A figure with a description.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    alt : str
        What the figure shows, in a sentence or two.
    dpi : int
        Dots an inch of the picture.
    narrow : callable, optional
        Makes the same for a narrow page, 3.6 inches wide; a single curve is drawn so by itself.
        Not where notebooks are built: drawn twice, they are too large to be looked at.
    """

    def __init__(
        self,
        figure: "Figure",
        alt: str,
        dpi: int = 100,
        narrow: "Callable[[], Figure] | None" = None,
    ):
        self.alt = alt
        figure.set_dpi(dpi)
        self.png = io.BytesIO(_drawn(figure))
        self.width = round(figure.get_figwidth() * dpi)
        self._narrow = b""
        if not is_on_a_page():
            return
        if narrow is not None:
            self._narrow = _drawn(narrow())
        elif _can_be_narrow(figure, self.width):
            self._narrow = self._redrawn(figure)

    def _redrawn(self, figure: "Figure") -> bytes:
        """Draw it once more, as wide as a narrow page has room, its letters as large as ever."""
        width, height = figure.get_size_inches()
        (axes,) = figure.axes
        title, size = axes.title, float(axes.title.get_fontsize())
        figure.set_size_inches(NARROW / figure.dpi, height)
        if len(title.get_text()) > IN_A_LINE:
            title.set_fontsize(size * IN_A_LINE / len(title.get_text()))
        try:
            return _drawn(figure)
        finally:
            figure.set_size_inches(width, height)
            title.set_fontsize(size)

    def __repr__(self) -> str:
        return f"[Picture: {self.alt}]"

    def _repr_png_(self) -> bytes:
        # for those who leave out HTML, or what is in it
        return self.png.getvalue()

    def _repr_html_(self) -> str:
        # an <img> of our own: notebooks drop the description of plain picture outputs
        image = (
            f'<img alt="{html.escape(self.alt, quote=True)}" width="{self.width}" '
            'class="bplab-still" style="max-width:100%;height:auto" '
            f'src="{_address(self.png.getvalue())}">'
        )
        if self._narrow:
            source = f'media="(max-width: {PAGE}px)" width="{NARROW}"'
            image = f'<picture><source {source} srcset="{_address(self._narrow)}">{image}</picture>'
        return _STYLE + image


def _can_be_narrow(figure: "Figure", width: int) -> bool:
    """Whether it is a curve or the like: that keeps its sense where it has less room."""
    return width > NARROW and len(figure.axes) == 1 and figure.axes[0].axison


def _drawn(figure: "Figure") -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return small_png(Image.fromarray(np.asarray(canvas.buffer_rgba())))


def _address(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"


def small_png(picture: "Image") -> bytes:
    """Return a drawing as a PNG of 80 colours: a third of the bytes, and no difference to see."""
    from PIL import Image

    # k-means: what covers much keeps its colour
    few = picture.convert("RGB").quantize(
        80, method=Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE
    )
    stream = io.BytesIO()
    few.save(stream, "png", optimize=True)
    return stream.getvalue()


def sub(number: int) -> str:
    """Return a number as a subscript."""
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
