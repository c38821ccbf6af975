"""From text notebooks to release and solutions: up to date, repeatable, and nothing leaks."""

import asyncio
import importlib.metadata
import re
import shutil
import subprocess
import sys
import tomllib
from itertools import pairwise
from types import SimpleNamespace

import jupytext
import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager

from bplab.course import Course, CourseError, Stale, build, instructor_notebook, layout, solved
from bplab.course.notebook import HALF, run
from bplab.exercises import TASKS
from tests.thorough import ALL, one_in

NAMES = sorted({e.notebook for e in TASKS.values()})
EACH = pytest.mark.parametrize("name", NAMES)


@pytest.fixture
def copy(course, tmp_path):
    """A course of its own, without generated files of nbgrader's."""
    for part in ("course/notebooks", "course/release", "solutions"):
        shutil.copytree(course.root / part, tmp_path / part)
    shutil.copy(course.root / "course/nbgrader_config.py", tmp_path / "course")
    return Course(tmp_path)


def test_what_is_committed_is_up_to_date(course):
    assert len(build(course, check=True)) == 2 * len(NAMES)


def test_building_twice_gives_the_same_inputs_and_touches_no_gradebook(copy, kernels_forked):
    some = ["section_1"] if not ALL else NAMES  # of all it is known from the test above
    before = {name: copy.release_file(name).read_bytes() for name in some}
    build(copy, some)
    assert {name: copy.release_file(name).read_bytes() for name in some} == before
    assert not (copy.root / "course/gradebook.db").exists()
    assert not (copy.root / "course/secret.txt").exists()


def test_an_edited_notebook_is_stale_until_built(copy):
    text = copy.notebooks / "section_1.py"
    text.write_text(text.read_text(encoding="utf-8").replace("penguins can", "birds can"), "utf-8")
    text.write_text(text.read_text(encoding="utf-8") + "\n# %% [markdown]\n# More.\n", "utf-8")
    with pytest.raises(Stale, match=r"release/section_1/section_1\.ipynb.*bplab course build"):
        build(copy, ["section_1"], check=True)


def stamps(course, name="section_1"):
    files = (course.source / name / f"{name}.ipynb", course.release_file(name))
    return [path.stat().st_mtime_ns for path in (*files, course.solution_file(name))]


@pytest.fixture
def built(copy, monkeypatch):
    """A course with one notebook that is built, and a list of the notebooks run since.

    Neither nbgrader nor a kernel is at work: what they make stays what it was. Nothing but numpy
    is installed.
    """
    runs = []

    async def run(notebook):
        runs.append(notebook)
        return notebook

    released = {"section_1": copy.release_file("section_1").read_text(encoding="utf-8")}
    monkeypatch.setattr("bplab.course.builder._release", lambda *_: released)
    one = [importlib.metadata.distribution("numpy")]  # to read of all takes half a second
    monkeypatch.setattr("bplab.course.built.distributions", lambda: one)
    monkeypatch.setattr("bplab.course.builder.run", run)
    build(copy, ["section_1"])
    runs.clear()
    return copy, runs


def test_what_is_up_to_date_is_not_built_again(built):
    copy, runs = built
    before = stamps(copy)
    assert build(copy, ["section_1"]) == []
    assert len(build(copy, ["section_1"], check=True)) == 2
    assert (stamps(copy), runs) == (before, [])
    assert len(build(copy, ["section_1"], force=True)) == 3
    assert len(runs) == 1


def changed(path):
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")


@pytest.mark.parametrize(
    "change",
    [
        lambda course, _: changed(course.notebooks / "section_1.py"),
        lambda course, _: changed(course.root / "course/nbgrader_config.py"),
        lambda course, _: changed(course.solution_file("section_1")),
        lambda course, _: changed(course.release_file("section_1")),
        lambda course, _: (course.source / "section_1/section_1.ipynb").unlink(),
        lambda course, _: (course.source / ".built.json").write_text("[1]"),
        lambda course, _: (course.source / ".built.json").write_text("{"),
        lambda _, patch: patch.setattr("platform.python_version", lambda: "4.0"),
        lambda _, patch: patch.setattr("bplab.course.built.distributions", list),
    ],
    ids=[
        "text",
        "settings",
        "solution",
        "release",
        "source",
        "notes",
        "torn",
        "python",
        "versions",
    ],
)
def test_what_has_changed_is_built_again(built, monkeypatch, change):
    copy, runs = built
    change(copy, monkeypatch)
    assert len(build(copy, ["section_1"])) == 3
    assert len(runs) == 1


def test_a_changed_file_of_the_library_is_built_with(built, monkeypatch, tmp_path):
    copy, runs = built
    package = tmp_path / "bplab"
    package.mkdir()
    monkeypatch.setattr("bplab.course.built.bplab.__file__", str(package / "__init__.py"))
    (package / "one.py").write_text("1")
    build(copy, ["section_1"])
    (package / "one.py").write_text("2")
    build(copy, ["section_1"])
    build(copy, ["section_1"])
    assert len(runs) == 2


@pytest.mark.parametrize("force", [False, True])
def test_a_text_that_changes_while_it_is_built_is_built_again(built, monkeypatch, force):
    copy, runs = built
    text = copy.notebooks / "section_1.py"
    changed(text)

    async def edited_meanwhile(notebook):
        changed(text)
        return notebook

    with monkeypatch.context() as patch:
        patch.setattr("bplab.course.builder.run", edited_meanwhile)
        build(copy, ["section_1"], force=force)
    assert len(build(copy, ["section_1"])) == 3
    assert len(runs) == 1


def test_where_a_cell_fails_nothing_is_written(built):
    copy, _ = built
    before = stamps(copy)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bplab.course.builder.run", failing)
        with pytest.raises(ValueError, match="in a cell"):
            build(copy, ["section_1"], force=True)
    assert stamps(copy) == before


async def failing(notebook):
    raise ValueError("in a cell")


@EACH
def test_no_solution_and_no_hidden_test_is_released(course, name):
    released = nbformat.read(course.release_file(name), as_version=4)
    text = "\n".join(cell.source for cell in released.cells)
    assert not re.search("BEGIN|END SOLUTION|HIDDEN|hidden=True|secret", text)
    assert not any(cell.get("outputs") for cell in released.cells)
    source = (course.notebooks / f"{name}.py").read_text(encoding="utf-8")
    regions = re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", source, re.DOTALL)
    lines = {line.strip() for region in regions for line in region.splitlines()} - {""}
    marked = re.findall(r'"grade_id": "([\w-]+)", "solution": true', source)
    assert len(regions) >= len(marked)  # a half-worked step may have several gaps
    wanted = {e.id for e in TASKS.values() if e.notebook == name}
    assert {id for id in marked if not id.startswith(HALF)} == wanted
    # a line of a solution may be part of the text only where the text shows it on purpose
    shown = [line for line in lines if line in text]
    assert shown == [], shown
    # nor do metadata hold any of it
    assert not any(line in nbformat.writes(released) for line in lines if len(line) > 20)


@EACH
def test_every_exercise_is_there_with_its_points_and_its_starter(course, name):
    released = nbformat.read(course.release_file(name), as_version=4)
    graded = {
        cell.metadata.nbgrader.grade_id: cell
        for cell in released.cells
        if "nbgrader" in cell.metadata
    }
    for exercise in (e for e in TASKS.values() if e.notebook == name):
        starter, test = graded.pop(exercise.id), graded.pop(f"test-{exercise.id}")
        assert f"def {exercise.signature}:" in starter.source
        assert "todo()" in starter.source
        assert test.source == f'check("{exercise.id}", {exercise.function})'
        assert test.metadata.nbgrader.points == exercise.points
        assert test.metadata.nbgrader.locked
        assert (starter.id, test.id) == (exercise.id, f"test-{exercise.id}")
    for grade_id, cell in graded.items():
        assert grade_id.startswith(HALF)
        assert "todo()" in cell.source
        assert not cell.metadata.nbgrader.grade


@EACH
def test_solutions_ran_without_error_and_keep_no_widget_state(course, name):
    notebook = nbformat.read(course.solutions / f"{name}.ipynb", as_version=4)
    outputs = [o for cell in notebook.cells for o in cell.get("outputs", [])]
    assert outputs
    assert not [o for o in outputs if o.output_type == "error"]
    assert "widgets" not in notebook.metadata
    assert "vnd.jupyter.widget-view" not in nbformat.writes(notebook)


@EACH
def test_headings_are_in_order(course, name):
    notebook = instructor_notebook(course.notebooks / f"{name}.py")
    text = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    levels = [len(marks) for marks in re.findall(r"^(#+) ", text, re.MULTILINE)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))


@pytest.mark.parametrize("name", one_in(3, NAMES))
def test_every_picture_has_a_description_in_an_exported_page(course, name):
    from nbconvert import HTMLExporter

    notebook = nbformat.read(course.solution_file(name), as_version=4)
    notebook.cells = [c for c in notebook.cells if re.search(r"image/|<img|!\[", str(c))]
    page, _ = HTMLExporter().from_notebook_node(notebook)
    pictures = re.findall(r"<img\b[^>]*>", page)
    assert pictures
    assert all(re.search(r'alt="[^"]{20,}"', picture) for picture in pictures)
    assert "No description has been provided" not in page


@EACH
def test_the_first_code_cell_installs_bplab_where_it_is_missing_and_is_not_graded(course, name):
    settings = tomllib.loads((course.root / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = f'install --quiet "bplab @ git+{settings["project"]["urls"]["Repository"]}"'
    released = nbformat.read(course.release_file(name), as_version=4)
    cell = next(cell for cell in released.cells if cell.cell_type == "code")
    assert "nbgrader" not in cell.metadata
    python = TransformerManager().transform_cell(cell.source)
    asked = []
    shell = SimpleNamespace(run_line_magic=lambda *command: asked.append(command))
    exec(python, {"get_ipython": lambda: shell})
    assert asked == []
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "bplab", None)
        exec(python, {"get_ipython": lambda: shell})
    assert asked == [("pip", wanted)]


def test_ids_stay_when_a_cell_is_put_before_them(course, tmp_path):
    path = course.notebooks / "section_1.py"
    text = path.read_text(encoding="utf-8")
    longer = tmp_path / "section_1.py"
    longer.write_text(
        text.replace("# %%\nimport", "# %% [markdown]\n# New.\n\n# %%\nimport", 1), "utf-8"
    )
    old = [c.id for c in instructor_notebook(path).cells]
    new = [c.id for c in instructor_notebook(longer).cells]
    assert len(new) == len(old) + 1
    assert set(old) < set(new)


@pytest.mark.parametrize(
    ("find", "replace", "message"),
    [
        ("def hidden(X, alpha, sigma)", "def hidden(X, weights, sigma)", "must define hidden"),
        ('"grade_id": "hidden"', '"grade_id": "hiden"', "names no exercise"),
        ('check("hidden", hidden)', 'check("hidden", output)', "must read: check"),
        ("### BEGIN SOLUTION", "", "is not marked"),
        ('# %% nbgrader={"grade_id": "test-eq2", "grade": true}', "# %%", "the exercises of this"),
    ],
)
def test_a_cell_that_does_not_fit_its_exercise_is_named(course, tmp_path, find, replace, message):
    text = (course.notebooks / "section_1.py").read_text(encoding="utf-8")
    assert find in text
    path = tmp_path / "section_1.py"
    path.write_text(text.replace(find, replace), "utf-8")
    with pytest.raises(CourseError, match=message):
        instructor_notebook(path)


def test_a_release_notebook_somebody_worked_in_is_not_written_over(copy):
    path = copy.release_file("section_1")
    notebook = nbformat.read(path, as_version=4)
    code = next(c for c in notebook.cells if c.cell_type == "code")
    code.outputs = [nbformat.v4.new_output("stream", text="mine\n")]
    nbformat.write(notebook, path)
    before = path.read_bytes()
    with pytest.raises(CourseError, match="somebody has worked in it"):
        build(copy, ["section_1"])
    assert path.read_bytes() == before


def test_no_course_here_is_explained(tmp_path, monkeypatch):
    monkeypatch.setattr(layout, "_CLONE", tmp_path)
    with pytest.raises(CourseError, match="bplab course new DIR makes one"):
        Course.find(tmp_path)


def test_solved_notebooks_read_without_markers(course):
    for name in NAMES:
        text = nbformat.writes(solved(instructor_notebook(course.notebooks / f"{name}.py")))
        assert not re.search("SOLUTION|HIDDEN", text)


def test_text_notebooks_are_what_jupytext_would_write(course):
    """So that a notebook edited in JupyterLab and saved as text gives a small difference."""
    for name in NAMES:
        read = jupytext.read(course.notebooks / f"{name}.py")
        before = [cell.source for cell in read.cells]
        again = jupytext.writes(read, fmt="py:percent")
        assert [c.source for c in jupytext.reads(again, fmt="py:percent").cells] == before


def test_no_file_of_the_repository_names_a_registry_or_this_machine(course):
    files = subprocess.run(
        ["git", "ls-files"], cwd=course.root, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    assert len(files) > 40
    hosts = "py" + r"pi\.org|files\.python" + "hosted"
    machine = r"/(?:ro" + r"ot|home/\w+|Users/\w+|tmp)/|" + re.escape(f"{course.root}/")
    forbidden = re.compile(f"{hosts}|{machine}")
    for name in filter(None, files):
        text = (course.root / name).read_text(encoding="utf-8", errors="ignore")
        assert not forbidden.search(text), name


def test_solutions_do_not_show_that_a_machine_was_slow(tmp_path):
    code = (
        "print('one')\n"
        "shown = display({'text/plain': '10 %'}, raw=True, display_id=True)\n"
        "print('two')\n"
        "shown.update({'text/plain': ''}, raw=True)"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    [output] = asyncio.run(run(notebook)).cells[0].outputs
    assert (output.output_type, output.text) == ("stream", "one\ntwo\n")
