"""The processes of the speed benchmark: ``python -m tests.benchmarks.speed.peers torch``.

A process reads one JSON object a line, ``{"function", "sizes", "activation", "N", "dtype",
"seconds"}``, and answers with the seconds that one unit of the task takes. Functions are those
of the class below that the process was started with; each returns something to call and how
many units a call does. All peers do the same work: the gradient of the sum of squared errors by
all weights of a network whose output is the identity.
"""

import json
import sys
from collections.abc import Callable, Iterator
from time import perf_counter

import numpy as np

from bplab import activations
from bplab.training import Workspace, train, train_many
from tests.benchmarks.speed.checks import Checks, OnePass, WeightByWeight
from tests.benchmarks.speed.problem import Timed, plain_risk, problem
from tests.benchmarks.speed.rows import EPOCHS, GAMMAS, Net

GAMMA = 1e-5  # far from divergence on all networks
RATES = np.geomspace(GAMMA / 10, GAMMA, GAMMAS)


def training(net: Net, dtype: str) -> tuple:
    """Return the first six arguments of `bplab.train`."""
    X, Y, (*alphas, beta) = problem(net, dtype)
    return X, Y, alphas, beta, getattr(activations, net.activation), activations.identity


class Bplab(Checks):
    """What ``bplab bench`` is about."""

    def gradient(self, net: Net, dtype: str, block: int | None = None) -> Timed:
        X, Y, weights = problem(net, dtype)
        sigmas = [getattr(activations, net.activation)] * (len(weights) - 1)
        work = Workspace(X, Y, weights, sigmas, activations.identity, block=block)

        def step() -> None:
            work.forward()
            work.backward()

        return step, 1

    def epoch(self, net: Net, dtype: str) -> Timed:
        arguments = training(net, dtype)
        return lambda: train(*arguments, gamma=GAMMA, epochs=EPOCHS), EPOCHS

    training = epoch

    def epoch_of_many(self, net: Net, dtype: str) -> Timed:
        arguments = training(net, dtype)
        return lambda: train_many(*arguments, gammas=RATES, epochs=EPOCHS), EPOCHS * GAMMAS


class OneByOne:
    """The library without its way to train many networks at once."""

    def epoch_of_many(self, net: Net, dtype: str) -> Timed:
        arguments = training(net, dtype)

        def step() -> None:
            for gamma in RATES:
                train(*arguments, gamma=gamma, epochs=EPOCHS)

        return step, EPOCHS * GAMMAS


class AllAtOnce:
    """The library without blocks of examples."""

    def gradient(self, net: Net, dtype: str) -> Timed:
        return Bplab().gradient(net, dtype, block=net.N)


class Products:
    """The matrix products that nobody can do without."""

    def gradient(self, net: Net, dtype: str) -> Timed:
        """Exactly the products of a forward and a backward pass, in the public layout.

        Examples are rows; biases and activations are left out; every result is written into
        an array that is there already.
        """
        X, Y, weights = problem(net, dtype)
        rng = np.random.default_rng(0)
        W = [np.ascontiguousarray(w[:, 1:]) for w in weights]
        Z = [X, *(rng.standard_normal((net.N, n)).astype(dtype) for n in net.sizes[1:])]
        deltas, outs, gradients = ([np.copy(a) for a in arrays] for arrays in (Z, Z, W))
        products = [(Z[d], W[d].T, outs[d + 1]) for d in range(len(W))]
        for d in reversed(range(len(W))):
            products.append((deltas[d + 1].T, Z[d], gradients[d]))
            if d > 0:
                products.append((deltas[d + 1], W[d], outs[d]))

        def step() -> None:
            for a, b, out in products:
                np.matmul(a, b, out=out)

        return step, 1


class Torch:
    """PyTorch on the CPU, written as its documentation does, the update by hand."""

    def __init__(self, threads: int):
        import torch

        torch.set_num_threads(threads)
        self.torch = torch

    def gradient(self, net: Net, dtype: str) -> Timed:
        return self._step(net, dtype)[0], 1

    def epoch(self, net: Net, dtype: str) -> Timed:
        gradient, parameters = self._step(net, dtype)

        def step() -> None:
            gradient()
            with self.torch.no_grad():  # a third faster than torch.optim.SGD
                for p in parameters:
                    p.sub_(p.grad, alpha=GAMMA)

        return step, 1

    def _step(self, net: Net, dtype: str) -> tuple[Callable[[], None], list]:
        torch = self.torch
        X, Y, weights = problem(net, dtype)
        activation = {"tanh": torch.nn.Tanh, "relu": torch.nn.ReLU}[net.activation]
        layers = []
        for w in weights:
            linear = torch.nn.Linear(w.shape[1] - 1, w.shape[0], dtype=getattr(torch, dtype))
            with torch.no_grad():
                linear.weight.copy_(torch.from_numpy(w[:, 1:]))
                linear.bias.copy_(torch.from_numpy(w[:, 0]))
            layers += [linear, activation()]
        model = torch.nn.Sequential(*layers[:-1])
        parameters = list(model.parameters())
        X, Y = torch.from_numpy(X), torch.from_numpy(Y)

        def gradient() -> None:
            for p in parameters:
                p.grad = None
            ((model(X) - Y) ** 2).sum().backward()

        return gradient, parameters


class Jax:
    """JAX, compiled."""

    def gradient(self, net: Net, dtype: str) -> Timed:
        import jax

        X, Y, weights = jax.device_put(problem(net, dtype))
        gradient = jax.jit(jax.value_and_grad(plain_risk(jax.numpy, net.activation)))
        return lambda: jax.block_until_ready(gradient(weights, X, Y)), 1

    def epoch(self, net: Net, dtype: str) -> Timed:
        import jax

        weights, update = self._update(net, dtype)
        update = jax.jit(update)

        def step() -> None:
            nonlocal weights
            weights, _ = jax.block_until_ready(update(weights))

        return step, 1

    def training(self, net: Net, dtype: str) -> Timed:
        """All epochs in one loop, which is compiled as a whole."""
        import jax

        weights, update = self._update(net, dtype)
        loop = jax.jit(lambda start: jax.lax.scan(lambda w, _: update(w), start, length=EPOCHS))
        return lambda: jax.block_until_ready(loop(weights)), EPOCHS

    @staticmethod
    def _update(net: Net, dtype: str) -> tuple:
        """Weights, and a function that gives the next ones, and R at those that it was given."""
        import jax

        X, Y, weights = jax.device_put(problem(net, dtype))
        gradient = jax.value_and_grad(plain_risk(jax.numpy, net.activation))

        def update(weights):
            R, by_weights = gradient(weights, X, Y)
            return jax.tree.map(lambda w, d: w - GAMMA * d, weights, by_weights), R

        return weights, update


class Autograd:
    """Autograd (HIPS)."""

    def gradient(self, net: Net, dtype: str) -> Timed:
        gradient, X, Y, weights = self._problem(net, dtype)
        return lambda: gradient(weights, X, Y), 1

    def epoch(self, net: Net, dtype: str) -> Timed:
        gradient, X, Y, weights = self._problem(net, dtype)

        def step() -> None:
            _, by_weights = gradient(weights, X, Y)
            for w, d in zip(weights, by_weights, strict=True):
                w -= GAMMA * d

        return step, 1

    @staticmethod
    def _problem(net: Net, dtype: str) -> tuple:
        import autograd
        import autograd.numpy

        gradient = autograd.value_and_grad(plain_risk(autograd.numpy, net.activation))
        return gradient, *problem(net, dtype)


def seconds_a_unit(step: Callable[[], object], units: float, number: int) -> float:
    """The mean time of ``number`` calls, by what a call does."""
    start = perf_counter()
    for _ in range(number):
        step()
    return (perf_counter() - start) / (number * units)


def answers(peer: object, requests: Iterator[str]) -> Iterator[float]:
    """Time what is asked for; what was prepared last is kept."""
    asked, step, units, number = None, None, 1, 1
    for line in requests:
        request = json.loads(line)
        seconds = request.pop("seconds")
        if request != asked:
            step = None  # frees the memory of the task before
            asked = dict(request)
            function, dtype = request.pop("function"), request.pop("dtype")
            net = Net(tuple(request.pop("sizes")), **request)
            step, units = getattr(peer, function)(net, dtype)
            seconds_a_unit(step, units, 2)
            number = max(1, round(seconds / (units * seconds_a_unit(step, units, 1))))
        yield seconds_a_unit(step, units, number)


PEERS: dict[str, type] = {
    "bplab": Bplab,
    "products": Products,
    "all at once": AllAtOnce,
    "one by one": OneByOne,
    "weight by weight": WeightByWeight,
    "one pass": OnePass,
    "torch": Torch,
    "jax": Jax,
    "autograd": Autograd,
}
"""The class of each process, by the name that `Row.against` has for it."""


def main(name: str, threads: int) -> None:
    """Answer requests until there are no more."""
    peer = Torch(threads) if name == "torch" else PEERS[name]()
    for answer in answers(peer, iter(sys.stdin.readline, "")):
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
