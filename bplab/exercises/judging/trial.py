"""The answers to the test cases: the learner's, the reference's, and those of known mistakes.

How answers are compared is decided here too: when two numbers are near enough to count as equal.
A `Finding` says why an answer is not right.
"""

import warnings
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import cached_property
from time import perf_counter
from types import CodeType, FunctionType, ModuleType
from typing import Any, Protocol

import numpy as np

from bplab.exercises.judging.source import held
from bplab.exercises.steps import Memory, Variant
from bplab.exercises.task import (
    Case,
    Challenge,
    ChangedCase,
    Exercise,
    Mistake,
    Part,
    Split,
    Task,
)
from bplab.languages import english
from bplab.learner import (
    MAKES,
    Answer,
    Cause,
    Form,
    Interrupted,
    Lesson,
    NoNumbers,
    Raised,
    answer_if_changed,
    answer_if_straight,
    answer_if_unknown,
    answer_with_other_imaginaries,
    answer_with_other_values,
    as_parts,
    call,
    cure_of,
    lesson,
    names_in,
    own_functions,
    raises,
    stops,
    what_was_there,
    writes_into,
)

BY_DIFFERENCES = 1e-7
"""An exercise with a larger tolerance than this asks for finite differences themselves."""

ROUNDING = 2e-14
"""A difference up to this, relative to the largest entry, is only rounding."""

DISTINCT = 4
"""Two answers with at least this many different numbers are not equal by chance."""

AXES = {"N": "example", "K": "output", "M": "hidden unit", "p": "feature"}
AXES |= {"M_{d-1}": "input", "M_{D-1}": "input"}  # the inputs of a layer: X for the first, else Z


# --- a learner's function, wherever it runs -----------------------------------------------


class Learner(Protocol):
    """A learner's function, here or elsewhere: all the ways in which it is called."""

    def answers(self, exercise: Exercise[Any], cases: Sequence[Case]) -> list[Answer]:
        """Call it on copies of each case's values in turn, and return the outcomes."""

    def answer_if_changed(self, exercise: Exercise[Any], case: Case) -> Answer | None:
        """Call it with activations whose values are changed everywhere but at the case's points.

        No formula needs values elsewhere. None if the function asks for none.
        """

    def answer_with_other_imaginaries(self, exercise: Exercise[Any], case: Case) -> Answer | None:
        """Call it with the imaginary numbers in its code changed; None if it has none."""

    def answer_with_other_values(
        self, exercise: Exercise[Any], case: Case, which: str
    ) -> Answer | None:
        """Call it with other values for the functions that it uses.

        ``which`` is ``"smooth"``, ``"straight"`` or ``"own"``: see
        `bplab.learner.answer_with_other_values`. None if it uses no such function.
        """

    def learn(self, challenge: Challenge, split: Split, seconds: float) -> Lesson:
        """Give it a lesson on copies of the split's arrays."""


@dataclass(frozen=True)
class Here:
    """A function of this process."""

    function: Callable[..., Any]

    @property
    def may_borrow(self) -> bool:
        """Whether its code may read names of the notebook other than modules and classes.

        True can be a false alarm: an attribute may have the same name. Callers that need certainty
        look closer.
        """
        code = getattr(self.function, "__code__", None)
        if not isinstance(code, CodeType):
            return False
        notebook = self.function.__globals__
        return any(isinstance(constant, CodeType) for constant in code.co_consts) or any(
            not isinstance(notebook.get(name, type), (type, ModuleType)) for name in code.co_names
        )

    def functions(self) -> list[FunctionType]:
        """Return the function, and the functions of its notebook that it looks up.

        The list is empty if it is not a Python function. Functions that are defined inside one are
        part of its code: see `bplab.learner.names_in`.
        """
        return own_functions(self.function)

    @property
    def may_leave_unfilled(self) -> bool:
        """Whether its code may make arrays that are not filled, as np.empty does."""
        return any(not MAKES.isdisjoint(names_in(one.__code__)) for one in self.functions())

    def answers(self, exercise: Exercise[Any], cases: Sequence[Case]) -> list[Answer]:
        """See `Learner`."""
        return [answer(exercise, self.function, case) for case in cases]

    def answer_if_changed(self, exercise: Exercise[Any], case: Case) -> Answer | None:
        """See `Learner`."""
        given = case.arguments(exercise.arguments)
        return answer_if_changed(self.function, given, exercise.forms(case), case.points)

    def answer_with_other_imaginaries(self, exercise: Exercise[Any], case: Case) -> Answer | None:
        """See `Learner`."""
        given = case.arguments(exercise.arguments)
        return answer_with_other_imaginaries(self.function, given, exercise.forms(case))

    def answer_with_other_values(
        self, exercise: Exercise[Any], case: Case, which: str
    ) -> Answer | None:
        """See `Learner`."""
        given = case.arguments(exercise.arguments)
        return answer_with_other_values(self.function, given, exercise.forms(case), which)

    def answer_if_straight(self, exercise: Exercise[Any], case: Case) -> Answer | None:
        """Call it with activations that are straight lines near the case's points; see `watch`."""
        given = case.arguments(exercise.arguments)
        return answer_if_straight(self.function, given, exercise.forms(case), case.points)

    def answer_if_unknown(self, exercise: Exercise[Any], case: Case, name: str) -> Answer:
        """Call it with a name that it cannot know for the activations in one argument."""
        given = case.arguments(exercise.arguments)
        return answer_if_unknown(self.function, given, exercise.forms(case), name)

    def learn(self, challenge: Challenge, split: Split, seconds: float) -> Lesson:
        """See `Learner`."""
        return lesson(self.function, split.arguments(), seconds)


class Running:
    """The call that is running: its case, since when, and how long earlier calls took."""

    case: Case | None = None
    since = spent = 0.0

    def seconds(self) -> float:
        """Return for how many seconds functions have run since ``spent`` was set to 0."""
        return self.spent + (perf_counter() - self.since) * (self.case is not None)


running = Running()


def answer(exercise: Exercise[Any], function: Callable[..., Any], case: Case) -> Answer:
    """Call a function of this process on copies of the case's values and return the outcome."""
    given, forms = case.arguments(exercise.arguments), exercise.forms(case)
    running.since, running.case = perf_counter(), case
    try:
        return call(function, given, forms)
    except Interrupted as stopped:
        stopped.case = case
        raise
    finally:
        running.spent, running.case = running.seconds(), None


# --- a learner's function on every case ---------------------------------------------------


@dataclass(frozen=True)
class Trial:
    """The answers of a learner's function to every case, with those of the reference."""

    exercise: Exercise[Any]
    learner: Learner
    cases: Sequence[Case]
    answers: Sequence[Answer]
    references: Sequence[tuple[np.ndarray, ...]]
    again: Sequence[Answer]  # to the first case: after all the others, and right after that
    single: frozenset[int] = frozenset()  # cases with answers that are right in single precision
    came: Sequence[Answer] = ()  # the answers themselves; for `single`, `answers` has right ones
    secret: bool = False  # whether nothing of the cases may be shown

    @classmethod
    def run(
        cls,
        exercise: Exercise[Any],
        learner: Learner,
        cases: Sequence[Case],
        references: Sequence[tuple[np.ndarray, ...]] = (),
        *,
        secret: bool = False,
    ) -> "Trial":
        """Call the function on every case, and twice more on the first.

        ``references`` are the right answers if they are known; else they are computed.
        """
        *answers, again, at_once = learner.answers(exercise, [*cases, cases[0], cases[0]])
        references = references or right_answers(exercise, cases)
        settled = _settled(exercise, learner, cases, answers, references)
        repeated = [
            settled[0] if alike(answer, answers[0], 0, 0) else answer for answer in (again, at_once)
        ]
        single = frozenset(i for i, answer in enumerate(answers) if settled[i] is not answer)
        return cls(exercise, learner, cases, settled, references, repeated, single, answers, secret)

    def likeness(self, i: int) -> "Likeness":
        """Return the answer to case ``i`` in a form that is quick to compare with many others."""
        return self._likenesses[i]

    @cached_property
    def _likenesses(self) -> list["Likeness"]:
        return [Likeness(answer) for answer in self.answers]

    def size(self, i: int) -> float:
        """Return the largest absolute value in the right answer to case ``i``."""
        return self._sizes[i]

    @cached_property
    def _sizes(self) -> list[float]:
        return [float(max(np.abs(part).max() for part in right)) for right in self.references]

    @cached_property
    def finite(self) -> bool:
        """Whether every number in the answers is finite."""
        arrays = (array for answer in self.answers for array in answer.arrays or ())
        return all(np.isfinite(array).all() for array in arrays)

    def all_right(self) -> bool:
        """Whether every answer is right."""
        return all(self.right(i) for i in range(len(self.cases)))

    def right(self, i: int) -> bool:
        """Whether the answer to case ``i`` is right in number, shape and value of its parts."""
        return all(self.part_right(k, i) for k in range(len(self.exercise.parts)))

    def part(self, k: int, answer: Answer) -> tuple[np.ndarray, ...] | None:
        """Return part ``k`` of an answer: its array, or its arrays layer by layer.

        None if something in it is not an array of numbers, or if there are more or fewer parts
        than there should be: then nobody can tell which part is which.
        """
        return _part(self.exercise, k, answer)

    def right_answer(self, i: int) -> Answer:
        """Return the right answer to case ``i``."""
        parts = range(len(self.exercise.parts))
        return Answer(tuple(self.right_part(k, i) for k in parts))

    def right_part(self, k: int, i: int) -> tuple[np.ndarray, ...]:
        """Return part ``k`` of the right answer to case ``i``: its array, or one for each layer."""
        where = places(self.exercise, self.cases[i])[k]
        return self.references[i][where.start : where.stop]

    def part_right(self, k: int, i: int) -> bool:
        """Whether part ``k`` of the answer to case ``i`` is right, in every layer."""
        if (k, i) not in self._found:
            self._found[k, i] = self._part_right(k, i)
        return self._found[k, i]

    @cached_property
    def _found(self) -> dict[tuple[int, int], bool]:
        return {}

    def _part_right(self, k: int, i: int) -> bool:
        came, right = self.part(k, self.answers[i]), self.right_part(k, i)
        return (
            came is not None
            and len(came) == len(right)
            and all(
                a.shape == b.shape and right_entries(a, b, self.exercise.rtol).all()
                for a, b in zip(came, right, strict=True)
            )
        )

    def kept(self) -> int | None:
        """Return a case that has exactly the answer of the first case; None if there is none.

        One of the two answers is right, the other wrong. Both are ordinary cases, in which every
        argument matters, so no formula gives the same answer to both: one of them was kept.
        """
        first = self.answers[0].arrays
        if first is None or len({x for array in first for x in array.flat}) < DISTINCT:
            return None
        for i, case in enumerate(self.cases):
            arrays = self.answers[i].arrays
            if i and not case.special and arrays is not None and len(arrays) == len(first):
                same = all(map(np.array_equal, first, arrays))
                if same and self.right(i) is not self.right(0):
                    return i
        return None

    def right_parts(self) -> list[Part]:
        """Return the parts that are right in every case."""
        parts, cases = self.exercise.parts, range(len(self.cases))
        return [p for k, p in enumerate(parts) if all(self.part_right(k, i) for i in cases)]

    def right_words(self) -> str:
        """Say which parts are right, to begin a message with; an empty string if none is.

        If a wrong part is nearly right, only parts that are exact but for rounding are called
        right. The others may have the same error, too small to be seen in them: they are said to
        be within the tolerance.
        """
        right = self.right_parts()
        exact = right if self.exercise.rtol > BY_DIFFERENCES else self._within(right, ROUNDING)
        if len(exact) < len(right) and len(self._within(self.exercise.parts, 1e-5)) == len(right):
            exact = right
        within = [part for part in right if part not in exact]
        return "".join(
            f"{', '.join(part.name for part in parts)} {'are' if len(parts) > 1 else 'is'} {what}. "
            for parts, what in ((exact, "right"), (within, "within the tolerance"))
            if parts
        )

    def _within(self, parts: Sequence[Part], tol: float) -> list[Part]:
        """Return the parts that are right to within ``tol``, relative to their largest entries."""
        return [
            part
            for k, part in enumerate(self.exercise.parts)
            if part in parts
            and all(
                all_near(self.part(k, answer), self.right_part(k, i), tol)
                for i, answer in enumerate(self.answers)
            )
        ]

    def advice(self, mistake: Mistake) -> str:
        """Return what to do about a mistake, with the slips that the function's code allows."""
        return mistake.advice(self.held) if mistake.slips else mistake.hint

    @cached_property
    def held(self) -> frozenset[str] | None:
        """The constructs and names in the function's code; None if it cannot be read."""
        return held(self.learner.functions()) if isinstance(self.learner, Here) else None

    def seen(self) -> str:
        """Say what the first wrong entry is, what the second opinion says, and no more.

        An empty string if the cases are secret: then no second opinion is computed either.
        """
        if self.secret:
            return ""
        for case, answer in zip(self.cases, self.answers, strict=True):
            # the rows of one array may pass for parts in one case: another case shows the count
            count, due = len(answer.arrays or ()), len(self.exercise.arrays(case))
            if answer.arrays is not None and count != due:
                if count == 1:
                    return f"Case {case}: your function returns 1 array, and {due} are due."
                if due == 1:
                    return f"Case {case}: your function returns {count} arrays, and 1 is due."
                return f"Case {case}: your function returns {count} arrays, and {due} are due."
        for i, case in enumerate(self.cases):
            parts = self.answers[i].arrays
            if self.right(i) or parts is None:
                continue
            arrays = self.exercise.arrays(case)
            opinions = known_answers(self.exercise, case).second_opinion
            for part, came, right, opinion in zip(
                arrays, parts, self.references[i], opinions, strict=True
            ):
                if came.shape != right.shape:
                    shapes = f"should have shape {right.shape}; got {came.shape}"
                    return f"Case {case}: {part.name} {shapes}."
                wrong = np.argwhere(~right_entries(came, right, self.exercise.rtol))
                if len(wrong) == 0 or opinion is None:
                    continue
                index = tuple(int(j) for j in wrong[0])
                shown = told_apart(came[index], np.asarray(opinion)[index])
                judge = self.exercise.judge
                say = "say" if judge.startswith(("finite differences", "steps")) else "says"
                return (
                    f"Case {case}: {entry_words(part, index)} is {shown[0]}; {judge} {say} "
                    f"{shown[1]}."
                )
        return ""


def _part(exercise: Exercise[Any], k: int, answer: Answer) -> tuple[np.ndarray, ...] | None:
    if len(answer.parts) != len(exercise.parts):
        return None
    arrays = tuple(item for item in answer.parts[k] if not isinstance(item, NoNumbers))
    return arrays if len(arrays) == len(answer.parts[k]) else None


def right_answers(exercise: Exercise[Any], cases: Sequence[Case]) -> list[tuple[np.ndarray, ...]]:
    """Return the reference's arrays, case by case."""
    return [known_answers(exercise, case).right for case in cases]


def _reference(exercise: Exercise[Any], case: Case) -> tuple[np.ndarray, ...]:
    value = exercise.reference(*case.arguments(exercise.arguments).values())
    arrays = Answer(as_parts(value, exercise.forms(case))).arrays
    return tuple(np.asarray(array, dtype=np.float64) for array in arrays or ())


def told_apart(a: float, b: float) -> tuple[str, str]:
    """Write two numbers with enough digits to show that they differ: six, or more.

    If the first is only what rounding left of zero, its digits mean nothing: only its size is said.
    """
    if 0 < abs(a) <= 1e-14 * abs(b) < np.inf:
        return f"0, within {10.0 ** (round(np.log10(abs(b))) - 13):.0e}", f"{b:.6g}"
    for digits in range(6, 17):
        both = f"{a:.{digits}g}", f"{b:.{digits}g}"
        if both[0] != both[1]:
            break
    first, second = (text.replace("nan", "NaN").replace("inf", "infinity") for text in both)
    return first, second


def entry_words(part: Part, index: tuple[int, ...]) -> str:
    """Name an entry in words: ``grad_beta[0, 2] (output 1, weight of hidden unit 2)``."""
    words = []
    for axis, i in zip(part.axes, index, strict=True):
        kind = AXES.get(axis.removesuffix("+1")) or AXES.get(axis[0])
        if kind is None:
            continue  # only a size: the index says enough
        if axis.endswith("+1"):
            words.append("bias" if i == 0 else f"weight of {kind} {i}")
        else:
            words.append(f"{kind} {i + 1}")
    where = f"[{', '.join(map(str, index))}]" if index else ""
    named = f" ({', '.join(words)})" if words else ""
    return f"{part.name}{where}{named}"


# --- the answers of functions with known mistakes, computed once for each case ------------


class KnownAnswers:
    """The answers to one case of the reference and of known wrong functions.

    None of these functions changes its arguments, and nobody changes the arrays that they return.
    What thousands of variants of one program have in common is computed only once.
    """

    def __init__(self, exercise: Exercise[Any], case: Case):
        self._exercise, self._case = exercise, weakref.ref(case)
        self.unseen: dict[int, Sequence[Case]] = {}  # other cases drawn for it: see `numerical`
        self.further: Sequence[Case] = ()  # other cases drawn for it: see `set_apart`
        self._answers: dict[int, tuple[Answer, Callable[..., Any]]] = {}

    @property
    def case(self) -> Case:
        """The case, which its callers keep alive."""
        case = self._case()
        assert case is not None
        return case

    @cached_property
    def right(self) -> tuple[np.ndarray, ...]:
        """The reference's arrays."""
        return _reference(self._exercise, self.case)

    @cached_property
    def second_opinion(self) -> tuple[np.ndarray | None, ...]:
        """The arrays that are found without the reference: see `Exercise.second_opinion`."""
        return self._exercise.second_opinion(self.case)

    @cached_property
    def traits(self) -> frozenset[str]:
        """What is true of the case but not of every case: see `Case.traits`."""
        return self.case.traits(self._exercise.arguments)

    @cached_property
    def reaches(self) -> dict[str, tuple[float, float, float]]:
        """How far each argument reaches: see `reach`."""
        given = self.case.arguments(self._exercise.arguments)
        return {name: reach(value) for name, value in given.items()}

    @cached_property
    def has_integers(self) -> bool:
        """Whether an argument is an array of integers, or holds one."""
        return any(map(holds_integers, self._given))

    @cached_property
    def _memory(self) -> Memory:
        return Memory()

    @cached_property
    def _given(self) -> tuple[Any, ...]:
        return tuple(self.case.arguments(self._exercise.arguments).values())

    @cached_property
    def _forms(self) -> tuple[Form, ...]:
        return self._exercise.forms(self.case)

    def of(self, wrong: Callable[..., Any]) -> Answer:
        """Return the outcome of calling a known function."""
        if id(wrong) not in self._answers:
            # the function is kept, so that no other one gets its id
            self._answers[id(wrong)] = self._call(wrong), wrong
        return self._answers[id(wrong)][0]

    def _call(self, wrong: Callable[..., Any]) -> Answer:
        try:
            # the answer is kept, so it must not depend on who asks first
            with nullcontext() if _is_unwarned() else unwarned():
                if isinstance(wrong, Variant):
                    value = wrong.remembering(self._memory, *self._given)
                else:
                    value = wrong(*self._given)
        except Exception as error:
            return Answer(Raised(type(error).__name__, english(error)))
        return Answer(as_parts(value, self._forms))


_asked: dict[tuple[int, int], KnownAnswers] = {}


def known_answers(exercise: Exercise[Any], case: Case) -> KnownAnswers:
    """Return the known answers to a case.

    They are kept as long as the case, because grading a class asks for them again and again.
    """
    key = id(exercise), id(case)
    if key not in _asked:
        _asked[key] = KnownAnswers(exercise, case)
        weakref.finalize(case, _asked.pop, key, None)
    return _asked[key]


@contextmanager
def unwarned() -> Iterator[None]:
    """Let wrong functions divide by zero and overflow without a warning."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _is_unwarned() -> bool:
    """Whether warnings are off already: thousands of pairs of mistakes are tried in one go."""
    return warnings.filters[:1] == _IGNORED and set(np.geterr().values()) == {"ignore"}


_IGNORED = [("ignore", None, Warning, None, 0)]


# --- when numbers are near enough to be the same ------------------------------------------


def alike(a: Answer, b: Answer, rtol: float = 1e-7, atol: float = 1e-7) -> bool:
    """Whether two calls ended alike: equal arrays, or the same kind of failure."""
    if a is b:  # as where the function with a known mistake is itself judged
        return True
    if a.raised or b.raised:
        return bool(a.raised and b.raised and a.raised.kind == b.raised.kind)
    return [len(part) for part in a.parts] == [len(part) for part in b.parts] and all(
        _alike(x, y, rtol, atol)
        for ours, theirs in zip(a.parts, b.parts, strict=True)
        for x, y in zip(ours, theirs, strict=True)
    )


class Likeness:
    """An answer that is compared with many others: nearly all of them differ at first sight."""

    def __init__(self, answer: Answer):
        self._answer = answer
        arrays = answer.arrays or ()
        self._shapes = [array.shape for array in arrays]
        at = [int(np.argmax(np.abs(array))) if array.size else None for array in arrays]
        self._largest = [
            (k, i, arrays[k].item(i)) for k, i in enumerate(at) if i is not None
        ]  # for each array its index, and the place and value of its largest entry

    def has_shapes_of(self, other: Answer) -> bool:
        """Whether both calls gave arrays, of the same shapes."""
        theirs = other.arrays
        return (
            theirs is not None
            and self._answer.arrays is not None
            and [array.shape for array in theirs] == self._shapes
        )

    def is_like(self, other: Answer) -> bool:
        """Whether both calls ended alike."""
        if self._answer.arrays is None or other.arrays is None:
            return alike(self._answer, other)
        if not self.has_shapes_of(other):
            return False
        for k, i, value in self._largest:
            if abs(value - other.arrays[k].item(i)) > 1e-6 * abs(value):
                return False  # never true with NaN: then all entries are compared
        return alike(self._answer, other)

    def is_near(self, other: Answer, rounding: float, noise: float) -> bool:
        """Whether both calls gave arrays that differ only by rounding, or that hold only noise.

        Parameters
        ----------
        other : Answer
        rounding : float
            How much an entry may be off, in addition to 1e-7 of itself.
        noise : float
            The largest absolute value that an entry of noise may have.
        """
        if self._answer.arrays is None or other.arrays is None or not self.has_shapes_of(other):
            return False

        def near(a: Any, b: Any) -> Any:
            return abs(a - b) <= rounding + 1e-7 * abs(b)

        for k, i, value in self._largest:
            if abs(value) > noise and not near(value, other.arrays[k].item(i)):
                return False
        pairs = [*zip(self._answer.arrays, other.arrays, strict=True)]
        if all(np.abs(part).max(initial=0) <= noise for pair in pairs for part in pair):
            return True
        return all(near(a, b).all() for a, b in pairs)


def _alike(a: np.ndarray | NoNumbers, b: np.ndarray | NoNumbers, rtol: float, atol: float) -> bool:
    if isinstance(a, NoNumbers) or isinstance(b, NoNumbers):
        return isinstance(a, NoNumbers) and isinstance(b, NoNumbers) and a.what == b.what
    return near(a, b, rtol, atol)


def near(a: np.ndarray, b: np.ndarray, rtol: float, atol: float) -> bool:
    """Whether two arrays have the same shape, and every entry agrees (NaN with NaN)."""
    return a.shape == b.shape and bool(close_entries(a, b, rtol, atol).all())


def all_near(came: Sequence[np.ndarray] | None, right: Sequence[np.ndarray], tol: float) -> bool:
    """Whether there are as many arrays as right ones, and each agrees with its own to ``tol``."""
    return (
        came is not None
        and len(came) == len(right)
        and all(near(a, b, tol, tol) for a, b in zip(came, right, strict=True))
    )


def close_entries(a: np.ndarray, b: np.ndarray, rtol: float, atol: float) -> np.ndarray:
    """Which entries of two arrays of one shape agree; ``atol`` is in units of the largest |b|.

    Like `numpy.isclose` with NaN equal to NaN, but in about a third of the time: each answer is
    compared with those of all known mistakes.
    """
    if b.dtype.kind != "f":
        b = b.astype(float)
    size = np.abs(b)
    scale = size.max(initial=0.0)
    if not (all_finite := scale < np.inf):  # infinite, or NaN
        finite = np.isfinite(b)
        scale = size.max(where=finite, initial=0.0)
    with np.errstate(invalid="ignore", over="ignore"):
        near: np.ndarray = np.abs(a - b) <= atol * scale + rtol * size
    if all_finite:
        return near
    return (near & finite) | (a == b) | (np.isnan(a) & np.isnan(b))


def right_entries(part: np.ndarray, reference: np.ndarray, rtol: float) -> np.ndarray:
    """Which entries of a part are right.

    An entry may be off by ``rtol`` of itself plus a hundredth of ``rtol`` of the largest entry in
    its part. Another order of summation differs by 1e-15, a finite difference by 1e-9 or more.
    Where the whole reference is zero, an entry may be off by ``rtol`` / 100.
    """
    if not reference.any():
        return np.asarray(np.abs(part) <= rtol / 100)
    return close_entries(part, reference, rtol, rtol / 100)


def multiple_of_step(
    exercise: Exercise[Any], case: Case, answer: Answer, parts: Iterable[int] | None = None
) -> float | None:
    """Return by which factor an answer takes the right step; None if it is not a multiple of it.

    ``parts`` are the parts that are looked at, by default all.
    """
    if not exercise.moves or answer.arrays is None or len(answer.arrays) != len(exercise.moves):
        return None
    starts = list(case.arguments(exercise.moves).values())
    right = known_answers(exercise, case).right
    if any(a.shape != b.shape for a, b in zip(answer.arrays, right, strict=True)):
        return None
    among = range(len(right)) if parts is None else parts
    came, wanted = (
        np.concatenate([np.ravel(starts[k] - weights[k]) for k in among])
        for weights in (answer.arrays, right)
    )
    c = float(np.vdot(wanted, came) / np.vdot(wanted, wanted)) if wanted.any() else 0.0
    return c if np.isfinite(c) and near(came, c * wanted, 0, 1e-7) else None


# --- functions that work in single precision ----------------------------------------------

SINGLE = float(np.finfo(np.float32).eps)

LOSS = 8
"""How many times the loss of the known ways of writing it, in float32, an answer may lose."""

MOVED = 4
"""How often the arguments are moved, each number by up to one rounding, to measure that loss.

One draw of roundings may lose little by luck; several draws, in several ways of writing it, do not.
"""

TELLING = 8
"""How many entries must round differently in float32 to show which arithmetic was used."""


@dataclass(frozen=True)
class _Rounded(ChangedCase):
    """The case with every array of floats rounded to single precision.

    With ``dtype=np.float64`` the rounded numbers are in arrays of double precision. With ``moved``
    as the seed, each number is moved up or down by one rounding, or left, at random.
    """

    dtype: type[np.floating[Any]]
    moved: int = 0

    def change(self) -> Callable[[str, np.ndarray], np.ndarray]:
        rng = np.random.default_rng(self.moved) if self.moved else None

        def round(name: str, array: np.ndarray) -> np.ndarray:
            if array.dtype.kind != "f":
                return array
            rounded = array.astype(np.float32)
            if rng is not None:
                by = rng.integers(-1, 2, rounded.shape).astype(np.float32)
                rounded = rounded * (1 + np.float32(SINGLE) * by)
            return rounded.astype(self.dtype)

        return round


def _settled(
    exercise: Exercise[Any],
    learner: Learner,
    cases: Sequence[Case],
    answers: Sequence[Answer],
    references: Sequence[tuple[np.ndarray, ...]],
) -> list[Answer]:
    """Replace arrays that are right in single precision by the right arrays.

    Arguments are float64, so float64 is due. But a function may work in float32 from start to end.
    It does so if it gives exactly the same when its arguments are rounded first, and if its answers
    are no better than float32 arithmetic can give: a result of double precision that is rounded at
    the end is better. Such a function is right if it is as near as float32 allows: off by at most
    `LOSS` times the loss that `_lost` finds, part by part.
    """
    asked = [
        i
        for i, came in enumerate(answers)
        if any(getattr(item, "dtype", None) == np.float32 for part in came.parts for item in part)
    ]
    settled = list(answers)
    if not asked:
        return settled
    rounded = [_Rounded(cases[i], np.float64) for i in asked]
    again = learner.answers(exercise, rounded)
    exact = right_answers(exercise, rounded)
    in_single = [_reference(exercise, _Rounded(cases[i], np.float32)) for i in asked]
    losses = [_lost(exercise, cases[i], right) for i, right in zip(asked, exact, strict=True)]
    for k in range(len(exercise.parts)):
        fits: list[tuple[int, int, int]] = []
        own = theirs = 0
        for i, once_more, right, single, loss in zip(
            asked, again, exact, in_single, losses, strict=True
        ):
            where = places(exercise, cases[i])[k]
            came, later = (_part(exercise, k, answer) or () for answer in (answers[i], once_more))
            if not len(came) == len(later) == len(where):
                continue
            for d, j in enumerate(where):
                same = np.array_equal(came[d], later[d], equal_nan=True)
                if not (_may_be_single(came[d], references[i][j]) and same):
                    continue
                nearest = right[j].astype(np.float32)
                reached = single[j].astype(np.float32)
                own += int(np.count_nonzero(came[d] != nearest))
                theirs += int(np.count_nonzero(reached != nearest))
                if (np.abs(came[d] - right[j]) <= LOSS * loss[j]).all():
                    fits.append((i, d, j))
        if theirs >= TELLING and own * TELLING < theirs:
            continue  # computed in double precision, and rounded at the end
        for i, d, j in fits:
            parts = [list(part) for part in settled[i].parts]
            parts[k][d] = references[i][j]
            settled[i] = replace(settled[i], came=tuple(map(tuple, parts)))
    return settled


def _lost(exercise: Exercise[Any], case: Case, exact: tuple[np.ndarray, ...]) -> tuple[float, ...]:
    """Return the largest error of each array in single precision, over all known ways to write it.

    Each way works in float32 on the rounded arguments, and on those moved by one rounding. The loss
    is at least the spacing of float32 at the largest entry.
    """
    lost = [SINGLE * float(np.abs(right).max(initial=0)) for right in exact]
    for way in (exercise.reference, *exercise.ways):
        for moved in range(MOVED + 1):
            given = _Rounded(case, np.float32, moved).arguments(exercise.arguments)
            with unwarned():
                value = way(*given.values())
            arrays = Answer(as_parts(value, exercise.forms(case))).arrays or ()
            for j, (came, right) in enumerate(zip(arrays, exact, strict=True)):
                lost[j] = max(lost[j], float(np.abs(came - right).max(initial=0)))
    return tuple(lost)


def _may_be_single(came: np.ndarray, right: np.ndarray) -> bool:
    return came.dtype == np.float32 and came.shape == right.shape


def holds_integers(value: Any) -> bool:
    """Whether a value is an array of integers, or a list or tuple that holds one."""
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "iu"
    return isinstance(value, (list, tuple)) and any(map(holds_integers, value))


def reach(value: Any) -> tuple[float, float, float]:
    """Return how far an array reaches from 0: either way ([0]), upwards ([1]), downwards ([-1])."""
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "fi" or not value.size:
        return 0.0, 0.0, 0.0
    low, high = float(value.min()), float(value.max())
    return max(high, -low), high, -low


def places(exercise: Exercise[Any], case: Case) -> list[range]:
    """Return, for each part, the indices of its arrays in an answer to this case."""
    counts = [len(part.arrays(case)) for part in exercise.parts]
    return [range(sum(counts[:k]), sum(counts[: k + 1])) for k in range(len(counts))]


# --- why an answer is not right -----------------------------------------------------------


@dataclass(frozen=True)
class Finding:
    """Why an answer is not right: a short name for reports, and words for the learner.

    What matters for the mark is in fields of its own, so that rewording the rest changes no mark.
    """

    name: str
    says: str
    hint: str
    subgoal: str = ""
    seen: str = ""  # evidence from the visible cases; empty when the cases are secret
    forfeits: bool = False  # whether it earns nothing, whatever the numbers are
    begun: bool = False  # whether a challenge is met in part


def not_written(task: Task) -> Finding:
    """Say that the function is still the starter."""
    return Finding(
        "not-written",
        f"{task.function} is not written yet.",
        "Put your own code in place of todo() in its cell, run that cell, then this one.",
        forfeits=True,
    )


def argument_changed(name: str, where: str = "") -> Finding:
    """Say that the function changes an argument, and where it does so if that is known."""
    hint = (
        f"Whoever calls it still needs {name} as it was. Look for {name}[…] = …, an operator such "
        "as += or -=, out=, or a function that works in place, such as .sort(); work on a copy."
    )
    place = f"It happens in {where}" if where else ""
    return Finding(
        "argument-changed",
        f"{writes_into('function', f'its argument {name}')}.",
        f"{hint} {place}".strip(),
        "code",
        forfeits=True,
    )


def has_raised(task: Task, error: Raised, given: str, alone: str) -> Finding:
    """Say which error was raised, where in the learner's own code, and what the function was given.

    ``alone`` says what to do if no line can be named.
    """
    if error.cause is Cause.SIGNATURE:
        hint = f"Keep the first line as it was: def {task.signature}:"
        return Finding("wrong-signature", raises("function", error), hint, "code")
    cure, said = cure_of(error), error.own_words.rstrip(".")
    own = f"Python's own words: {said}{'' if said.endswith('?') else '.'}" if error.cause else ""
    seen = " ".join(filter(None, (what_was_there(error), given, own)))
    where = f"It happens in {error.where}" if error.where else alone
    name = str(error.cause or "raises")
    return Finding(name, stops("function", error), f"{cure} {where}".strip(), "code", seen)
