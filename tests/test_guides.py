"""What the README and the instructor's guide say of the repository is so."""

import ast
import re
import runpy
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

import bplab
from bplab import network

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def first_cells(heading: str) -> list[str]:
    """What stands in backticks in the first column of the table under a heading."""
    section = re.split(r"^##+ ", README.partition(f"{heading}\n")[2], flags=re.MULTILINE)[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row)]


def test_the_small_library_to_read_first_is_under_two_thousand_lines():
    files = [ROOT / "bplab" / name for name in first_cells("### Read it")]
    assert len(files) == 7
    assert sum(len(file.read_text(encoding="utf-8").splitlines()) for file in files) < 2_000


def test_every_folder_of_the_package_has_its_place_in_the_readme():
    named = {Path(name).name for name in first_cells("## Work on it")}
    assert {file.parent.name for file in ROOT.glob("bplab/*/__init__.py")} <= named


def test_the_picture_in_the_readme_is_the_one_that_its_program_draws():
    [alt, address] = re.findall(r"!\[([^\]]+)\]\((\S+/docs/\S+)\)", README)[0]
    file = ROOT / "docs" / address.partition("/docs/")[2]
    made = runpy.run_path(str(ROOT / "docs" / "picture.py"))
    assert file == made["FILE"]
    assert file.read_text(encoding="utf-8") == made["picture"]() + "\n"
    assert file.stat().st_size < 100_000
    assert alt.endswith("it says 9.")
    assert "at the end as a 9." in made["picture"]()


def test_the_message_in_the_readme_is_what_check_says():
    shown = re.search(r"```text\n(✗ eq4.*?)```", README, re.DOTALL)[1]
    with pytest.raises(bplab.exercises.CheckFailed) as failed:
        bplab.check("eq4", lambda *given: network.grad_beta(*given) / 2)
    assert shown.split() == str(failed.value).split()


def test_every_module_that_the_readme_offers_is_there():
    for name in first_cells("## Use the library"):
        path = ROOT / name.replace(".", "/")
        assert path.is_dir() or path.with_suffix(".py").is_file(), name


def test_the_readme_can_be_read_elsewhere_too():
    """On a package index a relative link leads nowhere."""
    assert [to for to in re.findall(r"\]\((.+?)\)", README) if not to.startswith("https://")] == []


def test_a_new_address_of_the_repository_reaches_every_page(tmp_path):
    files = ["pyproject.toml", "README.md", "course/README.md", ".ci/address.py"]
    for name in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    moving = [sys.executable, ".ci/address.py"]
    for command in (
        ["git", "init", "-q"],
        ["git", "add", "."],
        [*moving, "https://example.org/body/lessons"],
        [*moving, "https://example.org/somebody/lessons.git"],
    ):
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    old = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]
    for name in files[:-1]:
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert "https://example.org/somebody/lessons" in text
        assert "somesome" not in text
        assert old["Repository"].split("/", 3)[3] not in text


@pytest.mark.parametrize("file", sorted(ROOT.glob(".github/**/*.yml")), ids=lambda file: file.name)
def test_workflows_and_templates_can_be_read(file):
    assert isinstance(yaml.safe_load(file.read_text(encoding="utf-8")), dict)


@pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")
@pytest.mark.parametrize("file", [".github/workflows/test.yml", ".devcontainer/devcontainer.json"])
def test_what_machines_make_can_be_made(file):
    targets = re.findall(r"\bmake ([\w./-]+)", (ROOT / file).read_text(encoding="utf-8"))
    assert targets
    subprocess.run(["make", "-n", *targets], cwd=ROOT, check=True, capture_output=True)


def test_the_version_to_cite_is_the_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == bplab.__version__


@pytest.mark.parametrize(
    "guide",
    [
        *("README.md", "course/README.md", "course/hub.md", "course/judging.md"),
        *("course/platforms.md", "CONTRIBUTING.md"),
    ],
)
def test_every_path_that_a_guide_names_leads_somewhere(guide):
    text = (ROOT / guide).read_text(encoding="utf-8")
    for path in re.findall(r"`((?:bplab|tests|course/notebooks|binder)/[\w./*-]*)`", text):
        assert list(ROOT.glob(path.rstrip("/"))), path


JUDGING = (ROOT / "course" / "judging.md").read_text(encoding="utf-8")
PROMISES = re.split(r"^\d+\. ", JUDGING.partition("## Promises\n")[2], flags=re.MULTILINE)[1:]


@pytest.mark.parametrize("promise", PROMISES, ids=range(1, len(PROMISES) + 1))
def test_every_promise_of_the_grader_is_held_by_a_test_that_there_is(promise):
    held = re.findall(r"`(tests/\S+)::(\w+)`", promise)
    assert held
    for file, test in held:
        assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8"), test


def map_of(folder: Path) -> set[str]:
    """Modules in the map of a folder, which is a table of two columns; none if it has no map.

    With "…" between two names the row is of all folders that hold exercises.
    """
    text = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))) or ""
    table = re.search(r"^(=+)  =+$(.*?)^=+  =+$", text, re.MULTILINE | re.DOTALL)
    first = [line[: len(table[1])] for line in table[2].splitlines()] if table else []
    names = {name for cell in first for name in re.findall(r"``(\w+)``", cell)}
    family = any("…" in cell for cell in first)
    return names | {file.parent.name for file in folder.glob("*/exercises.py") if family}


MAPS = {file.parent: map_of(file.parent) for file in sorted(ROOT.glob("bplab/**/__init__.py"))}


def test_no_map_has_lost_its_rows():
    """It would count as none: its folder would be left out below."""
    texts = {folder: (folder / "__init__.py").read_text(encoding="utf-8") for folder in MAPS}
    tables = [one for one, text in texts.items() if re.search(r"^=+(?:  =+)*$", text, re.MULTILINE)]
    assert len(tables) > 20
    assert [folder for folder in tables if not MAPS[folder]] == []


@pytest.mark.parametrize(
    "folder", [folder for folder in MAPS if MAPS[folder]], ids=lambda f: str(f.relative_to(ROOT))
)
def test_a_folders_map_names_each_of_its_modules_and_no_other(folder):
    files = {file.stem for file in folder.glob("*.py")} - {"__init__"}
    folders = {file.parent.name for file in folder.glob("*/__init__.py")}
    assert MAPS[folder] == files | folders
