"""From wrong answers to words: which known mistake it is, or else what can be measured."""

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from types import CodeType
from typing import Any

import numpy as np

from bplab.exercises.judging.activations import by_differences, by_name
from bplab.exercises.judging.derivative import differentiates
from bplab.exercises.judging.factors import divides_by_zero
from bplab.exercises.judging.floating import may_be, not_finite_words, proven
from bplab.exercises.judging.inexact import cut_short
from bplab.exercises.judging.integers import stands, wrong_for_integers
from bplab.exercises.judging.one_place import one_place
from bplab.exercises.judging.other_cells import arrays_of_other_cells, numbers_of_other_cells
from bplab.exercises.judging.repeats import keeping, not_filled, remembering
from bplab.exercises.judging.trial import (
    Finding,
    Here,
    Trial,
    alike,
    all_near,
    argument_changed,
    close_entries,
    entry_words,
    has_raised,
    known_answers,
    multiple_of_step,
    near,
    not_written,
    places,
    right_answers,
    right_entries,
    unwarned,
)
from bplab.exercises.judging.two_mistakes import part_by_part, shows, tell, two_mistakes
from bplab.exercises.judging.unnamed import measure
from bplab.exercises.task import Case, Exercise, Mistake, Part
from bplab.learner import (
    NOTHING,
    Answer,
    NoNumbers,
    returns_nothing,
    took_part,
    where_it_writes,
)

NOISE = 1e-11
"""A number up to this, relative to the right answer's largest entry, is what rounding left of zero.

It is well above the rounding of that entry, because terms that cancel may be larger than what
remains.
"""

ROUNDING = 1e-14
"""Answers that differ by this, relative to the right answer's largest entry, differ by rounding."""


def diagnose(trial: Trial) -> Finding | None:
    """Return None for a right function, else the first of these findings that applies.

    1. It is not written yet, has its arguments in another order, changes an argument, leaves an
       array unfilled, or remembers something from call to call.
    2. All its numbers are right, but they come without the formula.
    3. It uses arrays of other cells, or keeps an answer.
    4. It makes a known mistake, returns an argument unchanged, or is wrong only for integers.
    5. One place in its code is wrong, or its slopes come from coarse differences or from the name
       of an activation.
    6. It makes two mistakes at once, or one in each part, or one that explains all but special
       cases.
    7. It uses numbers of other cells.
    8. It raises, or returns nothing, no numbers, the wrong parts or shapes, NaN or infinity.
    9. It is right to single precision only, or nearly right by differences.
    10. Its numbers show something else; or nothing that has a name.
    """
    right = trial.all_right()
    for look in (
        _not_written,
        *(() if right else (_order,)),
        _changed_argument,
        _not_filled,
        _remembers,
    ):
        if found := look(trial):
            return found
    if right:
        return numerical(trial)
    for look in (
        _arrays_of_other_cells,
        _keeps,
        _known_mistake,
        _unchanged,
        _for_integers,
        *(_BY_CODE if isinstance(trial.learner, Here) else ()),
        two_mistakes,
        part_by_part,
        _known_but_in_corners,
        _numbers_of_other_cells,
        _raised,
        _unusable,
        _wrong_form,
        _not_finite,
        _single_precision,
        _nearly_by_differences,
    ):
        if found := look(trial):
            return found
    return measure(trial)


_BY_CODE: tuple[Callable[[Trial], Finding | None], ...] = (
    lambda trial: one_place(trial, diagnose=diagnose),
    lambda trial: _by_coarse_differences(trial),
    by_name,
)
"""Checks that run the function with changed code or activations; they work only in this process."""


def _not_written(trial: Trial) -> Finding | None:
    raised = trial.answers[0].raised
    return not_written(trial.exercise) if raised and raised.not_written else None


def _order(trial: Trial) -> Finding | None:
    """Say that the first line has the right names of arguments, but in another order."""
    code = getattr(getattr(trial.learner, "function", None), "__code__", None)
    if not isinstance(code, CodeType):
        return None
    named, wanted = code.co_varnames[: code.co_argcount], tuple(trial.exercise.arguments)
    if named == wanted or sorted(named) != sorted(wanted):
        return None
    return Finding(
        "wrong-signature",
        f"Your function has its arguments in another order than it is given: {', '.join(named)} "
        f"in place of {', '.join(wanted)}.",
        "What is given comes in that order, whatever the names are. Keep the first line as it "
        f"was: def {trial.exercise.signature}:",
        "code",
    )


def _changed_argument(trial: Trial) -> Finding | None:
    for case, answer in zip(trial.cases, trial.answers, strict=False):
        if answer.changed:
            where = ""
            if isinstance(trial.learner, Here):
                given = case.arguments(trial.exercise.arguments)
                where = where_it_writes(trial.learner.function, given)
            return argument_changed(answer.changed, where)
    return None


def _remembers(trial: Trial) -> Finding | None:
    same = all(alike(trial.answers[0], again, 1e-12, 1e-14) for again in trial.again)
    return None if same else remembering(trial)


def _keeps(trial: Trial) -> Finding | None:
    return None if (kept := trial.kept()) is None else keeping(trial, kept)


def _not_filled(trial: Trial) -> Finding | None:
    learner = trial.learner
    if isinstance(learner, Here) and learner.may_leave_unfilled:
        return not_filled(trial, learner)
    return None


def _arrays_of_other_cells(trial: Trial) -> Finding | None:
    return arrays_of_other_cells(trial, _explained) if _may_borrow(trial) else None


def _explained(trial: Trial) -> Finding | None:
    """Find a mistake in the formula that explains every answer, or differences in its place."""
    return _known_mistake(trial) or _nearly_by_differences(trial) or _by_coarse_differences(trial)


def _numbers_of_other_cells(trial: Trial) -> Finding | None:
    return numbers_of_other_cells(trial) if _may_borrow(trial) else None


def _may_borrow(trial: Trial) -> bool:
    return isinstance(trial.learner, Here) and trial.learner.may_borrow


def _known_mistake(trial: Trial) -> Finding | None:
    """Find a mistake that ends as the learner's function does in every case, and shows in some."""
    with unwarned():
        for mistake in trial.exercise.mistakes:
            if (
                _ends_alike(mistake, trial)
                and (not _wrong_for_integers_only(trial) or stands(mistake, trial))
                and (trial.finite or may_be(mistake.wrong, trial))
            ):
                if (found := _by_differences(mistake, trial)) is not None:
                    return found
                says = mistake.says_all if trial.finite else proven(mistake, trial)
                words = (mistake.name, says, trial.advice(mistake), mistake.subgoal)
                return Finding(*words, trial.seen())
    return None


def _by_differences(mistake: Mistake, trial: Trial) -> Finding | None:
    """Find numerical differentiation in an answer that looks like a known mistake.

    On a kink a difference is the mean of both sides, and so is one of the known mistakes. But a
    formula with that mistake agrees with it to the usual tolerance everywhere, and a difference
    does not. Where only special cases are wrong, even exact agreement does not rule out a complex
    step; to tell its user to mend an overflow would not help.
    """
    rtol = trial.exercise.rtol
    exact = all(
        alike(came, known_answers(trial.exercise, case).of(mistake.wrong), rtol, rtol / 100)
        for case, came in zip(trial.cases, trial.answers, strict=True)
    )
    ordinary = (trial.right(i) for i, case in enumerate(trial.cases) if not case.special)
    return None if exact and not all(ordinary) else numerical(trial)


def _wrong_for_integers_only(trial: Trial) -> bool:
    """Whether it is wrong only in cases where an argument holds integers, and not all cases do."""
    integers = [known_answers(trial.exercise, case).has_integers for case in trial.cases]
    return not all(integers) and all(trial.right(i) or has for i, has in enumerate(integers))


def _for_integers(trial: Trial) -> Finding | None:
    return wrong_for_integers(trial) if _wrong_for_integers_only(trial) else None


def _unchanged(trial: Trial) -> Finding | None:
    """Find a part that is one of the arguments unchanged, wherever the function gives an answer.

    Nothing was computed, so the numbers are no evidence for any mistake in the formula. If the
    function raises in other cases, the error is named instead.
    """
    exercise = trial.exercise
    came = [i for i, answer in enumerate(trial.answers) if answer.raised is None]
    given = [trial.cases[i].arguments(exercise.arguments) for i in came]
    same: dict[str, str] = {}
    for k, part in enumerate(exercise.parts):
        parts = [trial.part(k, trial.answers[i]) for i in came]
        if any(parts) and not all(trial.part_right(k, i) for i in came):
            for name in exercise.arguments:
                theirs = [_as_part(values[name]) for values in given]
                if all(a and b and _identical(a, b) for a, b in zip(parts, theirs, strict=True)):
                    same[part.name] = name
                    break
    if not same:
        return None
    if len(came) < len(trial.cases):
        return _raised(trial)
    is_what = (
        f"{part} comes back as it was given." if part == name else f"{part} is {name}, as given."
        for part, name in same.items()
    )
    return Finding(
        "returned-unchanged",
        f"{trial.right_words()}{' '.join(is_what)}",
        "Perhaps a step is missing, or its result is not what you return.",
        "code",
        trial.seen(),
    )


def _as_part(value: Any) -> tuple[np.ndarray, ...]:
    """Return the arrays of an argument; an empty tuple if it is something else."""
    items = value if isinstance(value, (tuple, list)) else (value,)
    return tuple(items) if all(isinstance(item, np.ndarray) for item in items) else ()


def _identical(a: Sequence[np.ndarray], b: Sequence[np.ndarray]) -> bool:
    return len(a) == len(b) and all(map(np.array_equal, a, b))


def _known_but_in_corners(trial: Trial) -> Finding | None:
    """Find the mistake that explains all ordinary cases and leaves the fewest special ones open."""
    ordinary = [i for i, case in enumerate(trial.cases) if not case.special]
    wrong = [trial.answers[i] for i in ordinary if not trial.right(i)]
    if not tell(part for answer in wrong for part in answer.arrays or ()):
        return None
    found: list[tuple[Mistake, list[int]]] = []
    with unwarned():
        for mistake in trial.exercise.mistakes:
            if (
                shows(mistake.wrong, trial, ordinary)
                and _ends_alike(mistake, trial, ordinary)
                and (beside := _beside_it(mistake, trial)) is not None
                and may_be(mistake.wrong, trial)
            ):
                found.append((mistake, beside))
    fewest = min((len(beside) for _, beside in found), default=0)
    best = [(mistake, beside) for mistake, beside in found if len(beside) == fewest]
    if len(best) != 1:
        return None  # none, or several: which one it is nobody can tell
    mistake, beside = best[0]
    with unwarned():
        says = f"{proven(mistake, trial)}{_more(mistake, beside, trial)}"
    return Finding(mistake.name, says, trial.advice(mistake), mistake.subgoal, trial.seen())


def _more(mistake: Mistake, beside: Sequence[int], trial: Trial) -> str:
    """Say what a mistake leaves open in special cases, as surely as the numbers show it.

    There need not be a second mistake: a guard such as log(f + 1e-12) also changes a wrong formula.

    A sum that leaves out one example has nothing to add where there is only one. Whether that gives
    0, an empty array or an error depends on how it is written: it is the same slip.
    """
    known = {i: known_answers(trial.exercise, trial.cases[i]).of(mistake.wrong) for i in beside}
    left = [i for i in beside if not (_vanishes(known[i]) and _vanishes(trial.answers[i]))]
    second = [i for i in left if not _vanishes(known[i]) and _is_of_its_own(trial, i, known[i])]
    if second:
        return (
            " In special cases your answer differs from what this mistake alone gives: "
            f"{_names(trial, second)}."
        )
    if left:
        which = _names(trial, left)
        return f" In special cases it ends in another way, perhaps by the same slip: {which}."
    return ""


def _names(trial: Trial, which: Iterable[int]) -> str:
    return ", ".join(f"“{trial.cases[i].name}”" for i in which)


def _vanishes(answer: Answer) -> bool:
    """Whether the answer is an error, has no array, or has an array that holds only 0 and NaN."""
    return not answer.arrays or any(not np.nan_to_num(a).any() for a in answer.arrays)


def _is_of_its_own(trial: Trial, i: int, known: Answer) -> bool:
    """Whether an answer of the right form holds numbers, finite and not 0, that are unexplained."""
    ours, theirs, references = trial.answers[i].arrays, known.arrays, trial.references[i]
    if ours is None or theirs is None or not len(ours) == len(theirs) == len(references):
        return False
    if any(a.shape != right.shape for a, right in zip(ours, references, strict=True)):
        return False
    return any(
        a.shape == b.shape
        and bool(
            (
                _unexplained(a, b, right, trial.exercise.rtol)
                & (np.isfinite(a) & np.isfinite(b) & (a != 0))
            ).any()
        )
        for a, b, right in zip(ours, theirs, references, strict=True)
    )


def _beside_it(mistake: Mistake, trial: Trial) -> list[int] | None:
    """Return the special cases that are wrong in a way which this mistake does not explain.

    None if a special case is right where the mistake would show: then it is not this mistake.
    """
    beside = []
    for i, case in enumerate(trial.cases):
        if not case.special:
            continue
        expected = known_answers(trial.exercise, case).of(mistake.wrong)
        if alike(trial.answers[i], expected) or _as_near_as_can_be(trial, i, expected):
            continue
        if trial.right(i):
            return None
        if not _right_or_like(trial, i, expected):
            beside.append(i)
    return beside


def _right_or_like(trial: Trial, i: int, expected: Answer) -> bool:
    """Whether every entry of an answer is either right or what a mistake makes of it."""
    ours, theirs = trial.answers[i].arrays, expected.arrays
    references = trial.references[i]
    if ours is None or theirs is None or not len(ours) == len(theirs) == len(references):
        return False
    return all(
        a.shape == b.shape == right.shape
        and not _unexplained(a, b, right, trial.exercise.rtol).any()
        for a, b, right in zip(ours, theirs, references, strict=True)
    )


def _unexplained(a: np.ndarray, b: np.ndarray, right: np.ndarray, rtol: float) -> np.ndarray:
    """Which entries of ``a`` are neither right nor those of a mistake, ``b``."""
    return ~(right_entries(a, right, rtol) | close_entries(a, b, 1e-7, 1e-7))


def _ends_alike(mistake: Mistake, trial: Trial, among: Iterable[int] | None = None) -> bool:
    """Whether the function ends as the mistake does in all these cases, and it shows in some."""
    shows = False
    cases = list(range(len(trial.cases)) if among is None else among)
    for i in cases:
        expected = known_answers(trial.exercise, trial.cases[i]).of(mistake.wrong)
        if not (trial.likeness(i).is_like(expected) or _as_near_as_can_be(trial, i, expected)):
            return False
        shows = shows or (expected.arrays is not None and not trial.right(i))
    return shows or _fails_alike(mistake, trial, cases)


def _fails_alike(mistake: Mistake, trial: Trial, cases: Sequence[int]) -> bool:
    """Whether the function raises as the mistake does wherever both raise, and both do somewhere.

    An error is evidence only if its message is the same to the letter, and says what failed: the
    attribute that was asked for, the index, the shapes. If the message of a ValueError holds no
    shapes, the operands of the expression that failed must have had the same shapes.
    """
    evidence = False
    for i in cases:
        expected = known_answers(trial.exercise, trial.cases[i]).of(mistake.wrong).raised
        raised = trial.answers[i].raised
        if expected is None or raised is None:
            continue
        if not raised.like(expected):
            return False
        # without a line of the learner's, the function is one of bplab's own, as in the gallery
        tells = not raised.where or _SHAPE.search(expected.says)
        if expected.kind == "ValueError" and not tells:
            shapes = _SHAPE.findall(raised.there)
            if not shapes or sorted(shapes) != sorted(_shapes_at_failure(mistake, trial, i)):
                return False
        evidence = True
    return evidence


_SHAPE = re.compile(r"\(\d+,(?: ?\d+(?:, ?\d+)*)?\)")


def _shapes_at_failure(mistake: Mistake, trial: Trial, i: int) -> list[str]:
    """Return the shapes of the operands in the expression where a known mistake fails."""
    try:
        mistake.wrong(*trial.cases[i].arguments(trial.exercise.arguments).values())
    except Exception as error:
        return _SHAPE.findall(took_part(error))
    return []


def _as_near_as_can_be(trial: Trial, i: int, expected: Answer) -> bool:
    """Whether two answers differ only by rounding, even where it is as large as the answers.

    Where a formula gives zero, or a slope as small as that of a saturated unit, few digits of the
    result are right. But an answer that is exactly zero in every case does not come from a formula:
    the array was not filled.
    """
    size = trial.size(i)
    near = trial.likeness(i).is_near(expected, ROUNDING * size, NOISE * size)
    return near and any(array.any() for answer in trial.answers for array in answer.arrays or ())


def _raised(trial: Trial) -> Finding | None:
    for case, answer in zip(trial.cases, trial.answers, strict=True):
        if answer.raised is None:
            continue
        given = case.arguments(trial.exercise.arguments)
        shapes = ", ".join(
            f"{name} {_shapes(value)}" for name, value in given.items() if _shapes(value)
        )
        return has_raised(
            trial.exercise,
            answer.raised,
            f"Case {case}; shapes: {shapes}.",
            "Run it on small arrays of your own to find where.",
        )
    return None


def _shapes(value: Any) -> str:
    """Return the shape of an array, or of the arrays of all layers; empty for other values."""
    if isinstance(value, np.ndarray):
        return str(value.shape)
    if isinstance(value, (list, tuple)) and value and all(map(_shapes, value)):
        return f"[{', '.join(map(_shapes, value))}]"
    return ""


def _unusable(trial: Trial) -> Finding | None:
    exercise = trial.exercise
    for case, answer in zip(trial.cases, trial.answers, strict=True):
        parts = answer.parts
        if len(parts) == 1 and len(parts[0]) == 1 and isinstance(item := parts[0][0], NoNumbers):
            says = f"Your function returns {item.what}."
            hint = f"{item.cure} It should return real numbers: {_wanted(exercise)}.".lstrip()
            if item == NOTHING:
                return Finding("returns-nothing", returns_nothing("function"), hint, "code")
            return Finding("no-numbers", says, hint, "code")
        if len(parts) != len(exercise.parts):
            continue
        for part, its in zip(exercise.parts, parts, strict=True):
            for d, item in enumerate(its):
                if isinstance(item, NoNumbers):
                    name = f"{part.name}[{d}]" if part.layered else part.name
                    what = "nothing (None)" if item == NOTHING else item.what
                    return Finding(
                        "no-numbers",
                        f"{trial.right_words()}{name} is {what}.",
                        f"{item.cure} {part.name} should {part.wanted}: real numbers.".lstrip(),
                        "code",
                        f"Case {case}.",
                    )
    return None


def _wrong_form(trial: Trial) -> Finding | None:
    exercise = trial.exercise
    for case, answer, reference in zip(trial.cases, trial.answers, trial.references, strict=True):
        if answer.raised:
            continue
        if len(answer.parts) != len(exercise.parts):
            found, wanted = len(answer.parts), len(exercise.parts)
            arrays = all(np.ndim(array) for array in answer.arrays or [0])
            what = ("array" if arrays else "thing") + "s" * (found != 1)
            in_one_row = " in one row" * (found > wanted > 1 and exercise.layered)
            return Finding(
                "wrong-parts",
                f"Your function returns {found} {what}{in_one_row}; "
                f"{wanted} {'parts are' if wanted > 1 else 'is'} wanted.",
                f"Return {_wanted(exercise)}.",
                "code",
                f"Case {case}." if exercise.layered else "",
            )
        for part, its in zip(exercise.parts, answer.parts, strict=True):
            found, wanted = len(its), len(part.arrays(case))
            if found != wanted:
                return Finding(
                    "wrong-parts",
                    f"{trial.right_words()}{part.name} holds {found} array{'s' * (found != 1)}; "
                    f"{wanted} {'is' if wanted == 1 else 'are'} wanted, one for each hidden layer.",
                    f"Return {_wanted(exercise)}.",
                    "code",
                    f"Case {case}.",
                )
        expected, parts = exercise.arrays(case), answer.arrays or ()
        for part, came, right in zip(expected, parts, reference, strict=True):
            if came.shape == right.shape:
                continue
            if found_as := _right_but_turned(trial, part):
                return found_as
            broadcasts = (
                " It would broadcast without an error, which hides the mistake."
                if _broadcasts(came.shape, right.shape)
                else ""
            )
            return Finding(
                "wrong-shape",
                f"{trial.right_words()}{part.name} has the wrong shape.",
                f"{part.name} should {part.wanted}.{broadcasts}",
                "code",
                f"Case {case}: wanted {right.shape or 'a single number'}, got "
                f"{came.shape or 'a single number'}.",
            )
    return None


_TURNED: tuple[tuple[str, str, str, Callable[[np.ndarray], np.ndarray]], ...] = (
    ("transposed", "is transposed", "Swap its axes with .T.", lambda a: a.T),
    (
        "summed-down",
        "is summed over its first axis",
        "The sum over axis 0 is one too many: leave it out.",
        lambda a: a.sum(axis=0),
    ),
    (
        "summed-along",
        "is summed over its last axis",
        "The sum over the last axis is one too many: leave it out.",
        lambda a: a.sum(axis=-1),
    ),
    ("flattened", "is right, but in one row", "Leave out ravel, or reshape it.", np.ravel),
    (
        "column-kept",
        "is right, but a column",
        "Leave out keepdims=True or reshape(…, 1).",
        lambda a: a[..., None],
    ),
)
"""What may have happened to right numbers in a wrong shape: name, words, hint and the change."""


def _right_but_turned(trial: Trial, wrong: Part) -> Finding | None:
    """Say what happened to the right numbers, if it is the same in every case."""
    k = next(k for k, part in enumerate(trial.exercise.parts) if wrong.name.startswith(part.name))
    came = [trial.part(k, answer) for answer in trial.answers]
    counts = [None if arrays is None else len(arrays) for arrays in came]
    if counts != [len(trial.right_part(k, i)) for i in range(len(came))]:
        return None
    pairs = [
        pair
        for i, arrays in enumerate(came)
        for pair in zip(arrays or (), trial.right_part(k, i), strict=True)
    ]
    for name, says, hint, turn in _TURNED:
        if all(b.ndim and near(a, turn(b), 1e-7, 1e-7) for a, b in pairs):
            part = trial.exercise.parts[k]
            return Finding(
                name,
                f"{trial.right_words()}{part.name} {says}.",
                f"{hint} {part.name} should {part.wanted}.",
                "code",
                trial.seen(),
            )
    return None


def _not_finite(trial: Trial) -> Finding | None:
    for case, answer in zip(trial.cases, trial.answers, strict=True):
        for part, came in zip(trial.exercise.arrays(case), answer.arrays or (), strict=True):
            bad = np.argwhere(~np.isfinite(came))
            if len(bad):
                if law := _divides_by_zero(trial):
                    return law
                index = tuple(int(i) for i in bad[0])
                what = "NaN" if np.isnan(came[index]) else "infinity"
                return Finding(
                    "not-finite",
                    f"{trial.right_words()}{part.name} holds {what}.{_finite_ones(trial)}",
                    not_finite_words(
                        getattr(trial.learner, "function", None),
                        case.arguments(trial.exercise.arguments),
                        float(came[index]),
                    ),
                    "code",
                    f"Case {case}: {entry_words(part, index)} is {what}.",
                )
    return None


def _finite_ones(trial: Trial) -> str:
    """Say whether the finite numbers are right, in arrays of the right shape."""
    pairs = [
        pair
        for answer, right in zip(trial.answers, trial.references, strict=True)
        for pair in zip(answer.arrays or (), right, strict=False)
    ]
    wrong = [
        np.isfinite(came) & ~right_entries(came, right, trial.exercise.rtol)
        for came, right in pairs
        if came.shape == right.shape
    ]
    if any(entries.any() for entries in wrong):
        return " And it is not that alone: finite numbers are wrong, too."
    return "" if trial.right_parts() else " All finite numbers are right."


def _divides_by_zero(trial: Trial) -> Finding | None:
    for k in range(len(trial.exercise.parts)):
        if law := divides_by_zero(trial, k):
            label, says, hint = law
            return Finding(label, f"{trial.right_words()}{says}", hint, "code", trial.seen())
    return None


def _single_precision(trial: Trial) -> Finding | None:
    """Say that an answer to float64 arguments is right only to the precision of float32."""
    parts = set()
    for case, answer, reference in zip(trial.cases, trial.answers, trial.references, strict=True):
        for part, came, right in zip(
            trial.exercise.arrays(case), answer.arrays or (), reference, strict=True
        ):
            if right_entries(came, right, trial.exercise.rtol).all():
                continue
            if came.dtype != np.float32 or not near(came, right, 1e-6, 1e-6):
                return None
            parts.add(part.name)
    return numerical(trial) or Finding(
        "single-precision",
        f"{' and '.join(sorted(parts))}: right to the seven digits that float32 holds, and no "
        "further.",
        "Your function is given float64, which holds sixteen. Look for astype(np.float32) or "
        "dtype=np.float32 and leave it out. A function that casts its arguments first, and works "
        "in float32 from start to end, is judged by what float32 can do: if yours does, it loses "
        "more than eight times what the usual ways of writing it lose.",
        "code",
        trial.seen(),
    )


def _nearly_by_differences(trial: Trial) -> Finding | None:
    """Say that a function differentiates numerically, if it is nearly right in ordinary cases.

    On a kink, or where units are saturated, a difference may be far off.
    """
    nearly = all(
        all_near(answer.arrays, reference, 1e-5)
        for case, answer, reference in zip(
            trial.cases, trial.answers, trial.references, strict=True
        )
        if not case.special
    )
    return numerical(trial) if nearly else None


def _broadcasts(came: tuple[int, ...], right: tuple[int, ...]) -> bool:
    try:
        np.broadcast_shapes(came, right)
    except ValueError:
        return False
    return True


def _wanted(exercise: Exercise[Any]) -> str:
    return ", ".join(map(str, exercise.parts))


# --- whether a function differentiates numerically where the formula is asked for ---------
# Precision tells most finite differences from a formula, but not all: a difference of high order, a
# complex step or a polynomial through many values can be as exact. What they have in common is that
# the answer depends on values of an activation elsewhere than at the points of the forward pass. In
# section 4 the answer depends on imaginary numbers, or it follows when exp and tanh have other
# values; and differences of values leave noise, which a formula does not.

BESIDE = "It takes values of an activation beside the given points, and finds the slope so."

NOISE_OF_FORMULAS = 8 * np.finfo(float).eps
"""Largest noise of a formula, relative to the largest entry: eight times what is usual.

The noise is by how much the errors of neighbouring examples differ.
"""


def numerical(trial: Trial) -> Finding | None:
    """Say that the numbers come from differences where the formula is asked for; else None."""
    exercise, learner = trial.exercise, trial.learner
    if not exercise.formula_wanted:
        return None
    given, all_right = bool(trial.cases[0].points), trial.all_right()
    # what is wrong in special cases may have other reasons, such as values cut off
    asked = [i for i, case in enumerate(_unseen(trial, 0)) if all_right or not case.special]
    hangs = partial(_hangs_on, trial)
    imaginary = "Its answer depends on imaginary numbers, as that of a complex step does."
    if given:
        for i in asked:
            if found := hangs(i, learner.answer_if_changed, BESIDE):
                return found
    for i in asked[:1]:  # all cases run the same code
        if found := hangs(i, learner.answer_with_other_imaginaries, imaginary):
            return found
    if not given and any(differentiates(trial, c) for c in _unseen(trial, 0) if c.neighbours):
        return _numerical_derivative(
            exercise,
            "Let exp, tanh, maximum and the like have other values: your slope is then the "
            "derivative of those, which no formula knows.",
        )
    if not given and _has_noise(trial):
        return _numerical_derivative(
            exercise,
            "Your value is exact, and beside it the derivative jumps from one x to the next by "
            "more than rounding does: so do differences of values.",
        )
    return None


def _by_coarse_differences(trial: Trial) -> Finding | None:
    said = partial(_numerical_derivative, trial.exercise, BESIDE)
    return by_differences(trial, said, _known_mistake)


def _hangs_on(
    trial: Trial,
    i: int,
    changed_by: Callable[[Exercise[Any], Case], Answer | None],
    why: str,
) -> Finding | None:
    """Say that an answer depends on something that no formula needs; None if it does not.

    In an unseen case ``i``, the function's parts are nearly right as it is, and one is no longer so
    when ``changed_by`` has changed that thing. ``why`` are the words for it.
    """
    exercise, case = trial.exercise, _unseen(trial, 0)[i]
    changed = changed_by(exercise, case)
    if changed is None:
        return None
    other = _unseen(trial, 1)[i]
    (unchanged,) = trial.learner.answers(exercise, [other])
    if unchanged.arrays is None and all(answer.arrays is not None for answer in trial.answers):
        return remembering(trial)
    nearly = _nearly_right_parts(trial, other, unchanged)
    lost = nearly - _nearly_right_parts(trial, case, changed)
    # a function that looks elsewhere only to choose its step length has the exact gradient
    by_slope = any(multiple_of_step(exercise, case, changed, [k]) is None for k in lost)
    return _numerical_derivative(exercise, why) if changed.arrays is not None and by_slope else None


def _numerical_derivative(exercise: Exercise[Any], why: str) -> Finding:
    return Finding(
        "numerical-derivative",
        "Your function differentiates numerically.",
        f"{why} That is how check judges; here the formula itself is wanted{_by(exercise)}.",
        "code",
        forfeits=True,
    )


def _by(exercise: Exercise[Any]) -> str:
    return f", {exercise.equation}" if exercise.equation.startswith("equation") else ""


def _unseen(trial: Trial, turn: int) -> Sequence[Case]:
    """Return cases that are new to the function, so that it cannot have kept an answer to them.

    Each ``turn`` has its own cases.
    """
    known = known_answers(trial.exercise, trial.cases[0])
    if turn not in known.unseen:
        given = trial.cases[0].arguments(trial.exercise.arguments).values()
        arrays = [value.tobytes() for value in given if isinstance(value, np.ndarray)]
        digest = hashlib.sha256(b"".join([*arrays, bytes([turn])]))
        seed = int.from_bytes(digest.digest()[:16], "big")
        known.unseen[turn] = trial.exercise.cases(np.random.default_rng(seed))
    return known.unseen[turn]


def _nearly_right_parts(trial: Trial, case: Case, answer: Answer) -> set[int]:
    """Return the indices of the parts of an answer that are right, or nearly."""
    (reference,) = right_answers(trial.exercise, [case])
    return {
        k
        for k, where in enumerate(places(trial.exercise, case))
        if all_near(trial.part(k, answer), reference[where.start : where.stop], 1e-5)
    }


def _has_noise(trial: Trial) -> bool:
    """Whether the derivative is nearly right but has the noise of differences; the value is exact.

    The noise shows where examples come in pairs of neighbours. Numbers that are merely rounded, or
    in single precision, have another cause.
    """
    for case, answer, right in zip(trial.cases, trial.answers, trial.references, strict=True):
        came = answer.arrays
        if case.neighbours and came is not None and len(came) == len(right) == 2:
            (value, slope), (exact_value, exact_slope) = came, right
            return (
                near(value, exact_value, 1e-14, 1e-14)
                and near(slope, exact_slope, 1e-7, 1e-7)
                and not cut_short(slope)
                and _noise(slope - exact_slope) > NOISE_OF_FORMULAS * np.abs(exact_slope).max()
            )
    return False


def _noise(errors: np.ndarray) -> float:
    """Return how much the errors of neighbours differ; they are in the first and second half."""
    first, second = np.split(errors, 2)
    return float(np.sqrt(np.mean((first - second) ** 2)))
