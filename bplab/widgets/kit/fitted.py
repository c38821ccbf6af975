"""Figures that are drawn for the room that the page has: nothing is scaled, letters stay large."""

from typing import Protocol

__all__ = ["Fitted"]

NARROWEST = 340


class View(Protocol):
    """What has a size in the page."""

    width: int
    height: int


class Fitted:
    """A figure that is laid out again when the page has another width.

    Attributes
    ----------
    widest : int
        What it takes where there is more room, in pixels; a subclass's.
    width : int
        What it is drawn for.
    """

    widest: int
    width: int

    def fit(self, room: int) -> bool:
        """Draw what is shown for that many pixels across; return whether that is a change."""
        width = max(NARROWEST, min(int(room), self.widest))
        if width == self.width:
            return False
        self.width = width
        self.lay_out()
        return True

    def lay_out(self) -> None:
        """Place all for the present width, and draw again what is shown."""
        raise NotImplementedError
