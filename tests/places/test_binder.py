"""Binder, without Docker: the steps of repo2docker on a copy of what git has, then the server.

The versions of Binder's own packages are those of today, where an image has its own.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import tomllib
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

from tests.browser.conftest import browser_context_args, browser_type_launch_args  # noqa: F401

ROOT = Path(__file__).parents[2]
REQUIREMENTS = (ROOT / "binder" / "requirements.txt").read_text(encoding="utf-8")
FIRST = "course/release/section_0/section_0.ipynb"
SERVER = ("jupyterlab==4.*", "notebook==7.*", "jupyterhub==5.*", "jupyter-resource-usage")
"""What repo2docker has installed before it looks at a repository."""

KERNEL_MB = 120
"""A kernel that has imported nothing takes 45 of them, and matplotlib 32."""


def pinned() -> dict[str, str]:
    """Return the versions, by name."""
    found = re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==(\S+) \\$", REQUIREMENTS, re.MULTILINE)
    return dict(found)


def test_each_package_of_binder_is_known_by_its_hash_and_no_address_is_named():
    lines = [line for line in REQUIREMENTS.splitlines() if not line.startswith("#")]
    entries = "\n".join(lines).replace("\\\n", "").splitlines()
    assert len(entries) == len(pinned()) > 100
    known = re.compile(r"[\w.-]+(\[[\w,-]+\])?==\S+( +--hash=sha256:[0-9a-f]{64})+ *")
    assert [entry for entry in entries if not known.fullmatch(entry)] == []
    assert "://" not in REQUIREMENTS


def test_binder_has_what_the_course_and_the_build_ask_for():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = settings["project"]["optional-dependencies"]
    asked = settings["project"]["dependencies"] + extras["learn"] + extras["course"]
    names = {re.match(r"[\w.-]+", one)[0] for one in asked + settings["build-system"]["requires"]}
    assert names - {"bplab"} <= set(pinned())


def python() -> str:
    """Return a Python of the version that Binder takes, or an empty string."""
    wanted = (ROOT / "binder" / "runtime.txt").read_text(encoding="utf-8").strip().replace("-", "")
    for found in filter(None, [os.environ.get("BPLAB_BINDER_PYTHON"), shutil.which(wanted)]):
        with suppress(subprocess.SubprocessError):
            subprocess.run([found, "-c", "import venv, ensurepip"], check=True, capture_output=True)
            return found
    return ""


def thorough(test):
    """For `make test-all`, where there is that Python."""
    why = "no Python of binder/runtime.txt; BPLAB_BINDER_PYTHON may name one"
    test = pytest.mark.skipif(not python(), reason=why)(test)
    return pytest.mark.thorough(pytest.mark.xdist_group("binder")(test))


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """A folder with the repository, and its environment in ``env``."""
    folder = tmp_path_factory.mktemp("binder")
    repository, env = folder / "home", folder / "env"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (repository / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, repository / name)
    subprocess.run([python(), "-m", "venv", env], check=True)
    environment = {
        **{
            name: os.environ[name]
            for name in os.environ
            if not name.startswith(("JUPYTER", "BPLAB"))
        },
        "PATH": f"{env / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(repository),
        "REPO_DIR": str(repository),
        "NB_PYTHON_PREFIX": str(env),
        "KERNEL_PYTHON_PREFIX": str(env),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    for name in ("VIRTUAL_ENV", "PYTHONPATH", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        environment.pop(name, None)

    def run(*command):
        done = subprocess.run(
            command, cwd=repository, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}{done.stderr[-3000:]}"
        return done.stdout

    pip = (str(env / "bin/python"), "-m", "pip", "install", "--quiet", "--no-cache-dir")
    run(*pip, *SERVER)
    run(*pip, "--require-hashes", "-r", "binder/requirements.txt")
    run("./binder/postBuild")
    return repository, environment, run


@pytest.fixture
def server(image):
    repository, environment, _ = image
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}/user/x"
    command = ["jupyter", "notebook", "--ip=127.0.0.1", f"--port={port}", "--no-browser"]
    command += ["--allow-root", "--ServerApp.base_url=/user/x/", "--IdentityProvider.token=tok"]
    if (repository / "binder" / "start").exists():
        command.insert(0, "./binder/start")
    with (repository.parent / "server.log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=repository, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        for _ in range(600):
            assert process.poll() is None, (repository.parent / "server.log").read_text()[-3000:]
            with suppress(OSError):
                urllib.request.urlopen(f"{url}/api?token=tok", timeout=1).close()
                break
            time.sleep(0.1)
        yield url
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # its kernels too
        process.wait(timeout=30)


@thorough
def test_jupyterlab_opens_at_the_first_notebook(server, page):
    with urllib.request.urlopen(f"{server}/api/contents/{FIRST}?content=0&token=tok") as answer:
        assert json.load(answer)["type"] == "notebook"
    page.goto(f"{server}/?token=tok")
    page.get_by_role("tab", name="section_0.ipynb").wait_for(timeout=60_000)
    page.get_by_role("heading", name="A gradient without a formula").wait_for()
    assert page.url.endswith(f"/user/x/lab/tree/{FIRST}")
    assert page.get_by_role("menuitem", name="Nbgrader").count() == 0
    assert page.get_by_role("button", name="debugger").count() == 0


MEASURE = """
import asyncio, nbformat, sys
from pathlib import Path
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
memory = "print('kernel', *(l.split()[1] for l in open('/proc/self/status') if 'VmRSS' in l))"
notebook.cells.append(nbformat.v4.new_code_cell(memory))
beside = {"metadata": {"path": str(Path(sys.argv[1]).parent)}}  # bplab is the installed one there
NotebookClient(notebook, timeout=300, allow_errors=True, resources=beside).execute()
print(notebook.cells[-1].outputs[0].text)
"""


@thorough
def test_the_kernel_of_the_first_notebook_is_small(image):
    repository, environment, run = image
    said = run("python", "-c", MEASURE, FIRST)
    assert int(re.search(r"kernel (\d+)", said)[1]) / 1000 <= KERNEL_MB
