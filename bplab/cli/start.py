"""Check for what would stop JupyterLab, or its install, before either begins.

`bplab lab` checks at each start. The Makefile runs this file by itself, with any Python and before
there is an environment, so it may import nothing but the standard library.
"""

import argparse
import contextlib
import errno
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

__all__ = ["CannotStartError", "can_install", "can_start", "folders_of_jupyter"]

_MB = 10**6
_NEEDED = {"learn": 450, "course": 700, "test": 1000}  # MB on disk: a little more than is used
_TEMPORARY = 200  # MB for what pip unpacks meanwhile
_FILES = 30_000
_PORT, _RETRIES = 8888, 50  # JupyterLab's own
_TAKEN = (errno.EADDRINUSE, errno.EACCES)  # then JupyterLab tries the next port


class CannotStartError(Exception):
    """Something stands in the way; the message says what to do."""


def can_install(root: Path, extra: str) -> None:
    """Check what it takes to make ``root/.venv`` and to install ``bplab[extra]`` into it.

    Parameters
    ----------
    root : Path
        The clone.
    extra : str
        ``"learn"``, ``"course"`` or ``"test"``.

    Raises
    ------
    CannotStartError
        At the first thing that is missing.
    """
    if os.pathsep in str(root):
        raise CannotStartError(
            f"Python makes no environment below a folder with {os.pathsep!r} in its name: "
            f"rename {root}"
        )
    elsewhere = "move this folder to another disk"
    _writable(root / ".venv", "The programs go into", "make it yours, or clone again elsewhere")
    if hasattr(os, "ST_NOEXEC") and os.statvfs(root).f_flag & os.ST_NOEXEC:
        raise CannotStartError(
            f"{root} is on a disk that no program may be run from (mounted noexec): {elsewhere}"
        )
    _room(root, _NEEDED[extra], elsewhere)
    other = "name another folder for temporary files, export TMPDIR=/a/folder"
    try:
        temporary = Path(tempfile.gettempdir())
    except OSError as error:
        raise CannotStartError(f"{error.strerror}: make room in one, or {other}") from None
    if temporary.stat().st_dev != root.stat().st_dev:
        _room(temporary, _TEMPORARY, other)


def can_start(root: Path, options: Sequence[str] = ()) -> None:
    """Check what JupyterLab needs besides its programs: folders to write to, and a port.

    Parameters
    ----------
    root : Path
        The folder with ``work/``, or where that will be.
    options : sequence of str
        What is passed on to JupyterLab.

    Raises
    ------
    CannotStartError
        At the first thing that is missing.
    """
    yours = "make it yours, or start in another folder"
    _writable(root / "work", "Your copies of the notebooks go into", yours)
    for folder in folders_of_jupyter():
        home = "make it yours, or name another home: export HOME=/a/folder/of/yours"
        _writable(folder, "JupyterLab keeps files in", home)
    _can_listen(options)


def folders_of_jupyter() -> list[Path]:
    """Return Jupyter's folders for runtime files and for settings, whether they exist or not."""
    home = Path(os.path.expanduser("~"))
    if sys.platform == "win32":
        data = Path(os.environ.get("APPDATA", home)) / "jupyter"
    elif sys.platform == "darwin":
        data = home / "Library" / "Jupyter"
    else:
        data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "jupyter"
    data = Path(os.environ.get("JUPYTER_DATA_DIR") or data)
    runtime = os.environ.get("JUPYTER_RUNTIME_DIR") or data / "runtime"
    settings = os.environ.get("JUPYTER_CONFIG_DIR") or home / ".jupyter"
    return [Path(runtime), Path(settings)]


def _writable(wanted: Path, what: str, todo: str) -> None:
    folder = wanted
    try:
        while not folder.exists():
            folder = folder.parent
        # checking rights is not enough: root has them all, even on a read-only disk
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise CannotStartError(
            f"{what} {wanted}, and {folder} cannot be written to ({error.strerror}): {todo}"
        ) from None


def _room(folder: Path, needed: int, todo: str) -> None:
    free = shutil.disk_usage(folder).free // _MB
    if free < needed:
        raise CannotStartError(
            f"The install needs {needed} MB in {folder}, and {free} MB are free there: "
            f"make room, or {todo}"
        )
    disk = os.statvfs(folder) if hasattr(os, "statvfs") else None
    if disk and disk.f_files and disk.f_favail < _FILES:
        raise CannotStartError(
            f"The install needs {_FILES} files in {folder}, and the disk takes {disk.f_favail} "
            f"more: remove some, or {todo}"
        )


def _can_listen(options: Sequence[str]) -> None:
    reader = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    port = os.environ.get("JUPYTER_PORT", _PORT)
    reader.add_argument("--port", "--ServerApp.port", type=int, default=port)
    reader.add_argument("--port-retries", "--ServerApp.port_retries", type=int, default=_RETRIES)
    reader.add_argument("--ip", "--ServerApp.ip", default="localhost")
    reader.add_argument("--sock", "--ServerApp.sock")
    with contextlib.suppress(argparse.ArgumentError):  # JupyterLab says what is wrong with it
        asked, _ = reader.parse_known_args(options)
        ip = "" if asked.ip == "*" else asked.ip
        if not asked.sock:
            _find_port(ip, asked.port, asked.port_retries)


def _find_port(ip: str, first: int, retries: int) -> None:
    another = "choose another: make lab ARGS=--port=9000, or bplab lab --port=9000"
    for port in range(first, first + retries + 1):
        try:
            return socket.create_server((ip, port)).close()
        except (OSError, OverflowError) as error:
            why = getattr(error, "errno", None)
            if why not in _TAKEN:
                raise CannotStartError(
                    f"JupyterLab cannot listen on port {port} of {ip or 'this computer'} "
                    f"({error}): {another}"
                ) from None
    if why == errno.EACCES:
        raise CannotStartError(f"Port {first} is for the administrator: {another}")
    raise CannotStartError(
        f"Port {first} is taken, perhaps by a JupyterLab that still runs: close that, or {another}"
    )


def main(arguments: list[str]) -> None:
    """Check the install of an extra, and after ``lab`` also the start, with its options."""
    extra, *rest = arguments
    root = Path(__file__).resolve().parents[2]
    try:
        can_install(root, extra)
        if rest[:1] == ["lab"]:
            can_start(root, rest[1:])
    except CannotStartError as error:
        sys.exit(f"bplab: {error}")


if __name__ == "__main__":
    main(sys.argv[1:])
