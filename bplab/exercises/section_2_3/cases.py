"""Test cases of section 2.3: a network about to take one step, with a learning rate of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import numpy as np

from bplab.exercises.task import NetworkCase, integers, network_cases, softmax_cases
from bplab.network import backward

__all__ = ["UpdateCase", "update_cases"]


@dataclass(frozen=True)
class UpdateCase(NetworkCase):
    """A network, its gradients, and a learning rate.

    ``weights`` and ``gradient`` are what equation (12) is about: beta, and the gradient of R(θ)
    with respect to it.
    """

    gamma: float = field(kw_only=True)
    by_alpha: np.ndarray = field(init=False)
    by_beta: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        gradients = backward(self.X, self.Y, self.alpha, self.beta, self.sigma, self.g)
        object.__setattr__(self, "by_alpha", gradients.alpha)
        object.__setattr__(self, "by_beta", gradients.beta)

    @property
    def weights(self) -> np.ndarray:
        """The weights that equation (12) updates."""
        return self.beta

    @property
    def gradient(self) -> np.ndarray:
        """The gradient of R(θ) with respect to the weights."""
        return self.by_beta

    @property
    def setting(self) -> str:
        """Which activations it has, and the learning rate."""
        return f"{super().setting}, γ = {self.gamma:.3g}"


ABOVE_1 = 2.5
"""A rate that a function must not cut to 1, or take for a percentage."""


def _with_rate(
    case: NetworkCase, gamma: float, name: str = "", **changed: np.ndarray
) -> UpdateCase:
    given = {f.name: getattr(case, f.name) for f in fields(NetworkCase) if f.init}
    return UpdateCase(**given | {"name": name or case.name} | changed, gamma=gamma)


def update_cases(rng: np.random.Generator) -> Sequence[UpdateCase]:
    """The cases of section 2.3: both kinds of output, and a learning rate that always differs.

    No rate is near 1, where a rate left out or squared would not show. The case with an unbounded
    output has a rate above 1: R rises there, but the step is wanted all the same.
    """
    elementwise = {case.name: case for case in network_cases(rng)}
    softmax = {case.name: case for case in softmax_cases(rng)}
    whole = elementwise["integer arrays"]
    rates = iter(rng.permutation(np.geomspace(0.02, 0.55, 13)).tolist())
    return [
        _with_rate(elementwise["generic"], next(rates)),
        _with_rate(softmax["generic"], next(rates), "softmax"),
        _with_rate(elementwise["identity output"], ABOVE_1),
        _with_rate(elementwise["hidden units in another order"], next(rates)),
        _with_rate(elementwise["square"], next(rates)),
        _with_rate(softmax["one example"], next(rates)),
        _with_rate(elementwise["one output"], next(rates)),
        _with_rate(softmax["one hidden unit"], next(rates)),
        _with_rate(softmax["large t"], next(rates)),
        _with_rate(elementwise["on the kink"], next(rates)),
        _with_rate(whole, next(rates), alpha=integers(whole.alpha), beta=integers(whole.beta)),
        _with_rate(elementwise["many examples"], 0.03),
        _with_rate(softmax["targets that do not sum to 1"], next(rates)),
        _with_rate(elementwise["one feature"], next(rates)),
        _with_rate(elementwise["other activations"], next(rates)),
        _with_rate(elementwise["sizes of one"], 0.4),
    ]
