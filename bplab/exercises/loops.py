"""How loops go wrong: the mistakes are made, for every equation, from its indices.

An index of an equation is summed over, or it counts entries of the result. A loop over it may begin
one too late, stop one too early, end after its first pass, run to the size of another index, store
with = instead of +=, or not reset its sum to 0. The effect on the numbers follows from the index
alone: only some terms of a sum, or some entries of an array, remain.

The message says what the numbers show, as in "The sum over i leaves out the first example", and the
hint says what is due. A loop is only one way to get such numbers: see `Slip`. Most of these
mistakes are not combined with others.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bplab.exercises.steps import Array, Piece, Program, WrongStep, each, wrong_variants
from bplab.exercises.task import (
    FROM_1,
    TO_N_1,
    Construct,
    Mistake,
    Slip,
    Subgoal,
    left_early,
    overwritten,
    sums_go_on,
)

__all__ = [
    "DELTA_NOT_RESET",
    "SENT_BACK",
    "SUM_OVER_EXAMPLES",
    "Axis",
    "Sum",
    "arrays",
    "not_reset",
    "of_gradient",
    "rows_run_on",
    "sum_sent_back",
    "sums",
    "until_other",
]

Pieces = Mapping[str, Piece]

# --- an index that is summed over ---------------------------------------------------------


@dataclass(frozen=True)
class Sum:
    """A sum of a program: its index, and the pieces that add only some of its terms.

    Attributes
    ----------
    index : str
        The letter of its index, e.g. ``"k"``.
    one : str
        What the index counts, in the singular.
    subgoal : Subgoal
        The step that the sum belongs to.
    pieces : callable
        ``pieces(terms)`` returns the pieces of the program that add only the terms in a slice.
    without : sequence of str
        Those of ``first``, ``last``, ``only-first`` and ``only-last`` that are named elsewhere.
    """

    index: str
    one: str
    subgoal: Subgoal
    pieces: Callable[[slice], Pieces]
    without: Sequence[str] = ()


_TERMS: dict[str, tuple[str, str, Callable[[str], tuple[Slip, ...]], slice]] = {
    "first": (
        "{index}-first-left-out",
        "The sum over {index} leaves out the first {one}.",
        lambda index: (FROM_1,),
        slice(1, None),
    ),
    "last": (
        "{index}-last-left-out",
        "The sum over {index} leaves out the last {one}.",
        lambda index: (TO_N_1,),
        slice(None, -1),
    ),
    "only-first": (
        "{index}-first-only",
        "Of the sum over {index} only the first {one} is left.",
        lambda index: (
            left_early(f"the loop over {index}"),
            Slip(f"an index 0 that should be {index}"),
        ),
        slice(None, 1),
    ),
    "only-last": (
        "{index}-last-only",
        "Of the sum over {index} only the last {one} is left.",
        lambda index: (
            overwritten(f"the loop over {index}"),
            Slip(f"an index −1 that should be {index}"),
        ),
        slice(-1, None),
    ),
}


def sums(program: Program, *all_sums: Sum) -> tuple[Mistake, ...]:
    """Return, for each sum of a program, the mistakes that add only some of its terms."""
    return tuple(
        Mistake(
            name.format(index=s.index),
            s.subgoal,
            says.format(index=s.index, one=s.one),
            f"The sum runs over all of them: every {s.one} adds a term.",
            program.with_(**s.pieces(terms)),
            alone=kind.startswith("only"),
            slips=slips(s.index),
        )
        for s in all_sums
        for kind, (name, says, slips, terms) in _TERMS.items()
        if kind not in s.without
    )


# --- an index that counts what is returned ------------------------------------------------


@dataclass(frozen=True)
class Axis:
    """An axis of an array that is returned.

    Attributes
    ----------
    index : str
        The letter of its index.
    one : str
        What an entry along the axis belongs to, in the singular.
    bias : bool
        Whether the bias's entry comes first, before that of the first ``one``.
    """

    index: str
    one: str
    bias: bool = False


def _zeroed(axis: int, which: slice) -> Callable[[Array], Array]:
    def zeroed(array: Array) -> Array:
        array = np.array(array)
        np.moveaxis(array, axis, 0)[which] = 0
        return array

    return zeroed


def _left(axis: int, which: slice) -> Callable[[Array], Array]:
    def left(array: Array) -> Array:
        return np.delete(array, which, axis)

    return left


def _first_entries(count: int) -> Callable[[Array], Array]:
    def first_entries(array: Array) -> Array:
        only = np.zeros_like(array)
        only[0, :count] = array[0, :count]
        return only

    return first_entries


def arrays(
    program: Program,
    *axes: Axis,
    part: str = "",
    at: Callable[[Callable[[Array], Array]], Pieces] | None = None,
    subgoal: Subgoal = Subgoal.CODE,
    then: str = "",
    result: str = "",
    missing: bool = True,
) -> tuple[Mistake, ...]:
    """Return, for each axis of an array, the mistakes that fill only part of the array.

    Parameters
    ----------
    program : Program
    *axes : Axis
        The axes of the array, in order.
    part : str
        The name of the array, where the program returns other arrays as well.
    at : callable, optional
        ``at(change)`` returns the pieces of the program that apply ``change`` to the array; by
        default the array is the whole answer.
    subgoal : Subgoal
        The step whose result the array is.
    then : str
        How the sentence goes on, to say where the mistake is.
    result : str
        What the mistake does to the other parts of the answer.
    missing : bool
        Whether entries may also be missing, so that the array is smaller.
    """
    put = at or (lambda change: {"returned": change})
    its: dict[str, Any] = {"part": part, "result": result} if result else {}
    of = f" of {part.replace('-', ' ')}" if part else ""
    suffix = f"-of-{part.removeprefix('the-')}" if part else ""
    found = []
    for n, axis in enumerate(axes):
        line = "entry" if len(axes) == 1 else "column" if n == len(axes) - 1 else "row"
        start = int(axis.bias)
        first, last, rest = slice(start, start + 1), slice(-1, None), slice(start + 1, None)
        loop = f"a loop over {axis.index}"
        each_has = (
            f"Every {axis.one} has {'an entry' if line == 'entry' else f'a {line}'} to be filled"
        )
        rows = [
            ("first-zero", f"first {axis.one} is zero", _zeroed(n, first)),
            ("last-zero", f"last {axis.one} is zero", _zeroed(n, last)),
            ("rest-zero", f"first {axis.one} is the only one filled", _zeroed(n, rest)),
        ]
        if missing:
            rows += [
                ("first-missing", f"first {axis.one} is missing", _left(n, first)),
                ("last-missing", f"last {axis.one} is missing", _left(n, last)),
            ]
        hints = {
            "first": (f"{each_has}, the first one too.", (FROM_1,)),
            "last": (f"{each_has}, the last one too.", (TO_N_1,)),
            "rest": (f"{each_has}.", (left_early(loop),)),
        }
        found += [
            Mistake(
                f"{axis.index}-{name}{suffix}",
                subgoal,
                f"The {line}{of} for the {says}{then}.",
                hints[name.partition("-")[0]][0],
                program.with_(**put(change)),
                alone=True,
                slips=hints[name.partition("-")[0]][1],
                **its,
            )
            for name, says, change in rows
        ]
    if len(axes) > 1:
        filled = {1: ("first-entry-only", "entry"), 2: ("first-entries-only", "two entries")}
        found += [
            Mistake(
                f"{name}{suffix}",
                subgoal,
                f"Only the first {words}{of} {'is' if n == 1 else 'are'} filled: all others are "
                f"zero{then}.",
                "All of the array has to be filled before it is returned.",
                program.with_(**put(_first_entries(n))),
                alone=True,
                slips=(
                    Slip(
                        "a return inside the inner one of two loops, which ends both after their "
                        "first pass",
                        Construct.LEFT,
                    ),
                ),
                **its,
            )
            for n, (name, words) in filled.items()
            if n == 1 or axes[-1].bias
        ]
    return tuple(found)


# --- a loop that runs to the size of another index ----------------------------------------

_SIZES = {"i": "N", "k": "K", "m": "M", "l": "p"}
_COUNTED = {"N": "examples", "K": "outputs", "M": "hidden units", "p": "inputs"}
_AXES = {
    **dict.fromkeys(("X", "inputs"), "Np"),
    **dict.fromkeys(("Y", "T", "F", "delta"), "NK"),
    **dict.fromkeys(("A", "Z"), "NM"),
    **{"alpha": "M", "beta": "K", "weights": "K"},
}
"""The letters of the sizes of each axis, by the name of the array that a function is given."""


@dataclass(frozen=True, eq=False)
class _UntilOther:
    """A program whose loop over one index runs to the size of another."""

    program: Program
    pieces: Callable[[slice], Pieces]
    own: str
    other: str
    axes: Mapping[str, str]

    def __call__(self, *given: Any) -> Any:
        sizes: dict[str, int] = {}
        for name, array in zip(self._names(), given, strict=True):
            sizes |= zip(self.axes.get(name, ""), np.shape(array), strict=False)
        until, size = sizes[self.other], sizes[self.own]
        if until > size:
            raise IndexError(f"index {size} is out of bounds for an axis with size {size}")
        return self.program.with_(**self.pieces(slice(None, until)))(*given)

    def _names(self) -> Sequence[str]:
        return [*inspect.signature(self.program.chain).parameters][1:]


def until_other(
    program: Program,
    index: str,
    subgoal: Subgoal,
    pieces: Callable[[slice], Pieces],
    axes: Mapping[str, str] | None = None,
) -> tuple[Mistake, ...]:
    """Return the mistakes of a loop that runs to the size of another index.

    Where the other size is smaller, terms are left out or entries stay zero; where it is larger,
    the program raises an IndexError.

    Parameters
    ----------
    program : Program
    index : str
    subgoal : Subgoal
    pieces : callable
        ``pieces(terms)`` returns the pieces of the program with only the terms in a slice.
    axes : mapping, optional
        The letters of the sizes of the arguments' axes, where they are not the usual ones.
    """
    axes = {**_AXES, **(axes or {})}
    own = _SIZES[index]
    names = [*inspect.signature(program.chain).parameters][1:]
    letters = dict.fromkeys(letter for name in names for letter in axes.get(name, ""))
    return tuple(
        Mistake(
            f"{index}-until-{other}",
            subgoal,
            f"The index {index} runs to the number of {_COUNTED[other]}, not to that of "
            f"{_COUNTED[own]}.",
            "Where there are fewer of them, something is left out; where there are more, the "
            "index is out of bounds. Take each size from an axis of the array that the index "
            "belongs to.",
            _UntilOther(program, pieces, own, other, axes),
            alone=True,
        )
        for other in letters
        if other != own
    )


def _filled_until(
    n: int, axis: Axis, put: Callable[[Callable[[Array], Array]], Pieces]
) -> Callable[[slice], Pieces]:
    return lambda terms: put(_zeroed(n, slice(terms.stop + axis.bias, None)))


# --- sums that are not reset to 0, and other mistakes in the loops of a step ----------------


def running(array: Array) -> Array:
    """Return each entry plus all entries before it, row by row: the sums are never reset."""
    return np.cumsum(array).reshape(array.shape)


def running_in_rows(array: Array) -> Array:
    """Return each entry plus those before it in its row: the sums are reset at each row."""
    return np.cumsum(array, axis=1)


def not_reset(index: str, of: str) -> tuple[tuple[str, str, str, Callable[[Array], Array]], ...]:
    """Return name, words, hint and effect of sums that run on from one entry to the next.

    ``index`` is the index of the sum, and ``of`` says what each sum is, in the singular. The slips
    to use are those of `sums_go_on`.
    """
    hint = f"Each is a sum over {index} of its own, which begins at 0."
    says = f"Your sums over {index} run on: each {of} holds those before it"
    return (
        (f"{index}-not-reset", f"{says}, too.", hint, running),
        (f"{index}-not-reset-in-a-row", f"{says} in its row, too.", hint, running_in_rows),
    )


SUM_OVER_EXAMPLES = Sum(
    "i",
    "example",
    Subgoal.WEIGHT_GRADIENT,
    lambda terms: {"examples": lambda delta, inputs: (delta[terms], inputs[terms])},
    without=("only-first", "only-last"),
)
"""The sum of every weight gradient.

That only the first or the last example counts is named in `bplab.exercises.steps`.
"""


def sum_sent_back(one: str = "output") -> Sum:
    """Return the sum of sending back: its index k counts outputs, or units of the layer above."""
    return Sum(
        "k",
        one,
        Subgoal.SEND_BACK,
        lambda terms: {"send_back": lambda delta, beta: delta[:, terms] @ beta[terms, 1:]},
        without=("only-first",),
    )


SENT_BACK = tuple(
    WrongStep(
        *(name, says, hint, lambda delta, beta, of=of: of(delta @ beta[:, 1:])),
        alone=True,
        slips=sums_go_on("k"),
    )
    for name, says, hint, of in not_reset("k", "entry")
)
"""How sending back goes wrong in loops."""


DELTA_NOT_RESET = tuple(
    WrongStep(
        f"delta-{name.partition('-')[2]}",
        f"The entries of your delta run on: each holds those before it{row}, too.",
        "Each entry of delta is a product of its own, which nothing is added to.",
        {"store_delta": lambda delta, Y, of=of: of(delta)},
        alone=True,
        slips=(
            Slip("+= in place of = where delta is computed", Construct.ADDS),
            Slip("np.cumsum", "cumsum", "accumulate"),
        ),
    )
    for (name, _, _, of), row in zip(not_reset("k", ""), ("", " in its row"), strict=True)
)
"""An output delta whose entries run on, because they are added to in a loop over the outputs."""


def rows_run_on(mistakes: Sequence[Mistake], *slips: Slip) -> tuple[Mistake, ...]:
    """Return the mistakes for an answer that is the gradient made from delta, without delta itself.

    Sums that run on along a row of delta run on from row to row of the gradient. The numbers do not
    tell which of the two the learner wrote.
    """
    return tuple(
        replace(
            mistake,
            subgoal=Subgoal.CODE,
            says="The rows of your gradient run on: each holds those above it, too.",
            hint="Each row belongs to one output alone.",
            slips=(*slips, Slip("np.cumsum", "cumsum", "accumulate")),
        )
        if mistake.name.endswith("-in-a-row")
        else mistake
        for mistake in mistakes
    )


def _weights_left(bias: Array, weights: Array) -> Array:
    """Return the gradient where loops store the weight of input m in column m, not in m + 1."""
    return np.column_stack([bias, weights[:, 1:], 0 * bias])


def _added_to_bias(bias: Array, weights: Array) -> Array:
    """Return the same where += adds the first weight's sum to the bias's."""
    return np.column_stack([bias + weights[:, 0], weights[:, 1:], 0 * bias])


def _over_bias(bias: Array, weights: Array) -> Array:
    """Return the same where = puts the first weight over the bias, or no bias is stored at all."""
    return np.column_stack([weights, 0 * bias])


def _over_last_weight(bias: Array, weights: Array) -> Array:
    """Return the gradient where the bias is stored in column −1 after the weights were stored."""
    return np.column_stack([0 * bias, weights[:, :-1], bias])


_ONE_ON = "Column 0 holds the bias, so the weight of input m, counted from 0, is in column m + 1."

IN_WEIGHT_GRADIENT = (
    *(
        WrongStep(name, says, hint, {"turn": of}, alone=True, slips=sums_go_on("i"))
        for name, says, hint, of in not_reset("i", "entry")
    ),
    *(
        WrongStep(
            f"{name}-but-bias",
            f"{says.removesuffix('.')}, but for the bias column.",
            hint,
            {"weights": lambda delta, inputs, of=of: of(delta.T @ inputs)},
            alone=True,
            slips=sums_go_on("i"),
        )
        for name, says, hint, of in not_reset("i", "weight's sum")
    ),
    WrongStep(
        "bias-of-last-example",
        "The bias column is wrong: of its sum over i only the last example is left.",
        "The bias's gradient is a sum over all examples, as the weights' are.",
        {"bias": lambda delta: delta[-1]},
        alone=True,
        slips=(Slip("= in place of += in a loop, where column 0 is filled", Construct.LOOP),),
    ),
    WrongStep(
        "weights-of-last-example",
        "The bias column is right. Of the weights' sum over i only the last example is left.",
        "The weights' gradient is a sum over all examples, as the bias's is.",
        {"weights": lambda delta, inputs: delta[-1:].T @ inputs[-1:]},
        alone=True,
        slips=(
            Slip("= in place of += in a loop, where the other columns are filled", Construct.LOOP),
            Slip("a product that stands after the loop over i, and not in it", Construct.LOOP),
        ),
    ),
    WrongStep(
        "bias-once-a-column",
        "The bias column is too large: its sum is there once for each of the other columns.",
        "The bias's gradient is the sum of delta over the examples, once.",
        {"stack": lambda bias, weights: np.column_stack([bias * weights.shape[1], weights])},
        alone=True,
        slips=(Slip("delta added to the bias inside the loop over the inputs", Construct.LOOP),),
    ),
    WrongStep(
        "weights-one-column-left",
        "The weights stand one column too far left: the first is gone, the last column is zero.",
        _ONE_ON,
        {"stack": _weights_left},
        alone=True,
    ),
    WrongStep(
        "weights-added-to-bias",
        "The weights stand one column too far left: the first is added to the bias, and the last "
        "column is zero.",
        _ONE_ON,
        {"stack": _added_to_bias},
        alone=True,
    ),
    WrongStep(
        "weights-over-bias",
        "The weights stand one column too far left: the first is where the bias belongs, and the "
        "last column is zero.",
        _ONE_ON,
        {"stack": _over_bias},
        alone=True,
    ),
    WrongStep(
        "bias-over-last-weight",
        "The bias stands in the last column, in place of the last weight, and the first column is "
        "zero.",
        "Column 0 holds the bias, and the columns after it the weights, the last one too.",
        {"stack": _over_last_weight},
        alone=True,
    ),
)
"""How a weight gradient goes wrong in loops."""


# --- the loops of a whole equation --------------------------------------------------------


def of_gradient(
    program: Program,
    *axes: Axis,
    through: Sum | None = None,
    sizes: Mapping[str, str] | None = None,
) -> tuple[Mistake, ...]:
    """Return the mistakes in the loops of a weight gradient.

    Parameters
    ----------
    program : Program
        Its pieces include those of a weight gradient.
    *axes : Axis
        The axes of the gradient: its rows and columns.
    through : Sum, optional
        The sum over k by which delta is sent back first, if it is.
    sizes : mapping, optional
        The letters of the sizes of the arguments' axes, where they are not the usual ones.
    """

    def put(change: Callable[[Array], Array]) -> Pieces:
        return {"turn": lambda gradient: each(gradient, change)}

    summed = tuple(filter(None, (through, SUM_OVER_EXAMPLES)))
    found = (
        *(
            mistake
            for s in summed
            for mistake in until_other(program, s.index, s.subgoal, s.pieces, sizes)
        ),
        *(
            mistake
            for n, axis in enumerate(axes)
            for mistake in until_other(
                *(program, axis.index, Subgoal.WEIGHT_GRADIENT),
                _filled_until(n, axis, put),
                sizes,
            )
        ),
        *sums(program, *summed),
        *wrong_variants(program, {"weight_gradient": IN_WEIGHT_GRADIENT}),
        *arrays(
            program,
            *axes,
            part="the-gradient",
            at=put,
            subgoal=Subgoal.WEIGHT_GRADIENT,
        ),
    )
    if through is None:
        return found
    last_terms = {**through.pieces(slice(-1, None)), **SUM_OVER_EXAMPLES.pieces(slice(-1, None))}
    return (
        *found,
        *wrong_variants(program, {"send_back": SENT_BACK}),
        Mistake(
            "last-term-only",
            Subgoal.CODE,
            "Of the sums over i and k only the very last term is left.",
            "Every example and every k adds a term: the sums run over all of them.",
            program.with_(**last_terms),
            alone=True,
            slips=(overwritten("the innermost loop"),),
        ),
    )
