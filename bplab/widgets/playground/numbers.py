"""The numbers of the playground: both passes for one example, equation by equation."""

import html
from collections.abc import Iterable, Sequence

import numpy as np

from bplab.widgets.playground.model import Passes, Run

__all__ = ["number", "passes_table", "sentences"]

WIDEST = 16  # columns; of more inputs the first are shown
CELL = "padding:1px 8px"
LEFT = "text-align:left;padding:1px 12px 1px 0"
_UP = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float, digits: int = 3) -> str:
    """A number for people, and a word in the place of NaN and infinity."""
    return f"{value + 0.0:.{digits}g}".replace("-", "−") if np.isfinite(value) else "no number"


def passes_table(run: Run, index: int) -> str:
    """Return HTML with a row for each equation of both passes, and a column a unit.

    Parameters
    ----------
    run : Run
    index : int
        The example.
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
        f"{_cells(values, widest)}</tr>"
        for what, where, values in rows
    )
    caption = (
        f"Example {index} ({kind}, {html.escape(found.classes[found.labels[index]])}) in epoch "
        f"{run.epoch}: both passes, equation by equation. Columns are inputs, units or outputs."
    )
    return (
        '<div style="overflow-x:auto"><table class="bplab-numbers" style="font-variant-numeric:'
        f'tabular-nums;text-align:right;line-height:1.5"><caption style="{LEFT}">{caption}'
        f'</caption><thead><tr><th scope="col" style="{LEFT}">quantity</th>'
        f'<th scope="col" style="{LEFT}">equation</th>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _rows(run: Run, passes: Passes) -> Iterable[tuple[str, str, Sequence[float]]]:
    """Name, equation and values of each step, in the order in which they are computed."""
    depth, softmax = len(passes.A), run.g.name == "softmax"
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
    yield "residual y − f", "", passes.Y - passes.F
    if softmax:
        yield "output delta δ = −2 J (y − f)", "(10)", passes.delta
    else:
        yield "g'(t)", "section 4", run.g.derivative(passes.T)
        yield "output delta δ = −2 (y − f) g'(t)", "(6)", passes.delta
    for d in range(depth, 0, -1):
        last = d == depth
        above = "δ β" if last else f"s{up(d + 1)} α{up(d + 1)}"
        where = ("(11)" if softmax else "(7)") if depth == 1 else "(16)" if last else "(17)"
        yield f"σ'(a{up(d)})", "section 4", passes.slopes[d - 1]
        yield f"hidden delta s{up(d)} = {above} σ'(a{up(d)})", where, passes.s[d - 1]


def _cells(values: Sequence[float], widest: int) -> str:
    shown = [
        f'<td style="{CELL}" title="{value!r}">{number(value, 6)}</td>'
        for value in map(float, values)
    ]
    if len(shown) > widest:
        shown[widest - 1 :] = ["<td>…</td>"]
    return "".join(shown) + "<td></td>" * (widest - len(shown))


def sentences(run: Run, gamma: float) -> list[str]:
    """Return lines of numbers about a run at the epoch whose weights are in place."""
    n, N = run.examples.trained, len(run.examples.X)
    R, test = run.losses[run.epoch], run.test_losses[run.epoch]
    right, right_test = run.accuracies()
    lines = [
        _pairs(
            {
                "epoch": f"{run.epoch}",
                "γ": f"{gamma:g}",
                f"R(θ), {n} training examples": number(R),
                "of them right": f"{right:.1%}",
                f"R(θ), {N - n} test examples": number(test),
                "right": f"{right_test:.1%}",
            }
        ),
        _pairs(
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
        lines.append(html.escape(verdict))
    return lines


def _norms(run: Run) -> dict[str, float]:
    depth = len(run.sigmas)
    names = [f"α⁽{str(d).translate(_UP)}⁾" for d in range(1, depth + 1)] if depth > 1 else ["α"]
    with np.errstate(all="ignore"):
        try:
            sizes = [float(np.linalg.norm(part)) for part in run.gradients()]
        except ValueError:  # an overflow on the way
            sizes = [np.inf] * (depth + 1)
    return dict(zip([*names, "β"], sizes, strict=True))


def _pairs(pairs: dict[str, str]) -> str:
    return " · ".join(f"<span>{name} <b>{value}</b></span>" for name, value in pairs.items())
