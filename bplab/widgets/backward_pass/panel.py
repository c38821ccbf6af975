"""The backward-pass panel: one example travels through a network and back, a step at a time.

Nothing is recorded: each change computes the whole pass anew.
"""

import html
from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets

from bplab.plots.network import sub
from bplab.widgets.backward_pass.controls import (
    NOTHING,
    Part,
    Steps,
    networks,
    sizes_of,
    step_buttons,
)
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
from bplab.widgets.backward_pass.words import Names, formulas, story, title
from bplab.widgets.kit.controls import Choice, Number
from bplab.widgets.kit.panel import Panel
from bplab.widgets.kit.presets import preset_buttons
from bplab.widgets.kit.svg import number

__all__ = ["BackwardPassPanel", "backward_pass"]

WEIGHTS = ("A", "B", "C", EQUAL)
X, Y = (0.8, -0.5, 1.0), (1.0, 0.0, 0.0)
IN_ALT = 9  # formulas


def backward_pass(
    *, sizes: Sequence[int] = (2, 3, 2), state: str | None = None, **mine: Callable
) -> "BackwardPassPanel":
    """Show one example on its way through a small network, and its delta on the way back.

    At each step the picture shows what is computed, and the term on each edge that is used;
    below it stand the equation and the formula with the numbers put in. The steps back are
    residual, output delta, weight gradient, send back, hidden delta, weight gradient, down to
    the input. Choose a unit or an edge, click on it, or rest the mouse on it, for its formulas.

    Parameters
    ----------
    sizes : sequence of int
        Numbers of inputs, of units in one to three hidden layers, and of outputs; each from
        1 to 3. Other networks with as many inputs and outputs can be chosen in the panel.
    state : str, optional
        What ``panel.state`` gave, such as ``"network=2-2-2-2,sigma1=ReLU,step=9"``.
    **mine : callable
        Your own functions, by their names in the course: ``output_delta``, ``backward_output``,
        ``grad_beta``, ``grad_alpha``, ``backward_hidden``, ``weight_gradient``,
        ``grad_last_hidden``, ``hidden_delta``, ``hidden_deltas`` or ``backward`` (of section 3).
        Each is given what the reference has computed so far; where it gives something else, the
        picture has a cross with your number, and a sentence says so.

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
        The learner's.
    network : Pass
        All that is computed for the example.
    mine : Mine
        What the learner's functions give, and where it is wrong.
    """

    def __init__(
        self, sizes: Sequence[int], functions: dict[str, Callable], state: str | None = None
    ):
        self.functions = functions
        self._computed: tuple[Any, Pass, Mine] | None = None
        self._figure = NetworkFigure()
        names = networks(sizes)
        first, p, K = names[0], sizes[0], sizes[-1]
        network, self._steps = Choice("network", "network", first, names), Steps(first)
        part = Part(first, names)

        def fit(_: Any) -> None:
            held, self._held = getattr(self, "_held", False), True  # to be drawn once, after all
            try:
                for control in (self._steps, part):
                    control.fit(network.value)
            finally:
                self._held = held

        # before the panel itself looks: it must find steps and parts of this network
        network.widget.observe(fit, "value")
        self._sigmas = [
            Choice(f"sigma{d}", f"σ, layer {d}", "tanh", ACTIVATIONS) for d in (1, 2, 3)
        ]
        choices = [
            *(network, Choice("weights", "weights", "A", WEIGHTS), *self._sigmas),
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
            self._figure.view,
            [*choices, *sliders, self._steps, part],
            buttons=[*step_buttons(self._steps), *preset_buttons(self, _presets(p, K))],
            state=state,
        )

    def arrange(self, widgets: list[ipywidgets.Widget]) -> list[ipywidgets.Widget]:
        """Stand the steps close to the picture, and the part that is shown close to its formula."""
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

    def forget(self) -> None:
        """Compute anew: the learner's functions may have changed."""
        self._computed = None

    @property
    def network(self) -> Pass:
        """All that is computed for the example."""
        return self.compute()[0]

    @property
    def mine(self) -> Mine:
        """What the learner's functions give, and where it is wrong."""
        return self.compute()[1]

    @property
    def step(self) -> Step:
        """The present step."""
        return steps(self.network.depth)[self._steps.value]

    def compute(self) -> tuple[Pass, Mine]:
        """Send the example through, and back; once for all steps."""
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
        self._figure.draw(network, all_steps, at, part.chosen, mine)
        equation, general, lines = story(step, network)
        many = "equations" if " and " in equation or " to " in equation else "equation"
        equation = f"{many} {equation}" if equation.startswith("(") else equation
        name = title(step, network)
        said = [*_comments(step, network), *_learner(mine, step, network)]
        acts = ", ".join(sigma.name for sigma in network.sigmas)
        alt = (
            f"Network {self.controls['network'].value}, hidden {acts}, output {network.g.name}. "
            f"Step {at} of {len(all_steps) - 1}: {name}, {equation}. "
            f"{'; '.join([*lines[:IN_ALT], *_values(step, network)])}. {' '.join(said)}"
        ).strip()
        rows = [
            f"<b>{name}</b>, {equation}: {general}",
            _grid(lines or _values(step, network)),
            *(html.escape(sentence) for sentence in said),
        ]
        if part.chosen is not None:
            shown = formulas(part.chosen, network)
            alt += f" Marked, {part.value}: {'; '.join(shown)}."
            rows.append(f"<b>{part.value}</b>{_grid(shown)}")
        return alt, "".join(f'<div style="line-height:1.6">{row}</div>' for row in rows)


def _row(widgets: Sequence[ipywidgets.Widget]) -> ipywidgets.HBox:
    return ipywidgets.HBox(list(widgets), layout={"flex_flow": "row wrap"})


def _grid(lines: Sequence[str]) -> str:
    """Formulas beside each other, where the page is wide enough."""
    cells = "".join(f"<span>{html.escape(line)}</span>" for line in lines)
    width = 2 + 0.56 * max(map(len, lines), default=0)
    columns = f"repeat(auto-fill,minmax(min(100%,{width:.0f}em),1fr))"
    return f'<div style="display:grid;grid-template-columns:{columns};column-gap:2em">{cells}</div>'


def _values(step: Step, network: Pass) -> list[str]:
    """What the first and the last step show, which compute nothing."""
    names = Names(network.depth)
    if step.kind == "input":
        example = [f"{names.z(0, i + 1)} = {number(x)}" for i, x in enumerate(network.z[0])]
        return [*example, *(f"y{sub(k + 1)} = {number(y)}" for k, y in enumerate(network.y))]
    if step.kind != "all gradients":
        return []
    return [
        f"∂R/∂{names.weight(d, to + 1, of)} = {number(value)}"
        for d, gradient in reversed(list(enumerate(network.gradient, start=1)))
        for (to, of), value in _entries(gradient)
    ]


def _entries(gradient: Any) -> list[tuple[tuple[int, int], float]]:
    return [((i, j), v) for i, row in enumerate(gradient.tolist()) for j, v in enumerate(row)]


def _comments(step: Step, n: Pass) -> list[str]:
    """What is special at this step."""
    d, names = step.layer, Names(n.depth)
    said = []
    if step.kind == "hidden delta":
        off = [names.delta(d, m + 1) for m, slope in enumerate(n.slope[d - 1]) if slope == 0]
        if off:
            said.append(
                f"Off: σ′ is 0 for {' and '.join(off)}, so nothing passes, and no weight "
                "that leads there learns from this example."
            )
        low = [names.delta(d, m + 1) for m, slope in enumerate(n.slope[d - 1]) if 0 < slope < 0.05]
        if low:
            said.append(f"Saturated: σ′ is below 0.05 for {' and '.join(low)}.")
    if step.kind == "output delta" and not n.softmax:
        low = [f"δ{sub(k + 1)}" for k, slope in enumerate(n.jacobian().diagonal()) if slope < 0.05]
        if low:
            said.append(
                f"Saturated: g′ is below 0.05 for {' and '.join(low)}: however wrong f is, little "
                "is sent back."
            )
    if step.kind in ("hidden delta", "all gradients"):
        layers = range(1, n.depth + 1) if step.kind == "all gradients" else (d,)
        same = [
            layer
            for layer in layers
            if n.sizes[layer] > 1 and (n.gradient[layer - 1] == n.gradient[layer - 1][0]).all()
        ]
        if same and any(n.delta[layer - 1].any() for layer in same):
            said.append(
                f"Symmetric: all units of layer {' and '.join(map(str, same))} get the same "
                "gradient, so after an update they are still the same."
            )
    return said


def _learner(mine: Mine, step: Step, n: Pass) -> list[str]:
    """What the learner's functions give at this step, and where they are wrong elsewhere."""
    said = [
        problem if name in problem else f"In your {name}: {problem}"
        for name, problem in mine.failed.items()
    ]
    said += [f"Your {name} is for one hidden layer: choose such a network." for name in mine.idle]
    here = mine.at(step)
    for opinion in here:
        places = list(zip(*opinion.wrong.nonzero(), strict=True))
        if not places:
            said.append(f"✓ Your {opinion.function} agrees here.")
            continue
        place = places[0]
        right = getattr(n, step.kind.split()[-1])[step.layer - 1][place]
        said.append(
            f"✕ Your {opinion.function} differs here in {len(places)} of {opinion.wrong.size} "
            f"numbers: its {_name(step, place, n)} is {number(opinion.value[place], 6)}, "
            f"right is {number(right, 6)}."
        )
    elsewhere: dict[str, list[str]] = {}
    for i, other in enumerate(steps(n.depth)):
        for opinion in mine.at(other):
            if opinion.wrong.any() and other != step:
                elsewhere.setdefault(opinion.function, []).append(f"{i} ({title(other, n)})")
    for name, places in elsewhere.items():
        said.append(f"✕ Your {name} differs in step {', '.join(places)}.")
    if mine.opinions and not any(o.wrong.any() for each in mine.opinions.values() for o in each):
        functions = sorted({o.function for each in mine.opinions.values() for o in each})
        said.append(f"✓ In all steps that they take part in, yours agree: {', '.join(functions)}.")
    return said


def _name(step: Step, place: tuple[int, ...], n: Pass) -> str:
    names = Names(n.depth)
    if step.kind == "weight gradient":
        return f"∂R/∂{names.weight(step.layer, int(place[0]) + 1, int(place[1]))}"
    return names.delta(step.layer, int(place[0]) + 1)


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
    """Weights with which the example switches some ReLU units off, not all."""
    for name in WEIGHTS:
        alpha, _ = network_weights((p, 3, K), name)
        on = alpha[:, 0] + alpha[:, 1:] @ X[:p] > 0
        if on.any() and not on.all():
            return name
    return WEIGHTS[0]
