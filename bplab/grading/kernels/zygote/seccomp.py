"""A small filter of system calls that no exercise needs and that get round the limits.

Memory that belongs to no process and to no limited file system (memfd, System V shared
memory, kernel keys), new namespaces, and doors to the kernel that were often broken. Each
answers "not permitted"; clone3, whose flags a filter cannot read, answers "not implemented",
and the C library then uses clone.
"""

import ctypes
import errno
import os
import struct

from . import linux

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


def install() -> bool:
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
    linux.prctl(linux.PR_SET_SECCOMP, 2, ctypes.c_void_p(ctypes.addressof(filter_)))
    return True
