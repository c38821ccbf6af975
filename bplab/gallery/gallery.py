"""The gallery: an exercise's known mistakes, each in a training of its own."""

import difflib
import html
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bplab.exercises import EXERCISES
from bplab.exercises.task.exercise import Exercise, Mistake
from bplab.gallery.figure import small_multiples
from bplab.gallery.trainings import TRAININGS, Training
from bplab.gallery.verdict import Kind, Verdict, judge, number, refused
from bplab.plots import Picture

__all__ = ["Gallery", "Shown", "mistakes_gallery"]

SHOWN = 6
"""So many mistakes are picked if none is named."""

SEEN, SHARE = 9, 8
"""They are picked from so many, and these after the first of so many parts of the training."""


@dataclass(frozen=True)
class Shown:
    """One mistake in training: its losses (epochs run + 1,), and what they say."""

    mistake: Mistake
    losses: NDArray
    verdict: Verdict


class Gallery(Picture):
    """A picture of loss curves, and below it each mistake in words with its verdict.

    Attributes
    ----------
    right : ndarray, shape (epochs + 1,)
        Losses with the right function.
    shown : tuple of Shown
        The mistakes, in the picture's order.
    """

    def __init__(
        self, exercise: Exercise, training: Training, right: NDArray, shown: Sequence[Shown]
    ):
        self.right, self.shown = right, tuple(shown)
        self._title = f"{exercise.id} · {exercise.equation} · known mistakes in training"
        self._setting = (
            f"{training.says} {training.network()}. The right {exercise.function} gets from "
            f"R(θ) = {number(right[0])} to {number(right[-1])} in {len(right) - 1} epochs."
        )
        panels = [(s.mistake.name, s.verdict.kind, s.losses) for s in self.shown]
        kinds = "; ".join(f"{name}: {kind}" for name, kind, _ in panels)
        super().__init__(
            small_multiples(panels, right),
            "Small panels of the loss against the epoch, one for each mistake of "
            f"{exercise.id}, on a logarithmic axis, with the right curve dashed in each. {kinds}.",
        )

    def __repr__(self) -> str:
        lines = [super().__repr__(), "", self._title, textwrap.fill(self._setting, 96)]
        for s in self.shown:
            lines += ["", s.mistake.name]
            for text in (s.mistake.says, str(s.verdict)):
                lines.append(textwrap.fill(text, 96, initial_indent="  ", subsequent_indent="  "))
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        left = 'style="text-align:left;vertical-align:top"'
        rows = "".join(
            f'<tr><th scope="row" {left}>{html.escape(s.mistake.name)}</th>'
            f"<td {left}>{html.escape(s.mistake.says)}</td>"
            f"<td {left}>{html.escape(str(s.verdict))}</td></tr>"
            for s in self.shown
        )
        heads = "".join(
            f'<th scope="col" {left}>{head}</th>' for head in ("mistake", "what it is", "training")
        )
        return (
            f"<strong>{html.escape(self._title)}</strong><br>{super()._repr_html_()}"
            f"<p>{html.escape(self._setting)}</p>"
            f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
        )


def mistakes_gallery(
    id: str, names: str | Iterable[str] = (), *, epochs: int | None = None
) -> Gallery:
    """Show what the known mistakes of an exercise do to training.

    A small network is trained on the penguins with the right function, and again from the same
    start with each mistaken one in its place.

    Parameters
    ----------
    id : str
        Which exercise, e.g. ``"eq4"``.
    names : sequence of str, optional
        Names of known mistakes, as in the last line of a check's message. Without them six are
        picked whose verdicts differ as much as they can.
    epochs : int, optional
        Number of updates; so many that the right function has learnt, if not given.

    Returns
    -------
    Gallery
        Shown when it is the last line of a cell: curves of R(θ), and each mistake in words with
        a verdict, such as "climbs" or "never learns", and its numbers.

    Raises
    ------
    ValueError
        If the exercise has no gallery, has no such mistake, or ``epochs`` is no whole number
        of at least 1.
    """
    exercise, training = _find(id)
    if epochs is None:
        epochs = training.epochs
    if not isinstance(epochs, (int, np.integer)) or isinstance(epochs, bool) or epochs < 1:
        raise ValueError(f"epochs must be a whole number of at least 1; got {epochs!r}")
    known = {mistake.name: mistake for mistake in exercise.mistakes}
    names = _listed(names)
    chosen = [_known(exercise, known, name) for name in names]
    if not names:
        _, begun = _runs(exercise, training, exercise.mistakes, -(-epochs // SHARE))
        chosen = [s.mistake for s in _most_different(begun, SEEN)]
    right, shown = _runs(exercise, training, chosen, epochs)
    return Gallery(exercise, training, right, shown if names else _most_different(shown, SHOWN))


def _runs(
    exercise: Exercise, training: Training, mistakes: Sequence[Mistake], epochs: int
) -> tuple[NDArray, list[Shown]]:
    """Train with the right function, and with each mistake."""
    right = training.run(exercise, exercise.reference, epochs).losses
    shown = []
    for mistake in mistakes:
        losses, why = training.run(exercise, mistake.wrong, epochs)
        verdict = refused(why, len(losses)) if why else judge(losses, right)
        shown.append(Shown(mistake, losses, verdict))
    return right, shown


def _most_different(candidates: Sequence[Shown], count: int) -> list[Shown]:
    """Pick the first of each verdict, then the second of each, and so on; keep their order.

    What does not run shows nothing of training: of that one is enough.
    """
    of_kind = {kind: [s for s in candidates if s.verdict.kind == kind] for kind in Kind}
    of_kind[Kind.DOES_NOT_RUN] = of_kind[Kind.DOES_NOT_RUN][:1]
    turns = max(map(len, of_kind.values()))
    ranked = [some[turn] for turn in range(turns) for some in of_kind.values() if turn < len(some)]
    return [s for s in candidates if any(s is picked for picked in ranked[:count])]


# --- what was asked for -------------------------------------------------------------------


def _find(id: str) -> tuple[Exercise, Training]:
    with_gallery = [name for name in EXERCISES if name in TRAININGS]
    if id in with_gallery:
        return EXERCISES[id], TRAININGS[id]
    raise ValueError(
        f"no mistakes gallery for {id!r}.{_near(id, with_gallery)} "
        f"There is one for: {', '.join(with_gallery)}"
    )


def _known(exercise: Exercise, known: dict[str, Mistake], name: str) -> Mistake:
    if name in known:
        return known[name]
    raise ValueError(
        f"{exercise.id} has no known mistake {name!r}.{_near(name, known)} "
        f"There are: {', '.join(known)}"
    )


def _near(name: str, names: Iterable[str]) -> str:
    near = difflib.get_close_matches(str(name), list(names), n=3)
    quoted = " or ".join(f'"{n}"' for n in near)
    return f" Did you mean {quoted}?" if near else ""


def _listed(names: str | Iterable[str]) -> list[str]:
    """The names without repetition, in their order; a single one may stand for itself."""
    return list(dict.fromkeys([names] if isinstance(names, str) else names))
