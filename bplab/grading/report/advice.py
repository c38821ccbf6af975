"""What to say in class next: the mistakes that many students made, and what to show about each."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bplab.counting import counted
from bplab.errors import listed
from bplab.exercises import TASKS, Subgoal
from bplab.grading.report.results import ClassResults
from bplab.grading.report.statistics import (
    ERRORS,
    ExerciseStatistics,
    Mistakes,
    common_mistakes,
    exercise_statistics,
    notes,
)

__all__ = ["Advice", "advise", "nothing_common"]

SHARE = 0.1
"""What at least this share of the class did is worth a word to everybody."""

ALWAYS = 3
"""The number of misunderstandings to name in any class; the costliest, if too few are common."""

MOST = 6

_BY_NAME = (
    ("averaged", "work out N = 2 by hand: the sum of both examples, and beside it their mean."),
    ("factor", "differentiate (y − f)² by f, with numbers: −2 (y − f)."),
    ("square-lost", "differentiate (y − f)² by f, with numbers: −2 (y − f)."),
    ("sign", "one weight, one step against the gradient: which sign makes R smaller?"),
    ("bias", "write one input with its 1 in front: what the bias multiplies, and its gradient."),
    ("example", "take N = 2, write each example's gradient, then add the two."),
    ("not-summed", "take N = 2, write each example's gradient, then add the two."),
    ("transposed", "write the shape under every factor, with N, M, K all different."),
    ("shape", "write the shape under every factor, with N, M, K all different."),
    ("integers", "np.zeros_like of an integer array, and what happens to 0.5 stored in it."),
    ("truncated", "np.zeros_like of an integer array, and what happens to 0.5 stored in it."),
    ("assumes", "plot this activation and its derivative beside another's: one formula each."),
    ("raises", "read one traceback, from its last line upwards."),
    ("argument-changed", "b = a; b += 1; and now print a."),
    ("remembers", "call one function twice with a list as default argument."),
    ("numerical-derivative", "what a check can do and a formula does: exactness, and the cost."),
)

_BY_STEP: dict[str, str] = {
    Subgoal.FORWARD: "one example forwards through a net of two units, with numbers.",
    Subgoal.LOSS: "R of two examples with two outputs, term by term.",
    Subgoal.DIFFERENCE: "one weight, moved by h to both sides; then the next one.",
    Subgoal.RESIDUAL: "y, f and −2 (y − f) of one example, with numbers and signs.",
    Subgoal.OUTPUT_DELTA: "delta of one example with K = 2: residual times g′ at t.",
    Subgoal.WEIGHT_GRADIENT: "one entry of the matrix by hand: whose delta, times which input?",
    Subgoal.SEND_BACK: "one hidden unit and its arrows to K = 2 outputs: send both deltas back.",
    Subgoal.HIDDEN_DELTA: "one hidden unit: what came back, times σ′ at its own a.",
    Subgoal.UPDATE: "one step with numbers: the old weight minus γ times its gradient.",
    Subgoal.DERIVATIVE: "the curve and its slope, read off at three points.",
    Subgoal.LOCAL_SLOPE: "a · b with numbers: a moved by h, then b. By how much does it move?",
    Subgoal.CODE: "the starter's docstring: what comes in, what goes out, in which order.",
}


@dataclass(frozen=True)
class Advice:
    """One thing to say in class, or to look into.

    Attributes
    ----------
    count, of : int
        How many students it concerns, of how many.
    what : str
        What they did.
    show : str
        What to do about it.
    step : str
        The step that it concerns, if it is about mistakes of one step; else empty.
    """

    count: int
    of: int
    what: str
    show: str
    step: str = ""

    def __str__(self) -> str:
        return f"{self.count} of {self.of} {self.what} {self.show}"


def advise(results: ClassResults) -> list[Advice]:
    """Return what is worth saying to everybody, most students first; it names no student."""
    of = len(results.judged)
    enough = max(2, SHARE * of)
    others = [*_not_written(exercise_statistics(results)), *_stopped(results)]
    others = [one for one in others if one.count >= enough]
    others = sorted(others, key=lambda one: -one.count)[: MOST - ALWAYS]
    mistakes = _of_mistakes(common_mistakes(results), of, enough)[: MOST - len(others)]
    return sorted([*mistakes, *others], key=lambda one: -one.count)


def nothing_common(results: ClassResults) -> str:
    """Return what to say if no mistake is common: how many students lost points, and where."""
    of = len(results.judged)
    if not of:
        return "Nobody left anything to judge."
    lost = [one for one in exercise_statistics(results) if one.full < one.of]
    who = sum(any(outcome.lost for outcome in one.outcomes) for one in results.judged)
    if not who:
        return "Nothing stands out: everybody has all points."
    where = _equations([one.id for one in lost])
    return (
        f"No mistake is common. {who} of {counted(of, 'student')} lost points, in {where}: see the "
        "tables below."
    )


def _of_mistakes(rows: Sequence[Mistakes], of: int, enough: float) -> list[Advice]:
    """Return advice on common mistakes; if they are few, also on steps, then on costly mistakes."""
    common = [row for row in rows if len(row.students) >= enough]
    found = [_of_mistake(row, of) for row in common]
    left = sorted((row for row in rows if row not in common), key=lambda row: -row.lost)
    if len(found) < ALWAYS:
        steps: dict[str, list[Mistakes]] = {}
        for row in left:
            if row.step in _BY_STEP and row.step != Subgoal.CODE:
                steps.setdefault(row.step, []).append(row)
        together = [_of_step(step, made, of) for step, made in steps.items() if len(made) > 1]
        found += [one for one in together if one.count >= enough][: ALWAYS - len(found)]
    several = [row for row in left if len(row.students) > 1]  # not to point at one student
    return found + [_of_mistake(row, of) for row in several[: max(0, ALWAYS - len(found))]]


def _of_step(step: str, rows: Sequence[Mistakes], of: int) -> Advice:
    """Return advice on mistakes of one step, none of which is common by itself."""
    made = {person for row in rows for person in row.students}
    exercises = list(dict.fromkeys(id for row in rows for id in row.where))
    words = [f"“{row.says}” ({len(row.students)})" for row in rows[:ALWAYS] if row.says]
    more = f"; {len(rows) - len(words)} more" if len(rows) > len(words) else ""
    what = f"have something wrong in one step, {step}, in {_equations(exercises)}: "
    show = f"On the board: {_BY_STEP[step]}"
    return Advice(len(made), of, f"{what}{'; '.join(words)}{more}.", show, step)


def _of_mistake(row: Mistakes, of: int) -> Advice:
    where, count = _equations(list(row.where)), len(row.students)
    if row.name == "raises":
        return Advice(count, of, f"end in an error in {where}.", f"Together: {_board(row)}")
    what = f"in {where}: “{row.says}”" if row.says else f"in {where}: {row.name}."
    if row.known or _named(row.name) or row.name in ERRORS:
        return Advice(count, of, what, f"On the board: {_board(row)}")
    return Advice(count, of, what, "No known mistake: look into two or three of them first.")


def _not_written(rows: Sequence[ExerciseStatistics]) -> list[Advice]:
    return [
        Advice(
            row.not_written,
            row.of,
            f"left {_equations([row.id])} as it was.",
            "Ask whether it was the time or the task.",
        )
        for row in rows
        if row.not_written
    ]


def _stopped(results: ClassResults) -> list[Advice]:
    """Return advice on cells that something happened to, one for each exercise."""
    count = Counter(note.partition(":")[0] for s in results.judged for note in notes(s))
    return [
        Advice(
            number,
            len(results.judged),
            f"had their cell of {_equations([exercise])} stopped or broken off.",
            "On the board: a loop over examples, and the one product that does the same.",
        )
        for exercise, number in count.items()
    ]


def _board(mistakes: Mistakes) -> str:
    return _named(mistakes.name) or _BY_STEP.get(
        mistakes.step, "one example by hand, with small whole numbers."
    )


def _named(name: str) -> str:
    return next((board for part, board in _BY_NAME if part in name), "")


def _equations(exercises: Sequence[str]) -> str:
    """Name exercises: ``equations (4), (5) and (6)``, or their ids where they have no number."""
    papers = [TASKS[id].equation if id in TASKS else "" for id in exercises]
    if not all(paper.startswith("equation") for paper in papers):
        return listed(exercises)
    numbers = [number for paper in papers for number in re.findall(r"\(\d+\)", paper)]
    return f"equation{'s' * (len(numbers) > 1)} {listed(numbers)}"
