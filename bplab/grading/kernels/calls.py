"""Which system calls a kernel may not make: a filter, compiled by libseccomp.

It refuses calls that no exercise needs and that get around the limits: memory that belongs to no
process and to no limited file system (memfd, System V shared memory, kernel keys), new namespaces,
other processes' limits and priorities, sockets of odd families, and parts of the system in which
holes were often found. A refused call answers "not permitted". Only clone3 and openat2, whose
arguments a filter cannot read, answer "not implemented"; the C library then uses the older call.
"""

import errno
import os
import socket
import tempfile
from functools import cache
from typing import Any

from bplab.grading.kernels.zygote.confine import OWN_PROCESS

__all__ = ["compiled", "why_not"]

_NEVER = (
    *("memfd_create", "memfd_secret", "shmget", "msgget", "semget"),
    *("add_key", "request_key", "keyctl"),
    *("unshare", "setns", "mount", "fsopen", "open_tree", "pivot_root", "chroot"),
    *("bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "kexec_load"),
    *("ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "pidfd_getfd"),
    *("open_by_handle_at", "kcmp", "move_pages", "migrate_pages", "ioprio_set"),
)
_NEWER = range(452, 600)
"""Numbers of calls that came after Linux 6.5, or will come; they are the same on every machine."""
_NEW_NAMESPACES = tuple(1 << bit for bit in (7, 17, 25, 26, 27, 28, 29, 30))
_WHEN_IT_RUNS = ("sched_setaffinity", "sched_setscheduler", "sched_setparam", "sched_setattr")

# Landlock guards the content of files; these calls reach files, sockets and processes past it
_PAST_LANDLOCK = (
    *("connect", "bind", "listen"),
    *("inotify_init", "inotify_init1", "fanotify_init", "name_to_handle_at"),
    *("truncate", "tkill", "pidfd_send_signal", "creat"),
)
_MARKS_OF_FILES = (
    *("chmod", "fchmodat", "chown", "lchown", "fchownat", "utime", "utimes", "futimesat"),
    *("setxattr", "lsetxattr", "removexattr", "lremovexattr"),
)
_TO_A_PROCESS = ("kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo")


def why_not() -> str:
    """Return why no filter can be made here, in a few words; empty if one can."""
    try:
        import pyseccomp  # noqa: F401
    except ImportError:
        return "pyseccomp is not installed"
    except RuntimeError:
        return "libseccomp is not installed"
    return ""


@cache
def compiled(*, landlocked: bool = False, signals: bool = True) -> bytes:
    """Return the filter in the form that the system takes.

    Parameters
    ----------
    landlocked : bool
        Whether the filter is for a kernel behind Landlock, without namespaces. Such a kernel has no
        sockets but pairs, and can change files' content but none of their attributes. Calls that
        would change these have no effect, and give no error, since copying a file makes them, too.
    signals : bool
        Whether the kernel may send signals to other processes than its own. False if Landlock does
        not restrict signals to processes that it started: then a number in the filter,
        `OWN_PROCESS`, stands for the kernel's process.
    """
    import pyseccomp as lib

    made = lib.SyscallFilter(lib.ALLOW)
    made.set_attr(lib.Attr.CTL_OPTIMIZE, 2)  # a tree: a list would be searched at each call
    no, missing = lib.ERRNO(errno.EPERM), lib.ERRNO(errno.ENOSYS)
    for name in _NEVER:
        made.add_rule(no, name)
    for name in ("clone3", *_NEWER):
        made.add_rule(missing, name)
    for flag in _NEW_NAMESPACES:
        made.add_rule(no, "clone", lib.Arg(0, lib.MASKED_EQ, flag, flag))
    made.add_rule(no, "prlimit64", lib.Arg(0, lib.NE, 0))
    for name in _WHEN_IT_RUNS:  # zmq sets it for its threads, and accepts no refusal
        made.add_rule(lib.ERRNO(0), name, lib.Arg(0, lib.NE, 0))
    for argument in (0, 1):  # which kind of priority, and whose
        made.add_rule(no, "setpriority", lib.Arg(argument, lib.NE, 0))
    if landlocked:
        _past_landlock(lib, made)
    else:
        _families(lib, made)
    if not signals:
        for name in _TO_A_PROCESS:
            for unlike in (lib.LT, lib.GT):
                made.add_rule(no, name, lib.Arg(0, unlike, OWN_PROCESS))
    with tempfile.TemporaryFile() as file:
        made.export_bpf(file)
        file.seek(0)
        return file.read()


def _families(lib: Any, made: Any) -> None:
    """Allow local and IP sockets only; the kernel's network is its own, with nobody in it."""
    kept = {socket.AF_UNIX, socket.AF_INET, socket.AF_INET6}
    for name in ("socket", "socketpair"):
        made.add_rule(_no_socket(lib), name, lib.Arg(0, lib.GT, max(kept)))
        for family in {*range(max(kept))} - kept:
            made.add_rule(_no_socket(lib), name, lib.Arg(0, lib.EQ, family))


def _no_socket(lib: Any) -> Any:
    """The error for a refused socket: zmq, which asks for network devices, dies at any other."""
    return lib.ERRNO(errno.EOPNOTSUPP)


def _past_landlock(lib: Any, made: Any) -> None:
    no = lib.ERRNO(errno.EPERM)
    made.add_rule(_no_socket(lib), "socket")
    for name in _PAST_LANDLOCK:
        made.add_rule(no, name)
    for kind in {*range(16)} - {socket.SOCK_STREAM, socket.SOCK_SEQPACKET}:
        # sockets of other kinds can send to any name
        made.add_rule(no, "socketpair", lib.Arg(1, lib.MASKED_EQ, 15, kind))
    for name in _MARKS_OF_FILES:
        made.add_rule(lib.ERRNO(0), name)
    made.add_rule(lib.ERRNO(0), "utimensat", lib.Arg(1, lib.NE, 0))  # by name, not of an open file
    # emptied, though opened for reading: Landlock prevents that only from Linux 6.2 on
    emptied = os.O_TRUNC | os.O_RDONLY
    for name, flags in (("open", 1), ("openat", 2)):
        made.add_rule(no, name, lib.Arg(flags, lib.MASKED_EQ, os.O_TRUNC | os.O_ACCMODE, emptied))
    made.add_rule(lib.ERRNO(errno.ENOSYS), "openat2")
