"""What all panels have in common: a still for pages without a kernel, and accessible names."""

import base64
import json
from typing import Any

import ipywidgets

from bplab.widgets._canvas import Canvas

STILL = "<div><i>A still: run the cell for the slider.</i></div>"
_NAMING = """(function name(img, tries) {
  const panel = img.closest('.bplab-panel');
  const found = panel && panel.querySelector('.bplab-slider [role=slider]');
  if (!found) return tries && setTimeout(name, 100, img, tries - 1);
  for (const [selector, attributes] of ATTRIBUTES)
    for (const part of panel.querySelectorAll(selector))
      for (const [key, value] of Object.entries(attributes)) part.setAttribute(key, value);
})(this, 100)"""


def naming(slider: str, value: str) -> str:
    """JavaScript that gives the parts of a panel what ipywidgets leaves out, for `Canvas.show`.

    The handle of an ipywidgets slider has no accessible name, and a log slider announces its
    exponent. The picture's ``onload`` sets both in every view of the panel, and again after
    each move; it reaches nothing outside its own panel.

    Parameters
    ----------
    slider : str
        Name of the slider.
    value : str
        Its value as it is to be read out.
    """
    attributes = [
        (".bplab-slider [role=slider]", {"aria-label": slider, "aria-valuetext": value}),
        (
            ".bplab-slider .widget-readout",
            {"role": "textbox", "aria-label": f"{slider}, type a number"},
        ),
        # on the box that stays: a live region that is itself replaced is not read out
        (".bplab-readout .widget-html-content", {"aria-live": "polite", "aria-atomic": "true"}),
    ]
    return _NAMING.replace("ATTRIBUTES", json.dumps(attributes, ensure_ascii=False))


class Panel(ipywidgets.VBox):
    """A box of widgets around a `Canvas`, with a still beside the live view.

    GitHub, nbviewer and exported pages show the still: the state at the time of display.

    Parameters
    ----------
    canvas : Canvas
        The picture.
    readout : ipywidgets.HTML
        Numbers and words beside it.
    children : sequence of Widget
        What the box shows, the canvas' widget and the read-out included.
    """

    def __init__(self, canvas: Canvas, readout: ipywidgets.HTML, children: list[ipywidgets.Widget]):
        super().__init__(children)
        self.canvas, self.readout = canvas, readout
        readout.add_class("bplab-readout")
        self.add_class("bplab-panel")

    def close(self) -> None:
        """Take the panel off the page and free its memory."""
        for widget in self.children:  # ipywidgets would keep them for ever
            for inner in (*getattr(widget, "children", ()), widget):
                inner.close()
        super().close()

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        bundle = super()._repr_mimebundle_(**kwargs)
        bundle["text/plain"] = self.canvas.alt
        bundle["text/html"] = f"{self.canvas.html()}{self.readout.value}{STILL}"
        bundle["image/png"] = base64.b64encode(self.canvas.png()).decode("ascii")
        return bundle
