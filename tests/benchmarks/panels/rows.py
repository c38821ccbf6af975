"""What ``bplab bench panels`` measures: one row a panel."""

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["ROWS", "PanelRow", "chosen"]


@dataclass(frozen=True)
class PanelRow:
    """One panel, and the same picture of the same computation by ``interact``.

    Attributes
    ----------
    name : str
        As one names it on the command line.
    what : str
        What a move computes and draws, in a few words.
    panel : str
        Code whose last line is the panel.
    control : str
        Name of the slider that the arrow keys move; four steps down from its start, and twenty
        up from its lower end, must each change the picture.
    interact : str
        Code that shows the same with ``ipywidgets.interact`` and ``plt.show()``.
    play : str
        Description of the button that plays, for a panel that has one.
    """

    name: str
    what: str
    panel: str
    control: str
    interact: str
    play: str = ""


def _row(
    name: str,
    what: str,
    control: str,
    arguments: str = "",
    *,
    function: str = "",
    setup: str = "",
    play: str = "",
) -> PanelRow:
    """A panel and its peer of the same name, both with these arguments."""
    function = function or name
    call = f"{setup}{function}({arguments})"
    return PanelRow(
        *(name, what, f"from bplab.widgets import {function}\n{call}", control),
        *(f"from tests.benchmarks.panels.peers import {function}\n{call}", play),
    )


_POINTS = """import numpy as np
X = np.random.default_rng(0).normal(size=(200, 2))
Y = np.where(X[:, :1] * X[:, 1:] > 0, 1.0, 0.0)
"""

ROWS = (
    _row("activation", "one activation, its slope and differences", "x", 'function="tanh"'),
    _row("step_size", "gradients of 15 weights by three methods", "h", "h=1e-8"),
    _row("learning_rate", "300 epochs, 4-6-3, 342 penguins", "gamma", "gamma=1e-4"),
    _row(
        "learning_rate-2000",
        "2,000 epochs, 2-8-1, 200 points",
        "gamma",
        "X=X, Y=Y, M=8, epochs=2000, gamma=1e-4",
        function="learning_rate",
        setup=_POINTS,
    ),
    _row(
        "playground",
        "back to an epoch of 200: XOR, 2-6-1",
        "epoch",
        'state="data=XOR,epoch=200"',
        play="Play",
    ),
    _row("backward_pass", "a pass through 2-3-2, all gradients", "x1", 'state="step=9"'),
    _row("vanishing_gradients", "one pass through 8 layers, 342 penguins", "scale"),
    _row("softmax", "3 outputs, their Jacobian, two deltas", "t1"),
    _row("loss_landscape", "60 steps of descent, 342 penguins", "gamma"),
)


def chosen(names: Sequence[str]) -> list[PanelRow]:
    """Return the rows of these names, or all of them if there are none.

    Raises
    ------
    ValueError
        If a name is that of no row.
    """
    known = {row.name: row for row in ROWS}
    for name in names:
        if name not in known:
            raise ValueError(f"no panel {name!r}; there are {', '.join(known)}")
    return [known[name] for name in names] or list(ROWS)
