"""Functions that have passed a check: kept as text in the folder of the progress, tried again.

A kept function is run in a namespace of its own, with the rights of whoever imports it. So what
others may have written is not read.
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
"""Cases on which a kept function is tried again."""

SECONDS = 10.0
"""What takes longer may have no end, and is stopped where the system can."""


class Own(NamedTuple):
    """What is kept under an exercise's id.

    Attributes
    ----------
    function : callable or None
        The learner's, if it is there and right.
    day : str
        When it was kept, as an ISO date; empty if nothing is.
    why : str
        Why it is not used, in words that follow its name; empty if it is used, or nothing is kept.
    source : str
        Its text.
    name : str
        What its text calls it.
    """

    function: Callable[..., Any] | None = None
    day: str = ""
    why: str = ""
    source: str = ""
    name: str = ""


def keep(task: Task, function: Callable[..., Any]) -> str:
    """Keep a function that has passed; return why it cannot be, or an empty string.

    A function of the library's is not kept, and nothing is to be said of it.
    """
    if str(getattr(function, "__module__", "")).partition(".")[0] == "bplab":
        return ""
    try:
        name, source = packed(function)
    except Stays as why:
        return f"It stays in this notebook: {why}."
    except RecursionError:
        return "It stays in this notebook: too many functions call each other."
    except Exception as error:  # objects of a learner's may do anything when they are looked at
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

    While nbgrader grades nothing is: a folder of the instructor's would be no student's.
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
    if id in _trying:  # it calls itself by this name
        return Own()
    function, problem = _known.get((id, name, source)) or _again(TASKS[id], name, source)
    _known[id, name, source] = function, problem
    return Own(function, day, f"of {day} is not used: {problem}" if problem else "", source, name)


_known: dict[tuple[str, str, str], tuple[Callable[..., Any] | None, str | None]] = {}
_trying: set[str] = set()


def _is_open_to_others(found: os.stat_result) -> bool:
    """Whether somebody else may have written it; a browser's storage belongs to the page."""
    if os.name != "posix" or sys.platform == "emscripten":
        return False
    others = stat.S_IWGRP | stat.S_IWOTH
    return found.st_uid != os.getuid() or bool(found.st_mode & others)


def _again(task: Task, name: str, source: str) -> tuple[Callable[..., Any] | None, str | None]:
    """Run a text, and try what it defines: the function, or None and what is wrong."""
    file = f"<your {task.function}, {task.id}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
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
    """Give it what a check does, and take what a check takes: a list of rows, a stack, a generator.

    So a sequence is its own, which it may empty, and its answer has the form that the library's
    has: an array, a list of one for each layer, a tuple of these.
    """
    if any(type(part) is not Part for part in task.parts):  # their form hangs on the arguments
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
