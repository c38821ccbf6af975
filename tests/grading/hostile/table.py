"""Both suites as tables: ``python -m tests.grading.hostile.table [bwrap | landlock]``.

Stock nbgrader's results are read from ``stock_results.json``; ours are measured now.
"""

import os
import sys
from collections.abc import Iterator, Mapping

from bplab.grading.judge.submission import Graded, Grader
from bplab.grading.kernels import Isolation
from tests.grading.hostile.accidents import ACCIDENTS, Accident
from tests.grading.hostile.attacks import ATTACKS, FOUND, Attack
from tests.grading.hostile.needs import missing
from tests.grading.hostile.notebook import ALL
from tests.grading.hostile.ours import SECRET, assignment, shown
from tests.grading.hostile.stock import Stock, stock_results


def main(isolation: Isolation) -> None:
    """Print the tables, in Markdown."""
    os.environ["BPLAB_SECRET"] = SECRET  # it must not help
    stock = stock_results()
    with Grader(assignment(isolation)) as grader:
        for title, submissions, results in (
            ("Attacks", ATTACKS, stock["attacks"]),
            ("Accidents", ACCIDENTS, stock["accidents"]),
        ):
            print(f"## {title}\n")
            for line in _table(grader, submissions, results):
                print(line, flush=True)
            print()


def _table(
    grader: Grader, submissions: Mapping[str, Attack | Accident], results: Mapping[str, Stock]
) -> Iterator[str]:
    """The lines of one table, and below it how often either came out as it should."""
    yield "| name | what | worth | stock nbgrader | ours |"
    yield "|---|---|---|---|---|"
    right = [0, 0]
    for name, one in submissions.items():
        worth = one.earns if isinstance(one, Attack) else one.keeps
        if why := missing(one.needs, grader):
            yield f"| {name} | not tried here: {why} |"
            continue
        stock, ours = results.get(name), grader.grade(one.submission())
        cells = (_of_stock(stock, worth), _of_ours(ours, worth))
        right = [n + (not cell.startswith("**")) for n, cell in zip(right, cells, strict=True)]
        yield f"| {name} | {one.what.replace('|', '&#124;')} | {worth:g} | {' | '.join(cells)} |"
    yield ""
    yield f"As it should be, of {len(submissions)}: stock nbgrader {right[0]}, ours {right[1]}."


def _of_stock(stock: Stock | None, worth: float) -> str:
    if stock is None:
        return "**not measured**"
    points = "no mark" if stock.points is None else f"{stock.points:g}"
    if stock.found:
        points += ", saw a secret"
    if stock.others is not None and stock.others != ALL:
        points += f", a classmate's {ALL:g} became {stock.others:g}"
    as_it_should_be = points == f"{worth:g}" or (worth == 0 and points == "no mark")
    return points if as_it_should_be else f"**{points}**"


def _of_ours(graded: Graded, worth: float) -> str:
    points = f"{graded.score:g}" + (", saw a secret" if FOUND in shown(graded) else "")
    return points if points == f"{worth:g}" else f"**{points}**"


if __name__ == "__main__":
    main(Isolation(*sys.argv[1:] or ["auto"]))
