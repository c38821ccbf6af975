"""The backward-pass panel: one example travels through a network and back, a step at a time.

Nothing is recorded beforehand: each change computes the whole pass again.
"""

import html
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import ipywidgets

from bplab.errors import InputError
from bplab.plots import sub
from bplab.widgets.backward_pass.figure import NetworkFigure
from bplab.widgets.backward_pass.learner import Mine, checked_functions, compare
from bplab.widgets.backward_pass.model import (
    ACTIVATIONS,
    EQUAL,
    OUTPUTS,
    Pass,
    Step,
    network_weights,
    run,
    steps,
)
from bplab.widgets.backward_pass.words import (
    comments,
    elements,
    formulas,
    opinions,
    story,
    title,
    values,
)
from bplab.widgets.kit.controls import Choice, Number, Whole, button
from bplab.widgets.kit.panel import Panel, lines

__all__ = ["BackwardPassPanel", "backward_pass"]

WEIGHTS = ("A", "B", "C", EQUAL)
X, Y = (0.8, -0.5, 1.0), (1.0, 0.0, 0.0)
IN_ALT = 9  # formulas in the alt text, at most
NOTHING = "nothing"
MOST = len(steps(3)) - 1


def backward_pass(
    *, sizes: Sequence[int] = (2, 3, 2), state: str | None = None, **mine: Callable
) -> "BackwardPassPanel":
    """Show one example on its way through a small network, and its delta on the way back.

    At each step the picture shows what is computed, with a term on each edge that is used; the
    equation stands below, and the formula with the numbers put in. The steps back are residual,
    output delta and weight gradient, and then for each hidden layer send back, hidden delta and
    weight gradient, down to the input. To see the formulas of a unit or an edge, choose it, click
    on it, or rest the mouse on it.

    Parameters
    ----------
    sizes : sequence of int
        The numbers of inputs, of units in one to three hidden layers, and of outputs; each from
        1 to 3. Other networks with as many inputs and outputs can be chosen in the panel.
    state : str, optional
        The ``state`` of another panel, such as ``"network=2-2-2-2,sigma1=ReLU,step=9"``.
    **mine : callable
        Your own functions, by their names in the course: ``output_delta``, ``backward_output``,
        ``grad_beta``, ``grad_alpha``, ``backward_hidden``, ``weight_gradient``,
        ``grad_last_hidden``, ``hidden_delta``, ``hidden_deltas`` or ``backward`` (of section 3).
        Each is given the reference's values as arguments. Where it returns something else than the
        reference, the picture has a cross with your number, and a sentence says so.

    Returns
    -------
    BackwardPassPanel
        Shown when it is the last line of a cell.

    Raises
    ------
    ValueError
        If an argument is not as described.
    """
    return BackwardPassPanel(sizes, checked_functions(mine), state)


class BackwardPassPanel(Panel):
    """What `backward_pass` shows.

    Attributes
    ----------
    functions : dict of str to callable
        The learner's functions, by name.
    network : Pass
        All that is computed for the example.
    mine : Mine
        The values that the learner's functions give, and where they are wrong.
    """

    always = (
        "step",
        "show",
    )

    def __init__(
        self, sizes: Sequence[int], functions: dict[str, Callable], state: str | None = None
    ):
        self.functions = functions
        self._computed: tuple[Any, Pass, Mine] | None = None
        names = networks(sizes)
        first, p, K = names[0], sizes[0], sizes[-1]
        network, self._steps = Choice("network", "network", first, names), Steps(first)
        self._sigmas = [
            Choice(f"sigma{d}", f"σ, layer {d}", "tanh", ACTIVATIONS) for d in (1, 2, 3)
        ]
        choices = [
            network,
            Choice("weights", "weights", "A", WEIGHTS),
            *self._sigmas,
            Choice("g", "g, output", "sigmoid", OUTPUTS),
        ]
        sliders = [Number(f"x{i + 1}", f"x{sub(i + 1)}", X[i], -5, 5, 0.1) for i in range(p)]
        sliders += [
            Number(f"y{k + 1}", f"target y{sub(k + 1)}", Y[k], -1, 1, 0.1) for k in range(K)
        ]
        for control in sliders:
            control.widget.layout.width = "240px"
        self._rows = (len(choices), len(sliders))
        super().__init__(
            NetworkFigure(),
            [*choices, *sliders, self._steps, Part(first, names)],
            buttons=step_buttons(self._steps),
            presets=_presets(p, K),
            state=state,
        )

    def arrange(self, widgets: list[ipywidgets.Widget]) -> list[ipywidgets.Widget]:
        """Place the step controls next to the picture, the choice of a part next to its formula."""
        choices, sliders = self._rows
        many = choices + sliders
        step, part, *buttons = widgets[many:]
        return [
            _row(widgets[:choices]),
            _row(widgets[choices:many]),
            _row(buttons[4:]),
            _row([step, *buttons[:4]]),
            self.canvas.widget,
            _row([part]),
            self.readout,
        ]

    def adjust(self) -> None:
        """Offer the steps and the parts of the present network."""
        for name in ("step", "show"):
            self.controls[name].fit(self.controls["network"].value)

    def forget(self) -> None:
        """Compute again: the learner's functions may have changed."""
        self._computed = None

    @property
    def network(self) -> Pass:
        """All that is computed for the example."""
        return self.compute()[0]

    @property
    def mine(self) -> Mine:
        """The values that the learner's functions give, and where they are wrong."""
        return self.compute()[1]

    @property
    def step(self) -> Step:
        """The present step."""
        return steps(self.network.depth)[self._steps.value]

    def compute(self) -> tuple[Pass, Mine]:
        """Compute both passes; the result is kept until anything but the step or part changes."""
        key = tuple(c.text for name, c in self.controls.items() if name not in ("step", "show"))
        if self._computed is None or self._computed[0] != key:
            sizes = sizes_of(self.controls["network"].value)
            weights = network_weights(sizes, self.controls["weights"].value)
            sigmas = [choice.chosen for choice in self._sigmas[: len(sizes) - 2]]
            x = [self.controls[f"x{i + 1}"].value for i in range(sizes[0])]
            y = [self.controls[f"y{k + 1}"].value for k in range(sizes[-1])]
            network = run(x, y, weights, sigmas, self.controls["g"].chosen)
            self._computed = key, network, compare(self.functions, network)
        return self._computed[1:]

    def draw(self, computed: tuple[Pass, Mine]) -> tuple[str, str]:
        """Show the present step."""
        network, mine = computed
        self._steps.say(network)
        for d, choice in enumerate(self._sigmas):
            choice.widget.disabled = d >= network.depth
        all_steps, at = steps(network.depth), self._steps.value
        step, part = all_steps[at], self.controls["show"]
        self.figure.draw(network, all_steps, at, part.chosen, mine)
        equation, general, worked = story(step, network)
        many = "equations" if " and " in equation or " to " in equation else "equation"
        equation = f"{many} {equation}" if equation.startswith("(") else equation
        name = title(step, network)
        said = [*comments(step, network), *opinions(mine, step, network)]
        acts = ", ".join(sigma.name for sigma in network.sigmas)
        alt = (
            f"Network {self.controls['network'].value}, hidden {acts}, output {network.g.name}; "
            "below each layer but the last a 1, joined to the next layer by the biases. "
            f"Step {at} of {len(all_steps) - 1}: {name}, {equation}. "
            f"{'; '.join([*worked[:IN_ALT], *values(step, network)])}. {' '.join(said)}"
        ).strip()
        rows = [
            f"<b>{name}</b>, {equation}" + (f": {general}" if general else ""),
            _grid(worked or values(step, network)),
            *(html.escape(sentence) for sentence in said),
        ]
        if part.chosen is not None:
            shown = formulas(part.chosen, network)
            alt += f" Marked, {part.value}: {'; '.join(shown)}."
            rows.append(f"<b>{part.value}</b>{_grid(shown)}")
        return alt, lines(*rows)


def _row(widgets: Sequence[ipywidgets.Widget]) -> ipywidgets.HBox:
    return ipywidgets.HBox(list(widgets), layout={"flex_flow": "row wrap"})


def _grid(lines: Sequence[str]) -> str:
    """Return formulas as HTML, in several columns where the page is wide enough."""
    cells = "".join(f"<span>{html.escape(line)}</span>" for line in lines)
    width = 2 + 0.56 * max(map(len, lines), default=0)
    columns = f"repeat(auto-fill,minmax(min(100%,{width:.0f}em),1fr))"
    return f'<div style="display:grid;grid-template-columns:{columns};column-gap:2em">{cells}</div>'


def _presets(p: int, K: int) -> dict[str, str]:
    def at(weights: str, *more: str) -> str:
        return ",".join([f"network={p}-3-{K},weights={weights},g=sigmoid,show={NOTHING}", *more])

    example = [f"x{i + 1}={X[i]:g}" for i in range(p)]
    large = [f"x{i + 1}=5" for i in range(p)]
    return {
        "symmetric start": at(EQUAL, "sigma1=tanh", *example, "step=9"),
        "dead ReLU": at(_with_a_dead_unit(p, K), "sigma1=ReLU", *example, "step=7"),
        "saturated": at("C", "sigma1=tanh", *large, "step=7"),
    }


def _with_a_dead_unit(p: int, K: int) -> str:
    """Return the name of weights with which the example switches off some ReLU units, not all."""
    for name in WEIGHTS:
        alpha, _ = network_weights((p, 3, K), name)
        on = alpha[:, 0] + alpha[:, 1:] @ X[:p] > 0
        if on.any() and not on.all():
            return name
    return WEIGHTS[0]


# --- controls whose range changes with the network -------------------------------------------


def networks(sizes: Sequence[int]) -> list[str]:
    """Return the networks to choose from: this one, and others with as many inputs and outputs.

    Raises
    ------
    ValueError
        Unless there are one to three hidden layers, and one to three units in every layer.
    """
    whole = all(isinstance(size, int) and 1 <= size <= 3 for size in sizes)
    if not whole or not 3 <= len(sizes) <= 5:
        raise InputError(
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
        """Let the slider end where the steps through this network end."""
        # ipywidgets lowers the value, too, if it is beyond the new end
        self.widget.max = len(steps(len(sizes_of(network)) - 2)) - 1

    def say(self, network: Pass) -> None:
        """Set the names of the steps for screen readers."""
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
        """Offer the parts of this network; a part that it does not have is no longer chosen."""
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
        """Return the part, which any of the networks may have: the state may also set the network.

        Raises
        ------
        ValueError
            If none of the networks has it.
        """
        if text not in self._known_anywhere:
            raise InputError(f"{self.name} must be {NOTHING}, or a part such as 'input x1'")
        return text


def step_buttons(control: Steps) -> list[ipywidgets.Button]:
    """Return buttons that go to the first step, one back, one on, and to the last."""

    def go(move: Callable[[int], int]) -> None:
        control.value = min(max(move(control.value), 0), control.widget.max)

    return [
        button(words, f"step-{name}", partial(go, move), tip, width="80px")
        for words, name, tip, move in (
            ("« first", "first", "to the first step", lambda now: 0),
            ("‹ back", "back", "one step back", lambda now: now - 1),
            ("next ›", "next", "one step on", lambda now: now + 1),
            ("last »", "last", "to the last step", lambda now: MOST),
        )
    ]
