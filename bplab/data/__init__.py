"""Real data sets, small enough to ship; each with its licence beside it."""

from bplab.data._digits import Digits, digits
from bplab.data._penguins import Penguins, penguins

__all__ = ["Digits", "Penguins", "digits", "penguins"]
