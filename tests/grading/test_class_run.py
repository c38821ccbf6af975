"""`bplab grade`: the gradebook that nbgrader would write, in parallel, whatever happens."""

import os
import shutil

import pytest

from bplab._layout import CourseError
from bplab.exercises import RECORD_TYPE
from bplab.grading.class_run import staging
from bplab.grading.class_run.book import Book
from bplab.grading.class_run.runs import only_one, run_of
from tests.grading import mini_grader
from tests.grading.mini_class import (
    HALF,
    NAME,
    RIGHT,
    WRONG,
    autograded,
    grade,
    hand_in,
    make_course,
    marks,
    nbgrader,
    notebook_of,
)
from tests.grading.mini_grader import LOG, BrokenGrader

pytestmark = pytest.mark.xdist_group("class-run")


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return make_course(tmp_path_factory.mktemp("template") / "course")


@pytest.fixture
def folder(template, tmp_path):
    return shutil.copytree(template, tmp_path / "course")


@pytest.fixture
def begun(tmp_path, monkeypatch):
    """How many submissions a grader has begun so far."""
    log = tmp_path / "begun.log"
    monkeypatch.setenv(LOG, str(log))
    return lambda: len(log.read_text().splitlines()) if log.exists() else 0


def small_class(folder):
    hand_in(folder, "ada", RIGHT, timestamp="2026-02-28 10:00:00 UTC")
    hand_in(folder, "ben", HALF)
    hand_in(folder, "carla", WRONG | {"essay": "I think so."}, timestamp="2026-02-01 10:00:00")
    late = hand_in(folder, "dmitri", RIGHT, timestamp="2026-03-02 10:00:00 UTC")
    (late / "data").mkdir()
    (late / "data" / "own.csv").write_text("1,2\n", encoding="utf-8")
    hand_in(folder, "emeka", {})


def files(folder):
    return {
        str(path.relative_to(folder)): (path.stat().st_mode & 0o777, path.suffix)
        for path in (folder / "autograded").rglob("*")
        if path.is_file()
    }


def test_the_gradebook_and_the_files_are_those_of_nbgrader_autograde(folder, tmp_path):
    """Marks, late penalty, comments, timestamps, new students, other files, permissions."""
    small_class(folder)
    (folder / "source" / NAME / "helper.py").write_text("a = 1\n", encoding="utf-8")
    theirs = shutil.copytree(folder, tmp_path / "theirs")
    nbgrader(theirs, "autograde", NAME)
    outcomes, _ = grade(folder)
    assert marks(folder) == marks(theirs)
    assert files(folder) == files(theirs)
    assert [marks(folder)[name]["penalty"] for name in ("ada", "dmitri")] == [None, 5.0]
    assert {name: one.score for name, one in outcomes.items()} == {
        "ada": 5,
        "ben": 4,
        "carla": 0,
        "dmitri": 5,
        "emeka": 0,
    }
    # as nbgrader does when graded again after a person marked
    for place in (folder, theirs):
        _mark_by_hand(place, "ada", "essay", 3.5, "fine")
        _mark_by_hand(place, "ben", "test-one", 2.0, None)
        hand_in(place, "ben", WRONG)
    nbgrader(theirs, "autograde", NAME, "--force")
    grade(folder, force=True)
    assert marks(folder) == marks(theirs)
    assert marks(folder)["ben"]["grades"]["test-one"] == (0.0, 2.0, None, True)


def _mark_by_hand(folder, student, cell, points, comment):
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "mini") as book:
        book.find_grade(cell, NAME, NAME, student).manual_score = points
        if comment:
            book.find_comment(cell, NAME, NAME, student).manual_comment = comment
        book.db.commit()


def test_marks_do_not_depend_on_how_many_work(folder, tmp_path):
    for i in range(9):
        hand_in(folder, f"s{i}", (RIGHT, HALF, WRONG)[i % 3])
    alone = shutil.copytree(folder, tmp_path / "alone")
    grade(folder, jobs=3)
    grade(alone, jobs=1)
    assert marks(folder) == marks(alone)
    assert len(marks(folder)) == 9


def test_what_has_not_changed_is_kept(folder, begun):
    for name, answers in {"ada": RIGHT, "ben": HALF, "carla": WRONG}.items():
        hand_in(folder, name, answers)
    first, _ = grade(folder)
    second, _ = grade(folder)
    assert begun() == 3
    assert {one.state for one in second.values()} == {"kept"}
    assert {n: (o.score, o.notes) for n, o in first.items()} == {
        n: (o.score, o.notes) for n, o in second.items()
    }
    hand_in(folder, "ben", RIGHT)
    hand_in(folder, "carla", WRONG, timestamp="2026-03-05 10:00:00 UTC")
    third, _ = grade(folder)
    assert [third[n].state for n in ("ada", "ben", "carla")] == ["kept", "graded", "graded"]
    assert third["ben"].score == 5
    grade(folder, partial_credit=False)
    assert begun() == 3 + 2 + 3
    grade(folder, partial_credit=False, run="other")
    assert begun() == 3 + 2 + 3 + 3
    assert autograded(folder, "ada").metadata.bplab.run == "other"
    grade(folder, partial_credit=False, run="other", force=True, students={"ada"})
    assert begun() == 3 + 2 + 3 + 3 + 1


def test_marks_that_are_not_in_the_gradebook_are_found_again(folder):
    hand_in(folder, "ada", RIGHT)
    grade(folder)
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "mini") as book:
        book.find_grade("test-two", NAME, NAME, "ada").auto_score = None
        book.db.commit()
    outcomes, _ = grade(folder)
    assert outcomes["ada"].state == "graded"
    assert marks(folder)["ada"]["score"] == 5


def test_the_record_is_found_under_its_type():
    assert mini_grader.RECORD_TYPE == RECORD_TYPE


class Killed(BaseException):
    """Stands for SIGKILL: nothing of ours handles it."""


def _at(method, which, *, before):
    """Return the method, ended just before or just after its call number ``which``."""
    calls = iter(range(100))

    def ended(*arguments, **options):
        now = next(calls) == which
        if now and before:
            raise Killed
        result = method(*arguments, **options)
        if now:
            raise Killed
        return result

    return ended


@pytest.mark.parametrize("which", [0, 3])
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (Book, "record"),
        (Book, "_penalise"),
        (staging.Staged, "put_in_place"),
        (staging.Path, "rename"),
        (staging, "_set_permissions"),
    ],
    ids=lambda x: getattr(x, "__name__", str(x)),
)
def test_ended_at_any_point_the_next_run_completes_the_same_gradebook(
    folder, tmp_path, monkeypatch, owner, name, before, which
):
    """Also where a submission has been graded before, and handed in again since."""
    small_class(folder)
    grade(folder)
    for student in ("ada", "ben"):
        hand_in(folder, student, WRONG)
    hand_in(folder, "farid", HALF)
    unbroken = shutil.copytree(folder, tmp_path / "unbroken")
    grade(unbroken)
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, _at(getattr(owner, name), which, before=before))
        try:
            grade(folder)
        except Killed:
            pass
        else:
            assert which == 3  # fewer calls than that: not ended
    grade(folder)
    assert marks(folder) == marks(unbroken)
    assert files(folder) == files(unbroken)
    assert _notebooks(folder) == _notebooks(unbroken)


def _notebooks(folder):
    return {p.parts[-3]: p.read_bytes() for p in (folder / "autograded").rglob("*.ipynb")}


def test_a_worker_that_dies_costs_its_submission_only(folder, begun, tmp_path):
    once = tmp_path / "once"
    for i in range(6):
        hand_in(folder, f"s{i}", RIGHT)
    hand_in(folder, "s2", {"one": "import os\nos._exit(3)", "two": "y = 3"})
    dies_once = """import os
if not os.path.exists(PATH):
    open(PATH, "w").close()
    os._exit(3)
x = 2"""
    hand_in(folder, "s4", RIGHT | {"one": dies_once.replace("PATH", repr(str(once)))})
    outcomes, _ = grade(folder, jobs=2)
    assert {n: o.score for n, o in outcomes.items() if o.state == "graded"} == dict.fromkeys(
        ["s0", "s1", "s3", "s4", "s5"], 5
    )
    assert outcomes["s2"].state == "failed"
    assert outcomes["s2"].events == ("not graded: the process that graded it ended, twice",)
    assert "s2" not in marks(folder)
    assert begun() == 6 + 2


def test_one_that_hangs_is_ended(folder, monkeypatch):
    from bplab.grading.class_run import grade as module

    hand_in(folder, "ada", {"one": "import time\ntime.sleep(600)"})
    hand_in(folder, "ben", RIGHT)
    pool = module.LocalPool
    monkeypatch.setattr(module, "LocalPool", lambda *a: pool(*a, patience=8))
    outcomes, _ = grade(folder, jobs=2)
    assert (outcomes["ada"].state, outcomes["ben"].score) == ("failed", 5)


def test_where_nothing_can_be_graded_it_says_why(folder):
    hand_in(folder, "ada", RIGHT)
    with pytest.raises(CourseError, match=r"nothing can be graded in 1 process: OSError: no kern"):
        grade(folder, make=BrokenGrader, jobs=1)
    assert marks(folder) == {}


STRANGE = ["José Núñez", "a.b", "安妮", "x [1]", "{0}", "-v", "o'neil & co", "ada*"]


def test_names_of_students_are_taken_as_they_are(folder):
    for name in STRANGE:
        hand_in(folder, name, RIGHT)
    outcomes, result = grade(folder)
    assert sorted(outcomes) == sorted(STRANGE)
    assert {n: m["score"] for n, m in marks(folder).items()} == dict.fromkeys(STRANGE, 5)
    assert sorted(p.name for p in (folder / "autograded").iterdir()) == sorted(STRANGE)
    assert result.refused == []


def test_tricks_with_names_are_refused_in_one_line_each(folder, tmp_path):
    outside = hand_in(folder, "ada", RIGHT).parent
    shutil.copytree(outside, tmp_path / "outside")
    submitted = folder / "submitted"
    (submitted / "link").symlink_to(tmp_path / "outside")
    (submitted / "link-inside").symlink_to(submitted / "ada")
    (submitted / "half").mkdir()
    (submitted / "half" / NAME).symlink_to(tmp_path / "outside" / NAME)
    for bad in ("two\nlines", "back\u202ewards", " space", "x" * 130, "\udcff", "esc\x1b[1m"):
        hand_in(folder, bad, RIGHT)
    (submitted / "a-file").write_text("", encoding="utf-8")
    (submitted / "nobody").mkdir()
    outcomes, result = grade(folder)
    assert list(outcomes) == list(marks(folder)) == ["ada"]
    assert len(result.refused) == 9
    assert all((one.name + one.why).isprintable() for one in result.refused)
    assert [p.name for p in (folder / "autograded").iterdir()] == ["ada"]


def test_the_notebook_may_have_another_name(folder):
    os.utime(hand_in(folder, "two", WRONG, name="mine.ipynb") / "mine.ipynb", (1, 1))
    hand_in(folder, "two", RIGHT, name="zz.ipynb")
    hand_in(folder, "copy", RIGHT, name=f"{NAME} (1).ipynb")
    hand_in(folder, "upper", RIGHT, name=f"{NAME.upper()}.IPYNB")
    hand_in(folder, "exact", WRONG, name="newer.ipynb")
    exact = hand_in(folder, "exact", RIGHT)
    os.utime(exact / f"{NAME}.ipynb", (1, 1))
    inner = hand_in(folder, "inner", "no notebook", name="readme.txt") / "my work"
    inner.mkdir()
    (inner / f"{NAME}.ipynb").write_text(notebook_of(folder, RIGHT), encoding="utf-8")
    outcomes, _ = grade(folder)
    assert {one.score for one in outcomes.values()} == {5}
    assert {name: one.events for name, one in outcomes.items()} == {
        "copy": ("no sums.ipynb: sums (1).ipynb was graded",),
        "exact": ("also handed in, not graded: newer.ipynb",),
        "inner": (f"no {NAME}.ipynb: my work/{NAME}.ipynb was graded",),
        "two": (
            "no sums.ipynb: zz.ipynb was graded, the newest of several",
            "also handed in, not graded: mine.ipynb",
        ),
        "upper": ("no sums.ipynb: SUMS.IPYNB was graded",),
    }
    assert autograded(folder, "copy").metadata.bplab.events == list(outcomes["copy"].events)


def test_where_there_is_nothing_to_grade_it_says_so_and_gives_no_points(folder, tmp_path):
    hand_in(folder, "none", "x", name="notes.txt")
    hand_in(folder, "big", RIGHT | {"one": "x = 2 #" + "x" * 300_000})
    hand_in(folder, "text", "not JSON {")
    (hand_in(folder, "link", "x", name="notes.txt") / f"{NAME}.ipynb").symlink_to(
        hand_in(folder, "ada", RIGHT) / f"{NAME}.ipynb"
    )
    os.mkfifo(hand_in(folder, "pipe", "x", name="notes.txt") / f"{NAME}.ipynb")
    outcomes, _ = grade(folder, max_mb=0.2)
    assert [outcomes[n].state for n in ("none", "big", "text", "link", "pipe", "ada")] == [
        *("nothing", "nothing", "graded", "nothing", "nothing", "graded")
    ]
    assert {n: m["score"] for n, m in marks(folder).items()} == {
        **dict.fromkeys(("none", "big", "text", "link", "pipe"), 0),
        "ada": 5,
    }
    assert outcomes["none"].events == ("No notebook was handed in.",)
    assert "0.3 MB; at most 0.2" in outcomes["big"].events[0]
    assert outcomes["text"].events == ("the file is no notebook",)
    assert outcomes["link"].events[0] == f"{NAME}.ipynb is not a regular file: not read"
    notebook = autograded(folder, "none")
    assert "No notebook was handed in." in notebook.cells[0].source
    assert marks(folder)["none"]["grades"]["test-one"] == (0.0, None, None, False)


def test_a_file_that_comes_later_is_graded(folder):
    place = hand_in(folder, "ada", "x", name="notes.txt")
    grade(folder)
    (place / f"{NAME}.ipynb").write_text(notebook_of(folder, RIGHT), encoding="utf-8")
    outcomes, _ = grade(folder)
    assert (outcomes["ada"].state, marks(folder)["ada"]["score"]) == ("graded", 5)


def test_other_files_are_copied_but_links_are_not_followed(folder):
    secret = folder / "secret.txt"
    secret.write_text("c0ffee", encoding="utf-8")
    (folder / "source" / NAME / "helper.py").write_text("ours", encoding="utf-8")
    place = hand_in(folder, "ada", RIGHT)
    (place / "stolen.txt").symlink_to(secret)
    (place / "all").symlink_to(folder)
    os.mkfifo(place / "pipe")
    (place / "mine.txt").write_text("mine", encoding="utf-8")
    (place / "helper.py").write_text("mine", encoding="utf-8")
    (place / "sub.ipynb").mkdir()
    (place / "sub.ipynb" / "x.txt").write_text("mine", encoding="utf-8")
    outcomes, _ = grade(folder)
    there = folder / "autograded" / "ada" / NAME
    assert {str(p.relative_to(there)) for p in there.rglob("*") if p.is_file()} == {
        *(f"{NAME}.ipynb", "mine.txt", "helper.py", "sub.ipynb/x.txt")
    }
    assert (there / "helper.py").read_text(encoding="utf-8") == "ours"
    assert {e for e in outcomes["ada"].events if "copied" in e} == {
        f"{name} is not a regular file: not copied" for name in ("stolen.txt", "all", "pipe")
    }
    assert outcomes["ada"].score == 5


def test_a_forged_timestamp_is_noted(folder):
    hand_in(folder, "ada", RIGHT, timestamp="\x00 yesterday")
    outcomes, _ = grade(folder)
    assert outcomes["ada"].events == ("timestamp.txt is not a time: taken as not late",)
    assert marks(folder)["ada"]["timestamp"] is None


def test_folders_and_database_are_where_the_settings_say(folder):
    with (folder / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write(
            "c.CourseDirectory.directory_structure = "
            "'{nbgrader_step}/{assignment_id}/{student_id}'\n"
            "c.CourseDirectory.submitted_directory = 'in'\n"
            "c.CourseDirectory.autograded_directory = 'out'\n"
            "c.CourseDirectory.release_directory = '../course/released'\n"
            f"c.CourseDirectory.db_url = 'sqlite:///{folder}/other.db'\n"
            "c.BaseConverter.permissions = 640\n"
            "c.CourseDirectory.student_id_exclude = 'zoe'\n"
        )
    os.rename(folder / "gradebook.db", folder / "other.db")
    text = notebook_of(folder, RIGHT)
    (folder / "released" / NAME).mkdir(parents=True)
    shutil.copy(folder / "release" / NAME / f"{NAME}.ipynb", folder / "released" / NAME)
    for student in ("ada", "zoe"):
        (folder / "in" / NAME / student).mkdir(parents=True)
        (folder / "in" / NAME / student / f"{NAME}.ipynb").write_text(text, encoding="utf-8")
    outcomes, _ = grade(folder)
    path = folder / "out" / NAME / "ada" / f"{NAME}.ipynb"
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(outcomes) == ["ada"]
    os.rename(folder / "other.db", folder / "gradebook.db")
    assert marks(folder)["ada"]["score"] == 5


def test_students_are_not_made_where_the_settings_forbid_it(folder):
    with (folder / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write("c.Autograde.create_student = False\n")
    hand_in(folder, "ada", RIGHT)
    outcomes, _ = grade(folder)
    assert outcomes["ada"].state == "failed"
    assert "not in the gradebook" in outcomes["ada"].events[-1]
    assert not (folder / "autograded" / "ada").exists()


def test_an_assignment_of_another_version_is_refused(folder):
    hand_in(folder, "ada", RIGHT)
    path = folder / "release" / NAME / f"{NAME}.ipynb"
    path.write_text(
        path.read_text(encoding="utf-8").replace('"points": 3', '"points": 6'), encoding="utf-8"
    )
    with pytest.raises(CourseError, match=r"\(test-two\): run 'nbgrader generate_assignment sums'"):
        grade(folder)


def test_errors_name_what_to_do(folder, tmp_path):
    with pytest.raises(CourseError, match="no nbgrader_config"):
        grade(tmp_path)
    with pytest.raises(CourseError, match="nothing handed in by zoe"):
        grade(folder, students={"zoe"})
    with (
        only_one(folder / "grading"),
        pytest.raises(CourseError, match=rf"another process \(process {os.getpid()}\)"),
    ):
        grade(folder)
    (folder / "nbgrader_config.py").write_text("1 / 0", encoding="utf-8")
    with pytest.raises(CourseError, match="division by zero"):
        grade(folder)


def test_runs_are_noted_so_that_the_class_keeps_its_cases(tmp_path):
    folder = tmp_path / "grading"
    assert run_of(folder, NAME) == ""
    assert not folder.exists()
    first = run_of(folder, NAME, fresh=True)
    assert len(first) == 8
    assert run_of(folder, NAME) == first
    assert run_of(folder, "another") == ""
    assert run_of(folder, NAME, fresh=True) != first
    assert run_of(folder, NAME, given=first) == first
    assert run_of(folder, NAME) == first
    assert run_of(folder, NAME, given="") == run_of(folder, NAME) == ""
    (folder / "runs.json").write_text("[]", encoding="utf-8")
    with pytest.raises(CourseError, match=r"runs\.json is not as bplab wrote it"):
        run_of(folder, NAME)


def test_the_secret_is_no_longer_in_the_environment(folder, monkeypatch):
    """Workers would inherit it, and kernels might read it there."""
    from bplab.grading.class_run.folder import ClassFolder

    with (folder / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write("import os\nc.OracleExecute.secret = os.environ['BPLAB_SECRET']\n")
    monkeypatch.setenv("BPLAB_SECRET", "from outside")
    course = ClassFolder.open(folder)
    assert course.config.OracleExecute.secret == "from outside"
    assert "BPLAB_SECRET" not in os.environ
