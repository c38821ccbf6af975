"""What the known mistakes of an exercise do to training.

=============  ===========================================================================
``gallery``    `mistakes_gallery`: each mistake's training, compared with the right one in a
               picture and in words
``guess``      the gallery as a riddle: letters instead of names, until all are guessed
``shown``      a record of one mistake: its losses and its verdict
``trainings``  the small networks, and how each exercise's function is used in training
``verdict``    a judgement of a mistake by its loss curve
=============  ===========================================================================
"""

from bplab.gallery.gallery import Gallery, mistakes_gallery, trained
from bplab.gallery.shown import Shown
from bplab.gallery.trainings import TRAININGS
from bplab.gallery.verdict import Kind

__all__ = ["TRAININGS", "Gallery", "Kind", "Shown", "mistakes_gallery", "trained"]
