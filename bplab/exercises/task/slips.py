"""What may have led to a mistake: code, of which numbers are no proof.

A known mistake is found by its numbers, and the same numbers come of loops, slices and cumulative
sums alike. What a mistake *is* can be said in any case. How it was written can only be guessed, and
all guesses stand in one sentence that says so. Where the code can be read, no slip is named that
needs what is not in it.
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
    """What code may hold: a slip that needs it is none where it is not."""

    LOOP = "a loop, or a comprehension"
    FROM = "a loop, a comprehension, or a slice that begins somewhere"
    UNTIL = "a loop, a comprehension, or a slice that ends somewhere"
    LEFT = "a return or a break inside a loop"
    ADDS = "+="
    REPEATS = "a list times a number"


@dataclass(frozen=True)
class Slip:
    """Code that leads to some numbers: one way of many.

    Attributes
    ----------
    words : str
        A noun, and what is said of it: ``"a loop over i that begins at 1"``.
    needs : str
        A function must hold one of these for it, if there are any: constructs, or names.
    """

    words: str
    needs: tuple[str, ...]

    def __init__(self, words: str, *needs: str) -> None:
        object.__setattr__(self, "words", words)
        object.__setattr__(self, "needs", needs)

    def is_possible(self, held: Container[str] | None) -> bool:
        """Whether it may be, in code that holds all this; None if nobody has read the code."""
        return held is None or not self.needs or any(need in held for need in self.needs)


def perhaps(slips: Sequence[Slip], held: Container[str] | None = None) -> str:
    """Return the sentence that names the slips which are possible; an empty string if none is.

    ``held`` are the constructs and the names in the code, if somebody has read it.
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
"""How the first of n is left out, and how the last is."""


def left_early(loop: str) -> Slip:
    """Return the slip of which comes what the first pass of a loop has done, and no other."""
    return Slip(f"a return or a break inside {loop}, which ends it after one pass", Construct.LEFT)


def overwritten(loop: str) -> Slip:
    """Return the slip of which comes what the last pass of a loop has done, and no other."""
    return Slip(
        f"= in place of += in {loop}, a sum set to 0 inside it, or an addition that stands after "
        "it",
        Construct.LOOP,
    )


def sums_go_on(index: str) -> tuple[Slip, ...]:
    """Return the slips of which come sums that hold those before them."""
    return (
        Slip(
            f"a sum that is set to 0 before all loops, and not right before that over {index}",
            Construct.LOOP,
        ),
        Slip("np.cumsum", "cumsum", "accumulate"),
    )


def array_like(name: str, maker: str = "zeros_like({})") -> Slip:
    """Return the slip of which come numbers that are cut where an argument holds integers."""
    return Slip(
        f"an array made by {maker.format(name)}, of the type of {name}: one of integers cuts what "
        "is stored there",
        *("zeros_like", "empty_like", "ones_like", "full_like", "copy", "dtype"),
    )
