"""Whether a function uses what another cell of the notebook has left, not what it is given.

A value is said to be used only on evidence: with other numbers in its place the function ends in
another way, or the line that fails reads it. There are also remarks on a right function that may
fail, or do harm, elsewhere.
"""

import inspect
from collections.abc import Callable, Iterable

import numpy as np

from bplab.activations import Activation, Softmax
from bplab.errors import listed
from bplab.exercises.judging.trial import Finding, Here, Trial, alike, answer
from bplab.learner import Answer, Borrowed, borrowed

FEW = 3
"""How many wrong cases are looked at, at most."""


def arrays_of_other_cells(
    trial: Trial, explained: Callable[[Trial], Finding | None]
) -> Finding | None:
    """Say where a wrong function keeps something, or which arrays of other cells it uses.

    An array that does not stand for an argument may be a constant: a factor, or the steps of a
    difference. If a mistake in the formula then explains every answer, that mistake is named.

    Parameters
    ----------
    trial : Trial
    explained : callable
        Takes the trial and finds such a mistake, or returns None.
    """
    if found := _kept(trial):
        return found
    arrays = [each for each in _borrowed(trial) if not each.is_number]
    used = [each for each in arrays if not _fits_as_a_constant(trial, each)]
    found = _said(trial, used)
    if found and not any(_stands_for_given(trial, each) for each in used):
        return explained(trial) or found
    return found


def _stands_for_given(trial: Trial, each: Borrowed) -> bool:
    """Whether a value is an activation, or is named like an argument or a local, ignoring case."""
    its = trial.learner.function.__code__.co_varnames  # type: ignore[attr-defined]
    names = {name.lower() for name in (*trial.exercise.arguments, *its)}
    return isinstance(each.value, (Activation, Softmax)) or each.name.lower() in names


def _fits_as_a_constant(trial: Trial, each: Borrowed) -> bool:
    """Whether its name is that of a constant, and no case raises an error."""
    meant = each.name.isupper() and len(each.name) > 1 and not _stands_for_given(trial, each)
    return meant and not any(came.raised for came in trial.answers)


def numbers_of_other_cells(trial: Trial) -> Finding | None:
    """Say which plain numbers of other cells a wrong function uses.

    Constants are left out, except those that may stand for an argument: ALPHA for alpha.
    """
    names = set(trial.exercise.arguments)
    numbers = [
        each
        for each in _borrowed(trial)
        if each.is_number and (not each.is_constant or each.name.lower() in names)
    ]
    return _said(trial, numbers)


def remark(trial: Trial) -> str:
    """Return remarks on a right function that may fail, or do harm, elsewhere; empty if none."""
    return " ".join(filter(None, (_reads(trial), _rearranges(trial))))


def _rearranges(trial: Trial) -> str:
    name = next((came.rearranged for came in trial.answers if came.rearranged), "")
    if not name:
        return ""
    return (
        f"It changes the list {name} that it is given. In a check that list is its own; in a "
        f"program of yours the caller's {name} would change: work on list({name})."
    )


def _reads(trial: Trial) -> str:
    names = [each.name for each in _borrowed(trial) if not each.is_constant]
    if not names:
        return ""
    them = "it" if len(names) == 1 else "them"
    return (
        f"It reads {listed(names)} from outside the function: in a new session it is right only "
        f"after what makes {them} has run."
    )


def _borrowed(trial: Trial) -> list[Borrowed]:
    return borrowed(trial.learner.function) if isinstance(trial.learner, Here) else []


def _kept(trial: Trial) -> Finding | None:
    """Say in what the function keeps something.

    Evidence: if that is emptied before a call, it is filled, and the answer is another.
    """
    wrong = [i for i in range(len(trial.cases)) if not trial.right(i)]
    for each in _borrowed(trial):
        for i in wrong[:FEW]:
            if (emptied := each.emptied()) is None:
                break
            function, thing = emptied
            came = answer(trial.exercise, function, trial.cases[i])
            if thing and came.arrays is not None and not _end_alike(trial.answers[i], came):
                return Finding(
                    "remembers",
                    f"Your function keeps something in {each.name} from one call to the next, and "
                    "answers with what other calls have left there.",
                    f"With {each.name} empty it answers otherwise. Compute everything from "
                    "the arguments again, in every call.",
                    "code",
                    trial.seen(),
                    forfeits=True,
                )
    return None


def _said(trial: Trial, candidates: Iterable[Borrowed]) -> Finding | None:
    used = [each for each in candidates if _is_used(trial, each)]
    if not used:
        return None
    names = [each.name for each in used]
    one = len(names) == 1
    return Finding(
        "stale-global",
        f"Your function uses {listed(names)} from outside, and not "
        f"{'one that it is' if one else 'any that it is'} given or computes.",
        " ".join(_advice(trial, each) for each in used),
        "code",
        _seen(trial, used),
    )


def _is_used(trial: Trial, each: Borrowed) -> bool:
    """Whether a wrong answer depends on a value, or the line that fails reads it."""
    wrong = [i for i in range(len(trial.cases)) if not trial.right(i)]
    # an error hides what the value does, so numbers are looked at first
    for i in sorted(wrong, key=lambda i: trial.answers[i].raised is not None)[:FEW]:
        came = trial.answers[i]
        other = answer(trial.exercise, each.changed(), trial.cases[i])
        if not _end_alike(came, other):
            return True
        if came.raised:
            without = answer(trial.exercise, each.missing(), trial.cases[i]).raised
            if without and without.kind == "NameError" and without.where == came.raised.where:
                return True
    return False


def _end_alike(a: Answer, b: Answer) -> bool:
    if a.raised and b.raised:
        return a.raised.like(b.raised)
    return alike(a, b, 1e-9, 1e-9)


def _advice(trial: Trial, each: Borrowed) -> str:
    """Say what to do about a name; it may mean an argument or local in other letters."""
    name = each.name
    own = inspect.signature(trial.learner.function).parameters  # type: ignore[attr-defined]
    if name in trial.exercise.arguments:
        place = trial.exercise.arguments.index(name)
        called = [*own][place] if place < len(own) else ""
        if called and called not in trial.exercise.arguments:
            return f"The argument {name} is called {called} in your first line: call it {name}."
    code = trial.learner.function.__code__  # type: ignore[attr-defined]
    if name in code.co_varnames:
        return f"A function that yours calls reads {name}: make {name} an argument of it."
    for local in code.co_varnames:
        # a single letter is often a counter: n runs up to N, and does not mean it
        if local.lower() == name.lower() and not (each.is_number and len(name) == 1):
            return f"Inside there is {local}. Is that what you mean by {name}?"
    return f"Compute {name} inside the function, or take it from its arguments."


def _seen(trial: Trial, used: Iterable[Borrowed]) -> str:
    shapes = [
        f"{each.name} {each.value.shape}" for each in used if isinstance(each.value, np.ndarray)
    ]
    raised = next((a.raised for a in trial.answers if a.raised), None)
    if raised is None:
        return trial.seen()
    where = f", in {raised.where}" if raised.where else ""
    there = f" What stands outside: {', '.join(shapes)}." if shapes else ""
    return f"It raises {raised}{where}.{there}"
