"""What a student's kernel can see of the machine: Python, and no file of the course.

The warm process runs in a bubblewrap command that shows just that.
"""

import os
import re
import shutil
import site
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path, PurePosixPath

from bplab.grading.kernels.limits import Limits

__all__ = [
    "CODE",
    "EDITION",
    "HOME",
    "NOBODY",
    "SYSTEM",
    "TMP",
    "View",
    "clean_environment",
    "package_folders",
    "plain_view",
    "sandbox",
    "sandbox_view",
    "why_not",
]

HOME, TMP = "/home/student", "/tmp"
_MATPLOTLIB = f"{TMP}/matplotlib"
PLACE = "/opt/bplab"  # where a sandbox shows files that lie elsewhere outside of it
SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/libx32", "/bin", "/sbin")
# kernels mount their own files over these: nothing that is shown may lie below
_COVERED = (TMP, "/dev", "/run", "/proc", HOME, PLACE)
_SETTINGS = ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/alternatives", "/etc/fonts")

# root's kernels run as a user and group that own nothing: these, if there are no others
NOBODY = (65534, 65534)
EDITION = f"{PLACE}/edition"
CODE = f"{PLACE}/warm"
_INSIDE = "/run"  # must stay empty: kernels mount their files there first
_PASSWD = """root:x:0:0:root:/root:/usr/sbin/nologin
student:x:1000:1000::/home/student:/bin/sh
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
"""
_GROUP = "root:x:0:\nstudent:x:1000:\nnogroup:x:65534:\n"


def package_folders() -> list[Path]:
    """Return the folders that installed packages are imported from."""
    known = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    known.update(site.getsitepackages())
    if site.ENABLE_USER_SITE:
        known.add(site.getusersitepackages())
    names = ("site-packages", "dist-packages")
    return [
        Path(entry)
        for entry in dict.fromkeys(sys.path)
        if Path(entry).is_dir() and (entry in known or Path(entry).name in names)
    ]


@dataclass(frozen=True)
class View:
    """Where Python and its packages are, as seen by a kernel.

    Attributes
    ----------
    program : str
        The interpreter itself, past the links of a virtual environment.
    packages : list of str
        Folders for ``sys.path``.
    shown : list of (str, str)
        The files and folders to show, and where.
    hidden : list of str
        Files and folders within these that must not be seen: those of the installed bplab, which
        has the answers (or, in an editable install, says where they are).
    """

    program: str
    packages: list[str]
    shown: list[tuple[str, str]]
    hidden: list[str]


def plain_view() -> View:
    """Return what a kernel without a file system of its own sees: all things where they are."""
    program = os.path.realpath(sys.executable)
    packages = [os.path.realpath(folder) for folder in package_folders()]
    prefix = os.path.realpath(sys.base_prefix)
    folders = [*map(os.path.realpath, (*SYSTEM, *_SETTINGS)), prefix, *packages]
    shown = [(name, name) for name in dict.fromkeys(folders) if os.path.exists(name)]
    paths = [Path(os.path.realpath(path)) for path in _installed_bplab()]
    return View(program, packages, shown, _hidden(paths, {Path(one): one for one in packages}))


def sandbox_view() -> View:
    """Return what a kernel in a sandbox sees: packages move to `PLACE`, Python stays if it can."""
    moved: dict[Path, Path] = {}
    for number, folder in enumerate(package_folders()):
        inside_system = any(folder.is_relative_to(system) for system in SYSTEM)
        moved[folder] = folder if inside_system else Path(PLACE, "packages", str(number))
    shown = [(str(real), str(seen)) for real, seen in moved.items() if real != seen]

    program = Path(os.path.realpath(sys.executable))
    prefix = Path(os.path.realpath(sys.base_prefix))
    if not any(prefix.is_relative_to(system) for system in SYSTEM):
        seen = prefix
        if any(prefix.is_relative_to(covered) for covered in _COVERED):
            seen = Path(PLACE, "python")
        if program.is_relative_to(prefix):
            program = seen / program.relative_to(prefix)
        shown.append((str(prefix), str(seen)))

    packages = {real: str(seen) for real, seen in moved.items()}
    hidden = _hidden(_installed_bplab(), packages)
    return View(str(program), list(packages.values()), shown, hidden)


def _hidden(paths: list[Path], packages: dict[Path, str]) -> list[str]:
    """Return the entries of package folders that hold these paths, at the places they are seen."""
    found = (
        os.path.join(seen, path.relative_to(real).parts[0])
        for path in paths
        for real, seen in packages.items()
        if path.is_relative_to(real) and path != real
    )
    return list(dict.fromkeys(found))


def _installed_bplab() -> list[Path]:
    paths = [folder / name for folder in package_folders() for name in ("bplab", "bplab.py")]
    try:
        files = distribution("bplab").files or []
    except PackageNotFoundError:
        files = []
    paths += [Path(os.path.normpath(file.locate())) for file in files]
    return [path for path in paths if path.exists()]


def _system_folders() -> list[str]:
    """Return bubblewrap's options that show the system, read-only."""
    options: list[str] = []
    for folder in SYSTEM:
        if os.path.islink(folder):
            options += ["--symlink", os.readlink(folder), folder]
        elif os.path.isdir(folder):
            options += ["--ro-bind", folder, folder]
    for name in _SETTINGS:
        options += ["--ro-bind-try", name, name]
    return options


def clean_environment(home: Path | None = None) -> dict[str, str]:
    """Return all environment variables of a kernel; it gets no others of the caller's.

    Parameters
    ----------
    home : Path, optional
        The folder for home and for temporary files, without a sandbox that has its own.
    """
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": HOME,
        "USER": "student",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": _MATPLOTLIB,
        "MALLOC_ARENA_MAX": "2",  # each further arena takes 64 MiB of the address space
        "NBGRADER_EXECUTION": "autograde",
        "PYTHONHASHSEED": "0",  # the same order of sets at each run
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    if home is not None:
        environment |= {"HOME": str(home), "TMPDIR": str(home)}
        environment["MPLCONFIGDIR"] = str(home / "matplotlib")
    for library in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB_MAXIMUM"):
        environment[f"{library}_NUM_THREADS"] = "1"
    # OpenBLAS must use the same routines on both sides, else digits differ
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        if name in os.environ:
            environment[name] = os.environ[name]
    return environment


# --- bubblewrap ---------------------------------------------------------------------------


def _privileges() -> list[str]:
    if os.geteuid() == 0:
        namespaces = ["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-net"]
        # to become another user: root is not held by limits, and may read all files
        rights = ["CAP_SETUID", "CAP_SETGID", "CAP_SYS_ADMIN"]
    else:
        namespaces = ["--unshare-all", "--uid", "1000", "--gid", "1000"]
        rights = ["CAP_SYS_ADMIN"]
    return [*namespaces, *(part for right in rights for part in ("--cap-add", right))]


def why_not() -> str:
    """Return why bubblewrap cannot be used here, in a few words; empty if it can."""
    program = shutil.which("bwrap")
    if program is None:
        return "bubblewrap (bwrap) is not installed"
    command = [program, *_privileges(), "--ro-bind", "/", "/", "--proc", "/proc", "--", "true"]
    try:
        tried = subprocess.run(command, capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap does not start: {error}"
    if tried.returncode != 0:
        said = tried.stderr.strip().splitlines() or [f"exit status {tried.returncode}"]
        return f"the system refuses bubblewrap a sandbox ({said[-1]})"
    return ""


def sandbox(
    view: View, edition: Path, code: Path, limits: Limits, fonts: Mapping[str, str]
) -> tuple[list[str], list[int]]:
    """Return the command to put before a program, and descriptors to pass on and then close.

    Parameters
    ----------
    view : View
        Where Python and its packages are shown.
    edition : Path
        The folder that ``bplab`` is imported from: read-only at `EDITION`.
    code : Path
        The package of the warm process's own code: read-only in `CODE`.
    limits : Limits
        They bound the files that are written if kernels have no file system of their own.
    fonts : mapping of str to str
        Texts of the files in matplotlib's folder of settings, by name.
    """
    program = shutil.which("bwrap") or "bwrap"
    options = [*_privileges(), "--new-session", "--clearenv", "--hostname", "grading"]
    if threading.current_thread() is threading.main_thread():
        options.append("--die-with-parent")  # any thread's end would count as the parent's
    for name, value in clean_environment().items():
        options += ["--setenv", name, value]
    options += _system_folders()
    options += ["--dev", "/dev", "--proc", "/proc", "--dir", _INSIDE]
    # by default, the folders on these paths would be for root alone
    names = [EDITION, f"{CODE}/_", HOME, "/etc/passwd", *(seen for _, seen in view.shown)]
    ways = {way for name in names for way in PurePosixPath(name).parents if len(way.parts) > 1}
    for way in sorted(ways):
        options += ["--perms", "0755", "--dir", str(way)]
    for folder in ("/tmp", HOME, "/dev/shm"):
        # for root they still belong to root, and another user must be able to write there
        options += ["--perms", "1777" if folder != HOME or os.geteuid() == 0 else "0755"]
        options += [*_size(program, limits.tmp_mb), "--tmpfs", folder]
    for real, seen in view.shown:
        options += ["--ro-bind", real, seen]
    folders = [name for name, real in _hidden_with_originals(view) if os.path.isdir(real)]
    for name, _ in _hidden_with_originals(view):
        options += ["--tmpfs", name] if name in folders else ["--ro-bind", "/dev/null", name]
    options += ["--ro-bind", str(edition), EDITION]
    options += ["--ro-bind", str(code), f"{CODE}/{code.name}"]
    handles = []
    for name, text in (("/etc/passwd", _PASSWD), ("/etc/group", _GROUP)):
        handles.append(_readable(text))
        options += ["--perms", "0644", "--ro-bind-data", str(handles[-1]), name]
    options += ["--perms", "1777", "--dir", _MATPLOTLIB]
    for name, text in fonts.items():
        handles.append(_readable(text))
        options += ["--perms", "0644", "--file", str(handles[-1]), f"{_MATPLOTLIB}/{name}"]
    for folder in (*folders, "/dev", "/"):
        options += ["--remount-ro", folder]
    return [program, *options, "--chdir", HOME, "--"], handles


def _hidden_with_originals(view: View) -> list[tuple[str, str]]:
    pairs = []
    for name in view.hidden:
        originals = (real + name[len(seen) :] for real, seen in view.shown if name.startswith(seen))
        pairs.append((name, next(originals, name)))
    return pairs


def _size(program: str, size_mb: int) -> list[str]:
    """Return the option that bounds the next temporary file system; it came with version 0.7."""
    said = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    number = re.search(r"(\d+)\.(\d+)", said)
    known = number is not None and (int(number[1]), int(number[2])) >= (0, 7)
    return ["--size", str(size_mb << 20)] if known else []


def _readable(text: str) -> int:
    handle = os.memfd_create("shown")  # a pipe would hold 64 KiB
    with open(handle, "w", encoding="utf-8", closefd=False) as file:
        file.write(text)
    os.lseek(handle, 0, os.SEEK_SET)
    return handle
