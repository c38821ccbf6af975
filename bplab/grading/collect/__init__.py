"""Put the submissions of a learning platform's download into ``submitted/``: ``bplab collect``.

==============  ==========================================================================
``collecting``  `collect`: all the steps below, in order
``download``    list and read the files of a zip file or folder, with care
``platforms``   read from the files' names whose they are, and when they were handed in
``people``      find the student of the class to whom a file belongs
``choose``      choose which notebook of a student counts, and the files that belong to it
``place``       put these into the student's folder, unless what is there is newer
``astray``      do the same for notebooks that lie in a wrong place under ``submitted/``
``names``       note the files' names in the download, under which feedback is returned
``results``     what was taken, what was left, and which students are missing
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
