"""What the README and the instructor's guide say of the repository is so."""

import ast
import re
from pathlib import Path

import pytest

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


def test_every_module_that_the_readme_offers_is_there():
    for name in first_cells("## Use the library"):
        path = ROOT / name.replace(".", "/")
        assert path.is_dir() or path.with_suffix(".py").is_file(), name


@pytest.mark.parametrize(
    "guide", ["README.md", "course/README.md", "course/judging.md", "CONTRIBUTING.md"]
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


@pytest.mark.parametrize(
    "folder", [folder for folder in MAPS if MAPS[folder]], ids=lambda f: str(f.relative_to(ROOT))
)
def test_a_folders_map_names_each_of_its_modules_and_no_other(folder):
    files = {file.stem for file in folder.glob("*.py")} - {"__init__"}
    folders = {file.parent.name for file in folder.glob("*/__init__.py")}
    assert MAPS[folder] == files | folders
