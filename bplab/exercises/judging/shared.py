"""What the cases have in common in which an answer is right, or those in which it is wrong."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np

from bplab.exercises.task import Case, Exercise

DRAWS, MOST = 6, 4
"""A trait counts if the same case has it in this many other draws; this many are said at most."""

Traits = frozenset[str]


def set_apart(exercise: Exercise[Any], cases: Sequence[Case], right: Sequence[bool]) -> str:
    """Say where an answer is right, if that is in less than half of the cases; else where wrong.

    Parameters
    ----------
    exercise : Exercise
    cases : sequence of Case
    right : sequence of bool
        For each case, whether the answer is right; both occur.

    Returns
    -------
    str
        ``"only where N = 1"``: a trait that all of these cases have and none of the others. Else
        two traits, of which each of these cases has one and none of the others has any. An
        empty string if there is nothing of that kind.
    """
    few = 2 * sum(right) < len(right)
    names = exercise.arguments
    others = [case.traits(names) for case, r in zip(cases, right, strict=True) if r is not few]
    these = [t for t, r in zip(_by_design(exercise, cases), right, strict=True) if r is few]
    nowhere_else = [t - frozenset.union(*others) for t in these]
    if shared := frozenset.intersection(*nowhere_else):
        return f"only where {_all_of(shared, cases)}"
    # "one of the sigmas" would do for nearly any two layers: two traits have to be plain ones
    candidates = sorted(t for t in frozenset.union(*nowhere_else) if not t.startswith("one of"))
    for pair in combinations(candidates, 2):
        if all(t & set(pair) for t in nowhere_else):
            return f"only where {' or where '.join(pair)}"
    return ""


def _by_design(exercise: Exercise[Any], cases: Sequence[Case]) -> list[Traits]:
    """What is true of each case in every draw; what is true of it in one by chance is left out."""
    names = exercise.arguments
    draws = [cases, *(exercise.cases(np.random.default_rng(n)) for n in range(DRAWS))]
    return [
        frozenset.intersection(*(case.traits(names) for case in same))
        for same in zip(*draws, strict=True)
    ]


def _all_of(traits: Traits, cases: Sequence[Case]) -> str:
    """Join what holds of the same cases: nobody can tell which of it matters."""
    letters = list(cases[0].sizes)
    equal = [t for t in traits if all(side in letters for side in t.split(" = "))]
    same = [letter for letter in letters if any(letter in t.split(" = ") for t in equal)]
    found = [" = ".join(same)] if len(equal) == len(same) * (len(same) - 1) / 2 > 0 else equal
    found += sorted(
        t
        for t in traits - set(equal)
        if not (t.startswith("one of") and t.replace("one of", "each of", 1) in traits)
    )
    more = ", among other things" if len(found) > MOST else ""
    *first, last = found[:MOST]
    return f"{', '.join(first)} and {last}{more}" if first else f"{last}{more}"
