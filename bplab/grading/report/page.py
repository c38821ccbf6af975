"""A class report as one HTML file that needs nothing else, and the same as text.

Its figures are inline SVG: small, sharp in print, readable on a phone. Their colours are those of
the course's other figures, and safe for colour-blind eyes; whatever a colour tells is also told by
words or patterns.
"""

import html
from collections.abc import Sequence
from functools import cache
from math import ceil
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bplab.counting import counted
from bplab.grading.feedback import markdown
from bplab.grading.feedback.notes import Notes
from bplab.grading.report.advice import advise, nothing_common
from bplab.grading.report.results import ClassResults
from bplab.grading.report.sections import Row
from bplab.grading.report.statistics import (
    ExerciseStatistics,
    Mistakes,
    common_mistakes,
    exercise_statistics,
    flagged,
    notes,
    slow,
    spread,
)

__all__ = [
    "DASH",
    "as_html",
    "discrimination_words",
    "from_template",
    "histogram",
    "number",
    "outcome_bars",
    "percent",
    "print_report",
    "section_table",
]

DASH = "–"

MISTAKES, SLOW = 15, 10
"""The most mistakes, and the most slow submissions, that are shown."""

LARGE, ENOUGH, SHARE = 30, 3, 0.01
"""In a class of at least `LARGE`, a mistake of fewer than `ENOUGH` students, or of less than this
share of them, is only counted."""

NAMES = 8
"""The most names that are printed in a line of text."""


BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#767676"
"""The colours of `bplab.plots`, which is not imported because it loads matplotlib."""

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


def as_html(
    results: ClassResults,
    own: Notes | None = None,
    sections: Sequence[Row] = (),
    enough: float = 0.5,
    whose: str = "a class",
) -> str:
    """Return the report as an HTML page: no scripts, nothing loaded from elsewhere.

    Parameters
    ----------
    results : ClassResults
    own : Notes, optional
        The instructor's own notes on mistakes; each is shown with its mistake.
    sections : sequence of Row
        See `bplab.grading.report.sections`.
    enough : float
        Share of the points that is needed to pass.
    whose : str
        What the title calls the students.
    """
    rows = exercise_statistics(results)
    lie = spread(results)
    mistakes, more, most_of_more = _shown(results)
    marks = [student.mark.final for student in results.students]
    return from_template(
        "report.html.j2",
        sections=sections,
        enough=enough,
        whose=whose,
        percent=percent,
        number=number,
        assignment=results.assignment,
        max_score=results.max_score,
        of=len(results.students),
        students=results.students,
        missing=results.missing,
        waiting=results.waiting,
        unprotected=results.unprotected,
        nothing=results.nothing,
        late=_late(results),
        unfinished=sum(student.mark.unfinished for student in results.students),
        spread=lie,
        advice=advise(results),
        nothing_common=nothing_common(results),
        histogram=histogram(marks, results.max_score, lie.median) if lie else "",
        bars=outcome_bars(rows) if results.judged else "",
        exercises=sorted(rows, key=lambda row: row.share),
        ids=results.exercises,
        mistakes=mistakes,
        counted=counted,
        by_at_most=by_at_most,
        points_lost=points_lost,
        more=more,
        most_of_more=most_of_more,
        flagged=flagged(results),
        notes=notes,
        own=own or Notes(),
        shown=lambda text: Markup(markdown.as_html(text)),
        discrimination_words=discrimination_words,
        slow=slow(results)[:SLOW],
    )


def from_template(name: str, **values: Any) -> str:
    """Return a page that is made from a template of this folder."""
    return _templates().get_template(name).render(values)


@cache
def _templates() -> Environment:
    """Return the templates' environment, kept so that each template is compiled only once."""
    return Environment(
        loader=PackageLoader("bplab.grading.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def percent(share: float | None) -> str:
    """Return a share as a percentage, or a dash."""
    return DASH if share is None else f"{share:.0%}"


def number(points: float | None) -> str:
    """Return points with three significant digits, or a dash."""
    return DASH if points is None else f"{points:.3g}"


def section_table(rows: Sequence[Row], enough: float, title: str = "Sections") -> Table:
    """Return a table of these rows, one for each section and one for the whole class."""
    table = Table("section", title=title)
    for name in ("graded", "not handed in", "median", "half lies in", f"at least {enough:.0%}"):
        table.add_column(name, justify="right")
    for row in rows:
        middle = [number(row.lower_quartile), number(row.upper_quartile)]
        table.add_row(
            Text(row.name),
            str(row.graded),
            str(row.missing),
            number(row.median),
            DASH if row.median is None else " to ".join(middle),
            percent(row.passed),
        )
    return table


def _shown(results: ClassResults) -> tuple[list[Mistakes], int, int]:
    """Return the mistakes to show, the number of others, and the most students who made one."""
    rows = common_mistakes(results)
    of = len(results.judged)
    enough = max(ENOUGH, SHARE * of) if of >= LARGE else 1
    shown = [row for row in rows if len(row.students) >= enough][:MISTAKES]
    rest = rows[len(shown) :]
    return shown, len(rest), max((len(row.students) for row in rest), default=0)


def by_at_most(mistakes: int, students: int) -> str:
    """Return words on how many students made each of some mistakes, or the only one."""
    who = counted(students, "student")
    return f", made by {who}" if mistakes == 1 else f", each made by {who} at most"


def points_lost(points: float) -> str:
    """Return in words how many points a class has lost."""
    return f"{counted(f'{points:.3g}' if points < 1000 else f'{points:.0f}', 'point')} lost"


def print_report(results: ClassResults, console: Console, own: Notes | None = None) -> None:
    """Print the report as text.

    Parameters
    ----------
    results : ClassResults
    console : rich.console.Console
    own : Notes, optional
        The instructor's own notes on mistakes.
    """
    of = len(results.students)
    console.print(Text(f"{results.assignment}: report on a class", style="bold"))
    console.print(_summary(results))
    if results.unprotected:
        console.print(Text(results.unprotected, style="bold"))
    if results.missing:
        console.print(Text(f"Not handed in: {_names([person.id for person in results.missing])}"))
    if results.waiting:
        console.print(
            Text(f"Handed in, not graded yet: {_names([person.id for person in results.waiting])}")
        )
    if late := _late(results):
        console.print(Text(f"Handed in late: {_names(late)}"))
    if results.nothing:
        names = _names([student.person.id for student in results.nothing])
        console.print(Text(f"Nothing to judge in what they handed in: {names}"))
    if not of:
        return
    console.print(Text("\nWhat to say in class next", style="bold"))
    advice = advise(results)
    for i, one in enumerate(advice, 1):
        console.print(Text(f"{i}. {one}"))
    if not advice:
        console.print(Text(nothing_common(results)))
    console.print()
    console.print(_exercises(results))
    console.print(_mistakes(results, own or Notes()))
    if found := flagged(results):
        table = Table("student", "what happened", title="Submissions to look at")
        for student in found:
            lines = [f"⚑ {line}" for line in student.flags]
            lines += [*student.events, *notes(student)]
            table.add_row(Text(student.person.name), Text("\n".join(lines)))
        console.print(table)
    if long := slow(results)[:SLOW]:
        console.print(
            Text(f"Slow: {'; '.join(f'{s.person.name} ({s.seconds:.0f} s)' for s in long)}")
        )


def _late(results: ClassResults) -> list[str]:
    """Return the students who handed in late or have a late penalty, each with words on it."""
    return [
        f"{student.person.name} ({student.mark.late_words})"
        for student in results.students
        if student.mark.late or student.mark.late_penalty
    ]


def _summary(results: ClassResults) -> Text:
    lie = spread(results)
    if lie is None:
        return Text("Nobody is graded yet: there is nothing to report.")
    return Text(
        f"{len(results.students)} graded, {len(results.missing)} not handed in. Of "
        f"{counted(results.max_score, 'point')}: median {lie.median:.3g}, half of the class from "
        f"{lie.lower_quartile:.3g} to {lie.upper_quartile:.3g}, mean {lie.mean:.1f}, "
        f"lowest {lie.lowest:.3g}, highest {lie.highest:.3g}."
    )


def _exercises(results: ClassResults) -> Table:
    table = Table("exercise", "what", title="Exercises, the hardest first")
    titles = ("points got", "all", "some", "none", "not written", "lost", "discrimination")
    for column in titles:
        table.add_column(column, justify="right")
    for row in sorted(exercise_statistics(results), key=lambda row: row.share):
        counts = (row.full, row.part, row.none, row.not_written)
        table.add_row(
            Text(row.id),
            Text(f"{row.equation}: {row.title}" if row.title else ""),
            f"{row.share:.0%}",
            *map(str, counts),
            f"{row.lost:.3g}",
            discrimination_words(row),
        )
    return table


def discrimination_words(row: ExerciseStatistics) -> str:
    """Return an exercise's discrimination with two decimals, or a dash."""
    return "–" if row.discrimination is None else f"{row.discrimination:.2f}".replace("-", "−")


def _mistakes(results: ClassResults, own: Notes) -> Table:
    table = Table("mistake", "where", "what the check says", title="The most common mistakes")
    table.add_column("students", justify="right")
    table.add_column("who", overflow="fold")
    shown, more, most = _shown(results)
    for row in shown:
        names = _names([person.id for person in row.students])
        count = str(len(row.students))
        noted = [text for id in row.where for text in own.of_mistake(id, row.name, row.step)]
        says = "\n".join(
            [row.says or "–", *(f"Your note: {text}" for text in dict.fromkeys(noted))]
        )
        table.add_row(Text(row.name), Text(_where(row)), Text(says), count, Text(names))
    if more:
        table.caption = f"and {counted(more, 'other')}{by_at_most(more, most)}"
    return table


def _where(row: Mistakes) -> str:
    return ", ".join(f"{id} ({len(who)})" for id, who in row.where.items())


def _names(names: list[str]) -> str:
    rest = len(names) - NAMES
    return ", ".join(names[:NAMES]) + (f", and {rest} more" if rest > 0 else "")


# --- figures ------------------------------------------------------------------------------


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
    half = 0.5 if step == 1 else 0.0  # bars of whole points are centred on their number
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
    who, most = counted(len(marks), "student"), counted(max_score, "point")
    alt = f"Histogram of the marks of {who}, of {most}: {said}."
    return _svg(top + height + bottom, alt, parts)


def _counts(marks: Sequence[float], max_score: float) -> tuple[list[int], float]:
    """Return the counts of marks in bins that begin at 0, step, 2 step, …, and the step.

    The last bin holds all marks above it, too.
    """
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
    return counted(i * step, "point") + (" or a little more" if step != 1 else "")


def outcome_bars(rows: Sequence[ExerciseStatistics]) -> Markup:
    """Draw for each exercise which share of the class has all, some or none of its points.

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
        lost = points_lost(row.lost)
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
    """Draw a count in its bar, on a light ground if the bar has a pattern."""
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
