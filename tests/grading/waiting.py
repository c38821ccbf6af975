"""Waiting for what happens in other processes."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(condition: Callable[[], T], seconds: float = 120) -> T:
    """Return what the condition gives once it holds; fail if it does not come to that."""
    end = time.monotonic() + seconds
    while not (holds := condition()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
    return holds
