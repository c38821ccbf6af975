"""Factors of wrong answers: one everywhere, a law of the sizes, one per case, one per line."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from bplab.exercises.judging.evidence import ENOUGH, Compared, Look, Words, agree, different
from bplab.exercises.judging.trial import AXES, Trial, near
from bplab.exercises.task import Case

__all__ = [
    "WHOLE",
    "constant",
    "divides_by_zero",
    "factor",
    "factor_by_case",
    "factor_by_line",
    "factors",
    "freely",
    "law_of",
    "multiple",
    "zero_lines",
]

WHOLE = "What multiplies the whole {} is wrong; what differs inside it is right."
"""Advice on a factor of a row or column; the word for it is filled in."""


def factor(look: Look) -> Words:
    """One factor, or a law of the sizes. Evidence: the numbers, minus one for the chosen factor.

    A law says how the factor depends on a size, so it must take three different values or more.
    """
    found = factors(look)
    if found is None or not agree((array.right for array, _ in found), chosen=1):
        return None
    values = np.array([c for _, c in found])
    if np.allclose(values, values[0], rtol=1e-6):
        if np.isclose(values[0], -1):
            return (
                "sign-flipped",
                f"The sign of {look.name} is flipped.",
                "The right numbers have the other sign: there is a minus too many, or too few.",
            )
        return (
            "constant-factor",
            f"{look.name} is the right one times {_shown(values[0])}, everywhere.",
            "Only a constant is wrong: a factor is missing, or there twice, or another number.",
        )
    fit = law_of([array.case for array, _ in found], values)
    if fit is None:
        return None
    law, c = fit
    divided = "an average where a sum is due" if min(law.powers.values()) < 0 else "a second sum"
    return (
        "constant-factor",
        f"{look.name} is the right one times {law.words(c)}, everywhere.",
        f"Look for {divided}, or a product or a division by {' or '.join(law.powers)}.",
    )


def _shown(factor: float) -> str:
    """Write a factor with four digits, or with as many as distinguish it from 1."""
    return f"{factor:.{max(4, 2 - int(np.floor(np.log10(abs(factor - 1)))))}g}"


def divides_by_zero(trial: Trial, k: int) -> Words:
    """Part k follows a law of the sizes where it is finite, and divides by zero elsewhere.

    Evidence: as for a law; where the law divides by zero no number is finite, elsewhere all are.
    """
    look = Look.at(trial, k)
    finite = [array for array in look.arrays if np.isfinite(array.came).all()]
    others = [array for array in look.arrays if not np.isfinite(array.came).all()]
    found = factors(replace(look, arrays=finite)) or []
    if not others or not agree((array.right for array, _ in found), chosen=1):
        return None
    fit = law_of([array.case for array, _ in found], np.array([c for _, c in found]))
    if fit is None or any(np.isfinite(array.came).any() for array in others):
        return None
    law, c = fit
    zeros = {law.zero(array.case) for array in others}
    if len(zeros) != 1 or "" in zeros:
        return None
    (zero,) = zeros
    return (
        "not-finite",
        f"{look.name} is the right one times {law.words(c)}, and where that divides by zero, at "
        f"{zero.removesuffix(' − 1')} = 1, it holds {others[0].came.flat[0]}.",
        f"Look for a division by {zero}: the right one has none.",
    )


def law_of(cases: Sequence[Case], values: np.ndarray) -> "tuple[_Law, float] | None":
    """Return the law of the sizes that these factors follow, and its constant.

    None if there is no such law, or more than one that is equally simple.
    """
    sizes = _sizes(cases)
    with np.errstate(divide="ignore", invalid="ignore"):  # where N = 1, by N − 1
        fitting = [
            law
            for law in _laws(sizes)
            if constant(values / law.of(sizes)) and len(np.unique(law.of(sizes))) >= ENOUGH
        ]
        simplest = [law for law in fitting if law.degree == fitting[0].degree]
        if len(simplest) != 1:
            return None  # none, or several: which size it is nobody can tell
        return simplest[0], float((values / simplest[0].of(sizes))[0])


def factors(look: Look) -> list[tuple[Compared, float]] | None:
    """Return arrays with their factors; None if some array is not a multiple of the right one.

    Arrays that are zero, as they should be, have no factor and are left out.
    """
    found = []
    for array in look.arrays:
        a, b = array.came, array.right
        if not (a.any() or b.any()):
            continue
        square = np.vdot(b, b)
        c = float(np.vdot(b, a) / square) if square else 0.0
        if c == 0 or not near(a, c * b, 1e-7, 1e-7):
            return None
        found.append((array, c))
    return found


def constant(values: np.ndarray) -> bool:
    """Whether factors are all the same, to the precision with which they are known."""
    return bool(np.allclose(values, values[0], rtol=1e-6, atol=0))


@dataclass(frozen=True)
class _Law:
    """A product of powers of sizes, such as K / N²."""

    powers: dict[str, int]

    @property
    def degree(self) -> int:
        return sum(map(abs, self.powers.values()))

    def of(self, sizes: dict[str, np.ndarray]) -> np.ndarray:
        """Return the value of the product for the sizes of each case."""
        return np.asarray(np.prod([sizes[s] ** n for s, n in self.powers.items()], axis=0))

    def zero(self, case: Case) -> str:
        """Return the divisor that is zero in this case, such as ``N − 1``; empty if none is."""
        sizes = _sizes([case])
        found = (name for name, n in self.powers.items() if n < 0 and not sizes[name].all())
        return next(found, "").strip("()")

    def words(self, c: float) -> str:
        """Write the law with its constant: ``2 · K / N²``."""
        above, below = ([_power(s, n * of) for s, n in self.powers.items() if n * of > 0]
                        for of in (1, -1))  # fmt: skip
        number = [] if np.isclose(c, 1) and above else [f"{c:.4g}"]
        product = " · ".join([*number, *above])
        return " / ".join([product, *below])


def _power(size: str, n: int) -> str:
    return size + ("²" if n == 2 else "")


def _sizes(cases: Sequence[Case]) -> dict[str, np.ndarray]:
    """Return the sizes that all cases have, case by case, and numbers that differ from them by 1.

    Their names are such as ``"N"``, ``"(N − 1)"``, ``"(N + 1)"`` and ``"(K·N − 1)"``: first all
    sizes, last the products of two.
    """
    letters = sorted(set.intersection(*(set(case.sizes) for case in cases)))
    plain = {name: np.array([float(case.sizes[name]) for case in cases]) for name in letters}
    found = dict(plain)
    for name, n in plain.items():
        found |= {f"({name} − 1)": n - 1, f"({name} + 1)": n + 1}
    for one, other in combinations(plain, 2):
        found[f"({one}·{other} − 1)"] = plain[one] * plain[other] - 1
    return found


def _laws(letters: Iterable[str]) -> Iterator[_Law]:
    """Yield the laws with one or two sizes, the simplest first."""
    letters = list(letters)
    for letter in letters:
        yield from (_Law({letter: n}) for n in (1, -1))
    for letter in letters:
        yield from (_Law({letter: n}) for n in (2, -2))
    for one, other in combinations(letters, 2):
        yield from (_Law({one: n, other: m}) for n in (1, -1) for m in (1, -1))


def factor_by_case(look: Look) -> Words:
    """Evidence: the numbers in each array, minus one; two cases or more must contribute."""
    found = factors(look)
    if found is None or not freely(
        (array.case, array.right) for array, c in found if not np.isclose(c, 1)
    ):
        return None
    each = {id(case): [c for array, c in found if array.case is case] for case in look.trial.cases}
    if not all(np.allclose(values, values[0], rtol=1e-6) for values in each.values() if values):
        return (
            "factor-by-layer",
            f"Each array of {look.name} is the right one times a number of its own, which is not "
            "the same in all layers.",
            "What is the same for all numbers of one layer, and another in the next?",
        )
    return (
        "factor-by-case",
        f"{look.name} is the right one times a number that changes from case to case.",
        "What is the same for all numbers of one case, and another in the next? Something that "
        "depends on the data or on the sizes.",
    )


def freely(arrays: Iterable[tuple[Case, np.ndarray]]) -> bool:
    """Whether arrays have enough different numbers beyond one each, and in two cases or more."""
    beyond: dict[int, int] = {}
    for case, array in arrays:
        beyond[id(case)] = beyond.get(id(case), 0) + max(different([array]) - 1, 0)
    return sum(beyond.values()) >= ENOUGH and sum(n > 0 for n in beyond.values()) >= 2


def factor_by_line(look: Look) -> Words:
    """A factor in each row or each column. Evidence: the numbers in each of them, minus one."""
    if len(look.part.axes) != 2:
        return None
    for axis, line in enumerate(("row", "column")):
        lines = [
            (array.case, a, b)
            for array in look.arrays
            for a, b in zip(
                np.moveaxis(array.came, axis, 0), np.moveaxis(array.right, axis, 0), strict=True
            )
        ]
        wrong = [(case, a, b) for case, a, b in lines if not near(a, b, 1e-7, 1e-7)]
        if not (
            all(multiple(a, b) for _, a, b in lines) and freely((case, b) for case, _, b in wrong)
        ):
            continue
        zero = [not a.any() for _, a, _ in wrong]
        if all(zero):
            return zero_lines(look, axis)
        unit = AXES.get(look.part.axes[axis].removesuffix("+1"), "")
        of = f" (a {line} is one {unit})" if unit and line == "row" and _rows_differ(look) else ""
        some = ", which is 0 for some" if any(zero) else ""
        return (
            f"factor-by-{line}",
            f"Each {line} of {look.name} is the right one times a number of its own{some}{of}.",
            WHOLE.format(line),
        )
    return None


def zero_lines(look: Look, axis: int) -> Words:
    """Say that whole rows, columns or layers are zero while the others are right."""
    line = ("row", "column")[axis]
    wrong = [array for array in look.arrays if not array.all_right()]
    if look.part.layered and not any(array.came.any() for array in wrong):
        line = "layer"
        says = f"The arrays of some layers of {look.name} are zero, those of the others are right."
    else:
        says = f"Some {line}s of {look.name} are zero, the others are right."
    return (
        f"zero-{line}s",
        says,
        f"Each {line} is to be filled. Print the indices that your function stores something at.",
    )


def _rows_differ(look: Look) -> bool:
    """Whether rows of one array have more than one factor."""
    return any(
        len({round(float(np.vdot(b, a) / np.vdot(b, b)), 6) for a, b in pairs}) > 1
        for array in look.arrays
        if (pairs := [(a, b) for a, b in zip(array.came, array.right, strict=True) if b.any()])
    )


def multiple(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether array ``a`` is a number times array ``b``."""
    square = np.vdot(b, b)
    return near(a, np.vdot(b, a) / square * b, 1e-7, 1e-7) if square else not a.any()
