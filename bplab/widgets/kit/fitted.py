"""Figures laid out for the width that the page has: nothing is scaled, so letters stay large."""

from typing import Protocol

__all__ = ["Fitted"]

NARROWEST = 340


class View(Protocol):
    """Anything that has a size in the page."""

    width: int
    height: int


class Fitted:
    """A figure that is laid out again when the width of the page changes.

    Attributes
    ----------
    widest : int
        The largest width that the figure takes, in pixels; each subclass sets it.
    width : int
        The width that it is laid out for, in pixels.
    """

    widest: int
    width: int

    def fit(self, room: int) -> bool:
        """Lay the figure out for ``room`` pixels across; return whether its width changed."""
        width = max(NARROWEST, min(int(room), self.widest))
        if width == self.width:
            return False
        self.width = width
        self.lay_out()
        return True

    def lay_out(self) -> None:
        """Place everything for the present width, and draw again what is shown."""
        raise NotImplementedError
