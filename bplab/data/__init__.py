"""Real data sets, small enough to ship; each with its licence beside it."""

from bplab.data.digits import Digits, digits
from bplab.data.penguins import Penguins, penguins

__all__ = ["Digits", "Penguins", "digits", "penguins"]
