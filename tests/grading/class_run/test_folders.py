"""`bplab grade`: what stands in folders, under which names, and what the settings say of it."""

import errno
import html
import json
import os
import re
import shutil

import pytest

from bplab.course import CourseError
from bplab.grading.class_run import coordinator, submissions
from bplab.grading.class_run.grade import only_one, run_of
from bplab.grading.folder import ClassFolder
from bplab.grading.pages import markdown2html
from tests.grading.class_run.mini_class import (
    NAME,
    RIGHT,
    WRONG,
    Here,
    autograded,
    grade,
    hand_in,
    marks,
    notebook_of,
    released,
)
from tests.grading.class_run.mini_grader import Assignment, MiniGrader
from tests.grading.test_files import nested

pytestmark = pytest.mark.xdist_group("class-run")

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


def test_a_class_is_found_from_anywhere_if_nbgraders_own_settings_name_it(
    folder, tmp_path, monkeypatch
):
    """As on a JupyterHub, where terminals and formgrader start in the home folder."""
    home = tmp_path / "home"
    (home / ".jupyter").mkdir(parents=True)
    (home / ".jupyter" / "nbgrader_config.py").write_text(
        f'load_subconfig("nbgrader_config.py", path={str(folder)!r})', encoding="utf-8"
    )
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(home / ".jupyter"))
    for here in (home, folder, tmp_path):
        monkeypatch.chdir(here)
        assert ClassFolder.open().settings.db_url == f"sqlite:///{folder}/gradebook.db"


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
        "inner": (
            f"no {NAME}.ipynb: my work/{NAME}.ipynb was graded",
            "readme.txt was left out: only what lies in the notebook's folder is taken",
        ),
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
    for step in ("source", "release"):
        (folder / step / NAME / "helper.py").write_text("ours", encoding="utf-8")
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
    assert outcomes["ada"].events == (
        "sub.ipynb is not a regular file: not read",
        "all, pipe and stolen.txt were left out: links, pipes and devices are not read",
        "helper.py was left out: the assignment has its own, which is used",
    )
    assert outcomes["ada"].score == 5


def test_a_folder_that_cannot_be_looked_through_costs_nobody_a_mark(folder):
    hand_in(folder, "ada", RIGHT)
    with nested(hand_in(folder, "deep", RIGHT)):
        outcomes, _ = grade(folder)
    assert {one.state for one in outcomes.values()} == {"graded"}
    assert "left out: folders may be 10 deep" in outcomes["deep"].events[0]


USES = RIGHT | {"one": "x = float(files['data/two.txt']) if 'helper.py' in files else 0"}


def test_what_lies_beside_a_notebook_is_there_while_it_is_graded(folder):
    """Also in another process, to which it is sent with the notebook; also where it is empty."""
    for student in ("ada", "ben", "zoe"):
        place = hand_in(folder, student, USES)
        (place / "data").mkdir()
        (place / "data" / "two.txt").write_text("2", encoding="utf-8")
        (place / "helper.py").write_text("" if student == "ada" else "x = 1", encoding="utf-8")
    (place / "helper.py").unlink()
    outcomes, _ = grade(folder, jobs=1)
    assert {name: one.score for name, one in outcomes.items()} == {"ada": 5, "ben": 5, "zoe": 3}


def test_another_file_beside_the_same_notebook_is_another_submission(folder):
    place = hand_in(folder, "ada", USES)
    assert grade(folder)[0]["ada"].score == 3
    (place / "helper.py").write_text("", encoding="utf-8")
    (place / "data").mkdir()
    (place / "data" / "two.txt").write_text("2", encoding="utf-8")
    assert [grade(folder)[0]["ada"].state for _ in range(2)] == ["graded", "kept"]
    assert marks(folder)["ada"]["score"] == 5


def test_what_was_left_out_is_told_to_the_student_too(folder):
    place = hand_in(folder, "ada", RIGHT)
    (place / "bplab.py").write_text("", encoding="utf-8")
    (place / "<b>__x__<i>").mkdir()
    (place / "<b>__x__<i>" / "conftest.py").write_text("", encoding="utf-8")
    outcomes, _ = grade(folder)
    first = autograded(folder, "ada").cells[0]
    assert first.cell_type == "markdown"
    shown = markdown2html({"cell": first}, first.source)
    assert not any(tag in shown for tag in ("<b>", "<i>", "<strong>x"))
    for line in outcomes["ada"].events:
        assert line.endswith("taken") or "which is used" in line
        assert line in html.unescape(shown)


def test_a_forged_timestamp_is_noted(folder):
    hand_in(folder, "ada", RIGHT, timestamp="\x00 yesterday")
    outcomes, _ = grade(folder)
    assert outcomes["ada"].events == ("timestamp.txt is not a time: treated as on time",)
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


def test_what_is_not_built_yet_is_to_be_built_first(folder):
    course = ClassFolder.open(folder)
    assert course.how_to_release(NAME) == f"'nbgrader generate_assignment {NAME}' in {folder}"
    (folder / "notebooks").mkdir()
    (folder / "notebooks" / f"{NAME}.py").touch()
    assert course.how_to_release(NAME).startswith("'nbgrader")
    shutil.rmtree(course.source(NAME))
    assert course.how_to_release(NAME).startswith(f"'bplab course build {NAME}' and 'nbgrader")


@pytest.mark.parametrize("name", ["", "../sums", "sums/", "/etc", "."])
def test_what_is_no_name_of_an_assignment_is_said_to_be_none(folder, name):
    said = f"the name of an assignment, without folders; got {name!r}; assignments there: {NAME}"
    with pytest.raises(CourseError, match=re.escape(said)):
        ClassFolder.open(folder).release(name)


def test_errors_name_what_to_do(folder, tmp_path):
    with pytest.raises(CourseError, match="holds neither nbgrader_config"):
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
    from bplab.grading.class_run.grade import coordinator
    from bplab.grading.folder import ClassFolder

    with (folder / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write("import os\nc.OracleExecute.secret = os.environ['BPLAB_SECRET']\n")
    monkeypatch.setenv("BPLAB_SECRET", "from outside")
    course = ClassFolder.open(folder)
    assert course.config.OracleExecute.secret == "from outside"
    assignment = Assignment(NAME, released(folder))
    with coordinator(course, assignment, MiniGrader, Here(), write=None):
        assert "BPLAB_SECRET" not in os.environ


def refuse(*_):
    raise PermissionError(errno.EACCES, "Permission denied", "submitted/ben")


def test_a_notebook_that_may_not_be_read_has_no_mark_and_not_0(folder, monkeypatch):
    for student in ("ada", "ben"):
        hand_in(folder, student, RIGHT)
    real = coordinator.pieces
    monkeypatch.setattr(
        coordinator,
        "pieces",
        lambda path, *more: ("ben" in str(path) and refuse()) or real(path, *more),
    )
    outcomes, _ = grade(folder)
    assert outcomes["ben"].state == "failed"
    assert outcomes["ben"].events == ("not graded: submitted/ben: Permission denied",)
    assert list(marks(folder)) == ["ada"]


def test_a_folder_that_may_not_be_read_is_named_and_costs_no_other(folder, monkeypatch):
    for student in ("ada", "ben"):
        hand_in(folder, student, RIGHT)
    real = submissions._choose
    monkeypatch.setattr(
        submissions,
        "_choose",
        lambda place, name: ("ben" in str(place) and refuse()) or real(place, name),
    )
    for students in ((), {"ben"}):
        outcomes, result = grade(folder, students=students)
        assert "ben" not in outcomes
        (one,) = result.refused
        assert (one.name, one.why) == (
            "ben",
            "the folder cannot be read, so there is no mark: Permission denied",
        )
    assert list(marks(folder)) == ["ada"]


def test_a_graded_cell_that_was_removed_is_refused_with_the_way_out(folder):
    hand_in(folder, "ada", RIGHT)
    grade(folder)
    before = marks(folder)
    path = folder / "release" / NAME / f"{NAME}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["cells"] = [
        cell for cell in notebook["cells"] if cell["metadata"]["nbgrader"]["grade_id"] != "test-two"
    ]
    path.write_text(json.dumps(notebook), encoding="utf-8")
    with pytest.raises(CourseError, match=r"\(test-two\).* Put them back .* with 0 points"):
        grade(folder)
    assert marks(folder) == before


def test_several_notebooks_in_one_assignment_are_refused_before_anything_is_lost(folder):
    hand_in(folder, "ada", RIGHT)
    grade(folder)
    before = marks(folder), sorted((folder / "autograded").rglob("*"))
    release = folder / "release" / NAME
    shutil.copy(release / f"{NAME}.ipynb", release / "more.ipynb")
    with pytest.raises(CourseError, match=r"\(more, sums\).* 'nbgrader autograde sums'"):
        grade(folder, force=True)
    assert (marks(folder), sorted((folder / "autograded").rglob("*"))) == before
