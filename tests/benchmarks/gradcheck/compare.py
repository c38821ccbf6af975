"""How often gradient checkers are wrong: correct gradients rejected, wrong ones accepted.

Every checker sees the same random networks (`networks`), first with a correct gradient, then
with one random entry of it changed by one part in 100,000.
"""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from os import cpu_count
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bplab.gradcheck import GradientReport, Verdict, check_gradient
from bplab.gradcheck.network import EXTENDED, State
from tests.benchmarks.gradcheck.networks import Network, random_network
from tests.benchmarks.gradcheck.rules import RULES, Arrays, Function

__all__ = ["Row", "as_json", "as_table", "compare"]

CHANGE = 1e-5
BATCH = 50
OURS = "bplab, our networks"
TEXTBOOK = "bplab, gradient as in textbooks"
ANY = "bplab, any other function"
FAST = "bplab, fast mode"


@dataclass(frozen=True)
class Row:
    """How one checker did.

    Attributes
    ----------
    name : str
    rejected : int
        Correct gradients that were rejected.
    networks : int
        How many were tried.
    missed : int
        Gradients with a changed entry that were accepted: for ours, with that entry called
        right, not "cannot tell".
    changed : int
        How many were tried.
    undecided, entries : int
        Non-zero entries of correct gradients called "cannot tell", and of how many; 0 of 0 for a
        checker that judges no single entries.
    """

    name: str
    rejected: int
    networks: int
    missed: int
    changed: int
    undecided: int = 0
    entries: int = 0


def compare(networks: int = 2_000, *, seed: int = 0, jobs: int | None = None) -> list[Row]:
    """Run all checkers on random networks.

    Parameters
    ----------
    networks : int
        How many.
    seed : int
        Equal seeds give equal networks.
    jobs : int, optional
        Processes; else one for each processor.

    Raises
    ------
    ValueError
        If ``networks`` is not positive.
    """
    if networks < 1:
        raise ValueError(f"networks must be at least 1; got {networks}")
    starts = range(0, networks, BATCH)
    counts: Counter = Counter()
    with (
        ProcessPoolExecutor(jobs or cpu_count()) as pool,
        Progress(console=Console(stderr=True), transient=True) as progress,
    ):
        task = progress.add_task("networks", total=networks)
        work = [pool.submit(_batch, seed, first, min(BATCH, networks - first)) for first in starts]
        for done in work:
            counts += done.result()
            progress.update(task, advance=BATCH)
    names = (OURS, TEXTBOOK, ANY, FAST, *RULES)
    fields = ("rejected", "networks", "missed", "changed", "undecided", "entries")
    return [Row(name, *(counts[name, field] for field in fields)) for name in names]


def as_table(rows: list[Row]) -> Table:
    """Return the rows as a table of percentages."""
    table = Table(title=f"Gradient checkers on {rows[0].networks:,} random networks")
    table.add_column("checker")
    for column in ("correct rejected", f"{CHANGE:g} missed", "entries undecided"):
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(
            row.name,
            _share(row.rejected, row.networks),
            _share(row.missed, row.changed),
            _share(row.undecided, row.entries),
        )
    return table


def as_json(rows: list[Row]) -> list[dict[str, Any]]:
    """Return the rows as data for JSON."""
    return [asdict(row) for row in rows]


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f} % ({part:,})" if whole else "–"


def _batch(seed: int, first: int, count: int) -> Counter:
    counts: Counter = Counter()
    for number in range(first, first + count):
        rng = np.random.default_rng([seed, number])
        for name, field, amount in _one(random_network(rng), rng):
            counts[name, field] += amount
    return counts


def _one(network: Network, rng: np.random.Generator) -> Iterator[tuple[str, str, int]]:
    """What every checker says of one network, as amounts to be added."""
    risk, weights, R = network.risk, network.weights, _remembering(network.function())
    gradient = risk.gradient(weights)
    changed, place = _changed(network, gradient, rng)

    checks = {
        OURS: lambda g: check_gradient(risk, g, weights),
        ANY: lambda g: check_gradient(R, _knows(risk, gradient, g), weights),
    }
    for name, check in checks.items():
        yield from _of_correct(name, check(gradient))
        if changed is not None:
            yield name, "changed", 1
            yield name, "missed", check(changed).entries[place].verdict == Verdict.RIGHT

    report = check_gradient(risk, network.textbook_gradient(), weights)
    yield from _of_correct(TEXTBOOK, report)

    seed = int(rng.integers(2**31))
    fast = check_gradient(risk, gradient, weights, fast=True, seed=seed)
    yield FAST, "networks", 1
    yield FAST, "rejected", fast.directions == Verdict.WRONG
    if changed is not None:
        fast = check_gradient(risk, changed, weights, fast=True, seed=seed)
        yield FAST, "changed", 1
        yield FAST, "missed", fast.directions == Verdict.RIGHT

    for name, rule in RULES.items():
        yield name, "networks", 1
        yield name, "rejected", not rule(R, gradient, weights, rng)
        if changed is not None:
            yield name, "changed", 1
            yield name, "missed", rule(R, changed, weights, rng)


def _remembering(f: Function) -> Function:
    """The same function, asked once only at each point: the checkers look at many of them twice."""
    known: dict[bytes, float] = {}

    def remembered(weights: Arrays) -> float:
        at = b"".join(w.tobytes() for w in weights)
        if at not in known:
            known[at] = f(weights)
        return known[at]

    return remembered


def _of_correct(name: str, report: GradientReport) -> Iterator[tuple[str, str, int]]:
    """What a report says of a correct gradient."""
    nonzero = [e for e in report.entries if e.analytic != 0]
    yield name, "networks", 1
    yield name, "rejected", bool(report.wrong)
    yield name, "entries", len(nonzero)
    yield name, "undecided", sum(e.verdict == Verdict.CANNOT_TELL for e in nonzero)


def _knows(risk, gradient, g):
    """A gradient as a function: where it is asked for, ``g``; elsewhere with the same error."""
    errors = [a - b for a, b in zip(g, gradient, strict=True)]

    def function(weights):
        return tuple(a + e for a, e in zip(risk.gradient(weights), errors, strict=True))

    return function


def _changed(
    network: Network, gradient: tuple[NDArray, ...], rng: np.random.Generator
) -> tuple[tuple[NDArray, ...] | None, int]:
    """Change one random non-zero entry by one part in 100,000; return it and the entry's number.

    None where that brought the entry nearer to the exact derivative, which happens where
    rounding alone is worth as much.
    """
    sizes = np.concatenate([g.ravel() for g in gradient])
    (nonzero,) = np.nonzero(np.abs(sizes) > np.finfo(np.float64).tiny)
    if not len(nonzero):
        return None, 0
    place = int(rng.choice(nonzero))
    wrong = sizes[place] * (1 + CHANGE * rng.choice([-1, 1]))

    plain = State(network.risk, network.weights)
    exact = State(network.risk, network.weights, np.longdouble, sides=plain.sides)
    ends = np.cumsum([g.size for g in gradient])
    b = int(np.searchsorted(ends, place, side="right"))
    m, column = np.unravel_index(place - (ends[b] - gradient[b].size), gradient[b].shape)
    derivative = float(exact.entries(b, m, [column])[0])
    if EXTENDED and abs(wrong - derivative) < CHANGE / 2 * abs(derivative):
        return None, place
    changed = [g.copy() for g in gradient]
    changed[b][m, column] = wrong
    return tuple(changed), place
