"""The check of a learner's function: right or not, and if not, which mistake it is."""

import html
import math
import os
import re
import shutil
import sys
import textwrap
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from time import process_time
from typing import Any, ClassVar, NamedTuple

import numpy as np

from bplab.errors import MessageAlone, called_as, came, is_on_a_page
from bplab.exercises.first_wrong import QUOTED, FirstWrong, Search, words
from bplab.exercises.judging import (
    PLACED,
    Finding,
    Here,
    Trial,
    challenge_credit,
    credit,
    diagnose,
    judge,
    known_answers,
    points_for,
    remark,
    running,
)
from bplab.exercises.look import PATIENCE, look
from bplab.exercises.mine import JUDGED, is_kept, keep, not_written_here
from bplab.exercises.page import block
from bplab.exercises.progress import record_try, tries_of
from bplab.exercises.registry import TASKS
from bplab.exercises.task import (
    VISIBLE,
    Challenge,
    Exercise,
    Task,
    generator,
    hidden_kind,
    visible_cases,
)
from bplab.languages import Told, told
from bplab.learner import (
    LONG,
    Interrupted,
    LearnerError,
    how_to_stop,
    may_leave_traces,
    put_back,
    watched,
)

__all__ = ["RECORD_TYPE", "CheckFailed", "NotWritten", "Passed", "Reached", "check", "todo"]

RECORD_TYPE = "application/vnd.bplab.check+json"
"""MIME type of the record that `check` leaves in a graded notebook, for reports."""

_FORMULA = re.compile(" ([−+·=*@]) ")  # no line break inside a formula
WIDTH = 80  # columns of a notebook's output, which does not report its own width
READABLE = 96  # the most columns that are used in a wide terminal
BOUNDS = 1e-13, 1e-6
"""Bounds on the agreement that a message states: of rounding alone, and of finite differences.

The agreement itself differs from computer to computer, by a factor of 3 and more.
"""
_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"


class NotWritten(MessageAlone, NotImplementedError):
    """A function of the course that is still the starter."""


def todo() -> None:
    """Mark the place in a starter where the code is not written yet.

    Raises
    ------
    NotWritten
        Always. The message names the function, or mentions the gap if the call is in no function.
    """
    name = sys._getframe(1).f_code.co_name
    if name == "<module>":
        raise NotWritten("There is a gap in this cell: fill it in, and run the cell again.")
    raise NotWritten(f"{name} is not written yet: write it in its cell above, and run that cell.")


class NoFailingCase(Told, LookupError):
    """There is no failing case to look at; the message says why."""

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows instead of a traceback: only the message."""
        return [str(self)]


class CheckFailed(Told, AssertionError):
    """An exercise is not right yet; the message says which mistake it is.

    Attributes
    ----------
    exercise : str
        Id of the exercise, e.g. ``"eq4"``.
    mistake : str
        Name of the mistake, e.g. ``"no-factor-2"``.
    first_wrong : FirstWrong or None
        The place in the code, if the mistake has no name and the place is proven. The search
        runs when this attribute is read or the message is shown.
    """

    def __init__(
        self,
        exercise: Task,
        finding: Finding,
        *,
        hidden: bool,
        in_a_row: int = 1,
        search: Search | None = None,
    ):
        self.exercise = exercise.id
        self.mistake = finding.name
        self._search, self._is_shown = search, False
        self._title = f"✗ {exercise.id} · {exercise.equation} · {exercise.title}: not yet"
        lines = [finding.says, finding.hint]
        if hidden:
            lines.append("(Seen on other cases than those in the notebook.)")
        elif finding.seen:
            lines.append(finding.seen)
        self._above = lines
        where = f"Step: {finding.subgoal}." if finding.subgoal else ""
        self._tag = f"[{exercise.id}/{finding.name}]"
        more = "" if hidden else f'More help: hint("{exercise.id}")'
        looks = [] if hidden else _another_look(exercise, finding, in_a_row)
        self._below = [_joined(where, self._tag, more), *looks]
        self._below_on_page = [_joined(where, more), *looks]
        super().__init__("\n".join([self._title, *self._lines]))

    @property
    def first_wrong(self) -> FirstWrong | None:
        """The first wrong place in the code; None if none is proven."""
        if self._search is None:
            return None
        found = self._search.found
        self.args = ("\n".join([self._title, *self._lines]),)
        return found

    @property
    def _lines(self) -> list[str]:
        """The lines of the message below its title, as far as they are known now."""
        return [*self._above, *self._place, *self._below]

    @property
    def _place(self) -> list[str]:
        """The words for the first wrong line, if it is known by now."""
        found = self._search.found_so_far if self._search else None
        if found is None:
            return []
        lines = words(found, self._above)
        if self._search and self._search.numbers:
            lines.append(f'Its numbers: where("{self.exercise}")')
        return lines

    @property
    def english(self) -> str:
        """The message in English, with the first wrong line."""
        _ = self.first_wrong
        return super().english

    def __str__(self) -> str:
        text, width = super().__str__(), _columns()
        return text if width is None else "\n".join(_filled(s, width) for s in text.split("\n"))

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows instead of a traceback: only the message.

        What is known already can be read while the search for the first wrong line runs.
        """
        if is_on_a_page() and _is_read_at_once() and not self._is_shown:
            self._is_shown = True  # IPython asks a second time, for its history
            self._show_page()
            return [f"{type(self).__name__}: {self._tag}"]
        if self._search is None or self._search.is_over or not _is_read_at_once():
            _ = self.first_wrong
            return self._shown(self._lines)
        above = "\n".join([*self._shown(self._above), ""])
        with suppress(KeyboardInterrupt):  # whoever stops the search has read this part
            sys.stderr.write(above)
            sys.stderr.flush()
            _ = self.first_wrong
        return self._fitting(self._lines[len(self._above) :])

    def _show_page(self) -> None:
        """Show the whole message except its tag."""
        from IPython.display import display

        page = display(self._page, raw=True, display_id=True)  # type: ignore[no-untyped-call]
        if self._search is not None and not self._search.is_over:
            with suppress(KeyboardInterrupt):  # whoever stops the search has read the rest
                _ = self.first_wrong
            page.update(self._page, raw=True)

    @property
    def _page(self) -> dict[str, str]:
        lines = [*self._above, *self._place, *filter(None, self._below_on_page)]
        return {
            "text/html": block(self._title, lines, "#D55E00", bold=1),
            "text/plain": "\n".join(self._fitting([self._title, *lines])),
        }

    def _shown(self, lines: Sequence[str]) -> list[str]:
        title, says, *rest = self._fitting([self._title, *lines])
        return [f"{_BOLD}{title}{_PLAIN}", "", f"{_BOLD}{says}{_PLAIN}", *rest]

    @staticmethod
    def _fitting(lines: Iterable[str]) -> list[str]:
        width = _columns() or WIDTH
        return [_filled(told(s), width) for s in lines]


def _is_read_at_once() -> bool:
    """Whether somebody reads IPython's output as it appears.

    Programs that run notebooks keep only the error.
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return shell is not None and not _grading() and not _validating()


def _joined(*parts: str) -> str:
    return " ".join(filter(None, parts))


def _columns() -> int | None:
    """Return how many columns the output has; None if nobody reads it as it is printed."""
    if sys.stdout and sys.stdout.isatty():
        return min(shutil.get_terminal_size().columns, READABLE)
    if "IPython" in sys.modules and sys.modules["IPython"].get_ipython():
        return WIDTH
    return shutil.get_terminal_size().columns if os.environ.get("COLUMNS") else None


def _filled(text: str, width: int) -> str:
    """Break a text into lines between words; inside a formula only if it is too long for a line.

    A line of code is left unchanged.
    """
    if text.startswith(QUOTED):
        return text
    lines: list[str] = []
    for line in _lines(_FORMULA.sub("\u00a0\\1\u00a0", text), width):
        apart = line.replace("\u00a0", " ")
        lines += [apart] if len(apart) <= width else _lines(apart, width)
    return "\n".join(lines)


def _lines(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)


@dataclass(frozen=True)
class _Right(ABC):
    """What `check` returns for a function that passes."""

    exercise: Task
    _verdict: ClassVar[str] = "right"

    @property
    def _title(self) -> str:
        task = self.exercise
        return f"✓ {task.id} · {task.equation} · {task.title}: {self._verdict}."

    @property
    @abstractmethod
    def _evidence(self) -> str:
        """The evidence that the function is right."""

    @property
    def _next(self) -> str:
        """What to do next with the function; empty if there is nothing."""
        return ""

    def __repr__(self) -> str:
        return "\n".join(map(told, filter(None, (self.english, self._next))))

    @property
    def english(self) -> str:
        """The message in English, as records keep it."""
        return f"{self._title}\n{self._evidence}"

    def _repr_html_(self) -> str:
        next_ = f"<br>{html.escape(told(self._next))}" if self._next else ""
        return (
            '<div style="border-left:4px solid #0072B2;padding:.3em .8em">'
            f"<strong>{html.escape(told(self._title))}</strong><br>"
            f"{html.escape(told(self._evidence))}{next_}</div>"
        )


@dataclass(frozen=True, repr=False)
class Passed(_Right):
    """The result for a right function: how many cases, how well it agrees, and any remark."""

    exercise: Exercise[Any]
    cases: int
    agreement: float
    remark: str = ""
    in_single: bool = False  # whether it works in float32, so is equal only to that precision
    to_explain: bool = False  # whether its text is kept but not explained yet

    @property
    def _next(self) -> str:
        id = self.exercise.id
        return f'Three questions on your own lines: explain("{id}")' if self.to_explain else ""

    @property
    def _evidence(self) -> str:
        return (
            f"Equal to the reference on {self.cases} cases{self._precision}, and within "
            f"{self._bound:.0e} of {self.exercise.judge}.{' ' * bool(self.remark)}{self.remark}"
        )

    @property
    def _bound(self) -> float:
        """A bound on the agreement, the same on every computer."""
        above = (bound for bound in BOUNDS if self.agreement <= bound)
        return next(above, 10 ** math.ceil(math.log10(self.agreement)))

    @property
    def _precision(self) -> str:
        return self.in_single * (
            " to the seven digits of float32, in which it works though it is given float64"
        )


@dataclass(frozen=True, repr=False)
class Reached(_Right):
    """The result for a challenge that is met: accuracy, number of examples, and time taken."""

    exercise: Challenge
    _verdict: ClassVar[str] = "done"
    accuracy: float
    of: int
    seconds: float
    remark: str = ""

    @property
    def _evidence(self) -> str:
        return (
            f"Your function recognises {self.accuracy:.1%} of {self.of} {self.exercise.things} "
            f"that it was not given to learn from, in {self.seconds:.1f} s. When the classes got "
            "other names, it used those. How it does it, with a network or otherwise, is not "
            f"judged.{' ' * bool(self.remark)}{self.remark}"
        )


def _example(*given: object) -> str:
    """Return the call of `check` that was probably meant."""
    task = TASKS.meant(*given)
    return f'check("{task.id}", {task.function})'


@called_as(_example)
def check(
    id: str, function: Callable[..., Any] | None = None, *, hidden: bool = False
) -> Passed | Reached | None:
    """Check a learner's function, and name the mistake if there is one.

    The function is called on copies of several cases, some of them special (one example, one
    output, equal sizes, saturated units, units on a kink, integer arrays). Its answers are
    compared with the reference, which is itself compared with a second opinion: finite
    differences of R, or the sum written out. A wrong answer is compared with every known
    mistake. The expected array is never shown.

    The function is called once for each case, and twice more for the first. If it appends to a
    list of the notebook, the list grows with each of these calls. To find out what is wrong, the
    function is called more often; what those calls change in lists, dictionaries, arrays and
    global names of the notebook is undone.

    A challenge has no reference to compare with. The function learns from real data, and must do
    well on other examples within a given time.

    Parameters
    ----------
    id : str
        Which exercise, e.g. ``"eq4"``; ``bplab.equations()`` lists them.
    function : callable
        The learner's function, with the signature of the starter.
    hidden : bool
        Use the hidden cases, drawn from the instructor's secret in the environment variable
        ``BPLAB_SECRET``, and show none of their numbers. For grading.

    Returns
    -------
    Passed, Reached or None
        What the function was compared with, or what it achieved. None while nbgrader grades or
        validates, because nbgrader reads a cell's result as a number of points.

    Raises
    ------
    CheckFailed
        If the function is not right. In a notebook only the message is shown.
    ValueError
        If there is no such exercise, or ``function`` is not a function.
    """
    if not isinstance(id, (str, int)):
        raise LearnerError(
            "check takes the id of an exercise first, then your function: "
            f"{_example(id, function)}; got {came(id)} first"
        )
    exercise = TASKS[str(id)]
    if not callable(function):
        without = "quotation marks" if isinstance(function, str) else "brackets"
        raise LearnerError(
            f'check("{id}", …) takes the function itself, without {without}: '
            f"{_example(id)}; got {came(function)}"
        )
    if hasattr(function, "bplab_mine") and (why := not_written_here(function, exercise.notebook)):
        raise LearnerError(f'check("{exercise.id}", …) takes a function of this notebook: {why}')
    began = process_time()
    with _patience(exercise, quiet=hidden or _grading()), _judged_in(exercise.notebook):
        result, at, share, trial = _try(exercise, Here(function), hidden)
    finding, in_a_row = result if isinstance(result, Finding) else None, 1
    last: Last | None = None
    if not (hidden or _grading()):
        if finding is None or (finding.name != "not-written" and _is_named(function, exercise)):
            in_a_row = record_try(exercise, finding.name if finding else "").in_a_row
        if not isinstance(result, Finding):
            result = _kept(result, function)
        _last[exercise.id] = last = (
            Last(at or 0, finding, trial, process_time() - began) if finding else None
        )
    if isinstance(result, Finding):
        search = last.search if last and has_no_place(exercise, result) else None
        failed = CheckFailed(exercise, result, hidden=hidden, in_a_row=in_a_row, search=search)
        _leave_record(exercise, failed.args[0], result, share)
        raise failed
    if _grading():
        _leave_record(exercise, result.english, None, share)
        return None
    if _validating():
        from IPython.display import display

        display(result)  # type: ignore[no-untyped-call]
        return None
    return result


def _kept(result: Passed | Reached, function: Callable[..., Any]) -> Passed | Reached:
    """Keep a function that has passed; return the result with what follows from that.

    It says why the function cannot be kept, or that its lines can now be explained.
    """
    if stays := keep(result.exercise, function):
        return replace(result, remark=f"{result.remark} {stays}".lstrip())
    if isinstance(result, Passed) and (noted := tries_of(result.exercise)).passed:
        return replace(result, to_explain=not noted.explained and is_kept(result.exercise))
    return result


STOPPED = "interrupted"


class StoppedEarly(Told, KeyboardInterrupt):
    """Ctrl-C was pressed while the check itself was at work, not the learner's function."""

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows instead of a traceback: only the message."""
        return [str(self)]


@contextmanager
def _judged_in(notebook: str) -> Iterator[None]:
    """While a notebook's function is checked, let `mine` hold what it holds when that is graded."""
    JUDGED.append(notebook)
    try:
        yield
    finally:
        JUDGED.pop()


@contextmanager
def _patience(task: Task, *, quiet: bool) -> Iterator[None]:
    """Say how to stop a function that runs for long and, if it is stopped, where it was.

    ``quiet`` is for grading: nobody reads the message, and an interrupt must reach the caller.
    """
    if quiet:
        yield
        return
    running.spent = 0.0

    def words(seconds: float) -> str:
        if (case := running.case) is None:
            return ""
        ran = f"{task.id}: {task.function} has been running for {seconds:.0f} seconds"
        return f"{ran}, now in case {case}. To stop it, {stop}."

    stop = how_to_stop()
    try:
        with watched(running.seconds, words, LONG):
            yield
    except Interrupted as stopped:
        raise CheckFailed(task, _stopped(task, stopped), hidden=False) from None
    except KeyboardInterrupt:
        raise StoppedEarly(f"{task.id}: stopped before there was a verdict.") from None


def _stopped(task: Task, stopped: Interrupted) -> Finding:
    """Say where a function was when it was stopped; `failing_case` then gives that case."""
    cases = visible_cases(task) if isinstance(task, Exercise) else []
    at = next((i for i, case in enumerate(cases) if case is stopped.case), None)
    if at is not None:
        _last[task.id] = Last(at, None, None)
    where = f" It was in {stopped.where}" if stopped.where else ""
    return Finding(
        STOPPED,
        f"You stopped your function: it had been running for {stopped.seconds:.1f} seconds.",
        f"If it does not come to an end, print what its loop waits for.{where}",
        "code",
        "" if at is None else f"Case {stopped.case}.",
    )


def _is_named(function: Callable[..., Any], exercise: Task) -> bool:
    """Whether the function has the name that the notebook asks for.

    A function of another name that fails does not count as a try.
    """
    return getattr(function, "__name__", exercise.function) == exercise.function


@dataclass
class Last:
    """What the last check of an exercise found.

    Attributes
    ----------
    at : int
        The case that failed.
    finding : Finding or None
        Why it failed; None if the check was stopped.
    trial : Trial or None
        For the search for the wrong line; None if there is no line to look for.
    seconds : float
        Processor time of the check.
    """

    at: int
    finding: Finding | None
    trial: Trial | None
    seconds: float = 0.0

    @cached_property
    def search(self) -> Search | None:
        """The search for the wrong line, made on first use; None if there is no line to find."""
        if (trial := self.trial) is None:
            return None
        return Search(trial, _judged_in(trial.exercise.notebook), self.at, self.seconds)


_last: dict[str, Last | None] = {}  # by the id of each exercise checked; None if it has passed


def last_check(task: Task) -> Last:
    """Return what failed in the last check of this session.

    Raises
    ------
    NoFailingCase
        If there was no check, or the last one passed.
    """
    if task.id not in _last:
        raise NoFailingCase(
            f"There was no check of {task.id} in this session. First: {_example(task.id)}"
        )
    last = _last[task.id]
    if last is None:
        raise NoFailingCase(f"The last check of {task.id} has passed: there is no failing case.")
    return last


class _Judged(NamedTuple):
    """The outcome of a check: the result, the case that fails, the share of points, the trial."""

    result: Passed | Reached | Finding
    at: int | None
    share: float
    trial: Trial | None = None


def _try(task: Task, learner: Here, hidden: bool) -> _Judged:
    if isinstance(task, Challenge):
        rng = _generator(task, hidden)
        tried, finding = judge(task, learner, rng, hidden=hidden)
        if finding:
            if not _grading():
                return _Judged(finding, 0, 0.0)
            share = challenge_credit(task, learner, tried, finding, rng, hidden=hidden)
            return _Judged(finding, 0, share)
        reached = Reached(task, tried.accuracy, len(tried.split.classes), tried.seconds)
        return _Judged(reached, None, 1.0)
    assert isinstance(task, Exercise)
    cases = task.cases(_generator(task, hidden)) if hidden else visible_cases(task)
    trial = Trial.run(task, learner, cases, secret=hidden)
    function = learner.function
    with put_back(function) if may_leave_traces(function) else nullcontext():
        if finding := diagnose(trial):
            share = credit(trial, finding) if _grading() else 0.0
            searched = not (hidden or _grading() or finding.name in NAMED_OTHERWISE - {UNFILLED})
            return _Judged(finding, _shown(trial, finding), share, trial if searched else None)
        said = "" if hidden or _grading() else remark(trial)
    passed = Passed(task, len(trial.cases), _agreement(trial), said, bool(trial.single))
    return _Judged(passed, None, 1.0)


def _shown(trial: Trial, finding: Finding) -> int:
    """The index of the case that the message mentions, else of the first wrong one, else 0."""
    spoken = [i for i, case in enumerate(trial.cases) if str(case) in finding.seen]
    wrong = [i for i in range(len(trial.cases)) if not trial.right(i)]
    return [*spoken, *wrong, 0][0]


UNFILLED = "not-filled"

NAMED_OTHERWISE = frozenset(
    {
        "argument-changed",
        UNFILLED,
        "not-written",
        "numerical-derivative",
        "remembers",
        "wrong-signature",
    }
)
"""Findings that a look at a case does not make clearer."""


def has_no_place(task: Task, finding: Finding) -> bool:
    """Whether the finding leaves open what is wrong, or where: a search for the line may help."""
    looked = finding.name == UNFILLED or _worth_a_look(task, finding)
    return looked and finding.name not in PLACED | {"too-slow"}


def _another_look(task: Task, finding: Finding, in_a_row: int) -> list[str]:
    """Return lines on how to look closer: at the arrays, or in a panel if a mistake stays."""
    arrays = f'case = failing_case("{task.id}")'
    if in_a_row >= PATIENCE and finding.name not in NAMED_OTHERWISE:
        if cell := look(task, finding.name):
            lines = (f"{QUOTED}{line}" for line in cell)
            return ["The same mistake again. To see your function at work, in a cell:", *lines]
        return [f"The same mistake again. To look at its arrays: {arrays}"]
    return [f"To look at it: {arrays}"] if _worth_a_look(task, finding) else []


def _worth_a_look(task: Task, finding: Finding) -> bool:
    """Whether the mistake has no name, so that a look at the arrays may help."""
    if finding.name == STOPPED:
        return bool(finding.seen)
    return finding.name not in NAMED_OTHERWISE and not task.is_known(finding.name)


def _generator(exercise: Task, hidden: bool) -> np.random.Generator:
    kind = hidden_kind(os.environ.get("BPLAB_SECRET", "")) if hidden else VISIBLE
    return generator(exercise, kind)


def _agreement(trial: Trial) -> float:
    """Largest difference between answers and second opinions, over the part's largest entry."""
    worst = 0.0
    for case, answer in zip(trial.cases, trial.came, strict=True):
        opinions = known_answers(trial.exercise, case).second_opinion
        for part, opinion in zip(answer.arrays or (), opinions, strict=True):
            if opinion is None:
                continue
            scale = np.abs(opinion).max() or float(case.all_zero)
            if scale == 0:
                # where everything is zero nothing can be checked: the case is at fault
                raise RuntimeError(f"{trial.exercise.id}: all zero in case {case}")
            worst = max(worst, float(np.abs(part - opinion).max() / scale))
    return max(worst, float(np.finfo(float).eps))


def _grading() -> bool:
    return os.environ.get("NBGRADER_EXECUTION") == "autograde"


def _validating() -> bool:
    return os.environ.get("NBGRADER_EXECUTION") == "validate"


def _leave_record(exercise: Task, text: str, found: Finding | None, share: float) -> None:
    """While nbgrader grades, leave a machine-readable line for class reports in the output."""
    if _grading():
        from IPython.display import display

        record = {"exercise": exercise.id, "passed": found is None, "mistake": None}
        record |= {"points": points_for(share, exercise.points), "max_points": exercise.points}
        if found is not None:
            record |= {"mistake": found.name, "says": found.says, "hint": found.hint}
            record |= {"step": str(found.subgoal)}
        shown = text if found is None else f"{exercise.id}: {found.name}"
        display({"text/plain": shown, RECORD_TYPE: record}, raw=True)  # type: ignore[no-untyped-call]
