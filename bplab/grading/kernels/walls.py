"""Choose the wall between students' code and this machine, or say why there is none.

The first wall is bubblewrap. Where it cannot run, the second is Landlock with a filter of system
calls, which needs no namespaces. If neither is available nothing is graded, unless a person asks
for grading without a wall.
"""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from bplab.grading.kernels import bwrap, calls
from bplab.grading.kernels.limits import AUTO, BWRAP, LANDLOCK, NONE, UNPROTECTED, Isolation
from bplab.grading.kernels.zygote import landlock

__all__ = ["IsolationError", "Wall", "choose", "own_users"]

_EXPOSED = (
    f"{UNPROTECTED}: isolation=none was asked for, and student code runs with resource limits "
    "only. It can read what anybody here can read, use the network, and reach other processes"
)
_SECOND = (
    "kernels run behind Landlock and a filter of system calls. That hides what is in files, but "
    "not that they are there, and the sum of the files that one writes is not limited"
)
_IN_A_CONTAINER = (
    "In a container, start it with: docker run --cap-add SYS_ADMIN --cap-add NET_ADMIN "
    "--security-opt seccomp=unconfined --security-opt apparmor=unconfined"
)
_FOR_A_USER = (
    "Allow user namespaces, as root: sysctl -w user.max_user_namespaces=15000 (on Ubuntu also "
    "kernel.apparmor_restrict_unprivileged_userns=0)"
)
_HIGH, _HIGH_COUNT = 2_000_000_000, 1 << 22  # as many as there can be processes on a machine
_LOW, _LOW_COUNT = 61_184, 4_336  # reserved by systemd for temporary users


class IsolationError(RuntimeError):
    """The isolation that was asked for is not available here."""


@dataclass(frozen=True)
class Wall:
    """The isolation in force.

    Attributes
    ----------
    kind : Isolation
        ``BWRAP``, ``LANDLOCK`` or ``NONE``.
    warning : str
        What is weaker than bubblewrap, for the instructor; else empty.
    """

    kind: Isolation
    warning: str = ""


def choose(asked: Isolation) -> Wall:
    """Return the wall that was asked for; with ``AUTO``, the strongest that is available here.

    Raises
    ------
    IsolationError
        If there is none; the message says what to do. Without bubblewrap, root needs other users
        that kernels can run as: no student's code runs as root.
    """
    if sys.platform != "linux":
        raise IsolationError(
            "students' notebooks are graded on Linux only: their kernels are kept apart by what "
            "other systems do not have. Grade in a Linux container or a virtual machine (on "
            "Windows: in WSL 2)"
        )
    if asked is NONE:
        if why := _not_another_user():
            raise IsolationError(
                f"isolation=none runs no student's code as root, and {why}. Grade as an "
                "ordinary user"
            )
        return Wall(NONE, _EXPOSED)
    no_filter = calls.why_not()
    why_not_bwrap = no_filter or bwrap.why_not()
    if asked in (AUTO, BWRAP) and not why_not_bwrap:
        return Wall(BWRAP)
    why_not_landlock = no_filter or _no_landlock()
    if asked in (AUTO, LANDLOCK) and not why_not_landlock:
        return Wall(LANDLOCK, f"{why_not_bwrap}; {_SECOND}" if why_not_bwrap else _SECOND)
    reasons = {
        BWRAP: [why_not_bwrap],
        LANDLOCK: [why_not_landlock],
        AUTO: dict.fromkeys((why_not_bwrap, why_not_landlock)),
    }[asked]
    raise IsolationError(
        f"isolation={asked}: there is no wall between students' code and this machine, and so "
        f"nothing is graded: {'; '.join(reasons)}. {_remedy(no_filter, why_not_bwrap)}. "
        "(--isolation=none grades without one: marks are not protected then)"
    )


def _remedy(no_filter: str, why_not_bwrap: str) -> str:
    if no_filter:
        return "Install it: apt install libseccomp2; pip install 'bplab[course]'"
    if "not installed" in why_not_bwrap:
        return "Install it: apt install bubblewrap"
    return _IN_A_CONTAINER if os.geteuid() == 0 else _FOR_A_USER


def _no_landlock() -> str:
    if landlock.version() == 0:
        return "this system's kernel has no Landlock (Linux 5.13 or later, with lsm=landlock)"
    return _not_another_user()


# --- users for kernels ------------------------------------------------------------------


def _not_another_user() -> str:
    """Why root cannot run a kernel as somebody else; empty if it can, or is not root."""
    if os.geteuid() != 0:
        return ""
    needed = 1 << 6 | 1 << 7  # CAP_SETGID, CAP_SETUID
    held = int(_status().get("CapEff", "0"), 16)
    if held & needed != needed:
        return "this root may not become another user (CAP_SETUID and CAP_SETGID are missing)"
    if own_users() is None:
        return "this container has no other users (see /proc/self/uid_map)"
    return ""


def own_users() -> tuple[int, int] | None:
    """Return the first of the users and groups that root's kernels run as, and how many there are.

    Each kernel has one of its own, so that it cannot reach the processes of other kernels. None if
    this is not root, or if there are no such users.
    """
    if os.geteuid() != 0:
        return None
    maps = [_mapped("uid_map"), _mapped("gid_map")]
    for first, count in ((_HIGH, _HIGH_COUNT), (_LOW, _LOW_COUNT)):
        if all(any(s <= first and first + count <= e for s, e in one) for one in maps):
            return first, count
    return None


def _mapped(name: str) -> list[tuple[int, int]]:
    lines = Path("/proc/self", name).read_text(encoding="ascii").splitlines()
    numbers = [list(map(int, line.split())) for line in lines]
    return [(start, start + count) for start, _, count in numbers]


def _status() -> dict[str, str]:
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)
