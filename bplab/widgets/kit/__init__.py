"""What the panels are made of.

============  =============================================================================
``panel``     the box with a picture, controls and a read-out: its states, its hooks
``controls``  sliders, lists and boxes; the state string; names for screen readers
``later``     drawing on the event loop: of many moves only the last
``svg``       pictures of lines and text; pictures in layers of which one moves
``canvas``    pictures made of pixels: matplotlib by blitting, PNGs
``axes``      axes and loss curves in a picture of lines
============  =============================================================================
"""
