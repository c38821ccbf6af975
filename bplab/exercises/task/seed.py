"""The random numbers from which a task's cases are drawn."""

import hashlib

import numpy as np

from bplab.exercises.task.exercise import Task

__all__ = ["VISIBLE", "generator", "hidden_kind"]

VISIBLE = "visible"
"""The kind of cases that everybody has."""


def hidden_kind(secret: str, run: str = "") -> str:
    """Return the kind of cases that only the secret's owner can draw; others for another run."""
    return f"hidden:{secret}" + (f":{run}" if run else "")


def generator(task: Task, kind: str) -> np.random.Generator:
    """Return the generator for the cases of this kind: always the same one."""
    digest = hashlib.sha256(f"{task.id}:{kind}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))
