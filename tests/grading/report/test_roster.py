"""Lists of students as platforms and spreadsheets write them."""

import pytest

from bplab.course import CourseError
from bplab.grading.report.roster import Roster

LINES = "Student;SIS Login ID\r\nLövelace;ada\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_any_delimiter_in_any_unicode(tmp_path, encoding, delimiter):
    path = tmp_path / "roster.csv"
    path.write_bytes(LINES.replace(";", delimiter).encode(encoding))
    roster = Roster.read(path)
    assert roster.header == ["Student", "SIS Login ID"]
    assert roster.rows == [["Lövelace", "ada"]]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04" + b"\xff" * 9, "workbook"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 9, "workbook"),
        (LINES.encode("latin-1"), "save it as CSV in UTF-8"),
        (b"\xff\xfea", "save it as CSV in UTF-8"),
        (b"", "no students in it"),
    ],
)
def test_what_is_no_list_is_named_as_what_it_is(tmp_path, content, words):
    path = tmp_path / "roster.csv"
    path.write_bytes(content)
    with pytest.raises(CourseError, match=words):
        Roster.read(path)


def test_a_list_that_is_missing_is_one_sentence(tmp_path):
    with pytest.raises(CourseError, match="cannot be read: No such file"):
        Roster.read(tmp_path / "none.csv")
