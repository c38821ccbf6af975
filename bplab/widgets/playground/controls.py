"""The controls of the playground, and the rows that they stand in."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import ipywidgets

from bplab.widgets.kit.controls import Choice, Control, Number, Whole
from bplab.widgets.playground.data import DATA, OWN, DataSet
from bplab.widgets.playground.model import ACTIVATIONS, LAST, OUTPUTS, STARTS, Settings

__all__ = [
    "DEEPEST",
    "DRAWN",
    "ROWS",
    "Epoch",
    "Feature",
    "box",
    "controls",
    "settings_of",
    "show",
]

DEEPEST = 3
UNITS = 8
FEATURES = 4  # of the penguins
LONG = ("gamma", "epoch", "example")  # sliders that need many steps
ALL, DRAWN = "all features", "the two drawn"

ROWS = {
    "data": ("data", "noise", "share", "seed", "inputs", "across", "up"),
    "network": ("layers", "output", "start"),
    "layers": ("units1", "act1", "units2", "act2", "units3", "act3"),
    "training": ("gamma", "epoch"),
    "example": ("example",),
}
"""The names of the controls in each row."""


class Epoch(Whole):
    """The epoch whose weights are shown: a slider back over the epochs so far."""

    def __init__(self):
        super().__init__("epoch", "epoch (back and forth)", 0, 0, LAST)
        self.widget.max = 0

    @property
    def value(self) -> int:
        """The present value."""
        return self.widget.value

    @value.setter
    def value(self, value: int) -> None:
        self.widget.max = max(self.widget.max, value)
        self.widget.value = value

    def put(self, value: int, last: int) -> None:
        """Set the value and the end of the slider."""
        self.widget.max = max(last, value)
        self.widget.value = value
        self.widget.max = last


class Feature(Choice):
    """One of the data set's features, shown by its name; the state string has its number."""

    def __init__(self, name: str, label: str, value: str, count: int):
        super().__init__(name, label, value, [str(j) for j in range(1, count + 1)])

    @property
    def value(self) -> str:
        """The feature's number."""
        return self.widget.value

    @value.setter
    def value(self, value: str) -> None:
        if value not in [number for _, number in self._offered()]:
            self.widget.options = list(self.options)  # a feature of a data set not yet chosen
        self.widget.value = value

    def _offered(self) -> list[tuple[str, str]]:
        return [o if isinstance(o, tuple) else (o, o) for o in self.widget.options]

    @property
    def column(self) -> int:
        """The column of X."""
        return int(self.value) - 1

    def offer(self, features: Sequence[str], value: str) -> None:
        """Offer these features, and choose one of them."""
        offered = [(feature, str(j)) for j, feature in enumerate(features, start=1)]
        if self._offered() != offered:
            self.widget.options = offered
        self.widget.value = value


def controls(*, own: bool, features: int, examples: int) -> list[Control]:
    """Return the controls of a new playground.

    Parameters
    ----------
    own : bool
        Whether the learner gave data of their own.
    features, examples : int
        The largest number of features, and of examples, that a data set may have.
    """
    count = max(features, FEATURES)
    found: list[Control] = [
        Choice("data", "data", OWN if own else "circle", [*DATA, *([OWN] if own else [])]),
        Number("noise", "noise", 0.0 if own else 0.1, 0, 1, 0.05, unit="× s.d."),
        Whole("share", "for training", 50, 10, 90, unit="%", step=10),
        Whole("seed", "seed", 0, 0, 99),
        Choice("inputs", "the network sees", ALL, [ALL, DRAWN]),
        Feature("across", "drawn across", "1", count),
        Feature("up", "drawn up", "2", count),
        Choice("layers", "hidden layers", "1", [str(d) for d in range(1, DEEPEST + 1)]),
    ]
    for d in range(1, DEEPEST + 1):
        found += [
            Whole(f"units{d}", f"units of layer {d}", 6, 1, UNITS),
            Choice(f"act{d}", f"σ of layer {d}", "tanh", list(ACTIVATIONS)),
        ]
    found += [
        Choice("output", "output g", "sigmoid", list(OUTPUTS)),
        Choice("start", "starting weights", "random", list(STARTS)),
        Number("gamma", "learning rate γ", 0.01, 1e-5, 1.0, 0.1, log=True),
        Epoch(),
        Choice("speed", "epochs a picture", "5", ["1", "2", "5", "20", "100"]),
        Whole("example", "example", 0, 0, examples - 1),
    ]
    for control in found:
        if isinstance(control, Number):
            control.widget.layout.width = "430px" if control.name in LONG else "250px"
    return found


def settings_of(at: Mapping[str, Any], data: DataSet, drawn: tuple[int, int]) -> Settings:
    """Return the settings that the controls stand for.

    Parameters
    ----------
    at : mapping of str to Control
        The controls by name.
    data : DataSet
        The chosen data set.
    drawn : (int, int)
        The features that are drawn.
    """
    layers = range(1, int(at["layers"].value) + 1)
    two = at["inputs"].value == DRAWN and data.X.shape[1] > 2
    return Settings(
        data=at["data"].value,
        noise=at["noise"].value,
        share=at["share"].value,
        seed=at["seed"].value,
        features=drawn if two else None,
        units=tuple(at[f"units{d}"].value for d in layers),
        activations=tuple(at[f"act{d}"].value for d in layers),
        output=at["output"].value,
        start=at["start"].value,
    )


def box(widgets: Iterable[ipywidgets.Widget]) -> ipywidgets.HBox:
    """Return a row of widgets that wraps where it is full."""
    return ipywidgets.HBox(
        list(widgets),
        layout={"flex_flow": "row wrap", "align_items": "center", "grid_gap": "0 12px"},
    )


def show(widget: ipywidgets.Widget, shown: bool) -> None:
    """Show a widget, or hide it."""
    widget.layout.display = None if shown else "none"
