"""The one door to a learner's function: it is called with care, watched, and put into words.

==============  =========================================================================
What follows from a bad answer is said where it was asked for: by a check, a panel, the gallery.
One caller catches errors by itself: ``Guard`` in ``gallery/trainings.py`` lets a function write
into its arguments, as in training, and forgives an error on numbers that are not finite.
"""

from bplab.learner.call import Answer, Lesson, Raised, as_arrays, call, copied, lesson
from bplab.learner.careful import Careful, array_of, finite, parts_of
from bplab.learner.causes import Cause
from bplab.learner.gradients import Gradients
from bplab.learner.watch import answer_if_changed, changed_elsewhere
from bplab.learner.words import (
    LearnerError,
    raises,
    returns_nothing,
    stops,
    what_was_there,
    writes_into,
)

__all__ = [
    "Answer",
    "Careful",
    "Cause",
    "Gradients",
    "LearnerError",
    "Lesson",
    "Raised",
    "answer_if_changed",
    "array_of",
    "as_arrays",
    "call",
    "changed_elsewhere",
    "copied",
    "finite",
    "lesson",
    "parts_of",
    "raises",
    "returns_nothing",
    "stops",
    "what_was_there",
    "writes_into",
]
