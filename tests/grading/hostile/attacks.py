"""All attacks, by name."""

from collections.abc import Mapping

from tests.grading.hostile.attack import FOUND, Attack
from tests.grading.hostile.attacks_filling import FILLING
from tests.grading.hostile.attacks_forging import FORGING
from tests.grading.hostile.attacks_imports import IMPORTS
from tests.grading.hostile.attacks_interpreter import INTERPRETING
from tests.grading.hostile.attacks_keeping import KEEPING
from tests.grading.hostile.attacks_library import USING_THE_LIBRARY
from tests.grading.hostile.attacks_lurking import LURKING
from tests.grading.hostile.attacks_memory import REMEMBERING
from tests.grading.hostile.attacks_objects import OBJECTS
from tests.grading.hostile.attacks_patching import PATCHING
from tests.grading.hostile.attacks_snooping import SNOOPING

__all__ = ["ATTACKS", "FOUND", "Attack"]

_ALL = (
    *PATCHING,
    *INTERPRETING,
    *OBJECTS,
    *SNOOPING,
    *IMPORTS,
    *USING_THE_LIBRARY,
    *FORGING,
    *LURKING,
    *REMEMBERING,
    *KEEPING,
    *FILLING,
)

ATTACKS: Mapping[str, Attack] = {attack.name: attack for attack in _ALL}
"""Every submission that tries for marks that it does not deserve."""
