"""The picture of the softmax panel: a row an output, a column a t, and below what is sent back."""

from typing import Any

import numpy as np

from bplab.plots import BLUE, ORANGE, sub
from bplab.widgets.kit.svg import INK, SvgView, group, hatching, line, number, rect, text
from bplab.widgets.softmax.model import Softmaxed

TOP, ROW, CELL = 62, 46, 86  # where the rows begin, their height, the width of a cell
BAR, LONG = 142, 112  # where the bars of f begin, their length for f = 1
LEFT = 462  # where the Jacobian begins
BOTTOM = 128  # height of what stands below it
NEAR_ZERO = 1e-12


class SoftmaxFigure:
    """For each output: t, exp(t), f as a bar, the residual; and its row of the Jacobian.

    Below each column of the Jacobian stand its sum, delta, and delta from the diagonal only; at
    their left both as bars. Negative cells are hatched, wrong ones crossed.

    Parameters
    ----------
    K : int
    """

    def __init__(self, K: int):
        self._K = K
        self._end = TOP + K * ROW
        self.view = SvgView(LEFT + K * CELL + 92, self._end + BOTTOM)
        self._hatch = f"{self.view.id}-negative"
        self._frame = hatching(self._hatch, "#f2b48f") + self._headings()

    def draw(self, now: Softmaxed, before: Softmaxed | None) -> None:
        """Set the drawing; of the state before only the bars are marked."""
        parts = [self._frame]
        for k in range(self._K):
            parts += [self._output(now, before, k), self._row(now, k)]
        self.view.draw(*parts, self._below(now), self._bars(now))

    def draw_nothing(self) -> None:
        """Say that there is nothing to show."""
        self.view.draw(text(BAR, TOP + ROW, "nothing to show", font_weight="bold"))

    def _headings(self) -> str:
        small: dict[str, Any] = {"font_size": 12, "text_anchor": "middle"}
        parts = [
            text(30, TOP - 12, "t + c", **small),
            text(96, TOP - 12, "exp(t + c)", **small),
            text(BAR, TOP - 28, "f = softmax(t + c)", font_size=12),
            text(BAR, TOP - 12, "┆ the f before", font_size=12),
            text(366, TOP - 12, "−2(y − f)", **small),
            text(
                LEFT + self._K * CELL / 2,
                TOP - 42,
                "Jacobian ∂f/∂t: how fast f moves (row) when t moves (column)",
                font_weight="bold",
                **small,
            ),
            text(LEFT + self._K * CELL + 44, TOP - 12, "sum of row", **small),
        ]
        for k in range(self._K):
            x = LEFT + (k + 0.5) * CELL
            parts.append(text(x, TOP - 12, f"t{sub(k + 1)}", text_anchor="middle"))
            y = TOP + (k + 0.5) * ROW + 4
            parts.append(text(LEFT - 30, y, f"f{sub(k + 1)}", text_anchor="middle"))
        return "".join(parts)

    def _output(self, now: Softmaxed, before: Softmaxed | None, k: int) -> str:
        """What stands left of the Jacobian."""
        y = TOP + (k + 0.5) * ROW
        f, name = now.f[k], sub(k + 1)
        long = LONG * float(np.clip(f, 0, 1))
        parts = [
            text(30, y + 4, number(now.t[k] + now.c, 4), text_anchor="middle"),
            text(96, y + 4, _power(now.raw[k]), text_anchor="middle"),
            rect(BAR, y - 12, LONG, 24, stroke="#bbbbbb"),
            rect(BAR, y - 12, long, 24, fill=BLUE),
            text(BAR + LONG + 6, y + 4, _fixed(f), font_weight="bold"),
            text(366, y + 4, _signed(now.residual[k]), text_anchor="middle"),
        ]
        if now.y[k]:
            parts.append(text(BAR + LONG + 6, y + 19, "target", font_size=11))
        if now.wrong_f[k]:
            parts.append(text(BAR + LONG + 6, y - 11, f"✕ {_fixed(now.right_f[k])}"))
        if before is not None:
            x = BAR + LONG * float(np.clip(before.f[k], 0, 1))
            parts.append(line(x, y - 18, x, y + 18, stroke_width=2, stroke_dasharray="4 3"))
        return group(
            *parts, title=f"f{name} = exp(t{name}) / Σ exp(t) = {f:.8g}; y{name} = {now.y[k]:g}"
        )

    def _row(self, now: Softmaxed, k: int) -> str:
        """The row of the Jacobian, and its sum."""
        top = TOP + k * ROW
        largest = float(abs(now.jacobian).max()) or 1.0
        parts = [self._cell(now, k, j, largest) for j in range(self._K)]
        x = LEFT + self._K * CELL + 44
        parts.append(text(x, top + ROW / 2 + 4, _sum(now.jacobian[k]), text_anchor="middle"))
        return "".join(parts)

    def _cell(self, now: Softmaxed, k: int, j: int, largest: float) -> str:
        x, y, value = LEFT + j * CELL, TOP + k * ROW, now.jacobian[k, j]
        share = abs(value) / largest
        fill = {"fill": BLUE, "fill_opacity": f"{0.06 + 0.34 * share:.2f}"}
        if value < 0:
            fill = {"fill": f"url(#{self._hatch})", "fill_opacity": f"{0.25 + 0.75 * share:.2f}"}
        border = {"stroke": INK, "stroke_width": 2.5} if k == j else {"stroke": "#bbbbbb"}
        inset = 2 if k == j else 0.5
        one, other = sub(k + 1), sub(j + 1)
        formula = f"f{one}(1 − f{one})" if k == j else f"−f{one} f{other}"
        wrong = now.wrong_jacobian[k, j]
        title = f"∂f{one}/∂t{other} = {formula} = {value:.8g}"
        middle: dict[str, Any] = {"halo": True, "text_anchor": "middle"}
        parts = [
            rect(x + inset, y + inset, CELL - 2 * inset, ROW - 2 * inset, **fill, **border),
            text(x + CELL / 2, y + ROW / 2 + (-3 if wrong else 5), _signed(value), **middle),
        ]
        if wrong:
            right = now.right_jacobian[k, j]
            parts.append(
                text(x + CELL / 2, y + ROW - 8, f"✕ {_signed(right)}", font_size=12, **middle)
            )
            title += f"; the reference has {right:.8g}"
        return group(*parts, title=title)

    def _below(self, now: Softmaxed) -> str:
        """Below each column: its sum, delta, delta from the diagonal only, and how far off."""
        titles = ("sum of column", "δ, whole Jacobian", "δ, diagonal only", "off by")
        rows = [self._end + 22 + 28 * i for i in range(4)]
        parts = [
            text(LEFT - 10, y, title, text_anchor="end", font_weight=weight)
            for y, title, weight in zip(rows, titles, ("", "bold", "bold", ""), strict=True)
        ]
        parts.append(line(LEFT, rows[0] + 9, LEFT + self._K * CELL, rows[0] + 9, stroke="#bbbbbb"))
        for k in range(self._K):
            x = LEFT + (k + 0.5) * CELL
            whole, only = now.delta[k], now.diagonal[k]
            shown = (_sum(now.jacobian[:, k]), _signed(whole), _signed(only), off_by(whole, only))
            parts += [
                text(x, y, words, text_anchor="middle", font_weight=weight)
                for y, words, weight in zip(rows, shown, ("", "bold", "bold", ""), strict=True)
            ]
        x = LEFT + self._K * CELL + 44
        parts.append(text(x, rows[2], "in all", text_anchor="middle", font_size=12))
        parts.append(text(x, rows[3], f"{now.off:.0%}", text_anchor="middle", font_weight="bold"))
        return "".join(parts)

    def _bars(self, now: Softmaxed) -> str:
        """Both deltas as bars on one scale, left of the numbers."""
        largest = max(abs(now.delta).max(), abs(now.diagonal).max()) or 1.0
        top, middle, half = self._end + 28, 176, 118
        high = (BOTTOM - 46) / self._K
        parts = [
            text(middle, top - 8, "δ:  solid whole, hatched diagonal only", **_CENTRED),
            line(middle, top, middle, self._end + BOTTOM - 8, stroke="#767676"),
        ]
        for k in range(self._K):
            y = top + 6 + k * high
            parts.append(text(middle - half - 14, y + high / 2 + 2, f"δ{sub(k + 1)}", **_CENTRED))
            for i, (value, fill, edge) in enumerate(
                (
                    (now.delta[k], BLUE, BLUE),
                    (now.diagonal[k], f"url(#{self._hatch})", ORANGE),
                )
            ):
                long = half * abs(value) / largest
                x = middle if value > 0 else middle - long
                parts.append(rect(x, y + i * high * 0.44, long, high * 0.4, fill=fill, stroke=edge))
        return "".join(parts)


_CENTRED: dict[str, Any] = {"text_anchor": "middle", "font_size": 12}


def off_by(whole: float, only: float) -> str:
    """Say how far a delta from the diagonal only is from the right one."""
    if abs(whole) < NEAR_ZERO:
        return "both 0" if abs(only) < NEAR_ZERO else "not 0"
    share = f"{abs(only - whole) / abs(whole):.0%}"
    return f"{share}, sign!" if whole * only < 0 else share


def _power(value: float) -> str:
    return number(value) if np.isfinite(value) else "infinite"


def _fixed(value: float) -> str:
    return f"{value:.4f}" if abs(value) >= 5e-4 or value == 0 else number(value, 2)


def _signed(value: float) -> str:
    shown = f"{value:+.4f}" if abs(value) >= 5e-4 else f"{value:+.1e}"
    return "0" if value == 0 else shown.replace("-", "−")


def _sum(values: np.ndarray) -> str:
    """A sum that is 0 but for rounding is shown as 0."""
    total = float(values.sum())
    return "0" if abs(total) < NEAR_ZERO else _signed(total)
