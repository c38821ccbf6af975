"""The texts in bplab's source code, for a translator: templates, with their places.

A text is a constant, or an f-string with a name for each value that is put in. A text with a choice
of two pieces, such as ``{'is' if one else 'are'}``, counts as two texts.
"""

import ast
import builtins
import itertools
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from bplab.languages.template import TAG, Template, sentences

__all__ = ["Place", "Source", "of_source", "of_text"]

PACKAGE = Path(__file__).parents[1]

SPEAKING = (
    *("exercises", "learner", "errors.py", "arrays.py", "training", "gradcheck", "widgets"),
    *("activations.py", "by_equation", "gallery", "plots"),
)
"""Parts of bplab whose texts a learner meets, in the order in which a translator should begin."""

VARIANTS = 16
"""A text with more variants than this has a placeholder in place of each choice."""

_AT_FIRST = re.compile(r"\{\w+\}(?:\s+|(?=\{))")
_HOLES = re.compile(r"\{(\w*)\}")


class Place(NamedTuple):
    """The place of a text: its file, relative to the package, and its line."""

    file: str
    line: int


@cache
def of_source() -> Mapping[str, Place]:
    """Return all texts in the parts that speak to a learner, each with its first place."""
    found: dict[str, Place] = {}
    for part in SPEAKING:
        path = PACKAGE / part
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            name = file.relative_to(PACKAGE).as_posix()
            for text, line in of_text(file.read_text(encoding="utf-8")):
                found.setdefault(text, Place(name, line))
    return found


def of_text(source: str) -> Iterator[tuple[str, int]]:
    """Yield the texts in a module's source with their lines; docstrings do not count."""
    nodes = list(ast.walk(ast.parse(source)))
    silent = set()
    for node in nodes:
        if isinstance(node, ast.Expr):  # docstrings, also those of attributes
            silent.add(id(node.value))
        elif isinstance(node, ast.JoinedStr):
            silent |= {id(part) for part in ast.walk(node) if part is not node}
            # texts inside a placeholder's expression, in a choice or a call, count by themselves
            silent -= {
                id(inside)
                for value in node.values
                if isinstance(value, ast.FormattedValue)
                for inside in ast.walk(value.value)
                if isinstance(inside, (ast.Constant, ast.JoinedStr))
            }
    for node in nodes:
        if isinstance(node, ast.Call) and (word := _joined_by(node)):
            yield f"{{one}}{word}{{others}}", node.lineno
        if id(node) in silent or not isinstance(node, (ast.Constant, ast.JoinedStr)):
            continue
        for text in _variants(node):
            if any(c.isalpha() or c == "“" for c in _HOLES.sub("", text)):
                yield text.strip(), node.lineno


def _joined_by(node: ast.Call) -> str:
    """Return the text with which a call of ``join`` joins others, if there are words in it."""
    match node.func:
        case ast.Attribute(value=ast.Constant(value=str(between)), attr="join"):
            return _escaped(between) if any(map(str.isalpha, between)) else ""
    return ""


def _variants(node: ast.expr) -> list[str]:
    """Return the templates for an expression; an empty list if it is not a text."""
    match node:
        case ast.Constant(value=str(text)):
            return [_formatted(text)]
        case ast.JoinedStr(values=values):
            names: dict[str, str] = {}
            return _joined([_pieces(value, names) for value in values])
    return []


def _pieces(value: ast.expr, names: dict[str, str]) -> list[str]:
    """Return the alternatives for one part of an f-string: texts, or a placeholder."""
    if isinstance(value, ast.Constant):
        return [_escaped(str(value.value))]
    assert isinstance(value, ast.FormattedValue)
    return _chosen(value.value, names) or [_placeholder(value.value, names)]


def _chosen(node: ast.expr, names: dict[str, str]) -> list[str]:
    """Return the texts among which an expression chooses; an empty list if it does not."""
    match node:
        case ast.Constant(value=str(text)):
            return [_escaped(text)]
        case ast.JoinedStr(values=values):
            return _joined([_pieces(value, names) for value in values])
        case ast.IfExp(body=body, orelse=other):
            both = _chosen(body, names), _chosen(other, names)
            return [*both[0], *both[1]] if all(both) else []
        case ast.BinOp(left=ast.Constant(value=str(text)), op=ast.Mult()):
            return [_escaped(text), ""]
    return []


def _joined(pieces: list[list[str]]) -> list[str]:
    count = 1
    for some in pieces:
        count *= len(some)
    if count > VARIANTS:
        pieces = [some if len(some) == 1 else ["{choice}"] for some in pieces]
    return ["".join(parts) for parts in itertools.product(*pieces)]


def _placeholder(node: ast.expr, names: dict[str, str]) -> str:
    """Return the placeholder for an expression, made of a name in it; equal ones share it."""
    code = ast.unparse(node)
    if code not in names:
        name = _name(node)
        taken = set(names.values())
        others = (f"{name}{n}" for n in itertools.count(2))
        names[code] = name if name not in taken else next(n for n in others if n not in taken)
    return f"{{{names[code]}}}"


def _name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.strip("_") or "value"
        case ast.Call(func=ast.Attribute(value=ast.Constant(), attr="join"), args=[things]):
            return _name(things)
        case ast.Call(func=ast.Name(id=name), args=[*_, last]) if hasattr(builtins, name):
            return _name(last)
        case ast.Call(func=called):
            return _name(called)
        case ast.Subscript(value=value) | ast.BinOp(left=value) | ast.GeneratorExp(elt=value):
            return _name(value)
        case ast.UnaryOp(operand=value) | ast.IfExp(body=value) | ast.ListComp(elt=value):
            return _name(value)
    return "value"


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _formatted(text: str) -> str:
    """Return a text's template: placeholders are those of ``str.format``, other braces are code."""
    count = itertools.count()
    parts = _HOLES.split(text)
    return "".join(
        f"{{{part or next(count)}}}" if i % 2 else _escaped(part) for i, part in enumerate(parts)
    )


# --- the place of a catalogue's key -----------------------------------------------------------


def _pieces_of(text: str) -> Iterator[str]:
    """Yield a text and its parts: sentences, nodes of HTML, and what stands before a colon.

    All of them also come without their first placeholder, which may hold nothing or a sentence.
    """
    parts = [text, *(text[start:end] for start, end in sentences(text))]
    for part in (*parts, *(TAG.split(text) if "<" in text else ())):
        yield part
        yield part.partition(":")[0]
        while bare := _AT_FIRST.match(part):
            part = part[bare.end() :]
            yield part


def _says_something(template: Template) -> bool:
    """Whether a template contains a word, or a mark that stands between two texts."""
    between = "".join(template.literals)
    return bool(re.search(r"[^\W\d_]{2}|[:;,·]|^ $", between))


class Source:
    """The texts of the source, in which the keys of a catalogue are looked up.

    A key may be a text as it stands there; one of its sentences; or a text with a placeholder
    filled in, by another text of the source or by a name.

    Attributes
    ----------
    texts : mapping of str to Place
        All texts with their places.
    """

    def __init__(self, texts: Mapping[str, Place] | None = None):
        self.texts = of_source() if texts is None else texts
        self._pieces: dict[str, Place] = {}
        for text, place in self.texts.items():
            for piece in _pieces_of(text):
                self._pieces.setdefault(piece.strip(" ,;:."), place)
        self._templates = [
            (template, max(template.literals, key=len), place)
            for piece, place in self._pieces.items()
            if (template := Template(piece)).names and _says_something(template)
        ]
        self._known: dict[str, Place | None] = {}

    def place(self, key: str) -> Place | None:
        """Return the place of a catalogue's key in the source; None if it is no longer there."""
        return self._pieces.get(key.strip(" ,;:.")) or self._place(
            Template(key).plain.strip(" ,;:.")
        )

    def _place(self, text: str) -> Place | None:
        if text not in self._known:
            self._known[text] = self._pieces.get(_escaped(text)) or self._pieces.get(text)
            self._known[text] = self._known[text] or next(self._found(text), None)
        return self._known[text]

    def _found(self, text: str) -> Iterator[Place]:
        for template, longest, place in self._templates:
            for values in template.matches(text) if longest in text else ():
                inside = [value.strip(" ,;:.") for value in values.values()]
                if text not in inside and all(map(self._may_stand, inside)):
                    yield place

    def _may_stand(self, value: str) -> bool:
        """Whether a placeholder may hold a value: one without words, or a text of the source."""
        bare = _HOLES.sub("", value)
        return not re.search(r"[^\W\d_]{2}", bare) or self._place(value) is not None
