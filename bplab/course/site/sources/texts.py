"""README's parts, the guides and the other Markdown files of a clone, as pages."""

import posixpath
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bplab.course.site.sources.reference import API

__all__ = ["Texts"]

_PARTS = {
    "": "parts/intro.md",
    "Learn": "learn.md",
    "Teach": "teach/index.md",
    "Try in Binder": "parts/binder.md",
    "Use the library": "library/index.md",
    "Work on it": "work.md",
    "Licence and citation": "parts/licence.md",
}
"""README's parts by their headings, and the page that each becomes."""

_FILES = {
    "course/README.md": "teach/guide.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changes.md",
    "SECURITY.md": "security.md",
    "CODE_OF_CONDUCT.md": "conduct.md",
}
"""Files of the clone, and the page that each becomes; so does every other page of ``course/``."""

_LINK = re.compile(r"(?<=\]\()[^)\s]+(?=\))|(?<=^\[)([^\]]+\]:[ ]+)(\S+)$", re.MULTILINE)
_FENCE = re.compile(r"^(```|~~~).*?^\1[ ]*$", re.MULTILINE | re.DOTALL)


class Texts:
    """The clone's Markdown files as pages."""

    def __init__(self, root: Path):
        self._root = root
        project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        self.repository = project["urls"]["Repository"]
        guides = {f"course/{path.name}" for path in (root / "course").glob("*.md")}
        self._files = _FILES | {
            name: f"teach/{Path(name).name}" for name in sorted(guides - set(_FILES))
        }
        self._folders = {"solutions": "notebooks/index.md", "course/release": "notebooks/index.md"}

    def pages(self) -> Iterator[tuple[str, str]]:
        """Yield each page's path and its Markdown.

        Raises
        ------
        ValueError
            If README's parts are not those that the site has a place for.
        """
        readme = self._linked("README.md", "index.md")
        heading = re.compile(r"^## (.+)$", re.MULTILINE)
        pieces = heading.split(_without_badges(readme))
        parts = dict(zip(["", *pieces[1::2]], [pieces[0], *pieces[2::2]], strict=True))
        if set(parts) != set(_PARTS):
            raise ValueError(
                f"README.md has the parts {', '.join(filter(None, parts))}; the site has a place "
                f"for {', '.join(filter(None, _PARTS))}: see {__name__}"
            )
        for title, path in _PARTS.items():
            text = self._moved(parts[title].strip(), "index.md", path)
            text = f"# {title}\n\n{_promoted(text)}" if not path.startswith("parts/") else text
            yield path, text + _AFTER.get(path, "") + "\n"
        for name, path in self._files.items():
            yield path, self._linked(name, path)

    def _linked(self, name: str, page: str) -> str:
        """Return a file's text, with its links changed into links from a page."""
        text = (self._root / name).read_text(encoding="utf-8")

        def target(link: str) -> str:
            picture = link.removeprefix(f"{self.repository}/raw/main/docs/")
            if picture != link:  # a picture in docs/, which is copied with the pages
                return _relative(picture, page)
            for kind in ("blob", "tree"):
                link = link.removeprefix(f"{self.repository}/{kind}/main/")
            if re.match(r"[a-z]+:|#", link):
                return link
            path, _, fragment = link.partition("#")
            path = posixpath.normpath(posixpath.join(posixpath.dirname(name), path))
            found = self._files.get(path) or self._folders.get(path)
            if found is None:
                return f"{self.repository}/blob/main/{path}"
            return _relative(found, page) + (f"#{fragment}" if fragment else "")

        return _outside_code(text, lambda part: _LINK.sub(_link_by(target), part))

    def _moved(self, text: str, before: str, after: str) -> str:
        """Return a text whose links hold for another page; parts are included in the index."""
        if after.startswith("parts/"):
            return text
        return _LINK.sub(
            _link_by(
                lambda link: (
                    link
                    if re.match(r"[a-z]+:|#", link)
                    else _relative(posixpath.join(posixpath.dirname(before), link), after)
                )
            ),
            text,
        )


_AFTER = {
    "teach/index.md": "\n```{toctree}\n:hidden:\n:glob:\n\nguide\n*\n```\n",
    "library/index.md": "\n## Reference\n\n```{toctree}\n:maxdepth: 1\n\nbplab\n"
    + "\n".join(API)
    + "\n```\n",
    "work.md": "\n```{toctree}\n:hidden:\n\ncontributing\n```\n",
}


def _link_by(target: Any) -> Any:
    def replaced(match: re.Match[str]) -> str:
        return f"{match[1]}{target(match[2])}" if match[1] else target(match[0])

    return replaced


def _relative(page: str, start: str) -> str:
    return posixpath.relpath(page, posixpath.dirname(start) or ".")


def _outside_code(text: str, change: Any) -> str:
    """Return a text with a function applied to whatever is not in a fenced block."""
    pieces, end = [], 0
    for block in _FENCE.finditer(text):
        pieces += [change(text[end : block.start()]), block[0]]
        end = block.end()
    return "".join([*pieces, change(text[end:])])


def _promoted(text: str) -> str:
    """Return a text with its headings one level up, since a part of README becomes a page."""
    return _outside_code(text, lambda part: re.sub(r"^##(#+ )", r"#\1", part, flags=re.MULTILINE))


def _without_badges(text: str) -> str:
    """Return README without its title and the badges below it; other badges become text links."""
    text = re.sub(r"^# .*\n", "", text, count=1)
    text = re.sub(r"^\[!\[.*\]\(.*\)\n", "", text, flags=re.MULTILINE)
    return re.sub(r"\[!\[([^\]]*)\]\([^)]*\)\]", r"[\1]", text)
