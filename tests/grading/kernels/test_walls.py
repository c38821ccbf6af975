"""What stands between students' code and the machine: the best that is there, or a refusal."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bplab.grading.kernels import (
    AUTO,
    BWRAP,
    LANDLOCK,
    NONE,
    IsolationError,
    KernelHost,
    bwrap,
    calls,
    choose,
    walls,
)
from bplab.grading.kernels.opened import opened
from bplab.grading.kernels.zygote import landlock
from tests.grading.kernels import tools
from tests.grading.kernels.tools import Raised, kernel

ROOT = Path(__file__).parents[3]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to be taken away")
with_bubblewrap = pytest.mark.skipif(
    bool(bwrap.why_not()), reason=bwrap.why_not() or "bubblewrap works"
)


@pytest.fixture
def machine(monkeypatch):
    """A machine with everything; a test takes things away."""

    def has(*, bubblewrap="", version=7, filter="", uid=1000, users=(61184, 4336)):
        monkeypatch.setattr(bwrap, "why_not", lambda: bubblewrap)
        monkeypatch.setattr(landlock, "version", lambda: version)
        monkeypatch.setattr(calls, "why_not", lambda: filter)
        monkeypatch.setattr(walls.os, "geteuid", lambda: uid)
        monkeypatch.setattr(walls, "own_users", lambda: users)
        monkeypatch.setattr(walls, "_status", lambda: {"CapEff": "ff"})

    has()
    return has


# what is chosen ------------------------------------------------------------------------------


def test_auto_is_bubblewrap_and_has_nothing_to_say(machine):
    assert choose(AUTO) == choose(BWRAP) == walls.Wall(BWRAP, "")


def test_auto_is_landlock_where_bubblewrap_cannot_run_and_says_why(machine):
    machine(bubblewrap="bubblewrap (bwrap) is not installed")
    wall = choose(AUTO)
    assert wall.kind is LANDLOCK
    assert wall.warning.startswith("bubblewrap (bwrap) is not installed; ")


@pytest.mark.parametrize(
    ("lacks", "remedy"),
    [
        ({"bubblewrap": "bubblewrap (bwrap) is not installed"}, "apt install bubblewrap"),
        ({"bubblewrap": "refused"}, "sysctl -w user.max_user_namespaces="),
        ({"bubblewrap": "refused", "uid": 0}, "docker run --cap-add SYS_ADMIN"),
        ({"filter": "libseccomp is not installed"}, "apt install libseccomp2"),
    ],
)
@pytest.mark.parametrize("asked", [AUTO, BWRAP])
def test_without_a_wall_nothing_is_graded_and_the_remedy_is_a_command(
    machine, lacks, remedy, asked
):
    machine(**{"version": 0, **lacks})
    with pytest.raises(IsolationError, match=re.escape(remedy)) as refused:
        choose(asked)
    assert next(iter(lacks.values())) in str(refused.value)
    assert len(str(refused.value)) < 600


def test_what_was_asked_for_is_not_replaced(machine):
    machine(bubblewrap="not there")
    with pytest.raises(IsolationError, match=r"isolation=bwrap.*not there"):
        choose(BWRAP)
    machine(version=0)
    with pytest.raises(IsolationError, match=r"isolation=landlock.*no Landlock"):
        choose(LANDLOCK)


def test_without_a_wall_a_person_may_say_so_and_is_told_what_that_means(machine):
    machine(bubblewrap="not there", version=0)
    wall = choose(NONE)
    assert wall.kind is NONE
    assert "marks not protected" in wall.warning


@pytest.mark.parametrize("asked", [AUTO, LANDLOCK, NONE])
def test_root_that_cannot_be_another_user_grades_nothing_outside_of_bubblewrap(machine, asked):
    machine(bubblewrap="not there", uid=0, users=None)
    with pytest.raises(IsolationError, match="no other users"):
        choose(asked)


@pytest.mark.parametrize("system", ["darwin", "win32"])
@pytest.mark.parametrize("asked", [AUTO, NONE])
def test_other_systems_are_told_where_to_grade(machine, monkeypatch, system, asked):
    monkeypatch.setattr(walls.sys, "platform", system)
    with pytest.raises(IsolationError, match=r"on Linux only.*container.*WSL"):
        choose(asked)


def test_bubblewrap_that_the_system_refuses_is_told_apart(machine, monkeypatch, tmp_path):
    monkeypatch.undo()
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho 'No permissions to create new namespace' >&2; exit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(bwrap.shutil, "which", lambda name: str(broken))
    with pytest.raises(IsolationError, match="No permissions"):
        choose(BWRAP)
    monkeypatch.setattr(bwrap.shutil, "which", lambda name: None)
    with pytest.raises(IsolationError, match="not installed"):
        choose(BWRAP)


# with rights taken away ----------------------------------------------------------------------

TELL = "from bplab.grading.kernels import AUTO, choose; print(choose(AUTO).kind)"


def told(*command: str) -> str:
    """What `TELL` prints, run by a command before it."""
    done = subprocess.run(
        [*command, sys.executable, "-c", TELL], capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


def without(*rights: str) -> list[str]:
    """The command that takes rights from root."""
    if shutil.which("setpriv") is None:
        pytest.skip("setpriv (util-linux) is not installed")
    minus = ",".join(f"-{right}" for right in rights)
    return ["setpriv", f"--bounding-set={minus}", f"--inh-caps={minus}"]


@as_root
@with_bubblewrap
def test_two_rights_beside_those_of_a_container_are_enough_for_bubblewrap():
    """See `walls._IN_A_CONTAINER`: the others are what docker leaves to root."""
    without("sys_admin")  # is setpriv there?
    docker = "setuid setgid setpcap chown dac_override fowner fsetid kill mknod net_raw"
    rights = ",".join(f"+{right}" for right in f"sys_admin net_admin {docker}".split())
    assert told("setpriv", f"--bounding-set=-all,{rights}", "--inh-caps=-all") == "bwrap"


@as_root
@pytest.mark.skipif(landlock.version() == 0, reason="this kernel has no Landlock")
def test_root_without_the_right_to_make_namespaces_has_landlock():
    assert told(*without("sys_admin")) == "landlock"


@as_root
def test_root_without_any_right_grades_nothing():
    assert "IsolationError" in told(*without("sys_admin", "setuid", "setgid"))


@with_bubblewrap
@pytest.mark.skipif(landlock.version() == 0, reason="this kernel has no Landlock")
def test_a_user_without_namespaces_has_landlock():
    assert told(*user(without_namespaces=True)) == "landlock"


def user(*, without_namespaces: bool = False) -> list[str]:
    """The command that runs another as a user who owns what we do, and has no rights."""
    without("all")
    off = "echo 0 > /proc/sys/user/max_user_namespaces;" if without_namespaces else ""
    powerless = "setpriv --ambient-caps=-all --inh-caps=-all --bounding-set=-all"
    return [
        *("bwrap", "--unshare-user", "--uid", "1000", "--gid", "1000", "--cap-add", "ALL"),
        *("--dev-bind", "/", "/", "--proc", "/proc", "--unshare-pid", "--"),
        *("sh", "-c", f'{off} exec {powerless} "$@"', "-"),
    ]


def test_a_machine_with_nothing_grades_nothing():
    assert "IsolationError" in told(sys.executable, "-m", "tests.bare")


# without any --------------------------------------------------------------------------------


@as_root
def test_without_a_wall_no_student_is_root(edition):
    with KernelHost(edition, isolation=NONE) as host, kernel(host) as one, kernel(host) as other:
        users = [int(k.run("import os; print(os.getuid())")) for k in (one, other)]
        assert 0 not in users
        assert users[0] != users[1]
        with pytest.raises(Raised, match="PermissionError"):
            one.run("open('/etc/shadow')")
        assert one.run("import this, sqlite3, numpy.polynomial; print('late')").endswith("late")


# behind Landlock -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def behind(edition, tmp_path_factory):
    if landlock.version() == 0:
        pytest.skip("this kernel has no Landlock")
    fonts = tmp_path_factory.mktemp("fonts")
    tools.list_fonts(fonts, Shown="/usr/share/shown.ttf")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MPLCONFIGDIR", str(fonts))
        with KernelHost(edition, isolation=LANDLOCK) as host, kernel(host, {"a.txt": b"1"}) as one:
            yield one


def test_behind_landlock_no_font_is_looked_for_again(behind):
    assert "'Shown'" in behind.run(tools.LISTED)


@pytest.mark.parametrize(
    "code",
    [
        "open('/etc/passwd')",
        "open('{secret}')",
        "open('{secret}', 'a')",
        "os.listdir('{home}')",
        "os.listdir('/')",
        "os.listdir('{folder}')",
        "os.unlink('{secret}')",
        "os.rename('{secret}', 'mine')",
        "os.link('{secret}', 'mine')",
        "os.truncate('{secret}', 0)",
        "os.mkdir('{folder}/new')",
        "open('{tmp}/new', 'w')",
        "open('/dev/shm/new', 'w')",
        "open('/proc/1/cmdline')",
        "open('/proc/%d/environ' % os.getppid())",
        "open('/proc/%d/mem' % os.getppid(), 'rb')",
        "os.kill(os.getppid(), 9)",
        "os.open('/dev/ptmx', os.O_RDWR)",
        "socket.socket(socket.AF_UNIX)",
        "socket.socket(socket.AF_INET)",
        "socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)",
        "resource.prlimit(os.getppid(), resource.RLIMIT_CPU, (1, 1))",
        "os.setpriority(os.PRIO_PROCESS, os.getppid(), 19)",
        "os.open('{python}', os.O_RDONLY | os.O_TRUNC)",
    ],
)
def test_behind_landlock_nothing_outside_can_be_opened_changed_or_reached(behind, tmp_path, code):
    secret = tmp_path / "secret.txt"
    secret.write_text("marks")
    told = code.format(
        secret=secret,
        folder=tmp_path,
        home=os.path.expanduser("~"),
        python=os.__file__,
        tmp=f"{os.sep}tmp",
    )
    with pytest.raises(Raised, match=r"PermissionError|OSError"):
        behind.run(f"import os, resource, socket\n{told}")
    assert secret.read_text() == "marks"
    assert os.path.getsize(os.__file__) > 10_000


def test_behind_landlock_files_of_others_keep_what_belongs_to_them(behind, tmp_path):
    (tmp_path / "mark").write_text("1")
    tmp_path.chmod(0o755)
    before = (tmp_path / "mark").stat()
    behind.run(
        f"import os\nname = {str(tmp_path / 'mark')!r}\n"
        "for do in (lambda: os.chmod(name, 0), lambda: os.utime(name, (1, 1)),"
        " lambda: os.setxattr(name, 'user.x', b'1'), lambda: os.chown(name, 1, 1)):\n"
        "    try: do()\n    except OSError: pass"
    )
    after = (tmp_path / "mark").stat()
    assert (after.st_mode, after.st_mtime, after.st_uid) == (
        before.st_mode,
        before.st_mtime,
        before.st_uid,
    )
    assert not os.listxattr(tmp_path / "mark")


def test_behind_landlock_honest_work_goes_on(behind):
    lines = behind.run(
        "import os, shutil, subprocess, sqlite3, multiprocessing, matplotlib.pyplot as plt\n"
        "shutil.copy('a.txt', 'b.txt'); print(open('b.txt').read())\n"
        "print(subprocess.run(['echo', 'said'], capture_output=True, text=True).stdout.strip())\n"
        "get_ipython().system('echo shell')\n"
        "one = multiprocessing.get_context('fork').Process(target=int); one.start(); one.join()\n"
        "print(one.exitcode); plt.plot([1]); plt.savefig('x.png'); print(os.path.getsize('x.png'))"
    ).split()
    assert lines[:4] == ["1", "said", "shell", "0"]
    assert int(lines[4]) > 1000


def test_an_installed_bplab_is_gone_around(tmp_path):
    hidden = tmp_path / "lib/site-packages/bplab"
    for folder in (hidden, hidden.parent / "numpy", tmp_path / "bin"):
        folder.mkdir(parents=True)
    (hidden.parent / "away").symlink_to(hidden)
    view = bwrap.View("python", [], [(str(tmp_path), str(tmp_path))], [str(hidden)])
    allowed = [(path, what) for path, what in opened(view, Path("/e")) if str(tmp_path) in path]
    read = {path for path, what in allowed if what == landlock.READ}
    assert read == {str(tmp_path / "bin"), str(hidden.parent / "numpy")}
    assert {what for path, what in allowed if path not in read} == {landlock.LIST}


# calls ---------------------------------------------------------------------------------------

FAMILIES = """
import socket
for family in range(48):
    try:
        socket.socket(family, socket.SOCK_STREAM if family in (1, 2, 10) else socket.SOCK_RAW)
        print(family)
    except OSError: pass
"""


@with_bubblewrap
def test_in_bubblewrap_there_are_local_sockets_and_those_of_ip_alone(edition):
    with KernelHost(edition, isolation=BWRAP) as host, kernel(host) as one:
        assert one.run(FAMILIES).split() == ["1", "2", "10"]


def test_where_landlock_keeps_no_signals_the_filter_does():
    code = (
        "import os, subprocess, sys\n"
        "from bplab.grading.kernels import calls\n"
        "from bplab.grading.kernels.zygote import confine, linux\n"
        "one = subprocess.Popen(['sleep', '2'])\n"
        "linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)\n"
        "confine.filter_calls(calls.compiled(landlocked=True, signals=False))\n"
        "for number in (one.pid, -1, 0, os.getppid(), -one.pid):\n"
        "    try: os.kill(number, 0); print('reached', number)\n"
        "    except PermissionError: pass\n"
        "os.kill(os.getpid(), 0); print('itself')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.split() == ["itself"], done.stderr


def test_a_filter_can_be_made_for_the_other_machine(monkeypatch):
    import pyseccomp

    class Elsewhere(pyseccomp.SyscallFilter):
        def __init__(self, action):
            super().__init__(action)
            arm = os.uname().machine == "x86_64"
            self.add_arch(pyseccomp.Arch.AARCH64 if arm else pyseccomp.Arch.X86_64)
            self.remove_arch(pyseccomp.Arch.NATIVE)

    monkeypatch.setattr(pyseccomp, "SyscallFilter", Elsewhere)
    monkeypatch.setattr(calls, "_NEWER", ())  # numbers without names go to no other machine
    for landlocked in (False, True):
        assert len(calls.compiled.__wrapped__(landlocked=landlocked, signals=False)) > 8 * 60
