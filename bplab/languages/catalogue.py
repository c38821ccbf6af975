"""A catalogue of English texts and their translations: read it, check it, look texts up."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from bplab.languages.template import SENTENCE_END, TAG, Template, is_prose, sentences

__all__ = ["Catalogue", "CatalogueError", "line_of", "read"]

_BETWEEN = tuple(map(re.compile, (r"( · )", r"(; )", r"(: )", r"(, )", r"((?:^| )\(|\))")))
"""Separators between clauses or names, the same in any language; the loosest comes first."""

_JOIN = ";"
"""Templates that join two texts by a semicolon are the loosest of all, and are tried first."""

TOGETHER = 12
"""How many sentences are looked up as one text, at most."""

PREFIX = 4
"""Letters by which templates are found; those that begin with fewer are tried on every text."""

PATIENCE = 200
"""How many matches are tried for a sentence, at most; a sentence that needs more stays English."""

KEPT = 4096
"""How many texts are remembered with their translations, at most."""


class CatalogueError(ValueError):
    """There is a mistake in a catalogue, or in the name of one; the message says where."""

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows instead of a traceback: only the message."""
        return [f"\x1b[1m✗ {self}\x1b[0m"]


class Catalogue:
    """Translations of English texts.

    Parameters
    ----------
    texts : mapping of str to str
        The translations, by the English texts; both may have placeholders.

    Raises
    ------
    ValueError
        If a translation has other placeholders or other tags than its text.
    """

    def __init__(self, texts: Mapping[str, str]):
        self._exact: dict[str, str] = {}
        self._templates: dict[str, list[_Pair]] = defaultdict(list)
        for text, translation in texts.items():
            pair = _checked(text, translation)
            if not pair.english.names:
                self._exact[pair.english.literals[0].strip()] = pair.other.literals[0].strip()
            else:
                self._templates[pair.begins].append(pair)
        for pairs in self._templates.values():
            pairs.sort(key=lambda pair: pair.english.weight, reverse=True)
        self._known: dict[str, tuple[str, bool]] = {}
        self._looked = 0

    def translate(self, text: str) -> str:
        """Return a text in this language; sentences that are not in the catalogue stay as they are.

        Parameters
        ----------
        text : str
            Plain text; it may have several lines or sentences.
        """
        if len(self._known) > KEPT:
            self._known.clear()
        if text not in self._known:
            self._known[text] = self._by_sentence(text, patient=True)
        return self._known[text][0]

    def _translated(self, text: str) -> tuple[str, bool]:
        """Translate a text as far as possible, and say whether that is all that needs it."""
        known = self._known.get(text)
        if known is None:
            known = self._known[text] = self._by_sentence(text)
        return known

    def _by_sentence(self, text: str, *, patient: bool = False) -> tuple[str, bool]:
        """Translate a text: again and again the longest run of sentences that is in the catalogue.

        ``patient`` is for a whole text: each of its sentences gets the full `PATIENCE`. Return the
        text, and whether all that needs a translation has one.
        """
        made, whole, done, i = [], True, 0, 0
        found_in = list(sentences(text))
        while i < len(found_in):
            if patient:
                self._looked = 0
            for j in range(min(len(found_in), i + TOGETHER), i, -1):
                start, end = found_in[i][0], found_in[j - 1][1]
                if (found := self._one(text[start:end], alone=j == i + 1)) is not None:
                    break
            else:
                j, (start, end) = i + 1, found_in[i]
                found = text[start:end]
                whole = whole and not is_prose(found)
            made += [text[done:start], found]
            done, i = end, j
        return "".join([*made, text[done:]]), whole

    def _one(self, text: str, *, alone: bool) -> str | None:
        """Return the translation of a text that is in the catalogue as a whole, else None.

        ``alone`` says that it is a single sentence. In several sentences, no placeholder may
        contain the end of one: it would swallow sentences that are in the catalogue themselves.
        """
        if (found := self._exact.get(text)) is not None:
            return found
        for begins in (_JOIN, text[:PREFIX], "") if alone else (text[:PREFIX],):
            for pair in self._templates.get(begins, ()):
                if self._looked > PATIENCE:
                    return None
                if pair.rarest in text:
                    for values in pair.english.matches(text):
                        self._looked += 1
                        if not alone and any(map(SENTENCE_END.search, values.values())):
                            continue
                        if (made := self._filled(pair, values)) is not None:
                            return made
        return self._by_clause(text) if alone else None

    def _by_clause(self, text: str) -> str | None:
        """Translate a text clause by clause, or name by name; None if one cannot be translated."""
        for mark in _BETWEEN:
            parts = mark.split(text)
            if len(parts) == 1:
                continue
            self._looked += 1
            if self._looked > PATIENCE:
                return None
            made = [(p, True) if i % 2 else self._translated(p) for i, p in enumerate(parts)]
            if all(whole for _, whole in made):
                return "".join(part for part, _ in made)
        return None

    def _filled(self, pair: "_Pair", values: Mapping[str, str]) -> str | None:
        """Put translated values into a translation; None if one of them cannot be translated.

        A template that begins and ends with a placeholder may match any part of a sentence: values
        that it would leave as they are must be names, numbers or code.
        """
        filled = {}
        for name, value in values.items():
            if name in pair.other.as_they_are:
                filled[name], whole = value, pair.english.anchored or not is_prose(value)
            elif name in pair.other.as_names and value.isidentifier() and not is_prose(value):
                filled[name], whole = value, True
            else:
                filled[name], whole = self._translated(value)
            if not whole:
                return None
        return pair.other.fill(filled)


class _Pair(NamedTuple):
    """A text and its translation, with how the text begins and its longest literal."""

    english: Template
    other: Template
    begins: str
    rarest: str


def _checked(text: str, translation: str) -> _Pair:
    """Return a text and its translation as templates.

    Raises
    ------
    ValueError
        If their placeholders or tags differ, or braces do not match.
    """
    english, other = Template(text), Template(translation)
    for name in english.names:
        if name not in other.names:
            raise ValueError(f"{{{name}}} is missing in the translation")
    for name in other.names:
        if name not in english.names:
            there = ", ".join(f"{{{n}}}" for n in english.names) or "none"
            raise ValueError(f"{{{name}}} is no placeholder of the text; it has {there}")
    if sorted(TAG.findall(text)) != sorted(TAG.findall(translation)):
        raise ValueError("the translation has other tags than the text")
    first = english.literals[0]
    begins = first[:PREFIX] if len(first) >= PREFIX else ""
    if english.names and not first and english.literals[1].startswith(_JOIN):
        begins = _JOIN
    return _Pair(english, other, begins, max(english.literals, key=len))


# --- files -----------------------------------------------------------------------------------


def read(path: Path) -> dict[str, str]:
    """Return the translations in a file, or in the TOML files of a folder.

    Tables only group them: the names of tables do not matter. Empty translations do not count.

    Raises
    ------
    CatalogueError
        If a file is not a proper catalogue; the message names the file and, if known, the line.
    """
    texts: dict[str, str] = {}
    files = sorted(path.glob("*.toml")) if path.is_dir() else [path]
    if not files:
        raise CatalogueError(f"no catalogue is in {path}: no file there ends in .toml")
    for file in files:
        if not file.is_file():  # a pipe or a device might never end
            raise CatalogueError(f"{file} is no file")
        try:
            source = file.read_text(encoding="utf-8-sig")  # some editors put a mark at its start
            found = tomllib.loads(source)
        except tomllib.TOMLDecodeError as error:
            raise CatalogueError(f"{file} is no TOML: {error}") from None
        except UnicodeDecodeError as error:
            raise CatalogueError(f"{file} must be text in UTF-8: {error}") from None
        except RecursionError:
            raise CatalogueError(f"{file} is no TOML that can be read: it is too deep") from None
        except OSError as error:
            raise CatalogueError(f"{file} cannot be read: {error.strerror}") from None
        for text, translation in _pairs(found):
            if translation == "":
                continue
            try:
                if not isinstance(translation, str):
                    raise ValueError(f"the translation must be text; got {translation!r}")
                _checked(text, translation)
            except ValueError as error:
                where = f"{file}, line {line_of(text, source)}"
                raise CatalogueError(f"{where}: {error}") from None
            texts[text] = translation
    return texts


def _pairs(table: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _pairs(value)
        else:
            yield key, value


def line_of(text: str, source: str) -> int:
    """Return the line of a catalogue's source that has a text as key; 0 if it cannot be found."""
    for number, line in enumerate(source.split("\n"), 1):
        try:
            if line.lstrip().startswith(("'", '"')) and text in tomllib.loads(line):
                return number
        except tomllib.TOMLDecodeError:
            continue
    return 0
