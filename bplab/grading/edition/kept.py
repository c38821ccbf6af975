"""What an edition of bplab keeps, assignment by assignment: everything else is withheld.

The rule: an assignment keeps what an honest solution may call, if that gives none of its answers
away. What a notebook uses only for demonstrations is withheld, or inert, if it would cost time or
reveal something: above all `train`, which has every gradient and every update inside.

Public names (in a module's ``__all__``) are kept only if they are named here. The helpers that they
need come along, if their module is named here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import reduce

__all__ = ["ALL", "EXPLAINING", "INERT", "KEPT", "Kept", "kept_for"]

ALL = "*"
"""Stands in place of names for the whole module."""

Modules = Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True)
class Kept:
    """What one assignment keeps.

    Attributes
    ----------
    modules : mapping
        For each module, without the leading ``bplab.``, the public names that it keeps, or `ALL`.
        In modules that are not named, nothing is real.
    without : set of str
        Helpers that would come along, but must not.
    closed : set of str
        Functions and classes that work in the notebook, but not while a function is graded: tools
        that give no answer by themselves, and that no formula needs.
    """

    modules: Modules
    without: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()


INERT = {
    "gallery": ALL,
    "plots": ALL,
    "widgets": ALL,
    "exercises": (
        *("board", "check", "equations", "failing_case", "hint", "predict", "progress", "where"),
    ),
    "gradcheck": ("check_gradient", "step_errors"),
}
"""Modules, or names in them, that only show something: during grading they show nothing, and take
no time."""

TRANSLATING = frozenset(
    {"calls", "elements", "names", "operands", "operators", "scene", "translation", "values"}
)
"""Modules that put the errors of a learner's function into words."""

EDITING = frozenset(
    {"computing", "edited", "edits", "stepped", "switched", "texts", "traced", "tried"}
)
"""Modules that change the text of a learner's function, and call the changed function."""

ALWAYS: Modules = {
    "": ALL,
    "arrays": ALL,
    "errors": ALL,
    "languages": ("Told", "english", "language", "told", "told_html"),
    "languages.door": ALL,
    "tree": (),
    "data": ALL,
    # notebooks import these, and starters raise them; `check` itself only shows
    "exercises": (),
    "exercises.check": ("CheckFailed", "NotWritten", "todo"),
    # functions of other notebooks: those of the library here, and none from anybody's file
    "exercises.mine": ("mine",),
    "exercises.mine.library": ALL,
    "exercises.mine.names": ALL,
    # modules that evaluate functions; those of grading that grading.judge.agent imports come along
    "learner": (),
    "learner.call": ALL,
    "learner.causes": ALL,
    "learner.imaginary": ALL,
    "learner.other_values": ALL,
    "learner.rebuilt": ALL,
    "learner.rows": ALL,
    # small edits of a student's function, to find the wrong line: no answer is known there
    **{f"learner.{name}": ALL for name in EDITING},
    "learner.exceptions": ALL,
    **{f"learner.exceptions.{name}": ALL for name in TRANSLATING},
    "grading.judge.agent": ALL,
    "training": (),
    "training.descent": ("initial_weights",),
}

# a function's text and variants of it, if questions on it earn points: no answer is known there
EXPLAINING: Modules = {
    "exercises.explain": (),
    "exercises.explain.code": ALL,
    "exercises.explain.edits": ALL,
    "exercises.mine.travel": ALL,
    "learner.unfilled": ALL,
    "grading.judge.explaining": ALL,
}

ACTIVATIONS: Modules = {"activations": ALL}

# finite differences of a student's own functions, to compare single steps with; not the finer
# methods, which are as exact as a formula
DIFFERENCES: Modules = {
    "tree": ALL,
    "gradcheck": (),
    "gradcheck.numerical": ("METHODS", "numerical_gradient"),
    "gradcheck.probe": ALL,
}
NO_COMPLEX_STEPS = frozenset(
    {
        "gradcheck.numerical._refuse_unless_analytic",
        "gradcheck.numerical.complex_steps",
    }
)
CLOSED = frozenset({"gradcheck.numerical.numerical_gradient", "gradcheck.probe.Probe"})

FORWARD = ("Forward", "forward", "hidden", "output")

# what the passes of one hidden layer are made of
PASSES = ("affine", "hidden_delta", "output_delta", "weight_gradient")

# sections 2.1 and 2.2 ask for the backward pass of one hidden layer
_BACKWARD = Kept(
    {
        **ALWAYS,
        **ACTIVATIONS,
        **DIFFERENCES,
        "layers": ("affine",),
        "losses": ALL,
        "network": FORWARD,
    },
    NO_COMPLEX_STEPS,
    CLOSED,
)

KEPT: dict[str, Kept] = {
    # a gradient by finite differences: nothing that differentiates
    "section_0": Kept({**ALWAYS, **ACTIVATIONS}),
    # forward pass and loss: nothing but the activations
    "section_1": Kept({**ALWAYS, **ACTIVATIONS}),
    "section_2_1": _BACKWARD,
    "section_2_2": _BACKWARD,
    # the update, and one pass made of forward and backward pass
    "section_2_3": Kept({**ALWAYS, **ACTIVATIONS, "layers": PASSES, "losses": ALL, "network": ALL}),
    # the backward pass through D layers, from the output's delta on
    "section_3": Kept(
        {
            **ALWAYS,
            **ACTIVATIONS,
            **DIFFERENCES,
            "deep": ("Forward", "forward", "output_delta"),
            "layers": ("Forward", "affine", "forward", "output_delta"),
            "losses": ALL,
            "network": FORWARD,
        },
        NO_COMPLEX_STEPS,
        CLOSED,
    ),
    # the activations: of the library's own only the class
    "section_4": Kept({**ALWAYS, "activations": ("Activation",)}),
    # one epoch in batches, and a table of counts; all that came before may be used
    "capstone": Kept(
        {
            **ALWAYS,
            **ACTIVATIONS,
            **{name: ALL for name in ("deep", "layers", "losses", "network", "risk", "tree")},
            "training.descent": ALL,
            "training.workspace": ALL,
            "scores": ("accuracy",),
        }
    ),
    # rules for single numbers, and a walk through a graph: the library has neither
    "beyond": Kept(
        {
            **ALWAYS,
            **ACTIVATIONS,
            **{name: ALL for name in ("deep", "layers", "losses", "network", "tree")},
            "training.descent": ALL,
            "training.workspace": ALL,
        }
    ),
}
"""What is kept, by assignment."""


def kept_for(assignments: Iterable[str], *, explains: bool = False) -> Kept:
    """Return what all of some assignments keep, for a notebook with exercises of several.

    Parameters
    ----------
    assignments : iterable of str
        At least one.
    explains : bool
        Whether there are questions on the student's own code.

    Raises
    ------
    ValueError
        If there is no such assignment.
    """
    assignments = sorted(assignments)
    if unknown := set(assignments) - set(KEPT):
        names = ", ".join(map(repr, sorted(unknown)))
        raise ValueError(f"no assignment {names}; there are: {', '.join(KEPT)}")
    kept = reduce(_both, (KEPT[name] for name in assignments))
    return replace(kept, modules={**kept.modules, **EXPLAINING}) if explains else kept


def _both(a: Kept, b: Kept) -> Kept:
    common = {
        name: _names_of_both(names, b.modules[name])
        for name, names in a.modules.items()
        if name in b.modules
    }
    return Kept(common, a.without | b.without, a.closed | b.closed)


def _names_of_both(
    names: str | tuple[str, ...], others: str | tuple[str, ...]
) -> str | tuple[str, ...]:
    if names == ALL:
        return others
    return names if others == ALL else tuple(name for name in names if name in others)
