"""A puzzle as a panel: a click on a line, or Enter, puts it into the program or takes it out.

A line can also be dragged to its place.

This is not a `Panel` of the kit: it has no sliders and no picture to draw again. Like those panels
it is closed when its cell runs again, and it has the same buttons and live region.
"""

import html
from collections.abc import Callable
from functools import partial
from typing import Any

import ipywidgets
import numpy as np

from bplab.errors import InputError, called_as, listed
from bplab.exercises import PUZZLES, Outcome, Puzzle
from bplab.languages import told
from bplab.widgets.kit.controls import button, named
from bplab.widgets.kit.page import Page
from bplab.widgets.kit.panel import STILL, close_parts, headed, lines, shown_here
from bplab.widgets.kit.svg import DOT
from bplab.widgets.parsons import dragging

__all__ = ["ParsonsPanel", "parsons"]

_STYLE = """<style>
.bplab-parsons { max-width: 780px }
.bplab-parsons button.bplab-line { white-space: pre-wrap; overflow-wrap: anywhere; height: auto;
  text-align: left; line-height: 1.4; padding: 4px 10px; overflow: visible; text-overflow: clip;
  font-family: var(--jp-code-font-family, monospace); font-size: var(--jp-code-font-size, 13px);
  flex: 1 1 auto; margin: 2px 0 }
.bplab-parsons .bplab-program { border-left: 3px solid currentColor; padding-left: 6px;
  min-height: 34px }
.bplab-parsons .widget-hbox, .bplab-parsons .widget-vbox { overflow: visible }
DRAGGING</style>""".replace("DRAGGING", dragging.STYLE)

# it runs once the page has the new lines: otherwise the focus would stay on a button that is gone
_FOCUS = """setTimeout(() => {
  const panel = this.closest('.bplab-panel');
  const part = panel && panel.querySelector('SELECTOR');
  if (part) part.focus();
}, 60)"""


@called_as("parsons()")
def parsons(id: str) -> "ParsonsPanel":
    """Show the lines of a half-worked step in mixed order, for you to put in order.

    Some of them are wrong, and not all are needed. Your program is judged by running it, with new
    numbers each time: any order that gives the right numbers is right. If the numbers are wrong,
    the panel says which line is the cause, and why.

    Parameters
    ----------
    id : str
        The id of the half-worked cell, e.g. ``"half-eq4"``.

    Returns
    -------
    ParsonsPanel
        Shown when it is the last line of a cell.

    Raises
    ------
    ValueError
        If there is no such cell.
    """
    if id not in PUZZLES:
        raise InputError(
            f"parsons takes the id of a half-worked cell, {listed(PUZZLES)}; got {id!r}"
        )
    return ParsonsPanel(PUZZLES[id])


class ParsonsPanel(ipywidgets.VBox):
    """What `bplab.parsons` shows.

    Attributes
    ----------
    puzzle : Puzzle
    chosen : list of str
        The lines of the program, from top to bottom.
    outcome : Outcome or None
        The outcome of the last run; None once the lines have changed since.
    line_buttons : dict of str to ipywidgets.Button
        One button for each line; it puts the line into the program or takes it out.
    run_button, reset_button : ipywidgets.Button
    said : ipywidgets.HTML
        What is said of the last run.
    """

    def __init__(self, puzzle: Puzzle):
        self.puzzle = puzzle
        self.chosen: list[str] = []
        self.outcome: Outcome | None = None
        offered = puzzle.offered
        self.line_buttons = {
            text: _line(text, f"line-{i}", partial(self.turn, text))
            for i, text in enumerate(offered)
        }
        self._rows = {
            text: ipywidgets.HBox(
                [
                    _line(text, f"out-{i}", partial(self.turn, text), "Take this line out"),
                    _arrow("up", f"up-{i}", partial(self.move, text, -1), "Move this line up"),
                    _arrow("down", f"down-{i}", partial(self.move, text, 1), "Move this line down"),
                ]
            )
            for i, text in enumerate(offered)
        }
        self._pool, self._program = ipywidgets.VBox(), ipywidgets.VBox()
        self._program.add_class("bplab-program")
        self.run_button = button("Run these lines", "run", self.run, icon="play")
        self.reset_button = button("Start again", "reset", self.reset)
        self.said, self._focus = ipywidgets.HTML(), ipywidgets.HTML(layout={"display": "none"})
        self.said.add_class("bplab-readout")
        self._actions = 0
        page = Page(self.hear)
        super().__init__(
            [
                ipywidgets.HTML(_STYLE, layout={"display": "none"}),
                ipywidgets.HTML(_task(puzzle)),
                self._pool,
                ipywidgets.HTML(f"<b>{told('Your program')}</b>"),
                self._program,
                ipywidgets.HBox([self.run_button, self.reset_button]),
                self.said,
                self._focus,
                page.widget,
                named([], dragging.script()),
            ]
        )
        for name in ("bplab-panel", "bplab-parsons"):
            self.add_class(name)
        self._show()

    # --- what can be done with it ----------------------------------------------------------------

    def turn(self, text: str) -> None:
        """Put a line at the end of the program, or take it out if it is in the program."""
        left = [t for t in self.puzzle.offered if t not in self.chosen]
        if text in self.chosen:
            self.chosen.remove(text)
            self._show(f".bplab-line-{self._index(text)}")
            return
        self.chosen.append(text)
        following = left[left.index(text) + 1 :] or left[: left.index(text)]
        self._show(f".bplab-line-{self._index(following[0])}" if following else ".bplab-run")

    def move(self, text: str, by: int) -> None:
        """Move a line of the program up (−1) or down (1)."""
        at = self.chosen.index(text)
        to = min(max(at + by, 0), len(self.chosen) - 1)
        self.chosen.insert(to, self.chosen.pop(at))
        ends = {0: "down", len(self.chosen) - 1: "up"}
        self._show(f".bplab-{ends.get(to, 'up' if by < 0 else 'down')}-{self._index(text)}")

    def put(self, text: str, to: int) -> None:
        """Put a line at this place among the program's other lines, from 0 on; -1 takes it out."""
        if text in self.chosen:
            self.chosen.remove(text)
        if to == dragging.OUT:
            self._show(f".bplab-line-{self._index(text)}")
            return
        self.chosen.insert(to, text)
        self._show(f".bplab-out-{self._index(text)}")

    def hear(self, name: str, value: str) -> None:
        """Take the page's message about a line that was dragged."""
        line, to = map(int, value.split())
        offered = self.puzzle.offered
        if name == dragging.PUT and 0 <= line < len(offered) and to <= len(self.chosen):
            self.put(offered[line], to)

    def run(self) -> None:
        """Run the program, and show its outcome."""
        self.outcome = self.puzzle.judge(self.chosen)
        sign = "✓" if self.outcome.right else "✗"
        self.said.value = lines(*(f"{sign} {headed(says)}" for says in self.outcome.says))

    def reset(self) -> None:
        """Take all lines out."""
        self.chosen.clear()
        self._show(f".bplab-line-{self._index(self.puzzle.offered[0])}")

    def close(self) -> None:
        """Take the panel off the page, and also close the line buttons that are not shown now."""
        for part in (*self.line_buttons.values(), *self._rows.values()):
            close_parts(part)
            part.close()
        close_parts(self)
        super().close()
        self.children = ()

    # --- what is shown ---------------------------------------------------------------------------

    def _index(self, text: str) -> int:
        return self.puzzle.offered.index(text)

    def _show(self, focus: str = "") -> None:
        self.outcome, self.said.value = None, ""
        self._pool.children = [b for t, b in self.line_buttons.items() if t not in self.chosen]
        for at, text in enumerate(self.chosen):
            _, up, down = self._rows[text].children
            up.disabled, down.disabled = at == 0, at == len(self.chosen) - 1
        self._program.children = [self._rows[text] for text in self.chosen]
        if focus:
            self._actions += 1  # the same picture twice would not be loaded again
            code = html.escape(f"/*{self._actions}*/{_FOCUS.replace('SELECTOR', focus)}")
            self._focus.value = f'<img alt="" width="0" height="0" onload="{code}" src="{DOT}">'

    _ipython_display_ = None  # ipywidgets 7 has one, which shows nothing but the view

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        shown_here(self)
        offered = "".join(f"<li><code>{html.escape(t)}</code></li>" for t in self.puzzle.offered)
        return {
            "text/plain": "\n".join([told(_asked(self.puzzle)), *self.puzzle.offered]),
            "text/html": f"{_task(self.puzzle)}<ul>{offered}</ul>{STILL}",
            "application/vnd.jupyter.widget-view+json": {
                "version_major": 2,
                "version_minor": 0,
                "model_id": self.model_id,
            },
        }


def _line(text: str, css: str, action: Callable[[], None], tip: str = "") -> ipywidgets.Button:
    made = button("", css, action, tip)
    made.description = text  # code: it is not translated
    made.add_class("bplab-line")
    return made


def _arrow(way: str, css: str, action: Callable[[], None], tip: str) -> ipywidgets.Button:
    made = button("", css, action, tip, icon=f"arrow-{way}", width="34px")
    made.layout.flex = "0 0 34px"
    return made


def _asked(puzzle: Puzzle) -> str:
    wanted = listed(puzzle.wanted)
    return f"Which lines make {wanted}, in which order? Some are wrong, and not all are needed."


def _task(puzzle: Puzzle) -> str:
    """Return the task as HTML: the question, and the given variables with their shapes."""
    shapes = [f"<code>{html.escape(g)}</code>" for g in _given(puzzle)]
    given = f"<br>{told('There already:')} {', '.join(shapes)}" if shapes else ""
    return (
        f'<div style="line-height:1.5"><b>{puzzle.id}</b><br>'
        f"{html.escape(told(_asked(puzzle)))}{given}</div>"
    )


def _given(puzzle: Puzzle) -> list[str]:
    """Return a puzzle's variables, such as ``"x (3, 2)"``, ``"A[0] (5, 8)"``, or ``"t"``."""
    found = []
    for name, value in puzzle.given(np.random.default_rng(0)).items():
        if isinstance(value, np.ndarray):
            found.append(f"{name} {value.shape}")
        elif isinstance(value, (list, tuple)) and all(isinstance(v, np.ndarray) for v in value):
            found += [f"{name}[{i}] {v.shape}" for i, v in enumerate(value)]
        elif np.isscalar(value) or isinstance(value, (list, tuple)):
            found.append(name)
    return found
