"""The result of the search for the first wrong place of a learner's function."""

from dataclasses import dataclass, field

from bplab.exercises.first_wrong.suspicion import Reached
from bplab.learner import Edited, PutIn

__all__ = ["FirstWrong"]


@dataclass(frozen=True)
class FirstWrong:
    """The first wrong place of a function.

    Attributes
    ----------
    line, begin, end : int
        The line in its cell, from 1, and its first column and the one after the last, from 0.
    text : str
        The text of the line.
    function : str
        The name of the function that the line is in: the learner's, or a helper.
    is_helper : bool
        Whether that is another function than the one that is checked.
    proven : bool
        Whether every answer is right with something else in this place.
    by_value : bool
        Whether that is a right value of the derivation, and not other code.
    edit : str
        The kind of thing that is changed there, in words, for the third hint.
    edits : int
        How many edits are needed.
    lines : tuple of int
        All lines that are wrong, if two edits are needed.
    apart : tuple of (int, str)
        These lines with their functions, if they are in two functions.
    others : tuple of int
        Other lines in which an equally small edit does as well.
    reached : tuple of Reached
        The steps that are right, and where.
    put_in : PutIn or None
        With ``by_value``: which value, and after which statement.
    mended : Edited or None
        The program in which all is right: to be run, and never to be shown.
    """

    line: int
    begin: int
    end: int
    text: str
    function: str = ""
    is_helper: bool = False
    proven: bool = False
    by_value: bool = False
    edit: str = ""
    edits: int = 1
    lines: tuple[int, ...] = ()
    apart: tuple[tuple[int, str], ...] = ()
    others: tuple[int, ...] = ()
    reached: tuple[Reached, ...] = ()
    put_in: PutIn | None = None
    mended: Edited | None = field(default=None, repr=False, compare=False)
