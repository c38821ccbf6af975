"""A class's pages in one zip file, named as Moodle and Canvas know whose they are."""

import io
import re
import zipfile

import pytest
from typer.testing import CliRunner

from bplab.cli.main import app
from bplab.course import CourseError
from bplab.grading.collect import People, collect
from bplab.grading.feedback.returned import returned
from bplab.grading.folder import ClassFolder
from bplab.grading.gradebook import Person
from tests.grading.collect.test_collect import notebook, packed
from tests.grading.report.made_class import Made, make_class, outcome

NAME = "section_2_1"
PERSONS = (
    Person("ada", "Ada", "Lovelace", lms_id="1204"),
    Person("ben", "Ben", "Okri", lms_id="1205"),
)


@pytest.fixture
def course(tmp_path):
    folder = tmp_path / "course"
    (folder / "release" / NAME).mkdir(parents=True)
    (folder / "release" / NAME / f"{NAME}.ipynb").write_text(notebook(), encoding="utf-8")
    (folder / "nbgrader_config.py").write_text("c = get_config()\n", encoding="utf-8")
    for student in ("ada", "ben", "carla"):
        page = folder / "feedback" / student / NAME / f"{NAME}.html"
        page.parent.mkdir(parents=True)
        page.write_text(f"page of {student}", encoding="utf-8")
    return ClassFolder.open(folder)


def downloaded(course, tmp_path, files, **more):
    (tmp_path / "download.zip").write_bytes(packed(files))
    people = People(PERSONS, None, "")
    return collect(course, NAME, tmp_path / "download.zip", people, limit=10**6, **more)


def in_zip(made):
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def moodles(path):
    """As Moodle's importer reads a path: the participant's number, and the file's name.

    Folders first; parts are split at underscores, into five at most.
    """
    *folders, last = path.split("/")
    for part in folders:
        name, id, kind, plugin = (part.rstrip("_").split("_", 4) + [""] * 4)[:4]
        if id.isdigit() and (kind, plugin) == ("assignsubmission", "file"):
            return id, last
    name, id, kind, plugin, file = last.split("_", 4)
    assert id.isdigit()
    assert (kind, plugin) == ("assignsubmission", "file")
    return id, file


def canvass(path):
    """As Canvas reads a name: the first two of its pieces that are whole numbers."""
    return [piece for piece in path.split("_") if re.fullmatch(r"\d+", piece)][:2]


@pytest.mark.parametrize("end", ["_/", "/", "_"])
@pytest.mark.parametrize("within", ["", "CS-Section 2.1/"])
def test_moodle_knows_whose_each_is(course, tmp_path, end, within):
    begin = f"{within}Ada Lovelace_50123_assignsubmission_file{end}"
    other = f"{within}Ben Okri_50124_assignsubmission_file{end}"
    files = {f"{begin}{NAME}.ipynb": notebook(), f"{other}my work_1.ipynb": notebook("b")}
    assert len(downloaded(course, tmp_path, files).taken) == 2
    made = returned(course, NAME, "moodle")
    assert made.students == ["ada", "ben"]
    assert made.left == {"carla": "is in no download that was collected"}
    found = in_zip(made)
    assert {moodles(path): text for path, text in found.items()} == {
        ("50123", f"{NAME}.html"): "page of ada",
        ("50124", f"{NAME}.html"): "page of ben",
    }
    assert all(path.startswith(("Ada Lovelace_", "Ben Okri_")) for path in found)


def test_canvas_knows_whose_each_is(course, tmp_path):
    files = {
        f"lovelaceada_1204_55310_{NAME}-1.ipynb": notebook(),
        "okriben_LATE_1205_55311_work.zip": packed({f"deep/{NAME}.ipynb": notebook("b")}),
    }
    assert len(downloaded(course, tmp_path, files).taken) == 2
    found = in_zip(returned(course, NAME, "canvas"))
    assert found == {
        f"lovelaceada_1204_55310_{NAME}.html": "page of ada",
        f"okriben_LATE_1205_55311_{NAME}.html": "page of ben",
    }
    assert [canvass(name) for name in found] == [["1204", "55310"], ["1205", "55311"]]


def test_the_last_download_counts_and_a_dry_run_does_not(course, tmp_path):
    first = {f"lovelaceada_1204_55310_{NAME}.ipynb": notebook()}
    later = {f"lovelaceada_1204_55399_{NAME}-1.ipynb": notebook()}
    downloaded(course, tmp_path, first)
    downloaded(course, tmp_path, later, dry=True)
    assert [*in_zip(returned(course, NAME, "canvas"))] == [f"lovelaceada_1204_55310_{NAME}.html"]
    downloaded(course, tmp_path, later)
    assert [*in_zip(returned(course, NAME, "canvas"))] == [f"lovelaceada_1204_55399_{NAME}.html"]


def test_who_came_by_another_way_is_named(course, tmp_path):
    downloaded(course, tmp_path, {f"ada/{NAME}.ipynb": notebook(), f"ben/{NAME}.ipynb": notebook()})
    with pytest.raises(CourseError, match="nobody's page of section_2_1 can be named as moodle"):
        returned(course, NAME, "moodle")
    downloaded(course, tmp_path, {f"lovelaceada_1204_55310_{NAME}.ipynb": notebook()})
    made = returned(course, NAME, "canvas")
    assert made.students == ["ada"]
    assert made.left["ben"] == "came from folders"


def test_equal_pages_make_equal_archives(course, tmp_path):
    downloaded(course, tmp_path, {f"lovelaceada_1204_55310_{NAME}.ipynb": notebook()})
    assert returned(course, NAME, "canvas").content == returned(course, NAME, "canvas").content


def test_the_command_writes_it_and_names_who_is_missing(tmp_path):
    made = [Made(id, {"eq4": outcome("eq4")}) for id in ("ada", "ben")]
    folder = ClassFolder.open(make_class(tmp_path / "course", NAME, made))
    (folder.root / "release" / NAME).mkdir(parents=True)
    (folder.root / "release" / NAME / f"{NAME}.ipynb").write_text(notebook(), encoding="utf-8")
    downloaded(folder, tmp_path, {f"lovelaceada_1204_55310_{NAME}.ipynb": notebook()})
    call = ["feedback", NAME, "--course", str(folder.root), "--jobs", "1", "--zip", "canvas"]
    done = CliRunner().invoke(app, call)
    assert done.exit_code == 0, done.output
    assert f"feedback-{NAME}-canvas.zip: 1 student" in done.output.replace("\n", "")
    assert "not in it: ben is in no download that was collected" in done.output
    with zipfile.ZipFile(folder.root / "reports" / f"feedback-{NAME}-canvas.zip") as archive:
        assert archive.namelist() == [f"lovelaceada_1204_55310_{NAME}.html"]
