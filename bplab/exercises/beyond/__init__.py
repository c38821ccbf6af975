"""Beyond the paper: automatic differentiation, node by node."""

from bplab.exercises.beyond.exercises import EXERCISES

__all__ = ["EXERCISES"]
