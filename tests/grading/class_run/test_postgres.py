"""A gradebook in PostgreSQL, as a department may have one: the same marks as in SQLite's file.

Debian's ``postgresql`` is started here, on a socket in a folder of its own.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from tests.grading.class_run.mini_class import (
    HALF,
    NAME,
    RIGHT,
    WRONG,
    grade,
    hand_in,
    marks,
    nbgrader,
)

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
pytestmark = [
    pytest.mark.thorough,
    pytest.mark.xdist_group("postgres"),
    pytest.mark.skipif(not PROGRAMS, reason="needs PostgreSQL: apt install postgresql"),
]


@pytest.fixture(scope="module")
def server():
    """The address of a new server's database; it ends with the tests."""
    pytest.importorskip(
        "psycopg", reason="needs PostgreSQL's driver: pip install 'psycopg[binary]'"
    )
    programs = PROGRAMS[-1].parent
    # a socket's path must be short; and PostgreSQL does not run as root
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)

    def run(program, *arguments):
        log = (folder / "said").open("ab")
        with log:  # the server keeps what it inherits: no pipe that one would wait for
            command = [programs / program, *arguments]
            subprocess.run(
                command, user=user, cwd="/", check=True, stdin=-3, stdout=log, stderr=log
            )

    data = folder / "data"
    try:
        run("initdb", "-D", data, "-U", "bplab", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-k {folder} -c listen_addresses= -c fsync=off"
        run("pg_ctl", "-D", data, "-w", "-o", options, "start")
        try:
            run("createdb", "-h", folder, "-U", "bplab", "gradebook")
            yield f"postgresql+psycopg://bplab@/gradebook?host={folder}"
        finally:
            run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_the_marks_are_those_of_a_gradebook_in_a_file(folder, tmp_path, server):
    for i in range(9):
        hand_in(folder, f"s{i}", (RIGHT, HALF, WRONG)[i % 3])
    hand_in(folder, "late", RIGHT, timestamp="2026-03-02 10:00:00 UTC")
    theirs = shutil.copytree(folder, tmp_path / "theirs")
    (theirs / "gradebook.db").unlink()
    with (theirs / "nbgrader_config.py").open("a") as config:
        config.write(f"c.CourseDirectory.db_url = {server!r}\n")
    nbgrader(theirs, "generate_assignment", NAME, "--force")
    with Gradebook(server, "mini") as book:
        book.update_or_create_assignment(NAME, duedate="2026-03-01 12:00:00", course_id="mini")
    for jobs in (2, 0):
        grade(folder, jobs=jobs)
        outcomes, _ = grade(theirs, jobs=jobs)
        assert marks(theirs, server) == marks(folder)
    assert {one.state for one in outcomes.values()} == {"kept"}
    hand_in(theirs, "s0", WRONG)
    grade(theirs)
    assert marks(theirs, server)["s0"]["score"] == 0
