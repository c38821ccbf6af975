"""Folders, sockets and files that a host makes for its kernels."""

import json
import os
import shutil
import socket
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import BinaryIO

__all__ = ["copy_readable", "listening", "pack", "short_folder"]


def short_folder() -> Path:
    """Return a new folder of this user's alone, whose name leaves room in a socket's name."""
    folder = tempfile.mkdtemp(prefix="bplab-")
    if len(folder) > 80 and os.path.isdir("/tmp"):
        os.rmdir(folder)
        folder = tempfile.mkdtemp(prefix="bplab-", dir="/tmp")
    return Path(folder)


def copy_readable(package: Path, target: Path) -> None:
    """Copy a folder so that the user whom kernels run as can read it."""
    shutil.copytree(package, target, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (target, *target.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def listening(name: str) -> socket.socket:
    """Return a socket that listens at `name`, where an older one may have been."""
    with suppress(FileNotFoundError):
        os.unlink(name)
    one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    one.bind(name)
    one.listen(16)
    one.setblocking(False)  # as zmq makes its own
    return one


def pack(files: Mapping[str, bytes], packed: BinaryIO) -> None:
    """Write a line of JSON with names and sizes, then the bytes, and flush."""
    for name in files:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or not path.parts or "\0" in name:
            raise ValueError(f"a file beside the notebook needs a relative name, got {name!r}")
    index = [[str(PurePosixPath(name)), len(data)] for name, data in files.items()]
    packed.write(json.dumps(index).encode() + b"\n")
    for data in files.values():
        packed.write(data)
    packed.flush()
