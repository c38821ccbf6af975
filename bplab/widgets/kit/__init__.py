"""The parts that all panels are made of.

============  =============================================================================
``panel``     the box with a picture, controls and a read-out: its states, its hooks
``controls``  sliders, lists and tick boxes; the state string; names for screen readers
``later``     drawing on the event loop: many quick moves lead to one picture, of the last
``svg``       SVG pictures of lines and text, and how wide a text is; pictures in layers
``fitted``    figures that are laid out for the width that the page has
``axes``      axes and loss curves in an SVG picture
``png``       PNG pictures of pixels, shown between the layers of a drawing
``page``      script in the page: it reports the width and what was chosen, and shows formulas
``theme``     colours on light and dark pages; what is folded away where there is little room
============  =============================================================================
"""
