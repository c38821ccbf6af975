"""The picture beside the frame: the image that the network sees, its outputs, and the heat map."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bplab.plots import BLUE, ORANGE, sub
from bplab.widgets.kit.fitted import Fitted
from bplab.widgets.kit.svg import (
    INK,
    SvgView,
    document,
    group,
    hatching,
    line,
    number,
    rect,
    still,
    text,
)
from bplab.widgets.read_digit.drawing import SIDE
from bplab.widgets.read_digit.model import Reading, Why
from bplab.widgets.read_digit.surface import SIZE, ink

__all__ = ["ReadDigitFigure", "a_digit", "share"]

TOP, ROW = 26, 23.5  # top of the parts below the headings; distance from one bar to the next
GAP = 12  # space between frame and picture in a still


class Layout(NamedTuple):
    """Places and words for a width, in pixels.

    ``cell`` is the side of a pixel of the image. The bars begin at ``bars`` and have the length
    ``long`` for an output of 1; the heat map begins at ``heat``. ``heads`` are the headings, and
    ``speaks`` is put before "for it" and "against it".
    """

    cell: int
    bars: int
    long: int
    heat: int
    heads: tuple[str, str, str]
    speaks: str


WIDE = Layout(
    16,
    156,
    108,
    352,
    ("what the network sees", "output for each digit", "more ink here: "),
    "speaks ",
)
SLIM = Layout(13, 118, 46, 248, ("it sees", "its outputs", "more ink: "), "")


class _View(SvgView):
    """The picture; in its still, the frame with the drawing is on the left."""

    drawing = ""

    def html(self) -> str:
        """Return frame and picture as an ``<img>`` that needs no kernel."""
        width, height = self.whole_size
        return still(document(self.whole(), width, height, self.alt), width, height, self.alt)

    @property
    def whole_size(self) -> tuple[int, int]:
        """Width and height of frame and picture together."""
        return SIZE + GAP + self.width, self.height

    def whole(self) -> str:
        """Return frame and picture as SVG."""
        frame = rect(1, 1, SIDE - 2, SIDE - 2, stroke="#767676", stroke_width=2)
        return (
            f'<g transform="scale({SIZE / SIDE:g})">{frame}{self.drawing}</g>'
            f'<g transform="translate({SIZE + GAP} 0)">{self._body}</g>'
        )


class ReadDigitFigure(Fitted):
    """The image of 8 × 8 pixels, the answer in large type, and a bar for each digit.

    Parameters
    ----------
    why : bool
        Whether there is a heat map of what speaks for and against one digit; pixels that speak
        against it are hatched.
    """

    def __init__(self, why: bool):
        self._why = why
        self.widest = self.width = WIDE.heat + 8 * WIDE.cell + 8 if why else WIDE.heat - 8
        self.view = _View(self.width, SIZE)
        self._hatch = f"{self.view.id}-against"
        self._drawn: tuple[Reading | None] | None = None
        self.lay_out()

    def lay_out(self) -> None:
        """Place everything for the present width, and draw again what is shown."""
        self.view.width = self.width
        self.at = WIDE if self.width >= self.widest - 8 else SLIM
        self._head = text(0, 14, self.at.heads[0], font_size=12)
        self._head += text(self.at.bars, 14, self.at.heads[1], font_size=12)
        if self._why:
            self._head += hatching(self._hatch, ORANGE, gap=5, width=2)
        if self._drawn is not None:
            self.draw(*self._drawn)

    def draw(self, now: Reading | None) -> None:
        """Set the drawing: that of an answer, or of an empty image."""
        self._drawn = (now,)
        if now is None:
            self.view.drawing = ""
            self.view.draw(self._head, self._image(np.zeros(64)), self._bars(None))
            return
        self.view.drawing = ink(now.strokes)
        cell = self.at.cell
        y = TOP + 8 * cell
        parts = [
            self._head,
            self._image(now.image),
            text(4 * cell, y + 82, str(now.answer), font_size=88, text_anchor="middle"),
            self._bars(now.outputs),
        ]
        if now.why is not None:
            parts.append(self._heat(now.why))
        self.view.draw(*parts)

    def draw_nothing(self) -> None:
        """Say that there is nothing to show."""
        self._drawn = None
        self.view.draw(text(self.at.bars, TOP + ROW, "nothing to show", font_weight="bold"))

    def _bars(self, outputs: NDArray | None) -> str:
        best = -1 if outputs is None else int(outputs.argmax())
        parts, bars, long = [], self.at.bars, self.at.long
        for k in range(10):
            y = TOP + k * ROW
            weight = "bold" if k == best else "normal"
            parts += [
                text(bars, y + 14, str(k), font_weight=weight),
                rect(bars + 16, y + 1, long, ROW - 6, stroke="#bbbbbb"),
            ]
            if outputs is not None:
                full = long * float(np.clip(outputs[k], 0, 1))
                fill = BLUE if k == best else "#8fb8d3"
                bar = rect(bars + 16, y + 1, full, ROW - 6, fill=fill)
                words = text(bars + long + 22, y + 14, share(outputs[k]), font_weight=weight)
                room = rect(bars, y, long + 16, ROW, fill="white", fill_opacity=0)
                said = f"f{sub(k)} = {number(outputs[k], 6)}, the output for {a_digit(k)}"
                parts.append(group(bar, words, room, title=said))
        return "".join(parts)

    def _heat(self, why: Why) -> str:
        """Return the heat map: derivatives as colours, with crosses where they are wrong."""
        middle: dict[str, Any] = {"font_size": 12}
        heat, side = self.at.heat, self.at.cell
        y = TOP + 8 * side
        largest = abs(why.slopes).max() or 1.0
        parts = [text(heat, 14, f"{self.at.heads[2]}{a_digit(why.digit)}?", **middle)]
        for i, slope in enumerate(why.slopes):
            strong = f"{abs(slope) / largest:.2f}"
            fill = BLUE if slope > 0 else f"url(#{self._hatch})"
            left, top = self._place(i, heat)
            cell = rect(left, top, side, side, fill=fill, fill_opacity=strong)
            row, column = divmod(i, 8)
            f, x = f"f{sub(why.digit)}", f"x{sub(i + 1)}"
            more, less = (number(end, 11) for end in why.ends[:, i])
            title = (
                f"row {row + 1}, column {column + 1}: ∂{f}/∂{x} = {number(slope)}\n"
                f"central difference: ({f}({x} + h) − {f}({x} − h)) / 2h = "
                f"({more} − {less}) / {2 * why.step:.4g} = {number(why.differences[i])}"
            )
            if why.wrong[i]:
                cell += text(left + side / 2, top + 12, "✕", text_anchor="middle", halo=True)
            parts.append(group(rect(left, top, side, side, fill="white"), cell, title=title))
        parts += [
            rect(heat, TOP, 8 * side, 8 * side, stroke="#767676"),
            rect(heat, y + 14, 14, 14, fill=BLUE),
            text(heat + 18, y + 26, f"{self.at.speaks}for it", **middle),
            rect(heat, y + 36, 14, 14, fill=f"url(#{self._hatch})"),
            text(heat + 18, y + 48, f"{self.at.speaks}against it", **middle),
        ]
        return "".join(parts)

    def _image(self, image: NDArray) -> str:
        """Return the pixels of the image, in greys from paper to ink."""
        side = self.at.cell
        whole, parts = 8 * side, []
        for i, value in enumerate(image):
            row, column = divmod(i, 8)
            title = (
                f"row {row + 1}, column {column + 1}: x{sub(i + 1)} = {round(16 * value)}/16 = "
                f"{number(value)}, the share of dark dots"
            )
            place = *self._place(i, 0), side, side
            parts.append(group(rect(*place, fill=INK, fill_opacity=f"{value:.2f}"), title=title))
        grid = [line(i * side, TOP, i * side, TOP + whole) for i in range(1, 8)]
        grid += [line(0, TOP + i * side, whole, TOP + i * side) for i in range(1, 8)]
        frame = rect(0, TOP, whole, whole, stroke="#767676")
        return "".join(parts) + group(*grid, stroke_opacity="0.12") + frame

    def _place(self, i: int, x: float) -> tuple[float, float]:
        """Return the place of pixel i, in an image that begins at x."""
        row, column = divmod(i, 8)
        return x + column * self.at.cell, TOP + row * self.at.cell


def a_digit(digit: int) -> str:
    """Return a digit with its indefinite article."""
    return f"an {digit}" if digit == 8 else f"a {digit}"


def share(output: float) -> str:
    """Return a probability in per cent; a number that is not from 0 to 1 is written as it is."""
    if not -1e-9 <= output <= 1 + 1e-9:
        return number(output)
    if 0.99 < output < 1:
        return "> 99 %"
    return "< 1 %" if 0 < output < 0.01 else f"{output:.0%}".replace("%", " %")
