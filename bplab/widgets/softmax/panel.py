"""The softmax panel: outputs that sum to 1, their Jacobian, and why its diagonal is not enough.

Nothing is recorded beforehand: each move computes softmax, Jacobian and both deltas again.
"""

import html

import numpy as np

from bplab.plots import sub
from bplab.widgets.kit.controls import Choice, Number
from bplab.widgets.kit.panel import Panel, lines
from bplab.widgets.kit.svg import number
from bplab.widgets.softmax.figure import SoftmaxFigure
from bplab.widgets.softmax.model import OVERFLOW, Mine, Softmaxed, SoftmaxModel

__all__ = ["SoftmaxPanel", "softmax"]

LIMIT, SHIFT = 6.0, 1000.0
START = (1.5, 0.5, -0.5, -1.0)
ROUNDING = 1e-9


def softmax(mine: Mine | None = None, *, K: int = 3, state: str | None = None) -> "SoftmaxPanel":
    """Show softmax of K numbers t, its Jacobian, and the delta that it sends back for a target.

    Each row of the picture is an output: t, exp(t), f as a bar, and its row of the Jacobian with
    the row's sum, which is 0. Below each column of the Jacobian are its sum, the delta from the
    whole Jacobian as in equation (10), and the delta from the diagonal only, as in (4), which is
    wrong for softmax.

    Parameters
    ----------
    mine : callable, optional
        Your own ``softmax(t)``, as in the exercise of section 4: for ``t`` of shape (N, K) it
        returns the value (N, K) and the Jacobian (N, K, K). The panel marks wrong numbers with a
        cross. If your function fails, the panel says how.
    K : int
        Number of outputs, 3 or 4.
    state : str, optional
        The ``state`` of another panel, such as ``"t1=2,target=2"``.

    Returns
    -------
    SoftmaxPanel
        Shown when it is the last line of a cell.

    Raises
    ------
    ValueError
        If an argument is not as described.
    """
    return SoftmaxPanel(SoftmaxModel(mine, K), state)


class SoftmaxPanel(Panel):
    """What `softmax` shows.

    Attributes
    ----------
    model : SoftmaxModel
    shown : Softmaxed or None
        The numbers that are drawn; None if the learner's function failed.
    previous : Softmaxed or None
        The numbers that were drawn before; their f are marked in the bars.
    """

    always = (
        "t1",
        "t2",
        "t3",
        "t4",
    )

    def __init__(self, model: SoftmaxModel, state: str | None = None):
        self.model = model
        self.shown: Softmaxed | None = None
        self.previous: Softmaxed | None = None
        controls = [
            *(
                Number(f"t{k + 1}", f"t{sub(k + 1)}", START[k], -LIMIT, LIMIT, 0.1)
                for k in range(model.K)
            ),
            Number("c", "shift all t by c", 0, -SHIFT, SHIFT, 10),
            Choice(
                "target", "target: y is 1 for output", "1", [str(k + 1) for k in range(model.K)]
            ),
        ]
        for control in controls[:-1]:
            control.widget.layout.width = "290px"
        presets = _presets(model.K)
        super().__init__(SoftmaxFigure(model.K), controls, presets=presets, state=state)

    def forget(self) -> None:
        """Drop the present and the previous numbers."""
        self.shown = self.previous = None

    def compute(self) -> Softmaxed:
        """Compute softmax at the present t and c."""
        values = [self.controls[f"t{k + 1}"].value for k in range(self.model.K)]
        target = int(self.controls["target"].value) - 1
        return self.model.at(values, self.controls["c"].value, target)

    def draw(self, computed: Softmaxed) -> tuple[str, str]:
        """Show the numbers, with marks at the previous f."""
        self.previous, self.shown = self.shown or self.previous, computed
        self.figure.draw(computed, self.previous)
        own = self.model.mine is not None
        said = [
            _shift(computed),
            _sums(computed),
            *_deltas(computed, "your" if own else "the"),
            *(_yours(computed) if own else ()),
        ]
        rows = "; ".join(
            f"row {k + 1}: {', '.join(number(v) for v in row)}"
            for k, row in enumerate(computed.jacobian)
        )
        alt = (
            f"Softmax of t = {_vector(computed.t + computed.c, 4)}: f = {_vector(computed.f)}. "
            f"Jacobian, {rows}. {' '.join(said)}"
        )
        head = f"f = <b>{_vector(computed.f, 8)}</b> · R = <b>{number(computed.risk, 6)}</b>"
        return alt, lines(head, *map(html.escape, said))

    def draw_nothing(self) -> None:
        """Say that there is nothing to show; the last good numbers become the previous ones."""
        self.previous, self.shown = self.shown or self.previous, None
        self.figure.draw_nothing()


def _presets(K: int) -> dict[str, str]:
    def at(*t: float, c: float = 0, target: int = 1) -> str:
        values = [*t, *[t[-1]] * (K - len(t))]
        ts = ",".join(f"t{k + 1}={value:g}" for k, value in enumerate(values))
        return f"{ts},c={c:g},target={target}"

    return {
        "all equal": at(0),
        "sure and right": at(6, -1),
        "sure and wrong": at(6, -6, target=2),
        "diagonal has the wrong sign": at(2, 1, -2, target=3),
        "printed formula overflows": at(1.5, 0.5, -0.5, c=800),
    }


def _shift(now: Softmaxed) -> str:
    """Return a sentence on what the shift changes: in a right softmax nothing."""
    if not now.c:
        return "Shift: c = 0. Move c, and watch which numbers change."
    change = "no f changes"
    if now.moved > ROUNDING:
        change = f"f changes by up to {number(now.moved)}: it must not change at all"
    elif now.moved:
        change = f"no f changes by more than {number(now.moved, 1)}, the rounding of t + c"
    said = f"Shift: with c = {number(now.c)} every exp(t) is multiplied by one number, and "
    said += f"{change}."
    largest = (now.t + now.c).max()
    if largest > OVERFLOW:
        said += " By the printed formula it would be infinite / infinite, which is NaN."
    elif largest < -OVERFLOW - 36:
        said += " By the printed formula it would be 0 / 0, which is NaN."
    return said


def _sums(now: Softmaxed) -> str:
    rows, columns = now.jacobian.sum(axis=1), now.jacobian.sum(axis=0)
    largest = max(abs(rows).max(), abs(columns).max())
    if largest < ROUNDING:
        return (
            "Every row and every column of the Jacobian sums to 0. So the sum printed before (8), "
            "with one residual for all l, sends back nothing."
        )
    return (
        f"The rows of the Jacobian sum to {_vector(rows)}, its columns to {_vector(columns)}: "
        "all must be 0."
    )


def _deltas(now: Softmaxed, whose: str) -> list[str]:
    """Return sentences that compare delta from the whole Jacobian and from its diagonal."""
    said = (
        f"δ by {whose} whole Jacobian, equation (10): {_vector(now.delta)}; by the diagonal only: "
        f"{_vector(now.diagonal)}; "
    )
    if np.linalg.norm(now.delta) < 1e-12:
        said += "both are 0 but for rounding."
    else:
        said += f"the diagonal alone is off by {now.off:.0%} of δ."
    turned = [f"t{sub(k + 1)}" for k in np.flatnonzero(now.delta * now.diagonal < 0).tolist()]
    if turned:
        said += f" Its sign is wrong for {' and '.join(turned)}: a step would go the wrong way."
    sayings = [said]
    if now.risk > 1 and np.linalg.norm(now.delta) < 0.05:
        sayings.append(
            f"Saturated: the answer is wrong, R = {number(now.risk)}, and still next to nothing is "
            "sent back."
        )
    miss = abs(now.difference - now.delta).max()
    verdict = (
        f"agree with {whose} whole Jacobian"
        if miss < 1e-6
        else f"do not agree with {whose} whole Jacobian"
    )
    sayings.append(f"Central differences of R: {_vector(now.difference)}; they {verdict}.")
    return sayings


def _yours(now: Softmaxed) -> list[str]:
    """Return sentences on what is wrong in the learner's softmax at this t."""
    said = []
    if now.wrong_f.any():
        k = int(abs(now.f - now.right_f).argmax())
        total = f" Your f sum to {number(now.f.sum(), 4)}." if abs(now.f.sum() - 1) > 1e-9 else ""
        said.append(
            f"Your value is wrong (✕, with the right one): f{sub(k + 1)} is "
            f"{number(now.f[k], 4)}, right is {number(now.right_f[k], 4)}.{total}"
        )
    if now.wrong_jacobian.any():
        miss = abs(now.jacobian - now.right_jacobian)
        k, j = map(int, np.unravel_index(miss.argmax(), miss.shape))
        said.append(
            f"Your Jacobian is wrong (✕, with the right number) in {now.wrong_jacobian.sum()} of "
            f"{miss.size} places, worst ∂f{sub(k + 1)}/∂t{sub(j + 1)}: "
            f"{number(now.jacobian[k, j], 4)}, right is {number(now.right_jacobian[k, j], 4)}."
        )
    return said or ["Yours agrees with the reference here, value and Jacobian."]


def _vector(values: np.ndarray, digits: int = 3) -> str:
    return f"({', '.join(number(value, digits) for value in values)})"
