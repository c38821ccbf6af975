"""A picture in layers: what moves is sent alone, and the page paints nothing else anew.

A small image of pixels that are stretched, and lines as SVG, cost the page a fraction of a picture
of the whole; what stands still lies below and above them, in layers that the page keeps painted.
"""

import base64
import html

import ipywidgets

from bplab.widgets.kit.axes import Box
from bplab.widgets.kit.svg import FONT, document, paper, still

__all__ = ["LayeredView"]

# contain: a new picture changes no other place in the page, which need not be laid out anew;
# will-change: a layer of its own on the screen, painted only when it changes
_STYLE = f"""<style>
.bplab-layers {{ position: relative; display: block; max-width: 100%; overflow: hidden }}
.bplab-layers svg {{ font-family: {FONT}; font-size: 13px; display: block; width: 100% }}
.bplab-layers > .bplab-layer {{ position: absolute; inset: 0; contain: strict;
  will-change: transform; pointer-events: none }}
.bplab-layer > *, .bplab-layer [role=img] {{ position: absolute; inset: 0; padding: 0;
  contain: strict }}
.bplab-layer svg {{ position: absolute; inset: 0; height: 100% }}
.bplab-layer img {{ position: absolute; max-width: none; image-rendering: pixelated }}
</style>"""


class LayeredView:
    """A drawing whose moving layer lies between two that stand still; it satisfies `View`.

    Parameters
    ----------
    width, height : int
        In units of the drawing: pixels, where the page is wide enough.
    window : Box
        Where the image is.
    note : str
        A sentence below the drawing.

    Attributes
    ----------
    widget : ipywidgets.VBox
        What a panel shows.
    layers : list of ipywidgets.HTML
        What is sent: below, moving, above.
    below, moving, above : str
        SVG of the three layers; those that stand still are sent only when they have changed.
    image : bytes
        PNG below what moves, stretched.
    alt : str
        What the drawing shows now, in words.
    """

    def __init__(self, width: int, height: int, window: Box, note: str = ""):
        self.width, self.height, self.window = width, height, window
        self.below = self.moving = self.above = self.alt = ""
        self.image = b""
        self._note = f'<div style="line-height:1.4">{html.escape(note)}</div>'
        self.layers = [ipywidgets.HTML(layout={"margin": "0"}) for _ in range(3)]
        for layer in self.layers[1:]:
            layer.add_class("bplab-layer")
        size = {"width": f"{width}px", "margin": "0"}
        layers = ipywidgets.Box(self.layers, layout=size)
        layers.add_class("bplab-layers")
        self.widget = ipywidgets.VBox([layers, ipywidgets.HTML(self._note)])
        self.widget.add_class("bplab-picture")

    def show(self, alt: str, *, onload: str = "") -> None:
        """Send what has changed.

        Parameters
        ----------
        alt : str
            What the drawing shows, in words.
        onload : str
            JavaScript that the page runs when the moving layer is there; ``this`` is its image.
        """
        self.alt = alt
        below, moving, above = self.layers
        below.value = _STYLE + self._svg(paper(self.width, self.height) + self.below)
        above.value = self._svg(self.above)
        x, y, width, height = self.window
        place = (
            f"left:{x / self.width:.3%};top:{y / self.height:.3%};"
            f"width:{width / self.width:.3%};height:{height / self.height:.3%}"
        )
        script = f' onload="{html.escape(onload)}"' if onload else ""
        moving.value = (
            f'<div role="img" aria-label="{html.escape(alt)}"><img alt="" decoding="sync" '
            f'style="{place}"{script} src="{self._data()}">{self._svg(self.moving)}</div>'
        )

    def svg(self) -> str:
        """Return the whole drawing as one SVG."""
        x, y, width, height = self.window
        image = (
            f'<image x="{x}" y="{y}" width="{width}" height="{height}" preserveAspectRatio="none" '
            f'style="image-rendering:pixelated" href="{self._data()}"/>'
        )
        body = f"{self.below}{image}{self.moving}{self.above}"
        return document(body, self.width, self.height, self.alt)

    def html(self) -> str:
        """Return the drawing as an ``<img>`` that needs no kernel, and the sentence below."""
        return still(self.svg(), self.width, self.height, self.alt) + self._note

    def _data(self) -> str:
        return f"data:image/png;base64,{base64.b64encode(self.image).decode('ascii')}"

    def _svg(self, body: str) -> str:
        """A layer; what the drawing says in words is its description, not what stands in it."""
        return f'<svg aria-hidden="true" viewBox="0 0 {self.width} {self.height}">{body}</svg>'
