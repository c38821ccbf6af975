"""The panel of the playground: a network that learns while you watch, change it and go back.

Nothing is recorded beforehand: each epoch is really trained, with the learner's gradients if
they give a function.
"""

import html
from functools import partial
from time import perf_counter
from typing import Any

import ipywidgets
import numpy as np
from numpy.typing import ArrayLike

from bplab import deep
from bplab.errors import InputError
from bplab.languages import english
from bplab.learner import Gradients, LearnerError
from bplab.training import GradientFunction
from bplab.widgets.kit.controls import button
from bplab.widgets.kit.panel import Panel, Readout
from bplab.widgets.playground.controls import (
    DEEPEST,
    ROWS,
    box,
    controls,
    settings_of,
    show,
)
from bplab.widgets.playground.data import OWN, DataSet, as_data_set, data_set
from bplab.widgets.playground.figure import Curves, PlaygroundFigure
from bplab.widgets.playground.model import LAST, Run
from bplab.widgets.playground.player import Player
from bplab.widgets.playground.words import (
    PREDICTIONS,
    PRESETS,
    curves,
    described,
    passes_table,
    said_of,
    titled,
)

__all__ = ["Playground", "playground"]

AT_ONCE = 200  # epochs that Play does where no event loop runs
BUDGET = 0.008  # seconds of training between two pictures
SLOWLY = 0.25, 1.0  # seconds between two updates of the table, and of the read-out, while it plays


def playground(
    gradients: GradientFunction | None = None,
    *,
    backward: GradientFunction | None = None,
    X: ArrayLike | None = None,
    Y: ArrayLike | None = None,
    state: str | None = None,
) -> "Playground":
    """Show a network in training: data, layers, learning rate, decision surface, and the numbers.

    Play, pause, step; change the learning rate while it plays; go back to any epoch and play on
    from there. The loss is the paper's squared error.

    Parameters
    ----------
    gradients, backward : callable, optional
        Your own ``gradients(X, Y, alphas, beta, sigmas, g)``, under either name. It returns the
        gradients of R(θ) with respect to the alphas and beta. If its arguments are called
        ``alpha`` and ``sigma``, it is for one hidden layer. Without a function of yours the
        library's is used. If yours fails, the panel says how.
    X : array_like, shape (N, p), optional
        Your own data, used without scaling; N and p must be at least 2.
    Y : array_like, shape (N, K) or (N,), optional
        Targets; or a vector with the number of each example's class.
    state : str, optional
        The ``state`` of another playground, such as
        ``"data=XOR,units1=3,gamma=0.01,epoch=200"``. The run is trained again from its start, with
        this γ throughout.

    Returns
    -------
    Playground
        Shown when it is the last line of a cell.

    Raises
    ------
    ValueError
        If an argument is not as described.
    """
    if gradients is not None and backward is not None:
        raise InputError("give gradients or backward, not both")
    if (X is None) != (Y is None):
        raise InputError("X and Y go together: give both, or none")
    function = next((f for f in (gradients, backward) if f is not None), deep.backward)
    own = None if X is None or Y is None else as_data_set(X, Y)
    return Playground(Gradients(function), own, state)


class Playground(Panel):
    """What `playground` shows.

    Attributes
    ----------
    run : Run or None
        The training that is shown; None if it could not begin.
    previous : Curves or None
        Loss curves of the previous run.
    play_button, step_button, ten_button, again_button : ipywidgets.Button
    preset_buttons : dict of str to ipywidgets.Button
    prediction : ipywidgets.Dropdown
        What the learner thinks that a preset will do.
    table : ipywidgets.HTML
        Both passes for one example.
    """

    always = (
        "gamma",
        "epoch",
        "example",
    )

    def __init__(self, gradients: Gradients, own: DataSet | None, state: str | None):
        self.run: Run | None = None
        self.previous: Curves | None = None
        self.preset: str | None = None
        self._gradients, self._own = gradients, own
        self._player = Player(self._frame, self._stopped)
        self._data: dict[tuple[str, int], DataSet] = {}
        self._todo = 0
        self._target: int | None = None
        self._put = 0
        self._note = ""
        self._drawn = (0.0, 0.0)
        self._make_buttons()
        self.table = ipywidgets.HTML()
        self.table.add_class("bplab-table")
        self.prediction = ipywidgets.Dropdown(
            options=["choose …", *PREDICTIONS],
            description="I predict: the loss",
            style={"description_width": "initial"},
            layout={"width": "auto", "display": "none"},
        )
        self.prediction.add_class("bplab-prediction")
        p, N = (2, 2) if own is None else own.X.shape[::-1]
        found = controls(own=own is not None, features=p, examples=max(N, 342))
        presets = {name: preset.state for name, preset in PRESETS.items()}
        super().__init__(PlaygroundFigure(), found, presets=presets, state=state)
        self.prediction.observe(lambda _: self.redraw(), "value")

    def _make_buttons(self) -> None:
        self.play_button = button("Play", "play", self._toggle, icon="play")
        self.step_button = button("Step", "step", lambda: self.step(1))
        self.ten_button = button("10 epochs", "ten", lambda: self.step(10))
        self.again_button = button("Start again", "again", self.start_again)
        self._arrived = button("", f"arrived-{id(self):x}", self._player.arrived)
        show(self._arrived, False)

    def arrange(self, widgets: list[ipywidgets.Widget]) -> list[ipywidgets.Widget]:
        """Return the rows: data, network, training, presets, picture, numbers."""
        rows = {
            name: box(self.controls[control].widget for control in names)
            for name, names in ROWS.items()
        }
        for preset in self.preset_buttons.values():
            preset.tooltip = ""  # the state has too many controls to be readable
        fails = ipywidgets.Label("See it fail:")
        fails.add_class("bplab-folds")
        actions = (self.play_button, self.step_button, self.ten_button, self.again_button)
        return [
            rows["data"],
            rows["network"],
            rows["layers"],
            box([*actions, self.reset_button, self.controls["speed"].widget, widgets[-1]]),
            rows["training"],
            box([fails, *self.preset_buttons.values(), self.prediction]),
            self.canvas.widget,
            self.readout,
            rows["example"],
            self.table,
            self._arrived,
        ]

    # --- what the learner does -------------------------------------------------------------------

    @property
    def playing(self) -> bool:
        """Whether it is playing."""
        return self._player.playing

    def play(self) -> None:
        """Train on and on, with a picture every few epochs, until `pause`.

        Where no event loop runs (outside a notebook), it trains 200 epochs at once.
        """
        self._note = ""
        if self.run is None:
            self.redraw()
        if self.run is None or self.run.full:
            return
        if self._player.play():
            self.play_button.description, self.play_button.icon = "Pause", "pause"
        else:
            self._note = f"No event loop runs here: {AT_ONCE} epochs at once."
            self.step(AT_ONCE)

    def pause(self) -> None:
        """Stop playing."""
        self._player.pause()

    def step(self, epochs: int) -> None:
        """Stop playing, and train for this many epochs from the one that is shown."""
        self.pause()
        self._todo = epochs
        self.redraw()

    def start_again(self) -> None:
        """Begin the same run again; the present one becomes the previous run."""
        self._retire()
        self.redraw()

    def choose_preset(self, name: str) -> None:
        """Set a failure up, and ask what will happen."""
        self._retire()
        self.prediction.value = self.prediction.options[0]
        self.preset = name
        with self.adjusting():
            self.state = PRESETS[name].state
        self.redraw()

    def forget(self) -> None:
        """Drop this run and the previous one."""
        self.pause()
        self.run = self.previous = self.preset = None

    def close(self) -> None:
        """Stop playing, take the panel off the page and free its memory."""
        self.pause()
        super().close()

    # --- computing -------------------------------------------------------------------------------

    def compute(self) -> Run:
        """Bring the run to the epoch that is asked for; begin a new one if settings changed."""
        data = self._data_set()
        settings = settings_of(self.controls, data, self._axes(data))
        target, self._target = self._target, None
        todo, self._todo = self._todo, 0
        moved = self.controls["epoch"].value
        if target is None and moved != self._put:
            target = moved
        if self.run is None or settings != self.run.settings:
            if self.run is not None:
                self.preset = None
                self._retire()
            self.run = Run(settings, data, self._gradients)
        run = self.run
        if target is not None:
            self.pause()
            run.go(target)
            todo = max(todo, target - run.last)
        if todo:
            self._advance(run, todo)
        return run

    def _data_set(self) -> DataSet:
        name, seed = self.controls["data"].value, self.controls["seed"].value
        if name == OWN and self._own is not None:
            return self._own
        if (name, seed) not in self._data:
            self._data = {(name, seed): data_set(name, seed)}
        return self._data[name, seed]

    def _axes(self, data: DataSet) -> tuple[int, int]:
        """Return the columns of the two features that are drawn, always two that the data have."""
        p = data.X.shape[1]
        across, up = (min(self.controls[name].column, p - 1) for name in ("across", "up"))
        return across, up if up != across else (across + 1) % p

    def take(self, values: dict[str, Any]) -> None:
        """Set several controls; the epoch may be one that is still to be trained."""
        self._target = values.get("epoch", self._target)
        super().take(values)

    def _advance(self, run: Run, epochs: int, seconds: float = np.inf) -> None:
        """Train on; if the run had gone back, its old course becomes the previous run."""
        forgotten = run.advance(epochs, self.controls["gamma"].value, seconds)
        if forgotten:
            self.previous = curves(run, *forgotten)

    def _retire(self) -> None:
        """Make this run the previous run, and leave none."""
        self.pause()
        if self.run is not None and self.run.last > 0:
            self.previous = curves(self.run, self.run.losses, self.run.test_losses)
        self.run = None

    # --- drawing ---------------------------------------------------------------------------------

    def draw(self, run: Run) -> tuple[str, Readout]:
        """Show the run at its epoch."""
        self._arrange_controls(run)
        return self._draw_picture(run), partial(self._numbers, run)

    def draw_error(self, said: str) -> tuple[str, Readout]:
        """Show what is wrong with the learner's function or choice."""
        self.pause()
        stopped = f"<b>stopped:</b> {html.escape(said)}"
        if self.run is None:
            self.figure.clear()
            self.table.value = ""
            return f"Nothing to show: {said}", f"{stopped} Then press Start again."
        run = self.run
        self._arrange_controls(run)
        alt = f"Stopped: {said} {self._draw_picture(run)}"
        return alt, lambda: f"<div>{stopped}</div>{self._numbers(run)}"

    def _numbers(self, run: Run) -> str:
        """Set the table, and return the read-out."""
        self.table.value = passes_table(run, self._example(run))
        return self._words(run)

    def _words(self, run: Run) -> str:
        choice = self.prediction.value
        prediction = choice if choice in PREDICTIONS else None
        return said_of(run, self.controls["gamma"].value, self.preset, prediction, self._note)

    def _draw_picture(self, run: Run) -> str:
        """Set the picture, and return its description."""
        features = run.settings.features
        axes = self._axes(self._data_set()) if features is None else (0, 1)
        self.figure.plane(run.examples, axes, self._example(run))
        self.figure.surface(run.outputs(self.figure.grid), run.examples.Y)
        now = curves(run, run.losses, run.test_losses)
        self.figure.chart(now, self.previous, run.epoch)
        self.figure.finish(title := titled(run))
        return described(run, self.previous, title)

    def _example(self, run: Run) -> int:
        return min(self.controls["example"].value, len(run.examples.X) - 1)

    def _arrange_controls(self, run: Run) -> None:
        """Let the controls offer what this run has, without starting anything."""
        with self.adjusting():
            self._put_epoch(run)
            self.controls["example"].widget.max = len(run.examples.X) - 1
            for d in range(1, DEEPEST + 1):
                for name in (f"units{d}", f"act{d}"):
                    show(self.controls[name].widget, d <= len(run.sigmas))
            data = self._data_set()
            for name, column in zip(("across", "up"), self._axes(data), strict=True):
                self.controls[name].offer(data.features, str(column + 1))
            for name in ("inputs", "across", "up"):
                show(self.controls[name].widget, data.X.shape[1] > 2)
            show(self.prediction, self.preset is not None)

    def _put_epoch(self, run: Run) -> None:
        self._put = run.epoch
        self.controls["epoch"].put(run.epoch, run.last)

    # --- playing ---------------------------------------------------------------------------------

    def _toggle(self) -> None:
        if self.playing:
            self.pause()
            self.redraw()
        else:
            self.play()

    def _stopped(self) -> None:
        self.play_button.description, self.play_button.icon = "Play", "play"

    def _answer(self) -> str:
        """Return JavaScript with which the page confirms that a picture is there.

        It clicks a button that it finds by its class in the whole page, because the next picture
        may have replaced this one already.
        """
        return f"document.querySelector('.bplab-arrived-{id(self):x}')?.click()"

    def _frame(self, ask: bool) -> bool:
        """Train a little, and send a picture; the rest of the panel follows more slowly."""
        with self.alone():
            run = self.run
            if run is None:
                return False
            try:
                self._advance(run, int(self.controls["speed"].value), BUDGET)
            except LearnerError as problem:
                self.show_error(english(problem))
                return False
            if run.full:
                self._note = f"{LAST:,} epochs are enough." if not run.diverged else ""
                self.redraw()
                return False
            alt = self._draw_picture(run)
            if ask:
                self.canvas.show(alt, spoken=self.spoken(), onload=self._answer())
            else:
                self.canvas.show(alt)
            now, (table, words) = perf_counter(), self._drawn
            if now - table > SLOWLY[0]:
                self.table.value = passes_table(run, self._example(run))
                table = now
            if now - words > SLOWLY[1]:
                self.readout.value = self._words(run)
                with self.adjusting():
                    self._put_epoch(run)
                words = now
            self._drawn = table, words
            return True
