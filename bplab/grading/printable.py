"""Make students' words safe to print: names of files, of folders, of time zones."""

import os
import unicodedata

__all__ = ["LONGEST", "is_printable", "shown", "shown_path"]

LONGEST = 128
"""How many characters a student's id may have in nbgrader's database."""

_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that change the direction of the text around them, in tables and file names."""

_BREAKS = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode categories of what ends a line, controls a terminal, or is half a character."""


def is_printable(letter: str) -> bool:
    """Whether a letter leaves the text around it as it is."""
    return unicodedata.category(letter) not in _BREAKS and letter not in _BIDI


def shown(name: str, most: int = LONGEST) -> str:
    """Return a student's words as they can be printed on one line of ``most`` characters."""
    plain = "".join(
        letter if is_printable(letter) else letter.encode("unicode_escape").decode()
        for letter in name
    )
    return plain if len(plain) <= most else plain[: most - 1] + "…"


def shown_path(path: str | os.PathLike[str]) -> str:
    """Return a whole path as it can be printed: its names may be a student's words."""
    return shown(os.fspath(path), 4096)
