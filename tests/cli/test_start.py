"""`make lab` starts JupyterLab, whoever asks; what stands in the way is said before the install."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from shlex import quote
from types import SimpleNamespace

import psutil
import pytest

from bplab.cli import start
from bplab.cli.start import CannotStartError, can_install, can_start

ROOT = Path(__file__).parents[2]
NOBODY = 65534
AS_ROOT = "bplab: this is root (a container?), so JupyterLab starts with --allow-root."

is_root = getattr(os, "geteuid", lambda: -1)() == 0
with_make = pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")


@pytest.fixture
def clone():
    """A copy of this repository that anybody may read; it has no .venv."""
    with tempfile.TemporaryDirectory(prefix="bplab-clone-") as name:
        folder = Path(name).resolve()
        folder.chmod(0o755)
        for file in ("Makefile", "pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / file, folder)
        (folder / "course").mkdir()
        shutil.copy(ROOT / "course/nbgrader_config.py", folder / "course")
        for part in ("bplab", "course/notebooks", "course/release"):
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / part, folder / part, ignore=ignored)
        yield folder


def install_nothing(clone):
    """Make .venv as an install leaves it; its packages are those that the tests run with."""
    venv = clone / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    [packages] = venv.glob("lib/*/site-packages")
    lines = [str(clone), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    (packages / "theirs.pth").write_text("\n".join(lines), encoding="utf-8")
    program = venv / "bin" / "bplab"
    program.write_text(f"#!{venv}/bin/python\nfrom bplab.cli.main import main\nmain()\n")
    program.chmod(0o755)
    (venv / ".made-in").write_text(f"{clone}\n")
    (venv / ".installed-learn").touch()


def as_an_ordinary_user():
    """Return what comes before a command, and `Popen`'s options, for another user than root."""
    if not is_root:
        return [], {}
    ways = [([], {"user": NOBODY, "group": NOBODY, "extra_groups": []})]
    if unshare := shutil.which("unshare"):  # nobody may not use a Python in root's own home
        ways.append(([unshare, "--user", "--map-user=1000", "--map-group=1000"], {}))
    for before, options in ways:
        command = [*before, sys.executable, "-c", "import jupyterlab"]
        try:
            if subprocess.run(command, capture_output=True, cwd="/", **options).returncode == 0:
                return before, options
        except OSError:
            pass
    return pytest.skip("root can run this Python as nobody else here")


def make(clone, *arguments, before=(), **options):
    """Run it with a home and an environment of its own; it is returned at once."""
    home = clone / "home"
    home.mkdir(exist_ok=True)
    if user := options.get("user"):
        for path in (clone, *clone.rglob("*")):
            os.chown(path, user, user, follow_symlinks=False)
    path = os.pathsep.join([str(Path(sys.base_prefix) / "bin"), "/usr/bin", "/bin"])
    return subprocess.Popen(
        [*before, "make", *arguments],
        cwd=clone,
        env={"PATH": path, "HOME": str(home), "LANG": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        **options,
    )


@contextmanager
def ended_after(process):
    """Nothing of it is left, whatever happens."""
    with process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def status(url, **options):
    """What an HTTP request is answered with."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, **options), timeout=20) as answer:
            return answer.status
    except urllib.error.HTTPError as refused:
        return refused.code


def listening(pid):
    """The places where a process, and those that it has started, listen: address, port."""
    processes = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    sockets = [one for each in processes for one in each.net_connections("inet")]
    return {(one.laddr.ip, one.laddr.port) for one in sockets if one.status == "LISTEN"}


def starts(clone, before=(), **options):
    """Start `make lab`, ask it, close it; return the lines that it said before its address."""
    lab = make(clone, "lab", "ARGS=--no-browser --port=0", before=before, **options)
    with ended_after(lab):
        said = []
        for line in lab.stdout:
            said.append(line)
            if found := re.search(r"(http://localhost:\d+/)lab\S+\?token=(\w{40,})$", line):
                break
        else:
            pytest.fail(f"JupyterLab did not start:\n{''.join(said)}")
        address, token = found.groups()
        port = int(address.rstrip("/").rpartition(":")[2])
        for _ in range(200):  # the address may be said before anybody listens there
            places = listening(lab.pid)
            if port in {one for _, one in places}:
                break
            time.sleep(0.1)
        assert places
        assert {ip for ip, _ in places} <= {"127.0.0.1", "::1"}
        assert status(f"{address}api/contents") == 403
        assert status(f"{address}api/contents?token={token}") == 200
        closing = {"method": "POST", "headers": {"Authorization": f"token {token}"}}
        assert status(f"{address}api/shutdown", **closing) == 200
        rest = lab.stdout.read()
        assert lab.wait(30) == 0, rest
    assert (clone / "work" / "section_0.ipynb").exists()
    return said


@with_make
@pytest.mark.skipif(not is_root, reason="only root can start it as root")
def test_make_lab_starts_as_root_and_says_so_in_one_line(clone):
    install_nothing(clone)
    assert sum(line.startswith(AS_ROOT) for line in starts(clone)) == 1


@with_make
def test_make_lab_starts_as_an_ordinary_user(clone):
    before, options = as_an_ordinary_user()
    install_nothing(clone)
    said = starts(clone, before, **options)
    assert not any("root" in line for line in said if line.startswith("bplab"))


# before the install ---------------------------------------------------------------------------


def stopped(clone, *arguments, **options):
    """What `make` says that does not come to an install."""
    with ended_after(make(clone, *arguments, **options)) as process:
        said = process.communicate(timeout=60)[0]
    assert process.returncode != 0
    assert not (clone / ".venv").exists()
    return said


@with_make
def test_a_taken_port_is_said_before_the_install(clone):
    with socket.create_server(("localhost", 0)) as taken:
        port = taken.getsockname()[1]
        options = f"ARGS=--port={port} --ServerApp.port_retries=0"
        said = stopped(clone, "lab", f"PYTHON={sys.executable}", options)
    assert f"bplab: Port {port} is taken" in said
    assert "make lab ARGS=--port=9000" in said


@with_make
def test_a_folder_that_cannot_be_written_to_is_said_before_the_install(clone):
    before, options = as_an_ordinary_user()
    (clone / "home").mkdir()
    clone.chmod(0o555)
    try:
        said = stopped(clone, "lab", f"PYTHON={sys.executable}", before=before, **options)
    finally:
        clone.chmod(0o755)
    assert f"{clone} cannot be written to (Permission denied): make it yours" in said


@with_make
def test_pythons_that_will_not_do_are_named_with_what_to_install(clone, tmp_path):
    old = tmp_path / "old"
    old.write_text(
        f'#!/bin/sh\ncase "$2" in *base_exec*) echo {old};; *"info <"*) exit 1;; '
        "*) echo 3.9;; esac\n"
    )
    old.chmod(0o755)
    assert f"Tried: {old} is 3.9." in stopped(clone, "lab", f"PYTHON={old}")
    bare = tmp_path / "bare"
    bare.write_text(
        f'#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; *base_exec*) echo {bare};; '
        f'*) exec {quote(sys.executable)} "$@";; esac\n'
    )
    bare.chmod(0o755)
    said = stopped(clone, "lab", f"PYTHON={bare}")
    assert f"{bare} has no ensurepip" in said
    assert re.search(r"sudo apt-get install python3\.\d+-venv", said)
    assert "does not run" in stopped(clone, "lab", "PYTHON=/no/such/python")


@with_make
def test_another_python_on_the_command_line_makes_the_environment_again(clone, tmp_path):
    install_nothing(clone)
    planned = make(clone, "-n", "lab", f"PYTHON={sys.executable}")
    assert "ensurepip" not in planned.communicate(timeout=60)[0]
    other = tmp_path / "python"
    other.write_text("#!/bin/sh\necho another\n")
    other.chmod(0o755)
    assert "ensurepip" in make(clone, "-n", "lab", f"PYTHON={other}").communicate(timeout=60)[0]


@with_make
def test_pip_is_renewed_while_an_environment_is_made_and_need_not_succeed(clone, tmp_path):
    asked, other = tmp_path / "asked", tmp_path / "python"
    # what is asked while .venv counts as unfinished: an interrupted one is made again
    its_own = f'#!/bin/sh\n[ -e .venv/.made-in ] || echo "$@" >>{asked}\nexit 1\n'
    (tmp_path / "its-own").write_text(its_own)
    (tmp_path / "its-own").chmod(0o755)
    other.write_text(
        f'#!/bin/sh\ncase "$*" in *base_exec*) echo {other};; *%d*) echo 3.11;; '
        f'"-m venv .venv") mkdir -p .venv/bin && cp {tmp_path}/its-own .venv/bin/python;; esac\n'
    )
    other.chmod(0o755)
    with ended_after(make(clone, ".venv/.made-in", f"PYTHON={other}")) as process:
        said = process.communicate(timeout=60)[0]
    assert process.returncode == 0, said
    assert (clone / ".venv" / ".made-in").read_text() == f"{clone}\n"
    assert "--upgrade pip" in asked.read_text().splitlines()[-1]
    assert len(said.splitlines()) == 1, said


def test_a_full_disk_is_told_with_what_is_needed(tmp_path, monkeypatch):
    monkeypatch.setattr(start.shutil, "disk_usage", lambda folder: SimpleNamespace(free=90 * 10**6))
    with pytest.raises(
        CannotStartError, match=r"needs 700 MB in .*, and 90 MB are free.*make room"
    ):
        can_install(tmp_path, "course")


@pytest.mark.skipif(not hasattr(os, "statvfs"), reason="this system does not say")
@pytest.mark.parametrize(
    ("disk", "said"),
    [
        ({"f_files": 10**6, "f_favail": 20}, "the disk takes 20 more"),
        ({"f_flag": getattr(os, "ST_NOEXEC", 0)}, "noexec"),
    ],
)
def test_a_disk_that_takes_no_programs_is_told(tmp_path, monkeypatch, disk, said):
    disk = SimpleNamespace(**{"f_files": 0, "f_flag": 0} | disk)
    monkeypatch.setattr(start.shutil, "disk_usage", lambda folder: SimpleNamespace(free=10**12))
    monkeypatch.setattr(start.os, "statvfs", lambda folder: disk)
    with pytest.raises(CannotStartError, match=said):
        can_install(tmp_path, "course")


def test_a_folder_whose_name_python_refuses_is_told(tmp_path):
    with pytest.raises(CannotStartError, match="rename"):
        can_install(tmp_path / f"a{os.pathsep}b", "course")


def test_a_home_that_cannot_be_written_to_is_told(tmp_path, monkeypatch):
    for name in ("JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    home = tmp_path / "home"
    home.touch()  # a file: nobody can write below it, not even root
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("APPDATA", str(home))
    with pytest.raises(CannotStartError, match=r"JupyterLab keeps files in .*export HOME="):
        can_start(tmp_path)


def test_jupyters_folders_are_those_that_jupyter_names(monkeypatch):
    from jupyter_core.paths import jupyter_config_dir, jupyter_runtime_dir

    assert start.folders_of_jupyter() == [Path(jupyter_runtime_dir()), Path(jupyter_config_dir())]


@pytest.mark.parametrize(
    "options", [[], ["--port=x"], ["--sock=/a"], ["--ip=*", "--no-browser"], ["--port", "0", "a"]]
)
def test_what_jupyterlab_can_do_stops_nothing(tmp_path, monkeypatch, options):
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "config"))
    can_start(tmp_path, options)


def test_a_port_that_nobody_has_is_told(tmp_path):
    with pytest.raises(CannotStartError, match=r"port 70000 .*choose another"):
        can_start(tmp_path, ["--port=70000"])
