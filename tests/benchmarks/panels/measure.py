"""``bplab bench panels``: from a key press to changed pixels, ours and ``interact``'s.

In a real JupyterLab in Chromium. A panel and the same picture by ``ipywidgets.interact`` with
``plt.show()`` stand in one notebook, share its kernel, and are moved in turn.
"""

import json
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.benchmarks.panels.browser import Lab, Notebook, lab_and_page
from tests.benchmarks.panels.page import PICTURES, Watch
from tests.benchmarks.panels.rows import ROWS, PanelRow

__all__ = ["Measured", "as_json", "measure", "show"]

RATIO = 1 / 3
BURST_MS = 150.0
A_SECOND = 20.0
"""Good enough: ours / theirs, the end of a burst, and pictures a second while playing."""

OF_FLOOR = 1.5
"""A burst may also end after this multiple of its floor: on slow machines that is longer."""

BURST = 20
KEYS_MS = 33.0
"""Key presses of a burst, and the time between them: that of a key held down."""

PAGE = 1280, 2400
"""Pixels of the page: tall, as JupyterLab detaches the cells that it does not show."""


EMPTY = """import ipywidgets
slider = ipywidgets.IntSlider(50)
picture = ipywidgets.HTML()
slider.add_class("bplab-control-empty")
picture.add_class("bplab-picture")
def show(change=None):
    picture.value = f'<svg role="img" aria-label="{slider.value}" width="1" height="1"></svg>'
slider.observe(show, "value")
show()
ipywidgets.VBox([slider, picture])"""
"""A picture of nothing that follows a slider: what is left is Jupyter's."""

COMPUTES = """from time import perf_counter
def _once():
    start = perf_counter()
    Out[1].redraw()
    return perf_counter() - start
print(min(_once() for _ in range(5)))"""


@dataclass(frozen=True)
class Measured:
    """One line of the result.

    Attributes
    ----------
    name, what : str
        See `PanelRow`.
    ours_ms, interact_ms : float
        From a key press to changed pixels: medians.
    moves : int
        The number of moves of each.
    burst_ms : float
        From the last key press of a burst to its last picture.
    computing_ms : float
        What the panel takes for one picture in the kernel.
    empty_ms : float
        From a key press to changed pixels, where the picture is of nothing.
    pictures_a_second : float or None
        While it plays; None for a panel that does not play.
    """

    name: str
    what: str
    ours_ms: float
    interact_ms: float
    moves: int
    burst_ms: float
    computing_ms: float
    empty_ms: float
    pictures_a_second: float | None = None

    @property
    def ratio(self) -> float:
        """Time of ours / time of interact's."""
        return self.ours_ms / self.interact_ms

    @property
    def burst_goal(self) -> float:
        """After how many ms a burst is to have ended."""
        return max(BURST_MS, OF_FLOOR * (self.computing_ms + self.empty_ms))

    @property
    def met(self) -> bool:
        """Whether every goal is met."""
        playing = self.pictures_a_second is None or self.pictures_a_second >= A_SECOND
        return self.ratio <= RATIO and self.burst_ms <= self.burst_goal and playing


def measure(
    rows: Sequence[PanelRow] = ROWS,
    *,
    quick: bool = False,
    progress: Callable[[str], object] = lambda name: None,
) -> list[Measured]:
    """Measure panels, one after the other.

    Parameters
    ----------
    rows : sequence of PanelRow
    quick : bool
        Fewer moves: to see that it works, not to quote.
    progress : callable
        Called with the name of each row before it is measured.

    Raises
    ------
    BrowserMissing
        If there is no Chromium or no Playwright.
    RuntimeError
        If a panel does not show, a move brings no new picture, or a burst does not end with the
        picture of the last value.
    """
    measured = []
    with lab_and_page(*PAGE) as (lab, page):
        for row in rows:
            progress(row.name)
            try:
                measured.append(_measure_row(row, lab, page, quick))
            except RuntimeError as error:
                raise RuntimeError(f"{row.name}: {error}") from error
    return measured


def _measure_row(row: PanelRow, lab: Lab, page: Any, quick: bool) -> Measured:
    notebook = _opened(row, lab, page)
    controls = {"panel": row.control, "interact": row.control, "empty": "empty"}
    sides = [_Side(notebook, cell, control) for cell, control in controls.items()]
    warm, moves = (1, 4) if quick else (3, 24)
    times = [[], [], []]
    for move in range(warm + moves):
        key = "ArrowLeft" if move % 8 < 4 else "ArrowRight"
        for side, found in zip(sides, times, strict=True):
            found.append(side.move(key))
    ours, theirs, empty = (median(found[warm:]) for found in times)
    computing = 1000 * float(notebook.ask(COMPUTES))
    bursts = [sides[0].burst() for _ in range(1 if quick else 3)]
    playing = sides[0].playing(row.play, 1 if quick else 4) if row.play else None
    notebook.close()
    took = (ours, theirs, moves, median(bursts), computing, empty, playing)
    return Measured(row.name, row.what, *took)


def _opened(row: PanelRow, lab: Lab, page: Any) -> Notebook:
    """A notebook with the panel, its peer and a picture of nothing, all run."""
    from nbformat import write
    from nbformat.v4 import new_code_cell, new_notebook

    codes = {"panel": row.panel, "interact": row.interact, "empty": EMPTY}
    cells = [new_code_cell(code, id=id) for id, code in codes.items()]
    # without a kernel's name JupyterLab would ask for one
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"{row.name}.ipynb")
        write(new_notebook(cells=cells, metadata=kernel), path)
        notebook = Notebook(page, lab, path)
    notebook.run_all()
    if errors := notebook.errors():
        raise RuntimeError(f"a cell does not run: {', '.join(errors)}")
    return notebook


class _Side:
    """The panel, its peer, or the picture of nothing: a slider and the picture that follows it."""

    def __init__(self, notebook: Notebook, cell: str, control: str):
        self._notebook, self._page = notebook, notebook.page
        self._output = notebook.cell(cell).locator(".jp-Cell-outputArea")
        self._control = self._output.locator(f".bplab-control-{control}")
        self._handle = self._control.locator("[role=slider]")
        self._output.locator(PICTURES).or_(self._output.get_by_text("Traceback")).last.wait_for()
        if "Traceback" in (said := self._output.inner_text()):
            raise RuntimeError(f"{cell} does not show: {said}")
        self._watch = Watch(self._page, self._output)

    def move(self, key: str) -> float:
        """Press a key; return the milliseconds to the new picture's pixels."""
        self._handle.focus()
        count = self._watch.count()
        self._page.keyboard.press(key)
        self._watch.wait(count)
        key_at, painted = self._watch.last()
        self._notebook.idle()
        return painted - key_at

    def burst(self) -> float:
        """Hold a key down; return the milliseconds from its last press to the last picture.

        Raises
        ------
        RuntimeError
            If the last picture is not that of the last value.
        """
        self._handle.focus()
        self._page.keyboard.press("Home")
        self._settle()
        start = time.perf_counter()
        for press in range(BURST):
            time.sleep(max(0, start + press * KEYS_MS / 1000 - time.perf_counter()))
            self._page.keyboard.down("ArrowRight")
        self._page.keyboard.up("ArrowRight")
        self._settle()
        # the panel sets the one together with the picture, the page the other with each key
        for _ in range(20):
            drawn = self._handle.get_attribute("aria-valuetext")
            shown = self._control.locator(".widget-readout").inner_text()
            if abs(_number(drawn) - _number(shown)) <= 0.01 * abs(_number(shown)):
                break
            self._page.wait_for_timeout(100)  # a kernel that draws is not busy
        else:
            raise RuntimeError(f"after a burst the picture is of {drawn}, the slider at {shown}")
        key_at, painted = self._watch.last()
        return painted - key_at

    def playing(self, button: str, seconds: float) -> float:
        """Play for some seconds; return how many pictures a second were painted."""
        self._output.get_by_role("button", name=button).click()
        self._page.wait_for_timeout(500)
        first, start = self._watch.count(), time.perf_counter()
        self._page.wait_for_timeout(1000 * seconds)
        last, end = self._watch.count(), time.perf_counter()
        return (last - first) / (end - start)

    def _settle(self) -> None:
        """Wait until no more pictures come."""
        count = -1
        while count != self._watch.count():
            count = self._watch.count()
            self._notebook.idle()
            self._page.wait_for_timeout(200)


def _number(text: str) -> float:
    return float(text.replace("−", "-").split()[0])


def as_json(measured: Sequence[Measured]) -> str:
    """Return the result for machines."""
    goals = {"ratio": RATIO, "burst_ms": BURST_MS, "pictures_a_second": A_SECOND}
    rows = [
        {**asdict(row), "ratio": row.ratio, "burst_goal_ms": row.burst_goal, "met": row.met}
        for row in measured
    ]
    return json.dumps({"rows": rows, "goals": goals}, indent=2, ensure_ascii=False)


def show(measured: Sequence[Measured], console: Console) -> None:
    """Print the result as a table."""
    table = Table(
        title="From a key press to changed pixels; ≤, ≥ or what it misses",
        caption=f"burst: from the last of {BURST} presses of a key held down to the last picture,\n"
        f"which is to take {BURST_MS:.0f} ms, or {OF_FLOOR:g} × computing and an empty picture",
    )
    table.add_column("panel")
    table.add_column("a move")
    for column in (
        *("ours ms", "interact ms", "ratio", "computing ms", "empty ms", "burst ms"),
        "pictures/s",
    ):
        table.add_column(column, justify="right")
    table.add_column("goals")
    for row in measured:
        rate = row.pictures_a_second
        table.add_row(
            *(row.name, row.what, f"{row.ours_ms:.0f}", f"{row.interact_ms:.0f}"),
            _at_most(row.ratio, RATIO, ".2f"),
            *(f"{row.computing_ms:.0f}", f"{row.empty_ms:.0f}"),
            _at_most(row.burst_ms, row.burst_goal, ".0f"),
            "" if rate is None else f"{rate:.0f} {'≥' if rate >= A_SECOND else '<'} {A_SECOND:.0f}",
            "met" if row.met else "missed",
        )
    console.print(table)


def _at_most(value: float, goal: float, form: str) -> str:
    return f"{value:{form}} {'≤' if value <= goal else '>'} {goal:{form}}"
