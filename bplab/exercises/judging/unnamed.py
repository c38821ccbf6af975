"""What can be said of a wrong answer that is not one of the known mistakes.

A measurement counts only if a wrong answer could have failed it; see `evidence`.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from bplab.errors import listed
from bplab.exercises.judging.descent import Run, Step, run_words, step_words
from bplab.exercises.judging.evidence import ENOUGH, Compared, Look, Words, agree, by_differences
from bplab.exercises.judging.factors import (
    WHOLE,
    constant,
    factor,
    factor_by_case,
    factor_by_line,
    factors,
    freely,
    law_of,
    multiple,
    zero_lines,
)
from bplab.exercises.judging.inexact import pattern, rounded
from bplab.exercises.judging.trial import (
    AXES,
    Finding,
    Trial,
    multiple_of_step,
    near,
    unwarned,
)
from bplab.exercises.task import (
    FROM_1,
    TO_N_1,
    Case,
    Construct,
    Slip,
    left_early,
    overwritten,
)
from bplab.learner import Answer, as_parts
from bplab.losses import loss
from bplab.network import forward

UNNAMED = "unnamed"
LISTED = 4
"""How many wrong cases are named, at most, if nothing else can be said of them."""


def measure(trial: Trial) -> Finding:
    """Say the most specific thing that is true of the numbers; no known mistake explains them."""
    looks = [Look.at(trial, k) for k in range(len(trial.exercise.parts))]
    wrong = [look for look in looks if not look.all_right()]
    look = wrong[0]
    prefix = trial.right_words()
    for describe in _MEASUREMENTS:
        if found := describe(look):
            label, says, hint = found
            but = _but(look) if describe in _OF_ENTRIES else ""
            return Finding(label, f"{prefix}{says}{but}", hint, "", trial.seen())
    return Finding(
        UNNAMED,
        f"{prefix}{look.part.name} is not right, and it is none of the mistakes known here.",
        "Try it on f(w) = w[0]² + 3 w[1] at (1, 2), where the gradient is (2, 3), and print each "
        "step."
        if by_differences(trial)
        else f"Work {_what_to_work_out(trial)} out on paper, and compare each step with what your "
        "function makes of it.",
        "",
        trial.seen(),
    )


def _what_to_work_out(trial: Trial) -> str:
    equation, example = trial.exercise.equation, "example of your own with small numbers"
    return f"{equation} for one {example}" if equation.startswith("equation") else f"an {example}"


# --- nearly right, and the same number everywhere -----------------------------------------


def _nearly(look: Look) -> Words:
    """Evidence: every entry is near, or is the right one rounded; nothing was chosen."""
    pairs = [(array.came, array.right) for array in look.arrays]
    right = [array.entries for array in look.arrays]
    if not look.where(lambda a, b: near(a, b, 1e-5, 1e-5)):
        return rounded(look.name, pairs, right)
    if by_differences(look.trial):
        return (
            "not-near-enough",
            f"{look.name} is nearly right, but not near enough.",
            "A good finite difference comes nearer: take it on both sides, with a step near "
            "1e-5, and let nothing else be moved.",
        )
    return pattern(look.name, pairs, right)


def _one_number(look: Look) -> Words:
    """Evidence: all entries of all cases are the same number, and the right ones are many."""
    numbers = np.unique(np.concatenate([array.came.ravel() for array in look.arrays]))
    if len(numbers) != 1 or not agree((array.right for array in look.arrays), chosen=1):
        return None
    if numbers[0] == 0:
        return (
            "all-zero",
            f"{look.name} is 0 in every case." if look.scalar() else f"{look.name} is all zeros.",
            "Is the result stored in what you return, or is something 0 that it is made of? Print "
            "each step."
            + " Are the two points two arrays, or two names of one?"
            * by_differences(look.trial),
        )
    return (
        "one-number",
        f"{look.name} is {numbers[0]:.6g} in every case, whatever your function is given."
        if look.scalar()
        else f"Every entry of {look.name} is {numbers[0]:.6g}, in every case.",
        "Does the last line return what the lines before it have computed, and do these use the "
        "arguments?",
    )


def _nothing_but_rounding(look: Look) -> Words:
    """Evidence: the right numbers, beside which all answers vanish, without being 0 everywhere."""
    if not look.where(lambda a, b: bool((np.abs(a) <= 1e-9 * np.abs(b).max(initial=0)).all())):
        return None
    if not agree(array.right for array in look.arrays):
        return None
    if not any(array.came.any() for array in look.arrays):
        return None
    return (
        "all-zero",
        f"{look.name} is zero but for rounding, in every case.",
        "Something cancels: a difference of two numbers that are the same, or a sum that is always "
        "0. Print each step: where are the numbers lost?",
    )


# --- a step of gradient descent ------------------------------------------------------------


def _step(look: Look) -> Words:
    """Evidence: see `step_words`; for all wrong parts together if the same is true of all."""
    moves = look.trial.exercise.moves
    if not moves:
        return _all_steps(look)
    trial = look.trial
    its = f"The step of {look.name}"
    looks = [Look.at(trial, k) for k in range(len(moves))]
    wrong = [(one, move) for one, move in zip(looks, moves, strict=True) if not one.all_right()]
    together = [step for one, move in wrong for step in _steps(one, move)]
    which = "Your step" if len(wrong) == len(moves) else its
    return (
        step_words(which, together)
        or step_words(its, _steps(*wrong[0]))
        or _by_sizes(which, [one for one, _ in wrong])
        or _by_sizes(its, [wrong[0][0]])
        or _where_risk_rises(trial)
    )


def _by_sizes(which: str, looks: Sequence[Look]) -> Words:
    """Evidence: as for a law of the sizes; see `factor`."""
    arrays = [array for look in looks for array in look.steps().arrays if array.right.any()]
    found = factors(replace(looks[0], arrays=arrays))
    if not found or not agree((array.right for array, _ in found), chosen=1):
        return None
    fit = law_of([array.case for array, _ in found], np.array([c for _, c in found]))
    if fit is None:
        return None
    law, c = fit
    return (
        "step-scaled",
        f"{which} is the right one times {law.words(c)}.",
        "The update has no factor but gamma, and the gradient is a plain sum: look for a product "
        f"or a division by {' or '.join(law.powers)}.",
    )


def _where_risk_rises(trial: Trial) -> Words:
    """Evidence: the direction is always right, and the length wrong exactly where R would rise."""
    if "Y" not in trial.exercise.arguments:
        return None
    off: dict[str, float] = {}
    for i, case in enumerate(trial.cases):
        if (c := multiple_of_step(trial.exercise, case, trial.answers[i])) is None:
            return None
        if trial.right(i) == _raises_risk(case, trial.references[i]):
            return None
        if not trial.right(i):
            off[case.name] = c
    lengths = ", ".join(
        f"“{name}” ({f'{c:.4g} times as long' if c else 'not taken'})" for name, c in off.items()
    )
    return (
        "step-where-R-rises",
        f"Your step is right in {len(trial.cases) - len(off)} of {len(trial.cases)} cases, and "
        f"another one where the right step makes R larger: {lengths}.",
        "The equation always takes the step, with gamma as it is given, also where R rises. Does "
        "your function look at R, or at how long the step is?",
    )


def _raises_risk(case: Case, weights: Sequence[np.ndarray]) -> bool:
    X, Y, alpha, beta, sigma, g = case.arguments(("X", "Y", "alpha", "beta", "sigma", "g")).values()
    new_alpha, new_beta = weights
    before = loss(Y, forward(X, alpha, beta, sigma, g).F)
    after = loss(Y, forward(X, new_alpha, new_beta, sigma, g).F)
    return bool(after >= before)


def _all_steps(look: Look) -> Words:
    """Evidence: see `run_words`."""
    trial = look.trial
    if "gamma" not in trial.exercise.arguments or trial.right_parts():
        return None
    runs = [
        _run(trial, case, _in_one_row(answer))
        for case, answer in zip(trial.cases, trial.answers, strict=True)
    ]
    with unwarned():
        return run_words("Each step", runs)


def _run(trial: Trial, case: Case, came: np.ndarray) -> Run:
    given = case.arguments(trial.exercise.arguments)

    def right(rate: float) -> np.ndarray:
        value = trial.exercise.reference(**{**given, "gamma": rate})
        return _in_one_row(Answer(as_parts(value, trial.exercise.forms(case))))

    return Run(given["gamma"], came, right)


def _in_one_row(answer: Answer) -> np.ndarray:
    return np.concatenate([array.ravel() for array in answer.arrays or ()])


def _steps(look: Look, start: str) -> list[Step]:
    found = []
    for array in look.arrays:
        given = array.case.arguments((start, "gamma"))
        weights = given[start].astype(np.float64)
        found.append(Step(given["gamma"], weights, weights - array.came, weights - array.right))
    return found


# --- an offset, the sign, the order -------------------------------------------------------


def _offset(look: Look) -> Words:
    """Evidence: the right numbers, minus one for the offset that is chosen.

    Next to large numbers the offset is lost in rounding: they must agree, but do not count.
    """
    first = look.arrays[0]
    c = float((first.came - first.right).flat[0])
    if not any(_is_offset(look, c, rounding) for rounding in (1e-9, 2e-14)):
        return None
    return (
        "offset",
        f"{look.name} is the right one {'plus' if c > 0 else 'minus'} {abs(c):.4g}, everywhere.",
        "No such number is due. "
        + look.perhaps(
            Slip("a sum, a count or an array that begins with another number than 0"),
            Slip("a number that is added, or left out, at the very end"),
        ),
    )


def _is_offset(look: Look, c: float, share: float) -> bool:
    """Whether everything is off by c; rounding may be up to ``share`` of the largest number."""

    def rounding(right: np.ndarray) -> float:
        return share * float(np.abs(right).max(initial=0))

    if not look.where(lambda a, b: bool(np.allclose(a - b, c, rtol=1e-7, atol=rounding(b)))):
        return False
    told = [array.right for array in look.arrays if rounding(array.right) < 0.01 * abs(c)]
    return bool(told) and agree(told, chosen=1)


def _signs(look: Look) -> Words:
    """Evidence: the numbers whose sign is wrong; only signs are chosen."""
    if not look.where(lambda a, b: near(np.abs(a), np.abs(b), 1e-7, 1e-9)):
        return None
    if not agree(array.right[~array.entries] for array in look.arrays):
        return None
    if lines := _lines(look):
        return lines
    if look.where(lambda a, b: bool((a >= 0).all())):
        return (
            "signs-lost",
            f"{look.name} has lost its signs: the numbers are right, but none is negative.",
            "What is negative has to stay so. "
            + look.perhaps(Slip("abs, a root of a square, or a norm")),
        )
    return (
        "signs-wrong",
        f"Every number of {look.name} is right but for its sign, which is wrong for some.",
        "Print the signs of what it is made of, step by step: where does one change?",
    )


_FIRST = "The bias is index 0: what puts it in takes 0 for its place, along the columns."
_ORDERS: tuple[tuple[str, str, Callable[[np.ndarray], np.ndarray]], ...] = (
    (
        "bias-second",
        "The bias column of {} stands second, and belongs first.",
        lambda b: b[:, [1, 0, *range(2, b.shape[1])]],
    ),
    ("rows-reversed", "The rows of {} come in reverse order.", lambda b: b[::-1]),
    ("rows-shifted", "The rows of {} are shifted by one.", lambda b: np.roll(b, 1, axis=0)),
    ("rows-shifted", "The rows of {} are shifted by one.", lambda b: np.roll(b, -1, axis=0)),
    ("columns-reversed", "The columns of {} come in reverse order.", lambda b: b[:, ::-1]),
    ("columns-shifted", "The columns of {} are shifted by one.", lambda b: np.roll(b, 1, axis=1)),
    ("columns-shifted", "The columns of {} are shifted by one.", lambda b: np.roll(b, -1, axis=1)),
)


def _order(look: Look) -> Words:
    """The right numbers, in other places. Evidence: the misplaced numbers, in two cases or more.

    Which number went where is chosen, but every number must be found, to many digits.
    """
    if look.scalar() or not look.where(_same_numbers):
        return None
    moved = [array for array in look.arrays if not array.all_right()]
    if len({id(array.case) for array in moved}) < 2 or not agree(
        array.right[~array.entries] for array in moved
    ):
        return None
    hint = "Each number belongs to an index of its own. " + look.perhaps(
        Slip("a reshape", "reshape", "ravel", "flatten", "resize"),
        Slip("a roll", "roll"),
        Slip("a sort", "sort", "sorted", "argsort", "unique"),
        Slip("rows or columns in reverse, as by [::-1]"),
        Slip("an index that is not that of its loop", Construct.LOOP),
    )
    orders = _ORDERS[0 if look.part.has_bias else 1 :] if len(look.part.axes) == 2 else ()
    for label, says, turn in orders:
        if look.where(lambda a, b, turn=turn: near(a, turn(b), 1e-7, 1e-9)):  # type: ignore[misc]
            return label, says.format(look.name), _FIRST if label == "bias-second" else hint
    return "other-order", f"{look.name} holds the right numbers, but in other places.", hint


def _same_numbers(a: np.ndarray, b: np.ndarray) -> bool:
    return near(np.sort(a, axis=None), np.sort(b, axis=None), 1e-7, 1e-9)


# --- which entries are right --------------------------------------------------------------


def _layers(look: Look) -> Words:
    """Evidence: the right layers have enough different numbers, and both kinds of layers occur."""
    if not look.part.layered:
        return None
    last = [array for array in look.arrays if array.layer == 0]
    others = [array for array in look.arrays if array.layer > 0]
    if not others:
        return None
    if zeros := _zeros(look):
        return zeros
    if _all_right(last) and not any(array.all_right() for array in others):
        return (
            "last-layer-only",
            f"{look.name} is right for the last hidden layer, and wrong further down.",
            "Look at the step from layer d + 1 to layer d: which weights, which A and which "
            "inputs does it take? They change from layer to layer.",
        )
    if _all_right(others) and not any(array.all_right() for array in last):
        return (
            "last-layer-wrong",
            f"{look.name} is wrong for the last hidden layer only.",
            "What is done for this layer alone? Above it stand delta and beta, not s and alpha.",
        )
    return None


def _all_right(arrays: list[Compared]) -> bool:
    return all(array.all_right() for array in arrays) and agree(array.right for array in arrays)


def _columns(look: Look) -> Words:
    """Evidence: the right columns have enough different numbers."""
    if not look.part.has_bias:
        return None

    def right(columns: slice) -> bool:
        return all(array.entries[:, columns].all() for array in look.arrays) and agree(
            array.right[:, columns] for array in look.arrays
        )

    if right(slice(1, None)):
        return (
            "bias-wrong",
            f"Only the bias column of {look.name} is wrong.",
            "Column 0 belongs to the biases, and a bias is the weight of an input that is always "
            "1. Look at what you do with this column alone.",
        )
    if right(slice(1)):
        return _zeros(look) or (
            "weights-wrong",
            f"The bias column of {look.name} is right, the weights are not.",
            "What does your function do with the other columns, and not with the first?"
            if look.trial.exercise.moves
            else "Look at what is done for the weights and not for the biases: above all the "
            "product with the inputs, in which each meets what belongs to its own example.",
        )
    return None


def _zeros(look: Look) -> Words:
    """All wrong entries are 0. Evidence: the right numbers that are missing there."""
    if not agree(array.right[~array.entries] for array in look.arrays) or any(
        array.came[~array.entries].any() for array in look.arrays
    ):
        return None
    if _zeros_or_right(look):
        return (
            "all-zero",
            f"Where {look.name} is wrong it is 0."
            if look.scalar()
            else f"Where {look.name} is wrong it is all zeros.",
            "What is different in these cases? Look for a return, or a condition, that they alone "
            "come to.",
        )
    lines = factor_by_line(look)
    if lines and lines[0].startswith("zero"):
        return lines
    wrong = [array for array in look.arrays if not array.all_right()]
    if look.part.layered and not any(array.came.any() for array in wrong):
        return zero_lines(look, 0)
    return (
        "zero-entries",
        f"Some entries of {look.name} are zero, all others are right.",
        "Does your function fill each entry? Or does it set some to 0?",
    )


def _zeros_or_right(look: Look) -> bool:
    """Whether this part is zero throughout in each case in which it is wrong."""
    right = dict(zip(map(id, look.trial.cases), look.right_cases(), strict=True))
    wrong = (array for array in look.arrays if not right[id(array.case)])
    return any(right.values()) and not any(array.came.any() for array in wrong)


def _triangle(look: Look) -> Words:
    """One side of the diagonal is zero. Evidence: the right numbers that are missing there."""
    if len(look.part.axes) < 2 or look.part.axes[-1] != look.part.axes[-2]:
        return None
    for filled, empty, take in (("above", "below", np.triu), ("below", "above", np.tril)):
        if look.where(lambda a, b, take=take: near(a, take(b), 1e-7, 1e-9)) and agree(  # type: ignore[misc]
            array.right[~array.entries] for array in look.arrays
        ):
            return (
                "triangle-only",
                f"{look.name} is right on the diagonal and {filled} it, and zero {empty} it.",
                "Every pair of indices has an entry, in either order. "
                + look.perhaps(
                    Slip(
                        "an inner loop that begins or ends at the index of the outer one",
                        Construct.LOOP,
                    ),
                    Slip("np.triu or np.tril", "triu", "tril"),
                ),
            )
    return None


_STANDS_STILL = Slip("an index that never changes")
_WRITTEN_OVER = Slip("an array that is written into while its old numbers are still needed")
_LINES = {
    "first-only": (
        slice(None, 1),
        "Only the first {} of {} is right.",
        "Work out the second by hand: what is different there?",
        (_STANDS_STILL, left_early("a loop"), _WRITTEN_OVER),
    ),
    "last-only": (
        slice(-1, None),
        "Only the last {} of {} is right.",
        "Work out the first by hand: what is different there?",
        (_STANDS_STILL, overwritten("a loop"), _WRITTEN_OVER),
    ),
    "first-wrong": (
        slice(1, None),
        "Only the first {} of {} is wrong.",
        "Work it out by hand: what is different there?",
        (FROM_1,),
    ),
    "last-wrong": (
        slice(None, -1),
        "Only the last {} of {} is wrong.",
        "Work it out by hand: what is different there?",
        (TO_N_1,),
    ),
}
"""By label: which rows or columns are right, the words, what to do, and possible slips."""


def _lines(look: Look) -> Words:
    """The same rows or columns are right in every array.

    Evidence: three rows or columns or more, in two cases or more, and enough different numbers in
    the right ones.
    """
    for axis, length in enumerate(look.part.axes):
        line, of = _line(look, axis)
        long = {id(a.case) for a in look.arrays if a.right.shape[axis] >= ENOUGH}
        if len(long) < 2:
            continue
        for label, (pick, says, hint, slips) in _LINES.items():
            if label.startswith("first") and line == "column" and look.part.has_bias:
                continue  # that is the bias column, which `_columns` looks at
            if not (
                all(
                    _right_lines(array, axis) == _picked(array, axis, pick) for array in look.arrays
                )
                and agree(np.moveaxis(array.right, axis, 0)[pick] for array in look.arrays)
            ):
                continue
            unit = AXES.get(length, "")
            one = f" A {line} is one {unit}." if unit and axis == 0 and line != "entry" else ""
            if scaled := _scaled_lines(look, axis, label, line, of):
                return f"{line}-{label}", scaled + one, WHOLE.format(line)
            return (
                f"{line}-{label}",
                says.format(line, of) + one,
                f"{hint} {look.perhaps(*slips)}".rstrip(),
            )
    return None


def _scaled_lines(look: Look, axis: int, label: str, line: str, of: str) -> str:
    """Say that each wrong line is the right one times a number other than 0, if that is so.

    Evidence: the numbers in each of these lines, minus one.
    """
    wrong = [
        (array.case, a, b)
        for array, moved in zip(look.arrays, look.steps().arrays, strict=True)
        for a, b, entries in zip(
            *(np.moveaxis(its, axis, 0) for its in (moved.came, moved.right, array.entries)),
            strict=True,
        )
        if not entries.all()
    ]
    if not (
        all(a.any() and multiple(a, b) for _, a, b in wrong)
        and freely((case, b) for case, _, b in wrong)
    ):
        return ""
    step = "the step of " if look.trial.exercise.moves else ""
    which = label.partition("-")[0]
    factors = np.array([np.vdot(b, a) / np.vdot(b, b) for _, a, b in wrong])
    same = constant(factors)
    if label.endswith("only"):
        times = f"{factors[0]:.4g}" if same else "a number of its own"
        return (
            f"Only the {which} {line} of {of} is right; {step}each of the others is the right one "
            f"times {times}."
        )
    times = f"{factors[0]:.4g}" if same else "a number that is not always the same"
    says = f"{step}the {which} {line} of {of} is the right one times {times}, all others are right."
    return says[0].upper() + says[1:]


def _line(look: Look, axis: int) -> tuple[str, str]:
    """Return what one index of an axis selects, and of what: on the last axis it is a column."""
    if len(look.part.axes) == 1:
        return "entry", look.name
    line = ("column", "row", "matrix")[len(look.part.axes) - 1 - axis]
    return line, look.name if axis == 0 or len(look.part.axes) == 2 else (
        f"each matrix in {look.name}"
    )


def _right_lines(array: Compared, axis: int) -> list[int]:
    lines = np.moveaxis(array.entries, axis, 0)
    return [j for j, line in enumerate(lines) if line.all()]


def _picked(array: Compared, axis: int, pick: slice) -> list[int]:
    return list(range(array.right.shape[axis]))[pick]


def _cut_off(look: Look) -> Words:
    """Evidence: the wrong entries, minus one or two for the bounds; the right ones lie beyond."""
    its = f"the gradient in the step of {look.name}" if look.trial.exercise.moves else look.name
    look = look.slopes()
    came = np.concatenate([array.came.ravel() for array in look.arrays])
    right = np.concatenate([array.right.ravel() for array in look.arrays])
    wrong = ~np.concatenate([array.entries.ravel() for array in look.arrays])
    low, high = came.min(), came.max()
    bounds = np.unique(came[wrong])
    if not set(bounds) <= {low, high} or np.count_nonzero(wrong) - len(bounds) < ENOUGH:
        return None
    if not np.where(came == low, right < low, right > high)[wrong].all():
        return None
    return (
        "clipped",
        f"{its[0].upper() * (its != look.name) or its[0]}{its[1:]} is cut off at "
        f"{' and '.join(f'{bound:.6g}' for bound in bounds)}: what lies beyond comes back as that.",
        "Values beyond that are valid, too. "
        + look.perhaps(
            Slip("np.clip, np.maximum or np.minimum, on the answer or on what it is made of")
        ),
    )


# --- which cases are right ----------------------------------------------------------------


def _some_cases(look: Look) -> Words:
    """Evidence: what is said of some cases is true of each of them, and of no other case."""
    right = look.right_cases()
    if not any(right):
        return None
    says = f"{look.name} is right in {sum(right)} of {len(right)} cases"
    few = 2 * sum(right) < len(right)
    if where := look.where_apart(right):
        return (
            "some-cases",
            f"{says}: {where}." if few else f"{says}, and wrong {where}.",
            "What does your function take for granted that is true there, and not elsewhere?"
            if few
            else "Make a small case of this kind, and try your function on it.",
        )
    return (
        "some-cases",
        f"{says}. {_wrong_in(look.trial.cases, right)}",
        ("Try your function on such a case, step by step."),
    )


def _wrong_in(cases: Sequence[Case], right: Sequence[bool]) -> str:
    """Name the wrong cases, for which nothing in common was found."""
    names = [f"“{case.name}”" for case, r in zip(cases, right, strict=True) if not r]
    if len(names) > LISTED:
        return f"The first one in which it is wrong is {names[0]}."
    return f"It is wrong in {listed(names)}."


def _but(look: Look) -> str:
    """Say in which cases the part is right, after words about its entries in the wrong ones."""
    right = look.right_cases()
    if not any(right):
        return ""
    few = 2 * sum(right) < len(right)
    if where := look.where_apart(right):
        return f" It is right {where}." if few else f" It is wrong {where}."
    return "" if few else f" {_wrong_in(look.trial.cases, right)}"


_MEASUREMENTS = (
    _step,
    _nearly,
    _one_number,
    factor,
    _nothing_but_rounding,
    _offset,
    _cut_off,
    _signs,
    _order,
    _layers,
    _triangle,
    _lines,
    _columns,
    _zeros,
    factor_by_case,
    factor_by_line,
    _some_cases,
)
"""What is tried, the most specific first."""

_OF_ENTRIES = (
    *(_order, _layers, _triangle, _lines, _columns, _zeros),
    *(factor_by_case, factor_by_line),
)
"""The measurements that say which entries are wrong, and how, but not in which cases."""
