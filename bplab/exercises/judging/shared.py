"""What the cases have in common in which an answer is right, or those in which it is wrong."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import combinations
from typing import Any

import numpy as np

from bplab.exercises.judging.trial import known_answers, unwarned
from bplab.exercises.task import FAR, Case, ChangedCase, Exercise

DRAWS, VARIED, MOST = 3, 2, 4
"""More draws that are asked, cases that are varied, and the most traits that are said."""

SUPPORT = 2
"""Of two traits one or the other must hold: each by itself in this many cases or more."""

Traits = frozenset[str]
Ask = Callable[[Sequence[Case]], Sequence[bool]]
Turn = Callable[[np.ndarray], np.ndarray]
Put = Callable[[np.ndarray, np.ndarray], np.ndarray]


def set_apart(
    exercise: Exercise[Any], cases: Sequence[Case], right: Sequence[bool], ask: Ask
) -> str:
    """Say where an answer is right, if that is in less than half of the cases; else where wrong.

    What a dozen cases have in common may be chance. So it has to be so in other draws too, and in
    cases of which one thing is changed: right wherever the trait is, and nowhere else. What is said
    of an array's numbers is tried in cases that nothing else is changed in: see `_turned`.

    Parameters
    ----------
    exercise : Exercise
    cases : sequence of Case
    right : sequence of bool
        For each case, whether the answer is right; both occur.
    ask : callable
        Tells of further cases whether the answer is right.

    Returns
    -------
    str
        ``"only where N = 1"``: a trait that all of these cases have and none of the others. Else
        two traits, of which each of these cases has one and none of the others has any. An
        empty string if there is nothing of that kind.
    """
    few = 2 * sum(right) < len(right)
    traits = [known_answers(exercise, case).traits for case in cases]
    these = [t for t, r in zip(traits, right, strict=True) if r is few]
    others = frozenset[str]().union(
        *(t for t, r in zip(traits, right, strict=True) if r is not few)
    )
    shared = frozenset.intersection(*these)
    nowhere_else = [t - others for t in these]
    if not all(nowhere_else) and not shared - others:
        return ""
    chosen = [r is few for r in right]
    # "one of the sigmas" would do for nearly any two layers: two traits have to be plain ones
    plain = sorted(t for t in frozenset.union(*nowhere_else) if not t.startswith("one of"))

    together = shared - others
    live: list[tuple[Traits, Callable[[Iterable[bool]], bool]]]
    live = [(frozenset({t}), all) for t in together]
    live += [(together, all)] if together else []
    live += [(frozenset(pair), any) for pair in combinations(plain, 2)]

    def decides(wanted: Traits, enough: Callable[[Iterable[bool]], bool]) -> bool:
        return (wanted, enough) in live and any(chosen[len(cases) :])

    further = _further(exercise, cases)
    for start in range(0, len(cases) + len(further), len(cases)):
        if start:  # no more at once than may take its time
            more = further[start - len(cases) : start]
            traits += [known_answers(exercise, case).traits for case in more]
            chosen += [r is few for r in ask(more)]
        now = list(zip(traits[start:], chosen[start:], strict=True))
        live = [
            (wanted, enough)
            for wanted, enough in live
            if all(enough(w in t for w in wanted) is c for t, c in now)
        ]
        if not live:
            return ""  # whatever is asked more
    alone = frozenset(t for t in together if decides(frozenset({t}), all))
    turned = [case for t in sorted(alone) for case in _turned(t, exercise, cases)]
    with unwarned():
        came = [r is few for r in ask(turned)] if turned else []
    of_turned = [case.traits(exercise.arguments) for case in turned]
    alone = frozenset(
        t for t in alone if all((t in has) is c for has, c in zip(of_turned, came, strict=True))
    )
    if len({" = " in t for t in alone}) > 1:
        return ""  # sizes and something else: which of them decides nobody has seen
    if alone:
        return f"only where {_all_of(alone, cases)}"
    # of several sizes that are equal, all may matter; of other traits nobody has seen each alone
    if together and all(" = " in t for t in together) and decides(together, all):
        return f"only where {_all_of(together, cases)}"
    for one, other in combinations(plain, 2):
        pair = frozenset({one, other})
        by_itself = [sum(t & pair == {trait} for t in traits) for trait in (one, other)]
        if min(by_itself) >= SUPPORT and decides(pair, any):
            return f"only where {one} or where {other}"
    return ""


def _turned(trait: str, exercise: Exercise[Any], cases: Sequence[Case]) -> list[Case]:
    """Cases that have a trait without it, and others with it; none if it cannot be turned.

    In large numbers much is large together: which of it matters shows where one array alone is
    made moderate, or large, and all the rest is as it was. So it is with an activation or a number.
    """
    name, _, clause = trait.partition(" ")
    has = [trait in known_answers(exercise, case).traits for case in cases]
    these = [case for case, h in zip(cases, has, strict=True) if h][:VARIED]
    others = [c for c, h in zip(cases, has, strict=True) if not h and not c.special][:VARIED]
    if name not in exercise.arguments or not others:
        return []
    of_these, of_others = these[0].arguments([name])[name], others[0].arguments([name])[name]
    if clause in _TURNS:
        put, take = _TURNS[clause]
        without: list[Case] = [_Turned(case, name, take) for case in these]
        return [*without, *(_Turned(case, name, partial(put, of_these)) for case in others)]
    told = clause.removeprefix("is ")
    if told == clause or told in exercise.arguments or isinstance(of_these, np.ndarray):
        return []
    values = [(case, of_others) for case in these] + [(case, of_these) for case in others]
    try:
        return [replace(case, **{name: value}) for case, value in values]  # type: ignore[type-var]
    except TypeError:  # it is no value that such a case is made of
        return []


@dataclass(frozen=True)
class _Turned(ChangedCase):
    """Another case with one array of it changed."""

    name_of: str
    turn: Turn

    def __getattr__(self, name: str) -> Any:
        """Return a value of the other case: its traits are worked out of these."""
        if name == "case" or name.startswith("__"):
            raise AttributeError(name)
        value = getattr(self.case, name)
        return self.turn(value) if name == self.name_of else value

    def change(self) -> Callable[[str, np.ndarray], np.ndarray]:
        return lambda name, array: self.turn(array) if name == self.name_of else array


def _as_far(like: np.ndarray, array: np.ndarray) -> np.ndarray:
    return array * (np.abs(like).max() / (np.abs(array).max(initial=0) or 1))


def _near(array: np.ndarray) -> np.ndarray:
    return np.clip(array, -FAR / 2, FAR / 2).astype(array.dtype)


def _in_front(column: Any, array: np.ndarray) -> np.ndarray:
    """Put a number into the first column, where there is one."""
    array = array.copy()
    if array.ndim == 2:
        array[:, 0] = column
    return array


def _one_zero(_: np.ndarray, array: np.ndarray) -> np.ndarray:
    array = array.copy()
    array.flat[-1:] = 0
    return array


_TURNS: dict[str, tuple[Put, Turn]] = {
    f"has entries beyond ±{FAR:g}": (_as_far, _near),
    "has a first column of zeros": (lambda _, array: _in_front(0, array), partial(_in_front, 1)),
    "holds a zero": (_one_zero, lambda array: np.where(array == 0, 1, array)),
    "holds integers": (lambda _, array: np.rint(array).astype(int), lambda a: a.astype(float)),
}
"""How arrays get a trait, and how they lose it."""


def _further(exercise: Exercise[Any], cases: Sequence[Case]) -> Sequence[Case]:
    """The same cases drawn again, and the first ordinary ones with one thing changed."""
    known = known_answers(exercise, cases[0])
    if not known.further:
        ordinary = [case for case in cases if not case.special][:VARIED]
        varied = (varied for case in ordinary for varied in case.varied())
        known.further = (*_drawn_again(exercise), *varied)
    return known.further


@lru_cache(maxsize=8)
def _drawn_again(exercise: Exercise[Any]) -> tuple[Case, ...]:
    return tuple(c for n in range(DRAWS) for c in exercise.cases(np.random.default_rng(n)))


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
