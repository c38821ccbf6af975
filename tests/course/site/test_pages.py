"""What the site's pages are made from: complete, and nothing of it told twice."""

import re
import shutil
from importlib import import_module
from importlib.util import find_spec

import nbformat
import pytest

import bplab
from bplab.by_equation import EQUATIONS
from bplab.course import Course, CourseError, build_pages, copy_name
from bplab.course.site import sources
from bplab.exercises import TASKS, equations


@pytest.fixture(scope="module")
def written(course, tmp_path_factory):
    """The sources that are made, beside those of docs/."""
    folder = tmp_path_factory.mktemp("sources")
    shutil.copytree(course.root / "docs", folder, dirs_exist_ok=True)
    sources.write_sources(course.root, folder)
    return folder


def test_every_page_is_read_by_another_or_in_the_table_of_contents(written):
    listed = {"index"}
    for page in [*written.rglob("*.md"), *written.rglob("*.rst")]:
        text, here = page.read_text(encoding="utf-8"), page.parent
        for tree in re.findall(r"```\{toctree\}\n(.*?)```", text, re.DOTALL):
            for entry in re.findall(r"^[\w*][\w/.*]*$", tree, re.MULTILINE):
                listed |= {
                    found.relative_to(written).with_suffix("").as_posix()
                    for suffix in (".md", ".rst", ".ipynb")
                    for found in here.glob(entry + suffix)
                }
    pages = {
        page.relative_to(written).with_suffix("").as_posix()
        for suffix in ("*.md", "*.rst", "*.ipynb")
        for page in written.rglob(suffix)
        if page.parent.name != "parts"
    }
    assert pages == listed


def test_links_between_texts_are_links_between_pages(written):
    link = re.compile(r"\]\(([^)\s#:]+)(?:#[^)\s]*)?\)")
    found = 0
    for page in written.rglob("*.md"):
        start = written if page.parent.name == "parts" else page.parent
        for target in link.findall(re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)):
            assert (start / target).is_file(), f"{page.name}: {target}"
            found += 1
    assert found > 5


def test_no_page_has_a_picture_from_elsewhere(written):
    for page in [*written.rglob("*.md"), *written.rglob("*.ipynb")]:
        assert not re.search(r"!\[[^\]]*\]\(https?:", page.read_text(encoding="utf-8")), page.name
    assert "[Open in Colab](https://" in (written / "learn.md").read_text(encoding="utf-8")


def test_a_part_of_the_readme_without_a_place_is_told(course, tmp_path):
    for name in ("README.md", "CONTRIBUTING.md", "pyproject.toml"):
        shutil.copy(course.root / name, tmp_path)
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    (tmp_path / "README.md").write_text(text + "\n## Something new\n\nHere.\n", "utf-8")
    with pytest.raises(ValueError, match="Something new"):
        sources.write_sources(tmp_path, tmp_path / "out")


@pytest.mark.parametrize("name", sorted({task.notebook for task in TASKS.values()}))
def test_a_notebooks_page_folds_each_answer_and_shows_the_exercise_before_it(written, course, name):
    page = nbformat.read(written / "notebooks" / f"{name}.ipynb", as_version=4)
    released = {c.id: c.source for c in nbformat.read(course.release_file(name), 4).cells}
    solution = nbformat.read(course.solution_file(name), as_version=4)
    answers = [
        cell.id for cell in solution.cells if cell.metadata.get("nbgrader", {}).get("solution")
    ]
    assert answers
    ids = [cell.id for cell in page.cells]
    for id in answers:
        place = ids.index(id)
        assert "hide-cell" in page.cells[place].metadata.tags
        assert page.cells[place - 1].source == released[id]
    shown = [cell.id for cell in page.cells if "hide-cell" not in cell.metadata.get("tags", [])]
    assert not set(shown) & set(answers)
    assert not any("pip install" in cell.source for cell in page.cells)
    pictures = [cell for cell in page.cells if "<img" in str(cell.get("outputs"))]
    assert pictures


def test_without_notebooks_in_the_browser_no_page_links_to_them(course, written, tmp_path):
    sources.write_sources(course.root, tmp_path, lite=False)
    for folder, linked in ((written, True), (tmp_path, False)):
        for page in (folder / "notebooks").glob("*.ipynb"):
            text = page.read_text(encoding="utf-8")
            assert (f"../lite/lab/index.html?path={copy_name(page.stem)}.ipynb" in text) == linked
            assert ("../lite/" in text) == linked
    text = (course.root / "docs" / "try.md").read_text(encoding="utf-8")
    assert "lite/" in text
    assert "lite/" not in re.sub(r"```\{only\} lite\n.*?\n```", "", text, flags=re.DOTALL)


def test_every_equation_has_its_row_with_links_to_what_computes_it(written):
    text = (written / "equations.md").read_text(encoding="utf-8")
    for row in equations():
        start = f"| {row.paper} | {row.title} "
        [line] = [line for line in text.splitlines() if line.startswith(start)]
        for name in (*row.by_equation, *row.vectorised):
            assert f".{name}`" in line
        assert ("misprint" in line) == bool(row.erratum)


def test_every_misprint_has_its_row_printed_and_right(written):
    text = (written / "errata.md").read_text(encoding="utf-8")
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| ")][1:]
    misprints = [one for equation in EQUATIONS.values() for one in equation.misprints]
    assert len(rows) == len(misprints) >= 12
    for row, misprint in zip(rows, misprints, strict=True):
        assert len(row) == 4
        assert row[1] != row[2]
        assert row[1].count("$") == misprint.printed.count("$")
    assert r"$\sum_l (y_{il} - f_l)^2$" in text


def test_the_reference_has_every_public_module(written):
    """A name of ``bplab`` that is in none of them stops the build."""
    for name in bplab.__all__:
        if name in bplab._MODULES:
            assert f"bplab.{name}" in sources.API
    for module in sources.API:
        assert import_module(module).__all__
        page = (written / "library" / f"{module}.rst").read_text(encoding="utf-8")
        assert f"automodule:: {module}" in page


def test_pages_are_made_in_a_clone_and_elsewhere_one_sentence_says_so(tmp_path):
    with pytest.raises(CourseError, match=r"has no docs/.*clone"):
        build_pages(Course(tmp_path), tmp_path / "out")


@pytest.mark.parametrize("name", ["sphinx", "furo", "sphinx-mathjax-offline"])
def test_what_the_install_lacks_is_said(course, tmp_path, monkeypatch, name):
    missing = lambda package: None if package == name else find_spec(package)  # noqa: E731
    monkeypatch.setattr("bplab.course.site.pages.find_spec", missing)
    with pytest.raises(CourseError, match=rf"{name} not found.*\[site\]"):
        build_pages(course, tmp_path / "out")
