"""Put a process where it sees only what is its own, and cannot use more than its limits."""

import contextlib
import ctypes
import os
import resource
import socket
import struct
from pathlib import Path

from . import linux as lx

HOME = "/home/student"
_STAGE = "/run"  # an empty folder of the outer sandbox
# even an empty file takes an inode of kernel memory
_FILES = 16384
_MIB = 1 << 20


NAMESPACES = (
    # users: so that no other kernel can be signalled or traced, and processes are counted for each
    # kernel separately
    lx.CLONE_NEWUSER
    | lx.CLONE_NEWNS
    | lx.CLONE_NEWPID
    | lx.CLONE_NEWIPC
    | lx.CLONE_NEWUTS
    | lx.CLONE_NEWNET
)


def settle_as_first_process(tmp_mb: int, uid: int, gid: int) -> None:
    """Do what process 1 of new namespaces has to do before it starts anything.

    From then on it sees only its own processes (if the system allows a second view of processes;
    elsewhere it sees the numbers of others, but can neither read nor signal them). It can write
    only to one new file system of `tmp_mb` MiB, and cannot make further namespaces. `uid` and `gid`
    are its user and group outside. Raises OSError if the system refuses a necessary step.
    """
    lx.prctl(lx.PR_SET_DUMPABLE, 1)  # else it may not write its own map of users
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"1000 {uid} 1")
    _write("/proc/self/gid_map", f"1000 {gid} 1")
    lx.mount("", "/", "", lx.MS_REC | lx.MS_PRIVATE)
    own_files(tmp_mb)
    with contextlib.suppress(OSError):
        _loopback_up()
    with contextlib.suppress(OSError):
        lx.mount("proc", "/proc", "proc", lx.MS_NOSUID | lx.MS_NODEV | lx.MS_NOEXEC)
        _write("/proc/sys/user/max_user_namespaces", "0")
    lx.prctl(lx.PR_SET_DUMPABLE, 0)
    lx.drop_capabilities()


def own_files(tmp_mb: int) -> None:
    """Mount one file system of `tmp_mb` MiB over every folder that can be written to."""
    nothing_special = lx.MS_NOSUID | lx.MS_NODEV
    size = f"size={tmp_mb}m,nr_inodes={_FILES},mode=0755"
    lx.mount("tmpfs", _STAGE, "tmpfs", nothing_special, size)
    for name, target, mode in (
        ("home", HOME, 0o755),
        ("tmp", "/tmp", 0o1777),
        ("shm", "/dev/shm", 0o1777),
    ):
        folder = f"{_STAGE}/{name}"
        os.mkdir(folder)
        os.chmod(folder, mode)
        lx.mount(folder, target, "", lx.MS_BIND)
    lx.detach(_STAGE)


def _write(path: str, text: str) -> None:
    handle = os.open(path, os.O_WRONLY)
    try:
        os.write(handle, text.encode())
    finally:
        os.close(handle)


def _loopback_up() -> None:
    import fcntl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sH14x", b"lo", 0x1 | 0x40)  # IFF_UP, IFF_RUNNING
        fcntl.ioctl(any_socket, 0x8914, request)  # SIOCSIFFLAGS


def lower_limits(limits: dict, processes_already: int = 0) -> None:
    """Set all resource limits except that of memory, for good.

    Parameters
    ----------
    limits : dict
        The fields of `Limits`.
    processes_already : int
        How many other processes and threads count as this user's.
    """
    _lower(resource.RLIMIT_NPROC, limits["processes"] + processes_already)
    _lower(resource.RLIMIT_FSIZE, limits["file_mb"] * _MIB)
    _lower(resource.RLIMIT_NOFILE, limits["open_files"])
    _lower(resource.RLIMIT_CORE, limits["core"])
    # at the limit the system sends a signal that code can catch; a second later it kills
    seconds = limits["cpu_seconds"]
    _lower(resource.RLIMIT_CPU, seconds, seconds + 1)
    _lower(resource.RLIMIT_MSGQUEUE, 0)


def lower_memory(memory_mb: int) -> None:
    """Limit this process's mapped memory to what it has now plus `memory_mb` MiB."""
    mapped, _ = memory_of("self")
    _lower(resource.RLIMIT_AS, mapped + memory_mb * _MIB)


def lift_what_is_inherited() -> None:
    """Lift limits that our parent process has for itself: of memory, and of processor time."""
    for which in (resource.RLIMIT_DATA, resource.RLIMIT_CPU):
        _, highest = resource.getrlimit(which)
        resource.setrlimit(which, (highest, highest))


def _lower(which: int, soft: int, hard: int | None = None) -> None:
    _, highest = resource.getrlimit(which)
    wanted = [soft, soft if hard is None else hard]
    if highest != resource.RLIM_INFINITY:
        wanted = [min(value, highest) for value in wanted]
    with contextlib.suppress(ValueError, OSError):  # a system that does not know this limit
        resource.setrlimit(which, (wanted[0], wanted[1]))


def memory_of(process: int | str) -> tuple[int, int]:
    """Return the mapped and the resident memory of a process, bytes (0, 0 if it is gone)."""
    try:
        pages = Path(f"/proc/{process}/statm").read_bytes().split()
        return int(pages[0]) * resource.getpagesize(), int(pages[1]) * resource.getpagesize()
    except (OSError, ValueError, IndexError):
        return 0, 0


def share_of_memory(process: int | str) -> int:
    """Return a process's memory with its part of shared pages, bytes; all it holds if unknown."""
    try:
        for line in Path(f"/proc/{process}/smaps_rollup").read_bytes().splitlines():
            if line.startswith(b"Pss:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    return memory_of(process)[1]


def threads_of_user() -> int:
    """Return how many threads this user runs, as the limit of processes counts them."""
    count, uid = 0, os.getuid()
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if entry.stat().st_uid == uid:
                    count += len(os.listdir(f"/proc/{entry.name}/task"))
    return count


# --- the filter of system calls -----------------------------------------------------------

OWN_PROCESS = 0x3A5C96E1
"""This number stands, in a filter, for the process that is filtered."""


def filter_calls(program: bytes) -> None:
    """Filter the system calls of this thread and of all that it starts.

    `PR_SET_NO_NEW_PRIVS` must be set already.

    Parameters
    ----------
    program : bytes
        A filter that `bplab.grading.kernels.calls` has compiled.
    """
    one = struct.pack("=I", OWN_PROCESS)
    program = program.replace(one, struct.pack("=I", os.getpid()))
    code = ctypes.create_string_buffer(program, len(program))

    class Filter(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))

    filter_ = Filter(len(program) // 8, ctypes.addressof(code))
    lx.prctl(lx.PR_SET_SECCOMP, 2, ctypes.c_void_p(ctypes.addressof(filter_)))
