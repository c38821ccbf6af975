"""Every panel in JupyterLab: by keyboard, by mouse, by screen reader, and again and again."""

import inspect
import re
from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from bplab import widgets
from tests.browser.axe import axe
from tests.browser.conftest import OneCell
from tests.thorough import ALL

pytestmark = pytest.mark.xdist_group("browser")


PICTURE = "[role=img], img:not([alt=''])"
IMPORTS = "import numpy as np\nfrom bplab import *\nfrom bplab.widgets import *\n"


@dataclass(frozen=True)
class Row:
    """A panel of ``bplab.widgets``, and what a learner does with it.

    ``keys`` maps controls to keys that each change picture, description and, but for those in
    ``silent``, numbers; in the order in which Tab comes to them, where that will do. ``learners``
    are arguments for which the panel calls ``mine``, a function of the learner's; ``reference`` is
    a right one. ``drag`` is a slider, else the first of ``keys`` is one.
    """

    name: str
    keys: dict[str, str]
    learners: str = ""
    reference: str = ""
    arguments: str = ""
    silent: tuple[str, ...] = ()
    drag: str = ""


ROWS = [
    Row(
        "activation",
        {"function": "ArrowDown", "x": "ArrowRight", "h": "ArrowLeft"},
        "lambda x: mine(x)",
        "lambda x: (np.tanh(x), 1 - np.tanh(x) ** 2)",
        drag="x",
    ),
    Row(
        "backward_pass",
        {"weights": "ArrowDown", "x1": "ArrowRight", "step": "ArrowLeft", "show": "ArrowDown"},
        'output_delta=lambda *a: mine(*a), state="step=9"',
        "lambda Y, F, T, g: 0 * Y",
        'state="step=9"',
        drag="step",
    ),
    Row(
        "learning_rate",
        {"gamma": "ArrowRight"},
        "lambda *a: mine(*a), epochs=20",
        "backward",
    ),
    Row(
        "loss_landscape",
        {"first": "ArrowDown", "start1": "ArrowRight", "gamma": "ArrowRight", "steps": "ArrowLeft"},
        "lambda X, Y, alpha, beta, sigma, g: mine(X, Y, alpha, beta, sigma, g)",
        "backward",
        drag="gamma",
    ),
    Row(
        "playground",
        {"epoch": "ArrowLeft", "units1": "ArrowRight", "data": "ArrowDown"},
        'lambda *a: mine(*a), state="epoch=5"',
        "deep.backward",
        'state="data=XOR,epoch=50"',
        drag="units1",
    ),
    Row(
        "read_digit",
        {"digit": "ArrowDown", "drawing": "Space"},
        "lambda images: mine(images)",
        "lambda images: images[:, :10]",
        "gradient=True",
        drag="drawing",
    ),
    Row(
        "softmax",
        {"t1": "ArrowRight", "c": "ArrowRight", "target": "ArrowDown"},
        "lambda t: mine(t)",
        "lambda t: (t, 0 * t[:, :, None] * t[:, None])",
    ),
    Row(
        "step_size",
        {"h": "ArrowLeft", "curve": "Space"},
        "lambda p: mine(p), np.ones(3)",
        "lambda p: (p ** 2).sum()",
        silent=("curve",),
    ),
    Row(
        "vanishing_gradients",
        {"depth": "ArrowLeft", "sigma": "ArrowDown", "scale": "ArrowRight", "bias": "ArrowRight"},
        "lambda *a: mine(*a)",
        "deep.backward",
        drag="scale",
    ),
]


def test_there_is_a_row_for_every_panel():
    panels = {n for n in widgets.__all__ if inspect.isfunction(getattr(widgets, n))}
    assert {row.name for row in ROWS} == panels - {
        "review",
        "explain",
        "explained",
        "parsons",
    }  # no sliders: see their tests


@pytest.fixture(scope="module")
def notebook(one_cell):
    return one_cell.shown(height=1600)


class Panel:
    """A panel on the page, run from the notebook's only cell."""

    def __init__(self, notebook, code):
        self.notebook, self.page = notebook, notebook.page
        notebook.execute(OneCell.ID, code)
        self.root = self.page.locator(".jp-OutputArea .bplab-panel")
        self.root.wait_for(timeout=20_000)
        self.picture = self.root.locator(".bplab-picture")
        self.picture.locator(PICTURE).first.wait_for()
        self.notebook.idle()

    @property
    def seen(self):
        """What picture (its number, for it is long), description and numbers are now."""
        return SimpleNamespace(**self.root.evaluate(SEEN))

    def control(self, name):
        """What the keyboard moves of a control."""
        keyed = "[role=slider], [role=application], select, input"
        return self.root.locator(f".bplab-control-{name}").locator(keyed)

    def tab_to(self, target):
        """Press Tab until the focus is there, or Shift+Tab if it is farther up."""
        there = target.element_handle()
        for _ in range(60):
            if not (key := there.evaluate(WAY)):
                return
            self.page.keyboard.press(key)
        raise AssertionError("Tab does not get there")

    def wait_for_another(self, before):
        """Wait until the picture is another one."""
        arg = [self.picture.element_handle(), before.picture]
        self.page.wait_for_function(NEW, arg=arg, polling=50)

    def changed(self, before):
        """Wait until another picture is there, and nothing moves any more; return what is."""
        self.wait_for_another(before)
        self.notebook.idle()
        return self.seen


WAY = """there => {
  const here = document.activeElement;
  if (here === there) return '';
  const back = there.compareDocumentPosition(here) & Node.DOCUMENT_POSITION_FOLLOWING;
  return back && here.closest('.bplab-panel') ? 'Shift+Tab' : 'Tab';
}"""

SEEN = f"""panel => {{
  const picture = panel.querySelector(".bplab-picture").querySelector("{PICTURE}");
  const all = window.pictures ??= [], drawn = picture.src || picture.outerHTML;
  return {{
    picture: all.includes(drawn) ? all.indexOf(drawn) : all.push(drawn) - 1,  // equal ones have one
    alt: picture.alt || picture.getAttribute("aria-label"),
    readout: panel.querySelector(".bplab-readout").innerText,
  }};
}}"""

NEW = f"""([box, before]) => {{
  const picture = box.querySelector("{PICTURE}");
  return picture && (picture.src || picture.outerHTML) !== window.pictures[before];
}}"""


def violations(page):
    """What axe finds in the output that hinders learners seriously."""
    found = axe(page, ".jp-Notebook .jp-OutputArea")
    return [(id, parts) for id, how, parts in found if how in ("serious", "critical")]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
class TestPanel:
    def test_by_keyboard_mouse_and_screen_reader(self, notebook, row):
        panel = Panel(notebook, f"{IMPORTS}{row.name}({row.arguments})")
        page, first = panel.page, panel.seen
        assert len(first.alt) > 40

        for name, key in row.keys.items():
            before, control = panel.seen, panel.control(name)
            said = control.first.get_attribute("aria-valuetext")
            panel.tab_to(control.first)
            page.keyboard.press(key)
            after = panel.changed(before)
            if control.first.get_attribute("role") == "slider":
                assert said
                assert control.first.get_attribute("aria-valuetext") not in (said, None, "")
            assert after.alt != before.alt, name
            assert (after.readout != before.readout) == (name not in row.silent), name
        assert violations(page) == []  # at first: see test_room_and_theme

        before, handle = panel.seen, panel.control(row.drag or next(iter(row.keys)))
        box = handle.first.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 50, y, steps=5)
        page.mouse.up()
        assert panel.changed(before).readout != before.readout

        before = panel.seen
        panel.tab_to(panel.root.locator("button.bplab-reset"))
        page.keyboard.press("Enter")
        after = panel.changed(before)
        for _ in range(20):  # on a busy machine the numbers come a little after the picture
            if after == first:
                break
            page.wait_for_timeout(100)
            after = panel.seen
        assert after == first
        assert notebook.errors() == []

    @pytest.mark.one_in(3)  # what each panel says of it is seen without a browser, too
    def test_a_function_that_is_not_written_is_said_and_the_panel_lives_on(self, notebook, row):
        if not row.learners:
            pytest.skip("takes no function of the learner's")
        mine = "def mine(*arguments):\n    todo()\n"
        panel = Panel(notebook, f"{IMPORTS}{mine}{row.name}({row.learners})")
        assert "is not written yet" in panel.root.inner_text()
        assert "Traceback" not in panel.root.inner_text()
        before = panel.seen
        assert notebook.ask(f"mine = {row.reference}") == ""
        panel.root.get_by_role("button", name="Reset").click()
        panel.changed(before)
        assert "is not written yet" not in panel.root.inner_text()

    @pytest.mark.thorough  # test_good_manners counts what a panel leaves in its kernel
    def test_the_cell_run_many_times_leaves_nothing_behind(self, notebook, row):
        Panel(notebook, f"{IMPORTS}{row.name}({row.arguments})")
        notebook.page.evaluate(AGAIN, 2)
        before = notebook.ask(LEFT)
        assert re.fullmatch(r"(\w+ \d+\n?)+", before)
        notebook.page.evaluate(AGAIN, TIMES)
        assert notebook.ask(LEFT) == before
        assert notebook.errors() == []


TIMES = 50 if ALL else 4
"""How often a panel's cell is run again; what every run leaves behind shows in a few."""

AGAIN = """async times => {
  for (; times; times--) await window.jupyterapp.commands.execute('notebook:run-cell');
}"""

LEFT = """
import asyncio, gc, threading
from comm import get_comm_manager
from ipywidgets.widgets import widget
from matplotlib import pyplot
from matplotlib.figure import Figure
import bplab
from bplab.widgets.kit.svg import SvgView
gc.collect()
print("widgets", len(widget._instances))
print("comms", len(get_comm_manager().comms))
print("threads", threading.active_count())
ours = bplab.__file__.removesuffix("__init__.py")  # ipykernel's come and go
codes = [getattr(task.get_coro(), "cr_code", None) for task in asyncio.all_tasks()]
print("tasks", sum(code is not None and code.co_filename.startswith(ours) for code in codes))
print("open", len(pyplot.get_fignums()))
for kind in (Figure, SvgView):
    print(kind.__name__, sum(isinstance(thing, kind) for thing in gc.get_objects()))
"""


def test_the_playground_plays_and_pauses_by_keyboard(notebook):
    panel = Panel(notebook, f"{IMPORTS}playground()")
    play, said = panel.root.locator("button.bplab-play"), set()
    panel.tab_to(play)
    panel.page.keyboard.press("Enter")
    for _ in range(4):
        before = panel.seen
        panel.wait_for_another(before)
        said.add(panel.seen.alt)
    assert play.inner_text() == "Pause"
    assert len(said) > 2
    panel.page.keyboard.press("Enter")
    still = None
    for _ in range(10):  # pictures may be under way still
        if panel.seen == still:
            break
        still = panel.seen
        panel.page.wait_for_timeout(400)
    assert panel.seen == still
    assert play.inner_text() == "Play"
    epoch = panel.control("epoch").first
    now, spoken = (epoch.get_attribute(f"aria-value{name}") for name in ("now", "text"))
    assert float(now) == float(spoken) > 0

    panel.root.locator("button[class*=bplab-preset]").first.click()
    panel.changed(still)
    prediction = panel.root.locator(".bplab-prediction select")
    panel.tab_to(prediction)
    asked = prediction.input_value()
    panel.page.keyboard.press("ArrowDown")
    assert prediction.input_value() != asked
    assert violations(panel.page) == []


class TestDrawing:
    """The frame of `read_digit`."""

    SEVEN = (0.25, 0.15), (0.75, 0.12), (0.45, 0.9)

    @pytest.fixture
    def panel(self, notebook):
        return Panel(notebook, f"{IMPORTS}shown = read_digit()\nshown")

    @pytest.fixture
    def frame(self, panel):
        frame = panel.root.locator(".bplab-frame")
        frame.locator(".bplab-ink polyline").wait_for()
        return frame

    def points(self, frame):
        box = frame.bounding_box()
        return [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in self.SEVEN]

    def test_a_finger_draws_and_the_page_stays_where_it_is(self, panel, frame, notebook):
        before, touch = panel.seen, notebook.page.context.new_cdp_session(notebook.page)
        place = frame.bounding_box()

        def finger(kind, *points):
            points = [{"x": x, "y": y, "id": 1} for x, y in points]
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        first, *others = self.points(frame)
        finger("touchStart", first)
        for to in others:
            for share in (0.25, 0.5, 0.75, 1):
                finger("touchMove", [a + share * (b - a) for a, b in zip(first, to, strict=True)])
            first = to
        finger("touchEnd")
        assert "It reads: a 7" in panel.changed(before).readout
        assert frame.bounding_box() == place
        # the example has gone, and one line is there: touch was no scrolling, which ends a line
        assert frame.locator("polyline").count() == 1
        assert notebook.ask("print(len(shown.shown.strokes))") == "1"

    def test_it_is_read_while_it_is_drawn(self, panel, frame):
        before, mouse = panel.seen, panel.page.mouse
        (x, y), *others = self.points(frame)
        mouse.move(x, y)
        mouse.down()
        answers = []
        for to in others:
            mouse.move(*to, steps=8)
            before = panel.changed(before)
            answers.append(before.readout)
        mouse.move(x, 0)  # out of the frame: the line stays inside
        mouse.up()
        assert answers[0] != answers[1]
        assert "It reads: a 7" in answers[1]
        assert "drawing must hold" not in panel.changed(before).readout

    def test_by_keyboard_alone(self, panel, frame, notebook):
        before, press = panel.seen, panel.page.keyboard.press
        panel.tab_to(frame)
        press("Delete")
        before = panel.changed(before)
        assert "Nothing is drawn" in before.readout
        assert frame.locator("polyline").count() == 0
        for key in ["Space", *["ArrowDown"] * 10, "Space"]:
            press(key)
        before = panel.changed(before)
        assert "It reads: a 1" in before.readout
        for key in ["ArrowRight", *["Shift+ArrowUp"] * 2, "Space", "Space"]:
            press(key)
        before = panel.changed(before)
        assert notebook.ask("print(shown.state)").endswith("_108.176")
        assert frame.locator("polyline").count() == 2
        press("Backspace")
        assert "It reads: a 1" in panel.changed(before).readout
        assert frame.locator("polyline").count() == 1
        assert frame.evaluate("f => f === document.activeElement")
        assert violations(panel.page) == []

    def test_what_the_kernel_sets_is_drawn(self, panel, frame, notebook):
        before = panel.seen
        panel.root.get_by_role("button", name="a face").click()
        before = panel.changed(before)
        panel.page.wait_for_function(
            "frame => frame.querySelectorAll('polyline').length === 3", arg=frame.element_handle()
        )
        assert notebook.ask("shown.state = 'drawing=10.20-30.40'") == ""
        panel.changed(before)
        line = frame.locator("polyline")
        assert line.get_attribute("points") == "10,20 30,40"


def test_axe_would_find_a_slider_without_a_name(notebook):
    panel = Panel(notebook, f"{IMPORTS}learning_rate(epochs=20)")
    panel.control("gamma").first.evaluate("e => e.removeAttribute('aria-label')")
    assert [id for id, _ in violations(panel.page)] == ["aria-input-field-name"]
