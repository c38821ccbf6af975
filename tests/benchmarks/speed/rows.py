"""What the speed benchmark measures: its networks, its rows, and the ratio each should reach."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

__all__ = ["EPOCHS", "GAMMAS", "LIBRARIES", "NETWORKS", "ROWS", "Net", "Row"]

EPOCHS = 1000
GAMMAS = 50
"""The epochs of a timed training, and how many learning rates are trained at once."""


@dataclass(frozen=True)
class Net:
    """A fully connected network, its output the identity, and how many examples it gets."""

    sizes: tuple[int, ...]
    activation: str
    N: int

    def __str__(self) -> str:
        return f"{'-'.join(map(str, self.sizes))} {self.activation}"


NETWORKS = (
    Net((2, 8, 1), "tanh", 200),
    Net((10, 32, 16, 3), "tanh", 1000),
    Net((784, 128, 64, 10), "relu", 1000),
    Net((784, 512, 512, 10), "relu", 4096),
)

MANY = Net((10, 32, 16, 3), "tanh", 20_000)
"""The arrays of these examples are larger than a core's cache."""

CHECKED = (Net((10, 32, 16, 3), "tanh", 200), Net((64, 128, 64, 10), "relu", 500))
"""The networks of the gradient checks: of 931 and of 17,226 weights."""


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Every process in ``against`` times the same ``function`` of its class in ``peers``, for the
    same network and dtype. ``targets`` maps some of them to the largest ratio ours / theirs
    that is fast enough.
    """

    title: str
    function: str
    net: Net
    against: tuple[str, ...]
    targets: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    dtype: str = "float64"
    threads: int = 1


LIBRARIES = ("torch", "jax", "autograd")


def _gradient(net: Net, targets: Mapping[str, float], dtype="float64", threads=1) -> Row:
    peers = LIBRARIES if (dtype, threads) == ("float64", 1) else LIBRARIES[:1]
    against = ("products", *peers)
    return Row("forward + backward", "gradient", net, against, targets, dtype, threads)


def _epoch(N: int, target: float) -> Row:
    net = Net((2, 8, 1), "tanh", N)
    return Row("epoch of descent", "epoch", net, LIBRARIES, {"torch": target})


ROWS = (
    _gradient(NETWORKS[0], {"torch": 0.14, "products": 2.1}),
    _gradient(NETWORKS[1], {"torch": 0.50, "products": 2.2}),
    _gradient(NETWORKS[2], {"torch": 1.02, "products": 1.02}),
    _gradient(NETWORKS[3], {"torch": 1.10, "products": 1.02}),
    *(
        _gradient(net, {"products": 1.12} if net.sizes[0] == 784 else {}, dtype, threads)
        for dtype, threads in (("float32", 1), ("float64", 2), ("float32", 2))
        for net in NETWORKS
    ),
    Row(
        *("forward + backward", "gradient", MANY, ("all at once", "products", *LIBRARIES)),
        {"all at once": 0.7, "torch": 0.5},
    ),
    _epoch(50, 1 / 20),
    _epoch(200, 1 / 15),
    Row(
        f"the same, {GAMMAS} learning rates at once",
        "epoch_of_many",
        Net((2, 8, 1), "tanh", 50),
        ("one by one",),
        {"one by one": 1 / 3},
    ),
    *(
        Row("training, in one compiled loop", "training", net, ("jax",), {"jax": 3})
        for net in (Net((2, 8, 1), "tanh", 200), NETWORKS[1])
    ),
    *(
        Row(title, function, net, (against,), {against: target} if target else {})
        for title, function, net, against, target in (
            ("numerical gradient", "numerical_gradient", CHECKED[0], "weight by weight", 1 / 8),
            ("numerical gradient", "numerical_gradient", CHECKED[1], "weight by weight", 1 / 15),
            ("central differences", "central_gradient", CHECKED[0], "weight by weight", None),
            ("fast check", "fast_check", CHECKED[1], "one pass", 4),
            ("one wrong weight found", "find_wrong", CHECKED[1], "one pass", 20),
        )
    ),
)
