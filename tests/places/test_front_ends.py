"""Notebook 7 and nbclassic: a notebook runs there, its panel moves, and one can draw in a panel."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from importlib.util import find_spec

import nbformat
import pytest

from tests.browser.conftest import browser_context_args, browser_type_launch_args  # noqa: F401

pytestmark = [pytest.mark.thorough, pytest.mark.xdist_group("front-ends")]

NAME = "section_2_1"
HANDLE = "[class*=bplab-control-] .noUi-handle"
SEEN = r"() => document.body.innerText.match(/R after\s+([\d.]+)/)?.[1]"


@pytest.fixture
def opened(request, course, tmp_path, page):
    """The solved notebook, without its outputs, in the front end of this name; run to its end."""
    notebook = nbformat.read(course.solution_file(NAME), as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    draw = "from bplab.widgets import read_digit\nread_digit()"
    notebook.cells.append(nbformat.v4.new_code_cell(draw))
    nbformat.write(notebook, tmp_path / f"{NAME}.ipynb")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    token, log = secrets.token_hex(16), tmp_path / "server.log"
    command = [sys.executable, "-m", request.param, "--no-browser", "--allow-root"]
    command += ["--ip=127.0.0.1", f"--port={port}", f"--IdentityProvider.token={token}"]
    command += ["--JupyterNotebookApp.expose_app_in_browser=True"] * (request.param == "notebook")
    folders = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "HOME": "home"}
    (tmp_path / "home").mkdir()
    with log.open("w") as said:
        server = subprocess.Popen(
            [*command, f"--ServerApp.root_dir={tmp_path}"],
            env={**os.environ, **{name: str(tmp_path / at) for name, at in folders.items()}},
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        for _ in range(600):
            assert server.poll() is None, log.read_text()[-3000:]
            with suppress(OSError):
                urllib.request.urlopen(f"{url}/api?token={token}", timeout=1).close()
                break
            time.sleep(0.1)
        page.set_default_timeout(90_000)
        RUN[request.param](page, f"{url}%s/notebooks/{NAME}.ipynb?token={token}")
        yield page
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait(timeout=30)


def in_notebook_7(page, address):
    page.goto(address % "")
    page.wait_for_function(
        "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status"
        " === 'idle'"
    )
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
    page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget.content.widgets"
        ".filter(cell => cell.model.type === 'code').every(cell => cell.model.executionCount)"
    )
    page.evaluate(
        "async () => { const book = window.jupyterapp.shell.currentWidget.content;"
        " const at = book.widgets.findIndex("
        "cell => cell.model.sharedModel.source.startsWith('learning_rate('));"
        " book.activeCellIndex = at; await book.scrollToItem(at, 'center'); }"
    )


def in_nbclassic(page, address):
    page.goto(address % "/nbclassic")
    page.wait_for_function(
        "() => window.Jupyter?.notebook?.kernel?.is_connected()"
        " && require.defined('nbextensions/jupyter-js-widgets/extension')"
    )
    page.wait_for_timeout(2_000)  # it asks the kernel once more
    page.evaluate("() => Jupyter.notebook.execute_all_cells()")
    page.wait_for_function(
        "() => Jupyter.notebook.get_cells().filter(cell => cell.cell_type === 'code')"
        ".every(cell => cell.input_prompt_number > 0)"
    )


RUN = {"notebook": in_notebook_7, "nbclassic": in_nbclassic}


everywhere = pytest.mark.parametrize(
    "opened",
    [
        pytest.param(name, marks=pytest.mark.skipif(not find_spec(name), reason=f"no {name}"))
        for name in RUN
    ],
    indirect=True,
)


@everywhere
def test_a_notebook_runs_and_its_panel_moves_by_keyboard(opened):
    page = opened
    assert page.get_by_text("Traceback (most recent call last)").count() == 0
    handle = page.locator(HANDLE)
    handle.wait_for()
    handle.scroll_into_view_if_needed()
    assert "learning rate" in handle.get_attribute("aria-label")
    page.wait_for_function(SEEN)
    before = page.evaluate(SEEN)
    handle.click()
    page.keyboard.press("ArrowRight")
    folder = os.environ.get("BPLAB_SCREENSHOTS")
    if folder:
        page.wait_for_timeout(3_000)
        page.screenshot(path=f"{folder}/front-end-{page.title()}.png")
    page.wait_for_function(f"before => ({SEEN})() !== before", arg=before)


@everywhere
def test_a_digit_is_drawn_by_mouse_and_by_keyboard(opened):
    page, reads = opened, "text => document.body.innerText.includes(text)"
    if page.evaluate("() => !!window.jupyterapp"):  # it has only the cells near the last one shown
        page.evaluate(
            "async () => { const book = window.jupyterapp.shell.currentWidget.content;"
            " await book.scrollToItem(book.widgets.length - 1, 'center'); }"
        )
    frame = page.locator(".bplab-frame")
    frame.locator("polyline").wait_for(state="attached")
    frame.scroll_into_view_if_needed()
    page.wait_for_function(reads, arg="It reads: a 3")
    box = frame.bounding_box()
    seven = [(0.25, 0.15), (0.75, 0.12), (0.45, 0.9)]
    (x, y), *others = [
        (box["x"] + right * box["width"], box["y"] + down * box["height"]) for right, down in seven
    ]
    page.mouse.move(x, y)
    page.mouse.down()
    for to in others:
        page.mouse.move(*to, steps=8)
    page.mouse.up()
    page.wait_for_function(reads, arg="It reads: a 7")
    assert frame.locator("polyline").count() == 1
    for key in ["Delete", "Space", *["ArrowDown"] * 10, "Space"]:
        page.keyboard.press(key)
    page.wait_for_function(reads, arg="It reads: a 1")
    assert page.evaluate("() => document.activeElement.classList.contains('bplab-frame')")
