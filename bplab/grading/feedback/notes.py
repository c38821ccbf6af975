"""An instructor's own notes on mistakes: ``notes.toml`` in the folder of the class.

.. code-block:: toml

    "eq4/no-factor-2" = "See lecture 3, slide 12: $(y - f)^2$ has a derivative with a 2."
    "eq4" = "This equation is in the examination."
    "send back" = "Draw the arrows first; page 4 of the handout."
"""

import difflib
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bplab.course import CourseError
from bplab.exercises import TASKS, Exercise, Subgoal
from bplab.grading.feedback.markdown import as_html
from bplab.grading.records import UNSEEN, Record
from bplab.learner import Cause

__all__ = ["FILE", "Notes"]

FILE = "notes.toml"

_EVERYWHERE = frozenset({"raises", "too-slow", "unnamed", *UNSEEN, *Cause})
"""Names that a mistake may have in any exercise."""


@dataclass(frozen=True)
class Notes:
    """An instructor's notes.

    Attributes
    ----------
    texts : mapping of str to str
        Markdown, by an exercise (``eq4``), one of its mistakes (``eq4/no-factor-2``) or a step
        (``send back``).
    path : Path
        The file that they come from.
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    path: Path = Path(FILE)

    @classmethod
    def read(cls, folder: Path) -> "Notes":
        """Read the notes of a class; without a file, there are none.

        Raises
        ------
        CourseError
            If the file cannot be read, is not TOML, or holds anything but texts.
        """
        path = folder / FILE
        try:
            found = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except FileNotFoundError:
            return cls({}, path)
        except (OSError, ValueError) as error:
            raise CourseError(
                f'{path} cannot be read: {error}. A line of it is "eq4/no-factor-2" = "…", with '
                "both sides in quotes"
            ) from error
        for key, text in found.items():
            if not isinstance(text, str):
                raise CourseError(
                    f'{path}: {key} must be a text in quotes, as in "eq4/no-factor-2" = "…"; got '
                    f"{type(text).__name__}"
                )
        return cls(found, path)

    def about(self, exercise: str, record: Record | None) -> list[str]:
        """Return the notes on an exercise as HTML: on the mistake, its step, and the exercise.

        Parameters
        ----------
        exercise : str
            Its id.
        record : Record or None
            What the check said about the student's function; None if nothing.
        """
        texts = self._of([exercise])
        if record is not None and record.mistake is not None:
            texts = [*self.of_mistake(exercise, record.mistake, record.step), *texts]
        return [as_html(text) for text in texts]

    def of_mistake(self, exercise: str, mistake: str, step: str = "") -> list[str]:
        """Return the notes on a mistake and on its step, as Markdown.

        Parameters
        ----------
        exercise : str
            Its id.
        mistake : str
            Its name; for two mistakes at once, both names: ``no-factor-2+sign-flipped``.
        step : str, optional
        """
        names = dict.fromkeys((mistake, *mistake.split("+")))
        return self._of([*(f"{exercise}/{name}" for name in names), *step.split(" and ")])

    def _of(self, keys: Iterable[str]) -> list[str]:
        return [text for key in keys if (text := self.texts.get(key, "").strip())]

    def unknown(self, others: Collection[str] = ()) -> list[str]:
        """Return a sentence for each key that is unknown, with the most similar known ones.

        Parameters
        ----------
        others : collection of str
            Exercises of the instructor's own.
        """
        first = {*TASKS, *others, *Subgoal}
        sentences = []
        for key in self.texts:
            exercise, slash, name = key.partition("/")
            if not slash and key not in first:
                near = _near(key, first) or _near(key, _mistakes())
                sentences.append(f'"{key}" is no exercise and no step{near}')
            elif slash and exercise not in {*TASKS, *others}:
                near = _near(key, _mistakes()) or _near(exercise, {*TASKS, *others})
                sentences.append(f'"{key}": there is no exercise {exercise}{near}')
            elif slash and exercise in TASKS and not _known(exercise, name):
                near = _near(key, _mistakes(exercise))
                sentences.append(
                    f'"{key}": {exercise} knows no mistake of this name{near}. It is shown only '
                    "if a check reports a mistake of exactly this name"
                )
        return [f"{self.path.name}: {sentence}" for sentence in sentences]


def _known(exercise: str, name: str) -> bool:
    names = set(name.split("+"))
    own = {key.partition("/")[2] for key in _mistakes(exercise)}
    return names <= own | _EVERYWHERE


def _mistakes(exercise: str = "") -> set[str]:
    tasks = [TASKS[exercise]] if exercise else TASKS.values()
    return {
        f"{task.id}/{mistake.name}"
        for task in tasks
        if isinstance(task, Exercise)
        for mistake in task.mistakes
    }


def _near(key: str, known: Collection[str]) -> str:
    found = difflib.get_close_matches(key, sorted(known), n=2)
    return f"; near it: {' and '.join(found)}" if found else ""
