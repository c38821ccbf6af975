"""What all panels have in common: controls, a picture, a read-out, and good manners."""

import base64
import html
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from time import perf_counter
from typing import Any, Protocol

import ipywidgets

from bplab.learner import LearnerError
from bplab.widgets.kit.controls import Control, Number, named, read_state, spoken, write_state
from bplab.widgets.kit.later import Later, interruptible
from bplab.widgets.kit.lifetime import shown_here

STILL = "<div><i>A still: run the cell for the controls.</i></div>"

ANEW = 0.75
AT_LEAST_EVERY = 0.25
"""Work done less than this share is dropped for a newer value, if a picture came this recently."""

MOMENT = 0.005
PATIENCE = 12
"""Seconds, and how many of them, that the numbers wait for a newer value after a picture."""

Readout = str | Callable[[], str]


class View(Protocol):
    """A picture that a panel shows: see `Canvas`."""

    widget: ipywidgets.Widget
    alt: str

    def show(self, alt: str, *, onload: str = "") -> None:
        """Draw it as it is now, with its description and a script for the page."""

    def html(self) -> str:
        """Return it as HTML that needs no kernel."""


class Panel(ipywidgets.VBox):
    """A box of controls around a picture, with a still beside the live view.

    A subclass implements `compute`, which reads `controls` and may take its time, and `draw`,
    which sets the picture's artists for the result and puts it into words. Of changes that come
    while it computes and draws, only the last is drawn. The numbers follow the picture, which is
    what one looks at while a slider moves: at once, or a moment later if it moves in the page.

    GitHub, nbviewer and exported pages show the still: the state at the time of display.

    Parameters
    ----------
    canvas : Canvas or another View
        The picture.
    controls : sequence of Control
    buttons : sequence of ipywidgets.Button
        Beside the reset button, which every panel has.
    state : str, optional
        What another panel's ``state`` gave; goes before the controls' own values, and is what
        Reset returns to.

    Attributes
    ----------
    controls : dict of str to Control
        By name.
    reset_button : ipywidgets.Button
    readout : ipywidgets.HTML
        Numbers and words beside the picture.
    """

    _later: Later | None = None  # ipywidgets closes also what could not be made

    def __init__(
        self,
        canvas: View,
        controls: Sequence[Control],
        *,
        buttons: Sequence[ipywidgets.Button] = (),
        state: str | None = None,
    ):
        self.canvas = canvas
        self.controls = {control.name: control for control in controls}
        self.reset_button = ipywidgets.Button(description="Reset", layout={"width": "80px"})
        self.reset_button.add_class("bplab-reset")
        self.readout = ipywidgets.HTML()
        self.readout.add_class("bplab-readout")
        parts = self.arrange([*(c.widget for c in controls), *buttons, self.reset_button])
        names = named(pair for control in controls for pair in control.attributes())
        super().__init__([*parts, names])
        self.add_class("bplab-panel")
        if state is not None:
            self._set(read_state(state, controls))
        for control in controls:
            control.start = control.value
        self._held, self._drawer = False, None
        self._seen: tuple = ()
        self._shown, self._shown_at, self._said_at = 0, 0.0, 0.0
        self._unsaid: Readout | None = None
        self._later = Later(self._catch_up)
        self._lock = threading.RLock()  # JupyterLab may give a control a thread of its own
        self.redraw()
        for control in controls:
            control.widget.observe(self._changed, "value")
        self.reset_button.on_click(lambda _: self.reset())

    def arrange(self, widgets: list[ipywidgets.Widget]) -> list[ipywidgets.Widget]:
        """Return what stands below each other, for these controls and buttons; boxes one deep."""
        row = ipywidgets.HBox(widgets, layout={"flex_flow": "row wrap"})
        return [row, self.canvas.widget, self.readout]

    def compute(self) -> Any:
        """Compute what is to be shown for the controls' present values; change nothing.

        Raises
        ------
        LearnerError
            If something of the learner's does not work; the panel shows it and lives on.
        """
        raise NotImplementedError

    def computing(self) -> Generator[float, None, Any]:
        """Do the same in steps, if it takes long: yield the share that is done after each."""
        return self.compute()
        yield

    def draw(self, computed: Any) -> tuple[str, Readout]:
        """Set the picture for what `compute` returned.

        Returns
        -------
        alt : str
            What the picture shows, in words.
        readout : str or callable
            HTML with the numbers; or what returns it, to be called when the picture is sent.
        """
        raise NotImplementedError

    def draw_error(self, said: str) -> tuple[str, Readout]:
        """Set the picture for an error; return its description and the read-out."""
        return f"Nothing to show: {said}", f"<b>not shown:</b> {html.escape(said)}"

    def forget(self) -> None:
        """Drop what earlier values have left behind; `reset` calls it before it draws."""

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
        self._change(read_state(state, list(self.controls.values())))

    def reset(self) -> None:
        """Go back to the values at the start, and draw anew."""
        with self._lock:
            self.forget()
            self._seen = ()
            self._change({control.name: control.start for control in self.controls.values()})

    def redraw(self) -> None:
        """Draw for the present values; of changes meanwhile only the last counts."""
        if self._drawer == threading.get_ident():  # changed meanwhile: the loop below sees it
            return
        with self._lock:
            if self.canvas is None:  # closed
                return
            self._drawer = threading.get_ident()
            try:
                seen = None
                while seen != self._values():
                    seen, error, computed = self._values(), "", None
                    try:
                        computed = self.compute()
                    except LearnerError as problem:
                        error = str(problem)
            finally:
                self._drawer = None
            self._show(seen, computed, error)
            self._say()

    def _catch_up(self) -> Iterator[float]:
        """Draw for what the page has set, as `redraw` does; each yield lets newer values in."""
        while True:
            yield from self._follow()
            if self._values() == self._seen:
                break
            seen, shown, steps = self._values(), self._shown, self.computing()
            share = 0.0
            while share is not None:
                with self._lock, interruptible():
                    if shown != self._shown or self.canvas is None:  # drawn meanwhile, or closed
                        break
                    share = self._step(steps, seen)
                yield 0
                recent = perf_counter() - self._shown_at < AT_LEAST_EVERY
                if share is not None and share < ANEW and recent and self._values() != seen:
                    break
            if self.canvas is None:
                break

    def _follow(self) -> Iterator[float]:
        """Show the numbers of the last picture, unless the next one is to come."""
        for _ in range(PATIENCE):
            if self._unsaid is None or self._values() != self._seen:
                break
            yield MOMENT
        still = self._values() == self._seen
        if still or perf_counter() - self._said_at > AT_LEAST_EVERY:
            with self._lock, interruptible():
                self._say()

    def _step(self, steps: Generator[float, None, Any], seen: tuple) -> float | None:
        """Compute a little and return the share that is done; None when it is shown."""
        try:
            return next(steps)
        except StopIteration as done:
            self._show(seen, done.value, "")
        except (LearnerError, KeyboardInterrupt) as problem:
            self._show(seen, None, str(problem) or "It was interrupted.")
        return None

    def _show(self, seen: tuple, computed: Any, error: str) -> None:
        self._seen = seen
        alt, self._unsaid = self.draw_error(error) if error else self.draw(computed)
        self.canvas.show(alt, onload=self._telling())
        self._shown, self._shown_at = self._shown + 1, perf_counter()

    def _say(self) -> None:
        """Show the numbers of the last picture, if they are not shown yet."""
        said, self._unsaid = self._unsaid, None
        if said is not None:
            self.readout.value = said if isinstance(said, str) else said()
            self._said_at = perf_counter()

    def close(self) -> None:
        """Take the panel off the page and free its memory."""
        if self._later is not None:
            self._later.cancel()
        self._unsaid = None
        for part in list(_parts(self)):  # ipywidgets would keep them for ever
            part.close()
        super().close()
        self.children = ()
        self._figure = self.canvas = None  # Out[…] may keep the panel

    def _values(self) -> tuple:
        return tuple(control.text for control in self.controls.values())

    def _changed(self, change: dict) -> None:
        # a move by less than what counts changes nothing
        if self._held or self._values() == self._seen:
            return
        # what the learner's code sets is drawn before it goes on; a move in the page can wait
        if not (_from_page(change["owner"]) and self._later.start()):
            self.redraw()

    def _change(self, values: dict[str, Any]) -> None:
        """Set several controls, and draw once."""
        self._held = True
        try:
            self._set(values)
        finally:
            self._held = False
        if self._values() != self._seen:
            self.redraw()

    def _set(self, values: dict[str, Any]) -> None:
        for name, value in values.items():
            self.controls[name].value = value

    def _telling(self) -> str:
        """JavaScript by which sliders say their values, for a picture of these."""
        sliders = [c for c in self.controls.values() if isinstance(c, Number)]
        return spoken({slider.css: slider.spoken for slider in sliders})

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        shown_here(self)
        bundle = super()._repr_mimebundle_(**kwargs)
        bundle["text/plain"] = self.canvas.alt
        bundle["text/html"] = f"{self.canvas.html()}{self.readout.value}{STILL}"
        if png := getattr(self.canvas, "png", None):
            bundle["image/png"] = base64.b64encode(png()).decode("ascii")
        return bundle


def _from_page(widget: ipywidgets.Widget) -> bool:
    """Whether the widget is being set by its view in the page."""
    return bool(getattr(widget, "_property_lock", None))


def _parts(widget: ipywidgets.Widget) -> Iterator[ipywidgets.Widget]:
    """Every widget that came with this one: inside it, and their layouts and styles."""
    for child in getattr(widget, "children", ()):
        yield from _parts(child)
        yield child
    for name in ("layout", "style"):
        if isinstance(part := getattr(widget, name, None), ipywidgets.Widget):
            yield part
