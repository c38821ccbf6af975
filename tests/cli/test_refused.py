"""What the computer refuses is one sentence, and no traceback."""

import errno
import sqlite3
from unittest.mock import Mock

import pytest
from sqlalchemy.exc import OperationalError

from bplab.cli import main as cli
from bplab.course import CourseError
from bplab.grading.folder import ClassFolder
from bplab.grading.gradebook import read


def said(monkeypatch, error):
    def refused():
        raise error

    monkeypatch.setattr(cli, "app", refused)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return str(ended.value)


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.ENOSPC])
def test_what_may_not_be_written_is_named(monkeypatch, number):
    line = said(monkeypatch, OSError(number, "it may not be", "autograded/ada"))
    assert line.startswith("bplab: autograded/ada: it may not be. Put this right")
    assert said(monkeypatch, OSError(number, "it is full")).startswith("bplab: it is full. ")


@pytest.mark.parametrize(
    ("words", "more"),
    [
        ("database is locked", "another program is writing it"),
        ("attempt to write a readonly database", "you may not write its file"),
        ("database or disk is full", ""),
    ],
)
def test_a_gradebook_that_cannot_be_used_is_told_without_its_statements(monkeypatch, words, more):
    error = OperationalError("UPDATE grade SET x", {"id": 1}, sqlite3.OperationalError(words))
    line = said(monkeypatch, error)
    assert line.startswith(f"bplab: the gradebook cannot be used: {words}")
    assert more in line
    assert "UPDATE" not in line
    assert "\n" not in line


def test_an_error_of_our_own_keeps_its_traceback(monkeypatch):
    for error in (ValueError("ours"), FileNotFoundError(errno.ENOENT, "ours", "x")):

        def wrong(error=error):
            raise error

        monkeypatch.setattr(cli, "app", wrong)
        with pytest.raises(type(error), match="ours"):
            cli.main()


def test_a_driver_that_is_missing_is_named_with_what_installs_it(tmp_path, monkeypatch):
    settings = "c = get_config()\nc.CourseDirectory.db_url = 'postgresql+psycopg://nobody@/none'\n"
    (tmp_path / "nbgrader_config.py").write_text(settings, encoding="utf-8")
    absent = ModuleNotFoundError("No module named 'psycopg'", name="psycopg")
    monkeypatch.setattr(read, "Gradebook", Mock(side_effect=absent))
    course = ClassFolder.open(tmp_path)
    with pytest.raises(CourseError) as refused:
        read.open_gradebook(course)
    assert str(refused.value) == (
        "the gradebook postgresql+psycopg://nobody@/none cannot be opened: No module named "
        "'psycopg' (PostgreSQL's driver: pip install 'psycopg[binary]')"
    )
