"""All exercises, in the paper's order."""

from dataclasses import dataclass

from bplab.exercises import section_1, section_2_1
from bplab.exercises._exercise import Exercise

EXERCISES: dict[str, Exercise] = {
    exercise.id: exercise for section in (section_1, section_2_1) for exercise in section.EXERCISES
}


@dataclass(frozen=True)
class Equation:
    """One row of the equation map."""

    equation: str
    id: str
    section: str
    function: str
    title: str
    notebook: str
    points: int
    mistakes: int
    erratum: str


def equations() -> tuple[Equation, ...]:
    """Return the equation map, a row for every exercise; made from the exercises themselves."""
    return tuple(
        Equation(
            equation=exercise.equation,
            id=exercise.id,
            section=exercise.section,
            function=f"{exercise.reference.__module__}.{exercise.signature}",
            title=exercise.title,
            notebook=exercise.notebook,
            points=exercise.points,
            mistakes=len(exercise.mistakes),
            erratum=exercise.erratum,
        )
        for exercise in EXERCISES.values()
    )
