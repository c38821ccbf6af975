"""What can be measured of a wrong answer that is none of the known mistakes."""

import numpy as np
from numpy.typing import NDArray

from bplab.exercises._answer import near, right_entries
from bplab.exercises._exercise import Part
from bplab.exercises._trial import Finding, Trial

UNNAMED = "unnamed"


def measure(trial: Trial) -> Finding:
    """No known mistake: say the most specific thing that is true of the numbers."""
    parts = trial.exercise.parts
    wrong = [k for k in range(len(parts)) if not all(_part_right(trial, i, k) for i in _all(trial))]
    k = wrong[0]
    name = parts[k].name
    pairs = [(trial.answers[i].parts[k], trial.references[i][k]) for i in _all(trial)]
    prefix = ""
    if len(wrong) < len(parts):
        good = ", ".join(part.name for j, part in enumerate(parts) if j not in wrong)
        prefix = f"{good} is right. "
    for describe in (_nearly, _zero, _factor, _transposed, _columns, _some_cases):
        found = describe(trial, parts[k], pairs)
        if found:
            label, says, hint = found
            return Finding(label, f"{prefix}{says}", hint, "", trial.seen())
    return Finding(
        UNNAMED,
        f"{prefix}{name} is not right, and it is none of the mistakes known here.",
        f"Write {trial.exercise.equation} for one example with a loop, and compare it with yours "
        "entry by entry.",
        "",
        trial.seen(),
    )


Pairs = list[tuple[NDArray, NDArray]]
Words = tuple[str, str, str] | None


def _nearly(trial: Trial, part: Part, pairs: Pairs) -> Words:
    if all(near(a, b, 1e-5, 1e-5) for a, b in pairs):
        return (
            "not-exact",
            f"{part.name} is nearly right, but not exact.",
            "That is how a finite difference looks, or arithmetic in single precision. Here the "
            "formula itself is wanted, in float64.",
        )
    return None


def _zero(trial: Trial, part: Part, pairs: Pairs) -> Words:
    if all(not a.any() for a, _ in pairs):
        return (
            "all-zero",
            f"{part.name} is all zeros.",
            "Is the result stored in the array that you return?",
        )
    return None


def _factor(trial: Trial, part: Part, pairs: Pairs) -> Words:
    factors = []
    for a, b in pairs:
        c = np.vdot(a, b) / np.vdot(b, b)
        if c == 0 or not near(a, c * b, 1e-7, 1e-7):
            return None
        factors.append(c)
    for letter in ("", *"NMKp"):
        for power in (1, -1) if letter else (0,):
            sizes = [case.sizes[letter] ** power if letter else 1 for case in trial.cases]
            rest = np.array(factors) / sizes
            if np.allclose(rest, rest[0], rtol=1e-6):
                by = {1: f" · {letter}", -1: f" / {letter}", 0: ""}[power]
                if np.isclose(rest[0], -1) and not letter:
                    return (
                        "sign-flipped",
                        f"The sign of {part.name} is flipped.",
                        "Look for a minus too many or too few.",
                    )
                return (
                    "constant-factor",
                    f"{part.name} is the right one times {rest[0]:.4g}{by}, everywhere.",
                    "Only a constant is wrong: look for a factor that is missing, doubled, or "
                    "an average where a sum is due.",
                )
    return (
        "factor-by-case",
        f"{part.name} is the right one times a number that changes from case to case.",
        "Look for a division or a product by something that depends on the data.",
    )


def _transposed(trial: Trial, part: Part, pairs: Pairs) -> Words:
    if len(part.axes) == 2 and all(near(a, b.T, 1e-7, 1e-7) for a, b in pairs):
        return "transposed", f"{part.name} is transposed.", f"Its shape is {part.shape}."
    return None


def _columns(trial: Trial, part: Part, pairs: Pairs) -> Words:
    if not part.has_bias:
        return None
    bias = all(right_entries(a, b)[:, 0].all() for a, b in pairs)
    weights = all(right_entries(a, b)[:, 1:].all() for a, b in pairs)
    if weights:
        return (
            "bias-wrong",
            f"Only the bias column of {part.name} is wrong.",
            "The bias is the weight of an input that is always 1: its gradient is the sum of "
            "delta over the examples.",
        )
    if bias:
        return (
            "weights-wrong",
            f"The bias column of {part.name} is right, the weights are not.",
            "delta is right, then. Look at what it is multiplied with, and at the sum.",
        )
    return None


def _some_cases(trial: Trial, part: Part, pairs: Pairs) -> Words:
    good = [case.name for i, case in enumerate(trial.cases) if trial.right(i)]
    bad = [case.name for i, case in enumerate(trial.cases) if not trial.right(i)]
    if not good:
        return None
    return (
        "some-cases",
        f"{part.name} is right in {len(good)} of {len(trial.cases)} cases. "
        f"It is wrong here: {', '.join(bad)}.",
        "What is special about these? Try your function on such arrays.",
    )


def _all(trial: Trial) -> range:
    return range(len(trial.cases))


def _part_right(trial: Trial, i: int, k: int) -> bool:
    return bool(right_entries(trial.answers[i].parts[k], trial.references[i][k]).all())
