"""What a learner's function has reached, and which of its lines are suspected to be wrong."""

from dataclasses import dataclass

from bplab.exercises.judging import Here, Trial
from bplab.learner import Kind, Place, Round, Trace, traced

__all__ = ["Reached", "Suspect", "Suspicion", "suspect"]

CASES = 2
"""So many are looked at: what is the same in one alone may be so by chance."""


@dataclass(frozen=True)
class Reached:
    """A step of the derivation that a function has taken, and taken right.

    Attributes
    ----------
    place : Place
    what : str
        In words: ``"the output delta"``.
    subgoal : str
        Empty for what is on the way to one.
    """

    place: Place
    what: str
    subgoal: str = ""


@dataclass(frozen=True)
class Suspect:
    """A place whose value no right way has, or that may be wrong.

    Attributes
    ----------
    place : Place
    rounds : tuple of Round
        Where in its loops it is wrong first.
    meant : str
        What it was to be, if that is clear; else empty.
    """

    place: Place
    rounds: tuple[Round, ...] = ()
    meant: str = ""


@dataclass(frozen=True)
class Suspicion:
    """What is seen when a function is run beside the derivation.

    Attributes
    ----------
    reached : tuple of Reached
        In the order in which it came.
    suspects : tuple of Suspect
        The most suspected first.
    """

    reached: tuple[Reached, ...]
    suspects: tuple[Suspect, ...]

    @property
    def lines(self) -> tuple[int, ...]:
        """Return the lines that are suspected, in that order, each once."""
        return tuple(dict.fromkeys(one.place.line for one in self.suspects))


def suspect(trial: Trial) -> Suspicion | None:
    """Run a function that is not right beside the derivation; None if it cannot be read."""
    traces = list(_traces(trial))
    if not traces:
        return None
    suspects: dict[Place, Suspect] = {}
    for step in traces[0].steps:
        if step.place.kind is not Kind.GIVEN:
            suspects.setdefault(step.place, Suspect(step.place, step.rounds))
    return Suspicion((), tuple(suspects.values()))


def _traces(trial: Trial) -> list[Trace]:
    if not isinstance(trial.learner, Here):
        return []
    exercise = trial.exercise
    wrong = [i for i in range(len(trial.cases)) if not trial.right(i)]
    ordinary = [i for i in wrong if not trial.cases[i].special] or wrong
    found = []
    for i in ordinary[:CASES]:
        case = trial.cases[i]
        given = case.arguments(exercise.arguments)
        trace = traced(trial.learner.function, given, exercise.forms(case))
        if trace is None:
            return []
        found.append(trace)
    return found
