"""Errors about arguments and calls, and the caller's own lines in a traceback."""

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
"""Prefixes of the names of files whose code is not the caller's: bplab, libraries, Python."""

NAMED = 30  # letters: a longer text is not repeated in a message
SHOWN = 4  # how many of the last lines before an error are shown


SESSION = "JPY_SESSION_NAME"
"""Environment variable with the notebook's path, set if Jupyter's server has started the kernel."""

NARROW = 44  # characters in a line of an error in JupyterLab, in a window of 800 pixels


def is_on_a_page() -> bool:
    """Whether messages are shown on a web page: a Jupyter server or a browser runs the kernel."""
    return sys.platform == "emscripten" or SESSION in os.environ


def in_place_of_traceback(message: str) -> str:
    """Return a message in bold; on a web page in short lines, as these break long ones in words."""
    text = f"✗ {message}"
    if is_on_a_page():
        words = TextWrapper(NARROW, break_long_words=False, break_on_hyphens=False)
        text = "\n".join(words.fill(line) for line in text.split("\n"))
    return f"\x1b[1m{text}\x1b[0m"


class MessageAlone(Told):
    """An error of which a notebook shows only the message, and no line of code."""

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows instead of a traceback: only the message."""
        return [in_place_of_traceback(str(self))]


class InputError(Told, ValueError):
    """An argument is wrong; the message says what was expected, and what was given.

    A notebook shows the message and the user's own lines that led to it, but no library's.
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
    """Raise InputError if a function cannot be called with these arguments, by position."""
    try:
        inspect.signature(function, follow_wrapped=False).bind(*arguments)
    except ValueError:  # a function written in C may have no signature
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
    """Make a function say how to call it, when it is called with arguments that it does not take.

    Python's own message counts positional arguments, and shows the inside of the function. Help
    and signature stay those of the function.

    Parameters
    ----------
    example : str or callable
        A right call, ``'hint("eq4")'``; or a function that makes one from the given arguments.
    """

    def decorate(function: Callable[Given, Result]) -> Callable[Given, Result]:
        signature = inspect.signature(function)

        @functools.wraps(function)
        def called(*arguments: Given.args, **named: Given.kwargs) -> Result:
            __tracebackhide__ = True  # an error in the user's function shows only the user's lines
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
    """Name what was given where something else was expected, such as ``the function f``."""
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
    """Join words, as in ``"a, b and c"``."""
    *some, end = words
    if not some:
        return end
    before = ", ".join(some)
    return f"{before} or {end}" if last == "or" else f"{before} and {end}"


def own_lines(error: BaseException) -> list[traceback.FrameSummary]:
    """Return the frames of an error's traceback that are not a library's, the outermost first."""
    frames = traceback.extract_tb(error.__traceback__)
    # .pyx files are compiled parts of numpy
    return [f for f in frames if not f.filename.startswith(LIBRARIES) and f.filename[-4:] != ".pyx"]
