"""Figures of a class report as inline SVG: small, sharp in print, readable on a phone.

Colours are those of the course's other figures, safe for colour-blind eyes; what they tell is
told by words and by patterns, too.
"""

import html
from collections.abc import Sequence
from math import ceil

from markupsafe import Markup

from bplab.grading.report.statistics import ExerciseStatistics

__all__ = ["histogram", "outcome_bars"]

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#767676"
"""As in `bplab.plots`, which would load matplotlib."""

WIDTH = 480  # narrow, so that letters stay legible on a telephone
FONT = 'font-family="system-ui, sans-serif" font-size="14"'
MOST_BINS = 20

KINDS = (
    ("full", "all points", BLUE, "#fff"),
    ("part", "some of them", "url(#part)", "#111"),
    ("none", "none", ORANGE, "#111"),
    ("not_written", "not written", "url(#unwritten)", "#111"),
)

_PATTERNS = f"""<defs>
<pattern id="part" width="8" height="8" patternUnits="userSpaceOnUse" \
patternTransform="rotate(45)"><rect width="8" height="8" fill="#9fcfe8"/>\
<rect width="3" height="8" fill="{BLUE}"/></pattern>
<pattern id="unwritten" width="6" height="6" patternUnits="userSpaceOnUse">\
<rect width="6" height="6" fill="#fff"/><circle cx="3" cy="3" r="1.2" fill="{GREY}"/></pattern>
</defs>"""


def histogram(marks: Sequence[float], max_score: float, middle: float) -> Markup:
    """Draw how many students have how many points; a line marks the median.

    Parameters
    ----------
    marks : sequence of float
    max_score : float
    middle : float
        The median.
    """
    counts, step = _counts(marks, max_score)
    left, top, bottom, height = 36, 46, 44, 170
    slot = (WIDTH - left - 8) / len(counts)
    tallest = max(counts)
    base = top + height
    half = 0.5 if step == 1 else 0.0  # bars of whole points stand around their number
    bars, numbers = [], []
    for i, count in enumerate(counts):
        tall = height * count / tallest
        x = left + i * slot
        bars.append(
            f'<rect x="{x + 1:.1f}" y="{base - tall:.1f}" width="{slot - 2:.1f}" '
            f'height="{tall:.1f}" fill="{BLUE}"/>'
        )
        if count:
            numbers.append(_text(x + slot / 2, base - tall - 4, str(count), "middle", 12))
    for i in range(0, len(counts), ceil(len(counts) / 11)):
        numbers.append(_text(left + (i + half) * slot, base + 17, f"{i * step:g}", "middle"))
    place = left + (min(middle / step, len(counts) - 1) + half) * slot
    line = (
        f'<line x1="{place:.1f}" x2="{place:.1f}" y1="4" y2="{base}" '
        f'stroke="{ORANGE}" stroke-width="2" stroke-dasharray="6 4"/>'
    )
    side, shift = ("end", -6) if place > WIDTH / 2 else ("start", 6)
    parts = [
        *bars,
        line,
        *numbers,
        _text(place + shift, 16, f"median {middle:g}", side),
        f'<line x1="{left}" x2="{WIDTH - 8}" y1="{base}" y2="{base}" stroke="#000"/>',
        _text(left + (WIDTH - left - 8) / 2, base + 38, _points_axis(step), "middle"),
        _text(4, 16, "students", "start"),
        _text(left - 6, base, "0", "end"),
        _text(left - 6, top + 10, str(tallest), "end"),
    ]
    said = ", ".join(
        f"{count} with {_bin_words(i, step)}" for i, count in enumerate(counts) if count
    )
    alt = f"Histogram of the marks of {len(marks)} students, of {max_score:g} points: {said}."
    return _svg(top + height + bottom, alt, parts)


def _counts(marks: Sequence[float], max_score: float) -> tuple[list[int], float]:
    """How many marks begin at 0, step, 2 step, …; the last holds whatever is above."""
    step = 1.0
    while max_score / step > MOST_BINS:
        step *= 2.5 if step in (2, 20, 200) else 2
    counts = [0] * (int(max_score / step) + 1)
    for mark in marks:
        counts[min(int(mark / step + 1e-9), len(counts) - 1)] += 1
    return counts, step


def _points_axis(step: float) -> str:
    return "points" if step == 1 else f"points, from this number to {step:g} more"


def _bin_words(i: int, step: float) -> str:
    return f"{i * step:g} points" if step == 1 else f"{i * step:g} points or a little more"


def outcome_bars(rows: Sequence[ExerciseStatistics]) -> Markup:
    """Draw for each exercise which share of the class has all, some, none of its points.

    Parameters
    ----------
    rows : sequence of ExerciseStatistics
        At least one.
    """
    left, bar, slot, top = 4, 22, 50, 44
    wide = WIDTH - 2 * left
    parts = [_PATTERNS, *_legend(left)]
    for i, row in enumerate(rows):
        y = top + i * slot
        parts.append(_text(left, y + 14, f"{row.id} · {row.equation}", "start"))
        lost = f"{row.lost:.3g} points lost" if row.lost < 1000 else f"{row.lost:.0f} points lost"
        parts.append(_text(WIDTH - left, y + 14, lost, "end"))
        x = float(left)
        for kind, _, fill, ink in KINDS:
            number = getattr(row, kind)
            width = wide * number / row.of
            if not number:
                continue
            parts.append(
                f'<rect x="{x:.1f}" y="{y + 19}" width="{width:.1f}" height="{bar}" '
                f'fill="{fill}" stroke="#000" stroke-width=".6"/>'
            )
            if width > 12 + 9 * len(str(number)):
                parts.append(_number(x + width / 2, y + 19, bar, number, ink, kind))
            x += width
    said = "; ".join(
        f"{row.id}: {row.full} of {row.of} all, {row.part} some, {row.none} none, "
        f"{row.not_written} not written"
        for row in rows
    )
    return _svg(top + len(rows) * slot, f"Points by exercise. {said}.", parts)


def _number(x: float, y: float, bar: int, number: int, ink: str, kind: str) -> str:
    """A count in its bar; on a pattern it stands on a light ground."""
    if kind in ("part", "not_written"):
        wide = 9 * len(str(number)) + 6
        ground = (
            f'<rect x="{x - wide / 2:.1f}" y="{y + 3}" width="{wide}" height="{bar - 6}" '
            'fill="#fff" rx="3"/>'
        )
    else:
        ground = ""
    return ground + _text(x, y + bar / 2 + 5, str(number), "middle", 14, ink)


def _legend(left: float) -> list[str]:
    parts, x = [], left
    for _, words, fill, _ in KINDS:
        parts.append(
            f'<rect x="{x:.1f}" y="6" width="16" height="16" fill="{fill}" stroke="#000" '
            'stroke-width=".6"/>'
        )
        parts.append(_text(x + 22, 19, words, "start"))
        x += 40 + 7.4 * len(words)
    return parts


def _text(x: float, y: float, words: str, anchor: str, size: int = 14, ink: str = "#000") -> str:
    # black letters stay legible over lines
    halo = ' stroke="#fff" stroke-width="3" paint-order="stroke"' if ink == "#000" else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
        f'fill="{ink}"{halo}>{html.escape(words)}</text>'
    )


def _svg(height: float, alt: str, parts: Sequence[str]) -> Markup:
    return Markup(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" role="img" '
        f'aria-label="{html.escape(alt, quote=True)}" {FONT}>'
        f"<title>{html.escape(alt)}</title>{''.join(parts)}</svg>"
    )
