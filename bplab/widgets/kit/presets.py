"""Buttons that take a panel to a state with a name: a failure that is worth seeing."""

from collections.abc import Mapping

import ipywidgets

from bplab.widgets.kit.panel import Panel


def preset_buttons(panel: Panel, presets: Mapping[str, str]) -> list[ipywidgets.Button]:
    """Return a button for each preset; its class is ``bplab-preset-NAME``, with hyphens.

    Parameters
    ----------
    panel : Panel
        May still be under construction.
    presets : mapping of str to str
        What stands on the button, and the state that it goes to.
    """
    return [_button(panel, name, state) for name, state in presets.items()]


def _button(panel: Panel, name: str, state: str) -> ipywidgets.Button:
    button = ipywidgets.Button(description=name, tooltip=state, layout={"width": "auto"})
    button.add_class(f"bplab-preset-{name.lower().replace(' ', '-')}")
    button.on_click(lambda _: setattr(panel, "state", state))
    return button
