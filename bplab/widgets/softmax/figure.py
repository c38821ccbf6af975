"""The picture of the softmax panel: a row per output, a column per t, and the deltas below."""

from typing import Any, NamedTuple

import numpy as np

from bplab.plots import BLUE, ORANGE, sub
from bplab.widgets.kit.fitted import Fitted
from bplab.widgets.kit.svg import (
    INK,
    Box,
    SvgView,
    group,
    hatching,
    line,
    number,
    rect,
    size_for,
    text,
    width_of,
)
from bplab.widgets.softmax.model import Softmaxed


class Layout(NamedTuple):
    """The places of all parts, in pixels.

    The rows begin at ``top`` and have the height ``row``. ``t``, ``power`` and ``residual`` are the
    centres of columns of numbers. The bars of f begin at ``bar``, and have the length ``long`` for
    f = 1. The Jacobian begins at ``left`` and ``upper``; its cells have the width ``cell``, and
    ``total`` is the centre of the sums of its rows. The lines of numbers below it have the height
    ``line``; if ``above`` is true their names stand above them, else at their left.
    """

    width: int
    top: float
    row: float
    t: float
    power: float
    bar: float
    long: float
    residual: float
    left: float
    upper: float
    cell: float
    line: float
    above: bool

    @property
    def total(self) -> float:
        """The centre of the sums of rows."""
        return self.width - 46

    @property
    def K(self) -> int:
        """The number of outputs."""
        return round((self.width - 92 - self.left) / self.cell)

    @property
    def end(self) -> float:
        """The lower edge of the Jacobian."""
        return self.upper + self.K * self.row

    @property
    def bars(self) -> Box:
        """The box in which both deltas are drawn as bars."""
        if self.above:
            return Box(0, self.end + 4 * self.line + 34, self.width, 20 + 24 * self.K)
        return Box(0, self.end + 28, 330, 98)


def layout(K: int, width: int) -> Layout:
    """Return the layout for a width: outputs and Jacobian side by side if there is room."""
    wide = 462 + K * 86 + 92
    if width >= wide - 40:
        shrunk = wide - width
        return Layout(
            *(width, 62, 46, 30, 96, 142, 112 - shrunk, 366 - shrunk, 462 - shrunk, 62, 86),
            *(28, False),
        )
    cell = (width - 92 - 26) / K
    upper = 50 + K * 36 + 48
    return Layout(
        width, 50, 36, 26, 92, 138, width - 138 - 148, width - 40, 26, upper, cell, 34, True
    )


NEAR_ZERO = 1e-12


class SoftmaxFigure(Fitted):
    """For each output: t, exp(t), f as a bar, the residual, and its row of the Jacobian.

    Below each column of the Jacobian are its sum, delta, and delta from the diagonal only; to their
    left, or below, both deltas are drawn as bars. Negative cells are hatched; wrong ones have a
    cross.

    Parameters
    ----------
    K : int
    """

    def __init__(self, K: int):
        self._K = K
        self.widest = 462 + K * 86 + 92
        self.width = self.widest
        self.view = SvgView(self.width, 300)
        self._hatch = f"{self.view.id}-negative"
        self._drawn: tuple[Softmaxed, Softmaxed | None] | None = None
        self.lay_out()

    def lay_out(self) -> None:
        """Place everything for the present width, and draw again what is shown."""
        self.at = layout(self._K, self.width)
        self.view.width, self.view.height = self.width, round(self.at.bars.bottom + 4)
        self._frame = hatching(self._hatch, "#f2b48f") + self._headings()
        if self._drawn is None:
            self.draw_nothing()
        else:
            self.draw(*self._drawn)

    def draw(self, now: Softmaxed, before: Softmaxed | None) -> None:
        """Set the drawing; of the previous numbers only f is shown, by marks in the bars."""
        self._drawn = now, before
        parts = [self._frame]
        for k in range(self._K):
            parts += [self._output(now, before, k), self._row(now, k)]
        self.view.draw(*parts, self._below(now), self._bars(now))

    def draw_nothing(self) -> None:
        """Say that there is nothing to show."""
        self._drawn = None
        self.view.draw(text(self.at.bar, self.at.top + 46, "nothing to show", font_weight="bold"))

    def _headings(self) -> str:
        at = self.at
        small: dict[str, Any] = {"font_size": 12, "text_anchor": "middle"}
        words = "Jacobian ∂f/∂t: how fast f moves (row) when t moves (column)"
        room = self.width - at.left
        if width_of(words, 12, bold=True) > room:
            words = "Jacobian ∂f/∂t: f in rows, t in columns"
        middle = at.left + self._K * at.cell / 2
        parts = [
            text(at.t, at.top - 12, "t + c", **small),
            text(at.power, at.top - 12, "exp(t + c)", **small),
            text(at.bar, at.top - 28, "f = softmax(t + c)", font_size=12),
            text(at.bar, at.top - 12, "┆ the f before", font_size=12),
            text(at.residual, at.top - 12, "−2(y − f)", **small),
            text(
                *(0 if at.above else middle, at.upper - (30 if at.above else 42), words),
                font_size=12,
                font_weight="bold",
                text_anchor="start" if at.above else "middle",
            ),
            text(at.total, at.upper - 12, "sum of row", **small),
        ]
        for k in range(self._K):
            x, y = at.left + (k + 0.5) * at.cell, at.upper + (k + 0.5) * at.row + 4
            parts.append(text(x, at.upper - 12, f"t{sub(k + 1)}", text_anchor="middle"))
            parts.append(text(max(at.left - 30, 10), y, f"f{sub(k + 1)}", text_anchor="middle"))
        return "".join(parts)

    def _output(self, now: Softmaxed, before: Softmaxed | None, k: int) -> str:
        """Return the row of an output, without its row of the Jacobian."""
        at = self.at
        y = at.top + (k + 0.5) * at.row
        f, name = now.f[k], sub(k + 1)
        long = at.long * float(np.clip(f, 0, 1))
        parts = [
            text(at.t, y + 4, number(now.t[k] + now.c, 4), text_anchor="middle"),
            text(at.power, y + 4, _power(now.raw[k]), text_anchor="middle"),
            rect(at.bar, y - 12, at.long, 24, stroke="#bbbbbb"),
            rect(at.bar, y - 12, long, 24, fill=BLUE),
            text(at.bar + at.long + 6, y + 4, _fixed(f), font_weight="bold"),
            text(at.residual, y + 4, _signed(now.residual[k]), text_anchor="middle"),
        ]
        said = [f"f{name} = exp(t{name}) / Σ exp(t) = {self._quotient(now, k)} = {f:.8g}"]
        y_k = f"{now.y[k]:g}"
        said.append(
            f"−2(y{name} − f{name}) = −2·({y_k} − {_bracketed(f)}) = {number(now.residual[k], 6)}"
        )
        if now.y[k]:
            parts.append(text(at.bar + at.long + 6, y + 19, "target", font_size=11))
        if now.wrong_f[k]:
            parts.append(text(at.bar + at.long + 6, y - 11, f"✕ {_fixed(now.right_f[k])}"))
        if before is not None:
            x = at.bar + at.long * float(np.clip(before.f[k], 0, 1))
            parts.append(line(x, y - 16, x, y + 16, stroke_width=2, stroke_dasharray="4 3"))
        return group(*parts, title="\n".join(said))

    def _row(self, now: Softmaxed, k: int) -> str:
        """Return a row of the Jacobian, and its sum."""
        at = self.at
        top = at.upper + k * at.row
        largest = float(abs(now.jacobian).max()) or 1.0
        parts = [self._cell(now, k, j, largest) for j in range(self._K)]
        parts.append(
            text(at.total, top + at.row / 2 + 4, _sum(now.jacobian[k]), text_anchor="middle")
        )
        return "".join(parts)

    def _cell(self, now: Softmaxed, k: int, j: int, largest: float) -> str:
        at = self.at
        x, y, value = at.left + j * at.cell, at.upper + k * at.row, now.jacobian[k, j]
        share = abs(value) / largest
        fill = {"fill": BLUE, "fill_opacity": f"{0.06 + 0.34 * share:.2f}"}
        if value < 0:
            fill = {"fill": f"url(#{self._hatch})", "fill_opacity": f"{0.25 + 0.75 * share:.2f}"}
        border = {"stroke": INK, "stroke_width": 2.5} if k == j else {"stroke": "#bbbbbb"}
        inset = 2 if k == j else 0.5
        one, other = sub(k + 1), sub(j + 1)
        formula = f"f{one}(1 − f{one})" if k == j else f"−f{one} f{other}"
        wrong = now.wrong_jacobian[k, j]
        f, by = number(now.f[k], 4), _bracketed(now.f[j])
        worked = f"{f}·(1 − {by})" if k == j else f"−{f}·{by}"
        title = f"∂f{one}/∂t{other} = {formula} = {worked} = {value:.8g}"
        shown = _signed(value)
        middle: dict[str, Any] = {"halo": True, "text_anchor": "middle"}
        size = size_for(shown, at.cell - 4, 13)
        parts = [
            rect(x + inset, y + inset, at.cell - 2 * inset, at.row - 2 * inset, **fill, **border),
            text(
                *(x + at.cell / 2, y + at.row / 2 + (-3 if wrong else 5), shown),
                font_size=size,
                **middle,
            ),
        ]
        if wrong:
            right = now.right_jacobian[k, j]
            parts.append(
                text(x + at.cell / 2, y + at.row - 6, f"✕ {_signed(right)}", font_size=12, **middle)
            )
            title += f"; the reference has {right:.8g}"
        return group(*parts, title=title)

    def _quotient(self, now: Softmaxed, k: int) -> str:
        """Return exp(t) over the sum, in numbers; if it overflows, the largest t is subtracted."""
        t = now.t + now.c
        powers = now.raw if np.isfinite(now.raw).all() and now.raw.any() else np.exp(t - t.max())
        return f"{number(powers[k])} / ({' + '.join(map(number, powers))})"

    def _below(self, now: Softmaxed) -> str:
        """Return the lines below the Jacobian: sums, delta, delta from the diagonal, its error."""
        at = self.at
        titles = ("sum of column", "δ, whole Jacobian", "δ, diagonal only", "off by")
        rows = [at.end + 22 + at.line * i + 14 * at.above for i in range(4)]
        weights = ("", "bold", "bold", "")
        parts = []
        for y, title, weight in zip(rows, titles, weights, strict=True):
            if at.above:
                parts.append(text(0, y - 16, title, font_size=12, font_weight=weight))
            else:
                parts.append(text(at.left - 10, y, title, text_anchor="end", font_weight=weight))
        right = at.left + self._K * at.cell
        parts.append(line(at.left, rows[0] + 9, right, rows[0] + 9, stroke="#bbbbbb"))
        for k in range(self._K):
            x = at.left + (k + 0.5) * at.cell
            whole, only = now.delta[k], now.diagonal[k]
            shown = (_sum(now.jacobian[:, k]), _signed(whole), _signed(only), off_by(whole, only))
            said = ("", self._worked(now, k, whole=True), self._worked(now, k, whole=False), "")
            for y, words, weight, title in zip(rows, shown, weights, said, strict=True):
                size = size_for(words, at.cell - 3, 13, bold=bool(weight))
                style: dict[str, Any] = {"font_weight": weight, "font_size": size}
                number_here = text(x, y, words, text_anchor="middle", **style)
                parts.append(group(number_here, title=title) if title else number_here)
        parts.append(text(at.total, rows[2], "in all", text_anchor="middle", font_size=12))
        all_off = text(
            at.total, rows[3], f"{now.off:.0%}", text_anchor="middle", font_weight="bold"
        )
        return "".join([*parts, all_off])

    def _worked(self, now: Softmaxed, k: int, *, whole: bool) -> str:
        """Return the formula of one delta, with its numbers filled in."""
        column = now.jacobian[:, k]
        if not whole:
            terms = f"{number(now.residual[k])}·{_bracketed(column[k])}"
            name = sub(k + 1)
            return (
                f"by the diagonal only: −2(y{name} − f{name})·∂f{name}/∂t{name} = {terms} = "
                f"{number(now.diagonal[k], 6)}"
            )
        pairs = zip(now.residual, column, strict=True)
        terms = " + ".join(f"{_bracketed(r)}·{_bracketed(j)}" for r, j in pairs)
        return (
            f"δ{sub(k + 1)} = Σ −2(y − f)·∂f/∂t{sub(k + 1)} = {terms} = {number(now.delta[k], 6)}"
        )

    def _bars(self, now: Softmaxed) -> str:
        """Return both deltas as bars on one scale."""
        largest = max(abs(now.delta).max(), abs(now.diagonal).max()) or 1.0
        box = self.at.bars
        middle, half = 176, 118
        high = (box.height - 18) / self._K
        parts = [
            text(middle, box.y - 8, "δ:  solid whole, hatched diagonal only", **_CENTRED),
            line(middle, box.y, middle, box.bottom - 6, stroke="#767676"),
        ]
        for k in range(self._K):
            y = box.y + 6 + k * high
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
    """Return, in words, how far a delta from the diagonal only is from the right one."""
    if abs(whole) < NEAR_ZERO:
        return "both 0" if abs(only) < NEAR_ZERO else "not 0"
    share = f"{abs(only - whole) / abs(whole):.0%}"
    return f"{share}, sign!" if whole * only < 0 else share


def _bracketed(value: float) -> str:
    shown = number(value, 4)
    return f"({shown})" if value < 0 else shown


def _power(value: float) -> str:
    return number(value) if np.isfinite(value) else "infinite"


def _fixed(value: float) -> str:
    return f"{value:.4f}" if abs(value) >= 5e-4 or value == 0 else number(value, 2)


def _signed(value: float) -> str:
    shown = f"{value:+.4f}" if abs(value) >= 5e-4 else f"{value:+.1e}"
    return "0" if value == 0 else shown.replace("-", "−")


def _sum(values: np.ndarray) -> str:
    """Return a sum as text; it is shown as 0 if only rounding keeps it from 0."""
    total = float(values.sum())
    return "0" if abs(total) < NEAR_ZERO else _signed(total)
