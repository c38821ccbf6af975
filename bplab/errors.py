"""Errors about arguments and calls, and which lines of the way to an error are the caller's own."""

import functools
import inspect
import os
import sys
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from textwrap import TextWrapper
from typing import Any, ParamSpec, TypeVar

import numpy as np

from bplab.languages import Told, told

__all__ = [
    "LIBRARIES",
    "SESSION",
    "InputError",
    "MessageAlone",
    "called_as",
    "came",
    "check_takes",
    "in_place_of_traceback",
    "is_on_a_page",
    "listed",
    "own_lines",
]

_FOLDERS = (Path(__file__).parent, Path(np.__file__).parents[1], Path(os.__file__).parent)
LIBRARIES = (*(f"{folder}{os.sep}" for folder in _FOLDERS), "<frozen ")
"""What the files of code begin with that is no caller's: bplab's, installed, Python's own."""

NAMED = 30  # letters of a text that is repeated
SHOWN = 4  # lines on the way to an error, the last ones


SESSION = "JPY_SESSION_NAME"
"""Environment variable with the notebook's path, where Jupyter's server has begun the kernel."""

NARROW = 44  # columns that JupyterLab has for an error in a window of 800 pixels


def is_on_a_page() -> bool:
    """Whether JupyterLab or its like shows what is said: a server or a browser runs the kernel."""
    return sys.platform == "emscripten" or SESSION in os.environ


def in_place_of_traceback(message: str) -> str:
    """Return a message in bold; on a page in short lines, since long ones are broken in words."""
    text = f"✗ {message}"
    if is_on_a_page():
        words = TextWrapper(NARROW, break_long_words=False, break_on_hyphens=False)
        text = "\n".join(words.fill(line) for line in text.split("\n"))
    return f"\x1b[1m{text}\x1b[0m"


class MessageAlone(Told):
    """An error of which a notebook shows the message, and no line of code."""

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows instead of a traceback: only the message."""
        return [in_place_of_traceback(str(self))]


class InputError(Told, ValueError):
    """An argument is not as it should be; the message says what was expected, and what came.

    A notebook shows the message and the lines of one's own that led to it, no library's.
    """

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows instead of a traceback."""
        said = [in_place_of_traceback(str(self)), *getattr(self, "__notes__", ())]
        for frame in own_lines(self)[-SHOWN:]:
            inside = "" if frame.name.startswith("<") else f", in {frame.name}"
            text = f": {frame.line}" if frame.line else ""
            said.append(told(f"  line {frame.lineno}{inside}{text}"))
        return said


def check_takes(called: str, function: Callable[..., Any], *arguments: str) -> None:
    """Raise InputError if a call with these arguments, by position, has failed for their number."""
    try:
        inspect.signature(function, follow_wrapped=False).bind(*arguments)
    except ValueError:  # built in: it does not say
        return
    except TypeError as error:
        given = ", ".join(arguments)
        raise InputError(
            f"{called} is called as {called}({given}), and this one cannot be: {error}. "
            f"If it takes others, wrap it: lambda {given}: {called}({given}, …)"
        ) from None


Given = ParamSpec("Given")
Result = TypeVar("Result")


def called_as(
    example: Callable[..., str] | str,
) -> Callable[[Callable[Given, Result]], Callable[Given, Result]]:
    """Make a function say how it is called, where it is called with arguments it does not take.

    Python's own words count positional arguments, and show the function's inside. Help and
    signature stay those of the function.

    Parameters
    ----------
    example : str or callable
        A right call, ``'hint("eq4")'``; or what makes one of the arguments that came.
    """

    def decorate(function: Callable[Given, Result]) -> Callable[Given, Result]:
        signature = inspect.signature(function)

        @functools.wraps(function)
        def called(*arguments: Given.args, **named: Given.kwargs) -> Result:
            __tracebackhide__ = True  # an error in one's own function shows one's own lines
            try:
                signature.bind(*arguments, **named)
            except TypeError:
                right = example if isinstance(example, str) else example(*arguments)
                foreign = [name for name in named if name not in signature.parameters]
                given = [*map(came, arguments), *(f"{n}=…" for n in named)] or ["nothing"]
                wrong = (
                    f"has no argument called {foreign[0]}" if foreign else f"got {listed(given)}"
                )
                name = function.__name__
                raise InputError(f"{name} is called as {right}; it {wrong}") from None
            return function(*arguments, **named)

        return called

    return decorate


def came(value: object) -> str:
    """Say in a word what came where something else was expected: ``the function f``."""
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= NAMED else "text"
    if isinstance(value, (bool, int, float)):
        return repr(value)
    if isinstance(value, np.ndarray):
        return "an array"
    if callable(value):
        kind = "class" if isinstance(value, type) else "function"
        return f"the {kind} {value.__name__}" if hasattr(value, "__name__") else "a function"
    name = type(value).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"


def listed(words: Iterable[str], last: str = "and") -> str:
    """Join words: ``"a, b and c"``."""
    *some, end = words
    if not some:
        return end
    before = ", ".join(some)
    return f"{before} or {end}" if last == "or" else f"{before} and {end}"


def own_lines(error: BaseException) -> list[traceback.FrameSummary]:
    """Return the frames on the way to an error that are no library's, the outermost first."""
    frames = traceback.extract_tb(error.__traceback__)
    # .pyx is numpy's, compiled
    return [f for f in frames if not f.filename.startswith(LIBRARIES) and f.filename[-4:] != ".pyx"]
