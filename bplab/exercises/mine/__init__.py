"""A learner's own functions in later notebooks: ``from bplab import mine``.

===========  ===================================================================================
``names``    `mine`: names and ids, whose function each is, and what a check may call
``library``  what the library has under each name; with ``names`` it is there in grading, too
``keeper``   functions that have passed: kept in the folder of the progress, tried again
``travel``   the text of a function, with all that it needs of its notebook
===========  ===================================================================================
"""

from bplab.exercises.mine.keeper import is_kept, keep, own
from bplab.exercises.mine.names import JUDGED, mine, not_written_here
from bplab.exercises.mine.travel import Stays, packed

__all__ = ["JUDGED", "Stays", "is_kept", "keep", "mine", "not_written_here", "own", "packed"]
