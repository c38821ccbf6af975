"""Drawings of panels as PNG, for viewers that leave out HTML, or the SVG in it.

Panels whose picture is made of pixels have a PNG already. Those that are drawn as SVG would need a
library for it, which learners' kernels do not have, so their PNG is added when a notebook is built.
The font is the one that comes with matplotlib, so that it is the same on every machine.
"""

import base64
import io
import re
from functools import cache
from pathlib import Path
from typing import Any

from bplab.plots import small_png

__all__ = ["add_png", "png_of"]

_DRAWN = re.compile(r'src="data:image/svg\+xml;base64,([\w+/=]+)"')


def add_png(data: dict[str, Any]) -> None:
    """Add ``image/png`` to an output whose HTML shows a drawing, unless it has one.

    Parameters
    ----------
    data : dict
        The output by its media types; it is changed.
    """
    found = _DRAWN.search(data.get("text/html", ""))
    if found and "image/png" not in data:
        png = png_of(base64.b64decode(found[1]).decode())
        data["image/png"] = base64.b64encode(png).decode("ascii")


def png_of(svg: str) -> bytes:
    """Return a drawing as a PNG, in the size at which it is shown."""
    import resvg_py
    from PIL import Image

    drawn = resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts=True, font_files=_fonts())
    return small_png(Image.open(io.BytesIO(drawn)))


@cache
def _fonts() -> list[str]:
    """Return the files of DejaVu Sans, the font that every drawing names."""
    import matplotlib

    folder = Path(matplotlib.get_data_path(), "fonts", "ttf")
    return [str(path) for path in sorted(folder.glob("DejaVuSans*.ttf"))]
