"""The panel that reads a digit while it is drawn, by a network that is shipped or the learner's.

==============  ===========================================================================
``drawing``     strokes as text, and as the image of 8 × 8 pixels that a network gets
``pretrained``  the network that is shipped, and how it was trained
``model``       what a network says of a drawing, and why
``surface``     the frame that one draws in, and its script
``figure``      the picture beside it
``panel``       controls, numbers and words
==============  ===========================================================================
"""

from bplab.widgets.read_digit.panel import ReadDigitPanel, read_digit

__all__ = [
    "ReadDigitPanel",
    "read_digit",
]
