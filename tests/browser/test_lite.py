"""The site of `bplab course site`, built, and used in a browser up to the import of numpy.

numpy for browsers is not to be had in tests: the address of Pyodide's packages is refused here.
"""

import importlib.util
import json
import re
import shutil
from hashlib import sha256

import pytest

from bplab.course import Course, build_site, copy_name
from tests.browser.static_host import served

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.thorough]

MEGABYTES = 90
"""The most that the site may take."""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    if shutil.which("npm") is None:
        pytest.skip("no npm, which fetches Pyodide")
    if importlib.util.find_spec("jupyterlite_pyodide_kernel") is None:
        pytest.skip("no JupyterLite: pip install 'bplab[site]'")
    own = Course.find().copied_to(tmp_path_factory.mktemp("own"))  # pages have tests of their own
    return build_site(own, tmp_path_factory.mktemp("site")).parent


@pytest.fixture
def address(site):
    with served(site) as address:
        yield address


def test_the_site_is_small_and_holds_the_students_notebooks_alone(site):
    course = Course.find()
    size = sum(path.stat().st_size for path in site.rglob("*") if path.is_file())
    assert size <= MEGABYTES * 1e6
    files = site / "lite/files"
    assert sorted(path.stem for path in files.iterdir()) == [*map(copy_name, course.names())]
    for name in course.names():
        copy = (files / f"{copy_name(name)}.ipynb").read_bytes()
        assert copy == course.release_file(name).read_bytes()
    extensions = {path.parent.name for path in site.glob("lite/extensions/*/*/package.json")}
    assert extensions == {"pyodide-kernel-extension", "jupyterlab-manager"}


def test_every_file_of_the_kernels_is_of_the_hash_that_its_lock_names(site):
    folder = site / "lite/static/pyodide"
    entries = json.loads((folder / "pyodide-lock.json").read_text(encoding="utf-8"))["packages"]
    named = {one["file_name"]: one["sha256"] for one in entries.values()}
    wheels = {path.name: sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.whl")}
    assert len(wheels) > 20
    assert wheels.items() <= named.items()


COMPILED_AGAIN = """
import sys

def compiled_again(spec):
    if spec.origin.startswith("/lib/python314.zip/"):
        return spec.origin.endswith(".py")
    with open(spec.cached, "rb") as bytecode:
        return bytecode.read(8)[4:] != bytes([1, 0, 0, 0])  # not by a hash that nobody checks

specs = [getattr(module, "__spec__", None) for module in [*sys.modules.values()]]
specs = [one for one in specs if one and one.has_location and one.origin.startswith("/lib/")]
print(len(specs) > 400, [one.name for one in specs if compiled_again(one)])
"""

COMPLETES = """
import jedi
print([one.name for one in jedi.Script("import json; json.du").complete()])
"""

OWN_MODULE = """
import importlib, pathlib
_ = pathlib.Path("own.py").write_text("SAID = 'here'")
importlib.invalidate_caches()  # as Python wants it for a module that is written while it runs
import own
print(own.SAID)
"""

SLIDER = """
import ipywidgets
slider, heard = ipywidgets.IntSlider(7), ipywidgets.Label()
slider.observe(lambda change: setattr(heard, "value", f"the kernel has {change.new}"), "value")
ipywidgets.VBox([slider, heard])
"""


def test_a_notebook_runs_up_to_numpy_and_asks_nobody_but_pyodides_address(address, context):
    refused, looked_up = set(), []

    def here_only(route):
        url = route.request.url
        if url.startswith((address, "data:", "blob:")):
            route.continue_()
        else:
            refused.add(url)
            route.abort()

    context.route("**/*", here_only)
    context.on("request", lambda asked: "/api/drive" in asked.url and looked_up.append(asked))
    page = context.new_page()
    page.goto(address)
    page.get_by_text("Section 2.1").click()
    opened(page)
    assert run(page, "print(6 * 7)") == "42"
    assert looked_up == []  # a request each: what a start imports is not among the learner's files
    assert run(page, "import sys, os\nprint(sys.platform, os.getcwd())") == "emscripten /drive"
    assert run(page, COMPILED_AGAIN) == "True []"
    assert run(page, COMPLETES) == "['dump', 'dumps']"
    assert run(page, OWN_MODULE) == "here"
    assert refused == set()

    noted = "from pathlib import Path\np = Path('/drive/.bplab/progress/eq4.json')\n"
    assert run(page, f"{noted}p.parent.mkdir(parents=True)\np.write_text('3')") == "1"
    run(page, SLIDER)
    page.locator(".noUi-handle").click(timeout=60_000)
    page.keyboard.press("ArrowRight")
    page.get_by_text("the kernel has 8").wait_for(timeout=60_000)
    assert refused == set()

    said = run(page, "import numpy as np\nfrom bplab import check")
    assert said.startswith("✗ numpy could not be loaded: it comes from https://")
    assert {re.sub(r"-[\d.]+-cp.*", "", url.rpartition("/")[2]) for url in refused} == {
        *("contourpy", "kiwisolver", "matplotlib", "numpy", "pillow"),
    }
    assert len({url.rpartition("/")[0] for url in refused}) == 1

    page.reload()  # a new kernel: its home is gone, what progress is kept in is not
    opened(page)
    assert run(page, f"{noted}print(p.read_text())") == "3"


LATE = """
const register = ServiceWorkerContainer.prototype.register;
ServiceWorkerContainer.prototype.register = async function (...all) {
  await new Promise(late => setTimeout(late, 10000));
  return register.apply(this, all);
};
"""


def test_a_kernel_has_the_learners_files_on_a_slow_computer_too(address, page):
    page.add_init_script(LATE)  # what hands it the files comes after the kernel is asked for
    page.goto(f"{address}/lite/lab/index.html?path={copy_name('section_2_1')}.ipynb")
    opened(page)
    assert run(page, "import os\nprint(os.getcwd())") == "/drive"


def opened(page):
    """Wait for the notebook, and until its kernel takes code."""
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=120_000)
    page.locator(".jp-Toolbar-kernelName", has_text="Pyodide").wait_for(timeout=120_000)
    idle = ".jp-Notebook-ExecutionIndicator[data-status=idle]"
    page.wait_for_selector(idle, timeout=120_000)


def run(page, code):
    """Run code in a new cell below the first one; return what it shows, as text."""
    page.locator(".jp-Notebook .jp-Cell").first.click()
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    page.keyboard.insert_text(code)
    page.keyboard.press("Control+Enter")
    cell = page.locator(".jp-Notebook .jp-Cell.jp-mod-selected")
    page.wait_for_function(
        "cell => /^\\[\\d+\\]:$/.test(cell.querySelector('.jp-InputPrompt').textContent.trim())",
        arg=cell.element_handle(),
        timeout=120_000,
    )
    output = cell.locator(".jp-OutputArea-output")
    return "\n".join(output.all_inner_texts()).strip()
