"""What a process may take that runs programs nobody has read: a mutant may fill the memory."""

import contextlib

__all__ = ["MEMORY", "limited"]

MEMORY = 2 * 2**30


def limited() -> None:
    """Bound this process's memory, where the system can."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))
