"""A panel in which a network reads a digit while it is drawn.

Nothing is recorded beforehand: at each stroke the image and the network's forward pass are computed
again; with a gradient, also the backward pass, down to the pixels.
"""

import ipywidgets
import numpy as np

from bplab.errors import InputError
from bplab.learner import LearnerError
from bplab.widgets.kit.controls import Choice, Control, button
from bplab.widgets.kit.panel import Panel, headed, lines
from bplab.widgets.kit.svg import number
from bplab.widgets.read_digit.drawing import Strokes, write_strokes
from bplab.widgets.read_digit.figure import ReadDigitFigure, a_digit, share
from bplab.widgets.read_digit.model import Mine, Reader, Reading, Slopes, Why
from bplab.widgets.read_digit.surface import KEYS, SHOW_DRAWING, Drawing

__all__ = ["ReadDigitPanel", "read_digit"]

EXAMPLES = {
    "a 3": "50.40-75.22-110.20-135.40-125.70-90.90-125.100-140.130-125.165-90.180-55.165",
    "4 or 9?": "60.25-60.100-140.100_140.25-140.180",
    "a face": "70.60-70.70_130.60-130.70_50.120-75.160-125.160-150.120",
}
START = EXAMPLES["a 3"]
ANSWER = "its answer"
UNSURE = 0.6  # if the largest output is below this, the network is not sure
NEAR_ONE = 1e-6
EMPTY = f"Nothing is drawn: draw a digit in the frame. By keyboard: {KEYS[0].lower()}{KEYS[1:]}"


def read_digit(
    network: Mine | None = None,
    *,
    gradient: Slopes | bool | None = None,
    state: str | None = None,
) -> "ReadDigitPanel":
    """Draw a digit, and a network reads it while you draw.

    Draw with mouse, finger, pen or keyboard: arrow keys move the pen, Space puts it down or lifts
    it, Backspace removes the last line, Delete removes all. The drawing becomes an image of 8 × 8
    pixels, like those of `bplab.data.digits`.

    Parameters
    ----------
    network : callable, optional
        Your own ``network(images)``: for images (N, 64), with pixels from 0 to 1, it returns the
        outputs (N, 10). The default is a small network that comes with the panel. If yours fails,
        the panel says how.
    gradient : callable or True, optional
        ``gradient(images, k)``, which returns the derivatives of output k with respect to the
        pixels, (N, 64). A heat map shows where more ink speaks for a digit, and where against it;
        the panel compares the derivatives with central differences of ``network``. True shows the
        map for the network that comes with the panel.
    state : str, optional
        The ``state`` of another panel, such as ``"drawing=60.20-140.20-90.180"``.

    Returns
    -------
    ReadDigitPanel
        Shown when it is the last line of a cell.

    Raises
    ------
    ValueError
        If an argument is not as described.
    """
    return ReadDigitPanel(Reader(network, gradient), state)


class ReadDigitPanel(Panel):
    """What `read_digit` shows.

    Attributes
    ----------
    reader : Reader
    shown : Reading or None
        The answer that is shown; None if nothing is drawn, or the learner's function failed.
    clear_button : ipywidgets.Button
    """

    onload = SHOW_DRAWING

    def __init__(self, reader: Reader, state: str | None = None):
        self.reader = reader
        self.shown: Reading | None = None
        controls: list[Control] = [
            Drawing("drawing", "frame to draw a digit in", START, [*EXAMPLES.values()])
        ]
        if reader.says_why:
            options = [ANSWER, *map(str, range(10))]
            controls.append(Choice("digit", "what speaks for", ANSWER, options))
        self.clear_button = button("Clear", "clear", lambda: setattr(self, "state", "drawing="))
        presets = {name: f"drawing={drawing}" for name, drawing in EXAMPLES.items()}
        figure = ReadDigitFigure(reader.says_why)
        super().__init__(
            figure, controls, buttons=[self.clear_button], presets=presets, state=state
        )

    def arrange(self, widgets: list[ipywidgets.Widget]) -> list[ipywidgets.Widget]:
        """Return the rows: buttons; frame and picture, side by side if there is room; numbers."""
        field, *others = widgets
        for preset in self.preset_buttons.values():
            preset.tooltip = ""  # a drawing as text is unreadable
        wrapped = {"flex_flow": "row wrap"}
        beside = [self.controls["drawing"].frame, field, self.canvas.widget]
        return [
            ipywidgets.HBox(others, layout=wrapped),
            ipywidgets.HBox(beside, layout=wrapped),
            self.readout,
        ]

    def compute(self) -> Reading | None:
        """Read the present drawing."""
        try:
            strokes = self.controls["drawing"].strokes
        except InputError as problem:  # the page has put something else into the field
            raise LearnerError(f"{problem}.") from None
        chosen = self.controls["digit"].value if "digit" in self.controls else ANSWER
        return self.reader.read(strokes, None if chosen == ANSWER else int(chosen))

    def draw(self, computed: Reading | None) -> tuple[str, str]:
        """Show the answer, or an empty frame if there is none."""
        self.shown = computed
        self.figure.draw(computed)
        if computed is None:
            return f"An empty frame, and no answer. {EMPTY}", lines(headed(EMPTY))
        said = [_answer(computed), _certain(computed, self.reader.own)]
        if computed.why is not None:
            said += [_speaks(computed.why), _compared(computed.why, self.reader.own)]
        said = [*filter(None, said)]
        drawn = f"Drawn: {_drawn(computed.strokes)}. The network sees an image of 8 by 8 pixels"
        shares = ", ".join(f"{k}: {share(f)}" for k, f in enumerate(computed.outputs))
        alt = f"{drawn}. Its outputs: {shares}. {' '.join(said)}"
        return alt, lines(*map(headed, said))

    def draw_nothing(self) -> None:
        """Say that there is nothing to show."""
        self.shown = None
        self.figure.draw_nothing()


def _answer(now: Reading) -> str:
    first, second = now.answer, now.next
    return (
        f"It reads: {a_digit(first)}, {share(now.outputs[first])}. "
        f"Next comes {a_digit(second)}, {share(now.outputs[second])}."
    )


def _certain(now: Reading, own: bool) -> str:
    """Return a warning if the outputs are not probabilities, or unsure; else nothing."""
    with np.errstate(over="ignore"):
        total = now.outputs.sum()
    if abs(total - 1) > NEAR_ONE or now.outputs.min() < 0:
        whose = "Your outputs" if own else "The outputs"
        return (
            f"No probabilities: {whose} sum to {number(total, 4)}, the smallest is "
            f"{number(now.outputs.min())}. Softmax as output function makes them probabilities."
        )
    if now.outputs.max() < UNSURE:
        return "Not sure: no digit gets more than 60 %."
    return ""


def _speaks(why: Why) -> str:
    """Return a sentence on the pixels that speak most for a digit, and most against it."""
    if not why.slopes.any():
        return f"Why: no pixel makes {a_digit(why.digit)} more or less likely here."
    most, least = int(why.slopes.argmax()), int(why.slopes.argmin())
    pro = f"{_spot(most)} speaks most for {a_digit(why.digit)}" if why.slopes[most] > 0 else ""
    con = f"{_spot(least)} most against it" if why.slopes[least] < 0 else ""
    return f"Why: more ink in {', in '.join(filter(None, (pro, con)))}."


def _spot(i: int) -> str:
    row, column = divmod(i, 8)
    return f"row {row + 1}, column {column + 1}"


def _compared(why: Why, own: bool) -> str:
    whose = "your gradient" if own else "the gradient"
    if why.hidden:
        return "Central differences of the network: its rounding hides every slope."
    if not why.wrong.any():
        far = ", as far as its rounding shows" if why.rounding else ""
        return f"Central differences of the network: they agree with {whose} in all 64 pixels{far}."
    worst = int(abs(why.slopes - why.differences).argmax())
    return (
        f"Central differences of the network: they do not agree with {whose} in "
        f"{why.wrong.sum()} of 64 pixels (✕), worst {_spot(worst)}: {number(why.slopes[worst])}, "
        f"by differences {number(why.differences[worst])}."
    )


def _drawn(strokes: Strokes) -> str:
    known = {drawing: name for name, drawing in EXAMPLES.items()}
    if name := known.get(write_strokes(strokes)):
        return f"the example “{name}”"
    points = int(np.sum([len(stroke) for stroke in strokes]))
    return f"{len(strokes)} {'line' if len(strokes) == 1 else 'lines'} of {points} points"
