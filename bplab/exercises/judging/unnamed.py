"""What can be said of a wrong answer that is none of the known mistakes."""

from dataclasses import dataclass

import numpy as np

from bplab.exercises.judging.trial import Finding, Trial, near, right_entries
from bplab.exercises.task import Case, Part

UNNAMED = "unnamed"
INEXACT = 1e-7
"""An exercise whose answers need not be nearer than this asks for a finite difference itself."""


def measure(trial: Trial) -> Finding:
    """No known mistake: say the most specific thing that is true of the numbers."""
    looks = [_Look.at(trial, k) for k in range(len(trial.exercise.parts))]
    wrong = [look for look in looks if not look.all_right()]
    look = wrong[0]
    prefix = ""
    if len(wrong) < len(looks):
        good = ", ".join(look.part.name for look in looks if look.all_right())
        prefix = f"{good} is right. "
    for describe in (_nearly, _zero, _factor, _transposed, _layers, _columns, _some_cases):
        found = describe(look)
        if found:
            label, says, hint = found
            return Finding(label, f"{prefix}{says}", hint, "", trial.seen())
    return Finding(
        UNNAMED,
        f"{prefix}{look.part.name} is not right, and it is none of the mistakes known here.",
        "Try it on f(w) = w[0]² + 3 w[1] at (1, 2), where the gradient is (2, 3), and print each "
        "step."
        if _by_differences(trial)
        else f"Write {trial.exercise.equation} for one example with a loop, and compare it with "
        "yours entry by entry.",
        "",
        trial.seen(),
    )


@dataclass(frozen=True)
class _Look:
    """One part of the answers beside the reference's: all its arrays in all cases."""

    trial: Trial
    part: Part
    cases: list[Case]  # of each array, the case that it comes from
    layers: list[int]  # and how far its layer is from the last
    pairs: list[tuple[np.ndarray, np.ndarray]]

    @classmethod
    def at(cls, trial: Trial, k: int) -> "_Look":
        part = trial.exercise.parts[k]
        cases: list[Case] = []
        layers: list[int] = []
        pairs: list[tuple[np.ndarray, np.ndarray]] = []
        for i, (case, reference) in enumerate(zip(trial.cases, trial.references, strict=True)):
            came, right = trial.part(k, i, trial.answers[i].parts), trial.part(k, i, reference)
            if came is None or right is None:
                continue  # never: answers of a wrong form have been told apart before
            cases += [case] * len(right)
            layers += range(len(right))[::-1]
            pairs += zip(came, right, strict=True)
        return cls(trial, part, cases, layers, pairs)

    def right(self) -> list[np.ndarray]:
        return [right_entries(a, b, self.trial.exercise.rtol) for a, b in self.pairs]

    def all_right(self) -> bool:
        return all(right.all() for right in self.right())


Words = tuple[str, str, str] | None


def _by_differences(trial: Trial) -> bool:
    return trial.exercise.rtol > INEXACT


def _nearly(look: _Look) -> Words:
    if all(near(a, b, 1e-5, 1e-5) for a, b in look.pairs):
        if _by_differences(look.trial):
            return (
                "not-near-enough",
                f"{look.part.name} is nearly right, but not near enough.",
                "A good finite difference comes nearer: take it on both sides, with a step near "
                "1e-5, and let nothing else be moved.",
            )
        return (
            "not-exact",
            f"{look.part.name} is nearly right, but not exact.",
            "That is how a finite difference looks, or arithmetic in single precision. Here the "
            "formula itself is wanted, in float64.",
        )
    return None


def _zero(look: _Look) -> Words:
    if all(not a.any() for a, _ in look.pairs):
        return (
            "all-zero",
            f"{look.part.name} is all zeros.",
            "Is the result stored in the array that you return?"
            + " Are the two points two arrays, or two names of one?" * _by_differences(look.trial),
        )
    return None


def _factor(look: _Look) -> Words:
    name = look.part.name
    factors = []
    for a, b in look.pairs:
        square = np.vdot(b, b)
        c = np.vdot(a, b) / square if square else 0.0
        if c == 0 or not near(a, c * b, 1e-7, 1e-7):
            return None
        factors.append(c)
    letters = set.intersection(*(set(case.sizes) for case in look.cases))
    for letter in ("", *sorted(letters)):
        for power in (1, -1) if letter else (0,):
            sizes = [case.sizes[letter] ** power if letter else 1 for case in look.cases]
            rest = np.array(factors) / sizes
            if np.allclose(rest, rest[0], rtol=1e-6):
                by = {1: f" · {letter}", -1: f" / {letter}", 0: ""}[power]
                if np.isclose(rest[0], -1) and not letter:
                    return (
                        "sign-flipped",
                        f"The sign of {name} is flipped.",
                        "Look for a minus too many or too few.",
                    )
                return (
                    "constant-factor",
                    f"{name} is the right one times {rest[0]:.4g}{by}, everywhere.",
                    "Only a constant is wrong: look for a factor that is missing, doubled, or "
                    "an average where a sum is due.",
                )
    return (
        "factor-by-case",
        f"{name} is the right one times a number that changes from case to case.",
        "Look for a division or a product by something that depends on the data.",
    )


def _transposed(look: _Look) -> Words:
    if len(look.part.axes) == 2 and all(near(a, b.T, 1e-7, 1e-7) for a, b in look.pairs):
        name, shape = look.part.name, look.part.shape
        return "transposed", f"{name} is transposed.", f"Its shape is {shape}."
    return None


def _layers(look: _Look) -> Words:
    if not look.part.layered:
        return None
    right = [bool(r.all()) for r in look.right()]
    last = [r for r, layer in zip(right, look.layers, strict=True) if layer == 0]
    others = [r for r, layer in zip(right, look.layers, strict=True) if layer > 0]
    if all(last) and others:
        return (
            "last-layer-only",
            f"{look.part.name} is right for the last hidden layer, and wrong further down.",
            "The step from layer d + 1 to layer d is wrong. Look at which weights, which A and "
            "which inputs it takes: they change from layer to layer.",
        )
    if not any(last) and all(others):
        return (
            "last-layer-wrong",
            f"{look.part.name} is wrong for the last hidden layer only.",
            "Above the last hidden layer stand delta and beta, not s and alpha.",
        )
    return None


def _columns(look: _Look) -> Words:
    if not look.part.has_bias:
        return None
    right, name = look.right(), look.part.name
    if all(r[:, 1:].all() for r in right):
        return (
            "bias-wrong",
            f"Only the bias column of {name} is wrong.",
            "The bias is the weight of an input that is always 1: its gradient is the sum of "
            "delta over the examples.",
        )
    if all(r[:, 0].all() for r in right):
        return (
            "weights-wrong",
            f"The bias column of {name} is right, the weights are not.",
            "delta is right, then. Look at what it is multiplied with, and at the sum.",
        )
    return None


def _some_cases(look: _Look) -> Words:
    trial = look.trial
    good = [case.name for i, case in enumerate(trial.cases) if trial.right(i)]
    bad = [case.name for i, case in enumerate(trial.cases) if not trial.right(i)]
    if not good:
        return None
    return (
        "some-cases",
        f"{look.part.name} is right in {len(good)} of {len(trial.cases)} cases. "
        f"It is wrong here: {', '.join(bad)}.",
        "What is special about these? Try your function on such arrays.",
    )
