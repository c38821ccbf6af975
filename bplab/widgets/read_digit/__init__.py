"""A panel in which a network reads a digit while you draw it; the network may be the learner's.

==============  ===========================================================================
``drawing``     a drawing as strokes, as text, and as the 8 × 8 image that a network gets
``pretrained``  the network that comes with the panel, and its training
``model``       the network's answer to a drawing, and the derivatives that explain it
``surface``     the frame to draw in, and its script in the page
``figure``      the picture beside the frame: image, answer, outputs, heat map
``panel``       the panel, which puts these together: controls, numbers and words
==============  ===========================================================================
"""

from bplab.widgets.read_digit.panel import ReadDigitPanel, read_digit

__all__ = [
    "ReadDigitPanel",
    "read_digit",
]
