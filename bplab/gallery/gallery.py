"""The gallery: an exercise's known mistakes, each trained on its own, as curves and in words."""

import difflib
import html
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from bplab.errors import InputError, called_as, came
from bplab.exercises import EXERCISES, Exercise, Mistake
from bplab.gallery.guess import Guess
from bplab.gallery.shown import Shown
from bplab.gallery.trainings import TRAININGS, Run, Training
from bplab.gallery.verdict import Kind, judge, number, refused
from bplab.languages import told
from bplab.plots import BLUE, GREY, Picture, blank_figure
from bplab.training import times

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Gallery", "mistakes_gallery", "trained"]

SHOWN = 6
"""The number of mistakes that are picked if none is named."""

SEEN, SHARE = 9, 8
"""To pick them, all are trained for 1/8 of the epochs; the 9 that differ most, to the end."""

COLUMNS = 3
ROOM = 8  # times the highest start: a curve that climbs further leaves the panel
LABEL = 0.5  # width of a label, as a share of the panel's width
LABEL_HEIGHT = 0.2  # in inches, with the space between label and curve
PANEL, LEFT, GAP, TOP, BOTTOM = (2.3, 1.75), 0.75, (0.35, 0.65), 0.5, 0.5  # inches
NARROW = (2.58, 1.3), (0.15, 0.5)  # sizes of panels and gaps in one column, for a narrow page


class Gallery(Picture):
    """A picture of loss curves, and below it each mistake in words with its verdict.

    Attributes
    ----------
    right : ndarray, shape (epochs + 1,)
        Losses with the right function.
    shown : tuple of Shown
        The mistakes, in the order of the picture.
    guess : Guess or None
        The letters that hide the names, and the learner's answers; None if names are shown.
    """

    def __init__(
        self,
        exercise: Exercise,
        training: Training,
        right: np.ndarray,
        shown: Sequence[Shown],
        guess: Guess | None = None,
    ):
        self.right, self.guess = right, guess
        self.shown = tuple(shown) if guess is None else guess.shown
        self._title = f"{exercise.id} · {exercise.equation} · known mistakes in training"
        begun, ended, epochs = number(right[0]), number(right[-1]), len(right) - 1
        reached = (
            f"The right {exercise.function} gets from R(θ) = {begun} to {ended} in {epochs} epochs."
        )
        parts = training.says, f"{training.network()}.", reached
        self._setting = " ".join(map(told, parts))
        panels = [
            (label, s.verdict.kind, s.losses)
            for label, s in zip(self._labels(), self.shown, strict=True)
        ]
        kinds = "; ".join(f"{name}: {told(kind)}" for name, kind, _ in panels)
        drawn = (
            "Small panels of the loss against the epoch, one for each mistake of "
            f"{exercise.id}, on a logarithmic axis, with the right curve dashed in each."
        )
        wide = _small_multiples(panels, right)
        super().__init__(
            wide,
            f"{told(drawn)} {kinds}.",
            narrow=lambda: _small_multiples(panels, right, 1, *NARROW),
        )

    def _labels(self) -> list[str]:
        """Return the names of the mistakes, or the letters that stand for them."""
        return self.guess.labels() if self.guess else [s.mistake.name for s in self.shown]

    def _rows(self) -> list[list[str]]:
        """Return the table's rows in the learner's language.

        A row has the label, the explanation unless it is hidden, the verdict, and the remark on the
        learner's guess once all answers are given.
        """
        hidden = self.guess is not None and not self.guess.made
        rows = []
        for i, (label, s) in enumerate(zip(self._labels(), self.shown, strict=True)):
            what = [] if hidden else [told(s.mistake.says_why)]
            row = [label, *what, s.verdict.told]
            rows.append([*row, self.guess.remarks[i]] if self.guess and self.guess.made else row)
        return rows

    def __repr__(self) -> str:
        lines = [super().__repr__(), "", told(self._title), textwrap.fill(self._setting, 96)]
        for label, *texts in self._rows():
            lines += ["", label]
            for text in texts:
                lines.append(textwrap.fill(text, 96, initial_indent="  ", subsequent_indent="  "))
        if self.guess:
            listed = [f"{name}: {told(what)}" for name, what in self.guess.choices()]
            below = ["", told(self.guess.asks()), *listed, told(self.guess.says())]
            lines += [textwrap.fill(text, 96) for text in below]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        left = 'style="text-align:left;vertical-align:top"'
        rows = "".join(
            f'<tr><th scope="row" {left}>{html.escape(label)}</th>'
            + "".join(f"<td {left}>{html.escape(text)}</td>" for text in texts)
            + "</tr>"
            for label, *texts in self._rows()
        )
        heads = ["mistake", "what it is", "training"]
        if self.guess:
            heads = [*heads, "your answer"] if self.guess.made else ["curve", "training"]
        head = "".join(f'<th scope="col" {left}>{told(name)}</th>' for name in heads)
        return (
            f"<strong>{html.escape(told(self._title))}</strong><br>{super()._repr_html_()}"
            f"<p>{html.escape(self._setting)}</p>"
            f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
            + (_asked(self.guess) if self.guess else "")
        )


def _asked(guess: Guess) -> str:
    """Return the question, the choices, and the last sentence of a guess, as HTML."""
    listed = "".join(
        f"<li><b>{html.escape(name)}</b>: {html.escape(told(what))}</li>"
        for name, what in guess.choices()
    )
    asks = f"<p>{told(guess.asks())}</p><ul>{listed}</ul>" if listed else ""
    return f"{asks}<p>{html.escape(told(guess.says()))}</p>"


@called_as('mistakes_gallery("eq4")')
def mistakes_gallery(
    id: str,
    names: str | Iterable[str] = (),
    *,
    epochs: int | None = None,
    hide: bool = False,
    answers: Mapping[str, str] | None = None,
) -> Gallery:
    """Show what the known mistakes of an exercise do to training.

    A small network is trained on the penguins with the right function, and then again from the same
    start with each mistaken function.

    Parameters
    ----------
    id : str
        The exercise, e.g. ``"eq4"``.
    names : str or sequence of str, optional
        Names of known mistakes, as in the last line of a check's message. Without names, six
        mistakes are picked whose verdicts differ as much as possible.
    epochs : int, optional
        Number of updates; by default enough for the right function to learn.
    hide : bool
        Whether to show letters instead of names until ``answers`` has a name for each letter.
    answers : dict, optional
        The mistake that each letter stands for, such as ``{"A": "sign-flipped", "B": "…"}``; dots
        do not count as an answer. Until all answers are given the names are hidden. Then the
        gallery shows the names, which answers are right, and how the curves speak against the
        others.

    Returns
    -------
    Gallery
        Shown when it is the last line of a cell: curves of R(θ), and each mistake in words with
        a verdict, such as "climbs" or "never learns", and its numbers.

    Raises
    ------
    ValueError
        If the exercise has no gallery or no such mistake, ``epochs`` is not a whole number of at
        least 1, or ``answers`` has a letter or a name that is not in the gallery.
    """
    exercise, training = _find(id)
    if epochs is None:
        epochs = training.epochs
    if not isinstance(epochs, (int, np.integer)) or isinstance(epochs, bool) or epochs < 1:
        raise InputError(f"epochs must be a whole number of at least 1; got {epochs!r}")
    known = {mistake.name: mistake for mistake in exercise.mistakes}
    names = _listed(names)
    chosen = [_known(exercise, known, name) for name in names]
    if not names:
        _, begun = _runs(exercise, exercise.mistakes, -(-epochs // SHARE))
        chosen = [s.mistake for s in _most_different(begun, SEEN)]
    right, shown = _runs(exercise, chosen, epochs)
    shown = shown if names else _most_different(shown, SHOWN)
    guess = Guess(id, shown, answers or {}) if hide or answers is not None else None
    return Gallery(exercise, training, right, shown, guess)


def trained(exercise: Exercise, mistakes: Sequence[Mistake]) -> tuple[np.ndarray, list[Shown]]:
    """Return the losses with the right function, and each mistake's training, without a picture.

    Parameters
    ----------
    exercise : Exercise
        An exercise that has a gallery, that is, a row in `TRAININGS`.
    mistakes : sequence of Mistake
        Known mistakes of this exercise.

    Returns
    -------
    right : ndarray, shape (epochs + 1,)
        Losses with the right function.
    shown : list of Shown
    """
    return _runs(exercise, mistakes, TRAININGS[exercise.id].epochs)


def _runs(
    exercise: Exercise, mistakes: Sequence[Mistake], epochs: int
) -> tuple[np.ndarray, list[Shown]]:
    """Train with the right function, and with each mistake."""
    right = _run(exercise, exercise.reference, epochs).losses
    return right, [_shown(exercise, mistake, right, epochs) for mistake in mistakes]


@lru_cache(256)
def _run(exercise: Exercise, function: Callable[..., Any], epochs: int) -> Run:
    """Train with a library function; kept, since learners show a gallery again with answers."""
    run = TRAININGS[exercise.id].run(exercise, function, epochs)
    run.losses.flags.writeable = False
    return run


def _shown(exercise: Exercise, mistake: Mistake, right: np.ndarray, epochs: int) -> Shown:
    losses, why = _run(exercise, mistake.wrong, epochs)
    return Shown(mistake, losses, refused(why, len(losses)) if why else judge(losses, right))


def _most_different(candidates: Sequence[Shown], count: int) -> list[Shown]:
    """Pick the first of each verdict, then the second of each, and so on; keep their order.

    Mistakes that do not run show nothing of training, so one of them is enough.
    """
    of_kind = {kind: [s for s in candidates if s.verdict.kind == kind] for kind in Kind}
    of_kind[Kind.DOES_NOT_RUN] = of_kind[Kind.DOES_NOT_RUN][:1]
    turns = max(map(len, of_kind.values()))
    ranked = [some[turn] for turn in range(turns) for some in of_kind.values() if turn < len(some)]
    return [s for s in candidates if any(s is picked for picked in ranked[:count])]


# --- the picture: a small panel for each mistake ------------------------------------------


def _small_multiples(
    panels: Sequence[tuple[str, Kind, np.ndarray]],
    right: np.ndarray,
    columns: int = 0,
    panel: tuple[float, float] = PANEL,
    gap: tuple[float, float] = GAP,
) -> "Figure":
    """Draw a panel for each mistake: the right curve dashed and grey, the mistaken one solid.

    Parameters
    ----------
    panels : sequence of (name, kind, losses)
        ``losses`` (epochs run + 1,) is empty if the training could not use the function at all.
    right : ndarray, shape (epochs + 1,)
        Losses with the right function.
    columns : int
        Number of panels side by side; 0 for as many as look good.
    panel, gap : (width, height)
        Size of a panel, and of the gaps between panels, in inches.
    """
    columns = columns or (2 if len(panels) == 4 else min(COLUMNS, len(panels)))
    rows = -(-len(panels) // columns)
    width = LEFT + columns * (panel[0] + gap[0])
    height = TOP + rows * panel[1] + (rows - 1) * gap[1] + BOTTOM
    figure = blank_figure(figsize=(width, height))
    low, high = _limits([losses for _, _, losses in panels], right, LABEL_HEIGHT / panel[1])
    for i, (name, kind, losses) in enumerate(panels):
        row, column = divmod(i, columns)
        # placed by hand: an automatic layout takes longer than all trainings together
        x = LEFT + column * (panel[0] + gap[0])
        y = height - TOP - panel[1] - row * (panel[1] + gap[1])
        place = (x / width, y / height, panel[0] / width, panel[1] / height)
        lowest = i + columns >= len(panels)
        axes = _panel(figure, place, len(right) - 1, (low, high), column == 0, lowest)
        above: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points"}
        axes.annotate(name, (0, 1), (0, 19), fontsize=9.5, weight="bold", **above)
        axes.annotate(told(kind), (0, 1), (0, 5), fontsize=9, **above)
        _draw(axes, losses, right, low, high)
    return figure


def _limits(curves: Sequence[np.ndarray], right: np.ndarray, room: float) -> tuple[float, float]:
    """Return the limits of the vertical axis: all curves fit, with this share free at each end."""
    shown = np.concatenate([right, *curves])
    shown = shown[np.isfinite(shown) & (shown > 0)]
    starts = [losses[0] for losses in [right, *curves] if np.isfinite(losses[:1]).any()]
    low, high = max(shown.min(), right[-1] / 100), min(shown.max(), ROOM * max(starts))
    margin = (high / low) ** (room / (1 - 2 * room))
    return low / margin, high * margin


def _panel(
    figure: "Figure",
    place: tuple[float, float, float, float],
    epochs: int,
    limits: tuple[float, float],
    first: bool,
    lowest: bool,
) -> "Axes":
    from matplotlib.ticker import FixedLocator, NullLocator

    axes = figure.add_axes(place, yscale="log", ylim=limits, xlim=(0, epochs))
    decades = 10.0 ** np.arange(np.ceil(np.log10(limits[0])), np.ceil(np.log10(limits[1])))
    shown = decades[:: 1 + len(decades) // 7].tolist()  # no more labels than fit
    axes.yaxis.set(major_locator=FixedLocator(shown), minor_locator=NullLocator())
    axes.yaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_major_locator(FixedLocator([0, epochs // 2, epochs]))
    axes.tick_params(labelsize=8.5, labelleft=first, labelbottom=lowest)
    axes.set_ylabel(told("loss R(θ)") if first else "", fontsize=9)
    axes.set_xlabel(told("epoch") if lowest else "", fontsize=9)
    axes.grid(color="#e4e4e4", linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def _draw(axes: "Axes", losses: np.ndarray, right: np.ndarray, low: float, high: float) -> None:
    axes.plot(right, "--", color=GREY, linewidth=1.6, zorder=2)
    finite = losses[np.isfinite(losses)]
    axes.plot(finite, color=BLUE, linewidth=2, zorder=3)
    if len(finite) < len(right):  # it ended early
        said = (
            "does not run"
            if len(finite) == len(losses)
            else f"not finite\nafter {times(len(finite), 'update')}"
        )
        if len(finite):
            x, y = len(finite) - 1, min(finite[-1], high / 1.1)
            axes.plot(x, y, "x", color=BLUE, markersize=8, zorder=3)
        axes.text(
            x=0.98,
            y=0.95,
            s=told(said),
            transform=axes.transAxes,
            color=BLUE,
            fontsize=8.5,
            ha="right",
            va="top",
        )
        _label(axes, right, "right", "above", GREY, low, high)
        return
    above = finite[-1] >= right[-1]
    _label(axes, finite, "mistaken", "above" if above else "below", BLUE, low, high)
    _label(axes, right, "right", "below" if above else "above", GREY, low, high)


def _label(axes: "Axes", curve: np.ndarray, text: str, side: str, colour: str, low, high) -> None:
    """Write a label at the right end of a curve, on the side away from the other curve."""
    beside = curve[int(len(curve) * (1 - LABEL)) :]
    y = beside.max() if side == "above" else beside.min()
    axes.annotate(
        f"{text} {number(curve[-1])}",
        (len(curve) - 1, float(np.clip(y, low, high))),
        xytext=(-2, 3 if side == "above" else -3),
        textcoords="offset points",
        color=colour,
        fontsize=8.5,
        ha="right",
        va="bottom" if side == "above" else "top",
    )


# --- what was asked for -------------------------------------------------------------------


def _find(id: str) -> tuple[Exercise, Training]:
    with_gallery = [name for name in EXERCISES if name in TRAININGS]
    if isinstance(id, str) and id in with_gallery:
        return EXERCISES[id], TRAININGS[id]
    raise InputError(
        f"no mistakes gallery for {came(id)}.{_near(id, with_gallery)} "
        f"There is one for: {', '.join(with_gallery)}"
    )


def _known(exercise: Exercise, known: dict[str, Mistake], name: str) -> Mistake:
    if name in known:
        return known[name]
    raise InputError(
        f"{exercise.id} has no known mistake {name!r}.{_near(name, known)} "
        f"There are: {', '.join(known)}"
    )


def _near(name: str, names: Iterable[str]) -> str:
    near = difflib.get_close_matches(str(name), list(names), n=3)
    quoted = " or ".join(f'"{n}"' for n in near)
    return f" Did you mean {quoted}?" if near else ""


def _listed(names: str | Iterable[str]) -> list[str]:
    """Return the names in their order, each once; a single name need not be in a sequence."""
    return list(dict.fromkeys([names] if isinstance(names, str) else names))
