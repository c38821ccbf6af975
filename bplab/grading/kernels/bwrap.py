"""The bubblewrap command that the warm process runs in."""

import os
import re
import shutil
import subprocess
import threading
from pathlib import Path, PurePosixPath

from bplab.grading.kernels.limits import Limits
from bplab.grading.kernels.visible import HOME, PLACE, View, clean_environment, system_folders

__all__ = ["CODE", "EDITION", "NOBODY", "sandbox", "why_not"]

# as root, what runs inside is given to the user and group that own nothing
NOBODY = (65534, 65534)
EDITION = f"{PLACE}/edition"
CODE = f"{PLACE}/warm"
_INSIDE = "/run"  # must stay empty: kernels mount their files there first
_PASSWD = """root:x:0:0:root:/root:/usr/sbin/nologin
student:x:1000:1000::/home/student:/bin/sh
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
"""
_GROUP = "root:x:0:\nstudent:x:1000:\nnogroup:x:65534:\n"


def _privileges() -> list[str]:
    if os.geteuid() == 0:
        namespaces = ["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-net"]
        # to become nobody: else resource limits would not hold, and root's files be open
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


def sandbox(view: View, edition: Path, code: Path, limits: Limits) -> tuple[list[str], list[int]]:
    """Return the command before the program to run, and descriptors to pass and then close.

    Parameters
    ----------
    view : View
        Where Python and its packages are to be seen.
    edition : Path
        The folder that ``bplab`` is imported from: read-only at `EDITION`.
    code : Path
        The package of the warm process's own code: read-only in `CODE`.
    limits : Limits
        For the size of the files written where kernels have no file system of their own.
    """
    program = shutil.which("bwrap") or "bwrap"
    options = [*_privileges(), "--new-session", "--clearenv", "--hostname", "grading"]
    if threading.current_thread() is threading.main_thread():
        options.append("--die-with-parent")  # it is the thread's end that would be meant
    for name, value in clean_environment().items():
        options += ["--setenv", name, value]
    options += system_folders()
    options += ["--dev", "/dev", "--proc", "/proc", "--dir", _INSIDE]
    # folders on the way are made for root alone, if nothing is said
    names = [EDITION, f"{CODE}/_", HOME, "/etc/passwd", *(seen for _, seen in view.shown)]
    ways = {way for name in names for way in PurePosixPath(name).parents if len(way.parts) > 1}
    for way in sorted(ways):
        options += ["--perms", "0755", "--dir", str(way)]
    for folder in ("/tmp", HOME, "/dev/shm"):
        # as root they are still root's, and nobody must be able to write there
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
    """Return the option that bounds the next temporary file system, from version 0.7 on."""
    said = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    number = re.search(r"(\d+)\.(\d+)", said)
    known = number is not None and (int(number[1]), int(number[2])) >= (0, 7)
    return ["--size", str(size_mb << 20)] if known else []


def _readable(text: str) -> int:
    reads, writes = os.pipe()
    os.write(writes, text.encode())
    os.close(writes)
    return reads
