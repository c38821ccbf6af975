"""The state of a panel as a short string, to note down or to share: ``"gamma=0.01,sigma=tanh"``."""

from collections.abc import Sequence
from typing import Any

from bplab.widgets.kit.controls import Control


def write_state(controls: Sequence[Control]) -> str:
    """Return e.g. ``"gamma=0.01"``; several values are joined by commas."""
    return ",".join(f"{control.name}={control.text}" for control in controls)


def read_state(state: str, controls: Sequence[Control]) -> dict[str, Any]:
    """Return the values in a state string, by the controls' names.

    Parameters
    ----------
    state : str
        As `write_state` writes it; spaces do not matter. A control that is not named keeps
        its value.
    controls : sequence of Control

    Raises
    ------
    ValueError
        If there is no name, one is unknown or there twice, or a value is out of range.
    """
    example = ",".join(f"{control.name}={control.example}" for control in controls)
    if not isinstance(state, str):
        raise ValueError(f"state must be a string such as {example!r}; got {state!r}")
    known = {control.name: control for control in controls}
    values: dict[str, Any] = {}
    for part in state.split(","):
        name, equals, text = (piece.strip() for piece in part.partition("="))
        if not equals or name not in known or name in values:
            raise ValueError(f"state must look like {example!r}; got {state!r}")
        values[name] = known[name].read(text)
    return values
