"""Run the course as on Colab: ``make test-colab`` makes the environment that this is started in.

bplab was installed there with no index: had it asked for another version of anything, or for one
package more, that would have failed. Here every notebook is run to its end, and every control of
every panel is moved once.
"""

import re
import tempfile
from importlib.metadata import version
from pathlib import Path

import ipywidgets
import nbformat
from nbclient import NotebookClient

from bplab import widgets

ROOT = Path(__file__).parents[2]
PINS = (ROOT / "tests/places/colab.txt").read_text(encoding="utf-8")
QUESTIONS = {"review", "explain", "parsons"}  # they have buttons, and nothing to be moved
PANELS = sorted({name for name in widgets.__all__ if name[0].islower()} - QUESTIONS)


def pins_are_kept() -> None:
    """Assert that the versions are still those of the list."""
    for name, pinned in re.findall(r"^([\w-]+)==(\S+)$", PINS, re.MULTILINE):
        assert version(name) == pinned, f"{name} is {version(name)}, not {pinned}"


def run(path: Path) -> None:
    """Run a solved notebook; the first error ends it."""
    notebook = nbformat.read(path, as_version=4)
    shown = [cell.outputs for cell in notebook.cells if cell.cell_type == "code"]
    assert any(shown), path
    with tempfile.TemporaryDirectory() as folder:
        resources = {"metadata": {"path": folder}}
        NotebookClient(notebook, timeout=600, resources=resources).execute()
    print(f"{path.stem}: run")


def move(name: str) -> None:
    """Move each control of a panel: something else must be shown of most, and no error of any."""
    panel, shown = getattr(widgets, name)(), 0
    for control in panel.controls.values():
        before = panel.canvas.alt, panel.readout.value
        _change(control.widget)
        shown += before != (panel.canvas.alt, panel.readout.value)
        assert "rror:" not in panel.readout.value, panel.readout.value
        panel.reset()
    assert 2 * shown >= len(panel.controls), f"{name}: {shown} of {len(panel.controls)} controls"
    print(f"{name}: moved, {shown} of {len(panel.controls)} controls show at once")
    panel.close()


def _change(widget: ipywidgets.Widget) -> None:
    options = getattr(widget, "options", None)
    if options:
        index = widget.index or 0
        widget.index = index + 1 if index + 1 < len(options) else index - 1
    elif isinstance(widget.value, bool):
        widget.value = not widget.value
    elif isinstance(widget, ipywidgets.Text):  # a drawing, wiped out
        assert widget.value
        widget.value = ""
    else:
        widget.value = widget.min if widget.value != widget.min else widget.max


if __name__ == "__main__":
    pins_are_kept()
    for panel in PANELS:
        move(panel)
    for solution in sorted((ROOT / "solutions").glob("*.ipynb")):
        run(solution)
