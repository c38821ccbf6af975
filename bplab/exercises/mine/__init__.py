"""A learner's own functions in later notebooks: ``from bplab import mine``.

===========  ===================================================================================
``names``    the object `mine`: functions by name or id, and whose function each of them is
``library``  the library's function under each name; loaded in grading, too, like ``names``
``keeper``   keeps functions that have passed in the folder of the progress, and tries them again
``travel``   takes the text of a function, and all that it needs, out of its notebook
===========  ===================================================================================
"""

from bplab.exercises.mine.keeper import is_kept, keep, own
from bplab.exercises.mine.names import JUDGED, mine, not_written_here
from bplab.exercises.mine.travel import Stays, packed

__all__ = ["JUDGED", "Stays", "is_kept", "keep", "mine", "not_written_here", "own", "packed"]
