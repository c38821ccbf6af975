"""From a platform's download to ``submitted/``: every file is taken, or named with the reason."""

import io
import json
import unicodedata
import zipfile
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from zoneinfo import ZoneInfo

import pytest

from bplab.course import CourseError
from bplab.grading.class_run.submissions import find_submissions, handed_in_at
from bplab.grading.collect import PLATFORMS, People, State, collect
from bplab.grading.folder import ClassFolder
from bplab.grading.gradebook import Person
from bplab.grading.report.roster import Roster

NAME = "section_2_1"
BERLIN = ZoneInfo("Europe/Berlin")


def notebook(text=""):
    cells = [{"cell_type": "markdown", "metadata": {}, "source": text}]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def packed(files):
    """A zip file's bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            of_one_time = zipfile.ZipInfo(name)
            archive.writestr(of_one_time, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


@pytest.fixture
def course(tmp_path):
    folder = tmp_path / "course"
    (folder / "release" / NAME).mkdir(parents=True)
    (folder / "release" / NAME / f"{NAME}.ipynb").write_text(notebook())
    (folder / "nbgrader_config.py").write_text("c = get_config()\n")
    return ClassFolder.open(folder)


@pytest.fixture
def taking(course, tmp_path):
    """Collects files by name, from a zip file; persons and a roster as CSV may be known."""
    count = iter(range(100))

    def take(files, *, persons=(), roster="", id="", **more):
        path = tmp_path / f"download-{next(count)}.zip"
        path.write_bytes(packed(files))
        listed = None
        if roster:
            (tmp_path / "roster.csv").write_text(roster, encoding="utf-8")
            listed = Roster.read(tmp_path / "roster.csv")
        people = People(persons, listed, id)
        return collect(course, NAME, path, people, **({"limit": 10**6, "zone": BERLIN} | more))

    take.folder = tmp_path
    return take


def text_of(course, student, name=f"{NAME}.ipynb"):
    return (course.submitted(student, NAME) / name).read_text(encoding="utf-8")


def left(collected):
    return {one.file: one.why for one in collected.left}


def students(collected):
    return {one.student: one.state for one in collected.taken}


# --- each platform ----------------------------------------------------------------------------

CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,Week 3 (77)
    Points Possible,,,,,10
"Lovelace, Ada",1204,s-17,ada,01,
"Babbage, Charles",1205,s-18,ben,01,
"Noether, Emmy",1206,s-19,emmy,01,
"""
MOODLE = """Identifier,Full name,ID number,Email address,Status,Last modified (submission)
Participant 50123,Ada Lovelace,17,ada@x.org,Submitted,"Sunday, 29 November 2026, 9:40 PM"
Participant 50124,Émilie du Châtelet,18,emi@x.org,Submitted,-
Participant 50125,Emmy Noether,19,emmy@x.org,No submission,-
"""
BRIGHTSPACE = """OrgDefinedId,Username,Last Name,First Name,Email
#17,#ada,Lovelace,Ada,ada@x.org
#18,#emi,du Châtelet,Émilie,emi@x.org
"""
NAMES = """Username,First name,Last name,Email address
ada,Ada,Lovelace,ada@x.org
ben_k,Ben,K,ben@x.org
"""
GRADESCOPE = """---
submission_9121:
  :submitters:
  - :name: Ada Lovelace
    :sid: '17'
    :email: ada@x.org
  :created_at: !ruby/object:ActiveSupport::TimeWithZone
    utc: 2026-11-29 20:40:05.170212000 Z
    zone: !ruby/object:ActiveSupport::TimeZone
      name: Etc/UTC
    time: 2026-11-29 20:40:05.170212000 Z
submission_9122:
  :submitters:
  - :name: Ben
    :email: ben@x.org
  :created_at: 2026-11-29 20:40:05.170212000 Z
"""
SAID = datetime(2026, 11, 29, 20, 40, 5)


def test_canvas(taking, course):
    came = taking(
        {
            f"lovelaceada_1204_55310_{NAME}.ipynb": notebook("first"),
            f"lovelaceada_1204_55318_{NAME}-1.ipynb": notebook("second"),
            f"babbagecharles_LATE_1205_55311_{NAME}-2.ipynb": notebook("late"),
            f"nobodyelse_9_55312_{NAME}.ipynb": notebook(),
            "notes.txt": "mine",
        },
        roster=CANVAS,
    )
    assert came.platform == "canvas"
    assert students(came) == {"ada": State.NEW, "ben": State.NEW}
    assert "second" in text_of(course, "ada")
    assert came.missing == ["emmy"]
    assert left(came) == {
        f"lovelaceada_1204_55310_{NAME}.ipynb": f"lovelaceada_1204_55318_{NAME}-1.ipynb is the "
        "newer one",
        f"nobodyelse_9_55312_{NAME}.ipynb": "nobodyelse (9) is not on the roster",
        "notes.txt": "is not named as canvas names files",
    }
    (ben,) = [one for one in came.taken if one.student == "ben"]
    assert "LATE" in ben.notes[0]
    assert handed_in_at(course.submitted("ben", NAME)) is None


def test_canvas_without_a_roster_knows_its_own_ids_and_those_of_the_gradebook(taking):
    files = {
        f"lovelaceada_1204_55310_{NAME}.ipynb": notebook(),
        f"babbagecharles_1205_55311_{NAME}.ipynb": notebook(),
    }
    came = taking(files, persons=[Person("ada", lms_id="1204")])
    assert set(students(came)) == {"ada", "1205"}


def test_canvas_with_hidden_names(taking):
    came = taking({f"anon_Xk3Pq_55310_{NAME}.ipynb": notebook()})
    assert set(students(came)) == {"Xk3Pq"}


@pytest.mark.parametrize("shape", ["{}_assignsubmission_file", "{}_assignsubmission_file_"])
@pytest.mark.parametrize("between", ["/", "_"])
def test_moodle(taking, course, shape, between):
    ada, emi = (shape.format(one) for one in ("Ada Lovelace_50123", "Émilie du Châtelet_50124"))
    between = between if between == "/" or not ada.endswith("_") else ""
    came = taking(
        {
            f"{ada}{between}{NAME} (1).ipynb": notebook("ada"),
            f"{emi}{between}{NAME}.ipynb": notebook("emi"),
            "Ada Lovelace_50123_assignsubmission_onlinetext/onlinetext.html": "<p>hello",
        },
        roster=MOODLE,
    )
    assert came.platform == "moodle"
    assert students(came) == {"17": State.NEW, "18": State.NEW}
    assert came.missing == ["19"]
    assert "typed" in str(left(came))
    assert handed_in_at(course.submitted("17", NAME)) == SAID.replace(second=0)
    assert handed_in_at(course.submitted("18", NAME)) is None


def test_moodle_s_numbers_are_not_taken_for_ids(taking):
    came = taking({f"Ada Lovelace_50123_assignsubmission_file/{NAME}.ipynb": notebook()})
    assert not came.taken
    assert "--roster" in str(left(came))


def test_blackboard(taking, course):
    came = taking(
        {
            f"Week_3_ada_attempt_2026-11-28-08-00-00_{NAME}.ipynb": notebook("first"),
            f"Week_3_ada_attempt_2026-11-29-21-40-05_{NAME}.ipynb": notebook("second"),
            "Week_3_ada_attempt_2026-11-29-21-40-05.txt": "Name: Ada Lovelace",
            f"Week_3_ben_k_attempt_2026-11-29-21-40-05_{NAME}.ipynb": notebook(),
        },
        roster=NAMES,
    )
    assert came.platform == "blackboard"
    assert set(students(came)) == {"ada", "ben_k"}
    assert "second" in text_of(course, "ada")
    assert handed_in_at(course.submitted("ada", NAME)) == SAID
    assert sorted(left(came).values()) == [
        f"Week_3_ada_attempt_2026-11-29-21-40-05_{NAME}.ipynb is the newer one",
        "is the platform's own note",
    ]


@pytest.mark.parametrize(
    ("folder", "time"),
    [
        ("2204-1876 - Ada Lovelace - Nov 29, 2026 940 PM", "20:40"),
        ("2204-1876 - Ada Lovelace - 29 November, 2026 940 PM", "20:40"),
        ("2204-1876 - Ada Lovelace- Nov 29, 2026 2140", "20:40"),
    ],
)
def test_brightspace(taking, course, folder, time):
    came = taking(
        {
            f"{folder}/{NAME}.ipynb": notebook(),
            "2209-1876 - Émilie du Châtelet - Nov 28, 2026 1040 AM/mine.ipynb": notebook(),
            "index.html": "<html>",
        },
        roster=BRIGHTSPACE,
    )
    assert came.platform == "brightspace"
    assert set(students(came)) == {"ada", "emi"}
    assert f"{handed_in_at(course.submitted('ada', NAME)):%H:%M}" == time
    assert [one.notes for one in came.taken] == [(), ("is called mine.ipynb",)]
    assert left(came) == {"index.html": "is the platform's own list"}


def test_gradescope(taking, course):
    top = "assignment_31_export"
    came = taking(
        {
            f"{top}/submission_metadata.yml": GRADESCOPE,
            f"{top}/submission_9121/{NAME}.ipynb": notebook(),
            f"{top}/submission_9122/{NAME}.ipynb": notebook(),
            f"{top}/submission_9123/{NAME}.ipynb": notebook(),
        },
        persons=[Person("ada", email="ada@x.org"), Person("ben", email="ben@x.org")],
    )
    assert came.platform == "gradescope"
    assert set(students(came)) == {"ada", "ben"}
    for student in ("ada", "ben"):
        assert handed_in_at(course.submitted(student, NAME)).replace(microsecond=0) == SAID
    assert len(came.left) == 2


@pytest.mark.parametrize(
    "name",
    ["ada/{}.ipynb", "ada/{}/{}.ipynb", "ada_{}.ipynb", "{}-ada.ipynb", "all/ada/{}.ipynb"],
)
def test_folders_and_names_made_by_hand(taking, name):
    other = name.replace("ada", "ben")
    came = taking({one.format(NAME, NAME): notebook() for one in (name, other)})
    assert (came.platform, set(students(came))) == ("folders", {"ada", "ben"})


def test_every_platform_has_its_test():
    assert all(f"test_{name}" in globals() for name in PLATFORMS if name != "folders")


# --- which file counts ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "section_2_1 (1).ipynb",
        "Section_2_1.ipynb",
        "section_2_1-1.ipynb",
        "section_2_1 - Copy.ipynb",
        "section_2_1.ipynb.txt",
        "section_2_1.ipynb.json",
        "section_2_1.json",
        "section-2.1.IPYNB",
        "section_2_1_copy.ipynb",
    ],
)
def test_what_a_computer_adds_to_a_name_is_no_other_name(taking, course, name):
    files = {f"ada/{name}": notebook("mine"), "ada/thoughts.ipynb": notebook("others")}
    (ada,) = taking(files).taken
    assert "mine" in text_of(course, "ada")
    assert not ada.notes


def test_what_is_no_notebook_is_named_as_what_it_is(taking):
    came = taking(
        {
            f"ada/{NAME}.ipynb": "<!DOCTYPE html><html>log in",
            f"ben/{NAME}.ipynb": "",
            f"cy/{NAME}.ipynb": "import numpy",
            f"dee/{NAME}.ipynb": "[1, 2]",
            "emmy/report.pdf": "%PDF",
        }
    )
    assert not came.taken
    assert [why for _, why in sorted(left(came).items())] == [
        "is a web page, saved under a notebook's name",
        "is empty",
        "is not a notebook: it is not JSON (line 1)",
        "is not a notebook: it has no list of cells",
        "came without a notebook",
    ]


def test_what_belongs_to_a_notebook_comes_along(taking, course):
    came = taking(
        {
            f"ada/{NAME}.ipynb": notebook(),
            "ada/helpers.py": "x = 1",
            "ada/data/points.csv": "1,2",
            f"ada/{NAME}.IPYNB.zip": packed({f"deep/{NAME}.ipynb": notebook("zip")}),
            "ada/timestamp.txt": "1999-01-01",
            "ada/.hidden": "",
            "ada/Helpers.py": "x = 2",
        }
    )
    place = course.submitted("ada", NAME)
    names = {str(path.relative_to(place)) for path in place.rglob("*") if path.is_file()}
    assert names == {f"{NAME}.ipynb", "helpers.py", "data/points.csv"}
    assert len(came.left) == 4


def test_an_archive_that_is_not_opened_is_said_to_be_one(taking):
    came = taking({"ada/work.rar": "x", "ben/work.tar.gz": "x"})
    assert all("ask for a zip file" in why for why in left(came).values())
    assert len(came.left) == 2


def test_an_archive_of_a_student_s_is_opened(taking, course):
    inner = packed({f"work/{NAME}.ipynb": notebook("inner"), "work/m.py": "x", "work/a.zip": "x"})
    came = taking({"ada/work.zip": inner, "ben/work.zip": b"no zip"})
    assert "inner" in text_of(course, "ada")
    assert text_of(course, "ada", "m.py") == "x"
    assert left(came) == {
        "ada/work.zip/work/a.zip": "is an archive in an archive",
        "ben/work.zip": "is no zip file that can be read",
    }


# --- what is there already ----------------------------------------------------------------


def at(day, text):
    return {f"W_ada_attempt_2026-11-{day}-21-40-05_{NAME}.ipynb": notebook(text)}


def test_a_newer_one_takes_its_place_and_nothing_is_lost(taking, course):
    taking(at(27, "first") | {"W_ada_attempt_2026-11-27-21-40-05_m.py": "x = 1"})
    assert students(taking(at(29, "third"))) == {"ada": State.REPLACED}
    older = taking(at(28, "second"))
    assert students(older) == {"ada": State.UNCHANGED}
    assert "not older" in str(left(older))
    assert "third" in text_of(course, "ada")
    assert {path.name for path in course.submitted("ada", NAME).iterdir()} == {
        f"{NAME}.ipynb",
        "timestamp.txt",
    }
    earlier = course.own / "earlier" / NAME / "ada" / "1"
    assert "first" in (earlier / f"{NAME}.ipynb").read_text()
    assert (earlier / "m.py").exists()
    assert students(taking(at(29, "third"))) == {"ada": State.UNCHANGED}


def test_update_puts_no_older_one_in_place_of_a_newer(taking, course):
    taking(at(29, "third"))
    older = taking(at(28, "second"), update=True)
    assert students(older) == {"ada": State.UNCHANGED}
    assert "not older" in str(left(older))
    assert "third" in text_of(course, "ada")
    assert students(taking(at(29, "fourth"))) == {"ada": State.UNCHANGED}
    assert students(taking(at(29, "fourth"), update=True)) == {"ada": State.REPLACED}


def test_where_no_time_tells_nobody_s_work_is_replaced_unasked(taking, course):
    taking({f"ada/{NAME}.ipynb": notebook("first")})
    asked = taking({f"ada/{NAME}.ipynb": notebook("second")})
    assert "--update" in str(left(asked))
    assert "first" in text_of(course, "ada")
    taking({f"ada/{NAME}.ipynb": notebook("second")}, update=True)
    assert "second" in text_of(course, "ada")


def test_a_dry_run_says_the_same_and_writes_nothing(taking, course):
    files = at(27, "first") | {f"W_ben_attempt_2026-11-27-21-40-05_{NAME}.ipynb": "none"}
    dry = taking(files, dry=True)
    assert not course.submitted("ada", NAME).exists()
    assert dry == taking(files)


def test_grade_finds_what_was_collected(taking, course):
    taking(at(29, "mine"))
    (found,), refused = find_submissions(course, NAME)
    assert (found.student, found.timestamp, found.events, refused) == ("ada", SAID, (), [])


# --- who is who -------------------------------------------------------------------------------


def test_letters_that_are_taken_apart_are_the_same_id(taking):
    files = {f"{unicodedata.normalize('NFD', 'Adä')}/{NAME}.ipynb": notebook()}
    assert set(students(taking(files, persons=[Person("Adä")]))) == {"Adä"}


def test_of_ids_that_differ_in_case_alone_each_has_its_own(taking):
    files = {f"{id}/{NAME}.ipynb": notebook(id) for id in ("ada", "Ada")}
    assert students(taking(files)) == {"ada": State.NEW, "Ada": State.NEW}
    known = {"persons": [Person("ada"), Person("Ada")]}
    again = taking(files, **known)
    assert students(again) == {"ada": State.UNCHANGED, "Ada": State.UNCHANGED}
    assert not again.left
    (why,) = left(taking({f"ADA/{NAME}.ipynb": notebook()}, **known)).values()
    assert why.startswith("ADA is the id of several")


def test_two_of_one_name_are_nobody(taking):
    roster = NAMES + "ada2,ADA,Lovelace,ada2@x.org\n"
    files = {f"Ada Lovelace_5_assignsubmission_file/{NAME}.ipynb": notebook()}
    came = taking(files, roster=roster)
    assert not came.taken
    assert "several are called Ada Lovelace: ada, ada2" in str(left(came))


def test_whoever_the_gradebook_knows_keeps_their_id(taking):
    files = {f"lovelaceada_1204_55310_{NAME}.ipynb": notebook()}
    persons = [Person("lovelace-17", email="ada")]
    assert set(students(taking(files, roster=CANVAS, persons=persons))) == {"lovelace-17"}
    assert set(students(taking(files, roster=CANVAS, id="SIS User ID"))) == {"s-17"}


GERMAN = """\ufeffID;"Vollständiger Name";E-Mail-Adresse;Stand;"Zuletzt geändert (Abgabe)"\r
Teilnehmer/in50123;"Ada Lovelace";ada@x.org;"Zur Bewertung";"Freitag, 20.11.2026, 10:00"\r
Teilnehmer/in50124;"Emmy Noether";emmy@x.org;"Keine Abgabe";-\r
"""


def test_a_roster_in_another_language_is_read_by_what_is_in_it(taking):
    """Of Moodle: the address is the id, the participant's number finds it; else the name."""
    for number in ("50123", "77"):
        file = f"Ada Lovelace_{number}_assignsubmission_file/{NAME}.ipynb"
        came = taking({file: notebook()}, roster=GERMAN)
        assert set(students(came)) == {"ada"}
        assert came.missing == ["emmy"]
    assert "Freitag" in People((), Roster.read(taking.folder / "roster.csv")).unread


@pytest.mark.parametrize("id", ["1.23457E+11", "1E+10", "1,2E+8"])
def test_an_id_that_a_spreadsheet_has_cut_is_refused(taking, id):
    roster = CANVAS.replace(",s-17,ada,", f',s-17,"{id}",')
    with pytest.raises(CourseError, match="digits are lost"):
        taking({f"a_1204_1_{NAME}.ipynb": notebook()}, roster=roster)
    taking({f"a_1204_1_{NAME}.ipynb": notebook()}, roster=roster, id="SIS User ID")


def test_canvas_s_test_student_is_nobody(taking):
    roster = CANVAS + f'"Student, Test",1299,,{"0a" * 20},01,\n'
    files = {f"studenttest_1299_7_{NAME}.ipynb": notebook(), f"l_1204_8_{NAME}.ipynb": notebook()}
    came = taking(files, roster=roster)
    assert came.missing == ["ben", "emmy"]
    assert left(came) == {f"studenttest_1299_7_{NAME}.ipynb": "is of Canvas's test student"}


@pytest.mark.parametrize(
    ("files", "persons", "roster", "came"),
    [
        ("00123", [], "123", "123"),  # the list has lost them
        ("123", [], "00123", "00123"),  # the download has
        ("00123", ["00123"], "123", "00123"),  # known already: the list has lost them
        ("00123", ["123"], "", "123"),
        ("0123", [], "123,00123", ""),
    ],
)
def test_zeros_that_were_cut_off_are_no_other_student(taking, files, persons, roster, came):
    lines = "".join(f"{id},N{id},N\n" for id in roster.split(",") if id)
    listed = f"Username,First name,Last name\n{lines}" if lines else ""
    known = [Person(id) for id in persons]
    done = taking({f"{files}/{NAME}.ipynb": notebook()}, persons=known, roster=listed)
    assert [one.student for one in done.taken] == [came] * bool(came)
    assert done.missing == [] or not came
    for one in done.taken:
        assert "zeros" in "".join(one.notes)


def test_a_number_of_canvas_s_own_is_nobody_s_with_zeros(taking):
    came = taking({f"a_1204_1_{NAME}.ipynb": notebook()}, persons=[Person("001204")])
    assert [one.student for one in came.taken] == ["1204"]


def test_a_student_who_is_twice_on_the_roster_is_one(taking):
    twice = CANVAS + '"Lovelace, Ada",1204,s-17,ada,02,\n'
    assert set(students(taking({f"a_1204_1_{NAME}.ipynb": notebook()}, roster=twice))) == {"ada"}


def test_a_roster_without_ids_is_refused(taking):
    files = {f"ada/{NAME}.ipynb": notebook()}
    with pytest.raises(CourseError, match="--id"):
        taking(files, roster="Colour,Shape\nred,round\n")
    with pytest.raises(CourseError, match="no column 'Matricule'"):
        taking(files, roster=NAMES, id="Matricule")
    with pytest.raises(CourseError, match="more than one row for 1"):
        taking(files, roster="Username,Name\n1,Ada\n1,Ben\n")


# --- hostile, and damaged ---------------------------------------------------------------------


def test_no_name_leads_out_of_its_folder(taking, course, tmp_path):
    came = taking(
        {
            f"ada/{NAME}.ipynb": notebook(),
            "../outside.txt": "x",
            "ada/../../outside.txt": "x",
            "/outside.txt": "x",
            "C:\\outside.txt": "x",
            "ada\\..\\..\\outside.txt": "x",
            f"..\\{NAME}.ipynb": notebook(),
        }
    )
    assert set(students(came)) == {"ada"}
    assert len(came.left) == 6
    assert not list(tmp_path.rglob("outside.txt"))


def test_a_link_in_an_archive_is_no_file(taking, course, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text(notebook("secret"))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo(f"ada/{NAME}.ipynb")
        info.create_system, info.external_attr = 3, 0o120777 << 16
        archive.writestr(info, str(secret))
        archive.writestr(f"ben/{NAME}.ipynb", notebook())
    path = tmp_path / "links.zip"
    path.write_bytes(out.getvalue())
    came = collect(course, NAME, path, People(), limit=10**6)
    assert left(came) == {f"ada/{NAME}.ipynb": "is not a regular file"}


def test_a_folder_s_links_are_not_followed(course, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text(notebook("secret"))
    folder = tmp_path / "unpacked"
    (folder / "ada").mkdir(parents=True)
    (folder / "ben").mkdir()
    (folder / "ada" / f"{NAME}.ipynb").symlink_to(secret)
    (folder / "cy").symlink_to(folder / "ben")
    (folder / "ben" / f"{NAME}.ipynb").write_text(notebook())
    came = collect(course, NAME, folder, People(), limit=10**6)
    assert set(students(came)) == {"ben"}
    assert set(left(came)) == {f"ada/{NAME}.ipynb", "cy"}


def test_a_bomb_is_read_no_further_than_allowed(taking):
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{NAME}.ipynb", b" " * 10**7)
    came = taking({"ada/work.zip": bomb.getvalue(), f"ben/{NAME}.ipynb": notebook("x" * 10**6)})
    assert not came.taken
    assert all("larger than 1 MB" in why for why in left(came).values())


def test_a_bomb_of_many_small_ones_is_not_unpacked(taking, monkeypatch):
    """None of its files is too large, and together they would fill memory and disk."""
    monkeypatch.setattr("bplab.grading.collect.download.MOST_BYTES_INSIDE", 3000)
    some = {f"{NAME}.ipynb": notebook(), "a": b"x" * 900, "b": b"x" * 900, "large": b"x" * 9000}
    came = taking(
        {
            "ada/work.zip": packed(some),
            "ben/work.zip": packed(some | {"c": b"x" * 900, "d": b"x" * 900}),
        },
        limit=2000,
    )
    assert set(students(came)) == {"ada"}
    assert left(came) == {
        "ada/work.zip/large": "is larger than 0.002 MB",
        "ben/work.zip": "holds more than 0.003 MB in all",
    }


@pytest.mark.parametrize("student", ["..", ".", "a<b>", " ada", "x" * 200, "a\nb"])
def test_a_name_that_is_no_id_is_refused(course, tmp_path, student):
    path = tmp_path / "names.zip"
    path.write_bytes(packed({f"lovelace_1_2_{NAME}.ipynb": notebook()}))
    people = People([Person(student, lms_id="1")])
    came = collect(course, NAME, path, people, limit=10**6)
    assert not came.taken
    assert len(came.left) == 1


def test_what_is_no_download_is_one_sentence(course, tmp_path):
    (tmp_path / "page.zip").write_text("<html>")
    for path, words in (("page.zip", "no zip file"), ("none.zip", "is missing")):
        with pytest.raises(CourseError, match=words):
            collect(course, NAME, tmp_path / path, People(), limit=10**6)
    with pytest.raises(CourseError, match="no file of"):
        collect(course, NAME, _empty(tmp_path), People(), limit=10**6)


def test_a_download_in_an_archive_is_not_the_work_of_one_student(taking):
    of_class = {f"ada_1_2_{NAME}.ipynb": notebook(), f"ben_3_4_{NAME}.ipynb": notebook("ben")}
    says = r"nothing but week/all\.zip, which is a download as canvas names files: unpack it"
    with pytest.raises(CourseError, match=says):
        taking({"week/all.zip": packed(of_class)})
    own = packed({f"{NAME}.ipynb": notebook(), "ada_1_2_data.csv": "1"})
    assert students(taking({"ada/work.zip": own})) == {"ada": State.NEW}


def _empty(tmp_path: Path) -> Path:
    (tmp_path / "empty").mkdir()
    return tmp_path / "empty"


@pytest.mark.parametrize("there", ["a file", "a folder"])
def test_where_names_cannot_be_noted_it_is_said(taking, course, there):
    notes = course.own / "downloads.json"
    if there == "a file":
        course.own.write_text("")
    else:
        notes.mkdir(parents=True)
    with pytest.raises(CourseError, match=r"downloads\.json cannot be .*the same command goes on"):
        taking({f"ada/{NAME}.ipynb": notebook()})


def test_names_of_other_times_are_read(course, tmp_path):
    """UTF-8 of which the archive does not say so."""
    content = packed({f"Ad__/{NAME}.ipynb": notebook()}).replace(b"Ad__", "Adä".encode())
    (tmp_path / "old.zip").write_bytes(content)
    came = collect(course, NAME, tmp_path / "old.zip", People(), limit=10**6)
    assert set(students(came)) == {"Adä"}
    assert PurePosixPath(came.taken[0].file).parts[0] == "Adä"


def test_times_are_of_the_zone_that_is_given(taking, course):
    taking(at(29, "mine"), zone=UTC)
    assert handed_in_at(course.submitted("ada", NAME)).hour == 21


def test_another_assignment_is_named_by_its_cells(taking, course):
    def graded(*names):
        cells = [
            {
                "cell_type": "code",
                "metadata": {"nbgrader": {"grade_id": name, "grade": True, "solution": False}},
                "source": "",
            }
            for name in names
        ]
        return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})

    for name, cells in ((NAME, ("eq4", "eq5")), ("section_1", ("eq1",))):
        folder = course.root / "release" / name
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.ipynb").write_text(graded(*cells))
    came = taking(
        {
            f"ada/{NAME}.ipynb": graded("eq1"),
            "ben/section_1.ipynb": notebook(),
            "cy/section_1.ipynb": graded("eq5", "eq1", "eq4"),
            f"dee/{NAME}.ipynb": notebook(),
            f"emmy/{NAME}.ipynb": '{"cells": [1, {"metadata": {"nbgrader": {"grade_id": []}}}]}',
        }
    )
    assert set(students(came)) == {"ben", "cy", "dee", "emmy"}
    assert left(came) == {f"ada/{NAME}.ipynb": "is section_1, another assignment"}


def test_the_same_notebook_with_another_file_beside_it_is_another_submission(taking, course):
    alone = {f"ada/{NAME}.ipynb": notebook("work")}
    taking(alone)
    with_file = alone | {"ada/helpers.py": "x = 1"}
    came = taking(with_file)
    assert students(came) == {"ada": State.UNCHANGED}
    assert "--update takes this" in left(came)[f"ada/{NAME}.ipynb"]
    assert students(taking(with_file, update=True)) == {"ada": State.REPLACED}
    assert text_of(course, "ada", "helpers.py") == "x = 1"
    again = taking(with_file)
    assert (students(again), left(again)) == ({"ada": State.UNCHANGED}, {})


# --- names are students', too -----------------------------------------------------------------


def test_nobody_hands_in_for_another_by_the_name_of_a_file(taking, course):
    """What a student called a file stands behind what the platform puts there, and may look so."""
    date = "2026-11-29-21-40-05"
    mine = f"ben_k_attempt_2027-01-01-00-00-00_{NAME}.ipynb"
    came = taking(
        {
            f"W_ada_attempt_{date}_{mine}": notebook("of ada"),
            f"W_ben_k_attempt_{date}_{NAME}.ipynb": notebook("of ben"),
        },
        roster=NAMES,
    )
    assert set(students(came)) == {"ada", "ben_k"}
    assert "of ada" in text_of(course, "ada")
    assert "of ben" in text_of(course, "ben_k")
    came = taking(
        {
            "Ada Lovelace_50123_assignsubmission_file_Emmy Noether_50125_assignsubmission_file_"
            f"{NAME}.ipynb": notebook("of ada"),
            f"Émilie du Châtelet_50124_assignsubmission_file_{NAME}.ipynb": notebook("of emi"),
        },
        roster=MOODLE,
    )
    assert set(students(came)) == {"17", "18"}


def test_nobody_tells_whose_a_submission_is_but_gradescope(taking, course):
    top = "assignment_31_export"
    persons = [Person("17"), Person("ben", email="ben@x.org")]
    swapped = GRADESCOPE.replace("9121", "912x").replace("9122", "9121").replace("912x", "9122")
    came = taking(
        {
            f"{top}/submission_metadata.yml": GRADESCOPE,
            f"{top}/submission_9121/{NAME}.ipynb": notebook("of ada"),
            f"{top}/submission_9122/{NAME}.ipynb": notebook("of ben"),
            f"{top}/submission_9122/submission_metadata.yml": swapped,
            f"{top}/submission_9122/{top}/submission_metadata.yml": swapped,
        },
        persons=persons,
    )
    assert set(students(came)) == {"17", "ben"}
    assert "of ada" in text_of(course, "17")
    assert "of ben" in text_of(course, "ben")


def test_folders_in_a_student_s_folder_are_nobody_else(taking):
    files = {f"ada/{other}/{NAME}.ipynb": notebook() for other in ("ben_k", "emmy")}
    assert set(
        students(taking(files, persons=[Person("ada"), Person("ben_k"), Person("emmy")]))
    ) == {"ada"}


@pytest.mark.parametrize("noted", [True, False])
def test_an_id_with_underscores_is_whole_without_a_roster(taking, noted):
    """What all names begin with is the assignment's title; the platform's note names the id."""
    date = "2026-11-29-21-40-05"
    files = {f"Week_3_ada_b_c_attempt_{date}_{NAME}.ipynb": notebook()}
    if noted:
        files[f"Week_3_ada_b_c_attempt_{date}.txt"] = (
            "\ufeffName: Ada (L.) B (ada_b_c)\r\nAssignment: W"
        )
    else:
        files[f"Week_3_ada_b_d_attempt_{date}_{NAME}.ipynb"] = notebook()
        files[f"Week_3_emmy_attempt_{date}_{NAME}.ipynb"] = notebook()
    assert "ada_b_c" in students(taking(files))


# --- times -------------------------------------------------------------------------------------


def test_a_time_that_is_told_anew_is_taken(taking, course):
    """The same download once more, with the right zone, or with a roster that has times."""
    files = at(29, "mine")
    taking(files, zone=UTC)
    assert taking(files, dry=True).taken[0].state is State.DATED
    again = taking(files)
    assert students(again) == {"ada": State.DATED}
    assert again.taken[0].notes == (
        "handed in 2026-11-29 20:40 UTC; noted was 2026-11-29 21:40 UTC",
    )
    assert handed_in_at(course.submitted("ada", NAME)) == SAID
    assert students(taking(files)) == {"ada": State.UNCHANGED}
    assert not (course.own / "earlier").exists()

    files = {f"Ada Lovelace_50123_assignsubmission_file/{NAME}.ipynb": notebook("mine")}
    timeless = MOODLE.replace("Last modified (submission)", "Last")
    assert students(taking(files, roster=timeless)) == {"17": State.NEW}
    assert students(taking(files, roster=MOODLE)) == {"17": State.DATED}
    assert handed_in_at(course.submitted("17", NAME)) == SAID.replace(second=0)
    assert students(taking(files, roster=timeless)) == {"17": State.UNCHANGED}
    assert handed_in_at(course.submitted("17", NAME)) == SAID.replace(second=0)


def test_a_time_that_is_yet_to_come_is_named(taking):
    date = "3026-11-29-21-40-05"
    came = taking({f"W_ada_attempt_{date}_{NAME}.ipynb": notebook()})
    assert "in the future" in str(came.taken[0].notes)


@pytest.mark.parametrize(
    "files",
    [
        (f"{NAME}.ipynb", f"{NAME}_copy.ipynb"),
        (f"b/{NAME}.ipynb", f"b/c/{NAME}.ipynb"),
        (f"{NAME}.ipynb", f"{NAME}-Copy1.ipynb"),
    ],
)
def test_of_two_of_one_time_the_one_called_as_the_assignment_counts(taking, course, files):
    best, other = files
    came = taking({f"ada/{other}": notebook("other"), f"ada/{best}": notebook("best")})
    assert "best" in text_of(course, "ada")
    assert left(came) == {f"ada/{other}": "is another notebook of the same time"}
    assert came.taken[0].notes == (f"several notebooks of the same time: {best} is taken",)


def test_what_is_earlier_is_kept_whatever_was_tidied_away(taking, course):
    for day in (25, 26, 27):
        taking(at(day, f"day {day}"))
    earlier = course.own / "earlier" / NAME / "ada"
    (earlier / "1" / f"{NAME}.ipynb").unlink()
    (earlier / "1" / "timestamp.txt").unlink()
    (earlier / "1").rmdir()
    taking(at(28, "day 28"))
    assert {path.name for path in earlier.iterdir()} == {"2", "3"}
    assert "day 27" in (earlier / "3" / f"{NAME}.ipynb").read_text()
