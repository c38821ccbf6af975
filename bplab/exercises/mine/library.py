"""The library's functions under the names of the course: they run where no learner's own is kept.

Kernels that grade load this module, so it must not know an exercise or an answer. In such a kernel
the library lacks the functions that are the answers to what is graded.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

from bplab import activations

__all__ = ["KNOWN", "THERE", "Known", "of_library"]


class Known(NamedTuple):
    """A function of the course: an exercise's id, the function's name, its notebook.

    ``where`` is its place in the library, ``"network.grad_beta"``; empty if the library has none.
    """

    id: str
    name: str
    notebook: str
    where: str


KNOWN = (
    Known("numerical-gradient", "numerical_gradient", "section_0", "gradcheck.numerical_gradient"),
    Known("hidden", "hidden", "section_1", "network.hidden"),
    Known("output", "output", "section_1", "network.output"),
    Known("eq2", "loss_per_example", "section_1", "losses.loss_per_example"),
    Known("eq1", "loss", "section_1", "losses.loss"),
    Known("eq4", "grad_beta", "section_2_1", "network.grad_beta"),
    Known("eq5", "grad_alpha", "section_2_1", "network.grad_alpha"),
    Known("eq6", "backward_output", "section_2_1", "network.backward_output"),
    Known("eq7", "backward_hidden", "section_2_1", "network.backward_hidden"),
    Known("eq8", "grad_beta", "section_2_2", "network.grad_beta"),
    Known("eq9", "grad_alpha", "section_2_2", "network.grad_alpha"),
    Known("eq10", "backward_output", "section_2_2", "network.backward_output"),
    Known("eq11", "backward_hidden", "section_2_2", "network.backward_hidden"),
    Known("eq12", "update", "section_2_3", "training.update"),
    Known("eq13", "one_pass", "section_2_3", "training.one_pass"),
    Known("eq14", "weight_gradient", "section_3", "network.weight_gradient"),
    Known("eq15", "grad_last_hidden", "section_3", "deep.grad_last_hidden"),
    Known("eq16", "hidden_delta", "section_3", "deep.hidden_delta"),
    Known("eq17", "hidden_deltas", "section_3", "deep.hidden_deltas"),
    Known("eq18", "backward", "section_3", "deep.backward"),
    Known("sigmoid", "sigmoid", "section_4", "activations.sigmoid"),
    Known("tanh", "tanh", "section_4", "activations.tanh"),
    Known("softmax", "softmax", "section_4", "activations.softmax"),
    Known("relu", "relu", "section_4", "activations.relu"),
    Known("leaky-relu", "leaky_relu", "section_4", "activations.leaky_relu"),
    Known("elu", "elu", "section_4", "activations.elu"),
    Known("one-epoch", "one_epoch", "capstone", "training.one_epoch"),
    Known("confusion", "confusion_matrix", "capstone", "scores.confusion_matrix"),
    Known("digits", "recognise", "capstone", ""),
    Known("local-slopes", "local_slopes", "beyond", ""),
    Known("reverse-pass", "reverse_pass", "beyond", ""),
)
"""All functions, in the order of the course."""

_FORWARD = frozenset({"hidden", "output", "loss_per_example", "loss"})
_ONE_LAYER = frozenset({"grad_beta", "grad_alpha", "backward_output", "backward_hidden"})
_DEEP = frozenset(
    {"weight_gradient", "grad_last_hidden", "hidden_delta", "hidden_deltas", "backward"}
)
THERE: dict[str, frozenset[str]] = {
    "section_0": frozenset(),
    "section_1": frozenset(),
    "section_2_1": _FORWARD,
    "section_2_2": _FORWARD,
    "section_2_3": _FORWARD | _ONE_LAYER,
    "section_3": _FORWARD,
    "section_4": frozenset(),
    "capstone": _FORWARD | _ONE_LAYER | _DEEP | {"update", "one_pass"},
    "beyond": frozenset(),
}
"""The functions of `mine` that each notebook's functions may call: its grading has them, too."""


def of_library(known: Known) -> Callable[..., Any]:
    """Return the library's own version of a function.

    Raises
    ------
    AttributeError
        If the library has none.
    """
    if not known.where:
        raise AttributeError(
            f"there is no {known.name} yet: it is yours once check passes it; the library has none"
        )
    module, _, name = known.where.rpartition(".")
    if module == "activations":
        return _with_slope(name)
    found: Callable[..., Any] = getattr(import_module(f"bplab.{module}"), name)
    return found


def _with_slope(name: str) -> Callable[..., Any]:
    """Return an activation as section 4 asks for it: a function that gives value and slope."""

    def both(x: Any) -> tuple[Any, Any]:
        found: Any = getattr(activations, name)
        slope = found.jacobian if name == "softmax" else found.derivative
        return found(x), slope(x)

    def both_of(x: Any, alpha: Any) -> tuple[Any, Any]:
        found = getattr(activations, name)(alpha)
        return found(x), found.derivative(x)

    function = both_of if name in ("leaky_relu", "elu") else both
    function.__name__ = function.__qualname__ = name
    return function
