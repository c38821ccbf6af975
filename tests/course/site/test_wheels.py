"""bplab as a wheel for a browser: what is in it, and that it works by a browser's rules."""

import subprocess
import sys
import zipfile

import pytest

import bplab
from bplab.course.site.wheels import Wheel, _leave_out_unread, own_wheel, write_wheel
from bplab.exercises import EXERCISES
from tests.unpacked import unpack


@pytest.fixture(scope="module")
def mine(tmp_path_factory):
    return own_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def unpacked(mine, tmp_path_factory):
    """Where its modules are, as a browser's installer unpacks them."""
    return unpack(mine.path, tmp_path_factory.mktemp("site"))


def test_the_rooms_that_no_notebook_enters_are_left_out(mine):
    names = zipfile.ZipFile(mine.path).namelist()
    rooms = {name.split("/")[1] for name in names if name.startswith("bplab/")}
    assert rooms >= {"__init__.py", "data", "exercises", "plots", "py.typed", "widgets"}
    assert not rooms & {"cli", "course", "grading", "__pycache__"}
    assert not [name for name in names if "__pycache__" in name]


def test_it_says_what_a_browser_must_know_of_it(mine):
    assert (mine.name, mine.version) == ("bplab", bplab.__version__)
    assert mine.modules == ("bplab",)
    assert set(mine.needs) == {"numpy", "matplotlib", "ipywidgets", "platformdirs"}


def test_the_same_package_is_the_same_wheel_to_the_byte(mine, tmp_path):
    assert own_wheel(tmp_path).sha256 == mine.sha256


def test_what_is_needed_elsewhere_only_is_not_needed_in_a_browser(tmp_path):
    needed = [
        "comm>=0.1",
        'pexpect>4; sys_platform != "win32" and sys_platform != "emscripten"',
        'Tomli; python_version < "3.11"',
        'pytest; extra == "test"',
        'Js_Bridge; sys_platform == "emscripten"',
    ]
    files = {"one.py": b"", "two/__init__.py": b"", "two/data.txt": b""}
    wheel = write_wheel(tmp_path, "one-and-two", files, needed)
    assert wheel == Wheel(
        tmp_path / f"one_and_two-{bplab.__version__}-py3-none-any.whl",
        "one-and-two",
        bplab.__version__,
        ("one", "two"),
        ("comm", "js-bridge"),
    )


def test_of_the_stubs_for_completion_those_are_left_out_that_nobody_reads(tmp_path):
    stubs = "jedi/third_party"
    read = {"jedi/api.py": b"1", f"{stubs}/typeshed/third_party/3/a.pyi": b"2"}
    read |= {f"{stubs}/typeshed/stdlib/{name}/os.pyi": b"3" for name in ("3", "2and3", "3.7")}
    unread = [f"{stubs}/typeshed/stdlib/2/os.pyi", f"{stubs}/django-stubs/django-stubs/a.pyi"]
    unread += [f"{stubs}/typeshed/third_party/{name}/yaml.pyi" for name in ("2", "2and3")]
    wheel = write_wheel(tmp_path, "jedi", {**read, **dict.fromkeys(unread, b"5")}, ["parso"])
    _leave_out_unread(wheel.path)
    with zipfile.ZipFile(wheel.path) as archive:
        left = {name: archive.read(name) for name in archive.namelist()}
    assert {name: data for name, data in left.items() if ".dist-info/" not in name} == read
    assert Wheel.read(wheel.path) == wheel


def test_a_wheel_of_which_all_is_read_stays_as_it_is_to_the_byte(tmp_path):
    wheel = write_wheel(tmp_path, "one", {"one.py": b""})
    with zipfile.ZipFile(wheel.path, "a") as archive:
        archive.comment = b"as it came"
    before = wheel.path.read_bytes()
    _leave_out_unread(wheel.path)
    assert wheel.path.read_bytes() == before


BY_A_BROWSERS_RULES = """
import sys
sys.path.insert(0, {folder!r})
import numpy, platformdirs, ipywidgets, matplotlib  # others have seen to these
import _thread, builtins, os, sysconfig, threading
sysconfig.get_config_vars()

sys.platform = "emscripten"
for name in [name for name in sys.modules if name.partition(".")[0] == "bplab"]:
    del sys.modules[name]
nowhere = {{"fcntl", "grp", "multiprocessing", "pwd", "resource", "socket", "ssl", "subprocess"}}
theirs = builtins.__import__

def imported(name, globals=None, *more, **named):
    if name in nowhere and (globals or {{}}).get("__name__", "").startswith("bplab"):
        raise ModuleNotFoundError(f"bplab asked for {{name}}", name=name)
    return theirs(name, globals, *more, **named)

def refused(*arguments, **named):
    raise RuntimeError("can't start new thread")

builtins.__import__ = imported
threading.Thread.start = _thread.start_new_thread = os.fork = refused

import bplab
assert bplab.__file__.startswith({folder!r}), bplab.__file__
{code}
"""


def by_a_browsers_rules(unpacked, code, home):
    """Run code with bplab from the wheel: no threads, processes, sockets, and nothing of POSIX."""
    script = BY_A_BROWSERS_RULES.format(folder=str(unpacked), code=code)
    return subprocess.run(
        [sys.executable, "-I", "-c", script],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={"PATH": "", "HOME": str(home), "PYTHONUTF8": "1"},
    )


def test_check_judges_every_exercise_without_threads_processes_and_posix(unpacked, tmp_path):
    """The same words as here. Whether numpy computes the same there is not tried here."""
    code = """
from bplab.exercises import EXERCISES, CheckFailed, check
from bplab import failing_case, progress
for exercise in EXERCISES.values():
    print(check(exercise.id, exercise.reference))
    try:
        check(exercise.id, exercise.mistakes[0].wrong)
    except CheckFailed as failed:
        print(failed)
print(failing_case("eq4"))
print(len(progress().passed))
"""
    there = by_a_browsers_rules(unpacked, code, tmp_path / "there")
    assert there.returncode == 0, there.stderr
    here = subprocess.run(
        [sys.executable, "-I", "-c", code],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={"PATH": "", "HOME": str(tmp_path / "here"), "PYTHONUTF8": "1"},
    )
    assert there.stdout == here.stdout
    assert there.stdout.splitlines()[-1] == str(len(EXERCISES))


def test_panels_and_figures_are_drawn_by_a_browsers_rules(unpacked, tmp_path):
    code = """
from bplab import mistakes_gallery, plots, widgets
for name in widgets.__all__:
    if name.islower() and name not in ("review", "explain", "explained"):  # plain text
        panel = getattr(widgets, name)(*["half-eq4"] * (name == "parsons"))
        assert panel._repr_mimebundle_(), name
mistakes_gallery("eq4")._repr_html_()
plots.softmax_curves([0, 1])._repr_html_()
"""
    there = by_a_browsers_rules(unpacked, code, tmp_path)
    assert there.returncode == 0, there.stderr
