"""How many widgets there are: ipywidgets keeps them in one place since 8.0.3, in another before."""

from ipywidgets.widgets import widget


def widgets_alive() -> int:
    """Count all widgets of this process, layouts and styles too."""
    kept = getattr(widget, "_instances", None)
    return len(widget.Widget.widgets if kept is None else kept)
