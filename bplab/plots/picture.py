"""`Picture`, which every figure of the course is: with a description, and with safe colours."""

import base64
import html
import io
import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from bplab.errors import is_on_a_page

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend
    from matplotlib.text import Text
    from PIL.Image import Image

__all__ = [
    "BLUE",
    "COLOURS",
    "DARK_THEMES",
    "DASHES",
    "GREEN",
    "GREY",
    "MARKERS",
    "NARROW_INCHES",
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
"""CSS selectors of elements around outputs on dark pages, in JupyterLab and in VS Code."""

SMALLEST, BESIDE = 11, 452
"""Least size of letters, and the width of a window that JupyterLab itself takes, both in pixels."""

NARROW, IN_A_LINE, LOW = 348, 33, 0.75
"""Of a narrow picture: width in pixels, letters in a line of the title, height of stacked axes.

The height is the greatest one, as a share of the width. JupyterLab in a window of 800 pixels has no
more room beside its list of files.
"""

NARROW_INCHES = NARROW / 100
"""Width in inches of the figures that are drawn for narrow pages."""

# Paper turns into JupyterLab's dark background, ink turns light, colours a lighter shade.
_STYLE = f"""<style>
:is({", ".join(DARK_THEMES)}) .bplab-still {{ filter: invert(0.933) hue-rotate(180deg) }}
</style>"""


def blank_figure(**how: Any) -> "Figure":
    """Return a new `matplotlib.figure.Figure` with these arguments; matplotlib is loaded only now.

    It is not made by pyplot, which would keep it in memory.
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
        Dots per inch of the picture.
    narrow : callable, optional
        Returns the same figure for a narrow page, `NARROW_INCHES` wide. Without it a single plot is
        drawn again narrower, and axes that stand side by side are stacked. Narrow versions are not
        made when notebooks are built: with every figure twice, the files would be too large to be
        shown.
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
        self._narrow, self._page = b"", 0
        if not is_on_a_page():
            return
        self._page = BESIDE + round(self.width * SMALLEST / _smallest(figure))
        if narrow is not None:
            self._narrow = _drawn(narrow())
        elif self.width > NARROW:
            if len(figure.axes) > 1:
                self._narrow = _stacked(figure)
            elif figure.axes and figure.axes[0].axison:  # a plot can be read at any width
                self._narrow = _redrawn(figure, figure.get_figheight(), figure.axes[0].title)

    def __repr__(self) -> str:
        return f"[Picture: {self.alt}]"

    def _repr_png_(self) -> bytes:
        # for programs that drop HTML, or parts of it
        return self.png.getvalue()

    def _repr_html_(self) -> str:
        # an <img> of our own: notebooks drop the description of plain picture outputs
        image = (
            f'<img alt="{html.escape(self.alt, quote=True)}" width="{self.width}" '
            'class="bplab-still" style="max-width:100%;height:auto" '
            f'src="{_address(self.png.getvalue())}">'
        )
        if self._narrow:
            source = f'media="(max-width: {self._page}px)" width="{NARROW}"'
            image = f'<picture><source {source} srcset="{_address(self._narrow)}">{image}</picture>'
        return _STYLE + image


def _redrawn(figure: "Figure", height: float, title: "Text | None") -> bytes:
    """Draw a figure in the width of a narrow page, with letters of unchanged size."""
    width, high = figure.get_size_inches()
    said = "" if title is None else title.get_text()
    figure.set_size_inches(NARROW / figure.dpi, height)
    if title is not None:
        together = said.replace(" = ", "\u00a0=\u00a0")
        title.set_text(textwrap.fill(together, IN_A_LINE))
    try:
        return _drawn(figure)
    finally:
        figure.set_size_inches(width, high)
        if title is not None:
            title.set_text(said)


def _smallest(figure: "Figure") -> float:
    """Return the size of the smallest letters in a figure, in pixels."""
    from matplotlib.text import Text

    texts = [t for t in figure.findobj(Text) if isinstance(t, Text) and t.get_text().strip()]
    sizes = [float(text.get_fontsize()) for text in texts]
    return min(sizes, default=10.0) * figure.dpi / 72


def _stacked(figure: "Figure") -> bytes:
    """Draw a figure for a narrow page, with fewer axes side by side, so that each keeps its width.

    At least one stands in a row. Empty if some axes were placed by hand.
    """
    from matplotlib.gridspec import GridSpec

    places = [place for axes in figure.axes if (place := axes.get_subplotspec())]
    if len(places) < len(figure.axes):  # some are placed by hand
        return b""
    rows, columns = places[0].get_gridspec().get_geometry()
    width, height = figure.get_size_inches()
    narrow = NARROW / figure.dpi
    fewer = min(columns, max(1, int(narrow * columns / width)))
    more = -(-len(places) // fewer)
    grid = GridSpec(more, fewer, figure=figure)
    labelled = [axes.yaxis.get_tick_params().get("labelleft", True) for axes in figure.axes]
    for i, axes in enumerate(figure.axes):
        axes.set_subplotspec(grid[divmod(i, fewer)])
        axes.tick_params(labelleft=labelled[0] or i % fewer == 0)
    try:
        title = next(iter(figure.texts), None)
        return _redrawn(figure, more * min(height / rows, LOW * narrow), title)
    finally:
        for axes, place, labels in zip(figure.axes, places, labelled, strict=True):
            axes.set_subplotspec(place)
            axes.tick_params(labelleft=labels)


def _drawn(figure: "Figure") -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    legends = [axes.get_legend() for axes in figure.axes]
    covering = [legend for legend in legends if legend is not None and _covers(legend)]
    for legend in covering:
        _raise(legend)
    if covering:
        canvas.draw()
    return small_png(Image.fromarray(np.asarray(canvas.buffer_rgba())))


def _covers(legend: "Legend") -> bool:
    """Whether a legend covers a curve, or marks, that it names."""
    box = legend.get_window_extent()
    for line in legend.axes.lines:
        if str(line.get_label()).startswith("_"):  # not in the legend, such as an axis
            continue
        path = line.get_transform().transform_path(line.get_path())
        marks = line.get_linestyle() == "None"
        if box.count_contains(path.vertices) if marks else path.intersects_bbox(box, filled=False):
            return True
    return False


def _raise(legend: "Legend") -> None:
    """Make room above the curves, as high as the legend, and put the legend there."""
    axes = legend.axes
    share = legend.get_window_extent().height / axes.bbox.height
    legend.set_loc("upper right")
    scale = axes.yaxis.get_transform()
    low, high = scale.transform(axes.get_ylim())
    axes.set_ylim(top=float(scale.inverted().transform(low + (high - low) / (1 - share))))


def _address(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"


def small_png(picture: "Image") -> bytes:
    """Return a drawing as a PNG of 80 colours: a third of the bytes, with no visible difference."""
    from PIL import Image

    # k-means: colours of large areas stay as they are
    few = picture.convert("RGB").quantize(
        80, method=Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE
    )
    stream = io.BytesIO()
    few.save(stream, "png", optimize=True)
    return stream.getvalue()


def sub(number: int) -> str:
    """Return a number as a subscript."""
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
