"""Another look at a repeated mistake: the panel that shows the learner's function at work."""

from bplab.exercises.task import Task

__all__ = ["PATIENCE", "UNSEEN", "look"]

PATIENCE = 3
"""After this many tries in a row with the same mistake, another look is offered."""

_PANELS = {
    "eq4": ("backward_pass", "grad_beta={0}", "step=5"),
    "eq5": ("backward_pass", "grad_alpha={0}", "step=8"),
    "eq6": ("backward_pass", "backward_output={0}", "step=5"),
    "eq7": ("backward_pass", "backward_hidden={0}", "step=8"),
    "eq8": ("backward_pass", "grad_beta={0}", "g=softmax,step=5"),
    "eq9": ("backward_pass", "grad_alpha={0}", "g=softmax,step=8"),
    "eq10": ("backward_pass", "backward_output={0}", "g=softmax,step=5"),
    "eq11": ("backward_pass", "backward_hidden={0}", "g=softmax,step=8"),
    "eq14": ("backward_pass", "weight_gradient={0}", "step=5"),
    "eq15": ("backward_pass", "grad_last_hidden={0}", "step=8"),
    "eq16": ("backward_pass", "hidden_delta={0}", "step=7"),
    "eq17": ("backward_pass", "hidden_deltas={0}", "network=2-2-2-2,sigma1=sigmoid,step=11"),
    "eq18": ("backward_pass", "backward={0}", "network=2-2-2-2,sigma1=sigmoid,step=12"),
    "sigmoid": ("activation", "{0}", ""),
    "tanh": ("activation", "{0}", ""),
    "softmax": ("softmax_panel", "{0}", "t1=2,t2=1"),
    "relu": ("activation", "{0}", ""),
    "leaky-relu": ("activation", "{0}", ""),
    "elu": ("activation", "{0}", ""),
}
"""By exercise: the panel, the argument that passes it the function, and the state it opens in."""

UNSEEN = frozenset(
    [
        "A-for-Z",
        "X-for-every-layer",
        "alpha-in-both-exponents",
        "always-sigmoid-for-g",
        "assumes-sigmoid-output",
        "assumes-tanh-hidden",
        "averaged-over-N",
        "beta-with-Z-below",
        "beta-with-first-Z",
        "bias-averaged",
        "bias-first-example",
        "bias-of-last-example",
        "both-minus",
        "both-truncated",
        "delta-truncated",
        "examples-crossed",
        "examples-crossed-averaged",
        "examples-reversed",
        "examples-shifted",
        "examples-sorted",
        "first-example-only",
        "g-prime-of-example-before",
        "g-prime-of-first-example",
        "gradients-truncated",
        "half-at-kink",
        "i-last-zero-of-F",
        "i-last-zero-of-Jacobian",
        "i-rest-zero",
        "i-rest-zero-of-F",
        "i-rest-zero-of-Jacobian",
        "i-rest-zero-of-delta",
        "i-rest-zero-of-each-s",
        "inputs-in-reverse",
        "inputs-shifted",
        "inputs-shifted-back",
        "integers-truncated",
        "is-of-double-x",
        "is-of-half-x",
        "is-of-minus-x",
        "is-sigmoid",
        "is-tanh",
        "jacobian-across-batch",
        "jacobian-of-one-example",
        "jacobians-averaged",
        "jacobians-summed",
        "k-until-p",
        "l-until-K",
        "last-example-only",
        "leaky",
        "multiplied-by-N",
        "no-shift",
        "nothing-for-one-layer",
        "one-at-kink",
        "residuals-summed-too-early",
        "s-by-division",
        "s-by-division-averaged",
        "s-not-updated",
        "shift-added",
        "shift-by-global-max",
        "shift-by-mean",
        "shift-by-min",
        "sides-swapped",
        "sigma-prime-of-example-after",
        "sigma-prime-of-example-before",
        "sigma-prime-of-first-example",
        "sigmoid-for-g",
        "sigmoid-of-T-for-F",
        "sign-each-layer",
        "slope-truncated",
        "softplus",
        "summed-too-early",
        "t-clipped",
        "tanh-for-sigma",
        "value-truncated",
        "weights-averaged",
        "weights-of-last-example",
    ]
)
"""Mistakes that at least one panel does not show.

Most need several examples, or another activation.
"""


def look(task: Task, mistake: str) -> list[str]:
    """Return the lines of a cell that shows a learner's mistake at work; empty if none does.

    Parameters
    ----------
    task : Exercise or Challenge
    mistake : str
        Its name, or two names joined by ``+``: then it is enough that the panel shows one of them.
    """
    if task.id not in _PANELS or not task.known.difference(UNSEEN).intersection(mistake.split("+")):
        return []
    panel, given, state = _PANELS[task.id]
    arguments = [given.format(task.function), *([f'state="{state}"'] if state else [])]
    imported = "softmax as softmax_panel" if panel == "softmax_panel" else panel
    return [
        f"from bplab.widgets import {imported}",
        f"{panel}({', '.join(arguments)})",
    ]
