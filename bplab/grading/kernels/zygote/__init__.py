"""What runs on the far side: the warm process that kernels are forked from.

Loaded on its own, without the rest of bplab, by a Python that has only the standard
library, the installed packages and the edition on its path. Standard library only here, so
that nothing is imported before it is meant to be.
"""
