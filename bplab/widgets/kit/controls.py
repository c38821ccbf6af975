"""The controls of a panel: each with a name, a label, a unit, and a place in the state string.

ipywidgets leaves out what screen readers and the keyboard need: the handle of a slider has no
name, and the handle of a logarithmic slider says its exponent. A script in the page adds both:
names once in every view of a panel, and spoken values after each change.
"""

import html
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import ipywidgets

from bplab.errors import InputError
from bplab.languages import told
from bplab.widgets.kit.svg import DOT
from bplab.widgets.kit.theme import STYLE

SHORT = 10  # a slider whose label has fewer characters leaves room for a second one beside it
_WIDE = {"width": "430px", "max_width": "100%"}


class Control:
    """One control: a widget, and what it is called.

    Parameters
    ----------
    name : str
        Its name in the state string and in errors, e.g. ``"gamma"``.
    label : str
        What the learner reads and hears, e.g. ``"learning rate γ"``.
    widget : ipywidgets.Widget
    """

    def __init__(self, name: str, label: str, widget: ipywidgets.Widget):
        self.name, self.label, self.widget = name, label, widget
        self.start = self.value
        widget.add_class(self.css)

    @property
    def css(self) -> str:
        """The CSS class of the widget, which no other control of its panel has."""
        return f"bplab-control-{self.name}"

    @property
    def value(self) -> Any:
        """The present value, as the panel uses it."""
        return self.widget.value

    @value.setter
    def value(self, value: Any) -> None:
        self.widget.value = value

    @property
    def text(self) -> str:
        """The present value as it stands in the state string."""
        return str(self.value)

    @property
    def spoken(self) -> str:
        """The present value as a screen reader should say it."""
        return self.text

    def read(self, text: str) -> Any:
        """Return the value that a text of the state string stands for.

        Raises
        ------
        ValueError
            If the text stands for no value of this control.
        """
        raise NotImplementedError

    @property
    def example(self) -> str:
        """A text that `read` accepts, for errors."""
        return self.text

    def attributes(self) -> list[tuple[str, dict[str, str]]]:
        """Return accessible names: selectors in the panel, and the attributes to set there."""
        return [(f".{self.css} select, .{self.css} input", {"aria-label": told(self.label)})]


class Number(Control):
    """A slider for a number of three significant digits; with ``log``, on a logarithmic scale.

    Parameters
    ----------
    low, high, step : float
        With ``log``, ``step`` is in powers of ten: with 0.1, ten arrow keys make a factor of 10.
    unit : str
        Said after the number by screen readers, and shown with the label.
    """

    def __init__(
        self,
        name: str,
        label: str,
        value: float,
        low: float,
        high: float,
        step: float,
        *,
        log: bool = False,
        unit: str = "",
    ):
        self.low, self.high, self.unit = low, high, unit
        self._least = 0 if log else step / 1000
        value = three_digits(checked(name, value, low, high))
        style = {"description_width": "initial"}
        kind = ipywidgets.FloatLogSlider if log else ipywidgets.FloatSlider
        ends = (math.log10(low), math.log10(high)) if log else (low, high)
        slider = kind(
            value=value,
            min=ends[0],
            max=ends[1],
            step=step,
            description=_described(label, unit),
            readout_format=".3",
            style=style,
            layout=_WIDE,
        )
        _slides(slider, label)
        super().__init__(name, label, slider)

    @property
    def value(self) -> Any:
        """The present value, rounded to three digits: what is shown is what is computed with."""
        value = three_digits(self.widget.value)
        return value if abs(value) > self._least else 0.0  # a browser's steps may miss 0 by 1e-17

    @value.setter
    def value(self, value: Any) -> None:
        self.widget.value = value

    @property
    def text(self) -> str:
        """The present value, e.g. ``"0.01"``."""
        return f"{self.value:g}"

    @property
    def spoken(self) -> str:
        """The present value with its unit."""
        return f"{self.text} {told(self.unit)}".strip()

    def read(self, text: str) -> float:
        """Return the number; raise ValueError unless it is one within the range."""
        return checked(self.name, _number(self.name, text), self.low, self.high)

    @property
    def example(self) -> str:
        """The smallest value."""
        return f"{self.low:g}"

    def attributes(self) -> list[tuple[str, dict[str, str]]]:
        """Return a name for the handle, which ipywidgets leaves nameless, and for the number."""
        return [
            (f".{self.css} [role=slider]", {"aria-label": told(self.label)}),
            (
                f".{self.css} .widget-readout",
                {"role": "textbox", "aria-label": told(f"{self.label}, type a number")},
            ),
        ]


class Whole(Number):
    """A slider for a whole number."""

    def __init__(
        self, name: str, label: str, value: int, low: int, high: int, *, unit: str = "", step=1
    ):
        self.low, self.high, self.unit = low, high, unit
        slider = ipywidgets.IntSlider(
            value=int(checked(name, value, low, high)),
            min=low,
            max=high,
            step=step,
            description=_described(label, unit),
            style={"description_width": "initial"},
            layout=_WIDE,
        )
        _slides(slider, label)
        Control.__init__(self, name, label, slider)

    @property
    def value(self) -> int:
        """The present value."""
        return self.widget.value

    @value.setter
    def value(self, value: int) -> None:
        self.widget.value = value

    def read(self, text: str) -> int:
        """Return the number; raise ValueError unless it is a whole one within the range."""
        number = super().read(text)
        if number != int(number):
            raise InputError(f"{self.name} must be a whole number; got {text!r}")
        return int(number)


class Choice(Control):
    """A list to choose from.

    Parameters
    ----------
    options : mapping of str to object, or sequence of str
        What the learner reads, and the value that it stands for.
    value : str
        The option at the start.
    """

    def __init__(
        self, name: str, label: str, value: str, options: Mapping[str, Any] | Sequence[str]
    ):
        self.options = (
            dict(options)
            if isinstance(options, Mapping)
            else {option: option for option in options}
        )
        self._known(name, value)
        dropdown = ipywidgets.Dropdown(
            options=[(told(option), option) for option in self.options],
            value=value,
            description=told(label),
            style={"description_width": "initial"},
            layout={"width": "auto", "max_width": "100%"},
        )
        super().__init__(name, label, dropdown)

    @property
    def chosen(self) -> Any:
        """The value that the present option stands for."""
        return self.options[self.widget.value]

    def read(self, text: str) -> str:
        """Return the option; raise ValueError if there is no such option."""
        self._known(self.name, text)
        return text

    def _known(self, name: str, value: str) -> None:
        if value not in self.options:
            raise InputError(f"{name} must be one of {', '.join(self.options)}; got {value!r}")


class Switch(Control):
    """A box to tick."""

    def __init__(self, name: str, label: str, value: bool):
        box = ipywidgets.Checkbox(
            value=bool(value),
            description=told(label),
            indent=False,
            layout={"width": "auto"},
        )
        super().__init__(name, label, box)

    @property
    def text(self) -> str:
        """``"on"`` or ``"off"``."""
        return "on" if self.value else "off"

    def read(self, text: str) -> bool:
        """Return True for ``"on"``, False for ``"off"``; raise ValueError for anything else."""
        if text not in ("on", "off"):
            raise InputError(f"{self.name} must be on or off; got {text!r}")
        return text == "on"


def checked(name: str, value: float, low: float, high: float) -> float:
    """Return ``value`` as a float; raise ValueError unless it lies from ``low`` to ``high``."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not low <= number <= high:
        raise InputError(f"{name} must be a number from {low:g} to {high:g}; got {value!r}")
    return number


def three_digits(value: float) -> float:
    """Return the value, rounded to three significant digits."""
    return float(f"{value:.3g}")


def _slides(slider: ipywidgets.Widget, label: str) -> None:
    """Mark a slider for the style sheet, and also whether it can share a row."""
    slider.add_class("bplab-slider")
    if len(label) < SHORT:
        slider.add_class("bplab-short")


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(f"{name} must be a number; got {text!r}") from None


def _described(label: str, unit: str) -> str:
    return f"{told(label)} ({told(unit)})" if unit else told(label)


def button(
    name: str,
    css: str,
    action: Callable[[], None],
    tip: str | None = None,
    *,
    icon: str = "",
    width: str = "auto",
) -> ipywidgets.Button:
    """Return a button with the CSS class ``bplab-CSS``, where CSS is the argument ``css``."""
    made = ipywidgets.Button(
        description=told(name), tooltip=told(tip or ""), icon=icon, layout={"width": width}
    )
    made.add_class(f"bplab-{css}")
    made.on_click(lambda _: action())
    return made


# --- the state string ----------------------------------------------------------------------------


def write_state(controls: Sequence[Control]) -> str:
    """Return e.g. ``"gamma=0.01"``; several values are joined by commas."""
    return ",".join(f"{control.name}={control.text}" for control in controls)


def read_state(state: str, controls: Sequence[Control]) -> dict[str, Any]:
    """Return the values in a state string, by the controls' names.

    Parameters
    ----------
    state : str
        As `write_state` writes it; spaces do not matter. It need not name every control.
    controls : sequence of Control

    Raises
    ------
    ValueError
        If there is no name, a name is unknown or given twice, or a value is out of range.
    """
    example = ",".join(f"{control.name}={control.example}" for control in controls)
    if not isinstance(state, str):
        raise InputError(f"state must be a string such as {example!r}; got {state!r}")
    known = {control.name: control for control in controls}
    values: dict[str, Any] = {}
    for part in state.split(","):
        name, equals, text = (piece.strip() for piece in part.partition("="))
        if not equals or name not in known or name in values:
            raise InputError(f"state must look like {example!r}; got {state!r}")
        values[name] = known[name].read(text)
    return values


# --- for screen readers and the keyboard -----------------------------------------------------

# The script reaches nothing outside its own panel, and waits until the controls are there.
_NAMES = """(function name(img, tries) {
  const panel = img.closest('.bplab-panel');
  const ready = panel && panel.querySelector(FIRST);
  if (!ready) return tries && setTimeout(name, 100, img, tries - 1);
  for (const [selector, attributes] of ATTRIBUTES)
    for (const part of panel.querySelectorAll(selector))
      for (const [key, value] of Object.entries(attributes)) part.setAttribute(key, value);
})(this, 100)"""

# set on the box that stays: a live region that is itself replaced is not read out
_LIVE = (".bplab-readout .widget-html-content", {"aria-live": "polite", "aria-atomic": "true"})
# otherwise JupyterLab's shortcuts take arrow keys and letters from a dropdown, and Notebook 7's
# take arrow keys from a slider, too
_KEYS = ("select, [role=slider]", {"data-lm-suppress-shortcuts": "true"})
_FOLD = (".bplab-fold", {"aria-expanded": "false"})


def named(attributes: Iterable[tuple[str, Mapping[str, str]]], more: str = "") -> ipywidgets.HTML:
    """Return an invisible widget that names the parts of the panel that it is put into.

    Parameters
    ----------
    attributes : iterable of (str, mapping)
        Selectors inside the panel, and the attributes that their elements get.
    more : str
        Further HTML to send with it.
    """
    found = [*attributes]
    first = found[0][0] if found else ".bplab-readout"
    script = _NAMES.replace("FIRST", _json(first))
    script = script.replace("ATTRIBUTES", _json([*found, _LIVE, _KEYS, _FOLD]))
    dot = f'<img alt="" onload="{html.escape(script)}" src="{DOT}">'
    return ipywidgets.HTML(f"{STYLE}{more}{dot}", layout={"display": "none"})


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
