"""What the panels are made of.

============  =============================================================================
``panel``     the box with a picture, controls and a read-out: its states, its hooks
``controls``  sliders, lists and boxes; the state string; names for screen readers
``later``     drawing on the event loop: of many moves only the last
``svg``       pictures of lines and text, measured; pictures in layers of which one moves
``fitted``    figures that are drawn for the room that the page has
``axes``      axes and loss curves in a picture of lines
``png``       pictures of pixels, between the layers of a drawing
``page``      what the page says of its width and of what is chosen; formulas by mouse and keys
``theme``     colours of light and dark pages; what folds where there is little room
============  =============================================================================
"""
