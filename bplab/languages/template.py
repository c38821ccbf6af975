"""A text with placeholders: which texts it matches, and how it is filled in."""

import re
from collections.abc import Iterator, Mapping
from string import Formatter

__all__ = ["AS_IT_IS", "SENTENCE_END", "TAG", "Template", "is_prose", "sentences"]

TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
"""A tag of HTML."""

AS_IT_IS = "as it is"
"""Mark of a placeholder in a translation, ``{said:as it is}``: its value is not translated."""

A_NAME = "a name"
"""Mark as in ``{name:a name}``: a value of one word is a name in code, and stays as it is."""

_TWO_WORDS = re.compile(
    r"[a-zA-Z]{2,}[,;:]? +[(“]?[a-zA-Z]{2,}|\b[a-zA-Z] [a-zA-Z]{2,}|[a-zA-Z]{2,} [a-zA-Z]\b"
)
_SMALL_WORDS = re.compile(
    r"\b(and|are|as|[Aa]t|by|from|has|here|[Ii]n|is|[Ii]t|no|not|of|or|that|the|there|to|wanted|with)\b"
)


def is_prose(text: str) -> bool:
    """Whether an English text needs a translation: it is more than names, numbers and code."""
    return bool(_TWO_WORDS.search(text) or _SMALL_WORDS.search(text))


SENTENCE_END = re.compile(
    r"""(?:(?<=[.!?])|(?<=[.!?][)”“"]))\s+(?:\(\d\)\ )?  # also before a number in brackets
    |\n\s* | (?<=:)\ (?=(?:\(\d\)|In\ \w+(?::|,\ as))\ ) | (?:^|(?<=:\ ))\(\d\)\ """,
    re.VERBOSE,
)
"""What stands between two sentences."""


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Return where the sentences of a text begin and end."""
    start = 0
    for end in SENTENCE_END.finditer(text):
        if text[start : end.start()].strip():
            yield _stripped(text, start, end.start())
        start = end.end()
    if text[start:].strip():
        yield _stripped(text, start, len(text))


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())


class Template:
    """A text such as ``"line {line}: {name} is text"``; doubled braces are braces.

    Parameters
    ----------
    text : str

    Attributes
    ----------
    names : tuple of str
        The names of its placeholders, in order.
    literals : tuple of str
        The texts before, between and after the placeholders.
    as_they_are : frozenset of str
        Placeholders whose values are not translated.
    as_names : frozenset of str
        Placeholders whose values are not translated if they are a single word.

    Raises
    ------
    ValueError
        If its braces do not match, or a placeholder has no proper name or mark.
    """

    def __init__(self, text: str):
        literals, names = [""], []
        marked: dict[str, set[str]] = {AS_IT_IS: set(), A_NAME: set()}
        for literal, name, spec, _ in Formatter().parse(text):
            literals[-1] += literal
            if name is None:
                continue
            if not name.isidentifier() and not name.isdecimal():
                raise ValueError(f"{{{name}}} is no placeholder: a brace of code is doubled, {{{{")
            if spec and spec not in marked:
                wanted = f"“{AS_IT_IS}” or “{A_NAME}”"
                raise ValueError(f"{{{name}:{spec}}}: after a colon goes {wanted}")
            names.append(name)
            literals.append("")
            if spec:
                marked[spec].add(name)
        self.names, self.literals = tuple(names), tuple(literals)
        self.as_they_are, self.as_names = map(frozenset, (marked[AS_IT_IS], marked[A_NAME]))

    @property
    def plain(self) -> str:
        """The text with its placeholders; doubled braces are single ones."""
        return self.fill({name: f"{{{name}}}" for name in self.names})

    @property
    def anchored(self) -> bool:
        """Whether it begins or ends with a text of its own, not with a placeholder."""
        return bool(self.literals[0].strip() or self.literals[-1].strip(" .?"))

    @property
    def weight(self) -> tuple[bool, int, int]:
        """How special it is; of two templates that match a text, the one with more weight wins."""
        own = "".join(self.literals)
        return self.anchored, sum(map(str.isalpha, own)), len(own)

    def matches(self, text: str) -> Iterator[dict[str, str]]:
        """Yield the values of the placeholders in a text, in at most two ways.

        In one way the first placeholders have values as short as possible, in the other the last
        ones. Each takes time in proportion to the length of the text.
        """
        first, last = self.literals[0], self.literals[-1]
        if not self.names:
            if text == first:
                yield {}
            return
        end = len(text) - len(last)
        if len(first) > end or not (text.startswith(first) and text.endswith(last)):
            return
        middle, inner = text[len(first) : end], self.literals[1:-1]
        found = []
        for values in (_from_left(middle, inner), _from_right(middle, inner)):
            if values is None:
                return
            if values in found:
                continue
            found.append(values)
            named = dict(zip(self.names, values, strict=True))
            if all(named[name] == value for name, value in zip(self.names, values, strict=True)):
                yield named

    def fill(self, values: Mapping[str, str]) -> str:
        """Return the text with values in place of the placeholders."""
        filled = "".join(
            literal + values[name]
            for literal, name in zip(self.literals[:-1], self.names, strict=True)
        )
        return filled + self.literals[-1]


def _from_left(text: str, literals: tuple[str, ...]) -> list[str] | None:
    values, start = [], 0
    for literal in literals:
        at = text.find(literal, start)
        if at < 0:
            return None
        values.append(text[start:at])
        start = at + len(literal)
    return [*values, text[start:]]


def _from_right(text: str, literals: tuple[str, ...]) -> list[str] | None:
    values, end = [], len(text)
    for literal in reversed(literals):
        at = text.rfind(literal, 0, end)
        if at < 0:
            return None
        values.append(text[at + len(literal) : end])
        end = at
    return [text[:end], *reversed(values)]
