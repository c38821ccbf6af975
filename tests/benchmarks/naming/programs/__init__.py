"""Wrong programs as learners write them, a file a section; importing it fills the bank."""

from tests.benchmarks.naming.program import PROGRAMS
from tests.benchmarks.naming.programs import (
    beyond,
    capstone,
    section_0,
    section_1,
    section_2_1,
    section_2_2,
    section_2_3,
    section_3,
    section_4,
)

__all__ = ["PROGRAMS"]

_SECTIONS = (
    *(section_0, section_1, section_2_1, section_2_2, section_2_3, section_3, section_4),
    capstone,
    beyond,
)
"""Imported for what they put into the bank."""
