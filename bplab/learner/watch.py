"""Watching where a learner's function evaluates the activations that it is given."""

import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from bplab.activations import Activation, Softmax
from bplab.learner.call import quiet

__all__ = ["evaluated_at"]


def evaluated_at(function: Callable[..., Any], given: Mapping[str, Any]) -> list[np.ndarray]:
    """Call ``function`` with activations that note their arguments; return these, call by call.

    An empty list if it does not survive being watched: nothing is held against it.
    """
    noted: list[np.ndarray] = []
    watched = [_noting(value, noted) for value in given.values()]
    try:
        with quiet(io.StringIO()):
            function(*watched)
    except Exception:
        return []
    return noted


def _noting(value: Any, noted: list[np.ndarray]) -> Any:
    """The same value, but its activations put down every argument of theirs."""
    if isinstance(value, Activation):

        def evaluate(x: Any) -> Any:
            noted.append(np.array(x))
            return value.value(x)

        return replace(value, value=evaluate)
    if isinstance(value, Softmax):
        return _NotingSoftmax(noted)
    if type(value) in (list, tuple):
        return type(value)(_noting(item, noted) for item in value)
    return value


class _NotingSoftmax(Softmax):
    def __init__(self, noted: list[np.ndarray]):
        self._noted = noted

    def __call__(self, t: Any) -> Any:
        self._noted.append(np.array(t))
        return super().__call__(t)
