"""Controls of the backward-pass panel whose range changes with the network."""

from collections.abc import Sequence

import ipywidgets

from bplab.widgets.backward_pass.model import Pass, steps
from bplab.widgets.backward_pass.words import elements, title
from bplab.widgets.kit.controls import Choice, Whole

__all__ = ["NOTHING", "Part", "Steps", "networks", "sizes_of", "step_buttons"]

NOTHING = "nothing"
MOST = len(steps(3)) - 1


def networks(sizes: Sequence[int]) -> list[str]:
    """Return the networks to choose from: this one, and others with its inputs and outputs.

    Raises
    ------
    ValueError
        If it has not one to three hidden layers, or a layer has not one to three units.
    """
    whole = all(isinstance(size, int) and 1 <= size <= 3 for size in sizes)
    if not whole or not 3 <= len(sizes) <= 5:
        raise ValueError(
            "sizes must be 3 to 5 whole numbers from 1 to 3: inputs, units of one to three hidden "
            f"layers, outputs; got {sizes!r}"
        )
    p, *hidden, K = sizes
    others = ((3,), (2, 2), (3, 2), (2, 2, 2))
    found = [hidden, *(list(other) for other in others if list(other) != hidden)]
    return ["-".join(map(str, (p, *layers, K))) for layers in found]


def sizes_of(network: str) -> tuple[int, ...]:
    """Return the numbers of units in a name such as ``"2-3-2"``."""
    return tuple(map(int, network.split("-")))


class Steps(Whole):
    """The slider over the steps; it ends where the network's steps end."""

    def __init__(self, network: str):
        self._titles: list[str] = []
        super().__init__("step", "step", 0, 0, MOST)
        self.fit(network)

    def fit(self, network: str) -> None:
        """End where the steps through this network end."""
        # ipywidgets moves the value along, if it lies behind the end
        self.widget.max = len(steps(len(sizes_of(network)) - 2)) - 1

    def say(self, network: Pass) -> None:
        """Call the steps by their names when they are spoken."""
        self._titles = [title(step, network) for step in steps(network.depth)]

    @property
    def spoken(self) -> str:
        """The number of the step, and its name."""
        name = self._titles[self.value] if self.value < len(self._titles) else ""
        return f"{self.value}: {name}"


class Part(Choice):
    """The unit or edge whose formulas are shown."""

    def __init__(self, network: str, known: Sequence[str]):
        self._known_anywhere = {NOTHING, *(n for name in known for n in elements(sizes_of(name)))}
        super().__init__("show", "show a unit or edge", NOTHING, [NOTHING])
        self.fit(network)

    def fit(self, network: str) -> None:
        """Offer the parts of this network; what it does not have is no longer shown."""
        found = elements(sizes_of(network))
        self.options = {NOTHING: None, **found}
        now = self.widget.value
        self.widget.options = list(self.options)
        self.widget.value = now if now in self.options else NOTHING

    @property
    def value(self) -> str:
        """The name of the part."""
        return self.widget.value

    @value.setter
    def value(self, value: str) -> None:
        self.widget.value = value if value in self.options else NOTHING

    def read(self, text: str) -> str:
        """Return the part, if one of the networks has it: the network may change along with it."""
        if text not in self._known_anywhere:
            raise ValueError(f"{self.name} must be {NOTHING}, or a part such as 'input x1'")
        return text


def step_buttons(control: Steps) -> list[ipywidgets.Button]:
    """Return buttons to the first step, one back, one on, and to the last."""
    buttons = []
    for words, name, tip, move in (
        ("« first", "first", "to the first step", lambda now, last: 0),
        ("‹ back", "back", "one step back", lambda now, last: max(now - 1, 0)),
        ("next ›", "next", "one step on", lambda now, last: min(now + 1, last)),
        ("last »", "last", "to the last step", lambda now, last: last),
    ):
        button = ipywidgets.Button(description=words, tooltip=tip, layout={"width": "80px"})
        button.add_class(f"bplab-step-{name}")
        button.on_click(
            lambda _, move=move: setattr(control, "value", move(control.value, control.widget.max))
        )
        buttons.append(button)
    return buttons
