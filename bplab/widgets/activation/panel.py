"""The activation panel: value and derivative at one point, and differences that check them.

Nothing is recorded beforehand: each move evaluates the function again.
"""

import html
from contextlib import suppress
from typing import Any

import numpy as np

from bplab.learner import LearnerError
from bplab.widgets.activation.figure import ActivationFigure
from bplab.widgets.activation.model import (
    FUNCTIONS,
    LIMIT,
    SMALL,
    YOURS,
    ActivationModel,
    Curve,
    Mine,
    Point,
)
from bplab.widgets.kit.controls import Choice, Number
from bplab.widgets.kit.panel import Panel, lines

__all__ = ["ActivationPanel", "activation"]


def activation(
    mine: Mine | None = None,
    *,
    function: str | None = None,
    alpha: float = 0.25,
    x: float = 1.0,
    h: float = 1.0,
    state: str | None = None,
) -> "ActivationPanel":
    """Show an activation of section 4 beside its derivative, with a point that moves on both.

    The picture has the tangent at the point, whose slope is a′(x), and the chord from x − h to
    x + h, whose slope is the central difference. Regions where ``|a′|`` is below 0.05 are shaded
    and named.

    Parameters
    ----------
    mine : callable or Activation, optional
        Your own: an `Activation`, or a function ``mine(x)`` or ``mine(x, alpha)`` for x of shape
        (n,) that returns value and derivative, as in the exercises of section 4. The panel says
        where the derivative does not agree with differences of the value. If your function fails,
        the panel says how.
    function : str, optional
        The function to show first: ``"yours"`` (the default with ``mine``), ``"sigmoid"`` (the
        default without), ``"tanh"``, ``"ReLU"``, ``"leaky ReLU"``, ``"ELU"`` or ``"identity"``.
    alpha : float
        α of leaky ReLU and ELU, from 0 to 1.
    x : float
        The place of the point, from −6 to 6.
    h : float
        Step of the central difference, from 1e-6 to 1.
    state : str, optional
        The ``state`` of another panel, such as ``"function=ReLU,x=0"``; it overrides the other
        arguments.

    Returns
    -------
    ActivationPanel
        Shown when it is the last line of a cell.

    Raises
    ------
    ValueError
        If an argument is not as described.
    """
    first = YOURS if mine is not None else next(iter(FUNCTIONS))
    start = {"alpha": alpha, "x": x, "h": h}
    return ActivationPanel(ActivationModel(mine), function or first, start, state)


class ActivationPanel(Panel):
    """What `activation` shows.

    Attributes
    ----------
    model : ActivationModel
    curve : Curve or None
        The curve that is drawn; None if the learner's function failed.
    point : Point or None
        The point that is drawn; None likewise.
    """

    always = (
        "x",
        "h",
    )

    def __init__(
        self, model: ActivationModel, function: str, start: dict[str, float], state: str | None
    ):
        self.model = model
        self.curve: Curve | None = None
        self.point: Point | None = None
        self._kept: tuple[Any, Curve | None] = (None, None)
        self._framed: str | None = None
        controls = [
            Choice("function", "activation", function, model.names),
            Number("alpha", "α of leaky ReLU, ELU", start["alpha"], 0, 1, 0.01),
            Number("x", "point x", start["x"], -LIMIT, LIMIT, 0.1),
            Number("h", "step h of the difference", start["h"], 1e-6, 1, 0.1, log=True),
        ]
        super().__init__(ActivationFigure(), controls, state=state)

    def forget(self) -> None:
        """Drop the curve: the learner's function may have changed."""
        self._kept, self._framed = (None, None), None

    def compute(self) -> tuple[Curve, Point]:
        """Evaluate the function at the point; on the whole axis only if the function changed."""
        name, alpha = self._function
        x, h = (self.controls[c].value for c in ("x", "h"))
        kept, curve = self._kept
        if curve is None or kept != (name, alpha):
            curve = self.model.curve(name, alpha)
            self._kept = (name, alpha), curve
        return curve, self.model.point(name, alpha, x, h)

    def draw(self, computed: tuple[Curve, Point]) -> tuple[str, str]:
        """Show the curves and the point."""
        self.curve, self.point = curve, point = computed
        name, alpha = self._function
        self.controls["alpha"].widget.disabled = not self.model.takes_alpha(name)
        if self._framed != name:
            self._framed = name
            self.figure.frame(*self._heights(name))
        called = self._called
        self.figure.draw(called, *computed)
        sentences = [_difference(point), *_at_the_point(curve, point)]
        if name == YOURS:
            sentences.append(_judgement(curve))
        alt = (
            f"First plot: the value of {called} for x from {-LIMIT:g} to {LIMIT:g} with its "
            f"tangent at x = {point.x:g} and the chord from x − h to x + h. Second: its "
            f"derivative. a({point.x:g}) = {point.value:.4g}, a′({point.x:g}) = {point.slope:.4g}. "
            f"{' '.join(sentences)} {_shaded(curve)}"
        )
        numbers = (
            f"a({point.x:g}) = <b>{point.value:.8g}</b> · a′({point.x:g}) = "
            f"<b>{point.slope:.8g}</b> · slope of the chord = <b>{point.central:.8g}</b>"
        )
        return alt, lines(numbers, *map(html.escape, (*sentences, _shaded(curve))))

    def draw_nothing(self) -> None:
        """Leave the axes empty."""
        self.curve = self.point = None
        self.figure.draw("yours: nothing to show", None, None)

    @property
    def _function(self) -> tuple[str, float]:
        """Name and α of the function; α is always 0 if the function does not depend on it."""
        name = self.controls["function"].value
        return name, self.controls["alpha"].value if self.model.takes_alpha(name) else 0.0

    @property
    def _called(self) -> str:
        name, alpha = self._function
        return f"{name} with α = {alpha:g}" if self.model.takes_alpha(name) else name

    def _heights(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Return the values and slopes that the axes must hold, for every α that works."""
        assert self.curve is not None
        curves = [self.curve]
        for alpha in (0.0, 1.0) if self.model.takes_alpha(name) else ():
            with suppress(LearnerError):  # such as x²/α, which is drawn for the α that is chosen
                curves.append(self.model.curve(name, alpha))
        slopes = [np.append(curve.slope, 0) for curve in curves]
        slopes += [curve.difference[curve.wrong] for curve in curves]
        return np.concatenate([c.value for c in curves]), np.concatenate(slopes)


def _difference(point: Point) -> str:
    """Return a sentence with the central difference and its numbers."""
    x, h = point.x, point.h
    return (
        f"Central difference: ({point.ahead:.6g} − {point.behind:.6g}) / {2 * h:g} = "
        f"{point.central:.6g}, and a′({x:g}) is {point.slope:.6g}: "
        f"they differ by {abs(point.central - point.slope):.2g}."
    )


def _at_the_point(curve: Curve, point: Point) -> list[str]:
    """Return sentences on what is special about this x."""
    x, h = point.x, point.h
    said = []
    if max(abs(point.left), abs(point.right)) > 1e3:
        said.append(f"The value itself jumps at x = {x:g}: there is no derivative.")
    elif point.kink:
        left, right = (round(slope, 4) + 0.0 for slope in (point.left, point.right))
        said.append(
            f"A kink: the slope is {left:g} on the left and {right:g} on the right. The central "
            f"difference, here {point.central:.4g}, gets to their mean as h gets smaller, "
            f"{(left + right) / 2:.4g}. A derivative is not there; the convention takes "
            f"{point.slope:.4g}."
        )
    else:
        if point.wrong:
            said.append(
                f"Here your derivative is wrong: it says {point.slope:.6g}, and close by the value "
                f"has the slope {(point.left + point.right) / 2:.6g}."
            )
        across = [kink for kink in curve.kinks if abs(kink - x) < h]
        if across:
            said.append(
                f"The step reaches across the kink at {across[0]:g}: the difference mixes both "
                "sides. Take a smaller h."
            )
    if point.slope == 0:
        said.append("Here a′ is 0: nothing at all is sent back through this unit.")
    elif abs(point.slope) < SMALL:
        said.append(
            f"Here |a′| is below {SMALL:g}: of what is sent back, {abs(point.slope):.1%} gets "
            "through."
        )
    return said


def _judgement(curve: Curve) -> str:
    """Return a sentence on whether the learner's derivative is that of their value."""
    also = ""
    if curve.jumps:
        also = f" Your value jumps at x = {curve.jumps[0]:g}, which no activation does."
    if curve.far:
        also += f" Far out: {curve.far}"
    wrong = curve.x[curve.wrong]
    if not len(wrong):
        return f"Your derivative is what differences say, at {len(curve.x)} places.{also}"
    miss = np.where(curve.wrong, abs(curve.slope - curve.difference), -1)
    worst = int(miss.argmax())
    place = f"x = {wrong[0]:g}" if len(wrong) == 1 else f"x = {wrong[0]:g} to {wrong[-1]:g}"
    return (
        f"Your derivative is not that of your value, at {len(wrong)} of {len(curve.x)} places "
        f"({place}): worst at x = {curve.x[worst]:g}, where it is {curve.slope[worst]:.4g}, and "
        f"differences say {curve.difference[worst]:.4g}.{also}"
    )


def _shaded(curve: Curve) -> str:
    """Return the shaded regions in words."""
    if not curve.regions:
        return "Nothing is shaded: |a′| is nowhere small."
    parts = []
    for left, right, word in curve.regions:
        ends = f"from x = {left:.2g} to {right:.2g}"
        if left == -LIMIT:
            ends = f"up to x = {right:.2g}"
        elif right == LIMIT:
            ends = f"from x = {left:.2g} on"
        parts.append(f"{word} {ends}")
    zero = all(word == "off" for *_, word in curve.regions)
    return f"Shaded, {'a′ = 0' if zero else f'|a′| < {SMALL:g}'}: {'; '.join(parts)}."
