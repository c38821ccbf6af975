"""What an exercise is: one definition from which everything else is made.

The starter's signature, the visible and the hidden check, the equation map, the points in
the notebooks, and the tests all come from the `Exercise` objects of ``section_*/exercises.py``.
"""

import hashlib
import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from enum import StrEnum
from functools import cached_property, lru_cache
from itertools import combinations
from typing import Any, Generic, TypeVar

import numpy as np

from bplab.by_equation import EQUATIONS, Equation
from bplab.exercises.task.slips import Slip, perhaps
from bplab.exercises.task.traits import clauses, put, shared_clauses, taken
from bplab.learner import Form, copied

MANY = 50
"""Sizes above this are large."""


class Case(ABC):
    """One test case.

    The values are attributes with the names of the learner's parameters. All stored values of a
    forward pass come from the reference, so that a right answer may use any of them.

    Attributes
    ----------
    name : str
        What messages call it, e.g. ``"one example"``; nothing else depends on these words.
    special : bool
        Whether it is a corner case, such as the smallest sizes, a kink, saturation or integers.
        A function that is right in all ordinary cases has the right formula: if it is wrong only
        in special ones, it earns half.
    smooth : bool
        False if a value sits on a kink, where finite differences mean nothing.
    all_zero : bool
        Whether some array of the right answer is zero everywhere.
    neighbours : bool
        Whether the second half of the examples repeats the first half, moved by very little.
    """

    name: str
    special: bool = False
    smooth: bool = True
    all_zero: bool = False
    neighbours: bool = False

    @property
    @abstractmethod
    def sizes(self) -> dict[str, int]:
        """Return the sizes by the paper's letters, such as N, p, M and K."""

    @property
    def setting(self) -> str:
        """What messages say of the case besides its name and sizes, e.g. its activations."""
        return ""

    @property
    def points(self) -> tuple[np.ndarray, ...]:
        """Return the pre-activations A and T: where the forward pass evaluates the activations."""
        A, T = getattr(self, "A", ()), getattr(self, "T", None)
        return (*(A if isinstance(A, tuple) else (A,)), *(() if T is None else (T,)))

    def arguments(self, names: Iterable[str]) -> dict[str, Any]:
        """Return fresh copies of the named values, so that a learner's changes do not stay.

        A kind of case whose values contain arrays has to copy these, too.
        """
        return {name: copied(getattr(self, name)) for name in names}

    def traits(self, names: Iterable[str]) -> frozenset[str]:
        """Return the traits of this case: what is true of it and need not be of others.

        Each is a clause to follow the word "where", such as ``"N = 1"``, ``"sigma is tanh"`` or
        ``"X holds integers"``. They are worked out from the values. If a function is right in
        some cases only, the traits that all of these cases share and no other has are
        ``frozenset.intersection(*right) - frozenset.union(*wrong)``.

        Parameters
        ----------
        names : iterable of str
            The values that the learner is given: an exercise's ``arguments``.
        """
        sizes = list(self.measures.items())
        found = {f"{letter} = 1" for letter, size in sizes if size == 1}
        found |= {f"{a} = {b}" for (a, m), (b, n) in combinations(sizes, 2) if m == n > 1}
        values = {name: getattr(self, name) for name in names if name not in self.measures}
        for name, value in values.items():
            if not isinstance(value, tuple):
                found |= {f"{name} {clause}" for clause in clauses(value)}
                continue
            each = [frozenset(clauses(item)) for item in value]
            found |= {f"each of the {name} {c}" for c in frozenset.intersection(*each)}
            found |= {f"one of the {name} {c}" for c in frozenset.union(*each)}
        return frozenset(found).union(shared_clauses(values), self.own_traits(values))

    def own_traits(self, names: Container[str]) -> Iterable[str]:
        """Return the traits that only this kind of case can have: see `traits`."""
        return ()

    def put(self, trait: str, like: "Case") -> Iterator["Case | None"]:
        """Yield variants of this case with a trait that it lacks; ``like`` is a case that has it.

        None stands for a variant that cannot be made.
        """
        return put(self, trait, like)

    def taken(self, trait: str, other: "Case") -> Iterator["Case | None"]:
        """Yield variants of this case without a trait that it has; ``other`` is a case without it.

        None stands for a variant that cannot be made.
        """
        return taken(self, trait, other)

    @property
    def measures(self) -> dict[str, int]:
        """Return the sizes, by their letters, that may decide whether an answer is right."""
        return self.sizes

    def resized(self, **measures: int) -> "Case | None":
        """Return this case with its arrays cut or extended to other sizes; None if it cannot be."""
        return None

    def changed(self, **values: Any) -> "Case | None":
        """Return this case with other values, and its forward pass computed again from them.

        None if it is not made from values of these names.
        """
        made_of: set[str] = set()
        if is_dataclass(self):
            made_of |= {f.name for f in fields(self) if f.init}
        if not values.keys() <= made_of:
            return None
        return replace(self, **values)  # type: ignore[type-var]

    def with_array(self, name: str, turn: Callable[[np.ndarray], np.ndarray]) -> "Case":
        """Return this case with one array changed, and nothing else, not even what depends on it.

        Large numbers make several arrays large at once. Which of these matters is seen where one
        array alone is made moderate, or large.
        """
        return _OneArray(self, name, turn)

    def varied(self) -> Iterator["Case"]:
        """Yield variants of this case with one thing changed, to see whether that thing matters.

        Two traits may always come together, such as one output and the same activation twice.
        Only a variant then shows which of them decides. There are none here: some kinds of case
        have them.
        """
        yield from ()

    def either_side(self, step: float) -> "tuple[Case, np.ndarray] | None":
        """Return a case of moderate numbers moved by 0, ``step`` and ``-step``, and the direction.

        The three blocks of numbers are stacked row by row. The direction has the shape of one
        block, and is multiplied by the step. None where the answer is not a value with its
        derivative with respect to numbers of the case.
        """
        return None

    def __str__(self) -> str:
        sizes = ", ".join(f"{letter} = {size}" for letter, size in self.sizes.items())
        return f"“{self.name}” ({', '.join(filter(None, (sizes, self.setting)))})"


@dataclass(frozen=True)
class ChangedCase(Case):
    """Another case with each of its arrays changed, and everything else as it is."""

    case: Case

    def __post_init__(self) -> None:
        for name in ("name", "special", "smooth"):
            object.__setattr__(self, name, getattr(self.case, name))

    @property
    def sizes(self) -> dict[str, int]:
        """Return the sizes of the other case."""
        return self.case.sizes

    @property
    def measures(self) -> dict[str, int]:
        """Return the measures of the other case."""
        return self.case.measures

    @abstractmethod
    def change(self) -> Callable[[str, np.ndarray], np.ndarray]:
        """Return a function that takes an argument's name and an array, and returns it changed.

        It is asked for once in each call of `arguments`.
        """

    def arguments(self, names: Iterable[str]) -> dict[str, Any]:
        """Return the other case's values, with every array in them changed."""
        change = self.change()

        def changed(name: str, value: Any) -> Any:
            if type(value) in (list, tuple):
                return type(value)(changed(name, item) for item in value)
            return change(name, value) if isinstance(value, np.ndarray) else value

        return {name: changed(name, value) for name, value in self.case.arguments(names).items()}


@dataclass(frozen=True)
class _OneArray(ChangedCase):
    """Another case with one of its arrays changed."""

    name_of: str
    turn: Callable[[np.ndarray], np.ndarray]

    def __getattr__(self, name: str) -> Any:
        """Return a value of the other case, so that traits can be worked out from it."""
        if name == "case" or name.startswith("__"):
            raise AttributeError(name)
        value = getattr(self.case, name)
        return self.turn(value) if name == self.name_of else value

    def own_traits(self, names: Container[str]) -> Iterable[str]:
        """Return the traits that the other case would have with this array."""
        return type(self.case).own_traits(self, names)

    def change(self) -> Callable[[str, np.ndarray], np.ndarray]:
        return lambda name, array: self.turn(array) if name == self.name_of else array


def fitted(array: np.ndarray, *shape: int) -> np.ndarray:
    """Cut an array to a shape, or extend it by numbers like its own, the same ones every time."""
    kept = array[tuple(map(slice, shape))]
    if kept.shape == shape:
        return kept
    rng = np.random.default_rng(shape)
    more = rng.choice(array.ravel(), shape)
    if (array != np.rint(array)).any():
        more = more * rng.uniform(0.7, 1.3, shape)
    if len(shape) == 2 and not array[:, 0].any():
        more[:, 0] = 0  # weights without biases
    more[tuple(map(slice, kept.shape))] = kept
    return more


SomeCase = TypeVar("SomeCase", bound=Case)
"""The kind of cases that an exercise has."""


class Subgoal(StrEnum):
    """The steps of every backward pass, by the same names everywhere in the course."""

    FORWARD = "forward pass"
    LOSS = "loss"
    DIFFERENCE = "difference quotient"
    RESIDUAL = "residual"
    OUTPUT_DELTA = "output delta"
    WEIGHT_GRADIENT = "weight gradient"
    SEND_BACK = "send back"
    HIDDEN_DELTA = "hidden delta"
    UPDATE = "update"
    DERIVATIVE = "derivative of the activation"
    LOCAL_SLOPE = "slope of one node"
    CODE = "code"


@dataclass(frozen=True)
class Mistake:
    """A known mistake: a wrong variant of the reference, with the words that name it.

    Attributes
    ----------
    name : str
        Short and stable, e.g. ``"no-factor-2"``; reports count mistakes by it.
    subgoal : Subgoal
        The step that goes wrong.
    says : str
        One sentence that names the mistake, and is true of every function with these numbers.
    hint : str
        Why it is wrong, and what is needed.
    wrong : callable
        Takes the arguments of the learner's function, and answers as the mistaken one would.
    alone : bool
        Whether it is too rare to be looked for together with another mistake: each that is not
        ``alone`` adds as many pairs as there are mistakes.
    slips : tuple of Slip
        Code that may lead to it. ``says`` and ``hint`` must not claim it: numbers do not show code.
    part : str
        The part of the answer that ``says`` names, where the answer has several.
    result : str
        A sentence on what it does to the whole answer. It is left out beside a second mistake,
        and where other parts are right.
    because : str
        A sentence on the operation from which NaN comes, where nothing else shows the mistake. It
        is said only of a function in which numpy is seen to meet this operation.
    either_sign : bool
        Whether y − f and f − y give the same with this mistake, or nearly: beside it, a wrong sign
        cannot be recognised.
    """

    name: str
    subgoal: Subgoal
    says: str
    hint: str
    wrong: Callable[..., Any] = field(repr=False)
    alone: bool = False
    slips: tuple[Slip, ...] = ()
    part: str = ""
    result: str = ""
    because: str = ""
    either_sign: bool = False

    @property
    def says_all(self) -> str:
        """Return what is wrong, and what it does to the whole answer."""
        return f"{self.says} {self.result}".rstrip()

    @property
    def says_why(self) -> str:
        """Return what is wrong, and from which operation NaN comes in `wrong`."""
        return f"{self.says} {self.because}".rstrip()

    def advice(self, held: Container[str] | None = None) -> str:
        """Return the hint, and the slips that may have led here: see `perhaps`."""
        return f"{self.hint} {perhaps(self.slips, held)}".rstrip() if self.slips else self.hint


@dataclass(frozen=True)
class Part:
    """One part of an answer: its name and, in the paper's letters, its axes.

    ``Part("grad_beta", "K", "M+1")`` is a (K, M+1) matrix whose first column is the bias. A
    part with ``layered=True`` is a sequence of such arrays, one for each hidden layer.
    """

    name: str
    axes: tuple[str, ...]
    layered: bool = False

    def __init__(self, name: str, *axes: str, layered: bool = False):
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "axes", axes)
        object.__setattr__(self, "layered", layered)

    def __str__(self) -> str:
        return f"{self.name} {self.shape}" if self.axes else f"{self.name}, a single number"

    @property
    def shape(self) -> str:
        """The shape as the notebooks write it, e.g. ``(K, M+1)``."""
        shape = f"({', '.join(self.axes)}{',' * (len(self.axes) == 1)})"
        return f"{shape}, one for each of the D hidden layers" if self.layered else shape

    @property
    def form(self) -> Form:
        """How many axes it has, and whether it has layers."""
        return Form(len(self.axes), self.layered)

    @property
    def wanted(self) -> str:
        """What it should be, to follow the words "it should": ``have shape (K, M+1)``."""
        if self.layered:
            each = f"({', '.join(self.axes)})"
            return f"hold an array of shape {each} for each of the D hidden layers"
        return f"have shape {self.shape}" if self.axes else "be a single number"

    @property
    def has_bias(self) -> bool:
        """Whether the first column belongs to the biases."""
        return bool(self.axes) and self.axes[-1].endswith("+1")

    def arrays(self, case: Case) -> tuple["Part", ...]:
        """Return its arrays in this case: itself, or one for each hidden layer."""
        if not self.layered:
            return (self,)
        return tuple(Part(f"{self.name}[{d}]", *self.axes) for d in range(case.sizes["D"]))


@dataclass(frozen=True, kw_only=True, eq=False)
class Task(ABC):
    """One thing to be written in a notebook and graded.

    Attributes
    ----------
    id : str
        As in the notebooks' cells, e.g. ``"eq4"``; also names its row of the equation map.
    reference : callable
        The library's own function; the learner's has the same name and parameters.
    points : int
        Its points in the gradebook.
    hints : tuple of str
        Three steps towards the answer; the last nearly gives it.
    about : Equation, optional
        In place of a row of the equation map, for a task that is not an equation of the paper.
    """

    id: str
    reference: Callable[..., Any]
    points: int
    hints: tuple[str, str, str] = ("", "", "")
    about: Equation | None = None

    @property
    def _row(self) -> Equation:
        return self.about or EQUATIONS[self.id]

    @property
    def equation(self) -> str:
        """Where the paper has it, e.g. ``"equation (4)"``."""
        return self._row.paper

    @property
    def title(self) -> str:
        """What is to be written, in a few words."""
        return self._row.title

    @property
    def section(self) -> str:
        """The section of the course, e.g. ``"2.1"``."""
        return self._row.section

    @property
    def erratum(self) -> str:
        """The misprint the course points out here, or an empty string."""
        return self._row.erratum

    @property
    def function(self) -> str:
        """The name of the learner's function."""
        return self.reference.__name__

    @cached_property
    def arguments(self) -> tuple[str, ...]:
        """The parameters of the learner's function, in order."""
        parameters = inspect.signature(self.reference).parameters.values()
        return tuple(p.name for p in parameters if p.kind is not p.KEYWORD_ONLY)

    @cached_property
    def known(self) -> frozenset[str]:
        """The names of its known mistakes; a challenge has none."""
        return frozenset(mistake.name for mistake in getattr(self, "mistakes", ()))

    def is_known(self, name: str) -> bool:
        """Whether this is the name of a known mistake, or the names of two joined by ``+``."""
        return self.known.issuperset(name.split("+"))

    @property
    def signature(self) -> str:
        """The starter's first line without the ``def``: ``grad_beta(Y, A, Z, T, F, g)``."""
        return f"{self.function}({', '.join(self.arguments)})"

    @property
    def notebook(self) -> str:
        """The notebook, and the nbgrader assignment, that teaches it."""
        section = self.section
        return f"section_{section.replace('.', '_')}" if section[0].isdigit() else section


@dataclass(frozen=True, kw_only=True, eq=False)
class Exercise(Task, Generic[SomeCase]):
    """One formula to be implemented; its answers are compared with the reference's.

    Attributes
    ----------
    parts : tuple of Part
        What the function returns, in order.
    judge : str
        What messages call the second opinion, e.g. ``"finite differences of R"``.
    second_opinion : callable
        Maps a `Case` to the answer found independently of the reference, array by array (a
        flat tuple; None where it has none for this case).
    mistakes : tuple of Mistake
        The known mistakes, each with answers that differ from those of the others.
    cases : callable
        Makes the test cases from a random generator.
    rtol : float
        How near a right answer is, relatively. The default tells a formula from a finite
        difference.
    formula_wanted : bool
        Whether right numbers earn nothing where they come from numerical derivatives.
    ways : tuple of callable
        Other ways of writing the reference, which lose more digits in single precision.
    explain_points : float
        Points for three questions on the learner's own code, asked where it is handed in; no
        questions if 0. A course may set other points: see `bplab.course.explained`.
    moves : tuple of str
        If the parts are weights after one step with the rate ``gamma``: for each part, the
        argument that holds the weights before the step.
    """

    parts: tuple[Part, ...]
    judge: str
    second_opinion: Callable[[SomeCase], tuple[np.ndarray | None, ...]]
    mistakes: tuple[Mistake, ...]
    cases: Callable[[np.random.Generator], Sequence[SomeCase]]
    rtol: float = 1e-10
    formula_wanted: bool = False
    ways: tuple[Callable[..., Any], ...] = ()
    explain_points: float = 0
    moves: tuple[str, ...] = ()

    @property
    def layered(self) -> bool:
        """Whether some part has an array for each hidden layer."""
        return any(part.layered for part in self.parts)

    def forms(self, case: Case) -> tuple[Form, ...]:
        """Return what each part of the answer to this case should be."""
        return tuple(Form(len(p.arrays(case)[0].axes), p.layered) for p in self.parts)

    def arrays(self, case: Case) -> tuple[Part, ...]:
        """Return the parts, one entry per array: a layered part gives one for each layer."""
        return tuple(array for part in self.parts for array in part.arrays(case))


VISIBLE = "visible"
"""The kind of cases that everybody has."""


def hidden_kind(secret: str, run: str = "") -> str:
    """Return the kind of cases that only the secret's owner can draw; each run has its own."""
    return f"hidden:{secret}" + (f":{run}" if run else "")


def generator(task: Task, kind: str) -> np.random.Generator:
    """Return the generator for the cases of this kind: always the same one."""
    digest = hashlib.sha256(f"{task.id}:{kind}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))


@lru_cache(maxsize=64)
def visible_cases(exercise: Exercise[Any]) -> Sequence[Case]:
    """Return the cases that everybody has, drawn once in a session.

    So what is worked out for them, such as the right answers, is worked out only once. A learner's
    function cannot change them: it is given the copies that `Case.arguments` returns.
    """
    return exercise.cases(generator(exercise, VISIBLE))
