"""bplab without a clone: what is installed from the wheel, in a folder of anybody's."""

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from typer.testing import CliRunner

import bplab
from bplab.by_equation import EQUATIONS
from bplab.cli.main import app
from bplab.course import Course
from tests.unpacked import unpack

ROOT = Path(bplab.__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The wheel, unpacked as pip would; other packages are those that the tests run with."""
    folder = tmp_path_factory.mktemp("installed")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    [wheel] = folder.glob("*.whl")
    return unpack(wheel, folder / "site")


def run(installed, *arguments, cwd, without=(), before="", **environment):
    """Run ``bplab`` as it is installed, as if the modules ``without`` were not."""
    script = (
        f"import sys; sys.path.insert(0, {str(installed)!r})\n"
        f"sys.modules.update(dict.fromkeys({tuple(without)!r}))\n"
        f"sys.argv = ['bplab', *{arguments!r}]\n"
        f"{before}\n"
        "from bplab.cli.base import main\nmain()"
    )
    return subprocess.run(
        [sys.executable, "-I", "-c", script],
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", "HOME": str(cwd), **environment},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )


EACH = """
import contextlib, io, json
def each(main):
    for command in {commands!r}:
        sys.argv, said, status = ["bplab", *command], (io.StringIO(), io.StringIO()), 0
        with contextlib.redirect_stdout(said[0]), contextlib.redirect_stderr(said[1]):
            try:
                main()
            except SystemExit as end:
                status = end.code
                if isinstance(status, str):
                    status = print(status, file=sys.stderr) or 1
        yield status or 0, *(one.getvalue() for one in said)
import bplab.cli.base
bplab.cli.base.main = lambda main=bplab.cli.base.main: print(json.dumps([*each(main)]))
"""
"""In place of one command some in turn, in one program; a list of what each says is printed."""


def run_each(installed, *commands, before="", **options):
    """Return the exit status, the output and the errors of each of these commands.

    A program takes a second to load what they need.
    """
    done = run(installed, before=before + EACH.format(commands=commands), **options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


STARTS_NOTHING = """
import os
os.execve = lambda file, command, environment: sys.exit(print(*command, sep="\\n"))
"""


def test_bplab_lab_puts_copies_into_work_where_it_is_called(installed, tmp_path):
    done = run(installed, "lab", "--no-browser", cwd=tmp_path, before=STARTS_NOTHING)
    assert done.returncode == 0, done.stderr
    names = sorted(path.stem for path in (tmp_path / "work").iterdir())
    assert [
        name.removeprefix("the_").removeprefix("way_") for name in names
    ] == Course.find().names()
    assert f"--ServerApp.root_dir={tmp_path}" in done.stdout.splitlines()
    assert "--LabApp.default_url=/lab/tree/work/section_0.ipynb" in done.stdout.splitlines()
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == ["work"]


def test_bplab_lab_goes_on_with_the_copies_that_are_there(installed, tmp_path):
    work = tmp_path / "Übung 1" / "work"
    work.mkdir(parents=True)
    (work / "section_1.ipynb").write_text("mine", encoding="utf-8")
    done = run(installed, "lab", cwd=work, before=STARTS_NOTHING)
    assert done.returncode == 0, done.stderr
    assert (work / "section_1.ipynb").read_text(encoding="utf-8") == "mine"
    assert (work / "section_0.ipynb").exists()
    assert not (work / "work").exists()


def test_a_folder_called_work_or_another_course_above_is_not_taken_for_ours(installed, tmp_path):
    work = tmp_path / "work"
    (tmp_path / "course" / "notebooks").mkdir(parents=True)  # of somebody's other course
    (tmp_path / "course" / "notebooks" / "lecture_1.py").touch()
    work.mkdir()
    (work / "report.odt").touch()
    done = run(installed, "lab", cwd=work, before=STARTS_NOTHING)
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in work.iterdir()) == ["report.odt", "work"]
    assert (work / "work" / "section_0.ipynb").exists()


@pytest.fixture(scope="module")
def new_course(installed, tmp_path_factory):
    """A course that is made with what learners have; one test builds it, others only read."""
    folder = tmp_path_factory.mktemp("new")
    done = run(installed, "course", "new", "mine", cwd=folder, without=LEARN_ONLY)
    assert done.returncode == 0, done.stderr
    return folder / "mine"


def test_an_instructors_course_is_made_and_built_without_a_clone(installed, new_course):
    """Also where no environment is activated: nbgrader starts a program by its name."""
    own = Course(new_course)
    assert own.names() == Course.find().names()
    assert "/course/secret.txt" in (own.root / ".gitignore").read_text(encoding="utf-8")
    build = ("course", "build", "section_0")
    came = run_each(installed, build, (*build, "--check"), cwd=own.root / "course", PATH="/nowhere")
    assert [status for status, *_ in came] == [0, 0], came
    assert "up to date" in came[1][1]
    made = nbformat.read(own.release_file("section_0"), as_version=4)
    theirs = nbformat.read(Course.find().release_file("section_0"), as_version=4)
    assert made == theirs
    assert own.solution_file("section_0").exists()


@pytest.mark.skipif(os.name != "posix", reason="rights are others elsewhere")
def test_a_new_course_is_closed_to_others_who_have_an_account_there(tmp_path):
    def new(name):
        made = CliRunner().invoke(app, ["course", "new", str(tmp_path / name)])
        assert made.exit_code == 0, made.output

    for name in ("mine", "in/others/mine"):
        new(name)
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o700
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o2770)  # with other instructors, say
    new("shared")
    assert (tmp_path / "shared").stat().st_mode & 0o7777 == 0o2770


def test_what_git_leaves_out_here_it_leaves_out_in_a_new_course(new_course):
    here = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    there = (new_course / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {line for line in here if line.startswith(("/course/", "/site/", "/work/"))} <= set(
        there
    )


def test_a_site_needs_a_course_and_what_builds_it(installed, new_course, tmp_path):
    done = run(installed, "course", "site", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "no course found in" in done.stderr
    assert "bplab course new DIR makes one" in done.stderr
    assert done.stderr.count("\n") == 1

    lacking = """
import importlib.metadata
theirs = importlib.metadata.files
def files(name):
    if name.startswith("jupyterlite"):
        raise importlib.metadata.PackageNotFoundError(name)
    return theirs(name)
importlib.metadata.files = files
"""
    done = run(installed, "course", "site", cwd=new_course, before=lacking)
    assert done.returncode == 1
    assert done.stderr == (
        "bplab: this command needs jupyterlite-pyodide-kernel: pip install 'bplab[site]'\n"
    )
    assert not (new_course / "site").exists()


def test_a_new_course_is_made_over_nothing(installed, tmp_path):
    (tmp_path / "notes.txt").touch()
    done = run(installed, "course", "new", ".", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.strip() == "bplab: . is not empty: name a new folder for the course"
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.one_in(3)
@pytest.mark.parametrize(
    "command", [("course", "build"), ("grade", "section_2_1"), ("report", "section_2_1")]
)
def test_a_command_that_needs_a_course_folder_says_how_to_get_one(installed, tmp_path, command):
    done = run(installed, *command, cwd=tmp_path)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "bplab course new" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_benchmark_asks_for_a_clone_and_for_no_course(installed, tmp_path):
    done = run(installed, "bench", "gradcheck", cwd=tmp_path)
    assert done.returncode == 1
    assert "Clone the repository" in done.stderr


def test_a_notebook_is_checked_outside_of_any_course(installed, tmp_path):
    original = Course.find().solution_file("section_0")
    notebook = tmp_path / "my answers.ipynb"
    notebook.write_bytes(original.read_bytes())
    less = {"without": (*LEARN_ONLY, "psutil"), "PYTHONPATH": str(installed)}
    done = run(installed, "check", notebook.name, cwd=tmp_path, **less)
    assert done.returncode == 0, done.stderr
    assert "2 / 2" in done.stdout
    assert "no wall between this code and your computer" in done.stderr


# with less installed, or on another system ------------------------------------------------------

LEARN_ONLY = (
    *("nbgrader", "jupytext", "nh3", "sqlalchemy", "alembic", "rapidfuzz", "pyseccomp"),
    *("math_core", "resvg_py"),
)


def test_the_base_install_prints_the_equations_and_names_what_the_rest_needs(installed, tmp_path):
    less = (*LEARN_ONLY, "typer", "rich", "jupyterlab", "nbformat", "nbclient")
    equations = run(installed, "equations", cwd=tmp_path, without=less)
    assert equations.returncode == 0, equations.stderr
    assert all(f"\n{id} · " in equations.stdout for id in EQUATIONS if id != "eq3")
    version = run(installed, "--version", cwd=tmp_path, without=less)
    assert version.stdout == f"bplab {bplab.__version__}\n"
    lab = run(installed, "lab", cwd=tmp_path, without=less)
    assert (lab.returncode, lab.stdout) == (1, "")
    assert "pip install 'bplab[learn]'" in lab.stderr
    assert "to grade: pip install 'bplab[course]'" in lab.stderr


def test_what_a_learner_installs_runs_the_learners_commands(installed, new_course, tmp_path):
    learners = (("lab",), ("--help",), ("--version",), ("equations",))
    options = {"without": LEARN_ONLY, "before": STARTS_NOTHING}
    for status, said, why in run_each(installed, *learners, cwd=tmp_path, **options):
        assert (status, bool(said)) == (0, True), why
    instructors = (("course", "build"), ("grade", "section_0"), ("export", "section_0"))
    place = new_course / "course"
    for status, _, why in run_each(installed, *instructors, cwd=place, without=LEARN_ONLY):
        assert status == 1
        assert len(why.splitlines()) == 1
        assert "pip install 'bplab[course]'" in why


POSIX_ONLY = ("fcntl", "grp", "pwd", "resource", "termios", "pyseccomp")


def test_a_learners_path_needs_nothing_that_only_posix_systems_have(
    installed, new_course, tmp_path
):
    learner = (
        "from bplab import check, network, progress, hint, failing_case\n"
        "import bplab.widgets, bplab.plots, bplab.gallery\n"
        "check('eq4', network.grad_beta); progress(); hint('eq4')\n"
    )
    done = run(installed, "equations", cwd=tmp_path, without=POSIX_ONLY, before=learner)
    assert done.returncode == 0, done.stderr
    lab = run(installed, "lab", cwd=tmp_path, without=POSIX_ONLY, before=STARTS_NOTHING)
    assert lab.returncode == 0, lab.stderr
    grade = run(installed, "grade", "eq4", cwd=new_course / "course", without=POSIX_ONLY)
    assert grade.returncode == 1
    assert len(grade.stderr.splitlines()) == 1
    assert "Run it in WSL" in grade.stderr


@pytest.mark.one_in(3)
@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "cp437"])
def test_what_an_old_console_cannot_print_is_replaced(installed, tmp_path, encoding):
    old = f"for s in (sys.stdout, sys.stderr): s.reconfigure(encoding={encoding!r})"
    for command, status in ((("equations",), 0), (("--help",), 0), (("lab", "--port=80000"), 1)):
        done = run(installed, *command, cwd=tmp_path, before=old)
        assert (done.returncode, "Traceback" in done.stderr) == (status, False), done.stderr
