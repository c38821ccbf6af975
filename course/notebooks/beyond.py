# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # Beyond · The same gradients, as practice has them
#
# *About 40 minutes. You need: section 3. This is for those who go on. The course does not need it.*
#
# When you are through, you can
#
# - read other people's code: say which name is α, which is δ, which is s;
# - build a network from layers that know nothing of each other;
# - write automatic differentiation in forty lines, and find equations (4) to (18) in it;
# - say why softmax and cross-entropy go together.
#
# You wrote the gradients of Charpentier's paper by hand. PyTorch and its like find them by a program.
# Here you write it.
#
# **Two questions on the course.** Answer before you open. If the cell below asks two, take those.
#
# <details><summary>What is s, in one sentence?</summary>
#
# The derivative of the loss with respect to a unit's pre-activation a.
# </details>
#
# <details><summary>A hidden unit sends its z to three outputs. How many terms does its derivative
# have?</summary>
#
# Three: one for each way up to the loss. They are added.
# </details>

# %%
from bplab import review

review(before="beyond", items=2)

# %%
import math
import operator
from contextlib import redirect_stdout
from io import StringIO
from textwrap import fill
from types import SimpleNamespace

import numpy as np

from bplab import check, check_gradient, deep, failing_case, hint, initial_weights, where
from bplab import mine, parsons, predict, progress, todo
from bplab.activations import sigmoid, softmax, tanh
from bplab.data import penguins
from bplab.losses import cross_entropy
from bplab.plots import node_graph

# %% [markdown]
# ## 1. A dictionary
#
# | the paper, and you | in practice | |
# |---|---|---|
# | α, β | `W` and `b` | the bias is kept apart: `b` is the first column, `W` the rest |
# | A | pre-activations | often without a name |
# | T | **logits** | what goes into softmax |
# | Z, F | activations; outputs, or `probs` | |
# | −2(y − f) | `dF` | here the way back begins |
# | δ | `dT`, `dlogits` | |
# | s | `dA` | |
# | ∂R/∂α | `dW`, `db`; `W.grad` | |
# | γ | `lr`, learning rate | |
# | the N examples | the batch | many take the mean of the loss: then all gradients are N times smaller |
#
# One rule makes it easy: `dQ` is **the derivative of the loss with respect to Q**, and has Q's shape.
#
# ## 2. Layers
#
# In practice a network is cut into layers with two methods. `forward` takes what comes from below, and
# keeps what it will need. `backward` takes the derivative with respect to what the layer gave, and
# returns that with respect to what it got. No layer knows its neighbours.


# %%
class Affine:
    def __init__(self, weights):
        self.b, self.W = weights[:, 0], weights[:, 1:]

    def forward(self, X):
        self.X = X
        return X @ self.W.T + self.b

    def backward(self, dA):
        self.db, self.dW = dA.sum(axis=0), dA.T @ self.X
        return dA @ self.W


class Activation:
    def __init__(self, function):
        self.function = function

    def forward(self, A):
        self.A = A
        return self.function(A)

    def backward(self, dZ):  # times the slope; for softmax, through its Jacobian
        return self.function.pull_back(dZ, self.A)


# %% [markdown]
# **Predict, then run**: of residual, output delta, weight gradient, send back and hidden delta, which
# does `Affine.backward` do, which `Activation.backward`, and which is in neither?

# %%
prediction = predict("the five steps in two methods", "…")  # your steps here
birds = penguins()
X = ((birds.X - birds.X.mean(axis=0)) / birds.X.std(axis=0))[[0, 170, 300, 340]]
Y = birds.Y[[0, 170, 300, 340]]
alphas, beta = initial_weights(p=4, M=[3, 2], K=3, seed=1)
layers = [Affine(alphas[0]), Activation(tanh), Affine(alphas[1]), Activation(tanh)]
layers += [Affine(beta), Activation(softmax)]

F = X
for layer in layers:
    F = layer.forward(F)
names = ["dF", "dT", "dZ2", "dA2", "dZ1", "dA1", "dX"]
by_layers = {"dF": -2 * (Y - F)}
for layer, above, name in zip(reversed(layers), names, names[1:], strict=False):
    by_layers[name] = layer.backward(by_layers[above])
by_layers |= {f"dW{d}": np.c_[layers[2 * d - 2].db, layers[2 * d - 2].dW] for d in (1, 2, 3)}

stored = deep.forward(X, alphas, beta, [tanh, tanh], softmax)
by_alphas, by_beta = deep.backward(X, Y, alphas, beta, [tanh, tanh], softmax)
delta = deep.output_delta(Y, stored.T, stored.F, softmax)
s = deep.hidden_deltas(delta, alphas, beta, stored.A, [tanh, tanh])
library = {"dT": delta, "dA2": s[1], "dA1": s[0]}
library |= {"dW1": by_alphas[0], "dW2": by_alphas[1], "dW3": by_beta}
print("You said:", prediction)
for name, right in library.items():
    print(f"{name:4} {right.shape!s:7} differs by {np.abs(by_layers[name] - right).max():.0e}")

# %% [markdown]
# The same numbers. `Affine.backward` does the weight gradient, and sends back. `Activation.backward`
# makes the deltas. The residual is in neither: it belongs to the loss. And section 3's recursion has
# become a loop over a list.
#
# ## 3. Down to single numbers
#
# Take the layers apart until only single operations are left: a sum, a product, one tanh. Each result
# is a **node**. A worked example: $R = (y - \tanh(w x))^2$ with $w = 0.5$, $x = 2$, $y = 1$.
#
# | node | made from | value | its slopes, one for each |
# |---|---|---|---|
# | a | w · x | 1 | x = 2 and w = 0.5 |
# | f | tanh(a) | 0.762 | 1 − f² = 0.42 |
# | d | y − f | 0.238 | 1 and −1 |
# | R | d · d | 0.057 | d = 0.238 and d = 0.238 |
#
# A slope looks no further than to what its node is made from. That is all the calculus. The rest is order.
# Fill the gap: the slopes of a / b, with respect to a and to b.
# *As a puzzle: `parsons("half-local-slopes")`*

# %% nbgrader={"grade_id": "half-local-slopes", "solution": true}
a, b, h = 3.0, 2.0, 1e-6
# slopes = the two slopes
### BEGIN SOLUTION
slopes = [1 / b, -a / b**2]
### END SOLUTION
by_a = ((a + h) / b - (a - h) / b) / (2 * h)
by_b = (a / (b + h) - a / (b - h)) / (2 * h)
print("yours:", slopes)
print("by differences:", [round(by_a, 6), round(by_b, 6)])

# %% [markdown]
# ### Exercise `local-slopes`
#
# Eight operations will do for all networks of the paper: `"add"`, `"sub"`, `"mul"`, `"div"` are made
# from two inputs, `"exp"`, `"log"`, `"tanh"`, `"relu"` from one. `value` is what the operation made of
# `inputs`, an array of two numbers or one. At 0 let the slope of relu be 0. *Stuck? `hint("local-slopes")`*


# %% nbgrader={"grade_id": "local-slopes", "solution": true}
def local_slopes(op, inputs, value):
    """Return the slope of value with respect to each of the inputs: as many numbers."""
    ### BEGIN SOLUTION
    a, b = inputs[0], inputs[-1]
    match op:
        case "add":
            return [1, 1]
        case "sub":
            return [1, -1]
        case "mul":
            return [b, a]
        case "div":
            return [1 / b, -a / b**2]
        case "exp":
            return [value]
        case "log":
            return [1 / a]
        case "tanh":
            return [1 - value**2]
        case "relu":
            return [float(a > 0)]
    ### END SOLUTION


# %% nbgrader={"grade_id": "test-local-slopes", "grade": true}
check("local-slopes", local_slopes)

# %% [markdown]
# ## 4. The way back
#
# The derivative of R with respect to itself is 1. From there on each node does the same:
#
# - its own derivative, times a slope, is what it **sends** to a node that it is made from;
# - what **arrives** at a node is added up.
#
# In the example R sends $1 \cdot 0.238$ to d, twice. So d has $0.477$. It sends $-0.477$ to f, f sends
# $-0.477 \cdot 0.42$ to a, and so on. The products along a way are the chain rule; the sum is over all
# ways to a node.
#
# In code each node has a number. `sources[n]` are those of the nodes that node n is made from, and
# `slopes[n]` its slopes, in the same order. Fill the gap: what arrives.
# *As a puzzle: `parsons("half-reverse-pass")`*

# %% nbgrader={"grade_id": "half-reverse-pass", "solution": true}
w, x, y, a, f, d, R = range(7)
sources = [(), (), (), (w, x), (a,), (y, f), (d, d)]
f_value = math.tanh(1)
slopes = [(), (), (), (2, 0.5), (1 - f_value**2,), (1, -1), (1 - f_value, 1 - f_value)]
grad = [0, 0, 0, 0, 0, 0, 1]
for node in (R, d, f, a):
    for source, slope in zip(sources[node], slopes[node], strict=True):
        # what the node sends arrives at the source
        ### BEGIN SOLUTION
        grad[source] += grad[node] * slope
        ### END SOLUTION
print("yours:", [round(one, 3) for one in grad], sep="\n")
print("due:", [-0.4, -0.1, 0.477, -0.2, -0.477, 0.477, 1], sep="\n")
numbers = [0.5, 2, 1, 1, f_value, 1 - f_value, (1 - f_value) ** 2]
node_graph(
    sources, ["w", "x", "y", "a", "f", "d", "R"], numbers, grad, title="R = (y − tanh(w x))²"
)

# %% [markdown]
# Would R, f, d, a do as well? No: a node that sends before everything has arrived sends too little. And if
# it sends once more later, some of it goes down twice.
#
# ### Exercise `reverse-pass`
#
# Now no order is given, not even by the numbers. Find one in which every node sends **once**,
# **after all nodes that are made from it**. One way is a function that visits a node: first it visits all
# its sources, then it puts the node at the end of a list. No node is visited twice. Visit the output: in
# the list each node now stands after those that it is made from.
#
# Where the output does not depend on a node, its derivative is 0. *Stuck? `hint("reverse-pass")`*


# %% nbgrader={"grade_id": "reverse-pass", "solution": true}
def reverse_pass(sources, slopes, output):
    """Return the derivative of node number output with respect to each node, in order."""
    ### BEGIN SOLUTION
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for source in sources[node]:
                visit(source)
            order.append(node)

    visit(output)
    grad = np.zeros(len(sources))
    grad[output] = 1
    for node in reversed(order):
        for n, source in enumerate(sources[node]):
            grad[source] += grad[node] * slopes[node][n]
    return grad
    ### END SOLUTION


# %% nbgrader={"grade_id": "test-reverse-pass", "grade": true}
check("reverse-pass", reverse_pass)

# %% [markdown]
# One could walk down each way by itself, multiply, and add up at its end. That is right too. **Predict,
# then run**: each of 40 nodes is the one before, plus itself. How many ways lead down, and how often does
# your function send?

# %% tags=["raises-exception"]
prediction = predict("ways down through 40 nodes", "…")  # your number here
doubled = [(), *((n, n) for n in range(40))]
ways = reverse_pass(doubled, [(1, 1) if of else () for of in doubled], output=40)[0]
print("You said:", prediction)
print(f"ways: {ways:,.0f}; sent: {sum(map(len, doubled))} times")

# %% [markdown]
# A million million ways, and sending 80 times will do: the recursion of section 3 again.
#
# ## 5. Forty lines
#
# Who writes the nodes down? `Value` is a number that remembers what it was made from. With your two
# functions, this is automatic differentiation.

# %%
RULES = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "exp": math.exp,
    "log": math.log,
    "tanh": math.tanh,
    "relu": lambda a: max(a, 0.0),
}


class Value:
    def __init__(self, number, op="", sources=()):
        self.number, self.op, self.sources = float(number), op, sources

    def backward(self):
        number, left = {}, [self]  # of every node below; this one has number 0
        while left:
            node = left.pop()
            if node not in number:
                number[node] = len(number)
                left += node.sources
        sources = [tuple(number[s] for s in node.sources) for node in number]
        slopes = [node.slopes() for node in number]
        for node, grad in zip(number, reverse_pass(sources, slopes, 0), strict=True):
            node.grad = grad

    def slopes(self):
        inputs = np.array([source.number for source in self.sources])
        return local_slopes(self.op, inputs, self.number) if self.op else []


def operation(op):
    def made(*sources):
        return Value(RULES[op](*(source.number for source in sources)), op, sources)

    return made


Value.__add__, Value.__sub__ = operation("add"), operation("sub")
Value.__mul__, Value.__truediv__ = operation("mul"), operation("div")
Value.exp, Value.log = operation("exp"), operation("log")
Value.tanh, Value.relu = operation("tanh"), operation("relu")

# %% tags=["raises-exception"]
w, x, y = Value(0.5), Value(2), Value(1)
d = y - (w * x).tanh()
R = d * d
R.backward()
print(f"R = {R.number:.3f}, and its derivatives:")
print(f"w {w.grad:.3f}, x {x.grad:.3f}, y {y.grad:.3f}")

# %% [markdown]
# The numbers of the worked example, and nobody has differentiated R. numpy multiplies matrices of anything
# that can be added and multiplied. So a forward pass is written as ever, with Values in its arrays. Here is
# the network of part 2, compared with what the layers said.

# %% tags=["raises-exception"]
values = np.vectorize(Value, otypes=[object])
number = np.vectorize(lambda value: value.number)
grad = np.vectorize(lambda value: value.grad)
ONE, ZERO = Value(1), Value(0)
sigmoid_of = np.vectorize(lambda t: ONE / (ONE + (ZERO - t).exp()), otypes=[object])


def softmax_of(T):
    powers = np.exp(T)  # of an array of Values, numpy asks each for its exp()
    return powers / powers.sum(axis=1, keepdims=True)


def by_values(X, Y, alphas, beta, g):
    nodes = {"X": values(X), "W": [values(weights) for weights in (*alphas, beta)]}
    Z = nodes["X"]
    for d, weights in enumerate(nodes["W"][:-1], start=1):
        A = nodes[f"A{d}"] = Z @ weights[:, 1:].T + weights[:, 0]
        Z = nodes[f"Z{d}"] = np.tanh(A)
    weights = nodes["W"][-1]
    T = nodes["T"] = Z @ weights[:, 1:].T + weights[:, 0]
    F = nodes["F"] = g(T)
    error = values(Y) - F
    (error * error).sum().backward()
    found = {f"d{name}": grad(array) for name, array in nodes.items() if name != "W"}
    return found | {f"dW{d}": grad(w) for d, w in enumerate(nodes["W"], start=1)}


found = by_values(X, Y, alphas, beta, softmax_of)
for name, layers_say in by_layers.items():
    print(
        f"{name:4} {layers_say.shape!s:7} differs by {np.abs(found[name] - layers_say).max():.0e}"
    )

# %% [markdown]
# Every step of the backward pass, from two short functions that know of no network.
#
# ### Equations (4) to (18)
#
# Here your own functions, as `mine` keeps them, are compared with Values: one hidden layer with sigmoid
# outputs for (4) to (7), and with softmax for (8) to (13), then the network of part 2.

# %% tags=["raises-exception"]
names = ["grad_beta", "grad_alpha", "backward_output", "backward_hidden", "update", "one_pass"]
names += ["weight_gradient", "grad_last_hidden", "hidden_delta", "hidden_deltas", "backward"]
with redirect_stdout(StringIO()):  # whose each is, the last lines say
    own = SimpleNamespace(**{name: getattr(mine, name) for name in names})
differ = {}


def compare(equation, yours, by_value):
    apart = np.abs(yours - by_value).max()
    differ[equation] = max(differ.get(equation, 0), apart)


alpha, top = initial_weights(p=4, M=3, K=3, seed=2)
for first, g, g_of in ((4, sigmoid, sigmoid_of), (8, softmax, softmax_of)):
    at = deep.forward(X, [alpha], top, [tanh], g)
    A, Z, T, F = at.A[0], at.Z[0], at.T, at.F
    by = by_values(X, Y, [alpha], top, g_of)
    delta, by_top = own.backward_output(Y, A, Z, T, F, g)
    compare(first, own.grad_beta(Y, A, Z, T, F, g), by["dW2"])
    compare(first + 1, own.grad_alpha(X, Y, A, Z, T, F, top, tanh, g), by["dW1"])
    compare(first + 2, delta, by["dT"])
    compare(first + 2, by_top, by["dW2"])
    compare(first + 3, own.backward_hidden(X, A, Z, delta, top, tanh), by["dW1"])
moved = own.one_pass(X, Y, alpha, top, tanh, softmax, 0.1)
compare(12, own.update(top, by["dW2"], 0.1), top - 0.1 * by["dW2"])
compare(13, moved[0], alpha - 0.1 * by["dW1"])
compare(13, moved[1], top - 0.1 * by["dW2"])

sigmas, delta = [tanh, tanh], found["dT"]
compare(14, own.weight_gradient(delta, stored.Z[1]), found["dW3"])
last = own.grad_last_hidden(stored.Z[0], stored.A[1], delta, beta, tanh)
compare(15, last, found["dW2"])
compare(16, own.hidden_delta(delta, beta, stored.A[1], tanh), found["dA2"])
for d, s in enumerate(own.hidden_deltas(delta, alphas, beta, stored.A, sigmas), start=1):
    compare(17, s, found[f"dA{d}"])
whole = own.backward(X, Y, alphas, beta, sigmas, softmax)
for d, by_weights in enumerate((*whole[0], whole[1]), start=1):
    compare(18, by_weights, found[f"dW{d}"])
print("\n".join(f"({n}) differs by {apart:.0e}" for n, apart in differ.items()))
print(fill(mine.whose(*names), 45))

# %% [markdown]
# All fifteen, but for rounding. Was it worth deriving them? A program finds the numbers. It does not tell
# you that all weights of a unit share one delta, that a sigmoid lets a quarter through at most, or where
# NaN comes from.
#
# ## 6. Your gradients against PyTorch
#
# PyTorch does what `Value` does, with arrays as nodes. `retain_grad()` keeps the derivatives of the nodes
# between. Where PyTorch is installed, all ten of your Values' arrays are compared with it.

# %% tags=["raises-exception"]
try:
    import torch
except ImportError:
    print("PyTorch is not installed: this is left out.")
else:
    W1, W2, W3 = (torch.tensor(w, requires_grad=True) for w in (*alphas, beta))
    inputs = torch.tensor(X, requires_grad=True)
    A1 = inputs @ W1[:, 1:].T + W1[:, 0]
    Z1 = torch.tanh(A1)
    A2 = Z1 @ W2[:, 1:].T + W2[:, 0]
    Z2 = torch.tanh(A2)
    T = Z2 @ W3[:, 1:].T + W3[:, 0]
    F = torch.softmax(T, dim=1)
    tensors = [F, T, Z2, A2, Z1, A1, inputs, W1, W2, W3]  # in the order of part 2
    for tensor in tensors:
        tensor.retain_grad()
    ((torch.tensor(Y) - F) ** 2).sum().backward()
    for name, tensor in zip(by_layers, tensors, strict=True):
        apart = np.abs(tensor.grad.numpy() - found[name]).max()
        print(f"{name:4} differs by {apart:.0e}:", "equal" if apart < 1e-12 else "NOT equal")

# %% [markdown]
# ## 7. Why softmax goes with cross-entropy
#
# Most classifiers have **cross-entropy**, $R = -\sum_k y_k \log f_k$, with softmax. Section 2.2 worked out
# the delta of the pair by hand: $f - y$. Does `Value` find it?

# %% tags=["raises-exception"]
T = np.array([[1.0, -0.5, 2.0], [0.3, 0.1, -1.2]])
Y2 = np.array([[0.0, 1.0, 0.0], [0.2, 0.7, 0.1]])
nodes = values(T)
R = (values(-Y2) * np.log(softmax_of(nodes))).sum()
R.backward()
print("Value:", grad(nodes).round(6), sep="\n")
print("f - y:", (softmax(T) - Y2).round(6), sep="\n")
print(check_gradient(lambda logits: cross_entropy(Y2, logits), softmax(T) - Y2, T))

# %% [markdown]
# It does, also where targets are shares. The slope of log, $1/f$, cancels the $f$ that makes softmax's
# Jacobian small. Say a network is sure, and **wrong**: of two classes it prefers the first by a margin, and
# the second is right. **Predict, then run**: what is delta of the right class, with each loss, as the
# margin grows?

# %% tags=["raises-exception"]
prediction = predict(
    "delta at margin 20: squared error, cross-entropy", "…"
)  # your two numbers here
print("You said:", prediction)
print("f of the right class, and delta by each loss:")
print("margin        f    squared   cross-entropy")
for margin in (0, 2, 5, 10, 20):
    T, right = np.array([[margin, 0.0]]), np.array([[0.0, 1.0]])
    F = softmax(T)
    squared = deep.output_delta(right, T, F, softmax)[0, 1]
    entropy = deep.output_delta(right, T, F, softmax, loss="cross-entropy")[0, 1]
    print(f"{margin:6}{F[0, 1]:9.1e}{squared:11.1e}{entropy:16.3f}")

# %% [markdown]
# With the squared error, delta vanishes where the network is most wrong: softmax has no slope there. With
# cross-entropy it goes to −1.
#
# There is a second reason. Libraries have one function for the pair, which takes **logits**. Why not softmax
# first, then log? **Predict, then run**: logits 800 and 0, and the second class is right.

# %% tags=["raises-exception"]
prediction = predict("loss and delta by steps, and as a pair", "…")  # your words here
print("You said:", prediction)
T, right = np.array([[800.0, 0.0]]), np.array([[0.0, 1.0]])
F = softmax(T)
with np.errstate(divide="ignore", invalid="ignore"):
    by_steps = -np.sum(right * np.log(F)), softmax.pull_back(-right / F, T)
print("by steps: loss", by_steps[0], " delta", by_steps[1][0])
print("as a pair: loss", cross_entropy(right, T), " delta", (F - right)[0])

# %% [markdown]
# By steps, f is rounded to 0, the loss is infinite, and delta is NaN. As a pair, log and exp cancel on
# paper, $-\log f_k = \log \sum_l e^{t_l} - t_k$, and delta needs no division. So PyTorch's `cross_entropy`
# takes logits: no softmax goes before it.
#
# ## 8. Do you remember?
#
# <details><summary>In somebody's code it says <code>dlogits = probs - targets</code>. Which loss is it, and what
# may be missing?</summary>
#
# Cross-entropy with softmax. If the loss is a mean, a division by N.
# </details>
#
# <details><summary>PyTorch adds to <code>W.grad</code> whenever <code>backward()</code> is called, until somebody sets it to zero.
# What happens if you forget?</summary>
#
# The gradients of all steps so far are added up.
# </details>
#
# ## To take away
#
# - `dQ` is the derivative of the loss with respect to Q. δ is `dlogits`, s is `dA`.
# - A layer: forward keeps, backward multiplies. No layer knows its neighbours.
# - Automatic differentiation is slopes of single operations, and an order: each node sends once, when all
#   has arrived. What arrives is added.
# - Softmax and cross-entropy belong together: delta is f − y, also where the network is sure and wrong.

# %%
progress()
