import json
import os
import re
import shutil
import subprocess
import sys
import tomllib

import pytest
from typer.testing import CliRunner

from bplab.by_equation import EQUATIONS
from bplab.cli.main import _BROUGHT_BY, app, copies_for_learner
from bplab.course import Course, CourseError, for_learners
from bplab.languages import Source
from bplab.languages.source import Place
from tests.programs import Forked


def test_equations_prints_a_row_for_every_equation():
    result = CliRunner().invoke(app, ["equations"])
    assert result.exit_code == 0
    for id in EQUATIONS:
        # eq3 stands in the row of eq1
        assert id == "eq3" or f"\n{id} · " in result.stdout
    assert "δ_ki" in result.stdout


def test_the_learners_copies_are_made_once_and_never_written_over(course, tmp_path):
    shutil.copytree(course.root / "course", tmp_path / "course")
    copies = copies_for_learner(Course(tmp_path), tmp_path / "work")
    assert [c.stem.removeprefix("the_").removeprefix("way_") for c in copies] == course.names()
    assert sorted(path.name for path in (tmp_path / "work").iterdir()) == [c.name for c in copies]
    copies[0].write_text("my work", encoding="utf-8")
    copies[1].unlink()
    copies_for_learner(Course(tmp_path), tmp_path / "work")
    assert copies[0].read_text(encoding="utf-8") == "my work"
    assert copies[1].exists()


def test_a_copy_that_has_the_notebooks_own_name_stays_the_learners_copy(course, tmp_path):
    own = tmp_path / "capstone.ipynb"
    own.write_text("my work", encoding="utf-8")
    assert own in copies_for_learner(course, tmp_path)
    assert own.read_text(encoding="utf-8") == "my work"
    assert len(list(tmp_path.iterdir())) == len(course.names())


@pytest.fixture(scope="module")
def labs(tmp_path_factory):
    """What JupyterLab reads of its own settings: started for learners, and by anybody."""
    script = (
        "import json, os, sys\n"
        "from pathlib import Path\n"
        "from jupyterlab.commands import AppOptions, get_app_dir, get_app_info\n"
        "from jupyterlab_server.settings_utils import get_settings\n"
        "for environment in json.load(sys.stdin):\n"
        "    if os.fork():\n"
        "        os.wait()\n"
        "        continue\n"
        "    os.environ.clear()\n"
        "    os.environ.update(environment)\n"
        "    app = Path(get_app_dir())\n"
        "    found, _ = get_settings(app / 'settings', app / 'schemas', '.', "
        "'@jupyterlab/filebrowser-extension:browser')\n"
        "    print(json.dumps({'disabled': list(get_app_info(AppOptions())['disabled']), "
        "'columns': found['schema']['properties']}), flush=True)\n"
        "    os._exit(0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        input=json.dumps([for_learners(), dict(os.environ)]),
        capture_output=True,
        text=True,
        cwd=tmp_path_factory.mktemp("lab"),
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_learners_see_whole_names_in_the_file_browser(labs):
    learners, anybodys = (lab["columns"]["showLastModifiedColumn"]["default"] for lab in labs)
    assert (learners, anybodys) == (False, True)


def test_each_package_that_a_command_may_lack_is_in_the_extra_that_is_named(course):
    settings = tomllib.loads((course.root / "pyproject.toml").read_text(encoding="utf-8"))
    extras = settings["project"]["optional-dependencies"]
    for name, extra in _BROUGHT_BY.items():
        name = {"yaml": "pyyaml"}.get(name, name)  # the one that is not imported by its name
        package = re.compile(rf"{name.replace('_', '[_-]')}\b")
        assert any(package.match(needed) for needed in extras[extra]), name


def test_learners_and_visitors_start_at_the_first_notebook(course):
    first = course.release_file(course.names()[0]).relative_to(course.root).as_posix()
    assert first.endswith("section_0.ipynb")
    assert first in (course.root / "binder/postBuild").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "extension", ["@jupyter/nbgrader", "@jupyterlab/apputils-extension:announcements"]
)
def test_learners_see_no_menus_of_nbgraders_and_no_question_about_news(labs, extension):
    assert [extension in lab["disabled"] for lab in labs] == [True, False]


def test_a_missing_release_says_what_to_do(course, tmp_path):
    shutil.copytree(course.notebooks, tmp_path / "course/notebooks")
    with pytest.raises(CourseError, match="run bplab course build"):
        copies_for_learner(Course(tmp_path), tmp_path / "work")


def test_expected_errors_are_one_message_without_a_traceback(tmp_path):
    (tmp_path / "keep").mkdir()
    (tmp_path / "keep/file").touch()
    command = [sys.executable, "-m", "bplab.cli.main", "demo", "class", "--keep", "keep"]
    with (tmp_path / "said").open("w") as said:
        done = Forked(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=said)
        assert done.wait(60) == 1
    assert (tmp_path / "said").read_text().count("\n") == 1
    assert "is not empty" in (tmp_path / "said").read_text()


def language(*arguments):
    made = CliRunner().invoke(app, ["course", "language", *map(str, arguments)])
    return made.stdout if made.exit_code == 0 else made.exception


@pytest.fixture
def translating(tmp_path, monkeypatch):
    """A folder, and a bplab that says one thing: to read what it says takes a second."""
    source = Source({"The factor 2 is missing.": Place("steps.py", 1)})
    monkeypatch.setattr("bplab.languages.skeleton.Source", lambda: source)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_translators_catalogue_is_never_written_over(translating):
    fr = translating / "fr.toml"
    assert "wrote: fr.toml." in language("fr", "--out", "fr.toml")
    mine = '"The factor 2 is missing." = "Il manque le facteur 2."\n'
    fr.write_text(mine, encoding="utf-8")
    for again in (("fr",), ("fr", "--out", "fr.toml"), ("de", "--out", "fr.toml")):
        assert "fr.toml is there already; to bring it up to date: bplab course" in str(
            language(*again)
        )
        assert fr.read_text(encoding="utf-8") == mine
    assert "wrote: fr.toml." in language("fr.toml", "--out", "fr.toml")
    assert mine in fr.read_text(encoding="utf-8")


def test_what_keeps_a_catalogue_from_its_work_is_one_sentence(translating):
    assert "there is no catalogue 'fr' to check; one of your own" in str(language("fr", "--check"))
    assert "cannot be written: No such file" in str(language("fr", "--out", "no/fr.toml"))
    (translating / "bad.toml").write_bytes(b"\xff")
    assert "must be text in UTF-8" in str(language("bad.toml", "--check"))
