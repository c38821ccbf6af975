"""`bplab collect` as an instructor types it."""

import pytest
from typer.testing import CliRunner

from bplab.cli.main import app
from bplab.course import CourseError
from tests.grading.collect.test_collect import CANVAS, NAME, course, notebook, packed

__all__ = ["course"]


@pytest.fixture
def run(course, tmp_path):
    (tmp_path / "came.zip").write_bytes(
        packed(
            {
                f"lovelaceada_LATE_1204_55310_{NAME}.ipynb": notebook(),
                f"babbagecharles_1205_55311_{NAME}.ipynb": "<html>",
            }
        )
    )
    (tmp_path / "canvas.csv").write_text(CANVAS)

    def run(*options):
        given = ["collect", NAME, str(tmp_path / "came.zip"), "--course", str(course.root)]
        return CliRunner().invoke(app, [*given, *options])

    run.folder = tmp_path
    return run


def test_it_tells_what_it_took_what_not_and_who_is_missing(run, course):
    roster = "--roster", str(run.folder / "canvas.csv")
    dry = run(*roster, "--dry-run")
    assert "Nothing is written" in dry.output
    assert not course.submitted("ada", NAME).exists()
    came = run(*roster)
    assert came.exit_code == 0
    assert course.submitted("ada", NAME).exists()
    for words in (
        "LATE",
        "is a web page",
        f"2 students have no {NAME} in it: ben, emmy",
        "as canvas names files: 1 student (1 new), 1 file not taken",
    ):
        assert words in " ".join(came.output.split()), words


def test_whoever_is_collected_keeps_their_id_when_a_spreadsheet_has_cut_the_roster(run, course):
    """Nobody is graded yet, so the gradebook knows nobody."""
    for login in ("00301", "301"):
        (run.folder / "roster.csv").write_text(CANVAS.replace(",ada,", f",{login},"))
        came = run("--roster", str(run.folder / "roster.csv"))
        assert came.exit_code == 0, came.output
        assert [one.name for one in (course.root / "submitted").iterdir()] == ["00301"]
    assert "found but for zeros" in came.output


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--id", "SIS User ID"), "give both"),
        (("--timezone", "Berlin"), "Europe/Berlin"),
        (("--timezone", "../../etc/passwd"), "Europe/Berlin"),
        (("--roster", "none.csv"), "cannot be read"),
    ],
)
def test_what_cannot_be_is_one_sentence(run, options, words):
    failed = run(*options)
    assert isinstance(failed.exception, CourseError)
    assert words in str(failed.exception)


def test_nothing_taken_is_a_failure(run):
    (run.folder / "came.zip").write_bytes(packed({f"a_1_2_{NAME}.ipynb": "", "b_3_4_x.ipynb": ""}))
    assert run().exit_code == 1


@pytest.mark.parametrize(
    ("options", "words"), [((), "Pacific/Apia"), (("--timezone", "UTC"), "UTC")]
)
def test_times_are_of_the_course_s_zone_if_no_other_is_given(run, options, words):
    with (run.folder / "course" / "nbgrader_config.py").open("a") as settings:
        settings.write('c.NbGraderAPI.timezone = "Pacific/Apia"\n')
    file = f"W_ada_attempt_2026-11-29-21-40-05_{NAME}.ipynb"
    (run.folder / "came.zip").write_bytes(packed({file: notebook()}))
    assert f"Times are read in {words}" in run(*options, "--dry-run").output
