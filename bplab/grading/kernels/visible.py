"""What a student's kernel can see of the machine: Python, and no file of the course."""

import os
import site
import sys
import sysconfig
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

__all__ = [
    "HOME",
    "PLACE",
    "View",
    "clean_environment",
    "plain_view",
    "sandbox_view",
    "system_folders",
]

HOME, TMP = "/home/student", "/tmp"
PLACE = "/opt/bplab"  # where a sandbox has what comes from elsewhere
_SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/libx32", "/bin", "/sbin")
# what kernels mount their own files over: nothing shown may be below
_COVERED = (TMP, "/dev", "/run", "/proc", HOME, PLACE)
_SETTINGS = ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/alternatives", "/etc/fonts")


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
        What to show, and where.
    hidden : list of str
        Files and folders among what is shown that must not be seen: those of the installed
        bplab, which has the answers (or, in an editable install, says where they are).
    """

    program: str
    packages: list[str]
    shown: list[tuple[str, str]]
    hidden: list[str]


def plain_view() -> View:
    """Return where things are: what a kernel without a sandbox sees."""
    program = os.path.realpath(sys.executable)
    return View(program, [str(folder) for folder in package_folders()], [], [])


def sandbox_view() -> View:
    """Return where things are in a sandbox: packages move to `PLACE`, Python stays."""
    moved: dict[Path, Path] = {}
    for number, folder in enumerate(package_folders()):
        inside_system = any(folder.is_relative_to(system) for system in _SYSTEM)
        moved[folder] = folder if inside_system else Path(PLACE, "packages", str(number))
    shown = [(str(real), str(seen)) for real, seen in moved.items() if real != seen]

    program = Path(os.path.realpath(sys.executable))
    prefix = Path(os.path.realpath(sys.base_prefix))
    if not any(prefix.is_relative_to(system) for system in _SYSTEM):
        seen = prefix
        if any(prefix.is_relative_to(covered) for covered in _COVERED):
            seen = Path(PLACE, "python")
        if program.is_relative_to(prefix):
            program = seen / program.relative_to(prefix)
        shown.append((str(prefix), str(seen)))

    hidden = []
    for path in _installed_bplab():
        for real, seen in moved.items():
            if path.is_relative_to(real) and path != real:
                hidden.append(str(seen / path.relative_to(real).parts[0]))
    packages = [str(seen) for seen in moved.values()]
    return View(str(program), packages, shown, list(dict.fromkeys(hidden)))


def _installed_bplab() -> list[Path]:
    paths = [folder / name for folder in package_folders() for name in ("bplab", "bplab.py")]
    try:
        files = distribution("bplab").files or []
    except PackageNotFoundError:
        files = []
    paths += [Path(os.path.normpath(file.locate())) for file in files]
    return [path for path in paths if path.exists()]


def system_folders() -> list[str]:
    """Return bubblewrap's options that show the system, read-only."""
    options: list[str] = []
    for folder in _SYSTEM:
        if os.path.islink(folder):
            options += ["--symlink", os.readlink(folder), folder]
        elif os.path.isdir(folder):
            options += ["--ro-bind", folder, folder]
    for name in _SETTINGS:
        options += ["--ro-bind-try", name, name]
    return options


def clean_environment(home: Path | None = None) -> dict[str, str]:
    """Return all environment variables of a kernel: none of the caller's but these.

    Parameters
    ----------
    home : Path, optional
        Where there is no sandbox with a home and a ``/tmp`` of its own: take this.
    """
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": HOME,
        "USER": "student",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": f"{TMP}/matplotlib",
        "MALLOC_ARENA_MAX": "2",  # each more takes 64 MiB of the address space
        "NBGRADER_EXECUTION": "autograde",
        "PYTHONHASHSEED": "0",  # the same order of sets at each run
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    if home is not None:
        environment |= {"HOME": str(home), "TMPDIR": str(home)}
        environment["MPLCONFIGDIR"] = str(home / "matplotlib")
    for library in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB_MAXIMUM"):
        environment[f"{library}_NUM_THREADS"] = "1"
    # which kernels OpenBLAS takes must be the same on both sides, else digits differ
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        if name in os.environ:
            environment[name] = os.environ[name]
    return environment
