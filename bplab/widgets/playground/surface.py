"""What the network says in the plane: a small image, a colour for each class."""

import numpy as np
from matplotlib.colors import to_rgb
from numpy.typing import NDArray

from bplab.plots.picture import BLUE, GREEN, ORANGE
from bplab.widgets.kit.png import palette_png
from bplab.widgets.playground.data import classes_of

__all__ = ["COLOURS", "GRID", "NOTHING", "dark", "rgb_of", "shades", "surface_png"]

GRID = 80  # points of the surface along each axis
TINTS = (0.12, 0.26, 0.40, 0.54)  # of a class's colour, the surer the darker
COLOURS = (BLUE, ORANGE, GREEN, "#CC79A7", "#56B4E9", "#E69F00")
EDGE = len(COLOURS) * len(TINTS)
"""Number of the colour of the line where the class changes; white comes after it."""


def shades(F: NDArray, Y: NDArray) -> NDArray:
    """Return numbers of colours (GRID, GRID), low y first.

    Parameters
    ----------
    F : ndarray, shape (GRID · GRID, K)
        The network's outputs, along x first.
    Y : ndarray, shape (N, K)
        The targets, which say how large a difference of outputs is.
    """
    classes = classes_of(F, Y).reshape(GRID, GRID)
    span = (Y.max() - Y.min()) or 1.0
    if F.shape[1] == 1:
        lead = 2 * np.abs(F[:, 0] - (Y.min() + Y.max()) / 2)
    elif F.shape[1] == 2:
        lead = np.abs(F[:, 0] - F[:, 1])
    else:
        ordered = np.partition(F, -2, axis=1)
        lead = ordered[:, -1] - ordered[:, -2]
    with np.errstate(invalid="ignore"):  # outputs may be no numbers
        sure = np.nan_to_num(np.clip(lead * (len(TINTS) / span), 0, len(TINTS) - 1e-9))
    found = classes % len(COLOURS) * len(TINTS) + sure.astype(np.intp).reshape(GRID, GRID)
    edge = np.zeros(classes.shape, bool)  # a line where the class changes, not colour alone
    edge[:-1] |= classes[:-1] != classes[1:]
    edge[:, :-1] |= classes[:, :-1] != classes[:, 1:]
    edge[:-1, :-1] |= classes[:-1, :-1] != classes[1:, 1:]
    found[edge] = EDGE
    return found.astype(np.uint8)


def surface_png(numbers: NDArray) -> bytes:
    """Return numbers of colours, low y first, as a PNG."""
    return palette_png(numbers[::-1], _PALETTE)


def rgb_of(numbers: NDArray) -> NDArray:
    """Return numbers of colours as red, green and blue from 0 to 1."""
    return np.frombuffer(_PALETTE, np.uint8).reshape(-1, 3)[numbers] / 255


def dark(k: int) -> str:
    """A darker colour of the class, for strokes on its own colour."""
    return "#" + "".join(f"{round(255 * 0.6 * part):02x}" for part in to_rgb(COLOURS[k]))


def _palette() -> bytes:
    tints = [
        [round(255 * (1 - share + share * part)) for part in to_rgb(colour)]
        for colour in COLOURS
        for share in TINTS
    ]
    return bytes(np.ravel([*tints, [0x60] * 3, [0xFF] * 3]).tolist())


_PALETTE = _palette()
NOTHING = surface_png(np.full((1, 1), EDGE + 1, np.uint8))
"""A white surface."""
