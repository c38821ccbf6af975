"""Put a process where it sees only what is its own, and cannot use more than its limits.

A small filter refuses system calls that no exercise needs and that get round the limits. They
reach memory that belongs to no process and to no limited file system (memfd, System V shared
memory, kernel keys), new namespaces, and doors to the kernel that were often broken. Each
answers "not permitted"; clone3, whose flags a filter cannot read, answers "not implemented",
and the C library then uses clone.
"""

import contextlib
import ctypes
import errno
import os
import resource
import socket
import struct
from pathlib import Path

from . import linux as lx

HOME = "/home/student"
_STAGE = "/run"  # an empty folder of the outer sandbox
# a file needs an inode of kernel memory even where it is empty
_FILES = 16384
_MIB = 1 << 20


NAMESPACES = (
    # users: so that no other kernel may be signalled or traced, and processes are counted for
    # each kernel alone
    lx.CLONE_NEWUSER
    | lx.CLONE_NEWNS
    | lx.CLONE_NEWPID
    | lx.CLONE_NEWIPC
    | lx.CLONE_NEWUTS
    | lx.CLONE_NEWNET
)


def settle_as_first_process(tmp_mb: int, uid: int, gid: int) -> None:
    """What process 1 of new namespaces has to do before it starts anything.

    It sees its own processes only (where the system allows a second view of processes:
    elsewhere names of others can be seen, but neither read nor signalled), can write only to
    one new file system of `tmp_mb` MiB, and cannot make further namespaces. `uid` and `gid`
    are its user and group outside. OSError where the system refuses any of it.
    """
    lx.prctl(lx.PR_SET_DUMPABLE, 1)  # else its own map of users is closed to it
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
    """Set all resource limits but that of memory, for good.

    Parameters
    ----------
    limits : dict
        The fields of `Limits`.
    processes_already : int
        What else counts as this user's processes.
    """
    _lower(resource.RLIMIT_NPROC, limits["processes"] + processes_already)
    _lower(resource.RLIMIT_FSIZE, limits["file_mb"] * _MIB)
    _lower(resource.RLIMIT_NOFILE, limits["open_files"])
    _lower(resource.RLIMIT_CORE, limits["core"])
    # the first second over is told by a signal that code can catch, the next one kills
    seconds = limits["cpu_seconds"]
    _lower(resource.RLIMIT_CPU, seconds, seconds + 1)
    _lower(resource.RLIMIT_MSGQUEUE, 0)


def lower_memory(memory_mb: int) -> None:
    """Limit what this process maps to what it has now and `memory_mb` MiB."""
    mapped, _ = memory_of("self")
    _lower(resource.RLIMIT_AS, mapped + memory_mb * _MIB)


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
    """Return a process's part of the memory that it shares, bytes; all it holds if unknown."""
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
    if uid == 0:  # no such limit holds for root
        return 0
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if entry.stat().st_uid == uid:
                    count += len(os.listdir(f"/proc/{entry.name}/task"))
    return count


# --- the filter of system calls -----------------------------------------------------------

# name: number on x86_64, on aarch64
_REFUSED = {
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "fsopen": (430, 430),
    "open_tree": (428, 428),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kexec_load": (246, 104),
    "open_by_handle_at": (304, 265),
}
_CLONE = (56, 220)
_CLONE3 = (435, 435)
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_NAMESPACES = 0x7E020000  # all CLONE_NEW* flags that clone takes

# classic BPF: load a word of the call's data, jump, return
_LOAD, _EQUAL, _ANY_BIT, _AT_LEAST, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_NUMBER, _MACHINE, _FIRST_ARGUMENT = 0, 4, 16


def _program(column: int, machine: int) -> bytes:
    refuse = _ERRNO | errno.EPERM

    def step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
        return struct.pack("HBBI", code, if_true, if_false, value)

    steps = [
        step(_LOAD, _MACHINE),
        step(_EQUAL, machine, 1),  # 32-bit calls have other numbers
        step(_RETURN, _KILL),
        step(_LOAD, _NUMBER),
    ]
    if column == 0:  # the x32 numbers
        steps += [step(_AT_LEAST, 0x40000000, 0, 1), step(_RETURN, refuse)]
    for numbers in _REFUSED.values():
        steps += [step(_EQUAL, numbers[column], 0, 1), step(_RETURN, refuse)]
    steps += [
        step(_EQUAL, _CLONE3[column], 0, 1),
        step(_RETURN, _ERRNO | errno.ENOSYS),
        step(_EQUAL, _CLONE[column], 0, 3),
        step(_LOAD, _FIRST_ARGUMENT),
        step(_ANY_BIT, _NAMESPACES, 0, 1),
        step(_RETURN, refuse),
        step(_RETURN, _ALLOW),
    ]
    return b"".join(steps)


def filter_calls() -> bool:
    """Filter this thread and all that it starts; False on a machine without numbers here.

    `PR_SET_NO_NEW_PRIVS` must be set already.
    """
    if os.uname().machine not in _MACHINES:
        return False
    program = _program(*_MACHINES[os.uname().machine])
    code = ctypes.create_string_buffer(program, len(program))

    class Filter(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))

    filter_ = Filter(len(program) // 8, ctypes.addressof(code))
    lx.prctl(lx.PR_SET_SECCOMP, 2, ctypes.c_void_p(ctypes.addressof(filter_)))
    return True
