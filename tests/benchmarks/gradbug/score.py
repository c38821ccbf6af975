"""How good a checker is: verdicts, names and lines, each beside what is true."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from rich.table import Table

from bplab.exercises.judging import pairs
from bplab.exercises.registry import EXERCISES
from tests.benchmarks.gradbug.checkers import OURS, Told
from tests.benchmarks.gradbug.program import DEVELOPMENT, HELD_OUT, Program
from tests.benchmarks.gradbug.truth import alike, all_answers

__all__ = ["Result", "Row", "as_dict", "as_markdown", "as_table", "failures", "rows", "wilson"]


@dataclass(frozen=True)
class Result:
    """What one checker said of one program, and what of it is true.

    Attributes
    ----------
    program : Program
    checker : str
    told : Told
    specific : bool
        Whether it claims a known mistake.
    true : bool
        Whether what it claims is true; also if it claims none.
    """

    program: Program
    checker: str
    told: Told
    specific: bool = False
    true: bool = True

    @property
    def verdict(self) -> bool:
        """Whether right and wrong are told apart."""
        return self.told.right != self.program.faulty

    @property
    def line(self) -> bool:
        """Whether it says a line, and that may be called the first wrong one."""
        return bool(self.told.lines) and self.told.lines[0] in self.program.lines

    @property
    def near(self) -> bool:
        """Whether it says such a line, or the one before it or after it."""
        return bool(self.told.lines) and any(
            abs(self.told.lines[0] - n) <= 1 for n in self.program.lines
        )

    @classmethod
    def of(cls, program: Program, checker: str, told: Told) -> "Result":
        """Look up in what is true of a program what it was told."""
        known = {m.name for m in EXERCISES[program.exercise].mistakes}
        claimed = [name for name in told.names if name in known]
        specific = bool(claimed) and program.faulty
        return cls(program, checker, told, specific, not specific or _true(program, claimed))


def _true(program: Program, claimed: Sequence[str]) -> bool:
    """Whether each of the names is true; of two together, whether both make these answers."""
    if all(name in program.names for name in claimed):
        return True
    by_name = {m.name: m for m in EXERCISES[program.exercise].mistakes}
    made = pairs([by_name[name] for name in claimed]) if len(claimed) == 2 else ()
    came = all_answers(program.exercise, program.source)
    return any(alike(program.exercise, came, _of_pair(program.exercise, pair)) for pair in made)


def _of_pair(exercise: str, pair: Any) -> Any:
    return all_answers(exercise, pair.wrong)


# --- counts ---------------------------------------------------------------------------------


def wilson(part: int, whole: int, z: float = 1.96) -> tuple[float, float]:
    """Return Wilson's interval of a share, for 95 of 100 samples."""
    if not whole:
        return 0.0, 1.0
    share = part / whole
    middle = (share + z * z / (2 * whole)) / (1 + z * z / whole)
    half = z * math.sqrt(share * (1 - share) / whole + z * z / (4 * whole**2)) / (1 + z * z / whole)
    return max(0.0, middle - half), min(1.0, middle + half)


@dataclass
class Row:
    """One checker on one part of the programs.

    Attributes
    ----------
    checker, part : str
    right, accepted : int
        Right programs, and those called right.
    faulty, rejected : int
        Faulty programs, and those called wrong.
    named, true : int
        Of these the ones that are given a known mistake's name, and those to whom it is true.
    lined, line, near : int
        Those that are told a line; the right one; the right one or its neighbour.
    helped : int
        Those that are told a true name, or the right line.
    seconds : list of float
        For each faulty program.
    """

    checker: str
    part: str
    right: int = 0
    accepted: int = 0
    faulty: int = 0
    rejected: int = 0
    named: int = 0
    true: int = 0
    lined: int = 0
    line: int = 0
    near: int = 0
    helped: int = 0
    seconds: list[float] = field(default_factory=list)

    def add(self, result: Result) -> None:
        """Count one result."""
        if not result.program.faulty:
            self.right += 1
            self.accepted += result.told.right
            return
        self.faulty += 1
        self.rejected += result.verdict
        self.named += result.specific
        self.true += result.specific and result.true
        self.lined += bool(result.told.lines)
        self.line += result.line
        self.near += result.near
        self.helped += (result.specific and result.true) or result.line
        self.seconds.append(result.told.seconds)


def rows(results: Iterable[Result]) -> list[Row]:
    """Return a row for each checker and part, in the order in which they come."""
    found: dict[tuple[str, str], Row] = {}
    for result in results:
        part = result.program.part
        key = result.checker, part
        found.setdefault(key, Row(result.checker, part)).add(result)
    order = [DEVELOPMENT, HELD_OUT]
    return sorted(found.values(), key=lambda row: order.index(row.part))


def as_table(found: Sequence[Row]) -> Table:
    """Return the table: shares, each with its interval."""
    table = Table(title="GradBug: right and faulty functions of the course")
    table.add_column("checker")
    for heading in (
        *("right ones accepted", "faulty ones rejected", "name given", "names true"),
        *("line given", "line right", "within ± 1", "true name or right line", "seconds"),
    ):
        table.add_column(heading, justify="right")
    for part in dict.fromkeys(row.part for row in found):
        table.add_section()
        some = [row for row in found if row.part == part]
        table.add_row(f"[bold]{part}[/]: {some[0].right} right, {some[0].faulty} faulty")
        for row in some:
            table.add_row(*_cells(row))
    return table


def _cells(row: Row) -> Iterator[str]:
    yield row.checker
    yield _share(row.accepted, row.right)
    yield _share(row.rejected, row.faulty)
    yield _share(row.named, row.faulty) if row.named else "–"
    yield _share(row.true, row.named) if row.named else "–"
    yield _share(row.lined, row.faulty) if row.lined else "–"
    yield _share(row.line, row.faulty) if row.lined else "–"
    yield _share(row.near, row.faulty) if row.lined else "–"
    yield _share(row.helped, row.faulty) if row.helped else "–"
    yield f"{median(row.seconds):.3f}" if row.seconds else "–"


def _share(part: int, whole: int) -> str:
    low, high = wilson(part, whole)
    return f"{100 * part / whole:.1f} % ({100 * low:.1f}–{100 * high:.1f})" if whole else "–"


def as_markdown(found: Sequence[Row], part: str = HELD_OUT) -> str:
    """Return the table of one part as README has it: shares in per cent, without intervals."""
    some = [row for row in found if row.part == part]
    headings = (
        *("", "right accepted", "faulty rejected"),
        *("name given; true", "line right; ± 1", "true name or right line"),
    )
    lines = [f"|{' | '.join(headings)} |", "|---" * len(headings) + "|"]
    for row in some:
        names = f"{_bare(row.named, row.faulty)}; {_bare(row.true, row.named)}"
        places = f"{_bare(row.line, row.faulty)}; {_bare(row.near, row.faulty)}"
        cells = (
            row.checker,
            _bare(row.accepted, row.right),
            _bare(row.rejected, row.faulty),
            names if row.named else "–",
            places if row.lined else "–",
            _bare(row.helped, row.faulty) if row.helped else "–",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _bare(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"


def as_dict(found: Sequence[Row]) -> list[dict[str, Any]]:
    """Return the rows for JSON, with the intervals."""
    shares = {
        "accepted": "right",
        "rejected": "faulty",
        "named": "faulty",
        "true": "named",
        "line": "faulty",
        "near": "faulty",
        "helped": "faulty",
    }
    made = []
    for row in found:
        entry = {name: value for name, value in vars(row).items() if name != "seconds"}
        entry["median seconds"] = median(row.seconds) if row.seconds else None
        entry["slowest"] = max(row.seconds, default=None)
        entry["intervals"] = {
            name: wilson(getattr(row, name), getattr(row, of)) for name, of in shares.items()
        }
        made.append(entry)
    return made


def failures(results: Iterable[Result], checker: str = OURS) -> Iterator[str]:
    """Yield, of the programs to develop with, what one checker gets wrong: the held out stay so."""
    for result in results:
        program, told = result.program, result.told
        if result.checker != checker or program.part == HELD_OUT:
            continue
        wrong = [
            *(["wrong verdict"] if not result.verdict else []),
            *([f"false name {'+'.join(told.names)}"] if not result.true else []),
            *([f"line {told.lines[0]}"] if told.lines and not result.line else []),
        ]
        if not wrong and program.faulty and not result.specific and not result.line:
            wrong = [f"neither name nor line ({'+'.join(told.names)})"]
        if wrong:
            lines = ", ".join(map(str, sorted(program.lines)))
            yield f"{'; '.join(wrong)}: {program.id} [{program.kind}] (line {lines})"
