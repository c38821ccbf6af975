"""Messages about a function as HTML, because JupyterLab breaks an error's text inside words."""

import html
import re
from collections.abc import Iterable
from itertools import groupby

from bplab.exercises.first_wrong import QUOTED
from bplab.languages import told

__all__ = ["block"]

_FORMULA = re.compile(r"\S+(?: [−+·=*@] \S+)+")


def block(title: str, lines: Iterable[str], colour: str, *, bold: int = 0, below: str = "") -> str:
    """Return a title with lines below it, next to a bar of this colour.

    Lines that begin with `QUOTED` are code and are left unchanged. The first ``bold`` of the
    others are bold. ``below`` is HTML that follows the lines.
    """
    text = []
    for quoted, group in groupby(lines, lambda line: line.startswith(QUOTED)):
        if quoted:
            text.append(_code([line.removeprefix(QUOTED) for line in group]))
            continue
        for line in group:
            shown = _FORMULA.sub(_kept_together, html.escape(told(line), quote=False))
            strong = f"<strong>{shown}</strong>" if bold > 0 else shown
            text.append(f'<div style="margin-top:.3em">{strong}</div>')
            bold -= 1
    return (
        f'<div style="border-left:4px solid {colour};padding:.3em .8em;line-height:1.5">'
        f"<strong>{html.escape(told(title))}</strong>{''.join(text)}{below}</div>"
    )


def _kept_together(formula: re.Match[str]) -> str:
    """Return a formula that is broken only where it is longer than a line."""
    return f'<span style="display:inline-block">{formula[0]}</span>'


def _code(lines: list[str]) -> str:
    """Return lines of code, or a line with carets under it, which can be scrolled by keys."""
    carets = not lines[-1].strip("^ ")
    moves = f'tabindex="0" role="region" aria-label="{html.escape(told("Your line"))}" '
    room = "overflow-x:auto;white-space:pre" if carets else "white-space:pre-wrap"
    return (
        f'<pre {moves * carets}style="margin:.4em 0;padding:.3em .6em;{room};color:inherit;'
        'background:none;line-height:1.3">' + "\n".join(map(html.escape, lines)) + "</pre>"
    )
