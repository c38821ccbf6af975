"""How often `check_gradient` is wrong on functions of any form.

Each problem of each family is checked with its right gradient and with one entry of it wrong,
entry by entry and in the fast mode.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from os import cpu_count
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bplab.gradcheck import Verdict, check_gradient
from bplab.tree import leaves, rebuild
from tests.benchmarks.gradcheck.functions import FAMILIES, Family, Kind, Problem

__all__ = ["GOAL_UNDECIDED", "Row", "as_json", "as_table", "measure"]

SIZES = (10, 30, 100, 300, 1_000, 3_000, 10_000)
OFTEN = (0.25, 0.25, 0.2, 0.15, 0.07, 0.05, 0.03)
"""How often a problem has about that many parameters."""
LARGE = 0.1
"""An entry is made wrong that is at least this share of the largest: none must miss it."""
GOAL_UNDECIDED = 0.05
"""Of the entries of smooth functions."""


@dataclass(frozen=True)
class Row:
    """What was said of the problems of one family.

    Attributes
    ----------
    family, kind : str
    problems : int
    rejected : int
        Right gradients with an entry that was called wrong.
    accepted, found : int
        Wrong gradients whose wrong entry was called right, and those where it was called wrong.
    undecided, entries : int
        Entries of right gradients called "cannot tell", and of how many.
    evaluations : float
        Of the function, for each parameter and beside those of central differences, which take
        two: the median of the problems with 100 parameters or more; NaN if there are none.
    fast_rejected, fast_accepted, fast_found, fast_undecided : int
        The same in the fast mode, counted in gradients.
    raised : int
        Problems at which the check ended in an error in place of a report.
    """

    family: str
    kind: str
    problems: int
    rejected: int
    accepted: int
    found: int
    undecided: int
    entries: int
    evaluations: float
    fast_rejected: int
    fast_accepted: int
    fast_found: int
    fast_undecided: int
    raised: int


COUNTED = (
    *("rejected", "accepted", "found", "undecided", "entries"),
    *("fast_rejected", "fast_accepted", "fast_found", "fast_undecided", "raised"),
)


def measure(
    problems: int = 20,
    *,
    seed: int = 0,
    jobs: int | None = None,
    sizes: Sequence[int] = SIZES,
) -> list[Row]:
    """Check problems of every family.

    Parameters
    ----------
    problems : int
        How many of each.
    seed : int
        Equal seeds give equal problems.
    jobs : int, optional
        Processes; else one for each processor.
    sizes : sequence of int
        About how many parameters they have; the first are the commonest.
    """
    counts: dict[str, Counter[str]] = {name: Counter() for name in FAMILIES}
    costs: dict[str, list[float]] = {name: [] for name in FAMILIES}
    with (
        ProcessPoolExecutor(jobs or cpu_count()) as pool,
        Progress(console=Console(stderr=True), transient=True) as progress,
    ):
        task = progress.add_task("functions", total=len(FAMILIES) * problems)
        work = [
            (name, pool.submit(_one, name, seed, number, sizes))
            for number in range(problems)
            for name in FAMILIES
        ]
        for name, done in work:
            found, cost = done.result()
            counts[name] += found
            costs[name] += cost
            progress.update(task, advance=1)
    return [_row(FAMILIES[name], problems, counts[name], costs[name]) for name in FAMILIES]


def _row(family: Family, problems: int, counts: Counter[str], costs: list[float]) -> Row:
    cost = float(np.median(costs)) if costs else float("nan")
    return Row(
        family.name,
        family.kind,
        problems,
        **{field: counts[field] for field in COUNTED},
        evaluations=cost,
    )


def _one(
    name: str, seed: int, number: int, sizes: Sequence[int]
) -> tuple[Counter[str], list[float]]:
    """Check one problem; return what was found, and what it cost."""
    family = FAMILIES[name]
    rng = np.random.default_rng([seed, number, *name.encode()])
    often = np.array(OFTEN[: len(sizes)])
    size = min(int(rng.choice(sizes, p=often / often.sum())), family.most)
    problem = family.draw(rng, size)
    counts: Counter[str] = Counter()
    costs = []
    try:
        with np.errstate(all="ignore"):
            for what, amount in _found(problem, family.kind, rng):
                counts[what] += int(amount)
                if what == "evaluations" and size >= 100:
                    costs.append(amount)
    except ValueError:
        counts["raised"] += 1
    return counts, costs


def _found(problem: Problem, kind: Kind, rng: np.random.Generator) -> Iterator[tuple[str, float]]:
    f = _Counted(problem.f)
    report = check_gradient(f, problem.gradient, problem.params)
    yield "rejected", bool(report.wrong)
    yield "entries", report.total
    yield "undecided", len(report.undecided)
    yield "evaluations", f.calls / (2 * report.total)
    wrong, place = _with_a_wrong_entry(problem, kind, rng)
    entries = check_gradient(problem.f, wrong, problem.params).entries
    (said,) = (e.verdict for e in entries if (e.block, e.index) == place)
    yield "accepted", said == Verdict.RIGHT
    yield "found", said == Verdict.WRONG

    seed = int(rng.integers(2**31))
    fast = check_gradient(problem.f, problem.gradient, problem.params, fast=True, seed=seed)
    yield "fast_rejected", fast.directions == Verdict.WRONG
    yield "fast_undecided", fast.directions == Verdict.CANNOT_TELL
    fast = check_gradient(problem.f, wrong, problem.params, fast=True, seed=seed)
    yield "fast_accepted", fast.directions == Verdict.RIGHT
    yield "fast_found", fast.directions == Verdict.WRONG


class _Counted:
    """A function that counts its calls."""

    def __init__(self, f: Callable[[Any], Any]):
        self.f, self.calls = f, 0

    def __call__(self, params: Any) -> Any:
        self.calls += 1
        return self.f(params)


def _with_a_wrong_entry(
    problem: Problem, kind: Kind, rng: np.random.Generator
) -> tuple[Callable[[Any], Any], tuple[str, tuple[int, ...]]]:
    """Return the gradient with one large entry wrong, and where: its block and index.

    Half as large again, doubled, without its sign, forgotten; one in a thousand off, where the
    function answers finely enough to show it. At an optimum, 1e-3 beside the right number.
    """
    g = [(name, np.asarray(array)) for name, array in leaves(problem.gradient(problem.params))]
    largest = max(float(np.abs(array).max()) for _, array in g)
    places = [
        (name, index)
        for name, array in g
        for index in np.ndindex(array.shape)
        if kind == Kind.OPTIMUM or abs(array[index]) >= LARGE * largest
    ]
    place = places[rng.integers(len(places))]
    factors = [1.5, 2.0, -1.0, 0.0] + [1.001] * (kind in (Kind.SMOOTH, Kind.EDGE))
    factor = rng.choice(factors)

    def wrong(params: Any) -> Any:
        came = problem.gradient(params)
        arrays = []
        for name, array in leaves(came):
            array = np.array(array, dtype=np.float64)
            if name == place[0]:
                index = place[1]
                array[index] = (
                    array[index] + 1e-3 if kind == Kind.OPTIMUM else array[index] * factor
                )
            arrays.append(array)
        return rebuild(came, iter(arrays))

    return wrong, place


def as_table(rows: list[Row]) -> Table:
    """Return the rows as a table: a check entry by entry beside the fast mode."""
    table = Table(title=f"Gradients of any function, {rows[0].problems} of each family")
    table.add_column("family", max_width=28)
    table.add_column("kind", max_width=11)
    columns = (
        "right rejected",
        "wrong accepted",
        "wrong found",
        "undecided",
        "× central",
        "raised",
    )
    for name in columns:
        table.add_column(name, justify="right")
    for row in [*rows, _total(rows)]:
        table.add_row(
            row.family,
            row.kind,
            f"{row.rejected} | {row.fast_rejected}",
            f"{row.accepted} | {row.fast_accepted}",
            f"{_share(row.found, row.problems)} | {_share(row.fast_found, row.problems)}",
            f"{_share(row.undecided, row.entries)} | {_share(row.fast_undecided, row.problems)}",
            "–" if np.isnan(row.evaluations) else f"{row.evaluations:.2f}",
            f"{row.raised}",
            end_section=row is rows[-1],
        )
    smooth = [row for row in rows if row.kind == Kind.SMOOTH]
    share = _share(sum(row.undecided for row in smooth), sum(row.entries for row in smooth))
    table.caption = (
        f"Entry by entry | in the fast mode. Entries of smooth functions undecided: {share}. "
        f"Goals: none rejected, none accepted, undecided at most {100 * GOAL_UNDECIDED:g} %."
    )
    return table


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"


def _total(rows: list[Row]) -> Row:
    smooth = [row.evaluations for row in rows if row.kind == Kind.SMOOTH]
    sums = {field: sum(getattr(row, field) for row in rows) for field in ("problems", *COUNTED)}
    known = [cost for cost in smooth if not np.isnan(cost)]
    return Row("all", "", evaluations=max(known) if known else float("nan"), **sums)


def as_json(rows: list[Row]) -> list[dict[str, Any]]:
    """Return the rows as data for JSON, which knows no NaN."""
    return [
        {name: None if value != value else value for name, value in asdict(row).items()}
        for row in rows
    ]
