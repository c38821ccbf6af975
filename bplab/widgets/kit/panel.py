"""What all panels have in common: a picture, controls, a read-out, and when each is updated.

A cell that runs again shows a new panel, and the panel that it showed before is closed: ipywidgets
keeps every widget until it is closed, and a kernel may run for days.
"""

import html
import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from time import perf_counter
from typing import Any, ClassVar, Protocol

import ipywidgets
import numpy as np
from IPython import get_ipython

from bplab.languages import english, told, told_html
from bplab.learner import LearnerError
from bplab.widgets.kit.controls import (
    Control,
    Number,
    button,
    named,
    read_state,
    write_state,
)
from bplab.widgets.kit.later import Later, interruptible
from bplab.widgets.kit.page import Page

STILL = "<div><i>A still: run the cell for the controls.</i></div>"

ALMOST_DONE = 0.75
AT_LEAST_EVERY = 0.25
"""When work is dropped for a newer value.

That is, if less than the share ALMOST_DONE of it is done, and the last picture is less than
AT_LEAST_EVERY seconds old.
"""

MOMENT = 0.005
PATIENCE = 12
"""After a picture, the numbers wait for a newer value: PATIENCE times, MOMENT seconds each."""

Readout = str | Callable[[], str]


class View(Protocol):
    """A picture that a panel shows: `SvgView` or `LayeredView`."""

    widget: ipywidgets.Widget
    alt: str

    def show(self, alt: str, *, spoken: Mapping[str, str] = ..., onload: str = "") -> None:
        """Show the present drawing, with its description, what sliders say, a script to run."""

    def html(self) -> str:
        """Return it as HTML that needs no kernel."""


class Figure(Protocol):
    """What draws the parts of a view; each panel has its own kind."""

    @property
    def view(self) -> View:
        """The picture."""

    def fit(self, room: int) -> bool:
        """Draw it for ``room`` pixels across; return whether its width changed: see `Fitted`."""


class Panel(ipywidgets.VBox):
    """A box with a picture and its controls, live in the page, and a still for other places.

    A panel is in one of these states:

    - *at rest*: the picture and the numbers belong to the controls' present values;
    - *behind*: a control has a new value that the picture does not show yet;
    - *computing*: `compute` works for the values that it found; what is shown stays;
    - *drawn*: the picture belongs to the values, the numbers are still the old ones;
    - *closed*: the panel is off the page.

    It goes from one state to another:

    - from rest to *behind*, when a control changes, unless it is set while `adjusting`;
    - from behind to *computing*: at once if code has set the value, so that the next line finds
      the picture drawn; if the control was moved in the page, as soon as all waiting messages
      are taken in, so that of many moves only the last counts;
    - from computing to *drawn*, when `compute` is done or has failed: `draw` or `draw_error` sets
      the picture. The panel goes back to *behind* if newer values come while little is done,
      unless the last picture is old;
    - from drawn to *rest*, when the numbers are shown: at once, or after a moment if the control
      was moved in the page. While a slider moves people look at the picture, so numbers are
      skipped if the next value comes first, but not for long.

    Hooks for subclasses: `compute` and `draw` must be defined; `arrange`, `adjust`, `draw_nothing`,
    `draw_error`, `take`, `choose_preset`, `forget` may be. GitHub, nbviewer and exported pages show
    the still: the state at the time of display.

    Parameters
    ----------
    figure : Figure
        Its ``view`` is the picture.
    controls : sequence of Control
    buttons : sequence of ipywidgets.Button
        Placed before the buttons of the presets and the reset button, which every panel has.
    presets : mapping of str to str
        Failures that are worth seeing: the label of each one's button, and the state to go to.
    state : str, optional
        The ``state`` of another panel. It replaces the controls' own values, and Reset returns
        to it.

    Attributes
    ----------
    figure : Figure
    canvas : View
        The picture.
    controls : dict of str to Control
        By name.
    preset_buttons : dict of str to ipywidgets.Button
        Their CSS classes are ``bplab-preset-NAME``, with hyphens for spaces.
    reset_button : ipywidgets.Button
    readout : ipywidgets.HTML
        Numbers and words beside the picture.
    """

    always: ClassVar[Sequence[str]] = ()
    """Controls that stay in a narrow panel; if any are named, the others are folded away there."""

    onload: ClassVar[str] = ""
    """JavaScript that the page runs with each picture."""

    _later: Later | None = None  # ipywidgets also closes a panel whose __init__ failed

    def __init__(
        self,
        figure: Any,
        controls: Sequence[Control],
        *,
        buttons: Sequence[ipywidgets.Button] = (),
        presets: Mapping[str, str] | None = None,
        state: str | None = None,
    ):
        self.figure, self.canvas = figure, figure.view
        self.controls: dict[str, Any] = {control.name: control for control in controls}
        self._presets = presets or {}
        self.preset_buttons = {
            name: button(name, f"preset-{_hyphened(name)}", partial(self.choose_preset, name), tip)
            for name, tip in self._presets.items()
        }
        self.reset_button = button("Reset", "reset", self.reset, width="80px")
        self.readout = ipywidgets.HTML()
        self.readout.add_class("bplab-readout")
        buttons = [*buttons, *self.preset_buttons.values(), self.reset_button]
        if self.always:
            buttons.append(self._fold())
        parts = self.arrange([*(c.widget for c in controls), *buttons])
        page = Page(self.hear)
        names = named((pair for c in controls for pair in c.attributes()), page.html())
        super().__init__([*parts, page.widget, names])
        self.add_class("bplab-panel")
        if state is not None:
            self.take(read_state(state, controls))
        for control in controls:
            control.start = control.value
        self._adjusting, self._closed = False, False
        self._drawer: int | None = None  # the thread in which `redraw` computes
        self._seen: dict[str, str] = {}  # the values that the picture shows
        self._pictures, self._drawn_at, self._said_at = 0, 0.0, 0.0
        self._unsaid: Readout | None = None
        self._later = Later(self._catch_up)
        self._lock = threading.RLock()  # JupyterLab may give a control a thread of its own
        self.redraw()
        for control in controls:
            control.widget.observe(self._changed, "value")

    def _fold(self) -> ipywidgets.Button:
        """Mark what is folded away, and return the button that brings it back in narrow panels."""
        for name, control in self.controls.items():
            if name not in self.always:
                control.widget.add_class("bplab-folds")
        for preset in self.preset_buttons.values():
            preset.add_class("bplab-folds")
        return button("More controls", "fold", lambda: None)

    # --- hooks -----------------------------------------------------------------------------------

    def arrange(self, widgets: list[ipywidgets.Widget]) -> list[ipywidgets.Widget]:
        """Return the panel's rows, for these controls and buttons; boxes may be one level deep."""
        row = ipywidgets.HBox(widgets, layout={"flex_flow": "row wrap"})
        return [row, self.canvas.widget, self.readout]

    def adjust(self) -> None:
        """Bring controls that depend on others into line; called when one has changed."""

    def compute(self) -> Any:
        """Compute what is to be shown for the controls' present values; change nothing.

        A long computation is a generator: after each step it yields the share that is done, and it
        returns the result.

        Raises
        ------
        LearnerError
            If the learner's code or data do not work; the panel shows the error and stays usable.
        """
        raise NotImplementedError

    def draw(self, computed: Any) -> tuple[str, Readout]:
        """Set the picture for what `compute` returned.

        Returns
        -------
        alt : str
            What the picture shows, in words.
        readout : str or callable
            HTML with the numbers; or a function that returns it, called when they are shown.
        """
        raise NotImplementedError

    def draw_nothing(self) -> None:
        """Clear the picture, for an error."""

    def draw_error(self, said: str) -> tuple[str, Readout]:
        """Set the picture for an error; return its description and the read-out."""
        self.draw_nothing()
        said = f"{said} Then press Reset, or run this cell again."
        return f"Nothing to show: {said}", lines(f"<b>not shown:</b> {html.escape(said)}")

    def take(self, values: dict[str, Any]) -> None:
        """Set several controls, by name, without drawing."""
        for name, value in values.items():
            self.controls[name].value = value
            self.adjust()

    def choose_preset(self, name: str) -> None:
        """Go to the state of a preset."""
        self.state = self._presets[name]

    def forget(self) -> None:
        """Drop all that remains from earlier values; `reset` calls it before it draws."""

    # --- what can be done with a panel -----------------------------------------------------------

    @property
    def state(self) -> str:
        """The panel's state, e.g. ``"gamma=0.01"``; set it to go there.

        Raises
        ------
        ValueError
            On setting, if a name or a value is not one of the panel's.
        """
        return write_state(list(self.controls.values()))

    @state.setter
    def state(self, state: str) -> None:
        values = read_state(state, list(self.controls.values()))
        seen = self._seen.copy()
        with self.adjusting():
            self.take(values)
        if not self._adjusting and self._values() != seen:
            self.redraw()

    def reset(self) -> None:
        """Go back to the values at the start, and draw again."""
        with self.alone():
            self.forget()
            with self.adjusting():
                self.take({name: control.start for name, control in self.controls.items()})
            self.redraw()

    def computing(self) -> Generator[float, None, Any]:
        """Run `compute` as a generator, even where it returns its result at once."""
        computed = self.compute()
        return (yield from computed) if isinstance(computed, Generator) else computed

    def redraw(self) -> None:
        """Draw for the present values; of changes made meanwhile only the last counts."""
        if self._drawer == threading.get_ident():  # called from inside: the loop below sees it
            return
        with self.alone():
            if self._closed:
                return
            self._drawer = threading.get_ident()
            try:
                seen: dict[str, str] = {}
                while seen != self._values():
                    seen, error, computed = self._values(), "", None
                    try:
                        computed = finished(self.computing())
                    except LearnerError as problem:
                        error = english(problem)
            finally:
                self._drawer = None
            self._show(seen, computed, error)
            self._say()

    def show_error(self, said: str) -> None:
        """Show an error that happened outside of `compute`."""
        with self.alone():
            self._show(self._seen, None, said)
            self._say()

    @contextmanager
    def adjusting(self) -> Iterator[None]:
        """Let controls follow what is shown: inside, a change draws nothing and counts as drawn."""
        before, outer = self._values(), self._adjusting
        self._adjusting = True
        try:
            yield
        finally:
            self._adjusting = outer
            now = self._values()
            self._seen |= {name: now[name] for name in now if now[name] != before[name]}

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other threads from drawing."""
        with self._lock:
            yield

    def hear(self, name: str, value: str) -> None:
        """Take a message of the page: how much room there is, or a control's value as text."""
        if name == "room":
            self.fit(int(value))
        elif name in self.controls:
            self.controls[name].value = self.controls[name].read(value)

    def fit(self, room: int) -> None:
        """Draw the present picture for ``room`` pixels across."""
        with self.alone():
            if not self._closed and self.figure.fit(room):
                self._put_up(self.canvas.alt)

    def spoken(self) -> dict[str, str]:
        """The spoken values of the sliders for the present picture, by CSS class."""
        sliders = [c for c in self.controls.values() if isinstance(c, Number)]
        return {slider.css: slider.spoken for slider in sliders}

    def close(self) -> None:
        """Take the panel off the page and free its memory."""
        if self._later is not None:
            self._later.cancel()
        self._unsaid, self._closed = None, True
        close_parts(self)
        super().close()
        self.children = ()
        self.figure = self.canvas = None  # Out[…] may keep the panel

    # --- from state to state ---------------------------------------------------------------------

    def _values(self) -> dict[str, str]:
        return {name: control.text for name, control in self.controls.items()}

    def _changed(self, change: dict) -> None:
        if self._adjusting:
            return
        with self.adjusting():
            self.adjust()
        # a move by less than one digit that counts changes nothing
        if self._values() == self._seen:
            return
        if not (_from_page(change["owner"]) and self._later and self._later.start()):
            self.redraw()

    def _catch_up(self) -> Iterator[float]:
        """Draw for values set in the page, as `redraw` does; each yield lets newer values in."""
        while True:
            yield from self._follow()
            if self._values() == self._seen:
                break
            seen, pictures, steps = self._values(), self._pictures, self.computing()
            share: float | None = 0.0
            while share is not None:
                with self.alone(), interruptible():
                    if self._closed or pictures != self._pictures:  # another was drawn meanwhile
                        break
                    share = self._step(steps, seen)
                yield 0
                recent = perf_counter() - self._drawn_at < AT_LEAST_EVERY
                early = share is not None and share < ALMOST_DONE
                if early and recent and self._values() != seen:
                    break
            if self._closed:
                break

    def _follow(self) -> Iterator[float]:
        """Show the numbers of the last picture, unless newer values are there already."""
        for _ in range(PATIENCE):
            if self._unsaid is None or self._values() != self._seen:
                break
            yield MOMENT
        still = self._values() == self._seen
        if still or perf_counter() - self._said_at > AT_LEAST_EVERY:
            with self.alone(), interruptible():
                self._say()

    def _step(self, steps: Generator[float, None, Any], seen: dict[str, str]) -> float | None:
        """Do one step and return the share that is done; None when the picture is shown."""
        try:
            return next(steps)
        except StopIteration as done:
            self._show(seen, done.value, "")
        except (LearnerError, KeyboardInterrupt) as problem:
            self._show(seen, None, english(problem) or "It was interrupted.")
        return None

    def _show(self, seen: dict[str, str], computed: Any, error: str) -> None:
        """Show the picture for these values: what was computed, or the error."""
        self._seen = seen
        alt, self._unsaid = self.draw_error(error) if error else self.draw(computed)
        self._put_up(told(alt))
        self._pictures, self._drawn_at = self._pictures + 1, perf_counter()

    def _put_up(self, alt: str) -> None:
        self.canvas.show(alt, spoken=self.spoken(), onload=self.onload)

    def _say(self) -> None:
        """Show the numbers of the last picture, if they are not shown yet."""
        said, self._unsaid = self._unsaid, None
        if said is not None:
            self.readout.value = told_html(said if isinstance(said, str) else said())
            self._said_at = perf_counter()

    _ipython_display_ = None  # ipywidgets 7 has one, which shows nothing but the view

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        shown_here(self)
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        return {
            "text/plain": self.canvas.alt,
            "text/html": f"{self.canvas.html()}{self.readout.value}{STILL}",
            "application/vnd.jupyter.widget-view+json": view,
        }


def finished(steps: Generator[Any, None, Any]) -> Any:
    """Run a generator to its end without a pause, and return what it returns."""
    while True:
        try:
            next(steps)
        except StopIteration as done:
            return done.value


# --- read-outs -----------------------------------------------------------------------------------


def lines(*parts: str) -> str:
    """Return HTML with a line for each part; the parts are HTML, too."""
    return "".join(f'<div style="line-height:1.6">{part}</div>' for part in parts)


def headed(sentence: str) -> str:
    """Return a sentence as HTML; the part before its first colon is bold."""
    head, colon, rest = html.escape(told(sentence)).partition(":")
    return f"<b>{head}:</b>{rest}" if colon else head


def number(value: float, digits: int = 3) -> str:
    """Return a number as text for people, with a true minus sign; also NaN and ∞."""
    if np.isnan(value):
        return "NaN"
    return f"{value + 0.0:.{digits}g}".replace("-", "−").replace("inf", "∞")


def pairs(numbers: Mapping[str, str]) -> str:
    """Return names and their numbers in a line, as HTML."""
    return " · ".join(
        f"<span>{told(name)} <b>{told(value)}</b></span>" for name, value in numbers.items()
    )


# --- which panel a cell shows --------------------------------------------------------------------

_shown: dict[str, tuple[str, list[ipywidgets.Widget]]] = {}
"""For each cell: the id of the message that ran it last, and the panels that it showed then."""


def shown_here(panel: ipywidgets.Widget) -> None:
    """Record that the running cell shows this panel; close panels that only its last run showed.

    Nothing happens where cells have no ids, that is, outside JupyterLab and its like.
    """
    cell, run = _running()
    if not cell:
        return
    before, panels = _shown.get(cell, ("", []))
    if run == before:
        panels.append(panel)
        return
    _shown[cell] = run, [panel]
    elsewhere = {id(shown) for _, others in _shown.values() for shown in others}
    for old in panels:
        if id(old) not in elsewhere:
            old.close()


def _running() -> tuple[str, str]:
    """Return the ids of the running cell and of the message that runs it; empty if unknown."""
    try:
        parent = get_ipython().get_parent()
        return parent["metadata"]["cellId"], parent["header"]["msg_id"]
    except (AttributeError, KeyError, TypeError):
        return "", ""


def _hyphened(name: str) -> str:
    return name.lower().replace(" ", "-")


def _from_page(widget: ipywidgets.Widget) -> bool:
    """Whether the widget is being set by its view in the page."""
    return bool(getattr(widget, "_property_lock", None))


def close_parts(widget: ipywidgets.Widget) -> None:
    """Close everything inside a widget, which ipywidgets would otherwise keep."""
    for part in list(_parts(widget)):
        part.close()


def _parts(widget: ipywidgets.Widget) -> Iterator[ipywidgets.Widget]:
    """Every widget inside this one, and the layouts and styles of all."""
    for child in getattr(widget, "children", ()):
        yield from _parts(child)
        yield child
    for name in ("layout", "style"):
        if isinstance(part := getattr(widget, name, None), ipywidgets.Widget):
            yield part
