"""JupyterLab on a folder of its own, and a real Chromium to use it as a learner does."""

import os

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tests.benchmarks.panels.browser import BrowserMissing, Lab, Notebook, launch_options


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    try:
        return {**browser_type_launch_args, **launch_options()}
    except BrowserMissing as missing:
        if os.environ.get("BPLAB_REQUIRE_BROWSER"):
            pytest.fail(str(missing))
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    return {**browser_context_args, "viewport": {"width": 1280, "height": 1000}}


@pytest.fixture(scope="session")
def lab(browser_type_launch_args, tmp_path_factory):
    lab = Lab(tmp_path_factory.mktemp("lab"), tmp_path_factory.mktemp("home"))
    yield lab
    lab.stop()


@pytest.fixture(scope="session")
def lab_page(browser, lab):
    """A page in which one notebook after the other is opened."""
    page = browser.new_page()
    yield page
    page.close()


@pytest.fixture(scope="session")
def open_notebook(lab_page, lab):
    def opened(path, height=1000, width=1280):
        lab_page.set_viewport_size({"width": width, "height": height})
        lab_page.mouse.move(0, 0)
        return Notebook(lab_page, lab, path, load=not lab_page.url.startswith(lab.url))

    return opened


class OneCell:
    """A notebook of one cell, which holds one code after the other: its kernel is started once."""

    ID = "cell"

    def __init__(self, open_notebook, folder):
        cell, kernel = new_code_cell(id=self.ID), {"name": "python3", "display_name": "Python 3"}
        self._path, self._open, self._notebook = folder / "one.ipynb", open_notebook, None
        nbformat.write(new_notebook(cells=[cell], metadata={"kernelspec": kernel}), self._path)

    def shown(self, height=1000, width=1280):
        """The notebook, opened again if the page shows another one; its kernel knows no names."""
        if (old := self._notebook) and old.shown:
            old.page.set_viewport_size({"width": width, "height": height})
            old.page.mouse.move(0, 0)
            assert old.ask("get_ipython().reset(new_session=False)") == ""
            old.execute(self.ID, "")
        else:
            self._notebook = self._open(self._path, height, width)
        return self._notebook


@pytest.fixture(scope="session")
def one_cell(open_notebook, tmp_path_factory):
    return OneCell(open_notebook, tmp_path_factory.mktemp("one"))
