"""A real JupyterLab, and a real Chromium to use it as a learner does: for measuring and tests.

Playwright is imported where it is needed only: the package must load without it.
"""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

NO_CHROMIUM = (
    "no Chromium: install it (Debian: apt-get install chromium) or run playwright install chromium"
)


class BrowserMissing(RuntimeError):
    """There is no browser, or nothing to drive it with."""


def chromium() -> str:
    """Return the path of a Chromium: one on PATH, else Playwright's own.

    Raises
    ------
    BrowserMissing
        If there is none, or no Playwright.
    """
    for package in ("playwright", "jupyterlab"):
        if find_spec(package) is None:
            raise BrowserMissing(f"{package} is not installed: pip install 'bplab[bench]'")
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    if not Path(own).exists():
        raise BrowserMissing(NO_CHROMIUM)
    return own


def launch_options() -> dict[str, Any]:
    """Return what Playwright needs to know to launch this Chromium."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    args = ["--disable-dev-shm-usage", "--disable-background-networking"]
    args += ["--disable-gpu", "--disable-gpu-rasterization"]  # the processor draws
    return {
        "executable_path": chromium(),
        "args": args + ["--no-sandbox"] * root,  # Chromium's sandbox does not work for root
    }


@contextmanager
def lab_and_page(width: int, height: int) -> Iterator[tuple["Lab", Any]]:
    """Give a JupyterLab in a temporary folder, and a page of a Chromium of its own.

    Raises
    ------
    BrowserMissing
        If there is no Chromium or no Playwright.
    """
    options = launch_options()
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, sync_playwright() as p:
        root, home = Path(folder, "lab"), Path(folder, "home")
        root.mkdir()
        home.mkdir()
        browser = p.chromium.launch(**options)
        lab = Lab(root, home)
        try:
            yield lab, browser.new_page(viewport={"width": width, "height": height})
        finally:
            lab.stop()
            browser.close()


class Lab:
    """A running JupyterLab, with no settings but its own.

    Parameters
    ----------
    root, home : Path
        Folders that exist: of the notebooks, and of all that JupyterLab writes besides.
    """

    def __init__(self, root: Path, home: Path):
        self.root = root
        self.log = home / "server.log"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url, self.token = f"http://127.0.0.1:{port}", secrets.token_hex(16)
        settings = home / "settings/@jupyterlab/apputils-extension"
        settings.mkdir(parents=True)
        (settings / "notification.jupyterlab-settings").write_text(
            json.dumps({"fetchNews": "false", "checkForUpdates": False}), encoding="utf-8"
        )
        folders = {
            "HOME": home,
            "JUPYTER_CONFIG_DIR": home / "config",
            "JUPYTER_DATA_DIR": home / "data",
            "JUPYTER_RUNTIME_DIR": home / "runtime",
            "JUPYTERLAB_SETTINGS_DIR": home / "settings",
            "JUPYTERLAB_WORKSPACES_DIR": home / "workspaces",
            "IPYTHONDIR": home / "ipython",
            "PATH": Path(sys.executable).parent,  # a Node that is found is asked for its settings
        }
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
                    *("--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"),
                    f"--IdentityProvider.token={self.token}",
                    f"--ServerApp.root_dir={root}",
                    "--LabApp.expose_app_in_browser=True",
                ],
                cwd=root,  # formgrader reads the settings that are there
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **{name: str(path) for name, path in folders.items()}},
                start_new_session=True,
            )
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{self.url}/api?token={self.token}", timeout=1).close()
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.1)
        self.stop()
        raise RuntimeError(f"JupyterLab did not start:\n{self.log.read_text()[-3000:]}")

    def stop(self) -> None:
        """End it, and its kernels."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)


class Notebook:
    """A notebook open in JupyterLab, its cells known by their ids.

    Parameters
    ----------
    page : playwright.sync_api.Page
    lab : Lab
    path : Path
        Of the notebook; a copy is opened.
    load : bool
        Whether JupyterLab is loaded for it, which costs five times as much as all else. Without,
        it takes the place of the notebook that the page shows, whose kernel ends.
    """

    CELLS = "window.jupyterapp.shell.currentWidget.content.widgets"
    OPEN = """async path => {
      const { shell, commands } = window.jupyterapp;
      const before = shell.currentWidget;
      const opened = await commands.execute('docmanager:open', { path, factory: 'Notebook' });
      await opened.revealed;
      await before.sessionContext.shutdown();
      before.dispose();
    }"""

    def __init__(self, page: Any, lab: Lab, path: Path, *, load: bool = True):
        self.page = page
        folder = tempfile.mkdtemp(dir=lab.root)  # no kernel of another one of this name is found
        shutil.copy(path, folder)
        place = self._place = f"{Path(folder).name}/{path.name}"
        if load:
            page.goto(f"{lab.url}/lab/tree/{place}?reset&token={lab.token}")
        else:
            page.evaluate(self.OPEN, place)
        page.wait_for_selector(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook", timeout=60_000)
        self.idle()

    @property
    def shown(self) -> bool:
        """Whether the page shows it still, and no other one in its place."""
        return (
            self.page.evaluate("() => window.jupyterapp?.shell.currentWidget?.context?.path")
            == self._place
        )

    def idle(self) -> None:
        """Wait until the kernel has nothing left to do."""
        self.page.wait_for_timeout(150)
        self.page.wait_for_function(
            "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status"
            " === 'idle'",
            timeout=90_000,
            polling=50,
        )
        self.page.wait_for_timeout(150)

    def run_all(self) -> None:
        """Run all cells, as the menu does, and wait until every one has run."""
        self.page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
        self.page.wait_for_function(
            f"() => {self.CELLS}.filter(c => c.model.type === 'code')"
            ".every(c => c.model.executionCount)",
            timeout=120_000,
            polling=50,
        )
        self.idle()

    def cell(self, id: str) -> Any:
        """Bring a cell into view, and return its locator."""
        index = self.page.evaluate(f"id => {self.CELLS}.findIndex(c => c.model.id === id)", id)
        assert index >= 0, f"no cell {id}"
        self.page.evaluate(
            "async i => { const nb = window.jupyterapp.shell.currentWidget.content;"
            " nb.activeCellIndex = i; await nb.scrollToItem(i, 'center'); }",
            index,
        )
        cell = self.page.locator(f".jp-Notebook .jp-Cell[data-windowed-list-index='{index}']")
        cell.wait_for()
        return cell

    def execute(self, id: str, code: str | None = None) -> None:
        """Run a cell where it stands, by command: it need not be seen. ``code`` is its new text.

        What a learner does is `run`, which brings the cell into view, for ten times the work.
        """
        self.page.evaluate(
            f"""async ([id, code]) => {{
              const i = {self.CELLS}.findIndex(c => c.model.id === id);
              const {{ model }} = {self.CELLS}[i];
              if (code !== null) model.sharedModel.setSource(code);
              model.outputs.clear();
              window.jupyterapp.shell.currentWidget.content.activeCellIndex = i;
              await window.jupyterapp.commands.execute('notebook:run-cell');
            }}""",
            [id, code],
        )

    def type_and_run(self, id: str, code: str) -> None:
        """Replace a cell's text through the keyboard and run it with Shift+Enter."""
        editor = self.cell(id).locator(".cm-content")
        editor.click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(code)
        self.page.keyboard.press("Shift+Enter")
        self.idle()

    def run(self, id: str) -> None:
        """Run one cell with Shift+Enter."""
        cell = self.cell(id)
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Shift+Enter")
        self.idle()

    def output(self, id: str) -> str:
        """Return the text of a cell's output."""
        area = self.cell(id).locator(".jp-Cell-outputArea")
        area.locator(".jp-OutputArea-output").first.wait_for()
        return area.inner_text()

    def result(self, id: str) -> str:
        """Return a cell's outputs as JSON, seen or not; `output` is what can be read there."""
        return self.page.evaluate(
            f"id => JSON.stringify({self.CELLS}.find(c => c.model.id === id)"
            ".model.outputs.toJSON())",
            id,
        )

    def errors(self) -> list[str]:
        """Return the names of all errors that stand in the notebook's outputs."""
        return self.page.evaluate(
            f"() => {self.CELLS}.filter(c => c.model.type === 'code')"
            ".flatMap(c => c.model.outputs.toJSON())"
            ".filter(o => o.output_type === 'error').map(o => o.ename)"
        )

    def ask(self, code: str) -> str:
        """Run code in the notebook's kernel, in no cell, and return what it prints."""
        return self.page.evaluate(
            """async code => {
              const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
              const future = kernel.requestExecute({ code, store_history: false });
              let text = '';
              future.onIOPub = message => {
                const said = message.content;
                if (message.header.msg_type === 'stream') text += said.text;
                if (message.header.msg_type === 'error') text += `${said.ename}: ${said.evalue}`;
              };
              await future.done;
              return text.trim();
            }""",
            code,
        )

    def close(self) -> None:
        """End the kernel."""
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
