"""CSV for learning platforms: read back by their own rules, the marks are nbgrader's."""

import csv
import io
import re

import pytest
from nbgrader.api import Gradebook
from nbgrader.plugins.export import CsvExportPlugin
from typer.testing import CliRunner

from bplab.cli.main import app
from bplab.course import CourseError
from bplab.grading.folder import ClassFolder
from bplab.grading.report.canvas import as_canvas
from bplab.grading.report.export import Gradebooks, as_csv, as_detail, as_table
from bplab.grading.report.moodle import as_moodle
from bplab.grading.report.results import read_results
from bplab.grading.report.roster import Roster
from tests.grading.report.made_class import Made, make_class, outcome

ONE, TWO = "section_1", "section_2_1"
RIGHT = {
    ONE: ("hidden", "output", "eq2", "eq1"),
    TWO: ("eq4", "eq5", "eq6", "eq7"),
}


def right(name, **changed):
    return {id: outcome(id) for id in RIGHT[name]} | changed


def persons(first, last, email):
    return {"first_name": first, "last_name": last, "email": email}


CLASS = [
    Made("ada", right(TWO), persons("Ada", "Alm", "ada@uni.edu"), late_penalty=1.5),
    Made(
        "ben",
        right(TWO, eq4=outcome("eq4", "no-factor-2", 1.5), eq7=outcome("eq7", "bias-sent-back")),
        persons("Ben", "Bo", "ben@uni.edu"),
    ),
    Made("carla", {}, persons("Carla", "Cruz", "carla@uni.edu"), handed_in=False),
    Made("dmitri", right(TWO), persons("Dmitri", "Dal", "d.dal@uni.edu"), manual={"eq5": 2.25}),
    Made("emeka", right(TWO, eq4=outcome("eq4", "transposed")), persons("Emeka", "=1+1", "")),
]
FINAL = {"ada": 11.5, "ben": 8.5, "dmitri": 11.25, "emeka": 10.0}

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Notes,Quiz (11),Section 2.1 (1234),Final Score
,,,,,,,Manual Posting,
    Points Possible,,,,,,10,13,(read only)
"Alm, Ada",501,s1,ada,A,,7,,70
"Bo, Ben",502,s2,BEN,A,,8,5,80
"Cruz, Carla",503,s3,carla@uni.edu,B,,9,3.5,90
"Dal, Dmitri",504,s4,d.dal@uni.edu,B,,9,EX,90
"Zed, Zoe",505,s5,zoe,B,,1,2,10
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = make_class(tmp_path_factory.mktemp("class"), TWO, CLASS)
    here = [
        Made("ada", right(ONE)),
        Made("ben", {}, handed_in=False),
        Made("emeka", right(ONE, eq1=outcome("eq1", "not-written"))),
    ]
    return make_class(folder, ONE, here)


def marks(folder, *names, zeros=False):
    opened = ClassFolder.open(folder)
    return Gradebooks([read_results(opened, name) for name in names or (TWO,)], zeros=zeros)


def roster(tmp_path, text=CANVAS, encoding="utf-8"):
    path = tmp_path / "roster.csv"
    path.write_text(text, encoding=encoding)
    return Roster.read(path)


def rows(export):
    return list(csv.reader(io.StringIO(export.text)))


def note(export, words):
    return next(line for line in export.notes if words in line)


class Canvas:
    """What Canvas's importer makes of a file, by the rules of its source."""

    def __init__(self, text, has):
        lines = list(csv.reader(io.StringIO(text)))
        header = lines.pop(0)
        assert len(header) > 3
        assert "Student" in header[0]
        assert "ID" in header[1]
        count = 3
        if re.search(r"SIS\s+Login\s+ID", header[2]):
            count = 4
        elif re.search(r"SIS\s+User\s+ID", header[2]) and re.search(r"Login", header[3]):
            count = 5
        assert "Section" in header[count - 1]
        self.points, self.marks = {}, {person: dict(own) for person, own in has.items()}
        titles = header[count:]
        for line in lines:
            if "Points Possible" in line[0]:
                self.points = dict(zip(titles, line[count:], strict=True))
                continue
            if all(re.fullmatch(r"\s*(Muted|Manual Posting.*)?\s*", cell) for cell in line):
                continue
            for title, mark in zip(titles, line[count:], strict=True):
                number = re.fullmatch(r"-?[0-9.,]+%?", mark) and mark.replace(",", ".")
                self.marks[line[1]][title] = number or mark


# --- Canvas -------------------------------------------------------------------------------


def test_canvas_has_the_marks_and_loses_none_that_it_had(folder, tmp_path):
    made = as_canvas(marks(folder), roster(tmp_path))
    title = "Section 2.1 (1234)"
    before = {"501": "", "502": "5", "503": "3.5", "504": "EX", "505": "2"}
    after = Canvas(made.text, {id: {title: had} for id, had in before.items()})
    assert {id: own[title] for id, own in after.marks.items()} == {
        "501": "11.5",  # late penalty taken off
        "502": "8.5",  # logins are the same in capitals
        "503": "3.5",  # has not handed in: stays
        "504": "EX",  # excused: stays
        "505": "2",  # is not in the gradebook: stays
    }
    assert after.points == {title: "13"}
    assert "Quiz (11)" not in made.text
    assert note(made, "excused").endswith("dmitri")
    assert note(made, "with marks, and not in the roster").endswith(": emeka")
    assert note(made, "in the roster, and not here").endswith(": Zed, Zoe")


def test_zeros_are_given_only_if_asked_for(folder, tmp_path):
    made = as_canvas(marks(folder, zeros=True), roster(tmp_path))
    assert {row[1]: row[5] for row in rows(made)[2:]}["503"] == "0"


def test_names_with_commas_are_told_apart(folder, tmp_path):
    made = as_canvas(marks(folder), roster(tmp_path, CANVAS + '"Yao, Yi",597,s9,yao,A,,,,\n'))
    assert note(made, "in the roster, and not here").endswith(": Zed, Zoe; Yao, Yi")


def test_a_new_assignment_is_told_and_other_points_too(folder, tmp_path):
    text = CANVAS.replace("10,13,", "10,100,")
    made = as_canvas(marks(folder, ONE, TWO), roster(tmp_path, text))
    assert rows(made)[0][5:] == [ONE, "Section 2.1 (1234)"]
    assert rows(made)[1][5:] == ["6", "13"]
    assert "Canvas will ask" in note(made, f"{ONE} is not in the roster")
    assert "importing sets it to 13" in note(made, "100 points in Canvas")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("semicolons", [False, True])
def test_canvas_in_other_countries(folder, tmp_path, encoding, semicolons):
    plain = as_canvas(marks(folder), roster(tmp_path))
    text = CANVAS
    if semicolons:
        cells = csv.reader(io.StringIO(CANVAS))
        text = "\n".join(";".join(row) for row in cells) + "\n"
    assert as_canvas(marks(folder), roster(tmp_path, text, encoding)).text == plain.text


def test_names_in_two_columns_and_more_ids_are_kept(folder, tmp_path):
    text = (
        "LastName,FirstName,ID,SIS User ID,SIS Login ID,Integration ID,Section,section_2_1 (9)\n"
        "    Points Possible,,,,,,,13\n"
        "Alm,Ada,501,s1,x,ada,A,\n"
    )
    made = as_canvas(marks(folder), roster(tmp_path, text))
    assert rows(made)[2] == ["Alm", "Ada", "501", "s1", "x", "ada", "A", "11.5"]


@pytest.mark.parametrize(
    "twice",
    ['"Other, Ada",599,s9,ada,A,,,,\n', '"Other, Ada",ada,s9,y,A,,,,\n'],
    ids=["login", "other column"],
)
def test_who_is_in_doubt_gets_nobodys_mark(folder, tmp_path, twice):
    made = as_canvas(marks(folder), roster(tmp_path, CANVAS + twice))
    given = {row[0]: row[-1] for row in rows(made)}
    assert given["Alm, Ada"] == given["Other, Ada"] == ""
    assert note(made, "in doubt").endswith(": ada")


def test_two_students_of_one_line_are_in_doubt(tmp_path):
    twins = [
        Made("ada", right(TWO), persons("A", "A", "")),
        Made("ada2", right(TWO), persons("A", "A", "ada")),
    ]
    made = as_canvas(marks(make_class(tmp_path / "c", TWO, twins)), roster(tmp_path))
    assert {row[1]: row[5] for row in rows(made)[2:]}["501"] == ""
    assert note(made, "in doubt").endswith(": ada, ada2")


TEST_STUDENT = f'"Student, Test",598,,{"0a" * 20},A,,,,\n'


@pytest.mark.parametrize(
    ("row", "nobody"),
    [
        (TEST_STUDENT, True),
        (TEST_STUDENT.replace("0a" * 20, ""), True),
        (TEST_STUDENT.replace("0a" * 20, "tstud"), False),
        (TEST_STUDENT.replace(",,0a", ",s-9,0a"), False),
    ],
)
def test_canvas_s_test_student_is_nobody_and_keeps_the_row(folder, tmp_path, row, nobody):
    made = as_canvas(marks(folder), roster(tmp_path, CANVAS + row))
    assert [one[1] for one in rows(made) if one[0] == "Student, Test"] == ["598"]
    left = note(made, "in the roster, and not here")
    assert left.endswith(": Zed, Zoe" if nobody else ": Zed, Zoe; Student, Test")


@pytest.mark.parametrize(
    ("ids", "logins", "found"),
    [
        (["00123"], ["123"], {"00123": "123"}),
        (["123"], ["00123"], {"123": "00123"}),
        (["00123", "00456"], ["123", "456"], {"00123": "123", "00456": "456"}),
        (["0123", "123"], ["123"], {}),  # it is the other's
        (["00123", "0123"], ["123"], {}),  # in doubt
        (["000123"], ["123", "0123"], {}),
        (["00501"], ["ada"], {}),  # 501 is Canvas's own number, which has lost no zeros
        (["0000"], ["0"], {}),
    ],
)
def test_zeros_that_a_spreadsheet_cut_off_are_no_other_id(tmp_path, ids, logins, found):
    lines = [f'"N{i}, N",{501 + i},,{login},A\n' for i, login in enumerate(logins)]
    listed = roster(tmp_path, "Student,ID,SIS User ID,SIS Login ID,Section\n" + "".join(lines))
    made = as_canvas(
        marks(make_class(tmp_path / "c", TWO, [Made(id, right(TWO)) for id in ids])), listed
    )
    there = {row[3]: row[5] for row in rows(made)[2:]}
    assert {login for login, mark in there.items() if mark} >= set(found.values())
    said = [line for line in made.notes if "zeros" in line]
    assert len(said) == bool(found)
    assert all(f"{id} (there {text})" in said[0] for id, text in found.items())


def test_moodle_is_given_the_zeros_that_it_has(tmp_path):
    """It knows nobody by a number that a spreadsheet has cut."""
    listed = roster(tmp_path, "Full name,ID number\nAda,123\nBen,00456\n")
    both = [Made("00123", right(TWO)), Made("456", right(TWO))]
    made = as_moodle(marks(make_class(tmp_path / "c", TWO, both)), listed)
    assert [row[0] for row in rows(made)[1:]] == ["00123", "00456"]


def test_without_a_roster_logins_are_the_ids(folder):
    made = as_canvas(marks(folder))
    header, points, *students = rows(made)
    assert header == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", TWO]
    assert points == ["    Points Possible", "", "", "", "", "13"]
    assert {row[3]: float(row[5]) for row in students} == FINAL
    assert note(made, "without --roster")


def test_what_is_no_canvas_export_is_refused(folder, tmp_path):
    with pytest.raises(CourseError, match="no export of a Canvas gradebook"):
        as_canvas(marks(folder), roster(tmp_path, "Name,Mark\nAda,3\n"))
    with pytest.raises(CourseError, match="no students in it"):
        roster(tmp_path, "Student,ID,Section\n")
    with pytest.raises(CourseError, match="not written in UTF-8"):
        roster(tmp_path, "Student,ID,Section\nÅsa,3,\n", "latin-1")
    text = CANVAS.replace("Quiz (11)", "section-2-1 (11)")
    with pytest.raises(CourseError, match="more than one column for section_2_1"):
        as_canvas(marks(folder), roster(tmp_path, text))


# --- Moodle -------------------------------------------------------------------------------

MOODLE = """\
First name,Last name,ID number,Email address,Course total (Real)
Ada,Alm,1001,ada@uni.edu,-
Ben,Bo,1002,Ben@uni.edu,-
Carla,Cruz,1003,carla@uni.edu,7
Dmitri,Dal,1004,d.dal@uni.edu,-
Zoe,Zed,1005,zoe@uni.edu,-
"""


def test_moodle_gets_whom_it_knows_with_mark_and_feedback(folder, tmp_path):
    made = as_moodle(marks(folder), roster(tmp_path, MOODLE))
    header, *students = rows(made)
    assert header[:2] == ["ID number", "Email address"]
    assert header[-2:] == [TWO, f"{TWO} feedback"]
    given = {row[0]: row[-2:] for row in students}
    # an empty mark would take one away, an unknown student would stop the import
    assert given.keys() == {"1001", "1002", "1004"}
    assert {id: float(row[0]) for id, row in given.items()} == {
        "1001": 11.5,
        "1002": 8.5,
        "1004": 11.25,
    }
    assert students[1][1] == "Ben@uni.edu"  # as Moodle writes it: capitals count there
    assert given["1001"][1] == "All right. Handed in 1 day late: −1.5 points."
    assert "eq4 (equation (4)): 1.5 of 3 points. The factor 2 is missing." in given["1002"][1]
    assert "eq7" in given["1002"][1]
    assert "eq5" not in given["1002"][1]
    assert note(made, "with marks, and not in the roster").endswith(": emeka")
    assert note(made, "in the roster, and not here").endswith(": 1005")


def test_moodle_without_a_roster(folder):
    made = as_moodle(marks(folder), feedback=False)
    header, *students = rows(made)
    assert header == ["Username", "First name", "Last name", "Email address", TWO]
    assert {row[0]: float(row[-1]) for row in students} == FINAL


def test_a_mark_that_is_missing_in_one_assignment_is_told(folder):
    made = as_moodle(marks(folder, ONE, TWO))
    assert note(made, "take away").endswith(": ben, dmitri")
    zeros = as_moodle(marks(folder, ONE, TWO, zeros=True))
    assert not any("take away" in line for line in zeros.notes)


def test_what_is_no_moodle_export_is_refused(folder, tmp_path):
    with pytest.raises(CourseError, match="none of the columns Username, ID number"):
        as_moodle(marks(folder), roster(tmp_path, "Vorname,Nachname\nAda,Alm\n"))


# --- all ----------------------------------------------------------------------------------


def test_the_plain_table_has_what_nbgrader_exports(folder, tmp_path):
    path = tmp_path / "theirs.csv"
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", course_id="bplab") as gradebook:
        plugin = CsvExportPlugin()
        plugin.to = str(path)
        plugin.export(gradebook)
    theirs = {}
    for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
        theirs[row["student_id"], row["assignment"]] = float(row["score"])
    ours = {}
    for row in csv.DictReader(io.StringIO(as_table(marks(folder, ONE, TWO, zeros=True)).text)):
        for name in (ONE, TWO):
            ours[row["student_id"], name] = float(row[name])
    assert ours == theirs
    assert len(ours) == 10


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(first):
    [[cell]] = csv.reader(io.StringIO(as_csv([[f"{first}SUM(A1)"]]), newline=""))
    assert cell == f"'{first}SUM(A1)"


def test_names_that_are_formulas_are_text_in_every_shape(folder, tmp_path):
    for made in (as_table(marks(folder)), as_canvas(marks(folder)), as_moodle(marks(folder))):
        cells = [cell for row in rows(made) for cell in row]
        assert any("=1+1" in cell for cell in cells)
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)


def test_who_waits_to_be_graded_gets_no_zero(tmp_path):
    folder = make_class(tmp_path, TWO, CLASS)
    (folder / f"submitted/carla/{TWO}").mkdir(parents=True)
    made = as_table(marks(folder, zeros=True))
    assert {row[0]: row[4] for row in rows(made)}["carla"] == ""
    assert note(made, "not graded yet").endswith(": carla")


def test_tables_tell_how_late_a_submission_is_with_or_without_a_penalty(tmp_path):
    late = Made("fay", right(TWO), late=True)
    of = marks(make_class(tmp_path, TWO, [*CLASS, late]))
    expected = {"ada": ("24", "1.5"), "ben": ("0", "0"), "carla": ("", ""), "fay": ("24", "0")}
    table = {row["student_id"]: row for row in csv.DictReader(io.StringIO(as_table(of).text))}
    for student, told in expected.items():
        row = table[student]
        assert (row[f"{TWO} late h"], row[f"{TWO} late penalty"]) == told
    for row in csv.DictReader(io.StringIO(as_detail(of).text)):
        told = row["assignment late h"], row["assignment late penalty"]
        assert told == expected.get(row["student_id"], ("0", "0"))
    fay = next(person for person in of.persons if person.id == "fay")
    assert of.lost(0, fay) == "All right. Handed in 1 day late."


def test_in_detail_each_exercise_of_each_student_has_a_row(folder):
    of = marks(folder)
    rows = list(csv.DictReader(io.StringIO(as_detail(of).text)))
    (one,) = of.classes
    assert len(rows) == len(one.students) * len(one.exercises)
    for student in one.students:
        own = [row for row in rows if row["student_id"] == student.person.id]
        assert [row["exercise"] for row in own] == list(one.exercises)
        assert sum(float(row["points"]) for row in own) == pytest.approx(
            sum(student.mark.points.values())
        )
        assert [row["mistake"] for row in own] == [one.mistake or "" for one in student.outcomes]


def test_the_command_writes_the_file_and_says_who_is_not_in_it(folder, tmp_path):
    (tmp_path / "roster.csv").write_text(CANVAS, encoding="utf-8")
    arguments = ["export", TWO, "--course", str(folder), "--format", "canvas"]
    result = CliRunner().invoke(app, [*arguments, "--roster", str(tmp_path / "roster.csv")])
    assert result.exit_code == 0, result.output
    assert "note: with marks, and not in the roster: emeka" in result.output
    written = folder / "reports/grades-canvas.csv"
    assert "501,s1,ada,A,11.5" in written.read_text(encoding="utf-8")
    assert (folder / "reports/.gitignore").read_text(encoding="utf-8") == "*\n"
    assert [p.name for p in written.parent.iterdir() if p.suffix == ".part"] == []


def test_the_folder_one_is_in_is_taken_first(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(folder)
    result = CliRunner().invoke(app, ["export", TWO, "--out", str(tmp_path / "marks.csv")])
    assert result.exit_code == 0, result.output
    assert "ada,Alm,Ada,ada@uni.edu,11.5,13" in (tmp_path / "marks.csv").read_text("utf-8")


def test_the_report_as_a_command(folder, tmp_path):
    out = tmp_path / "new/report.html"
    arguments = ["report", TWO, "--course", str(folder)]
    assert CliRunner().invoke(app, [*arguments, "--out", str(out)]).exit_code == 0
    assert out.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    printed = CliRunner().invoke(app, [*arguments, "--text"]).stdout
    assert "4 graded, 1 not handed in" in printed
    assert "no-factor-2" in printed
