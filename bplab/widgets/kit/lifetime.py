"""Which panel a cell shows: when it has run again, the panel it showed before is closed.

ipywidgets keeps every widget until it is closed, and a kernel runs for days.
"""

from typing import Any

from IPython import get_ipython

__all__ = ["shown_here"]

_shown: dict[str, tuple[str, list[Any]]] = {}
"""By cell: the message that ran it last, and the panels that it showed then."""


def shown_here(panel: Any) -> None:
    """Take down that the cell that runs shows this panel; close what only its last run showed.

    Without a cell's name, outside JupyterLab and its like, nothing happens.
    """
    cell, run = _running()
    if not cell:
        return
    before, panels = _shown.get(cell, ("", []))
    if run == before:
        panels.append(panel)
        return
    _shown[cell] = run, [panel]
    elsewhere = {id(shown) for _, others in _shown.values() for shown in others}
    for old in panels:
        if id(old) not in elsewhere:
            old.close()


def _running() -> tuple[str, str]:
    """Name of the cell that runs, and of the message that runs it; empty if there is none."""
    try:
        parent = get_ipython().get_parent()
        return parent["metadata"]["cellId"], parent["header"]["msg_id"]
    except (AttributeError, KeyError, TypeError):
        return "", ""
