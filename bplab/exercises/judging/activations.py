"""How a wrong function uses the activations that it is given: by differences, or by their names.

Both are proven with the same numbers. If activations are straight lines near the points where the
formula needs them, a difference is exactly the slope. If only an activation's name is changed, a
function that uses no names answers the same.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from bplab.activations import Activation, Softmax
from bplab.errors import listed
from bplab.exercises.judging.trial import Finding, Here, Trial, alike, all_near
from bplab.exercises.judging.two_mistakes import AT_ONCE
from bplab.exercises.task import Case
from bplab.learner import Answer

NEARLY = 1e-5
"""Differences along straight lines are at least this near, with any step that makes sense."""


def by_differences(
    trial: Trial,
    numerical: Callable[[], Finding],
    known: Callable[[Trial], Finding | None],
) -> Finding | None:
    """Say that slopes are taken from differences, if the answers are wrong because of that.

    Parameters
    ----------
    trial : Trial
    numerical : callable
        Makes the finding that says so.
    known : callable
        Finds the known mistake of a trial: there may be one as well.
    """
    learner, cases = trial.learner, trial.cases
    if not isinstance(learner, Here) or not trial.exercise.formula_wanted or not cases[0].points:
        return None
    straight = [learner.answer_if_straight(trial.exercise, case) for case in cases]
    if not any(straight) or _all_near(trial, trial.answers):
        return None
    answers = [new or old for new, old in zip(straight, trial.answers, strict=True)]
    found = replace(numerical(), forfeits=False, seen=trial.seen())
    if _all_near(trial, answers):
        return found
    other = known(replace(trial, answers=answers))
    if other is None or known(trial) is not None:
        return None
    return replace(
        found,
        name=f"{found.name}+{other.name}",
        says=f"{AT_ONCE} (1) {found.says} (2) {other.says}",
        hint=f"(1) {found.hint} (2) {other.hint}",
        subgoal=other.subgoal,
    )


def _all_near(trial: Trial, answers: Sequence[Answer]) -> bool:
    """Whether all ordinary cases are nearly right: in others a difference may cross a kink."""
    return all(
        all_near(trial.part(k, answers[i]), trial.right_part(k, i), NEARLY)
        for i, case in enumerate(trial.cases)
        if not case.special
        for k in range(len(trial.exercise.parts))
    )


def by_name(trial: Trial) -> Finding | None:
    """Say that a function goes by the name of an activation, and for which ones it is wrong.

    Evidence: a right answer changes if an activation has an unknown name and all else is the same.
    A right answer becomes wrong with each activation that is named; and every wrong case has one of
    them.
    """
    learner, cases = trial.learner, trial.cases
    if not isinstance(learner, Here):
        return None
    right = [i for i in range(len(cases)) if trial.right(i)]
    wrong = [i for i in range(len(cases)) if i not in right]
    for name in trial.exercise.arguments:
        if all(
            alike(learner.answer_if_unknown(trial.exercise, cases[i], name), trial.answers[i])
            for i in right
        ):
            continue
        its = [{str(one): one for one in _activations(cases[i], name)} for i in wrong]
        bad = {
            text
            for text, one in {text: one for some in its for text, one in some.items()}.items()
            if any(_wrong_with(trial, i, name, one) for i in right)
        }
        if all(bad.intersection(some) for some in its):
            return Finding(
                "chosen-by-name",
                f"Your function goes by which activation {name} is, and is wrong for "
                f"{listed(sorted(bad))}.",
                f"A list of names ends somewhere, and there are always other activations. Whatever "
                f"{name} is, it can be called, and it has a derivative: use these alone.",
                "code",
                trial.seen(),
            )
    return None


def _wrong_with(trial: Trial, i: int, name: str, other: Activation | Softmax) -> bool:
    """Whether a right answer becomes wrong if another activation is given."""
    value = getattr(trial.cases[i], name)
    several = isinstance(value, (list, tuple))
    case = trial.cases[i].changed(**{name: tuple(other for _ in value) if several else other})
    return case is not None and not Trial.run(trial.exercise, trial.learner, [case]).all_right()


def _activations(case: Case, name: str) -> list[Any]:
    value = getattr(case, name)
    its = value if isinstance(value, (list, tuple)) else [value]
    return [one for one in its if isinstance(one, (Activation, Softmax))]
