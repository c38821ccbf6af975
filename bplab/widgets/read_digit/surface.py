"""The frame to draw in, by mouse, finger, pen or keyboard: an SVG, and a script for it.

The page shows lines at once. The kernel gets the whole drawing as text, through a hidden text
field: at most ten times a second, and when the pen is lifted. The field is the only record of the
drawing: if the kernel sets it, by a button or the state, the frame shows the new drawing.
"""

import html
import json
from collections.abc import Sequence
from typing import Any

import ipywidgets

from bplab.widgets.kit.controls import Control
from bplab.widgets.kit.svg import DOT, INK, paper, polyline, rect
from bplab.widgets.read_digit.drawing import PEN, SIDE, Strokes, read_strokes

__all__ = ["KEYS", "SHOW_DRAWING", "SIZE", "Drawing", "ink"]

SIZE = 264
"""Side of the square frame on the page, in pixels."""
EVERY = 100  # milliseconds between two messages to the kernel
STEP, FINE = 8, 2  # units that an arrow key moves the pen: alone, and with Shift

KEYS = (
    "Arrow keys move the pen, Space puts it down or lifts it, Backspace takes the last line back, "
    "Delete all."
)

SHOW_DRAWING = """(function show(img, tries) {
  const panel = img.closest('.bplab-panel');
  const frame = panel && panel.querySelector('.bplab-frame');
  if (!frame || !frame.bplabTake || !frame.bplabTake())
    tries && setTimeout(show, 100, img, tries - 1);
})(this, 100)"""
"""JavaScript for a picture's onload: it makes the frame show the drawing that the kernel has."""

_SCRIPT = """(frame => {
  const [ink, pen, said] = ['.bplab-ink', '.bplab-pen', '.bplab-pen-said'].map(
    name => frame.parentNode.querySelector(name));
  let strokes = [], stroke = null, pointer = null, timer = 0, at = [SIDE / 2, SIDE / 2];
  const field = () => {
    const panel = frame.closest('.bplab-panel');
    return panel && panel.querySelector('.bplab-drawing input');
  };
  const written = () => strokes.map(s => s.map(p => p.join('.')).join('-')).join('_');
  const read = text => text.split('_').filter(s => s).map(
    s => s.split('-').map(p => p.split('.').map(Number)));
  const show = () => {
    ink.replaceChildren(...strokes.map(s => {
      const line = document.createElementNS('http://www.w3.org/2000/svg', 'polyline');
      line.setAttribute('points', (s.length > 1 ? s : [s[0], s[0]]).join(' '));
      return line;
    }));
    pen.setAttribute('transform', `translate(${at})`);
    said.textContent = stroke && pointer === null ? 'Pen down' : 'Pen up';
  };
  const send = () => {
    clearTimeout(timer);
    timer = 0;
    const input = field(), text = written();
    if (!input || input.value === text) return;
    input.value = text;
    input.dispatchEvent(new Event('input', {bubbles: true}));
    input.dispatchEvent(new Event('change', {bubbles: true}));
  };
  const soon = () => { timer = timer || setTimeout(send, EVERY); };
  const add = point => {
    const last = stroke[stroke.length - 1];
    if (last && Math.hypot(point[0] - last[0], point[1] - last[1]) < 2) return;
    stroke.push(point);
    soon();
  };
  const empty = () => { strokes = []; at = [SIDE / 2, SIDE / 2]; };
  const begin = point => {
    if (EXAMPLES.includes(written())) strokes = [];
    strokes.push(stroke = [point]);
    soon();
  };
  const lift = () => { stroke = pointer = null; send(); show(); };
  const inside = value => Math.max(0, Math.min(SIDE, Math.round(value)));
  const place = event => {
    const box = frame.getBoundingClientRect();
    return [inside((event.clientX - box.left) / box.width * SIDE),
            inside((event.clientY - box.top) / box.height * SIDE)];
  };
  frame.onpointerdown = event => {
    if (event.button || pointer !== null) return;
    event.preventDefault();
    frame.focus({preventScroll: true});
    frame.classList.remove('bplab-by-keys');
    frame.setPointerCapture(pointer = event.pointerId);
    begin(at = place(event));
    show();
  };
  frame.onpointermove = event => {
    if (event.pointerId !== pointer) return;
    const all = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
    for (const part of all.length ? all : [event]) add(at = place(part));
    show();
  };
  frame.onpointerup = frame.onpointercancel = event => {
    if (event.pointerId === pointer) lift();
  };
  frame.onkeydown = event => {
    if (event.ctrlKey || event.metaKey || event.altKey || pointer !== null) return;
    const by = event.shiftKey ? FINE : STEP;
    const move = {ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, -by],
                  ArrowDown: [0, by]}[event.key];
    if (move) {
      at = [inside(at[0] + move[0]), inside(at[1] + move[1])];
      if (stroke) add(at);
    } else if (event.key === ' ') {
      if (stroke) lift(); else begin(at);
    } else if (event.key === 'Backspace' || event.key === 'Delete') {
      if (event.key === 'Delete') empty(); else strokes.pop();
      lift();
    } else return;
    event.preventDefault();
    event.stopPropagation();
    frame.classList.add('bplab-by-keys');
    show();
  };
  frame.onblur = () => { if (pointer === null && stroke) lift(); };
  frame.bplabTake = () => {
    const input = field();
    if (!input) return false;
    if (!stroke && !timer && input.value !== written()) {
      empty();
      strokes = read(input.value);
      show();
    }
    return true;
  };
})(this.parentNode.querySelector('.bplab-frame'))"""

# touch-action: a finger must draw, not scroll the page
_STYLE = f"""<style>
.bplab-frame {{ display: block; touch-action: none; user-select: none; cursor: crosshair }}
.bplab-frame:focus {{ outline: 3px solid #0072B2; outline-offset: 1px }}
.bplab-ink {{ fill: none; stroke-width: {PEN}; stroke-linecap: round;
  stroke-linejoin: round }}
.bplab-pen, .bplab-pen-said {{ visibility: hidden }}
.bplab-by-keys:focus .bplab-pen, .bplab-by-keys:focus ~ .bplab-pen-said {{ visibility: visible }}
</style>"""


class Drawing(Control):
    """A frame to draw in; its value is the drawing as text.

    Parameters
    ----------
    name, label : str
    value : str
        The drawing at the start.
    examples : sequence of str
        Drawings that vanish when the learner begins to draw.

    Attributes
    ----------
    frame : ipywidgets.HTML
        The visible frame; `widget` is the hidden text field behind it.
    """

    def __init__(self, name: str, label: str, value: str, examples: Sequence[str]):
        text = ipywidgets.Text(value=value, layout={"display": "none"})
        text.add_class("bplab-drawing")
        self.frame = ipywidgets.HTML(_frame(label, examples), layout={"margin": "0 12px 0 3px"})
        super().__init__(name, label, text)
        self.frame.add_class(self.css)

    @property
    def strokes(self) -> Strokes:
        """The present drawing.

        Raises
        ------
        ValueError
            If the text is not a drawing.
        """
        return read_strokes(self.value)

    def read(self, text: str) -> str:
        """Return the text; raise ValueError if it is not a drawing."""
        read_strokes(text)
        return text

    @property
    def example(self) -> str:
        """A short drawing as text, for errors."""
        return "60.20-140.20-90.180"

    def attributes(self) -> list[tuple[str, dict[str, str]]]:
        """Return the accessible name of the frame."""
        return [(f".{self.css} .bplab-frame", {"aria-label": self.label})]


def ink(strokes: Strokes) -> str:
    """Return a drawing as SVG, in units of the frame."""
    style: dict[str, Any] = {"stroke_width": PEN, "stroke_linecap": "round"}
    return "".join(
        polyline(*(stroke if len(stroke) > 1 else stroke.repeat(2, axis=0)).T, **style)
        for stroke in strokes
    )


def _frame(label: str, examples: Sequence[str]) -> str:
    """Return the frame as HTML, with its script."""
    names = {"SIDE": SIDE, "EVERY": EVERY, "STEP": STEP, "FINE": FINE, "EXAMPLES": [*examples]}
    script = _SCRIPT
    for name, value in names.items():
        script = script.replace(name, json.dumps(value))
    return (
        f'{_STYLE}<div style="position:relative;width:{SIZE}px;max-width:100%">'
        f'<svg class="bplab-frame" role="application" tabindex="0" '
        f'aria-label="{html.escape(label)}" aria-description="{KEYS}" '
        f'data-lm-suppress-shortcuts="true" viewBox="0 0 {SIDE} {SIDE}" '
        f'width="{SIZE}" height="{SIZE}" style="max-width:100%;height:auto">'
        f"{paper(SIDE, SIDE)}{rect(1, 1, SIDE - 2, SIDE - 2, stroke='#767676', stroke_width=2)}"
        # the colour is an attribute, so that the page's theme can replace it
        f'<g class="bplab-ink" stroke="{INK}"></g>'
        '<g class="bplab-pen"><circle r="9" fill="none" stroke="#D55E00" '
        'stroke-width="3"/><path d="M-14 0H14M0-14V14" stroke="#D55E00"/></g></svg>'
        '<div class="bplab-pen-said" role="status" style="position:absolute;right:6px;top:2px">'
        "Pen up</div>"
        f'<img alt="" width="1" height="1" style="position:absolute;left:0;bottom:0" '
        f'onload="{html.escape(script)}" src="{DOT}"></div>'
    )
