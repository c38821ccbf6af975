"""The playground in words and numbers: its read-out, table of both passes, and questions."""

import html
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bplab.activations import Softmax
from bplab.training import judge_rate
from bplab.widgets.kit.panel import lines, number, pairs
from bplab.widgets.playground.figure import Curves
from bplab.widgets.playground.formulas import formulas
from bplab.widgets.playground.model import ExamplePasses, Run, symptoms

WAIT = 200  # epochs until a preset shows its outcome

FALLS, STOPS, STANDS, JUMPS, GROWS = PREDICTIONS = (
    "falls towards 0",
    "falls, then stops far above 0",
    "hardly changes",
    "jumps up and down",
    "grows without end",
)


class Preset(NamedTuple):
    """A state of the playground, the question asked before it plays, and why it ends as it does."""

    state: str
    question: str
    why: str


_SAME = (
    "data=circle,noise=0.1,share=50,seed=0,inputs=all features,layers=1,units1=6,act1=tanh,"
    "output=sigmoid,start=random,gamma=0.01,epoch=0"
)


def _state(**changes: str) -> str:
    pairs = dict(pair.split("=") for pair in _SAME.split(","))
    return ",".join(f"{name}={value}" for name, value in {**pairs, **changes}.items())


PRESETS = {
    "diverges": Preset(
        _state(output="identity"),
        "The output function is the identity, so nothing bounds f, and the gradient is summed over "
        "100 examples: each step overshoots a little. What will the loss do?",
        "δ = −2(y − f) grows with the error. A step that overshoots makes the error larger, which "
        "makes the next step larger still. Press the preset again and try γ = 0.001.",
    ),
    "saturates": Preset(
        _state(start="random times 30", act1="sigmoid"),
        "The weights start 30 times as large as usual, so the arguments of all sigmoids are large. "
        "What will the loss do?",
        "Where the argument is large the sigmoid is flat: g'(t) and σ'(a) are nearly 0, and with "
        "them δ and s, however wrong the outputs are.",
    ),
    "symmetric start": Preset(
        _state(start="all equal"),
        "All weights start at 0.5: the six hidden units are copies of each other. A circle needs "
        "at least three different ones. What will the loss do?",
        "Units with equal weights have equal s, hence equal gradients, and stay equal: the network "
        "has one hidden unit, whose border is one straight line.",
    ),
    "dead ReLU": Preset(
        _state(act1="relu", start="random with biases -5"),
        "The hidden units are ReLU, and their biases start at −5: no input makes a unit's argument "
        "positive. What will the loss do?",
        "σ'(a) = 0 for every example, so s = 0: ∂R/∂α is exactly 0, at any γ. Only "
        "the bias of the output is left to learn the mean.",
    ),
    "too small a step": Preset(
        _state(gamma="1e-05"),
        "Nothing is wrong with the network or the gradient, but γ is 0.00001. What will the loss "
        "do within 200 epochs?",
        "The direction is right and the step too short: raise γ a hundredfold while it plays, and "
        "the same run learns.",
    ),
}


def outcome(losses: NDArray) -> str | None:
    """Return which of the `PREDICTIONS` came true; None while there are too few epochs to tell."""
    losses = losses[: WAIT + 1]
    if len(losses) <= WAIT and np.isfinite(losses[-1]):
        return None
    verdict = judge_rate(losses)
    start, end = losses[0], losses[-1]
    if verdict.diverged:
        return GROWS
    if verdict.too_large:
        return JUMPS
    if end >= 0.9 * start:
        return STANDS
    quarter = losses[-1 - max(1, len(losses) // 4)]
    return FALLS if end <= 0.1 * start or quarter - end > 0.1 * quarter else STOPS


WIDEST = 16  # columns; of more numbers only the first are shown
CELL = "padding:1px 8px"
LEFT = "text-align:left;padding:1px 12px 1px 0"
_UP = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def passes_table(run: Run, index: int) -> str:
    """Return an HTML table with a row for each equation of both passes, and a column per unit.

    Parameters
    ----------
    run : Run
    index : int
        The number of the example.
    """
    try:
        passes = run.passes(index)
    except ValueError:  # an overflow on the way
        return "<p>The numbers are too large to be shown.</p>"
    found, n = run.examples, run.examples.trained
    kind = "training" if index < n else "test"
    rows = list(_rows(run, passes))
    widest = min(WIDEST, max(len(values) for *_, values in rows))
    heads = "".join(f'<th scope="col" style="{CELL}">{k}</th>' for k in range(1, widest + 1))
    body = "".join(
        f'<tr><th scope="row" style="{LEFT}">{what}</th><td style="{LEFT}">{where}</td>'
        f"{_cells(values, said, widest)}</tr>"
        for (what, where, values), said in zip(rows, formulas(run, passes), strict=True)
    )
    caption = (
        f"Example {index} ({kind}, {html.escape(found.classes[found.labels[index]])}) in epoch "
        f"{run.epoch}: both passes, equation by equation. Columns are inputs, units or outputs."
    )
    return (
        '<div style="overflow-x:auto" tabindex="0" role="region" '
        'aria-label="both passes: arrow keys go from one number to the next">'
        '<table class="bplab-numbers" style="font-variant-numeric:'
        f'tabular-nums;text-align:right;line-height:1.5"><caption style="{LEFT}">{caption}'
        f'</caption><thead><tr><th scope="col" style="{LEFT}">quantity</th>'
        f'<th scope="col" style="{LEFT}">equation</th>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _rows(run: Run, passes: ExamplePasses) -> Iterable[tuple[str, str, Sequence[float] | NDArray]]:
    """Yield name, equation and values of each step, in the order in which they are computed."""
    depth, softmax = len(passes.A), isinstance(run.g, Softmax)
    up = (lambda d: f"⁽{str(d).translate(_UP)}⁾") if depth > 1 else (lambda d: "")
    yield "x", "data", passes.x
    for d in range(1, depth + 1):
        source = "x" if d == 1 else f"z{up(d - 1)}"
        yield f"a{up(d)} = α{up(d)} (1, {source})", "section 1", passes.A[d - 1]
        yield f"z{up(d)} = σ(a{up(d)}), {run.sigmas[d - 1]}", "section 1", passes.Z[d - 1]
    yield f"t = β (1, z{up(depth)})", "section 1", passes.T
    yield f"f = g(t), {run.g}", "section 1", passes.F
    yield "y", "data", passes.Y
    yield "R<sub>i</sub> = Σ (y − f)²", "(2)", [passes.loss]
    yield "residual −2 (y − f)", "", -2 * (passes.Y - passes.F)
    if isinstance(run.g, Softmax):
        yield "output delta δ = residual · J", "(10)", passes.delta
    else:
        yield "g'(t)", "section 4", run.g.derivative(passes.T)
        yield "output delta δ = residual · g'(t)", "(6)", passes.delta
    for d in range(depth, 0, -1):
        last = d == depth
        above = "δ β" if last else f"s{up(d + 1)} α{up(d + 1)}"
        where = ("(11)" if softmax else "(7)") if depth == 1 else "(16)" if last else "(17)"
        yield f"σ'(a{up(d)})", "section 4", passes.slopes[d - 1]
        yield f"hidden delta s{up(d)} = {above} σ'(a{up(d)})", where, passes.s[d - 1]


def _cells(values: Sequence[float] | NDArray, said: Sequence[str], widest: int) -> str:
    shown = [
        f'<td style="{CELL}" data-title="{html.escape(words)}\nin full: {value!r}">'
        f"{number(value, 6)}</td>"
        for value, words in zip(map(float, values), said, strict=True)
    ]
    if len(shown) > widest:
        shown[widest - 1 :] = ["<td>…</td>"]
    return "".join(shown) + "<td></td>" * (widest - len(shown))


def sentences(run: Run, gamma: float) -> list[str]:
    """Return the read-out's lines with numbers, as HTML, for the epoch that is in place."""
    n, N = run.examples.trained, len(run.examples.X)
    R, test = run.losses[run.epoch], run.test_losses[run.epoch]
    right, right_test = run.accuracies()
    parts = [
        pairs(
            {
                "epoch": f"{run.epoch}",
                "γ": f"{gamma:g}",
                f"R(θ), {n} training examples": number(R),
                "of them right": f"{right:.1%}",
                f"R(θ), {N - n} test examples": number(test),
                "right": f"{right_test:.1%}",
            }
        ),
        pairs(
            {f"norm of ∂R/∂{name}": number(size) for name, size in _norms(run).items()},
        ),
    ]
    if run.agreement is not None:
        far = run.agreement
        verdict = (
            f"Your gradients at the start agree with the reference: relative difference {far:.1e}."
            if far < 1e-6
            else f"Your gradients at the start are not those of R(θ): they differ by "
            f"{number(far * 100)} % of the reference's norm."
        )
        parts.append(html.escape(verdict))
    return parts


def _norms(run: Run) -> dict[str, float]:
    depth = len(run.sigmas)
    names = [f"α⁽{str(d).translate(_UP)}⁾" for d in range(1, depth + 1)] if depth > 1 else ["α"]
    with np.errstate(all="ignore"):
        try:
            sizes = [float(np.linalg.norm(part)) for part in run.gradients()]
        except ValueError:  # an overflow on the way
            sizes = [np.inf] * (depth + 1)
    return dict(zip([*names, "β"], sizes, strict=True))


LOW = 0.1  # share of the starting loss; below it, nothing keeps the network from learning


def curves(run: Run, losses: Sequence[float], test: Sequence[float]) -> Curves:
    """Return a run's losses as means per example, so that both curves can be compared."""
    n, N = run.examples.trained, len(run.examples.X)
    return Curves(np.array(losses) / n, np.array(test) / (N - n))


def titled(run: Run) -> str:
    """Return the line above the picture."""
    n, N = run.examples.trained, len(run.examples.X)
    train, test = run.losses[run.epoch] / n, run.test_losses[run.epoch] / (N - n)
    right, right_test = run.accuracies()
    return (
        f"epoch {run.epoch}: mean loss {number(train)} in training ({right:.0%} right), "
        f"{number(test)} in the test ({right_test:.0%} right)"
    )


def described(run: Run, before: Curves | None, title: str) -> str:
    """Return the alt text of the picture; ``title`` is the line above it."""
    found, set_ = run.examples, run.settings
    sizes = "-".join(map(str, (found.X.shape[1], *set_.units, found.Y.shape[1])))
    words = (
        f"First plot: {set_.data}, {len(found.X)} examples, and the class that a {sizes} network "
        f"({', '.join(set_.activations)}; output {set_.output}) finds at each place. Second: mean "
        f"loss against epoch, logarithmic, up to epoch {run.last}. In {title}."
    )
    if before is not None:
        words += f" Thin and grey, the run before: it ends at {number(before.training[-1])}."
    return words


def said_of(run: Run, gamma: float, preset: str | None, prediction: str | None, note: str) -> str:
    """Return the read-out as HTML: the preset's question or answer, a verdict, reasons, numbers."""
    parts = [html.escape(note)] if note else []
    if preset is not None:
        parts += _asked(run, preset, prediction)
    parts.append(_verdict(run))
    learned = run.losses[run.epoch] <= LOW * run.losses[0]
    if run.epoch > 0 and not learned:
        parts += map(html.escape, symptoms(run))
    return lines(*parts, *sentences(run, gamma))


def _verdict(run: Run) -> str:
    """Return how training went from the last change of γ to the epoch that is shown."""
    if run.epoch == 0:
        return "<b>at the start:</b> press Play, or Step."
    since = run.since if run.since < run.epoch else 0
    head, _, rest = judge_rate(np.array(run.losses[since : run.epoch + 1])).sentence.partition(":")
    when = f"since epoch {since}, " if since else ""
    return f"{when}<b>{head}:</b>{html.escape(rest)}"


def _asked(run: Run, name: str, prediction: str | None) -> list[str]:
    preset = PRESETS[name]
    came = outcome(np.array(run.losses))
    if came is None:
        predicted = (
            f"Your prediction: the loss <b>{prediction}</b>. Now press Play."
            if prediction
            else "Choose your prediction first, then press Play."
        )
        return [f"<b>{name}.</b> {preset.question}", f"{predicted} (After {WAIT} epochs: why.)"]
    predicted = f"You predicted: the loss {prediction}." if prediction else "You did not predict."
    return [
        f"<b>{name}.</b> {predicted} In {min(WAIT, run.last)} epochs it <b>{came}</b>.",
        f"Why: {preset.why}",
    ]
