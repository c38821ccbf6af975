"""The state of a panel as a short string, to note down or to share: ``"gamma=0.01"``."""

import math
from collections.abc import Mapping


def write_state(values: Mapping[str, float]) -> str:
    """Return e.g. ``"gamma=0.01"``; several values are joined by commas."""
    return ",".join(f"{name}={value:g}" for name, value in values.items())


def read_state(state: str, limits: Mapping[str, tuple[float, float]]) -> dict[str, float]:
    """Return the values in a state string.

    Parameters
    ----------
    state : str
        As `write_state` writes it; spaces do not matter.
    limits : mapping of str to (float, float)
        Smallest and largest value for each name that must be there.

    Raises
    ------
    ValueError
        If a name is missing, unknown or there twice, or a value is no number or out of range.
    """
    example = write_state({name: low for name, (low, _) in limits.items()})
    if not isinstance(state, str):
        raise ValueError(f"state must be a string such as {example!r}; got {state!r}")
    values: dict[str, float] = {}
    for part in state.split(","):
        name, equals, text = (piece.strip() for piece in part.partition("="))
        if not equals or name not in limits or name in values:
            raise ValueError(f"state must look like {example!r}; got {state!r}")
        try:
            values[name] = float(text)
        except ValueError:
            raise ValueError(f"state: {name} must be a number; got {text!r}") from None
        checked(name, values[name], *limits[name])
    if values.keys() != limits.keys():
        raise ValueError(f"state must look like {example!r}; got {state!r}")
    return values


def checked(name: str, value: float, low: float, high: float) -> float:
    """Return ``value`` as a float; raise ValueError unless it lies from ``low`` to ``high``."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not low <= number <= high:
        raise ValueError(f"{name} must be a number from {low:g} to {high:g}; got {value!r}")
    return number
