"""What can be said of a wrong answer that is none of the known mistakes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bplab.exercises.judging.finding import Finding
from bplab.exercises.judging.known_answers import known_answers, unwarned
from bplab.exercises.judging.trial import Trial, alike, near, right_entries
from bplab.exercises.judging.two_mistakes import AT_ONCE, tell
from bplab.exercises.task import Case, Mistake, Part
from bplab.learner import Answer

# --- a known mistake in each part ---------------------------------------------------------


@dataclass(frozen=True)
class Parts:
    """A trial's answers, taken apart: they have as many arrays as there should be."""

    trial: Trial

    @classmethod
    def of(cls, trial: Trial) -> "Parts | None":
        """Return them, or None if some answer has more arrays, or fewer, or none at all."""
        for answer, reference in zip(trial.answers, trial.references, strict=True):
            if answer.parts is None or len(answer.parts) != len(reference):
                return None
        return cls(trial)

    def arrays(self, k: int, i: int, answer: Answer) -> tuple[NDArray, ...] | None:
        """Return part ``k`` of an answer to case ``i``: an array, or one for each layer."""
        case, parts = self.trial.cases[i], self.trial.exercise.parts
        start = sum(len(part.arrays(case)) for part in parts[:k])
        if answer.parts is None or len(answer.parts) != len(self.trial.references[i]):
            return None
        return answer.parts[start : start + len(parts[k].arrays(case))]

    def right(self, k: int) -> bool:
        """Whether part ``k`` is right in every case."""
        return all(
            came.shape == right.shape and right_entries(came, right, self.trial.exercise.rtol).all()
            for i in range(len(self.trial.cases))
            for came, right in self._pairs(k, i, Answer(self.trial.references[i]))
        )

    def is_of(self, k: int, mistake: Mistake) -> bool:
        """Whether part ``k`` is that of a known mistake, in every case."""
        shows = False
        for i, case in enumerate(self.trial.cases):
            known = known_answers(self.trial.exercise, case).of(mistake.wrong)
            if self.arrays(k, i, known) is None:
                return False
            if not all(near(a, b, 1e-7, 1e-7) for a, b in self._pairs(k, i, known)):
                return False
            right = self.arrays(k, i, Answer(self.trial.references[i]))
            theirs = self.arrays(k, i, known)
            shows = shows or not alike(Answer(theirs), Answer(right))
        return shows and tell(
            a for i, answer in enumerate(self.trial.answers) for a in self.arrays(k, i, answer)
        )

    def _pairs(self, k: int, i: int, other: Answer) -> zip:
        ours = self.arrays(k, i, self.trial.answers[i])
        return zip(ours, self.arrays(k, i, other), strict=True)


def part_by_part(trial: Trial) -> Finding | None:
    """Name the mistake in each of the parts that are wrong, if all of them are known."""
    parts = Parts.of(trial) if len(trial.exercise.parts) > 1 else None
    if parts is None:
        return None
    found: list[tuple[Part, Mistake]] = []
    right: list[Part] = []
    with unwarned():
        for k, part in enumerate(trial.exercise.parts):
            if parts.right(k):
                right.append(part)
                continue
            known = (mistake for mistake in trial.exercise.mistakes if parts.is_of(k, mistake))
            if (mistake := next(known, None)) is None:
                return None
            found.append((part, mistake))
    return _finding(right, found, trial.seen())


def _finding(right: list[Part], found: list[tuple[Part, Mistake]], seen: str) -> Finding:
    alone = len(found) == 1
    begin = f"{', '.join(part.name for part in right)} is right." if right else AT_ONCE
    return Finding(
        "+".join(dict.fromkeys(mistake.name for _, mistake in found)),
        " ".join((begin, *(f"In {part.name}: {mistake.says}" for part, mistake in found))),
        found[0][1].hint
        if alone
        else " ".join(f"In {part.name}: {mistake.hint}" for part, mistake in found),
        " and ".join(dict.fromkeys(str(mistake.subgoal) for _, mistake in found)),
        seen,
    )


# --- what can be measured -----------------------------------------------------------------


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
    pairs: list[tuple[NDArray, NDArray]]

    @classmethod
    def at(cls, trial: Trial, k: int) -> "_Look":
        part = trial.exercise.parts[k]
        cases, layers, pairs = [], [], []
        for case, answer, reference in zip(
            trial.cases, trial.answers, trial.references, strict=True
        ):
            start = sum(len(p.arrays(case)) for p in trial.exercise.parts[:k])
            count = len(part.arrays(case))
            cases += [case] * count
            layers += range(count)[::-1]
            chosen = slice(start, start + count)
            pairs += zip(answer.parts[chosen], reference[chosen], strict=True)
        return cls(trial, part, cases, layers, pairs)

    def right(self) -> list[NDArray]:
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
