"""A learner's function in pieces, and a mistake as a wrong piece in the place of the right one.

Whoever makes two mistakes makes them in two places of one function. So two variants combine when
they change different pieces, and the result is the function with both of them wrong.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

__all__ = ["GIVEN", "RETURNED", "Memory", "Program", "Variant", "both", "one_piece"]

GIVEN, RETURNED = "given", "returned"
"""The two pieces of every program: what comes in, and what goes out."""

Piece = Callable[..., Any]


@dataclass(frozen=True, eq=False)
class Program:
    """A function in pieces.

    Attributes
    ----------
    chain : callable
        ``chain(pieces, *arguments)`` computes the answer with the functions in ``pieces``.
    right : mapping of str to callable
        The pieces as they should be.
    pure : collection of str
        Pieces that depend on their arguments alone, and change none of them.
    """

    chain: Callable[..., Any]
    right: Mapping[str, Piece]
    pure: Collection[str] = ()

    def with_(self, **changed: Piece) -> "Variant":
        """Return the function with these pieces in the place of the right ones.

        Besides those in ``right`` there are ``given``, which takes the arguments and returns
        those to go on with, and ``returned``, which takes the answer and returns another.

        Raises
        ------
        ValueError
            If there is no such piece.
        """
        if unknown := changed.keys() - self.right.keys() - {GIVEN, RETURNED}:
            raise ValueError(f"no piece {unknown}; there are: {', '.join(self.right)}")
        return Variant(self, changed)


class Memory:
    """What pure pieces have answered: many variants of a program ask them the same things."""

    def __init__(self):
        self._answers: dict[tuple[int, ...], tuple[Any, ...]] = {}
        self._pieces: dict[Piece, Piece] = {}

    def of(self, piece: Piece) -> Piece:
        """Return the piece, which now remembers what it has been asked."""
        if piece not in self._pieces:
            self._pieces[piece] = self._remembering(piece)
        return self._pieces[piece]

    def _remembering(self, piece: Piece) -> Piece:
        def remembering(*arguments):
            key = (id(piece), *map(id, arguments))
            if key not in self._answers:
                # the arguments are kept, so that no other object gets their id
                self._answers[key] = piece(*arguments), arguments
            return self._answers[key][0]

        return remembering


class Variant:
    """A function made from a program by changing some of its pieces.

    Parameters
    ----------
    program : Program
    changed : mapping of str to callable
    """

    def __init__(self, program: Program, changed: Mapping[str, Piece]):
        self.program, self.changed = program, dict(changed)
        self._pieces = SimpleNamespace(**{**program.right, **self.inner})

    @property
    def inner(self) -> dict[str, Piece]:
        """What is changed between what comes in and what goes out."""
        return {name: by for name, by in self.changed.items() if name not in (GIVEN, RETURNED)}

    def __call__(self, *arguments: Any) -> Any:
        """Answer as the learner's function would."""
        return self._answer(self._pieces, self.changed.get(GIVEN), arguments)

    def remembering(self, memory: Memory, *arguments: Any) -> Any:
        """Do the same, asking ``memory`` for what a pure piece has been asked before.

        The arguments must be the same objects whenever this memory is used.
        """
        pieces = SimpleNamespace(**vars(self._pieces))
        for name in self.program.pure:
            setattr(pieces, name, memory.of(getattr(pieces, name)))
        given = self.changed.get(GIVEN)
        return self._answer(pieces, given and memory.of(given), arguments)

    def _answer(self, pieces: SimpleNamespace, given: Piece | None, arguments: Any) -> Any:
        answer = self.program.chain(pieces, *(given(*arguments) if given else arguments))
        return self.changed[RETURNED](answer) if RETURNED in self.changed else answer


def one_piece(function: Piece) -> Variant:
    """Return a wrong function that no single piece explains: only its ends can be changed."""
    program = Program(lambda pieces, *arguments: pieces.whole(*arguments), {"whole": function})
    return program.with_(whole=function)


def both(first: Piece, second: Piece) -> Variant | None:
    """Return the function in which both mistakes are made, as a learner's code makes them.

    Where both change what goes out, ``first`` does so first; the same for what comes in.

    Returns
    -------
    Variant or None
        None if they exclude each other: no piece can be wrong in two ways.
    """
    a, b = (f if isinstance(f, Variant) else one_piece(f) for f in (first, second))
    if a.inner and b.inner and (a.program is not b.program or a.inner.keys() & b.inner.keys()):
        return None
    changed = {**a.changed, **b.changed}
    if GIVEN in a.changed and GIVEN in b.changed:
        changed[GIVEN] = lambda *given: b.changed[GIVEN](*a.changed[GIVEN](*given))
    if RETURNED in a.changed and RETURNED in b.changed:
        changed[RETURNED] = lambda answer: b.changed[RETURNED](a.changed[RETURNED](answer))
    return Variant((a if a.inner else b).program, changed)
