"""The code inside the warm process, which kernels are forked from.

============  =============================================================================
``serve``     waits for requests, forks a kernel for each, reports when it has ended
``kernel``    an IPython kernel, and what makes the process warm before one is forked
``keeper``    the parent of one kernel: ends it when told to, watches memory and processes
``confine``   limits what a kernel sees, uses, and asks of the system
``landlock``  the wall that needs no namespaces: which files may be opened
``linux``     the system calls that Python does not offer
============  =============================================================================

This package is loaded on its own, without the rest of bplab, by a Python that has only the standard
library, the installed packages and the edition on its path. All modules but ``kernel``, which is
loaded late, use the standard library only, so that nothing is imported before it is meant to be.
"""
