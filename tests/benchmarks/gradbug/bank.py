"""All programs of the benchmark, by their ids: those written by hand, and what was made of them."""

import json
import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from tests.benchmarks.gradbug.program import Program, entries
from tests.benchmarks.naming.program import mended

__all__ = ["FAULTY", "RIGHT", "by_hand", "edited", "faulty", "marked", "right", "seeds"]

HERE = Path(__file__).parent
RIGHT = HERE / "data" / "right.jsonl"
FAULTY = HERE / "data" / "faulty.jsonl"

Edits = Iterable[tuple[int, int, str]]


def edited(source: str, edits: Edits) -> str:
    """Return a text with pieces of its bytes replaced."""
    text = source.encode()
    for start, end, new in sorted(map(tuple, edits), reverse=True):
        text = text[:start] + new.encode() + text[end:]
    return text.decode()


@cache
def seeds() -> Sequence[Program]:
    """Return the right programs written by hand, one for each exercise that it answers."""
    found = []
    for path in sorted((HERE / "seeds").glob("*.txt")):
        for ids, style, name, _, source in entries(path):
            base = f"{ids[0]}:{style}:{name}"
            for id in ids:
                own = base if id == ids[0] else f"{id}={base}"
                found.append(Program(own, id, style, base, "by hand", source))
    return found


@cache
def right() -> Sequence[Program]:
    """Return all right programs."""
    known = {seed.id: seed for seed in seeds()}
    return [*known.values(), *(_made(row, known[row["of"]]) for row in _read(RIGHT))]


@cache
def faulty() -> Sequence[Program]:
    """Return all faulty programs."""
    known = {program.id: program for program in (*right(), *by_hand())}
    return [_made(row, known[row["of"]]) for row in _read(FAULTY)]


def _read(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _made(row: dict, of: Program) -> Program:
    return Program(
        row["id"],
        of.exercise,
        of.style,
        of.base,
        row["kind"],
        edited(of.source, row["edits"]),
        frozenset(row.get("lines", ())),
        frozenset(row.get("names", ())),
        row.get("shows", ""),
    )


# --- written by hand ------------------------------------------------------------------------

_MARK = re.compile(r"^\s*# (right|missing): ?(.*)$")


def marked(source: str) -> tuple[str, frozenset[int]]:
    """Return a program without the marks of its fault, and the lines that these mark.

    ``# right: …`` stands above the line at fault, ``# missing: …`` where a line is forgotten: there
    the line before and the line after are marked. Only the first fault's lines count.
    """
    lines: list[str] = []
    found: list[frozenset[int]] = []
    above = False
    for line in source.splitlines():
        if mark := _MARK.match(line):
            above = mark[1] == "right"
            if not above:
                found.append(frozenset({len(lines), len(lines) + 1}))
        else:
            lines.append(line)
            if above:
                found.append(frozenset({len(lines)}))
            above = False
    first = found[0] if found else frozenset()
    return "\n".join(lines) + "\n", frozenset(n for n in first if 1 <= n <= len(lines))


@cache
def by_hand() -> Sequence[Program]:
    """Return the faulty programs written after public threads; their sources are in ``threads``."""
    found = []
    for path in sorted((HERE / "threads").glob("*.txt")):
        for ids, style, name, more, source in entries(path):
            text, lines = marked(source)
            names, _, after = more.partition("after")
            true = frozenset(names.replace("true", "").split())
            for id in ids:
                own = f"{id}:after-{after.strip()}:{name}"
                found.append(Program(own, id, style, own, "after a thread", text, lines, true))
    return found


def right_again(id: str) -> str:
    """Return the mended text of a program written after a thread."""
    for path in sorted((HERE / "threads").glob("*.txt")):
        for ids, _, name, more, source in entries(path):
            if any(id == f"{i}:after-{more.partition('after')[2].strip()}:{name}" for i in ids):
                return mended(source)
    raise ValueError(f"no program {id}")
