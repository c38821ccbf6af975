"""Questions on what happens to a quantity when something is changed.

No answer is written down. The quantity is computed before and after the change on several random
networks, and every effect is looked for in all of them. The right effect of a question is found in
every network, and the other effects offered are found in none.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from bplab import layers, losses
from bplab.activations import Activation, Output, identity, leaky_relu, relu, sigmoid, softmax, tanh
from bplab.exercises.review.item import Array, Choice, Item, item, same, shown, spot, visibly_other
from bplab.exercises.task import Exercise

__all__ = [
    "CHANGES",
    "EFFECTS",
    "EXERCISES",
    "GONE",
    "NETWORKS",
    "QUANTITIES",
    "STAYS",
    "STAYS_ONE_IN",
    "WHOLE",
    "Network",
    "says_something",
    "seen",
    "seen_otherwise",
    "what_happens",
]

NETWORKS = 6
"""The number of random networks that each question is tried on."""

OFFERED = 4
STAYS, GONE = "It stays as it was.", "It becomes 0."
STAYS_ONE_IN = 6
"""One in this many questions with the answer `STAYS` is asked: it would come up too often."""


@dataclass(frozen=True, eq=False)
class Network:
    """A network with its data, and the factor of its loss.

    Attributes
    ----------
    X, Y, alpha, beta : ndarray
    sigma, g : Activation or Softmax
    factor : float
        The factor before the sum of squares, usually 1.
    gamma : float
    """

    X: Array
    Y: Array
    alpha: Array
    beta: Array
    sigma: Activation
    g: Output
    factor: float = 1.0
    gamma: float = 0.125

    @classmethod
    def random(cls, rng: np.random.Generator, sigma: Activation, g: Output) -> "Network":
        """Return a network whose hidden units are each on for some example and off for another.

        It has at least 3 examples. If two ReLU units were off everywhere, swapping them would
        change nothing.
        """
        while True:
            N, p, M, K = (int(rng.integers(*ends)) for ends in ((3, 6), (2, 4), (3, 5), (3, 5)))
            X, alpha = rng.normal(size=(N, p)), rng.normal(size=(M, p + 1))
            beta, Y = rng.normal(size=(K, M + 1)), rng.normal(size=(N, K))
            for biases in (alpha, _without_bias(alpha)):
                on = layers.affine(X, biases) > 0
                if not (on.any(axis=0).all() and on.any(axis=1).all() and not on.all(axis=0).any()):
                    break
            else:
                return cls(X, Y, alpha, beta, sigma, g)

    def all(self) -> dict[str, Array]:
        """Return every quantity that questions ask about, by its name."""
        (A,), (Z,), T, F = layers.forward(self.X, [self.alpha], self.beta, [self.sigma], self.g)
        delta = self.factor * layers.output_delta(self.Y, T, F, self.g)
        s = layers.hidden_delta(delta, self.beta, A, self.sigma)
        by_alpha, by_beta = layers.weight_gradient(s, self.X), layers.weight_gradient(delta, Z)
        return {
            **{"A": A, "Z": Z, "T": T, "F": F, "delta": delta, "s": s},
            "loss": np.asarray(self.factor * losses.loss(self.Y, F)),
            "alpha": by_alpha,
            "beta": by_beta,
            "step": -self.gamma * by_beta,
        }


@dataclass(frozen=True)
class Change:
    """A change of a network; ``because`` says what it means, without claiming an answer."""

    says: str
    do: Callable[[Network], Network]
    because: str


def _no_hidden_bias(network: Network) -> Network:
    return replace(network, alpha=_without_bias(network.alpha))


def _without_bias(weights: Array) -> Array:
    return np.insert(weights[:, 1:], 0, 0, axis=1)


def _columns(weights: Array, factor: float) -> Array:
    return np.insert(factor * weights[:, 1:], 0, weights[:, 0], axis=1)


def _swapped(network: Network) -> Network:
    order = np.array([1, 0, *range(2, len(network.alpha))])
    beta = network.beta[:, [0, *(1 + order)]]
    return replace(network, alpha=network.alpha[order], beta=beta)


def _outputs_swapped(network: Network) -> Network:
    order = [1, 0, *range(2, len(network.beta))]
    return replace(network, beta=network.beta[order], Y=network.Y[:, order])


def _unit_negated(network: Network) -> Network:
    alpha, beta = network.alpha.copy(), network.beta.copy()
    alpha[0] *= -1
    beta[:, 1] *= -1
    return replace(network, alpha=alpha, beta=beta)


def _met(network: Network) -> Network:
    return replace(network, Y=network.all()["F"])


def _further(network: Network) -> Network:
    F = network.all()["F"]
    return replace(network, Y=F + 2 * (network.Y - F))


def _mirrored(network: Network) -> Network:
    F = network.all()["F"]
    return replace(network, Y=F - (network.Y - F))


def _shifted(network: Network) -> Network:
    beta = network.beta.copy()
    beta[:, 0] += 1
    return replace(network, Y=network.Y + 1, beta=beta)


def _shares_shifted(network: Network) -> Network:
    beta = network.beta.copy()
    beta[:, 0] += 1
    return replace(network, beta=beta)


def _with_met_example(n: Network) -> Network:
    X = np.vstack([n.X, n.X[:1] + 1])
    F = replace(n, X=X, Y=np.vstack([n.Y, n.Y[:1]])).all()["F"]
    return replace(n, X=X, Y=np.vstack([n.Y, F[-1:]]))


CHANGES: dict[str, Change] = {
    "examples-twice": Change(
        "every example is given twice",
        lambda n: replace(n, X=np.vstack([n.X, n.X]), Y=np.vstack([n.Y, n.Y])),
        "R(θ) is a sum over the examples, with no 1/N, and so is its gradient: each example adds "
        "its own again.",
    ),
    "examples-reversed": Change(
        "the examples are given in reverse order, rows of X and Y alike",
        lambda n: replace(n, X=n.X[::-1], Y=n.Y[::-1]),
        "Rows stay whole: what belongs to an example moves with it, and a sum over the examples "
        "does not depend on their order.",
    ),
    "met-example-added": Change(
        "an example whose outputs are its targets, y = f, is added",
        _with_met_example,
        "Its residual −2(y − f) is 0, and so is all that is multiplied by it.",
    ),
    "loss-halved": Change(
        "a factor 1/2 is put before the loss",
        lambda n: replace(n, factor=n.factor / 2),
        "The forward pass does not know the loss. The residual gets the factor, and carries it to "
        "all that comes of it.",
    ),
    "loss-times-4": Change(
        "the loss is multiplied by 4",
        lambda n: replace(n, factor=4 * n.factor),
        "The forward pass does not know the loss. The residual gets the factor, and carries it to "
        "all that comes of it.",
    ),
    "gamma-doubled": Change(
        "the learning rate γ is doubled",
        lambda n: replace(n, gamma=2 * n.gamma),
        "γ comes in after the gradient: only the step is multiplied by it.",
    ),
    "targets-met": Change(
        "every target is set to the output, Y = F",
        _met,
        "All residuals are 0.",
    ),
    "targets-further": Change(
        "every target is moved away from its output, to twice the distance",
        _further,
        "All residuals are doubled; what does not see the targets stays as it was. A square makes "
        "4 of 2.",
    ),
    "targets-mirrored": Change(
        "every target is mirrored at its output: y − f changes its sign",
        _mirrored,
        "All residuals change their sign; a square does not see it.",
    ),
    "units-swapped": Change(
        "the first two hidden units are swapped: their rows of alpha, and their columns of beta",
        _swapped,
        "The sum over the hidden units does not depend on their order; what belongs to a unit "
        "moves with it.",
    ),
    "outputs-swapped": Change(
        "the first two outputs are swapped: their rows of beta, and their columns of Y",
        _outputs_swapped,
        "The sum over the outputs does not depend on their order; what belongs to an output moves "
        "with it.",
    ),
    "unit-negated": Change(
        "the first hidden unit's row of alpha and its column of beta change their signs",
        _unit_negated,
        "Where σ(−a) = −σ(a), the two signs cancel in T. In the gradients one of them is left.",
    ),
    "inputs-doubled": Change(
        "every row of X is doubled, and the weights of alpha but for the biases are halved",
        lambda n: replace(n, X=2 * n.X, alpha=_columns(n.alpha, 0.5)),
        "It is the same as other units of measurement: a stays as it was. Only where X itself is a "
        "factor, its 2 is seen.",
    ),
    "inputs-doubled-alone": Change(
        "every row of X is doubled, in a network without hidden biases",
        lambda n: replace(n, X=2 * n.X),
        "Without biases a is doubled; what happens next is up to σ.",
    ),
    "beta-doubled-shared": Change(
        "beta is doubled, and Y as well",
        lambda n: replace(n, beta=2 * n.beta, Y=2 * n.Y),
        "The hidden layer does not see beta. T is doubled; what happens next is up to g. What is "
        "sent back meets beta once more.",
    ),
    "beta-negated": Change(
        "beta and Y change their signs",
        lambda n: replace(n, beta=-n.beta, Y=-n.Y),
        "T changes its sign; what happens next is up to g. What is sent back meets beta once more.",
    ),
    "targets-shifted": Change(
        "every target is raised by 1",
        lambda n: replace(n, Y=n.Y + 1),
        "Every residual −2(y − f) falls by 2; what happens next is up to g′.",
    ),
    "all-shifted": Change(
        "every target and every bias of beta is raised by 1",
        _shifted,
        "T rises by 1; what happens next is up to g.",
    ),
    "t-shifted": Change(
        "every bias of beta is raised by 1",
        _shares_shifted,
        "T rises by 1; what happens next is up to g. Softmax does not see what all t share.",
    ),
    "alpha-zero": Change(
        "all weights of alpha but for the biases are set to 0",
        lambda n: replace(n, alpha=_columns(n.alpha, 0)),
        "A then holds nothing but the biases: no example is told from another.",
    ),
    "beta-zero": Change(
        "all weights of beta but for the biases are set to 0",
        lambda n: replace(n, beta=_columns(n.beta, 0)),
        "Nothing of the hidden layer reaches T, and nothing of delta is sent back through a weight "
        "of 0.",
    ),
}


BEFORE: dict[str, Callable[[Network], Network]] = {"inputs-doubled-alone": _no_hidden_bias}
"""How a network is prepared before a change, where the question says so."""

Expected = Callable[[Array, Array], Array]
"""What an effect says the array is after the change; takes the arrays before and after it."""


def _swap(array: Array, first: int, axis: int) -> Array:
    order = np.arange(array.shape[axis])
    order[[first, first + 1]] = first + 1, first
    return np.take(array, order, axis)


def _part(array: Array, part: tuple[slice, ...], factor: float) -> Array:
    """Return the array with one part of it multiplied."""
    changed = array.copy()
    changed[part] *= factor
    return changed


ALL = slice(None)
WHOLE: dict[str, Expected] = {
    STAYS: lambda b, a: b,
    "It is doubled.": lambda b, a: 2 * b,
    "It is halved.": lambda b, a: b / 2,
    "It becomes four times as large.": lambda b, a: 4 * b,
    "It changes its sign.": lambda b, a: -b,
    GONE: lambda b, a: np.zeros_like(b),
    "It rises by 1.": lambda b, a: b + 1,
    "It falls by 2.": lambda b, a: b - 2,
}
"""Effects on a single number, or on all numbers of an array."""

MATRICES: dict[str, Expected] = {
    "Its rows come in reverse order.": lambda b, a: b[::-1],
    "Its first two rows are swapped.": lambda b, a: _swap(b, 0, axis=0),
    "Its first two columns are swapped.": lambda b, a: _swap(b, 0, axis=1),
    "Its second and third column are swapped.": lambda b, a: _swap(b, 1, axis=1),
    "Its rows come twice.": lambda b, a: np.vstack([b, b]),
    "It gets one row more, of zeros; the others stay.": lambda b, a: np.vstack([b, 0 * b[:1]]),
    "Its first row changes its sign; the rest stays.": lambda b, a: _part(b, (slice(1),), -1),
    "Its first column changes its sign; the rest stays.": lambda b, a: _part(
        b, (ALL, slice(1)), -1
    ),
    "Its second column changes its sign; the rest stays.": lambda b, a: _part(
        b, (ALL, slice(1, 2)), -1
    ),
    "Its first column stays; the others are doubled.": lambda b, a: _part(
        b, (ALL, slice(1, None)), 2
    ),
    "Its first column stays; the others become 0.": lambda b, a: _part(b, (ALL, slice(1, None)), 0),
    "All its rows become alike.": lambda b, a: np.tile(a[:1], (len(a), 1)),
}
EFFECTS = WHOLE | MATRICES
"""All effects, by the words in which they are offered."""


@dataclass(frozen=True)
class Quantity:
    """A quantity in a question's words, and whether g has to be softmax; None if it may be any."""

    says: str
    softmax: bool | None = None


QUANTITIES: dict[str, dict[str, Quantity]] = {
    "hidden": {"A": Quantity("A"), "Z": Quantity("Z")},
    "output": {"T": Quantity("T"), "F": Quantity("F")},
    "eq1": {"loss": Quantity("the loss R(θ)")},
    "eq4": {"beta": Quantity("the gradient with respect to beta", False)},
    "eq5": {"alpha": Quantity("the gradient with respect to alpha", False)},
    "eq6": {"delta": Quantity("delta", False)},
    "eq7": {"s": Quantity("the hidden delta s", False)},
    "eq8": {"beta": Quantity("the gradient with respect to beta", True)},
    "eq9": {"alpha": Quantity("the gradient with respect to alpha", True)},
    "eq10": {"delta": Quantity("delta", True)},
    "eq11": {"s": Quantity("the hidden delta s", True)},
    "eq12": {"step": Quantity("beta's step, −γ times the gradient,")},
    "softmax": {"F": Quantity("F, the shares,", True)},
}
"""The quantities by the exercise that is reviewed, and by their names in `Network.all`."""

EXERCISES = tuple(QUANTITIES)

SIGMAS: dict[str, Activation] = {
    "tanh": tanh,
    "the sigmoid": sigmoid,
    "ReLU": relu,
    "the identity": identity,
    "the leaky ReLU": leaky_relu(0.5),
}
OUTPUTS: dict[str, Output] = {
    "the identity": identity,
    "the sigmoid": sigmoid,
    "tanh": tanh,
    "softmax": softmax,
}


def what_happens(exercise: Exercise[Any], rng: np.random.Generator) -> Item | None:
    """Ask what becomes of a quantity; None if these networks do not agree on one effect.

    Parameters
    ----------
    exercise : Exercise
        One of `EXERCISES`.
    rng : Generator
    """
    quantities = QUANTITIES[exercise.id]
    name = str(rng.choice(list(quantities)))
    asked = quantities[name]
    change = str(rng.choice(list(CHANGES)))
    sigma = str(rng.choice(list(SIGMAS)))
    outputs = [g for g in OUTPUTS if asked.softmax in (None, g == "softmax")]
    g = str(rng.choice(outputs))
    always, never = effects(change, name, sigma, g)
    if len(always) != 1 or len(never) < OFFERED - 1:
        return None
    if always == [STAYS] and rng.integers(STAYS_ONE_IN):
        return None
    (right,) = always
    picked = _likely(never, change, sigma, g, rng)
    pairs = runs(change, sigma, g)[int(rng.integers(NETWORKS))]
    before, after = pairs[name]
    because = CHANGES[change].because
    return item(
        rng,
        Choice(right, f"{because} {seen(before, after)}"),
        [Choice(effect, seen_otherwise(effect, before, after)) for effect in picked],
        kind="change",
        exercise=exercise.id,
        about=f"change:{exercise.id}:{name}:{change}:{sigma}:{g}",
        question=(
            f"A network in which σ is {sigma} and g is {g}. What happens to "
            f"{asked.says.rstrip(',')}, if {CHANGES[change].says}?"
        ),
        facts={"change": change, "quantity": name, "sigma": sigma, "g": g},
    )


def _likely(
    never: list[str], change: str, sigma: str, g: str, rng: np.random.Generator
) -> list[str]:
    """Return wrong effects to offer, first those that other quantities show."""
    elsewhere = set[str]().union(
        *(effects(change, name, sigma, g)[0] for name in runs(change, sigma, g)[0])
    )
    order = [never[i] for i in rng.permutation(len(never))]
    return sorted(order, key=lambda effect: effect not in elsewhere)[: OFFERED - 1]


Pairs = dict[str, tuple[Array, Array]]


@cache
def effects(change: str, quantity: str, sigma: str, g: str) -> tuple[list[str], list[str]]:
    """Return the effects found in every network that was tried, and those found in none.

    For a single number, only the effects in `WHOLE` are looked for.
    """
    pairs = [by_name[quantity] for by_name in runs(change, sigma, g)]
    possible = EFFECTS if pairs[0][0].ndim else WHOLE
    always, never = [], []
    for effect in possible:
        true = [same(EFFECTS[effect](*pair), pair[1]) for pair in pairs]
        if all(true) and all(says_something(effect, *pair) for pair in pairs):
            always.append(effect)
        if not any(true):
            never.append(effect)
    return always, never


def says_something(effect: str, before: Array, after: Array) -> bool:
    """Whether a true effect can be seen: of an array of zeros, most effects are true."""
    expected = EFFECTS[effect](before, after)
    changed = effect == STAYS or visibly_other(expected, before)
    return changed and (effect == GONE or visibly_other(expected, np.zeros_like(expected)))


@cache
def runs(change: str, sigma: str, g: str) -> tuple[Pairs, ...]:
    """Return every quantity before and after a change, in several networks."""
    found = []
    for seed in range(NETWORKS):
        network = Network.random(np.random.default_rng(seed), SIGMAS[sigma], OUTPUTS[g])
        network = BEFORE[change](network) if change in BEFORE else network
        before, after = network.all(), CHANGES[change].do(network).all()
        found.append({name: (before[name], after[name]) for name in before})
    return tuple(found)


def seen(before: Array, after: Array) -> str:
    """Return a sentence on what became of one number of an array, or of its shape."""
    if before.shape != after.shape:
        return f"In one case its shape went from {before.shape} to {after.shape}."
    apart = np.abs(after - before)
    return _went(before, after, _at(apart if apart.max() > 1e-9 else np.abs(before)))


def seen_otherwise(effect: str, before: Array, after: Array) -> str:
    """Return sentences on a number, or a shape, that contradicts an effect."""
    expected = EFFECTS[effect](before, after)
    if expected.shape != after.shape:
        return f"Its shape would then be {expected.shape}; in one case it is {after.shape}."
    index = _at(np.abs(expected - after))
    place, would_be = spot(index), shown(float(expected[index]))
    if expected.shape != before.shape:  # an array's, not a single number's
        return f"In one case it is {shown(float(after[index]))} in {place}, not {would_be}."
    instead = f"With that it would be {would_be}."
    return f"{_went(before, after, index)} {instead}"


def _went(before: Array, after: Array, index: tuple[int, ...]) -> str:
    was, is_now, place = shown(float(before[index])), shown(float(after[index])), spot(index)
    if was == is_now:
        return f"In one case it is {was}{f' in {place}' if index else ''}, before and after."
    return f"In one case it went from {was} to {is_now}{f' in {place}' if index else ''}."


def _at(apart: Array) -> tuple[int, ...]:
    return tuple(map(int, np.unravel_index(apart.argmax(), apart.shape))) if apart.ndim else ()
