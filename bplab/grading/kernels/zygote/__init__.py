"""What runs on the far side: the warm process that kernels are forked from.

============  =============================================================================
``serve``     waits for requests, forks a kernel for each, says when it has ended
``kernel``    an IPython kernel, and what makes the process warm before one is forked
``keeper``    the parent of one kernel: reaps, passes on signals, watches the memory
``confine``   what a kernel sees, may use, and may ask of the system
``landlock``  the wall that needs no namespaces: which files may be opened
``linux``     the system calls that Python does not offer
============  =============================================================================

Loaded on its own, without the rest of bplab, by a Python that has only the standard
library, the installed packages and the edition on its path. Standard library only here, so
that nothing is imported before it is meant to be.
"""
