"""The judge, outside of kernels: it holds cases and right answers; a kernel evaluates functions."""

import itertools
import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bplab.activations import Activation, Softmax
from bplab.exercises import (
    EXERCISES,
    TASKS,
    Case,
    Challenge,
    Exercise,
    Finding,
    Split,
    Trial,
    challenge_credit,
    credit,
    diagnose,
    generator,
    hidden_kind,
    judge,
    right_answers,
)
from bplab.grading.judge.wire import Budget, Malformed, Reader, Writer, is_index
from bplab.learner import Answer, Lesson, Raised, changed_elsewhere, raises

__all__ = [
    "Asked",
    "Evaluation",
    "Judged",
    "Oracle",
    "Question",
    "Unusable",
    "lines_of",
    "not_defined",
]

UNSEEN = 3
"""How many cases are drawn for one submission alone."""

_NUMBER = re.compile(r"(?<![\w.,])\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![\w.]*\w)")

GRACE = 5.0
"""Seconds for a challenge besides its lesson: to send the examples, and to stop."""


class Unusable(Exception):
    """A kernel did not give what it was asked for; the message tells the student why.

    Attributes
    ----------
    name : str
        A name like those of mistakes, such as ``"too-slow"``.
    hint : str
        What to do.
    """

    def __init__(self, name: str, says: str, hint: str):
        super().__init__(says)
        self.name, self.hint = name, hint


def not_defined(function: str, why: str = "", hint: str = "") -> Unusable:
    """Return the error that a function does not exist: ``why``, if known, and what to do."""
    if why:
        return Unusable("not-defined", f"There is no function {function}: {why}.", hint)
    return Unusable(
        "not-defined",
        f"There is no function {function} in the notebook.",
        f"Define it in its cell, by this name: def {function}(…). If the cell is there: an error "
        "in it, or further up, may keep it from running.",
    )


@dataclass
class Question:
    """A request to a kernel: to call one function, once or several times.

    Attributes
    ----------
    function : str
        Name of the student's function.
    calls : list
        Descriptions of the calls, as `bplab.grading.judge.agent` takes them.
    buffers : list of bytes
    seconds : float
        Seconds for all calls.
    plain : bool
        Whether activations are sent by name: then the kernel does not ask for their values, and
        nothing is noticed about its use of them.
    more : dict
        What else the message holds.
    elsewhere : list of int
        For each call, how often the function has asked for values of activations elsewhere than
        at the points of the forward pass.
    """

    function: str
    seconds: float
    calls: list[dict[str, Any]] = field(default_factory=list)
    plain: bool = False
    more: Mapping[str, Any] = field(default_factory=dict)
    elsewhere: list[int] = field(default_factory=list)
    _own: list[Callable[..., Any]] = field(default_factory=list, repr=False)

    def __post_init__(self):
        self._writer = Writer()

    @property
    def content(self) -> dict[str, Any]:
        """The content of the message."""
        return {"calls": self.calls, **self.more}

    @property
    def buffers(self) -> list[bytes]:
        """The arrays of the message."""
        return self._writer.buffers

    def plain_value(self, value: Any) -> Any:
        """Describe plain data, for ``more``."""
        self._writer.special = lambda value: None
        return self._writer.value(value)

    def add(
        self,
        what: str,
        given: Mapping[str, Any],
        points: Sequence[NDArray] = (),
        *,
        change: bool = False,
        **more: Any,
    ) -> None:
        """Ask for one more call with these arguments.

        ``points`` are the pre-activations of the forward pass. With ``change=True`` activations
        have other values elsewhere: see `bplab.learner.changed_elsewhere`.
        """
        self.elsewhere.append(0)
        self._writer.special = partial(self._special, given, points, change)
        arguments = [[name, self._writer.value(value)] for name, value in given.items()]
        self.calls.append({"what": what, "arguments": arguments, **more})

    def evaluate(self, content: Any, buffers: Sequence[Any]) -> tuple[dict[str, Any], list[bytes]]:
        """Evaluate a function of the grader's that the kernel asks for.

        Returns
        -------
        dict, list of bytes
            The reply's content and buffers: the value, or the error that the function raises.

        Raises
        ------
        Malformed
            If ``content`` is not such a question.
        """
        reader = Reader(buffers)
        match content:
            case {"number": int(number), "arguments": list(given), "present": list(present)} if (
                is_index(number, len(self._own))
            ):
                arguments = [reader.value(item) for item in given]
                now = reader.named(present)
            case _:
                raise Malformed("no question")
        writer = Writer()
        try:
            with np.errstate(all="ignore"):
                value = self._own[number](arguments, now)
            return {"value": writer.value(value)}, writer.buffers
        except Exception as error:  # the function's own: bad arguments
            return {"raised": [type(error).__name__, str(error)]}, []

    def _special(
        self, given: Mapping[str, Any], points: Sequence[NDArray], change: bool, value: Any
    ) -> dict[str, Any] | None:
        """Describe a function, which stays here, for the kernel to ask for its values.

        Of an activation the slope is evaluated in the kernel.
        """
        if isinstance(value, (Activation, Softmax)) and self.plain:
            return {"activation": str(value)}
        if isinstance(value, (Activation, Softmax)):
            call = len(self.elsewhere) - 1

            def activate(arguments: list[Any], now: Mapping[str, Any]) -> Any:
                (x,) = arguments
                changed, elsewhere = changed_elsewhere(value, x, points)
                self.elsewhere[call] += elsewhere
                return changed if change else value.value(x)

            kind = {"softmax": True} if isinstance(value, Softmax) else {"slope": value.name}
            self._own.append(activate)
            return {"ask": len(self._own) - 1, "with": [], **kind}
        if not callable(value):
            return None
        # a function may hold an array that the student gets, too: it must see changes to it
        held = {
            name: attribute
            for attribute, its in getattr(value, "__dict__", {}).items()
            for name, array in given.items()
            if its is array
        }

        def evaluate(arguments: list[Any], now: Mapping[str, Any]) -> Any:
            moved = {held[name]: array for name, array in now.items() if name in held}
            return (replace(value, **moved) if moved else value)(*arguments)

        self._own.append(evaluate)
        return {"ask": len(self._own) - 1, "with": list(held)}


Asked = tuple[dict[str, Any], Sequence[Any]]
Evaluation = Callable[[Question], Asked]
"""Sends a question to a kernel; returns content and buffers of the reply, or raises `Unusable`."""


@dataclass(frozen=True)
class _InKernel:
    """A student's function, evaluated in the student's kernel: see `Learner`."""

    function: str
    evaluate: Evaluation
    seconds: float
    flags: list[str]
    order: np.random.Generator
    lines: Container[int] = ()
    elsewhere: dict[int, int] = field(default_factory=dict)  # by the case's identity
    budget: Budget = field(default_factory=Budget)

    def answers(self, exercise: Exercise, cases: Sequence[Case]) -> list[Answer]:
        """Ask for the answers in a random order; cases that are repeated come after all others."""
        question = Question(self.function, self.seconds)
        first = {id(case): i for i, case in reversed(list(enumerate(cases)))}
        order = [int(i) for i in self.order.permutation(sorted(first.values()))]
        order += [i for i, case in enumerate(cases) if first[id(case)] != i]
        for i in order:
            given = cases[i].arguments(exercise.arguments)
            question.add("answer", given, cases[i].points, forms=exercise.forms(cases[i]))
        outcomes, reader = self._outcomes(question)
        # the same case may come again: then all calls count
        for i, times in zip(order, question.elsewhere, strict=True):
            self.elsewhere[id(cases[i])] = self.elsewhere.get(id(cases[i]), 0) + times
        answers = dict(zip(order, outcomes, strict=True))
        return [self._answer(reader, answers[i], exercise) for i in range(len(cases))]

    def _answer(self, reader: Reader, outcome: Any, exercise: Exercise) -> Answer:
        """Read an answer, and drop words in it that may be a student's."""
        answer = reader.answer(outcome)
        if answer.changed and answer.changed not in exercise.arguments:
            raise Malformed("an argument that does not exist")
        layered = {k for k, part in enumerate(exercise.parts) if part.layered}
        if any(len(piece) != 1 for k, piece in enumerate(answer.parts) if k not in layered):
            raise Malformed("none or many in place of an array")
        if answer.raised is None:
            return answer
        return replace(answer, came=self._raised(answer.raised))

    def _raised(self, raised: Raised) -> Raised:
        """Keep the line of an error only if it is one of the function's own, in the notebook."""
        number = raised.line.removeprefix("line ")
        known = number.isdecimal() and int(number) in self.lines
        return raised if known else replace(raised, where="")

    def answer_if_changed(self, exercise: Exercise, case: Case) -> Answer | None:
        if not any(self.elsewhere.values()):
            return None
        return self._once("answer", exercise, case, points=case.points, change=True)

    def answer_with_other_imaginaries(self, exercise: Exercise, case: Case) -> Answer | None:
        return self._once("imaginaries", exercise, case)

    def answer_with_other_values(self, exercise: Exercise, case: Case, which: str) -> Answer | None:
        return self._once("other values", exercise, case, which=which)

    def _once(self, what: str, exercise: Exercise, case: Case, **more: Any) -> Answer | None:
        """Have one call evaluated with something changed; None if there is nothing to change."""
        question = Question(self.function, self.seconds)
        given, forms = case.arguments(exercise.arguments), exercise.forms(case)
        question.add(what, given, forms=forms, **more)
        (outcome,), reader = self._outcomes(question)
        return None if outcome is None else self._answer(reader, outcome, exercise)

    def learn(self, challenge: Challenge, split: Split, seconds: float) -> Lesson:
        question = Question(self.function, seconds + GRACE)
        question.add("learn", split.arguments(), seconds=seconds)
        (outcome,), reader = self._outcomes(question)
        lesson = reader.lesson(outcome)
        if lesson.changed and lesson.changed not in challenge.arguments:
            raise Malformed("an argument that does not exist")
        return replace(lesson, raised=lesson.raised and self._raised(lesson.raised))

    def _outcomes(self, question: Question) -> tuple[list[Any], Reader]:
        content, buffers = self.evaluate(question)
        reader = Reader(buffers, budget=self.budget)
        asked = content.get("asked", [])
        self.flags.extend(
            f"{self.function} asked for {name} while it was graded"
            for name in (asked if isinstance(asked, list) else [])[:20]
            if isinstance(name, str) and name.isprintable() and len(name) <= 200
        )
        match content:
            case {"outcomes": list(outcomes)} if len(outcomes) == len(question.calls):
                return outcomes, reader
            case {"undefined": True}:
                raise not_defined(self.function)
            case {"failed": described}:
                return self._failed(reader.answer(described))
        raise Malformed("no outcomes")

    def _failed(self, answer: Answer) -> Any:
        raised = answer.raised
        if raised is None or raised.kind == "Malformed":
            raise Malformed("no outcomes")
        raise Unusable(
            "raises",
            raises("function", self._raised(raised)),
            "It ends the program instead of returning an answer.",
        )


_ONLY_SEEN = Finding(
    "only-seen-cases",
    "Your function is right on the cases that all submissions are tried on, and wrong on others of "
    "the same kind that were drawn for yours alone.",
    "It should work its answer out from what it is given, whatever that is: a formula does. Leave "
    "out answers that are stored, and conditions on single numbers or sizes.",
    "code",
    forfeits=True,
)


@dataclass(frozen=True)
class Judged:
    """The result of a task that was answered.

    Attributes
    ----------
    finding : Finding or None
        Why the answer is not right; None if it is.
    credit : float
        The share of the points, from 0 to 1; 1 only if the answer is right.
    """

    finding: Finding | None
    credit: float


RIGHT = Judged(None, 1.0)


class Oracle:
    """Judges tasks on hidden cases, which it draws once.

    Parameters
    ----------
    secret : str
        The instructor's secret.
    run : str
        Another run has other cases.
    seconds : float
        Seconds for all calls of one exercise.
    partial_credit : bool
        Whether an answer that is not right may earn a share: see `bplab.exercises.judging.credit`.
    """

    def __init__(
        self,
        secret: str,
        run: str = "",
        seconds: float = 30.0,
        partial_credit: bool = True,
    ):
        self._kind = hidden_kind(secret, run)
        self._seconds, self._partial_credit = seconds, partial_credit
        self._prepared = cache(self._prepare)

    def function(self, id: str) -> str:
        """Return the name of the function that a task asks for."""
        return TASKS[id].function

    def drawn(self, ids: Iterable[str], seed: str) -> list[str]:
        """Return tasks in an order drawn from the secret, for the submission of this seed."""
        return sorted(ids, key=lambda id: generator(TASKS[id], f"{self._kind}:{seed}").random())

    def judge(
        self,
        id: str,
        evaluate: Evaluation,
        flags: list[str],
        seed: str = "",
        lines: Container[int] = (),
    ) -> Judged:
        """Judge one task.

        Parameters
        ----------
        id : str
            The task's id.
        evaluate : callable
            See `Evaluation`.
        flags : list of str
            What an instructor should know is appended to it.
        seed : str
            A text that tells submissions apart: some cases are drawn from it.
        lines : container of int
            The lines that may be named as the place of an error.

        Raises
        ------
        Unusable
            If no usable answer came. Whatever else ``evaluate`` raises is passed on.
        """
        task = TASKS[id]
        order = generator(task, f"{self._kind}:order:{seed}")
        learner = _InKernel(task.function, evaluate, self._seconds, flags, order, lines)
        try:
            match task:
                case Challenge():
                    return self._challenge(task, learner)  # its data are not secret
                case Exercise():
                    return _in_few_digits(self._exercise(task, learner, seed))
            raise TypeError(f"{id} is neither an exercise nor a challenge")
        except Malformed as error:
            flags.append(f"{task.function}: what came from its kernel is no answer ({error})")
            raise Unusable(
                "no-numbers",
                "What came back from your function could not be read.",
                "Return arrays of numbers, and leave the notebook's own machinery alone.",
            ) from error

    def _prepare(self, id: str) -> tuple[Sequence[Case], list[tuple[NDArray, ...]]]:
        exercise = EXERCISES[id]
        cases = exercise.cases(generator(exercise, self._kind))
        return cases, right_answers(exercise, cases)

    def _exercise(self, exercise: Exercise, learner: _InKernel, seed: str) -> Judged:
        cases, references = self._prepared(exercise.id)
        trial = Trial.run(exercise, learner, cases, references, secret=True)
        if (finding := diagnose(trial)) is None:
            judged = RIGHT
        else:
            judged = Judged(finding, credit(trial, finding) if self._partial_credit else 0.0)
        if judged.credit and self._only_seen(trial, seed):
            if finding:
                return Judged(finding, 0.0)  # it is wrong on the cases of all submissions, too
            flag = "right on all hidden cases, but not on others drawn for this submission alone"
            learner.flags.append(f"{exercise.function}: {flag}: does it hold answers?")
            return Judged(_ONLY_SEEN, 0.0)
        return judged

    def _only_seen(self, trial: Trial, seed: str) -> bool:
        """Whether a part that is right in every ordinary case is wrong in a few more.

        These are drawn for this submission alone, so no table of answers holds them.
        """
        exercise = trial.exercise
        rng = generator(exercise, f"{self._kind}:unseen:{seed}")
        ordinary = [case for case in exercise.cases(rng) if not case.special]
        some = [ordinary[i] for i in rng.permutation(len(ordinary))[:UNSEEN]]
        if not some:
            return False
        further = Trial.run(exercise, trial.learner, some)
        return any(
            not further.part_right(k, i)
            for k in range(len(exercise.parts))
            if all(trial.part_right(k, i) or c.special for i, c in enumerate(trial.cases))
            for i in range(len(some))
        )

    def _challenge(self, challenge: Challenge, learner: _InKernel) -> Judged:
        rng = generator(challenge, self._kind)
        tried, finding = judge(challenge, learner, rng, hidden=True)
        if finding is None:
            return RIGHT
        if not self._partial_credit:
            return Judged(finding, 0.0)
        share = challenge_credit(challenge, learner, tried, finding, rng, hidden=True)
        return Judged(finding, share)


def _in_few_digits(judged: Judged) -> Judged:
    """Shorten numbers to two digits: a function could hide what it was given in further digits."""
    if judged.finding is None:
        return judged
    says = _NUMBER.sub(_short, judged.finding.says)
    return replace(judged, finding=replace(judged.finding, says=says))


def _short(found: re.Match[str]) -> str:
    number = float(found[0])
    if number and not 1e-4 <= number < 1e4:
        return "a very small number" if number < 1 else "a very large number"
    return f"{number:.2g}" if number < 100 else f"{float(f'{number:.2g}'):.0f}"


# --- a function's lines: found in its text, since no student's program is parsed -------------

LINES = 100
"""How many lines a function may have; no line of a longer one is named."""

DEFINED = 50
"""How many definitions of a function in a cell are looked at; lines of later ones are not named."""


def lines_of(function: str, source: str) -> frozenset[int]:
    """Return the numbers of a function's own lines in a cell; none for a very long function.

    Parameters
    ----------
    function : str
        The function's name.
    source : str
        The cell's text.
    """
    found: set[int] = set()
    if function not in source:
        return frozenset()
    first = re.compile(rf"^([ \t]*)(?:async +)?def +{function}\b", re.MULTILINE)
    for begins in itertools.islice(first.finditer(source), DEFINED):
        lines = source[begins.start() :].split("\n", LINES + 1)[: LINES + 1]
        end = 1
        while end < len(lines) and _goes_on(lines[end], len(begins[1])):
            end += 1
        if end <= LINES:
            start = source.count("\n", 0, begins.start()) + 1
            found.update(range(start, start + end))
    return frozenset(found)


def _goes_on(line: str, indent: int) -> bool:
    """Whether a line belongs to a function of this indent."""
    text = line.lstrip()
    return not text or len(line) - len(text) > indent or line[0] in ")]}#"
