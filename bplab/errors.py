"""Errors about arguments, and which lines of the way to an error are the caller's own."""

import inspect
import os
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["LIBRARIES", "InputError", "check_takes", "own_lines"]

_FOLDERS = (Path(__file__).parent, Path(np.__file__).parents[1], Path(os.__file__).parent)
LIBRARIES = (*(f"{folder}{os.sep}" for folder in _FOLDERS), "<frozen ")
"""What the files of code begin with that is no caller's: bplab's, installed, Python's own."""

SHOWN = 4  # lines on the way to an error, the last ones


class InputError(ValueError):
    """An argument is not as it should be; the message says what was expected, and what came.

    A notebook shows the message and the lines of one's own that led to it, no library's.
    """

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows instead of a traceback."""
        said = [f"\x1b[1m✗ {self}\x1b[0m", *getattr(self, "__notes__", ())]
        for frame in own_lines(self)[-SHOWN:]:
            inside = "" if frame.name.startswith("<") else f", in {frame.name}"
            text = f": {frame.line}" if frame.line else ""
            said.append(f"  line {frame.lineno}{inside}{text}")
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


def own_lines(error: BaseException) -> list[traceback.FrameSummary]:
    """Return the frames on the way to an error that are no library's, the outermost first."""
    frames = traceback.extract_tb(error.__traceback__)
    # .pyx is numpy's, compiled
    return [f for f in frames if not f.filename.startswith(LIBRARIES) and f.filename[-4:] != ".pyx"]
