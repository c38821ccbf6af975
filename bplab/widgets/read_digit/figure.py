"""The picture beside the frame: what the network sees, its outputs as bars, and why."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bplab.plots import BLUE, ORANGE
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

CELL, TOP = 16, 26  # side of a pixel, and where what is below the headings begins
BARS, LONG, ROW = 156, 108, 23.5  # where the bars begin, their length for 1, their distance
HEAT = 352  # where the heat map begins
GAP = 12  # between frame and picture, in a still


class _View(SvgView):
    """The picture; its still has the frame with the drawing at its left."""

    drawing = ""

    def html(self) -> str:
        """Return drawing and picture as an ``<img>`` that needs no kernel."""
        width, height = self.whole_size
        return still(document(self.whole(), width, height, self.alt), width, height, self.alt)

    @property
    def whole_size(self) -> tuple[int, int]:
        """Width and height of drawing and picture."""
        return SIZE + GAP + self.width, self.height

    def whole(self) -> str:
        """Return drawing and picture as SVG."""
        frame = rect(1, 1, SIDE - 2, SIDE - 2, stroke="#767676", stroke_width=2)
        return (
            f'<g transform="scale({SIZE / SIDE:g})">{frame}{self.drawing}</g>'
            f'<g transform="translate({SIZE + GAP} 0)">{self._body}</g>'
        )


class ReadDigitFigure:
    """The image of 8 × 8 pixels, the answer in large, a bar for each digit.

    Parameters
    ----------
    why : bool
        Whether there is a heat map: for and against one digit. What speaks against it is hatched.
    """

    def __init__(self, why: bool):
        self.view = _View(HEAT + 8 * CELL + 8 if why else HEAT - 8, SIZE)
        self._hatch = f"{self.view.id}-against"
        self._head = text(0, 14, "what the network sees", font_size=12)
        self._head += text(BARS, 14, "output for each digit", font_size=12)
        if why:
            self._head += hatching(self._hatch, ORANGE, gap=5, width=2)

    def draw(self, now: Reading | None) -> None:
        """Set the drawing."""
        if now is None:
            self.view.drawing = ""
            self.view.draw(self._head, _image(np.zeros(64), 0), self._bars(None))
            return
        self.view.drawing = ink(now.strokes)
        y = TOP + 8 * CELL
        parts = [
            self._head,
            _image(now.image, 0),
            text(4 * CELL, y + 82, str(now.answer), font_size=88, text_anchor="middle"),
            self._bars(now.outputs),
        ]
        if now.why is not None:
            parts.append(self._heat(now.why))
        self.view.draw(*parts)

    def draw_nothing(self) -> None:
        """Say that there is nothing to show."""
        self.view.draw(text(BARS, TOP + ROW, "nothing to show", font_weight="bold"))

    def _bars(self, outputs: NDArray | None) -> str:
        best = -1 if outputs is None else int(outputs.argmax())
        parts = []
        for k in range(10):
            y = TOP + k * ROW
            weight = "bold" if k == best else "normal"
            parts += [
                text(BARS, y + 14, str(k), font_weight=weight),
                rect(BARS + 16, y + 1, LONG, ROW - 6, stroke="#bbbbbb"),
            ]
            if outputs is not None:
                long = LONG * float(np.clip(outputs[k], 0, 1))
                fill = BLUE if k == best else "#8fb8d3"
                parts += [
                    rect(BARS + 16, y + 1, long, ROW - 6, fill=fill),
                    text(BARS + LONG + 22, y + 14, share(outputs[k]), font_weight=weight),
                ]
        return "".join(parts)

    def _heat(self, why: Why) -> str:
        """The derivatives as colours, and below them the same pixels where they are wrong."""
        middle: dict[str, Any] = {"font_size": 12}
        y = TOP + 8 * CELL
        largest = abs(why.slopes).max() or 1.0
        parts = [text(HEAT, 14, f"more ink here: {a_digit(why.digit)}?", **middle)]
        for i, slope in enumerate(why.slopes):
            strong = f"{abs(slope) / largest:.2f}"
            fill = BLUE if slope > 0 else f"url(#{self._hatch})"
            cell = rect(*_place(i, HEAT), CELL, CELL, fill=fill, fill_opacity=strong)
            row, column = divmod(i, 8)
            title = f"row {row + 1}, column {column + 1}: {number(slope)}"
            if why.wrong[i]:
                left, top = _place(i, HEAT)
                cell += text(left + CELL / 2, top + 13, "✕", text_anchor="middle", halo=True)
                title += f"; central difference {number(why.differences[i])}"
            parts.append(group(rect(*_place(i, HEAT), CELL, CELL, fill="white"), cell, title=title))
        parts += [
            rect(HEAT, TOP, 8 * CELL, 8 * CELL, stroke="#767676"),
            rect(HEAT, y + 14, 14, 14, fill=BLUE),
            text(HEAT + 20, y + 26, "speaks for it", **middle),
            rect(HEAT, y + 36, 14, 14, fill=f"url(#{self._hatch})"),
            text(HEAT + 20, y + 48, "speaks against it", **middle),
        ]
        return "".join(parts)


def a_digit(digit: int) -> str:
    """Return a digit with its article."""
    return f"an {digit}" if digit == 8 else f"a {digit}"


def share(output: float) -> str:
    """Return a probability in per cent; any other number as it is."""
    if not -1e-9 <= output <= 1 + 1e-9:
        return number(output)
    if 0.99 < output < 1:
        return "> 99 %"
    return "< 1 %" if 0 < output < 0.01 else f"{output:.0%}".replace("%", " %")


def _image(image: NDArray, x: float) -> str:
    """Pixels from white to black."""
    cells = [
        rect(*_place(i, x), CELL, CELL, fill=INK, fill_opacity=f"{value:.2f}")
        for i, value in enumerate(image)
        if value
    ]
    grid = [line(x + i * CELL, TOP, x + i * CELL, TOP + 8 * CELL) for i in range(1, 8)]
    grid += [line(x, TOP + i * CELL, x + 8 * CELL, TOP + i * CELL) for i in range(1, 8)]
    frame = rect(x, TOP, 8 * CELL, 8 * CELL, stroke="#767676")
    return "".join(cells) + group(*grid, stroke_opacity="0.12") + frame


def _place(i: int, x: float) -> tuple[float, float]:
    """Where pixel i is, in an image that begins at x."""
    row, column = divmod(i, 8)
    return x + column * CELL, TOP + row * CELL
