"""JupyterLab on a folder of its own, and a real Chromium to use it as a learner does."""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

REASON = (
    "no Chromium: install it (Debian: apt-get install chromium) or run playwright install chromium"
)


def _chromium() -> str | None:
    """Return a Chromium on PATH, else Playwright's own, else None."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    path = _chromium()
    if path is None:
        if os.environ.get("BPLAB_REQUIRE_BROWSER"):
            pytest.fail(REASON)
        pytest.skip(REASON)
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    args = ["--disable-dev-shm-usage", "--disable-background-networking"]
    return {
        **browser_type_launch_args,
        "executable_path": path,
        "args": args + ["--no-sandbox"] * root,  # Chromium's sandbox does not work for root
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    return {**browser_context_args, "viewport": {"width": 1280, "height": 1000}}


class Lab:
    """A running JupyterLab."""

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
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)


@pytest.fixture(scope="session")
def lab(browser_type_launch_args, tmp_path_factory):
    lab = Lab(tmp_path_factory.mktemp("lab"), tmp_path_factory.mktemp("home"))
    yield lab
    lab.stop()


class Notebook:
    """A notebook open in JupyterLab, its cells known by their ids."""

    CELLS = "window.jupyterapp.shell.currentWidget.content.widgets"

    def __init__(self, page, lab: Lab, path: Path):
        self.page = page
        shutil.copy(path, lab.root)
        page.goto(f"{lab.url}/lab/tree/{path.name}?reset&token={lab.token}")
        page.wait_for_selector(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook", timeout=60_000)
        self.idle()

    def idle(self) -> None:
        """Wait until the kernel has nothing left to do."""
        self.page.wait_for_timeout(150)
        self.page.wait_for_function(
            "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status"
            " === 'idle'",
            timeout=90_000,
        )
        self.page.wait_for_timeout(150)

    def run_all(self) -> None:
        """Run all cells, as the menu does, and wait until every one has run."""
        self.page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
        self.page.wait_for_function(
            f"() => {self.CELLS}.filter(c => c.model.type === 'code')"
            ".every(c => c.model.executionCount)",
            timeout=120_000,
        )
        self.idle()

    def cell(self, id: str):
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

    def errors(self) -> list[str]:
        """Return the names of all errors that stand in the notebook's outputs."""
        return self.page.evaluate(
            f"() => {self.CELLS}.filter(c => c.model.type === 'code')"
            ".flatMap(c => c.model.outputs.toJSON())"
            ".filter(o => o.output_type === 'error').map(o => o.ename)"
        )


@pytest.fixture
def open_notebook(page, lab):
    return lambda path: Notebook(page, lab, path)
