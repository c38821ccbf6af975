"""While somebody else writes the gradebook: formgrader and `bplab grade` wait, and go on."""

import asyncio
import sqlite3

import pytest
from nbgrader.api import Gradebook
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from bplab.course import Course, CourseError, with_own_programs
from bplab.grading.gradebook import busy, patient


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """A gradebook's content, with a student; nbgrader calls alembic to make one."""
    path = tmp_path_factory.mktemp("empty") / "gradebook.db"
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PATH", with_own_programs()["PATH"])
        with Gradebook(f"sqlite:///{path}", "mini") as made:
            made.add_student("ada")
    return path.read_bytes()


@pytest.fixture
def book(tmp_path, empty):
    path = tmp_path / "gradebook.db"
    path.write_bytes(empty)
    return path


@pytest.fixture
def waiting(monkeypatch):
    """As in a program of nbgrader's that reads our settings; it gives up at once."""
    monkeypatch.setattr(busy, "PATIENCE", 0)
    before = {(event.contains(*one), one) for one in LISTENERS}
    busy.wait_for_others()
    busy.wait_for_others()  # each command reads the settings more than once
    yield
    for there, one in before:
        if not there:
            event.remove(*one)


LISTENERS = [
    (busy.Engine, "connect", busy._wait),
    (busy.Session, "after_soft_rollback", busy._go_on),
]


def held(path):
    """A lock that is somebody else's."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other


def named(path):
    with sqlite3.connect(path) as read:
        return [name for (name,) in read.execute("SELECT first_name FROM student")]


def test_whoever_reads_our_settings_waits_longer_than_sqlite_does(book, waiting, monkeypatch):
    monkeypatch.undo()
    with Gradebook(f"sqlite:///{book}", "mini") as opened:
        (milliseconds,) = opened.db.execute(text("PRAGMA busy_timeout")).one()
    assert milliseconds == 1000 * busy.PATIENCE == 30_000


def test_the_courses_settings_say_so():
    settings = Course.find().root / "course" / "nbgrader_config.py"
    assert "\nwait_for_others()\n" in settings.read_text(encoding="utf-8")


def test_a_server_goes_on_after_it_has_waited_in_vain(book, waiting):
    """Formgrader has one session for all its pages."""

    async def serve():
        with Gradebook(f"sqlite:///{book}", "mini") as shared:
            other = held(book)
            with pytest.raises(OperationalError, match="locked"):
                write(shared, "lost")
            await asyncio.sleep(0)  # the next page
            assert shared.find_student("ada").first_name is None
            other.execute("COMMIT")
            write(shared, "written")

    asyncio.run(serve())
    assert named(book) == ["written"]


def write(shared, name):
    shared.find_student("ada").first_name = name
    shared.db.commit()


@pytest.mark.parametrize("tries", [1, 3])
def test_bplab_waits_for_whoever_writes_and_then_writes(book, waiting, monkeypatch, tries):
    with Gradebook(f"sqlite:///{book}", "mini") as ours:
        other, slept = held(book), []

        def sleep(seconds):
            slept.append(seconds)
            if len(slept) == tries:
                other.execute("COMMIT")

        monkeypatch.setattr(patient.time, "sleep", sleep)
        patient.patiently(ours.db, lambda: name_her(ours))
        assert len(slept) == tries
    assert named(book) == ["Ada"]


def name_her(ours):
    ours.find_student("ada").first_name = "Ada"


def test_what_is_locked_for_good_is_one_sentence_and_nothing_is_written(book, waiting, monkeypatch):
    monkeypatch.setattr(patient.time, "sleep", lambda seconds: None)
    with Gradebook(f"sqlite:///{book}", "mini") as ours:
        other = held(book)
        with pytest.raises(CourseError) as refused:
            patient.patiently(ours.db, lambda: name_her(ours))
        other.execute("COMMIT")
    says = str(refused.value)
    assert says.startswith("the gradebook cannot be written: database is locked (another program")
    assert "\n" not in says
    assert named(book) == [None]
