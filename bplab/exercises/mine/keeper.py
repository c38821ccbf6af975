"""Functions that have passed a check: kept as text in the progress folder, tried again before use.

A kept function runs in a namespace of its own, with the rights of the user who loads it. So a file
that others may have written is not read.
"""

import contextlib
import functools
import io
import linecache
import os
import stat
import sys
from collections.abc import Callable
from datetime import datetime
from types import CodeType
from typing import Any, NamedTuple

from bplab.exercises.judging import Here, Trial
from bplab.exercises.mine.travel import Stays, packed
from bplab.exercises.progress import FUNCTIONS, progress_folder
from bplab.exercises.registry import TASKS
from bplab.exercises.stored import Refused, fetch, store
from bplab.exercises.task import Exercise, Part, Task, visible_cases
from bplab.learner import (
    Form,
    NoNumbers,
    Raised,
    TimeIsUp,
    as_parts,
    contained,
    handed,
    time_limit,
)

__all__ = ["Own", "is_kept", "keep", "own"]

FEW = 4
"""How many cases a kept function is tried on again."""

SECONDS = 10.0
"""How long a kept function may take; after that it is stopped, where the system can do this."""


class Own(NamedTuple):
    """What is kept under an exercise's id.

    Attributes
    ----------
    function : callable or None
        The learner's function, if it is there and right.
    day : str
        When it was kept, as an ISO date; empty if nothing is.
    why : str
        Why it is not used, in words that follow its name; empty if it is used, or nothing is kept.
    source : str
        The text that defines it.
    name : str
        Its name in that text.
    """

    function: Callable[..., Any] | None = None
    day: str = ""
    why: str = ""
    source: str = ""
    name: str = ""


def keep(task: Task, function: Callable[..., Any]) -> str:
    """Keep a function that has passed; return why it cannot be kept, or an empty string.

    A function of the library is not kept, and nothing needs to be said: the string is empty, too.
    """
    if str(getattr(function, "__module__", "")).partition(".")[0] == "bplab":
        return ""
    try:
        name, source = packed(function)
    except Stays as why:
        return f"It stays in this notebook: {why}."
    except RecursionError:
        return "It stays in this notebook: too many functions call each other."
    except Exception as error:  # a learner's objects may raise anything when they are looked at
        return f"It stays in this notebook: what it uses cannot be looked at ({Raised.of(error)})."
    if (problem := _again(task, name, source)[1]) is not None:
        return f"It stays in this notebook: run by itself, {problem}."
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    folder = progress_folder() / FUNCTIONS
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if _is_open_to_others(folder.stat()):
            return f"It is not kept for other notebooks: others may write to {folder}."
        kept = {"function": name, "kept": now, "source": source}
        store(folder / f"{task.id}.json", kept, mode=0o600)
    except OSError:
        return f"It is not kept for other notebooks: {folder} cannot be written."
    return ""


def is_kept(task: Task) -> bool:
    """Whether the text of a function is kept under a task's id."""
    return (progress_folder() / FUNCTIONS / f"{task.id}.json").exists()


def own(id: str) -> Own:
    """Return what is kept under an exercise's id, tried again if its text is new here.

    While nbgrader grades, nothing is returned: the folder would be the instructor's, not the
    student's.
    """
    if os.environ.get("NBGRADER_EXECUTION") == "autograde":
        return Own()
    folder = progress_folder() / FUNCTIONS
    try:
        if _is_open_to_others(folder.stat()):
            return Own(why=f"is not read: others may write to {folder}")
        kept = fetch(file := folder / f"{id}.json", refused=_is_open_to_others)
        name, day, source = kept["function"], kept["kept"].partition("T")[0], kept["source"]
    except Refused:
        return Own(why=f"is not read: others may write to {file}")
    except OSError:
        return Own()
    except (ValueError, TypeError, KeyError, AttributeError):
        return Own(why="cannot be read: its file is spoilt")
    if not all(isinstance(text, str) for text in (name, source)):
        return Own(why="cannot be read: its file is spoilt")
    if id in _trying:  # the kept function is being tried, and asks for itself
        return Own()
    function, problem = _known.get((id, name, source)) or _again(TASKS[id], name, source)
    _known[id, name, source] = function, problem
    return Own(function, day, f"of {day} is not used: {problem}" if problem else "", source, name)


_known: dict[tuple[str, str, str], tuple[Callable[..., Any] | None, str | None]] = {}
_trying: set[str] = set()


def _is_open_to_others(found: os.stat_result) -> bool:
    """Whether somebody else may have written a file; never in a browser's own storage."""
    if os.name != "posix" or sys.platform == "emscripten":
        return False
    others = stat.S_IWGRP | stat.S_IWOTH
    return found.st_uid != os.getuid() or bool(found.st_mode & others)


def _again(task: Task, name: str, source: str) -> tuple[Callable[..., Any] | None, str | None]:
    """Run a text, and try the function that it defines; return it, or None and what is wrong."""
    file = f"<your {task.function}, {task.id}>"
    linecache.cache[file] = (len(source), None, io.StringIO(source).readlines(), file)
    _trying.add(task.id)
    try:
        with time_limit(SECONDS):
            return _tried(task, name, compile(source, file, "exec"))
    except TimeIsUp:
        return None, f"it takes more than {SECONDS:.0f} s"
    except Exception as error:
        return None, f"it raises {Raised.of(error)}"
    finally:
        _trying.discard(task.id)


def _tried(task: Task, name: str, code: CodeType) -> tuple[Callable[..., Any] | None, str | None]:
    notebook: dict[str, Any] = {"__name__": "__main__"}
    with contained(), contextlib.redirect_stdout(io.StringIO()):
        exec(code, notebook)
    function = notebook.get(name)
    if not callable(function):
        return None, f"{name} is no function"
    if isinstance(task, Exercise):
        trial = Trial.run(task, Here(function), visible_cases(task)[:FEW])
        raised = next((answer.raised for answer in trial.answers if answer.raised), None)
        if raised:
            return None, f"it raises {raised}"
        if not trial.all_right():
            return None, "it is not right"
        function = _as_when_checked(task, function)
    return function, None


def _as_when_checked(task: Exercise[Any], function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function with arguments and answers handled as in a check.

    It gets sequences of its own, which it may empty. An answer that a check accepts, such as a list
    of rows, a stack or a generator, gets the form that the library's answer has: an array, a list
    with one for each layer, or a tuple of these.
    """
    if any(type(part) is not Part for part in task.parts):  # their form depends on the arguments
        return function
    forms = [Form(len(part.axes), part.layered) for part in task.parts]

    @functools.wraps(function)
    def called(*arguments: Any, **named: Any) -> Any:
        answer = function(
            *map(handed, arguments), **{name: handed(value) for name, value in named.items()}
        )
        parts = as_parts(answer, forms)
        if len(parts) != len(forms) or any(
            isinstance(a, NoNumbers) for part in parts for a in part
        ):
            return answer
        values = [
            list(part) if form.layered else part[0] for part, form in zip(parts, forms, strict=True)
        ]
        return values[0] if len(values) == 1 else tuple(values)

    return called
