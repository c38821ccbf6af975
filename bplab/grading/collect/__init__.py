"""From a learning platform's download to ``submitted/``: `collect`.

==============  ==========================================================================
``collecting``  `collect`, the whole way
``download``    what a zip file or a folder holds, read with care
``platforms``   whose a file is, and of when: how Canvas, Moodle, … name what they give out
``people``      which student of the class that is: roster, gradebook
``choose``      which notebook of a student's counts, and what belongs to it
``place``       where it is put, and what is there already
``astray``      the same for what lies under ``submitted/`` and not where it is graded
``names``       what a file was called in the download: feedback is returned by that name
``results``     what came of it
==============  ==========================================================================
"""

from bplab.grading.collect.astray import take_astray
from bplab.grading.collect.collecting import collect
from bplab.grading.collect.names import Named, read_names_of
from bplab.grading.collect.people import People, everybody
from bplab.grading.collect.place import replace_folder
from bplab.grading.collect.platforms import PLATFORMS
from bplab.grading.collect.results import Collected, Left, State, Taken

__all__ = [
    "PLATFORMS",
    "Collected",
    "Left",
    "Named",
    "People",
    "State",
    "Taken",
    "collect",
    "everybody",
    "read_names_of",
    "replace_folder",
    "take_astray",
]
