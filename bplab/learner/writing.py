"""In which line a function writes into its arguments."""

import io
import linecache
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import FrameType
from typing import Any

from bplab.learner.call import (
    TimeIsUp,
    contained,
    copied,
    first_changed,
    handed,
    own_functions,
    quiet,
    time_limit,
)

__all__ = ["where_it_writes"]

SECONDS = 1.0
LINES = 10_000
"""How many lines are run; after each, the arguments are compared with copies."""


def where_it_writes(function: Callable[..., Any], given: Mapping[str, Any]) -> str:
    """Return the first line after which an argument has changed; empty if it is not known.

    Parameters
    ----------
    function : callable
    given : mapping
        Its arguments, in order. They stay as they are.

    Returns
    -------
    str
        Such as ``"line 3: other[index] += by"``.
    """
    before = {name: copied(value) for name, value in given.items()}
    own = {name: copied(value) for name, value in given.items()}
    files = {one.__code__.co_filename for one in own_functions(function)}
    last: dict[FrameType, int] = {}
    found: list[tuple[str, int]] = []
    left = iter(range(LINES))

    def begins(frame: FrameType, event: str, _: object) -> Any:
        return looks if frame.f_code.co_filename in files and not found else None

    def looks(frame: FrameType, event: str, _: object) -> Any:
        if found or next(left, None) is None:
            return None
        if frame in last and first_changed(own, before):
            found.append((frame.f_code.co_filename, last[frame]))
            return None
        last[frame] = frame.f_lineno
        return looks

    tracer = sys.gettrace()
    arguments = [handed(value) for value in own.values()]
    try:
        with suppress(TimeIsUp, Exception), contained(), quiet(io.StringIO()), time_limit(SECONDS):
            sys.settrace(begins)
            try:
                function(*arguments)
            finally:
                sys.settrace(tracer)
    finally:
        last.clear()
    if not found:
        return ""
    file, line = found[0]
    text = linecache.getline(file, line).strip()
    return f"line {line}: {text}" if text else f"line {line}"
