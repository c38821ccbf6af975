"""Run a command as on a machine with no wall to be had: ``python -m tests.bare make test``.

Nothing in it, nor in what it starts, makes namespaces or asks for Landlock.
"""

import errno
import os
import sys

import pyseccomp

NAMESPACES = (17, 25, 26, 27, 28, 29, 30)


def main() -> None:
    """Take away what walls are made of, and become the command."""
    refusing = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    missing = pyseccomp.ERRNO(errno.ENOSYS)
    for call in ("landlock_create_ruleset", "clone3"):
        refusing.add_rule(missing, call)
    for bit in NAMESPACES:
        for call in ("clone", "unshare"):
            new = pyseccomp.Arg(0, pyseccomp.MASKED_EQ, 1 << bit, 1 << bit)
            refusing.add_rule(pyseccomp.ERRNO(errno.EPERM), call, new)
    refusing.load()
    os.execvp(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
