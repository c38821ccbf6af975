"""All accidents, by name."""

from collections.abc import Mapping

from tests.grading.hostile.accident import Accident
from tests.grading.hostile.accidents_file import IN_FILES
from tests.grading.hostile.accidents_running import RUNNING
from tests.grading.hostile.accidents_state import STATE

__all__ = ["ACCIDENTS", "Accident"]

_ALL = (*RUNNING, *STATE, *IN_FILES)

ACCIDENTS: Mapping[str, Accident] = {accident.name: accident for accident in _ALL}
"""Every submission in which something goes wrong beside right work."""
