"""What the playground shows, in words."""

import html
from collections.abc import Sequence

import numpy as np

from bplab.widgets.kit.verdict import judge
from bplab.widgets.playground.chart import Curves
from bplab.widgets.playground.model import Run, symptoms
from bplab.widgets.playground.numbers import number, sentences
from bplab.widgets.playground.presets import PRESETS, WAIT, outcome

__all__ = ["curves", "described", "said_of", "titled"]

LOW = 0.1  # of the loss at the start: below it, nothing keeps the network from learning


def curves(run: Run, losses: Sequence[float], test: Sequence[float]) -> Curves:
    """Return losses of this run's examples as means, so that the two curves compare."""
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
    """Return the picture in words; ``title`` is the line above it."""
    found, set_ = run.examples, run.settings
    sizes = "-".join(map(str, (found.X.shape[1], *set_.units, found.Y.shape[1])))
    words = (
        f"Left: {set_.data}, {len(found.X)} examples, and the class that a {sizes} network "
        f"({', '.join(set_.activations)}; output {set_.output}) finds at each place. Right: mean "
        f"loss against epoch, logarithmic, up to epoch {run.last}. In {title}."
    )
    if before is not None:
        words += f" Thin and grey, the run before: it ends at {number(before.training[-1])}."
    return words


def said_of(run: Run, gamma: float, preset: str | None, prediction: str | None, note: str) -> str:
    """Return the read-out as HTML: a question or its answer, what happens, and why; numbers."""
    lines = [html.escape(note)] if note else []
    if preset is not None:
        lines += _asked(run, preset, prediction)
    lines.append(_verdict(run))
    learnt = run.losses[run.epoch] <= LOW * run.losses[0]
    if run.epoch > 0 and not learnt:
        lines += map(html.escape, symptoms(run))
    lines += sentences(run, gamma)
    return "".join(f'<div style="line-height:1.6">{line}</div>' for line in lines)


def _verdict(run: Run) -> str:
    """Say how it goes until the epoch that is shown, since γ was last changed."""
    if run.epoch == 0:
        return "<b>at the start:</b> press Play, or Step."
    since = run.since if run.since < run.epoch else 0
    head, _, rest = judge(np.array(run.losses[since : run.epoch + 1])).sentence.partition(":")
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
