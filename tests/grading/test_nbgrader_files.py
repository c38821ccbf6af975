"""nbgrader's own commands, and formgrader's, follow no link of a student's."""

import io
import os
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI

from bplab.course import Course, with_own_programs
from bplab.grading.folder import ClassFolder
from tests.grading.class_run.mini_class import NAME, RIGHT, hand_in, nbgrader
from tests.grading.test_files import KINDS
from tests.programs import run_module

pytestmark = pytest.mark.xdist_group("nbgrader-files")

NOTEBOOK = f"{NAME}.ipynb"
OURS = "nbgrader_files"


@pytest.fixture(scope="module")
def course(mini_course, tmp_path_factory):
    """A class's folder with what the course's own settings say of files."""
    folder = tmp_path_factory.mktemp("files") / "course"
    subprocess.run(["cp", "-r", str(mini_course), str(folder)], check=True)
    settings = (Course.find().root / "course" / "nbgrader_config.py").read_text(encoding="utf-8")
    lines = [line for line in settings.splitlines() if OURS in line]
    assert len(lines) == 3
    with (folder / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write("\n".join(lines) + "\n")
    (folder / "secret.txt").write_text("c0ffee", encoding="utf-8")
    return folder


def name_of(kind):
    return kind.replace(" ", "-")


BAD_NOTEBOOKS = {f"notebook-{name_of(kind)}": kind for kind in KINDS}
BAD_FILES = {f"{name_of(kind)}.txt": kind for kind in KINDS}


def a_class(course):
    """One of each kind, and right work beside them."""
    ada = hand_in(course, "ada", RIGHT)
    secret = course / "secret.txt"
    for student, kind in BAD_NOTEBOOKS.items():
        place = hand_in(course, student, "mine", name="notes.txt")
        stolen = ada / NOTEBOOK if "link" in kind else secret
        if kind == "a hard link":  # of another's: ada's own must not become one
            stolen = hand_in(course, "zoe", RIGHT) / NOTEBOOK
        KINDS[kind](place / NOTEBOOK, stolen)
    place = hand_in(course, "bea", RIGHT)
    for name, kind in BAD_FILES.items():
        KINDS[kind](place / name, secret)
    os.mkfifo(place / "timestamp.txt")
    submitted = course / "submitted"
    (submitted / "folder-linked").symlink_to(submitted / "ada")
    (submitted / "inner-linked").mkdir()
    (submitted / "inner-linked" / NAME).symlink_to(ada)
    hand_in(course, "too-large-to-read", '{"cells": [' + "[]," * 5_000_000 + "0]}")
    hand_in(course, "time-forged", RIGHT, timestamp="\x00 yesterday")
    hand_in(course, "time-too-long", RIGHT, timestamp="2026-01-01 12:00:00 UTC" + 2000 * " " + "x")
    (hand_in(course, "time-a-folder", RIGHT) / "timestamp.txt").mkdir()


REFUSED = (*BAD_NOTEBOOKS, "folder-linked", "inner-linked", "too-large-to-read")
REFUSED += ("zoe",)  # hers has two names now


@pytest.fixture(scope="module")
def autograded(course, tmp_path_factory):
    """All graded by `nbgrader autograde`, which does not end well, and what it printed."""
    a_class(course)
    log = tmp_path_factory.mktemp("log") / "log.txt"
    assert (
        run_module("nbgrader", "autograde", NAME, cwd=course, env=with_own_programs(), log=log) == 1
    )
    return course, log.read_text(encoding="utf-8").splitlines()


def graded(course, student):
    return course / "autograded" / student / NAME


def score(course, student):
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "mini") as book:
        return book.find_submission(NAME, student).score


@pytest.mark.parametrize("student", REFUSED)
def test_a_notebook_that_is_no_regular_file_is_refused_in_one_line(autograded, student):
    course, told = autograded
    assert not graded(course, student).exists()
    lines = [line for line in told if f"ERROR] {student} is not graded: " in line]
    assert len(lines) == 1
    assert not score(course, student)


@pytest.mark.parametrize("name", [*BAD_FILES, "timestamp.txt"])
def test_another_file_that_is_none_is_not_copied_and_it_is_said(autograded, name):
    course, told = autograded
    assert not os.path.lexists(graded(course, "bea") / name)
    said = [line for line in told if f": {name} " in line]
    assert len(said) == 1
    assert "/bea/" in said[0]
    assert said[0].endswith(": not copied")


def test_the_notebook_beside_them_is_graded(autograded):
    course, _ = autograded
    assert [path.name for path in graded(course, "bea").rglob("*")] == [NOTEBOOK]
    assert score(course, "bea") == score(course, "ada") == 5


def test_nothing_of_the_secret_is_in_what_was_graded(autograded):
    course, _ = autograded
    texts = [p.read_bytes() for p in (course / "autograded").rglob("*") if p.is_file()]
    assert len(texts) > 2
    assert not any(b"c0ffee" in text for text in texts)


@pytest.mark.parametrize("student", ["time-forged", "time-too-long", "time-a-folder"])
def test_a_forged_time_costs_nothing(autograded, student):
    course, told = autograded
    assert score(course, student) == 5
    assert f"{student}/{NAME}/timestamp.txt is not a time: treated as on time" in "\n".join(told)


def test_no_copy_is_left(autograded):
    course, _ = autograded
    assert not list((course / "grading").glob("*"))


@pytest.mark.parametrize("student", ["notebook-a-link", "notebook-a-pipe", "inner-linked", "zoe"])
def test_formgraders_button_refuses_it_and_says_why(autograded, student):
    course, _ = autograded
    api = _api(course)
    came = api.autograde(NAME, student)
    assert not came["success"]
    assert f"{student} is not graded: " in came["log"]
    assert not graded(course, student).exists()
    assert api.coursedir.submitted_directory == "submitted"


def test_formgraders_button_grades_the_rest_without_the_file(autograded):
    course, _ = autograded
    came = _api(course).autograde(NAME, "bea")
    assert came["success"], came
    assert [path.name for path in graded(course, "bea").rglob("*")] == [NOTEBOOK]


def _api(course):
    opened = ClassFolder.open(course)
    return NbGraderAPI(opened.settings, config=opened.config)


# --- before: what is collected ----------------------------------------------------------------


def test_collect_follows_no_link_out_of_an_exchange(course, tmp_path):
    inbound = tmp_path / "exchange" / "mini" / "inbound"
    inbound.mkdir(parents=True)
    for folder in (tmp_path / "exchange", tmp_path / "exchange" / "mini", inbound):
        folder.chmod(0o777)
    sent = inbound / f"kim+{NAME}+2026-01-01 10:00:00.000000 UTC+x"
    sent.mkdir()
    (sent / NOTEBOOK).write_text("{}", encoding="utf-8")
    (sent / "data.txt").symlink_to(course / "secret.txt")
    (sent / "all").symlink_to(course)
    os.link(course / "secret.txt", sent / "hard.txt")
    (inbound / f"lee+{NAME}+2026-01-01 10:00:00.000000 UTC+x").symlink_to(sent)
    nbgrader(course, "collect", NAME, f"--Exchange.root={tmp_path / 'exchange'}")
    (course / "secret.txt").unlink()
    (course / "secret.txt").write_text("c0ffee", encoding="utf-8")
    there = course / "submitted" / "kim" / NAME
    assert [path.name for path in there.rglob("*")] == [NOTEBOOK]
    assert not (course / "submitted" / "lee" / NAME).exists()


def test_zip_collect_follows_no_link_in_a_download_or_an_archive(course):
    downloaded = course / "downloaded" / NAME / "archive"
    downloaded.mkdir(parents=True)
    (downloaded / "ann_data.txt").symlink_to(course / "secret.txt")
    (downloaded / f"bob_{NOTEBOOK}").write_text("{}", encoding="utf-8")
    with zipfile.ZipFile(downloaded / "all.zip", "w") as archive:
        link = zipfile.ZipInfo("cleo_data.txt")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, str(course / "secret.txt"))
    with tarfile.open(downloaded / "more.tar.gz", "w:gz") as archive:
        for name, kind in (("dan_data.txt", tarfile.SYMTYPE), ("eve_data.txt", tarfile.LNKTYPE)):
            one = tarfile.TarInfo(name)
            one.type, one.linkname = kind, str(course / "secret.txt")
            archive.addfile(one, io.BytesIO())
    pattern = r".*/(?P<student_id>[a-z]+)_(?P<file_id>[a-z._]+)"
    nbgrader(
        course,
        *("zip_collect", NAME, "--force", f"--FileNameCollectorPlugin.named_regexp={pattern}"),
    )
    assert (course / "submitted" / "bob" / NAME / NOTEBOOK).exists()
    for student in ("ann", "cleo", "dan", "eve"):
        files = [p for p in Path(course / "submitted" / student).rglob("*") if p.is_file()]
        assert not any("c0ffee" in path.read_text(encoding="utf-8") for path in files)
