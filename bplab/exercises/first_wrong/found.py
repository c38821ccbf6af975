"""What is found of the first wrong place of a learner's function."""

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
        In the lines of its cell from 1, and in columns from 0, in letters.
    text : str
        The line as it stands.
    function : str
        In which it is: the learner's, or a helper.
    is_helper : bool
        Whether that is another function than the one that is checked.
    proven : bool
        Whether with something else in this place all is right.
    by_value : bool
        Whether that is a right value of the derivation's, and not other code.
    edit : str
        What it is that is written otherwise there, in words, for the third hint.
    edits : int
        How many edits it needs.
    lines : tuple of int
        All lines that are wrong, if it needs two edits.
    apart : tuple of (int, str)
        These lines with the functions that they are in, if these are two.
    others : tuple of int
        Lines in which an edit as small does as well.
    reached : tuple of Reached
        What is right, and where.
    put_in : PutIn or None
        If it is a value: which one, and behind which statement.
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
