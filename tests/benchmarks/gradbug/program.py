"""One program of the benchmark: its text, and what is true of it."""

import linecache
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from bplab.exercises.registry import EXERCISES

__all__ = ["DEVELOPMENT", "HELD_OUT", "Program", "compiled", "entries", "part_of"]

SALT = "gradbug 1"
"""The seed of the split: another one holds out others."""

HELD_OUT, DEVELOPMENT = "held out", "development"


@dataclass(frozen=True)
class Program:
    """A function for one exercise, right or faulty, with its truth.

    Attributes
    ----------
    id, exercise : str
    style : str
        One of the six of the data sheet.
    base : str
        The program written by hand that it was made from; itself, if nothing was changed.
    kind : str
        Of a faulty one what was done to it; of a right one how it came about.
    source : str
        As a learner has it in a cell; line 1 is its first.
    lines : frozenset of int
        Each of them may be called the first wrong line; empty if it is right.
    names : frozenset of str
        The known mistakes of the course whose answers are this program's answers.
    shows : str
        Where it is wrong: in "ordinary" cases, in "corner" cases only; or it "raises".
    """

    id: str
    exercise: str
    style: str
    base: str
    kind: str
    source: str
    lines: frozenset[int] = frozenset()
    names: frozenset[str] = frozenset()
    shows: str = ""

    @property
    def faulty(self) -> bool:
        """Whether something is wrong."""
        return bool(self.lines)

    @property
    def part(self) -> str:
        """Whether it is held out: told by the program it was made from, and by nothing else."""
        return part_of(self.base)

    @property
    def checksum(self) -> str:
        """Of its text."""
        return sha256(self.source.encode()).hexdigest()[:16]


def part_of(base: str) -> str:
    """Return the part of all that was made from a program: a third of these is held out."""
    number = int.from_bytes(sha256(f"{SALT}:{base}".encode()).digest()[:8], "big")
    return HELD_OUT if number % 3 == 0 else DEVELOPMENT


def compiled(source: str, exercise: str, name: str = "program") -> Callable[..., Any]:
    """Return the function of a text, with numpy as ``np`` and math; its lines can be read."""
    path = f"<gradbug {name}>"
    linecache.cache[path] = (len(source), None, source.splitlines(keepends=True), path)
    names: dict[str, Any] = {"np": np, "math": math, "__name__": "__main__"}
    exec(compile(source, path, "exec"), names)
    return names[EXERCISES[exercise].function]


_HEAD = re.compile(r"^## +(\S+) +(\S+) +(\S+)(.*)$")


def entries(path: Path) -> Iterator[tuple[list[str], str, str, str, str]]:
    """Yield the programs of a file: exercises, style, name, what else its head says, and its text.

    A head is ``## eq7,eq11 loops entries`` and perhaps more; the text goes on to the next one.
    """
    head, lines = None, []
    for line in [*path.read_text(encoding="utf-8").splitlines(), "## end end end"]:
        if found := _HEAD.match(line):
            if head:
                ids, style, name, more = head
                yield ids.split(","), style, name, more.strip(), "\n".join(lines).strip() + "\n"
            head, lines = found.groups(), []
        else:
            lines.append(line)
