"""The backward pass in words: the paper's names, and formulas with the numbers put in."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from bplab.plots import sub
from bplab.widgets.backward_pass.learner import Mine
from bplab.widgets.backward_pass.model import Pass, Step, steps
from bplab.widgets.kit.svg import number

__all__ = ["Element", "elements", "formulas", "story", "title"]


class Element(NamedTuple):
    """A part of the network; ``kind`` is "unit", "weight" or "bias".

    A weight leads from unit ``of`` of the layer below to unit ``to`` of ``layer``; both are counted
    from 1. For units and biases ``of`` is 0.
    """

    kind: str
    layer: int
    to: int
    of: int = 0


def elements(sizes: Sequence[int]) -> dict[str, Element]:
    """Return all parts of a network of these sizes, by their names in the panel's control."""
    found = {f"input x{m}": Element("unit", 0, m) for m in range(1, sizes[0] + 1)}
    output = len(sizes) - 1
    for d in range(1, output + 1):
        where, letter, z = ("output", "β", "f") if d == output else (f"layer {d}", "α", "z")
        for m in range(1, sizes[d] + 1):
            found[f"{where}: unit {z}{m}"] = Element("unit", d, m)
            found[f"{where}: bias {letter}0{m}"] = Element("bias", d, m)
            for l in range(1, sizes[d - 1] + 1):  # noqa: E741
                found[f"{where}: weight {letter}{m}{l}"] = Element("weight", d, m, l)
    return found


class Names:
    """The paper's names; with one hidden layer those of section 2, which name no layer."""

    def __init__(self, D: int):
        self._D = D

    def layer(self, d: int) -> str:
        """Return the layer's number as a superscript; nothing if there is one hidden layer."""
        return "" if self._D == 1 else f"⁽{str(d).translate(_SUPERSCRIPT)}⁾"

    def z(self, d: int, m: int) -> str:
        """Return the name of a unit's value."""
        letter = "x" if d == 0 else "f" if d > self._D else "z"
        return f"{letter}{sub(m)}{self.layer(d) if letter == 'z' else ''}"

    def a(self, d: int, m: int) -> str:
        """Return the name of the argument of the unit's activation."""
        return f"t{sub(m)}" if d > self._D else f"a{sub(m)}{self.layer(d)}"

    def delta(self, d: int, m: int) -> str:
        """Return the name of the unit's delta."""
        return f"δ{sub(m)}" if d > self._D else f"s{sub(m)}{self.layer(d)}"

    def weight(self, d: int, to: int, of: int) -> str:
        """Return the name of a weight, or of a bias if ``of`` is 0."""
        index = f"{sub(to)}{sub(of)}" if of else f"₀{sub(to)}"
        return f"β{index}" if d > self._D else f"α{index}{self.layer(d)}"


_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def title(step: Step, network: Pass) -> str:
    """Return the name of a step, with its layer."""
    if step.kind in ("input", "all gradients"):
        return {"input": "the example and the weights"}.get(step.kind, step.kind)
    where = "output" if step.layer > network.depth else f"layer {step.layer}"
    if step.kind == "layer":
        return f"forward pass, {where}"
    return f"{step.kind}, to {where}" if step.kind == "send back" else f"{step.kind}, {where}"


def story(step: Step, n: Pass) -> tuple[str, str, list[str]]:
    """Return the step's equation number, its formula as HTML, and lines with the numbers put in."""
    d, lines = step.layer, []
    units = range(1, n.sizes[d] + 1)
    if step.kind == "layer":
        lines = [formula for m in units for formula in _forward(n, d, m)]
        if d > n.depth:
            errors = " + ".join(
                f"{number(e)}²" if e >= 0 else f"({number(e)})²" for e in _errors(n)
            )
            lines.append(f"R = Σ (y − f)² = {errors} = {number(n.risk)}")
    elif step.kind == "residual":
        lines = [_residual(n, k) for k in units]
    elif step.kind == "output delta":
        lines = [_output_delta(n, k) for k in units]
    elif step.kind == "send back":
        lines = [_send_back(n, d, m) for m in units]
    elif step.kind == "hidden delta":
        lines = [_hidden_delta(n, d, m) for m in units]
    elif step.kind == "weight gradient":
        sources = range(n.sizes[d - 1] + 1)
        lines = [gradient(n, d, m, of) for m in units for of in sources]
    return _equation(step, n), _general(step, n), lines


def formulas(element: Element, n: Pass) -> list[str]:
    """Return lines with all values and formulas that belong to an element."""
    d, m = element.layer, element.to
    names = Names(n.depth)
    if element.kind == "unit":
        if d == 0:
            return [f"{names.z(0, m)} = {number(n.z[0][m - 1])}"]
        if d > n.depth:
            return [*_forward(n, d, m), _residual(n, m), _output_delta(n, m)]
        return [*_forward(n, d, m), _send_back(n, d, m), _hidden_delta(n, d, m)]
    said = [f"{names.weight(d, m, element.of)} = {number(n.weights[d - 1][m - 1, element.of])}"]
    if element.kind == "weight":
        w, z = n.weights[d - 1][m - 1, element.of], n.z[d - 1][element.of - 1]
        name, source = names.weight(d, m, element.of), names.z(d - 1, element.of)
        said.append(f"forward: {name}·{source} = {product(w, z)} = {number(w * z)}")
        if d > 1:
            s = n.delta[d - 1][m - 1]
            said.append(
                f"sends back: {names.delta(d, m)}·{name} = {product(s, w)} = {number(s * w)}"
            )
    elif d > 1:
        said.append("a bias sends nothing back: the 1 that it multiplies depends on no weight")
    return [*said, gradient(n, d, m, element.of)]


def gradient(n: Pass, d: int, to: int, of: int) -> str:
    """Return the formula of one entry of a gradient; that of a bias if ``of`` is 0."""
    names = Names(n.depth)
    s = n.delta[d - 1][to - 1]
    z = n.z[d - 1][of - 1] if of else 1.0
    source = names.z(d - 1, of) if of else "1"
    return (
        f"∂R/∂{names.weight(d, to, of)} = {names.delta(d, to)}·{source} = {product(s, z)} = "
        f"{number(n.gradient[d - 1][to - 1, of])}"
    )


def product(first: float, second: float) -> str:
    """Return a product of two numbers; the second stands in brackets if it is negative."""
    return f"{number(first)}·{_bracketed(second)}"


def _bracketed(value: float) -> str:
    shown = number(value)
    return f"({shown})" if shown.startswith("−") else shown


def _sum_of(products: Sequence[tuple[float, float]]) -> str:
    return " + ".join(
        f"{_bracketed(u) if i else number(u)}·{_bracketed(v)}" for i, (u, v) in enumerate(products)
    )


def _errors(n: Pass) -> np.ndarray:
    return n.y - n.z[-1]


def _forward(n: Pass, d: int, m: int) -> list[str]:
    names, row, below = Names(n.depth), n.weights[d - 1][m - 1], n.z[d - 1]
    sources = range(1, len(below) + 1)
    letters = " + ".join(f"{names.weight(d, m, l)}·{names.z(d - 1, l)}" for l in sources)  # noqa: E741
    terms = " + ".join(
        f"{_bracketed(row[l])}·{_bracketed(below[l - 1])}"
        for l in sources  # noqa: E741
    )
    a, z = n.a[d - 1][m - 1], n.z[d][m - 1]
    said = (
        f"{names.a(d, m)} = {names.weight(d, m, 0)} + {letters} = {number(row[0])} + {terms} = "
        f"{number(a)}"
    )
    if d <= n.depth or not n.softmax:
        letter, g = ("σ" + names.layer(d), n.sigmas[d - 1]) if d <= n.depth else ("g", n.g)
        called = g.name.partition("(")[0]  # without the α of leaky ReLU
        z_m = f"{names.z(d, m)} = {letter}({names.a(d, m)}) = {called}({number(a)}) = {number(z)}"
        return [said, z_m]
    powers = np.exp(n.a[-1])
    quotient = f"{number(powers[m - 1])} / ({' + '.join(number(power) for power in powers)})"
    return [said, f"f{sub(m)} = exp(t{sub(m)}) / Σ exp(t) = {quotient} = {number(z)}"]


def _residual(n: Pass, k: int) -> str:
    y, f = n.y[k - 1], n.z[-1][k - 1]
    return (
        f"−2(y{sub(k)} − f{sub(k)}) = −2·({number(y)} − {_bracketed(f)}) = "
        f"{number(n.residual[k - 1])}"
    )


def _output_delta(n: Pass, k: int) -> str:
    delta, column = n.delta[-1][k - 1], n.jacobian()[:, k - 1]
    if not n.softmax:
        formula = f"−2(y{sub(k)} − f{sub(k)})·g′(t{sub(k)})"
        return (
            f"δ{sub(k)} = {formula} = {product(n.residual[k - 1], column[k - 1])} = {number(delta)}"
        )
    terms = _sum_of(list(zip(n.residual, column, strict=True)))
    return f"δ{sub(k)} = Σ −2(y − f)·∂f/∂t{sub(k)} = {terms} = {number(delta)}"


def _back_terms(n: Pass, d: int, m: int) -> tuple[str, str]:
    """Return the sum over the layer above, in letters and in numbers."""
    names, above, weights = Names(n.depth), n.delta[d], n.weights[d][:, m]
    letters = " + ".join(
        f"{names.delta(d + 1, k)}·{names.weight(d + 1, k, m)}" for k in range(1, len(above) + 1)
    )
    return letters, _sum_of(list(zip(above, weights, strict=True)))


def _send_back(n: Pass, d: int, m: int) -> str:
    letters, terms = _back_terms(n, d, m)
    return f"to {Names(n.depth).z(d, m)}: {letters} = {terms} = {number(n.sent[d - 1][m - 1])}"


def _hidden_delta(n: Pass, d: int, m: int) -> str:
    names = Names(n.depth)
    letters, _ = _back_terms(n, d, m)
    sent, slope = n.sent[d - 1][m - 1], n.slope[d - 1][m - 1]
    return (
        f"{names.delta(d, m)} = ({letters})·σ{names.layer(d)}′({names.a(d, m)}) = "
        f"{product(sent, slope)} = {number(n.delta[d - 1][m - 1])}"
    )


def _equation(step: Step, n: Pass) -> str:
    """Return the number of the step's equation in the paper, or the section."""
    delta, hidden = ("(10)", "(11)") if n.softmax else ("(6)", "(7)")
    if step.kind == "input":
        return (
            "x goes in, y should come out; on the edges stand the weights, below the units biases, "
            "the weights of the edges from a 1"
        )
    if step.kind == "all gradients":
        return f"{delta} and {hidden}" if n.depth == 1 else "(14) to (18)"
    if step.kind == "layer":
        return "sections 1 and 3" + (", R by (2)" if step.layer > n.depth else "")
    if step.kind in ("residual", "output delta"):
        return f"part of {delta}" if step.kind == "residual" else f"below {delta}"
    if step.layer > n.depth:
        return f"{delta}, in section 3 (14)"
    if n.depth == 1:
        return f"{hidden}, in section 3 (16)"
    return "(16)" if step.layer == n.depth else "(18)" if step.layer == 1 else "(17)"


def _general(step: Step, n: Pass) -> str:
    """Return the formula in letters, as HTML."""
    d, D = step.layer, n.depth
    mark = lambda layer: "" if D == 1 else f"<sup>({layer})</sup>"  # noqa: E731
    below = "x<sub>l</sub>" if d == 1 else f"z<sub>l</sub>{mark(d - 1)}"
    last = f"z<sub>m</sub>{mark(D)}"
    delta = "δ<sub>k</sub>"
    if step.kind == "input":
        return ""
    if step.kind == "all gradients":
        count = sum(gradient.size for gradient in n.gradient)
        return f"{count} numbers, one for each weight and bias, by one pass forward and one back"
    if step.kind == "residual":
        return "∂R/∂f<sub>k</sub> = −2(y<sub>k</sub> − f<sub>k</sub>)"
    if step.kind == "output delta":
        error = "(y<sub>k</sub> − f<sub>k</sub>)"
        if not n.softmax:
            return f"{delta} = −2{error} g′(t<sub>k</sub>)"
        return f"{delta} = −2 Σ<sub>l</sub> {error.replace('k', 'l')} ∂g<sub>l</sub>/∂t<sub>k</sub>"
    if step.kind == "layer" and d > D:
        g = "g<sub>k</sub>(t)" if n.softmax else "g(t<sub>k</sub>)"
        t = f"β<sub>0k</sub> + Σ<sub>m</sub> β<sub>km</sub> {last}"
        return f"t<sub>k</sub> = {t}, f<sub>k</sub> = {g}"
    if step.kind == "layer":
        alpha = f"α<sub>0m</sub>{mark(d)} + Σ<sub>l</sub> α<sub>ml</sub>{mark(d)} {below}"
        a = f"a<sub>m</sub>{mark(d)}"
        return f"{a} = {alpha}, z<sub>m</sub>{mark(d)} = σ{mark(d)}({a})"
    if step.kind == "weight gradient" and d > D:
        return f"∂R/∂β<sub>km</sub> = {delta} {last}"
    s = f"s<sub>m</sub>{mark(d)}"
    if step.kind == "weight gradient":
        return f"∂R/∂α<sub>ml</sub>{mark(d)} = {s} {below}"
    above = f"s<sub>k</sub>{mark(d + 1)} α<sub>km</sub>{mark(d + 1)}"
    if d == D:
        above = f"{delta} β<sub>km</sub>"
    if step.kind == "send back":
        return f"Σ<sub>k</sub> {above}"
    return f"{s} = Σ<sub>k</sub> {above} σ{mark(d)}′(a<sub>m</sub>{mark(d)})"


# --- beside the formulas -------------------------------------------------------------------------


def values(step: Step, network: Pass) -> list[str]:
    """Return the values that the first and the last step show; other steps have formulas."""
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


def comments(step: Step, n: Pass) -> list[str]:
    """Return sentences on what is special at this step: units that are off, saturated or equal."""
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


def opinions(mine: Mine, step: Step, n: Pass) -> list[str]:
    """Return sentences on the learner's functions: verdicts here, and where else they are wrong."""
    said = [
        problem if name in problem else f"In your {name}: {problem}"
        for name, problem in mine.failed.items()
    ]
    said += [
        f"Your {name} works with one hidden layer only: choose a network that has one."
        for name in mine.idle
    ]
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
    for name, other_steps in elsewhere.items():
        said.append(f"✕ Your {name} differs in step {', '.join(other_steps)}.")
    if mine.opinions and not any(o.wrong.any() for each in mine.opinions.values() for o in each):
        functions = sorted({o.function for each in mine.opinions.values() for o in each})
        said.append(f"✓ In all steps that they take part in, yours agree: {', '.join(functions)}.")
    return said


def _name(step: Step, place: tuple[int, ...], n: Pass) -> str:
    names = Names(n.depth)
    if step.kind == "weight gradient":
        return f"∂R/∂{names.weight(step.layer, int(place[0]) + 1, int(place[1]))}"
    return names.delta(step.layer, int(place[0]) + 1)
