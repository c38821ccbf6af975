"""Code that may have led to a mistake, which numbers alone do not prove.

A known mistake is found by its numbers, and a loop, a slice or a cumulative sum may give the same
numbers. So what a mistake *is* can always be said. How it was written can only be guessed: all
guesses are in one sentence, which says that they are guesses. Where the code can be read, a slip
is named only if the code has what the slip needs.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from enum import StrEnum

__all__ = [
    "FROM_1",
    "TO_N_1",
    "Construct",
    "Slip",
    "array_like",
    "left_early",
    "overwritten",
    "perhaps",
    "sums_go_on",
]


class Construct(StrEnum):
    """Something that code may contain: code without it cannot have a slip that needs it."""

    LOOP = "a loop, or a comprehension"
    FROM = "a loop, a comprehension, or a slice that begins somewhere"
    UNTIL = "a loop, a comprehension, or a slice that ends somewhere"
    LEFT = "a return or a break inside a loop"
    ADDS = "+="
    REPEATS = "a list times a number"


@dataclass(frozen=True)
class Slip:
    """One way of many to write code that gives certain wrong numbers.

    Attributes
    ----------
    words : str
        A noun phrase: ``"a loop over i that begins at 1"``.
    needs : tuple of str
        Constructs and names, one of which the function must contain; empty if it needs none.
    """

    words: str
    needs: tuple[str, ...]

    def __init__(self, words: str, *needs: str) -> None:
        object.__setattr__(self, "words", words)
        object.__setattr__(self, "needs", needs)

    def is_possible(self, held: Container[str] | None) -> bool:
        """Whether code may have this slip, given all that it holds; None for code not read."""
        return held is None or not self.needs or any(need in held for need in self.needs)


def perhaps(slips: Sequence[Slip], held: Container[str] | None = None) -> str:
    """Return a sentence that names the slips that are possible; an empty string if none is.

    ``held`` has the constructs and names in the code; None if the code was not read.
    """
    possible = [slip.words for slip in slips if slip.is_possible(held)]
    if not possible:
        return ""
    return f"{'One way' if len(possible) == 1 else 'Ways'} to get this: {'; or '.join(possible)}."


FROM_1 = Slip("a loop or a slice that begins at 1, where Python counts from 0", Construct.FROM)
TO_N_1 = Slip(
    "a loop or a slice that ends at n − 1, where range(n) and [:n] stop before n already",
    Construct.UNTIL,
)
"""How the first of n is left out, and how the last is left out."""


def left_early(loop: str) -> Slip:
    """Return the slip that keeps only the result of a loop's first pass."""
    return Slip(f"a return or a break inside {loop}, which ends it after one pass", Construct.LEFT)


def overwritten(loop: str) -> Slip:
    """Return the slip that keeps only the result of a loop's last pass."""
    return Slip(
        f"= in place of += in {loop}, a sum set to 0 inside it, or an addition that stands after "
        "it",
        Construct.LOOP,
    )


def sums_go_on(index: str) -> tuple[Slip, ...]:
    """Return the slips that make each sum contain the sums before it."""
    return (
        Slip(
            f"a sum that is set to 0 before all loops, and not right before that over {index}",
            Construct.LOOP,
        ),
        Slip("np.cumsum", "cumsum", "accumulate"),
    )


def array_like(name: str, maker: str = "zeros_like({})") -> Slip:
    """Return the slip that cuts numbers to integers where an argument holds integers."""
    return Slip(
        f"an array made by {maker.format(name)}, of the type of {name}: one of integers cuts what "
        "is stored there",
        *("zeros_like", "empty_like", "ones_like", "full_like", "copy", "dtype"),
    )
