"""How strictly a student's kernel is confined, and what it may use.

How long its cells may run is set elsewhere: by `Times` in ``judge/session.py``.
"""

from dataclasses import dataclass, fields
from enum import StrEnum

__all__ = ["AUTO", "BWRAP", "LANDLOCK", "NONE", "UNPROTECTED", "Isolation", "Limits"]


class Isolation(StrEnum):
    """What keeps a student's code apart from the machine.

    ``AUTO`` takes ``BWRAP`` if it is available, else ``LANDLOCK``, and refuses to go on without
    either: see `bplab.grading.kernels.walls`. ``NONE`` is a plain process with resource limits.
    """

    AUTO = "auto"
    BWRAP = "bwrap"
    LANDLOCK = "landlock"
    NONE = "none"


AUTO, BWRAP, LANDLOCK, NONE = Isolation

UNPROTECTED = "marks not protected"
"""These words are in every message about marks that were given with ``NONE``."""


@dataclass(frozen=True)
class Limits:
    """What one student kernel, with all processes it starts, may use.

    Attributes
    ----------
    memory_mb : int
        Memory on top of what a fresh kernel has, in MiB. One process cannot map more; a
        kernel whose processes together hold more is killed.
    processes : int
        Processes and threads at the same time. A fresh kernel has about ten threads.
    file_mb : int
        Size of one written file, in MiB.
    tmp_mb : int
        All files that the kernel writes (home folder, ``/tmp``, ``/dev/shm``), in MiB. Only
        bubblewrap enforces this.
    open_files : int
        Open file descriptors of one process.
    cpu_seconds : int
        Processor time of one process, in seconds. Time by the clock is limited by the caller.
    core : int
        Size of a core dump, in bytes.

    Raises
    ------
    ValueError
        If a limit is not a whole number, is negative, or, except for `core`, is 0.
    """

    memory_mb: int = 2048
    processes: int = 64
    file_mb: int = 64
    tmp_mb: int = 256
    open_files: int = 256
    cpu_seconds: int = 900
    core: int = 0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            least = 0 if field.name == "core" else 1
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise ValueError(
                    f"Limits.{field.name} must be a whole number of at least {least}, got {value!r}"
                )
