"""The message about the first wrong line: only what is proven, and never the change itself."""

from collections.abc import Iterator, Sequence

from bplab.errors import listed
from bplab.exercises.first_wrong.found import FirstWrong
from bplab.exercises.first_wrong.suspicion import Reached
from bplab.learner import EditKind

__all__ = ["QUOTED", "all_words", "place_words", "right_so_far", "words"]

QUOTED = "    "
"""The indentation of a line of code in a message."""

WIDE = 72
"""How many characters of a line of code are shown; of a longer line, those around the place."""

CUT = "…"
"""Stands for characters of a line that are left out."""


def words(found: FirstWrong, above: Sequence[str] = ()) -> list[str]:
    """Return the lines of the message: what is right, where it is wrong, the line with carets.

    Lines that begin with `QUOTED` are code, to be left unchanged. There are no lines if nothing is
    proven. A line that ``above`` already names for an error is not named again.
    """
    if not found.proven:
        return []
    named = any(f"in line {found.line}: {found.text.strip()}" in text for text in above)
    right = [says for says, _ in right_so_far(found)]
    return [*right, place_words(found, named), *_quoted(found)]


def all_words(found: FirstWrong) -> list[str]:
    """Return lines with every step that is right, and below them the place if it is proven."""
    steps = [says for says, _ in _steps(found)]
    if not found.proven:
        return steps or ["No step is known to be right so far."]
    return [*steps, place_words(found), *_quoted(found)]


def right_so_far(found: FirstWrong) -> Iterator[tuple[str, Reached]]:
    """Yield words for the last right step before the wrong line, if there is one."""
    yield from list(_steps(found))[-1:]


def _steps(found: FirstWrong) -> Iterator[tuple[str, Reached]]:
    """Yield words for each right step; if the place is proven, only for steps before it."""
    lines = (found.line, *found.lines, *found.others)
    first = (min(lines), found.begin if min(lines) == found.line else 0)
    helper = _of_helper(found)
    for one in found.reached:
        before = not found.proven or (one.place.last, one.place.end) <= first
        if one.subgoal and one.place.name and before and _tells(one, found):
            name, line, what = one.place.name, one.place.line, one.what
            yield f"Right so far: {name} in line {line}{helper} is {what}.", one


def _tells(one: Reached, found: FirstWrong) -> bool:
    """Whether a step is in the same function, and its name does not already say what it is."""
    same = one.place.function == found.function
    return same and one.what != one.place.name and not one.what.endswith(", the answer")


def _of_helper(found: FirstWrong) -> str:
    return f" of {found.function}" if found.is_helper else ""


def place_words(found: FirstWrong, named: bool = False) -> str:
    """Say where the function is wrong; without the line if it is ``named`` above already."""
    if found.apart:
        (first, one), (second, other) = found.apart
        return (
            f"With small changes in line {first} of {one} and line {second} of {other} "
            "every answer is right:"
        )
    helper = _of_helper(found)
    lines = sorted({found.line, *found.lines})
    both = listed(map(str, lines))
    if found.by_value:
        if len(lines) > 1:
            return f"With other values in lines {both}{helper} every answer is right:"
        return f"With another value in line {both}{helper} every answer is right:"
    if len(lines) > 1:
        return f"With small changes in lines {both}{helper} every answer is right:"
    if found.edits > 1:
        return f"With two small changes in line {both}{helper} every answer is right:"
    if named and not found.others:
        return "With one small change where it stops every answer is right:"
    line = " or ".join(map(str, sorted({found.line, *found.others})))
    if found.edit == EditKind.MISSING:
        return f"With one line more behind line {line}{helper} every answer is right:"
    return f"With one small change in line {line}{helper} every answer is right:"


def _quoted(found: FirstWrong) -> tuple[str, str]:
    """Return the line, and carets under the place."""
    indent = len(found.text) - len(found.text.lstrip())
    begin, code = max(found.begin - indent, 0), found.text.strip()
    width = max(min(found.end, len(found.text.rstrip())) - found.begin, 1)
    first = max(0, min(begin - WIDE // 3, len(code) - WIDE))
    width = max(1, min(width, first + WIDE - begin))
    before, behind = CUT * (first > 0), CUT * (len(code) > first + WIDE)
    code = f"{before}{code[first : first + WIDE]}{behind}"
    return f"{QUOTED}{code}", f"{QUOTED}{' ' * (len(before) + begin - first)}{'^' * width}"
