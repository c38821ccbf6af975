"""Why a function answers differently for the same arguments, as far as its code shows it.

Things that may stay from call to call, and random numbers, are named only if the function uses
them. An array of np.empty that is not filled is found by giving it other numbers to begin with.
"""

import dis
import random
from collections.abc import Iterator
from itertools import combinations
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from bplab.exercises.judging.trial import Finding, Here, Trial, alike
from bplab.learner import answer_with_other_memory, closed_over, names_in

FILLS = (0, 0, 3, 3, 0)
"""What np.empty holds, call by call; 0 and 3 also differ in an array of truth values.

An answer that changes for another reason does not follow this pattern.
"""


def not_filled(trial: Trial, learner: Here) -> Finding | None:
    """Say that an answer depends on what np.empty holds; None if it does not."""
    exercise = trial.exercise
    wrong = [i for i in range(len(trial.cases)) if not trial.right(i)]
    for i in dict.fromkeys((*wrong[:1], 0)):
        came = []
        for fill in FILLS:
            answer = answer_with_other_memory(
                learner.function,
                trial.cases[i].arguments(exercise.arguments),
                exercise.forms(trial.cases[i]),
                fill,
            )
            if answer is None:
                return None
            came.append(answer)
        if all(
            alike(a, b, 1e-12, 1e-14) is (fill == other)
            for (a, fill), (b, other) in combinations(zip(came, FILLS, strict=True), 2)
        ):
            return Finding(
                "not-filled",
                "Your answer depends on what was in memory before: an array made with np.empty "
                "is not filled.",
                "np.empty holds whatever numbers were there, often zeros, and sometimes not. "
                "Where you add to an array, or fill a part of it, begin with np.zeros or np.ones.",
                "code",
                forfeits=True,
            )
    return None


def remembering(trial: Trial) -> Finding:
    """Say that a function answers differently, and why as far as its code shows it."""
    return Finding(
        "remembers",
        "Your function answers differently when it is called twice with the same arguments.",
        _why(trial),
        "code",
        forfeits=True,
    )


def keeping(trial: Trial, i: int) -> Finding:
    """Say that the answer to the first case is the one to case ``i``, or the other way round."""
    asked, of = trial.cases[i], trial.cases[0]
    if not trial.right(0):
        asked, of = of, asked
    return Finding(
        "remembers",
        f"Your function keeps an answer: for case “{asked.name}” it returns, to the last digit, "
        f"what is right for case “{of.name}”.",
        _why(trial),
        "code",
        forfeits=True,
    )


def _why(trial: Trial) -> str:
    functions = trial.learner.functions() if isinstance(trial.learner, Here) else []
    if not functions:
        return (
            "Look for what may stay from call to call, or be another each time: a global array "
            "that += adds to, a default argument that is a list or an array, random numbers, or "
            "an array made with np.empty and not filled."
        )
    kept = [name for one in functions for name in _rebinds(one)]
    kept += [name for one in functions for name, value in _outside(one) if _may_keep(value)]
    defaults = [name for one in functions for name, value in _defaults(one) if _may_keep(value)]
    causes = []
    if kept:
        causes.append(f"{_names(kept)}, made outside the function")
    if defaults:
        causes.append(
            f"the default argument {_names(defaults)}, which is made once and for all calls"
        )
    if any(_draws(one) for one in functions):
        causes.append("random numbers")
    if not causes:
        return "Call it twice yourself, and print each step: which one is the first to differ?"
    inside = " Make every array inside the function." * bool(kept or defaults)
    return f"Look at what may differ in the next call: {'; '.join(causes)}.{inside}"


def _names(names: list[str]) -> str:
    return " and ".join(dict.fromkeys(names))


def _rebinds(function: FunctionType) -> Iterator[str]:
    """Yield the names outside itself that a function assigns to, by global or nonlocal."""
    outer = function.__code__.co_freevars
    for step in dis.get_instructions(function.__code__):
        if step.opname == "STORE_GLOBAL" or (step.opname == "STORE_DEREF" and step.argval in outer):
            yield str(step.argval)


def _outside(function: FunctionType) -> Iterator[tuple[str, Any]]:
    """Yield the names, with values, that a function uses of its notebook and outer functions."""
    names = names_in(function.__code__)
    yield from ((name, value) for name, value in function.__globals__.items() if name in names)
    yield from closed_over(function).items()


def _defaults(function: FunctionType) -> Iterator[tuple[str, Any]]:
    code, values = function.__code__, function.__defaults__ or ()
    yield from zip(code.co_varnames[code.co_argcount - len(values) : code.co_argcount], values,
                   strict=True)  # fmt: skip
    yield from (function.__kwdefaults__ or {}).items()


def _may_keep(value: Any) -> bool:
    """Whether code can write into a value."""
    return isinstance(value, (np.ndarray, list, dict, set, bytearray))


def _draws(function: FunctionType) -> bool:
    """Whether a function uses a generator of random numbers, or a library of them."""
    if {"random", "default_rng"} & names_in(function.__code__):
        return True
    return any(
        value is random
        or (isinstance(value, ModuleType) and value.__name__ == "numpy.random")
        or isinstance(value, (np.random.Generator, np.random.RandomState, random.Random))
        for _, value in _outside(function)
    )
