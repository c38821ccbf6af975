"""Somebody's backward pass, step by step: one step does not follow from those before it.

A known mistake is put into one step, or into none. Each step uses the result of the one before, so
all later numbers change as well. But only the wrong step does not follow from the numbers before
it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from bplab.exercises import steps
from bplab.exercises.review.item import (
    Array,
    Choice,
    Item,
    Table,
    item,
    same,
    shown,
    spot,
    visibly_other,
)
from bplab.exercises.review.small import Values, arguments, given, setting
from bplab.exercises.task import Exercise, Mistake, Subgoal

__all__ = ["EXERCISES", "which_step"]

EXERCISES = ("eq4", "eq5", "eq6", "eq7", "eq8", "eq9", "eq10", "eq11", "eq15")
"""Exercises whose mistakes replace pieces of the five steps in `steps.RIGHT`."""

WHOLE = frozenset({"eq5", "eq9"})
"""Exercises that go from the residual down to the hidden layer."""

HIDDEN = frozenset({"eq7", "eq11", "eq15"})
"""Exercises that begin with delta."""

NONE = "none of them: all follow"
OFFERED = 4

SAYS = {
    Subgoal.RESIDUAL: "Residual: −2(y − f).",
    Subgoal.OUTPUT_DELTA: "Output delta: the residual times what g does.",
    Subgoal.WEIGHT_GRADIENT: "Weight gradient: delta times its inputs, a 1 first, summed.",
    Subgoal.SEND_BACK: "Send back: delta times the weights of beta, over the outputs.",
    Subgoal.HIDDEN_DELTA: "Hidden delta: what was sent back, times σ′.",
}
DUE = {
    Subgoal.RESIDUAL: "from Y and F",
    Subgoal.OUTPUT_DELTA: "from their residual",
    Subgoal.WEIGHT_GRADIENT: "from their deltas and the inputs",
    Subgoal.SEND_BACK: "from their delta and beta",
    Subgoal.HIDDEN_DELTA: "from what they sent back and σ′(A)",
}


@dataclass(frozen=True)
class Done:
    """The result of a step as somebody did it, and the right result for the same inputs."""

    step: Subgoal
    name: str
    theirs: Array
    due: Array

    @property
    def follows(self) -> bool:
        return same(self.theirs, self.due)

    @property
    def seen(self) -> bool:
        """Whether a learner can see that the step does not follow."""
        return visibly_other(self.theirs, self.due)


def which_step(exercise: Exercise[Any], rng: np.random.Generator) -> Item | None:
    """Ask which of the five steps went wrong, and then why; None if these numbers do not show it.

    Parameters
    ----------
    exercise : Exercise
        One of `EXERCISES`.
    rng : Generator
    """
    values = arguments(exercise, rng, by_hand=False)
    if values is None:
        return None
    known = _known(exercise)
    taken = [step for step in _steps(exercise) if known.get(step)]
    chosen = int(rng.integers(len(taken) + 1))
    step = taken[chosen] if chosen < len(taken) else None
    mistake = known[step][rng.integers(len(known[step]))] if step else None
    done = _run(exercise, values, mistake)
    wrong = [d for d in done or () if not d.follows]
    if done is None or [d.step for d in wrong] != ([step] if step else []):
        return None
    if not all(d.seen for d in wrong):
        return None
    then = _why(exercise, values, rng, done, mistake, known[step]) if step and mistake else None
    if step and then is None:
        return None
    right = Choice(str(step or NONE), _is_so(wrong[0]) if step else _all_follow(done))
    offered = [d.step for d in done if d.step != step]
    others = [Choice(str(d.step), _is_not_so(d, wrong)) for d in done if d.step in offered]
    if step:
        others.append(Choice(NONE, f"One does not follow: the {step}. {_is_so(wrong[0])}"))
    begin = "delta is given, and right. " if exercise.id in HIDDEN else ""
    return item(
        rng,
        right,
        others,
        kind="step",
        exercise=exercise.id,
        about=f"step:{exercise.id}:{mistake.name if mistake else 'none'}",
        question=(
            f"Somebody's way to {exercise.equation}, step by step. {begin}"
            f"{setting(exercise, values)} Which step does not follow from the numbers before it?"
        ),
        tables=(*given(exercise, values), *(Table(d.name, d.theirs) for d in done)),
        facts={
            "values": values,
            "done": {str(d.step): d.theirs for d in done},
            "mistake": mistake.name if mistake else None,
        },
        then=then,
    )


def _known(exercise: Exercise[Any]) -> dict[Subgoal, list[Mistake]]:
    """Return, for each step, the known mistakes that replace pieces of `steps.RIGHT`."""
    pieces = vars(steps.RIGHT).keys()
    found: dict[Subgoal, list[Mistake]] = {}
    for mistake in exercise.mistakes:
        changed = _changed(mistake).keys()
        if changed and changed <= pieces and mistake.subgoal in SAYS:
            found.setdefault(mistake.subgoal, []).append(mistake)
    return found


def _changed(mistake: Mistake | None) -> Mapping[str, Callable[..., Any]]:
    """Return the wrong pieces of a mistake by the names of the right ones."""
    return mistake.wrong.changed if mistake and isinstance(mistake.wrong, steps.Variant) else {}


def _steps(exercise: Exercise[Any]) -> list[Subgoal]:
    """Return the steps of an exercise, in the order in which they are done."""
    first = [Subgoal.RESIDUAL, Subgoal.OUTPUT_DELTA]
    back = [Subgoal.SEND_BACK, Subgoal.HIDDEN_DELTA]
    begun = [] if exercise.id in HIDDEN else first
    return [*begun, *(back if exercise.id in HIDDEN | WHOLE else ()), Subgoal.WEIGHT_GRADIENT]


def _run(exercise: Exercise[Any], values: Values, mistake: Mistake | None) -> list[Done] | None:
    """Do the steps with a mistake, and each step also rightly; None if the mistake does not run."""
    pieces = SimpleNamespace(**vars(steps.RIGHT))
    theirs = SimpleNamespace(**{**vars(steps.RIGHT), **_changed(mistake)})
    done: list[Done] = []

    def do(step: Subgoal, name: str, by: Callable[[SimpleNamespace], Array]) -> Array:
        found = np.asarray(by(theirs), float)
        done.append(Done(step, name, found, np.asarray(by(pieces), float)))
        return found

    Y, A, F, T, Z, X, beta = (values[name] for name in ("Y", "A", "F", "T", "Z", "X", "beta"))
    sigma, g, delta = values["sigma"], values["g"], values["delta"]
    inputs = Z
    try:
        with np.errstate(all="ignore"):
            if exercise.id not in HIDDEN:
                D = do(Subgoal.RESIDUAL, "their residual", lambda p: steps.residual(p, Y, F))
                delta = do(
                    Subgoal.OUTPUT_DELTA, "their delta", lambda p: p.output_delta(D, T, F, g)
                )
            if exercise.id in HIDDEN | WHOLE:
                back = do(Subgoal.SEND_BACK, "sent back", lambda p: p.send_back(delta, beta))
                delta = do(
                    Subgoal.HIDDEN_DELTA, "their s", lambda p: p.hidden_delta(back, A, Z, sigma)
                )
                inputs = X
            do(
                Subgoal.WEIGHT_GRADIENT,
                "their gradient",
                lambda p: steps.weight_gradient(p, delta, inputs),
            )
    except (ValueError, IndexError, TypeError, AttributeError):
        return None
    return done if all(d.theirs.ndim == 2 and np.isfinite(d.theirs).all() for d in done) else None


def _why(
    exercise: Exercise[Any],
    values: Values,
    rng: np.random.Generator,
    done: Sequence[Done],
    mistake: Mistake,
    known: Sequence[Mistake],
) -> Item | None:
    """Ask which mistake it is, among others of the same step that give different numbers."""
    at = next(i for i, d in enumerate(done) if d.step == mistake.subgoal)
    theirs = done[at].theirs
    others, seen = list[Choice](), [theirs]
    for i in rng.permutation(len(known)):
        other = known[i]
        run = _run(exercise, values, other)
        if run is None or other.says == mistake.says:
            continue
        found = run[at].theirs
        if all(visibly_other(found, array) for array in seen) and run[at].seen:
            seen.append(found)
            where, would_be, is_there = _gap(found, theirs)
            because = f"With that, {where} would be {would_be}; in theirs it is {is_there}."
            others.append(Choice(other.says, because))
        if len(others) == OFFERED - 1:
            break
    if len(others) < OFFERED - 1:
        return None
    where, is_there, due = _gap(theirs, done[at].due)
    return item(
        rng,
        Choice(
            mistake.says, f"In theirs {where} is {is_there}, where {due} is due. {mistake.hint}"
        ),
        others,
        kind="step",
        exercise=exercise.id,
        about=f"why:{exercise.id}:{mistake.name}",
        question=f"It is the {mistake.subgoal}. What does check say to them?",
        tables=(Table(done[at].name, theirs), Table("right for these numbers", done[at].due)),
        facts={
            "values": values,
            "mistake": mistake.name,
            "offered": {m.says: m.name for m in exercise.mistakes},
        },
    )


def _is_so(wrong: Done) -> str:
    where, theirs, due = _gap(wrong.theirs, wrong.due)
    return f"{SAYS[wrong.step]} Their {where} is {theirs}; {DUE[wrong.step]} it should be {due}."


def _is_not_so(d: Done, wrong: Sequence[Done]) -> str:
    """Return sentences that show by one number that a step follows."""
    index = tuple(map(int, np.unravel_index(np.abs(d.theirs).argmax(), d.theirs.shape)))
    where, due = spot(index), shown(d.due[index])
    follows = f"{SAYS[d.step]} Here {where} should be {due} {DUE[d.step]}, and it is."
    if not wrong:
        return f"{follows} So does every other step."
    return f"{follows} Look at the {wrong[0].step}."


def _all_follow(done: Sequence[Done]) -> str:
    last = done[-1]
    index = tuple(map(int, np.unravel_index(np.abs(last.theirs).argmax(), last.theirs.shape)))
    return (
        f"Each step is what the numbers before it give, down to the gradient: its "
        f"{spot(index)} is {shown(last.theirs[index])}, and should be."
    )


def _gap(theirs: Array, other: Array) -> tuple[str, str, str]:
    """Return where two arrays differ most, and the number there in each."""
    if theirs.shape != other.shape:
        return "shape", str(theirs.shape), str(other.shape)
    index = tuple(map(int, np.unravel_index(np.abs(theirs - other).argmax(), theirs.shape)))
    return spot(index), shown(theirs[index]), shown(other[index])
