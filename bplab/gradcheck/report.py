"""The results of a check of a gradient: a verdict for every entry, and a report to read."""

import html
import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from math import isnan

from bplab.errors import NARROW
from bplab.languages import told

__all__ = ["Entry", "GradientReport", "Verdict"]

SHOWN = 5  # entries in a printed report


class Verdict(StrEnum):
    """What can be said about one entry of a gradient."""

    RIGHT = "right"
    WRONG = "wrong"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True)
class Entry:
    """One entry of a gradient, with its numerical derivative.

    Attributes
    ----------
    block : str
        Which array of the structure, e.g. ``"beta"``.
    index : tuple of int
        Where in that array: row and column, for a layer's weights.
    analytic, numeric : float
        The gradient given, and the numerical derivative; NaN if there is none.
    error : float
        Error bar: the error of the numerical derivative plus that of rounding in the gradient.
    verdict : Verdict
    kind : str
        ``"bias"`` or ``"weight"`` in a layer of a network, else empty.
    why : str
        Why the derivative is not known, e.g. because of a kink; else empty.
    """

    block: str
    index: tuple[int, ...]
    analytic: float
    numeric: float
    error: float
    verdict: Verdict
    kind: str = ""
    why: str = ""

    @property
    def relative_error(self) -> float:
        """The difference of the two derivatives over the larger one; 0 if both are 0."""
        size = max(abs(self.analytic), abs(self.numeric))
        return abs(self.analytic - self.numeric) / size if size else 0.0

    @property
    def place(self) -> str:
        """Where the entry is, e.g. ``beta[0, 2] (weight)``."""
        index = str(list(self.index)) if self.index else ""
        return f"{self.block}{index}{f' ({self.kind})' if self.kind else ''}"

    def __str__(self) -> str:
        rows = {
            told("gradient"): f"{self.analytic:.8g}",
            told("finite difference"): f"{self.numeric:.8g} ± {self.error:.1g}",
            told("relative error"): f"{self.relative_error:.1g}",
        }
        room = max(map(len, rows))
        return "\n".join(
            [
                *_lines(f"{self.verdict}: {self.place}"),
                *(f"    {name:{room}}  {number}" for name, number in rows.items()),
                *_lines(self.why, begin="    "),
            ]
        )


@dataclass(frozen=True)
class GradientReport:
    """The results of `check_gradient`. ``bool(report)`` is True when the gradient passes.

    It passes when no entry is wrong, all were looked at, and at least one is right.

    Attributes
    ----------
    entries : tuple of Entry
        Every entry that was judged by itself: all of them, or in the fast mode those that the
        search has found.
    total : int
        Number of entries of the gradient.
    directions : Verdict or None
        In the fast mode, the verdict on all entries together, by random directions.
    notes : tuple of str
        Remarks on the function and its parameters, e.g. that these have single precision.
    """

    entries: tuple[Entry, ...]
    total: int
    directions: Verdict | None = None
    notes: tuple[str, ...] = ()

    def with_verdict(self, verdict: Verdict) -> tuple[Entry, ...]:
        """Return the entries with this verdict, the largest relative error first."""
        found = [e for e in self.entries if e.verdict == verdict]
        return tuple(sorted(found, key=lambda e: -e.relative_error))

    @property
    def wrong(self) -> tuple[Entry, ...]:
        """The wrong entries, the largest relative error first."""
        return self.with_verdict(Verdict.WRONG)

    @property
    def undecided(self) -> tuple[Entry, ...]:
        """The entries of which nothing can be said."""
        return self.with_verdict(Verdict.CANNOT_TELL)

    @property
    def max_relative_error(self) -> float:
        """Largest relative error of the entries that could be judged (0 if none could)."""
        judged = (e.relative_error for e in self.entries if e.verdict != Verdict.CANNOT_TELL)
        return max(judged, default=0.0)

    @property
    def verdict(self) -> Verdict:
        """The verdict on the whole gradient.

        *Wrong* if an entry is wrong; *right* if all were looked at and at least one is right.
        """
        if self.wrong or self.directions == Verdict.WRONG:
            return Verdict.WRONG
        if self.directions is not None:
            return self.directions
        if len(self.entries) == self.total and self.with_verdict(Verdict.RIGHT):
            return Verdict.RIGHT
        return Verdict.CANNOT_TELL

    def __bool__(self) -> bool:
        return self.verdict == Verdict.RIGHT

    def _headline(self) -> str:
        if self.directions is not None:
            said = f"{self.total} entries along random directions: {self.directions}"
            return f"{said}; {len(self.wrong)} wrong found" if self.wrong else said
        counts = ", ".join(f"{len(self.with_verdict(v))} {v}" for v in Verdict)
        if len(self.entries) < self.total:
            return f"looked at {len(self.entries):,} of {self.total:,} entries: {counts}"
        return f"{self.total} entries: {counts}"

    def _shown(self) -> Iterable[Entry]:
        found = [*self.wrong, *self.undecided]
        return [entry for entry in found if not isnan(entry.numeric)][:SHOWN]

    def __str__(self) -> str:
        together = re.sub(r"(?<![,:;]) ", "\u00a0", told(self._headline()))  # breaks at a comma
        above = [line.replace("\u00a0", " ") for line in _lines(together, indent="")]
        notes = [line for note in self.notes for line in _lines(note, indent="")]
        return "\n".join([*above, *notes, *map(str, self._shown())])

    def _repr_html_(self) -> str:
        mark = "✓" if self else "✗"
        notes = "".join(f"<br>{html.escape(told(note))}" for note in self.notes)
        title = f"<strong>{mark} {html.escape(told(self._headline()))}</strong>{notes}"
        names = ("entry", "verdict", "gradient", "numerical", "error bar", "relative error")
        rows = [
            "".join(
                f'<td style="text-align:{side}">{html.escape(text)}</td>'
                for side, text in (
                    ("left", told(e.place)),
                    ("left", told(e.verdict)),
                    ("right", f"{e.analytic:.8g}"),
                    ("right", f"{e.numeric:.8g}"),
                    ("right", f"{e.error:.1g}"),
                    ("right", f"{e.relative_error:.1g}"),
                )
            )
            for e in self._shown()
        ]
        if not rows:
            return title
        head = "".join(f'<th scope="col">{html.escape(told(name))}</th>' for name in names)
        body = "".join(f"<tr>{row}</tr>" for row in rows)
        return f"{title}<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _lines(text: str, begin: str = "", indent: str = "    ") -> list[str]:
    """Break a text between words; JupyterLab would break inside them."""
    return textwrap.wrap(
        told(text),
        NARROW,
        initial_indent=begin,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
