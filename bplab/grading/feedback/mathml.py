"""Formulas as MathML, which browsers show by themselves, without a script or a network.

What the converter returns is parsed and written again, with known tags and attributes only. So
nothing else that a student's formula may contain gets into the page. A formula that cannot be
converted is shown as TeX, and never left out.
"""

import html
import re
import xml.etree.ElementTree as ET
from functools import cache, lru_cache

from math_core import LatexError, LatexToMathML

__all__ = ["Unfit", "converted", "formula"]

LONGEST, DEEPEST, MOST = 2_000, 40, 60_000
"""The most characters of TeX, levels of nested elements, and characters of MathML. No formula of
a course has more, and a browser would take long to show it."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TAGS = _words(
    "math menclose merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot "
    "mrow ms mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none"
)
_ATTRIBUTES = _words(
    "accent accentunder columnalign columnspan display displaystyle fence form largeop "
    "linethickness lspace mathvariant maxsize minsize movablelimits rowspan rspace scriptlevel "
    "separator stretchy symmetric width"
)
_VALUE = re.compile(r"[a-z -]{1,40}|[+-]?\d{0,2}(?:\.\d{1,9})?(?:em|ex|px|%)?")
_STYLE = re.compile(
    r"(?:(?:width|text-align|justify-items|padding-left|padding-right): ?[a-z0-9.%]{1,12};? ?){1,6}"
)
_NUMBER = re.compile(r"\\tag\*?\{([^{}$\\]{1,20})\}")
_ENTITY = re.compile(r"&(?!(?:lt|gt|amp|quot|apos);)(\w+);")


class Unfit(Exception):
    """TeX that cannot be shown as a formula; says why."""


def formula(tex: str, *, block: bool) -> str:
    r"""Return HTML of a formula: MathML, or the TeX as it was written.

    Parameters
    ----------
    tex : str
        Without dollars around it.
    block : bool
        Whether the formula is on a line of its own; then its number, ``\tag{4}``, is shown next to
        it.
    """
    number = _NUMBER.search(tex) if block else None
    try:
        shown = converted(_NUMBER.sub("", tex) if number else tex, block=block)
    except Unfit:
        return f'<code class="tex">{html.escape(tex, quote=True)}</code>'
    if not block:
        return shown
    beside = f'<span class="number">({html.escape(number[1])})</span>' if number else ""
    return f'<span class="equation" tabindex="0">{shown}{beside}</span>'


@lru_cache(2_000)
def converted(tex: str, *, block: bool) -> str:
    """Return a formula as MathML.

    Raises
    ------
    Unfit
        If it cannot be converted.
    """
    if len(tex) > LONGEST:
        raise Unfit(f"more than {LONGEST} characters")
    try:
        made = _converter().convert_with_local_state(tex.strip(), displaystyle=block)
    except LatexError as error:
        raise Unfit(str(error)) from error
    if len(made) > MOST:
        raise Unfit(f"more than {MOST} characters of MathML")
    try:
        root = ET.fromstring(_ENTITY.sub(lambda m: html.escape(html.unescape(m[0])), made))
    except ET.ParseError as error:
        raise Unfit(f"no MathML: {error}") from error
    return "".join(_written(root, 0))


@cache
def _converter() -> LatexToMathML:
    # no expansions, since a short formula that defines commands could become very long
    return LatexToMathML(fancy_error=False, max_expansions=0)


def _written(element: ET.Element, depth: int) -> list[str]:
    """Return an element as pieces of text, with known tags and attributes only."""
    if element.tag not in _TAGS:
        raise Unfit(f"<{element.tag}> in it")
    if depth > DEEPEST:
        raise Unfit("too much within each other")
    kept = [
        f' {name}="{html.escape(value, quote=True)}"'
        for name, value in element.attrib.items()
        if (name in _ATTRIBUTES and _VALUE.fullmatch(value))
        or (name == "style" and _STYLE.fullmatch(value))
    ]
    parts = [f"<{element.tag}{''.join(kept)}>", html.escape(element.text or "", quote=True)]
    for inner in element:
        parts += [*_written(inner, depth + 1), html.escape(inner.tail or "", quote=True)]
    return [*parts, f"</{element.tag}>"]
