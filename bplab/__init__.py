"""Learn back-propagation by doing it.

A small numpy library with reference forward and backward passes, finite-difference
gradient checkers, and the exercises of a course on the paper *Back-propagation and its
derivation* (L. Charpentier, 2018).

Everything is loaded when it is first used, so ``import bplab`` costs little more than
``import numpy``::

    >>> import bplab
    >>> bplab.check("eq4", grad_beta)          # is my equation (4) right, and if not, why?
    >>> bplab.check_gradient(f, grad, params)  # is any gradient right?
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# public name -> module that defines it
_LAZY = {
    "board": "bplab.exercises",
    "check": "bplab.exercises",
    "CheckFailed": "bplab.exercises",
    "equations": "bplab.exercises",
    "explain": "bplab.widgets",
    "explained": "bplab.widgets",
    "failing_case": "bplab.exercises",
    "hint": "bplab.exercises",
    "language": "bplab.languages",
    "mine": "bplab.exercises",
    "mistakes_gallery": "bplab.gallery",
    "parsons": "bplab.widgets",
    "predict": "bplab.exercises",
    "progress": "bplab.exercises",
    "review": "bplab.widgets",
    "todo": "bplab.exercises",
    "where": "bplab.exercises",
    "check_gradient": "bplab.gradcheck",
    "numerical_gradient": "bplab.gradcheck",
    "Risk": "bplab.risk",
    "train": "bplab.training",
    "train_many": "bplab.training",
    "forward": "bplab.network",
    "backward": "bplab.network",
    "initial_weights": "bplab.training",
}
_MODULES = (
    "activations",
    "by_equation",
    "data",
    "deep",
    "exercises",
    "gradcheck",
    "layers",
    "losses",
    "network",
    "plots",
    "risk",
    "scores",
    "training",
    "widgets",
)

__all__ = sorted([*_LAZY, *_MODULES])


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    if name in _MODULES:
        return import_module(f"bplab.{name}")
    raise AttributeError(f"module 'bplab' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
