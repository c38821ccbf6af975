"""What an exercise is: one definition from which everything else is made.

The starter's signature, the visible and the hidden check, the equation map, the points in
the notebooks, and the tests all come from the `Exercise` objects of ``section_*.py``.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bplab.by_equation import EQUATIONS
from bplab.exercises._case import Case, network_cases


class Subgoal(StrEnum):
    """The steps of every backward pass, by the same names everywhere in the course."""

    FORWARD = "forward pass"
    LOSS = "loss"
    RESIDUAL = "residual"
    OUTPUT_DELTA = "output delta"
    WEIGHT_GRADIENT = "weight gradient"
    SEND_BACK = "send back"
    HIDDEN_DELTA = "hidden delta"
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
        Names the mistake in one sentence.
    hint : str
        Why it is wrong, and what to do next.
    wrong : callable
        Takes what the learner's function takes and answers as the mistaken one would.
    """

    name: str
    subgoal: Subgoal
    says: str
    hint: str
    wrong: Callable[..., Any] = field(repr=False)


@dataclass(frozen=True)
class Part:
    """One array of an answer: its name and, in the paper's letters, its axes.

    ``Part("grad_beta", "K", "M+1")`` is a (K, M+1) matrix whose first column is the bias.
    """

    name: str
    axes: tuple[str, ...]

    def __init__(self, name: str, *axes: str):
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "axes", axes)

    @property
    def shape(self) -> str:
        """The shape as the notebooks write it, e.g. ``(K, M+1)``."""
        if not self.axes:
            return "a single number"
        return f"({', '.join(self.axes)}{',' * (len(self.axes) == 1)})"

    @property
    def has_bias(self) -> bool:
        """Whether the first column belongs to the biases."""
        return bool(self.axes) and self.axes[-1].endswith("+1")


@dataclass(frozen=True)
class Exercise:
    """One equation to be implemented.

    Attributes
    ----------
    id : str
        As in the notebooks' cells, e.g. ``"eq4"``; its row of the equation map says the rest.
    reference : callable
        The library's own function; the learner's has the same name and parameters.
    parts : tuple of Part
        What the function returns, in order.
    points : int
        In the gradebook.
    judge : str
        What the second opinion is called, e.g. ``"finite differences of R"``.
    second_opinion : callable
        Maps a `Case` to the answer found independently of the reference, part by part
        (None where it has none for this case).
    mistakes : tuple of Mistake
        The known mistakes, each with another answer than the rest.
    cases : callable
        Makes the test cases from a random generator.
    """

    id: str
    reference: Callable[..., Any]
    parts: tuple[Part, ...]
    points: int
    judge: str
    second_opinion: Callable[[Case], tuple[NDArray | None, ...]]
    mistakes: tuple[Mistake, ...]
    cases: Callable[[np.random.Generator], list[Case]] = network_cases

    @property
    def equation(self) -> str:
        """Where the paper has it, e.g. ``"equation (4)"``."""
        return EQUATIONS[self.id].paper

    @property
    def title(self) -> str:
        """What is written."""
        return EQUATIONS[self.id].title

    @property
    def section(self) -> str:
        """The section of the course, e.g. ``"2.1"``."""
        return EQUATIONS[self.id].section

    @property
    def erratum(self) -> str:
        """The misprint the course points out here, or an empty string."""
        return EQUATIONS[self.id].erratum

    @property
    def function(self) -> str:
        """The name of the learner's function."""
        return self.reference.__name__

    @property
    def arguments(self) -> tuple[str, ...]:
        """The parameters of the learner's function, in order."""
        return tuple(inspect.signature(self.reference).parameters)

    @property
    def signature(self) -> str:
        """The starter's first line without the ``def``: ``grad_beta(Y, A, Z, T, F, g)``."""
        return f"{self.function}({', '.join(self.arguments)})"

    @property
    def notebook(self) -> str:
        """The notebook, and the nbgrader assignment, that teaches it."""
        return "section_" + self.section.replace(".", "_")
