"""The system calls that Python 3.11 does not offer, through ctypes."""

import ctypes
import errno
import os
import signal
import sys
from typing import Any

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_NOSUID, MS_NODEV, MS_NOEXEC = 2, 4, 8
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
MNT_DETACH = 2

PR_SET_DUMPABLE = 4
PR_CAPBSET_DROP = 24
PR_SET_SECCOMP = 22
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38

HERE = sys.platform == "linux"
_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long
_SYS_CLONE = {"x86_64": 56, "aarch64": 220}


def _checked(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def call(number: int, *arguments: Any) -> int:
    """Make a system call that the C library has no name for; return -1 if it is refused."""
    given = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    return int(_libc.syscall(ctypes.c_long(number), *given))


def checked_call(what: str, number: int, *arguments: Any) -> int:
    """Make such a system call; raise OSError if it is refused."""
    result = call(number, *arguments)
    _checked(0 if result >= 0 else -1, what)
    return result


def fork_into(flags: int) -> int:
    """Fork; the child is in new namespaces named by `flags`, as process 1 if asked for.

    `os.fork` and `unshare` would take two forks, and a fork of a process of this size takes
    milliseconds. The caller must have one thread only.
    """
    number = _SYS_CLONE.get(os.uname().machine)
    if number is None:
        raise OSError(errno.ENOSYS, f"clone is not known on {os.uname().machine}")
    api = ctypes.pythonapi  # holds the interpreter's lock over the call, as os.fork does
    clone = ctypes.PyDLL(None, use_errno=True).syscall
    clone.restype = ctypes.c_long
    zero = ctypes.c_long(0)
    api.PyOS_BeforeFork()
    child = clone(ctypes.c_long(number), ctypes.c_long(flags | signal.SIGCHLD), *[zero] * 4)
    error = ctypes.get_errno()
    if child == 0:
        api.PyOS_AfterFork_Child()
        return 0
    api.PyOS_AfterFork_Parent()
    if child < 0:
        raise OSError(error, f"new namespaces: {os.strerror(error)}")
    return child


def mount(source: str, target: str, kind: str, flags: int = 0, options: str = "") -> None:
    """Mount a file system; raise OSError if that is refused."""
    args = [text.encode() for text in (source, target, kind)]
    result = _libc.mount(*args, ctypes.c_ulong(flags), options.encode())
    _checked(result, f"mount {kind or 'bind'} on {target}")


def detach(target: str) -> None:
    """Unmount: names go now, and files that are still open go later."""
    _checked(_libc.umount2(target.encode(), MNT_DETACH), f"unmount {target}")


def prctl(option: int, value: int, pointer: ctypes.c_void_p | None = None) -> None:
    """Set an option of this process; do nothing on systems other than Linux."""
    if HERE:
        zero = ctypes.c_ulong(0)
        _checked(
            _libc.prctl(option, ctypes.c_ulong(value), pointer or zero, zero, zero),
            f"prctl {option}",
        )


def bound_capabilities() -> None:
    """Give up the right of this thread, and of all that it starts, to gain any capability."""
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    for capability in range(64):
        # EINVAL: past the last; EPERM: without CAP_SETPCAP there is nothing to drop
        if _libc.prctl(PR_CAPBSET_DROP, ctypes.c_ulong(capability), 0, 0, 0) != 0:
            break


def drop_capabilities() -> None:
    """Give up all capabilities of this thread, and the right to gain any; others keep theirs."""
    bound_capabilities()
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    nothing = (ctypes.c_uint32 * 6)()
    _checked(_libc.capset(header, nothing), "capset")
