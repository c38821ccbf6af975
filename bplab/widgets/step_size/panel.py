"""The step-size panel: which step h makes a numerical gradient best, and why.

Nothing is recorded beforehand: each move differentiates the function again.
"""

import html
from collections.abc import Callable
from typing import Any

from bplab.widgets.kit.controls import Number, Switch
from bplab.widgets.kit.panel import Panel
from bplab.widgets.step_size.figure import StepSizeFigure
from bplab.widgets.step_size.model import At, Curves, StepSize

__all__ = ["StepSizePanel", "step_size"]

DIGITS = 15


def step_size(
    f: Callable[[Any], float] | None = None,
    params: Any = None,
    *,
    gradient: Any = None,
    h: float = 1e-2,
    curve: bool = True,
    state: str | None = None,
) -> "StepSizePanel":
    """Show a slider for the step h of numerical gradients, and their errors on the V curve.

    The methods are forward differences, central differences and complex steps, each shown with its
    digits. With ``curve=False`` only the steps that you have tried are shown: find the bottom of
    the V by hand.

    Parameters
    ----------
    f : callable, optional
        Your function, which takes a structure like ``params`` and returns a number. The default is
        the loss R(θ) of a 2-2-3 network on twelve penguins. If yours fails, the panel says how.
    params : array, or tuple, list or dict of arrays, optional
        The place at which to differentiate; to be given with ``f``.
    gradient : structure like ``params``, optional
        The right gradient. If it is not given, or `check_gradient` finds it wrong, the panel uses
        complex steps of 1e-20 or, if ``f`` does not take complex numbers, Richardson's
        extrapolation. At a jump or a kink no gradient is right, and the panel says so.
    h : float
        Step at the start, from 1e-16 to 0.1.
    curve : bool
        Whether the whole curves are shown at the start.
    state : str, optional
        The ``state`` of another panel, such as ``"h=0.001,curve=off"``; it overrides ``h`` and
        ``curve``.

    Returns
    -------
    StepSizePanel
        Shown when it is the last line of a cell.

    Raises
    ------
    ValueError
        If an argument is not as described.
    """
    return StepSizePanel(StepSize(f, params, gradient), h, curve, state)


class StepSizePanel(Panel):
    """What `step_size` shows.

    Attributes
    ----------
    model : StepSize
    at : At or None
        The gradients that are shown; None if the function failed.
    """

    def __init__(self, model: StepSize, h: float, curve: bool, state: str | None = None):
        self.model = model
        self.at: At | None = None
        self._curves: Curves | None = None
        self._drawn: Curves | None = None
        self._failed: Exception | None = None
        self._been: dict[float, dict[str, float]] = {}
        controls = [
            Number("h", "step h", h, 1e-16, 1e-1, 0.25, log=True),
            Switch("curve", "show the whole curve", curve),
        ]
        super().__init__(StepSizeFigure(), controls, state=state)

    def forget(self) -> None:
        """Drop the steps tried so far, and the curves: the function may have changed."""
        self._been, self._curves, self._failed = {}, None, None

    def compute(self) -> tuple[Curves, At]:
        """Differentiate with the present h; the first time also with all steps."""
        if self._failed:  # failing may have taken long, so it is not repeated at each move
            raise self._failed
        try:
            if self._curves is None:
                self._curves = self.model.curves()
            return self._curves, self.model.at(self.controls["h"].value, self._curves)
        except Exception as problem:
            self._failed = problem
            raise

    def draw(self, computed: tuple[Curves, At]) -> tuple[str, str]:
        """Show the point on each curve."""
        (curves, at), self.at = computed, computed[1]
        self._been[at.h] = at.errors
        if self._drawn is not curves:
            self._drawn = curves
            self.figure.curves(curves)
        whole = self.controls["curve"].value
        self.figure.draw(at.h, at.errors, list(self._been.items()), whole=whole)
        standing = [f"{m}: {s.sentence}" for m, s in at.standing.items()]
        tried = len(self._been)
        shown = "whole V curves" if whole else f"{tried} step{'s' * (tried > 1)} tried so far"
        alt = (
            f"Error of numerical gradients against the step h, both logarithmic: {shown}. "
            f"At h = {at.h:g} the error is "
            + ", ".join(f"{error:.2g} {method}" for method, error in at.errors.items())
            + f". {'; '.join(standing)}."
        )
        return alt, _table(at, curves)

    def draw_nothing(self) -> None:
        """Show nothing but the step."""
        self.at = None
        self.figure.draw(self.controls["h"].value, {}, [], whole=False)


def _table(at: At, curves: Curves) -> str:
    """Return an HTML table with the digits, the errors and a sentence for each method."""
    exact = _written(at.exact)
    entry = html.escape(at.entry)
    head = "".join(
        f'<th scope="col" style="text-align:left;padding-right:1.2em">{name}</th>'
        for name in (f"h = {at.h:g}", f"∂f/∂{entry}", "error / largest", "where you are")
    )
    rows = [_row("right", f"<b>{exact}</b>", "", f"from {html.escape(curves.judge)}")]
    for method, estimate in at.estimates.items():
        said = at.standing[method].sentence
        if estimate == 0 != at.exact:
            said += "; both values of f are the same number, nothing is left of the difference"
        rows.append(
            _row(method, _agreeing(_written(estimate), exact), f"{at.errors[method]:.2e}", said)
        )
    if "complex" not in at.estimates:
        said = "left out: f must take complex numbers, and be analytic"
        rows.append(_row("complex", "", "", said))
    return (
        f'<table class="bplab-wraps" style="line-height:1.5"><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table><div>Bold: the digits that are right.</div>"
    )


def _row(name: str, *cells: str) -> str:
    style = 'style="padding-right:1.2em;text-align:left"'
    columns = "".join(f"<td {style}>{cell}</td>" for cell in cells)
    return f'<tr><th scope="row" {style}>{name}</th>{columns}</tr>'


def _written(value: float) -> str:
    return f"{value:.{DIGITS}g}" if 1e-3 <= abs(value) < 1e6 or value == 0 else f"{value:.14e}"


def _agreeing(text: str, exact: str) -> str:
    """Return the text as HTML; the digits at its start that agree with the right ones are bold."""
    same = next(
        (i for i, (a, b) in enumerate(zip(text, exact, strict=False)) if a != b),
        min(len(text), len(exact)),
    )
    if not any(digit in text[:same] for digit in "123456789"):
        same = 0  # a sign and zeros are not digits that are right
    return f"<b>{text[:same]}</b>{text[same:]}" if same else text
