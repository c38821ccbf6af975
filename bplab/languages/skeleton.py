"""A catalogue for a translator: every text of the source, with its place and its translation."""

import json
from collections import defaultdict
from functools import cached_property
from pathlib import Path

from bplab.languages.catalogue import CatalogueError, line_of, read
from bplab.languages.door import catalogue_file, known_languages
from bplab.languages.source import Place, Source
from bplab.languages.template import TAG, Template, is_prose

__all__ = ["Skeleton"]

_HEAD = """\
# {name}: {done} of {texts} texts are translated.
#
# English text = translation. A translation has the placeholders of its text, in any order; nothing
# is translated in what stands for {{name:as it is}}. A text with a placeholder filled in may be a
# key, too, wherever grammar needs it. What is left empty stays English, a sentence at a time.
"""


class Skeleton:
    """All texts of bplab, with the translations that a catalogue has; ``str`` writes the file.

    Parameters
    ----------
    name : str
        A language that comes with bplab, the path of a catalogue, or a new language.
    source : Source, optional
        The texts; by default those of bplab.
    """

    def __init__(self, name: str, source: Source | None = None):
        self.name, self.path = name, catalogue_file(name)
        self.translated = read(self.path) if self.path.exists() else {}
        self._source = source or Source()

    def is_of(self, path: Path) -> bool:
        """Whether a file is the catalogue whose translations are in here."""
        return self.path.exists() and self.path.samefile(path)

    @cached_property
    def gone(self) -> list[str]:
        """The keys that are no longer in the source."""
        return [key for key in self.translated if self._source.place(key) is None]

    @cached_property
    def texts(self) -> list[str]:
        """The texts to be translated: sentences, and words that some catalogue has as keys."""
        words = {key for name in known_languages() for key in _keys(name)} | set(self.translated)
        return [t for t in self._source.texts if t in words or _is_told(t)]

    def check(self) -> None:
        """Raise CatalogueError if there is no catalogue, or it has texts that bplab has dropped."""
        if not self.path.exists():
            raise CatalogueError(
                f"there is no catalogue {self.name!r} to check; one of your own is named by its "
                'path, "de-own.toml"'
            )
        files = sorted(self.path.glob("*.toml")) if self.path.is_dir() else [self.path]
        found = []
        for file in files:
            source = file.read_text(encoding="utf-8-sig")
            found += [
                f"{file}, line {line_of(k, source)}: {k}" for k in self.gone if k in read(file)
            ]
        if found:
            raise CatalogueError(
                "\n".join([f"bplab does not say this any more ({len(found)}):", *found])
            )

    def __str__(self) -> str:
        files: dict[str, list[tuple[Place, str]]] = defaultdict(list)
        for text in self.texts:
            files[self._source.texts[text].file].append((self._source.texts[text], text))
        for key in self.translated:
            if key not in self._source.texts and (place := self._source.place(key)):
                files[place.file].append((place, key))
        done = sum(text in self.translated for text in self.texts)
        lines = [_HEAD.format(name=self.name, done=done, texts=len(self.texts))]
        for file, found in files.items():
            lines += [f"[{_quoted(file)}]"]
            for place, text in sorted(found):
                lines.append(f"# line {place.line}")
                lines.append(f"{_quoted(text)} = {_quoted(self.translated.get(text, ''))}")
            lines.append("")
        if self.gone:
            lines.append("# gone: bplab does not say this any more")
            lines += [f"# {_quoted(key)} = {_quoted(self.translated[key])}" for key in self.gone]
        return "\n".join(lines).rstrip("\n") + "\n"


def _keys(name: str) -> set[str]:
    path = catalogue_file(name)
    return set(read(path)) if path.exists() else set()


def _is_told(text: str) -> bool:
    """Whether a text is prose, and not a style sheet or a script."""
    words = TAG.sub(" ", Template(text).plain)
    return is_prose(words) and not any(mark in words for mark in ("=>", "{{", "px;", "('"))


def _quoted(text: str) -> str:
    """Return a text quoted for TOML, which has the same rules as JSON."""
    return json.dumps(text, ensure_ascii=False)
