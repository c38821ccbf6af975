"""What the known mistakes of an exercise do to training.

=============  ===========================================================================
``gallery``    `mistakes_gallery`: each mistake's training beside the right one, as a
               picture and in words
``guess``      letters in place of names, until a learner has said which is which
``shown``      one mistake with its losses and its verdict
``trainings``  the small networks, and how each exercise's function takes part in training
``verdict``    what a loss curve says about a mistake
=============  ===========================================================================
"""

from bplab.gallery.gallery import Gallery, mistakes_gallery, trained
from bplab.gallery.shown import Shown
from bplab.gallery.trainings import TRAININGS
from bplab.gallery.verdict import Kind

__all__ = ["TRAININGS", "Gallery", "Kind", "Shown", "mistakes_gallery", "trained"]
