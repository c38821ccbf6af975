"""Landlock: which files a process may open, and which processes it may signal.

See landlock(7). It takes all access to files, except to those named, from a process and from
everything that it starts. It needs no namespaces and no rights, and came with Linux 5.13.
"""

import contextlib
import ctypes
import os
import struct
from collections.abc import Iterable

from . import linux as lx

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same on every machine
_ASK_VERSION, _BELOW_A_PATH = 1, 1

_EXECUTE, _WRITE, _READ, _LIST = 1, 2, 4, 8
# by version: all rights on files that it knows, every one of which is taken away
_ALL_OF = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_SPECIAL = 1 << 6 | 1 << 11  # devices are made by nobody
_OF_A_FILE = _EXECUTE | _WRITE | _READ | 1 << 14 | 1 << 15  # the others are a folder's
_NETWORK, _NETWORK_FROM = 3, 4  # bind and connect, by TCP
_SCOPES, SIGNALS_FROM = 3, 6  # abstract sockets, signals

READ, LIST, WRITE, USE = "read", "list", "write", "use"
"""What may be done below a path: read and run; see names; everything; read and write a device."""


def version() -> int:
    """Return which version of Landlock the system offers; 0 if there is none."""
    if not lx.HERE:
        return 0
    return max(0, lx.call(_CREATE, None, 0, _ASK_VERSION))


def restrict(allowed: Iterable[tuple[str, str]]) -> None:
    """Leave this thread, and all that it starts, only these paths; no right is ever regained.

    `PR_SET_NO_NEW_PRIVS` must be set already. A path that does not exist is left out.

    Parameters
    ----------
    allowed : iterable of (str, str)
        A path, and what may be done below it: `READ`, `LIST`, `WRITE` or `USE`.
    """
    offered = version()
    every = max((v, rights) for v, rights in _ALL_OF.items() if v <= offered)[1]
    network = _NETWORK if offered >= _NETWORK_FROM else 0
    scopes = _SCOPES if offered >= SIGNALS_FROM else 0
    handled = struct.pack("QQQ", every, network, scopes)
    size = 24 if scopes else 16 if network else 8
    rules = lx.checked_call("Landlock", _CREATE, handled, size, 0)
    kinds = {
        READ: _EXECUTE | _READ | _LIST,
        LIST: _LIST,
        WRITE: every & ~_SPECIAL,
        USE: (_READ | _WRITE | 1 << 15) & every,
    }
    try:
        for path, what in allowed:
            with contextlib.suppress(OSError):
                _allow(rules, path, kinds[what])
        lx.checked_call("Landlock", _RESTRICT, rules, 0)
    finally:
        os.close(rules)


def _allow(rules: int, path: str, rights: int) -> None:
    handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not os.path.isdir(f"/proc/self/fd/{handle}"):
            rights &= _OF_A_FILE
        # packed: the descriptor follows the rights without a gap
        rule = ctypes.create_string_buffer(struct.pack("=Qi", rights, handle), 12)
        lx.checked_call("Landlock", _ADD, rules, _BELOW_A_PATH, ctypes.byref(rule), 0)
    finally:
        os.close(handle)
